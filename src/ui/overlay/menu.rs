//! A menu: a letter for each thing to do.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::ui::cells::put;
use crate::ui::command::Stakes;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct Menu {
    title: String,
    rows: Vec<(char, String, OverlayAction)>,
}

impl Menu {
    pub fn new(title: &str, rows: Vec<(char, &str, OverlayAction)>) -> Self {
        let rows = rows.into_iter().map(|(letter, text, chosen)| (letter, text.to_owned(), chosen));
        Self { title: title.into(), rows: rows.collect() }
    }

    fn chosen(&self, letter: char) -> Option<&OverlayAction> {
        self.rows.iter().find(|(other, ..)| *other == letter).map(|(_, _, chosen)| chosen)
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
