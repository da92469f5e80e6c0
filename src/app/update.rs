//! How the model changes: one message in, effects out. Split by subject below.

use super::action::Action;
use super::effect::{Effect, StoreEffect, TaskKey};
use super::failure::Failure;
use super::hint::{CommandId, Hint};
use super::job::{Job, State};
use super::log::Level;
use super::memory;
use super::message::{Message, StoreResult, TaskEvent, TaskResult};
use super::model::Model;
use super::notice::{Notice, Tone, failure_notice};
use crate::tree::Timestamp;

mod cancel;
mod chain;
mod compare;
pub(super) mod concurrency;
mod draft;
mod failed;
mod jobs;
mod money;
mod pictures;
mod queue;
mod results;
mod send;
mod session;
mod transitions;
mod tree;
mod waiting;

/// Log lines that are worth a write of their own before the next tick.
const LOG_BATCH: usize = 50;
/// How often the others are given a sign of life while jobs are ours, in milliseconds.
const BEAT: i64 = 5_000;
/// How long words stay in the footer, in milliseconds; bad news stay longer.
const NOTICE_STAYS: i64 = 8_000;
const ERROR_STAYS: i64 = 20_000;

/// What one message asks for, in order.
type Effects = Vec<Effect>;

pub(super) fn begin(model: &mut Model) -> Effects {
    let mut out = vec![Effect::Store(StoreEffect::LoadSnapshot)];
    tell_what_waits(model);
    let ours: Vec<_> = model.jobs.values().filter(|job| job.owned).map(|job| job.id).collect();
    for job in ours {
        transitions::go_on(model, &mut out, job);
        waiting::try_now(model, &mut out, job);
    }
    out
}

/// What an earlier session has left for a person to decide.
fn tell_what_waits(model: &mut Model) {
    let count = |is: fn(&State) -> bool| model.jobs.values().filter(|job| is(&job.state)).count();
    let unknown = count(|state| *state == State::Unknown);
    let unfetched = count(|state| state.pause().is_some_and(|pause| pause.next.is_none()));
    let held = count(|state| matches!(state, State::Held(_)));
    let told = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        told(unknown, "may be paid"),
        told(unfetched, "paid, not fetched"),
        told(held, "saved, not sent"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        let tone = if unknown + unfetched > 0 { Tone::Warning } else { Tone::Info };
        let notice = Notice::new(tone, format!("from before: {}", parts.join(", ")));
        model.say(notice.hint(Hint::to(CommandId::Decide, "decide")));
    }
}

pub(super) fn update(model: &mut Model, message: Message) -> Effects {
    let mut out = Effects::new();
    match message {
        Message::Action(action) => on_action(model, &mut out, action),
        Message::TaskEvent(event) => on_event(model, &mut out, event),
        Message::TaskFinished(key, result) => on_result(model, &mut out, key, result),
        Message::Tick => tick(model, &mut out),
    }
    if !model.quitting {
        queue::pump(model, &mut out);
    }
    let is_busy = !model.saving.is_empty()
        || model.jobs.values().any(|job| job.owned && !job.state.is_final());
    if !is_busy && model.notice.as_ref().is_some_and(|notice| notice.while_busy) {
        model.notice = None;
    }
    if model.log.unwritten() >= LOG_BATCH {
        out.push(Effect::Store(StoreEffect::AppendLog(model.log.take_unwritten())));
    }
    memory::forget(model);
    out
}

fn on_event(model: &mut Model, out: &mut Effects, event: TaskEvent) {
    match event {
        TaskEvent::Status { job, state } => jobs::status(model, out, job, state),
        TaskEvent::ServerLog { job, level, text } => model.note(level, Some(job), text),
        TaskEvent::Progress { job, done, all } => {
            if let Some(job) = model.jobs.get_mut(&job) {
                job.progress = Some((done, all));
            }
        }
        TaskEvent::Answered { job, answer } => results::answered(model, out, job, answer),
        TaskEvent::Waiting { job, why } => {
            // What is asked for again says so by itself, and once.
            let waits = |job: &Job| job.state.pause().is_some();
            if !model.jobs.get(&job).is_some_and(waits) {
                model.note(Level::Warning, Some(job), why.clone());
                if let Some(job) = model.jobs.get_mut(&job) {
                    job.why = Some(why);
                }
            }
        }
        TaskEvent::Measured { pair, similarity } => {
            model.looks.similarity.insert(pair, similarity);
        }
        TaskEvent::StoreChanged => out.push(Effect::Store(StoreEffect::LoadSnapshot)),
        TaskEvent::EditedPrompt(words) => draft::take_edited_prompt(model, words),
        TaskEvent::Notice(notice) => {
            let level = if notice.tone >= Tone::Warning { Level::Warning } else { Level::Info };
            model.note(level, None, notice.text.clone());
            model.say(notice);
        }
        TaskEvent::Terminate => session::quit(model, out),
    }
}

fn on_action(model: &mut Model, out: &mut Effects, action: Action) {
    match action {
        Action::Draft(action) => draft::on_action(model, out, action),
        Action::Queue(action) => queue::on_action(model, out, action),
        Action::Tree(action) => tree::on_action(model, out, action),
        Action::Picture(action) => pictures::on_action(model, out, action),
        Action::Session(action) => session::on_action(model, out, action),
    }
}

fn on_result(model: &mut Model, out: &mut Effects, key: TaskKey, result: TaskResult) {
    match result {
        TaskResult::Store(result) => on_stored(model, out, result),
        TaskResult::Picture(result) => pictures::on_result(model, out, result),
        TaskResult::Service(result) => jobs::on_result(model, out, result),
        TaskResult::Done(result) => {
            if let Some(Some(text)) = or_say(model, result) {
                model.say(Notice::new(Tone::Good, text));
            }
        }
        TaskResult::Lost(failure) => {
            jobs::lost(model, out, key, failure);
            if let TaskKey::Compare(a, b) = key {
                compare::mark_incomparable(model, (a, b));
                chain::compared(model, out, (a, b));
            }
        }
    }
}

fn on_stored(model: &mut Model, out: &mut Effects, result: StoreResult) {
    match result {
        StoreResult::Saved { save_id, saved } => send::saved(model, save_id, saved),
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
            let nodes = or_say(model, nodes).unwrap_or_default();
            nodes.into_iter().for_each(|node| model.insert_node(node));
        }
        StoreResult::Snapshot(snapshot) => {
            if let Some(snapshot) = or_say(model, snapshot) {
                tree::take_snapshot(model, out, *snapshot);
            }
        }
        StoreResult::Found { text, nodes } => tree::found(model, text, nodes),
        StoreResult::Account(account) => {
            if let Some(account) = or_say(model, account) {
                model.account = Some(*account);
            }
        }
    }
}

/// What was asked for; a failure is told.
fn or_say<T>(model: &mut Model, result: Result<T, Failure>) -> Option<T> {
    result.map_err(|failure| model.say(failure_notice(&failure))).ok()
}

fn tick(model: &mut Model, out: &mut Effects) {
    if model.now < model.ticked_at {
        clock_went_back(model, out);
    }
    model.ticked_at = model.now;
    if model.draft_dirty {
        draft::keep(model, out);
    }
    if model.log.has_unwritten() {
        out.push(Effect::Store(StoreEffect::AppendLog(model.log.take_unwritten())));
    }
    if let Some(notice) = &model.notice {
        let stays = if notice.tone == Tone::Error { ERROR_STAYS } else { NOTICE_STAYS };
        if model.now.since(notice.at) > stays {
            model.notice = None;
        }
    }
    heartbeat(model, out);
    if model.now >= model.spent.day_ends {
        // A new day: asked once, the answer says when this one ends.
        model.spent.day_ends = Timestamp(i64::MAX);
        out.push(Effect::Store(StoreEffect::LoadSnapshot));
    }
    let due = model.retry_at.iter().filter(|(_, at)| **at <= model.now);
    let due: Vec<_> = due.map(|(job, _)| *job).collect();
    for job in due {
        model.retry_at.remove(&job);
        transitions::resume(model, out, job);
    }
}

/// Somebody has set the clock, or a laptop woke up in the past: nothing waits longer for that.
fn clock_went_back(model: &mut Model, out: &mut Effects) {
    let soon = Timestamp(model.now.0 + jobs::AGAIN);
    model.retry_at.values_mut().for_each(|at| *at = soon.min(*at));
    if let Some(notice) = &mut model.notice {
        notice.at = notice.at.min(model.now);
    }
    model.offline_since = model.offline_since.map(|since| since.min(model.now));
    waiting::clock_went_back(model, soon);
    // It may be another day now.
    out.push(Effect::Store(StoreEffect::LoadSnapshot));
}

/// Whoever owns jobs shows that it lives and moves; a clock that was set back is no reason to wait.
fn heartbeat(model: &mut Model, out: &mut Effects) {
    let owns = model.jobs.values().any(|job| job.owned && job.state.is_under_way());
    let is_due = model.heartbeat_at.is_none_or(|at| !(0..BEAT).contains(&model.now.since(at)));
    if owns && is_due {
        model.heartbeat_at = Some(model.now);
        out.push(Effect::Store(StoreEffect::Heartbeat));
    }
}

/// A move that the table forbids: told, survived.
fn note_illegal(model: &mut Model, job: super::job::JobId, from: &State, to: &State) {
    model.note(Level::Debug, Some(job), format!("ignored: {from:?} cannot become {to:?}"));
}
