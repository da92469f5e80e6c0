//! Text typed where keys are commands: detected, offered to the prompt, never run.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent};

use super::super::Ui;
use super::super::burst::{Offered, Target, letter};
use super::super::cells::cut_front;
use super::super::chord::show;
use super::super::command::Stakes;
use super::super::compare::{Comparing, Zoom};
use super::super::hint;
use super::super::input::Input;
use super::super::mode::{KeyContext, Mode};
use super::super::pane::Pane;
use super::super::panes::{queue, tree};
use crate::app::action::{Action, DraftAction, SessionAction, TreeAction};
use crate::app::draft::Draft;
use crate::app::job::JobId;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::{NodeId, PictureRef, Timestamp};

/// Columns of the text shown in the footer, and those of the words around it.
const TOLD: usize = 40;
const AROUND: usize = 67;

/// Held keys that act now, and messages about them.
pub type Due = (Vec<KeyEvent>, Vec<Action>);

/// What is kept of keys that may be text.
#[derive(Debug, Default)]
pub struct Held {
    /// What was seen before them.
    before: Option<Before>,
    /// One of them is being performed: it is not held again.
    is_released: bool,
}

/// What was seen before a burst of letters, some of which may have acted.
#[derive(Debug)]
struct Before {
    picture: Option<PictureRef>,
    draft: Draft,
    focus: Pane,
    full: Option<Pane>,
    comparing: Comparing,
    zoom: Zoom,
    marked: (BTreeSet<NodeId>, BTreeSet<JobId>),
    overlays: usize,
    in_pane: bool,
}

/// What other programs have on keys that mean nothing here.
const OF_OTHERS: [(&str, &str, &str); 5] = [
    ("u", "undo", "undoes"),
    ("ctrl-r", "redo", "does it again"),
    ("backspace", "parent", "goes to the parent"),
    ("]", "next-sibling", "goes to the next"),
    ("[", "previous-sibling", "goes to the one before"),
];

impl Ui {
    /// What may have been meant. `Esc` and a letter right after it arrive as one key with Alt; it is
    /// not run, as keys cost money.
    pub(super) fn instead_of(&self, pressed: &str) -> Option<String> {
        let here = self.context();
        if pressed == "enter" && here == KeyContext::In(tree::PANE.id) {
            let keys = hint::way(self, "edit");
            return Some(format!("{keys} edits from this picture"));
        }
        let of_others = OF_OTHERS.iter().find(|(key, ..)| *key == pressed && !here.is_exclusive());
        if let Some((_, command, does)) = of_others {
            return Some(format!("{} {does}", hint::way(self, command)));
        }
        let letter = pressed.strip_prefix("alt-").filter(|_| !here.is_exclusive())?;
        let place = if self.in_prompt() { KeyContext::In(Pane::CANVAS) } else { here };
        self.keymap.find(letter, place)?;
        let first = if self.in_prompt() { "Esc then " } else { "" };
        Some(format!("press {first}{}", show(letter)))
    }

    /// What one read has brought, before any of it is handled: words that come at once run no
    /// command at all.
    pub fn foresee(&mut self, model: &Model, inputs: &[Input]) {
        if model.money.confirmation.is_some() || !self.is_watched() || self.burst.is_words() {
            return;
        }
        let mut ahead = self.burst.clone();
        for input in inputs {
            let Input::Key(key) = input else { break };
            let Some(letter) = letter(key) else { break };
            ahead.hear(letter, model.now);
        }
        // A command or a search by its name, as a script or a slow line brings it.
        let opens_line = |input: &Input| matches!(input, Input::Key(key) if matches!(key.code, KeyCode::Char(':' | '/')));
        let is_line = inputs.first().is_some_and(opens_line);
        if inputs.len() > 2 && ahead.looks_like_words() && !is_line {
            self.remember(model);
            self.begin_words(model.now);
        }
    }

    /// Held keys that act before this input.
    pub fn due(&mut self, model: &Model, input: &Input) -> Due {
        let lets_go = match input {
            Input::Key(key) => self.burst.lets_go(key, model.now),
            Input::Paste(_) | Input::Mouse(_) => self.burst.holds(),
            Input::Resize(..) | Input::Focus(_) => false,
        };
        if lets_go { self.let_go(model) } else { Due::default() }
    }

    /// Held keys that act because no key followed.
    pub fn rested(&mut self, model: &Model) -> Due {
        let is_over = self.burst.wakes_at().is_some_and(|at| at <= model.now);
        if is_over { self.let_go(model) } else { Due::default() }
    }

    /// When [`Ui::rested`] is to be asked.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.burst.wakes_at()
    }

    /// From when on a key is meant by itself.
    pub fn rests_at(&self) -> Option<Timestamp> {
        self.burst.rests_at().or(self.answer.rests_at())
    }

    /// A key that was held acts.
    pub fn on_held_key(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        self.held.is_released = true;
        let actions = self.on_input(model, Input::Key(key));
        self.held.is_released = false;
        actions
    }

    /// Drops the held keys if their target changed meanwhile.
    fn let_go(&mut self, model: &Model) -> Due {
        let (held, target) = self.burst.let_go();
        if model.money.confirmation.is_none() && target == self.target(model) {
            return (held, Vec::new());
        }
        let text = "the selection changed meanwhile: press the key again";
        (Vec::new(), vec![Action::Session(SessionAction::Say(Notice::new(Tone::Warning, text)))])
    }

    fn target(&self, model: &Model) -> Target {
        let job = if self.focus == queue::PANE.id { queue::selected(self, model) } else { None };
        Target { picture: model.current, job }
    }

    /// `Some`: the key is part of typed text, or is held until that is known.
    pub(super) fn watch(
        &mut self,
        model: &Model,
        key: &KeyEvent,
        pressed: &str,
    ) -> Option<Vec<Action>> {
        if self.held.is_released {
            return None;
        }
        if !self.is_watched() {
            self.burst.let_go();
            return None;
        }
        if self.burst.is_words()
            && let Some(actions) = self.handle_offer(model, key)
        {
            return Some(actions);
        }
        let Some(letter) = letter(key) else {
            let was_held = self.burst.holds();
            self.burst.let_go();
            let is_dropped = was_held && key.code == KeyCode::Esc;
            return is_dropped.then(|| Self::say("key dropped: Esc followed at once"));
        };
        self.remember(model);
        self.burst.hear(letter, model.now);
        if self.burst.looks_like_words() {
            self.begin_words(model.now);
            return Some(self.say_words(model));
        }
        let is_held = self.burst.holds()
            || self.stakes(pressed) != Stakes::None
            || self.burst.goes_on() && self.leads_to_prompt(pressed);
        if is_held {
            let target = self.target(model);
            self.burst.hold(*key, target);
            return Some(Vec::new());
        }
        None
    }

    /// Letters are commands here, not text.
    fn is_watched(&self) -> bool {
        match (self.overlays.last(), &self.mode) {
            (Some(overlay), _) => !overlay.takes_text(),
            (None, Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_)) => false,
            (None, Mode::Region(_) | Mode::Heal(_) | Mode::Sheet(_)) => true,
            (None, Mode::Pane) => !self.in_prompt(),
        }
    }

    /// What the key would put at stake where the person is.
    fn stakes(&self, pressed: &str) -> Stakes {
        let here = match self.overlays.last().map(|overlay| (overlay, overlay.context())) {
            Some((_, Some(context))) => context,
            Some((overlay, None)) => return overlay.stakes(pressed),
            None => self.context(),
        };
        match self.keymap.find(pressed, here) {
            // It only closes the top view.
            Some(row) if row.stakes == Stakes::Leaves && self.closes().is_some() => Stakes::None,
            Some(row) => row.stakes,
            None => Stakes::None,
        }
    }

    /// The letters after it would be text, without those before it.
    fn leads_to_prompt(&self, pressed: &str) -> bool {
        let row = self.keymap.find(pressed, self.context());
        row.is_some_and(|row| matches!(row.name, "insert" | "edit"))
    }

    fn begin_words(&mut self, now: Timestamp) {
        self.burst.begin_words(now);
        self.count = None;
        if let Mode::Prefix(_) = self.mode {
            self.mode = Mode::Pane;
        }
        if self.overlays.last().is_some_and(|overlay| !overlay.takes_text()) {
            self.overlays.pop();
        }
    }

    fn handle_offer(&mut self, model: &Model, key: &KeyEvent) -> Option<Vec<Action>> {
        match self.burst.offered(key, model.now) {
            Offered::GoesOn => Some(self.say_words(model)),
            Offered::Taken(words) => {
                self.focus_on(Pane::PROMPT);
                let before = self.prompt.text();
                let joint = before.chars().next_back().is_some_and(|last| !last.is_whitespace());
                let mut actions =
                    self.paste_words(&format!("{}{words}", if joint { " " } else { "" }));
                actions.extend(Self::say("text moved to the prompt: Enter sends it"));
                Some(actions)
            }
            Offered::Forgotten => Some(Self::say("text dropped")),
            Offered::Over => None,
        }
    }

    /// What is seen before the first letter of a burst.
    fn remember(&mut self, model: &Model) {
        if !self.burst.is_over(model.now) {
            return;
        }
        self.held.before = Some(Before {
            picture: model.current,
            draft: model.draft.clone(),
            focus: self.focus,
            full: self.screen.full,
            comparing: self.comparing.clone(),
            zoom: self.zoom,
            marked: (self.panes.tree.marked.clone(), self.panes.queue.marked.clone()),
            overlays: self.overlays.len(),
            in_pane: matches!(self.mode, Mode::Pane),
        });
    }

    /// Letters that were words after all have moved nothing.
    fn take_back(&mut self, model: &Model) -> Vec<Action> {
        let Some(before) = self.held.before.take() else { return Vec::new() };
        (self.focus, self.comparing, self.zoom) = (before.focus, before.comparing, before.zoom);
        self.screen.full = before.full;
        (self.panes.tree.marked, self.panes.queue.marked) = before.marked;
        self.overlays.truncate(before.overlays);
        if before.in_pane {
            self.mode = Mode::Pane;
        }
        let back = before.picture.filter(|_| before.picture != model.current);
        let back = back.map(|picture| Action::Tree(TreeAction::Show(picture)));
        let run = model.composer.run.clone();
        let draft = (before.draft != model.draft).then(|| Box::new(before.draft));
        let draft = draft.map(|draft| Action::Draft(DraftAction::Compose { draft, run }));
        back.into_iter().chain(draft).collect()
    }

    fn say_words(&mut self, model: &Model) -> Vec<Action> {
        let mut actions = self.take_back(model);
        // Where Enter moves it comes first, and is whole.
        let room = usize::from(self.screen.area.width).saturating_sub(AROUND).min(TOLD);
        let tail = cut_front(self.burst.text().trim(), room);
        let enter = show("enter");
        let said = format!("looks like text: {enter} moves it to the prompt");
        let notice = Notice::new(Tone::Warning, said);
        let notice = notice.hint(match tail.chars().count() {
            0..4 => "Esc drops it".to_owned(),
            _ => format!("Esc drops `{tail}`"),
        });
        actions.push(Action::Session(SessionAction::Say(notice)));
        actions
    }
}
