//! Something that is not done before `y`: what it takes along, in lines to read.
//!
//! What costs before it is saved is asked by the model's own question; this is for what lies here.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::ui::cells::put;
use crate::ui::keys::table::Stakes;
use crate::ui::theme::Theme;

/// As many lines are shown at once.
const SHOWN: usize = 12;

#[derive(Debug)]
pub struct Confirm {
    lines: Vec<String>,
    from: usize,
    /// What `y` does, in words.
    does: &'static str,
    actions: Vec<Action>,
    stakes: Stakes,
}

impl Confirm {
    pub fn new(
        lines: Vec<String>,
        does: &'static str,
        actions: Vec<Action>,
        stakes: Stakes,
    ) -> Self {
        Self { lines, from: 0, does, actions, stakes }
    }

    pub fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        let last = self.lines.len().saturating_sub(1);
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

    /// What the key would put at stake.
    pub fn stakes(&self, pressed: &str) -> Stakes {
        if pressed == "y" { self.stakes } else { Stakes::None }
    }

    /// Rows that it takes.
    pub fn rows(&self) -> usize {
        self.lines.len().min(SHOWN) + 1
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) {
        let room = usize::from(area.height.saturating_sub(1));
        let from = self.from.min(self.lines.len().saturating_sub(room));
        for (y, line) in self.lines.iter().skip(from).take(room).enumerate() {
            put(buffer, area, 1, u16::try_from(y).unwrap_or(u16::MAX), line, Style::new());
        }
        let more = match self.lines.len().saturating_sub(from + room) {
            0 => String::new(),
            below => format!(" · Down: {below} more"),
        };
        let ask = format!("y: {} · Esc does nothing{more}", self.does);
        put(buffer, area, 1, area.height.saturating_sub(1), &ask, theme.warning());
    }
}
