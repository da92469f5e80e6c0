//! How much of a file is read that somebody else may have written, and the one way to open one.
//!
//! One number for each kind; those of pictures stand in `picture`, of documents in
//! `schema::import::limits`, of answers in `fal::profile`. Invariant: no file is read further than its
//! limit, and another program is waited for only where the person's own shell has put it there, and
//! not for long.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The config file.
pub const CONFIG: u64 = 1 << 20;
/// A key, with what people write around it.
pub const KEY: u64 = 64 << 10;
/// What stands beside a picture; no sidecar of ours comes near this size.
pub const SIDECAR: u64 = 16 << 20;
/// Lists that editree keeps for itself.
pub const LIST: u64 = 8 << 20;

/// So long a command in `<(…)` may take.
const PATIENCE: Duration = Duration::from_secs(20);

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
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

/// The same, as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    as_text(read(path, most)?)
}

/// The same for a file that the person names: it may be a pipe of the person's own shell. That one
/// can be read only once.
pub fn read_named_text(path: &Path, most: u64) -> io::Result<String> {
    if is_of_the_shell(path) {
        as_text(read_pipe(path, most, PATIENCE)?)
    } else {
        read_text(path, most)
    }
}

/// `<(…)`: the shell gives a pipe a name that only its own programs can open.
pub fn is_of_the_shell(path: &Path) -> bool {
    let is_there = ["/dev/fd/", "/proc/self/fd/"].iter().any(|folder| path.starts_with(folder));
    is_there && std::fs::metadata(path).is_ok_and(|data| data.file_type().is_fifo())
}

fn read_pipe(path: &Path, most: u64, patience: Duration) -> io::Result<Vec<u8>> {
    let without_waiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut pipe = OpenOptions::new().read(true).custom_flags(without_waiting).open(path)?;
    let (end, mut bytes, mut piece) = (Instant::now() + patience, Vec::new(), vec![0; 64 << 10]);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let words = format!("nothing has ended it for {} s", patience.as_secs());
            return Err(io::Error::new(ErrorKind::TimedOut, words));
        }
        let left =
            Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&left))?;
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(read) => bytes.extend(piece.iter().take(read)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if bytes.len() as u64 > most {
            return Err(too_large(most));
        }
    }
}

fn too_large(most: u64) -> io::Error {
    let most = match most >> 20 {
        0 => format!("{} KiB", most >> 10),
        most => format!("{most} MiB"),
    };
    io::Error::new(ErrorKind::FileTooLarge, format!("it is larger than {most}"))
}

fn as_text(bytes: Vec<u8>) -> io::Result<String> {
    let not_text = |_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text");
    String::from_utf8(bytes).map_err(not_text)
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

    #[test]
    fn a_pipe_of_the_shell_is_read_to_its_end_within_bytes_and_time() {
        use std::io::Write as _;
        use std::os::fd::AsRawFd as _;
        let through = |words: &[u8], is_ended: bool, most| {
            let (reader, mut writer) = io::pipe().unwrap();
            writer.write_all(words).unwrap();
            let held = (!is_ended).then_some(writer);
            let path = format!("/dev/fd/{}", reader.as_raw_fd());
            let path = Path::new(&path);
            assert!(is_of_the_shell(path));
            let read = read_pipe(path, most, Duration::from_millis(20));
            drop(held);
            read.map_err(|error| error.to_string())
        };
        assert_eq!(through(b"plain = true", true, 99).unwrap(), b"plain = true");
        assert_eq!(through(b"", true, 99).unwrap(), b"");
        assert_eq!(through(b"12345", true, 4).unwrap_err(), "it is larger than 0 KiB");
        assert_eq!(through(b"x", false, 99).unwrap_err(), "nothing has ended it for 0 s");
        assert!(!is_of_the_shell(Path::new("/dev/null")));
    }
}
