//! Whether the database knows all that stands beside the pictures, found out in two small reads.
//!
//! Whoever writes a sidecar draws a new mark and leaves it in the database, in the same transaction
//! as the node, and in the media folder. As long as both are the same nothing is missing, however
//! many pictures there are. A database that is missing, empty, older than its pictures or without
//! its write-ahead log has another mark or none. Invariant: a database without a mark is never
//! taken for complete.

use rusqlite::Connection;

use super::error::Error;
use super::media::Media;

/// The database has the mark that lies beside the pictures.
pub(super) fn agrees(connection: &Connection, media: &Media) -> Result<bool, Error> {
    let known: Option<String> =
        connection.query_row("SELECT mark FROM described", [], |row| row.get(0))?;
    Ok(known.is_some() && known == media.read_mark())
}

/// A new mark on both sides; the database's counts with the transaction.
pub(super) fn renew(connection: &Connection, media: &Media) -> Result<(), Error> {
    let mark = uuid::Uuid::new_v4().to_string();
    connection.prepare_cached("UPDATE described SET mark = ?1")?.execute([&mark])?;
    media.write_mark(&mark)
}
