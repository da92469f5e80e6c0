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
    assert!(said(&again).contains("1 left to send, for sim $0.04"), "{}", said(&again));
    assert!(said(&again).contains("1 request for sim $0.04"), "{}", said(&again));
    let wrong = editree(folder.path(), &[&sweep[..5], &["seed", "Make it red"]].concat());
    assert!(said(&wrong).contains("is not KEY=VALUES"), "{}", said(&wrong));
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
    assert!(account.contains("in all sim $0.00"), "{account}");
    assert!(!account.contains("session") && !account.contains("shown picture"), "{account}");
    let usage = editree(folder.path(), &["wait", "--help"]);
    let usage = String::from_utf8_lossy(&usage.stdout).into_owned();
    assert!(usage.contains("ID...|--all"), "{usage}");
}
