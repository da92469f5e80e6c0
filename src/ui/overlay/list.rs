//! A list with fuzzy search; choosing a row performs its action.
//!
//! Knows nothing about the items.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::picker::{Item, Picked, Picker};
use super::{Overlay, OverlayAction, OverlayResult};
use crate::ui::theme::Theme;

/// Rows of a list whose length is not known before; as many as there is room for.
pub(super) const ROWS: usize = 40;

/// With this the detail of a row begins that is chosen already.
pub const IN_USE: &str = "in use";

/// For the footer.
pub type Keys = &'static [(&'static str, &'static str)];

const CHOOSES: Keys = &[("type", "to search"), ("Up Down", "select"), ("Enter", "choose")];

#[derive(Debug)]
pub struct List {
    title: String,
    picker: Picker,
    choices: Vec<OverlayAction>,
    keys: Keys,
}

impl List {
    /// Begins on what is in use.
    pub fn new(title: &str, rows: Vec<(Item, OverlayAction)>) -> Self {
        let (items, choices): (Vec<Item>, _) = rows.into_iter().unzip();
        let used = items.iter().position(|item| item.detail.starts_with(IN_USE));
        let mut picker = Picker::new(items);
        if used.is_some() {
            picker.point_at(used);
        }
        Self { title: title.into(), picker, choices, keys: CHOOSES }
    }

    /// With a column for the names of the rows.
    pub fn with_names(self) -> Self {
        Self { picker: self.picker.with_names(), ..self }
    }

    /// For who does something else with a row than choose it.
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys, ..self }
    }
}

impl Overlay for List {
    fn title(&self) -> &str {
        &self.title
    }

    fn is_list(&self) -> bool {
        true
    }

    fn keys(&self) -> Keys {
        self.keys
    }

    fn rows(&self) -> usize {
        self.choices.len().max(1) + 1
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match self.picker.on_key(key) {
            Picked::Stay => OverlayResult::Keep,
            Picked::Close => OverlayResult::Close,
            Picked::Chosen(place) => match self.choices.get(place) {
                Some(chosen) => OverlayResult::Accept(chosen.clone()),
                None => OverlayResult::Keep,
            },
        }
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.picker.paste(text);
        OverlayResult::Keep
    }

    fn hidden(&self, area: Rect, _: Theme) -> usize {
        self.picker.hidden(area)
    }

    fn rows_found(&self, inner: Rect) -> Option<usize> {
        self.picker.rows_found(inner)
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        (!area.is_empty()).then(|| self.picker.draw(area, buffer, "/ ", theme))
    }
}
