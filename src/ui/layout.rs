//! Screen size and shape of the picture to slots: arithmetic only.
//!
//! Invariant: slots lie inside the screen and do not overlap.

use ratatui::layout::Rect;

use super::pane::Pane;
use super::panes::{self, Slot};
use arrange::{Parts, Wish, arrange};
use shape::Shape;

pub mod arrange;
pub mod shape;

/// Smaller screens only show a message.
pub const SMALLEST: (u16, u16) = (40, 12);
/// From this height on the prompt has a row more.
const TALL: u16 = 36;
/// The prompt grows by so many rows at once, so that the picture seldom moves.
const GROWTH: u16 = 3;
const MOST_PROMPT_ROWS: u16 = 8;
/// From this width on the whole tree has the picture beside it.
const ROOMY: u16 = 100;
/// What stands beside the picture has so many columns, or stands elsewhere.
const LEAST_BESIDE: u16 = 40;

/// The screen's size, and what changes its layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    pub area: Rect,
    /// This pane alone.
    pub full: Option<Pane>,
    /// Wider or narrower side panes, in columns.
    pub side: i16,
    /// The drawer that is open.
    pub drawer: Option<Pane>,
    /// It has opened by itself: the picture does not make room for it.
    pub keeps_picture: bool,
    /// An overlay wants so many columns beside the picture; none is 0.
    pub beside: u16,
    /// Of what the canvas shows.
    pub shape: Shape,
    /// Rows that the words of the prompt fill.
    pub words: u16,
}

impl Screen {
    /// Nothing but that is shown.
    pub fn is_too_small(self) -> bool {
        self.area.width < SMALLEST.0 || self.area.height < SMALLEST.1
    }

    pub fn layout(self) -> Option<Layout> {
        Layout::new(self.area, self)
    }
}

/// The slots of all parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub header: Rect,
    /// Above the footer: advice, or the second row of a notice.
    pub rule: Rect,
    pub footer: Rect,
    /// Between header and rule.
    pub middle: Rect,
    /// What is on the canvas, in words.
    pub details: Rect,
    /// One line for the drawers that are closed.
    pub strip: Rect,
    pub panes: Vec<(Pane, Rect)>,
}

/// Where an overlay may stand.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Between header and footer.
    pub middle: Rect,
    /// Beside the picture; empty where that is too narrow.
    pub beside: Rect,
    /// The picture's own columns.
    pub canvas: Rect,
}

impl Layout {
    /// `None`: too small.
    pub fn new(area: Rect, screen: Screen) -> Option<Self> {
        if (Screen { area, ..screen }).is_too_small() {
            return None;
        }
        let (header, rest) = split_rows(area, 1);
        let (middle, below) = split_rows(rest, rest.height - 2);
        let (rule, footer) = split_rows(below, 1);
        let base = Self { header, rule, footer, middle, ..Self::default() };
        let Some(alone) = screen.full else {
            return Some(base.arranged(screen));
        };
        if alone == panes::tree::PANE.id && middle.width >= ROOMY {
            let (tree, canvas) = split_columns(middle, middle.width * 2 / 5);
            let (_, canvas) = split_columns(canvas, 1);
            return Some(Self { panes: vec![(alone, tree), (Pane::CANVAS, canvas)], ..base });
        }
        // The canvas alone keeps a row for its words.
        let words = u16::from(alone == Pane::CANVAS);
        let (slot, details) = split_rows(middle, middle.height - words);
        let margin = u16::from(alone != Pane::CANVAS);
        let (slot, _) = split_columns(slot, slot.width - margin);
        Some(Self { details, panes: vec![(alone, slot)], ..base })
    }

    fn arranged(self, screen: Screen) -> Self {
        let middle = self.middle;
        let (upper, prompt) = split_rows(middle, middle.height - prompt_rows(screen, middle));
        // All that stands at the right ends before the last column.
        let (upper, _) = split_columns(upper, upper.width - 1);
        let Screen { shape, side, beside, .. } = screen;
        let (is_open, keeps_picture) = (screen.drawer.is_some(), screen.keeps_picture);
        let wish = Wish { shape, side, is_open, keeps_picture, beside };
        let parts = arrange(upper, wish);
        let (details, strip) = (parts.details, parts.strip);
        Self { details, strip, panes: panes_in(&parts, prompt, screen.drawer), ..self }
    }

    pub fn slot(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(other, _)| *other == pane).map(|(_, slot)| *slot)
    }

    /// Where overlays may stand; `has_panes`: not over the contact sheet.
    pub fn room(&self, has_panes: bool) -> Room {
        let canvas = self.slot(Pane::CANVAS).filter(|_| has_panes).unwrap_or(self.middle);
        let (_, right) = split_columns(self.middle, canvas.right() + 1 - self.middle.x);
        let prompt = self.slot(Pane::PROMPT).map_or(self.middle.bottom(), |prompt| prompt.y);
        let bottom = if self.strip.is_empty() { prompt } else { self.strip.y.min(prompt) };
        let is_wide = right.width >= LEAST_BESIDE;
        let beside = Rect { height: bottom.saturating_sub(right.y), ..right };
        let beside = if is_wide { beside } else { Rect::default() };
        Room { middle: self.middle, beside, canvas }
    }

    /// The pane under a cell, for the mouse.
    pub fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let inside = |slot: &Rect| slot.contains(ratatui::layout::Position { x, y });
        self.panes.iter().find(|(_, slot)| inside(slot)).map(|(pane, _)| *pane)
    }
}

fn prompt_rows(screen: Screen, middle: Rect) -> u16 {
    let least = if middle.height + 3 >= TALL { 3 } else { 2 };
    let more = screen.words.saturating_sub(least).div_ceil(GROWTH) * GROWTH;
    (least + more).min(MOST_PROMPT_ROWS).min((middle.height / 3).max(least))
}

/// From left to right, the prompt last: pictures are placed in this order.
fn panes_in(parts: &Parts, prompt: Rect, open: Option<Pane>) -> Vec<(Pane, Rect)> {
    let of = |slot: Slot, area: Rect| {
        let pane = panes::ALL.into_iter().find(|pane| pane.slot == slot);
        pane.map(|pane| (pane.id, area)).filter(|(_, area)| !area.is_empty())
    };
    let mut all: Vec<(Pane, Rect)> = of(Slot::Left, parts.tree).into_iter().collect();
    all.extend(of(Slot::Middle, parts.canvas));
    match (parts.has_all, parts.drawers.as_slice()) {
        (true, [column]) => all.extend(stacked(drawers(), *column, open)),
        (true, [first, second]) => {
            let (upper, lower): (Vec<_>, Vec<_>) =
                drawers().into_iter().enumerate().partition(|(place, _)| *place == 0);
            let panes = |list: Vec<(usize, (Pane, u16))>| list.into_iter().map(|it| it.1).collect();
            all.extend(stacked(panes(upper), *first, open));
            all.extend(stacked(panes(lower), *second, open));
        }
        (false, [slot]) => all.extend(open.map(|pane| (pane, *slot))),
        (true | false, _) => {}
    }
    all.extend(of(Slot::Bottom, prompt));
    all
}

/// The panes that open as drawers, with their weights.
fn drawers() -> Vec<(Pane, u16)> {
    let weight = |pane: &panes::PaneSpec| match pane.slot {
        Slot::Drawer(weight) => Some((pane.id, weight)),
        Slot::Bottom | Slot::Middle | Slot::Left => None,
    };
    panes::ALL.into_iter().filter_map(weight).collect()
}

/// One above the other by weight, with a blank row between; the open one has twice its weight.
fn stacked(panes: Vec<(Pane, u16)>, column: Rect, open: Option<Pane>) -> Vec<(Pane, Rect)> {
    let weigh =
        |(pane, weight): &(Pane, u16)| if open == Some(*pane) { weight * 2 } else { *weight };
    let mut left: u16 = panes.iter().map(weigh).sum();
    let mut rest = column;
    let mut slots = Vec::new();
    for each in &panes {
        let weight = weigh(each);
        let own = u32::from(rest.height) * u32::from(weight) / u32::from(left.max(1));
        let (slot, below) = split_rows(rest, u16::try_from(own).unwrap_or(rest.height));
        left -= weight;
        rest = below;
        let height = slot.height.saturating_sub(u16::from(left > 0 && slot.height > 4));
        slots.push((each.0, Rect { height, ..slot }));
    }
    slots.into_iter().filter(|(_, slot)| !slot.is_empty()).collect()
}

pub(super) fn split_columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

pub(super) fn split_rows(area: Rect, upper: u16) -> (Rect, Rect) {
    let upper = upper.min(area.height);
    (
        Rect { height: upper, ..area },
        Rect { y: area.y + upper, height: area.height - upper, ..area },
    )
}
