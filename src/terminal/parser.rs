//! Keys as events: bytes in, the events of the rest of the program out.
//!
//! Of the terminal's replies and of pastes it knows nothing: `filter` has taken them out. Invariant:
//! nothing waits for more bytes, but a letter whose bytes come one by one.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use termina::event as raw;

use super::keyboards;

/// Turns the bytes of keys and of the mouse into events.
#[derive(Debug, Default)]
pub struct Parser {
    /// The first bytes of a letter.
    begun: Vec<u8>,
}

impl Parser {
    /// The events that these bytes are. An escape at their end is the key.
    pub fn parse(&mut self, keys: &[u8]) -> Vec<Event> {
        // Only the beginning of something, but nothing more comes of it.
        let letter = match keys {
            b"\x1b[" => Some('['),
            b"\x1bO" => Some('O'),
            _ => None,
        };
        if let Some(letter) = letter {
            return vec![Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT))];
        }
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend(keyboards::known(keys));
        self.begun = bytes.split_off(bytes.len() - begun_letter(&bytes));
        // A new one each time: what it has not understood would swallow the next key.
        let mut parser = termina::Parser::default();
        parser.parse(&bytes, false);
        std::iter::from_fn(|| parser.pop()).filter_map(event).collect()
    }
}

/// How many bytes at the end are the first ones of a letter.
fn begun_letter(bytes: &[u8]) -> usize {
    let last = bytes.utf8_chunks().last();
    let rest = last.map_or(&[][..], |chunk| chunk.invalid());
    let is_begun = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    if is_begun { rest.len() } else { 0 }
}

fn event(event: raw::Event) -> Option<Event> {
    match event {
        raw::Event::Key(key) => Some(Event::Key(KeyEvent {
            code: code(key.code)?,
            modifiers: modifiers(key.modifiers),
            kind: match key.kind {
                raw::KeyEventKind::Press => KeyEventKind::Press,
                raw::KeyEventKind::Repeat => KeyEventKind::Repeat,
                raw::KeyEventKind::Release => KeyEventKind::Release,
            },
            state: state(key.state),
        })),
        raw::Event::Mouse(mouse) => Some(Event::Mouse(MouseEvent {
            kind: mouse_kind(mouse.kind),
            column: mouse.column,
            row: mouse.row,
            modifiers: modifiers(mouse.modifiers),
        })),
        raw::Event::FocusIn => Some(Event::FocusGained),
        raw::Event::FocusOut => Some(Event::FocusLost),
        raw::Event::Paste(text) => Some(Event::Paste(text)),
        // The size is watched elsewhere, together with the pixels; replies go their own way.
        raw::Event::WindowResized(_)
        | raw::Event::Csi(_)
        | raw::Event::Osc(_)
        | raw::Event::Dcs(_) => None,
    }
}

/// Keys that no terminal sends unless it is asked for them are none.
fn code(code: raw::KeyCode) -> Option<KeyCode> {
    Some(match code {
        raw::KeyCode::Char(letter) => KeyCode::Char(letter),
        raw::KeyCode::Enter => KeyCode::Enter,
        raw::KeyCode::Backspace => KeyCode::Backspace,
        raw::KeyCode::Tab => KeyCode::Tab,
        raw::KeyCode::Escape => KeyCode::Esc,
        raw::KeyCode::Left => KeyCode::Left,
        raw::KeyCode::Right => KeyCode::Right,
        raw::KeyCode::Up => KeyCode::Up,
        raw::KeyCode::Down => KeyCode::Down,
        raw::KeyCode::Home => KeyCode::Home,
        raw::KeyCode::End => KeyCode::End,
        raw::KeyCode::BackTab => KeyCode::BackTab,
        raw::KeyCode::PageUp => KeyCode::PageUp,
        raw::KeyCode::PageDown => KeyCode::PageDown,
        raw::KeyCode::Insert => KeyCode::Insert,
        raw::KeyCode::Delete => KeyCode::Delete,
        raw::KeyCode::KeypadBegin => KeyCode::KeypadBegin,
        raw::KeyCode::CapsLock => KeyCode::CapsLock,
        raw::KeyCode::ScrollLock => KeyCode::ScrollLock,
        raw::KeyCode::NumLock => KeyCode::NumLock,
        raw::KeyCode::PrintScreen => KeyCode::PrintScreen,
        raw::KeyCode::Pause => KeyCode::Pause,
        raw::KeyCode::Menu => KeyCode::Menu,
        raw::KeyCode::Null => KeyCode::Null,
        raw::KeyCode::Function(number) => KeyCode::F(number),
        raw::KeyCode::Modifier(_) | raw::KeyCode::Media(_) => return None,
    })
}

fn modifiers(held: raw::Modifiers) -> KeyModifiers {
    [
        (raw::Modifiers::SHIFT, KeyModifiers::SHIFT),
        (raw::Modifiers::ALT, KeyModifiers::ALT),
        (raw::Modifiers::CONTROL, KeyModifiers::CONTROL),
        (raw::Modifiers::SUPER, KeyModifiers::SUPER),
        (raw::Modifiers::HYPER, KeyModifiers::HYPER),
        (raw::Modifiers::META, KeyModifiers::META),
    ]
    .into_iter()
    .filter_map(|(theirs, ours)| held.contains(theirs).then_some(ours))
    .collect()
}

fn state(state: raw::KeyEventState) -> KeyEventState {
    [
        (raw::KeyEventState::KEYPAD, KeyEventState::KEYPAD),
        (raw::KeyEventState::CAPS_LOCK, KeyEventState::CAPS_LOCK),
        (raw::KeyEventState::NUM_LOCK, KeyEventState::NUM_LOCK),
    ]
    .into_iter()
    .filter_map(|(theirs, ours)| state.contains(theirs).then_some(ours))
    .collect()
}

fn mouse_kind(kind: raw::MouseEventKind) -> MouseEventKind {
    let ours = |button| match button {
        raw::MouseButton::Left => MouseButton::Left,
        raw::MouseButton::Right => MouseButton::Right,
        raw::MouseButton::Middle => MouseButton::Middle,
    };
    match kind {
        raw::MouseEventKind::Down(button) => MouseEventKind::Down(ours(button)),
        raw::MouseEventKind::Up(button) => MouseEventKind::Up(ours(button)),
        raw::MouseEventKind::Drag(button) => MouseEventKind::Drag(ours(button)),
        raw::MouseEventKind::Moved => MouseEventKind::Moved,
        raw::MouseEventKind::ScrollDown => MouseEventKind::ScrollDown,
        raw::MouseEventKind::ScrollUp => MouseEventKind::ScrollUp,
        raw::MouseEventKind::ScrollLeft => MouseEventKind::ScrollLeft,
        raw::MouseEventKind::ScrollRight => MouseEventKind::ScrollRight,
    }
}
