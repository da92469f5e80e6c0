//! Pictures that are dropped on a terminal that tells of it (OSC 72): the test plays kitty's part.

use std::path::Path;

use crate::command::photo;
use crate::pty::{Start, Terminal};

const KITTY: &str = "\x1bP>|kitty(0.48.2)\x1b\\\x1b[?62;52;c";

fn workbench(folder: &Path, environment: &[(&str, &str)]) -> Terminal {
    let photo = photo("coffee.png");
    let arguments = ["--sim", photo.as_str()];
    let start = Start { folder, arguments: &arguments, size: (120, 40), environment };
    let terminal = Terminal::start(&start);
    terminal.wait_for("from n1 as");
    terminal
}

fn has(bytes: &[u8], code: &str) -> bool {
    bytes.windows(code.len()).any(|window| window == code.as_bytes())
}

fn hears(terminal: &Terminal, words: &str) {
    let code = format!("\x1b]72;{words}");
    terminal.wait_until(&code, |_, bytes| has(bytes, &code));
}

/// Of kitty, which answers that it knows it.
fn with_drops(folder: &Path) -> Terminal {
    let mut terminal = workbench(folder, &[]);
    terminal.send(KITTY);
    hears(&terminal, "t=q\x1b\\");
    terminal.send("\x1b]72;t=q\x1b\\");
    hears(&terminal, "t=a;image/png ");
    hears(&terminal, "t=a:x=1;");
    terminal
}

fn pieces(words: &str, bytes: &[u8]) -> Vec<String> {
    let encoded = |piece| base64_simd::STANDARD.encode_to_string(piece);
    let pieces = bytes.chunks(3_072);
    pieces.map(|piece| format!("\x1b]72;{words}:m=0;{}\x1b\\", encoded(piece))).collect()
}

fn is_kept(folder: &Path, file: &[u8]) -> bool {
    let media = std::fs::read_dir(folder.join("data/editree/media")).unwrap();
    media.flatten().any(|entry| std::fs::read(entry.path()).is_ok_and(|kept| kept == file))
}

#[test]
fn a_file_of_the_persons_machine_becomes_a_reference_and_keys_between_its_pieces_are_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = with_drops(folder.path());
    let kinds = "text/uri-list text/plain";
    terminal.send(&format!("\x1b]72;t=m:x=1:y=2:X=9:Y=36:o=3;{kinds}\x1b\\"));
    hears(&terminal, "t=m:o=1;text/uri-list text/plain\x1b\\");
    terminal.send(&format!("\x1b]72;t=M:x=1:y=2:X=9:Y=36:o=3;{kinds}\x1b\\"));
    hears(&terminal, "t=r:x=1\x1b\\");
    terminal.send(&pieces("t=r:X=1:x=1", b"file:///Users/me/my%20cat.png\r\n").concat());
    terminal.send("\x1b]72;t=r:X=1:x=1\x1b\\");
    hears(&terminal, "t=r:x=1:y=1\x1b\\");
    let file = std::fs::read(photo("chelsea.png")).unwrap();
    let all = pieces("t=r:x=1:y=1", &file);
    let (first, last) = all.split_at(all.len() / 2);
    terminal.send(&first.concat());
    terminal.send("a hat");
    terminal.send(&last.concat());
    terminal.send("\x1b]72;t=r:x=1:y=1\x1b\\");
    hears(&terminal, "t=r:o=1\x1b\\");
    terminal.wait_for("my cat.png");
    terminal.wait_for("a hat");
    terminal.wait_for("+1 →");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
    assert!(has(&end.bytes, "\x1b]72;t=A\x1b\\"), "switched off");
    assert!(is_kept(folder.path(), &file));
}

#[test]
fn a_picture_that_falls_while_no_words_are_written_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = with_drops(folder.path());
    terminal.send("\x1b");
    terminal.wait_for("i prompt");
    terminal.send("\x1b]72;t=M:x=1:y=2:X=9:Y=36:o=1;image/png\x1b\\");
    hears(&terminal, "t=r:x=1\x1b\\");
    let file = std::fs::read(photo("chelsea.png")).unwrap();
    terminal.send(&pieces("t=r:x=1", &file).concat());
    terminal.send("\x1b]72;t=r:x=1\x1b\\");
    terminal.wait_for("from n2 as");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    assert!(is_kept(folder.path(), &file));
}

/// One that does not answer, and tmux, which hands nothing of it on.
#[test]
fn nothing_is_switched_on_where_nobody_answers_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = workbench(folder.path(), &[]);
    terminal.send("\x1bP>|foot(1.28.0)\x1b\\\x1b[?62;4;22c");
    hears(&terminal, "t=q\x1b\\");
    terminal.send("\x1b[?62;4;22c\x03");
    let end = terminal.end();
    assert!(!has(&end.bytes, "\x1b]72;t=a") && !has(&end.bytes, "\x1b]72;t=A"));

    let folder = tempfile::tempdir().unwrap();
    let tmux = [("TERM", "tmux-256color"), ("TMUX", "/nowhere,1,0")];
    let mut terminal = workbench(folder.path(), &tmux);
    terminal.send("\x1bP>|tmux 3.5a\x1b\\\x1b[?1;2;4c\x1b]72;t=q\x1b\\");
    terminal.send("\x03");
    let end = terminal.end();
    assert!(!has(&end.bytes, "\x1b]72;"), "it would be a title of nobody");
}
