//! What a person is asked before money leaves: nothing is sent until the word is given.

use super::job::{JobId, Order};
use crate::schema::Usd;

/// Requests that wait for consent.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub orders: Vec<Order>,
    pub reasons: Vec<Reason>,
    /// What the later steps of these orders will cost; `None` when one of them is unknown.
    pub later: Option<Usd>,
    /// The words stand in the prompt until they are sent.
    pub from_draft: bool,
}

/// Why somebody has to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The first paid request of a profile.
    First {
        host: String,
        pictures: usize,
    },
    /// One press is several requests.
    Several,
    /// So many requests, one after the other, each on the last result.
    Steps(usize),
    /// So many cells of a grid.
    Sweep(usize),
    /// So many pictures, and so many steps on each.
    Replay {
        pictures: usize,
        steps: usize,
    },
    UnknownPrice,
    /// More than the day's budget: so much is spent or on its way already.
    Day {
        committed: Usd,
        budget: Usd,
    },
    Session {
        committed: Usd,
        budget: Usd,
    },
    /// The same was sent before and its answer was lost.
    MaybePaid(JobId),
}

/// As many steps are shown in words.
const SHOWN: usize = 6;

impl Question {
    /// What must be typed: a letter where it is only news, the whole word where money may be lost.
    pub fn word(&self) -> &'static str {
        let grave = |reason: &Reason| match reason {
            Reason::First { .. }
            | Reason::Several
            | Reason::Steps(_)
            | Reason::Sweep(_)
            | Reason::UnknownPrice => false,
            // Files are read before it is asked: a letter that was typed meanwhile is no word.
            Reason::Replay { .. }
            | Reason::Day { .. }
            | Reason::Session { .. }
            | Reason::MaybePaid(_) => true,
        };
        if self.reasons.iter().any(grave) { "yes" } else { "y" }
    }

    /// The price of all together; `None` when one of them is unknown.
    pub fn price(&self) -> Option<Usd> {
        let first: Option<Usd> = self.orders.iter().map(|order| order.price).sum();
        Some(first? + self.later?)
    }

    /// Later steps included.
    fn count(&self) -> usize {
        self.orders.iter().map(|order| 1 + order.then.steps.len()).sum()
    }

    /// In words, a line each.
    pub fn lines(&self) -> Vec<String> {
        let price =
            self.price().map_or_else(|| "an unknown price".into(), |price| price.to_string());
        let mut lines: Vec<String> = self.reasons.iter().map(Reason::line).collect();
        let what = match (self.orders.as_slice(), self.count()) {
            ([one], 1) => format!("`{}` for {price}", one.recipe.prompt),
            (_, count) => format!("{count} requests for {price}"),
        };
        if let ([one], 2..) = (self.orders.as_slice(), self.count()) {
            let later = one.then.steps.iter().map(|step| &step.recipe.prompt);
            let words = [&one.recipe.prompt].into_iter().chain(later);
            let steps = words.zip(1..).take(SHOWN);
            lines.extend(steps.map(|(words, number)| format!("{number}. {words}")));
        }
        lines.push(what);
        lines
    }
}

impl Reason {
    fn line(&self) -> String {
        match self {
            Self::First { host, pictures } => {
                let pictures = match pictures {
                    0 => "the words go",
                    1 => "words and picture go",
                    _ => "words and pictures go",
                };
                format!("the first request here: {pictures} to {host} and cost money")
            }
            Self::Steps(steps) => {
                format!("{steps} steps, each on the last result; a filtered one ends them")
            }
            Self::Replay { pictures, steps } => {
                format!("{steps} steps on each of {pictures} pictures, each on the last result")
            }
            Self::Sweep(cells) => {
                format!("a sweep of {cells} cells; what you send meanwhile goes first")
            }
            Self::Several => "the braces in the prompt make several requests of it".into(),
            Self::UnknownPrice => "the price of this endpoint is not known".into(),
            Self::Day { committed, budget } => {
                format!("over the day's budget of {budget}: {committed} is spent or under way")
            }
            Self::Session { committed, budget } => {
                format!("over the session's budget of {budget}: {committed} is spent or under way")
            }
            Self::MaybePaid(job) => {
                format!("{job} was sent before and may be paid: this costs a second time")
            }
        }
    }
}
