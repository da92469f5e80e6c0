//! Who is alive: each instance holds a lock of the kernel on a file of its own for as long as it
//! lives. The kernel lets go at any death, so no time-out is ever guessed.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::media::make_folder;

/// This process's claim to its jobs. Children do not inherit it: files are close-on-exec.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) name: String,
    folder: PathBuf,
    _lock: File,
}

impl Instance {
    pub(super) fn begin(folder: PathBuf) -> Result<Self, Error> {
        make_folder(&folder)?;
        let name = uuid::Uuid::new_v4().to_string();
        let path = lock_path(&folder, &name);
        let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let lock = lock.map_err(|error| Error::io(&path, &error))?;
        lock.lock().map_err(|error| Error::io(&path, &error))?;
        Ok(Self { name, folder, _lock: lock })
    }

    /// Nobody holds the lock of that name any more.
    pub(super) fn is_dead(&self, other: &str) -> bool {
        if other == self.name {
            return false;
        }
        match File::open(lock_path(&self.folder, other)) {
            // Taken and let go at once: the jobs are taken over in a transaction, not by this lock.
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }

    pub(super) fn forget(&self, other: &str) {
        let _ = fs::remove_file(lock_path(&self.folder, other));
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = fs::remove_file(lock_path(&self.folder, &self.name));
    }
}

fn lock_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.lock"))
}
