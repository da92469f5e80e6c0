//! What is asked of the service next for a job, as an effect; decides nothing.

use serde_json::Value;

use crate::app::effect::{Effect, Request, ServiceEffect};
use crate::app::job::{Ask, Job, Pause, State};
use crate::app::model::Model;
use crate::schema::Endpoint;

/// The next outer step of a job whose state is durable.
pub(in crate::app) fn next_step(model: &Model, job: &Job) -> Option<Effect> {
    match &job.state {
        State::Uploading => Some(upload(model, job)),
        State::Sending => send(model, job),
        State::Queued(_) | State::Running | State::Cancelling => follow(job),
        State::Fetching => Some(fetch(model, job)),
        State::Waiting(pause) => due(model, job, *pause),
        State::Unknown => question(job),
        State::Saved
        | State::Held(_)
        | State::Done
        | State::Failed
        | State::Cancelled
        | State::Dismissed => None,
    }
}

/// What a waiting job asks when its time has come.
fn due(model: &Model, job: &Job, pause: Pause) -> Option<Effect> {
    pause.next.filter(|at| *at <= model.now)?;
    match pause.ask {
        // What was answered with the submit has no address to be followed at.
        Ask::Status if job.handle.is_some() => follow(job),
        Ask::Status | Ask::Result => Some(fetch(model, job)),
    }
}

fn upload(model: &Model, job: &Job) -> Effect {
    let recipe = &job.spec.recipe;
    let endpoint = model.catalogue.find(&recipe.endpoint).ok();
    let need = endpoint.map(Endpoint::input_need).unwrap_or_default();
    let (profile, inputs) = (job.spec.profile.clone(), recipe.inputs.clone());
    Effect::Service(ServiceEffect::Upload { job: job.id, profile, inputs, need })
}

/// The bare model input.
pub(in crate::app) fn body(model: &Model, job: &Job) -> Option<Value> {
    let recipe = &job.spec.recipe;
    let endpoint = model.catalogue.find(&recipe.endpoint).ok()?;
    let addresses = job.addresses.clone().unwrap_or_default();
    Some(endpoint.request(&recipe.prompt, &recipe.values, &addresses).into())
}

fn send(model: &Model, job: &Job) -> Option<Effect> {
    let recipe = &job.spec.recipe;
    let request = Request {
        profile: job.spec.profile.clone(),
        endpoint: recipe.endpoint.clone(),
        body: body(model, job)?,
        sync: job.spec.sync,
        webhook: job.spec.webhook.clone(),
    };
    Some(Effect::Service(ServiceEffect::Send { job: job.id, request: Box::new(request) }))
}

fn follow(job: &Job) -> Option<Effect> {
    let (profile, endpoint) = service(job);
    Some(Effect::Service(ServiceEffect::Follow {
        job: job.id,
        profile,
        endpoint,
        handle: job.handle.clone()?,
        is_urgent: job.work.is_urgent,
    }))
}

pub(in crate::app) fn fetch(model: &Model, job: &Job) -> Effect {
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

/// Whether the service has it, where there is something to be recognised by.
fn question(job: &Job) -> Option<Effect> {
    let (body, sent_at) = (job.body.clone()?, job.sent_at?);
    Some(Effect::Service(ServiceEffect::Settle {
        job: job.id,
        profile: job.spec.profile.clone(),
        endpoint: job.spec.recipe.endpoint.clone(),
        body,
        sent_at,
        sync: job.spec.sync,
    }))
}
