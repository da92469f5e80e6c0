//! `editree man`: the page of editree and of each of its commands, made of the command line itself.
//!
//! Invariant: every command has a page and examples of its own.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{CommandError, code, print};
use crate::app::exit_code;
use crate::config::arguments::Arguments;
use crate::config::environment;

/// Name, and what it is for.
type Row = (&'static str, &'static str);

const FILES: [Row; 4] = [
    ("~/.config/editree/config.toml", "Profiles, budget, keys, snippets, theme."),
    ("~/.local/share/editree/editree.db", "The tree: nodes, requests, decisions."),
    ("~/.local/share/editree/media/", "Every picture as it came, and beside it its recipe."),
    ("~/.local/share/editree/models/", "Endpoints that were added."),
];

/// A command, an example, and what it does.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("editree", "editree photo.jpg", "Open the workbench on a picture."),
    ("editree", "editree --sim", "Try everything for nothing."),
    (
        "editree-run",
        "editree run -i photo.jpg \"Make the sky pink\"",
        "Edit a picture and print the file of the result.",
    ),
    (
        "editree-run",
        "curl -s URL | editree run -i - -o - \"Make it night\" > night.png",
        "From a pipe into a pipe.",
    ),
    (
        "editree-simulate",
        "editree simulate --speed 20",
        "Serve the simulator, and print lines for other clients.",
    ),
    ("editree-show", "editree show @", "Print the newest picture into the scrollback."),
    ("editree-models", "editree models", "List the endpoints and their prices."),
    (
        "editree-models-add",
        "editree models add fal-ai/flux-kontext/dev",
        "Add an endpoint by its id.",
    ),
    ("editree-models-find", "editree models find inpaint", "Search the service's catalogue."),
    (
        "editree-models-diff",
        "editree models diff",
        "Tell what has changed since models were added.",
    ),
    ("editree-schema", "editree schema pro", "List the parameters of an endpoint."),
    ("editree-tree", "editree tree n12", "Print a node and what came of it."),
    (
        "editree-export",
        "editree export @ --chain --as python",
        "Print all steps to the newest picture as a program.",
    ),
    ("editree-import", "editree import shots/", "Bring pictures with their recipes into the tree."),
    ("editree-replay", "editree replay n12 shots/*.png", "Repeat a branch on other pictures."),
    (
        "editree-sweep",
        "editree sweep -i photo.jpg -s seed=1..4 \"Make it night\"",
        "Four tries of one edit.",
    ),
    ("editree-report", "editree report n12 -o branch.html", "Write a branch as one page."),
    ("editree-account", "editree account", "Show what was spent, and the balance."),
    ("editree-jobs", "editree jobs --json", "List what is under way."),
    ("editree-wait", "editree wait --all", "Wait for all that is under way."),
    ("editree-cancel", "editree cancel j7", "Ask the service to cancel a request."),
    (
        "editree-key",
        "editree key status --check",
        "Tell where the key is, and ask the service whether it is good.",
    ),
    ("editree-key-set", "editree key set", "Type a key, check it and keep it."),
    ("editree-key-unset", "editree key unset", "Forget the key that is kept."),
    ("editree-key-status", "editree key status", "Tell where the key comes from."),
    (
        "editree-compare",
        "editree compare n3 n7 --heat difference.png",
        "Tell what differs and draw it.",
    ),
    (
        "editree-heal",
        "editree heal n7 -o healed.png",
        "Take from the parent what should not have changed.",
    ),
    ("editree-doctor", "editree doctor", "Look at everything and print what would mend it."),
    ("editree-backup", "editree backup editree.tar", "Write everything to one file."),
    ("editree-restore", "editree restore editree.tar", "Bring it back after checking it."),
    ("editree-gc", "editree gc --dry-run", "List what nothing needs."),
    (
        "editree-completions",
        "editree completions bash > ~/.local/share/bash-completion/completions/editree",
        "Let bash complete models, nodes and parameters.",
    ),
    ("editree-man", "editree man run | man -l -", "Read the page of a command."),
    ("editree-man", "editree man --all ~/.local/share/man/man1", "Keep the pages of all commands."),
    ("editree-config", "editree config --example > config.toml", "Begin a config file."),
    ("editree-help", "editree help money", "Read the page about a topic."),
];

/// Prints the page that `words` name, or writes all into a folder.
pub(super) fn man(words: &[String], all: Option<&Path>) -> Result<u8, CommandError> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    if let Some(folder) = all {
        return write_all(&command, folder);
    }
    let mut found = &command;
    for word in words {
        found = found.find_subcommand(word).ok_or_else(|| {
            CommandError::usage(format!("there is no command `{word}`"))
                .hint("`editree --help` lists them")
        })?;
    }
    print(&page(found)?)
}

fn write_all(command: &Command, folder: &Path) -> Result<u8, CommandError> {
    std::fs::create_dir_all(folder)?;
    for command in pages(command) {
        let place = folder.join(format!("{}.1", name(command)));
        std::fs::write(&place, page(command)?).map_err(|error| {
            CommandError::new(
                code::INTERNAL,
                format!("cannot write `{}`: {error}", place.display()),
            )
        })?;
    }
    Ok(0)
}

/// The command and all below it.
fn pages(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    std::iter::once(command).chain(below.flat_map(pages)).collect()
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> Result<Vec<u8>, CommandError> {
    let mut page = Vec::new();
    Man::new(command.clone()).manual("editree").render(&mut page)?;
    let codes = exit_code::ROWS.map(|(code, meaning)| (code.to_string(), meaning));
    let mut more = Roff::new();
    section(&mut more, "ENVIRONMENT", environment::VARIABLES);
    section(&mut more, "FILES", FILES);
    section(&mut more, "EXIT STATUS", codes);
    let examples = EXAMPLES.iter().filter(|(of, ..)| *of == name(command));
    section(&mut more, "EXAMPLES", examples.map(|(_, line, what)| (*line, *what)));
    more.to_writer(&mut page)?;
    Ok(page)
}

fn section<N: Into<String>>(
    roff: &mut Roff,
    title: &str,
    rows: impl IntoIterator<Item = (N, &'static str)>,
) {
    roff.control("SH", [title]);
    for (name, what) in rows {
        roff.control("TP", []);
        roff.text([bold(name.into())]);
        roff.text([roman(what)]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_command_has_a_page_with_all_sections_and_an_example_of_its_own() {
        let mut command = Arguments::command().disable_help_subcommand(true);
        command.build();
        let mut named: Vec<&str> = Vec::new();
        for command in pages(&command) {
            let text = String::from_utf8(page(command).unwrap()).unwrap();
            for title in ["NAME", "SYNOPSIS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"] {
                let heading =
                    if title.contains(' ') { format!("\"{title}\"") } else { title.into() };
                assert!(text.contains(&format!(".SH {heading}")), "{}: {title}", name(command));
            }
            assert!(EXAMPLES.iter().any(|(of, ..)| *of == name(command)), "{}", name(command));
            named.push(name(command));
        }
        assert!(EXAMPLES.iter().all(|(of, ..)| named.contains(of)), "an example of no command");
    }
}
