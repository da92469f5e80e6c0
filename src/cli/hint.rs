//! A hint of the core as a headless command says it: a subcommand where there is one, else words.
//!
//! Invariant: no key of the workbench, which is not running here.

use crate::app::hint::{CommandId, Hint};

pub(crate) fn text(hint: &Hint) -> String {
    let Hint::Do(command, words) = hint else {
        return hint.words().to_owned();
    };
    if *command == CommandId::EarlierPrompt {
        let words = words.replacen("take its words again, and change", "change", 1);
        return words.replacen("take its words again", "run the command again", 1);
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
        | CommandId::References
        | CommandId::Sheet
        | CommandId::Sync
        | CommandId::Undo => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::advice::Advice;

    #[test]
    fn nobody_takes_words_again_where_there_is_no_prompt() {
        for (advice, told) in [
            (Advice::SendAgain, "run the command again; sending costs as usual"),
            (Advice::TakeAgain, "run the command again, changed or not; sending costs as usual"),
            (Advice::MendInput, "change what was refused; sending costs as usual"),
        ] {
            assert_eq!(text(&advice.hint()), told);
        }
    }
}
