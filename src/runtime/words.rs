//! The client's words in ours, and ours in the client's.

use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::job::{Handle, JobId, State};
use crate::app::log::Level;
use crate::app::news::News;
use crate::fal;

/// A client's error as a failure of ours.
pub(crate) fn failure(error: fal::Error) -> Failure {
    let _ = error;
    Failure::new(FailureKind::Bug, "")
}
