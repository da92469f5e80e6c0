//! `models add`: any other endpoint from its OpenAPI document, kept in the data folder.
//!
//! Kept is what was understood, in the form of the built-in documents, so that a person can read
//! and edit it. Invariant: an unreadable file is reported and skipped, never fatal.

use std::path::Path;

use crate::text::plain;

use super::catalogue::{bounded, catalogue};
use super::session::executor;
use super::{CommandError, code, print, say};
use crate::fal::openapi_fetch::document;
use crate::runtime::convert;
use crate::schema::import::import;

/// `editree models add`.
pub(crate) fn add(data_dir: &Path, what: &str, owner: Option<&str>) -> Result<u8, CommandError> {
    let file = Path::new(what);
    let document = if file.exists() {
        let bytes = bounded(file)
            .map_err(|reason| CommandError::usage(format!("`{what}` cannot be read: {reason}")))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| CommandError::usage(format!("`{what}` is not JSON: {error}")))?
    } else {
        let executor = executor()?;
        executor
            .block_on(document(what))
            .map_err(|error| CommandError::from(convert::failure(error)))?
    };
    let imported = import(&document, what, owner)
        .map_err(|error| CommandError::usage(error.message).hint_opt(error.hint))?;
    let folder = data_dir.join("models");
    std::fs::create_dir_all(&folder).map_err(|error| no_place(&folder, &error))?;
    let known = catalogue(data_dir);
    let mut text = String::new();
    for endpoint in imported {
        let file = folder.join(format!("{}.json", endpoint.id.replace('/', "--")));
        let part = file.with_extension("part");
        let json = format!("{:#}\n", endpoint.to_json());
        std::fs::write(&part, json)
            .and_then(|()| std::fs::rename(&part, &file))
            .map_err(|error| no_place(&file, &error))?;
        let known = known.with(endpoint.clone());
        let short = known.find(&endpoint.id).map_or("", |endpoint| endpoint.short.as_str());
        text.push_str(&format!("{short}  {}\n", endpoint.id));
    }
    say("the price is not in the document: it counts as unknown and is asked about");
    print(plain(&text).as_bytes())
}

fn no_place(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(code::INTERNAL, format!("cannot write `{}`: {error}", path.display()))
}
