//! What a line means where there is no screen: an answer, a command, or a prompt.
//!
//! Invariant: only a line of exactly the word that was asked for sends what was asked about, and
//! only if it was read after the question was told; several lines at once send nothing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::action::{Action, DraftAction, QueueAction, SessionAction};
use crate::app::job::{Job, State};
use crate::app::model::Model;
use crate::app::money::confirmation::Confirmation;
use crate::ui::Ui;
use crate::ui::mode::Mode;
use crate::ui::overlay::commands::Commands;
use crate::ui::overlay::text_view::TextView;
use crate::ui::overlay::{Overlay as _, OverlayResult};

/// What only the screen can do, and the line that does the same, where there is one.
const SCREEN_ONLY: [(&str, &str); 32] = [
    ("canvas", ":about tells of the picture"),
    ("queue", "`editree jobs` in a shell lists the requests"),
    ("log", ":messages tells what was said"),
    ("parameters", ":set NAME VALUE changes one"),
    ("type-value", ":set NAME VALUE changes one"),
    ("prompt", "a line is the prompt"),
    ("insert", "a line is the prompt"),
    ("normal", "a line that begins with : is a command"),
    ("one-normal", "a line that begins with : is a command"),
    ("newline", "lines that are pasted together are one prompt"),
    ("sheet", ":tree lists the pictures"),
    ("try-heal", ":heal heals at once"),
    ("cue", ""),
    ("crop", ""),
    ("panes", ""),
    ("next-pane", ""),
    ("previous-pane", ""),
    ("full-screen", ""),
    ("larger", ""),
    ("smaller", ""),
    ("mouse", ""),
    ("zoom-in", ""),
    ("zoom-out", ""),
    ("fit", ""),
    ("one-to-one", ""),
    ("exact", ""),
    ("align", ""),
    ("page-down", ""),
    ("page-up", ""),
    ("half-page-down", ""),
    ("half-page-up", ""),
    ("redraw", ""),
];

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Several: they came too close to each other for a person, who has pasted them.
    pub lines: Vec<String>,
    /// They were read before what is asked was told.
    pub is_early: bool,
}

/// Words no longer than this were an answer, and are no loss.
const ANSWER: usize = 3;

impl Ui {
    /// What was typed means, in turn: the answer to a question, to what is on top, a command, a
    /// prompt.
    pub fn on_lines(&mut self, model: &Model, typed: &Lines) -> Vec<Action> {
        let words = typed.lines.join("\n");
        let words = words.trim();
        let is_paste = typed.lines.len() > 1 && !words.is_empty();
        // What begins so answers nothing.
        let command = words.strip_prefix(':').filter(|_| !is_paste).map(str::trim);
        if let Some(asked) = &model.money.confirmation {
            return match command {
                _ if is_paste || typed.is_early => came_early(model, asked, words),
                Some(command) => {
                    let mut actions = vec![Action::Queue(QueueAction::Answer(false))];
                    actions.extend(self.run_instead(model, command));
                    actions
                }
                None => answer(model, asked, words),
            };
        }
        if is_paste {
            return self.take_paste(model, words, typed.lines.len());
        }
        if let Some(command) = command {
            return self.run_instead(model, command);
        }
        if let Some(top) = self.overlays.last() {
            return match words {
                "" => self.handle_overlay(model, press(KeyCode::Esc), "esc"),
                _ if top.takes_text() => self.type_on_top(model, words),
                _ => self.press_on_top(model, words, typed.is_early),
            };
        }
        if words.is_empty() {
            return Vec::new();
        }
        if self.by_lines.adds && model.draft.is_pinned() {
            let mut actions = vec![set(format!("{}\n{words}", model.draft.prompt))];
            actions.extend(Self::say("added to what was pasted; :run sends it"));
            return actions;
        }
        let mut actions: Vec<Action> = told_last(model).into_iter().collect();
        actions.extend(put(model, words));
        actions.push(self.send_words(model, words));
        actions
    }

    /// Nobody answers any more, and nobody waits for what cannot leave.
    pub fn on_end_of_input(&self, model: &Model) -> Vec<Action> {
        let asked = model.money.confirmation.as_ref();
        let no = asked.map(|_| Action::Queue(QueueAction::Answer(false)));
        let is_stopped = model.queue.is_paused || model.session.offline_since.is_some();
        let stays = |job: &&Job| {
            let waits = job.owned && job.durable && job.state == State::Saved;
            waits && (is_stopped || job.why.is_some())
        };
        let held = model.jobs.values().filter(stays);
        no.into_iter().chain(held.map(|job| Action::Queue(QueueAction::Hold(job.id)))).collect()
    }

    /// As on the screen, what is pasted is not sent. The end of its last line may come with `Enter`,
    /// so that what follows belongs to it.
    fn take_paste(&mut self, model: &Model, words: &str, count: usize) -> Vec<Action> {
        let is_more = self.by_lines.adds && model.draft.is_pinned();
        self.by_lines.adds = true;
        let mut actions = match is_more {
            true => vec![set(format!("{}\n{words}", model.draft.prompt))],
            false => put(model, words),
        };
        let told = format!("pasted: {count} lines are in the prompt; :run sends it");
        actions.extend(Self::say(&told));
        actions
    }

    /// The line as if it were typed there, and Enter.
    fn type_on_top(&mut self, model: &Model, line: &str) -> Vec<Action> {
        let open = self.overlays.len();
        let replaced = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        let keys = [replaced]
            .into_iter()
            .chain(line.chars().map(|letter| press(KeyCode::Char(letter))))
            .chain([press(KeyCode::Enter)]);
        let mut actions = Vec::new();
        for key in keys {
            let context = self.overlays.last().and_then(|top| top.context());
            if self.overlays.len() != open || !actions.is_empty() || context.is_some() {
                break;
            }
            let pressed = crate::ui::chord::chord(&key).unwrap_or_default();
            actions.extend(self.handle_overlay(model, key, &pressed));
        }
        actions
    }

    /// Letters act here: a line of exactly one is that key, anything else closes it.
    fn press_on_top(&mut self, model: &Model, line: &str, is_early: bool) -> Vec<Action> {
        let mut letters = line.chars();
        let letter = match (letters.next(), letters.next()) {
            (Some(letter), None) if !is_early => Some(letter),
            _ => None,
        };
        let top = self.overlays.last_mut().filter(|top| top.context().is_none());
        let key = letter.map(|letter| press(KeyCode::Char(letter)));
        let result = top.zip(key).map(|(top, key)| top.on_key(key));
        match result {
            Some(OverlayResult::Keep) | None => {}
            Some(OverlayResult::Close) => {
                self.overlays.pop();
                return Self::say("closed");
            }
            Some(result) => return self.take_result(model, result),
        }
        let closed = self.overlays.pop();
        let title = closed.as_ref().map_or("", |closed| closed.title());
        let why = match is_early {
            true => format!("`{line}` came before `{title}`"),
            false => format!("`{line}` is no key of `{title}`"),
        };
        if is_answer(line) {
            return Self::say(&format!("{why}: closed"));
        }
        let mut actions = put(model, line);
        actions.extend(Self::say(&format!("{why}: closed; it is in the prompt, :run sends it")));
        actions
    }

    /// What lies on top is closed without an answer, and the command runs.
    fn run_instead(&mut self, model: &Model, command: &str) -> Vec<Action> {
        self.by_lines.adds = false;
        let mut actions = Vec::new();
        while let Some(top) = self.overlays.last() {
            let (open, asks) = (self.overlays.len(), top.asks());
            let told = format!("`{}`: closed, nothing was done", top.title());
            actions.extend(self.handle_overlay(model, press(KeyCode::Esc), "esc"));
            self.overlays.truncate(open - 1);
            actions.extend(asks.then(|| Self::say(&told)).into_iter().flatten());
        }
        actions.extend(self.run_by_name(model, command));
        actions
    }

    /// By its whole name, an alias, or a beginning that no other has; `32` goes to n32.
    fn run_by_name(&mut self, model: &Model, typed: &str) -> Vec<Action> {
        if typed.split_whitespace().eq(["tree", "all"]) {
            return tell_tree(true);
        }
        let mut commands =
            Commands::all(self.keymap.grouped(), |_| String::new(), &[], (None, "")).on_line();
        commands.on_paste(typed);
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        let focus = self.focus;
        let actions = match commands.on_key(enter) {
            OverlayResult::Accept(chosen) => {
                let own = chosen.row().and_then(|row| self.without_screen(row.name));
                own.unwrap_or_else(|| self.choose(model, chosen))
            }
            OverlayResult::Emit(action) => vec![action],
            OverlayResult::Close => Vec::new(),
            OverlayResult::Keep => Self::say(commands.told().unwrap_or_default()),
        };
        // To go to a pane is all that it does.
        let only_leads = actions.is_empty() && self.focus != focus && self.overlays.is_empty();
        self.focus = focus;
        match self.mode {
            Mode::Pane if only_leads => Self::say(&needs_screen(typed, "")),
            Mode::Pane => actions,
            Mode::OneShot
            | Mode::Prefix(_)
            | Mode::EditField(_)
            | Mode::Region(_)
            | Mode::Heal(_)
            | Mode::Sheet(_) => {
                self.mode = Mode::Pane;
                Self::say(&needs_screen(typed, ""))
            }
        }
    }

    /// What the command of this name does in lines, where that is something else than on the screen.
    fn without_screen(&mut self, name: &str) -> Option<Vec<Action>> {
        Some(match name {
            "help" | "keys" | "command" => {
                self.put_on_top(TextView::new("commands", self.legend()))
            }
            "tree" => tell_tree(false),
            "whole-tree" => tell_tree(true),
            name => {
                let (_, instead) = SCREEN_ONLY.iter().find(|(known, _)| *known == name)?;
                Self::say(&needs_screen(name, instead))
            }
        })
    }

    fn legend(&self) -> Vec<String> {
        let open = self.keymap.rows().into_iter().filter(|row| !row.context.is_exclusive());
        open.map(|row| format!(":{} {}", row.name, row.doc)).collect()
    }
}

fn needs_screen(name: &str, instead: &str) -> String {
    let more = if instead.is_empty() { "" } else { "; " };
    format!("`{name}` needs the screen{more}{instead}")
}

fn tell_tree(is_whole: bool) -> Vec<Action> {
    vec![Action::Session(SessionAction::TellTree { is_whole })]
}

fn press(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn set(prompt: String) -> Action {
    Action::Draft(DraftAction::SetPrompt(prompt))
}

fn aside(model: &Model, words: &str) -> Action {
    let earlier = model.draft.aside.iter().cloned();
    Action::Draft(DraftAction::SetAsidePrompts(earlier.chain([words.to_owned()]).collect()))
}

/// A line edits the picture that was told last, whichever the draft had; one that begins with words
/// alone stays so.
fn told_last(model: &Model) -> Option<Action> {
    let is_other = model.draft.parent.is_some() && model.draft.parent != model.current;
    is_other.then_some(Action::Draft(DraftAction::Parent(model.current)))
}

/// Into the prompt; what stood there is put aside.
fn put(model: &Model, words: &str) -> Vec<Action> {
    let before = Some(&model.draft.prompt).filter(|_| model.draft.is_pinned());
    before.map(|before| aside(model, before)).into_iter().chain([set(words.to_owned())]).collect()
}

/// Nothing that one would miss.
fn is_answer(words: &str) -> bool {
    words.starts_with(':') || words.chars().count() <= ANSWER
}

/// Anything but the word is a no; a prompt that was on its way stays.
fn answer(model: &Model, asked: &Confirmation, words: &str) -> Vec<Action> {
    let is_yes = words == asked.required_answer();
    let mut actions = vec![Action::Queue(QueueAction::Answer(is_yes))];
    if !is_yes && !is_answer(words) {
        actions.extend(put(model, words));
        let told = "nothing was sent; what you wrote is in the prompt, :run sends it";
        actions.extend(Ui::say(told));
    }
    actions
}

/// The question stays: what was typed before it was told does not answer it.
fn came_early(model: &Model, asked: &Confirmation, words: &str) -> Vec<Action> {
    if words.is_empty() {
        return Vec::new();
    }
    // Its own words stand in the prompt until they are sent.
    let (kept, place) = match asked.from_draft {
        _ if is_answer(words) => (Vec::new(), ""),
        true => (vec![aside(model, words)], "; it is put aside"),
        false => (put(model, words), "; it is in the prompt"),
    };
    let told = match words.starts_with(':') {
        true => format!("`{words}` came before the question and was not run"),
        false => format!("`{words}` came before the question and does not answer it{place}"),
    };
    kept.into_iter().chain(Ui::say(&told)).collect()
}
