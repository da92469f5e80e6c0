//! What the prompt offers: words while it is empty, advice on the words that stand there.

use crate::app::model::Model;
use crate::schema::{self, Hint};

const SUGGESTIONS: [&str; 6] = [
    "Make it black and white",
    "Add a red hat",
    "Make it a warm sunset",
    "Write \"HELLO\" on it",
    "Add a yellow balloon",
    "Make it sepia",
];

/// Words that fit where one is; `None` once one has found one's own.
pub fn suggestion(model: &Model) -> Option<&'static str> {
    model.draft.parent?;
    let made = model.tree.bones().filter(|bone| bone.parent.is_some()).count() + model.saving.len();
    SUGGESTIONS.get(made).copied()
}

/// The first thing that the model is known to take badly in these words. It forbids nothing.
pub fn hint(model: &Model) -> Option<Hint> {
    let draft = &model.draft;
    let references = schema::lint_references(&draft.prompt, draft.pictures());
    references.into_iter().chain(schema::lint(&draft.prompt)).next()
}
