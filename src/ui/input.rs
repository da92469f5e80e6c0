//! What comes from the terminal, grouped: a key, a paste, a new size.
//!
//! Tells keys from pasted text by what one read has brought; how much time lies between reads is
//! looked at in `terminal::burst`. Invariant: no Enter with text behind it in its read is a key.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};

use super::chord::FOREIGN;

#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Key(KeyEvent),
    /// Bracketed, or recognised by text that stands behind an Enter in the same read.
    Paste(String),
    Mouse(MouseEvent),
    Resize(u16, u16),
    Focus(bool),
}

impl Input {
    /// Turns what one read of the terminal brought into inputs. When more text stands behind an
    /// Enter it is a paste, even where the terminal does not bracket it: its Enters are newlines
    /// and send nothing.
    pub fn group(batch: Vec<Event>) -> Vec<Self> {
        let batch = if is_paste(&batch, false) { as_paste(batch) } else { batch };
        batch.into_iter().filter_map(Self::read).collect()
    }

    fn read(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => None,
            Event::Key(key) => Some(Self::Key(key)),
            // The end of one whose beginning got lost.
            Event::Paste(text) if text.is_empty() => None,
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Mouse(mouse) => Some(Self::Mouse(mouse)),
            Event::Resize(columns, rows) => Some(Self::Resize(columns, rows)),
            Event::FocusGained => Some(Self::Focus(true)),
            Event::FocusLost => Some(Self::Focus(false)),
        }
    }
}

/// What an event would be in the middle of pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A letter, or what stood between brackets.
    Text,
    /// Enter, which may pay.
    Enter,
    /// Ctrl-J: it ends a line and never pays.
    LineFeed,
    /// It may go to another pane, where letters are commands.
    Tab,
    /// Any other key, and all that is no key.
    Other,
}

pub fn sign(event: &Event) -> Sign {
    let key = match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key,
        Event::Paste(_) => return Sign::Text,
        _ => return Sign::Other,
    };
    let is_plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    match key.code {
        KeyCode::Char(_) if is_plain => Sign::Text,
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => Sign::LineFeed,
        KeyCode::Enter if is_plain => Sign::Enter,
        KeyCode::Tab if is_plain => Sign::Tab,
        _ => Sign::Other,
    }
}

/// Whether a batch must be pasted text, whatever else stands between: text behind a line end, a
/// line end behind a closing bracket, or both signs of a line's end together. `behind_text`: letters
/// came right before it.
pub fn is_paste(batch: &[Event], behind_text: bool) -> bool {
    let (mut has_text, mut has_end, mut has_bracket) = (behind_text, false, false);
    let mut before = Sign::Other;
    for event in batch {
        let sign = sign(event);
        let is_bracketed = matches!(event, Event::Paste(_));
        match sign {
            Sign::Text if has_end => return true,
            Sign::Enter | Sign::LineFeed if has_bracket => return true,
            Sign::LineFeed if before == Sign::Enter => return true,
            Sign::Text => has_text = true,
            Sign::Enter | Sign::LineFeed => has_end = true,
            Sign::Tab => has_end |= has_text,
            Sign::Other => {}
        }
        has_bracket |= is_bracketed;
        before = sign;
    }
    false
}

/// The batch as one paste. Keys that are no text are left out: they are no reason to send. What is
/// no key stays.
pub fn as_paste(batch: Vec<Event>) -> Vec<Event> {
    let (mut text, mut others) = (String::new(), Vec::new());
    for event in batch {
        match event {
            Event::Paste(words) => text.push_str(&words),
            Event::Key(key) => text.extend(written(&key)),
            Event::Mouse(_) | Event::Resize(..) | Event::FocusGained | Event::FocusLost => {
                others.push(event);
            }
        }
    }
    if !text.is_empty() {
        others.push(Event::Paste(text));
    }
    others
}

/// The character that was pasted, if the key was one. An escape before a letter made it Alt.
fn written(key: &KeyEvent) -> Option<char> {
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(FOREIGN) {
        return None;
    }
    match key.code {
        // Form feed and vertical tab end a line as well.
        KeyCode::Char('j' | 'k' | 'l') if key.modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => Some(c),
        KeyCode::Enter => Some('\r'),
        KeyCode::Tab => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        let event = |c| {
            let (code, modifiers) = match c {
                '\r' => (KeyCode::Enter, KeyModifiers::NONE),
                '\t' => (KeyCode::Tab, KeyModifiers::NONE),
                '\n' => (KeyCode::Char('j'), KeyModifiers::CONTROL),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            Event::Key(KeyEvent::new(code, modifiers))
        };
        text.chars().map(event).collect()
    }

    fn paste(text: &str) -> Vec<Input> {
        vec![Input::Paste(text.into())]
    }

    #[test]
    fn text_behind_an_enter_in_one_read_is_a_paste() {
        for text in ["one\rtwo\rthree", "one\rtwo\r", "\rone", "one\r\n", "colour\tred"] {
            assert_eq!(Input::group(keys(text)), paste(text), "{text:?}");
        }
    }

    #[test]
    fn enters_with_nothing_behind_them_are_keys() {
        for text in ["\r", "\r\r", "make it red\r", "x\r\r", "x\t", "\tr", "\t\r"] {
            let inputs = Input::group(keys(text));
            assert_eq!(inputs.len(), text.len(), "{text:?}");
            assert!(inputs.iter().all(|input| matches!(input, Input::Key(_))));
        }
    }

    /// None of them is a reason to take the lines around it for keys.
    #[test]
    fn other_keys_among_lines_are_left_out() {
        let control = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
        let others = [KeyCode::Esc, KeyCode::Up, KeyCode::F(5), KeyCode::Backspace, KeyCode::Null];
        let others = others.map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let controls = ('a'..='z').chain("4567 ".chars()).map(control);
        for other in controls.chain(others) {
            let mut batch = keys("one\rtwo");
            batch.push(other.clone());
            batch.extend(keys("three\rfour\r"));
            let inputs = Input::group(batch);
            assert!(matches!(&inputs[..], [Input::Paste(_)]), "{other:?} makes keys of it");
            let text = inputs.iter().map(|input| match input {
                Input::Paste(text) => text.as_str(),
                _ => "",
            });
            let text: String = text.collect();
            let text = text.replace("\nthree", "three");
            assert_eq!(text, "one\rtwothree\rfour\r", "{other:?}");
        }
    }

    #[test]
    fn an_escape_before_a_letter_loses_no_letter() {
        let mut batch = keys("one\r");
        batch.push(Event::Key(KeyEvent::new(KeyCode::Char('r'), KeyModifiers::ALT)));
        batch.extend(keys("ed"));
        assert_eq!(Input::group(batch), paste("one\rred"));
    }

    #[test]
    fn what_stands_behind_a_closing_bracket_is_pasted_too() {
        let bracketed = |text: &str| Event::Paste(text.into());
        let mut batch = vec![bracketed("hello")];
        batch.extend(keys("\rMake it red\r"));
        assert_eq!(Input::group(batch), paste("hello\rMake it red\r"));
        let mut batch = vec![bracketed("hello"), Event::FocusLost];
        batch.extend(keys("\r"));
        assert_eq!(Input::group(batch), [vec![Input::Focus(false)], paste("hello\r")].concat());
        // The opening bracket got lost.
        let mut batch = keys("hello\r");
        batch.push(bracketed(""));
        assert_eq!(Input::group(batch), paste("hello\r"));
    }
}
