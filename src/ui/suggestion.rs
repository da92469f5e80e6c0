//! What the prompt offers: words while it is empty, advice on the words that stand there.

use crate::app::model::Model;
use crate::schema::{self, Hint};

/// Words for the empty prompt, and commands that are worth knowing at this point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub words: &'static str,
    pub leads: &'static [(&'static str, &'static str)],
}

/// One for each edit made so far: the first look, then compare, branch and re-roll.
const SUGGESTIONS: [Suggestion; 6] = [
    Suggestion { words: "Make it black and white", leads: &[] },
    Suggestion { words: "Add a red hat", leads: &[("compare", "compare with the parent")] },
    Suggestion {
        words: "Make it a warm sunset",
        leads: &[("parent", "go back"), ("edit", "edit there: a branch")],
    },
    Suggestion {
        words: "Write \"HELLO\" at the bottom",
        leads: &[("reroll", "new seed for the last edit")],
    },
    Suggestion { words: "Add a yellow balloon", leads: &[] },
    Suggestion { words: "Make it a watercolour painting", leads: &[] },
];

/// The suggestion for this point of the session; `None` after the last.
pub fn suggestion(model: &Model) -> Option<Suggestion> {
    model.draft.parent.filter(|_| model.draft.regions.is_empty())?;
    let made = model.tree.summaries().filter(|summary| summary.parent.is_some());
    let made = made.take(SUGGESTIONS.len()).count() + model.queue.saving.len();
    // Prompts that were sent are not suggested again.
    let is_same = |said: &String, one: &Suggestion| said.trim().eq_ignore_ascii_case(one.words);
    let is_new = |one: &&Suggestion| !model.composer.prompts.iter().any(|said| is_same(said, one));
    SUGGESTIONS.iter().skip(made).find(is_new).copied()
}

/// The first lint of the prompt. It does not block sending.
pub fn hint(model: &Model) -> Option<Hint> {
    let draft = &model.draft;
    let references = schema::lint::references(&draft.prompt, draft.pictures());
    references.into_iter().chain(schema::lint::hints(&draft.prompt)).next()
}
