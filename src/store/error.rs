//! What can go wrong with the store, in words a person can act on.

use std::io;
use std::path::Path;

use crate::app::failure::{Failure, FailureKind};

/// A failure of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The folder or a file in it cannot be written.
    Unwritable,
    /// The disk is full.
    Full,
    /// Another process holds the store for longer than we wait.
    Busy,
    /// The database is damaged.
    Damaged,
    /// Written by a newer editree.
    TooNew,
    /// Real and simulated in one project.
    Mixed,
    NotFound,
    /// A move that the table of job states forbids.
    Illegal,
    Io,
    /// The store's thread is gone.
    Bug,
}

impl Error {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An input/output error about `path`.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let shown = path.display();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => full(),
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => {
                Self::new(Kind::Unwritable, format!("cannot write to `{shown}`: {error}"))
                    .hint("name another folder with --data-dir DIR")
            }
            _ => Self::new(Kind::Io, format!("`{shown}`: {error}"))
                .hint("name another folder with --data-dir DIR"),
        }
    }
}

fn full() -> Error {
    Error::new(Kind::Full, "the disk is full").hint("make room; nothing that was kept is lost")
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => full(),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                Self::new(Kind::Busy, "another editree is writing for longer than expected")
                    .hint("wait for it, or end it")
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::new(Kind::Damaged, "the store's database is damaged")
                    .hint("set editree.db aside; the pictures in media/ are untouched")
            }
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                Self::new(Kind::Unwritable, "the store's database cannot be written")
                    .hint("name another folder with --data-dir DIR")
            }
            _ => Self::new(Kind::Io, format!("the store: {error}")),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = if error.kind == Kind::Bug { FailureKind::Bug } else { FailureKind::Store };
        let failure = Self::new(kind, error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
