//! Whether the store is whole, and which files nobody refers to.
//!
//! Reads everything once, so it takes its time; changes nothing. Invariant: a file counts as unused
//! only if no row of any kind, no sidecar and no other database of the folder names it, and no
//! request under way can have brought it.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use super::damage;
use super::description::text;
use super::differing;
use super::error::Error;
use super::jobs::OPEN;
use super::media::{Media, STALE, Unread};
use super::sidecar;
use crate::limits;
use crate::picture::signature::is_ending;
use crate::tree::{Hash, NodeId};

/// A file this young may belong to a row that is still on its way.
const YOUNG: Duration = Duration::from_secs(60 * 60);
/// Digits of a picture's name.
const NAME: usize = 64;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// `ok`, or the database's own words on what is wrong.
    pub integrity: String,
    /// What the database reads, though nobody can have written it.
    pub senseless: Option<String>,
    pub nodes: u64,
    pub pictures: u64,
    /// Nodes that are told otherwise beside their pictures: one of both was changed by nobody.
    pub differing: Vec<NodeId>,
    /// Hashes of pictures whose file is gone.
    pub missing: Vec<String>,
    /// Files that nothing refers to, and their bytes.
    pub unused: Vec<(PathBuf, u64)>,
}

/// Looks at all projects.
pub(super) fn check(connection: &Connection, media: &Media, path: &Path) -> Result<Checked, Error> {
    let count = |table: &str| -> Result<u64, Error> {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    let found = damage::whole(connection)?;
    if found.is_some() {
        damage::note(path);
    }
    let integrity = found.unwrap_or_else(|| "ok".into());
    let unused = unused(connection, media, &HashSet::new())?;
    Ok(Checked {
        integrity,
        senseless: damage::senseless(connection)?,
        nodes: count("nodes")?,
        pictures: count("pictures")?,
        differing: differing::differing(connection, media)?,
        missing: missing(connection, media)?,
        unused,
    })
}

/// Pictures that nodes show and that have no file.
fn missing(connection: &Connection, media: &Media) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare("SELECT DISTINCT hash FROM pictures ORDER BY hash")?;
    let mut rows = statement.query([])?;
    let mut missing = Vec::new();
    while let Some(row) = rows.next()? {
        let hash: String = row.get(0)?;
        if !hash.parse().is_ok_and(|hash| media.path(hash).is_some()) {
            missing.push(hash);
        }
    }
    Ok(missing)
}

/// Files that nothing would refer to without `gone`: pictures of nodes.
pub(super) fn unused(
    connection: &Connection,
    media: &Media,
    gone: &HashSet<(NodeId, String)>,
) -> Result<Vec<(PathBuf, u64)>, Error> {
    let let_go: HashSet<&str> = gone.iter().map(|(_, hash)| hash.as_str()).collect();
    let (mut unused, mut strays) = (Vec::new(), HashMap::new());
    let oldest = oldest_request(connection)?;
    let is_old = |data: &Metadata, life: Duration| {
        let at = data.modified().ok();
        let age = at.and_then(|at| at.elapsed().ok());
        age.is_some_and(|age| age > life) && at.is_some_and(|at| at < oldest)
    };
    each_file(media, |path, file, data| {
        let hash = match file {
            Own::Picture(hash) => hash,
            Own::Part => {
                unused.extend(is_old(&data, STALE).then_some((path, data.len())));
                return Ok(());
            }
        };
        if is_shown(connection, &hash, gone)? {
            return Ok(());
        }
        let sidecar = media.folder().join(format!("{hash}.json"));
        let beside = fs::symlink_metadata(&sidecar).ok();
        if !let_go.contains(hash.as_str()) {
            if is_old(&data, YOUNG) && beside.is_none() {
                strays.insert(hash, (path, data.len()));
            }
        } else if tells_only_of_the_dead(connection, media, &hash, gone)? {
            let beside = beside.map(|data| (sidecar, data.len()));
            unused.extend([(path, data.len())].into_iter().chain(beside));
        }
        Ok(())
    })?;
    forget_named(connection, media, &mut strays)?;
    unused.extend(strays.into_values());
    unused.sort();
    Ok(unused)
}

/// The media folder's own files: of other names there may be anything, which is not ours.
enum Own {
    /// With the hash that it is named by.
    Picture(String),
    /// What a write has left that was cut off.
    Part,
}

/// One after the other: there may be a hundred thousand.
fn each_file(
    media: &Media,
    mut take: impl FnMut(PathBuf, Own, Metadata) -> Result<(), Error>,
) -> Result<(), Error> {
    for entry in fs::read_dir(media.folder()).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let Some(data) = entry.metadata().ok().filter(Metadata::is_file) else { continue };
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if ending == "part" {
            take(path, Own::Part, data)?;
        } else if is_ending(ending) && stem.parse::<Hash>().is_ok() {
            let picture = Own::Picture(stem.to_owned());
            take(path, picture, data)?;
        }
    }
    Ok(())
}

/// Nodes show the picture, besides `gone`.
fn is_shown(
    connection: &Connection,
    hash: &str,
    gone: &HashSet<(NodeId, String)>,
) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached("SELECT node FROM pictures WHERE hash = ?1")?;
    let mut rows = statement.query([hash])?;
    while let Some(row) = rows.next()? {
        if !gone.contains(&(NodeId(row.get(0)?), hash.to_owned())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every node that is described beside the picture is in the database and lets go of it, now or
/// earlier.
fn tells_only_of_the_dead(
    connection: &Connection,
    media: &Media,
    picture: &str,
    gone: &HashSet<(NodeId, String)>,
) -> Result<bool, Error> {
    let Ok(hash) = picture.parse::<Hash>() else { return Ok(false) };
    let nodes = match sidecar::read(media, hash) {
        Ok(nodes) => nodes,
        Err(Unread::Missing) => return Ok(true),
        Err(Unread::Because(_)) => return Ok(false),
    };
    let mut statement = connection.prepare_cached(
        "SELECT id, EXISTS (SELECT 1 FROM pictures WHERE node = nodes.id AND hash = ?2) \
         OR state NOT IN ('done', 'root') FROM nodes WHERE global = ?1",
    )?;
    let mut is_dead = |node: &Value| -> Result<bool, Error> {
        let global = text(node, "global").unwrap_or_default();
        let found = statement
            .query_row([global, picture], |row| Ok((NodeId(row.get(0)?), row.get::<_, bool>(1)?)));
        let found = found.optional()?;
        Ok(found
            .is_some_and(|(id, is_shown)| !is_shown || gone.contains(&(id, picture.to_owned()))))
    };
    let dead = nodes.iter().map(&mut is_dead).collect::<Result<Vec<_>, _>>()?;
    Ok(dead.into_iter().all(|dead| dead))
}

/// What came after the oldest request under way may be its picture.
fn oldest_request(connection: &Connection) -> Result<SystemTime, Error> {
    let sql = format!("SELECT MIN(at) FROM jobs WHERE {OPEN}");
    let at: Option<i64> = connection.query_row(&sql, [], |row| row.get(0))?;
    let at = at.map(|at| SystemTime::UNIX_EPOCH + Duration::from_millis(at.max(0).unsigned_abs()));
    Ok(at.unwrap_or_else(|| SystemTime::now() + YOUNG))
}

/// Takes those out that any text of this database names, or any other database of the folder: one
/// that is newer, older, damaged, or was set aside.
fn forget_named(
    connection: &Connection,
    media: &Media,
    strays: &mut HashMap<String, (PathBuf, u64)>,
) -> Result<(), Error> {
    if strays.is_empty() {
        return Ok(());
    }
    // Addresses of uploads are a memory of what was sent, and index what a search needs.
    let sql = "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND c.type = 'TEXT' AND t.name NOT LIKE 'sqlite_%' \
               AND t.name NOT LIKE 'words%' AND t.name <> 'uploads'";
    let mut statement = connection.prepare(sql)?;
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (table, column) in columns.collect::<Result<Vec<(String, String)>, _>>()? {
        let sql =
            format!("SELECT \"{column}\" FROM \"{table}\" WHERE length(\"{column}\") >= {NAME}");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            forget(strays, row.get_ref(0)?.as_bytes().unwrap_or_default());
        }
    }
    let folder = media.folder().parent().unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_database = name.to_string_lossy().starts_with("editree.db.");
        if is_database && entry.metadata().is_ok_and(|data| data.is_file()) {
            forget_in_file(strays, &entry.path())
                .map_err(|error| Error::io(&entry.path(), &error))?;
        }
    }
    Ok(())
}

/// As bytes: it may be damaged, or of a version that nobody knows.
fn forget_in_file<T>(strays: &mut HashMap<String, T>, path: &Path) -> std::io::Result<()> {
    let mut file = limits::open(path)?;
    let (mut window, mut chunk) = (Vec::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        window.extend_from_slice(chunk.get(..read).unwrap_or_default());
        forget(strays, &window);
        // A name may lie across two pieces.
        window.drain(..window.len().saturating_sub(NAME - 1));
    }
}

/// Takes out what the bytes name.
fn forget<T>(strays: &mut HashMap<String, T>, bytes: &[u8]) {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    for run in bytes.split(|byte| !is_digit(byte)) {
        for name in run.windows(NAME) {
            if let Ok(name) = std::str::from_utf8(name) {
                strays.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_found_between_other_digits_and_across_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("editree.db.v3");
        let name = "0a".repeat(32);
        for before in [0, 10, (1 << 20) - 30] {
            let bytes = [vec![b'.'; before], b"f".to_vec(), name.clone().into_bytes(), vec![b'0']];
            fs::write(&path, bytes.concat()).unwrap();
            let mut strays: HashMap<String, ()> =
                [(name.clone(), ()), ("b".repeat(NAME), ())].into();
            forget_in_file(&mut strays, &path).unwrap();
            assert_eq!(strays.into_keys().collect::<Vec<_>>(), ["b".repeat(NAME)], "{before}");
        }
    }
}
