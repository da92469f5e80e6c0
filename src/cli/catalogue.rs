//! The endpoints that are known here: the built-in ones and those in the data folder.
//!
//! Invariant: an unreadable file is reported and skipped, never fatal.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::say;
use crate::schema::import::limits::LIMITS;
use crate::schema::{Catalogue, Endpoint};

/// The built-in endpoints and those that were added.
pub(crate) fn catalogue(data_dir: &Path) -> Catalogue {
    let Ok(entries) = std::fs::read_dir(data_dir.join("models")) else {
        return Catalogue::builtin();
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    files.iter().fold(Catalogue::builtin(), |catalogue, file| match read(file) {
        Ok(endpoint) => catalogue.with(endpoint),
        Err(reason) => {
            say(&format!("ignored `{}`: {reason}", file.display()));
            catalogue
        }
    })
}

fn read(file: &Path) -> Result<Endpoint, String> {
    serde_json::from_slice(&bounded(file)?).map_err(|error| error.to_string())
}

/// The whole of a plain file. Pipes, devices and folders are refused without waiting for them.
pub(super) fn bounded(path: &Path) -> Result<Vec<u8>, String> {
    let without_waiting = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(without_waiting).open(path);
    let file = opened.map_err(|error| error.to_string())?;
    let known = file.metadata().map_err(|error| error.to_string())?;
    if !known.is_file() {
        return Err("it is not a regular file".into());
    }
    let mut bytes = Vec::new();
    file.take(LIMITS.bytes + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LIMITS.bytes {
        return Err(format!("it is larger than {} MiB", LIMITS.bytes >> 20));
    }
    Ok(bytes)
}
