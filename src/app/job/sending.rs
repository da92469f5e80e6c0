//! A job's way to the service: uploaded, sent, accepted, followed.
//!
//! What becomes of its result stands in `results`. Invariant: what was accepted never goes back
//! into our queue.

use crate::app::effect::TaskKey;
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::answer::Sent;
use crate::app::job::network::{network_ok, next_try, note_network};
use crate::app::job::transitions::{self, is_in, move_to};
use crate::app::job::{
    Ask, Job, JobId, State, concurrency, failed, next_step, results, settling, waiting,
};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::money::budget;
use crate::app::notice::{Notice, Tone, failure_notice};

pub(in crate::app) fn uploaded(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    addresses: Result<Vec<String>, Failure>,
) {
    if !is_in(model, id, |state| matches!(state, State::Uploading)) {
        return;
    }
    model.end_task(id);
    match addresses {
        Ok(addresses) => {
            network_ok(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            job.addresses = Some(addresses);
            model.note(Level::Step, Some(id), "pictures are uploaded");
            move_to(model, out, id, State::Sending, None);
        }
        Err(failure) if is_passing(&failure) => requeue(model, out, id, &failure),
        Err(failure) => failed::refused(model, out, id, failure),
    }
}

pub(in crate::app) fn sent(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    answer: Result<Sent, Failure>,
) {
    if !is_in(model, id, |state| matches!(state, State::Sending)) {
        return;
    }
    model.end_task(id);
    match answer {
        Ok(Sent::Accepted { handle, state }) => {
            network_ok(model, id);
            let Some(job) = model.jobs.get_mut(&id) else {
                return;
            };
            let request = handle.request_id.clone();
            job.handle = Some(handle);
            model.note(Level::Step, Some(id), format!("sent; request {request}"));
            if move_to(model, out, id, state, None) {
                budget::accepted(model, id);
            }
        }
        Ok(Sent::Answered(answer)) => {
            network_ok(model, id);
            // The answer is here already: the states between are skipped.
            results::answered(model, out, id, answer);
            if move_to(model, out, id, State::Fetching, None) {
                budget::accepted(model, id);
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
        Err(failure) => failed::refused(model, out, id, failure),
    }
}

/// "Maybe paid": shown, asked about, never repeated by itself.
fn unknown(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let why = Some(failure.message.clone());
    if move_to(model, out, id, State::Unknown, why) {
        model.note(Level::Error, Some(id), failure.message.clone());
        model.say(failure_notice(failure));
    }
}

pub(in crate::app) fn status(model: &mut Model, out: &mut Effects, id: JobId, state: State) {
    network_ok(model, id);
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    // Until it is certain, a person wants to see that a cancel is under way.
    if job.state == State::Cancelling || job.state == state {
        return;
    }
    let same_kind = matches!((&job.state, &state), (State::Queued(_), State::Queued(_)));
    let text = if let State::Queued(ahead) = &state {
        ahead.map_or_else(|| "queued".to_owned(), |ahead| format!("queued, {ahead} ahead"))
    } else {
        "running".to_owned()
    };
    if same_kind {
        // A place in the queue is not worth a write.
        job.state = state;
    } else if !move_to(model, out, id, state, None) {
        return;
    }
    concurrency::saw(model);
    model.note(Level::Step, Some(id), text);
}

pub(in crate::app) fn followed(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    result: Result<(), Failure>,
) {
    if !is_in(model, id, |state| {
        matches!(state, State::Queued(_) | State::Running | State::Waiting(_) | State::Cancelling)
    }) {
        return;
    }
    model.end_task(id);
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let is_cancelling = job.state == State::Cancelling;
    match result {
        Ok(()) if is_cancelling => {
            // Finished or cancelled: only the result tells.
            let effect = next_step::fetch(model, job);
            model.begin_task(id);
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
pub(in crate::app) fn lost(model: &mut Model, out: &mut Effects, key: TaskKey, failure: Failure) {
    let TaskKey::Job(id) = key else {
        if matches!(key, TaskKey::Write(_)) {
            transitions::write_again(model);
        }
        if failure.kind == FailureKind::Bug {
            model.note(Level::Error, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
        return;
    };
    model.end_task(id);
    let Some(job) = model.jobs.get(&id).filter(|job| job.owned) else {
        return;
    };
    match job.state {
        State::Sending => unknown(model, out, id, &failure),
        State::Uploading => hold_unsent(model, out, id, &failure),
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
        | State::Dismissed => {}
        State::Unknown => settling::again(model, id),
    }
}

/// Its upload ended without an answer: it is sent only when the person says so.
fn hold_unsent(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let held = State::Held(failure.message.clone());
    if move_to(model, out, id, held, Some(failure.message.clone())) {
        note_network(model, id, failure);
        model.note(Level::Warning, Some(id), format!("held: {}", failure.message));
        let send = Hint::to(CommandId::SendHeld, "send it; nothing was sent");
        let notice = failure_notice(failure);
        let hint = notice.hint.clone().unwrap_or(send);
        model.say(notice.hint(hint));
    }
}

/// Back in our queue, from where it leaves by itself when the service may be reached again.
fn requeue(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    let known = model.jobs.get(&id).and_then(|job| job.work.waited_for.clone());
    if !move_to(model, out, id, State::Saved, Some(failure.message.clone())) {
        return;
    }
    let is_cancelled = |job: &mut Job| std::mem::take(&mut job.work.is_cancel_requested);
    if model.jobs.get_mut(&id).is_some_and(is_cancelled) {
        move_to(model, out, id, State::Cancelled, None);
        let text = format!("{} is cancelled; the service had not received it", model.called(id));
        return model.say(Notice::new(Tone::Info, text));
    }
    if !model.jobs.order().contains(&id) {
        model.jobs.order_mut().insert(0, id);
    }
    note_network(model, id, failure);
    model.retry_at(id, Some(next_try(model)));
    if let Some(job) = model.jobs.get_mut(&id) {
        job.work.waited_for = Some(failure.message.clone());
    }
    if known.as_ref() != Some(&failure.message) {
        let text = format!("not sent: {}; retries automatically", failure.message);
        model.note(Level::Warning, Some(id), text);
        model.say(
            failure_notice(failure).hint("it is sent automatically when the service answers again"),
        );
    }
}

/// Failures that pass by themselves: the network, a busy service.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Network | FailureKind::Busy)
}
