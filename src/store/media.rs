//! Picture files, and other results: each exactly as it came, named by content hash.
//!
//! Usable from any thread; knows nothing of the database. Invariant: a file under its final name
//! is whole and durable.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::error::{Error, Kind};
use crate::tree::Hash;

/// File name endings and the formats they stand for.
const FORMATS: [(&str, &str); 19] = [
    ("png", "png"),
    ("jpg", "jpeg"),
    ("webp", "webp"),
    ("gif", "gif"),
    ("avif", "avif"),
    ("heic", "heic"),
    ("tiff", "tiff"),
    ("bmp", "bmp"),
    ("jp2", "jp2"),
    ("jxl", "jxl"),
    ("svg", "svg"),
    ("mp4", "mp4"),
    ("webm", "webm"),
    ("wav", "wav"),
    ("mp3", "mp3"),
    ("ogg", "ogg"),
    ("flac", "flac"),
    ("glb", "glb"),
    ("bin", "file"),
];
/// A part that nobody has touched for so long belongs to a process that died.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// The folder with the pictures.
#[derive(Clone, Debug)]
pub struct Media {
    folder: PathBuf,
}

impl Media {
    pub(super) fn open(folder: PathBuf) -> Result<Self, Error> {
        make_folder(&folder)?;
        let media = Self { folder };
        media.remove_stale_parts();
        Ok(media)
    }

    /// Keeps the bytes; the same bytes again change nothing. Blocks until they are durable.
    pub fn write(&self, bytes: &[u8]) -> Result<Hash, Error> {
        let hash = Hash(Sha256::digest(bytes).into());
        match self.path(hash) {
            // Another process may have renamed it this moment: its name must be durable for us too.
            Some(path) if is_whole(&path, bytes) => sync_folder(&self.folder)?,
            Some(path) => write_durably(&path, bytes)?,
            None => {
                let path = self.folder.join(format!("{hash}.{}", ending(bytes)));
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

    /// The file's bytes and its format, as [`format()`] names it.
    pub fn read_with_format(&self, hash: Hash) -> Result<(Vec<u8>, String), Error> {
        let Some((path, format)) = self.find(hash) else {
            return Err(Error::new(Kind::NotFound, format!("picture {hash} is not in the store")));
        };
        let bytes = fs::read(&path).map_err(|error| Error::io(&path, &error))?;
        Ok((bytes, format.to_owned()))
    }

    /// Writes the recipe and lineage beside the picture.
    pub(super) fn write_sidecar(&self, hash: Hash, json: &str) -> Result<(), Error> {
        write_durably(&self.folder.join(format!("{hash}.json")), json.as_bytes())
    }

    /// What stands beside the picture, if anything.
    pub(super) fn read_sidecar(&self, hash: Hash) -> Option<String> {
        fs::read_to_string(self.folder.join(format!("{hash}.json"))).ok()
    }

    fn find(&self, hash: Hash) -> Option<(PathBuf, &'static str)> {
        FORMATS.into_iter().find_map(|(ending, format)| {
            let path = self.folder.join(format!("{hash}.{ending}"));
            path.is_file().then_some((path, format))
        })
    }

    fn remove_stale_parts(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_part = path.extension().is_some_and(|ending| ending == "part");
            let age = entry.metadata().ok().and_then(|data| data.modified().ok()?.elapsed().ok());
            if is_part && age.is_some_and(|age| age > STALE) {
                // Another process may have removed it just now.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// A file system that lost power may have kept a name with fewer bytes.
fn is_whole(path: &Path, bytes: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() == bytes.len() as u64)
}

fn ending(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4) {
            Some(b"avif" | b"avis") => "avif",
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1") => "heic",
            Some(_) | None => "mp4",
        },
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "tiff",
        [b'B', b'M', ..] => "bmp",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => "jp2",
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] | [0xff, 0x0a, ..] => "jxl",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "webm",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "wav",
        [b'I', b'D', b'3', ..] | [0xff, 0xf2 | 0xf3 | 0xfb, ..] => "mp3",
        [b'O', b'g', b'g', b'S', ..] => "ogg",
        [b'f', b'L', b'a', b'C', ..] => "flac",
        [b'g', b'l', b'T', b'F', ..] => "glb",
        text if is_svg(text) => "svg",
        _ => "bin",
    }
}

/// Its root may stand behind a declaration and remarks.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..1_024).unwrap_or(bytes));
    head.trim_start().starts_with('<') && head.contains("<svg")
}

/// What a file is by its first bytes: `png`, `mp4`, …, or `file` where they tell nothing.
pub fn format(bytes: &[u8]) -> &'static str {
    let ending = ending(bytes);
    FORMATS.iter().find(|(known, _)| *known == ending).map_or("file", |(_, format)| *format)
}

/// A folder that only its owner can enter.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Error::no_folder(path, &error))
}

/// Part, fsync, rename, fsync of the folder: half files never show.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let part = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
    let written = write_part(&part, bytes).and_then(|()| fs::rename(&part, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(Error::io(path, &error).needs(bytes.len() as u64));
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Ok(()) => Ok(()),
        // Some network file systems cannot sync a folder; the file itself is synced.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        Err(error) => Err(Error::io(folder, &error)),
    }
}

fn write_part(part: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}
