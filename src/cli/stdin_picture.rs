//! `-i -`: a picture from standard input, as a file for as long as the command runs.
//!
//! Invariant: its person alone can read the file, and it goes with the value that stands for it.

use std::fs::DirBuilder;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use super::{CommandError, code};
use crate::picture::Limits;

/// Stands for the folder with the file.
pub(super) struct Spooled(PathBuf);

impl Drop for Spooled {
    fn drop(&mut self) {
        // Nothing else can be done about it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads it where one of the names is `-`, which then names the file.
pub(super) fn spool(names: &mut [String]) -> Result<Option<Spooled>, CommandError> {
    let mut asked = names.iter_mut().filter(|name| *name == "-");
    let Some(name) = asked.next() else { return Ok(None) };
    if asked.next().is_some() {
        return Err(CommandError::usage("`-` can be given once: there is one standard input"));
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
    let folder = std::env::temp_dir().join(format!("editree-{}", std::process::id()));
    let cannot = |error: io::Error| {
        let words = format!("cannot keep standard input in `{}`: {error}", folder.display());
        CommandError::new(code::INTERNAL, words).hint("set TMPDIR to a folder with room")
    };
    DirBuilder::new().mode(0o700).create(&folder).map_err(cannot)?;
    let spooled = Spooled(folder.clone());
    let path = folder.join("standard input");
    std::fs::write(&path, &bytes).map_err(cannot)?;
    *name = path.to_string_lossy().into_owned();
    Ok(Some(spooled))
}
