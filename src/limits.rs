//! How much of a file is read that somebody else may have written, and the one way to open one.
//!
//! One number for each kind; those of pictures stand in `picture`, of documents in
//! `schema::import::limits`, of answers in `fal::profile`. Invariant: nothing here waits for another
//! program, and no file is read further than its limit.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The config file.
pub const CONFIG: u64 = 1 << 20;
/// A key, with what people write around it.
pub const KEY: u64 = 64 << 10;
/// What stands beside a picture; no sidecar of ours comes near this size.
pub const SIDECAR: u64 = 16 << 20;
/// Lists that editree keeps for itself.
pub const LIST: u64 = 8 << 20;

/// A plain file, open for reading. Pipes, devices and folders are refused, and not waited for.
pub fn open(path: &Path) -> io::Result<File> {
    let without_waiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(without_waiting).open(path)?;
    let data = file.metadata()?;
    match (data.is_file(), data.is_dir()) {
        (true, _) => Ok(file),
        (false, true) => Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder")),
        (false, false) => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

/// The whole of a plain file that has at most so many bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let most = match most >> 20 {
            0 => format!("{} KiB", most >> 10),
            most => format!("{most} MiB"),
        };
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it is larger than {most}")));
    }
    Ok(bytes)
}

/// The same, as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let not_text = |_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text");
    String::from_utf8(read(path, most)?).map_err(not_text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_plain_files_within_their_limit_are_read_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, place("pipe"), rustix::fs::Mode::RUSR).unwrap();
        std::os::unix::fs::symlink("/dev/zero", place("zero")).unwrap();
        std::os::unix::fs::symlink(place("loop"), place("loop")).unwrap();
        std::fs::write(place("four"), "four").unwrap();
        std::fs::write(place("latin"), b"\xfc").unwrap();
        File::create(place("huge")).unwrap().set_len(1 << 40).unwrap();
        let told = |name: &str, most| match read_text(&place(name), most) {
            Ok(text) => text,
            Err(error) => error.to_string(),
        };
        assert_eq!(told("pipe", 9), "it is not a regular file");
        assert_eq!(told("zero", 9), "it is not a regular file");
        assert_eq!(told("", 9), "it is a folder");
        assert_eq!(told("four", 4), "four");
        assert_eq!(told("four", 3), "it is larger than 0 KiB");
        assert_eq!(told("huge", CONFIG), "it is larger than 1 MiB");
        assert_eq!(told("latin", 9), "it is not UTF-8 text");
        assert_eq!(read(&place("none"), 9).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(read(&place("loop"), 9).is_err());
    }
}
