//! The client's words in ours, and ours in the client's.

use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::job::{Handle, JobId, State};
use crate::app::log::Level;
use crate::app::news::News;
use crate::fal::error::{Billed as TheirBilled, Error, FieldError, Kind};
use crate::fal::follow::{Report, Waiting};
use crate::fal::handle::Handle as TheirHandle;
use crate::fal::status::State as TheirState;

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
        Kind::Service | Kind::NotYet => FailureKind::Service,
        Kind::Refused => FailureKind::Validation,
        Kind::Gone => FailureKind::Gone,
        Kind::Network => FailureKind::Network,
        Kind::Unknown => FailureKind::Unknown,
        // Too large for them is our input's fault, too large for us is theirs.
        Kind::TooLarge if error.status == Some(413) => FailureKind::Validation,
        Kind::Protocol | Kind::TooLarge => FailureKind::Protocol,
    };
    let billed = match error.billed {
        TheirBilled::No => Billed::No,
        TheirBilled::Yes => Billed::Yes,
        TheirBilled::Maybe => Billed::Maybe,
    };
    let field = |field: &FieldError| {
        Some((field.field().unwrap_or("request").to_owned(), field.message.clone()))
    };
    let fields = error.fields.iter().filter_map(field).collect();
    Failure {
        kind,
        hint: hint(&error),
        message: named(error.message, error.error_type),
        status: error.status,
        request_id: error.request_id,
        fields,
        billed,
    }
}

/// Whether the model could not read a file that it was pointed to.
pub(crate) fn is_about_a_file(error: &Error) -> bool {
    let words =
        error.fields.iter().map(|field| field.word.as_str()).chain(error.error_type.as_deref());
    words.into_iter().any(|word| matches!(word, "file_download_error" | "image_load_error"))
}

/// Why a call is made again, and when.
pub(crate) fn waiting(waiting: &Waiting) -> String {
    let reason = &waiting.reason;
    let step = waiting.step.words();
    match waiting.after.as_secs() {
        0 => format!("{step} again: {reason}"),
        seconds => format!("{step} again in {seconds} s: {reason}"),
    }
}

/// With the service's own word, by which its pages and its people know the failure.
fn named(message: String, word: Option<String>) -> String {
    match word {
        Some(word) if !message.contains(&word) => format!("{message} [{word}]"),
        Some(_) | None => message,
    }
}

/// What to do, where more is known than the kind of failure.
fn hint(error: &Error) -> Option<String> {
    let wait = error.retry_after.map(|time| time.as_secs()).filter(|seconds| *seconds > 0);
    match (error.kind, wait, &error.request_id) {
        (Kind::Busy | Kind::Service, Some(seconds), _) => {
            Some(format!("the service asks for a pause of {seconds} s"))
        }
        (Kind::Auth, _, _) => {
            Some("`editree key where --check` tells which key is used and if it is good".into())
        }
        (Kind::Deadline, _, _) => {
            Some("nothing was begun; allow more time to start, or try again in a while".into())
        }
        (Kind::TooLarge, _, _) if error.status == Some(413) => Some("use a smaller picture".into()),
        (Kind::Unknown, _, Some(id)) => Some(format!(
            "look for request {id} on the account's requests page before sending it again"
        )),
        _ => None,
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
pub(crate) fn state(state: &TheirState) -> State {
    match state {
        TheirState::Queued { position } => State::Queued(place(*position)),
        TheirState::Running | TheirState::Completed { .. } | TheirState::Odd(_) => State::Running,
    }
}

fn place(position: Option<u64>) -> Option<u32> {
    position.and_then(|position| u32::try_from(position).ok())
}

/// What is worth telling the model.
pub(crate) fn news(job: JobId, report: Report) -> Option<News> {
    Some(match report {
        Report::Queued { position } => News::Status { job, state: State::Queued(place(position)) },
        Report::Running => News::Status { job, state: State::Running },
        Report::Log(line) => {
            let level = log_level(line.level.as_deref());
            News::Line { job, level, text: line.message }
        }
        Report::Waiting(waiting) => News::Waiting { job, why: self::waiting(&waiting) },
        // The first id stays good for every call.
        Report::Renamed { .. } => return None,
    })
}

fn log_level(word: Option<&str>) -> Level {
    match word {
        Some("ERROR" | "STDERR") => Level::Error,
        Some("WARN") => Level::Warning,
        Some("DEBUG") => Level::Debug,
        Some(_) | None => Level::Info,
    }
}
