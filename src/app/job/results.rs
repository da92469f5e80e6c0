//! From a finished request to its pictures in the tree.
//!
//! Invariant: what has arrived is kept before anything else is asked, and a picture that does not
//! come holds up no other.

use serde_json::Value;

use crate::app::advice::Advice;
use crate::app::effect::{Effect, StoreEffect, TaskKey};
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::{Effects, FollowUp};
use crate::app::job::answer::{Answer, Outcome};
use crate::app::job::network::network_ok;
use crate::app::job::transitions::{is_in, move_to};
use crate::app::job::{Ask, JobId, State, Work, failed, waiting};
use crate::app::log::{DONE_IN, Level};
use crate::app::message::Saved;
use crate::app::model::Model;
use crate::app::money::{bills, budget};
use crate::app::notice::{Notice, Tone};
use crate::app::tree::walk;

/// The answer is kept as it came; its pictures follow.
pub(in crate::app) fn answered(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    answer: Box<Answer>,
) {
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

pub(in crate::app) fn fetched(
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
pub(in crate::app) fn fetched_part(
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
    if walk::add_pictures(model, node, &outcome) {
        out.push(Effect::Store(StoreEffect::SavePartialOutcome { job: id, outcome }));
    }
    waiting::wait(model, out, id, Ask::Result, &failure);
}

fn is_fetched(model: &mut Model, id: JobId) -> bool {
    model.end_task(id);
    let is_kept = model.has_outcome(id);
    !is_kept
        && is_in(model, id, |state| {
            matches!(state, State::Fetching | State::Waiting(_) | State::Cancelling)
        })
}

/// A result that is "still in progress" is followed; all others are asked for once more.
fn next_question(failure: &Failure) -> Ask {
    if failure.kind == FailureKind::Early { Ask::Status } else { Ask::Result }
}

/// Pictures are in place: the row follows.
pub(in crate::app) fn keep(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    mut outcome: Box<Outcome>,
) {
    if let Some(job) = model.jobs.get_mut(&id).filter(|job| can_be_finished(&job.state)) {
        // Not every endpoint answers with it; what was sent is then what was used.
        let sent = job.spec.recipe.values.get("seed");
        outcome.seed = outcome.seed.or(sent.and_then(Value::as_u64));
        out.push(Effect::Store(StoreEffect::Finish { job: id, outcome: outcome.clone() }));
        job.work.outcome = Some(outcome);
    }
}

/// The person's word: nothing more of it is asked for. Pictures that are here make it a result.
pub(in crate::app) fn put_away(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let node = job.node;
    let answer = job.answer.clone().filter(|_| job.state.pause().is_some());
    let pictures = model.nodes.get(&node).map(|node| node.pictures.clone()).unwrap_or_default();
    if let Some(answer) = answer.filter(|_| !pictures.is_empty()) {
        model.retry_at(id, None);
        if model.end_task(id) {
            out.push(Effect::Abort(TaskKey::Job(id)));
        }
        let text = format!("{node} keeps what is here: {} of its files", pictures.len());
        model.say(Notice::new(Tone::Info, text));
        return keep(model, out, id, Box::new(Outcome::of_part(*answer, pictures)));
    }
    if move_to(model, out, id, State::Dismissed, None) {
        model.say(Notice::new(Tone::Info, format!("{} is dismissed", model.called(id))));
    }
}

fn can_be_finished(state: &State) -> bool {
    matches!(state, State::Fetching | State::Waiting(_))
}

/// The row of a finished job is durable.
pub(in crate::app) fn finish(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    next: Option<Box<Saved>>,
) {
    let outcome = model.jobs.get_mut(&id).and_then(|job| job.work.outcome.take());
    let Some(outcome) = outcome else { return };
    // A late answer may have ended the job meanwhile; an ended job stays as it is.
    if !model.jobs.get(&id).is_some_and(|job| can_be_finished(&job.state)) {
        return;
    }
    let (now, Some(job)) = (model.now, model.jobs.get_mut(&id)) else {
        return;
    };
    (job.state, job.durable) = (State::Done, true);
    (job.ended_at, job.work.progress, job.why) = (Some(now), None, None);
    job.answer = None;
    job.work = Work::default();
    let (node, cost) = (job.node, job.spec.quote.billed(outcome.billable_units));
    let took = job.sent_at.map_or(0, |sent| now.since(sent));
    walk::complete(model, node, &outcome, cost);
    budget::count(model, id, cost);
    bills::open(model, id);
    let size =
        outcome.pictures.first().map_or_else(String::new, |first| match first.is_picture() {
            true => format!(" · {}×{}", first.width, first.height),
            false => format!(" · {} file", first.format),
        });
    let told = cost.map_or_else(|| "cost unknown".to_owned(), |cost| model.told(cost));
    let seconds = took as f64 / 1000.0;
    let story = format!("{node}{DONE_IN}{seconds:.1} s{size} · {told}");
    model.note(Level::Info, Some(id), story.clone());
    model.say_result(node, story, cost);
    if outcome.pictures.iter().any(|picture| picture.nsfw) {
        let bill = match (cost, model.profile.simulated) {
            (None, _) => "what it cost is not known".to_owned(),
            (Some(_), true) => format!("{told} counted"),
            (Some(_), false) => format!("{told} billed"),
        };
        let text = format!("{node} was filtered by the service; {bill}");
        model.note(Level::Warning, Some(id), text.clone());
        let notice = Notice::new(Tone::Warning, text).hint(Advice::Reword.hint());
        // One of several is a warning; the node has the sign where all of them are.
        let is_filtered = outcome.pictures.iter().all(|picture| picture.nsfw);
        model.say(Notice { is_filtered, ..notice });
    }
    walk::arrive(model, node);
    out.then(FollowUp::NextStep { job: id, outcome, next });
    // Cost and timings as the store has them.
    out.push(Effect::Store(StoreEffect::LoadNodes(vec![node])));
}
