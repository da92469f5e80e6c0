//! What README and the pages show is pasted and run, and JSON has the shapes that are written.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

use crate::command::{editree, json_in, photo, said};
use crate::pty::environment;

/// A folder as someone has it who reads on: photos, a table, and a tree of thirteen nodes.
static PREPARED: LazyLock<tempfile::TempDir> = LazyLock::new(prepare);

fn prepare() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, from) in
        [("photo.jpg", "rocket.jpg"), ("other.jpg", "coffee.png"), ("another.jpg", "chelsea.png")]
    {
        std::fs::copy(photo(from), folder.path().join(name)).unwrap();
    }
    let table = "prompt,picture,seed\nMake it night,photo.jpg,1\nMake it snow,other.jpg,2\n";
    std::fs::write(folder.path().join("shots.csv"), table).unwrap();
    let sweep = ["sweep", "--sim", "--yes", "-i", "photo.jpg", "-s", "seed=1..12", "Add a red hat"];
    let made = editree(folder.path(), &sweep);
    assert!(made.status.success(), "{}", said(&made));
    folder
}

fn prepared() -> tempfile::TempDir {
    let (from, folder) = (PREPARED.path(), tempfile::tempdir().unwrap());
    let copy =
        Command::new("cp").arg("-r").arg(from.join(".")).arg(folder.path()).output().unwrap();
    assert!(copy.status.success());
    folder
}

/// As it is pasted into a shell.
fn pasted(folder: &Path, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_editree")).parent().unwrap().to_owned();
    let path = std::env::join_paths(
        std::iter::once(binary)
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut command = Command::new("sh");
    command.args(["-c", line]).env_clear().envs(environment(folder)).env("PATH", path.unwrap());
    command.current_dir(folder).stdin(std::process::Stdio::null()).output().unwrap()
}

/// The lines behind a prompt that call the program itself.
fn shown_lines(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ "));
    let ours = lines.filter(|line| line.starts_with("mkdir ") || line.contains("editree "));
    ours.map(str::to_owned).collect()
}

#[test]
fn every_line_that_is_shown_runs_as_it_is_pasted() {
    let mut count = 0;
    for page in [
        "README.md",
        "docs/commands.md",
        "docs/plain.md",
        "docs/names.md",
        "docs/agents.md",
        "docs/config.md",
    ] {
        let folder = prepared();
        for line in shown_lines(page) {
            let output = pasted(folder.path(), &line);
            assert!(output.status.success(), "{page}: {line}\n{}", said(&output));
            count += 1;
        }
    }
    assert!(count > 30, "{count} lines");
}

/// Heading of `docs/json.md` and what is called for it; nothing inside of the named values is looked
/// at, since a model or a service decides on it.
const SHAPES: [(&str, &[&str]); 16] = [
    ("editree run --json", &["run", "--json", "-i", "photo.jpg", "Make it snow"]),
    ("editree run --no-wait --json", &["run", "--json", "--no-wait", "-i", "photo.jpg", "Fog"]),
    ("editree jobs --json", &["jobs", "--json"]),
    ("editree run --dry-run", &["run", "--dry-run", "-i", "photo.jpg", "Make it night"]),
    ("editree tree --json", &["tree", "--json"]),
    ("editree compare --json", &["compare", "--json", "n1", "n2"]),
    ("editree sweep --dry-run --json", &["sweep", "--dry-run", "--json", "--from", "shots.csv"]),
    (
        "editree sweep --json",
        &["sweep", "--yes", "--json", "-i", "photo.jpg", "-s", "seed=1..2", "Add a red hat"],
    ),
    ("editree replay --dry-run --json", &["replay", "--dry-run", "--json", "n2", "other.jpg"]),
    ("editree replay --json", &["replay", "--yes", "--json", "n2", "other.jpg"]),
    ("editree account --json", &["account", "--json"]),
    ("editree heal --json", &["heal", "--json", "n2", "-o", "h.png"]),
    ("editree models --json", &["models", "--json"]),
    ("editree models find --json", &["models", "find", "--json", "kontext"]),
    ("editree backup --json", &["backup", "--json", "b.tar"]),
    ("editree restore --json", &["restore", "--json", "--replace", "b.tar"]),
];
const FREE: [&str; 5] = ["timings", "params", "settings", "input", "formula"];

fn names_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                if !FREE.contains(&name.as_str()) || value.is_array() {
                    names_in(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn json_has_the_names_that_are_written() {
    let folder = prepared();
    let page = include_str!("../../docs/json.md");
    for (heading, arguments) in SHAPES {
        let section = page.split("\n## ").find(|section| section.starts_with(heading));
        let section = section.unwrap_or_else(|| panic!("no section `{heading}`"));
        let shape = section.split('`').find(|part| part.starts_with('{')).unwrap();
        let written: BTreeSet<String> =
            shape.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        let output = editree(folder.path(), &[&["--sim"], arguments].concat());
        assert!(output.status.success(), "{heading}: {}", said(&output));
        let mut found = BTreeSet::new();
        names_in(&json_in(&output), &mut found);
        let more: Vec<_> = found.difference(&written).collect();
        let fewer: Vec<_> = written.difference(&found).collect();
        assert!(
            more.is_empty() && fewer.is_empty(),
            "{heading}: unwritten {more:?}, missing {fewer:?}"
        );
    }
}
