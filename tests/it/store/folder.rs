//! The folder itself: who may read it, and what is said when it cannot be used.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use editree::app::draft::{Choice, Draft, Seed};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::JobId;
use editree::app::log::{Level, LogEntry};
use editree::store::error::{Error, Kind};
use editree::store::{Options, Store};
use editree::tree::{Input, Timestamp};
use serde_json::json;

use super::{Shelf, all_nodes, first_picture, open_root, options, save, simulated};

fn refusal(folder: &Path) -> Error {
    Store::open(folder, options()).expect_err("it must be refused")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn nobody_else_can_look_into_the_store() {
    let shelf = Shelf::new();
    let folder = shelf.path().join("deep/down");
    let (store, _) = Store::open(&folder, options()).unwrap();
    let root = open_root(&store, "cat");
    save(&store, super::spec("x", Some(first_picture(&root))));
    let mut waiting = vec![shelf.path().join("deep")];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            files += 1;
        }
    }
    // The database, its log and index, a lock, a picture, what stands beside it, and the mark.
    assert_eq!(files, 7);
}

#[test]
fn a_database_that_others_could_read_is_made_private() {
    let shelf = Shelf::new();
    let path = shelf.path().join("editree.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = shelf.store();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_file_in_place_of_the_folder_is_called_so() {
    let shelf = Shelf::new();
    let file = shelf.path().join("file");
    fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = refusal(&path);
        assert_eq!(error.kind, Kind::NotAFolder);
        assert_eq!(error.message, format!("`{}` is not a folder", path.display()));
        assert!(error.hint.unwrap().contains("--data-dir"));
    }
    for name in ["media", "instances"] {
        let folder = shelf.path().join(format!("with-{name}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(name), "x").unwrap();
        assert_eq!(refusal(&folder).kind, Kind::NotAFolder, "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_or_written_is_called_so() {
    for path in ["/proc/editree", "/proc/self"] {
        let error = refusal(Path::new(path));
        assert_eq!(error.kind, Kind::Unwritable, "{error}");
        assert!(error.message.contains(path), "{error}");
        assert!(error.hint.unwrap().contains("--data-dir"));
    }
}

/// A folder with the same pictures and a database that cannot be read.
fn damaged(folder: &Path) -> Shelf {
    let shelf = Shelf::new();
    fs::create_dir_all(shelf.path().join("media")).unwrap();
    for entry in fs::read_dir(folder.join("media")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, shelf.path().join("media").join(path.file_name().unwrap())).unwrap();
    }
    fs::write(shelf.path().join("editree.db"), GARBAGE).unwrap();
    shelf
}

const GARBAGE: &[u8] = &[b'x'; 9_000];

#[test]
fn a_damaged_database_is_set_aside_and_made_again_from_the_pictures() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "a cat");
    let parent = first_picture(&root);
    let edit = super::finished(&store, super::spec("make it red", Some(parent)), 500);
    let before = all_nodes(&store).unwrap();
    let spent = store.spent(Timestamp(0)..Timestamp(1_000)).wait().unwrap();
    let damaged = damaged(shelf.path());
    let (again, opening) = Store::open(damaged.path(), options()).unwrap();
    assert!(opening.notes.concat().contains("2 nodes are back"), "{:?}", opening.notes);
    let after = all_nodes(&again).unwrap();
    let told = |node: &editree::tree::Node| {
        (node.id, node.global.clone(), node.parent, node.recipe.clone(), node.seed, node.cost)
    };
    assert_eq!(
        after.iter().map(told).collect::<Vec<_>>(),
        before.iter().map(told).collect::<Vec<_>>()
    );
    assert_eq!(after[1].id, edit.node.id);
    assert_eq!(again.spent(Timestamp(0)..Timestamp(1_000)).wait().unwrap(), spent);
    let aside = fs::read(damaged.path().join("editree.db.damaged1")).unwrap();
    assert_eq!(aside, GARBAGE, "kept as it was");
    save(&again, super::spec("go on", Some(parent)));
}

#[test]
fn a_damaged_database_that_another_editree_uses_is_left_alone() {
    let shelf = {
        let shelf = Shelf::new();
        let _store = shelf.store();
        damaged(shelf.path())
    };
    // Whoever holds a lock in `instances` lives.
    let instances = shelf.path().join("instances");
    fs::create_dir_all(&instances).unwrap();
    let lock = fs::File::create(instances.join("somebody.lock")).unwrap();
    lock.lock().unwrap();
    let error = refusal(shelf.path());
    assert_eq!(error.kind, Kind::Damaged);
    assert!(error.message.contains("editree.db"), "{error}");
    assert_eq!(Failure::from(error).kind, FailureKind::Store);
}

#[test]
fn a_project_never_mixes_real_and_simulated() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let mut mixed = simulated();
    mixed.project = "main".into();
    let error = Store::open(shelf.path(), mixed).expect_err("it must be refused");
    assert_eq!(error.kind, Kind::Mixed);
    assert_eq!(error.message, "project `main` holds real pictures and takes no simulated ones");
    assert!(error.hint.unwrap().contains("--project"));
    let mut spec = super::spec("x", None);
    spec.simulated = true;
    let error = store.save(spec, None, Timestamp(0)).wait().unwrap_err();
    assert_eq!(error.kind, Kind::Mixed);
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM nodes"), 0);
}

#[test]
fn projects_of_one_folder_do_not_see_each_other() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let saved = save(&store, super::spec("words", Some(first_picture(&root))));
    let (other, opening) = Store::open(shelf.path(), simulated()).unwrap();
    assert!(opening.nodes.is_empty() && opening.jobs.is_empty() && opening.prompts.is_empty());
    assert!(other.load_nodes(vec![root.id]).wait().unwrap().is_empty());
    assert_eq!(other.find_job(saved.job.id).wait().unwrap(), None);
    let mut spec = super::spec("x", Some(first_picture(&root)));
    spec.simulated = true;
    assert_eq!(other.save(spec, None, Timestamp(0)).wait().unwrap_err().kind, Kind::NotFound);
    // The same picture is another root there, in the same file.
    let there = open_root(&other, "cat");
    assert_ne!(there.id, root.id);
    assert_eq!(there.pictures[0].hash, root.pictures[0].hash);
}

#[test]
fn draft_log_and_nodes_are_there_after_reopening() {
    let shelf = Shelf::new();
    let (store, opening) = shelf.open();
    assert_eq!(opening.draft, Draft::default());
    assert!(opening.notes.is_empty(), "{:?}", opening.notes);
    let (root, reference) = (open_root(&store, "cat"), open_root(&store, "dog"));
    let draft = Draft {
        prompt: "make it\n\"blue\"".into(),
        aside: vec!["typed before".into()],
        values: [("num_images".to_owned(), json!(2))].into(),
        choice: Choice::Fixed("fal-ai/flux-pro/kontext/max".into()),
        parent: Some(first_picture(&root)),
        references: vec![
            Input::Picture(first_picture(&reference)),
            Input::Url("https://x/y.png".into()),
        ],
        regions: Vec::new(),
        seed: Seed::Pinned(Some(7)),
    };
    store.keep_draft(Draft::default()).wait().unwrap();
    store.keep_draft(draft.clone()).wait().unwrap();
    let lines: Vec<LogEntry> = (0..250)
        .map(|number| LogEntry {
            at: Timestamp(number),
            level: if number % 2 == 0 { Level::Warning } else { Level::Debug },
            job: (number == 249).then_some(JobId(3)),
            node: None,
            text: format!("line {number} \u{1b}[31m"),
        })
        .collect();
    store.keep_log(lines.clone()).wait().unwrap();
    drop(store);

    let (store, opening) = shelf.open();
    assert_eq!(opening.draft, draft);
    assert_eq!(opening.current, Some(first_picture(&root)));
    assert_eq!(opening.nodes, [root, reference]);
    assert_eq!(opening.log, lines[50..]);
    assert_eq!(store.log(2).wait().unwrap(), lines[248..]);
}

#[test]
fn the_first_page_holds_what_the_draft_and_the_canvas_need_however_old() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let (parent, reference, shown) =
        (open_root(&store, "a"), open_root(&store, "b"), open_root(&store, "c"));
    for number in 0..100 {
        save(&store, super::spec(&format!("attempt {number}"), None));
    }
    let draft = Draft {
        parent: Some(first_picture(&parent)),
        references: vec![Input::Picture(first_picture(&reference))],
        ..Draft::default()
    };
    store.keep_draft(draft).wait().unwrap();
    let snapshot = store.snapshot(Timestamp(0)).wait().unwrap();
    assert_eq!(snapshot.current, Some(first_picture(&shown)));
    assert_eq!(snapshot.newest, Some(shown.id));
    drop(store);
    let (_store, opening) = shelf.open();
    for node in [parent, reference, shown] {
        assert!(opening.nodes.contains(&node), "{}", node.id);
    }
    assert!(opening.nodes.is_sorted_by_key(|node| node.id));
    assert!(opening.nodes.len() < 80);
}

#[test]
fn an_answer_comes_even_when_the_store_is_gone() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let pending = store.snapshot(Timestamp(0));
    let saved = store.save(super::spec("last words", None), None, Timestamp(0));
    drop(store);
    // What was handed over is done, and answered, though nobody holds the store any more.
    // (The reader may already see what the writer does.)
    assert!(pending.wait().unwrap().summaries.len() <= 1);
    assert_eq!(saved.wait().unwrap().node.recipe.unwrap().prompt, "last words");
}

#[tokio::test]
async fn requests_are_done_in_the_order_in_which_they_were_made() {
    let shelf = Shelf::new();
    let store = shelf.store();
    // Nothing is awaited in between: each needs the one before.
    let specs: Vec<_> = (0..20)
        .map(|number| store.save(super::spec(&format!("p{number}"), None), None, Timestamp(number)))
        .collect();
    store.settle().await.unwrap();
    for (number, pending) in specs.into_iter().enumerate() {
        assert_eq!(pending.await.unwrap().node.id.0 as usize, number + 1);
    }
    let prompts = store.prompts(3).await.unwrap();
    assert_eq!(prompts, ["p19", "p18", "p17"]);
}

#[test]
fn log_lines_go_when_their_days_are_over_and_when_there_are_too_many() {
    const DAY_MS: i64 = 86_400_000;
    let shelf = Shelf::new();
    let store = Store::open(shelf.path(), Options { log_days: 3, ..options() }).unwrap().0;
    let at = |number: i64| Timestamp(number * DAY_MS / 100);
    for batch in 0..10 {
        let lines = (0..100).map(|number| LogEntry {
            at: at(100 * batch + number),
            level: Level::Info,
            job: None,
            node: None,
            text: "told".into(),
        });
        store.keep_log(lines.collect()).wait().unwrap();
    }
    let left = store.log(1_000).wait().unwrap();
    assert_eq!((left.len(), left[0].at), (301, at(699)));
    // The oldest were written while the clock was years ahead: they would be in the way for ever.
    let ahead = "UPDATE log SET at = 86400000000 WHERE id < (SELECT MIN(id) FROM log) + 200";
    shelf.database().execute_batch(ahead).unwrap();
    store.keep_log(vec![LogEntry { at: at(1_000), ..left[0].clone() }]).wait().unwrap();
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM log"), 102);
    // A line a second for two days, of another project, is too much of it.
    shelf
        .database()
        .execute_batch(
            "INSERT INTO projects (id, name, simulated) VALUES (9, 'busy', 0);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200100) \
             INSERT INTO log (project, at, level, text) SELECT 9, 864000000, 'info', 'x' FROM n",
        )
        .unwrap();
    for _ in 0..3 {
        let line = LogEntry { at: at(1_000), ..left[0].clone() };
        store.keep_log(vec![line]).wait().unwrap();
    }
    assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM log"), 200_000);
}

#[test]
fn a_search_goes_on_while_another_process_is_writing() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let other = shelf.database();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.load_nodes(vec![root.id]).wait().unwrap(), [root]);
    other.execute_batch("COMMIT").unwrap();
}

#[test]
fn where_only_commands_were_the_first_edit_goes_on_from_what_is_seen() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = open_root(&store, "cat");
    drop(store);
    let (store, opening) = shelf.open();
    assert_eq!(opening.current, Some(first_picture(&root)));
    assert_eq!(opening.draft.parent, opening.current);
    // Whoever has chosen to begin from words begins from words again.
    store.keep_draft(Draft::default()).wait().unwrap();
    drop(store);
    let (_store, opening) = shelf.open();
    assert_eq!(opening.draft.parent, None);
}
