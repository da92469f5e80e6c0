//! From a finished request to its pictures in the tree.
//!
//! Invariant: what has arrived is kept before anything else is asked, and a picture that does not
//! come holds up no other.

use super::super::effect::{Effect, StoreEffect};
use super::super::failure::{Failure, FailureKind};
use super::super::job::{Answer, Ask, JobId, State};
use super::super::log::Level;
use super::super::message::{Outcome, Saved};
use super::super::model::Model;
use super::super::notice::{Notice, Tone};
use super::jobs::{is_in, network_ok};
use super::transitions::move_to;
use super::{Effects, chain, failed, money, tree, waiting};

/// The answer is kept as it came; its pictures follow.
pub(super) fn answered(model: &mut Model, out: &mut Effects, id: JobId, answer: Box<Answer>) {
    let Some(job) = model.jobs.get_mut(&id).filter(|job| !job.state.is_final()) else {
        return;
    };
    job.answer = Some(answer.clone());
    let other = answer.served_from.clone();
    let other = other.filter(|other| *other != job.spec.recipe.endpoint);
    let node = job.node;
    out.push(Effect::Store(StoreEffect::SaveAnswer { job: id, answer }));
    if let Some(other) = other {
        let text = format!("{node} was made by `{other}`, which the service used instead");
        model.note(Level::Warning, Some(id), text.clone());
        model.say(Notice::new(Tone::Warning, text));
    }
}

pub(super) fn fetched(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    outcome: Result<Box<Outcome>, Failure>,
) {
    if !is_fetched(model, id) {
        return;
    }
    match outcome {
        Ok(outcome) => {
            network_ok(model, id);
            // A cancel that came too late: the picture is there, and paid.
            let is_cancelling =
                model.jobs.get(&id).is_some_and(|job| job.state == State::Cancelling);
            if is_cancelling && !move_to(model, out, id, State::Fetching, None) {
                return;
            }
            keep(model, out, id, outcome);
        }
        Err(failure) if failure.ends => failed::ended(model, out, id, failure),
        Err(failure) => waiting::wait(model, out, id, next_question(&failure), &failure),
    }
}

/// Some pictures came: they are shown and kept, and the others are asked for again.
pub(super) fn fetched_part(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    outcome: Box<Outcome>,
    failure: Failure,
) {
    if !is_fetched(model, id) {
        return;
    }
    let Some(node) = model.jobs.get(&id).map(|job| job.node) else {
        return;
    };
    if tree::add_pictures(model, node, &outcome) {
        out.push(Effect::Store(StoreEffect::SavePartialOutcome { job: id, outcome }));
    }
    waiting::wait(model, out, id, Ask::Result, &failure);
}

fn is_fetched(model: &mut Model, id: JobId) -> bool {
    model.active_tasks.remove(&id);
    let is_kept = model.pending_outcomes.contains_key(&id);
    !is_kept
        && is_in(model, id, |state| {
            matches!(state, State::Fetching | State::Waiting(_) | State::Cancelling)
        })
}

/// A result that is "still in progress" is followed; all others are asked for once more.
fn next_question(failure: &Failure) -> Ask {
    match failure.kind {
        FailureKind::Early => Ask::Status,
        _ => Ask::Result,
    }
}

/// Pictures are in place: the row follows.
pub(super) fn keep(model: &mut Model, out: &mut Effects, id: JobId, outcome: Box<Outcome>) {
    if model.jobs.get(&id).is_some_and(|job| can_be_finished(&job.state)) {
        out.push(Effect::Store(StoreEffect::Finish { job: id, outcome: outcome.clone() }));
        model.pending_outcomes.insert(id, outcome);
    }
}

fn can_be_finished(state: &State) -> bool {
    matches!(state, State::Fetching | State::Waiting(_))
}

/// The row of a finished job is durable.
pub(super) fn finish(model: &mut Model, out: &mut Effects, id: JobId, next: Option<Box<Saved>>) {
    let Some(outcome) = model.pending_outcomes.remove(&id) else { return };
    // Whatever a straggler has said meanwhile: an ended job stays as it is.
    if !model.jobs.get(&id).is_some_and(|job| can_be_finished(&job.state)) {
        return;
    }
    let (now, Some(job)) = (model.now, model.jobs.get_mut(&id)) else {
        return;
    };
    (job.state, job.durable) = (State::Done, true);
    (job.ended_at, job.progress, job.why) = (Some(now), None, None);
    job.answer = None;
    let (node, cost) = (job.node, job.spec.billed(outcome.billable_units));
    let took = job.sent_at.map_or(0, |sent| now.since(sent));
    model.failures.remove(&id);
    model.retry_at.remove(&id);
    tree::complete(model, node, &outcome, cost);
    money::count(model, id, cost);
    let size =
        outcome.pictures.first().map_or_else(String::new, |first| match first.is_picture() {
            true => format!(" · {}×{}", first.width, first.height),
            false => format!(" · {} file", first.format),
        });
    let cost = cost.map_or_else(|| "cost unknown".to_owned(), |cost| cost.to_string());
    let seconds = took as f64 / 1000.0;
    let story = format!("{node} done in {seconds:.1} s{size} · {cost}");
    model.note(Level::Info, Some(id), story.clone());
    model.say(Notice::new(Tone::Good, story));
    if outcome.pictures.iter().any(|picture| picture.nsfw) {
        let text = format!("{node}: the service's filter returned a black picture; it is billed");
        model.note(Level::Warning, Some(id), text.clone());
        model.say(Notice::new(Tone::Warning, text).hint("reword it, or raise safety_tolerance"));
    }
    tree::arrive(model, node);
    chain::go_on(model, out, id, &outcome, next);
    // Cost and timings as the store has them.
    out.push(Effect::Store(StoreEffect::LoadNodes(vec![node])));
}
