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
        ("\x0f:save by-hand.jpg\r", "written as jpeg; the png stays in the store"),
        ("\x0fh", "chelsea.png"),
        ("\x0f s", "save as (empty: n1-chelsea.png) · in "),
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
    let jpeg = read("by-hand.jpg");
    assert_eq!(editree::picture::signature::of(&jpeg).name, "jpeg");
    let label = editree::picture::metadata::recipe(&jpeg).expect("its recipe");
    assert_eq!(serde_json::from_str::<Value>(&label).unwrap()["node"]["seed"], 7);
    assert!(editree::picture::mark::is_simulated(&editree::picture::metadata_of(&jpeg)));
    let opened = read("n1-chelsea.png");
    // A photo goes out without its own words, and so without a label that would lead back to it.
    let photo = std::fs::read(PHOTO).unwrap();
    assert!(opened == editree::picture::private::without(&photo) && opened != photo);
    assert_eq!(editree::picture::metadata::recipe(&opened), None);
}

#[test]
fn a_copy_is_what_its_name_says_and_starts_a_tree_where_it_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "-i", PHOTO, "Make it sepia", "-s", "output_format=png", "-o", "out.jpg"];
    let (code, stdout, stderr) = words(&editree(folder.path(), &run));
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    let healed = ["heal", PHOTO, "--parent", PHOTO, "-o", "healed.jpg"];
    assert_eq!(words(&editree(folder.path(), &healed)).0, Some(0));
    for name in ["out.jpg", "healed.jpg"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(editree::picture::signature::of(&bytes).name, "jpeg", "{name}");
    }
    let import = ["--sim", "import", "out.jpg", "--json"];
    let imported: Value = serde_json::from_str(&words(&editree(folder.path(), &import)).1).unwrap();
    assert_eq!(imported["made_from"], "n2", "{imported}");
    assert_eq!(imported["prompt"], "Make it sepia");
}

#[test]
fn a_finished_run_tells_its_file_last_and_what_was_noted_is_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "-i", PHOTO, "Make it sepia", "-o", "out.png"];
    let (code, stdout, stderr) = words(&editree(folder.path(), &run));
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    let last = stderr.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("n2 done in ") && last.ends_with(" · sim $0.04 · out.png"),
        "{stderr}"
    );
    assert!(stderr.contains("n2 noted before it is sent: Make it sepia\n"), "{stderr}");
    let two =
        ["run", "-i", "n2", "Add a hat", "-s", "num_images=2", "-o", "{node}-{picture}.{ext}"];
    let (_, stdout, stderr) = words(&editree(folder.path(), &two));
    assert_eq!(stdout, "n3-1.png\nn3-2.png\n");
    assert!(stderr.ends_with(" · n3-1.png · n3-2.png\n"), "{stderr}");
    let unnamed = words(&editree(folder.path(), &["run", "-i", "n2", "Make it night"])).2;
    assert!(unnamed.ends_with(" · sim $0.04\n"), "{unnamed}");
}
