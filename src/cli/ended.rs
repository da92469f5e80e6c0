//! How a program ends that has followed a job.
//!
//! Knows neither the store nor the service: it reads the job as it was left.

use super::{CommandError, code};
use crate::app::failure::FailureKind;
use crate::app::job::{Job, State};

/// How a command ends that leaves the job waiting: what for, and what brings it.
pub(super) fn left_waiting(job: &Job) -> CommandError {
    let id = job.id;
    let why = job.why.as_deref().unwrap_or("the service has not answered");
    let (code, hint) = match job.work.failure {
        Some(FailureKind::Store) => (code::INTERNAL, format!("make room, then: editree wait {id}")),
        Some(FailureKind::Auth) => {
            let profile = &job.spec.profile;
            let hint = format!("editree --profile {profile} key set, then: editree wait {id}");
            (code::NETWORK, hint)
        }
        _ => (code::NETWORK, format!("editree wait {id} asks for it again, at no cost")),
    };
    CommandError::new(code, format!("{id} is billed and waits for its result: {why}")).hint(hint)
}

/// What a command that has followed a job exits with. A cancel was somebody's wish.
pub(super) fn exit_code(job: &Job) -> u8 {
    let of_failure = |usual| job.work.failure.map_or(usual, |kind| kind.family().exit_code);
    match &job.state {
        _ if job.work.is_refused => code::INTERNAL,
        State::Held(_) => of_failure(code::NETWORK),
        State::Unknown => code::UNKNOWN,
        State::Waiting(_) => left_waiting(job).code,
        State::Failed => of_failure(code::SERVICE),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Done
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed => 0,
    }
}
