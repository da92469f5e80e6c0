//! Words for a person.

use super::advice::Advice;
use super::failure::{Billed, Failure, FailureKind};
use super::hint::Hint;
use crate::tree::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    Info,
    Good,
    Warning,
    Error,
}

/// One line in the footer, with the rest in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
    /// What the person can do.
    pub hint: Option<Hint>,
    /// It tells of what is under way, and is over when nothing is.
    pub while_busy: bool,
    /// Set when it is shown.
    pub at: Timestamp,
}

impl Notice {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), hint: None, while_busy: false, at: Timestamp::default() }
    }

    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Taken off the screen when nothing is under way any more.
    pub fn while_busy(mut self) -> Self {
        self.while_busy = true;
        self
    }
}

/// The one place where a failure becomes words: what happened, whether it was billed, what to do.
pub fn failure_notice(failure: &Failure) -> Notice {
    let family = match failure.kind {
        FailureKind::Validation => "the service rejects the input",
        FailureKind::Policy => "the service's content filter refuses this",
        FailureKind::Auth => "the key is not accepted",
        FailureKind::Account => "the account cannot pay for this",
        FailureKind::NotFound => "the service does not know this",
        FailureKind::Early => "the result is not there yet",
        FailureKind::Busy => "the service is busy",
        FailureKind::Deadline => "the start deadline has passed",
        FailureKind::Cancelled => "cancelled",
        FailureKind::Service => "the service failed",
        FailureKind::Gone => "the result is no longer kept there",
        FailureKind::Network => "the service cannot be reached",
        FailureKind::Unknown => "maybe paid: the answer was lost on the way",
        FailureKind::Protocol => "the service's answer makes no sense",
        FailureKind::Picture
        | FailureKind::Store
        | FailureKind::Budget
        | FailureKind::Elsewhere => "",
        FailureKind::Bug => "a mistake of editree's own",
    };
    let billed = match failure.billed {
        Billed::No => "",
        Billed::Yes => " (billed)",
        Billed::Maybe => " (maybe billed)",
    };
    let text = match (family, failure.message.as_str()) {
        ("", message) => format!("{message}{billed}"),
        (family, "") => format!("{family}{billed}"),
        (family, message) => format!("{family}: {message}{billed}"),
    };
    let notice = Notice::new(Tone::Error, text);
    let advice = || failure.advice.as_ref().map(Advice::hint);
    match failure.hint.clone().or_else(advice).or_else(|| usual_hint(failure.kind)) {
        Some(hint) => notice.hint(hint),
        None => notice,
    }
}

/// What one can do about a failure of our own, where nothing closer is known.
fn usual_hint(kind: FailureKind) -> Option<Hint> {
    let advice = match kind {
        FailureKind::Network => Advice::LeavesByItself,
        FailureKind::Bug => Advice::Report,
        FailureKind::Unknown => Advice::LookAtRequests(None),
        FailureKind::Validation
        | FailureKind::Policy
        | FailureKind::Auth
        | FailureKind::Account
        | FailureKind::NotFound
        | FailureKind::Early
        | FailureKind::Busy
        | FailureKind::Deadline
        | FailureKind::Service
        | FailureKind::Gone
        | FailureKind::Protocol
        | FailureKind::Cancelled
        | FailureKind::Picture
        | FailureKind::Store
        | FailureKind::Budget
        | FailureKind::Elsewhere => return None,
    };
    Some(advice.hint())
}
