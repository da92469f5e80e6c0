//! Bytes become events.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use editree::terminal::parser::Parser;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn plain(c: char) -> Event {
    key(KeyCode::Char(c), KeyModifiers::NONE)
}

#[test]
fn keys_are_parsed_at_once_and_one_after_the_other() {
    let mut parser = Parser::default();
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
    // As many as come at once, with nothing left behind until the next key.
    let many = parser.parse(&b"ab\x1b[1;5C".repeat(3_000));
    assert_eq!(many.len(), 9_000);
    assert!(
        many.chunks(3)
            .all(|three| three
                == [plain('a'), plain('b'), key(KeyCode::Right, KeyModifiers::CONTROL)])
    );
    assert_eq!(parser.parse(b"z"), [plain('z')]);
}

#[test]
fn keys_of_kittys_protocol_and_the_mouse_are_what_they_are() {
    let mut parser = Parser::default();
    let none = KeyModifiers::NONE;
    // The shifted letter is told by itself, with the modifiers that are left.
    assert_eq!(parser.parse(b"\x1b[56:42;4u"), [key(KeyCode::Char('*'), KeyModifiers::ALT)]);
    assert_eq!(parser.parse(b"\x1b[13;5u"), [key(KeyCode::Enter, KeyModifiers::CONTROL)]);
    assert_eq!(parser.parse(b"\x1b[114;9u"), [key(KeyCode::Char('r'), KeyModifiers::SUPER)]);
    assert_eq!(parser.parse(b"\x1b[11~"), [key(KeyCode::F(1), none)]);
    assert_eq!(parser.parse(b"\x1b[Z"), [key(KeyCode::BackTab, KeyModifiers::SHIFT)]);
    let release = |event: &Event| matches!(event, Event::Key(key) if key.is_release());
    assert!(parser.parse(b"\x1b[97;1:3u").iter().all(release));
    let press = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 9,
        row: 4,
        modifiers: none,
    };
    assert_eq!(parser.parse(b"\x1b[<0;10;5M"), [Event::Mouse(press)]);
    assert_eq!(parser.parse(b"\x1b[I\x1b[O"), [Event::FocusGained, Event::FocusLost]);
}

/// A letter of another script with Alt is the command at its place; alone, and with what AltGr is
/// told as, it is itself.
#[test]
fn keys_of_every_keyboard_are_what_is_written_on_them_or_what_is_meant() {
    let mut parser = Parser::default();
    let (none, alt) = (KeyModifiers::NONE, KeyModifiers::ALT);
    let both = alt | KeyModifiers::CONTROL;
    for (bytes, letter, modifiers) in [
        // Shift's sign where the terminal does not tell it.
        (&b"\x1b[56;4u"[..], '*', alt),
        (b"\x1b[56:40;4u", '(', alt),
        (b"\x1b[104;4u", 'H', alt),
        // Cyrillic and Greek; Swedish is Latin.
        (b"\x1b[1089::99;3u", 'c', alt),
        (b"\x1b[1089:1057:99;4u", 'C', alt),
        (b"\x1b[1089::99;5u", 'c', KeyModifiers::CONTROL),
        (b"\x1b[961::114;3u", 'r', alt),
        (b"\x1b[229::91;3u", 'å', alt),
        (b"\x1b[1089;3u", 'с', alt),
        // AltGr as Ctrl-Alt.
        (b"\x1b[8364::101;7u", '€', both),
        (b"\x1b[64;7u", '@', both),
        // The keypad, numbers or not.
        (b"\x1bOx", '8', none),
        (b"\x1bOk", '+', none),
        (b"\x1bOX", '=', none),
        (b"\x1bOo", '/', none),
        // xterm's own encoding.
        (b"\x1b[27;3;99~", 'c', alt),
        (b"\x1b[27;4;56~", '*', alt),
        (b"\x1b[27;5;44~", ',', KeyModifiers::CONTROL),
    ] {
        let expected = key(KeyCode::Char(letter), modifiers);
        assert_eq!(parser.parse(bytes), [expected], "{}", bytes.escape_ascii());
    }
    assert_eq!(parser.parse(b"\x1bOM"), [key(KeyCode::Enter, none)]);
    assert_eq!(parser.parse(b"\x1b[27;5;13~"), [key(KeyCode::Enter, KeyModifiers::CONTROL)]);
    assert_eq!(
        parser.parse(b"\x1b[57427u"),
        [Event::Key(KeyEvent {
            state: crossterm::event::KeyEventState::KEYPAD,
            ..KeyEvent::new(KeyCode::KeypadBegin, none)
        })]
    );
}

/// What a terminal says is not to be trusted: whatever it is, it ends no thread, and the key
/// after it is that key.
#[test]
fn no_bytes_end_the_parser_or_take_the_next_key_along() {
    let mut numbers = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let mut parser = Parser::default();
        let letters = b"\x1b[]OPM<>?;:0123456789~uRcnmyABZ$ \x07\\\xc3\xff\x80";
        let bytes: Vec<u8> =
            (0..numbers.usize(1..14)).filter_map(|_| numbers.choice(letters).copied()).collect();
        parser.parse(&bytes);
        // Only the first byte of a letter may wait for its second.
        parser.parse(b"\r");
        assert_eq!(parser.parse(b"z"), [plain('z')], "after {}", bytes.escape_ascii());
    }
}
