//! Sweeps: many cells, each paid once whatever happens.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::json_in;
use crate::pty::environment;
use crate::service::Service;

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");

fn words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let all =
        ["sweep", "--yes", "-i", PHOTO, "-s", "seed=1..4", "-s", "guidance_scale=2.5,3.5,4.5"];
    [all.as_slice(), &["Make it {sepia|night}"], more].concat()
}

fn sweep(service: &Service, folder: &Path, more: &[&str]) -> Value {
    json_in(&service.editree(folder, &words(more)))
}

#[test]
fn a_sweep_of_24_cells_killed_in_the_middle_goes_on_and_pays_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
        .args(words(&["--json"]))
        .env_clear()
        .envs(environment(folder.path()))
        .env("FAL_KEY", &service.key)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    service.wait_until(|ledger| ledger["submits"].as_array().is_some_and(|all| all.len() >= 9));
    child.kill().unwrap();
    child.wait().unwrap();
    let paid = service.ledger().len();
    assert!(paid < 24, "killed in the middle: {paid}");

    let told = sweep(&service, folder.path(), &["--json", "-o", "sheet.png"]);
    let cells = told["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 24);
    // What was on the wire when it was killed may be paid, and is not sent again.
    let done = cells.iter().filter(|cell| cell["done"] == true).count();
    let ledger = service.ledger();
    let mut sent: Vec<String> = ledger.iter().map(|submit| submit["input"].to_string()).collect();
    sent.sort_unstable();
    let all = sent.len();
    sent.dedup();
    assert_eq!(sent.len(), all, "no cell was sent twice");
    assert!(done == 24 || (done >= 22 && all >= done), "{done} of 24: {told}");

    // A third time: nothing is sent.
    sweep(&service, folder.path(), &["--json"]);
    assert_eq!(service.ledger().len(), all);
    let sheet = image::open(folder.path().join("sheet.png")).unwrap();
    assert_eq!(sheet.width(), 3 * 328 + 8);
    assert!(sheet.height() > 8 * 200, "eight rows");
}

#[test]
fn the_price_comes_first_and_a_dry_run_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "[budget]\nday = 0.5\n");
    let output = service.editree(folder.path(), &words(&["--dry-run"]));
    let told = json_in(&output);
    assert_eq!((told["cost"].as_f64(), told["cells"].as_array().unwrap().len()), (Some(0.96), 24));
    assert_eq!(told["cells"][0], "Make it sepia, seed 1, guidance_scale 2.5");
    let output = service.editree(folder.path(), &words(&[]));
    assert_eq!(output.status.code(), Some(6), "over the day's budget");
    assert_eq!(service.ledger().len(), 0);
    let count = |more: &[&str]| {
        let words = [&["sweep", "--dry-run"], more, &["a cat"]].concat();
        json_in(&service.editree(folder.path(), &words))["cells"].as_array().unwrap().len()
    };
    assert_eq!((count(&["-s", "seed=1,1"]), count(&["-s", "seed=4..1"])), (1, 4));
    let slip = service.editree(folder.path(), &["sweep", "-s", "seed=1..500", "a cat"]);
    assert_eq!(slip.status.code(), Some(2));
}

#[test]
fn a_branch_is_replayed_on_other_pictures_and_again_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let run = |words: &[&str]| json_in(&service.editree(folder.path(), words));
    run(&["run", "-i", PHOTO, "Make it sepia", "--json"]);
    run(&["run", "-i", "@", "Add a hat", "--json"]);
    let other = PHOTO.replace("chelsea", "coffee");
    let third = PHOTO.replace("chelsea", "astronaut");
    let words = ["replay", "n3", &other, &third, "--json", "--yes"];
    let told = run(&words);
    let pictures = told["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert_eq!(picture["nodes"].as_array().unwrap().len(), 2, "{told}");
        assert_eq!((&picture["stopped"], picture["cost"].as_f64()), (&Value::Null, Some(0.08)));
    }
    assert_eq!(service.ledger().len(), 6);
    assert_eq!(run(&words)["pictures"], told["pictures"]);
    assert_eq!(service.ledger().len(), 6, "nothing is paid twice");
    // The same picture twice is one request for each step.
    let twice = run(&["replay", "n2", PHOTO, PHOTO, "--json", "--yes"]);
    assert_eq!(twice["pictures"].as_array().unwrap().len(), 2);
    assert!(service.ledger().len() <= 7);
    // The same words and seed on another picture, one step on the other.
    let steps: Vec<String> =
        service.ledger().iter().map(|one| one["input"]["seed"].to_string()).collect();
    assert!(steps[2] == steps[3] && steps[4] == steps[5], "{steps:?}");
}
