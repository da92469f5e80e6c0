//! Pictures that come many at once: each finds its place, and one that cannot be kept stops no other.

use std::sync::Arc;

use editree::store::import::{Imported, Place};
use editree::tree::{Hash, Picture, Timestamp};
use serde_json::{Value, json};

use super::{Shelf, all_nodes, finished, open_root, png, spec};

fn picture() -> Picture {
    Picture {
        hash: Hash([0; 32]),
        width: 4,
        height: 4,
        format: "png".into(),
        bytes: 9,
        nsfw: false,
        url: None,
    }
}

fn root(title: &str) -> (Arc<[u8]>, Picture, Place) {
    (png(title).into(), picture(), Place::Root { title: title.into(), at: Timestamp(5) })
}

fn described(
    name: &str,
    on: Option<(&str, &[u8])>,
    simulated: bool,
) -> (Arc<[u8]>, Picture, Place) {
    let bytes = png(name);
    let hash = Hash::of(&bytes).to_string();
    let parent = on
        .map(|(global, bytes)| json!({ "global": global, "picture": Hash::of(bytes).to_string() }));
    let node = json!({ "global": name, "node": "n70", "simulated": simulated, "at": 7,
        "endpoint": "fal-ai/flux-pro/kontext", "prompt": format!("make {name}"), "params": {},
        "inputs": parent.iter().collect::<Vec<&Value>>(), "parent": parent,
        "pictures": [{ "hash": hash, "width": 4, "height": 4, "format": "png", "bytes": 9 }] });
    (bytes.into(), picture(), Place::Described(node))
}

fn told(imported: &Imported) -> (u32, bool, bool) {
    (imported.node.id.0, imported.is_known, imported.has_parent)
}

#[test]
fn many_come_in_one_step_each_for_itself() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let known = open_root(&store, "known");
    let first = png("first");
    let arriving = vec![
        root("known"),
        // Before what it was made from, which waits for it behind.
        described("second", Some(("first", &first)), false),
        described("of the other kind", None, true),
        root("twice"),
        described("first", None, false),
        root("twice"),
    ];
    let kept = store.import(arriving).wait().unwrap();
    let told: Vec<_> = kept.iter().map(|one| one.as_ref().map(told).ok()).collect();
    let second = kept[1].as_ref().unwrap();
    assert_eq!(told[0], Some((known.id.0, true, false)));
    assert_eq!(second.awaits, Some(Hash::of(&first)));
    assert!(kept[2].as_ref().unwrap_err().message.contains("the picture is simulated"));
    assert_eq!(
        told[3].map(|(id, is_known, _)| (Some(id), is_known)),
        told[5].map(|(id, ..)| (Some(id), false))
    );
    assert_eq!(told[5].map(|(_, is_known, _)| is_known), Some(true));
    // As its own rows and sidecars tell it, also to a store that has lost its rows.
    let nodes = all_nodes(&store).unwrap();
    assert_eq!(nodes.iter().filter(|node| !node.pictures.is_empty()).count(), 4);
    let below = nodes.iter().find(|node| node.global == "second").unwrap();
    let above = nodes.iter().find(|node| node.global == "first").unwrap();
    assert_eq!(below.parent.map(|parent| parent.node), Some(above.id));
    let checked = store.check().wait().unwrap();
    assert_eq!((checked.differing.len(), checked.missing.len()), (0, 0));
    assert_eq!(checked.unused.len(), 0, "{:?}", checked.unused);
    drop(store);
    std::fs::remove_file(shelf.path().join("editree.db")).unwrap();
    let again = all_nodes(&shelf.store()).unwrap();
    let names = |nodes: &[editree::tree::Node]| -> Vec<String> {
        let with_pictures = nodes.iter().filter(|node| !node.pictures.is_empty());
        let mut names: Vec<_> = with_pictures.map(|node| node.global.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&again), names(&nodes));
}

#[test]
fn what_stands_in_the_way_of_one_stops_no_other() {
    let shelf = Shelf::new();
    let store = shelf.store();
    finished(&store, spec("before", None), 100);
    // A folder lies where its sidecar should be.
    let hash = Hash::of(&png("blocked"));
    let place = shelf.path().join(format!("media/{hash}.json.aside1"));
    std::fs::create_dir_all(shelf.path().join(format!("media/{hash}.json/full"))).unwrap();
    let kept = store.import(vec![root("one"), root("blocked"), root("two")]).wait().unwrap();
    assert!(kept[0].is_ok() && kept[2].is_ok(), "{kept:?}");
    // It was put aside, as a file that is none is.
    assert!(kept[1].is_ok() && place.is_dir(), "{kept:?}");
    // A file cannot be written in place of a folder that holds something.
    let hash = Hash::of(&png("taken"));
    let names = ["png", "json"].map(|ending| shelf.path().join(format!("media/{hash}.{ending}")));
    std::fs::create_dir_all(names[0].join("full")).unwrap();
    let kept = store.import(vec![root("three"), root("taken"), root("four")]).wait().unwrap();
    let told: Vec<bool> = kept.iter().map(Result::is_ok).collect();
    assert_eq!(told, [true, false, true], "{kept:?}");
    assert!(!names[1].exists());
    let titles: Vec<_> = all_nodes(&store).unwrap().into_iter().filter_map(|it| it.title).collect();
    assert_eq!(titles, ["one", "blocked", "two", "three", "four"]);
}

/// What the sidecar of the picture describes.
fn beside(shelf: &Shelf, name: &str) -> Vec<String> {
    let file = shelf.path().join(format!("media/{}.json", Hash::of(&png(name))));
    let sidecar: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let nodes = sidecar["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["global"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_step_that_fails_after_its_files_were_written_leaves_no_second_description() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let wall = "CREATE TRIGGER wall BEFORE UPDATE ON described \
                WHEN EXISTS (SELECT 1 FROM nodes WHERE title = 'walled') \
                BEGIN SELECT RAISE(ABORT, 'something is in the way'); END";
    shelf.database().execute_batch(wall).unwrap();
    let first = png("first");
    let arriving = vec![
        root("one"),
        described("second", Some(("first", &first)), false),
        root("walled"),
        root("two"),
    ];
    let kept = store.import(arriving).wait().unwrap();
    let told: Vec<bool> = kept.iter().map(Result::is_ok).collect();
    assert_eq!(told, [true, true, false, true], "{kept:?}");
    assert!(beside(&shelf, "walled").len() == 1, "the files come before what is in the way");
    // Once nothing is in the way it comes, as every picture does that is opened again.
    shelf.database().execute_batch("DROP TRIGGER wall").unwrap();
    let walled = store.import(vec![root("walled")]).wait().unwrap().remove(0).unwrap();
    let names = ["one", "second", "two"];
    let mut nodes = kept.iter().flatten().map(|kept| &kept.node).zip(names).collect::<Vec<_>>();
    nodes.push((&walled.node, "walled"));
    for (node, name) in &nodes {
        assert_eq!(beside(&shelf, name), std::slice::from_ref(&node.global), "{name}");
    }
    drop(store);
    std::fs::remove_file(shelf.path().join("editree.db")).unwrap();
    let again = all_nodes(&shelf.store()).unwrap();
    let with_pictures = |node: &&editree::tree::Node| !node.pictures.is_empty();
    let mut again: Vec<_> = again.iter().filter(with_pictures).map(|node| &node.global).collect();
    let mut globals: Vec<_> = nodes.iter().map(|(node, _)| &node.global).collect();
    again.sort();
    globals.sort();
    assert_eq!(again, globals);
}
