//! A database that can be read, is up to date, and has all that the pictures tell of.
//!
//! Finds and repairs whatever is wrong at the start, and reports it. Invariant: no file that holds
//! anything of a person is removed or overwritten for it.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::damage;
use super::database::{self, FilesystemKind};
use super::error::{self, Error, Kind};
use super::instance::Instance;
use super::media::Media;
use super::migrations;
use super::rebuild::{self, Merged};

/// The connection that writes, and what the person should know of the store.
pub(super) fn open(
    path: &Path,
    filesystem: FilesystemKind,
    media: &Media,
    instance: &Instance,
    is_damaged: bool,
) -> Result<(Connection, Vec<String>), Error> {
    let mut notes = Vec::new();
    if filesystem == FilesystemKind::Network {
        notes.push(
            "the store lies on a network file system: one editree at a time can use it".into(),
        );
    }
    if let Some(aside) = keep_lonely_log(path, instance)? {
        notes.push(format!(
            "`editree.db` is gone and its write-ahead log is not: that is kept as `{}`",
            aside.display()
        ));
    }
    let opened = match is_damaged {
        true => Err(error::damaged()),
        false => connect(path, filesystem),
    };
    let mut connection = match opened {
        Ok((connection, mended)) => {
            notes.extend(mended);
            connection
        }
        Err(error) if error.kind == Kind::Damaged && instance.is_only_one() => {
            let aside = rebuild::set_aside(path)?;
            let (mut connection, _) = connect(path, filesystem)?;
            let merged = rebuild::merge(&mut connection, media, instance)?;
            notes.extend(told(&damaged(&merged, &aside), &merged));
            return Ok((connection, notes));
        }
        Err(error) => return Err(error),
    };
    if let Some(merged) = rebuild::merge_if_needed(&mut connection, media, instance)? {
        notes.extend(told(&lacking(&merged), &merged));
    }
    Ok((connection, notes))
}

/// A database that can be read and is up to date, and what was mended in it.
fn connect(path: &Path, filesystem: FilesystemKind) -> Result<(Connection, Option<String>), Error> {
    let mut connection = database::connect(path, filesystem)?;
    migrations::check(&connection)?;
    // Before anything else is written: what is damaged is set aside as it is.
    let mended = damage::look(&mut connection, path)?;
    migrations::migrate(&mut connection, path)?;
    Ok((connection, mended))
}

/// SQLite removes a write-ahead log whose database is not there. Everything may stand in it.
fn keep_lonely_log(path: &Path, instance: &Instance) -> Result<Option<PathBuf>, Error> {
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let log = PathBuf::from(format!("{}-wal", path.display()));
    if length(path) > 0 || length(&log) == 0 || !instance.is_only_one() {
        return Ok(None);
    }
    let name = |number: u32| path.with_extension(format!("db-wal.aside{number}"));
    let number = (1..1000).find(|number| !name(*number).exists());
    let aside = name(number.unwrap_or(1000));
    fs::rename(&log, &aside).map_err(|error| Error::io(&log, &error))?;
    Ok(Some(aside))
}

fn damaged(merged: &Merged, aside: &Path) -> String {
    format!(
        "the store was damaged and is made again from the pictures: {} nodes are back; stars, \
         names, undo, the draft and requests under way are not. The damaged file is kept as `{}`; \
         `editree import --from-service` brings requests that were paid",
        merged.nodes,
        aside.display()
    )
}

/// Nothing to say where nothing was lacking, as at the very first start.
pub(super) fn lacking(merged: &Merged) -> String {
    let nodes = (merged.nodes > 0).then(|| {
        format!(
            "the database did not know {} nodes that the pictures tell of: they are back, without \
             their stars, names and undo",
            merged.nodes
        )
    });
    let ended = (merged.ended > 0).then(|| {
        format!("{} requests turned out to be done: their pictures are here", merged.ended)
    });
    let parts: Vec<String> = nodes.into_iter().chain(ended).collect();
    parts.join("; ")
}

/// In one line, with what could not be read.
pub(super) fn told(words: &str, merged: &Merged) -> Option<String> {
    let skipped = match merged.skipped.as_slice() {
        [] => None,
        [one] => Some(format!("left out: {one}")),
        [one, rest @ ..] => Some(format!("left out: {one} and {} more", rest.len())),
    };
    let words = (!words.is_empty()).then(|| words.to_owned());
    let parts: Vec<String> = words.into_iter().chain(skipped).collect();
    (!parts.is_empty()).then(|| parts.join(". "))
}
