//! Mistakes of editree's own, put in on purpose: what can go on goes on, what cannot leaves the
//! terminal and the draft as they were, and the next start is a safe one.

use editree::runtime::screen::falls::Sabotage;

use crate::pty::{Start, Terminal};

const FALLS: &str = "EDITREE_TEST_FALLS";

/// Not a test but the program of the others: the workbench with a mistake in it.
#[test]
fn a_workbench_with_a_mistake_in_it() {
    let sabotage = match std::env::var(FALLS).as_deref() {
        Ok("tree") => Sabotage::Pane("tree"),
        Ok("input") => Sabotage::Input,
        Ok("loop") => Sabotage::Loop,
        _ => return,
    };
    let code = editree::cli::main_with(&["editree", "--profile", "sim"], sabotage);
    std::process::exit(code.into());
}

fn start(folder: &std::path::Path, mistake: &str) -> Terminal {
    let program = std::env::current_exe().unwrap();
    Terminal::start_program(
        &program,
        &Start {
            folder,
            arguments: &[
                "--exact",
                "falls::a_workbench_with_a_mistake_in_it",
                "--nocapture",
                "--test-threads=1",
            ],
            size: (110, 34),
            environment: &[(FALLS, mistake)],
        },
    )
}

#[test]
fn a_pane_that_panics_says_so_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "tree");
    terminal.wait_for("cannot draw `tree`");
    terminal.send("Make it red");
    terminal.wait_for("Make it red");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!(end.code, 0, "{}", end.words);
    assert_eq!(end.left_on, Vec::<&str>::new());
    assert!(
        holds(folder.path(), b"`tree` breaks on purpose at `src/ui/drawing.rs:"),
        "not in the log"
    );
}

/// Whether a file below the folder has these bytes.
fn holds(folder: &std::path::Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        let has = |bytes: Vec<u8>| bytes.windows(wanted.len()).any(|part| part == wanted);
        if path.is_dir() { holds(&path, wanted) } else { std::fs::read(&path).is_ok_and(has) }
    })
}

#[test]
fn keys_are_read_on_after_a_panic_of_their_reader() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "input");
    terminal.wait_for("from n1 as");
    terminal.send("fall");
    terminal.wait_for("could not be read");
    terminal.send(" again");
    terminal.wait_for("fall again");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!(end.code, 0, "{}", end.words);
}

#[test]
fn a_loop_that_panics_hands_back_keeps_the_draft_and_starts_safely() {
    let folder = tempfile::tempdir().unwrap();
    for time in 1..=2 {
        let mut terminal = start(folder.path(), "loop");
        if time == 1 {
            terminal.wait_for("from n1 as");
            terminal.send("fall");
        }
        let end = terminal.end();
        assert_eq!(end.code, 1, "{}", end.words);
        assert_eq!(end.left_on, Vec::<&str>::new());
        assert!(end.words.contains("editree crashed: "), "{}", end.words);
        assert!(end.words.contains("src/runtime/screen/falls.rs"), "{}", end.words);
    }
    // The mistake is mended: the words are one key away, and the next start is a usual one.
    let start = || {
        Terminal::start(&Start {
            folder: folder.path(),
            arguments: &["--profile", "sim"],
            size: (110, 34),
            environment: &[],
        })
    };
    let mut terminal = start();
    terminal.wait_for("safe start: choose a picture");
    terminal.send("\x1b[B");
    terminal.wait_for("▌[1] fall");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    let mut terminal = start();
    terminal.wait_for("▌[1] fall");
    terminal.wait_for("451×300");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}
