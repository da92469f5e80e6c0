//! What the service says of a job, and what becomes of it.

use super::super::effect::{Effect, TaskKey};
use super::super::failure::{Billed, Failure, FailureKind};
use super::super::job::{JobId, State};
use super::super::log::Level;
use super::super::model::Model;
use super::super::news::{CancelAnswer, Outcome, Saved, Sent};
use super::super::notice::{Notice, Tone, words};
use super::moves::{self, move_to};
use super::{Effects, chain, slots, tree};
use crate::tree::Timestamp;

/// An answer that fits no question of this job means nothing; it is told and dropped.
fn is_in(model: &mut Model, id: JobId, expected: impl Fn(&State) -> bool) -> bool {
    let Some(job) = model.jobs.get(&id) else { return false };
    let is_expected = expected(&job.state);
    if !is_expected {
        let text = format!("ignored an answer that does not fit {:?}", job.state);
        model.note(Level::Debug, Some(id), text);
    }
    is_expected
}

/// How long a job waits before it is followed again after the line broke, in milliseconds.
pub(super) const AGAIN: i64 = 5_000;
const AGAIN_AT_MOST: i64 = 60_000;

pub(super) fn uploaded(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    addresses: Result<Vec<String>, Failure>,
) {
    if !is_in(model, id, |state| matches!(state, State::Uploading)) {
        return;
    }
    model.at_work.remove(&id);
    match addresses {
        Ok(addresses) => {
            heard(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            job.addresses = Some(addresses);
            model.note(Level::Info, Some(id), "pictures are uploaded");
            move_to(model, out, id, State::Sending, None);
        }
        Err(failure) if is_passing(&failure) => wait_in_line(model, out, id, &failure),
        Err(failure) => fail(model, out, id, failure),
    }
}

pub(super) fn sent(model: &mut Model, out: &mut Effects, id: JobId, answer: Result<Sent, Failure>) {
    if !is_in(model, id, |state| matches!(state, State::Sending)) {
        return;
    }
    model.at_work.remove(&id);
    match answer {
        Ok(Sent::Accepted { handle, state }) => {
            heard(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            let request = handle.request_id.clone();
            job.handle = Some(handle);
            model.note(Level::Info, Some(id), format!("sent; request {request}"));
            move_to(model, out, id, state, None);
        }
        Ok(Sent::Answered(outcome)) => {
            // The answer is here already: the states between are passed in one breath.
            if move_to(model, out, id, State::Fetching, None) {
                keep(model, out, id, outcome);
            }
        }
        Err(failure) if failure.kind == FailureKind::Unknown => unknown(model, out, id, &failure),
        Err(failure) if is_passing(&failure) => {
            // Surely not received, so it may leave once more.
            if failure.kind == FailureKind::Busy {
                slots::refused(model);
            }
            wait_in_line(model, out, id, &failure);
        }
        Err(failure) => fail(model, out, id, failure),
    }
}

/// "Maybe paid": shown, never repeated by itself.
fn unknown(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let why = Some(failure.message.clone());
    if move_to(model, out, id, State::Unknown, why) {
        model.note(Level::Error, Some(id), failure.message.clone());
        model.say(words(failure));
    }
}

pub(super) fn status(model: &mut Model, out: &mut Effects, id: JobId, state: State) {
    heard(model, id);
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    // Until it is certain, a person wants to see that a cancel is under way.
    if job.state == State::Cancelling || job.state == state {
        return;
    }
    let same_kind = matches!((&job.state, &state), (State::Queued(_), State::Queued(_)));
    let text = match &state {
        State::Queued(Some(ahead)) => format!("queued, {ahead} ahead"),
        State::Queued(None) => "queued".to_owned(),
        _ => "running".to_owned(),
    };
    if same_kind {
        // A place in the queue is not worth a write.
        job.state = state;
    } else if !move_to(model, out, id, state, None) {
        return;
    }
    slots::saw(model);
    model.note(Level::Info, Some(id), text);
}

pub(super) fn followed(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    result: Result<(), Failure>,
) {
    if !is_in(model, id, |state| {
        matches!(state, State::Queued(_) | State::Running | State::Cancelling)
    }) {
        return;
    }
    model.at_work.remove(&id);
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let is_simulated = job.order.simulated;
    let state = job.state.clone();
    match result {
        Ok(()) if state == State::Cancelling => {
            // Finished or cancelled: only the result tells.
            if let Some(effect) = moves::fetch(job) {
                model.at_work.insert(id);
                out.push(effect);
            }
        }
        Ok(()) => {
            move_to(model, out, id, State::Fetching, None);
        }
        Err(failure) if is_passing(&failure) => again(model, id, &failure),
        Err(failure) if failure.kind == FailureKind::Cancelled => {
            cancelled(model, out, id, failure)
        }
        Err(failure) if is_simulated && failure.kind == FailureKind::NotFound => {
            let text = "the simulator that had it has ended";
            let failure = Failure::new(FailureKind::Gone, text);
            fail(model, out, id, failure.hint("say it again: Up brings the words back"));
        }
        Err(failure) => fail(model, out, id, failure),
    }
}

pub(super) fn fetched(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    outcome: Result<Box<Outcome>, Failure>,
) {
    if !is_in(model, id, |state| matches!(state, State::Fetching | State::Cancelling)) {
        return;
    }
    model.at_work.remove(&id);
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let cancelling = job.state == State::Cancelling;
    match outcome {
        Ok(outcome) => {
            heard(model, id);
            // A cancel that came too late: the picture is there, and paid.
            if cancelling && !move_to(model, out, id, State::Fetching, None) {
                return;
            }
            keep(model, out, id, outcome);
        }
        // A full disk does not undo what was paid: it is fetched when there is room.
        Err(failure) if is_passing(&failure) || failure.kind == FailureKind::Store => {
            again(model, id, &failure);
        }
        Err(failure) if failure.kind == FailureKind::Cancelled => {
            cancelled(model, out, id, failure)
        }
        Err(failure) => fail(model, out, id, failure),
    }
}

/// Pictures are in place: the row follows.
fn keep(model: &mut Model, out: &mut Effects, id: JobId, outcome: Box<Outcome>) {
    let is_fetching = model.jobs.get(&id).is_some_and(|job| job.state == State::Fetching);
    if is_fetching {
        out.push(Effect::Finish { job: id, outcome: outcome.clone() });
        model.outcomes.insert(id, outcome);
    }
}

/// The row of a finished job is durable.
pub(super) fn finish(model: &mut Model, out: &mut Effects, id: JobId, next: Option<Box<Saved>>) {
    let Some(outcome) = model.outcomes.remove(&id) else { return };
    // Whatever a straggler has said meanwhile: an ended job stays as it is.
    if !model.jobs.get(&id).is_some_and(|job| job.state == State::Fetching) {
        return;
    }
    let (now, Some(job)) = (model.now, model.jobs.get_mut(&id)) else {
        return;
    };
    (job.state, job.durable) = (State::Done, true);
    (job.ended_at, job.progress, job.why) = (Some(now), None, None);
    model.failures.remove(&id);
    let (node, price) = (job.node, job.order.price);
    let took = job.sent_at.map_or(0, |sent| now.since(sent));
    let cost = model.finished_cost(id, &outcome).or(price);
    tree::complete(model, node, &outcome, cost);
    let paid = cost.unwrap_or_default();
    model.spent.session += paid;
    model.spent.day += paid;
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
    out.push(Effect::LoadNodes(vec![node]));
}

pub(super) fn cancel(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    match &job.state {
        State::Saved | State::Held(_) => {
            move_to(model, out, id, State::Cancelled, None);
            model.say(Notice::new(Tone::Info, format!("{id} is dropped; nothing was sent")));
        }
        State::Uploading => {
            out.push(Effect::Abort(TaskKey::Job(id)));
            move_to(model, out, id, State::Cancelled, None);
            model.say(Notice::new(Tone::Info, format!("{id} is dropped; nothing was sent")));
        }
        State::Sending => {
            model.cancel_wanted.insert(id);
            // Even if it comes too late for this one.
            if let Some(job) = model.jobs.get_mut(&id) {
                job.order.then.steps.clear();
            }
            let text = format!("{id} is just leaving; it will be cancelled once it has arrived");
            model.say(Notice::new(Tone::Info, text));
        }
        State::Queued(_) | State::Running => {
            let (profile, handle) = (job.order.profile.clone(), job.handle.clone());
            let endpoint = job.order.recipe.endpoint.clone();
            if move_to(model, out, id, State::Cancelling, None)
                && let Some(handle) = handle
            {
                model.note(Level::Info, Some(id), "asked the service to cancel");
                out.push(Effect::CancelRemote { job: id, profile, endpoint, handle });
            }
        }
        State::Cancelling => {
            model.say(Notice::new(Tone::Info, format!("{id} is already being cancelled")));
        }
        State::Fetching if !job.order.then.steps.is_empty() => {
            let count = job.order.then.steps.len();
            if let Some(job) = model.jobs.get_mut(&id) {
                job.order.then.steps.clear();
            }
            let text = format!("{id} is finished; {count} steps after it are not sent");
            model.note(Level::Warning, Some(id), text.clone());
            model.say(Notice::new(Tone::Info, text));
        }
        State::Fetching | State::Done | State::Failed | State::Cancelled | State::Dismissed => {
            model.say(Notice::new(Tone::Info, format!("{id} is finished; nothing to cancel")));
        }
        State::Unknown => {
            let notice = Notice::new(Tone::Warning, format!("{id} may be running and paid"));
            model.say(notice.hint("look at the account's requests page, then dismiss it"));
        }
    }
}

pub(super) fn cancel_asked(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    answer: Result<CancelAnswer, Failure>,
) {
    let text = match &answer {
        Ok(CancelAnswer::Removed) => "the service removed it from its queue".to_owned(),
        Ok(CancelAnswer::Requested) => "the service will try to cancel; it may still finish".into(),
        Ok(CancelAnswer::TooLate) => "too late to cancel: it is finished there".to_owned(),
        Ok(CancelAnswer::NotFound) => "the service does not know it any more".to_owned(),
        Err(failure) => format!("could not ask to cancel: {}", failure.message),
    };
    model.note(Level::Info, Some(id), text.clone());
    model.say(Notice::new(Tone::Info, format!("{id}: {text}")));
    if answer == Ok(CancelAnswer::Removed) && move_to(model, out, id, State::Cancelled, None) {
        out.push(Effect::Abort(TaskKey::Job(id)));
    }
}

fn cancelled(model: &mut Model, out: &mut Effects, id: JobId, failure: Failure) {
    let asked = model.jobs.get(&id).is_some_and(|job| job.state == State::Cancelling);
    if !asked {
        return fail(model, out, id, failure);
    }
    if move_to(model, out, id, State::Cancelled, None) {
        model.note(Level::Info, Some(id), "cancelled");
        model.say(Notice::new(Tone::Info, format!("{id} is cancelled")));
    }
}

/// The task was stopped or panicked: what is known of the request decides.
pub(super) fn lost(model: &mut Model, out: &mut Effects, key: TaskKey, failure: Failure) {
    let TaskKey::Job(id) = key else {
        if failure.kind == FailureKind::Bug {
            model.note(Level::Error, None, failure.message.clone());
            model.say(words(&failure));
        }
        return;
    };
    model.at_work.remove(&id);
    let Some(job) = model.jobs.get(&id).filter(|job| job.ours) else {
        return;
    };
    match job.state {
        State::Sending => unknown(model, out, id, &failure),
        State::Uploading => hold(model, out, id, &failure),
        State::Queued(_) | State::Running | State::Fetching | State::Cancelling => {
            again(model, id, &failure);
        }
        State::Saved
        | State::Held(_)
        | State::Done
        | State::Failed
        | State::Cancelled
        | State::Unknown
        | State::Dismissed => {}
    }
}

pub(super) fn fail(model: &mut Model, out: &mut Effects, id: JobId, failure: Failure) {
    if model.outcomes.contains_key(&id) {
        // Its pictures are in place already: a straggler's failure means nothing.
        return;
    }
    let why = Some(failure.message.clone());
    if !move_to(model, out, id, State::Failed, why) {
        return;
    }
    model.failures.insert(id, failure.kind);
    if is_billed(&failure) {
        let price = model.jobs.get(&id).and_then(|job| job.order.price).unwrap_or_default();
        model.spent.session += price;
        model.spent.day += price;
        out.push(Effect::Bill(id));
    }
    model.field_errors = failure.fields.iter().cloned().collect();
    let billed = match failure.billed {
        Billed::No => "",
        Billed::Yes => " (billed)",
        Billed::Maybe => " (maybe billed)",
    };
    model.note(Level::Error, Some(id), format!("failed: {}{billed}", failure.message));
    model.say(words(&failure));
}

/// A result that is gone was made, and so it was paid.
fn is_billed(failure: &Failure) -> bool {
    match failure.billed {
        Billed::Yes => true,
        Billed::Maybe => failure.kind == FailureKind::Gone,
        Billed::No => false,
    }
}

fn hold(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let held = State::Held(failure.message.clone());
    if move_to(model, out, id, held, Some(failure.message.clone())) {
        note_line(model, id, failure);
        model.note(Level::Warning, Some(id), format!("held: {}", failure.message));
        let notice = words(failure);
        model.say(notice.hint("nothing was sent; Enter in the queue sends it"));
    }
}

/// Back in our own line, from where it leaves by itself when the service may be reached again.
fn wait_in_line(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let known = model.jobs.get(&id).and_then(|job| job.waited_for.clone());
    if !move_to(model, out, id, State::Saved, Some(failure.message.clone())) {
        return;
    }
    if model.cancel_wanted.remove(&id) {
        move_to(model, out, id, State::Cancelled, None);
        let text = format!("{id} is dropped; it had not been received");
        return model.say(Notice::new(Tone::Info, text));
    }
    if !model.line.contains(&id) {
        model.line.insert(0, id);
    }
    note_line(model, id, failure);
    model.resume.insert(id, next_try(model));
    if let Some(job) = model.jobs.get_mut(&id) {
        job.waited_for = Some(failure.message.clone());
    }
    if known.as_ref() != Some(&failure.message) {
        let text = format!("nothing was sent: {}; it leaves by itself later", failure.message);
        model.note(Level::Warning, Some(id), text);
        model.say(words(failure).hint("it leaves by itself when the service answers again"));
    }
}

/// A job that still waits in our line leaves it only with a person's word.
pub(super) fn hold_back(model: &mut Model, out: &mut Effects, id: JobId) {
    let why = model.jobs.get(&id).and_then(|job| job.why.clone());
    let why = why.unwrap_or_else(|| "kept back".into());
    if move_to(model, out, id, State::Held(why.clone()), Some(why)) {
        model.resume.remove(&id);
    }
}

/// The longer the line has been away, the less often it is tried: after as long again, at most a
/// minute.
fn next_try(model: &Model) -> Timestamp {
    let away = model.offline_since.map_or(0, |since| model.now.since(since));
    Timestamp(model.now.0 + away.clamp(AGAIN, AGAIN_AT_MOST))
}

/// The job stays where it is and goes on by itself.
fn again(model: &mut Model, id: JobId, failure: &Failure) {
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    let is_new = job.why.as_ref() != Some(&failure.message);
    job.why = Some(failure.message.clone());
    // Whatever the store has said of an older state: this one is what is tried again.
    job.durable = true;
    note_line(model, id, failure);
    model.resume.insert(id, next_try(model));
    // Hours without a line are one line of the log.
    if is_new {
        model.note(Level::Warning, Some(id), format!("{}; trying again", failure.message));
        model.say(words(failure).hint("it goes on by itself"));
    }
}

/// Why it waits; without a line, since when.
fn note_line(model: &mut Model, id: JobId, failure: &Failure) {
    model.failures.insert(id, failure.kind);
    if failure.kind == FailureKind::Network {
        model.offline_since.get_or_insert(model.now);
    }
}

/// The service has answered: whatever waited for the line waits no more.
fn heard(model: &mut Model, id: JobId) {
    model.failures.remove(&id);
    if let Some(since) = model.offline_since.take() {
        let minutes = model.now.since(since) / 60_000;
        model.note(Level::Info, None, format!("the line is back after {minutes} min"));
    }
}

/// Failures that pass by themselves: the line, a busy service.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Network | FailureKind::Busy)
}

impl Model {
    /// What the service counted times the dated price, where both are known.
    fn finished_cost(&self, id: JobId, outcome: &Outcome) -> Option<crate::schema::Usd> {
        let endpoint = &self.jobs.get(&id)?.order.recipe.endpoint;
        let price = self.catalogue.find(endpoint).ok()?.price.clone();
        let price = price.filter(|price| price.unit == "images")?;
        let micros = price.each.to_f64() * outcome.billable_units?;
        crate::schema::Usd::from_f64(micros)
    }
}
