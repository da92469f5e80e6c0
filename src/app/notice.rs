//! What the footer tells a person. The words of each kind of failure stand in `failure`.

use super::advice::Advice;
use super::failure::{Billed, Failure};
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
    let family = failure.kind.family();
    let billed = match failure.billed {
        Billed::No => "",
        Billed::Yes => " (billed)",
        Billed::Maybe => " (maybe billed)",
    };
    let text = match (family.words, failure.message.as_str()) {
        ("", message) => format!("{message}{billed}"),
        (family, "") => format!("{family}{billed}"),
        (family, message) => format!("{family}: {message}{billed}"),
    };
    let advice = failure.advice.as_ref().or(family.advice.as_ref());
    let hint = failure.hint.clone().or_else(|| advice.map(Advice::hint));
    Notice { hint, ..Notice::new(Tone::Error, text) }
}
