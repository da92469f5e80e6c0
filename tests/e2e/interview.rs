//! `doctor` asks the terminal that it is told on, and leaves it as it was.

use std::path::Path;

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
    assert!(end.words.contains("has not answered within a second"), "{}", end.words);
}
