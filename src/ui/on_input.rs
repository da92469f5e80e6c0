//! Keys to actions: overlays first, then the mode, then the table of keys.

use std::any::Any;
use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Ui;
use super::chord::{FOREIGN, chord, show};
use super::command::{Args, CommandRow};
use super::compare::{Compare, Zoom};
use super::input::Input;
use super::latin_keys;
use super::mode::{KeyContext, Mode};
use super::overlay::commands::keys_of;
use super::overlay::input::{Input as Question, InputSpec};
use super::overlay::list::List;
use super::overlay::picker::Item;
use super::overlay::{Overlay, OverlayAction, OverlayResult};
use super::pane::Pane;
use super::panes::{self, form};
use super::prompt;
use crate::app::action::{Action, DraftAction, Purpose, QueueAction, SessionAction, TreeAction};
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::suggest::slips;
use crate::tree;

pub(super) mod lone_word;
pub(super) mod paths;
mod pointer;
pub(super) mod recall;
pub mod typed_text;

impl Ui {
    /// Turns input into actions; changes only the state of the screen.
    pub fn on_input(&mut self, model: &Model, input: Input) -> Vec<Action> {
        match input {
            Input::Key(key) => self.handle_key(model, key),
            Input::Paste(_) if model.money.confirmation.is_some() => {
                Self::say("type the answer: pasted text does not confirm")
            }
            Input::Paste(text) => self.paste(&text),
            Input::Resize(columns, rows) => {
                self.resize(columns, rows);
                vec![Action::Session(SessionAction::Redraw)]
            }
            Input::Mouse(mouse) => self.handle_mouse(model, mouse),
            Input::Focus(_) => Vec::new(),
        }
    }

    fn handle_key(&mut self, model: &Model, typed: KeyEvent) -> Vec<Action> {
        let key = self.as_command(model, typed);
        let Some(pressed) = chord(&key) else {
            return Vec::new();
        };
        if pressed == "ctrl-c" {
            self.burst.let_go();
            return vec![Action::Session(SessionAction::Quit)];
        }
        // Whatever a key does would not be seen, and letters after `Esc` would be no text.
        if self.screen.is_too_small() {
            self.burst.let_go();
            return Self::say("the window was too small: nothing was done; Ctrl-C quits");
        }
        if key.modifiers.intersects(FOREIGN) {
            return self.handle_foreign(model, &pressed);
        }
        if let Some(asked) = &model.money.confirmation {
            let answer = self.answer.on_key(asked, &key, model.now);
            if answer.is_none() && pressed == "enter" {
                let how = match asked.required_answer() {
                    "y" => "y sends".to_owned(),
                    word => format!("{word} and Enter sends"),
                };
                return Self::say(&format!("Enter alone sends nothing: {how}, Esc cancels"));
            }
            return answer.map(|it| Action::Queue(QueueAction::Answer(it))).into_iter().collect();
        }
        if let Some(actions) = self.watch(model, &typed, &pressed) {
            return actions;
        }
        if !self.overlays.is_empty() {
            return self.handle_overlay(model, key, &pressed);
        }
        match &self.mode {
            Mode::Pane if self.in_prompt() => self.handle_text(model, key, &pressed),
            Mode::Pane => self.handle_normal(model, key, &pressed),
            Mode::Prefix(first) => {
                let both = format!("{first} {pressed}");
                self.mode = Mode::Pane;
                self.perform_key(model, &both, self.context())
            }
            Mode::OneShot => self.handle_one(model, key, &pressed),
            Mode::EditField(_) => self.type_value(model, key),
            Mode::Region(_) | Mode::Heal(_) => self.handle_alone(model, key, &pressed),
            Mode::Sheet(_) => self.perform_key(model, &pressed, self.context()),
        }
    }

    /// On a keyboard without Latin letters the place of the key is meant, but where it types. A chord
    /// that the config file gives to the letter itself goes first.
    fn as_command(&self, model: &Model, typed: KeyEvent) -> KeyEvent {
        let KeyCode::Char(letter) = typed.code else { return typed };
        let Some(latin) = latin_keys::latin(letter) else { return typed };
        let key = KeyEvent { code: KeyCode::Char(latin), ..typed };
        let means = |key: &KeyEvent| {
            chord(key).is_some_and(|pressed| self.keymap.find(&pressed, self.context()).is_some())
        };
        let is_text = model.money.confirmation.is_some()
            || self.overlays.last().is_some_and(|overlay| overlay.takes_text())
            || matches!(self.mode, Mode::EditField(_))
            || (self.overlays.is_empty() && self.in_prompt() && matches!(self.mode, Mode::Pane));
        let is_chord = typed.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL);
        // Motions of the prompt are in no table.
        let is_meant = !is_text || (is_chord && (means(&key) || matches!(latin, 'b' | 'd' | 'f')));
        if is_meant && !means(&typed) { key } else { typed }
    }

    /// A key for the top overlay.
    pub(super) fn handle_overlay(
        &mut self,
        model: &Model,
        key: KeyEvent,
        pressed: &str,
    ) -> Vec<Action> {
        let Some(overlay) = self.overlays.last_mut() else {
            return Vec::new();
        };
        let context = overlay.context();
        match (overlay.on_key(key), context) {
            (OverlayResult::Keep, Some(context)) => self.perform_key(model, pressed, context),
            (result, _) => self.take_result(model, result),
        }
    }

    /// What the top overlay has made of a key.
    pub(super) fn take_result(&mut self, model: &Model, result: OverlayResult) -> Vec<Action> {
        match result {
            OverlayResult::Keep => Vec::new(),
            OverlayResult::Close => {
                self.overlays.pop();
                Vec::new()
            }
            OverlayResult::Emit(action) => vec![action],
            OverlayResult::Accept(chosen) => {
                self.overlays.pop();
                self.choose(model, chosen)
            }
        }
    }

    /// Runs the command of the key in this context, or says that there is none.
    fn perform_key(&mut self, model: &Model, pressed: &str, here: KeyContext) -> Vec<Action> {
        match self.keymap.find(pressed, here) {
            Some(row) => self.perform(model, row, None),
            None => self.refuse(pressed),
        }
    }

    /// Runs a command with the count typed before it.
    fn perform(
        &mut self,
        model: &Model,
        row: &'static CommandRow,
        text: Option<String>,
    ) -> Vec<Action> {
        let args = Args { count: self.count.take(), text };
        let only_leads = matches!(
            row.name,
            "command" | "filter" | "insert" | "panes" | "menu" | "help" | "keys"
        );
        if args.count.is_some() && !row.takes_count && !only_leads {
            return Self::say(&format!("`{}` takes no number; nothing was done", row.name));
        }
        (row.run)(self, model, args)
    }

    /// A key of the desktop's, such as Cmd on a Mac: what the config file says, or nothing. It is
    /// never the letter that it is pressed with.
    fn handle_foreign(&mut self, model: &Model, pressed: &str) -> Vec<Action> {
        let is_covered = model.money.confirmation.is_some() || !self.overlays.is_empty();
        match &self.mode {
            Mode::EditField(_) | Mode::Region(_) | Mode::Heal(_) => return self.refuse(pressed),
            Mode::OneShot | Mode::Prefix(_) => self.mode = Mode::Pane,
            Mode::Pane | Mode::Sheet(_) => {}
        }
        match is_covered {
            true => self.refuse(pressed),
            false => self.perform_key(model, pressed, self.context()),
        }
    }

    /// One key of normal mode, with the count before it.
    fn handle_one(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if self.counts(&key) {
            return Vec::new();
        }
        let here = self.context();
        self.mode = Mode::Pane;
        match self.keymap.find(pressed, here) {
            Some(row) if ["close", "leave", "insert"].contains(&row.name) => Vec::new(),
            Some(row) => self.perform(model, row, None),
            None => self.refuse(pressed),
        }
    }

    /// While a box is placed or healing is tried every key is for it, before all else.
    fn handle_alone(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        let here = self.context();
        if let Some(own) = self.keymap.find(pressed, here) {
            return self.perform(model, own, None);
        }
        if matches!(pressed, "f1" | "?") {
            return self.put_on_top(keys_of(here, self.keymap.lines_of(here)));
        }
        let counts = matches!(self.mode, Mode::Region(_));
        if counts && self.counts(&key) {
            return Vec::new();
        }
        let general = self.keymap.find(pressed, KeyContext::Normal);
        match general.filter(|row| row.works_in_modes) {
            Some(row) => self.perform(model, row, None),
            None => self.refuse(pressed),
        }
    }

    fn handle_text(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if self.keymap.is_prefix(pressed) {
            self.mode = Mode::Prefix(pressed.to_owned());
            return Vec::new();
        }
        if let Some(row) = self.keymap.find(pressed, KeyContext::Prompt) {
            return self.perform(model, row, None);
        }
        match key.code {
            KeyCode::Up if self.prompt.is_at_top() => return self.recall_prompt(model, true),
            KeyCode::Down if self.prompt.is_at_bottom() => return self.recall_prompt(model, false),
            _ => {}
        }
        if !self.prompt.edit(&key) {
            return self.refuse(pressed);
        }
        self.words()
    }

    /// The model learns what the prompt now reads.
    pub(super) fn words(&mut self) -> Vec<Action> {
        vec![Action::Draft(DraftAction::SetPrompt(self.prompt.text()))]
    }

    fn handle_normal(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if let Some(actions) = (panes::spec(self.focus).on_key)(self, &key) {
            return actions;
        }
        let begins_nothing = pressed == "0" && self.count.is_none();
        if key.modifiers.is_empty() && !begins_nothing && self.counts(&key) {
            return Vec::new();
        }
        self.perform_key(model, pressed, self.context())
    }

    /// A digit goes into the count before the next command.
    fn counts(&mut self, key: &KeyEvent) -> bool {
        let KeyCode::Char(digit @ '0'..='9') = key.code else {
            return false;
        };
        let digit = u16::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0);
        let count = self.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
        self.count = Some(count);
        true
    }

    fn refuse(&mut self, pressed: &str) -> Vec<Action> {
        self.count = None;
        let instead = self.instead_of(pressed).map_or(String::new(), |it| format!(": {it}"));
        let text = format!("{} does nothing here{instead}", show(pressed));
        vec![Action::Session(SessionAction::Say(
            Notice::new(Tone::Info, text).hint(Hint::to(CommandId::Help, "show the keys")),
        ))]
    }

    /// Opens an overlay above those that are open.
    pub(super) fn put_on_top(&mut self, overlay: impl Overlay) -> Vec<Action> {
        self.overlays.push(Box::new(overlay));
        self.by_lines.opened += 1;
        Vec::new()
    }

    /// The top overlay, if it has this type.
    pub(super) fn top<T: Overlay>(&mut self) -> Option<&mut T> {
        let top: &mut dyn Any = self.overlays.last_mut()?.as_mut();
        top.downcast_mut()
    }

    pub(super) fn say(text: &str) -> Vec<Action> {
        vec![Action::Session(SessionAction::Say(Notice::new(Tone::Info, text)))]
    }

    fn paste(&mut self, text: &str) -> Vec<Action> {
        if let Some(overlay) = self.overlays.last_mut() {
            return match overlay.on_paste(text) {
                OverlayResult::Emit(action) => vec![action],
                OverlayResult::Keep | OverlayResult::Close | OverlayResult::Accept(_) => Vec::new(),
            };
        }
        match &mut self.mode {
            Mode::EditField(line) => {
                line.paste(text);
                return Vec::new();
            }
            Mode::OneShot | Mode::Prefix(_) => self.mode = Mode::Pane,
            Mode::Pane | Mode::Region(_) | Mode::Heal(_) | Mode::Sheet(_) => {}
        }
        self.focus_on(Pane::PROMPT);
        if let Some(places) = paths::pictures(text) {
            return add_references(places);
        }
        self.paste_words(text)
    }

    /// Pastes into the prompt, or says why not.
    fn paste_words(&mut self, text: &str) -> Vec<Action> {
        if self.prompt.paste(text) {
            return self.words();
        }
        let most = prompt::LONGEST >> 10;
        Self::say(&format!("not pasted: a prompt is at most {most} KiB"))
    }

    pub(super) fn choose(&mut self, model: &Model, chosen: OverlayAction) -> Vec<Action> {
        match chosen {
            OverlayAction::Command(row) => self.perform(model, row, None),
            OverlayAction::Actions(actions) => actions,
            OverlayAction::Recall(words) => {
                self.focus_on(Pane::PROMPT);
                self.take_up(model, &words)
            }
            OverlayAction::Reworded(words) => {
                self.focus_on(Pane::PROMPT);
                self.prompt.replace(&words);
                self.words()
            }
            OverlayAction::Ask(spec) => self.ask(model, spec, Args::default()),
            OverlayAction::CommandWithText(row, text) => self.perform(model, row, Some(text)),
            OverlayAction::CommandWithCount(row, count) => {
                self.count = Some(count);
                self.perform(model, row, None)
            }
            OverlayAction::Snippet(text) => {
                self.focus_on(Pane::PROMPT);
                let actions = self.paste_words(&text);
                self.recall.slots = self.prompt.select_slot();
                actions
            }
            OverlayAction::Found { text, picture } => {
                self.panes.tree.filter = Some(text);
                vec![Action::Tree(TreeAction::Show(picture))]
            }
        }
    }

    /// Uses the text after the command's name, else opens a text input.
    pub(super) fn ask(
        &mut self,
        model: &Model,
        spec: &'static InputSpec,
        args: Args,
    ) -> Vec<Action> {
        let Some(initial) = (spec.initial)(model) else {
            return Self::say("no picture selected");
        };
        match args.text {
            Some(text) => spec.accept(model.current, &text),
            None => self.put_on_top(Question::new(spec, model.current, initial)),
        }
    }

    /// Takes the choice whose name follows the command's, else offers all.
    pub(super) fn choose_by_name(
        &mut self,
        title: &str,
        choices: Vec<(Item, Vec<Action>)>,
        args: Args,
    ) -> Vec<Action> {
        let Some(name) = args.text else {
            let row = |(item, actions)| (item, OverlayAction::Actions(actions));
            let list = List::new(title, choices.into_iter().map(row).collect());
            return self.put_on_top(list.with_names());
        };
        let is_it = |(item, _): &(Item, _)| item.name() == name;
        if let Some((_, actions)) = choices.iter().find(|choice| is_it(choice)) {
            return actions.clone();
        }
        let names = || choices.iter().map(|(item, _)| item.name());
        let near: BTreeSet<&str> = names().filter(|other| other.contains(name.as_str())).collect();
        let nearest = names().min_by_key(|other| slips(&name, other));
        let near = if near.is_empty() { nearest.into_iter().collect() } else { near };
        let near: Vec<String> = near.into_iter().map(|near| format!("`{near}`")).collect();
        Self::say(&format!("{title}: no `{name}`; did you mean {}?", near.join(" or ")))
    }

    fn type_value(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        let Mode::EditField(line) = &mut self.mode else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Esc => self.mode = Mode::Pane,
            KeyCode::Enter => {
                let typed = line.text().to_owned();
                return form::accept(self, model, &typed);
            }
            _ => drop(line.on_key(&key)),
        }
        Vec::new()
    }

    /// Also ends any mode.
    pub(super) fn focus_on(&mut self, pane: Pane) {
        self.focus = pane;
        self.mode = Mode::Pane;
    }

    pub(super) fn go_to(&mut self, pane: Pane) -> Vec<Action> {
        self.focus_on(pane);
        Vec::new()
    }

    pub(super) fn leave_mode(&mut self) -> Vec<Action> {
        self.mode = Mode::Pane;
        Vec::new()
    }

    pub(super) fn close_sheet(&mut self) {
        if let Mode::Sheet(_) = self.mode {
            self.mode = Mode::Pane;
        }
    }

    pub(super) fn step_pane(&mut self, by: isize) -> Vec<Action> {
        let at = panes::ALL.iter().position(|pane| pane.id == self.focus).unwrap_or(0);
        let count = panes::ALL.len();
        let next = at.saturating_add_signed(by + count as isize) % count;
        panes::ALL.get(next).map_or_else(Vec::new, |pane| self.go_to(pane.id))
    }

    /// What closing ends, in words for the footer; none: there is nothing on top.
    pub(super) fn closes(&self) -> Option<&'static str> {
        let is_marked = !self.panes.tree.marked.is_empty() || !self.panes.queue.marked.is_empty();
        let is_compared = self.comparing.mode != Compare::Off || self.comparing.asked.is_some();
        // In the order in which they are closed.
        let on_top = [
            (self.sheet().is_some(), "close sheet"),
            (self.screen.full.is_some(), "back"),
            (is_compared && self.panes.sheet.is_some(), "back to the sheet"),
            (is_compared, "end compare"),
            (is_marked, "unmark"),
            (self.panes.tree.filter.is_some(), "end search"),
            (self.zoom != Zoom::default(), "unzoom"),
        ];
        on_top.into_iter().find(|(is_it, _)| *is_it).map(|(_, words)| words)
    }

    /// Closes the top view; returns whether there was one.
    pub(super) fn close(&mut self) -> bool {
        if self.screen.full.take().is_some() {
            return true;
        }
        if self.comparing.mode != Compare::Off || self.comparing.asked.is_some() {
            super::command::compare::end(self);
            return true;
        }
        let (nodes, jobs) = (&mut self.panes.tree.marked, &mut self.panes.queue.marked);
        if !nodes.is_empty() || !jobs.is_empty() {
            (*nodes, *jobs) = Default::default();
            return true;
        }
        self.panes.tree.filter.take().is_some() || std::mem::take(&mut self.zoom) != Zoom::default()
    }
}

/// Files are opened together; an address needs no opening.
fn add_references(places: Vec<paths::Place>) -> Vec<Action> {
    let (mut paths, mut actions) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            paths::Place::File(path) => paths.push(path),
            paths::Place::Address(url) => {
                actions.push(Action::Draft(DraftAction::AddReference(tree::Input::Url(url))));
            }
        }
    }
    if !paths.is_empty() {
        let purpose = Purpose::References;
        actions.push(Action::Draft(DraftAction::AddFiles { paths, purpose }));
    }
    actions
}
