//! The workbench in a real pseudo-terminal: the loop as a person goes it, and a terminal that is
//! always handed back clean.

use std::path::Path;

use rustix::process::Signal;

use crate::pty::{Start, Terminal};

fn start(folder: &Path, arguments: &[&str]) -> Terminal {
    sized(folder, arguments, (80, 24))
}

fn sized(folder: &Path, arguments: &[&str], size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(&Start { folder, arguments, size, environment: &[] });
    terminal.wait_for("SIMULATOR");
    terminal
}

#[test]
fn two_presses_lead_from_the_first_start_to_an_edited_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.wait_for("chelsea");
    terminal.send("\t");
    terminal.send("\r");
    terminal.wait_for("from n2 →");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
}

#[test]
fn a_branch_is_still_there_after_quitting_and_starting_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sized(folder.path(), &[], (120, 40));
    terminal.wait_for("chelsea");
    for (words, node) in [("Make it black and white", "n2"), ("Add a red hat", "n3")] {
        terminal.send(words);
        terminal.wait_for(words);
        terminal.send("\r");
        // The finished picture is what the next edit goes on from.
        terminal.wait_for(&format!("from {node} →"));
    }
    // Back two, and on from there: a branch beside the first edit.
    terminal.send("\x1bh");
    terminal.wait_for("[6] n2");
    terminal.send("\x1bh");
    terminal.wait_for("[6] n1 chelsea");
    terminal.send("\x1be");
    terminal.wait_for("from n1 as");
    terminal.send("Make it sepia");
    terminal.wait_for("Make it sepia");
    terminal.send("\r");
    terminal.wait_for("from n4 →");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);

    let mut again = sized(folder.path(), &[], (120, 40));
    for words in ["Make it black", "red hat", "sepia"] {
        again.wait_for(words);
    }
    again.send("\x03");
    assert_eq!(again.end().left_on, Vec::<&str>::new());
}

#[test]
fn every_way_out_hands_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = start(folder.path(), &[]);
        terminal.send("an unsent draft");
        terminal.wait_for("an unsent draft");
        terminal.signal(signal);
        let end = terminal.end();
        assert_eq!(end.left_on, Vec::<&str>::new(), "{signal:?}");
        let mut again = start(folder.path(), &[]);
        again.wait_for("an unsent draft");
        again.send("\x03");
        assert_eq!(again.end().code, 0);
    }
}

/// A shell with job control, and the workbench in it.
fn in_a_shell(folder: &Path) -> Terminal {
    let arguments = &["--norc", "--noprofile", "-i"];
    let start = Start { folder, arguments, size: (80, 24), environment: &[("PS1", "shell> ")] };
    let mut terminal = Terminal::start_program(Path::new("/bin/bash"), &start);
    terminal.wait_for("shell>");
    terminal.send(&format!("'{}'\r", env!("CARGO_BIN_EXE_editree")));
    terminal.wait_for("chelsea");
    terminal
}

#[test]
fn a_suspended_workbench_leaves_a_clean_terminal_and_comes_back() {
    for is_signalled in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = in_a_shell(folder.path());
        if is_signalled {
            terminal.signal_child(Signal::TSTP);
        } else {
            terminal.send("\x1a");
        }
        let last = |bytes: &[u8], code: &[u8]| {
            bytes.windows(code.len()).rposition(|window| window == code)
        };
        terminal.wait_until("the shell again", |screen, bytes| {
            let has_left = last(bytes, b"\x1b[?1049l") > last(bytes, b"\x1b[?1049h");
            has_left && screen.contains("Stopped") && screen.trim_end().ends_with("shell>")
        });
        terminal.send("fg\r");
        terminal.wait_until("the alternate screen back", |screen, bytes| {
            let is_back = last(bytes, b"\x1b[?1049h") > last(bytes, b"\x1b[?1049l");
            is_back && screen.contains("SIMULATOR")
        });
        terminal.send("still alive");
        terminal.wait_for("still alive");
        terminal.send("\x03");
        terminal.wait_until("the shell in the end", |screen, _| {
            !screen.contains("SIMULATOR") && screen.trim_end().ends_with("shell>")
        });
        terminal.send("exit\r");
        assert_eq!(terminal.end().left_on, Vec::<&str>::new());
    }
}

/// `xterm -e editree`, `ssh host editree`: stopped, it could never be continued.
#[test]
fn where_no_shell_waits_it_is_not_suspended_but_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.wait_for("chelsea");
    terminal.send("\x1a");
    terminal.wait_for("no shell waits here");
    terminal.send("still alive");
    terminal.wait_for("still alive");
    terminal.send("\x03");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}

#[test]
fn control_j_is_a_line_and_never_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.send("one");
    terminal.wait_for("one");
    terminal.send("\n");
    terminal.send("two");
    terminal.wait_for("two");
    terminal.send("\x03");
    terminal.end();
    let again = start(folder.path(), &[]);
    again.wait_until("both lines, unsent", |screen, _| {
        screen.contains("one") && screen.contains("two") && !screen.contains("n2")
    });
}

#[test]
fn five_pasted_lines_are_one_draft_and_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.wait_for("chelsea");
    terminal.send("first\rsecond\rthird\rfourth\rfifth");
    terminal.wait_for("fifth");
    terminal.wait_until("no node came of it", |screen, _| !screen.contains("n2"));
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_tiny_terminal_says_so_and_nothing_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.resize(10, 3);
    terminal.wait_for("small");
    terminal.resize(100, 30);
    terminal.wait_for("SIMULATOR");
    terminal.send("\x03");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}

#[test]
fn the_first_key_after_a_new_size_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    terminal.wait_for("chelsea");
    for (columns, key) in [(130, "Q"), (90, "W"), (130, "X")] {
        terminal.resize(columns, 30);
        terminal.wait_until("the new layout", |screen, _| {
            screen.contains("session $") == (columns > 110)
        });
        terminal.send(key);
        terminal.wait_for(key);
    }
    terminal.send("\x03");
    terminal.end();
}

#[test]
fn a_headless_run_on_the_same_store_is_seen_by_the_workbench() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sized(folder.path(), &[], (120, 40));
    terminal.wait_for("chelsea");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_editree"));
    command.args(["run", "--sim", "a lighthouse at night"]).current_dir(folder.path());
    command.env_clear().envs(crate::pty::environment(folder.path()));
    assert!(command.output().unwrap().status.success());
    terminal.wait_for("a lighthouse");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn an_edit_is_compared_in_words_and_healed_for_free() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sized(folder.path(), &[], (120, 40));
    terminal.wait_for("chelsea");
    terminal.send("Add a red hat");
    terminal.wait_for("Add a red hat");
    terminal.send("\r");
    terminal.wait_for("from n2 →");
    terminal.send("\x1bc");
    // How like the rest is, in words or, where room is short, as a number alone.
    terminal.wait_for(" dB");
    terminal.send("\x1bH");
    terminal.wait_for("healed as n3, free");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    let again = sized(folder.path(), &[], (120, 40));
    again.wait_for("healed from n2");
}

#[test]
fn an_editor_has_the_terminal_for_itself_and_gives_the_words_back() {
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    // Asks for a line on the terminal, as an editor would: editree must not eat its keys.
    let script =
        "#!/bin/sh\nprintf 'which words? '\nread -r line\nprintf '%s' \"$line\" > \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&editor, mode).unwrap();
    let editor = editor.to_string_lossy().into_owned();
    let mut terminal = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &[],
        size: (80, 24),
        environment: &[("EDITOR", &editor)],
    });
    terminal.wait_for("chelsea");
    terminal.send("\x18");
    terminal.send("\x05");
    terminal.wait_for("which words?");
    terminal.send("Make it snow\n");
    terminal.wait_until("the words in the prompt", |screen, _| {
        screen.contains("Make it snow") && screen.contains("SIMULATOR")
    });
    terminal.send("\x03");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}

/// tmux drops what is wrapped unless passthrough is on; what is plain it takes with `set-clipboard`.
#[test]
fn a_copy_in_tmux_that_passes_nothing_is_plain_and_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let environment = &[("TERM", "tmux-256color"), ("TMUX", "/nowhere,1,0")];
    let arguments: &[&str] = &[];
    let start = Start { folder: folder.path(), arguments, size: (100, 30), environment };
    let mut terminal = Terminal::start(&start);
    terminal.send("Make it red");
    terminal.wait_for("Make it red");
    terminal.wait_for("Esc commands");
    terminal.send("\x1b");
    terminal.wait_until("commands", |screen, _| !screen.contains("Esc commands"));
    terminal.send("yt");
    terminal.wait_for("set-clipboard");
    terminal.wait_until("a plain escape", |_, bytes| {
        let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        has(b"\x1b]52;c;") && !has(b"\x1bPtmux;\x1b\x1b]52")
    });
    terminal.send("\x03");
    assert_eq!(terminal.end().left_on, Vec::<&str>::new());
}

fn count(bytes: &[u8], code: &[u8]) -> usize {
    bytes.windows(code.len()).filter(|window| *window == code).count()
}

/// Mode 2027: asked first, set only where the answer says that it is off and can be on.
#[test]
fn how_letters_are_counted_is_changed_only_where_it_can_be_and_always_changed_back() {
    let on_and_off = |answer: &str, leave: &dyn Fn(&mut Terminal)| {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = start(folder.path(), &[]);
        terminal.wait_until("the question", |_, bytes| count(bytes, b"\x1b[?2027$p") == 1);
        terminal.send(answer);
        if answer.contains(";2$") {
            terminal.wait_until("it", |_, bytes| count(bytes, b"\x1b[?2027h") == 1);
        }
        terminal.send("a hat");
        terminal.wait_for("a hat");
        leave(&mut terminal);
        let end = terminal.end();
        assert_eq!(end.left_on, Vec::<&str>::new());
        (count(&end.bytes, b"\x1b[?2027h"), count(&end.bytes, b"\x1b[?2027l"))
    };
    let quit = |terminal: &mut Terminal| terminal.send("\x03");
    let killed = |terminal: &mut Terminal| terminal.signal(Signal::TERM);
    for answer in ["", "\x1b[?2027;0$y", "\x1b[?2027;1$y", "\x1b[?2027;3$y", "\x1b[?2027;4$y"] {
        assert_eq!(on_and_off(answer, &quit), (0, 0), "{answer:?}");
    }
    assert_eq!(on_and_off("\x1b[?2027;2$y", &quit), (1, 1));
    assert_eq!(on_and_off("\x1b[?2027;2$y", &killed), (1, 1));
}
