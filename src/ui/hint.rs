//! Renders a hint of the core with the keys of the user's keymap.
//!
//! Invariant: the keys shown work in the current context.

use super::Ui;
use super::mode::KeyContext;
use crate::app::hint::{CommandId, Hint};

/// `Alt-4 x: cancel it`.
pub fn text(ui: &Ui, hint: &Hint) -> String {
    match key(ui, hint) {
        Some(key) => format!("{key}: {}", hint.words()),
        None => hint.words().to_owned(),
    }
}

/// `Alt-4 x`: what is pressed for it.
pub fn key(ui: &Ui, hint: &Hint) -> Option<String> {
    match hint {
        Hint::Text(_) => None,
        Hint::Do(command, _) => Some(keys(ui, *command)),
    }
}

/// `:cancel: cancel it`, where commands have no keys.
pub fn plain(hint: &Hint) -> String {
    match hint {
        Hint::Text(words) => words.clone(),
        Hint::Do(command, words) => match name(*command) {
            Some(name) => format!(":{name}: {words}"),
            None => words.clone(),
        },
    }
}

fn keys(ui: &Ui, command: CommandId) -> String {
    let here = ui.context();
    // The arrow keys of the prompt are not in the keymap.
    let arrow = |arrow: &str| match here == KeyContext::Prompt {
        true => arrow.to_owned(),
        false => format!("{} {arrow}", ui.keymap.keys_from("insert", here)),
    };
    match (name(command), command) {
        (Some(name), _) => way(ui, name),
        (None, CommandId::LaterPrompt) => arrow("Down"),
        (None, _) => arrow("Up"),
    }
}

/// How a command is reached from here, in a sentence: the key that leaves the prompt would read as
/// one with the next, and is parted from it (`Esc then b`). A prompt without words takes a name as a
/// line.
pub fn way(ui: &Ui, command: &str) -> String {
    let here = ui.context();
    let presses = ui.keymap.presses(command, here);
    let typed = ui.prompt.text();
    let is_line = ui.in_prompt() && (typed.is_empty() || typed.starts_with(':'));
    let line = presses.last().filter(|last| is_line && last.len() > 1 && last.starts_with(':'));
    if let Some(line) = line {
        return line.clone();
    }
    let leaves = ui.keymap.presses("normal", here);
    match presses.strip_prefix(leaves.as_slice()) {
        Some(rest) if here == KeyContext::Prompt && !rest.is_empty() => {
            format!("{} then {}", leaves.join(" "), rest.join(" "))
        }
        Some(_) | None => presses.join(" "),
    }
}

/// None where no command does it.
fn name(command: CommandId) -> Option<&'static str> {
    Some(match command {
        CommandId::EarlierPrompt | CommandId::LaterPrompt => return None,
        CommandId::Newline => "newline",
        CommandId::Editor => "editor",
        CommandId::Help => "help",
        CommandId::Endpoint => "model",
        CommandId::Parameters => "parameters",
        CommandId::Run => "run",
        CommandId::EditPicture => "edit",
        CommandId::References => "references",
        CommandId::Heal => "heal",
        CommandId::Sheet => "sheet",
        CommandId::Sync => "sync",
        CommandId::Undo => "undo",
        CommandId::AskAgain | CommandId::SendHeld | CommandId::Decide => "release",
        CommandId::Cancel => "cancel",
    })
}
