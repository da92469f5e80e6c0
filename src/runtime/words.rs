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

/// What to do, and what it cost, where more is known than the kind of failure.
fn hint(error: &Error) -> Option<String> {
    let wait = error.retry_after.map(|time| time.as_secs()).filter(|seconds| *seconds > 0);
    let hint = match (error.kind, error.billed) {
        (Kind::Busy | Kind::Service, _) if wait.is_some() => {
            return wait.map(|seconds| format!("the service asks for a pause of {seconds} s"));
        }
        (Kind::Unknown, _) => {
            let id = error.request_id.as_ref()?;
            let place = "on the account's requests page before sending it again";
            return Some(format!("look for request {id} {place}"));
        }
        (Kind::Auth, _) => "`editree key where --check` tells which key is used and if it is good",
        (Kind::Busy, TheirBilled::No) => "nothing was begun or billed; try again in a while",
        (Kind::Deadline, _) => "nothing was begun or billed; allow more time, or try again later",
        (Kind::Service, TheirBilled::No) => "not billed, and not your fault; r tries again",
        (Kind::NotYet, _) => "it goes on there; `editree wait` follows it",
        (Kind::Network, TheirBilled::Maybe) => {
            "it goes on there; it is asked about again by itself"
        }
        (Kind::Refused, TheirBilled::No) => "nothing was begun or billed; the log has the details",
        (Kind::TooLarge, _) if error.status == Some(413) => "use a smaller picture",
        _ => return None,
    };
    Some(hint.to_owned())
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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::Duration;

    use super::*;
    use crate::app::notice;
    use crate::fal::error::Step;

    fn error(step: Step, kind: Kind, status: u16, billed: TheirBilled, message: &str) -> Error {
        Error {
            step,
            kind,
            billed,
            status: (status > 0).then_some(status),
            request_id: None,
            message: message.into(),
            fields: Vec::new(),
            error_type: None,
            retry_after: None,
        }
    }

    /// One of each family, with what the service and the line really say.
    fn families() -> Vec<Error> {
        use TheirBilled::{Maybe, No, Yes};
        let field = |loc: &str, word: &str, message: &str| FieldError {
            loc: vec!["body".into(), loc.into()],
            message: message.into(),
            word: word.into(),
        };
        let gone = "the answer holds no token";
        vec![
            error(Step::Submit, Kind::Auth, 401, No, "invalid key credentials"),
            error(
                Step::Submit,
                Kind::Account,
                403,
                No,
                "User is locked. Reason: Exhausted balance.",
            ),
            Error {
                fields: vec![field("prompt", "missing", "Field required")],
                ..error(Step::Result, Kind::Validation, 422, No, "`prompt`: Field required")
            },
            error(Step::Result, Kind::Policy, 422, Yes, "`prompt`: flagged by the checker"),
            error(Step::Submit, Kind::NotFound, 404, No, "Application \"x\" not found"),
            error(Step::Submit, Kind::Busy, 429, No, "Reached concurrent requests limit of 20"),
            Error {
                retry_after: Some(Duration::from_secs(300)),
                ..error(Step::Submit, Kind::Busy, 429, No, "too many requests")
            },
            error(Step::Result, Kind::Deadline, 504, No, "Request timed out"),
            error(Step::Result, Kind::Cancelled, 499, No, "cancelled by the client"),
            Error {
                error_type: Some("runner_disconnected".into()),
                ..error(Step::Result, Kind::Service, 503, No, "Runner disconnected")
            },
            error(Step::Result, Kind::Gone, 404, Maybe, "NOT_FOUND"),
            error(Step::Result, Kind::NotYet, 400, Maybe, "the request is still in progress"),
            error(Step::Submit, Kind::Network, 0, No, "could not connect to `queue.fal.run`"),
            error(Step::Download, Kind::Network, 0, Maybe, "the line to `v3.fal.media` broke"),
            error(Step::Submit, Kind::Refused, 400, No, "bad request"),
            error(Step::UploadToken, Kind::Protocol, 200, No, gone),
            error(Step::Upload, Kind::TooLarge, 413, No, "payload too large"),
            error(Step::Download, Kind::TooLarge, 0, Maybe, "the picture is larger than 9 bytes"),
            error(Step::Submit, Kind::Unknown, 0, Maybe, "the line to `queue.fal.run` broke"),
            Error {
                request_id: Some("7f3a".into()),
                ..error(Step::Run, Kind::Unknown, 502, Maybe, "bad gateway")
            },
        ]
    }

    #[test]
    fn each_family_says_what_happened_what_it_cost_and_what_to_do() {
        let mut text = String::new();
        for error in families() {
            let family = format!("{:?} at {:?}", error.kind, error.step);
            let notice = notice::words(&failure(error));
            let hint = notice.hint.unwrap_or_default();
            assert!(writeln!(text, "{family}\n  {}\n  → {hint}", notice.text).is_ok());
        }
        insta::with_settings!({ snapshot_path => "../../tests/it/snapshots" }, {
            insta::assert_snapshot!(text);
        });
    }

    #[test]
    fn a_wait_says_for_what_and_how_long() {
        let pause = |seconds| Waiting {
            step: Step::Result,
            kind: Kind::Busy,
            reason: "too many requests".into(),
            attempt: 1,
            after: Duration::from_secs(seconds),
        };
        assert_eq!(waiting(&pause(7)), "read the result again in 7 s: too many requests");
        assert_eq!(waiting(&pause(0)), "read the result again: too many requests");
    }
}
