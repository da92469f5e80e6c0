//! The tables, as numbered steps that are only ever appended to.
//!
//! Moves no rows in or out. Invariant: all tables are STRICT; SQLite would swallow a misspelt column
//! type otherwise.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Error, Kind};

/// Step `n` leads from version `n` to `n + 1`.
const STEPS: [&str; 12] =
    [FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, SIDECARS, RESULTS, UNITS, ACCOUNT, DOOR];

const FIRST: &str = "
CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    simulated INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    global TEXT NOT NULL UNIQUE,
    project INTEGER NOT NULL REFERENCES projects (id),
    state TEXT NOT NULL,
    parent INTEGER REFERENCES nodes (id),
    parent_picture TEXT,
    endpoint TEXT,
    prompt TEXT,
    params TEXT,
    inputs TEXT,
    title TEXT,
    seed INTEGER,
    request_id TEXT,
    cost INTEGER,
    simulated INTEGER NOT NULL,
    starred INTEGER NOT NULL DEFAULT 0,
    trashed INTEGER NOT NULL DEFAULT 0,
    name TEXT,
    at INTEGER NOT NULL,
    timings TEXT,
    raw TEXT
) STRICT;
CREATE INDEX nodes_by_project ON nodes (project, id);
CREATE INDEX nodes_by_parent ON nodes (parent);

CREATE TABLE pictures (
    node INTEGER NOT NULL REFERENCES nodes (id),
    place INTEGER NOT NULL,
    hash TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    nsfw INTEGER NOT NULL,
    url TEXT,
    PRIMARY KEY (node, place)
) STRICT;
CREATE INDEX pictures_by_hash ON pictures (hash);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    node INTEGER NOT NULL REFERENCES nodes (id),
    project INTEGER NOT NULL REFERENCES projects (id),
    profile TEXT NOT NULL,
    simulated INTEGER NOT NULL,
    instance TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    request_id TEXT,
    gateway_request_id TEXT,
    status_url TEXT,
    response_url TEXT,
    cancel_url TEXT,
    estimate INTEGER,
    cost INTEGER,
    billable_units REAL,
    repeats INTEGER REFERENCES jobs (id),
    sync INTEGER NOT NULL,
    webhook TEXT,
    at INTEGER NOT NULL,
    sent_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX jobs_by_state ON jobs (project, state);
CREATE INDEX jobs_by_end ON jobs (ended_at);

CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    change TEXT,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL REFERENCES projects (id),
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    job INTEGER,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE drafts (
    project INTEGER PRIMARY KEY REFERENCES projects (id),
    draft TEXT NOT NULL
) STRICT;

CREATE TABLE uploads (
    hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    url TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (hash, profile)
) STRICT;
";

/// The place in the service's queue, and indices for what every start asks.
const SECOND: &str = "
ALTER TABLE jobs ADD COLUMN ahead INTEGER;
DROP INDEX jobs_by_state;
CREATE INDEX jobs_open ON jobs (instance, project)
    WHERE state NOT IN ('done', 'failed', 'cancelled', 'dismissed');
CREATE INDEX jobs_by_node ON jobs (node);
CREATE INDEX log_by_project ON log (project, id);
CREATE INDEX decisions_by_project ON decisions (project, id);
";

/// Consent to the first paid request, once a profile; what is reserved is asked with every save.
const THIRD: &str = "
CREATE TABLE consents (
    profile TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_reserved ON jobs (simulated, estimate)
    WHERE state NOT IN ('done', 'failed', 'cancelled', 'dismissed');
";

/// Since when a node is in the trash; what already lies there begins its life there now.
const FOURTH: &str = "
ALTER TABLE nodes ADD COLUMN trashed_at INTEGER;
UPDATE nodes SET trashed_at = unixepoch() * 1000 WHERE trashed = 1;
CREATE INDEX nodes_in_trash ON nodes (trashed_at) WHERE trashed = 1;
";

/// An index of what people look for, kept in step by the database itself.
const FIFTH: &str = "
CREATE VIRTUAL TABLE words USING fts5 (
    prompt, title, name, content = 'nodes', content_rowid = 'id', tokenize = 'trigram', detail = 'full'
);
INSERT INTO words (words) VALUES ('rebuild');
CREATE TRIGGER words_in AFTER INSERT ON nodes BEGIN
    INSERT INTO words (rowid, prompt, title, name) VALUES (new.id, new.prompt, new.title, new.name);
END;
CREATE TRIGGER words_out AFTER DELETE ON nodes BEGIN
    INSERT INTO words (words, rowid, prompt, title, name)
    VALUES ('delete', old.id, old.prompt, old.title, old.name);
END;
CREATE TRIGGER words_changed AFTER UPDATE OF prompt, title, name ON nodes BEGIN
    INSERT INTO words (words, rowid, prompt, title, name)
    VALUES ('delete', old.id, old.prompt, old.title, old.name);
    INSERT INTO words (rowid, prompt, title, name) VALUES (new.id, new.prompt, new.title, new.name);
END;
";

/// What the person thinks of a picture: 1 to 5, 0 without a word.
const SIXTH: &str = "
ALTER TABLE nodes ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
";

/// The steps that follow on a job's result, and whether it leaves only when nothing else waits.
const SEVENTH: &str = "
ALTER TABLE jobs ADD COLUMN follow TEXT;
ALTER TABLE jobs ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;
";

/// The mark of the last sidecar that was written, and the picture that a node without one is kept
/// free for: something here was made from it.
const SIDECARS: &str = "
CREATE TABLE described (mark TEXT) STRICT;
INSERT INTO described (mark) VALUES (NULL);
ALTER TABLE nodes ADD COLUMN awaits TEXT;
CREATE INDEX nodes_awaited ON nodes (awaits) WHERE awaits IS NOT NULL;
";

/// Accepted requests wait for their result, with what was answered so far, and count from the
/// moment they are accepted, on the day they were sent.
const RESULTS: &str = "
ALTER TABLE jobs ADD COLUMN answer TEXT;
ALTER TABLE jobs ADD COLUMN ask TEXT;
ALTER TABLE jobs ADD COLUMN waits_since INTEGER;
ALTER TABLE jobs ADD COLUMN next_try INTEGER;
ALTER TABLE nodes ADD COLUMN served_from TEXT;
UPDATE jobs SET cost = estimate WHERE cost IS NULL AND request_id IS NOT NULL
    AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed');
DROP INDEX jobs_by_end;
CREATE INDEX jobs_by_sending ON jobs (sent_at);
DROP INDEX jobs_reserved;
CREATE INDEX jobs_reserved ON jobs (simulated, estimate)
    WHERE cost IS NULL AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed');
";

/// What one unit costs, which the service's count is multiplied with; so far a unit was a picture.
const UNITS: &str = "
ALTER TABLE jobs ADD COLUMN unit_price INTEGER;
ALTER TABLE jobs ADD COLUMN is_estimated INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET unit_price = estimate / MAX(1, COALESCE(
    (SELECT json_extract(n.params, '$.num_images') FROM nodes n WHERE n.id = jobs.node), 1))
    WHERE estimate IS NOT NULL AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed');
";

/// What was sent, by which a request whose answer was lost is known again; and whether a cost is the
/// service's own figure, after discounts.
const ACCOUNT: &str = "
ALTER TABLE jobs ADD COLUMN body TEXT;
ALTER TABLE nodes ADD COLUMN is_exact INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_by_request ON jobs (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX nodes_by_request ON nodes (request_id) WHERE request_id IS NOT NULL;
";

/// A request that is leaving and still waits for its line: not a byte of its body has been written.
const DOOR: &str = "
ALTER TABLE jobs ADD COLUMN at_door INTEGER NOT NULL DEFAULT 0;
";

/// Brings the database up to date; a copy of an older one stays beside it as `editree.db.v1`.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    check(connection)?;
    let version = version(connection)?;
    if version == STEPS.len() {
        return Ok(());
    }
    if version > 0 {
        back_up(connection, path, version)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done the same meanwhile: then nothing is left to do.
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (number, step) in STEPS.iter().enumerate().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Opening it would change nothing.
pub(super) fn is_current(connection: &Connection) -> Result<bool, Error> {
    Ok(version(connection)? == STEPS.len())
}

/// It is of no later version than this program knows.
pub(super) fn check(connection: &Connection) -> Result<(), Error> {
    if version(connection)? <= STEPS.len() {
        return Ok(());
    }
    let message = "the store was written by a newer editree";
    Err(Error::new(Kind::TooNew, message).hint("use that one, or another --data-dir"))
}

/// A whole copy, private as the database itself; one of an attempt that was cut off is replaced.
fn back_up(connection: &Connection, path: &Path, old: usize) -> Result<(), Error> {
    let part = path.with_extension(format!("db.{}.part", uuid::Uuid::new_v4()));
    connection.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
    let copy = path.with_extension(format!("db.v{old}"));
    let kept = fs::set_permissions(&part, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::File::open(&part)?.sync_all())
        .and_then(|()| fs::rename(&part, &copy));
    if let Err(error) = kept {
        let _ = fs::remove_file(&part);
        return Err(Error::io(&copy, &error));
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<usize, Error> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
