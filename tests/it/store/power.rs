//! Power that goes away at any moment: of what was written since the last sync any part has reached
//! the disk, in any order; nothing that was acknowledged before is lost, and nothing is half there.
//!
//! The files are kept after each acknowledged call, and those of two calls in a row are put together
//! sector by sector. Short here; `EDITREE_POWER=5000 cargo test --test it store::power -- --nocapture`
//! tries more moments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use editree::app::draft::Draft;
use editree::app::job::State;
use editree::store::{Options, Store};
use editree::tree::decision::{Change, Entry};
use editree::tree::{NodeId, Timestamp};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{
    Shelf, finished, first_picture, handle, open_root, options, outcome, pass, save, spec,
};

const POINTS: u64 = 120;
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Rows by table and key.
type Rows = BTreeMap<String, String>;

/// What lay on the disk when a call was acknowledged, and what it held.
#[derive(Clone)]
struct Moment {
    what: String,
    database: Vec<u8>,
    log: Vec<u8>,
    media: BTreeMap<String, Vec<u8>>,
    mark: Vec<u8>,
    changed: SystemTime,
    rows: Rows,
}

fn rows(folder: &Path) -> Rows {
    let tables = [
        ("projects", "name"),
        ("nodes", "global"),
        ("jobs", "id"),
        ("pictures", "node || '.' || place"),
        ("decisions", "id"),
        ("drafts", "project"),
        ("consents", "profile"),
    ];
    let connection = Connection::open(folder.join("editree.db")).unwrap();
    let mut rows = Rows::new();
    for (table, key) in tables {
        let sql = format!("SELECT {key}, * FROM {table}");
        let mut statement = connection.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let text = |at| match row.get_ref(at).unwrap() {
                ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                other => format!("{other:?}"),
            };
            let cells: Vec<String> = (1..columns).map(text).collect();
            rows.insert(format!("{table} {}", text(0)), cells.join("|"));
        }
    }
    rows
}

impl Moment {
    fn of(folder: &Path, what: &str) -> Self {
        let read = |name: &str| fs::read(folder.join(name)).unwrap_or_default();
        let media = fs::read_dir(folder.join("media")).unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        });
        Self {
            what: what.to_owned(),
            media: media.collect(),
            mark: read("media.mark"),
            changed: fs::metadata(folder.join("media")).unwrap().modified().unwrap(),
            rows: rows(folder),
            // Last: what is read above changes nothing of them.
            database: read("editree.db"),
            log: read("editree.db-wal"),
        }
    }
}

/// A life of a store, as it lay after each call.
fn lived() -> Vec<Moment> {
    let shelf = Shelf::new();
    let mut moments = Vec::new();
    let mut store = shelf.store();
    let mut took = |what: &str| moments.push(Moment::of(shelf.path(), what));
    took("a new store");
    let root = open_root(&store, "cat");
    took("a picture is opened");
    let on = Some(first_picture(&root));
    for round in 0..6 {
        let saved = save(&store, spec(&format!("round {round}"), on));
        took("a request is saved");
        pass(&store, &saved, &[State::Sending]);
        took("it is leaving");
        store.leave(saved.job.id).wait().unwrap();
        took("its body leaves");
        let accepted = Some(handle(&format!("request-{round}")));
        let queued = State::Queued(Some(2));
        store.move_job(saved.job.id, queued, accepted, None, Timestamp(200)).wait().unwrap();
        took("it is accepted");
        store
            .keep_draft(Draft { prompt: format!("draft {round}"), ..Draft::default() })
            .wait()
            .unwrap();
        took("a draft is kept");
        pass(&store, &saved, &[State::Fetching]);
        took("it is fetched");
        let result = outcome(&store, &format!("result {round}"));
        store.finish(saved.job.id, result, Timestamp(300)).wait().unwrap();
        took("it is done");
        let star = Change::Star { node: saved.node.id, on: true };
        store.decide(Entry::Did(star), Timestamp(400)).wait().unwrap();
        took("it is starred");
        store.consent(format!("profile {round}"), Timestamp(500)).wait().unwrap();
        took("a profile may cost");
        if round % 3 == 1 {
            // Another instance that ends folds the log in; the next write begins it anew.
            drop(shelf.store());
            took("another instance has ended");
        }
        if round % 3 == 2 {
            drop(store);
            took("the last instance has ended");
            store = shelf.store();
            took("it is opened again");
        }
    }
    finished(&store, spec("the last", on), 300);
    took("one more is done");
    moments
}

/// Each sector of one or of the other; what is longer ends anywhere, and what was not written there
/// is empty.
fn mixed(before: &[u8], after: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let (short, long) = (before.len().min(after.len()), before.len().max(after.len()));
    let length = match random.u8(0..4) {
        0 => before.len(),
        1 => after.len(),
        _ => random.usize(short..=long),
    };
    let mut bytes = vec![0; length];
    // Mostly one after the other, as they were handed over; sometimes in any order.
    let (is_ordered, reached) = (random.bool(), random.usize(0..=long / SECTOR + 1));
    for (number, sector) in bytes.chunks_mut(SECTOR).enumerate() {
        let is_new = if is_ordered { number < reached } else { random.bool() };
        let from = if is_new { after } else { before };
        let start = (number * SECTOR).min(from.len());
        let end = (start + sector.len()).min(from.len());
        sector[..end - start].copy_from_slice(&from[start..end]);
    }
    bytes
}

/// What a disk may hold that lost its power between the two.
fn cut(before: &Moment, after: &Moment, random: &mut fastrand::Rng) -> Moment {
    let mut found = before.clone();
    let marks = [
        before.mark.clone(),
        after.mark.clone(),
        Vec::new(),
        mixed(&before.mark, &after.mark, random),
    ];
    found.mark = marks[random.usize(..marks.len())].clone();
    let new: Vec<&String> = after
        .media
        .keys()
        .filter(|name| before.media.get(*name) != after.media.get(*name))
        .collect();
    if !new.is_empty() && random.u8(0..3) == 0 {
        // Files come before the row, and each is synced before it has its name: a part of one.
        let mut order: Vec<&String> = new.clone();
        order.sort_by_key(|name| name.ends_with(".json"));
        let whole = random.usize(..order.len());
        for name in &order[..whole] {
            found.media.insert((*name).clone(), after.media[*name].clone());
        }
        let part = mixed(&[], &after.media[order[whole]], random);
        found.media.insert(format!("{}.part", order[whole]), part);
        found.changed = SystemTime::now();
        return found;
    }
    found.media = after.media.clone();
    found.changed = after.changed;
    if before.database == after.database {
        found.log = mixed(&before.log, &after.log, random);
    } else if random.bool() {
        // The log was synced before it is folded in, and stays until that is synced.
        found.database = mixed(&before.database, &after.database, random);
        if after.log.len() > before.log.len() {
            found.log = after.log.clone();
        }
    } else {
        found.database = after.database.clone();
        found.log = mixed(&before.log, &after.log, random);
    }
    found
}

fn write(found: &Moment, folder: &Path) {
    fs::create_dir_all(folder.join("media")).unwrap();
    for (name, bytes) in &found.media {
        fs::write(folder.join("media").join(name), bytes).unwrap();
    }
    fs::write(folder.join("editree.db"), &found.database).unwrap();
    fs::write(folder.join("editree.db-wal"), &found.log).unwrap();
    fs::write(folder.join("media.mark"), &found.mark).unwrap();
    fs::File::open(folder.join("media")).unwrap().set_modified(found.changed).unwrap();
}

/// Whether a row that is neither as before nor as after is one that its sidecar has brought or ended.
fn is_told_by_its_picture(key: &str, now: Option<&String>, after: &Rows) -> bool {
    let is = |row: Option<&String>, state: &str| row.is_some_and(|row| row.contains(state));
    let is_both = |state: &str| is(now, state) && is(after.get(key), state);
    match key.split(' ').next() {
        Some("nodes") => is_both("|done|") || is_both("|root|"),
        Some("jobs") => is_both("|done|"),
        Some("pictures") => after.contains_key(key),
        _ => false,
    }
}

#[test]
fn power_that_goes_away_takes_nothing_that_was_acknowledged() {
    let points = std::env::var("EDITREE_POWER").ok().and_then(|points| points.parse().ok());
    let points = points.unwrap_or(POINTS);
    let seed = std::env::var("EDITREE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let moments = lived();
    let all = tempfile::tempdir().unwrap();
    let (mut as_before, mut as_after, mut told_so) = (0, 0, 0);
    for point in 0..points {
        let at = point as usize % (moments.len() - 1);
        let (before, after) = (&moments[at], &moments[at + 1]);
        let found = cut(before, after, &mut random);
        let folder = all.path().join(point.to_string());
        write(&found, &folder);
        let told = format!("seed {seed}, point {point}: `{}`, then `{}`", before.what, after.what);
        // Who only looks leaves jobs as they are.
        let looking = Options { take_over_orphans: false, ..options() };
        let (store, opening) =
            Store::open(&folder, looking).unwrap_or_else(|error| panic!("{told}: {error}"));
        let notes = opening.notes.concat();
        assert!(!notes.contains("damaged") && !notes.contains("index"), "{told}: {notes}");
        let now = rows(&folder);
        match () {
            () if now == after.rows => as_after += 1,
            () if now == before.rows => as_before += 1,
            () => {
                told_so += 1;
                let keys = now.keys().chain(before.rows.keys()).chain(after.rows.keys());
                for key in keys {
                    let row = now.get(key);
                    let is_known = row == before.rows.get(key) || row == after.rows.get(key);
                    let is_told = is_known || is_told_by_its_picture(key, row, &after.rows);
                    assert!(is_told, "{told}: {key}: {row:?} {:?} {notes}", before.rows.get(key));
                }
            }
        }
        let checked = store.check().wait().unwrap();
        assert_eq!((checked.integrity.as_str(), &checked.senseless), ("ok", &None), "{told}");
        assert!(checked.missing.is_empty(), "{told}: {:?}", checked.missing);
        drop(store);
        // And it goes on from there.
        let (store, _) = Store::open(&folder, options()).unwrap();
        let root = store.find_node(Some(1)).wait().unwrap();
        let goes_on = save(&store, spec("goes on", root.as_ref().map(first_picture)));
        assert!(goes_on.node.id > NodeId(0), "{told}");
        drop(store);
        fs::remove_dir_all(&folder).unwrap();
    }
    println!(
        "power: {points} moments, seed {seed}: {as_before} as before the call, {as_after} as after it, \
         {told_so} told by their pictures"
    );
    assert!(points < 100 || (as_before > 0 && as_after > 0));
}
