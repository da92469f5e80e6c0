//! Words that stand where a prompt is sent and are hardly one: a command's name, a picture's, a key,
//! an answer to nothing. They are asked about before they cost, and an answer is never sent.
//!
//! Invariant: a sentence is sent at once.

use super::paths::{self, Place};
use crate::app::action::{Action, QueueAction, SessionAction};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::NodeId;
use crate::ui::Ui;
use crate::ui::command::CommandRow;
use crate::ui::mode::KeyContext;
use crate::ui::pane::Pane;

/// A command with what it takes has few words.
const FEW: usize = 3;
/// Answers to a question that is over.
const ANSWERS: [&str; 6] = ["y", "yes", "n", "no", "ok", "okay"];
/// At the end of a word they say nothing.
const ENDS: [char; 6] = ['.', '!', '?', ';', ',', ':'];

/// What words may be meant as.
#[derive(Debug, PartialEq, Eq)]
struct Meant {
    is: &'static str,
    /// What does it on the command line, without the colon.
    line: Option<String>,
    does: &'static str,
}

impl Ui {
    /// Sends the draft, whose words these are: at once, or after a question.
    pub(in crate::ui) fn send_words(&self, model: &Model, words: &str) -> Action {
        let words = words.trim();
        if ANSWERS.contains(&words.to_lowercase().trim_end_matches(ENDS)) {
            let text = format!("not sent: `{words}` is an answer, but nothing is asked");
            return Action::Session(SessionAction::Say(Notice::new(Tone::Warning, text)));
        }
        Action::Queue(match self.meant(model, words) {
            Some(Meant { is, line, does }) => {
                let does = line.map_or(String::new(), |line| format!(": `:{line}` {does} it"));
                QueueAction::RunUnlikely(format!("`{words}` is {is}{does}"))
            }
            None => QueueAction::Run,
        })
    }

    fn meant(&self, model: &Model, words: &str) -> Option<Meant> {
        if let Some(places) = paths::pictures(words) {
            let is_file = matches!(places.as_slice(), [Place::File(_)]);
            let line = is_file.then(|| format!("open {words}"));
            return Some(Meant { is: "a file", line, does: "opens" });
        }
        let typed = words.to_lowercase();
        let typed: Vec<&str> = typed.split_whitespace().collect();
        let [first, rest @ ..] = typed.as_slice() else { return None };
        match rest {
            // Signs without a word are refused by whoever sends.
            [] if !first.contains(char::is_alphanumeric) => None,
            [] => self.meant_by_one(first, words),
            _ if typed.len() <= FEW => {
                let row = self.row_of_line(first)?;
                let is_meant = row.takes_text && names_something(model, row, rest);
                let (_, behind) = words.split_once(char::is_whitespace)?;
                let line = Some(format!("{} {}", row.name, behind.trim()));
                is_meant.then_some(Meant { is: "a command", line, does: "runs" })
            }
            _ => None,
        }
    }

    fn meant_by_one(&self, word: &str, typed: &str) -> Option<Meant> {
        let bare = word.trim_end_matches(ENDS);
        let meant = |is, line, does| Some(Meant { is, line, does });
        if let Some(node) = NodeId::read(bare) {
            return meant("a picture's number", Some(node.to_string()), "goes to");
        }
        if let Some(row) = self.row_of_line(bare).or_else(|| self.sought(bare)) {
            return meant("a command", Some(row.name.into()), "runs");
        }
        // Its letter, in the case in which it was typed.
        let is_letter = typed.len() == 1;
        let row = self.keymap.find(typed, KeyContext::In(Pane::CANVAS)).filter(|_| is_letter)?;
        meant("a key", Some(row.name.into()), "runs")
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

/// What stands behind a command's name is no word of a sentence: a value, after the parameter's name
/// where there are two words; or one of its choices.
fn names_something(model: &Model, row: &CommandRow, rest: &[&str]) -> bool {
    let is_sign = |word: &str| word.contains(|c: char| c.is_ascii_digit() || "./_=:*".contains(c));
    let is_choice = || {
        let choices = row.choices.map(|choices| choices(model)).unwrap_or_default();
        choices.iter().any(|(item, _)| item.name() == rest.join(" "))
    };
    let is_parameter = |word: &&str| {
        let endpoint = model.endpoint().ok();
        endpoint.is_some_and(|endpoint| endpoint.form().any(|param| param.name == *word))
    };
    let is_value = rest.split_last().is_some_and(|(last, names)| {
        names.iter().all(is_parameter) && is_sign(last.trim_end_matches(ENDS))
    });
    is_value || is_choice()
}
