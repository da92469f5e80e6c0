//! A hint of the core as a headless command says it: a subcommand where there is one, else words.
//!
//! Invariant: no key of the workbench, which is not running here.

use crate::app::hint::{CommandId, Hint};

pub(crate) fn text(hint: &Hint) -> String {
    let Hint::Do(command, words) = hint else {
        return hint.words().to_owned();
    };
    if *command == CommandId::EarlierPrompt {
        return words.replacen("take the prompt again", "run the command again", 1);
    }
    match subcommand(*command) {
        Some(subcommand) => format!("{words}: `editree {subcommand}`"),
        None => words.clone(),
    }
}

fn subcommand(command: CommandId) -> Option<&'static str> {
    match command {
        CommandId::AskAgain => Some("wait"),
        CommandId::SendHeld => Some("wait --all --send"),
        CommandId::Decide => Some("jobs"),
        CommandId::Cancel => Some("cancel"),
        CommandId::Endpoint => Some("models"),
        CommandId::Heal => Some("heal"),
        CommandId::EarlierPrompt
        | CommandId::LaterPrompt
        | CommandId::Newline
        | CommandId::Editor
        | CommandId::Help
        | CommandId::Parameters
        | CommandId::Run
        | CommandId::EditPicture
        | CommandId::Sheet
        | CommandId::Sync
        | CommandId::Undo => None,
    }
}
