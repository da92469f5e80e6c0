//! Whether the database knows all that stands beside the pictures, found out in three small looks.
//!
//! Whoever writes a sidecar draws a new mark and leaves it in the database, in the same transaction
//! as the node, and in a file beside the media folder, with the time at which that folder changed
//! last. As long as the marks are the same and the folder has not changed since, nothing is
//! missing, however many pictures there are. A database that is missing, empty, older than its
//! pictures or without its write-ahead log has another mark or none; files that somebody brings
//! change the folder. Invariant: a database without a mark is never taken for complete.

use rusqlite::Connection;

use super::error::Error;
use super::media::Media;

/// The mark that lies beside the pictures is the database's, and was left when the folder changed
/// last.
pub(super) fn agrees(connection: &Connection, media: &Media) -> Result<bool, Error> {
    let known: Option<String> =
        connection.query_row("SELECT mark FROM described", [], |row| row.get(0))?;
    let expected = known.zip(media.changed_at()).map(|(mark, at)| line(&mark, &at));
    Ok(expected.is_some() && expected == media.read_mark())
}

/// A new mark on both sides, for a folder that changed last at `at`; the database's counts with the
/// transaction.
pub(super) fn renew(
    connection: &Connection,
    media: &Media,
    at: Option<String>,
) -> Result<(), Error> {
    let mark = uuid::Uuid::new_v4().to_string();
    connection.prepare_cached("UPDATE described SET mark = ?1")?.execute([&mark])?;
    media.write_mark(&line(&mark, &at.unwrap_or_default()))
}

fn line(mark: &str, at: &str) -> String {
    format!("{mark} {at}\n")
}
