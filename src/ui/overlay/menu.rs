//! A menu: a letter for each thing to do.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::{Overlay, OverlayAction, OverlayResult};
use crate::ui::cells::put;
use crate::ui::command::Stakes;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct Menu {
    title: String,
    rows: Vec<(char, String, OverlayAction)>,
    /// Headings, one for each row, or none.
    groups: Vec<&'static str>,
    /// Letters beside those that are shown.
    others: Vec<(char, OverlayAction)>,
}

impl Menu {
    pub fn new<T: Into<String>>(title: &str, rows: Vec<(char, T, OverlayAction)>) -> Self {
        let rows = rows.into_iter().map(|(letter, text, chosen)| (letter, text.into(), chosen));
        let (groups, others) = (Vec::new(), Vec::new());
        Self { title: title.into(), rows: rows.collect(), groups, others }
    }

    /// With a heading above the first row of each group.
    pub fn grouped(self, groups: Vec<&'static str>) -> Self {
        Self { groups, ..self }
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
        let mut groups = self.groups.clone();
        groups.dedup();
        self.rows.len() + groups.len()
    }

    fn is_short(&self) -> bool {
        true
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
        // Where a row would be out of sight the headings are left out.
        let has_headings = usize::from(area.height) >= self.rows();
        let x = if self.groups.is_empty() { 1 } else { 2 };
        let (mut y, mut above) = (0, "");
        for (at, (letter, text, _)) in self.rows.iter().enumerate() {
            let group = self.groups.get(at).copied().filter(|_| has_headings).unwrap_or_default();
            if group != above {
                put(buffer, area, 1, y, group, Style::new().add_modifier(Modifier::BOLD));
                (y, above) = (y + 1, group);
            }
            put(buffer, area, x, y, &letter.to_string(), theme.accent());
            put(buffer, area, x + 3, y, text, Style::new());
            y += 1;
        }
        None
    }
}
