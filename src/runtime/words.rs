//! The client's words in ours, and ours in the client's.

use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::job::{Handle, JobId, State};
use crate::app::log::Level;
use crate::app::news::News;
use crate::fal::Status;
use crate::fal::error::{Billed as TheirBilled, Error, Kind};
use crate::fal::follow::Report;
use crate::fal::handle::Handle as TheirHandle;

/// A client's error as a failure of ours.
pub(crate) fn failure(error: Error) -> Failure {
    let kind = match error.kind {
        Kind::Auth => FailureKind::Auth,
        Kind::Account => FailureKind::Account,
        Kind::Validation => FailureKind::Validation,
        Kind::Policy => FailureKind::Policy,
        Kind::NotFound => FailureKind::NotFound,
        Kind::Busy => FailureKind::Busy,
        Kind::Deadline => FailureKind::Deadline,
        Kind::Cancelled => FailureKind::Cancelled,
        Kind::Service => FailureKind::Service,
        Kind::Gone => FailureKind::Gone,
        Kind::Network => FailureKind::Network,
        Kind::Unknown => FailureKind::Unknown,
        Kind::Protocol | Kind::TooLarge => FailureKind::Protocol,
    };
    let billed = match error.billed {
        TheirBilled::No => Billed::No,
        TheirBilled::Yes => Billed::Yes,
        TheirBilled::Maybe => Billed::Maybe,
    };
    Failure {
        kind,
        message: error.message,
        hint: None,
        status: error.status,
        request_id: error.request_id,
        fields: error.fields,
        billed,
    }
}

pub(crate) fn our_handle(handle: TheirHandle) -> Handle {
    Handle {
        request_id: handle.request_id,
        gateway_request_id: handle.gateway_request_id,
        status_url: handle.status_url,
        response_url: handle.response_url,
        cancel_url: handle.cancel_url,
    }
}

pub(crate) fn their_handle(handle: &Handle) -> TheirHandle {
    TheirHandle {
        request_id: handle.request_id.clone(),
        gateway_request_id: handle.gateway_request_id.clone(),
        status_url: handle.status_url.clone(),
        response_url: handle.response_url.clone(),
        cancel_url: handle.cancel_url.clone(),
    }
}

/// What the submit said of it; a request that is finished at once still has to be looked at.
pub(crate) fn state(status: &Status) -> State {
    match status {
        Status::Queued(ahead) => State::Queued(*ahead),
        Status::Running | Status::Completed => State::Running,
    }
}

/// What is worth telling the model.
pub(crate) fn news(job: JobId, report: Report) -> News {
    match report {
        Report::Status(status) => News::Status { job, state: state(&status) },
        Report::Log { message, level } => {
            News::Line { job, level: log_level(level.as_deref()), text: message }
        }
        Report::Waiting(why) => News::Waiting { job, why },
    }
}

fn log_level(word: Option<&str>) -> Level {
    match word {
        Some("ERROR" | "STDERR") => Level::Error,
        Some("WARN") => Level::Warning,
        Some("DEBUG") => Level::Debug,
        Some(_) | None => Level::Info,
    }
}
