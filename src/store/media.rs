//! Picture files, and other results: each exactly as it came, named by content hash.
//!
//! Usable from any thread; knows nothing of the database. Invariant: a file under its final name
//! is whole and durable.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{Error, Kind};
use crate::limits;
use crate::picture::signature::{self, KINDS};
use crate::tree::Hash;

/// What the database knows of the sidecars stands in a file beside the folder; see `sidecar_mark`.
const MARK: &str = "mark";
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
            None => {
                let path = self.folder.join(format!("{hash}.{}", signature::of(bytes).ending));
                write_durably(&path, bytes)?;
            }
        }
        Ok(hash)
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

    /// Writes the recipe and lineage beside the picture.
    pub(super) fn write_sidecar(&self, hash: Hash, json: &str) -> Result<(), Error> {
        write_durably(&self.sidecar(hash), json.as_bytes())
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
        let written = write_part(&part, mark.as_bytes(), false);
        written.and_then(|()| fs::rename(&part, &path)).map_err(|error| {
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
    let part = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
    let written = write_part(&part, bytes, true).and_then(|()| fs::rename(&part, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(Error::io(path, &error).needs(bytes.len() as u64));
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Ok(()) => Ok(()),
        // Some network file systems cannot sync a folder; the file itself is synced.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        Err(error) => Err(Error::io(folder, &error)),
    }
}

fn write_part(part: &Path, bytes: &[u8], sync: bool) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(bytes)?;
    if sync { file.sync_all() } else { Ok(()) }
}
