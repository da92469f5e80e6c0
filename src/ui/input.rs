//! What comes from the terminal, grouped: a key, a paste, a new size.

use crossterm::event::{Event, KeyEvent, MouseEvent};

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
    /// Turns what one read of the terminal brought into inputs.
    pub fn group(batch: Vec<Event>) -> Vec<Self> {
        batch
            .into_iter()
            .map(|event| match event {
                Event::Key(key) => Self::Key(key),
                Event::Paste(text) => Self::Paste(text),
                Event::Mouse(mouse) => Self::Mouse(mouse),
                Event::Resize(columns, rows) => Self::Resize(columns, rows),
                Event::FocusGained => Self::Focus(true),
                Event::FocusLost => Self::Focus(false),
            })
            .collect()
    }
}
