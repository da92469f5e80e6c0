//! Damage in the database's own pages: how it is found, and how the next start hears of it.
//!
//! A start looks at a small database whole and at both ends of every table of a large one; whoever
//! has time looks at all of it. What is found while the store is open cannot be mended there: it is
//! noted in a file beside the database, and the next start looks at everything first. It mends what
//! costs nobody anything: indices, and rows that nobody misses. Invariant: only what SQLite itself
//! calls broken counts as damage, neither a note nor a row that makes no sense.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior};

use super::database;
use super::error::{Error, Kind, damaged};

/// So many pages are read in less than a millisecond.
const FEW: u64 = 128;

/// Something in it could not be read, or makes no sense.
pub(super) fn note(file: &Path) {
    // Where nothing can be written any more, the next reading finds it again.
    let _ = fs::write(place(file), "read all of the database before it is used\n");
}

/// What a look at all of it has found, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The database itself calls it broken: the next start mends it.
    Broken(String),
    /// The database reads it, and nobody can have written it: it stays as it is.
    Senseless(String),
}

/// Reads every page of the file on a connection of its own, and notes what the next start can mend.
/// Blocks.
pub fn examine(file: &Path) -> Result<Option<Found>, Error> {
    let connection = database::connect_reader(file)?;
    if let Some(words) = whole(&connection)? {
        note(file);
        return Ok(Some(Found::Broken(words)));
    }
    if !litter(&connection)?.is_empty() {
        note(file);
    }
    Ok(senseless(&connection)?.map(Found::Senseless))
}

/// What can be found and mended in place at every start; what was, in words.
pub(super) fn look(connection: &mut Connection, file: &Path) -> Result<Option<String>, Error> {
    let noted = place(file).exists();
    let pages = number(connection, "page_count")?;
    if is_cut(connection, file, pages)? {
        return Err(damaged());
    }
    let is_suspect = match ends(connection) {
        Ok(()) => noted || pages <= FEW,
        Err(error) if error.kind == Kind::Damaged => true,
        Err(error) => return Err(error),
    };
    let told = if is_suspect { mend(connection)? } else { None };
    if noted {
        let _ = fs::remove_file(place(file));
    }
    Ok(told)
}

/// Looks at all of it, and makes right what costs nobody anything.
fn mend(connection: &mut Connection) -> Result<Option<String>, Error> {
    let is_whole = whole(connection)?.is_none();
    if !is_whole {
        match index_again(connection) {
            Ok(true) => {}
            Err(error)
                if matches!(error.kind, Kind::Busy | Kind::Full | Kind::Unwritable | Kind::Io) =>
            {
                return Err(error);
            }
            Ok(false) | Err(_) => return Err(damaged()),
        }
    }
    for (table, row) in litter(connection)? {
        connection.execute(&format!("DELETE FROM {table} WHERE rowid = ?1"), [row])?;
    }
    let words = "an index of the database did not fit its rows and is made again; `editree doctor` \
                 compares the rows with the pictures";
    Ok((!is_whole).then(|| words.to_owned()))
}

/// Makes the indices again; whether all is whole with that. Else nothing is changed.
fn index_again(connection: &mut Connection) -> Result<bool, Error> {
    if has_lost_rows(connection)? {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("REINDEX")?;
    if tables(&transaction)?.iter().any(|name| name == "nodes")
        && transaction.table_exists(None, "words")?
    {
        transaction.execute_batch("INSERT INTO words (words) VALUES ('rebuild')")?;
    }
    let is_whole = whole(&transaction)?.is_none();
    if is_whole {
        transaction.commit()?;
    }
    Ok(is_whole)
}

/// An index has more entries than its table has rows, and knows each of these: it is the rows that
/// are gone, and another index would only hide it. So it would where a project's own name is meant.
fn has_lost_rows(connection: &Connection) -> Result<bool, Error> {
    let mut statement = connection.prepare("PRAGMA integrity_check(10000)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    let counted = lines.iter().filter_map(|line| line.strip_prefix("wrong # of entries in index "));
    let is_known = |index: &str| {
        lines.iter().any(|line| line.ends_with(&format!(" missing from index {index}")))
    };
    Ok(is_known("sqlite_autoindex_projects_1") || counted.into_iter().any(|it| !is_known(it)))
}

/// Reads every page; the database's own words on the first that is broken.
pub(super) fn whole(connection: &Connection) -> Result<Option<String>, Error> {
    let words = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match words.map_err(Error::from) {
        Ok(words) if words == "ok" => Ok(None),
        Ok(words) => Ok(Some(words)),
        Err(error) if error.kind == Kind::Damaged => Ok(Some(error.message)),
        Err(error) => Err(error),
    }
}

/// What no version has ever written.
const SENSE: [(&str, &str); 7] = [
    ("nodes", "state NOT IN ('root', 'pending', 'done', 'failed', 'cancelled', 'unknown')"),
    ("nodes", "simulated NOT IN (0, 1) OR starred NOT IN (0, 1) OR trashed NOT IN (0, 1)"),
    ("nodes", "NOT json_valid(params) OR NOT json_valid(inputs) OR NOT json_valid(timings)"),
    ("nodes", "length(parent_picture) <> 64 OR parent_picture GLOB '*[^0-9a-f]*'"),
    (
        "jobs",
        "state NOT IN ('saved', 'held', 'uploading', 'sending', 'queued', 'running', 'fetching', \
         'waiting', 'done', 'failed', 'cancelling', 'cancelled', 'unknown', 'dismissed')",
    ),
    ("pictures", "length(hash) <> 64 OR hash GLOB '*[^0-9a-f]*'"),
    ("pragma_foreign_key_check", "\"table\" NOT IN ('log', 'uploads')"),
];

/// What no version has ever written into this table.
pub(super) fn wrong(table: &str) -> Vec<&'static str> {
    SENSE.into_iter().filter(|(name, _)| *name == table).map(|(_, wrong)| wrong).collect()
}

/// Tables whose rows nobody misses.
const DISPENSABLE: [&str; 2] = ["log", "uploads"];

/// A text that is none, or a value that no version has written: the database itself takes every byte
/// for good.
pub(super) fn senseless(connection: &Connection) -> Result<Option<String>, Error> {
    let tables = tables(connection)?;
    for name in tables.iter().filter(|name| !DISPENSABLE.contains(&name.as_str())) {
        if !unreadable(connection, name)?.is_empty() {
            return Ok(Some(format!("a text of the table `{name}` is none")));
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

/// Rows that nobody misses and that cannot be read, or belong to nothing: each with its table.
fn litter(connection: &Connection) -> Result<Vec<(&'static str, i64)>, Error> {
    let tables = tables(connection)?;
    let mut litter = Vec::new();
    for name in DISPENSABLE.into_iter().filter(|name| tables.iter().any(|it| it == name)) {
        let sql = format!("SELECT \"rowid\" FROM pragma_foreign_key_check('{name}')");
        let mut statement = connection.prepare(&sql)?;
        let astray = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
        litter
            .extend(astray.into_iter().chain(unreadable(connection, name)?).map(|row| (name, row)));
    }
    Ok(litter)
}

/// Rows of the table with a text that is none.
fn unreadable(connection: &Connection, table: &str) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare(&format!("SELECT rowid, * FROM \"{table}\""))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut unreadable = Vec::new();
    while let Some(row) = rows.next()? {
        let is_none = |column| -> Result<bool, Error> {
            let value = row.get_ref(column)?;
            Ok(matches!(value, ValueRef::Text(bytes) if std::str::from_utf8(bytes).is_err()))
        };
        if (1..columns).map(is_none).collect::<Result<Vec<_>, _>>()?.contains(&true) {
            unreadable.push(row.get(0)?);
        }
    }
    Ok(unreadable)
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
