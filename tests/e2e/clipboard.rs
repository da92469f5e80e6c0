//! Pictures through the clipboard of a terminal that hands them on (OSC 5522), and of one that
//! does not.

use std::path::Path;

use crate::command::photo;
use crate::pty::{Start, Terminal};

fn workbench(folder: &Path) -> Terminal {
    workbench_on(folder, &photo("coffee.png"))
}

fn workbench_on(folder: &Path, photo: &str) -> Terminal {
    let arguments = ["--sim", photo];
    let terminal = Terminal::start(&Start {
        folder,
        arguments: &arguments,
        size: (120, 40),
        environment: &[],
    });
    terminal.wait_for("from n1 as");
    terminal
}

fn encoded(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// Pieces of so many bytes, each under the name of its kind.
fn data(kind: &str, bytes: &[u8]) -> Vec<String> {
    let piece = |piece: &[u8]| {
        let (kind, piece) = (encoded(kind.as_bytes()), encoded(piece));
        format!("\x1b]5522;type=read:status=DATA:mime={kind};{piece}\x1b\\")
    };
    bytes.chunks(4_096).map(piece).collect()
}

fn is_asked(terminal: &Terminal, kinds: &str) {
    let question = format!("\x1b]5522;type=read;{}\x1b\\", encoded(kinds.as_bytes()));
    terminal.wait_until(kinds, |_, bytes| {
        bytes.windows(question.len()).any(|window| window == question.as_bytes())
    });
}

const OK: &str = "\x1b]5522;type=read:status=OK\x1b\\";
const DONE: &str = "\x1b]5522;type=read:status=DONE\x1b\\";

#[test]
fn a_picture_of_the_clipboard_arrives_byte_for_byte_and_keys_between_its_pieces_are_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = workbench(folder.path());
    terminal.send("\x16");
    is_asked(&terminal, ".");
    terminal.send(&[OK, &data(".", b"text/plain image/png").concat(), DONE].concat());
    is_asked(&terminal, "image/png");
    let file = std::fs::read(photo("chelsea.png")).unwrap();
    let pieces = data("image/png", &file);
    terminal.send(OK);
    let (first, last) = pieces.split_at(pieces.len() / 2);
    terminal.send(&first.concat());
    terminal.send("a hat");
    terminal.send(&last.concat());
    terminal.send(DONE);
    terminal.wait_for("from the clipboard");
    terminal.wait_for("a hat");
    terminal.wait_for("+1 →");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
    let media = std::fs::read_dir(folder.path().join("data/editree/media")).unwrap();
    let is_it = |path: &Path| std::fs::read(path).is_ok_and(|kept| kept == file);
    assert!(media.flatten().any(|entry| is_it(&entry.path())));
}

#[test]
fn the_picture_on_the_canvas_goes_to_the_clipboard_whole() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small.png");
    image::open(photo("coffee.png")).unwrap().thumbnail(96, 64).save(&small).unwrap();
    let small = small.display().to_string();
    let mut terminal = workbench_on(folder.path(), &small);
    terminal.send("\x1b");
    terminal.wait_for("i prompt");
    terminal.send("yP");
    is_asked(&terminal, ".");
    terminal.send(&[OK, DONE].concat());
    let file = std::fs::read(&small).unwrap();
    let whole = encoded(&file);
    terminal.wait_until("the bytes", |_, bytes| {
        let text = String::from_utf8_lossy(bytes);
        let pieces = text.split(";type=wdata:mime=aW1hZ2UvcG5n;").skip(1);
        let sent: Vec<u8> = pieces
            .filter_map(|piece| piece.split_once("\x1b\\"))
            .flat_map(|(piece, _)| base64_simd::STANDARD.decode_to_vec(piece).unwrap())
            .collect();
        encoded(&sent) == whole
    });
    terminal.send("\x1b]5522;type=write:status=DONE\x1b\\");
    terminal.wait_for("copied the picture to the clipboard");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_terminal_that_knows_nothing_of_it_is_named_and_nothing_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = workbench(folder.path());
    terminal.send("\x16");
    terminal.wait_for("hands on no pictures of its clipboard");
    terminal.send("a hat");
    terminal.wait_for("a hat");
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}
