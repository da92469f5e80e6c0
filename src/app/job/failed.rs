//! How a job ends without its pictures: refused before it was accepted, or by the service's own
//! word after.
//!
//! Invariants: "not billed" is said only where the service has said so; what refuses one request
//! and would refuse each that waits behind it is met once.

use std::collections::BTreeMap;

use crate::app::advice::Advice;
use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::follow_up::Effects;
use crate::app::job::transitions::move_to;
use crate::app::job::{Job, JobId, State};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::money::budget;
use crate::app::notice::{Notice, Tone, failure_notice};
use crate::tree::Input;

/// The service has said that the request is over, with nothing to fetch.
pub(in crate::app) fn ended(model: &mut Model, out: &mut Effects, id: JobId, failure: Failure) {
    model.end_task(id);
    if failure.kind == FailureKind::Cancelled {
        cancelled(model, out, id, &failure);
    } else {
        fail(model, out, id, failure);
    }
}

fn cancelled(model: &mut Model, out: &mut Effects, id: JobId, failure: &Failure) {
    if has_outcome(model, id) || !move_to(model, out, id, State::Cancelled, None) {
        return;
    }
    if failure.billed == Billed::No {
        budget::charge(model, out, id, None);
    }
    model.note(Level::Info, Some(id), "cancelled");
    model.say(Notice::new(Tone::Info, format!("{} is cancelled", model.called(id))));
}

/// Turned away before anything was accepted. What the same would meet is held, and told once.
pub(in crate::app) fn refused(model: &mut Model, out: &mut Effects, id: JobId, failure: Failure) {
    let behind = model.jobs.values();
    let behind = behind.filter(|job| job.owned && job.durable && job.state == State::Saved);
    let refused = model.jobs.get(&id);
    let meets = |job: &Job| refused.is_some_and(|refused| would_meet(job, refused, failure.kind));
    let behind: Vec<JobId> = behind.filter(|job| meets(job)).map(|job| job.id).collect();
    let (kind, why) = (failure.kind, failure.message.clone());
    fail(model, out, id, failure);
    for other in &behind {
        move_to(model, out, *other, State::Held(why.clone()), Some(why.clone()));
        model.set_failure(*other, Some(kind));
    }
    if !behind.is_empty() {
        let text = format!("{} more are held: the same would meet them", behind.len());
        model.note(Level::Warning, None, text);
    }
}

/// The balance is of all; a key may be good for one model, or for all but uploads.
fn would_meet(job: &Job, refused: &Job, kind: FailureKind) -> bool {
    let is_picture = |input: &Input| matches!(input, Input::Picture(_));
    let has_uploads = job.addresses.is_none() && job.spec.recipe.inputs.iter().any(is_picture);
    let is_of_upload = refused.state == State::Uploading;
    let is_of_key = matches!(kind, FailureKind::Auth | FailureKind::Permission);
    let is_gone = matches!(kind, FailureKind::NotFound | FailureKind::Gone);
    job.spec.profile == refused.spec.profile
        && match is_of_upload {
            _ if kind == FailureKind::Account => true,
            true => is_of_key && has_uploads,
            false => {
                (is_of_key || is_gone) && job.spec.recipe.endpoint == refused.spec.recipe.endpoint
            }
        }
}

pub(in crate::app) fn fail(model: &mut Model, out: &mut Effects, id: JobId, failure: Failure) {
    let why = Some(failure.message.clone());
    if has_outcome(model, id) || !move_to(model, out, id, State::Failed, why) {
        return;
    }
    model.set_failure(id, Some(failure.kind));
    count(model, out, id, failure.billed);
    let failure = marked(model, id, failure);
    let billed = match failure.billed {
        Billed::No => "",
        Billed::Yes => " (billed)",
        Billed::Maybe => " (maybe billed)",
    };
    model.note(Level::Error, Some(id), format!("failed: {}{billed}", failure.message));
    let notice = with_money(failure_notice(&failure), &failure);
    // That the request failed says as much as that the service did not take it.
    let is_told = matches!(failure.kind, FailureKind::Validation | FailureKind::Service);
    let family = format!("{}: ", failure.kind.family().words);
    let why = notice.text.strip_prefix(&family).filter(|_| is_told).unwrap_or(&notice.text);
    let text = format!("{}: {why}", named(model, id));
    model.say(Notice { text, ..notice });
}

/// The form marks the rows that it has; words and pictures are mended elsewhere.
fn marked(model: &mut Model, id: JobId, failure: Failure) -> Failure {
    let recipe = model.jobs.get(&id).map(|job| &job.spec.recipe);
    let endpoint = recipe.and_then(|recipe| model.catalogue.find(&recipe.endpoint).ok());
    let has_row = |name: &str| endpoint.is_some_and(|it| it.form().any(|row| row.name == name));
    let errors = failure.fields.iter().filter(|(name, _)| has_row(name)).cloned();
    let errors: BTreeMap<_, _> = errors.collect();
    let is_elsewhere = errors.is_empty() && !failure.fields.is_empty();
    model.composer.field_errors = errors;
    match failure.advice {
        Some(Advice::MendFields) if is_elsewhere => {
            Failure { advice: Some(Advice::MendInput), ..failure }
        }
        Some(_) | None => failure,
    }
}

/// What has failed: beside what else is seen to have gone wrong, or from what, where another
/// picture is on the screen.
fn named(model: &Model, id: JobId) -> String {
    let called = model.called(id);
    let node = model.jobs.get(&id).map(|job| job.node);
    let shown = model.current.map(|current| current.node);
    let parent = node.and_then(|node| model.tree.parent(node)).filter(|it| Some(*it) != shown);
    match parent {
        _ if model.current.is_some_and(|current| model.is_filtered(current)) => {
            format!("{called} failed too")
        }
        Some(parent) => format!("{called} from {parent} failed"),
        None => format!("{called} failed"),
    }
}

/// What may be paid counts at its estimate until the service says that it was free. Where the answer
/// comes with the call itself nothing was accepted before, and nothing is counted yet.
fn count(model: &mut Model, out: &mut Effects, id: JobId, billed: Billed) {
    let Some(job) = model.jobs.get_mut(&id) else {
        return;
    };
    job.work.billed = Some(billed);
    let cost = match billed {
        Billed::No => None,
        Billed::Yes | Billed::Maybe => job.cost.or(job.spec.quote.amount),
    };
    budget::charge(model, out, id, cost);
}

/// What one wants to know first where no picture came.
fn with_money(notice: Notice, failure: &Failure) -> Notice {
    let is_said = failure.kind == FailureKind::NotPaid;
    match failure.billed {
        Billed::No if !is_said => {
            Notice { text: format!("{} · not charged", notice.text), ..notice }
        }
        Billed::No | Billed::Yes | Billed::Maybe => notice,
    }
}

/// Its pictures are in place already: a failure that comes late means nothing.
fn has_outcome(model: &Model, id: JobId) -> bool {
    model.has_outcome(id)
}
