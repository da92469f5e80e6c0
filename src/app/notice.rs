//! Words for a person.

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
    pub hint: Option<String>,
    /// Set when it is shown.
    pub at: Timestamp,
}

impl Notice {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            hint: None,
            at: Timestamp::default(),
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
