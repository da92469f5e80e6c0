//! SIGKILL at any moment: nothing paid for is lost, nothing is paid twice.
//!
//! Short here; `EDITREE_CRASH_ROUNDS=200 cargo test --test e2e crash -- --nocapture` is the long run.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::pty::environment;
use crate::service::Service;

/// Enough to hit each step a few times on most machines.
const ROUNDS: u64 = 8;

/// Moments of a run, in milliseconds; where they fall differs from machine to machine, which is
/// the point. Always the same order.
fn moment(round: u64) -> Duration {
    let mixed = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(mixed % 900)
}

/// Starts an edit and kills it.
fn killed_run(service: &Service, folder: &Path, round: u64) {
    let photo = format!("{}/tests/photos/coffee.png", env!("CARGO_MANIFEST_DIR"));
    let words = format!("Make it sepia, take {round}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
        .args(["run", "-i", &photo, &words])
        .env_clear()
        .envs(environment(folder))
        .env("FAL_KEY", &service.key)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(moment(round));
    // SIGKILL; one that was faster has ended already.
    let _ = child.kill();
    child.wait().unwrap();
}

fn json(service: &Service, folder: &Path, arguments: &[&str]) -> Value {
    let output = service.editree(folder, arguments);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn texts<'a>(rows: impl Iterator<Item = &'a Value>, name: &str) -> Vec<String> {
    rows.filter_map(|row| row[name].as_str().map(str::to_owned)).collect()
}

#[test]
fn whatever_is_killed_is_in_the_tree_or_named_and_paid_once() {
    let rounds = std::env::var("EDITREE_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    for round in 0..rounds {
        killed_run(&service, folder.path(), round);
    }
    service.editree(folder.path(), &["wait", "--all", "--send"]);

    let tree = json(&service, folder.path(), &["tree", "--json"]);
    let jobs = json(&service, folder.path(), &["jobs", "--json"]);
    let nodes = tree["nodes"].as_array().unwrap();
    let done = texts(nodes.iter().filter(|node| node["state"] == "done"), "request_id");
    let open = jobs["jobs"].as_array().unwrap();
    let unknown = open.iter().filter(|job| job["state"] == "unknown").count();
    assert_eq!(open.len(), unknown, "only what may be paid is left: {jobs}");

    let submits = service.ledger();
    let is_charged = |submit: &&Value| submit["charged"].as_f64().is_some_and(|units| units > 0.0);
    let charged = texts(submits.iter().filter(is_charged), "request_id");
    let kept: BTreeSet<&String> = done.iter().collect();
    assert_eq!(kept.len(), done.len(), "no request is in the tree twice");
    let lost = charged.iter().filter(|request| !kept.contains(request)).count();
    println!(
        "crash: {rounds} rounds, {} sent, {} charged, {} in the tree, {unknown} maybe paid",
        submits.len(),
        charged.len(),
        done.len()
    );
    assert!(lost <= unknown, "{lost} paid and neither in the tree nor named");
    assert_eq!(done.iter().filter(|request| !charged.contains(request)).count(), 0);
    assert_eq!(submits.len(), done.len() + lost, "nothing was sent twice");
    assert_whole(&folder.path().join("data/editree"));
}

/// No half file, and a database without a scratch.
fn assert_whole(data: &Path) {
    for entry in std::fs::read_dir(data.join("media")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Of a write that was cut off: never shown, swept by the next start.
        if name.ends_with(".part") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        match name.ends_with(".json") {
            true => drop(serde_json::from_slice::<Value>(&bytes).unwrap()),
            false => drop(image::load_from_memory(&bytes).unwrap()),
        }
    }
    let connection = rusqlite::Connection::open(data.join("editree.db")).unwrap();
    let word: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(word, "ok");
}
