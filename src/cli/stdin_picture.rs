//! `-i -`: a picture from standard input, read once and kept in memory for as long as the program
//! runs.
//!
//! Invariant: it is in no file before the store has it, so that nothing of it stays behind.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::sync::OnceLock;

use super::CommandError;
use crate::app::failure::Failure;
use crate::picture::{Info, Limits};
use crate::runtime::open_files::{check_picture, read_picture};

/// What names it, and what its node is called.
pub(super) const NAME: &str = "-";
pub(super) const TITLE: &str = "standard input";

/// There is one standard input in a process.
static BYTES: OnceLock<Vec<u8>> = OnceLock::new();

/// Reads it where one of the names asks for it.
pub(super) fn take(names: &[String]) -> Result<(), CommandError> {
    match names.iter().filter(|name| *name == NAME).count() {
        0 => return Ok(()),
        1 => {}
        _ => return Err(CommandError::usage("`-` can be given once: there is one standard input")),
    }
    if io::stdin().is_terminal() {
        let command_error = CommandError::usage("standard input is the keyboard");
        return Err(command_error.hint("give it a picture: editree run -i - … < picture.png"));
    }
    let most = Limits::default().bytes;
    let mut bytes = Vec::new();
    io::stdin().lock().take(most + 1).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(CommandError::usage("nothing came on standard input"));
    }
    BYTES.get_or_init(|| bytes);
    Ok(())
}

/// The picture of that name: a file, or what came on standard input.
pub(super) fn read(name: &str) -> Result<(Vec<u8>, Info), Failure> {
    match BYTES.get().filter(|_| name == NAME) {
        Some(bytes) => check_picture(bytes.clone(), TITLE),
        None => read_picture(Path::new(name)),
    }
}
