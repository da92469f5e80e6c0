//! The headless commands: the same core, store and client as the workbench, without a screen.
//!
//! Results go to stdout, everything else to stderr. [`main`] turns every failure into one
//! sentence, a hint and an exit code.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use import::service::Wanted;

use crate::app::exit_code as code;
use crate::app::failure::Failure;
use crate::config::arguments::guide::Guide;
use crate::config::arguments::{Arguments, Command, Common, Models};
use crate::config::{self, Config};
use crate::runtime::screen::falls::Sabotage;
use crate::schema::export::shell_quote;
use crate::schema::suggest::slips;
use crate::text::plain;

mod account;
mod asked_terminal;
mod backup;
mod batch;
mod catalogue;
mod compare;
mod completions;
mod confirm;
mod doctor;
mod dry_run;
mod ended;
mod export;
mod fallen;
mod gc;
mod heal;
mod help;
mod hint;
mod import;
mod inputs;
mod jobs;
mod key;
mod listing;
mod man;
mod misplaced;
mod models;
mod progress;
mod quote;
mod replay;
mod report;
mod run;
mod session;
mod settings;
mod show;
mod simulate;
mod stdin_picture;
mod sweep;
mod tree;
mod values;

/// What a command ends with, besides success.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CommandError {
    code: u8,
    message: String,
    hint: Option<String>,
}

impl CommandError {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(code::USAGE, message)
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn hint_opt(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }
}

impl From<config::Error> for CommandError {
    fn from(error: config::Error) -> Self {
        Self { code: code::USAGE, message: error.message, hint: error.hint }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        let mut message = failure.message;
        for (name, problem) in &failure.fields {
            message.push_str(&format!("\n  {name}: {problem}"));
        }
        Self {
            code: failure.kind.family().exit_code,
            message,
            hint: failure.hint.as_ref().map(hint::text),
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::new(code::INTERNAL, error.to_string())
    }
}

/// Arguments in, exit code out.
pub fn main() -> ExitCode {
    crate::picture::decoders::hush_panics();
    if completions::answer() {
        return ExitCode::SUCCESS;
    }
    ExitCode::from(perform(Arguments::parse(), Sabotage::Nothing))
}

/// For tests: the same with a mistake in it, which no user can make.
#[doc(hidden)]
pub fn main_with(arguments: &[&str], sabotage: Sabotage) -> u8 {
    perform(Arguments::parse_from(arguments), sabotage)
}

fn perform(arguments: Arguments, sabotage: Sabotage) -> u8 {
    match dispatch(arguments, sabotage) {
        Ok(code) => code,
        Err(command_error) => {
            // A closed stderr must not turn a failure into a panic.
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "editree: {}", plain(&command_error.message));
            if let Some(hint) = &command_error.hint {
                let _ = writeln!(stderr, "hint: {}", plain(hint));
            }
            command_error.code
        }
    }
}

fn dispatch(arguments: Arguments, sabotage: Sabotage) -> Result<u8, CommandError> {
    let common = &arguments.common;
    match arguments.command {
        None => {
            check_no_prompt(&arguments.pictures)?;
            if let Some((word, rest)) = arguments.pictures.split_first() {
                check_no_command(word, rest.is_empty())?;
            }
            let config = Config::resolve(common)?;
            session::workbench(config, arguments.pictures, arguments.plain, sabotage)
        }
        Some(Command::Run(run)) => run::run(Config::resolve(common)?, *run),
        Some(Command::Simulate(simulate)) => simulate::simulate(common, simulate),
        Some(Command::Show { what }) => show::show(Config::resolve(common)?, &what),
        Some(Command::Models { command: None, json }) => {
            listing::models(&catalogue::catalogue(&config::data_dir(common)), json)
        }
        Some(Command::Models { command: Some(Models::Add { what, owner }), .. }) => {
            models::add(common, &what, owner.as_deref())
        }
        Some(Command::Models { command: Some(Models::Find { words, json }), .. }) => {
            models::find(&Config::resolve(common)?, &words, json)
        }
        Some(Command::Models { command: Some(Models::Diff { model, json }), .. }) => {
            models::diff(&Config::resolve(common)?, model.as_deref(), json)
        }
        Some(Command::Schema { model, json }) => {
            listing::schema(&catalogue::catalogue(&config::data_dir(common)), &model, json)
        }
        Some(Command::Tree { node, json }) => {
            tree::tree(Config::resolve(common)?, node.as_deref(), json)
        }
        Some(Command::Export(arguments)) => export::run(Config::resolve(common)?, arguments),
        Some(Command::Replay(words)) => {
            misplaced::check_steps(&words.steps, &words.pictures)?;
            stdin_picture::take(&words.pictures)?;
            replay::replay(&Config::resolve(common)?, &words)
        }
        Some(Command::Sweep(words)) => {
            stdin_picture::take(&words.input)?;
            sweep::sweep(&Config::resolve(common)?, &words)
        }
        Some(Command::Report { node, output, folder }) => {
            report::report(&Config::resolve(common)?, &node, &output, folder)
        }
        Some(Command::Import {
            from_service: true, since, model: models, dry_run, json, ..
        }) => {
            let wanted = Wanted { since, models, dry_run, json };
            import::service::import(&Config::resolve(common)?, &wanted)
        }
        Some(Command::Import { paths, json, .. }) => {
            import::import(&Config::resolve(common)?, &paths, json)
        }
        Some(Command::Account { json }) => account::account(&Config::resolve(common)?, json),
        Some(Command::Jobs { json }) => jobs::jobs(Config::resolve(common)?, json),
        Some(Command::Wait { jobs, all, send, json }) => {
            jobs::wait(Config::resolve(common)?, jobs::Wait { jobs, all, send, json })
        }
        Some(Command::Cancel { job, json }) => jobs::cancel(Config::resolve(common)?, &job, json),
        Some(Command::Key(command)) => key::key(&Config::resolve_for_key(common)?, &command),
        Some(Command::Compare(words)) => compare::compare(Config::resolve(common)?, &words),
        Some(Command::Heal(words)) => heal::heal(Config::resolve(common)?, &words),
        Some(Command::Doctor { json }) => doctor::doctor(common, json),
        Some(Command::Backup { file, json }) => {
            backup::backup(&Config::resolve(common)?, file, json)
        }
        Some(Command::Restore { file, replace, json }) => {
            backup::restore(&Config::resolve(common)?, file, replace, json)
        }
        Some(Command::Gc { dry_run, yes }) => gc::gc(&Config::resolve(common)?, dry_run, yes),
        Some(Command::Guide(words)) => guide(common, words),
    }
}

fn guide(common: &Common, words: Guide) -> Result<u8, CommandError> {
    match words {
        Guide::Completions { shell } => print(&completions::script(shell)?),
        Guide::Config { example } => settings::config(common, example),
        Guide::Help { words } => help::help(&words),
        Guide::Man { words, all } => man::man(&words, all.as_deref()),
    }
}

/// A single word that names no file was meant as a command, and so was the first of several that is
/// spelt like one.
fn check_no_command(word: &Path, is_alone: bool) -> Result<(), CommandError> {
    let typed = word.to_string_lossy();
    if word.exists() || typed.contains(['/', '.', '*', '?', '[', '~']) {
        return Ok(());
    }
    let message = format!("there is no command and no file `{typed}`");
    if values::NodeName::parse(&typed).is_some() {
        let hint = format!("`editree show {typed}` shows the node; in the workbench `:{typed}`");
        return Err(CommandError::usage(message).hint(hint));
    }
    let names = Arguments::command();
    let names = names.get_subcommands().map(clap::Command::get_name);
    let hint = match nearest(&typed, names) {
        None if !is_alone => return Ok(()),
        Some(name) => format!("did you mean `editree {name}`?"),
        None => "`editree --help` lists the commands".to_owned(),
    };
    Err(CommandError::usage(message).hint(hint))
}

/// Several words that name no file were meant as a prompt.
fn check_no_prompt(pictures: &[PathBuf]) -> Result<(), CommandError> {
    let is_prompt = |word: &&PathBuf| {
        let typed = word.to_string_lossy();
        let has_ending = word.extension().is_some_and(|ending| {
            let ending = ending.to_string_lossy();
            !ending.is_empty() && ending.chars().all(char::is_alphanumeric)
        });
        let is_path = has_ending || typed.contains(['/', '*', '?', '[', '~']) || word.exists();
        typed.trim().contains(' ') && !is_path
    };
    let Some(words) = pictures.iter().find(is_prompt) else { return Ok(()) };
    let picture = pictures.iter().find(|it| *it != words);
    let picture =
        picture.map_or_else(|| "FILE".to_owned(), |it| shell_quote(&it.to_string_lossy()));
    let message = format!("there is no file `{}`", words.display());
    let words = shell_quote(&words.to_string_lossy());
    Err(CommandError::usage(message)
        .hint(format!("to send it as a prompt: editree run -i {picture} {words}")))
}

/// The name that was likely meant: one that begins so, or is a slip in four letters away.
pub(crate) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (typed.chars().count() / 4).max(1);
    let near = |name: &&str| slips(typed, name).0 <= allowed || name.starts_with(typed);
    names.filter(near).min_by_key(|name| slips(typed, name))
}

/// Bytes to stdout; a closed pipe is not a failure.
pub(crate) fn print(bytes: &[u8]) -> Result<u8, CommandError> {
    print_on(bytes).map(|_| 0)
}

/// The same; whether anybody still reads.
pub(crate) fn print_on(bytes: &[u8]) -> Result<bool, CommandError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => {
            Err(CommandError::new(code::INTERNAL, format!("cannot write to stdout: {error}")))
        }
    }
}

/// One JSON object and nothing else.
pub(crate) fn print_json(value: &serde_json::Value) -> Result<u8, CommandError> {
    print(format!("{value}\n").as_bytes())
}

/// A line for the person, on stderr.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", plain(text));
}

/// A line that replaces itself on a terminal; the last one stays, and is all that a log gets.
pub(crate) fn show_progress(text: &str, is_last: bool) {
    if !std::io::stderr().is_terminal() {
        if is_last {
            say(text);
        }
        return;
    }
    let end = if is_last { "\n" } else { "" };
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K{}{end}", plain(text));
    let _ = stderr.flush();
}
