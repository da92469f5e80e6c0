//! What a person types, pastes, pipes or lets a shell complete.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::pty::environment;
use crate::service::Service;

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/coffee.png");

fn editree(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.env_clear().envs(environment(folder)).env("EDITREE_SIM", "1").current_dir(folder);
    command
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    editree(folder).args(arguments).output().expect("editree runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_picture_comes_from_standard_input_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = editree(folder.path())
        .args(["run", "--json", "-i", "-", "Make it sepia"])
        .env("TMPDIR", folder.path().join("tmp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(PHOTO).unwrap()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let made: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert!(made["pictures"][0]["width"].is_u64(), "{made}");
    // Nowhere to keep it, so that no end of the program leaves it there.
    assert!(!folder.path().join("tmp").exists());
    let tree = output(folder.path(), &["tree"]);
    assert!(text(&tree.stdout).contains("standard input"), "{}", text(&tree.stdout));

    for (arguments, words) in [
        (&["run", "-i", "-", "-i", "-", "x"][..], "once"),
        (&["run", "-i", "-", "x"], "nothing came"),
    ] {
        let mut command = editree(folder.path());
        let refused = command.args(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(words), "{}", text(&refused.stderr));
    }
}

#[test]
fn a_picture_is_found_by_whatever_names_it() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let odd = OsString::from_vec(b"caf\xe9 1.png".to_vec());
    for name in [OsString::from("a b.png"), odd.clone()] {
        std::fs::copy(PHOTO, home.join(name)).unwrap();
    }
    let address = format!("file://{}/a%20b.png", home.display());
    for name in ["~/a b.png".into(), address.clone().into(), home.join(&odd).into_os_string()] {
        let mut command = editree(folder.path());
        let told = command.args(["run", "--dry-run", "-i"]).arg(&name).arg("Make it red").output();
        let told = told.unwrap();
        assert_eq!(told.status.code(), Some(0), "{name:?}: {}", text(&told.stderr));
        let json: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(json["sent"][0]["width"], 600, "{name:?}: {json}");
    }
    let far = ["run", "--dry-run", "-i", "HTTPS://example.com/A.png", "Make it red"];
    let json: Value = serde_json::from_slice(&output(folder.path(), &far).stdout).unwrap();
    assert_eq!(json["input"]["image_url"], "https://example.com/A.png");
    let shown = output(folder.path(), &["show", "--graphics", "none", &address]);
    assert!(text(&shown.stdout).contains("600 by 400"), "{}", text(&shown.stderr));
}

#[test]
fn a_picture_is_shown_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (how, begins) in [
        ("kitty", "\x1b_G"),
        ("iterm2", "\x1b]1337;File="),
        ("sixel", "\x1bP0;1"),
        ("blocks", "\x1b[38;"),
    ] {
        let shown = output(folder.path(), &["show", "--graphics", how, PHOTO]);
        assert_eq!(shown.status.code(), Some(0), "{how}");
        let bytes = text(&shown.stdout);
        assert!(bytes.contains(begins), "{how}");
        assert!(!bytes.contains("\x1b[c") && !bytes.contains("\x1b[6n"), "{how} asks a file");
    }
}

/// What fish is told for a line, whose last word is being typed.
fn completed(folder: &Path, line: &[&str]) -> String {
    let mut command = editree(folder);
    let command = command.env("EDITREE_COMPLETE", "fish").args(["--", "editree"]).args(line);
    text(&command.output().unwrap().stdout)
}

#[test]
fn a_shell_completes_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let made = output(folder.path(), &["run", "-i", PHOTO, "Make it sepia"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    for (line, found) in [
        (&["run", "-m", "pro-"][..], "pro-multi"),
        (&["sweep", "-s", "aspect"], "aspect_ratio="),
        (&["run", "-s", "aspect_ratio=16"], "aspect_ratio=16:9"),
        (&["run", "-m", "max", "-s", "safety_tolerance="], "safety_tolerance=6"),
        (&["--profile", ""], "sim"),
        (&["show", "n"], "n2\tMake it sepia"),
        (&["export", ""], "@\tthe newest"),
        (&["run", "-i", "n"], "n1\tcoffee.png"),
        (&["key", "st"], "status"),
    ] {
        let told = completed(folder.path(), line);
        assert!(told.contains(found), "{line:?}: {told}");
    }
    assert_eq!(completed(folder.path(), &["--project", "half-a-na", "show", "n"]), "");
    for file in std::fs::read_dir(folder.path().join("data/editree")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(9).any(|name| name == b"half-a-na"), "a project is made by asking");
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(completed(empty.path(), &["tree", "n"]), "");
    assert!(!empty.path().join("data/editree").exists(), "nothing is made by asking");
    for shell in ["bash", "zsh", "fish"] {
        let script = output(folder.path(), &["completions", shell]);
        assert!(text(&script.stdout).contains("EDITREE_COMPLETE"), "{shell}");
    }
}

/// What bash makes of the word that it completed, as it would run it.
#[test]
fn a_completed_file_is_one_word_that_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = output(folder.path(), &["completions", "bash"]);
    std::fs::write(folder.path().join("complete.bash"), script.stdout).unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    for name in ["x$(touch run).png", "y z.png", "w'`touch run`;\".png", "plain.png"] {
        std::fs::copy(PHOTO, pictures.join(name)).unwrap();
        let typed = name.chars().next().unwrap();
        let asked = format!(
            "source ../complete.bash; COMP_WORDS=(editree show {typed}) COMP_CWORD=2 COMP_TYPE=9
            _editree editree {typed} show; eval \"printf %s: ${{COMPREPLY[*]}}\""
        );
        let binary = Path::new(env!("CARGO_BIN_EXE_editree")).parent().unwrap();
        let mut command = Command::new("bash");
        command.env_clear().envs(environment(folder.path())).current_dir(&pictures);
        command.env("EDITREE_SIM", "1").env("PATH", format!("{}:/usr/bin:/bin", binary.display()));
        let told = command.args(["--norc", "-c", &asked]).output().unwrap();
        assert_eq!(text(&told.stdout), format!("{name}:"), "{}", text(&told.stderr));
    }
    assert!(!pictures.join("run").exists());
}

#[test]
fn a_sweep_meets_once_what_would_meet_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    for (fault, words) in [
        ("submit:account*99+2", "Exhausted balance"),
        ("submit:key*99+2", "invalid key"),
        ("submit:404*99+2", ""),
    ] {
        let service = Service::start(folder.path(), &["--fault", fault]);
        service.configure(folder.path(), "");
        let arguments = ["sweep", "--yes", "-i", PHOTO, "-s", "seed=1..12", "--project", fault];
        let arguments = [&arguments[..], &["Make it red"]].concat();
        let ended = service.editree(folder.path(), &arguments);
        let told = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{fault}: {told}");
        assert_eq!(service.ledger().len(), 2, "{fault}");
        let reasons: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("not sent: ") && line.contains(words))
            .collect();
        assert_eq!(reasons.len(), 1, "{fault}: {told}");
    }
}

#[test]
fn a_seed_that_javascript_would_round_stays_itself_in_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let seed = "seed=9007199254740993";
    let made = output(folder.path(), &["run", "-s", seed, "-i", PHOTO, "Make it sepia"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let code = text(&output(folder.path(), &["export", "@", "--as", "javascript"]).stdout);
    assert!(code.contains(r#""seed": JSON.rawJSON("9007199254740993")"#), "{code}");
    assert!(code.contains(r#"{ type: "image/png" }"#), "{code}");
}
