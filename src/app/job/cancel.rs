//! Cancelling: dropped here where nothing has left, asked for there where it has.
//!
//! Invariant: a request that was accepted counts as cancelled only when the service has said so.

use crate::app::effect::{Effect, ServiceEffect, TaskKey};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::job::answer::CancelAnswer;
use crate::app::job::transitions::move_to;
use crate::app::job::{Job, JobId, State};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::money::budget;
use crate::app::notice::{Notice, Tone};

pub(in crate::app) fn cancel(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    match &job.state {
        State::Saved | State::Held(_) => {
            move_to(model, out, id, State::Cancelled, None);
            model.say(Notice::new(
                Tone::Info,
                format!("{} is cancelled; nothing was sent", model.called(id)),
            ));
        }
        State::Uploading => {
            out.push(Effect::Abort(TaskKey::Job(id)));
            move_to(model, out, id, State::Cancelled, None);
            model.say(Notice::new(
                Tone::Info,
                format!("{} is cancelled; nothing was sent", model.called(id)),
            ));
        }
        State::Sending => {
            // Even if it comes too late for this one.
            if let Some(job) = model.jobs.get_mut(&id) {
                job.work.is_cancel_requested = true;
                job.spec.follow_ups.steps.clear();
            }
            let text = format!(
                "{} is being sent; it will be cancelled when the service has it",
                model.called(id)
            );
            model.say(Notice::new(Tone::Info, text));
        }
        State::Queued(_) | State::Running => {
            if move_to(model, out, id, State::Cancelling, None) {
                ask_the_service(model, out, id);
            }
        }
        State::Cancelling => {
            model.say(Notice::new(
                Tone::Info,
                format!("{} is already being cancelled", model.called(id)),
            ));
        }
        State::Fetching if !job.spec.follow_ups.steps.is_empty() => {
            let count = job.spec.follow_ups.steps.len();
            if let Some(job) = model.jobs.get_mut(&id) {
                job.spec.follow_ups.steps.clear();
            }
            let text =
                format!("{} is finished; {count} steps after it are not sent", model.called(id));
            model.note(Level::Warning, Some(id), text.clone());
            model.say(Notice::new(Tone::Info, text));
        }
        State::Fetching | State::Done | State::Failed | State::Cancelled | State::Dismissed => {
            model.say(Notice::new(
                Tone::Info,
                format!("{} is finished; nothing to cancel", model.called(id)),
            ));
        }
        State::Waiting(_) => ask_the_service(model, out, id),
        State::Unknown => {
            let notice =
                Notice::new(Tone::Warning, format!("{} may be running and paid", model.called(id)));
            model.say(notice.hint("look at the account's requests page, then dismiss it"));
        }
    }
}

pub(in crate::app) fn cancel_asked(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    answer: Result<CancelAnswer, Failure>,
) {
    let text = match &answer {
        Ok(CancelAnswer::Removed) => "the service removed it from its queue".to_owned(),
        Ok(CancelAnswer::Requested) => "the service will try to cancel; it may still finish".into(),
        Ok(CancelAnswer::TooLate) => "too late to cancel: it is finished there".to_owned(),
        Ok(CancelAnswer::NotFound) => "the service no longer knows it".to_owned(),
        Err(failure) => format!("could not ask to cancel: {}", failure.message),
    };
    model.note(Level::Info, Some(id), text.clone());
    model.say(Notice::new(Tone::Info, format!("{}: {text}", model.called(id))));
    // Taken out of the queue before any work: the one cancel that surely costs nothing.
    if answer == Ok(CancelAnswer::Removed)
        && has_nothing(model, id)
        && move_to(model, out, id, State::Cancelled, None)
    {
        budget::charge(model, out, id, None);
        out.push(Effect::Abort(TaskKey::Job(id)));
    }
}

/// Whatever the service says of its queue: what it has answered is not taken back.
fn has_nothing(model: &Model, id: JobId) -> bool {
    let is_open = |job: &Job| {
        job.answer.is_none() && job.work.outcome.is_none() && job.state != State::Fetching
    };
    model.jobs.get(&id).is_some_and(is_open)
}

/// The question is free, also where nothing is known of the request.
fn ask_the_service(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let (profile, handle) = (job.spec.profile.clone(), job.handle.clone());
    let endpoint = job.spec.recipe.endpoint.clone();
    if let Some(handle) = handle {
        model.note(Level::Info, Some(id), "asked the service to cancel");
        out.push(Effect::Service(ServiceEffect::CancelRemote {
            job: id,
            profile,
            endpoint,
            handle,
        }));
    }
}
