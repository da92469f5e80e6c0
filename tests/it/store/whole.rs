//! One life of a store from the first picture to opening it again, and many requests at once.

use editree::app::draft::{Draft, Seed};
use editree::app::job::State;
use editree::app::log::{Level, LogEntry};
use editree::schema::Usd;
use editree::tree::decision::{Change, Entry};
use editree::tree::{Input, NodeState, Timestamp};

use super::{Shelf, first_picture, open_root, outcome, pass, png, save, spec};

#[test]
fn everything_is_there_after_opening_again() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "rocket");
    let mut wanted = spec("Make it red", Some(first_picture(&root)));
    wanted.recipe.inputs.push(Input::Url("https://x/y.png".into()));
    let saved = save(&store, wanted);
    pass(&store, &saved, &[State::Uploading, State::Sending, State::Running, State::Fetching]);
    let result = outcome(&store, "a red rocket");
    store.finish(saved.job.id, result, Timestamp(300)).wait().unwrap();
    let draft = Draft {
        prompt: "half".into(),
        parent: Some(first_picture(&root)),
        seed: Seed::Fixed(7),
        ..Draft::default()
    };
    store.keep_draft(draft.clone()).wait().unwrap();
    let star = Change::Star { node: root.id, on: true };
    store.decide(Entry::Did(star), Timestamp(400)).wait().unwrap();
    let line = LogEntry {
        at: Timestamp(500),
        level: Level::Error,
        job: Some(saved.job.id),
        node: Some(saved.job.node),
        text: "told".into(),
    };
    store.keep_log(vec![line.clone()]).wait().unwrap();
    drop(store);

    let (store, opening) = shelf.open();
    assert_eq!(opening.draft, draft);
    assert_eq!(opening.prompts, ["Make it red"]);
    assert_eq!(opening.log, [line]);
    assert_eq!(opening.spent, Usd(40_000));
    assert!(opening.decisions.can_undo() && opening.jobs.is_empty());
    let node = opening.nodes.iter().find(|node| node.id == saved.node.id).unwrap();
    assert_eq!((node.state, node.cost), (NodeState::Done, Some(Usd(40_000))));
    assert_eq!(node.recipe.as_ref().unwrap().inputs.len(), 2);
    assert!(opening.nodes.iter().any(|node| node.id == root.id && node.starred));
    assert_eq!(store.media().read(root.pictures[0].hash).unwrap(), png("rocket"));
}

#[test]
fn hundreds_of_orders_handed_over_at_once_are_all_kept() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let parent = Some(first_picture(&root));
    let waiting: Vec<_> =
        (0..500).map(|_| store.save(spec("x", parent), None, Timestamp(1))).collect();
    for pending in waiting {
        pending.wait().unwrap();
    }
    assert_eq!(store.snapshot(Timestamp(0)).wait().unwrap().summaries.len(), 501);
}

#[test]
fn the_first_edit_never_starts_from_a_picture_that_the_filter_has_blackened() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "rocket");
    let saved = save(&store, spec("Make it red", Some(first_picture(&root))));
    pass(&store, &saved, &[State::Uploading, State::Sending, State::Running, State::Fetching]);
    let mut black = outcome(&store, "a black rocket");
    black.pictures[0].nsfw = true;
    store.finish(saved.job.id, black, Timestamp(300)).wait().unwrap();
    drop(store);

    let (_, opening) = shelf.open();
    assert_eq!(opening.current, Some(first_picture(&root)));
    assert_eq!(opening.draft.parent, Some(first_picture(&root)));
    assert!(opening.nodes.iter().any(|node| node.id == saved.node.id), "it is in the tree");
}
