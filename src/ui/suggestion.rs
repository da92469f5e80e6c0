//! What the empty prompt offers: a first edit that is worth a look, then others that lead on.

use crate::app::model::Model;

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
