//! Moves of a job: asked of the store first, acted on when they are durable.
//!
//! Invariant I1: `ServiceEffect::Send` is only ever the answer to "`Sending` is durable".

use crate::app::effect::{Effect, StoreEffect, TaskKey};
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::{Effects, FollowUp};
use crate::app::job::network::AGAIN_MS;
use crate::app::job::next_step::{self, next_step};
use crate::app::job::{Job, JobId, State};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::notice::failure_notice;
use crate::app::tree::walk;

use crate::tree::Timestamp;

/// When a row that the store has refused is written again, in milliseconds.
const REFUSED_AGAIN_MS: i64 = 3_600_000;

/// Moves the job and asks the store to remember it; refuses what the table forbids.
pub(in crate::app) fn move_to(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    to: State,
    why: Option<String>,
) -> bool {
    let now = model.now;
    let leaving = model.jobs.get(&id).filter(|_| to == State::Sending);
    let body = leaving.and_then(|job| next_step::body(model, job));
    let Some(job) = model.jobs.get_mut(&id) else {
        return false;
    };
    if !job.state.may_become(&to) {
        let from = job.state.clone();
        note_illegal(model, id, &from, &to);
        return false;
    }
    job.state = to.clone();
    job.durable = false;
    (job.work.progress, job.work.is_refused) = (None, false);
    job.why.clone_from(&why);
    if to == State::Sending {
        job.sent_at = Some(now);
    }
    match to {
        State::Unknown => {}
        // Kept before it leaves: a lost answer is told by it.
        State::Sending => {
            if let Some(body) = &body {
                out.push(Effect::Store(StoreEffect::SaveBody { job: id, body: body.clone() }));
            }
            job.body = body;
        }
        State::Saved
        | State::Held(_)
        | State::Uploading
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Waiting(_)
        | State::Done
        | State::Failed
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed => job.body = None,
    }
    if to.is_final() {
        job.answer = None;
    }
    let then = if to.is_final() || to == State::Cancelling {
        std::mem::take(&mut job.spec.follow_ups.steps).len()
    } else {
        0
    };
    if to.is_final() {
        job.ended_at = Some(now);
        (job.work.is_cancel_requested, job.work.retry_at) = (false, None);
    }
    let (node, handle) = (job.node, job.handle.clone());
    if then > 0 {
        let text = format!("{then} more steps of it are not sent");
        model.note(Level::Warning, Some(id), text);
    }
    if let Some(state) = to.node_state() {
        walk::set_state(model, node, state);
    }
    out.push(Effect::Store(StoreEffect::SetJobState { job: id, to, handle, why }));
    true
}

/// The store's answer to a move.
pub(in crate::app) fn moved(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    to: &State,
    result: Result<(), Failure>,
) {
    match result {
        Err(failure) if failure.kind == FailureKind::Elsewhere => {
            return release_ownership(model, out, id);
        }
        Err(failure) => return not_durable(model, id, &failure),
        Ok(()) => {}
    }
    if *to == State::Done {
        return out.then(FollowUp::Finish { job: id, next: None });
    }
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    // An answer to an older move says nothing about this one.
    // A pause or a place in the queue may have changed since; the state it is about has not.
    if std::mem::discriminant(&job.state) != std::mem::discriminant(to) {
        return;
    }
    (job.durable, job.work.is_refused) = (true, false);
    advance(model, out, id);
}

/// Another editree has taken over the job while this one stood still: only shown from now on.
pub(in crate::app) fn release_ownership(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get_mut(&id).filter(|job| job.owned) else {
        return;
    };
    (job.owned, job.durable) = (false, true);
    let was = std::mem::take(&mut job.work);
    model.jobs.order_mut().retain(|other| *other != id);
    if was.is_active {
        out.push(Effect::Abort(TaskKey::Job(id)));
    }
    model.note(Level::Info, Some(id), "another editree has taken over the job");
    out.push(Effect::Store(StoreEffect::LoadSnapshot));
}

/// The row could not be written: the job stays where it is until it can, and goes no further. It is
/// told once.
fn not_durable(model: &mut Model, id: JobId, failure: &Failure) {
    let why = Some(format!("not kept: {}", failure.message));
    let now = model.now;
    // What was written since needs nothing more.
    let is_open = |job: &&mut Job| !job.durable || job.work.outcome.is_some();
    let Some(job) = model.jobs.get_mut(&id).filter(is_open) else {
        return;
    };
    let is_new = job.why != why;
    job.why = why;
    // A full disk and a busy store pass. What is refused for another reason may be refused again:
    // it is tried all the same, so that nothing that was paid for waits for a restart.
    let passes = failure.kind == FailureKind::Store;
    if passes {
        job.work.failure = Some(failure.kind);
    }
    job.work.is_refused = !passes;
    let pause = if passes { AGAIN_MS } else { REFUSED_AGAIN_MS };
    job.work.retry_at = Some(Timestamp(now.0 + pause));
    if is_new {
        model.note(Level::Error, Some(id), failure.message.clone());
        model.say(failure_notice(failure));
    }
}

/// A write has ended without an answer, and nobody knows whose it was: all that is not known to be
/// kept is written again, later than any other answer may take.
pub(in crate::app) fn write_again(model: &mut Model) {
    let at = Timestamp(model.now.0 + REFUSED_AGAIN_MS);
    let is_unwritten = |job: &&mut Job| job.owned && (!job.durable || job.work.outcome.is_some());
    for job in model.jobs.values_mut().filter(is_unwritten) {
        job.work.retry_at.get_or_insert(at);
    }
}

/// A job that has waited for its time: what could not be written is written again, else it goes on.
pub(in crate::app) fn resume(model: &mut Model, out: &mut Effects, id: JobId) {
    if let Some(outcome) = model.jobs.get(&id).and_then(|job| job.work.outcome.as_ref()) {
        out.push(Effect::Store(StoreEffect::Finish { job: id, outcome: outcome.clone() }));
        return;
    }
    match model.jobs.get(&id) {
        Some(job) if !job.durable && job.owned => {
            let (to, handle) = (job.state.clone(), job.handle.clone());
            let why = job.why.clone();
            if let (None, Some(answer)) = (&handle, job.answer.clone()) {
                out.push(Effect::Store(StoreEffect::SaveAnswer { job: id, answer }));
            }
            out.push(Effect::Store(StoreEffect::SetJobState { job: id, to, handle, why }));
        }
        Some(_) | None => advance(model, out, id),
    }
}

/// Asks for the next outer step of a job whose state is durable.
pub(in crate::app) fn advance(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let has_pictures = job.work.outcome.is_some();
    if !job.owned || !job.durable || has_pictures || job.work.is_active {
        return cancel_if_wanted(model, out, id);
    }
    if let Some(effect) = next_step(model, job) {
        model.begin_task(id);
        out.push(effect);
    }
    cancel_if_wanted(model, out, id);
}

/// A cancel that came while the request was leaving is asked for once there is something to cancel.
fn cancel_if_wanted(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    let can = matches!(job.state, State::Queued(_) | State::Running);
    if can && std::mem::take(&mut job.work.is_cancel_requested) {
        out.then(FollowUp::Cancel(id));
    }
}

/// Whether the job waits for this answer; logs one that it does not wait for.
pub(in crate::app) fn is_in(
    model: &mut Model,
    id: JobId,
    expected: impl Fn(&State) -> bool,
) -> bool {
    let Some(job) = model.jobs.get(&id) else { return false };
    let is_expected = expected(&job.state);
    if !is_expected {
        let text = format!("ignored an answer that does not fit {:?}", job.state);
        model.note(Level::Debug, Some(id), text);
    }
    is_expected
}

/// A move that the table forbids: told, survived.
fn note_illegal(model: &mut Model, job: JobId, from: &State, to: &State) {
    model.note(Level::Debug, Some(job), format!("ignored: {from:?} cannot become {to:?}"));
}
