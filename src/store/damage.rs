//! Damage in the database's own pages: how it is found, and how the next start hears of it.
//!
//! A start looks at a small database whole and at both ends of every table of a large one; whoever
//! has time looks at all of it. What is found while the store is open cannot be mended there: it is
//! noted in a file beside the database, and the next start that is alone looks at everything first.
//! Mends nothing. Invariant: a note alone never counts as damage.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::database;
use super::error::{Error, Kind, damaged};

/// So many pages are read in less than a millisecond.
const FEW: u64 = 128;

/// Something in it could not be read, or makes no sense.
pub(super) fn note(file: &Path) {
    // Where nothing can be written any more, the next reading finds it again.
    let _ = fs::write(place(file), "read all of the database before it is used\n");
}

/// Reads every page of the file on a connection of its own; what is wrong, in the database's words,
/// is noted for the next start. Blocks.
pub fn examine(file: &Path) -> Result<Option<String>, Error> {
    let found = whole(&database::connect_reader(file)?)?;
    if found.is_some() {
        note(file);
    }
    Ok(found)
}

/// What can be found at every start.
pub(super) fn look(connection: &Connection, file: &Path) -> Result<(), Error> {
    let noted = place(file).exists();
    let pages = number(connection, "page_count")?;
    let is_cut = is_cut(connection, file, pages)?;
    let found = match noted || pages <= FEW {
        true => whole(connection)?,
        false => ends(connection).map(|()| None)?,
    };
    if is_cut || found.is_some() {
        return Err(damaged());
    }
    if noted {
        let _ = fs::remove_file(place(file));
    }
    Ok(())
}

/// Reads every page; the database's own words on the first that is wrong.
pub(super) fn whole(connection: &Connection) -> Result<Option<String>, Error> {
    let words = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match words.map_err(Error::from) {
        Ok(words) if words == "ok" => senseless(connection),
        Ok(words) => Ok(Some(words)),
        Err(error) if error.kind == Kind::Damaged => Ok(Some(error.message)),
        Err(error) => Err(error),
    }
}

/// What no version has ever written.
const SENSE: [(&str, &str); 6] = [
    ("nodes", "state NOT IN ('root', 'pending', 'done', 'failed', 'cancelled', 'unknown')"),
    ("nodes", "simulated NOT IN (0, 1) OR starred NOT IN (0, 1) OR trashed NOT IN (0, 1)"),
    ("nodes", "NOT json_valid(params) OR NOT json_valid(inputs) OR NOT json_valid(timings)"),
    ("nodes", "length(parent_picture) <> 64 OR parent_picture GLOB '*[^0-9a-f]*'"),
    ("pictures", "length(hash) <> 64 OR hash GLOB '*[^0-9a-f]*'"),
    ("pragma_foreign_key_check", "1"),
];

/// A text that is none, or a value that no version has written: the database itself takes every byte
/// for good.
fn senseless(connection: &Connection) -> Result<Option<String>, Error> {
    let tables = tables(connection)?;
    for name in &tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                if let ValueRef::Text(bytes) = row.get_ref(column)?
                    && std::str::from_utf8(bytes).is_err()
                {
                    return Ok(Some(format!("a text of the table `{name}` is none")));
                }
            }
        }
    }
    // A new one has no tables yet.
    let is_there = |name: &str| name.starts_with("pragma") || tables.iter().any(|it| it == name);
    for (name, wrong) in SENSE.into_iter().filter(|(name, _)| is_there(name)) {
        let sql = format!("SELECT * FROM {name} WHERE {wrong} LIMIT 1");
        if connection.prepare(&sql)?.exists([])? {
            return Ok(Some(format!("a row of `{name}` makes no sense")));
        }
    }
    Ok(None)
}

/// The first and the last row of every table, with the pages that lead there.
fn ends(connection: &Connection) -> Result<(), Error> {
    for name in tables(connection)? {
        for order in ["ASC", "DESC"] {
            let sql = format!("SELECT * FROM \"{name}\" ORDER BY rowid {order} LIMIT 1");
            connection.prepare(&sql)?.exists([])?;
        }
    }
    Ok(())
}

fn tables(connection: &Connection) -> Result<Vec<String>, Error> {
    let sql = "SELECT name FROM pragma_table_list \
               WHERE schema = 'main' AND type = 'table' AND wr = 0";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The file has fewer pages than it says, and no write-ahead log has the others.
fn is_cut(connection: &Connection, file: &Path, pages: u64) -> Result<bool, Error> {
    let length = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
    let log = PathBuf::from(format!("{}-wal", file.display()));
    let size = number(connection, "page_size")?;
    Ok(length(&log) == 0 && length(file) < pages.saturating_mul(size))
}

fn number(connection: &Connection, pragma: &str) -> Result<u64, Error> {
    let number: i64 = connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))?;
    Ok(number.unsigned_abs())
}

fn place(file: &Path) -> PathBuf {
    file.with_extension("db.suspect")
}
