//! Sidecars, labels and searches that nobody of ours has written, changed by chance: the tree comes
//! back whatever they say, and what they say never touches what is there.
//!
//! As many as `crate::hostile` asks for.

use std::fs;

use editree::store::Store;
use editree::store::archive::restore::restore;
use editree::store::import::Place;
use editree::tree::Hash;
use editree::tree::query::Query;
use serde_json::{Value, json};

use super::recovery::{planted, told};
use super::{Shelf, all_nodes, open_root, options, picture, png};
use crate::hostile::{cases, each, texts};
use crate::support::spoilt::spoilt;

/// Of one folder.
const TOGETHER: u64 = 50;

/// What a number, a text or a list may be instead.
fn odd(random: &mut fastrand::Rng) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("n9223372036854775807"),
        json!("n0"),
        json!("../../../etc/passwd"),
        json!("\u{1b}[2J\u{202e}\0"),
        json!("0".repeat(64)),
        json!("A".repeat(64)),
        json!([]),
        json!([[[[[[]]]]]]),
        json!({}),
        json!({ "global": "a", "picture": "f".repeat(64) }),
        json!({ "url": "javascript:x" }),
    ];
    all[random.usize(..all.len())].clone()
}

/// One value somewhere in it becomes another.
fn change(value: &mut Value, random: &mut fastrand::Rng) {
    let deeper = match value {
        Value::Array(values) if !values.is_empty() => {
            let at = random.usize(..values.len());
            values.get_mut(at)
        }
        Value::Object(map) if !map.is_empty() => {
            let at = random.usize(..map.len());
            map.values_mut().nth(at)
        }
        _ => None,
    };
    match deeper {
        Some(deeper) if random.u8(0..5) > 0 => change(deeper, random),
        _ => *value = odd(random),
    }
}

#[test]
fn generated_sidecars() {
    let shelf = Shelf::new();
    let (nodes, _) = planted(&shelf);
    let before: Vec<_> = nodes.iter().map(told).collect();
    let media =
        fs::read_dir(shelf.path().join("media")).unwrap().map(|entry| entry.unwrap().path());
    let sidecars = media.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let seeds: Vec<Vec<u8>> = sidecars.map(|path| fs::read(path).unwrap()).collect();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let count = cases();
    let mut left_out = 0;
    for batch in 0..count.div_ceil(TOGETHER) {
        let place = |number: u64| shelf.path().join(format!("media/{:064x}.json", number + 1));
        let together = TOGETHER.min(count - batch * TOGETHER);
        for number in 0..together {
            let whole = &seeds[random.usize(..seeds.len())];
            let bytes = match random.u8(0..4) {
                0 => spoilt(whole, &mut random),
                _ => {
                    let mut value: Value = serde_json::from_slice(whole).unwrap();
                    (0..random.usize(1..6)).for_each(|_| change(&mut value, &mut random));
                    value.to_string().into_bytes()
                }
            };
            fs::write(place(number), bytes).unwrap();
        }
        let (store, opening) = shelf.open();
        let what = || format!("seed {seed}, batch {batch}: {:?}", opening.notes);
        left_out += usize::from(opening.notes.concat().contains("left out"));
        let after = all_nodes(&store).unwrap();
        let known: Vec<_> = after.iter().filter(|node| before.contains(&told(node))).collect();
        assert_eq!(known.len(), before.len(), "what is known stays as it is: {}", what());
        assert!(after.iter().all(|node| node.id.0 < 1 << 28), "{}", what());
        let checked = store.check().wait().unwrap();
        assert_eq!((checked.integrity.as_str(), &checked.senseless), ("ok", &None), "{}", what());
        drop(store);
        // The next ones meet the tree as it was.
        for number in 0..together {
            fs::remove_file(place(number)).unwrap();
        }
        let database = shelf.database();
        database.pragma_update(None, "foreign_keys", false).unwrap();
        let last = nodes.len();
        let swept = format!(
            "DELETE FROM jobs WHERE node > {last}; DELETE FROM pictures WHERE node > {last}; \
             DELETE FROM nodes WHERE id > {last}"
        );
        database.execute_batch(&swept).unwrap();
    }
    println!("sidecars: {count} cases, seed {seed}, {left_out} batches with some left out");
}

#[test]
fn labels_that_are_imported() {
    let shelf = Shelf::new();
    let store = shelf.store();
    open_root(&store, "cat");
    let whole = json!({
        "global": "a-b-c", "node": "n4", "project": "main", "simulated": false, "at": 7,
        "title": "x", "endpoint": "fal-ai/flux-pro/kontext", "prompt": "a hat",
        "params": { "seed": 7 }, "inputs": [{ "url": "https://x" }, { "global": "d", "picture": "0" }],
        "parent": { "global": "d", "picture": "1".repeat(64) }, "seed": 7, "request_id": "r", "cost": 0.04,
        "timings": { "inference": 1.5 }, "pictures": [{ "hash": "0".repeat(64), "width": 4, "height": 4 }]
    });
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let count = cases() / 10;
    for number in 0..count {
        let mut label = whole.clone();
        (0..random.usize(1..6)).for_each(|_| change(&mut label, &mut random));
        let told = format!("labels: seed {seed}, case {number}: {label}");
        let bytes = png(&number.to_string());
        let arriving = vec![(bytes.into(), picture(Hash([0; 32])), Place::Described(label))];
        let imported = store.import(arriving).wait().unwrap().remove(0);
        if let Err(error) = imported {
            assert!(!error.message.contains(|c: char| c.is_control()), "{told} {error}");
        }
    }
    let checked = store.check().wait().unwrap();
    assert_eq!((checked.integrity.as_str(), &checked.senseless), ("ok", &None), "seed {seed}");
    println!("imports: {count} cases, seed {seed}");
}

#[test]
fn searches() {
    let shelf = Shelf::new();
    let store = shelf.store();
    open_root(&store, "cat");
    let seeds = texts(&[
        "star:yes seed:7 before:2026-01-01 model:pro -trash \"two words\"",
        "cat* OR NEAR(a b) AND NOT \"c\"",
        "漢字 - \" ' % _ \\ ^ : ( )",
    ]);
    each("searches", &seeds, 1, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(query) = Query::read(&text) else { return };
        let found = store.search(query, 0, 50).wait();
        assert!(found.is_ok(), "{text:?}: {found:?}");
    });
}

/// An archive that somebody hands over: all of it is restored or nothing is.
#[test]
fn archives() {
    let (shelf, folder) = (Shelf::new(), tempfile::tempdir().unwrap());
    let (store, file) = (shelf.store(), folder.path().join("all.tar"));
    open_root(&store, "cat");
    store.back_up(file.clone()).wait().unwrap();
    let whole = fs::read(&file).unwrap();
    let (odd, to) = (folder.path().join("odd.tar"), folder.path().join("to"));
    each("archives", &[whole], 10, |bytes| {
        fs::write(&odd, bytes).unwrap();
        match restore(&odd, &to, false) {
            Ok(_) => drop(Store::open(&to, options()).unwrap()),
            Err(error) => {
                let names = fs::read_dir(&to).map(Iterator::count).unwrap_or_default();
                assert!(names <= 1, "half of it is there: {error}");
            }
        }
        fs::remove_dir_all(&to).unwrap_or_default();
    });
}
