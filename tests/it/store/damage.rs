//! Bytes and pages of the database that nobody has written: each is found, or does no harm.
//!
//! `EDITREE_FLIPS=5000 cargo test --test it store::damage -- --nocapture` tries more of them.

use std::fs;
use std::path::Path;

use editree::store::damage;
use editree::store::error::Error;
use editree::store::{Opening, Store};
use editree::tree::Node;

use super::recovery::{Told, planted, told};
use super::{Shelf, options};

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

fn tell(store: &Store) -> Result<Vec<Told>, Error> {
    Ok(store.all_nodes().wait()?.iter().map(told).collect())
}

/// How often each was the case.
#[derive(Debug, Default)]
struct Found {
    at_the_start: u32,
    by_a_look_at_all: u32,
    beside_the_pictures: u32,
    harmless: u32,
}

impl Found {
    /// Opens it, and proves that what is not as it was is found.
    fn count(&mut self, folder: &Path, before: &[Told], what: &str) {
        let (store, opening) = open(folder).unwrap_or_else(|error| panic!("{what}: {error}"));
        if !opening.notes.is_empty() {
            assert_eq!(tell(&store).unwrap(), before, "{what}: {:?}", opening.notes);
            self.at_the_start += 1;
            return;
        }
        let after = tell(&store);
        let checked = store.check().wait();
        if checked.as_ref().map_or(true, |checked| checked.integrity != "ok") {
            drop(store);
            let (store, opening) = open(folder).unwrap();
            assert!(opening.notes.concat().contains("are back"), "{what}: {:?}", opening.notes);
            assert_eq!(tell(&store).unwrap(), before, "{what}");
            self.by_a_look_at_all += 1;
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
    let before: Vec<Told> = planted(&shelf).0.iter().map(|node: &Node| told(node)).collect();
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
    for lost in ["stars", "names", "undo", "the draft", "requests under way"] {
        assert!(notes.contains(lost), "{notes}");
    }
    assert_eq!(tell(&store).unwrap(), before);
    assert_eq!(damage::examine(&file).unwrap(), None);
    drop(store);
    assert_eq!(shelf.open().1.notes, Vec::<String>::new());
}
