//! Databases of earlier and later versions, and what the tables refuse.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use editree::app::job::{JobId, State};
use editree::store::Store;
use editree::store::error::Kind;
use editree::tree::decision::Change;
use editree::tree::{NodeId, Timestamp};
use rusqlite::Connection;

use super::{Shelf, options};

/// Tables and rows as the first version left them.
const VERSION_1: &str = include_str!("version1.sql");

fn old() -> Shelf {
    let shelf = Shelf::new();
    shelf.database().execute_batch(VERSION_1).unwrap();
    shelf
}

fn version(shelf: &Shelf) -> i64 {
    shelf.cell("PRAGMA user_version")
}

#[test]
fn an_empty_database_gets_all_tables_and_no_copy() {
    let shelf = Shelf::new();
    fs::write(shelf.path().join("editree.db"), "").unwrap();
    assert_eq!(version(&shelf), 0);
    drop(shelf.store());
    assert!(version(&shelf) > 0);
    let copies = fs::read_dir(shelf.path()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("editree.db.")
    });
    assert_eq!(copies.count(), 0);
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_date_with_all_its_rows() {
    let shelf = old();
    let (store, opening) = shelf.open();
    assert!(version(&shelf) > 1);
    let ids: Vec<NodeId> = opening.nodes.iter().map(|node| node.id).collect();
    assert_eq!(ids, [NodeId(1), NodeId(2)]);
    assert!(opening.nodes[0].starred && !opening.nodes[0].trashed);
    assert_eq!(opening.log[0].text, "hello");
    assert_eq!(opening.prompts, ["make it blue"]);
    let job = &opening.jobs[0];
    assert_eq!((job.id, &job.state, job.owned), (JobId(1), &State::Queued(None), true));
    let moved = store.move_job(job.id, State::Queued(Some(3)), None, None, Timestamp(300));
    moved.wait().unwrap();
    assert_eq!(store.open_jobs().wait().unwrap()[0].state, State::Queued(Some(3)));
    // Its "undid" did not yet say what was taken back.
    let mut decisions = opening.decisions;
    let trash = Change::Trash { node: NodeId(1), on: true };
    assert_eq!(decisions.redo(), Some(trash));
}

#[test]
fn before_a_migration_a_private_copy_is_kept() {
    let shelf = old();
    // Left by an attempt that was cut off.
    fs::write(shelf.path().join("editree.db.v1"), "half").unwrap();
    drop(shelf.store());
    let copy = shelf.path().join("editree.db.v1");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let copy = Connection::open(copy).unwrap();
    let count = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("PRAGMA user_version"), 1);
    assert_eq!(count("SELECT COUNT(*) FROM nodes"), 2);
    let parts = fs::read_dir(shelf.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "part")
    });
    assert_eq!(parts.count(), 0);
}

#[test]
fn a_store_of_a_newer_editree_is_left_alone() {
    let shelf = Shelf::new();
    drop(shelf.store());
    shelf.database().execute_batch("PRAGMA user_version = 999").unwrap();
    let error = Store::open(shelf.path(), options()).expect_err("it must be refused");
    assert_eq!(error.kind, Kind::TooNew);
    assert!(error.message.starts_with("the store was written by a newer editree"), "{error}");
    assert!(error.hint.is_some());
    assert_eq!(version(&shelf), 999);
}

#[test]
fn every_table_is_strict_and_refuses_what_is_no_number() {
    let shelf = Shelf::new();
    let _store = shelf.store();
    let database = shelf.database();
    let mut statement = database
        .prepare(
            // The index of words is made of tables of the database's own.
            "SELECT name FROM pragma_table_list WHERE strict = 0 AND type = 'table' \
             AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap();
    let loose: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(loose, [""; 0]);
    let wrong = "INSERT INTO projects (name, simulated) VALUES ('x', 'perhaps')";
    assert!(database.execute(wrong, []).is_err());
}

#[test]
fn the_index_of_unfinished_jobs_is_used() {
    let shelf = Shelf::new();
    let _store = shelf.store();
    let plan = "EXPLAIN QUERY PLAN SELECT DISTINCT instance FROM jobs \
                WHERE state NOT IN ('done', 'failed', 'cancelled', 'dismissed')";
    let plan: String = shelf.database().query_row(plan, [], |row| row.get(3)).unwrap();
    assert!(plan.contains("jobs_open"), "{plan}");
}
