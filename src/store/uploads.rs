//! Where pictures lie at a service, so that the same bytes are not sent there twice.
//!
//! It does not know whether an address is still good; who uses one asks. Invariant: one address for
//! each picture and place, the newest; an address that has run out is not given out.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Store;
use super::connection::Reply;
use super::error::Error;
use crate::tree::{Hash, Timestamp};

/// A picture's address at a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub url: String,
    /// When it was put there, or was last seen there.
    pub at: Timestamp,
    /// When the service drops it; `None`: not that we know.
    pub expires: Option<Timestamp>,
}

impl Store {
    /// The address of a picture at `place`, the origin it was given out by, if it holds beyond `now`.
    pub fn upload(&self, hash: Hash, place: &str, now: Timestamp) -> Reply<Option<Address>> {
        let place = place.to_owned();
        // Of the writer: what was kept a moment ago must be found.
        self.writer.ask(move |connection| find(connection, hash, &place, now))
    }

    /// Keeps an address instead of an older one.
    pub fn keep_upload(&self, hash: Hash, place: &str, address: Address) -> Reply<()> {
        let place = place.to_owned();
        self.writer.ask(move |connection| keep(connection, hash, &place, &address))
    }

    /// Drops an address that has turned out to be no good.
    pub fn forget_upload(&self, hash: Hash, place: &str) -> Reply<()> {
        let place = place.to_owned();
        self.writer.ask(move |connection| {
            connection.execute(
                "DELETE FROM uploads WHERE hash = ?1 AND profile = ?2",
                params![hash.to_string(), place],
            )?;
            Ok(())
        })
    }
}

fn find(
    connection: &Connection,
    hash: Hash,
    place: &str,
    now: Timestamp,
) -> Result<Option<Address>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT url, at, expires_at FROM uploads WHERE hash = ?1 AND profile = ?2 \
         AND (expires_at IS NULL OR expires_at > ?3)",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        let expires: Option<i64> = row.get(2)?;
        let (url, at) = (row.get(0)?, Timestamp(row.get(1)?));
        Ok(Address { url, at, expires: expires.map(Timestamp) })
    };
    Ok(statement.query_row(params![hash.to_string(), place, now.0], read).optional()?)
}

fn keep(connection: &Connection, hash: Hash, place: &str, address: &Address) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO uploads (hash, profile, url, at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let expires = address.expires.map(|at| at.0);
    statement.execute(params![hash.to_string(), place, address.url, address.at.0, expires])?;
    Ok(())
}
