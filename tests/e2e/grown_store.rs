//! Commands that walk the whole store keep little of each node: many nodes go through within memory
//! that would not hold them.

use std::path::Path;
use std::process::{Command, Output};

use crate::command::{editree, json_in, said};
use crate::grown::grow;
use crate::pty::environment;

/// Whole nodes of so many, or what stands beside their pictures, would be 10 to 65 MB more.
const NODES: u32 = 4_000;
/// Kilobytes of memory of their own: twice what they take with one node.
const LIMITED: &str = "ulimit -d 24576; exec \"$0\" \"$@\"";

fn limited(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LIMITED, env!("CARGO_BIN_EXE_editree"), "--sim"]).args(arguments);
    command.env_clear().envs(environment(folder)).current_dir(folder).output().expect("a shell")
}

#[test]
fn many_nodes_go_through_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let made = editree(folder.path(), &["--sim", "run", "A boat at night"]);
    assert!(made.status.success(), "{}", said(&made));
    grow(&folder.path().join("data/editree"), NODES);
    let ends_well = |arguments: &[&str]| {
        let output = limited(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        output
    };
    let all = NODES as usize + 1;
    let lines = |output: &Output| output.stdout.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines(&ends_well(&["tree"])), all);
    let tree = json_in(&ends_well(&["tree", "--json"]));
    assert_eq!(tree["nodes"].as_array().unwrap().len(), all);
    assert_eq!(tree["nodes"][all - 1]["prompt"], format!("Make it a red hat, take {all}"));
    let words = said(&ends_well(&["gc", "--dry-run"]));
    assert_eq!(words, "there is nothing to delete\n");
    let found = json_in(&ends_well(&["doctor", "--json"])).to_string();
    let whole = format!("{all} nodes, {all} pictures; integrity ok");
    assert!(found.contains(&whole) && !found.contains("told otherwise"), "{found}");
    ends_well(&["backup", "all.tar"]);
    ends_well(&["jobs", "--json"]);
    ends_well(&["account", "--json"]);
    ends_well(&["export", "n3000", "--as", "json", "--chain"]);
}
