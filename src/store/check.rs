//! Whether the store is whole, and which files nobody refers to.
//!
//! Reads everything once, so it takes its time; changes nothing but in `collect`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::error::Error;

/// A file this young may belong to a row that is still on its way.
const YOUNG: Duration = Duration::from_secs(60 * 60);

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// `ok`, or the database's own words on what is wrong.
    pub integrity: String,
    pub nodes: u64,
    pub pictures: u64,
    /// Hashes of pictures whose file is gone.
    pub missing: Vec<String>,
    /// Files that nothing refers to, and their bytes.
    pub unused: Vec<(PathBuf, u64)>,
}

/// Looks at all projects.
pub(super) fn check(connection: &Connection, media: &Path) -> Result<Checked, Error> {
    let count = |table: &str| -> Result<u64, Error> {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    let integrity: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT DISTINCT hash FROM pictures")?;
    let known = statement.query_map([], |row| row.get::<_, String>(0))?;
    let known: HashSet<String> = known.collect::<Result<_, _>>()?;
    let mut found = HashSet::new();
    let mut unused = Vec::new();
    for entry in std::fs::read_dir(media).into_iter().flatten().flatten() {
        let path = entry.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
            continue;
        };
        let is_sidecar = path.extension().is_some_and(|ending| ending == "json");
        let is_part = path.extension().is_some_and(|ending| ending == "part");
        if known.contains(&stem) {
            if !is_sidecar {
                found.insert(stem);
            }
            continue;
        }
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
        // Parts of a write under way are swept by every start when they are old enough.
        if !is_part && age.is_some_and(|age| age > YOUNG) {
            unused.push((path, metadata.len()));
        }
    }
    unused.sort();
    let mut missing: Vec<String> = known.difference(&found).cloned().collect();
    missing.sort();
    Ok(Checked { integrity, nodes: count("nodes")?, pictures: count("pictures")?, missing, unused })
}

/// Removes what nothing refers to; what was freed, in files and bytes.
pub(super) fn collect(connection: &Connection, media: &Path) -> Result<(usize, u64), Error> {
    let unused = check(connection, media)?.unused;
    let mut freed = (0, 0);
    for (path, bytes) in unused {
        if std::fs::remove_file(&path).is_ok() {
            freed = (freed.0 + 1, freed.1 + bytes);
        }
    }
    Ok(freed)
}
