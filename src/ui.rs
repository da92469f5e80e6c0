//! What the person sees and presses: focus, layout, panes, keys, overlays.
//!
//! Holds what another screen would not share (focus, scroll, cursor, overlays). Never changes the
//! model: keys become actions. Does no IO and asks no clock.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::model::Model;
use frame::Frame;
use input::Input;

pub mod frame;
pub mod input;

/// What is known of the terminal, for layout and for the header.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphics {
    /// `kitty`, `kitty placeholders`, `iTerm2`, `sixel`, `blocks`, `none`.
    pub protocol: String,
    /// Why this one, in a few words, with the evidence.
    pub why: String,
    /// Pixels of one cell, width and height; for the ratio of pictures.
    pub cell: (u16, u16),
    /// Borders and marks may use box drawing.
    pub utf8: bool,
    /// No colours at all.
    pub mono: bool,
    /// What is known of the line, for the header.
    pub link: Option<String>,
}

impl Default for Graphics {
    fn default() -> Self {
        Self {
            protocol: "blocks".into(),
            why: "the terminal has not answered yet".into(),
            cell: (10, 20),
            utf8: true,
            mono: false,
            link: None,
        }
    }
}

#[derive(Debug, Default)]
pub struct Ui {
    pub graphics: Graphics,
}

impl Ui {
    /// What the input means; changes only what is the screen's own.
    pub fn handle(&mut self, model: &Model, input: Input) -> Vec<Action> {
        let _ = (model, input);
        Vec::new()
    }

    /// After every step: clamps selections to what is left, takes over a draft that changed under
    /// the text area, and asks for words that are on screen but not loaded.
    pub fn settle(&mut self, model: &Model) -> Vec<Action> {
        let _ = model;
        Vec::new()
    }

    /// Read-only, idempotent, total for any size.
    pub fn view(&self, model: &Model, area: Rect) -> Frame {
        let _ = model;
        Frame {
            cells: ratatui::buffer::Buffer::empty(area),
            cursor: None,
            placements: Vec::new(),
        }
    }
}
