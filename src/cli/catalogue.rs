//! The endpoints that are known here: the built-in ones and those in the data folder.
//!
//! Invariant: an unreadable file is reported and skipped, never fatal.

use std::path::{Path, PathBuf};

use super::say;
use crate::limits;
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

/// The whole of a document or a list, if it is a plain file.
pub(super) fn bounded(path: &Path) -> Result<Vec<u8>, String> {
    limits::read(path, LIMITS.bytes).map_err(|error| error.to_string())
}
