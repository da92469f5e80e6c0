//! Bytes and pages of the database that nobody has written: each is found, or does no harm; and the
//! database is given up for the pictures only where SQLite itself calls it broken.
//!
//! `EDITREE_FLIPS=5000 cargo test --test it store::damage -- --nocapture` tries more of them.

use std::fs;
use std::path::Path;

use editree::app::draft::Draft;
use editree::app::job::State;
use editree::store::damage::{self, Found as Seen};
use editree::store::error::{Error, Kind};
use editree::store::{Opening, Store};

use editree::tree::decision::{Change, Entry};
use editree::tree::{Node, Timestamp};

use super::recovery::{Told, planted, told};
use super::{Shelf, all_nodes, finished, first_picture, open_root, options, pass, save, spec};

const PAGE: usize = 4_096;
const FLIPS: u32 = 100;

/// One thing that a disk, a cable or another program does to a file.
fn spoil(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) -> String {
    let (at, pages) = (random.usize(..bytes.len()), bytes.len() / PAGE);
    let start = random.usize(..pages) * PAGE;
    let other = random.usize(..pages) * PAGE;
    let page = start..start + PAGE;
    match random.u8(0..12) {
        0..4 => {
            let bit = 1 << random.u8(0..8);
            bytes[at] ^= bit;
            format!("bit {bit} of byte {at}")
        }
        4..6 => {
            let run = at..(at + random.usize(1..64)).min(bytes.len());
            random.fill(&mut bytes[run.clone()]);
            format!("bytes {run:?}")
        }
        6 | 7 => {
            bytes[page.clone()].fill(0);
            format!("no page {page:?}")
        }
        8 => {
            random.fill(&mut bytes[page.clone()]);
            format!("noise in page {page:?}")
        }
        9 => {
            bytes.copy_within(other..other + PAGE, start);
            format!("page {other} at {start}")
        }
        10 => {
            bytes.truncate(start);
            format!("cut before {start}")
        }
        _ => {
            bytes.truncate(at);
            format!("cut at {at}")
        }
    }
}

fn open(folder: &Path) -> Result<(Store, Opening), Error> {
    Store::open(folder, options())
}

/// What is told of the nodes with pictures.
fn tell(store: &Store) -> Result<Vec<Told>, Error> {
    let nodes = all_nodes(store)?;
    Ok(nodes.iter().filter(|node| !node.pictures.is_empty()).map(told).collect())
}

/// A tree, and a request that the service has accepted.
fn under_way(shelf: &Shelf) -> Vec<Told> {
    let (nodes, _) = planted(shelf);
    let store = shelf.store();
    let saved = save(&store, spec("blue", nodes.first().map(first_picture)));
    pass(&store, &saved, &[State::Sending, State::Queued(None)]);
    nodes.iter().map(told).collect()
}

/// How often each was the case.
#[derive(Debug, Default)]
struct Found {
    given_up: u32,
    index_made_again: u32,
    not_opened: u32,
    makes_no_sense: u32,
    by_a_look_at_all: u32,
    beside_the_pictures: u32,
    harmless: u32,
}

impl Found {
    /// Opens it, and proves that what is not as it was is found.
    fn count(&mut self, folder: &Path, before: &[Told], what: &str) {
        let (store, opening) = match open(folder) {
            Ok(opened) => opened,
            Err(error) => {
                assert!(error.message.contains("editree.db"), "{what}: {error}");
                self.not_opened += 1;
                return;
            }
        };
        let notes = opening.notes.concat();
        if notes.contains("are back") {
            assert_eq!(tell(&store).unwrap(), before, "{what}: {notes}");
            self.given_up += 1;
            return;
        }
        let is_index_made_again = notes.contains("index");
        assert!(is_index_made_again || notes.is_empty(), "{what}: {notes}");
        let is_followed = opening.jobs.iter().any(|job| job.state.is_accepted());
        let after = tell(&store);
        let checked = store.check().wait();
        if is_index_made_again {
            let is_told = checked.map_or(true, |checked| checked.senseless.is_some());
            assert!(is_followed || is_told, "{what}: {notes}");
            self.index_made_again += 1;
            return;
        }
        if checked.as_ref().map_or(true, |checked| checked.integrity != "ok") {
            drop(store);
            let (store, opening) = open(folder).unwrap();
            assert!(opening.notes.concat().contains("are back"), "{what}: {:?}", opening.notes);
            assert_eq!(tell(&store).unwrap(), before, "{what}");
            self.by_a_look_at_all += 1;
        } else if checked.as_ref().is_ok_and(|checked| checked.senseless.is_some()) {
            self.makes_no_sense += 1;
        } else if !is_followed {
            panic!("{what}: an accepted request is gone without a word");
        } else if after.as_ref().map_or(true, |after| after != before) {
            let differing = checked.unwrap().differing;
            let other = after.iter().flatten().zip(before).find(|(after, before)| after != before);
            assert!(!differing.is_empty(), "{what}: nobody notices {other:?}");
            self.beside_the_pictures += 1;
        } else {
            self.harmless += 1;
        }
    }
}

#[test]
fn whatever_happens_to_a_byte_or_a_page_is_found_or_harmless() {
    let flips = std::env::var("EDITREE_FLIPS").ok().and_then(|flips| flips.parse().ok());
    let flips = flips.unwrap_or(FLIPS);
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let shelf = Shelf::new();
    let before: Vec<Told> = under_way(&shelf);
    let place = |name: &str| shelf.path().join(name);
    let whole = fs::read(place("editree.db")).unwrap();
    let mark = fs::read(place("media.mark")).unwrap();
    let mut found = Found::default();
    for number in 0..flips {
        // A folder each: a connection that is being closed knows its files by their names.
        let folder = place(&number.to_string());
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(place("media"), folder.join("media")).unwrap();
        let mut bytes = whole.clone();
        let what = spoil(&mut bytes, &mut random);
        fs::write(folder.join("editree.db"), bytes).unwrap();
        fs::write(folder.join("media.mark"), &mark).unwrap();
        found.count(&folder, &before, &format!("seed {seed}, {number}: {what}"));
    }
    println!("{flips} flips, seed {seed}: {found:?}");
}

#[test]
fn what_is_found_while_the_store_is_open_is_mended_by_the_next_start() {
    let shelf = Shelf::new();
    let before: Vec<Told> = planted(&shelf).0.iter().map(told).collect();
    let file = shelf.path().join("editree.db");
    // Large enough that a start does not read all of it.
    let store = shelf.store();
    let filler = "CREATE TABLE filler (x TEXT) STRICT; WITH RECURSIVE n (i) AS \
                  (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                  INSERT INTO filler SELECT printf('%60d', i) FROM n";
    shelf.database().execute_batch(filler).unwrap();
    drop(store);
    let mut bytes = fs::read(&file).unwrap();
    // Of pages that are added one after another the middle is of the middle of the table.
    let middle = bytes.len() / 2 / PAGE * PAGE;
    bytes[middle..middle + PAGE].fill(0);
    fs::write(&file, bytes).unwrap();
    let (store, opening) = shelf.open();
    assert_eq!(opening.notes, Vec::<String>::new(), "a start looks at the ends alone");
    assert!(damage::examine(&file).unwrap().is_some());
    drop(store);
    let (store, opening) = shelf.open();
    let notes = opening.notes.concat();
    assert!(notes.contains("50 nodes are back"), "{notes}");
    assert!(notes.contains("49 earlier requests") && !notes.contains("not all"), "{notes}");
    assert_eq!(tell(&store).unwrap(), before);
    assert_eq!(damage::examine(&file).unwrap(), None);
    drop(store);
    assert_eq!(shelf.open().1.notes, Vec::<String>::new());
}

/// A store with all that no picture tells of.
fn lived_in(shelf: &Shelf) {
    let store = shelf.store();
    let root = open_root(&store, "cat");
    let on = Some(first_picture(&root));
    let done = finished(&store, spec("blue", on), 300);
    let under_way = save(&store, spec("red", on));
    pass(&store, &under_way, &[State::Sending, State::Queued(None)]);
    let lost = save(&store, spec("green", on));
    pass(&store, &lost, &[State::Sending, State::Unknown]);
    let failed = save(&store, spec("grey", on));
    pass(&store, &failed, &[State::Sending, State::Failed]);
    let decide = |change| store.decide(Entry::Did(change), Timestamp(400)).wait().unwrap();
    decide(Change::Star { node: root.id, on: true });
    decide(Change::Name { node: done.node.id, from: None, to: Some("sunset".into()) });
    decide(Change::Rate { node: done.node.id, from: 0, to: 4 });
    decide(Change::Trash { node: failed.node.id, on: true });
    let draft = Draft { prompt: "half a thought".into(), parent: on, ..Draft::default() };
    store.keep_draft(draft).wait().unwrap();
}

/// What the store holds besides pictures.
fn held(store: &Store, opening: &Opening) -> Vec<String> {
    let spent = store.spent(Timestamp(0)..Timestamp(i64::MAX)).wait().unwrap();
    let jobs = opening.jobs.iter().map(|job| {
        let request = job.handle.as_ref().map(|handle| (&handle.request_id, &handle.response_url));
        format!("{} {} {:?} {request:?} {:?} {:?}", job.id, job.node, job.state, job.cost, job.spec)
    });
    let nodes = all_nodes(store).unwrap();
    let nodes = nodes.iter().map(|node| {
        let Node { id, starred, trashed, rating, name, state, .. } = node;
        format!("{:?} {id} {starred} {trashed} {rating} {name:?} {state:?}", told(node))
    });
    let more = [
        format!("{:?}", (&opening.draft.prompt, &opening.draft.parent)),
        format!("{:?}", opening.decisions),
        format!("{spent}"),
    ];
    jobs.chain(nodes).chain(more).collect()
}

#[test]
fn what_a_broken_database_still_tells_comes_over_with_its_numbers() {
    let shelf = Shelf::new();
    lived_in(&shelf);
    let (store, opening) = shelf.open();
    let before = held(&store, &opening);
    assert_eq!(opening.jobs.len(), 2);
    drop(store);
    // A page of the log, which holds nothing that is missed.
    let file = shelf.path().join("editree.db");
    let root: u32 = shelf.cell("SELECT rootpage FROM sqlite_schema WHERE name = 'log'");
    let mut bytes = fs::read(&file).unwrap();
    bytes[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0xee);
    fs::write(&file, bytes).unwrap();
    let (store, opening) = shelf.open();
    let notes = opening.notes.concat();
    assert!(notes.contains("2 nodes are back"), "{notes}");
    for brought in ["2 requests under way", "2 earlier requests", "3 nodes without a picture"] {
        assert!(notes.contains(brought), "{notes}");
    }
    assert!(notes.contains("the draft, undo. The damaged"), "{notes}");
    assert_eq!(held(&store, &opening), before);
    drop(store);
    assert_eq!(shelf.open().1.notes, Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_of_a_broken_database_is_named_and_the_rest_comes_over() {
    for (table, lost) in [
        ("jobs", "requests under way and bills"),
        ("nodes", "stars, names and nodes without a picture"),
        ("drafts", "the draft"),
        ("decisions", "undo"),
        ("projects", "what belongs to which project"),
    ] {
        let shelf = Shelf::new();
        lived_in(&shelf);
        let file = shelf.path().join("editree.db");
        let name = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'");
        let root: u32 = shelf.cell(&name);
        let mut bytes = fs::read(&file).unwrap();
        bytes[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0);
        fs::write(&file, bytes).unwrap();
        let (store, opening) = shelf.open();
        let notes = opening.notes.concat();
        assert!(
            notes.contains("not all could be read") && notes.contains(lost),
            "{table}: {notes}"
        );
        assert!(notes.contains("`editree import --from-service`"), "{table}: {notes}");
        let pictures = all_nodes(&store).unwrap();
        assert_eq!(pictures.iter().filter(|node| !node.pictures.is_empty()).count(), 2, "{table}");
        let jobs = if matches!(table, "jobs" | "nodes" | "projects") { 0 } else { 2 };
        assert_eq!(opening.jobs.len(), jobs, "{table}: {notes}");
        let draft = if matches!(table, "drafts" | "projects") { "" } else { "half a thought" };
        assert_eq!(opening.draft.prompt, draft, "{table}: {notes}");
        assert_eq!(store.check().wait().unwrap().senseless, None, "{table}");
    }
}

#[test]
fn a_row_behind_a_page_that_is_gone_is_found() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = first_picture(&open_root(&store, "cat"));
    // Long enough for many pages of jobs.
    for number in 0..200 {
        let saved = save(&store, spec(&number.to_string(), Some(root)));
        pass(&store, &saved, &[State::Sending, State::Queued(None)]);
    }
    drop(store);
    let file = shelf.path().join("editree.db");
    let whole = fs::read(&file).unwrap();
    let name = "SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'";
    let root = shelf.cell::<u32>(name) as usize;
    // The root is an inner page here: behind its head it lists where its children begin.
    let head = &whole[(root - 1) * PAGE..root * PAGE];
    assert_eq!(head[0], 5, "an inner page of a table");
    let number = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
    let leaves: Vec<usize> = (0..number(3))
        .map(|child| {
            let cell = number(12 + 2 * child);
            u32::from_be_bytes(head[cell..cell + 4].try_into().unwrap()) as usize
        })
        .collect();
    assert!(leaves.len() > 6);
    let rows = |leaf: usize| {
        let start = (leaf - 1) * PAGE;
        usize::from(u16::from_be_bytes([whole[start + 3], whole[start + 4]]))
    };
    // Two far from each other, and two that are neighbours.
    let broken = [leaves[1], leaves[3], leaves[4]];
    let mut bytes = whole.clone();
    for leaf in broken {
        bytes[(leaf - 1) * PAGE..leaf * PAGE].fill(0);
    }
    fs::write(&file, bytes).unwrap();
    let (_store, opening) = shelf.open();
    let notes = opening.notes.concat();
    assert!(notes.contains("not all could be read: requests under way"), "{notes}");
    let left: usize = 200 - broken.map(rows).iter().sum::<usize>();
    assert_eq!(opening.jobs.len(), left, "{notes}");
}

#[test]
fn a_start_that_is_cut_off_between_the_pictures_and_the_old_database_is_gone_on_with() {
    let shelf = Shelf::new();
    lived_in(&shelf);
    let (store, opening) = shelf.open();
    let before = held(&store, &opening);
    drop(store);
    let place = |name: &str| shelf.path().join(name);
    let whole = fs::read(place("editree.db")).unwrap();
    let note = |name: &str| fs::write(place("editree.db.aside"), name).unwrap();
    // Nothing was made yet; only what the pictures tell; all of it, and the note stands still.
    for state in ["moved", "merged", "brought", "brought"] {
        if state != "brought" {
            fs::write(place("editree.db.damaged1"), &whole).unwrap();
            fs::remove_file(place("editree.db")).unwrap();
        }
        if state == "merged" {
            drop(shelf.open());
            assert_eq!(shelf.cell::<i64>("SELECT COUNT(*) FROM jobs WHERE request_id = 'r-1'"), 1);
        }
        note("editree.db.damaged1");
        let (store, opening) = shelf.open();
        let notes = opening.notes.concat();
        assert!(notes.contains("was not made again to its end"), "{state}: {notes}");
        assert_eq!(held(&store, &opening), before, "{state}: {notes}");
        drop(store);
        assert!(!place("editree.db.aside").exists());
        assert_eq!(shelf.open().1.notes, Vec::<String>::new(), "{state}");
    }
    // One that was noted and not moved is still in its place.
    note("editree.db.damaged7");
    let (store, opening) = shelf.open();
    assert_eq!((held(&store, &opening), opening.notes.len()), (before, 0));
    assert!(!place("editree.db.aside").exists());
}

#[test]
fn what_stands_in_the_log_of_a_database_that_was_cut_off_comes_over() {
    let shelf = Shelf::new();
    let store = shelf.store();
    let root = first_picture(&open_root(&store, "cat"));
    let saved = save(&store, spec("blue", Some(root)));
    pass(&store, &saved, &[State::Sending, State::Queued(None)]);
    // As it lies there while it is in use: everything is in the log.
    let place = |name: &str| shelf.path().join(name);
    let log = fs::read(place("editree.db-wal")).unwrap();
    let mark = fs::read(place("media.mark")).unwrap();
    drop(store);
    for left in [0, 1, 511] {
        // A folder each: of the one before nobody knows when all have let go.
        let folder = place(&left.to_string());
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(place("media"), folder.join("media")).unwrap();
        fs::write(folder.join("media.mark"), &mark).unwrap();
        fs::write(folder.join("editree.db"), vec![0; left]).unwrap();
        fs::write(folder.join("editree.db-wal"), &log).unwrap();
        let (store, opening) = open(&folder).unwrap();
        let notes = opening.notes.concat();
        let told = format!("cut off, {left} bytes were left");
        assert!(notes.contains(&told) && notes.contains("editree.db.damaged"), "{notes}");
        assert!(notes.contains("1 requests under way"), "{left}: {notes}");
        assert_eq!(opening.jobs.len(), 1, "{left}: {notes}");
        drop(store);
    }
}

#[test]
fn a_broken_index_is_made_again_and_nothing_is_lost() {
    let shelf = Shelf::new();
    let before = under_way(&shelf);
    // Both indices hold other words than the rows.
    let broken = "DROP INDEX pictures_by_hash; \
                  CREATE INDEX pictures_by_hash ON pictures (width); \
                  PRAGMA writable_schema = 1; \
                  UPDATE sqlite_schema SET sql = 'CREATE INDEX pictures_by_hash ON pictures (hash)' \
                  WHERE name = 'pictures_by_hash'; \
                  UPDATE words_data SET block = x'00010203' WHERE id > 10";
    shelf.database().execute_batch(broken).unwrap();
    let (store, opening) = shelf.open();
    let notes = opening.notes.concat();
    assert!(notes.starts_with("an index of the database did not fit"), "{notes}");
    assert_eq!(tell(&store).unwrap(), before);
    assert_eq!(opening.jobs.iter().filter(|job| job.state.is_accepted()).count(), 1);
    assert!(!shelf.path().join("editree.db.damaged1").exists());
    drop(store);
    assert_eq!(shelf.open().1.notes, Vec::<String>::new());
}

#[test]
fn a_row_that_makes_no_sense_is_told_and_costs_no_other() {
    let shelf = Shelf::new();
    under_way(&shelf);
    let file = shelf.path().join("editree.db");
    shelf.database().execute("UPDATE nodes SET parent_picture = 'ABC' WHERE id = 2", []).unwrap();
    let (store, opening) = shelf.open();
    assert_eq!((opening.notes.len(), opening.jobs.len()), (0, 1));
    let checked = store.check().wait().unwrap();
    let words = "a row of `nodes` makes no sense".to_owned();
    assert_eq!((checked.integrity.as_str(), checked.senseless.as_ref()), ("ok", Some(&words)));
    assert_eq!(damage::examine(&file).unwrap(), Some(Seen::Senseless(words)));
    drop(store);
    assert!(!shelf.path().join("editree.db.damaged1").exists());
}

#[test]
fn a_log_line_that_cannot_be_read_goes_alone() {
    let shelf = Shelf::new();
    under_way(&shelf);
    let lines = "INSERT INTO log (project, at, level, text) VALUES (1, 0, 'info', 'good'), \
                 (1, 0, 'info', CAST(x'62ff64' AS TEXT))";
    shelf.database().execute(lines, []).unwrap();
    let (_store, opening) = shelf.open();
    let texts: Vec<&str> = opening.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, opening.jobs.len(), opening.notes.len()), (vec!["good"], 1, 0));
}

#[test]
fn a_table_that_a_whole_database_lacks_is_our_mistake_and_moves_no_file() {
    let shelf = Shelf::new();
    open_root(&shelf.store(), "cat");
    shelf.database().execute_batch("DROP TABLE decisions").unwrap();
    let error = open(shelf.path()).expect_err("it must be refused");
    assert_eq!(error.kind, Kind::Senseless, "{error}");
    assert!(error.message.contains("decisions") && error.message.contains("editree.db"), "{error}");
    assert!(!shelf.path().join("editree.db.damaged1").exists());
}
