//! A confirmation: lists what is affected, `y` performs it.
//!
//! For actions on what is there already, such as trashing nodes, and sending requests that were
//! held, which costs. New requests are asked about by the model. Invariant: the line that tells how
//! to answer, and how not to, is always on the screen.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::ui::cells::{folded, put, put_right};
use crate::ui::command::Stakes;
use crate::ui::theme::{Role, Theme};

/// No line is broken into more than in so many columns.
const NARROW: usize = 30;
/// As many lines are shown at once.
const SHOWN: usize = 12;
/// Below them a blank row, and the answer.
const BELOW: usize = 2;
/// Between words and their price.
const GAP: usize = 2;

/// What is affected, and what it costs.
pub type Line = (String, String);

#[derive(Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<Line>,
    from: usize,
    /// What `y` does, and what `Esc`.
    answers: [String; 2],
    actions: Vec<Action>,
    stakes: Stakes,
}

impl Confirm {
    pub fn new(
        title: String,
        lines: Vec<Line>,
        answers: [String; 2],
        actions: Vec<Action>,
        stakes: Stakes,
    ) -> Self {
        Self { title, lines, from: 0, answers, actions, stakes }
    }

    /// Prices end in one column, beside the first row of their words.
    fn folded(&self, columns: usize) -> Vec<Line> {
        let prices = self.lines.iter().map(|(_, price)| price.width()).max().unwrap_or(0);
        let room = columns.saturating_sub(if prices > 0 { prices + GAP } else { 0 });
        let fold = |(words, price): &Line| {
            let mut rows: Vec<Line> =
                folded(words, room).into_iter().map(|row| (row, String::new())).collect();
            if let Some(first) = rows.first_mut() {
                first.1.clone_from(price);
            }
            rows
        };
        self.lines.iter().flat_map(fold).collect()
    }
}

impl Overlay for Confirm {
    fn title(&self) -> &str {
        &self.title
    }

    fn role(&self) -> Role {
        if self.stakes == Stakes::Costs { Role::Money } else { Role::Warning }
    }

    fn answers(&self) -> Option<[&str; 2]> {
        let [does, leaves] = &self.answers;
        Some([does, leaves])
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn columns(&self) -> Option<usize> {
        let asked = self.answers.iter().map(|answer| answer.width()).sum::<usize>() + 28;
        let wide = |(words, price): &Line| words.width() + GAP + price.width();
        self.lines.iter().map(wide).chain([asked]).max()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        // What is too far is held back when it is drawn.
        let last = self.folded(NARROW).len().saturating_sub(1);
        match key.code {
            KeyCode::Char('y') => {
                return OverlayResult::Accept(OverlayAction::Actions(std::mem::take(
                    &mut self.actions,
                )));
            }
            KeyCode::Esc | KeyCode::Char('n' | 'q') => return OverlayResult::Close,
            KeyCode::Char('j') | KeyCode::Down => self.from = (self.from + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.from = self.from.saturating_sub(1),
            _ => {}
        }
        OverlayResult::Keep
    }

    fn rows(&self) -> usize {
        self.lines.len().min(SHOWN) + BELOW
    }

    fn rows_in(&self, columns: u16) -> usize {
        self.folded(usize::from(columns.saturating_sub(2))).len().min(SHOWN) + BELOW
    }

    fn stakes(&self, pressed: &str) -> Stakes {
        if pressed == "y" { self.stakes } else { Stakes::None }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let room = usize::from(area.height).saturating_sub(BELOW);
        let lines = self.folded(usize::from(area.width.saturating_sub(2)));
        let from = self.from.min(lines.len().saturating_sub(room));
        let inside = Rect { width: area.width.saturating_sub(1), ..area };
        for (y, (words, price)) in (0..area.height).zip(lines.iter().skip(from).take(room)) {
            let used = put(buffer, inside, 1, y, words, Style::new());
            put_right(buffer, inside, used, y, price, theme.role(Role::Money));
        }
        let more = match lines.len().saturating_sub(from + room) {
            0 => String::new(),
            below => format!(" · Down: {below} more below"),
        };
        let [does, leaves] = &self.answers;
        super::ways(area, buffer, theme, &[("y", does), ("Esc", leaves)], &more);
        None
    }
}
