//! Renders a hint of the core with the keys of the user's keymap.
//!
//! Invariant: the keys shown work in the current context.

use super::Ui;
use super::mode::KeyContext;
use crate::app::hint::{CommandId, Hint};

/// `Alt-4 x: cancel it`.
pub fn text(ui: &Ui, hint: &Hint) -> String {
    match hint {
        Hint::Text(words) => words.clone(),
        Hint::Do(command, words) => format!("{}: {words}", keys(ui, *command)),
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

/// How a command is reached from here. An empty prompt takes its name as a line.
pub fn way(ui: &Ui, command: &str) -> String {
    let way = ui.keymap.way(command, ui.context());
    match way.rsplit_once(" then :").filter(|_| ui.in_prompt() && ui.prompt.is_empty()) {
        Some((_, name)) => format!(":{name}"),
        None => way,
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
