//! Picture files, and other results: each exactly as it came, named by content hash.
//!
//! Usable from any thread; knows nothing of the database. Invariant: a file under its final name
//! is whole and durable.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use super::error::{Error, Kind};
use crate::limits;
use crate::picture::signature::{self, KINDS};
use crate::tree::Hash;

/// What the database knows of the sidecars stands in a file beside the folder; see `sidecar_mark`.
const MARK: &str = "mark";
/// So many files are waited for at once.
const TOGETHER: usize = 8;
/// A part that nobody has touched for so long belongs to a process that died.
pub(super) const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// The folder with the pictures.
#[derive(Clone, Debug)]
pub struct Media {
    folder: PathBuf,
}

impl Media {
    pub(super) fn open(folder: PathBuf) -> Result<Self, Error> {
        make_folder(&folder)?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps the bytes; the same bytes again change nothing. Blocks until they are durable.
    pub fn write(&self, bytes: &[u8]) -> Result<Hash, Error> {
        let hash = Hash::of(bytes);
        match self.path(hash) {
            // Another process may have renamed it this moment: its name must be durable for us too.
            Some(path) if is_whole(&path, bytes) => sync_folder(&self.folder)?,
            Some(path) => write_durably(&path, bytes)?,
            None => write_durably(&self.new_path(hash, bytes), bytes)?,
        }
        Ok(hash)
    }

    /// The same of several at once, which costs the disk little more than one.
    pub(super) fn write_all<'a>(
        &self,
        pictures: impl Iterator<Item = &'a [u8]>,
    ) -> Vec<Result<Hash, Error>> {
        let mut files: Vec<(Hash, PathBuf, &[u8])> = Vec::new();
        for bytes in pictures {
            let file = match files.last() {
                // Once more for another node that shows it: it is read through once.
                Some(last) if std::ptr::eq(last.2, bytes) => last.clone(),
                _ => {
                    let hash = Hash::of(bytes);
                    (hash, self.path(hash).unwrap_or_else(|| self.new_path(hash, bytes)), bytes)
                }
            };
            files.push(file);
        }
        // The same file is written once, however often it comes.
        let new: BTreeMap<&PathBuf, &[u8]> =
            files.iter().map(|(_, path, bytes)| (path, *bytes)).collect();
        let new = new.into_iter().filter(|(path, bytes)| !is_whole(path, bytes));
        let new: Vec<_> = new.map(|(path, bytes)| (path.clone(), bytes)).collect();
        let mut failed: BTreeMap<PathBuf, Error> = BTreeMap::new();
        for ((path, _), written) in new.iter().zip(write_all_durably(&self.folder, &new)) {
            failed.extend(written.err().map(|error| (path.clone(), error)));
        }
        let kept = |(hash, path, _): &(Hash, PathBuf, &[u8])| match failed.get(path) {
            Some(error) => Err(error.clone()),
            None => Ok(*hash),
        };
        files.iter().map(kept).collect()
    }

    fn new_path(&self, hash: Hash, bytes: &[u8]) -> PathBuf {
        self.folder.join(format!("{hash}.{}", signature::of(bytes).ending))
    }

    /// Where the picture lies, if it is kept.
    pub fn path(&self, hash: Hash) -> Option<PathBuf> {
        self.find(hash).map(|(path, _)| path)
    }

    /// The picture's bytes.
    pub fn read(&self, hash: Hash) -> Result<Vec<u8>, Error> {
        self.read_with_format(hash).map(|(bytes, _)| bytes)
    }

    /// The file's bytes and its format, as [`signature::of`] names it.
    pub fn read_with_format(&self, hash: Hash) -> Result<(Vec<u8>, String), Error> {
        let Some((path, format)) = self.find(hash) else {
            return Err(Error::new(Kind::NotFound, format!("picture {hash} is not in the store")));
        };
        let bytes = fs::read(&path).map_err(|error| Error::io(&path, &error))?;
        Ok((bytes, format.to_owned()))
    }

    /// Writes recipes and lineage beside the pictures.
    pub(super) fn write_sidecars(&self, sidecars: &[(Hash, String)]) -> Result<(), Error> {
        let files: Vec<_> =
            sidecars.iter().map(|(hash, json)| (self.sidecar(*hash), json.as_bytes())).collect();
        write_all_durably(&self.folder, &files).into_iter().collect()
    }

    /// What stands beside the picture.
    pub(super) fn read_sidecar(&self, hash: Hash) -> Result<String, Unread> {
        read_small(&self.sidecar(hash))
    }

    /// What stands in the place of a sidecar and is none goes out of the way, under the first free
    /// name: it keeps no picture from its place in the tree, and somebody may still read it.
    pub(super) fn move_aside(&self, hash: Hash) -> Result<(), Error> {
        let path = self.sidecar(hash);
        let name = |number: u32| path.with_extension(format!("json.aside{number}"));
        let number = (1..1000).find(|number| fs::symlink_metadata(name(*number)).is_err());
        let aside = name(number.unwrap_or(1000));
        fs::rename(&path, aside).map_err(|error| Error::io(&path, &error))
    }

    fn sidecar(&self, hash: Hash) -> PathBuf {
        self.folder.join(format!("{hash}.json"))
    }

    /// Whether anything stands beside a picture.
    pub(super) fn has_sidecars(&self) -> bool {
        let mut entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.any(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
    }

    /// When a file was added or removed last, to be compared with another time.
    pub(super) fn changed_at(&self) -> Option<String> {
        let folder = fs::metadata(&self.folder).ok()?;
        Some(format!("{}.{:09}", folder.mtime(), folder.mtime_nsec()))
    }

    /// The mark that `sidecar_mark` has left; nothing where it cannot be read.
    pub(super) fn read_mark(&self) -> Option<String> {
        read_small(&self.folder.with_extension(MARK)).ok()
    }

    /// Whole or not at all, but not synced: where it is lost, the sidecars are read once more.
    pub(super) fn write_mark(&self, mark: &str) -> Result<(), Error> {
        let path = self.folder.with_extension(MARK);
        let part = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
        let written = write_part(&part, mark.as_bytes());
        written.and_then(|_| fs::rename(&part, &path)).map_err(|error| {
            let _ = fs::remove_file(&part);
            Error::io(&path, &error)
        })
    }

    fn find(&self, hash: Hash) -> Option<(PathBuf, &'static str)> {
        KINDS.iter().find_map(|kind| {
            let path = self.folder.join(format!("{hash}.{}", kind.ending));
            path.is_file().then_some((path, kind.name))
        })
    }
}

/// Why a small file was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    Missing,
    Because(String),
}

/// A text of some kilobytes. Waits for no pipe, and reads no folder, device or huge file.
pub(crate) fn read_small(path: &Path) -> Result<String, Unread> {
    limits::read_text(path, limits::SIDECAR).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Because(error.to_string()),
    })
}

/// A file system that lost power may have kept a name with fewer bytes.
fn is_whole(path: &Path, bytes: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == bytes.len() as u64)
}

/// A folder that only its owner can enter.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Error::no_folder(path, &error))
}

/// Part, fsync, rename, fsync of the folder: half files never show.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write_all_durably(folder, &[(path.to_owned(), bytes)]).into_iter().collect()
}

/// The same of several files of a folder, each whole or not at all; all are handed over to the disk
/// before the first is waited for.
fn write_all_durably(folder: &Path, files: &[(PathBuf, &[u8])]) -> Vec<Result<(), Error>> {
    write_with(Builder::new, folder, files)
}

fn write_with(
    thread: fn() -> Builder,
    folder: &Path,
    files: &[(PathBuf, &[u8])],
) -> Vec<Result<(), Error>> {
    let begin = |(path, bytes): &(PathBuf, &[u8])| {
        let part = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
        let file = write_part(&part, bytes);
        (part, file)
    };
    let mut begun: Vec<_> = files.iter().map(begin).collect();
    let mut written: Vec<_> = files.iter().map(|_| Ok(())).collect();
    // Few, as nearly always: on this thread.
    let helpers = if files.len() > TOGETHER { TOGETHER - 1 } else { 0 };
    let left = Mutex::new(files.iter().zip(&mut begun).zip(&mut written));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(((file, begun), written)) = next() {
            *written = end(file, begun);
        }
    };
    // The disk makes one step of those that are waited for together.
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // One that cannot be started is not missed: the others do its share.
            drop(thread().spawn_scoped(scope, work));
        }
        work();
    });
    match sync_folder(folder) {
        Ok(()) => written,
        Err(error) => written.into_iter().map(|one| one.and(Err(error.clone()))).collect(),
    }
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Ok(()) => Ok(()),
        // Some network file systems cannot sync a folder; the file itself is synced.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        Err(error) => Err(Error::io(folder, &error)),
    }
}

fn end(
    (path, bytes): &(PathBuf, &[u8]),
    (part, file): &mut (PathBuf, io::Result<File>),
) -> Result<(), Error> {
    let synced = match file {
        Ok(file) => file.sync_all(),
        Err(error) => Err(std::mem::replace(error, ErrorKind::Other.into())),
    };
    synced.and_then(|()| fs::rename(&*part, path)).map_err(|error| {
        let _ = fs::remove_file(part);
        Error::io(path, &error).needs(bytes.len() as u64)
    })
}

/// Not synced.
fn write_part(part: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_are_written_where_no_thread_can_be_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = |number| (folder.path().join(format!("{number}.png")), b"picture".as_slice());
        let files: Vec<_> = (0..5 * TOGETHER).map(file).collect();
        // No machine has room for such a stack.
        let thread = || Builder::new().stack_size(1 << 60);
        assert!(thread().spawn(|| ()).is_err());
        let written = write_with(thread, folder.path(), &files);
        assert!(written.iter().all(Result::is_ok), "{written:?}");
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        let mut expected: Vec<_> = files.into_iter().map(|(path, _)| path).collect();
        names.sort();
        expected.sort();
        assert_eq!(names, expected, "no part is left");
    }
}
