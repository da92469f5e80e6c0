//! What a terminal is told for a person who looks elsewhere.

use std::path::Path;

use crate::pty::{Start, Terminal};

fn start(folder: &Path, environment: &[(&str, &str)]) -> Terminal {
    let terminal = Terminal::start(&Start { folder, arguments: &[], size: (80, 24), environment });
    terminal.wait_for("chelsea");
    terminal
}

/// An edit from the prompt to its picture.
fn edit(terminal: &mut Terminal, words: &str, node: &str) {
    terminal.send(words);
    terminal.wait_for(words);
    terminal.send("\r");
    terminal.send("\x1b[O");
    terminal.wait_for(&format!("from {node} →"));
}

fn count(bytes: &[u8], of: &str) -> usize {
    bytes.windows(of.len()).filter(|window| *window == of.as_bytes()).count()
}

#[test]
fn who_has_left_the_window_is_told_once_a_minute_and_gets_the_title_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[("TERM", "foot")]);
    edit(&mut terminal, "Make it sepia", "n2");
    terminal.wait_until("a notice", |_, bytes| {
        count(bytes, "\x1b]777;notify;editree;`Make it sepia` is done\x1b\\") == 1
    });
    terminal.send("\x1b[I");
    edit(&mut terminal, "Make it night", "n3");
    terminal.send("\x03");
    let bytes = terminal.end().bytes;
    assert_eq!(count(&bytes, "\x1b]777"), 1, "no second notice within a minute");
    let titles = ["\x1b[22;2t", "\x1b]2;editree: simulator, 1 request under way\x1b\\"];
    assert!(titles.into_iter().all(|title| count(&bytes, title) >= 1));
    assert_eq!((count(&bytes, "\x1b[22;2t"), count(&bytes, "\x1b[23;2t")), (1, 1));
    assert_eq!(count(&bytes, "\x1b]9;"), 0, "foot shows no progress");
}

#[test]
fn an_unknown_terminal_gets_a_bell_and_nothing_that_it_might_print() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &[]);
    edit(&mut terminal, "Make it sepia", "n2");
    terminal.wait_until("a bell", |_, bytes| count(bytes, "\x07") == 1);
    terminal.send("\x03");
    let bytes = terminal.end().bytes;
    for escape in ["\x1b]2;", "\x1b]9", "\x1b]777", "\x1b]99", "\x1b[22;2t"] {
        assert_eq!(count(&bytes, escape), 0, "{escape:?}");
    }
}

#[test]
fn progress_is_shown_where_it_is_known_and_taken_away_and_the_config_file_ends_it_all() {
    let ghostty = [("TERM", "xterm-ghostty"), ("TERM_PROGRAM", "ghostty")];
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), &ghostty);
    terminal.send("\x1bP>|ghostty 1.2.3\x1b\\\x1b[?62;22;52c");
    edit(&mut terminal, "Make it sepia", "n2");
    terminal.wait_until("no progress", |_, bytes| count(bytes, "\x1b]9;4;0\x1b\\") == 1);
    terminal.send("\x03");
    assert_eq!(count(&terminal.end().bytes, "\x1b]9;4;3\x1b\\"), 1);

    let config = folder.path().join("config/editree");
    std::fs::create_dir_all(&config).unwrap();
    let text = "[notify]\nhow = \"none\"\nprogress = false\ntitle = false\n";
    std::fs::write(config.join("config.toml"), text).unwrap();
    let mut terminal = start(folder.path(), &ghostty);
    terminal.send("\x1bP>|ghostty 1.2.3\x1b\\\x1b[?62;22;52c");
    edit(&mut terminal, "Make it night", "n3");
    terminal.send("\x03");
    let bytes = terminal.end().bytes;
    for escape in ["\x07", "\x1b]2;", "\x1b]9", "\x1b]777"] {
        assert_eq!(count(&bytes, escape), 0, "{escape:?}");
    }
}
