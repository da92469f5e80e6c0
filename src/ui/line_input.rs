//! A one-line text input: edits at its end, by graphemes.
//!
//! Knows nothing of what it is for. Invariant: its text holds no line end and no control character
//! that was pasted.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;

use super::cells::{pasted_line, put};
use super::chord::letter;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineInput {
    text: String,
}

impl LineInput {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// A letter, Backspace, Ctrl-W or Ctrl-U; `false`: the key means nothing here.
    pub fn on_key(&mut self, key: &KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char('w') if control => self.cut_last_word(),
            KeyCode::Backspace => self.cut_last_grapheme(),
            _ => match letter(key) {
                Some(c) => self.text.push(c),
                None => return false,
            },
        }
        true
    }

    pub fn paste(&mut self, text: &str) {
        self.text.push_str(&pasted_line(text));
    }

    /// Draws the text after its mark on the first line of the area; returns the cursor position.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, mark: &str) -> Position {
        let used = put(buffer, area, 0, 0, &format!("{mark}{}", self.text), Style::new());
        Position::new((area.x + used).min(area.right().saturating_sub(1)), area.y)
    }

    fn cut_last_grapheme(&mut self) {
        let last = self.text.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
        self.text.truncate(last);
    }

    fn cut_last_word(&mut self) {
        let head = self.text.trim_end();
        let end = head.char_indices().rev().find(|(_, c)| c.is_whitespace());
        self.text.truncate(end.map_or(0, |(at, c)| at + c.len_utf8()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_one_letter_goes_as_one() {
        let press = |line: &mut LineInput, code, modifiers| {
            assert!(line.on_key(&KeyEvent::new(code, modifiers)));
        };
        for (text, left) in [("a👩‍🚀", "a"), ("e\u{301}", ""), ("né", "n"), ("", "")] {
            let mut line = LineInput::new(text);
            press(&mut line, KeyCode::Backspace, KeyModifiers::NONE);
            assert_eq!(line.text(), left, "{text:?}");
        }
        for (text, left) in [("a red hat ", "a red "), ("hat", ""), ("a\u{3000}b", "a\u{3000}")] {
            let mut line = LineInput::new(text);
            press(&mut line, KeyCode::Char('w'), KeyModifiers::CONTROL);
            assert_eq!(line.text(), left, "{text:?}");
        }
        let mut line = LineInput::new("a red");
        assert!(!line.on_key(&KeyEvent::new(KeyCode::Left, KeyModifiers::NONE)));
        line.paste(" hat\r\nand coat");
        assert_eq!(line.text(), "a redhat and coat");
        press(&mut line, KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(line.text(), "");
    }
}
