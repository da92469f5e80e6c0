//! Finding nodes by words and conditions.

use editree::store::Store;
use editree::tree::decision::{Change, Entry};
use editree::tree::query::Query;
use editree::tree::{NodeId, Timestamp};

use super::{Shelf, finished, open_root, save, spec};

/// `n1` an opened picture, then three edits that are done, then one on its way.
fn filled(shelf: &Shelf) -> Store {
    let store = shelf.store();
    open_root(&store, "harbour.png");
    for (words, at) in [("Make it snow", 5), ("Add a red hat", 6), ("Make it red", 7)] {
        finished(&store, spec(words, None), at);
    }
    save(&store, spec("Put 100% of it in a hat", None));
    store
}

fn found(store: &Store, text: &str) -> Vec<u32> {
    let query = Query::read(text).unwrap();
    let nodes = store.search(query, 0, 100).wait().unwrap();
    nodes.into_iter().map(|node| node.id.0).collect()
}

fn decide(store: &Store, change: Change) {
    store.decide(Entry::Did(change), Timestamp(9)).wait().unwrap();
}

#[test]
fn words_are_found_newest_first_wherever_they_stand() {
    let shelf = Shelf::new();
    let store = filled(&shelf);
    assert_eq!(found(&store, "make"), [4, 2]);
    assert_eq!(found(&store, "red"), [4, 3]);
    assert_eq!(found(&store, "hat red"), [3]);
    assert_eq!(found(&store, "\"make it\" -red"), [2]);
    assert_eq!(found(&store, "arbou"), [1], "the middle of a title");
    assert_eq!(found(&store, "it"), [5, 4, 2], "too short for the index");
    assert_eq!(found(&store, "0%"), [5], "no wildcard");
    assert_eq!(found(&store, "\"a \\\" b\""), [0_u32; 0]);
    assert_eq!(store.search(Query::read("e").unwrap(), 0, 2).wait().unwrap().len(), 2);
}

#[test]
fn a_name_is_found_under_its_newest_words_only() {
    let shelf = Shelf::new();
    let store = filled(&shelf);
    let name = |from: Option<&str>, to: &str| Change::Name {
        node: NodeId(2),
        from: from.map(str::to_owned),
        to: Some(to.into()),
    };
    decide(&store, name(None, "winter"));
    assert_eq!(found(&store, "winter"), [2]);
    decide(&store, name(Some("winter"), "spring"));
    assert_eq!(found(&store, "winter"), [0_u32; 0]);
    assert_eq!(found(&store, "spring is:named"), [2]);
}

#[test]
fn conditions_narrow_and_the_trash_must_be_named() {
    let shelf = Shelf::new();
    let store = filled(&shelf);
    decide(&store, Change::Star { node: NodeId(3), on: true });
    decide(&store, Change::Trash { node: NodeId(4), on: true });
    assert_eq!(found(&store, "is:star"), [3]);
    assert_eq!(found(&store, "red"), [3]);
    assert_eq!(found(&store, "red is:trash"), [4]);
    assert_eq!(found(&store, "is:root"), [1]);
    assert_eq!(found(&store, "cost>0.03"), [3, 2]);
    assert_eq!(found(&store, "cost>0.04 is:trash"), [0_u32; 0]);
    assert_eq!(found(&store, "model:kontext -is:star"), [5, 2]);
    assert_eq!(found(&store, "seed:7 seed:8"), [0_u32; 0]);
}

#[test]
fn days_begin_where_the_person_is() {
    let shelf = Shelf::new();
    let store = shelf.store();
    // Half past eleven in the evening of 1970-01-01 in Greenwich.
    finished(&store, spec("late", None), 1);
    let at = 84_600_000_i64;
    shelf.database().execute("UPDATE nodes SET at = ?1", [at]).unwrap();
    let on = |text: &str, offset: i64| {
        let query = Query::read(text).unwrap();
        store.search(query, offset, 9).wait().unwrap().len()
    };
    assert_eq!(on("date:1970-01-01", 0), 1);
    assert_eq!(on("date:1970-01-01", 3_600_000), 0);
    assert_eq!(on("after:1970-01-01", 3_600_000), 1);
    assert_eq!(on("-before:1970-01-03", 0), 0);
}

#[test]
fn a_store_from_before_the_index_has_it_filled() {
    let shelf = Shelf::new();
    let store = filled(&shelf);
    drop(store);
    // As the version before left it.
    shelf
        .database()
        .execute_batch(
            "DROP TRIGGER words_in; DROP TRIGGER words_out; DROP TRIGGER words_changed; \
             DROP TABLE words; ALTER TABLE nodes DROP COLUMN rating; \
             ALTER TABLE jobs DROP COLUMN follow; ALTER TABLE jobs DROP COLUMN behind; \
             ALTER TABLE jobs DROP COLUMN answer; ALTER TABLE jobs DROP COLUMN ask; \
             ALTER TABLE jobs DROP COLUMN waits_since; ALTER TABLE jobs DROP COLUMN next_try; \
             ALTER TABLE jobs DROP COLUMN unit_price; ALTER TABLE jobs DROP COLUMN is_estimated; \
             ALTER TABLE nodes DROP COLUMN served_from; DROP INDEX jobs_by_sending; \
             CREATE INDEX jobs_by_end ON jobs (ended_at); \
             DROP TABLE described; DROP INDEX nodes_awaited; ALTER TABLE nodes DROP COLUMN awaits; \
             DROP INDEX jobs_by_request; DROP INDEX nodes_by_request; \
             ALTER TABLE jobs DROP COLUMN at_door; \
             ALTER TABLE jobs DROP COLUMN body; ALTER TABLE nodes DROP COLUMN is_exact; \
             PRAGMA user_version = 4",
        )
        .unwrap();
    let store = shelf.store();
    assert_eq!(found(&store, "snow"), [2]);
}
