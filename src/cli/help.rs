//! `editree help`: of a command what `--help` says, of a topic its page below `docs/`.
//!
//! The pages are those of the repository, built in. Invariant: every page there is a topic here.

use clap::CommandFactory as _;

use super::{CommandError, nearest, print};
use crate::config::arguments::Arguments;

mod page;

/// Names and texts of the files in the folder.
const DOCS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/docs.rs"));

/// The example of a config file.
pub(super) const EXAMPLE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/config.toml"));

/// Prints what `words` name: nothing, a topic, or a command with its subcommand.
pub(super) fn help(words: &[String]) -> Result<u8, CommandError> {
    let mut command = Arguments::command();
    command.build();
    let Some(first) = words.first() else {
        let topics: Vec<String> =
            topics().map(|(name, title)| format!("  {name:<13} {title}")).collect();
        let text = format!(
            "{}\nTopics (`editree help TOPIC`):\n{}\n",
            command.render_long_help(),
            topics.join("\n")
        );
        return print(text.as_bytes());
    };
    if let (Some(text), []) = (topic(first), words.get(1..).unwrap_or_default()) {
        return print(page::rendered(text, page::columns()).as_bytes());
    }
    let mut found = &mut command;
    for word in words {
        let known: Vec<String> = names(found);
        found = found.find_subcommand_mut(word).ok_or_else(|| unknown(word, &known))?;
    }
    print(found.render_long_help().to_string().as_bytes())
}

/// Name and title of each, in alphabetical order.
fn topics() -> impl Iterator<Item = (&'static str, &'static str)> {
    DOCS.iter().filter_map(|(file, text)| {
        let title = text.lines().next()?.trim_start_matches("# ");
        Some((file.strip_suffix(".md")?, title))
    })
}

fn topic(name: &str) -> Option<&'static str> {
    let is_it = |(file, _): &&(&str, &str)| file.strip_suffix(".md") == Some(name);
    DOCS.iter().find(is_it).map(|(_, text)| *text)
}

fn names(command: &clap::Command) -> Vec<String> {
    command.get_subcommands().map(|one| one.get_name().to_owned()).collect()
}

fn unknown(word: &str, commands: &[String]) -> CommandError {
    let all = commands.iter().map(String::as_str).chain(topics().map(|(name, _)| name));
    let error = CommandError::usage(format!("there is no command and no topic `{word}`"));
    match nearest(word, all) {
        Some(name) => error.hint(format!("did you mean `editree help {name}`?")),
        None => error.hint("`editree help` lists both"),
    }
}
