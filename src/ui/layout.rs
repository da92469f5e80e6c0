//! Screen size to slots: arithmetic only.

use ratatui::layout::Rect;

use super::pane::Pane;
use super::panes::{self, Slot};

/// Smaller screens only show a message.
pub const SMALLEST: (u16, u16) = (40, 12);
/// From this width on there are three columns.
const WIDE: u16 = 110;
const PROMPT_ROWS: u16 = 5;

/// The screen's size, and what the person has changed of its layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    pub area: Rect,
    /// This pane alone.
    pub full: Option<Pane>,
    /// Wider or narrower side panes, in columns.
    pub side: i16,
    /// The side pane to show if there is room for only one.
    pub side_pane: Option<Pane>,
}

impl Screen {
    pub fn layout(self) -> Option<Layout> {
        Layout::new(self.area, self)
    }
}

/// The slots of all parts; they do not overlap and cover the screen.
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
    pub fn new(area: Rect, screen: Screen) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let header = Rect { height: 1, ..area };
        let footer = Rect { y: area.bottom() - 1, height: 1, ..area };
        let middle = Rect { y: area.y + 1, height: area.height - 2, ..area };
        let panes = match screen.full {
            Some(pane) => vec![(pane, middle)],
            None => arrange(middle, screen),
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

fn arrange(area: Rect, screen: Screen) -> Vec<(Pane, Rect)> {
    let prompt_rows = PROMPT_ROWS.min(area.height / 3);
    let (upper, bottom) = split_rows(area, area.height - prompt_rows);
    let is_wide = area.width >= WIDE;
    let wish = |percent: i32| i32::from(area.width) * percent / 100 + i32::from(screen.side);
    let (left, middle, mut right) = if is_wide {
        let side = wish(26).clamp(24, 60) as u16;
        let (left, rest) = split_columns(upper, side);
        let (middle, right) = split_columns(rest, rest.width - side.max(34).min(rest.width / 2));
        (left, middle, right)
    } else {
        let side = wish(38).clamp(16, 60) as u16;
        let (middle, side) = split_columns(upper, area.width - side.min(area.width - 20));
        (side, middle, Rect::default())
    };
    let mut slots: Vec<(Slot, Pane, Rect)> = Vec::new();
    for pane in panes::ALL {
        let slot = match pane.slot {
            Slot::Bottom => bottom,
            Slot::Middle => middle,
            Slot::Left | Slot::Right(_) if !is_wide => {
                if screen.side_pane.unwrap_or(first_side()) != pane.id {
                    continue;
                }
                left
            }
            Slot::Left => left,
            Slot::Right(percent) => {
                let (own, below) = split_rows(right, right.height * percent / 100);
                right = below;
                own
            }
        };
        slots.push((pane.slot, pane.id, slot));
    }
    // From left to right, the prompt last: pictures are placed in this order.
    slots.sort_by_key(|(slot, ..)| match slot {
        Slot::Left if is_wide => 0,
        Slot::Middle => 1,
        Slot::Left | Slot::Right(_) => 2,
        Slot::Bottom => 3,
    });
    slots.into_iter().map(|(_, pane, slot)| (pane, slot)).collect()
}

/// The side pane shown first.
fn first_side() -> Pane {
    let left = panes::ALL.into_iter().find(|pane| pane.slot == Slot::Left);
    left.map_or(Pane::CANVAS, |pane| pane.id)
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
