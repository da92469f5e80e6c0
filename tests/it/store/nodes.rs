//! Reading nodes: pages, skeleton, prompts, and a tree of some size.

use editree::app::job::State;
use editree::app::log::{Level, LogEntry};
use editree::store::{Options, Store};
use editree::tree::index::TreeIndex;
use editree::tree::skeleton;
use editree::tree::{Hash, NodeId, Picture, Timestamp};

use super::{
    Shelf, all_nodes, finished, first_picture, open_root, options, outcome, pass, picture, png,
    save, spec,
};

#[test]
fn nodes_are_found_by_number_and_the_newest_with_a_picture_without_one() {
    let shelf = Shelf::new();
    let store = shelf.store();
    assert_eq!(store.find_node(None).wait().unwrap(), None);
    let (first, second) = (open_root(&store, "a"), open_root(&store, "b"));
    save(&store, spec("no picture yet", None));
    assert_eq!(store.find_node(None).wait().unwrap(), Some(second.clone()));
    assert_eq!(store.find_node(Some(1)).wait().unwrap(), Some(first.clone()));
    assert_eq!(store.find_node(Some(99)).wait().unwrap(), None);
    let ids = vec![second.id, NodeId(99), first.id];
    assert_eq!(store.load_nodes(ids).wait().unwrap(), [second.clone(), first.clone()]);
    let trash = editree::tree::decision::Change::Trash { node: second.id, on: true };
    store.decide(editree::tree::decision::Entry::Did(trash), Timestamp(1)).wait().unwrap();
    assert_eq!(store.find_node(None).wait().unwrap(), Some(first));
    // Opened again, it is wanted again.
    assert!(!open_root(&store, "b").trashed);
}

#[test]
fn the_skeleton_says_which_picture_of_the_parent_went_in() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let saved = save(&store, spec("two", None));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let mut two = outcome(&store, "first");
    let second = store.media().write(&png("second")).unwrap();
    two.pictures.push(picture(second));
    store.finish(saved.job.id, two, Timestamp(1)).wait().unwrap();
    let parent = editree::tree::PictureRef { node: saved.node.id, picture: second };
    finished(&store, spec("of the second", Some(parent)), 5);
    let snapshot = store.snapshot(Timestamp(0)).wait().unwrap();
    let [summary, child] = snapshot.summaries[..] else { panic!("{:?}", snapshot.summaries) };
    assert_eq!((summary.pictures, summary.parent), (2, None));
    assert_eq!((child.parent, child.parent_picture), (Some(summary.id), 1));
    assert_eq!(child.cost, Some(editree::schema::Usd(40_000)));
    let whole = all_nodes(&store).unwrap();
    assert_eq!(whole[1].parent, Some(parent));
    assert_eq!(whole, snapshot.nodes);
}

#[test]
fn prompts_come_newest_first_and_each_once() {
    let shelf = Shelf::new();
    let store = shelf.store();
    open_root(&store, "roots have no words");
    for words in ["a", "b", "a", "c", "a", "", "b"] {
        save(&store, spec(words, None));
    }
    assert_eq!(store.prompts(10).wait().unwrap(), ["b", "a", "c"]);
    assert_eq!(store.prompts(2).wait().unwrap(), ["b", "a"]);
    drop(store);
    assert_eq!(shelf.open().1.prompts, ["b", "a", "c"]);
}

#[test]
fn who_shows_nothing_reads_the_newest_picture_and_no_words_or_lines() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let line = LogEntry {
        at: Timestamp(3),
        level: Level::Info,
        job: None,
        node: None,
        text: "hello".into(),
    };
    store.keep_log(vec![line]).wait().unwrap();
    for words in ["first", "second", "last"] {
        open_root(&store, words);
    }
    save(&store, spec("not made yet", None));
    drop(store);
    let (_store, opening) =
        Store::open(shelf.path(), Options { with_page: false, ..options() }).unwrap();
    let titles: Vec<_> = opening.nodes.iter().map(|node| node.title.as_deref()).collect();
    assert_eq!(titles, [Some("last.png")]);
    assert_eq!(opening.current, Some(first_picture(&opening.nodes[0])));
    assert_eq!(opening.jobs.len(), 1);
    assert!(opening.prompts.is_empty() && opening.log.is_empty());
}

/// A disk that was full at the commit: what is written beside the picture came first.
#[test]
fn what_was_made_here_and_not_kept_is_the_same_node_once_more() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "root");
    let keep = |title: &str| {
        let info = Picture { url: None, ..picture(Hash([0; 32])) };
        let of = first_picture(&root);
        store.keep_local(&png("healed"), info, of, title.into(), Timestamp(6)).unwrap().wait()
    };
    let first = keep("healed 50").unwrap();
    let database = shelf.database();
    database.execute("DELETE FROM pictures WHERE node = ?1", [first.id.0]).unwrap();
    database.execute("DELETE FROM nodes WHERE id = ?1", [first.id.0]).unwrap();
    let again = keep("healed 50").unwrap();
    assert_eq!(again.global, first.global);
    let other = keep("healed 60").unwrap();
    assert_ne!(other.global, first.global, "another one stays another");
    let hash = again.pictures[0].hash;
    let beside = shelf.path().join("media").join(format!("{hash}.json"));
    let beside: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(beside).unwrap()).unwrap();
    assert_eq!(beside["nodes"].as_array().unwrap().len(), 2, "{beside}");
}

#[test]
fn five_thousand_nodes_open_by_the_page_and_load_whole() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "root");
    let mut database = shelf.database();
    let transaction = database.transaction().unwrap();
    let hash = root.pictures[0].hash.to_string();
    for id in 2..=5_000_u32 {
        // Chains of fifty, as a day of work leaves them.
        let parent = if id % 50 == 0 { 1 } else { id - 1 };
        let node = "INSERT INTO nodes (id, global, project, state, parent, parent_picture, endpoint, \
                    prompt, params, inputs, simulated, at) \
                    VALUES (?1, ?1 || '', 1, 'done', ?2, ?3, 'e', 'prompt ' || (?1 % 1000), '{}', '[]', 0, ?1)";
        transaction.execute(node, rusqlite::params![id, parent, hash]).unwrap();
        let shown = "INSERT INTO pictures (node, place, hash, width, height, format, bytes, nsfw) \
                     VALUES (?1, 0, ?2, 8, 8, 'png', 1, 0)";
        transaction.execute(shown, rusqlite::params![id, hash]).unwrap();
    }
    transaction.commit().unwrap();
    drop(store);
    let (store, opening) = shelf.open();
    assert!(opening.nodes.len() < 100);
    assert_eq!(opening.nodes.last().unwrap().id, NodeId(5_000));
    assert_eq!(opening.current.unwrap().node, NodeId(5_000));
    assert_eq!(opening.prompts[0], "prompt 0");
    let snapshot = store.snapshot(Timestamp(0)).wait().unwrap();
    assert_eq!(snapshot.summaries.len(), 5_000);
    let mut tree = TreeIndex::default();
    snapshot.summaries.into_iter().for_each(|summary| tree.insert(summary));
    assert_eq!(skeleton::rows(&tree, &Default::default()).len(), 5_000);
    let all = all_nodes(&store).unwrap();
    assert_eq!(all.len(), 5_000);
    // A part of it is that part of the whole: the rest of one chain, all, and what is not there.
    let part = |root| -> Vec<NodeId> {
        let part = store.summaries(Some(NodeId(root))).wait().unwrap();
        part.into_iter().map(|node| node.id).collect()
    };
    assert_eq!(part(4_960), (4_960..5_000).map(NodeId).collect::<Vec<_>>());
    assert_eq!(part(1), all.iter().map(|node| node.id).collect::<Vec<_>>());
    assert_eq!(part(5_001), []);
    let child = save(&store, spec("x", Some(first_picture(&opening.nodes[0]))));
    assert_eq!(child.node.id, NodeId(5_001));
}
