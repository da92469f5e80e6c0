//! Pastes and drafts in a real pseudo-terminal, and an editor that has it meanwhile.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::pty::{Start, Terminal};
use crate::service::Service;

/// A shell script that gets the file as `$1`, as a command line.
fn written(folder: &Path, editor: &str) -> String {
    let place = folder.join("an editor");
    std::fs::write(&place, format!("#!/bin/sh\n{editor}\n")).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("'{}' --wait", place.display())
}

fn start(folder: &Path, editor: &str) -> Terminal {
    let command = written(folder, editor);
    let kept = folder.join("kept");
    std::fs::create_dir_all(&kept).unwrap();
    let terminal = Terminal::start(&Start {
        folder,
        arguments: &[],
        size: (120, 40),
        environment: &[("EDITOR", &command), ("TMPDIR", &kept.to_string_lossy())],
    });
    terminal.wait_for("chelsea");
    terminal
}

fn leave(mut terminal: Terminal) {
    terminal.send("\x03");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}

#[test]
fn a_paste_with_brackets_and_controls_in_it_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "");
    terminal.send("\x1b[200~hello\x1b[201~\rMake it red\rbehind\r\x1b[201~");
    terminal.wait_for("behind");
    terminal.send("one\rtwo\x0cthree\x0ffour\x1bfive\rsix\r");
    terminal.wait_for("six");
    terminal.send("\x1b1");
    terminal.wait_until("no request", |screen, _| screen.contains("tree · 1 of 1"));
    leave(terminal);
}

#[test]
fn a_paste_whose_end_is_lost_is_kept_and_keys_live_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "");
    terminal.send("\x1b[200~hello\rworld");
    terminal.wait_for("world");
    leave(terminal);
}

#[test]
fn the_wheel_is_not_up_and_down_as_long_as_we_are_here() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "");
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    terminal.wait_until("alternate scrolling off", |_, bytes| has(bytes, b"\x1b[?1007l"));
    terminal.send("\x03");
    terminal.wait_until("as it was", |_, bytes| has(bytes, b"\x1b[?1007r"));
    terminal.end();
}

#[test]
fn what_an_editor_saves_after_it_has_returned_is_taken_at_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), ":");
    terminal.send("my draft\x18\x05");
    terminal.wait_for("saved nothing");
    // The window that it has opened.
    let place = std::fs::read_dir(folder.path().join("kept")).unwrap().next().unwrap().unwrap();
    std::fs::write(place.path().join("prompt.txt"), "words from the window\n").unwrap();
    terminal.send("\x18\x05");
    terminal.wait_for("words from the window");
    leave(terminal);
}

#[test]
fn an_editor_that_fails_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "printf 'long work' > \"$2\"; exit 3");
    terminal.send("my draft");
    terminal.send("\x18\x05");
    terminal.wait_for("exit 3");
    terminal.wait_for("my draft");
    leave(terminal);
    let folders = std::fs::read_dir(folder.path().join("kept")).unwrap();
    let files: Vec<_> = folders.map(|folder| folder.unwrap().path().join("prompt.txt")).collect();
    assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), "long work");
}

#[test]
fn a_request_goes_on_while_an_editor_has_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let waits = "for i in $(seq 600); do
        count=$(ls \"$XDG_DATA_HOME/editree/media\" | grep -vc json)
        if [ \"$count\" -ge 2 ]; then printf 'it went on' > \"$2\"; exit; fi
        sleep 0.1
    done";
    let mut terminal = start(folder.path(), waits);
    terminal.send("Make it red");
    terminal.wait_for("Make it red");
    terminal.send("\r");
    terminal.send("\x18\x05");
    terminal.wait_for("it went on");
    leave(terminal);
}

/// I11: while an editor has the terminal, a request that is under way is followed to its end.
#[test]
fn requests_go_on_while_an_editor_has_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let first = service.editree(folder.path(), &["run", "-m", "pro-text", "a lighthouse"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let go = folder.path().join("go");
    let waits =
        format!("printf 'editor is open'; until [ -e '{}' ]; do sleep 0.05; done", go.display());
    let mut terminal = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &[],
        size: (120, 40),
        environment: &[("EDITOR", &written(folder.path(), &waits)), ("FAL_KEY", &service.key)],
    });
    terminal.wait_for("here (127.0.0.1)");
    service.inject("submit:hold*1");
    terminal.send("Make it red");
    terminal.wait_for("Make it red");
    terminal.send("\r");
    service.wait_until_held();
    terminal.send("\x18\x05");
    terminal.wait_for("editor is open");
    service.inject("release");
    // The terminal is silent meanwhile: the store tells.
    service.wait_until(|_| {
        let output = service.editree(folder.path(), &["tree", "--json"]);
        let tree = String::from_utf8_lossy(&output.stdout);
        tree.matches("\"state\":\"done\"").count() == 2
    });
    assert!(!go.exists(), "the editor was open all the time");
    std::fs::write(&go, "").unwrap();
    terminal.wait_for("Make it red");
    leave(terminal);
}
