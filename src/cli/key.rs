//! `key`: gives a key to keep, drops it, tells where it comes from.
//!
//! The key is read from the terminal without echo or from standard input, never from the command
//! line, which every process can read. Invariant: no key is printed.

use std::io::{IsTerminal as _, Read as _, Write as _};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use serde_json::{Value, json};

use super::session::{auth, executor, kind};
use super::{CommandError, code, print, print_json, say};
use crate::config::Config;
use crate::config::arguments::KeyCommand;
use crate::config::keys::{Keys, Place};
use crate::fal::error::Step;
use crate::fal::probe::{Probe, Rights};
use crate::fal::profile::Key;
use crate::runtime::{convert, profiles};

/// Longer input is not a key, in bytes.
const LONGEST: u64 = 4_096;

/// `editree key …`.
pub(crate) fn key(config: &Config, command: &KeyCommand) -> Result<u8, CommandError> {
    match command {
        KeyCommand::Set { file, no_check } => set(config, *file, *no_check),
        KeyCommand::Unset => unset(config),
        KeyCommand::Status { check, json } => tell(config, *check, *json),
    }
}

fn set(config: &Config, in_file: bool, unchecked: bool) -> Result<u8, CommandError> {
    let profile = &config.profile.name;
    let key = Key::new(&read_key(profile)?).map_err(|error| {
        CommandError::usage(error.message).hint("a key looks like `id:secret`; nothing was kept")
    })?;
    if !unchecked {
        check(config, key.clone())
            .map_err(|error| error.hint("nothing was kept; use --no-check to keep it unchecked"))?;
    }
    let place = keep(&config.environment.kept, profile, &key, in_file)?;
    say(&format!("the key of `{profile}` is kept in {place}"));
    let variable = config.profile.variable();
    if config.profile.key.is_some() {
        say(&format!("`{variable}` is also set and takes precedence"));
    }
    Ok(0)
}

/// The keyring if there is one; a file only when the person has said so.
fn keep(keys: &Keys, profile: &str, key: &Key, in_file: bool) -> Result<Place, CommandError> {
    if in_file {
        return Ok(keys.keep_in_file(profile, key)?);
    }
    let refused = match keys.keep_in_keyring(profile, key) {
        Ok(place) => return Ok(place),
        Err(error) => CommandError::from(error),
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused);
    }
    say(&refused.message);
    let question = format!("store it in {} (readable only by you)?", keys.folder.display());
    match ask(&question)? {
        true => Ok(keys.keep_in_file(profile, key)?),
        false => Err(CommandError::new(code::INTERRUPTED, "nothing was kept")),
    }
}

fn unset(config: &Config) -> Result<u8, CommandError> {
    let profile = &config.profile.name;
    match config.environment.kept.forget(profile)? {
        Some(place) => say(&format!("removed the key of `{profile}` from {place}")),
        None => say(&format!("no key is stored for `{profile}`")),
    }
    if config.profile.key.is_some() {
        say(&format!("`{}` is still set", config.profile.variable()));
    }
    Ok(0)
}

fn tell(config: &Config, checked: bool, as_json: bool) -> Result<u8, CommandError> {
    let (profile, variable) = (&config.profile.name, config.profile.variable());
    if let Some(problem) = config.environment.key_problem(variable) {
        return Err(problem.into());
    }
    let kept = config.environment.kept.place(profile);
    let source = match (&config.profile.key, &kept) {
        (Some(_), _) => format!("the variable `{variable}`"),
        (None, Some(place)) => place.to_string(),
        (None, None) => {
            let hint = format!("set {variable}, or: editree key set --profile {profile}");
            let message = format!("profile `{profile}` has no key");
            return Err(CommandError::new(code::REFUSED, message).hint(hint));
        }
    };
    let mut told = Value::Null;
    if checked {
        let found = config.environment.kept.find(profile);
        let key = config.profile.key.clone().map_or(found, |key| Ok(Some(key)))?;
        if let Some(key) = key {
            told = check(config, key)?;
        }
    }
    if as_json {
        let kept = kept.map(|place| place.to_string());
        return print_json(&json!({ "profile": profile, "source": source, "kept": kept,
            "may": told }));
    }
    let code = print(format!("{profile}: {source}\n").as_bytes())?;
    if let (Some(_), Some(place)) = (&config.profile.key, kept) {
        say(&format!("another key, not used while `{variable}` is set, is in {place}"));
    }
    Ok(code)
}

/// Asks the service about a request that cannot exist: a good key is told so, for nothing. Answers
/// what the key may do.
fn check(config: &Config, key: Key) -> Result<Value, CommandError> {
    let client = profiles::client(kind(config), auth(config), Some(key))?;
    let executor = executor()?;
    let (probed, rights) = executor.block_on(async {
        let probed = client.probe_key().await;
        let rights = if probed.is_ok() { client.rights().await } else { Rights::default() };
        (probed, rights)
    });
    executor.shutdown_background();
    let follows = match probed {
        Ok(Probe::Accepted) => {
            say("the service accepts the key");
            Some(true)
        }
        Ok(Probe::Limited) => {
            say("the service knows the key, and restricts it");
            Some(false)
        }
        Ok(Probe::Unclear) => {
            say("the service does not say whether it accepts the key");
            None
        }
        Err(error) => return Err(convert::failure(error).into()),
    };
    Ok(may(follows, rights))
}

/// What the key may do, and for what it may not the preset that may.
fn may(follows: Option<bool>, rights: Rights) -> Value {
    let rows = [
        ("follow", "follow requests and fetch results", Step::Result, follows),
        ("billing", "see the balance and exact costs", Step::Balance, rights.billing),
        ("files", "fetch private files", Step::Sign, rights.files),
    ];
    let mut told = serde_json::Map::new();
    for (name, what, step, may) in rows {
        let (permission, preset) = step.permission();
        if may == Some(false) {
            say(&format!(
                "it may not {what}: `{permission}` is missing; the preset {preset} has it"
            ));
        }
        told.insert(name.to_owned(), may.into());
    }
    told.into()
}

/// A line from the terminal, unseen; or all of standard input.
fn read_key(profile: &str) -> Result<String, CommandError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        write!(std::io::stderr(), "key of `{profile}` (it is not shown): ")?;
        let hidden = Hidden::begin()?;
        let line = read_line();
        drop(hidden);
        say("");
        return line;
    }
    let mut text = String::new();
    stdin.lock().take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn ask(question: &str) -> Result<bool, CommandError> {
    write!(std::io::stderr(), "{question} [y/N] ")?;
    let answer = read_line()?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// To the end of the line, byte by byte, so that what comes after it stays.
fn read_line() -> Result<String, CommandError> {
    let interrupted = || CommandError::new(code::INTERRUPTED, "nothing was kept");
    let mut line = Vec::new();
    for byte in std::io::stdin().lock().take(LONGEST).bytes() {
        match byte? {
            b'\n' => break,
            CTRL_C => return Err(interrupted()),
            byte => line.push(byte),
        }
    }
    String::from_utf8(line).map_err(|_| CommandError::usage("the key is not text"))
}

const CTRL_C: u8 = 3;

/// The terminal shows nothing of what is typed until this is dropped. Ctrl-C arrives as a byte, so
/// that it cannot leave a terminal without echo behind.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn begin() -> Result<Self, CommandError> {
        let refused =
            |error: rustix::io::Errno| CommandError::new(code::INTERNAL, error.to_string());
        let stdin = std::io::stdin();
        let before = termios::tcgetattr(&stdin).map_err(refused)?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        termios::tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(refused)?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // There is nobody to tell; the shell resets its terminal too.
        let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
