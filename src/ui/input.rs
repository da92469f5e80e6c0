//! What comes from the terminal, grouped: a key, a paste, a new size.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};

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
        if let Some(text) = unbracketed_paste(&batch) {
            return vec![Self::Paste(text)];
        }
        batch.into_iter().filter_map(Self::read).collect()
    }

    fn read(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => None,
            Event::Key(key) => Some(Self::Key(key)),
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Mouse(mouse) => Some(Self::Mouse(mouse)),
            Event::Resize(columns, rows) => Some(Self::Resize(columns, rows)),
            Event::FocusGained => Some(Self::Focus(true)),
            Event::FocusLost => Some(Self::Focus(false)),
        }
    }
}

/// The text, if the batch is nothing but text with an Enter somewhere before the last of it.
fn unbracketed_paste(batch: &[Event]) -> Option<String> {
    let mut text = String::new();
    for event in batch {
        text.push(typed(event)?);
    }
    let enter = text.find('\n')?;
    let behind = text.get(enter..)?.trim_matches('\n');
    (!behind.is_empty()).then_some(text)
}

fn typed(event: &Event) -> Option<char> {
    let Event::Key(key) = event else { return None };
    let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    match key.code {
        KeyCode::Char(c) if plain => Some(c),
        KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Enter if plain => Some('\n'),
        KeyCode::Tab if plain => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        let code = |c| {
            if c == '\r' { KeyCode::Enter } else { KeyCode::Char(c) }
        };
        text.chars().map(|c| Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE))).collect()
    }

    #[test]
    fn text_behind_an_enter_in_one_read_is_a_paste() {
        let paste = |text: &str| vec![Input::Paste(text.into())];
        assert_eq!(Input::group(keys("one\rtwo\rthree")), paste("one\ntwo\nthree"));
        assert_eq!(Input::group(keys("one\rtwo\r")), paste("one\ntwo\n"));
    }

    #[test]
    fn enters_with_nothing_behind_them_are_keys() {
        for text in ["\r", "\r\r", "make it red\r", "x\r\r"] {
            let inputs = Input::group(keys(text));
            assert_eq!(inputs.len(), text.len(), "{text:?}");
            assert!(inputs.iter().all(|input| matches!(input, Input::Key(_))));
        }
    }
}
