//! What can go wrong with the store, in words a person can act on.

use std::io;
use std::path::Path;

use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;

const ANOTHER: &str = "name another folder with --data-dir DIR";

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
    /// A file stands where the folder should be.
    NotAFolder,
    /// The disk is full.
    Full,
    /// Another process holds the store, or the job, for longer than we wait.
    Busy,
    /// The database is damaged.
    Damaged,
    /// The database is whole, and a row or a table of it is not what this version reads.
    Senseless,
    /// Written by a newer editree.
    TooNew,
    /// Real and simulated in one project.
    Mixed,
    /// Something is there that would be lost.
    Taken,
    /// The day would cost more than it may.
    OverBudget,
    NotFound,
    /// Another instance that lives has the job.
    Foreign,
    /// A move that the table of job states forbids.
    Illegal,
    Io,
    /// A mistake of ours, or the store's thread is gone.
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
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::new(Kind::Unwritable, format!("cannot write to `{shown}`: {error}"))
                    .hint(ANOTHER)
            }
            io::ErrorKind::NotADirectory => {
                Self::new(Kind::NotAFolder, format!("`{shown}` is not in a folder")).hint(ANOTHER)
            }
            _ => Self::new(Kind::Io, format!("`{shown}`: {error}")).hint(ANOTHER),
        }
    }

    /// A folder could not be made.
    pub(super) fn no_folder(path: &Path, error: &io::Error) -> Self {
        let shown = path.display();
        match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                Self::new(Kind::NotAFolder, format!("`{shown}` is not a folder")).hint(ANOTHER)
            }
            // A folder above it exists, but takes no folders (`/proc`).
            io::ErrorKind::NotFound => {
                Self::new(Kind::Unwritable, format!("cannot make a folder `{shown}`")).hint(ANOTHER)
            }
            _ => Self::io(path, error),
        }
    }

    /// The same, saying how much room a full disk lacks.
    pub(super) fn needs(mut self, bytes: u64) -> Self {
        if self.kind == Kind::Full {
            let kilobytes = bytes.div_ceil(1_000);
            self.message = format!("the disk is full: {kilobytes} kB are needed for this file");
        }
        self
    }

    /// The same, naming who is in the way.
    pub(super) fn held_by(mut self, holder: &str) -> Self {
        self.message = format!("{holder} is writing to the store for longer than expected");
        self
    }

    /// It is about what stands in the database: a look at all of it may tell more.
    pub(super) fn is_of_the_file(&self) -> bool {
        matches!(self.kind, Kind::Damaged | Kind::Senseless)
    }

    /// The same, naming the file that it is about.
    pub(super) fn about(mut self, path: &Path) -> Self {
        self.message = format!("{} (`{}`)", self.message, path.display());
        self
    }
}

pub(super) fn damaged() -> Error {
    Error::new(Kind::Damaged, "the store's database is damaged")
        .hint("end every editree: the next one makes it again from the pictures")
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
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => damaged(),
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                Self::new(Kind::Unwritable, "the store's database cannot be written").hint(ANOTHER)
            }
            Some(Code::ConstraintViolation) => Self::new(
                Kind::Bug,
                format!("the store was given a row that makes no sense: {error}"),
            ),
            _ if is_senseless(&error) => {
                Self::new(Kind::Senseless, format!("cannot read a row of the store: {error}")).hint(
                    "move `editree.db` away to have the tree again from the pictures; stars, \
                         names, the draft and requests under way stay in that file",
                )
            }
            _ => Self::new(Kind::Io, format!("the store: {error}")),
        }
    }
}

/// A cell that nobody can have written, or tables that are not those of this version: the database
/// itself calls only broken pages damaged.
fn is_senseless(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sql;
    let words = match error {
        Sql::SqliteFailure(_, Some(words)) | Sql::SqlInputError { msg: words, .. } => {
            words.as_str()
        }
        _ => "",
    };
    let is_other = ["no such table", "no such column", "invalid fts5"];
    is_other.iter().any(|start| words.starts_with(start))
        || matches!(
            error,
            Sql::FromSqlConversionFailure(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::InvalidColumnType(..)
                | Sql::Utf8Error(..)
        )
}

pub(super) fn missing_job(id: JobId) -> Error {
    Error::new(Kind::NotFound, format!("there is no job {id}")).hint("`editree jobs` lists them")
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = match error.kind {
            // A move that the table forbids is a mistake of ours: it does not pass in seconds.
            Kind::Bug | Kind::Illegal | Kind::Senseless => FailureKind::Bug,
            Kind::OverBudget => FailureKind::Budget,
            Kind::Foreign => FailureKind::Elsewhere,
            _ => FailureKind::Store,
        };
        Self::new(kind, error.message).hint_opt(error.hint)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_full_disk_is_called_so_whoever_notices_it() {
        let error = std::fs::write("/dev/full", "x").unwrap_err();
        assert_eq!(Error::io(Path::new("/dev/full"), &error).kind, Kind::Full);

        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA max_page_count = 4; CREATE TABLE t (x)").unwrap();
        let filled = connection.execute("INSERT INTO t VALUES (zeroblob(100000))", []);
        let error = Error::from(filled.unwrap_err());
        assert_eq!((error.kind, error.message.as_str()), (Kind::Full, "the disk is full"));
    }

    #[test]
    fn a_busy_database_is_told_in_words_for_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("x.db")).unwrap();
        let (first, second) = (open(), open());
        first.execute_batch("BEGIN EXCLUSIVE").unwrap();
        second.busy_timeout(std::time::Duration::ZERO).unwrap();
        let error = Error::from(second.execute_batch("BEGIN EXCLUSIVE").unwrap_err());
        assert_eq!(error.kind, Kind::Busy);
        assert!(!error.message.contains("locked"), "{error}");
        assert!(error.hint.is_some());
    }

    #[test]
    fn a_failure_of_the_store_keeps_its_words_and_hint() {
        let failure = Failure::from(full());
        assert_eq!(failure.kind, FailureKind::Store);
        assert_eq!(failure.message, "the disk is full");
        assert!(failure.hint.is_some());
        assert_eq!(Failure::from(Error::new(Kind::Bug, "x")).kind, FailureKind::Bug);
    }
}
