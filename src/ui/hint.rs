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

fn keys(ui: &Ui, command: CommandId) -> String {
    let here = ui.context();
    // The arrow keys of the prompt are not in the keymap.
    let arrow = |arrow: &str| match here == KeyContext::Prompt {
        true => arrow.to_owned(),
        false => format!("{} {arrow}", ui.keymap.keys_from("insert", here)),
    };
    let name = match command {
        CommandId::EarlierPrompt => return arrow("Up"),
        CommandId::LaterPrompt => return arrow("Down"),
        CommandId::Newline => "newline",
        CommandId::Editor => "editor",
        CommandId::Help => "help",
        CommandId::Endpoint => "model",
        CommandId::Run => "run",
        CommandId::EditPicture => "edit",
        CommandId::Heal => "heal",
        CommandId::Sheet => "sheet",
        CommandId::Sync => "sync",
        CommandId::Undo => "undo",
        CommandId::AskAgain | CommandId::SendHeld | CommandId::Decide => "release",
        CommandId::Cancel => "cancel",
    };
    ui.keymap.keys_from(name, here)
}
