//! What a shell may complete: models, nodes, jobs, profiles, parameters and their values,
//! as they are in the store at that moment.
//!
//! The shell calls editree itself, by the script that `editree completions SHELL` prints. Invariant:
//! nothing is sent, kept or asked of a person, and whatever fails completes nothing.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, StyledStr, TypedValueParser as _};
use clap::{Arg, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};
use clap_complete::env::{CompleteEnv, Shells};

use super::session::{executor, open_quietly};
use super::{CommandError, catalogue, code};
use crate::app::job::Job;
use crate::config::arguments::{Arguments, Common};
use crate::config::{self, Config};
use crate::schema::kind::Wire;
use crate::schema::{Catalogue, Param};
use crate::store::{Opening, Store};
use crate::text::plain;

/// What the script sets so that editree completes instead of doing anything.
const VARIABLE: &str = "EDITREE_COMPLETE";
/// For bash alone: values of parameters as one word.
const WHOLE_WORDS: &str = include_str!("completions.bash");
/// Nodes that are offered, the newest first.
const MOST_NODES: usize = 50;
/// Letters of a prompt beside its node.
const LONGEST_HELP: usize = 60;

/// Answers the shell where it has asked; whether it has.
pub(super) fn answer() -> bool {
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(VARIABLE);
    asked.try_complete(std::env::args_os(), here.as_deref()).unwrap_or(true)
}

/// The script for a shell.
pub(super) fn script(shell: clap_complete::Shell) -> Result<Vec<u8>, CommandError> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let mut text = Vec::new();
    match shells.completer(&name) {
        Some(shell) => {
            shell.write_registration(VARIABLE, "editree", "editree", "editree", &mut text)?;
            if shell.is("bash") {
                text.extend(WHOLE_WORDS.as_bytes());
            }
            Ok(text)
        }
        None => Err(CommandError::new(code::USAGE, format!("`{name}` cannot complete"))),
    }
}

/// The command line with what its values may be.
fn command() -> Command {
    let command = Arguments::command();
    let command = command.mut_arg("profile", |arg| arg.add(ArgValueCandidates::new(profiles)));
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_values))
}

/// By the names of the arguments: one that is called the same means the same everywhere.
fn with_values(command: Command) -> Command {
    let command = command.mut_args(|arg: Arg| match arg.get_id().as_str() {
        "model" => arg.add(ArgValueCandidates::new(models)),
        "set" => arg.add(ArgValueCompleter::new(settings)),
        "node" => arg.add(ArgValueCandidates::new(nodes)),
        "input" | "what" | "a" | "b" | "child" | "parent" | "pictures" => {
            arg.add(ArgValueCompleter::new(pictures))
        }
        "job" | "jobs" => arg.add(ArgValueCandidates::new(jobs)),
        _ => arg,
    });
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_values))
}

/// The value of an option in the line that is being completed.
fn typed(names: &[&str]) -> Option<String> {
    let words: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    words.iter().enumerate().find_map(|(place, word)| {
        names.iter().find_map(|name| match word.strip_prefix(name)? {
            "" => words.get(place + 1).cloned(),
            rest => rest.strip_prefix('=').map(str::to_owned),
        })
    })
}

fn common() -> Common {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let told = |option: &str, name: &str| typed(&[option]).or_else(|| variable(name));
    Common {
        profile: told("--profile", "EDITREE_PROFILE"),
        sim: std::env::args_os().any(|word| word == "--sim")
            || variable("EDITREE_SIM").is_some_and(is_on),
        data_dir: told("--data-dir", "EDITREE_DATA_DIR").map(PathBuf::from),
        config: told("--config", "EDITREE_CONFIG").map(PathBuf::from),
        project: told("--project", "EDITREE_PROJECT"),
        ..Common::default()
    }
}

/// As the command line reads such a variable.
fn is_on(text: String) -> bool {
    let parser = FalseyValueParser::new();
    parser.parse_ref(&Command::new("editree"), None, OsStr::new(&text)).unwrap_or(false)
}

fn catalogue() -> Catalogue {
    catalogue::catalogue(&config::data_dir(&common()))
}

fn candidate(value: impl Into<String>, help: &str) -> CompletionCandidate {
    let help: String = plain(help).chars().take(LONGEST_HELP).collect();
    CompletionCandidate::new(value.into()).help(Some(StyledStr::from(help)))
}

fn models() -> Vec<CompletionCandidate> {
    catalogue().endpoints().map(|endpoint| candidate(&endpoint.short, &endpoint.title)).collect()
}

fn profiles() -> Vec<CompletionCandidate> {
    let Some(config) = Config::to_complete(&common()) else { return Vec::new() };
    config.profile_names().into_iter().map(|name| candidate(name, "")).collect()
}

/// What a question of the store brings; nothing where there is none.
fn of_store<T, F>(ask: impl FnOnce(Opening) -> F) -> Vec<T>
where
    F: Future<Output = Option<Vec<T>>>,
{
    let Some(config) = Config::to_complete(&common()) else { return Vec::new() };
    // Half a name of a project is typed too: it makes none.
    if !Store::knows(&config.data_dir, &config.project) {
        return Vec::new();
    }
    let Ok(executor) = executor() else { return Vec::new() };
    let found = executor.block_on(async {
        let (_store, opening) = open_quietly(&config, false, true).await.ok()?;
        ask(opening).await
    });
    executor.shutdown_background();
    found.unwrap_or_default()
}

fn nodes() -> Vec<CompletionCandidate> {
    let mut found = of_store(|opening| async move {
        let nodes = opening.nodes.iter().rev().take(MOST_NODES);
        let told = nodes.enumerate().map(|(place, node)| {
            candidate(node.id.to_string(), &node.caption()).display_order(Some(place + 1))
        });
        Some(told.collect())
    });
    if !found.is_empty() {
        found.push(candidate("@", "the newest").display_order(Some(0)));
    }
    found
}

/// Nodes and files.
fn pictures(current: &OsStr) -> Vec<CompletionCandidate> {
    let typed = current.to_string_lossy();
    let nodes = nodes().into_iter();
    let nodes = nodes.filter(|node| node.get_value().to_string_lossy().starts_with(&*typed));
    nodes.chain(PathCompleter::any().complete(current)).collect()
}

fn jobs() -> Vec<CompletionCandidate> {
    of_store(|opening| async move {
        let told = |job: &Job| candidate(job.id.to_string(), &job.spec.recipe.caption());
        Some(opening.jobs.iter().map(told).collect())
    })
}

/// `KEY=`, and behind it what the key may be.
fn settings(current: &OsStr) -> Vec<CompletionCandidate> {
    let catalogue = catalogue();
    let model = typed(&["-m", "--model"]).unwrap_or_else(|| "pro".into());
    let Ok(endpoint) = catalogue.find(model.split(',').next().unwrap_or_default()) else {
        return Vec::new();
    };
    let typed = current.to_string_lossy();
    let found: Vec<CompletionCandidate> = match typed.split_once('=') {
        None => {
            let params = endpoint.params.iter().filter(|param| !endpoint.takes.holds(&param.name));
            params.map(|param| candidate(format!("{}=", param.name), &param.help)).collect()
        }
        Some((key, _)) => {
            let param = endpoint.params.iter().find(|param| param.name == key);
            let values = param.map(values).unwrap_or_default();
            values.into_iter().map(|value| candidate(format!("{key}={value}"), "")).collect()
        }
    };
    let fits = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(&*typed);
    found.into_iter().filter(fits).collect()
}

/// Those that can be counted.
fn values(param: &Param) -> Vec<String> {
    match param.kind.wire() {
        Wire::Switch => vec!["on".into(), "off".into()],
        Wire::OneOf { options, .. } => options.to_vec(),
        Wire::Sides { presets, .. } => presets.to_vec(),
        Wire::Values(options) => options.iter().map(ToString::to_string).collect(),
        Wire::Whole { .. } | Wire::Number { .. } => {
            param.start().map(ToString::to_string).into_iter().collect()
        }
        Wire::Text
        | Wire::Address
        | Wire::Either(_)
        | Wire::Tuple(_)
        | Wire::Object { .. }
        | Wire::List { .. }
        | Wire::Any => Vec::new(),
    }
}
