//! A job's way to the service: uploaded, sent, accepted, followed.
//!
//! What becomes of its result stands in `results`. Invariant: what was accepted never goes back
//! into our queue.

use super::super::effect::TaskKey;
use super::super::failure::{Failure, FailureKind};
use super::super::hint::{CommandId, Hint};
use super::super::job::{Ask, JobId, State};
use super::super::log::Level;
use super::super::message::{Sent, ServiceResult};
use super::super::model::Model;
use super::super::notice::{Notice, Tone, failure_notice};
use super::transitions::{self, move_to};
use super::{Effects, cancel, concurrency, failed, money, results, waiting};
use crate::tree::Timestamp;

pub(super) fn on_result(model: &mut Model, out: &mut Effects, result: ServiceResult) {
    match result {
        ServiceResult::Uploaded { job, addresses } => uploaded(model, out, job, addresses),
        ServiceResult::Sent { job, answer } => sent(model, out, job, answer),
        ServiceResult::Followed { job, result } => followed(model, out, job, result),
        ServiceResult::Fetched { job, outcome } => results::fetched(model, out, job, outcome),
        ServiceResult::FetchedPart { job, outcome, failure } => {
            results::fetched_part(model, out, job, outcome, failure);
        }
        ServiceResult::CancelAsked { job, answer } => {
            cancel::cancel_asked(model, out, job, answer);
        }
        ServiceResult::Prices(prices) => money::priced(model, prices),
    }
}

/// An answer that fits no question of this job means nothing; it is told and dropped.
pub(super) fn is_in(model: &mut Model, id: JobId, expected: impl Fn(&State) -> bool) -> bool {
    let Some(job) = model.jobs.get(&id) else { return false };
    let is_expected = expected(&job.state);
    if !is_expected {
        let text = format!("ignored an answer that does not fit {:?}", job.state);
        model.note(Level::Debug, Some(id), text);
    }
    is_expected
}

/// How long a job waits before it is followed again after the network broke, in milliseconds.
pub(super) const AGAIN: i64 = 5_000;
const AGAIN_AT_MOST: i64 = 60_000;

fn uploaded(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    addresses: Result<Vec<String>, Failure>,
) {
    if !is_in(model, id, |state| matches!(state, State::Uploading)) {
        return;
    }
    model.active_tasks.remove(&id);
    match addresses {
        Ok(addresses) => {
            network_ok(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            job.addresses = Some(addresses);
            model.note(Level::Info, Some(id), "pictures are uploaded");
            move_to(model, out, id, State::Sending, None);
        }
        Err(failure) if is_passing(&failure) => requeue(model, out, id, &failure),
        Err(failure) => failed::fail(model, out, id, failure),
    }
}

fn sent(model: &mut Model, out: &mut Effects, id: JobId, answer: Result<Sent, Failure>) {
    if !is_in(model, id, |state| matches!(state, State::Sending)) {
        return;
    }
    model.active_tasks.remove(&id);
    match answer {
        Ok(Sent::Accepted { handle, state }) => {
            network_ok(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            let request = handle.request_id.clone();
            job.handle = Some(handle);
            model.note(Level::Info, Some(id), format!("sent; request {request}"));
            if move_to(model, out, id, state, None) {
                money::accepted(model, id);
            }
        }
        Ok(Sent::Answered(answer)) => {
            network_ok(model, id);
            // The answer is here already: the states between are passed in one breath.
            results::answered(model, out, id, answer);
            if move_to(model, out, id, State::Fetching, None) {
                money::accepted(model, id);
            }
        }
        Err(failure) if failure.kind == FailureKind::Unknown => unknown(model, out, id, &failure),
        Err(failure) if is_passing(&failure) => {
            // Surely not received, so it may leave once more.
            if failure.kind == FailureKind::Busy {
                concurrency::refused(model);
            }
            requeue(model, out, id, &failure);
        }
        Err(failure) => failed::fail(model, out, id, failure),
    }
}

/// "Maybe paid": shown, never repeated by itself.
fn unknown(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let why = Some(failure.message.clone());
    if move_to(model, out, id, State::Unknown, why) {
        model.note(Level::Error, Some(id), failure.message.clone());
        model.say(failure_notice(failure));
    }
}

pub(super) fn status(model: &mut Model, out: &mut Effects, id: JobId, state: State) {
    network_ok(model, id);
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
    concurrency::saw(model);
    model.note(Level::Info, Some(id), text);
}

fn followed(model: &mut Model, out: &mut Effects, id: JobId, result: Result<(), Failure>) {
    if !is_in(model, id, |state| {
        matches!(state, State::Queued(_) | State::Running | State::Waiting(_) | State::Cancelling)
    }) {
        return;
    }
    model.active_tasks.remove(&id);
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let is_cancelling = job.state == State::Cancelling;
    match result {
        Ok(()) if is_cancelling => {
            // Finished or cancelled: only the result tells.
            let effect = transitions::fetch(model, job);
            model.active_tasks.insert(id);
            out.push(effect);
        }
        Ok(()) => {
            network_ok(model, id);
            move_to(model, out, id, State::Fetching, None);
        }
        Err(failure) if failure.ends => failed::ended(model, out, id, failure),
        // What is not told by the status may be told by the result.
        Err(failure) if failure.kind != FailureKind::Network => {
            waiting::wait(model, out, id, Ask::Result, &failure);
        }
        Err(failure) => waiting::wait(model, out, id, Ask::Status, &failure),
    }
}

/// The task was stopped or panicked: what is known of the request decides.
pub(super) fn lost(model: &mut Model, out: &mut Effects, key: TaskKey, failure: Failure) {
    let TaskKey::Job(id) = key else {
        if failure.kind == FailureKind::Bug {
            model.note(Level::Error, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
        return;
    };
    model.active_tasks.remove(&id);
    let Some(job) = model.jobs.get(&id).filter(|job| job.owned) else {
        return;
    };
    match job.state {
        State::Sending => unknown(model, out, id, &failure),
        State::Uploading => hold(model, out, id, &failure),
        State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Waiting(_)
        | State::Cancelling => {
            let ask = if job.answer.is_some() { Ask::Result } else { Ask::Status };
            waiting::wait(model, out, id, ask, &failure);
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

fn hold(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let held = State::Held(failure.message.clone());
    if move_to(model, out, id, held, Some(failure.message.clone())) {
        note_network(model, id, failure);
        model.note(Level::Warning, Some(id), format!("held: {}", failure.message));
        let notice = failure_notice(failure);
        model.say(notice.hint(Hint::to(CommandId::SendHeld, "send it; nothing was sent")));
    }
}

/// Back in our queue, from where it leaves by itself when the service may be reached again.
fn requeue(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let known = model.jobs.get(&id).and_then(|job| job.waited_for.clone());
    if !move_to(model, out, id, State::Saved, Some(failure.message.clone())) {
        return;
    }
    if model.cancel_requested.remove(&id) {
        move_to(model, out, id, State::Cancelled, None);
        let text = format!("{id} is dropped; it had not been received");
        return model.say(Notice::new(Tone::Info, text));
    }
    if !model.queue.contains(&id) {
        model.queue.insert(0, id);
    }
    note_network(model, id, failure);
    model.retry_at.insert(id, next_try(model));
    if let Some(job) = model.jobs.get_mut(&id) {
        job.waited_for = Some(failure.message.clone());
    }
    if known.as_ref() != Some(&failure.message) {
        let text = format!("nothing was sent: {}; it leaves by itself later", failure.message);
        model.note(Level::Warning, Some(id), text);
        model.say(
            failure_notice(failure).hint("it leaves by itself when the service answers again"),
        );
    }
}

/// The longer the line has been away, the less often it is tried: after as long again, at most a
/// minute.
fn next_try(model: &Model) -> Timestamp {
    let away = model.offline_since.map_or(0, |since| model.now.since(since));
    Timestamp(model.now.0 + away.clamp(AGAIN, AGAIN_AT_MOST))
}

/// Why it waits; without a line, since when.
pub(super) fn note_network(model: &mut Model, id: JobId, failure: &Failure) {
    model.failures.insert(id, failure.kind);
    if failure.kind == FailureKind::Network {
        model.offline_since.get_or_insert(model.now);
    }
}

/// The service has answered: whatever waited for the line waits no more.
pub(super) fn network_ok(model: &mut Model, id: JobId) {
    model.failures.remove(&id);
    if let Some(since) = model.offline_since.take() {
        waiting::network_is_back(model);
        let minutes = model.now.since(since) / 60_000;
        model.note(Level::Info, None, format!("the line is back after {minutes} min"));
    }
}

/// Failures that pass by themselves: the line, a busy service.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Network | FailureKind::Busy)
}
