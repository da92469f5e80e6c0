//! A hint of the core with the keys of the person's own keymap before it.
//!
//! Decides nothing. Invariant: what is said works from where the person is.

use super::Ui;
use super::keys::table::Command;
use super::pane::Pane;
use crate::app::hint::{CommandId, Hint};

/// `Alt-4 x: cancel it`.
pub fn text(ui: &Ui, hint: &Hint) -> String {
    match hint {
        Hint::Text(words) => words.clone(),
        Hint::Do(command, words) => format!("{}: {words}", keys(ui, *command)),
    }
}

fn keys(ui: &Ui, command: CommandId) -> String {
    let in_prompt = ui.in_prompt() && ui.sheet.is_none();
    let pane = if ui.sheet.is_some() { Pane::Canvas } else { ui.focus() };
    let keys = |command| ui.keymap.keys_from(command, pane, in_prompt);
    // The arrows of the prompt are those of every text field and are not in the table.
    let arrow = |arrow: &str| match in_prompt {
        true => arrow.to_owned(),
        false => format!("{} {arrow}", keys(Command::Insert)),
    };
    match command {
        CommandId::EarlierPrompt => arrow("Up"),
        CommandId::LaterPrompt => arrow("Down"),
        CommandId::Newline => keys(Command::Newline),
        CommandId::Editor => keys(Command::EditInEditor),
        CommandId::Help => keys(Command::Help),
        CommandId::Endpoint => keys(Command::Endpoint),
        CommandId::Run => keys(Command::Run),
        CommandId::EditPicture => keys(Command::EditPicture),
        CommandId::Heal => keys(Command::Heal),
        CommandId::Sheet => keys(Command::Sheet),
        CommandId::Sync => keys(Command::Sync),
        CommandId::Undo => keys(Command::Undo),
        CommandId::AskAgain | CommandId::SendHeld | CommandId::Decide => keys(Command::Release),
        CommandId::Cancel => keys(Command::Cancel),
    }
}
