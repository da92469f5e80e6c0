//! A menu: a letter for each thing to do.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::ui::cells::put;
use crate::ui::command::Stakes;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct Menu {
    title: String,
    rows: Vec<(char, String, OverlayAction)>,
    /// Letters beside those that are shown.
    others: Vec<(char, OverlayAction)>,
}

impl Menu {
    pub fn new<T: Into<String>>(title: &str, rows: Vec<(char, T, OverlayAction)>) -> Self {
        let rows = rows.into_iter().map(|(letter, text, chosen)| (letter, text.into(), chosen));
        Self { title: title.into(), rows: rows.collect(), others: Vec::new() }
    }

    /// The first rows are also chosen by their number.
    pub fn numbered(mut self, first: usize) -> Self {
        let digits = ('1'..='9').zip(&self.rows).take(first);
        self.others = digits.map(|(digit, (_, _, chosen))| (digit, chosen.clone())).collect();
        for (digit, row) in ('1'..='9').zip(&mut self.rows).take(first) {
            row.1 = format!("{digit} {}", row.1);
        }
        self
    }

    fn chosen(&self, letter: char) -> Option<&OverlayAction> {
        let shown = self.rows.iter().map(|(other, _, chosen)| (other, chosen));
        let mut all = shown.chain(self.others.iter().map(|(other, chosen)| (other, chosen)));
        all.find(|(other, _)| **other == letter).map(|(_, chosen)| chosen)
    }
}

impl Overlay for Menu {
    fn title(&self) -> &str {
        &self.title
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("a letter", "chooses")]
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn columns(&self) -> Option<usize> {
        self.rows.iter().map(|(_, text, _)| text.width() + 3).max()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Char(letter) => match self.chosen(letter) {
                Some(chosen) => OverlayResult::Accept(chosen.clone()),
                None => OverlayResult::Keep,
            },
            KeyCode::Esc => OverlayResult::Close,
            _ => OverlayResult::Keep,
        }
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn stakes(&self, pressed: &str) -> Stakes {
        let mut letters = pressed.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => self.chosen(letter).map_or(Stakes::None, OverlayAction::stakes),
            _ => Stakes::None,
        }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        for (y, (letter, text, _)) in (0..).zip(&self.rows) {
            put(buffer, area, 1, y, &letter.to_string(), theme.accent());
            put(buffer, area, 4, y, text, Style::new());
        }
        None
    }
}
