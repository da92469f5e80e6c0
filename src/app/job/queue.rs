//! Our queue: what a person does with its requests, and how they leave it.
//!
//! Invariant: nothing leaves the queue above the profile's limit.

use crate::app::follow_up::Effects;
use crate::app::job::transitions::move_to;
use crate::app::job::{Job, JobId, State, settling, waiting};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::Input;

/// Lets jobs leave the line while the limit allows.
pub(in crate::app) fn pump(model: &mut Model, out: &mut Effects) {
    while !model.queue.is_paused && model.under_way() < model.limit() {
        let ready = |id: &&JobId| {
            let job = model.jobs.get(id);
            let is_ready = |job: &Job| {
                job.owned && job.durable && job.state == State::Saved && job.work.retry_at.is_none()
            };
            job.is_some_and(is_ready)
        };
        let behind = |id: &&JobId| model.jobs.get(id).is_some_and(|job| job.spec.low_priority);
        let first = |line: &[JobId]| line.iter().filter(ready).find(|id| !behind(id)).copied();
        let next =
            first(model.jobs.order()).or_else(|| model.jobs.order().iter().find(ready).copied());
        let Some(id) = next else {
            break;
        };
        let Some(job) = model.jobs.get(&id) else {
            break;
        };
        let local = job.spec.recipe.inputs.iter().any(|input| matches!(input, Input::Picture(_)));
        let next = if local { State::Uploading } else { State::Sending };
        if !local {
            let urls = job.spec.recipe.inputs.iter().filter_map(url).collect();
            if let Some(job) = model.jobs.get_mut(&id) {
                job.addresses = Some(urls);
            }
        }
        move_to(model, out, id, next, None);
        model.jobs.order_mut().retain(|waiting| *waiting != id);
    }
}

fn url(input: &Input) -> Option<String> {
    match input {
        Input::Url(url) => Some(url.clone()),
        Input::Picture(_) => None,
    }
}

pub(in crate::app) fn release(model: &mut Model, out: &mut Effects, id: JobId) {
    if model.jobs.get(&id).is_some_and(|job| job.state.pause().is_some()) {
        return waiting::ask_again(model, out, id);
    }
    if model.jobs.get(&id).is_some_and(|job| job.owned && job.state == State::Unknown) {
        return settling::ask_now(model, out, id);
    }
    let held = |job: &Job| matches!(job.state, State::Held(_));
    if !model.jobs.get(&id).is_some_and(held) {
        return model.say(Notice::new(Tone::Info, format!("{} is not held", model.called(id))));
    }
    if move_to(model, out, id, State::Saved, None) && !model.jobs.order().contains(&id) {
        model.jobs.order_mut().push(id);
    }
}

/// A job that still waits in our queue leaves it only with a person's word.
pub(in crate::app) fn keep_back(model: &mut Model, out: &mut Effects, id: JobId) {
    let why = model.jobs.get(&id).and_then(|job| job.why.clone());
    let why = why.unwrap_or_else(|| "kept back".into());
    if move_to(model, out, id, State::Held(why.clone()), Some(why)) {
        model.retry_at(id, None);
    }
}

pub(in crate::app) fn pause(model: &mut Model) {
    model.queue.is_paused = !model.queue.is_paused;
    let text = if model.queue.is_paused {
        "paused: nothing is sent until the queue goes on"
    } else {
        "the queue goes on"
    };
    model.note(Level::Info, None, text);
    model.say(Notice::new(Tone::Info, text));
}

/// Moves a waiting job up or down our queue.
pub(in crate::app) fn move_in_queue(model: &mut Model, id: JobId, by: i32) {
    let waiting = model.jobs.waiting().to_vec();
    let Some(at) = waiting.iter().position(|waiting| *waiting == id) else {
        return model.say(Notice::new(
            Tone::Info,
            format!("{} is not waiting in the queue", model.called(id)),
        ));
    };
    let to = at.saturating_add_signed(by as isize).min(waiting.len().saturating_sub(1));
    let mut spec = waiting;
    spec.remove(at);
    spec.insert(to, id);
    let order = model.jobs.order_mut();
    order.retain(|other| !spec.contains(other));
    order.extend(spec);
}

pub(in crate::app) fn cancel_waiting(model: &mut Model, out: &mut Effects) {
    let mut waiting = model.jobs.waiting().to_vec();
    // Steps that are held only until something is known of the last result wait as well.
    let steps = model.jobs.values_mut().filter_map(|job| job.work.compares.take().map(|_| job.id));
    waiting.extend(steps);
    let count = waiting.len();
    for id in waiting {
        move_to(model, out, id, State::Cancelled, None);
    }
    let text = match count {
        0 => "nothing is waiting in the queue".to_owned(),
        count => format!("cancelled {count} waiting requests; nothing was sent"),
    };
    model.say(Notice::new(Tone::Info, text));
}
