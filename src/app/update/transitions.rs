//! Moves of a job: asked of the store first, acted on when they are durable.
//!
//! Invariant I1: `ServiceEffect::Send` is only ever the answer to "`Sending` is durable".

use super::super::effect::{Effect, Request, ServiceEffect, StoreEffect, TaskKey};
use super::super::failure::{Failure, FailureKind};
use super::super::job::{Job, JobId, State};
use super::super::log::Level;
use super::super::model::Model;
use super::super::notice::failure_notice;
use super::{Effects, cancel, jobs, note_illegal, results, tree, waiting};
use crate::schema::Endpoint;
use crate::tree::Timestamp;

/// Moves the job and asks the store to remember it; refuses what the table forbids.
pub(super) fn move_to(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    to: State,
    why: Option<String>,
) -> bool {
    let now = model.now;
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
    job.progress = None;
    job.why.clone_from(&why);
    if to == State::Sending {
        job.sent_at = Some(now);
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
        model.cancel_requested.remove(&id);
        model.retry_at.remove(&id);
    }
    let (node, handle) = (job.node, job.handle.clone());
    if then > 0 {
        let text = format!("{then} more steps of it are not sent");
        model.note(Level::Warning, Some(id), text);
    }
    if let Some(state) = to.node_state() {
        tree::set_state(model, node, state);
    }
    out.push(Effect::Store(StoreEffect::SetJobState { job: id, to, handle, why }));
    true
}

/// The store's answer to a move.
pub(super) fn moved(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    to: &State,
    result: Result<(), Failure>,
) {
    if let Err(failure) = result {
        return match failure.kind {
            FailureKind::Elsewhere => release_ownership(model, out, id),
            _ => not_durable(model, id, &failure),
        };
    }
    if *to == State::Done {
        return results::finish(model, out, id, None);
    }
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    // An answer to an older move says nothing about this one.
    // A pause or a place in the queue may have changed since; the state it is about has not.
    if std::mem::discriminant(&job.state) != std::mem::discriminant(to) {
        return;
    }
    job.durable = true;
    go_on(model, out, id);
}

/// Another editree has relieved us of the job while this one stood still: only shown from now on.
pub(super) fn release_ownership(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get_mut(&id).filter(|job| job.owned) else {
        return;
    };
    (job.owned, job.durable) = (false, true);
    model.pending_outcomes.remove(&id);
    model.retry_at.remove(&id);
    model.queue.retain(|other| *other != id);
    if model.active_tasks.remove(&id) {
        out.push(Effect::Abort(TaskKey::Job(id)));
    }
    model.note(Level::Info, Some(id), "another editree has taken it over");
    out.push(Effect::Store(StoreEffect::LoadSnapshot));
}

/// The row could not be written: the job stays where it is until it can, and goes no further.
fn not_durable(model: &mut Model, id: JobId, failure: &Failure) {
    let why = Some(format!("not kept: {}", failure.message));
    let now = model.now;
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    let is_new = job.why != why;
    job.why = why;
    // Only a disk that is full or a store that is busy passes; a refused move is refused for good.
    if failure.kind == FailureKind::Store {
        model.failures.insert(id, failure.kind);
        model.retry_at.insert(id, Timestamp(now.0 + jobs::AGAIN));
    }
    if is_new {
        model.note(Level::Error, Some(id), failure.message.clone());
        model.say(failure_notice(failure));
    }
}

/// A job that has waited for its time: what could not be written is written again, else it goes on.
pub(super) fn resume(model: &mut Model, out: &mut Effects, id: JobId) {
    if let Some(outcome) = model.pending_outcomes.get(&id) {
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
        Some(_) | None => go_on(model, out, id),
    }
}

/// The next outer step of a job whose state is durable.
pub(super) fn go_on(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let has_pictures = model.pending_outcomes.contains_key(&id);
    if !job.owned || !job.durable || has_pictures || model.active_tasks.contains(&id) {
        return cancel_if_wanted(model, out, id);
    }
    let effect = match &job.state {
        State::Uploading => Some(upload(model, job)),
        State::Sending => send(model, job),
        State::Queued(_) | State::Running | State::Cancelling => follow(job),
        State::Fetching => Some(fetch(model, job)),
        State::Waiting(pause) => waiting::due(model, job, *pause),
        State::Saved
        | State::Held(_)
        | State::Done
        | State::Failed
        | State::Cancelled
        | State::Unknown
        | State::Dismissed => None,
    };
    if let Some(effect) = effect {
        model.active_tasks.insert(id);
        out.push(effect);
    }
    cancel_if_wanted(model, out, id);
}

/// A cancel that came while the request was leaving is asked for once there is something to cancel.
fn cancel_if_wanted(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let can = matches!(job.state, State::Queued(_) | State::Running);
    if can && model.cancel_requested.remove(&id) {
        cancel::cancel(model, out, id);
    }
}

fn upload(model: &Model, job: &Job) -> Effect {
    let recipe = &job.spec.recipe;
    let endpoint = model.catalogue.find(&recipe.endpoint).ok();
    let most_pixels = endpoint.and_then(Endpoint::uses_pixels);
    let (profile, inputs) = (job.spec.profile.clone(), recipe.inputs.clone());
    Effect::Service(ServiceEffect::Upload { job: job.id, profile, inputs, most_pixels })
}

fn send(model: &Model, job: &Job) -> Option<Effect> {
    let recipe = &job.spec.recipe;
    let endpoint = model.catalogue.find(&recipe.endpoint).ok()?;
    let addresses = job.addresses.clone().unwrap_or_default();
    let body = endpoint.request(&recipe.prompt, &recipe.values, &addresses);
    let request = Request {
        profile: job.spec.profile.clone(),
        endpoint: recipe.endpoint.clone(),
        body: body.into(),
        sync: job.spec.sync,
        webhook: job.spec.webhook.clone(),
    };
    Some(Effect::Service(ServiceEffect::Send { job: job.id, request: Box::new(request) }))
}

pub(super) fn follow(job: &Job) -> Option<Effect> {
    let (profile, endpoint) = service(job);
    Some(Effect::Service(ServiceEffect::Follow {
        job: job.id,
        profile,
        endpoint,
        handle: job.handle.clone()?,
    }))
}

pub(super) fn fetch(model: &Model, job: &Job) -> Effect {
    let have = model.nodes.get(&job.node).map(|node| node.pictures.clone());
    Effect::Service(ServiceEffect::Fetch {
        job: job.id,
        profile: job.spec.profile.clone(),
        handle: job.handle.clone(),
        answer: job.answer.clone(),
        have: have.unwrap_or_default(),
    })
}

fn service(job: &Job) -> (String, String) {
    (job.spec.profile.clone(), job.spec.recipe.endpoint.clone())
}
