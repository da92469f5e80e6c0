//! Keys to actions: overlays first, then what is being typed, then the table.

use std::any::Any;

use crossterm::event::{KeyCode, KeyEvent};

use super::Ui;
use super::cells::pasted_line;
use super::compare::Compare;
use super::input::Input;
use super::keys::table::Command;
use super::keys::{FOREIGN, chord, letter, show};
use super::overlay::input::Input as Line;
use super::overlay::{Overlay, OverlayAction, OverlayResult};
use super::pane::Pane;
use super::panes::form;
use super::prompt;
use crate::app::action::{Action, Purpose};
use crate::app::draft::Seed;
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::kind::Kind;

mod command;
mod healing;
mod marks;
mod open;
pub(super) mod paths;
mod picture;
mod pointer;
mod recall;
mod references;
mod region;
mod sheet;
pub mod typed_text;

impl Ui {
    /// What the input means; changes only what is the screen's own.
    pub fn on_input(&mut self, model: &Model, input: Input) -> Vec<Action> {
        match input {
            Input::Key(key) => self.handle_key(model, key),
            Input::Paste(_) if model.confirmation.is_some() => {
                Self::say("a pasted word is no consent: type it")
            }
            Input::Paste(text) => self.paste(&text),
            Input::Resize(columns, rows) => {
                self.resize(columns, rows);
                vec![Action::Redraw]
            }
            Input::Mouse(mouse) => self.handle_mouse(model, mouse),
            Input::Focus(_) => Vec::new(),
        }
    }

    fn handle_key(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        let Some(pressed) = chord(&key) else {
            return Vec::new();
        };
        if pressed == "ctrl-c" {
            self.burst.let_go();
            return vec![Action::Quit];
        }
        if key.modifiers.intersects(FOREIGN) {
            return self.handle_foreign(model, &pressed);
        }
        if let Some(asked) = &model.confirmation {
            let answer = self.answer.on_key(asked, &key, self.area, model.now);
            return answer.map(Action::Answer).into_iter().collect();
        }
        if let Some(actions) = self.watch(model, &key, &pressed) {
            return actions;
        }
        if !self.overlays.is_empty() {
            return self.handle_overlay(model, key, &pressed);
        }
        if self.typing.is_some() {
            return self.type_value(model, key);
        }
        if self.region.is_some() {
            return self.handle_box(&pressed);
        }
        if self.healing.is_some() {
            return self.handle_healing(&pressed);
        }
        if let Some(first) = self.prefix.take() {
            let both = format!("{first} {pressed}");
            return match self.keymap.find(&both, self.focus, self.in_prompt()) {
                Some(command) => self.perform(model, command),
                None => self.refuse(&both),
            };
        }
        if self.one_shot {
            return self.handle_one(model, key, &pressed);
        }
        match (self.sheet.is_some(), self.in_prompt()) {
            (true, _) => match self.keymap.find_on_sheet(&pressed) {
                Some(command) => self.perform(model, command),
                None => self.refuse(&pressed),
            },
            (false, true) => self.handle_words(model, key, &pressed),
            (false, false) => self.handle_normal(model, key, &pressed),
        }
    }

    /// A key for what is on top.
    fn handle_overlay(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        let Some(overlay) = self.overlays.last_mut() else {
            return Vec::new();
        };
        if overlay.context().is_some() {
            return self.handle_references(model, pressed);
        }
        match overlay.on_key(key) {
            OverlayResult::Keep => Vec::new(),
            OverlayResult::Close => {
                self.overlays.pop();
                Vec::new()
            }
            OverlayResult::Emit(action) => {
                self.opens(std::slice::from_ref(&action));
                vec![action]
            }
            OverlayResult::Accept(chosen) => {
                self.overlays.pop();
                self.choose(model, chosen)
            }
        }
    }

    /// A key of the desktop's, such as Cmd on a Mac: what the config file says, or nothing. It is
    /// never the letter that it is pressed with.
    fn handle_foreign(&mut self, model: &Model, pressed: &str) -> Vec<Action> {
        (self.prefix, self.one_shot) = (None, false);
        let is_covered = model.confirmation.is_some()
            || !self.overlays.is_empty()
            || self.typing.is_some()
            || self.region.is_some()
            || self.healing.is_some();
        let command = match (is_covered, self.sheet.is_some()) {
            (true, _) => None,
            (false, true) => self.keymap.find_on_sheet(pressed),
            (false, false) => self.keymap.find(pressed, self.focus, self.in_prompt()),
        };
        match command {
            Some(command) => self.perform(model, command),
            None => self.refuse(pressed),
        }
    }

    /// One key of normal mode, with the count before it.
    fn handle_one(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if let KeyCode::Char('0'..='9') = key.code {
            self.count_digit(&key);
            return Vec::new();
        }
        self.one_shot = false;
        match self.keymap.find(pressed, Pane::Canvas, false) {
            Some(Command::Close | Command::Leave | Command::Insert) => Vec::new(),
            Some(command) => self.perform(model, command),
            None => self.refuse(pressed),
        }
    }

    fn handle_words(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if self.keymap.is_prefix(pressed) {
            self.prefix = Some(pressed.to_owned());
            return Vec::new();
        }
        if let Some(command) = self.keymap.find(pressed, Pane::Prompt, true) {
            return self.perform(model, command);
        }
        match key.code {
            KeyCode::Up if self.prompt.is_at_top() => return self.recall(model, true),
            KeyCode::Down if self.prompt.is_at_bottom() => return self.recall(model, false),
            _ => {}
        }
        if !self.prompt.edit(&key) {
            return self.refuse(pressed);
        }
        self.words()
    }

    /// The model learns what the prompt now reads.
    fn words(&mut self) -> Vec<Action> {
        vec![Action::SetPrompt(self.prompt.text())]
    }

    fn handle_normal(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        let is_digit = matches!(key.code, KeyCode::Char('0'..='9')) && key.modifiers.is_empty();
        let begins_nothing = pressed == "0" && self.count.is_none();
        if is_digit && self.focus == Pane::Form {
            self.typing = Some(pressed.to_owned());
            return Vec::new();
        }
        if is_digit && !begins_nothing {
            self.count_digit(&key);
            return Vec::new();
        }
        if let Some(actions) = self.pan(&key) {
            return actions;
        }
        match self.keymap.find(pressed, self.focus, false) {
            Some(command) => self.perform(model, command),
            None => self.refuse(pressed),
        }
    }

    fn count_digit(&mut self, key: &KeyEvent) {
        if let KeyCode::Char(digit) = key.code {
            let digit = u16::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0);
            let count = self.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
            self.count = Some(count.min(999));
        }
    }

    /// Arrows move the line of a wipe, or the part that is seen of a zoomed picture.
    fn pan(&mut self, key: &KeyEvent) -> Option<Vec<Action>> {
        if self.focus == Pane::Canvas && self.compare == Compare::Wipe && self.zoom.level == 0 {
            match key.code {
                KeyCode::Left => self.wipe = self.wipe.saturating_sub(1),
                KeyCode::Right => self.wipe = (self.wipe + 1).min(16),
                _ => return None,
            }
            return Some(Vec::new());
        }
        if self.focus != Pane::Canvas || self.zoom.level == 0 {
            return None;
        }
        match key.code {
            KeyCode::Left => self.zoom.x -= 2,
            KeyCode::Right => self.zoom.x += 2,
            KeyCode::Up => self.zoom.y -= 2,
            KeyCode::Down => self.zoom.y += 2,
            _ => return None,
        }
        let most = 8 << self.zoom.level.min(5);
        self.zoom.x = self.zoom.x.clamp(-most, most);
        self.zoom.y = self.zoom.y.clamp(-most, most);
        Some(Vec::new())
    }

    fn refuse(&mut self, pressed: &str) -> Vec<Action> {
        self.count = None;
        let text = format!("{} does nothing here", show(pressed));
        vec![Action::Say(
            Notice::new(Tone::Info, text).hint(Hint::to(CommandId::Help, "show the keys")),
        )]
    }

    /// What is typed after a picture was opened is what to change about it, not commands.
    fn opens(&mut self, actions: &[Action]) {
        let opens = |action: &Action| match action {
            Action::AddFiles { purpose, .. } => *purpose == Purpose::Parent,
            _ => false,
        };
        if actions.iter().any(opens) {
            self.focus_on(Pane::Prompt);
        }
    }

    /// Whatever was on top before stays below it.
    fn put_on_top(&mut self, overlay: impl Overlay) -> Vec<Action> {
        self.overlays.push(Box::new(overlay));
        Vec::new()
    }

    /// The overlay on top, if it is one of these.
    fn top<T: Overlay>(&mut self) -> Option<&mut T> {
        let top: &mut dyn Any = self.overlays.last_mut()?.as_mut();
        top.downcast_mut()
    }

    fn say(text: &str) -> Vec<Action> {
        vec![Action::Say(Notice::new(Tone::Info, text))]
    }

    fn paste(&mut self, text: &str) -> Vec<Action> {
        if let Some(overlay) = self.overlays.last_mut() {
            return match overlay.on_paste(text) {
                OverlayResult::Emit(action) => vec![action],
                OverlayResult::Keep | OverlayResult::Close | OverlayResult::Accept(_) => Vec::new(),
            };
        }
        if let Some(typing) = &mut self.typing {
            typing.push_str(&pasted_line(text));
            return Vec::new();
        }
        (self.prefix, self.one_shot) = (None, false);
        if let Some(paths) = paths::picture_paths(text) {
            self.focus_on(Pane::Prompt);
            return vec![Action::AddFiles { paths, purpose: Purpose::References }];
        }
        self.focus_on(Pane::Prompt);
        self.paste_words(text)
    }

    /// Into the prompt, or why not.
    fn paste_words(&mut self, text: &str) -> Vec<Action> {
        if self.prompt.paste(text) {
            return self.words();
        }
        let most = prompt::LONGEST >> 10;
        Self::say(&format!("too long for a prompt, nothing was pasted: at most {most} KiB"))
    }

    fn choose(&mut self, model: &Model, chosen: OverlayAction) -> Vec<Action> {
        match chosen {
            OverlayAction::Command(command) => self.perform(model, command),
            OverlayAction::Actions(actions) => {
                self.opens(&actions);
                actions
            }
            OverlayAction::Recall(words) => {
                self.focus_on(Pane::Prompt);
                self.take_up(model, &words)
            }
            OverlayAction::Reworded(words) => {
                self.focus_on(Pane::Prompt);
                self.prompt.replace(&words);
                self.words()
            }
            OverlayAction::Input(what) => {
                let title = "STEP:WHAT[@PERCENT][*TIMES], such as status:drop*3";
                self.put_on_top(Line::new(title, what, String::new()))
            }
            OverlayAction::CommandWithText(command, words) => match self.line_of(model, command) {
                Some((_, line, _)) => self.choose(model, line.chosen(&words)),
                None => self.perform(model, command),
            },
            OverlayAction::Snippet(text) => {
                self.focus_on(Pane::Prompt);
                let actions = self.paste_words(&text);
                self.slots = self.prompt.select_slot();
                actions
            }
            OverlayAction::Found { text, picture } => {
                self.filter = Some(text);
                vec![Action::Show(picture)]
            }
        }
    }

    fn type_value(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        let Some(typed) = &mut self.typing else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Esc => self.typing = None,
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Enter => {
                let typed = std::mem::take(typed);
                self.typing = None;
                return self.keep_value(model, &typed);
            }
            _ => typed.extend(letter(&key)),
        }
        Vec::new()
    }

    fn keep_value(&mut self, model: &Model, typed: &str) -> Vec<Action> {
        let fields = form::fields(model);
        let Some(param) = fields.get(self.selected_field) else {
            return Vec::new();
        };
        match param.parse(typed) {
            Ok(value) if matches!(param.kind, Kind::Seed) => {
                vec![Action::SetSeed(value.as_u64().map_or(Seed::Random, Seed::Fixed))]
            }
            Ok(value) => vec![Action::Set { name: param.name.clone(), value: Some(value) }],
            Err(problem) => {
                let notice = Notice::new(Tone::Warning, format!("{}: {problem}", param.label));
                vec![Action::Say(notice)]
            }
        }
    }

    fn focus_on(&mut self, pane: Pane) {
        if [Pane::Form, Pane::Tree, Pane::Queue, Pane::Log].contains(&pane) {
            self.layout_options.side_pane = Some(pane);
        }
        self.focus = pane;
        self.normal = false;
        self.typing = None;
        (self.sheet, self.region, self.healing) = (None, None, None);
    }

    fn step_pane(&mut self, by: isize) {
        let at = Pane::ALL.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let count = Pane::ALL.len();
        let next = at.saturating_add_signed(by + count as isize) % count;
        if let Some(pane) = Pane::ALL.get(next) {
            self.focus_on(*pane);
        }
    }
}
