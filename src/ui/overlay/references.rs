//! The list of pictures that go into the next request: what is numbered here is what "image 2"
//! means in the prompt.
//!
//! Shows a copy of the draft's inputs, renewed after every step; changes nothing itself.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::model::Model;
use crate::tree::Input;
use crate::ui::text::put;
use crate::ui::theme::Theme;

/// The draft's references with one selected.
#[derive(Debug, Default)]
pub struct References {
    /// What the first input is; not part of the list.
    parent: Option<String>,
    rows: Vec<String>,
    selected: usize,
}

impl References {
    pub fn new(model: &Model) -> Self {
        let mut list = Self::default();
        list.renew(model);
        list
    }

    /// Takes over what the draft has now.
    pub fn renew(&mut self, model: &Model) {
        let name = |input: &Input| describe(model, input);
        self.parent = model.draft.parent.map(|parent| name(&Input::Picture(parent)));
        self.rows = model.draft.references.iter().map(name).collect();
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    /// Place of the selected one among the references.
    pub fn selected(&self) -> Option<usize> {
        (self.selected < self.rows.len()).then_some(self.selected)
    }

    /// The place beside the selected one, if there is one.
    pub fn beside(&self, by: isize) -> Option<usize> {
        self.selected.checked_add_signed(by).filter(|at| *at < self.rows.len())
    }

    pub fn select(&mut self, at: usize) {
        self.selected = at;
    }

    /// Rows that it would like to have.
    pub fn height(&self) -> usize {
        self.rows.len().max(1) + 2
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) {
        let parent =
            self.parent.as_deref().unwrap_or("none: Alt-e on a picture makes it the first");
        put(buffer, area, 0, 0, &format!("  1  {parent}"), theme.dim());
        let room = usize::from(area.height).saturating_sub(2).max(1);
        let first = (self.selected + 1).saturating_sub(room);
        for (line, (at, row)) in self.rows.iter().enumerate().skip(first).take(room).enumerate() {
            let is_selected = at == self.selected;
            let (mark, style) =
                if is_selected { (">", theme.selected()) } else { (" ", Style::new()) };
            let y = u16::try_from(line + 1).unwrap_or(u16::MAX);
            put(buffer, area, 0, y, &format!("{mark} {}  {row}", at + 2), style);
        }
        if self.rows.is_empty() {
            put(buffer, area, 0, 1, "  2  nothing yet", theme.dim());
        }
        let keys = "a add this picture  u by address  J K order  d take out  Esc close";
        put(buffer, area, 2, area.height.saturating_sub(1), keys, theme.dim());
    }
}

/// The picture's node and words, or the address.
fn describe(model: &Model, input: &Input) -> String {
    let picture = match input {
        Input::Picture(picture) => picture,
        Input::Url(url) => return url.clone(),
    };
    let node = model.nodes.get(&picture.node);
    let words = node.and_then(|node| match &node.recipe {
        Some(recipe) => Some(recipe.prompt.clone()),
        None => node.title.clone(),
    });
    format!("{}  {}", picture.node, words.unwrap_or_default())
}
