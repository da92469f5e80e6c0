//! Bytes become events behind the second pseudo-terminal. One test: a process has one descriptor 0.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use editree::terminal::parser::Parser;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn plain(c: char) -> Event {
    key(KeyCode::Char(c), KeyModifiers::NONE)
}

#[test]
fn keys_are_parsed_at_once_and_one_after_the_other() {
    let (mut parser, stdin) = Parser::take_stdin().unwrap();
    let alt = |c| key(KeyCode::Char(c), KeyModifiers::ALT);
    let control = |c| key(KeyCode::Char(c), KeyModifiers::CONTROL);
    let none = KeyModifiers::NONE;

    // Enter pays, Ctrl-J makes a line.
    assert_eq!(parser.parse(b"\r"), [key(KeyCode::Enter, none)]);
    assert_eq!(parser.parse(b"\n"), [control('j')]);
    // An escape stands for itself, whatever comes right after it.
    assert_eq!(parser.parse(b"\x1b"), [key(KeyCode::Esc, none)]);
    assert_eq!(parser.parse(b"a"), [plain('a')]);
    assert_eq!(parser.parse(b"\x1ba"), [alt('a')]);
    // Keys that look like the beginning of something do not take the next one with them.
    assert_eq!(parser.parse(b"\x1b["), [alt('[')]);
    assert_eq!(
        parser.parse(b"\x1bO"),
        [KeyEvent::new(KeyCode::Char('O'), KeyModifiers::ALT)].map(Event::Key)
    );
    assert_eq!(parser.parse(b"u\x1b[A"), [plain('u'), key(KeyCode::Up, none)]);
    // A character whose bytes come one by one.
    assert_eq!(parser.parse(&"é".as_bytes()[..1]), []);
    assert_eq!(parser.parse(&"é".as_bytes()[1..]), [plain('é')]);
    // More than crossterm reads at once, with nothing left behind until the next key.
    let many = parser.parse(&b"ab\x1b[1;5C".repeat(3_000));
    assert_eq!(many.len(), 9_000);
    assert!(
        many.chunks(3)
            .all(|three| three
                == [plain('a'), plain('b'), key(KeyCode::Right, KeyModifiers::CONTROL)])
    );
    assert_eq!(parser.parse(b"z"), [plain('z')]);
    drop(stdin);
}
