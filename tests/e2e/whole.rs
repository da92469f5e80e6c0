//! The store as the commands and the workbench leave it: nothing paid is taken for nobody's, and
//! the person's draft is theirs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use editree::app::draft::{Choice, Draft, Seed};
use editree::store::{Options, Store};
use editree::tree::{Hash, Input, Picture, PictureRef, Timestamp};
use serde_json::{Value, json};

use crate::command::{editree, said};
use crate::pty::{Start, Terminal};

fn data(folder: &Path) -> PathBuf {
    folder.join("data/editree")
}

fn store(folder: &Path) -> (Store, editree::store::Opening) {
    let options = Options {
        project: "simulator".into(),
        simulated: true,
        day_start: Timestamp(0),
        now: Timestamp(0),
        take_over_orphans: false,
        with_page: true,
        log_days: 90,
    };
    Store::open(&data(folder), options).unwrap()
}

/// A chain of pictures that were made on this machine.
fn chain(folder: &Path, numbers: std::ops::Range<usize>) {
    let (store, _) = store(folder);
    let picture = || Picture {
        hash: Hash([0; 32]),
        width: 8,
        height: 8,
        format: "png".into(),
        bytes: 20,
        nsfw: false,
        url: None,
    };
    let bytes = |number: usize| format!("\u{89}PNG number {number}").into_bytes();
    let root = store.open_picture(&bytes(0), picture(), "cat.png".into(), Timestamp(1));
    let root = root.unwrap().wait().unwrap();
    let mut last = store.find_node(None).wait().unwrap().unwrap_or(root);
    for number in numbers {
        let parent = PictureRef { node: last.id, picture: last.pictures[0].hash };
        let title = format!("step {number}");
        let kept = store.keep_local(&bytes(number), picture(), parent, title, Timestamp(2));
        last = kept.unwrap().wait().unwrap();
    }
}

/// Pictures and sidecars, long untouched.
fn media(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(data(folder).join("media")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, std::fs::read(&path).unwrap());
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    files
}

fn tree(folder: &Path) -> Value {
    serde_json::from_slice(&editree(folder, &["tree", "--json"]).stdout).unwrap()
}

#[test]
fn start_doctor_tree_and_gc_lose_nothing_whatever_the_database_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let database = data(folder).join("editree.db");
    let all = ["", "-wal", "-shm"].map(|end| format!("{}{end}", database.display()));
    chain(folder, 1..25);
    std::fs::copy(&database, folder.join("older")).unwrap();
    chain(folder, 25..50);
    let (whole, before) = (tree(folder), media(folder));
    assert_eq!((whole["nodes"].as_array().unwrap().len(), before.len()), (50, 100));
    let older = std::fs::read(folder.join("older")).unwrap();
    let cases = [("missing", None), ("empty", Some(Vec::new())), ("older", Some(older))];
    for (name, bytes) in cases {
        for first in [["tree"].as_slice(), &["doctor"], &["gc", "--yes"], &["jobs"]] {
            all.iter().for_each(|file| drop(std::fs::remove_file(file)));
            if let Some(bytes) = &bytes {
                std::fs::write(&database, bytes).unwrap();
            }
            media(folder);
            let output = editree(folder, first);
            assert!(output.status.success(), "{name} {first:?}: {}", said(&output));
            let told = said(&output) + &String::from_utf8_lossy(&output.stdout);
            assert!(told.contains("are back"), "{name} {first:?}: {told}");
            assert_eq!(tree(folder), whole, "{name} {first:?}");
            let removed = editree(folder, &["gc", "--yes"]);
            assert!(String::from_utf8_lossy(&removed.stdout).starts_with("0 files removed"));
            assert_eq!(media(folder), before, "{name} {first:?}");
        }
    }
    all.iter().for_each(|file| drop(std::fs::remove_file(file)));
    let size = (160, 40);
    let mut terminal =
        Terminal::start(&Start { folder, arguments: &["--sim"], size, environment: &[] });
    terminal.wait_for("the database did not know");
    terminal.send("\x03");
    terminal.end();
    assert_eq!(tree(folder), whole);
}

#[test]
fn when_everything_has_ended_the_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let log = data(folder).join("editree.db-wal");
    let length = || std::fs::metadata(&log).map_or(0, |file| file.len());
    let made = editree(folder, &["run", "-m", "pro-text", "a lighthouse", "--json"]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(length(), 0, "after a command");
    let arguments = ["--sim"].as_slice();
    let mut terminal =
        Terminal::start(&Start { folder, arguments, size: (80, 24), environment: &[] });
    terminal.wait_for("a lighthouse");
    terminal.send("not yet sent");
    terminal.wait_for("not yet sent");
    terminal.send("\x03");
    terminal.end();
    assert_eq!(length(), 0, "after the workbench");
    let alone = folder.join("alone.db");
    std::fs::copy(data(folder).join("editree.db"), &alone).unwrap();
    let draft: String = rusqlite::Connection::open(alone)
        .unwrap()
        .query_row("SELECT draft FROM drafts", [], |row| row.get(0))
        .unwrap();
    assert!(draft.contains("not yet sent"), "{draft}");
}

#[test]
fn no_command_touches_the_draft_of_the_workbench() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");
    let first = editree(folder, &["run", "-i", photo, "Make it sepia", "-o", "out.png", "--json"]);
    assert!(first.status.success(), "{}", said(&first));
    let kept = |folder: &Path| store(folder).1.draft;
    let first = Draft { parent: store(folder).1.current, ..Draft::default() };
    assert_eq!(kept(folder), first, "there is none yet, and what is seen is gone on from");
    let draft = {
        let (store, opening) = store(folder);
        let parent = opening.current;
        let draft = Draft {
            prompt: "half a thought".into(),
            values: [("num_images".to_owned(), json!(3))].into(),
            choice: Choice::Auto { family: "max".into() },
            parent,
            references: vec![Input::Url("https://x/y.png".into())],
            regions: Vec::new(),
            aside: Vec::new(),
            seed: Seed::Pinned(Some(7)),
        };
        store.keep_draft(draft.clone()).wait().unwrap();
        draft
    };
    let left = ["run", "-m", "pro-text", "left", "--no-wait"];
    let commands: [&[&str]; 16] = [
        &["run", "-m", "pro-text", "a lighthouse", "--json"],
        &["run", "-i", photo, "-s", "seed=3", "Make it blue", "--sync", "--json"],
        &["sweep", "-i", photo, "-s", "seed=1..2", "Make it green", "--json"],
        &["replay", "n2", "@", "--json"],
        &left,
        &["wait", "--all", "--json"],
        &left,
        &["cancel", "j99"],
        &["import", "out.png", "--json"],
        &["heal", "n2", "-o", "healed.png", "--json"],
        &["compare", "n1", "n2", "--json"],
        &["export", "n2"],
        &["report", "n2", "-o", "page.html"],
        &["tree", "--json"],
        &["doctor", "--json"],
        &["gc", "--yes"],
    ];
    for command in commands {
        let output = editree(folder, command);
        // The simulator that had a job is gone with its command, and sepia is too much to heal.
        let may_fail = matches!(command[0], "cancel" | "wait" | "heal");
        assert!(output.status.success() || may_fail, "{command:?}: {}", said(&output));
        assert_eq!(kept(folder), draft, "{command:?}");
    }
}

#[test]
fn a_report_is_the_same_on_stdout_and_in_a_file_and_never_half_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    chain(folder, 1..30);
    let printed = editree(folder, &["report", "@", "-o", "-"]);
    assert!(printed.status.success(), "{}", said(&printed));
    let written = editree(folder, &["report", "@", "-o", "page.html"]);
    assert!(said(&written).contains("30 of 30 steps"), "{}", said(&written));
    let page = std::fs::read(folder.join("page.html")).unwrap();
    assert!(page == printed.stdout);
    assert_eq!(String::from_utf8_lossy(&page).matches("<figure>").count(), 30);
    let media = store(folder).0.media();
    // Written again, by a link: the link stays, and nothing beside the page.
    std::os::unix::fs::symlink("page.html", folder.join("link.html")).unwrap();
    std::fs::write(folder.join("page.html"), "of before").unwrap();
    let again = editree(folder, &["report", "@", "-o", "link.html"]);
    assert!(again.status.success(), "{}", said(&again));
    assert!(folder.join("link.html").is_symlink());
    assert!(std::fs::read(folder.join("page.html")).unwrap() == page);
    let left = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    assert!(left.map(|it| it.file_name()).all(|it| !it.to_string_lossy().ends_with(".part")));
    // A picture that is gone is told before a page is begun.
    let node = store(folder).0.find_node(Some(7)).wait().unwrap().unwrap();
    std::fs::remove_file(media.path(node.pictures[0].hash).unwrap()).unwrap();
    let refused = editree(folder, &["report", "@", "-o", "other.html"]);
    assert!(!refused.status.success());
    assert!(!folder.join("other.html").exists());
}

#[test]
fn a_backup_is_restored_elsewhere_and_never_over_something_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    chain(folder, 1..5);
    let json = |arguments: &[&str], code: i32| -> Value {
        let output = editree(folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    };
    let made = json(&["backup", "all.tar", "--json"], 0);
    assert_eq!((&made["nodes"], &made["files"]), (&5.into(), &11.into()), "{made}");
    json(&["backup", "all.tar", "--json"], 2);
    let there = ["--data-dir", "there", "restore", "all.tar", "--json"];
    let restored = json(&there, 0);
    assert_eq!((&restored["nodes"], &restored["replaced"]), (&5.into(), &Value::Null));
    let tree = ["--data-dir", "there", "tree", "--json"];
    assert_eq!(json(&tree, 0), self::tree(folder));
    json(&there, 2);
    let replaced = json(&[there.as_slice(), &["--replace"]].concat(), 0);
    let replaced = replaced["replaced"].as_str().unwrap();
    assert!(folder.join(replaced).join("editree.db").exists());
    assert_eq!(json(&tree, 0), self::tree(folder));
    let bytes = std::fs::read(folder.join("all.tar")).unwrap();
    std::fs::write(folder.join("half.tar"), &bytes[..bytes.len() / 2]).unwrap();
    json(&["--data-dir", "new", "restore", "half.tar", "--json"], 2);
    json(&["--data-dir", "new", "restore", "missing.tar", "--json"], 2);
    assert!(!folder.join("new/editree.db").exists());
}

#[test]
fn gc_asks_on_a_terminal_and_takes_only_yes_for_yes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    chain(folder, 1..2);
    let stray = data(folder).join(format!("media/{}.png", "a".repeat(64)));
    std::fs::write(&stray, "left over").unwrap();
    media(folder);
    for (answer, stays) in [("\r", true), ("n\r", true), ("y\r", false)] {
        let start = Start { folder, arguments: &["gc"], size: (200, 24), environment: &[] };
        let mut terminal = Terminal::start(&start);
        terminal.wait_for("[y/N]");
        terminal.send(answer);
        assert_eq!(terminal.end().code, 0, "{answer:?}");
        assert_eq!(stray.exists(), stays, "{answer:?}");
    }
    assert_eq!(media(folder).len(), 4);
}

#[test]
fn a_report_whose_reader_has_seen_enough_ends_without_a_word() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 1..30);
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.args(["report", "@", "-o", "-"]).env_clear();
    command.envs(crate::pty::environment(folder.path())).current_dir(folder.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut head = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut head).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = said(&output);
    assert!(output.status.success() && !told.contains("editree:"), "{told}");
    assert!(!told.contains("30 of 30"), "it goes on for nobody: {told}");
}
