//! What the prompt offers: words while it is empty, advice on the words that stand there.

use crate::app::model::Model;
use crate::schema::{self, Hint};

/// Words for the empty prompt, and a command that is worth knowing at this point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub words: &'static str,
    pub lead: Option<(&'static str, &'static str)>,
}

/// One for each edit made so far: the first look, then compare, branch and re-roll.
const SUGGESTIONS: [Suggestion; 6] = [
    Suggestion { words: "Make it black and white", lead: None },
    Suggestion { words: "Add a red hat", lead: Some(("compare", "compare with the parent")) },
    Suggestion {
        words: "Make it a warm sunset",
        lead: Some(("parent", "go back; editing from there starts a branch")),
    },
    Suggestion {
        words: "Write \"HELLO\" at the bottom",
        lead: Some(("reroll", "new seed for the last edit")),
    },
    Suggestion { words: "Add a yellow balloon", lead: None },
    Suggestion { words: "Make it a watercolour painting", lead: None },
];

/// The suggestion for this point of the session; `None` after the last.
pub fn suggestion(model: &Model) -> Option<Suggestion> {
    model.draft.parent.filter(|_| model.draft.regions.is_empty())?;
    let made = model.tree.summaries().filter(|summary| summary.parent.is_some());
    let made = made.take(SUGGESTIONS.len()).count() + model.queue.saving.len();
    // Prompts that were sent are not suggested again.
    let is_new = |one: &&Suggestion| !model.composer.prompts.iter().any(|said| said == one.words);
    SUGGESTIONS.iter().skip(made).find(is_new).copied()
}

/// The first lint of the prompt. It does not block sending.
pub fn hint(model: &Model) -> Option<Hint> {
    let draft = &model.draft;
    let references = schema::lint::references(&draft.prompt, draft.pictures());
    references.into_iter().chain(schema::lint::hints(&draft.prompt)).next()
}
