//! Screen size to slots: arithmetic only.

use ratatui::layout::Rect;

use super::pane::Pane;

/// Smaller screens say so instead.
pub const SMALLEST: (u16, u16) = (40, 12);
/// From here on the tree has a column of its own.
const WIDE: u16 = 110;
const PROMPT_ROWS: u16 = 5;

/// What the person has changed of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayoutOptions {
    /// This pane alone.
    pub full: Option<Pane>,
    /// Wider or narrower side panes, in columns.
    pub side: i16,
    /// Which of form, tree, queue and log has the side slot where there is one only.
    pub side_pane: Option<Pane>,
}

/// Where everything stands; slots do not overlap and cover the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub header: Rect,
    pub footer: Rect,
    /// Between the two.
    pub middle: Rect,
    pub panes: Vec<(Pane, Rect)>,
}

impl Layout {
    /// `None`: too small.
    pub fn new(area: Rect, layout_options: LayoutOptions) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let header = Rect { height: 1, ..area };
        let footer = Rect { y: area.bottom() - 1, height: 1, ..area };
        let middle = Rect { y: area.y + 1, height: area.height - 2, ..area };
        let panes = match layout_options.full {
            Some(pane) => vec![(pane, middle)],
            None => arrange(middle, layout_options),
        };
        Some(Self { header, footer, middle, panes })
    }

    pub fn slot(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(other, _)| *other == pane).map(|(_, slot)| *slot)
    }

    /// The pane under a cell, for the mouse.
    pub fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let inside = |slot: &Rect| slot.contains(ratatui::layout::Position { x, y });
        self.panes.iter().find(|(_, slot)| inside(slot)).map(|(pane, _)| *pane)
    }
}

fn arrange(area: Rect, layout_options: LayoutOptions) -> Vec<(Pane, Rect)> {
    let prompt_rows = PROMPT_ROWS.min(area.height / 3);
    let (upper, prompt) = split_rows(area, area.height - prompt_rows);
    if area.width >= WIDE {
        let side = (i32::from(area.width) * 26 / 100 + i32::from(layout_options.side)).clamp(24, 60)
            as u16;
        let (tree, rest) = split_columns(upper, side);
        let (canvas, right) = split_columns(rest, rest.width - side.max(34).min(rest.width / 2));
        let (form, below) = split_rows(right, right.height * 45 / 100);
        let (queue, log) = split_rows(below, below.height / 2);
        return vec![
            (Pane::Tree, tree),
            (Pane::Canvas, canvas),
            (Pane::Form, form),
            (Pane::Queue, queue),
            (Pane::Log, log),
            (Pane::Prompt, prompt),
        ];
    }
    let side =
        (i32::from(area.width) * 38 / 100 + i32::from(layout_options.side)).clamp(16, 60) as u16;
    let (canvas, side_pane) = split_columns(upper, area.width - side.min(area.width - 20));
    let pane = layout_options.side_pane.unwrap_or(Pane::Tree);
    vec![(Pane::Canvas, canvas), (pane, side_pane), (Pane::Prompt, prompt)]
}

fn split_columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

fn split_rows(area: Rect, upper: u16) -> (Rect, Rect) {
    let upper = upper.min(area.height);
    (
        Rect { height: upper, ..area },
        Rect { y: area.y + upper, height: area.height - upper, ..area },
    )
}
