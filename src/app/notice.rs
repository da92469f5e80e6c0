//! What the footer tells a person. The words of each kind of failure stand in `failure`.

use super::advice::Advice;
use super::failure::{Billed, Failure};
use super::hint::Hint;
use crate::schema::Usd;
use crate::tree::{NodeId, Timestamp};

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
    /// Results that it counts; 0: it tells of something else.
    pub results: usize,
    /// What they cost, where that is known.
    pub cost: Option<Usd>,
    /// It tells of a picture that the service's filter took.
    pub is_filtered: bool,
    /// Set when it is shown.
    pub at: Timestamp,
}

impl Notice {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            hint: None,
            while_busy: false,
            results: 0,
            cost: None,
            is_filtered: false,
            at: Timestamp::default(),
        }
    }

    /// A result: alone as its own words tell it, after others as one more of them.
    pub fn of_result(
        before: Option<&Self>,
        node: NodeId,
        story: String,
        cost: Option<Usd>,
        told: impl Fn(Usd) -> String,
    ) -> Self {
        let before = before.filter(|before| before.results > 0);
        let results = before.map_or(0, |before| before.results) + 1;
        let cost = match before {
            Some(before) => before.cost.zip(cost).map(|(before, own)| before + own),
            None => cost,
        };
        let sum = cost.map_or_else(|| "cost unknown".to_owned(), told);
        let text = match results {
            1 => story,
            _ => format!("{results} results, the last is {node} · {sum} together"),
        };
        Self { results, cost, ..Self::new(Tone::Good, text) }
    }

    /// Whether it has had its time: the rest of it ends with the first key after it was read.
    pub fn is_over(&self, now: Timestamp, key_at: Timestamp) -> bool {
        let (read, unread) = match self.tone {
            Tone::Info | Tone::Good => (1_000, 8_000),
            Tone::Warning => (4_000, 8_000),
            Tone::Error => (4_000, 20_000),
        };
        now.since(self.at) > if key_at > self.at { read } else { unread }
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
    let advice = advice.map(|advice| match advice {
        Advice::MendFields if failure.fields.is_empty() => &Advice::TakeAgain,
        advice => advice,
    });
    let hint = failure.hint.clone().or_else(|| advice.map(Advice::hint));
    Notice { hint, ..Notice::new(Tone::Error, text) }
}
