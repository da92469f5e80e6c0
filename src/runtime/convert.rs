//! The client's words in ours, and ours in the client's.

use crate::app::advice::Advice;
use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::job::answer::{Answer, Handle};
use crate::app::job::{JobId, State};
use crate::app::log::Level;
use crate::app::message::TaskEvent;
use crate::fal::error::Waiting;
use crate::fal::error::{Billed as TheirBilled, Error, FieldError, Kind, Step, Voice};
use crate::fal::follow::Report;
use crate::fal::handle::Handle as TheirHandle;
use crate::fal::response::Answer as TheirAnswer;
use crate::fal::status::State as TheirState;

/// A client's error as a failure of ours.
pub(crate) fn failure(error: Error) -> Failure {
    let kind = match error.kind {
        Kind::Auth => FailureKind::Auth,
        Kind::Permission => FailureKind::Permission,
        Kind::Account => FailureKind::Account,
        Kind::Validation => FailureKind::Validation,
        Kind::Policy => FailureKind::Policy,
        Kind::NotFound => FailureKind::NotFound,
        Kind::Busy => FailureKind::Busy,
        Kind::Deadline => FailureKind::Deadline,
        Kind::Cancelled => FailureKind::Cancelled,
        Kind::Service => FailureKind::Service,
        Kind::NotYet => FailureKind::Early,
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
        hint: None,
        advice: advice(&error),
        message: named(error.message, error.error_type),
        status: error.status,
        request_id: error.request_id,
        fields,
        billed,
        ends: error.voice == Voice::Model,
        pause: error.retry_after.and_then(|pause| i64::try_from(pause.as_millis()).ok()),
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

/// What can be done. After the request was accepted that is only to ask again, until the service
/// itself has ended it.
fn advice(error: &Error) -> Option<Advice> {
    let is_accepted = matches!(
        error.step,
        Step::Status
            | Step::Follow
            | Step::Result
            | Step::Cancel
            | Step::Download
            | Step::Sign
            | Step::Requests
            | Step::Bills
    );
    if !is_accepted || error.voice == Voice::Model {
        return otherwise(error);
    }
    Some(if matches!(error.kind, Kind::Auth | Kind::Permission) {
        Advice::GiveKey
    } else if error.kind == Kind::Account {
        Advice::Billing
    } else {
        Advice::AskedAgain
    })
}

fn otherwise(error: &Error) -> Option<Advice> {
    let seconds = error.retry_after.map(|time| time.as_secs()).filter(|seconds| *seconds > 0);
    let is_over = error.voice == Voice::Model;
    let is_turned_away = error.status.is_some() && matches!(error.step, Step::Submit | Step::Run);
    Some(match error.kind {
        Kind::Refused if is_over || is_turned_away => Advice::TakeAgain,
        // The message says what to fix.
        Kind::Refused => return None,
        Kind::Unknown => Advice::LookAtRequests(error.request_id.clone()),
        Kind::Auth | Kind::Permission => Advice::CheckKey,
        Kind::Account => Advice::Billing,
        Kind::Policy => Advice::Reword,
        Kind::Validation => Advice::MendFields,
        Kind::NotFound => Advice::ChooseEndpoint,
        Kind::Busy if !is_over => Advice::TryLater(seconds),
        Kind::TooLarge if error.status == Some(413) => Advice::SmallerPicture,
        Kind::Network if !is_over => Advice::LeavesByItself,
        Kind::Protocol | Kind::TooLarge => Advice::CheckAddress,
        Kind::Busy
        | Kind::Network
        | Kind::Deadline
        | Kind::Service
        | Kind::Cancelled
        | Kind::Gone
        | Kind::NotYet => Advice::SendAgain,
    })
}

/// What the model answered, in our words.
pub(crate) fn our_answer(answer: TheirAnswer) -> Answer {
    Answer {
        body: answer.body,
        request_id: answer.request_id,
        billable_units: answer.billable_units,
        served_from: answer.served_from,
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
        TheirState::Running | TheirState::Completed { .. } | TheirState::Unrecognized(_) => {
            State::Running
        }
    }
}

fn place(position: Option<u64>) -> Option<u32> {
    position.and_then(|position| u32::try_from(position).ok())
}

/// What is worth telling the model.
pub(crate) fn event(job: JobId, report: Report) -> Option<TaskEvent> {
    Some(match report {
        Report::Queued { position } => {
            TaskEvent::Status { job, state: State::Queued(place(position)) }
        }
        Report::Running => TaskEvent::Status { job, state: State::Running },
        Report::Log(line) => {
            let level = log_level(line.level.as_deref());
            TaskEvent::ServerLog { job, level, text: line.message }
        }
        Report::Waiting(waiting) => TaskEvent::Waiting { job, why: self::waiting(&waiting) },
        // The first id stays good for every call.
        Report::Renamed { .. } => return None,
    })
}

fn log_level(word: Option<&str>) -> Level {
    match word {
        Some("ERROR" | "STDERR") => Level::Error,
        Some("WARN") => Level::Warning,
        Some("DEBUG") => Level::Debug,
        Some(_) | None => Level::Step,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::Duration;

    use super::*;
    use crate::app::advice::Leads;
    use crate::app::hint::Hint;
    use crate::app::notice;

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
            voice: Voice::Nobody,
            is_told: false,
        }
    }

    /// The model's own word about the request.
    fn over(kind: Kind, status: u16, billed: TheirBilled, message: &str) -> Error {
        Error { voice: Voice::Model, ..error(Step::Result, kind, status, billed, message) }
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
                Step::Sign,
                Kind::Permission,
                403,
                Maybe,
                "the key may not sign for a private file: it needs `assets:read`",
            ),
            error(
                Step::Submit,
                Kind::Account,
                403,
                No,
                "User is locked. Reason: Exhausted balance.",
            ),
            Error {
                fields: vec![field("prompt", "missing", "Field required")],
                ..over(Kind::Validation, 422, No, "`prompt`: Field required")
            },
            over(Kind::Validation, 422, No, "a fault set in the simulator"),
            over(Kind::Policy, 422, Yes, "`prompt`: flagged by the checker"),
            error(Step::Submit, Kind::NotFound, 404, No, "Application \"x\" not found"),
            error(Step::Submit, Kind::Busy, 429, No, "Reached concurrent requests limit of 20"),
            Error {
                retry_after: Some(Duration::from_secs(300)),
                ..error(Step::Submit, Kind::Busy, 429, No, "too many requests")
            },
            over(Kind::Deadline, 504, No, "Request timed out"),
            over(Kind::Cancelled, 499, No, "cancelled by the client"),
            over(Kind::Service, 500, No, "the model failed"),
            Error {
                error_type: Some("runner_disconnected".into()),
                ..error(Step::Result, Kind::Service, 503, Maybe, "Runner disconnected")
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
            let notice = notice::failure_notice(&failure(error));
            let hint = notice.hint.as_ref().map_or("", Hint::words);
            assert!(writeln!(text, "{family}\n  {}\n  → {hint}", notice.text).is_ok());
        }
        insta::with_settings!({ snapshot_path => "../../tests/it/snapshots" }, {
            insta::assert_snapshot!(text);
        });
    }

    const STEPS: [Step; 18] = [
        Step::Setup,
        Step::Submit,
        Step::Run,
        Step::Status,
        Step::Follow,
        Step::Result,
        Step::Cancel,
        Step::UploadToken,
        Step::UploadStart,
        Step::Upload,
        Step::Download,
        Step::Probe,
        Step::Prices,
        Step::Requests,
        Step::Bills,
        Step::Balance,
        Step::Sign,
        Step::Models,
    ];
    const KINDS: [Kind; 17] = [
        Kind::Auth,
        Kind::Permission,
        Kind::Account,
        Kind::Validation,
        Kind::Policy,
        Kind::NotFound,
        Kind::Busy,
        Kind::Deadline,
        Kind::Cancelled,
        Kind::Service,
        Kind::Gone,
        Kind::NotYet,
        Kind::Network,
        Kind::Refused,
        Kind::Protocol,
        Kind::TooLarge,
        Kind::Unknown,
    ];

    #[test]
    fn no_advice_pays_again_for_what_was_accepted_and_each_that_pays_says_so() {
        for (step, kind) in STEPS.into_iter().flat_map(|step| KINDS.map(|kind| (step, kind))) {
            for voice in [Voice::Model, Voice::Platform, Voice::Nobody] {
                let error = Error { voice, ..error(step, kind, 500, TheirBilled::Maybe, "x") };
                let failure = failure(error);
                let Some(advice) = &failure.advice else { continue };
                let (words, place) =
                    (advice.hint().words().to_owned(), format!("{kind:?} at {step:?}, {voice:?}"));
                let is_accepted = matches!(step.unsettled(), TheirBilled::Maybe);
                if is_accepted && !failure.ends {
                    assert!(!advice.costs(), "{place}: {words}");
                    assert_ne!(advice.leads(), Leads::Draft, "{place}: nothing is to be mended");
                }
                assert_eq!(advice.costs(), words.contains("cost"), "{place}: {words}");
                assert!(!is_accepted || !words.contains("nothing was"), "{place}: {words}");
            }
        }
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
