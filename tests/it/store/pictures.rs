//! The media folder: whole files or none, and what stands beside them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use editree::app::job::State;
use editree::store::Store;
use editree::store::error::Kind;
use editree::tree::{Hash, Timestamp};
use serde_json::{Value, json};

use super::{Shelf, first_picture, open_root, outcome, pass, png, save, simulated, spec};

fn names(shelf: &Shelf) -> Vec<String> {
    let entries = fs::read_dir(shelf.path().join("media")).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn beside(shelf: &Shelf, hash: Hash) -> Value {
    let path = shelf.path().join(format!("media/{hash}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_picture_is_kept_as_it_came_under_its_hash_and_kind() {
    let shelf = Shelf::new();
    let media = shelf.store().media();
    let kinds: [(&[u8], &str, &str); 4] = [
        (b"\x89PNG....", "png", "png"),
        (b"\xff\xd8\xff\xe0..", "jpg", "jpeg"),
        (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "webp", "webp"),
        (b"GIF89a..", "gif", "gif"),
    ];
    for (bytes, ending, format) in kinds {
        let hash = media.write(bytes).unwrap();
        let expected = shelf.path().join(format!("media/{hash}.{ending}"));
        assert_eq!(media.path(hash), Some(expected));
        assert_eq!(media.read(hash).unwrap(), bytes);
        assert_eq!(media.read_with_format(hash).unwrap().1, format);
    }
    // The name is the SHA-256 of the bytes, which others can check.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(media.write(b"").unwrap().to_string(), empty);
}

#[test]
fn the_same_bytes_again_change_nothing() {
    let shelf = Shelf::new();
    let media = shelf.store().media();
    let hash = media.write(&png("x")).unwrap();
    let touched = || fs::metadata(media.path(hash).unwrap()).unwrap().modified().unwrap();
    let before = touched();
    assert_eq!(media.write(&png("x")).unwrap(), hash);
    assert_eq!(touched(), before);
    assert_eq!(names(&shelf).len(), 1);
}

#[test]
fn half_a_file_is_made_whole_when_the_bytes_come_again() {
    let shelf = Shelf::new();
    let media = shelf.store().media();
    let hash = media.write(&png("a long picture")).unwrap();
    fs::write(media.path(hash).unwrap(), "half").unwrap();
    media.write(&png("a long picture")).unwrap();
    assert_eq!(media.read(hash).unwrap(), png("a long picture"));
}

#[test]
fn half_files_never_show_and_old_ones_are_removed() {
    let shelf = Shelf::new();
    drop(shelf.store());
    let hash = Hash([1; 32]);
    let part = |name: &str| -> PathBuf {
        let path = shelf.path().join(format!("media/{hash}.{name}.part"));
        fs::write(&path, "half").unwrap();
        path
    };
    let (old, fresh) = (part("old"), part("fresh"));
    let yesterday = SystemTime::now() - Duration::from_secs(25 * 60 * 60);
    fs::File::options().write(true).open(&old).unwrap().set_modified(yesterday).unwrap();
    let store = shelf.store();
    let media = store.media();
    assert_eq!(media.path(hash), None);
    assert_eq!(media.read(hash).unwrap_err().kind, Kind::NotFound);
    let plan = store.plan(Timestamp(0)).wait().unwrap();
    assert_eq!(store.collect(plan, Timestamp(0)).wait().unwrap(), (1, 4));
    // Another process may be writing the fresh one.
    assert!(!old.exists() && fresh.exists());
}

#[test]
fn a_failed_write_leaves_nothing() {
    let shelf = Shelf::new();
    let media = shelf.store().media();
    let folder = shelf.path().join("media");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let error = media.write(&png("x")).unwrap_err();
    assert_eq!(error.kind, Kind::NotAFolder);
    assert!(error.hint.is_some());
}

#[test]
fn the_same_picture_opened_again_is_the_same_root() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let first = open_root(&store, "cat");
    assert_eq!(first.title.as_deref(), Some("cat.png"));
    assert_eq!(open_root(&store, "cat"), first);
    assert_ne!(open_root(&store, "dog").id, first.id);
    drop(store);
    let store = shelf.store();
    assert_eq!(open_root(&store, "cat"), first);
    assert_eq!(names(&shelf).len(), 4);
    // A result with the same bytes is no root.
    let saved = save(&store, spec("x", Some(first_picture(&first))));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let outcome = outcome(&store, "bird");
    store.finish(saved.job.id, outcome, Timestamp(1)).wait().unwrap();
    assert_ne!(open_root(&store, "bird").id, saved.node.id);
}

#[test]
fn two_instances_that_open_the_same_picture_make_one_root() {
    let shelf = Shelf::new();
    let (first, second) = (shelf.store(), shelf.store());
    let nodes = std::thread::scope(|scope| {
        [&first, &second]
            .map(|store| {
                scope.spawn(|| {
                    (0..20).map(|n| open_root(store, &format!("{n}")).id).collect::<Vec<_>>()
                })
            })
            .map(|thread| thread.join().unwrap())
    });
    assert_eq!(nodes[0], nodes[1]);
}

#[test]
fn beside_a_result_stands_all_that_is_needed_to_make_it_again() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let saved = save(&store, spec("make it blue", Some(first_picture(&root))));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let outcome = outcome(&store, "blue cat");
    let hash = outcome.pictures[0].hash;
    store.finish(saved.job.id, outcome, Timestamp(1)).wait().unwrap();
    let parent = json!({ "global": root.global, "picture": root.pictures[0].hash.to_string() });
    let expected = json!({ "nodes": [{
        "global": saved.node.global, "node": "n2", "project": "main", "simulated": false, "at": 100,
        "title": null, "endpoint": "fal-ai/flux-pro/kontext", "prompt": "make it blue",
        "params": { "guidance_scale": 3.5 }, "inputs": [parent], "parent": parent,
        "seed": u64::MAX, "request_id": "r-1", "served_from": null, "partial": false, "cost": 0.04, "cost_exact": false, "timings": { "inference": 4.25 },
        "pictures": [{ "hash": hash.to_string(), "width": 1248, "height": 832, "format": "png",
            "bytes": 7, "nsfw": false }],
    }]});
    assert_eq!(beside(&shelf, hash), expected);
    let root_beside = &beside(&shelf, root.pictures[0].hash)["nodes"][0];
    assert_eq!(root_beside["title"], "cat.png");
    assert_eq!(root_beside["global"], root.global);
}

#[test]
fn a_picture_of_two_projects_is_described_for_both() {
    let shelf = Shelf::new();
    let root = open_root(&shelf.store(), "cat");
    let (other, _) = Store::open(shelf.path(), simulated()).unwrap();
    open_root(&other, "cat");
    open_root(&other, "cat");
    let beside = beside(&shelf, root.pictures[0].hash);
    let projects: Vec<_> =
        beside["nodes"].as_array().unwrap().iter().map(|node| &node["project"]).collect();
    assert_eq!(projects, ["main", "simulator"]);
}

#[test]
fn garbage_beside_a_picture_is_replaced() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let hash = store.media().write(&png("cat")).unwrap();
    fs::write(shelf.path().join(format!("media/{hash}.json")), "{ not json").unwrap();
    open_root(&store, "cat");
    assert_eq!(beside(&shelf, hash)["nodes"].as_array().unwrap().len(), 1);
}
