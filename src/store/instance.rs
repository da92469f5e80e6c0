//! Who is alive: each instance holds a lock of the kernel on a file of its own for as long as it
//! lives. The kernel lets go at any death, so no time-out is ever guessed.
//!
//! Invariant: while an instance lives, its file stands under its name and its lock cannot be had.

use std::fs::{self, File, FileTimes, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::database::FilesystemKind;
use super::error::{Error, Kind};
use super::media::make_folder;

const ENDING: &str = "lock";
/// A claim is only ever lost to a sweep that runs at the same moment.
const CLAIMS: usize = 8;

/// This process's claim to its jobs. Children do not inherit it: files are close-on-exec.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) name: String,
    folder: PathBuf,
    lock: File,
    /// Held where a second instance would be a danger.
    _alone: Option<File>,
}

impl Instance {
    /// A new name with its lock. `Busy` where the store takes one instance only and has it.
    pub(super) fn begin(folder: PathBuf, filesystem: FilesystemKind) -> Result<Self, Error> {
        make_folder(&folder)?;
        let alone = match filesystem {
            FilesystemKind::Local => None,
            FilesystemKind::Network => Some(be_alone(&folder)?),
        };
        for _ in 0..CLAIMS {
            if let Some((name, lock)) = claim(&folder)? {
                return Ok(Self { name, folder, lock, _alone: alone });
            }
        }
        Err(Error::new(Kind::Io, format!("cannot keep a lock file in `{}`", folder.display())))
    }

    /// Nobody holds the lock of that name any more.
    pub(super) fn is_dead(&self, other: &str) -> bool {
        if other == self.name {
            return false;
        }
        match File::open(lock_path(&self.folder, other)) {
            // Taken and let go at once: the jobs are taken over in a transaction, not by this lock.
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }

    /// A sign of life for the others: the lock file's time moves. What it says means nothing.
    pub(super) fn heartbeat(&self) -> Result<(), Error> {
        let path = lock_path(&self.folder, &self.name);
        // Both times: Linux tells of the second alone as of a write, for which all others would look.
        let now = SystemTime::now();
        let times = FileTimes::new().set_accessed(now).set_modified(now);
        self.lock.set_times(times).map_err(|error| Error::io(&path, &error))
    }

    /// The last sign of life of that instance, to be compared with a later one.
    pub(super) fn heartbeat_of(&self, other: &str) -> Option<SystemTime> {
        fs::metadata(lock_path(&self.folder, other)).and_then(|file| file.modified()).ok()
    }

    /// No other instance lives.
    pub(super) fn is_only_one(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return true;
        };
        let paths = entries.flatten().map(|entry| entry.path());
        let locks = paths.filter(|path| path.extension().is_some_and(|ending| ending == ENDING));
        let names = locks.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
        names.into_iter().all(|name| name == self.name || self.is_dead(&name))
    }

    /// Removes the files that instances have left which could not do so themselves.
    pub(super) fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_ours = path.file_stem().is_some_and(|stem| *stem == *self.name);
            if is_ours || path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            // Removed while its lock is held, so that `claim` can notice.
            if let Ok(file) = File::open(&path)
                && file.try_lock().is_ok()
            {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = fs::remove_file(lock_path(&self.folder, &self.name));
    }
}

/// A fresh lock, unless a sweep has removed its file before it was locked.
fn claim(folder: &Path) -> Result<Option<(String, File)>, Error> {
    let name = uuid::Uuid::new_v4().to_string();
    let path = lock_path(folder, &name);
    let failed = |error: io::Error| Error::io(&path, &error);
    let lock =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let held = lock.metadata().map_err(failed)?;
    let stands = fs::metadata(&path)
        .is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino()));
    Ok(stands.then_some((name, lock)))
}

fn be_alone(folder: &Path) -> Result<File, Error> {
    let path = folder.join("alone");
    let failed = |error: io::Error| Error::io(&path, &error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message =
                "another editree uses this store, and on a network file system only one can";
            Err(Error::new(Kind::Busy, message).hint("end it, or name another --data-dir"))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn lock_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{ENDING}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_instance_is_dead_when_it_was_dropped_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Instance::begin(folder.path().into(), FilesystemKind::Local).unwrap();
        let (first, second) = (begin(), begin());
        assert!(!second.is_dead(&first.name));
        assert!(!second.is_dead(&second.name));
        let name = first.name.clone();
        drop(first);
        assert!(second.is_dead(&name));
    }

    #[test]
    fn a_sweep_removes_what_the_dead_left_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Instance::begin(folder.path().into(), FilesystemKind::Local).unwrap();
        let (first, second) = (begin(), begin());
        // As after a SIGKILL: the file stands, nobody holds its lock.
        let left = lock_path(folder.path(), "left");
        fs::write(&left, "").unwrap();
        assert!(first.is_dead("left"));
        first.sweep();
        assert!(!left.exists());
        assert!(!first.is_dead(&second.name));
        assert!(!second.is_dead(&first.name));
    }

    #[test]
    fn a_network_file_system_takes_one_instance_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Instance::begin(folder.path().into(), FilesystemKind::Network);
        let first = begin().unwrap();
        assert_eq!(begin().unwrap_err().kind, Kind::Busy);
        drop(first);
        begin().unwrap();
    }
}
