//! Copies of pictures under names that are filled in: before anything is sent, and never over a file.

use std::process::Output;

use serde_json::Value;

use crate::command::editree;
use crate::pty::{Start, Terminal};

fn words(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");

#[test]
fn a_template_names_every_picture_and_never_takes_the_place_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let template = "out/{node}-{picture}-{model}-{seed}-{prompt}.{ext}";
    let two = ["run", "-i", PHOTO, "Make it ../sepia", "-s", "seed=7", "-s", "num_images=2"];
    let (code, stdout, stderr) =
        words(&editree(folder.path(), &[two.as_slice(), &["-o", template]].concat()));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "out/n2-1-pro-7-Make-it-sepia.png\nout/n2-2-pro-7-Make-it-sepia.png\n");
    for name in stdout.lines() {
        let file = std::fs::read(folder.path().join(name)).unwrap();
        let label = editree::picture::metadata::recipe(&file).expect("a label");
        assert_eq!(serde_json::from_str::<Value>(&label).unwrap()["node"]["seed"], 7);
    }
    let sepia = ["run", "-i", PHOTO, "Make it sepia", "-o", "{prompt}.{ext}"];
    assert_eq!(words(&editree(folder.path(), &sepia)).1, "Make-it-sepia.png\n");
    assert_eq!(words(&editree(folder.path(), &sepia)).1, "Make-it-sepia-2.png\n");
    let healed = editree(folder.path(), &["--sim", "heal", "@", "-o", "{node}-healed.{ext}"]);
    let (code, stdout, stderr) = words(&healed);
    // The whole picture was changed: refused, and nothing is written.
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("shots")).unwrap();
    for (output, expected) in [
        ("{nod}.png", "known are {node} {picture} {seed} {model} {prompt} {date} {time} {ext}"),
        ("missing/{node}.png", "there is no folder `missing/`"),
        ("missing/a.png", "there is no folder `missing`"),
        ("shots", "such as shots/{node}-{prompt}.{ext}"),
    ] {
        let run = editree(folder.path(), &["run", "-i", PHOTO, "Make it sepia", "-o", output]);
        let heal = editree(folder.path(), &["heal", PHOTO, "--parent", PHOTO, "-o", output]);
        for (code, _, stderr) in [words(&run), words(&heal)] {
            assert_eq!(code, Some(2), "{output}: {stderr}");
            assert!(stderr.contains(expected), "{output}: {stderr}");
        }
    }
    let tree = editree(folder.path(), &["--sim", "tree", "--json"]);
    assert_eq!(
        serde_json::from_slice::<Value>(&tree.stdout).unwrap()["nodes"],
        Value::Array(vec![])
    );
}

#[test]
fn a_healed_file_is_named_after_its_child() {
    let folder = tempfile::tempdir().unwrap();
    let heal = ["heal", PHOTO, "--parent", PHOTO, "-o", "{node}-{seed}.{ext}", "--json"];
    let (code, stdout, stderr) = words(&editree(folder.path(), &heal));
    assert_eq!(code, Some(0), "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(answer["file"], "chelsea-no-seed.png");
    assert!(folder.path().join("chelsea-no-seed.png").exists());
}

#[test]
fn what_the_workbench_saves_is_what_a_command_writes() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "-i", PHOTO, "Make it sepia", "-s", "seed=7", "-o", "by-command.png"];
    assert_eq!(words(&editree(folder.path(), &run)).0, Some(0));
    let start =
        Start { folder: folder.path(), arguments: &["--sim"], size: (200, 40), environment: &[] };
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Make it sepia");
    // The newest first, then the picture that was opened.
    for (keys, name) in [
        ("\x0f:save by-hand.png\r", "/by-hand.png"),
        ("\x0f:save by-hand.png\r", "/by-hand-2.png"),
        ("\x0fh", "chelsea.png"),
        ("\x0f s", "{node}-{prompt}.{ext}"),
        ("\r", "/n1-chelsea.png"),
    ] {
        terminal.send(keys);
        terminal.wait_for(name);
    }
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("by-hand.png") == read("by-command.png"));
    assert!(read("by-hand-2.png") == read("by-command.png"));
    let opened = read("n1-chelsea.png");
    // A photo goes out without its own words, and so without a label that would lead back to it.
    let photo = std::fs::read(PHOTO).unwrap();
    assert!(opened == editree::picture::private::without(&photo) && opened != photo);
    assert_eq!(editree::picture::metadata::recipe(&opened), None);
}
