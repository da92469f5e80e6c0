//! Decisions: appended, replayed, and seen on the nodes.

use editree::store::Store;
use editree::tree::decision::{Change, Decisions, Entry};
use editree::tree::{Node, Timestamp};

use super::{Shelf, first_picture, open_root};

fn decide(store: &Store, entry: Entry) {
    store.decide(entry, Timestamp(1)).wait().unwrap();
}

fn star(node: &Node, on: bool) -> Change {
    Change::Star { node: node.id, on }
}

fn load(store: &Store, node: &Node) -> Node {
    store.load_nodes(vec![node.id]).wait().unwrap().remove(0)
}

#[test]
fn marks_are_on_the_node_and_go_with_undo_and_redo() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let name = Change::Name { node: root.id, from: None, to: Some("sunset".into()) };
    let trash = Change::Trash { node: root.id, on: true };
    for change in [star(&root, true), name, trash] {
        decide(&store, Entry::Did(change));
    }
    let marks = |node: Node| (node.starred, node.name, node.trashed);
    let sunset = || Some("sunset".to_owned());
    assert_eq!(marks(load(&store, &root)), (true, sunset(), true));
    decide(&store, Entry::Undid);
    assert_eq!(marks(load(&store, &root)), (true, sunset(), false));
    decide(&store, Entry::Undid);
    decide(&store, Entry::Undid);
    assert_eq!(marks(load(&store, &root)), (false, None, false));
    decide(&store, Entry::Redid);
    assert_eq!(marks(load(&store, &root)), (true, None, false));
    let summary = store.snapshot(Timestamp(0)).wait().unwrap().summaries[0];
    assert!(summary.starred && !summary.trashed);
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM decisions"), 7);
}

#[test]
fn the_stacks_after_reopening_are_those_before() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let mut expected = Decisions::default();
    let changes = [
        star(&root, true),
        Change::Value { name: "seed".into(), from: None, to: Some(7.into()) },
        Change::Parent { from: None, to: Some(first_picture(&root)) },
        star(&root, false),
    ];
    for change in changes {
        expected.did(change.clone());
        decide(&store, Entry::Did(change));
    }
    for _ in 0..3 {
        expected.undo().unwrap();
        decide(&store, Entry::Undid);
    }
    expected.redo().unwrap();
    decide(&store, Entry::Redid);
    assert_eq!(store.decisions().wait().unwrap(), expected);
    drop(store);
    let (store, opening) = shelf.open();
    assert_eq!(opening.decisions, expected);
    // And they go on from there.
    expected.undo().unwrap();
    decide(&store, Entry::Undid);
    assert_eq!(store.decisions().wait().unwrap(), expected);
}

#[test]
fn each_instance_takes_back_its_own_decision_and_not_anothers() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let (cat, dog) = (open_root(&first, "cat"), open_root(&first, "dog"));
    decide(&first, Entry::Did(star(&cat, true)));
    decide(&second, Entry::Did(star(&dog, true)));
    decide(&first, Entry::Undid);
    assert!(!load(&first, &cat).starred);
    assert!(load(&first, &dog).starred);
    let mut expected = Decisions::default();
    expected.did(star(&dog, true));
    expected.did(star(&cat, true));
    expected.undo().unwrap();
    let (_third, opening) = shelf.open();
    assert_eq!(opening.decisions, expected);
}

#[test]
fn there_is_no_undoing_of_nothing() {
    let shelf = Shelf::new();
    let store = shelf.store();
    assert!(store.decide(Entry::Undid, Timestamp(1)).wait().is_err());
    assert!(store.decide(Entry::Redid, Timestamp(1)).wait().is_err());
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM decisions"), 0);
}
