//! What the commands tell a person on stderr, by the real binary on the embedded simulator.

use std::path::Path;
use std::process::{Command, Output};

use crate::command::said;
use crate::pty::environment;

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");

fn editree(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_editree"))
        .args(arguments)
        .env_clear()
        .envs(environment(folder))
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn prices_of_the_simulator_say_so_and_a_total_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let sweep = ["sweep", "--sim", "-i", PHOTO, "-s", "seed=1,2", "Make it red"];
    let dry = editree(folder.path(), &[&sweep[..], &["--dry-run"]].concat());
    assert!(said(&dry).contains("2 requests for sim $0.08"), "{}", said(&dry));
    let done = editree(folder.path(), &sweep);
    assert_eq!(said(&done).matches("2 requests for").count(), 1, "{}", said(&done));
    assert!(said(&done).contains("2 requests for sim $0.08"), "{}", said(&done));
    let again = editree(folder.path(), &[&sweep[..5], &["seed=1..3", "Make it red"]].concat());
    let told = "2 already in the tree or running; left to send: 1 request for sim $0.04\n";
    assert!(said(&again).contains(told), "{}", said(&again));
    assert_eq!(said(&again).matches("$0.04").count(), 1, "{}", said(&again));
    let wrong = editree(folder.path(), &[&sweep[..5], &["seed", "Make it red"]].concat());
    assert!(said(&wrong).contains("is not KEY=VALUES"), "{}", said(&wrong));
}

#[test]
fn the_steps_of_a_replay_have_one_sum() {
    let folder = tempfile::tempdir().unwrap();
    for (from, words) in [(PHOTO, "Make it red"), ("n2", "Add a hat")] {
        assert!(editree(folder.path(), &["run", "--sim", "-i", from, words]).status.success());
    }
    let other = PHOTO.replace("chelsea", "coffee");
    let replay = ["replay", "--sim", "n3", &other];
    let first = editree(folder.path(), &replay);
    assert!(first.status.success(), "{}", said(&first));
    assert!(said(&first).contains("2 steps for each of 1 picture: sim $0.08 at most"));
    assert_eq!(said(&first).matches('$').count(), 1, "{}", said(&first));
    let again = editree(folder.path(), &replay);
    assert_eq!(said(&again).matches("nothing is left to send").count(), 1, "{}", said(&again));
    assert!(!said(&again).contains("already in the tree"), "{}", said(&again));
}

#[test]
fn a_shell_has_no_session_and_what_is_empty_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for (command, told) in [
        (&["jobs", "--sim"][..], "no unfinished jobs\n"),
        (&["wait", "--all", "--sim"], "no unfinished jobs: nothing to wait for\n"),
    ] {
        let output = editree(folder.path(), command);
        assert!(output.status.success() && output.stdout.is_empty(), "{command:?}");
        assert_eq!(said(&output), told);
    }
    let json = editree(folder.path(), &["jobs", "--sim", "--json"]);
    assert_eq!((said(&json).as_str(), json.stdout.as_slice()), ("", &b"{\"jobs\":[]}\n"[..]));
    let account = editree(folder.path(), &["account", "--sim"]);
    let account = String::from_utf8_lossy(&account.stdout).into_owned();
    assert!(account.contains("in all        sim $0.00"), "{account}");
    assert!(!account.contains("session") && !account.contains("this picture"), "{account}");
    let usage = editree(folder.path(), &["wait", "--help"]);
    let usage = String::from_utf8_lossy(&usage.stdout).into_owned();
    assert!(usage.contains("ID...|--all"), "{usage}");
}
