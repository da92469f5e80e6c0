//! A database that lacks what its pictures tell of: found at the start, made whole, told; and
//! nothing of it is ever taken for nobody's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use editree::app::job::{JobId, State};
use editree::schema::Usd;
use editree::store::Store;
use editree::store::trash::RETENTION_MS;
use editree::tree::decision::{Change, Entry};
use editree::tree::{Node, NodeId, NodeState, PictureRef, Recipe, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Shelf, all_nodes, finished, first_picture, open_root, outcome, pass, save, spec};

const PICTURES: u32 = 50;

/// A tree of `PICTURES` nodes, three children each, and what the database file was when half were
/// made.
pub(super) fn planted(shelf: &Shelf) -> (Vec<Node>, Vec<u8>) {
    let store = shelf.store();
    let mut nodes = vec![open_root(&store, "cat")];
    let mut half = Vec::new();
    while nodes.len() < PICTURES as usize {
        let parent = first_picture(&nodes[(nodes.len() - 1) / 3]);
        let saved = finished(&store, spec(&format!("step {}", nodes.len()), Some(parent)), 300);
        nodes.push(store.find_node(Some(saved.node.id.0)).wait().unwrap().unwrap());
        if nodes.len() == PICTURES as usize / 2 {
            half = copy(shelf);
        }
    }
    drop(store);
    (nodes, half)
}

/// The database as a backup program would have it.
fn copy(shelf: &Shelf) -> Vec<u8> {
    let to = shelf.path().join("copy.db");
    let database = shelf.database();
    database.execute("VACUUM INTO ?1", [to.to_string_lossy()]).unwrap();
    let bytes = fs::read(&to).unwrap();
    fs::remove_file(to).unwrap();
    bytes
}

/// Every file of the media folder that is a picture or a sidecar, by name, long untouched.
fn media(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let long_ago = SystemTime::now() - Duration::from_secs(90 * 24 * 60 * 60);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder.join("media")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, fs::read(&path).unwrap());
        fs::File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    }
    files
}

pub(super) type Told =
    (NodeId, String, Option<PictureRef>, Option<Recipe>, Option<u64>, Option<Usd>, NodeState);

pub(super) fn told(node: &Node) -> Told {
    let Node { id, global, parent, recipe, seed, cost, state, .. } = node.clone();
    (id, global, parent, recipe, seed, cost, state)
}

/// What a sync that forgot something may have left: the new database's bytes, if there is one.
fn databases(half: Vec<u8>) -> [(&'static str, Option<Vec<u8>>); 5] {
    // Without its write-ahead log: a header page and nothing else.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.db");
    let bare = Connection::open(&path).unwrap();
    bare.pragma_update(None, "journal_mode", "WAL").unwrap();
    drop(bare);
    let bare = fs::read(path).unwrap();
    assert!(!bare.is_empty());
    [
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("one byte", Some(vec![0])),
        ("older", Some(half)),
        ("without its log", Some(bare)),
    ]
}

#[test]
fn whatever_the_database_lacks_comes_back_and_not_a_file_is_lost() {
    let planted_in = Shelf::new();
    let (nodes, half) = planted(&planted_in);
    let before = media(planted_in.path());
    assert_eq!(before.len(), 2 * PICTURES as usize);
    for (name, database) in databases(half) {
        let shelf = Shelf::new();
        fs::create_dir(shelf.path().join("media")).unwrap();
        for entry in fs::read_dir(planted_in.path().join("media")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, shelf.path().join("media").join(path.file_name().unwrap())).unwrap();
        }
        if let Some(bytes) = database {
            fs::write(shelf.path().join("editree.db"), bytes).unwrap();
        }
        media(shelf.path());
        let (store, opening) = shelf.open();
        assert!(opening.notes.concat().contains("are back"), "{name}: {:?}", opening.notes);
        let is_cut = matches!(name, "empty" | "one byte");
        let told_cut = opening.notes.concat().contains("cut off")
            && opening.notes.concat().contains("--from-service");
        assert_eq!(told_cut, is_cut, "{name}: {:?}", opening.notes);
        let after = all_nodes(&store).unwrap();
        let tell = |nodes: &[Node]| nodes.iter().map(told).collect::<Vec<_>>();
        assert_eq!(tell(&after), tell(&nodes), "{name}");
        let late = Timestamp(i64::from(u32::MAX) * 1_000);
        let plan = store.plan(late).wait().unwrap();
        assert!(plan.is_empty(), "{name}: {plan:?}");
        store.collect(plan, late).wait().unwrap();
        assert_eq!(media(shelf.path()), before, "{name}");
        let spent = store.spent(Timestamp(0)..Timestamp(1_000)).wait().unwrap();
        assert_eq!(spent, Usd(40_000 * (i64::from(PICTURES) - 1)), "{name}");
        let checked = store.check().wait().unwrap();
        assert!(checked.missing.is_empty() && checked.unused.is_empty(), "{name}: {checked:?}");
        // The next number is free, and the next start finds nothing more.
        let next = save(&store, spec("go on", after.last().map(first_picture)));
        assert_eq!(next.node.id, NodeId(PICTURES + 1), "{name}");
        drop(store);
        assert_eq!(shelf.open().1.notes, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_start_reads_no_sidecar_while_nothing_has_changed_behind_its_back() {
    let shelf = Shelf::new();
    let root = open_root(&shelf.store(), "cat");
    let sidecar = shelf.path().join(format!("media/{}.json", root.pictures[0].hash));
    let foreign = fs::read_to_string(&sidecar).unwrap().replace(&root.global, "somebody-elses");
    // In place: the folder stays as it was, and nothing of it is looked at.
    fs::write(&sidecar, "{ garbage").unwrap();
    let (store, opening) = shelf.open();
    assert_eq!((opening.notes.len(), opening.nodes.len()), (0, 1));
    // Who looks at everything finds it.
    assert!(store.merge().wait().unwrap().unwrap().contains("left out"));
    drop(store);
    assert_eq!(shelf.open().1.notes.len(), 0);
    // Brought from elsewhere, as by a sync of the pictures alone.
    fs::write(shelf.path().join("media/foreign.json"), foreign).unwrap();
    let (store, opening) = shelf.open();
    assert!(opening.notes.concat().contains("did not know 1 nodes"), "{:?}", opening.notes);
    assert_eq!(all_nodes(&store).unwrap().len(), 2);
    fs::remove_file(shelf.path().join("media.mark")).unwrap();
    drop(store);
    let notes = shelf.open().1.notes;
    assert!(notes.len() == 1 && notes[0].starts_with("left out"), "read again: {notes:?}");
}

#[test]
fn sidecars_that_are_none_are_left_out_by_name_and_stop_nothing() {
    let shelf = Shelf::new();
    let root = open_root(&shelf.store(), "cat");
    fs::remove_file(shelf.path().join("editree.db")).unwrap();
    let path = |name: &str| shelf.path().join("media").join(name);
    let pipe = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe.json"), pipe).unwrap();
    fs::create_dir(path("folder.json")).unwrap();
    fs::File::create(path("huge.json")).unwrap().set_len(50 << 20).unwrap();
    fs::write(path("garbage.json"), b"{ \"nodes\": \xff").unwrap();
    fs::write(path("other.json"), "[1, 2]").unwrap();
    fs::write(path("deep.json"), "[".repeat(100_000)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", path("zero.json")).unwrap();
    std::os::unix::fs::symlink(path("loop.json"), path("loop.json")).unwrap();
    let odd = json!({ "nodes": [
        7, null, { "global": "" }, { "global": 3 },
        { "global": "a", "node": "n9223372036854775807", "at": "x", "seed": -1, "cost": "1e999",
          "pictures": [{ "hash": "../../etc", "width": -4 }, { "hash": 4 }], "inputs": {}, "project": "" },
        { "global": "b", "node": "n-3", "parent": { "global": "b", "picture": "0".repeat(64) },
          "pictures": [{ "hash": "0".repeat(64), "width": 1e30 }] },
        { "global": "c", "parent": { "global": "d", "picture": "1".repeat(64) }, "simulated": true },
        { "global": "d", "parent": { "global": "c", "picture": "2".repeat(64) }, "simulated": true },
    ]});
    fs::write(path("odd.json"), odd.to_string()).unwrap();
    let (store, opening) = shelf.open();
    let notes = opening.notes.concat();
    assert!(notes.contains("5 nodes") && notes.contains("left out:"), "{notes}");
    assert!(notes.contains("and 7 more"), "{notes}");
    let nodes = all_nodes(&store).unwrap();
    assert_eq!(nodes[0].global, root.global);
    assert!(nodes.iter().all(|node| node.id.0 < 1_000), "no number is used up");
    let simulated: i64 = shelf.cell(
        "SELECT COUNT(*) FROM nodes JOIN projects ON projects.id = nodes.project \
         WHERE projects.name = 'main' AND nodes.simulated = 1",
    );
    assert_eq!(simulated, 0, "real and simulated never mix");
    let plan = store.plan(Timestamp(0)).wait().unwrap();
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn a_request_whose_end_the_database_has_not_heard_of_is_done_when_its_picture_says_so() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let parent = first_picture(&open_root(&store, "cat"));
    let saved = save(&store, spec("blue", Some(parent)));
    pass(&store, &saved, &[State::Sending, State::Queued(None), State::Fetching]);
    let older = copy(&shelf);
    let result = outcome(&store, "blue cat");
    store.finish(saved.job.id, result, Timestamp(300)).wait().unwrap();
    let done = store.find_node(Some(saved.node.id.0)).wait().unwrap().unwrap();
    drop(store);
    for beside in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(shelf.path().join(format!("editree.db{beside}")));
    }
    fs::write(shelf.path().join("editree.db"), older).unwrap();
    let (store, opening) = shelf.open();
    assert!(opening.notes.concat().contains("1 requests turned out to be done"));
    assert!(opening.jobs.is_empty(), "nobody asks for it again");
    let again = store.find_node(Some(saved.node.id.0)).wait().unwrap().unwrap();
    assert_eq!(told(&again), told(&done));
    assert_eq!(again.pictures[0].hash, done.pictures[0].hash);
    assert_eq!(store.find_job(JobId(1)).wait().unwrap().unwrap().state, State::Done);
}

#[test]
fn a_log_without_its_database_is_kept() {
    let shelf = Shelf::new();
    fs::create_dir_all(shelf.path()).unwrap();
    fs::write(shelf.path().join("editree.db-wal"), "all there is").unwrap();
    let (_store, opening) = shelf.open();
    assert!(opening.notes.concat().contains("write-ahead log"), "{:?}", opening.notes);
    let kept = fs::read(shelf.path().join("editree.db-wal.aside1")).unwrap();
    assert_eq!(kept, b"all there is");
}

#[test]
fn the_last_to_go_leaves_everything_in_the_one_file() {
    let shelf = Shelf::new();
    let (store, other) = (shelf.store(), shelf.store());
    open_root(&store, "cat");
    let log = shelf.path().join("editree.db-wal");
    let length = || fs::metadata(&log).map_or(0, |file| file.len());
    assert!(length() > 0);
    drop(store);
    assert_eq!(length(), 0, "also while another one is open");
    open_root(&other, "dog");
    drop(other);
    assert_eq!(length(), 0);
    // The file alone, as a sync without `-wal` takes it.
    let alone = shelf.path().join("alone.db");
    fs::copy(shelf.path().join("editree.db"), &alone).unwrap();
    let count: i64 = Connection::open(alone)
        .unwrap()
        .query_row("SELECT COUNT(*) FROM nodes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2);
}

/// A picture that no node shows, written long ago.
fn stray(shelf: &Shelf, store: &Store, words: &str) -> PathBuf {
    let hash = store.media().write(&super::png(words)).unwrap();
    let path = store.media().path(hash).unwrap();
    media(shelf.path());
    path
}

#[test]
fn only_what_no_row_sidecar_request_or_other_database_names_is_nobodys() {
    let shelf = Shelf::new();
    let store = shelf.store();
    open_root(&store, "cat");
    let nobodys = stray(&shelf, &store, "nobody's");
    let unused = || -> Vec<PathBuf> {
        let plan = store.plan(Timestamp(0)).wait().unwrap();
        plan.files.into_iter().map(|(path, _)| path).collect()
    };
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    // A sidecar, readable or not.
    for (words, text) in [("told", "{\"nodes\": [{\"global\": \"x\"}]}"), ("garbled", "{")] {
        let picture = stray(&shelf, &store, words);
        fs::write(picture.with_extension("json"), text).unwrap();
        media(shelf.path());
        assert_eq!(unused(), std::slice::from_ref(&nobodys), "{words}");
    }
    // A row that is no picture's, and a database that was set aside, whatever it is.
    let noted = stray(&shelf, &store, "noted");
    let set_aside = stray(&shelf, &store, "set aside");
    assert_eq!(unused().len(), 3);
    let sql = "INSERT INTO log (project, at, level, text) VALUES (1, 0, 'info', ?1)";
    shelf.database().execute(sql, [format!("kept {}", name(&noted))]).unwrap();
    let other = format!("SQLite format 9 {} garbage", name(&set_aside));
    fs::write(shelf.path().join("editree.db.damaged7"), other).unwrap();
    assert_eq!(unused(), std::slice::from_ref(&nobodys));
    // Not ours to judge.
    fs::write(shelf.path().join("media/holiday.png"), "x").unwrap();
    media(shelf.path());
    assert_eq!(unused(), std::slice::from_ref(&nobodys));
    // A request that is not over may have brought it.
    let saved = save(&store, spec("x", None));
    shelf.database().execute("UPDATE jobs SET at = 0", []).unwrap();
    assert_eq!(unused(), Vec::<PathBuf>::new());
    pass(&store, &saved, &[State::Cancelled]);
    let plan = store.plan(Timestamp(0)).wait().unwrap();
    // Between the list and the word it comes into use.
    let sidecar = nobodys.with_extension("json");
    fs::write(&sidecar, "{}").unwrap();
    assert_eq!(store.collect(plan.clone(), Timestamp(0)).wait().unwrap(), (0, 0));
    fs::remove_file(sidecar).unwrap();
    assert_eq!(store.collect(plan, Timestamp(0)).wait().unwrap().0, 1);
    assert!(!nobodys.exists() && noted.exists() && set_aside.exists());
}

#[test]
fn starred_rated_and_needed_pictures_stay_however_long_they_lie_in_the_trash() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let made = |words: &str, on: PictureRef| {
        let id = finished(&store, spec(words, Some(on)), 300).node.id;
        store.find_node(Some(id.0)).wait().unwrap().unwrap()
    };
    let decide = |change| store.decide(Entry::Did(change), Timestamp(0)).wait().unwrap();
    let [plain, starred, rated, under] =
        ["plain", "starred", "rated", "under"].map(|words| made(words, first_picture(&root)));
    let kept = made("on it", first_picture(&under));
    decide(Change::Star { node: starred.id, on: true });
    decide(Change::Star { node: kept.id, on: true });
    decide(Change::Rate { node: rated.id, from: 0, to: 2 });
    decide(Change::Name { node: plain.id, from: None, to: Some("sunset".into()) });
    for node in [&plain, &starred, &rated, &under] {
        decide(Change::Trash { node: node.id, on: true });
    }
    let now = Timestamp(2 * RETENTION_MS);
    let plan = store.plan(now).wait().unwrap();
    let told: Vec<_> =
        plan.expired.iter().map(|node| (node.id, node.starred, node.pictures.len())).collect();
    let expected = [(plain.id, false, 1), (starred.id, true, 0), (rated.id, false, 0)];
    assert_eq!(told, [expected.as_slice(), &[(kept.id, true, 0)]].concat());
    assert_eq!(plan.expired[0].name.as_deref(), Some("sunset"));
    assert_eq!(plan.expired[0].cost, Some(Usd(40_000)));
    // Starred while the list is being read.
    decide(Change::Star { node: plain.id, on: true });
    assert_eq!(store.collect(plan.clone(), now).wait().unwrap(), (0, 0));
    decide(Change::Star { node: plain.id, on: false });
    assert_eq!(
        store.collect(plan, now).wait().unwrap().0,
        2,
        "the picture and what stood beside it"
    );
    let media = store.media();
    let is_there = |node: &Node| media.path(node.pictures[0].hash).is_some();
    assert!(!is_there(&plain));
    assert!([root, starred, rated, under, kept].iter().all(is_there));
}

#[test]
fn what_stands_in_the_place_of_a_sidecar_keeps_no_picture_from_the_tree() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let saved = save(&store, spec("blue", None));
    pass(&store, &saved, &[State::Sending, State::Fetching]);
    let result = outcome(&store, "blue cat");
    let hash = result.pictures[0].hash;
    let sidecar = shelf.path().join(format!("media/{hash}.json"));
    fs::create_dir(&sidecar).unwrap();
    store.finish(saved.job.id, result, Timestamp(300)).wait().unwrap();
    let text = fs::read_to_string(&sidecar).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["nodes"][0]["node"], "n1");
    assert!(shelf.path().join(format!("media/{hash}.json.aside1")).is_dir());
}

#[test]
fn a_name_in_capitals_is_no_picture_and_never_comes_into_a_row() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    finished(&store, spec("blue", Some(first_picture(&root))), 300);
    drop(store);
    let name = root.pictures[0].hash.to_string();
    for (file, bytes) in media(shelf.path()) {
        if file.ends_with(".json") {
            let text = String::from_utf8(bytes).unwrap().replace(&name, &name.to_uppercase());
            fs::write(shelf.path().join("media").join(file), text).unwrap();
        }
    }
    fs::remove_file(shelf.path().join("editree.db")).unwrap();
    let (store, _) = shelf.open();
    assert_eq!(store.check().wait().unwrap().senseless, None);
    let capitals = "SELECT COUNT(*) FROM nodes WHERE parent_picture GLOB '*[A-F]*'";
    assert_eq!(shelf.cell::<i64>(capitals), 0);
}
