//! One file that holds a whole store: `backup` makes it, `restore` reads it.
//!
//! A plain tar that any system opens: a copy of the database that is of one moment, every picture
//! and sidecar, imported endpoints, and at its end a list of all that with hashes. No key is in it.
//! Invariant: an archive without its list at the end, or that differs from it, is not taken.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use rusqlite::Connection;
use serde_json::json;

pub mod restore;

use super::Store;
use super::connection::Reply;
use super::error::{Error, Kind};
use super::media::sync_folder;
use crate::limits;
use crate::picture::signature::is_ending;
use crate::tree::Hash;

const DATABASE: &str = "editree.db";
/// The last entry: what is in the archive, with hashes.
const LIST: &str = "editree-backup.json";
/// What is written into the list, for those who read it later.
const FORMAT: u64 = 1;

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archived {
    pub nodes: u64,
    pub pictures: u64,
    pub files: usize,
    pub bytes: u64,
    /// Files that are not what they are called, or were none; they are told.
    pub odd: Vec<String>,
}

impl Store {
    /// Writes the whole store, all projects, into a new file. Blocks nobody: others go on working
    /// meanwhile, and what they add may or may not be in it.
    ///
    /// # Errors
    /// `Taken` where the file is there already; `Full`, `Unwritable`.
    pub fn back_up(&self, file: PathBuf) -> Reply<Archived> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        self.reader.ask(move |connection| back_up(connection, &folder, &file))
    }
}

fn back_up(connection: &Connection, folder: &Path, file: &Path) -> Result<Archived, Error> {
    let taken = || {
        let message = format!("`{}` is there already", file.display());
        Error::new(Kind::Taken, message).hint("name another file, or remove that one")
    };
    if fs::symlink_metadata(file).is_ok() {
        return Err(taken());
    }
    let own = uuid::Uuid::new_v4();
    let copy = folder.join(format!("backup.{own}.part"));
    let part = PathBuf::from(format!("{}.{own}.part", file.display()));
    let made = copy_database(connection, &copy)
        .and_then(|()| write(connection, folder, &copy, &part))
        .and_then(|archived| {
            // A link fails where the name was taken meanwhile, and a rename would not.
            match fs::hard_link(&part, file) {
                Ok(()) => Ok(archived),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken()),
                Err(_) => fs::rename(&part, file)
                    .map(|()| archived)
                    .map_err(|error| Error::io(file, &error)),
            }
        });
    for left in [&copy, &part] {
        let _ = fs::remove_file(left);
    }
    let archived = made?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    sync_folder(parent.unwrap_or(Path::new(".")))?;
    Ok(archived)
}

/// Of one moment, whatever others write meanwhile.
fn copy_database(connection: &Connection, copy: &Path) -> Result<(), Error> {
    // Made first, so that nobody else can read it.
    private(copy).map_err(|error| Error::io(copy, &error))?;
    connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    Ok(())
}

fn write(
    connection: &Connection,
    folder: &Path,
    copy: &Path,
    part: &Path,
) -> Result<Archived, Error> {
    let count = |table: &str| -> Result<u64, Error> {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    let elsewhere = "name a file in a folder that is there and has room";
    let about = |error: io::Error| Error::io(part, &error).hint(elsewhere);
    let file = private(part).map_err(about)?;
    let mut packer = Packer {
        tar: tar::Builder::new(io::BufWriter::new(file)),
        list: String::new(),
        archived: Archived {
            nodes: count("nodes")?,
            pictures: count("pictures")?,
            ..Archived::default()
        },
    };
    packer.add(copy, DATABASE)?;
    for place in ["media", "models"] {
        for name in own_files(folder, place, &mut packer.archived.odd) {
            packer.add(&folder.join(&name), &name)?;
        }
    }
    let Packer { mut tar, list, mut archived } = packer;
    let about_it = json!({
        "editree": FORMAT,
        "made_by": env!("CARGO_PKG_VERSION"),
        "nodes": archived.nodes,
        "pictures": archived.pictures,
    });
    let about_it = about_it.to_string();
    let open = about_it.trim_end_matches('}');
    let list = format!("{open},\"files\":[\n{}\n]}}\n", list.trim_end_matches(",\n"));
    tar.append_data(&mut header(list.len() as u64), LIST, list.as_bytes()).map_err(about)?;
    let written = tar.into_inner().and_then(|file| Ok(file.into_inner()?)).map_err(about)?;
    written.sync_all().map_err(about)?;
    archived.bytes = written.metadata().map_err(about)?.len();
    Ok(archived)
}

struct Packer {
    tar: tar::Builder<io::BufWriter<File>>,
    /// A row for each file, as text: there may be a hundred thousand.
    list: String,
    archived: Archived,
}

impl Packer {
    fn add(&mut self, path: &Path, name: &str) -> Result<(), Error> {
        let about = |error: io::Error| Error::io(path, &error);
        let file = match limits::open(path) {
            Ok(file) => file,
            // Collected since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(about(error)),
        };
        let length = file.metadata().map_err(about)?.len();
        let mut reader =
            Hashing { inner: file.take(length), digest: Context::new(&SHA256), bytes: 0 };
        self.tar.append_data(&mut header(length), name, &mut reader).map_err(about)?;
        if reader.bytes != length {
            return Err(about(io::Error::other("it became shorter while it was read")));
        }
        let hash = Hash::from(reader.digest.finish()).to_string();
        if is_picture(name) && !name.contains(&hash) {
            self.archived
                .odd
                .push(format!("the file type of `{}` does not match its name", path.display()));
        }
        self.archived.files += 1;
        let row = json!({ "name": name, "bytes": length, "sha256": hash });
        self.list.push_str(&format!("{row},\n"));
        Ok(())
    }
}

/// Names of regular files of a folder that belong into an archive, as they are there.
fn own_files(folder: &Path, place: &str, odd: &mut Vec<String>) -> Vec<String> {
    let entries = fs::read_dir(folder.join(place)).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("{place}/{name}");
        if !is_ours(&name) {
            continue;
        }
        match fs::metadata(&path) {
            Ok(data) if data.is_file() => files.push(name),
            Ok(_) => odd.push(format!("`{}` is not a regular file", path.display())),
            Err(_) => {}
        }
    }
    files.sort();
    files
}

/// The only names that an archive has.
fn is_ours(name: &str) -> bool {
    if name == DATABASE || is_picture(name) {
        return true;
    }
    if let Some(sidecar) = name.strip_prefix("media/") {
        return sidecar.strip_suffix(".json").is_some_and(|stem| stem.parse::<Hash>().is_ok());
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let model = name.strip_prefix("models/").filter(|model| model.ends_with(".json"));
    model.is_some_and(|model| model.chars().all(is_plain) && !model.starts_with('.'))
}

/// Named by its content.
fn is_picture(name: &str) -> bool {
    let file = name.strip_prefix("media/").and_then(|file| file.split_once('.'));
    file.is_some_and(|(stem, ending)| stem.parse::<Hash>().is_ok() && is_ending(ending))
}

fn header(length: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(0);
    header
}

/// A file of our own making that nobody else reads.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    digest: Context,
    bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let filled = buffer.get(..read).unwrap_or_default();
        self.digest.update(filled);
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.digest.update(buffer.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
