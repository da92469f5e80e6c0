//! What to change in one box of the draft.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::{Action, DraftAction};
use crate::schema::regions::Region;
use crate::ui::cells::put;
use crate::ui::line_input::LineInput;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct BoxWords {
    title: String,
    /// Which of the boxes, from 0.
    at: usize,
    regions: Vec<Region>,
    line: LineInput,
}

impl BoxWords {
    pub fn new(regions: Vec<Region>, at: usize) -> Self {
        let words = regions.get(at).map(|region| region.words.clone()).unwrap_or_default();
        let title = format!("what to change in box {}", at + 1);
        Self { title, at, regions, line: LineInput::new(words) }
    }
}

impl Overlay for BoxWords {
    fn title(&self) -> &str {
        &self.title
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("Enter", "keep")]
    }

    fn rows(&self) -> usize {
        2
    }

    fn is_low(&self) -> bool {
        true
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => {
                let mut regions = self.regions.clone();
                if let Some(region) = regions.get_mut(self.at) {
                    region.words = self.line.text().trim().to_owned();
                }
                let keep = Action::Draft(DraftAction::SetRegions(regions));
                return OverlayResult::Accept(OverlayAction::Actions(vec![keep]));
            }
            _ => drop(self.line.on_key(&key)),
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        OverlayResult::Keep
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        put(buffer, area, 0, 1, "left empty: what the prompt says", theme.dim());
        Some(self.line.draw(area, buffer, ""))
    }
}
