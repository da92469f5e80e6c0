//! What a document may cost: one table, and the account of one import.
//!
//! Invariant: the work of an import is bounded by the document's bytes and [`LIMITS`], whatever its
//! references lead to; the first limit that is reached is the reason why nothing is imported.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use super::ImportError;
use crate::text::is_plain;

/// Larger than any document of the service by far, small enough to be read in a second.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of the document.
    pub bytes: u64,
    /// That take a JSON object by POST.
    pub paths: usize,
    /// Of one object.
    pub properties: usize,
    /// Objects and lists in each other; deeper is typed as JSON.
    pub depth: usize,
    /// References one behind the other.
    pub references: usize,
    /// Bytes of a reference.
    pub reference: usize,
    /// Words of one choice.
    pub options: usize,
    /// Bytes of a name.
    pub name: usize,
    /// Letters of a description.
    pub text: usize,
    /// Bytes of all that was made of the document, with what each schema costs.
    pub all: usize,
}

pub const LIMITS: Limits = Limits {
    bytes: 8 << 20,
    paths: 200,
    properties: 500,
    depth: 4,
    references: 16,
    reference: 1_000,
    options: 1_000,
    name: 200,
    text: 4_000,
    all: 4 << 20,
};

/// A schema that is looked at counts as so many bytes.
const SCHEMA: usize = 64;

/// What one import has cost so far.
#[derive(Default)]
pub(super) struct Account {
    spent: Cell<usize>,
    refusal: RefCell<Option<ImportError>>,
}

impl Account {
    /// One more schema; `false`: nothing more is to be looked at.
    pub(super) fn schema(&self) -> bool {
        self.spend(SCHEMA)
    }

    pub(super) fn spend(&self, bytes: usize) -> bool {
        let spent = self.spent.get().saturating_add(bytes);
        self.spent.set(spent);
        if spent > LIMITS.all {
            self.refuse(|| {
                let most = LIMITS.all >> 20;
                format!("the document describes more than {most} MiB of parameters")
            });
        }
        !self.is_over()
    }

    pub(super) fn is_over(&self) -> bool {
        self.refusal.borrow().is_some()
    }

    /// The first reason is kept.
    pub(super) fn refuse(&self, reason: impl FnOnce() -> String) {
        let mut refusal = self.refusal.borrow_mut();
        if refusal.is_none() {
            *refusal = Some(ImportError::new(reason(), "is it the document of one model?"));
        }
    }

    pub(super) fn refusal(&self) -> Option<ImportError> {
        self.refusal.borrow().clone()
    }

    /// A name or word that goes to the service as it is: it can be typed, sent and shown.
    pub(super) fn word(&self, what: &str, word: &str) -> bool {
        let is_fine = word.len() <= LIMITS.name && word.chars().all(is_harmless);
        if !is_fine {
            let shown: String = word.escape_debug().take(60).collect();
            let most = LIMITS.name;
            self.refuse(|| {
                format!("`{shown}` cannot be a {what}: longer than {most} bytes, or not printable")
            });
        }
        is_fine && self.spend(word.len())
    }

    /// A value that is taken over whole. One that could steer a terminal is left to the service.
    pub(super) fn value(&self, value: &Value) -> bool {
        let text = value.to_string();
        let is_plain = text.chars().all(is_harmless) && !text.contains("\\u00");
        self.spend(text.len()) && is_plain
    }
}

/// Steers no terminal and hides in no line; no name of a service needs a joiner.
fn is_harmless(c: char) -> bool {
    is_plain(c) && !matches!(c, '\u{200c}' | '\u{200d}')
}

/// A text for people, without what could steer a terminal and of a bearable length.
pub(super) fn harmless(text: &str) -> String {
    // A text may be nothing but what is left out.
    let looked_at = text.chars().take(2 * LIMITS.text);
    let kept = looked_at.filter_map(|c| match c {
        '\n' => Some('\n'),
        '\t' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => is_harmless(c).then_some(c),
    });
    let short: String = kept.skip_while(|c| c.is_whitespace()).take(LIMITS.text).collect();
    short.trim_end().to_owned()
}
