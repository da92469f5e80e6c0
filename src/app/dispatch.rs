//! Which feature an action, a result and a follow-up belong to: one line each. Actions on the draft
//! and on the session are parted in `draft::edit` and `session::control`.

use super::action::{Action, PictureAction, QueueAction, TreeAction};
use super::compare::{Comparison, comparing, pictures};
use super::draft::{edit, request};
use super::effect::{Effect, PictureEffect, ScreenEffect, StoreEffect, TaskKey};
use super::follow_up::{Effects, FollowUp};
use super::job::{State, cancel, chain, queue, results, saving, sending, settling, transitions};
use super::log::Level;
use super::message::{PictureResult, ServiceResult, StoreResult, TaskResult};
use super::model::Model;
use super::money::bills;
use super::money::budget::{self, RequestOrigin};
use super::notice::{Notice, Tone, failure_notice};
use super::session::{control, models};
use super::tree::{decisions, search, snapshot, walk};

pub(super) fn on_action(model: &mut Model, out: &mut Effects, action: Action) {
    match action {
        Action::Draft(action) => edit::on_action(model, out, action),
        Action::Queue(action) => on_queue(model, out, action),
        Action::Tree(action) => on_tree(model, out, action),
        Action::Picture(action) => on_picture(model, out, action),
        Action::Session(action) => control::on_action(model, out, action),
    }
}

fn on_queue(model: &mut Model, out: &mut Effects, action: QueueAction) {
    match action {
        QueueAction::Run => request::run(model, out, RequestOrigin::Draft),
        QueueAction::RunUnlikely(why) => request::run(model, out, RequestOrigin::Unlikely(why)),
        QueueAction::Sync(on) => request::choose_sync(model, on),
        QueueAction::Reroll { times } => request::reroll(model, out, times),
        QueueAction::Rerun => request::rerun(model, out),
        QueueAction::Sweep(recipes) => request::sweep(model, out, recipes),
        QueueAction::Grid(recipes) => request::grid(model, out, recipes),
        QueueAction::Steps => chain::steps(model, out),
        QueueAction::Rebase { node, words } => chain::rebase(model, out, node, words),
        QueueAction::Replay { node, on } => {
            out.push(Effect::Picture(PictureEffect::FindFiles { node, on }));
        }
        QueueAction::Cancel(id) => cancel::cancel(model, out, id),
        QueueAction::CancelWaiting => queue::cancel_waiting(model, out),
        QueueAction::Hold(id) => queue::keep_back(model, out, id),
        QueueAction::Release(id) => queue::release(model, out, id),
        QueueAction::Answer(yes) => budget::answer(model, out, yes),
        QueueAction::SendAgain(id) => budget::send_again(model, out, id),
        QueueAction::Dismiss(id) => results::put_away(model, out, id),
        QueueAction::PauseQueue => queue::pause(model),
        QueueAction::MoveJob { job, by } => queue::move_in_queue(model, job, by),
    }
}

fn on_tree(model: &mut Model, out: &mut Effects, action: TreeAction) {
    match action {
        TreeAction::Show(picture) => walk::show(model, picture),
        TreeAction::GoTo(node) => walk::go_to(model, out, node),
        TreeAction::Go { to, times } => walk::go(model, out, to, times),
        TreeAction::SawTakes => model.trail.has_seen_takes = true,
        TreeAction::Follow(on) => walk::follow(model, on),
        TreeAction::Mark { node, mark } => decisions::set_mark(model, out, node, mark),
        TreeAction::Undo { times } => decisions::undo(model, out, times),
        TreeAction::Redo { times } => decisions::redo(model, out, times),
        TreeAction::Search(text) => search::search(model, out, text),
        TreeAction::Need(mut nodes) => {
            nodes.retain(|node| !model.nodes.contains_key(node));
            if !nodes.is_empty() {
                out.push(Effect::Store(StoreEffect::LoadNodes(nodes)));
            }
        }
    }
}

fn on_picture(model: &mut Model, out: &mut Effects, action: PictureAction) {
    match action {
        PictureAction::Compare { a, b } => comparing::compare(model, out, (a, b)),
        PictureAction::Measure => comparing::measure(model, out),
        PictureAction::PreviewHeal { child, strength } => {
            comparing::try_heal(model, out, child, strength);
        }
        PictureAction::Heal { strength } => comparing::heal(model, out, strength),
        PictureAction::Annotate { on, annotation } => {
            out.push(Effect::Picture(PictureEffect::Annotate { on, annotation }));
        }
        PictureAction::OpenExternally(hash) => {
            out.push(Effect::Screen(ScreenEffect::OpenExternally(hash)));
        }
        PictureAction::CopyPicture(hash) => {
            out.push(Effect::Screen(ScreenEffect::CopyPicture(hash)));
        }
        PictureAction::CopyPath { picture, scp } => {
            out.push(Effect::Screen(ScreenEffect::CopyPath { picture, scp }));
        }
        PictureAction::CopyOut { picture, name } => pictures::copy_out(model, out, picture, &name),
    }
}

pub(super) fn on_result(model: &mut Model, out: &mut Effects, key: TaskKey, result: TaskResult) {
    match result {
        TaskResult::Store(result) => on_stored(model, out, result),
        TaskResult::Picture(result) => on_pictures(model, out, result),
        TaskResult::Service(result) => on_service(model, out, result),
        TaskResult::Done(result) => {
            if let Some(Some(text)) = model.or_say(result) {
                model.say(Notice::new(Tone::Good, text));
            }
        }
        TaskResult::Lost(failure) => {
            sending::lost(model, out, key, failure);
            if let TaskKey::Compare(a, b) = key {
                model.comparisons.end((a, b), Comparison::Failed);
                chain::compared(model, out, (a, b));
            }
            if key == TaskKey::FindModels {
                models::lost(model);
            }
            if key == TaskKey::Bills {
                model.money.bills.is_asked = false;
            }
        }
    }
}

fn on_stored(model: &mut Model, out: &mut Effects, result: StoreResult) {
    match result {
        StoreResult::Saved { save_id, saved } => saving::saved(model, out, save_id, saved),
        StoreResult::Moved { job, to, result } => transitions::moved(model, out, job, &to, result),
        StoreResult::Finished { job, next } => match next {
            Ok(next) => results::finish(model, out, job, next),
            Err(failure) => transitions::moved(model, out, job, &State::Done, Err(failure)),
        },
        StoreResult::Kept(result) => {
            if let Err(failure) = result {
                model.note(Level::Error, None, failure.message.clone());
                model.say(failure_notice(&failure));
            }
        }
        StoreResult::Nodes(nodes) => {
            let nodes = model.or_say(nodes).unwrap_or_else(|| {
                // Where one wanted to go is not gone to later, of itself.
                model.trail.awaited = None;
                Vec::new()
            });
            nodes.into_iter().for_each(|node| model.insert_node(node));
            walk::reach(model);
        }
        StoreResult::Snapshot(snapshot) => {
            if let Some(snapshot) = model.or_say(snapshot) {
                snapshot::take_snapshot(model, out, *snapshot);
            }
        }
        StoreResult::Found { text, nodes } => search::found(model, text, nodes),
        StoreResult::Billed(kept) => bills::recorded(model, out, kept),
        StoreResult::Unbilled(found) => bills::loaded(model, out, found),
        StoreResult::Account(account) => {
            if let Some(account) = model.or_say(account) {
                model.money.account = Some(*account);
            }
        }
    }
}

fn on_pictures(model: &mut Model, out: &mut Effects, result: PictureResult) {
    match result {
        PictureResult::Opened { files, purpose } => edit::opened(model, out, files, purpose),
        PictureResult::FilesFound { node, paths } => {
            if let Some(paths) = model.or_say(paths) {
                chain::replay(model, out, node, paths);
            }
        }
        PictureResult::Described { need, sent } => model.composer.sent.take(need, sent),
        PictureResult::Listed(listing) => {
            let first = listing.entries.iter().find(|entry| !entry.is_folder);
            let preview = first.map(|first| PictureEffect::PreviewFile(first.path.clone()));
            preview.into_iter().for_each(|preview| out.push(Effect::Picture(preview)));
            model.finder.listing = Some(*listing);
            model.finder.listings += 1;
        }
        PictureResult::FilePreviewed(preview) => model.finder.preview = Some(*preview),
        PictureResult::Compared { a, b, found } => {
            comparing::compared(model, (a, b), found);
            chain::compared(model, out, (a, b));
        }
        PictureResult::Annotated { on, node } => pictures::annotated(model, out, on, node),
        PictureResult::HealPreviewed { child, strength, preview } => {
            comparing::tried(model, child, strength, preview);
        }
        PictureResult::Healed(healed) => comparing::healed(model, healed),
        PictureResult::CopiedOut { picture, copied } => {
            pictures::copied_out(model, picture, copied);
        }
    }
}

fn on_service(model: &mut Model, out: &mut Effects, result: ServiceResult) {
    match result {
        ServiceResult::Uploaded { job, addresses } => sending::uploaded(model, out, job, addresses),
        ServiceResult::Sent { job, answer } => sending::sent(model, out, job, answer),
        ServiceResult::Settled { job, result } => settling::settled(model, out, job, result),
        ServiceResult::Followed { job, result } => sending::followed(model, out, job, result),
        ServiceResult::Fetched { job, outcome } => results::fetched(model, out, job, outcome),
        ServiceResult::FetchedPart { job, outcome, failure } => {
            results::fetched_part(model, out, job, outcome, failure);
        }
        ServiceResult::CancelAsked { job, answer } => {
            cancel::cancel_asked(model, out, job, answer);
        }
        ServiceResult::Prices(prices) => budget::priced(model, prices),
        ServiceResult::Balance(balance) => bills::balanced(model, balance),
        ServiceResult::Bills { asked, costs } => bills::billed(model, out, &asked, costs),
        ServiceResult::ModelsFound(found) => models::found(model, out, found),
        ServiceResult::ModelAdded(added) => models::added(model, added),
    }
}

/// What one feature has left for another to do within the same step.
pub(super) fn on_follow_up(model: &mut Model, out: &mut Effects, follow_up: FollowUp) {
    match follow_up {
        FollowUp::Cancel(id) => cancel::cancel(model, out, id),
        FollowUp::Finish { job, next } => results::finish(model, out, job, next),
        FollowUp::NextStep { job, outcome, next } => {
            chain::advance(model, out, job, &outcome, next)
        }
        FollowUp::Refused(spec) => budget::refused(model, *spec),
    }
}
