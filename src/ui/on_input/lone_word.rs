//! Words that stand where a prompt is sent and are hardly one: a command's name, a picture's, a key,
//! an answer to nothing. They are asked about before they cost.
//!
//! Invariant: words are asked about once; a sentence never is.

use super::paths::{self, Place};
use crate::app::action::{Action, SessionAction};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::NodeId;
use crate::ui::Ui;
use crate::ui::chord::show;
use crate::ui::command::CommandRow;
use crate::ui::hint;
use crate::ui::mode::KeyContext;
use crate::ui::pane::Pane;

/// A command with what it takes has few words.
const FEW: usize = 3;
/// Answers to a question that is over.
const ANSWERS: [&str; 6] = ["y", "yes", "n", "no", "ok", "okay"];

/// What words may be meant as.
#[derive(Debug, PartialEq, Eq)]
struct Meant {
    is: &'static str,
    does: &'static str,
    /// What does it on the command line, without the colon.
    line: Option<String>,
    /// Words alone name it, so that it may have a key.
    row: Option<&'static str>,
}

impl Ui {
    /// Asks about words before they are sent the first time; `None`: they are sent.
    pub(in crate::ui) fn ask_of_lone_words(
        &mut self,
        model: &Model,
        words: &str,
    ) -> Option<Vec<Action>> {
        let words = words.trim();
        if self.recall.questioned.take().as_deref() == Some(words) {
            return None;
        }
        let meant = self.meant(model, words)?;
        self.recall.questioned = Some(words.to_owned());
        let run = meant.row.map(|name| hint::way(self, name));
        let run = run.or(meant.line.map(|line| format!(":{line}")));
        let run = run.map_or(String::new(), |run| format!("{run}: {} it · ", meant.does));
        let hint = format!("{run}{} again: send it as a prompt", show("enter"));
        Some(asked(words, meant.is, hint))
    }

    /// The same where lines are typed, by whichever words came before; the word stays in the prompt.
    pub(in crate::ui) fn ask_of_lone_line(
        &mut self,
        model: &Model,
        words: &str,
    ) -> Option<Vec<Action>> {
        let meant = self.meant(model, words)?;
        self.recall.questioned = Some(words.to_owned());
        let run = meant.line.map_or(String::new(), |line| format!(":{line}: {} it · ", meant.does));
        Some(asked(words, meant.is, format!("{run}:run: send it as a prompt")))
    }

    /// Words were asked about, and nothing was said of them yet.
    pub fn asks_of_words(&self) -> bool {
        self.recall.questioned.is_some()
    }

    fn meant(&self, model: &Model, words: &str) -> Option<Meant> {
        let typed: Vec<&str> = words.split_whitespace().collect();
        if let Some(places) = paths::pictures(words) {
            let is_file = matches!(places.as_slice(), [Place::File(_)]);
            let line = is_file.then(|| format!("open {words}"));
            return Some(Meant { is: "a file", does: "open", line, row: None });
        }
        let [first, rest @ ..] = typed.as_slice() else { return None };
        match rest {
            // What has no letters is sent by nobody.
            [] if !first.contains(char::is_alphanumeric) => None,
            [] => self.meant_by_one(first),
            _ if typed.len() <= FEW => {
                let row = self.row_of_line(first)?;
                let is_meant = row.takes_text && names_something(model, row, rest);
                let line = Some(typed.join(" "));
                is_meant.then_some(Meant { is: "a command", does: "run", line, row: None })
            }
            _ => None,
        }
    }

    fn meant_by_one(&self, word: &str) -> Option<Meant> {
        let bare = word.trim_end_matches(['.', '!', '?', ';', ',']).to_lowercase();
        let meant = |is, does, line| Some(Meant { is, does, line, row: None });
        if ANSWERS.contains(&bare.as_str()) {
            return meant("an answer, but nothing is asked", "", None);
        }
        if let Some(node) = NodeId::read(&bare) {
            return meant("a picture's number", "go to", Some(node.to_string()));
        }
        if let Some(row) = self.row_of_line(&bare).or_else(|| self.sought(&bare)) {
            let (line, row) = (Some(row.name.into()), Some(row.name));
            return Some(Meant { is: "a command", does: "run", line, row });
        }
        // Its letter, in the case in which it was typed.
        let is_letter = word.len() == 1;
        let row = self.keymap.find(word, KeyContext::In(Pane::CANVAS)).filter(|_| is_letter)?;
        meant("a key", "run", Some(row.name.into()))
    }

    /// A command that can be typed from here.
    fn row_of_line(&self, word: &str) -> Option<&'static CommandRow> {
        let rows = self.keymap.rows().into_iter();
        rows.filter(|row| !row.context.is_exclusive()).find(|row| row.is_named(word))
    }

    /// Whoever wants out or help has other words for it.
    fn sought(&self, word: &str) -> Option<&'static CommandRow> {
        let rows = ["quit", "help"].into_iter().filter_map(|name| self.keymap.named(name));
        rows.into_iter().find(|row| row.sought_as.contains(&word))
    }
}

/// What stands behind a command's name is no word of a sentence.
fn names_something(model: &Model, row: &CommandRow, rest: &[&str]) -> bool {
    let is_sign = |word: &&str| word.contains(|c: char| c.is_ascii_digit() || "./_=:*".contains(c));
    let is_choice = || {
        let choices = row.choices.map(|choices| choices(model)).unwrap_or_default();
        choices.iter().any(|(item, _)| item.name() == rest.join(" "))
    };
    rest.last().is_some_and(is_sign) || is_choice()
}

fn asked(words: &str, is: &str, hint: String) -> Vec<Action> {
    let notice = Notice::new(Tone::Warning, format!("not sent: `{words}` is {is}")).hint(hint);
    vec![Action::Session(SessionAction::Say(notice))]
}
