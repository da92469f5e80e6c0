//! A text input for a command that needs an argument.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::app::model::Model;
use crate::tree::PictureRef;
use crate::ui::line_input::LineInput;
use crate::ui::theme::Theme;

/// What a command asks for, and what it does with the answer.
#[derive(Debug)]
pub struct InputSpec {
    pub title: &'static str,
    /// The initial text; `None` if no picture is selected.
    pub initial: fn(&Model) -> Option<String>,
    /// Called with the picture shown when the input was opened, and the text if any was typed.
    pub accept: fn(Option<PictureRef>, Option<String>) -> Option<Action>,
}

impl InputSpec {
    pub fn accept(&self, on: Option<PictureRef>, text: &str) -> Vec<Action> {
        let text = Some(text.trim()).filter(|text| !text.is_empty());
        (self.accept)(on, text.map(str::to_owned)).into_iter().collect()
    }
}

/// Specs are compared by title.
impl PartialEq for InputSpec {
    fn eq(&self, other: &Self) -> bool {
        self.title == other.title
    }
}

#[derive(Debug)]
pub struct Input {
    spec: &'static InputSpec,
    title: String,
    line: LineInput,
    on: Option<PictureRef>,
}

impl Input {
    pub fn new(spec: &'static InputSpec, on: Option<PictureRef>, text: String) -> Self {
        Self { spec, title: spec.title.to_owned(), line: LineInput::new(text), on }
    }

    /// With what cannot be known before it is asked.
    pub fn titled(self, title: String) -> Self {
        Self { title, ..self }
    }
}

impl Overlay for Input {
    fn title(&self) -> &str {
        &self.title
    }

    fn title_by_line(&self) -> &str {
        self.spec.title
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("Enter", "accept")]
    }

    fn rows(&self) -> usize {
        1
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => {
                let actions = self.spec.accept(self.on, self.line.text());
                return OverlayResult::Accept(OverlayAction::Actions(actions));
            }
            _ => drop(self.line.on_key(&key)),
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        OverlayResult::Keep
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, _: Theme) -> Option<Position> {
        Some(self.line.draw(area, buffer, " "))
    }
}
