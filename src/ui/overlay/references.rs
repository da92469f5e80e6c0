//! The list of pictures that go into the next request, numbered as the prompt names them.
//!
//! Shows a copy of the draft's inputs, renewed after every step; changes nothing itself.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Overlay, OverlayResult};
use crate::app::model::Model;
use crate::tree::{Hash, Input};
use crate::ui::cells::{put, shortened};
use crate::ui::frame::Placement;
use crate::ui::letterbox::fitted;
use crate::ui::mode::KeyContext;
use crate::ui::theme::{Mark, Theme};

/// Lines and columns of a picture in the list, and from how many on there is no room for them.
const TALL: u16 = 3;
const THUMB: u16 = 7;
const MOST_TALL: usize = 5;

/// The draft's references with one selected.
#[derive(Debug, Default)]
pub struct References {
    /// What the first input is; not part of the list.
    parent: Option<Shown>,
    rows: Vec<Shown>,
    selected: usize,
    /// Few enough for pictures beside the words.
    is_tall: bool,
}

/// A picture as the list shows it.
#[derive(Debug)]
struct Shown {
    words: String,
    /// The thumbnail with its width and height; none for a URL.
    picture: Option<(Hash, (u32, u32))>,
}

impl References {
    pub fn new(model: &Model) -> Self {
        let mut list = Self::default();
        list.refresh(model);
        list
    }

    /// Index of the selected reference.
    pub fn selected(&self) -> Option<usize> {
        (self.selected < self.rows.len()).then_some(self.selected)
    }

    /// The index next to the selected one, if there is one.
    pub fn beside(&self, by: isize) -> Option<usize> {
        self.selected.checked_add_signed(by).filter(|at| *at < self.rows.len())
    }

    pub fn select(&mut self, at: usize) {
        self.selected = at;
    }

    /// Lines of each picture.
    fn tall(&self) -> u16 {
        if self.is_tall { TALL } else { 1 }
    }

    /// The first reference that is shown, and how many are.
    fn seen(&self, area: Rect) -> (usize, usize) {
        let room = usize::from(area.height / self.tall()).saturating_sub(1);
        let room = room.max(1);
        ((self.selected + 1).saturating_sub(room), room)
    }
}

impl Overlay for References {
    fn title(&self) -> &str {
        "references"
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => OverlayResult::Close,
            _ => OverlayResult::Keep,
        }
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn context(&self) -> Option<KeyContext> {
        Some(KeyContext::InReferences)
    }

    fn refresh(&mut self, model: &Model) {
        let name = |input: &Input| describe(model, input);
        self.parent = model.draft.parent.map(|parent| name(&Input::Picture(parent)));
        let takes = model.endpoint().ok().map(|endpoint| &endpoint.takes);
        let role = |place| takes.and_then(|takes| takes.role(place));
        let row = |(place, input)| match role(place) {
            Some(role) => named(&role, name(input)),
            None => name(input),
        };
        self.rows = (1..).zip(&model.draft.references).map(row).collect();
        self.is_tall = model.draft.references.len() < MOST_TALL;
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("a", "add this picture"), ("u", "add by URL"), ("J K", "move"), ("d", "remove")]
    }

    fn rows(&self) -> usize {
        (self.rows.len().max(1) + 1) * usize::from(self.tall())
    }

    /// Thumbnails left of the captions, the parent's first.
    fn placements(&self, area: Rect, cell: (u16, u16)) -> Vec<Placement> {
        if self.tall() < TALL {
            return Vec::new();
        }
        let (first, room) = self.seen(area);
        let shown = self.parent.as_ref().map(|parent| (0, parent)).into_iter();
        let shown = shown.chain((1..).zip(self.rows.iter().skip(first).take(room)));
        let place = |(line, shown): (u16, &Shown)| {
            let (picture, size) = shown.picture?;
            let y = area.y + line * TALL;
            let slot = Rect { x: area.x + 6, y, width: THUMB, height: TALL }.intersection(area);
            let area = fitted(slot, cell, size)?;
            Some(Placement { is_on_top: true, ..Placement::whole(picture, area) })
        };
        shown.filter_map(place).collect()
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let tall = self.tall();
        // Captions are centred beside their picture.
        let (indent, down) = if tall > 1 { (7 + THUMB, 1) } else { (5, 0) };
        let none = "none: press Alt-e on a picture";
        let parent = self.parent.as_ref().map_or(none, |parent| parent.words.as_str());
        put(buffer, area, 2, down, "1", theme.dim());
        // What is sent of it is told where there is room.
        let room_of_words = usize::from(area.width.saturating_sub(indent + 1));
        put(buffer, area, indent, down, &shortened(parent, "  ", room_of_words), theme.dim());
        let (first, room) = self.seen(area);
        for (line, (at, row)) in self.rows.iter().enumerate().skip(first).take(room).enumerate() {
            let is_selected = at == self.selected;
            let (mark, style) = match is_selected {
                true => (theme.mark(Mark::Selected), theme.selected()),
                false => (" ", Style::new()),
            };
            let bar = if is_selected { theme.cursor(true) } else { style };
            let y = u16::try_from(line + 1).unwrap_or(u16::MAX).saturating_mul(tall) + down;
            put(buffer, area, 0, y, &" ".repeat(usize::from(area.width)), style);
            put(buffer, area, 0, y, mark, bar);
            put(buffer, area, 1, y, &format!(" {}", at + 2), style);
            put(buffer, area, indent, y, &shortened(&row.words, "  ", room_of_words), style);
        }
        if self.rows.is_empty() {
            put(buffer, area, 2, tall + down, "2", theme.dim());
            put(buffer, area, indent, tall + down, "nothing yet", theme.dim());
        }
        None
    }
}

/// The picture's node and words, or the address.
/// What the picture is for stands before what it is.
fn named(role: &str, shown: Shown) -> Shown {
    Shown { words: format!("{role}: {}", shown.words), ..shown }
}

fn describe(model: &Model, input: &Input) -> Shown {
    let picture = match input {
        Input::Picture(picture) => picture,
        Input::Url(url) => return Shown { words: url.clone(), picture: None },
    };
    let node = model.nodes.get(&picture.node);
    let words = node.map(|node| node.caption()).unwrap_or_default();
    let kept = model.picture(*picture).filter(|kept| kept.is_picture());
    let sent = model.sent(input).map_or(String::new(), |sent| format!("  ({})", sent.words()));
    Shown {
        words: format!("{}  {words}{sent}", picture.node),
        picture: kept.map(|kept| (kept.hash, (kept.width, kept.height))),
    }
}
