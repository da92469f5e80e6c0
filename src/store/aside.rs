//! A database that is given up lies aside under a name of its own, and a note says so until all that
//! it still tells has come over.
//!
//! Reads no database. Invariant: from the moment it is moved until it was read, whatever ends the
//! program, the next start finds the note and reads it.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::media::{read_small, write_durably};

/// A page of a database has at least so many bytes.
pub(super) const SMALLEST: u64 = 512;

/// What belongs to a database and lies beside it.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Moves the database and the files that belong to it out of the way; where they are now.
pub(super) fn begin(path: &Path) -> Result<PathBuf, Error> {
    let aside = free_name(path);
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    write_durably(&note(path), name.as_bytes())?;
    fs::rename(path, &aside).map_err(|error| Error::io(path, &error))?;
    move_beside(path, &aside);
    Ok(aside)
}

/// The one that was moved by a start which did not come to its end.
pub(super) fn unfinished(path: &Path) -> Option<PathBuf> {
    let name = read_small(&note(path)).ok()?;
    let is_ours = name.starts_with("editree.db.damaged") && !name.contains('/');
    let aside = path.with_file_name(&name);
    if !is_ours || !aside.exists() {
        // It was not moved: its damage is still there to be found.
        finish(path);
        return None;
    }
    if !path.exists() {
        move_beside(path, &aside);
    }
    Some(aside)
}

/// All that it tells has come over.
pub(super) fn finish(path: &Path) {
    // One that stays is followed once more, which changes nothing.
    let _ = fs::remove_file(note(path));
}

/// Out of the way without a note: it holds nothing that the pictures and an older one do not tell.
pub(super) fn put_away(path: &Path) -> Result<(), Error> {
    let aside = free_name(path);
    fs::rename(path, &aside).map_err(|error| Error::io(path, &error))?;
    move_beside(path, &aside);
    Ok(())
}

/// A database of one page, by which the rest can be read from its write-ahead log: SQLite reads none
/// beside an empty file.
pub(super) fn first_page(log: &[u8]) -> Option<&[u8]> {
    const HEAD: usize = 32;
    const FRAME_HEAD: usize = 24;
    let number = |bytes: &[u8], at: usize| {
        Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
    };
    let size = number(log, 8).filter(|size| (512..=65_536).contains(size))?;
    let mut frames = log.get(HEAD..)?.chunks_exact(FRAME_HEAD + size);
    let first = frames.find(|frame| number(frame, 0) == Some(1))?;
    first.get(FRAME_HEAD..)
}

fn move_beside(path: &Path, aside: &Path) {
    for beside in BESIDE {
        let with = |path: &Path| PathBuf::from(format!("{}{beside}", path.display()));
        // Mostly there is none.
        let _ = fs::rename(with(path), with(aside));
    }
}

fn free_name(path: &Path) -> PathBuf {
    let name = |number: u32| path.with_extension(format!("db.damaged{number}"));
    let number = (1..1000).find(|number| !name(*number).exists());
    name(number.unwrap_or(1000))
}

fn note(path: &Path) -> PathBuf {
    path.with_extension("db.aside")
}
