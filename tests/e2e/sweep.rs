//! Sweeps: many cells, each paid once whatever happens.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::{editree, json_in, said};
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
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(lines.lines().count(), 24, "{lines}");
    assert!(lines.starts_with("1. Make it sepia, seed 1, guidance_scale 2.5\n2. "), "{lines}");
    let output = service.editree(folder.path(), &words(&["--dry-run", "--json"]));
    let told = json_in(&output);
    assert_eq!((told["cost"].as_f64(), told["cells"].as_array().unwrap().len()), (Some(0.96), 24));
    assert_eq!(told["cells"][0], "Make it sepia, seed 1, guidance_scale 2.5");
    let output = service.editree(folder.path(), &words(&[]));
    assert_eq!(output.status.code(), Some(6), "over the day's budget");
    assert_eq!(service.ledger().len(), 0);
    let count = |more: &[&str]| {
        let words = [&["sweep", "--dry-run", "--json"], more, &["a cat"]].concat();
        json_in(&service.editree(folder.path(), &words))["cells"].as_array().unwrap().len()
    };
    assert_eq!((count(&["-s", "seed=1,1"]), count(&["-s", "seed=4..1"])), (1, 4));
    let slip = service.editree(folder.path(), &["sweep", "-s", "seed=1..500", "a cat"]);
    assert_eq!(slip.status.code(), Some(2));
}

/// A table with its pictures beside it, in a folder of its own.
fn table(folder: &Path, text: &str) -> String {
    let shots = folder.join("shots");
    std::fs::create_dir_all(&shots).unwrap();
    std::fs::copy(PHOTO, shots.join("cat.png")).unwrap();
    std::fs::copy(PHOTO.replace("chelsea", "coffee"), shots.join("cup.png")).unwrap();
    std::fs::write(shots.join("table.csv"), text).unwrap();
    "shots/table.csv".into()
}

#[test]
fn each_row_of_a_table_is_one_request_with_its_own_picture_words_and_settings() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let from = table(
        folder.path(),
        "prompt,picture,model,guidance_scale,seed\n\
         Make it red,cat.png,,2.5,7\n\
         \"Make it blue, please\",cup.png,max,,\n\
         ,cup.png,,,\n",
    );
    let command = ["sweep", "--from", &from, "Make it night"];
    let output = service.editree(folder.path(), &[&command[..], &["--dry-run", "--json"]].concat());
    let told = json_in(&output);
    assert_eq!(told["cost"], 0.16, "0.04 + 0.08 + 0.04: {told}");
    assert_eq!(told["requests"][1]["prompt"], "Make it blue, please");
    assert_eq!(told["requests"][2]["prompt"], "Make it night", "the usual one");
    assert_eq!(told["cells"][0], "row 2 · cat.png");
    assert_eq!(service.ledger().len(), 0);

    let all =
        json_in(&service.editree(folder.path(), &[&command[..], &["--yes", "--json"]].concat()));
    assert!(all["cells"].as_array().unwrap().iter().all(|cell| cell["done"] == true), "{all}");
    let ledger = service.ledger();
    let of = |words: &str| {
        let found = ledger.iter().find(|submit| submit["input"]["prompt"] == words);
        found.unwrap_or_else(|| panic!("{words}: {ledger:?}")).clone()
    };
    let red = of("Make it red");
    assert_eq!(red["input"]["seed"], 7);
    assert_eq!(red["input"]["guidance_scale"], 2.5);
    assert!(of("Make it blue, please")["endpoint"].as_str().unwrap().ends_with("/max"));
    assert_ne!(red["input"]["image_url"], of("Make it night")["input"]["image_url"]);

    // Again, with a row more: only that is sent.
    let text = std::fs::read_to_string(folder.path().join(&from)).unwrap();
    table(folder.path(), &format!("{text}Make it green,cup.png,,,\n"));
    service.editree(folder.path(), &[&command[..], &["--yes"]].concat());
    assert_eq!(service.ledger().len(), 4);
}

#[test]
fn what_is_wrong_in_a_table_is_told_with_row_and_column_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let told = |text: &str| {
        let from = table(folder.path(), text);
        let output = service.editree(folder.path(), &["sweep", "--yes", "--from", &from]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output)
    };
    for (text, wanted) in [
        ("prompt,seed\na,1\nb,x\n", "row 3, column `seed`: `x` is not"),
        ("prompt,model\na,porr\n", "row 2, column `model`: no model is called `porr`"),
        ("prompt,picture\na,cat.png\nb,dog.png\n", "row 3, column `picture`: "),
        ("prompt,strenght\na,1\n", "row 2, column `strenght`: `pro-text` has no setting"),
        ("prompt,model\na,pro\n", "row 2: `image_url`: "),
        ("prompt,picture\n,cat.png\n", "row 2: `prompt`: the prompt is empty"),
        ("prompt\na {red|blue} hat\n", "row 2, column `prompt`: the braces mean 2 requests"),
        ("prompt,seed,model\na,1,flux3-text\n", "column `seed`: `flux3-text` takes no seed"),
    ] {
        let told = told(text);
        assert!(told.contains(wanted), "{wanted}: {told}");
        assert!(told.contains("`shots/table.csv`, row "), "{told}");
    }
    assert_eq!(service.ledger().len(), 0);
    let nothing = service.editree(folder.path(), &["sweep", "--yes"]);
    assert_eq!(nothing.status.code(), Some(2), "neither words nor a table");
}

#[test]
fn models_are_an_axis_and_tries_without_a_seed_are_told_how() {
    let folder = tempfile::tempdir().unwrap();
    let dry = |more: &[&str]| {
        let words = [&["--sim", "sweep", "-i", PHOTO, "--dry-run"], more].concat();
        editree(folder.path(), &words)
    };
    let lines = dry(&["-s", "model=pro,max", "Make it red"]);
    let lines = String::from_utf8_lossy(&lines.stdout).into_owned();
    let each = "1. Make it red · pro · sim $0.04\n2. Make it red · max · sim $0.08\n";
    assert_eq!(lines, each, "where prices differ each has its own");
    let told = json_in(&dry(&["--json", "-s", "model=pro,max", "Make it red"]));
    assert_eq!(told["cells"], serde_json::json!(["pro", "max"]));
    assert_eq!(told["cost"], 0.12);
    let seedless = dry(&["-m", "flux3", "-s", "seed=1..2", "Make it red"]);
    assert_eq!(seedless.status.code(), Some(2));
    assert!(said(&seedless).contains("`take {1..4}` in the prompt"), "{}", said(&seedless));
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
    // The branch as a file, on a picture that is known and on a new one.
    let recipe = service.editree(folder.path(), &["export", "n3", "--chain", "--as", "recipe"]);
    std::fs::write(folder.path().join("chain.json"), recipe.stdout).unwrap();
    let paid = service.ledger().len();
    let again = run(&["replay", "chain.json", &other, "--json", "--yes"]);
    assert_eq!(again["pictures"][0]["nodes"], told["pictures"][0]["nodes"]);
    assert_eq!(service.ledger().len(), paid, "it is the very branch");
    // The same words and seed on another picture, one step on the other.
    let steps: Vec<String> =
        service.ledger().iter().map(|one| one["input"]["seed"].to_string()).collect();
    assert!(steps[2] == steps[3] && steps[4] == steps[5], "{steps:?}");
}

#[test]
fn addresses_in_a_recipe_are_told_before_they_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = r#"{"editree":"recipe","steps":[{"endpoint":"fal-ai/flux-pro/kontext/multi",
        "prompt":"Put both together","inputs":[{"file":"a.png"},
        {"url":"https://elsewhere.test/look.png?id=7"},{"file":"b.png"}]}]}"#;
    std::fs::write(folder.path().join("theirs.json"), recipe).unwrap();
    std::fs::copy(PHOTO, folder.path().join("b.png")).unwrap();
    let words = ["--sim", "replay", "theirs.json", PHOTO, "--dry-run", "--json"];
    let output = editree(folder.path(), &words);
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    for sent in ["https://elsewhere.test/look.png?id=7", "./b.png"] {
        assert!(told.contains(&format!("sent beside the picture: {sent}")), "{told}");
    }
}
