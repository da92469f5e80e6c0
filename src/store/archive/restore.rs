//! From an archive to a store, whole or not at all.
//!
//! ```text
//! archive ──read, checked──► restoring.ID/ ──rename──► restored/ ──moves──► editree.db, media/ …
//!                            cut off here: nothing       cut off here: the next start goes on
//!                            has happened
//! ```
//!
//! Invariants: an archive is somebody else's file: only names of ours, regular files and what its
//! list says are taken, and nothing outside of `restoring.ID` is written before all is checked.
//! What was there before is moved aside, never removed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::{Archived, DATABASE, FORMAT, Hashing, LIST, is_ours, is_picture, private};
use crate::limits;
use crate::store::database::FilesystemKind;
use crate::store::error::{Error, Kind};
use crate::store::instance::Instance;
use crate::store::media::{make_folder, sync_folder};
use crate::store::migrations;
use crate::tree::Hash;

/// Checked and complete; its parts only have to be moved into their places.
const READY: &str = "restored";
/// Begins the name of a folder that is being filled.
const UNCHECKED: &str = "restoring.";
/// More than any list of ours has.
const LONGEST_LIST: u64 = 1 << 30;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    pub archived: Archived,
    /// Where what was there before lies now.
    pub replaced: Option<PathBuf>,
}

/// Makes the store in `folder` the one that the archive holds. `replace`: also where there is
/// something, which is moved aside. Blocks.
///
/// # Errors
/// `Busy` while an editree uses the store; `Taken` where it is not empty; `Damaged` with
/// what is wrong with the archive; `TooNew`, `Full`, `Unwritable`.
pub fn restore(file: &Path, folder: &Path, replace: bool) -> Result<Restored, Error> {
    let unread = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(Kind::NotFound, format!("there is no file `{}`", file.display()))
        }
        _ => Error::new(Kind::NotFound, format!("cannot read `{}`: {error}", file.display())),
    };
    let archive = limits::open(file).map_err(unread)?;
    make_folder(folder)?;
    let instance = Instance::begin(folder.join("instances"), FilesystemKind::of(folder))?;
    go_on(folder)?;
    check_free(folder, &instance, replace)?;
    forget_cut_off(folder);
    let aside = folder.join(format!("{UNCHECKED}{}", uuid::Uuid::new_v4()));
    let read = make_folder(&aside).and_then(|()| read(archive, file, &aside));
    let archived = match read {
        Ok(archived) => archived,
        Err(error) => {
            let _ = fs::remove_dir_all(&aside);
            return Err(error);
        }
    };
    // Somebody may have begun meanwhile.
    check_free(folder, &instance, replace)?;
    let ready = folder.join(READY);
    fs::rename(&aside, &ready).map_err(|error| Error::io(&ready, &error))?;
    sync_folder(folder)?;
    Ok(Restored { archived, replaced: go_on(folder)? })
}

/// Finishes what was cut off, if anything was: asked at every start, answered by one look.
pub(in crate::store) fn go_on(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let ready = folder.join(READY);
    let Ok(lock) = File::open(&ready) else {
        return Ok(None);
    };
    // Two that start at once do it one after the other; the second finds nothing left.
    lock.lock().map_err(|error| Error::io(&ready, &error))?;
    let about = |path: &Path, error: io::Error| Error::io(path, &error);
    let mut replaced = None;
    let entries: Vec<_> = match fs::read_dir(&ready) {
        Ok(entries) => entries.flatten().map(|entry| entry.file_name()).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(about(&ready, error)),
    };
    for name in entries {
        let (from, to) = (ready.join(&name), folder.join(&name));
        let with = |end: &str| folder.join(format!("{}{end}", name.to_string_lossy()));
        for old in [to.clone(), with("-wal"), with("-shm"), with("-journal")] {
            if fs::symlink_metadata(&old).is_ok() {
                let place = place_for(folder, &mut replaced)?;
                let aside = place.join(old.file_name().unwrap_or_default());
                fs::rename(&old, &aside).map_err(|error| about(&old, error))?;
            }
        }
        fs::rename(&from, &to).map_err(|error| about(&to, error))?;
    }
    fs::remove_dir(&ready).map_err(|error| about(&ready, error))?;
    sync_folder(folder)?;
    Ok(replaced)
}

/// What an attempt has left that was killed: nobody else is at work.
fn forget_cut_off(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNCHECKED) {
            // It is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder of its own for each time, made when it is needed.
fn place_for(folder: &Path, replaced: &mut Option<PathBuf>) -> Result<PathBuf, Error> {
    if let Some(place) = replaced {
        return Ok(place.clone());
    }
    let name = |number: u32| folder.join(format!("replaced{number}"));
    let number = (1..1000).find(|number| fs::symlink_metadata(name(*number)).is_err());
    let place = name(number.unwrap_or(1000));
    make_folder(&place)?;
    Ok(replaced.insert(place).clone())
}

/// Nobody else is at work, and nothing is there, or its replacement is agreed to.
fn check_free(folder: &Path, instance: &Instance, replace: bool) -> Result<(), Error> {
    if !instance.is_only_one() {
        let message = format!("another editree uses `{}`", folder.display());
        return Err(Error::new(Kind::Busy, message).hint("end it, or name another --data-dir"));
    }
    if replace || is_empty(folder) {
        return Ok(());
    }
    let message = format!("`{}` holds a store that is not empty", folder.display());
    Err(Error::new(Kind::Taken, message)
        .hint("name another --data-dir, or say --replace: what is there is moved aside"))
}

/// No picture, and no node in a database that can be read.
fn is_empty(folder: &Path) -> bool {
    if fs::read_dir(folder.join("media")).is_ok_and(|mut media| media.next().is_some()) {
        return false;
    }
    let path = folder.join(DATABASE);
    if fs::metadata(&path).map_or(true, |file| file.len() == 0) {
        return true;
    }
    let nodes =
        Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|database| {
            database.query_row("SELECT COUNT(*) FROM nodes", [], |row| row.get(0))
        });
    matches!(nodes, Ok(0_i64))
}

/// All of the archive into the folder, checked.
fn read(archive: File, file: &Path, aside: &Path) -> Result<Archived, Error> {
    make_folder(&aside.join("media"))?;
    let mut found: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut list = None;
    let mut tar = tar::Archive::new(io::BufReader::new(archive));
    let cut = |error: io::Error| wrong(file, &format!("it cannot be read to its end: {error}"));
    for entry in tar.entries().map_err(cut)? {
        let mut entry = entry.map_err(cut)?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap_or_default();
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(wrong(file, &format!("`{name}` in it is not a regular file")));
        }
        if list.is_some() {
            return Err(wrong(file, &format!("`{name}` stands behind its list")));
        }
        if name == LIST {
            let mut text = String::new();
            (&mut entry).take(LONGEST_LIST).read_to_string(&mut text).map_err(cut)?;
            list = serde_json::from_str::<Value>(&text).ok();
            continue;
        }
        if !is_ours(&name) || found.contains_key(&name) {
            return Err(wrong(file, &format!("`{name}` does not belong into it")));
        }
        let told = unpack(&mut entry, file, &aside.join(&name))?;
        found.insert(name, told);
    }
    let list = list.ok_or_else(|| wrong(file, "its end is missing: it was cut off"))?;
    let mut archived = compare(&list, &found, file)?;
    archived.bytes = fs::metadata(file).map(|file| file.len()).unwrap_or_default();
    check_database(&aside.join(DATABASE), file)?;
    for place in ["media", "models", "."] {
        if aside.join(place).is_dir() {
            sync_folder(&aside.join(place))?;
        }
    }
    Ok(archived)
}

/// Length and hash of what was written.
fn unpack(
    entry: &mut tar::Entry<'_, io::BufReader<File>>,
    file: &Path,
    to: &Path,
) -> Result<(u64, String), Error> {
    if let Some(parent) = to.parent() {
        make_folder(parent)?;
    }
    let length = entry.size();
    let written = private(to).map_err(|error| Error::io(to, &error))?;
    let mut writer = Hashing { inner: written, digest: Context::new(&SHA256), bytes: 0 };
    let copied = io::copy(entry, &mut writer);
    let copied = copied.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::io(to, &error),
        _ => wrong(file, &format!("it cannot be read to its end: {error}")),
    })?;
    if copied != length {
        return Err(wrong(file, "its end is missing: it was cut off"));
    }
    writer.inner.sync_all().map_err(|error| Error::io(to, &error))?;
    Ok((copied, Hash::from(writer.digest.finish()).to_string()))
}

/// What was found is what the list says, no more and no less.
fn compare(
    list: &Value,
    found: &BTreeMap<String, (u64, String)>,
    file: &Path,
) -> Result<Archived, Error> {
    match list.get("editree").and_then(Value::as_u64) {
        Some(FORMAT) => {}
        Some(_) => {
            let message = format!("`{}` was made by a newer editree", file.display());
            return Err(Error::new(Kind::TooNew, message).hint("use that one"));
        }
        None => return Err(wrong(file, "its list cannot be read")),
    }
    let files = list.get("files").and_then(Value::as_array);
    let told: BTreeMap<&str, (u64, &str)> = files
        .into_iter()
        .flatten()
        .filter_map(|file| {
            let bytes = file.get("bytes")?.as_u64()?;
            Some((file.get("name")?.as_str()?, (bytes, file.get("sha256")?.as_str()?)))
        })
        .collect();
    let mut archived = Archived { files: found.len(), ..Archived::default() };
    for (name, (bytes, hash)) in found {
        if told.get(name.as_str()) != Some(&(*bytes, hash.as_str())) {
            return Err(wrong(file, &format!("`{name}` in it was changed")));
        }
        if is_picture(name) && !name.contains(hash.as_str()) {
            archived.odd.push(format!("`{name}` was not what it is called when it was kept"));
        }
    }
    if let Some(missing) = told.keys().find(|name| !found.contains_key(**name)) {
        return Err(wrong(file, &format!("`{missing}` is missing in it")));
    }
    if !found.contains_key(DATABASE) {
        return Err(wrong(file, "there is no database in it"));
    }
    let count = |name: &str| list.get(name).and_then(Value::as_u64).unwrap_or_default();
    (archived.nodes, archived.pictures) = (count("nodes"), count("pictures"));
    Ok(archived)
}

fn check_database(path: &Path, file: &Path) -> Result<(), Error> {
    let broken = |_| wrong(file, "the database in it is damaged");
    let database =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(broken)?;
    let integrity: String =
        database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(broken)?;
    if integrity != "ok" {
        return Err(wrong(file, &format!("the database in it is damaged: {integrity}")));
    }
    migrations::check(&database)
}

fn wrong(file: &Path, why: &str) -> Error {
    let message = format!("`{}` is not a complete editree backup: {why}", file.display());
    Error::new(Kind::Damaged, message).hint("take another backup; nothing was changed")
}
