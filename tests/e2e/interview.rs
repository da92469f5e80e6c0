//! `doctor` asks the terminal that it is told on, and leaves it as it was.

use std::path::Path;

use rustix::process::Signal;

use crate::pty::{Start, Terminal};

fn doctor(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Terminal {
    Terminal::start(&Start { folder, arguments, size: (100, 40), environment })
}

#[test]
fn the_doctor_says_what_the_terminal_answers_and_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = doctor(folder.path(), &["doctor", "--sim"], &[]);
    terminal.wait_until("the last question", |_, bytes| bytes.ends_with(b"\x1b[c"));
    terminal.send("\x1bP>|foot(1.28.0)\x1b\\\x1b[?0u\x1b[6;18;9t\x1b[?62;4;22c");
    // What follows from the name is asked too: whether kitty graphics are known.
    terminal.wait_until("one more question", |_, bytes| {
        bytes.windows(7).any(|window| window == b"\x1b_Gi=31") && bytes.ends_with(b"\x1b[c")
    });
    terminal.send("\x1b[?62;4;22c");
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
    for words in [
        "XTVERSION foot(1.28.0), DA1 62;4;22; answers in",
        "pictures as sixel: foot draws sixels; a cell has 9×18 pixels",
        "keys       kitty's keyboard protocol",
        "notices    notices (osc777), the title",
    ] {
        assert!(end.words.contains(words), "{words}: {}", end.words);
    }
}

#[test]
fn a_silent_terminal_is_not_waited_for_and_gets_its_settings_back() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = doctor(folder.path(), &["doctor", "--sim", "--json"], &[("TERM", "foot")]);
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
    assert!(end.words.contains("has not answered; known by"), "{}", end.words);
}

#[test]
fn where_words_are_shown_the_terminal_is_asked_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let photo = format!("{}/tests/photos/coffee.png", env!("CARGO_MANIFEST_DIR"));
    let shown = doctor(folder.path(), &["show", "--graphics", "none", &photo], &[]);
    let end = shown.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
    let words = end.words.replace('\n', "");
    assert!(words.ends_with("coffee.png: 600 by 400, png"), "{words}");
    assert!(!end.bytes.contains(&0x1b), "{:?}", String::from_utf8_lossy(&end.bytes));
}

/// The answers to what was asked come all the same: none is typed into the shell.
#[test]
fn a_doctor_that_is_ended_while_it_asks_hands_the_terminal_back() {
    let signals = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT].map(Some);
    for signal in signals.into_iter().chain([None]) {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = doctor(folder.path(), &["doctor", "--sim"], &[]);
        terminal.wait_until("the last question", |_, bytes| bytes.ends_with(b"\x1b[c"));
        match signal {
            Some(signal) => terminal.signal(signal),
            // Ctrl-C in a terminal whose keys come one by one.
            None => terminal.send("\x03"),
        }
        terminal.send("\x1bP>|foot(1.28.0)\x1b\\\x1b[6;18;9t\x1b[?62;4;22c");
        let end = terminal.end();
        assert_ne!(end.code, 0, "{signal:?}");
        assert_eq!(end.left_on, Vec::<&str>::new(), "{signal:?}");
        assert_eq!(end.words.trim(), "", "{signal:?}");
    }
}

#[test]
fn a_doctor_that_is_stopped_hands_the_terminal_back_and_goes_on_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = &["--norc", "--noprofile", "-i"];
    let environment = &[("PS1", "shell> ")];
    let start = Start { folder: folder.path(), arguments, size: (100, 40), environment };
    let mut terminal = Terminal::start_program(Path::new("/bin/bash"), &start);
    terminal.wait_for("shell>");
    terminal.send(&format!("'{}' doctor --sim\r", env!("CARGO_BIN_EXE_editree")));
    terminal.wait_until("the last question", |_, bytes| bytes.ends_with(b"\x1b[c"));
    terminal.signal_child(Signal::TSTP);
    terminal.wait_until("the shell again", |screen, _| {
        screen.contains("Stopped") && screen.trim_end().ends_with("shell>")
    });
    terminal.send("fg\r");
    terminal.wait_for("not asked: no terminal here");
    terminal.send("exit\r");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}
