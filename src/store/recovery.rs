//! A database that can be read, is up to date, and has all that the pictures tell of.
//!
//! Finds and repairs whatever is wrong at the start, and reports it. Invariant: no file that holds
//! anything of a person is removed or overwritten for it.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::aside;
use super::damage;
use super::database::{self, FilesystemKind};
use super::error::{self, Error, Kind};
use super::instance::Instance;
use super::media::Media;
use super::migrations;
use super::rebuild::{self, Merged};
use super::salvage::{self, Salvaged};

const FROM_SERVICE: &str = "`editree import --from-service` brings requests that were paid";

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
    let is_only_one = instance.is_only_one();
    if let Some(aside) = is_only_one.then(|| aside::unfinished(path)).flatten() {
        let what = "the store was damaged and was not made again to its end";
        let (connection, note) = make_again(path, filesystem, (media, instance), (what, &aside))?;
        notes.extend(note);
        return Ok((connection, notes));
    }
    let cut = cut_to(path, media).filter(|_| is_only_one);
    if cut.is_none()
        && let Some(aside) = keep_lonely_log(path, instance)?
    {
        notes.push(format!(
            "`editree.db` is gone and its write-ahead log is not: that is kept as `{}`",
            aside.display()
        ));
    }
    let opened = match is_damaged || cut.is_some() {
        true => Err(error::damaged()),
        false => connect(path, filesystem),
    };
    let mut connection = match opened {
        Ok((connection, mended)) => {
            notes.extend(mended);
            connection
        }
        Err(error) if error.kind == Kind::Damaged && is_only_one => {
            let what = match cut {
                Some(bytes) => format!("`editree.db` was cut off, {bytes} bytes were left of it"),
                None => "the store was damaged".to_owned(),
            };
            let aside = aside::begin(path)?;
            let given = (what.as_str(), aside.as_path());
            let (connection, note) = make_again(path, filesystem, (media, instance), given)?;
            notes.extend(note);
            return Ok((connection, notes));
        }
        Err(error) => return Err(error),
    };
    if let Some(merged) = rebuild::merge_if_needed(&mut connection, media, instance)? {
        notes.extend(told(&lacking(&merged), &merged));
    }
    Ok((connection, notes))
}

/// From the pictures, and from what the one that lies aside still tells. Begun again by the next
/// start until it has come to its end, which changes nothing that was done before.
fn make_again(
    path: &Path,
    filesystem: FilesystemKind,
    (media, instance): (&Media, &Instance),
    (what, aside): (&str, &Path),
) -> Result<(Connection, Option<String>), Error> {
    let connected = match connect(path, filesystem) {
        Err(error) if error.kind == Kind::Damaged => {
            // What an earlier start had begun was torn with it.
            aside::put_away(path)?;
            connect(path, filesystem)
        }
        connected => connected,
    };
    let (mut connection, _) = connected?;
    let merged = rebuild::merge(&mut connection, media, instance)?;
    let sql = "SELECT COUNT(DISTINCT node) FROM pictures";
    let nodes = connection.query_row(sql, [], |row| row.get(0))?;
    let salvaged = salvage::salvage(&mut connection, aside)?;
    aside::finish(path);
    Ok((connection, told(&made_again(what, nodes, &salvaged, aside), &merged)))
}

/// Fewer bytes than any database has, beside pictures that had one.
fn cut_to(path: &Path, media: &Media) -> Option<u64> {
    let bytes = fs::metadata(path).ok()?.len();
    (bytes < aside::SMALLEST && media.has_sidecars()).then_some(bytes)
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

fn made_again(what: &str, nodes: i64, salvaged: &Salvaged, aside: &Path) -> String {
    let some = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let brought: Vec<String> = [
        some(salvaged.open, "requests under way"),
        some(salvaged.over, "earlier requests"),
        some(salvaged.nodes, "nodes without a picture"),
        some(salvaged.marked, "nodes with their stars, names and trash"),
        (salvaged.drafts > 0).then(|| "the draft".to_owned()),
        (salvaged.decisions > 0).then(|| "undo".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let brought = match brought.is_empty() {
        true => String::new(),
        false => format!(", and from what could still be read of it {}", brought.join(", ")),
    };
    let lost = Vec::from_iter(salvaged.lost.iter().copied()).join("; ");
    let lost = match lost.is_empty() {
        true => String::new(),
        false => format!("; not all could be read: {lost}; {FROM_SERVICE}"),
    };
    format!(
        "{what} and is made again: from the pictures {nodes} nodes are back{brought}{lost}. \
         The damaged file is kept as `{}`",
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
