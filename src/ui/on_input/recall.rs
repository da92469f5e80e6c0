//! Prompt history with Up and Down: sent prompts and drafts set aside.
//!
//! Invariant: words that were typed are never replaced without being put aside in the draft, which
//! is kept; Down brings them back one after the other, and so does the text's undo.

use super::super::Ui;
use crate::app::action::{Action, DraftAction};
use crate::app::model::Model;

/// The state of Up, Down and `Tab` in the prompt.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// Place in the sent prompts while Up and Down go through them.
    pub at: Option<usize>,
    /// A snippet with places to fill was inserted: `Tab` goes to the next of them.
    pub slots: bool,
}

impl Ui {
    /// Up goes to older prompts, Down to newer ones and then to what was put aside.
    pub(super) fn recall_prompt(&mut self, model: &Model, is_up: bool) -> Vec<Action> {
        let typed = self.prompt.text();
        let place = model.composer.prompts.iter().position(|known| known == typed.trim());
        let mut aside = model.draft.aside.clone();
        aside.retain(|words| *words != typed);
        let next = match (is_up, self.recall.at) {
            // A prompt that is there from before counts as recalled.
            (true, at) => {
                let last = model.composer.prompts.len().saturating_sub(1);
                Some(at.or(place).map_or(0, |at| at + 1).min(last))
            }
            (false, Some(at)) => at.checked_sub(1),
            (false, None) if aside.is_empty() => return Vec::new(),
            (false, None) => None,
        };
        let words = match next {
            Some(next) => match model.composer.prompts.get(next) {
                Some(words) => words.clone(),
                None => return Vec::new(),
            },
            None => aside.pop().unwrap_or_default(),
        };
        if place.is_none() && !typed.trim().is_empty() {
            // Down brings back first what was typed first; what was made of older words comes next.
            let is_draft = is_up && self.recall.at.is_none();
            aside.insert(if is_draft { aside.len() } else { 0 }, typed);
        } else if self.recall.at.is_some() {
            // One undo leads back behind all that was only looked at.
            self.prompt.undo();
        }
        self.recall.at = next;
        self.prompt.replace(&words);
        self.put_aside(model, aside)
    }

    /// Words from a list in place of those in the prompt.
    pub(in crate::ui) fn take_up(&mut self, model: &Model, words: &str) -> Vec<Action> {
        let typed = self.prompt.text();
        let mut aside = model.draft.aside.clone();
        aside.retain(|words| *words != typed);
        if !typed.trim().is_empty()
            && !model.composer.prompts.iter().any(|known| known == typed.trim())
        {
            aside.push(typed);
        }
        self.recall.at = None;
        self.prompt.replace(words);
        self.put_aside(model, aside)
    }

    /// The text's undo; it may bring back what was put aside.
    pub(in crate::ui) fn undo_text(&mut self, model: &Model) -> Vec<Action> {
        self.prompt.undo();
        let typed = self.prompt.text();
        let mut aside = model.draft.aside.clone();
        aside.retain(|words| *words != typed);
        if aside.len() < model.draft.aside.len() {
            self.recall.at = None;
        }
        self.put_aside(model, aside)
    }

    fn put_aside(&mut self, model: &Model, aside: Vec<String>) -> Vec<Action> {
        let mut actions = self.words();
        actions.extend(
            (aside != model.draft.aside)
                .then_some(Action::Draft(DraftAction::SetAsidePrompts(aside))),
        );
        actions
    }
}
