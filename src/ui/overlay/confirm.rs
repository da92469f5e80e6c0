//! A confirmation: lists what is affected, `y` performs it.
//!
//! For actions on what is there already, such as trashing nodes, and sending requests that were
//! held, which costs. New requests are asked about by the model.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::ui::cells::{folded, put};
use crate::ui::command::Stakes;
use crate::ui::theme::Theme;

/// No line is broken into more than in so many columns.
const NARROW: usize = 30;
/// As many lines are shown at once.
const SHOWN: usize = 12;

#[derive(Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<String>,
    from: usize,
    /// Describes what `y` does.
    does: &'static str,
    actions: Vec<Action>,
    stakes: Stakes,
}

impl Confirm {
    pub fn new(
        title: String,
        lines: Vec<String>,
        does: &'static str,
        actions: Vec<Action>,
        stakes: Stakes,
    ) -> Self {
        Self { title, lines, from: 0, does, actions, stakes }
    }

    fn folded(&self, columns: usize) -> Vec<String> {
        self.lines.iter().flat_map(|line| folded(line, columns)).collect()
    }
}

impl Overlay for Confirm {
    fn title(&self) -> &str {
        &self.title
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn columns(&self) -> Option<usize> {
        let asked = self.does.width() + 22;
        self.lines.iter().map(|line| line.width()).chain([asked]).max()
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

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("y", "do it"), ("Up Down", "scroll")]
    }

    fn rows(&self) -> usize {
        self.lines.len().min(SHOWN) + 1
    }

    fn rows_in(&self, columns: u16) -> usize {
        self.folded(usize::from(columns.saturating_sub(2))).len().min(SHOWN) + 1
    }

    fn stakes(&self, pressed: &str) -> Stakes {
        if pressed == "y" { self.stakes } else { Stakes::None }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let room = usize::from(area.height.saturating_sub(1));
        let lines = self.folded(usize::from(area.width.saturating_sub(2)));
        let from = self.from.min(lines.len().saturating_sub(room));
        for (y, line) in lines.iter().skip(from).take(room).enumerate() {
            put(buffer, area, 1, u16::try_from(y).unwrap_or(u16::MAX), line, Style::new());
        }
        let more = match lines.len().saturating_sub(from + room) {
            0 => String::new(),
            below => format!(" · Down: {below} more below"),
        };
        let ask = format!("y {}{more}", self.does);
        put(buffer, area, 1, area.height.saturating_sub(1), &ask, theme.warning());
        None
    }
}
