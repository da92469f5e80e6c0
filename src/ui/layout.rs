//! Screen size and shape of the picture to slots: arithmetic only.
//!
//! Invariant: slots lie inside the screen and do not overlap, but for a drawer that lies over others.

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
/// The prompt first grows by one row, then by so many at once, so that the picture seldom moves.
const GROWTH: u16 = 2;
const MOST_PROMPT_ROWS: u16 = 8;
/// From this width on the whole tree has the picture beside it.
const TREE_AND_PICTURE: u16 = 76;
/// In fewer columns each of the two has half of them; in more the picture has more, unless so many
/// rows below it would be left.
const TREE_AND_LARGE_PICTURE: u16 = 100;
const LEFT: u16 = 4;
/// Rows of the words about the picture beside the whole tree at least, and where the title has more
/// of them.
const FACTS: u16 = 4;
const WIDE_FACTS: u16 = 2;
/// In a title of so many columns words are not always cut.
pub const WORDED: u16 = 40;
/// A pane has so many rows before it was asked.
const UNKNOWN: u16 = 11;
/// A drawer that has opened by itself has so many rows.
const BRIEF: u16 = 4;
/// Where all drawers are seen, none has fewer rows for the sake of another.
const LEAST_DRAWER: u16 = 5;
/// A list stands over the prompt rather than to have fewer.
const ROWS_OF_LIST: u16 = 16;

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
    /// It has opened by itself, and takes little of the tree.
    pub is_brief: bool,
    /// Rows that the words about the picture want.
    pub details: u16,
    /// Pictures are compared: what is told of that has the blank row below those words too.
    pub is_compared: bool,
    /// Rows that each pane wants, its title included; in the order of `panes::ALL`.
    pub wanted: [u16; panes::ALL.len()],
    /// Of what the canvas shows, in cells of so many pixels.
    pub shape: Shape,
    pub cell: (u16, u16),
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

    /// Rows that this pane wants.
    fn wants(self, pane: Pane) -> u16 {
        let mut of_all = panes::ALL.into_iter().zip(self.wanted);
        of_all.find(|(it, rows)| it.id == pane && *rows > 0).map_or(UNKNOWN, |(_, rows)| rows)
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
    /// A drawer that has no room of its own: over all columns, which stay as they are behind it.
    pub over: Option<(Pane, Rect)>,
}

/// Where an overlay may stand.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Between header and footer.
    pub middle: Rect,
    /// Beside the picture.
    pub beside: Rect,
    /// The picture's own columns.
    pub canvas: Rect,
    /// A picture that was covered comes back without being sent again.
    pub keeps_pictures: bool,
}

impl Room {
    /// Where a list stands: what is typed next stays in sight, unless the screen is too low for both.
    pub fn above_prompt(&self) -> Rect {
        let Rect { y, height, .. } = self.middle;
        let free = self.beside.bottom().saturating_sub(y).min(height);
        let title = u16::from(free > ROWS_OF_LIST * 3 / 2);
        match free >= ROWS_OF_LIST {
            true => Rect { y: y + title, height: free - title, ..self.middle },
            false => self.middle,
        }
    }
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
        if alone == panes::tree::PANE.id && middle.width >= TREE_AND_PICTURE {
            return Some(base.beside_the_tree(alone, screen.shape));
        }
        // The canvas alone keeps a row for its words.
        let words = u16::from(alone == Pane::CANVAS);
        let (slot, details) = split_rows(middle, middle.height - words);
        let margin = u16::from(alone != Pane::CANVAS);
        let (slot, _) = split_columns(slot, slot.width - margin);
        Some(Self { details, panes: vec![(alone, slot)], ..base })
    }

    /// The whole tree with the picture beside it, and below that the words about it where it keeps its
    /// size.
    fn beside_the_tree(self, alone: Pane, shape: Shape) -> Self {
        let middle = self.middle;
        let fifths = middle.width * 2 / 5;
        let used = Shape::default().framed(middle.width - fifths - 2) + WIDE_FACTS + 1;
        let tree = match middle.width {
            TREE_AND_LARGE_PICTURE.. if used + LEFT <= middle.height => middle.width * 3 / 5,
            TREE_AND_LARGE_PICTURE.. => fifths,
            _ => middle.width / 2,
        };
        let (tree, canvas) = split_columns(middle, tree);
        let (_, canvas) = split_columns(canvas, 1);
        // As everything else it ends before the last column.
        let (canvas, _) = split_columns(canvas, canvas.width - 1);
        let facts = if canvas.width < WORDED { FACTS } else { WIDE_FACTS };
        let most = canvas.height.saturating_sub(facts + 1);
        let (upper, rest) = split_rows(canvas, shape.framed(canvas.width).min(most));
        // By the screen alone, so that the rows of the tree are the same beside pictures of all shapes.
        let (canvas, details) = match most >= Shape::default().framed(canvas.width) {
            true => (upper, split_rows(rest, 1).1),
            false => (canvas, Rect::default()),
        };
        Self { details, panes: vec![(alone, tree), (Pane::CANVAS, canvas)], ..self }
    }

    fn arranged(self, screen: Screen) -> Self {
        let middle = self.middle;
        let (upper, prompt) = split_rows(middle, middle.height - prompt_rows(screen, middle));
        // All that stands at the right ends before the last column.
        let (upper, _) = split_columns(upper, upper.width - 1);
        let Screen { shape, side, details, is_compared, .. } = screen;
        let most = if screen.is_brief { BRIEF } else { u16::MAX };
        let drawer = screen.drawer.map(|pane| screen.wants(pane).min(most));
        let wish = Wish { shape, side, drawer, details, is_compared };
        let mut parts = arrange(upper, wish);
        let over = screen.drawer.filter(|_| !screen.is_brief && is_cut(&parts, screen));
        if over.is_some() {
            parts = arrange(upper, Wish { drawer: None, ..wish });
        }
        let over = over.map(|pane| {
            let bottom = if parts.strip.is_empty() { upper.bottom() } else { parts.strip.y };
            let most = (upper.height * 2 / 5).max(LEAST_DRAWER);
            let (_, low) = split_rows(
                Rect { height: bottom - upper.y, ..upper },
                (bottom - upper.y).saturating_sub(screen.wants(pane).min(most)),
            );
            (pane, low)
        });
        let (details, strip) = (parts.details, parts.strip);
        Self { details, strip, panes: panes_in(&parts, prompt, screen), over, ..self }
    }

    pub fn slot(&self, pane: Pane) -> Option<Rect> {
        let mut all = self.over.iter().chain(&self.panes);
        all.find(|(other, _)| *other == pane).map(|(_, slot)| *slot)
    }

    /// Where overlays may stand; `has_panes`: not over the contact sheet.
    pub fn room(&self, has_panes: bool) -> Room {
        let canvas = self.slot(Pane::CANVAS).filter(|_| has_panes).unwrap_or(self.middle);
        let (_, right) = split_columns(self.middle, canvas.right() + 1 - self.middle.x);
        let prompt = self.slot(Pane::PROMPT).map_or(self.middle.bottom(), |prompt| prompt.y);
        let bottom = if self.strip.is_empty() { prompt } else { self.strip.y.min(prompt) };
        let beside = Rect { height: bottom.saturating_sub(right.y), ..right };
        Room { middle: self.middle, beside, canvas, keeps_pictures: false }
    }

    /// The pane under a cell, for the mouse.
    pub fn pane_at(&self, x: u16, y: u16) -> Option<Pane> {
        let inside = |slot: &Rect| slot.contains(ratatui::layout::Position { x, y });
        let mut all = self.over.iter().chain(&self.panes);
        all.find(|(_, slot)| inside(slot)).map(|(pane, _)| *pane)
    }
}

/// The open drawer's column is too narrow for its rows.
fn is_cut(parts: &Parts, screen: Screen) -> bool {
    let least = screen.drawer.map_or(0, |pane| panes::spec(pane).least_columns);
    !parts.has_all && parts.drawers.iter().any(|slot| slot.width < least)
}

fn prompt_rows(screen: Screen, middle: Rect) -> u16 {
    let least = if middle.height + 3 >= TALL { 3 } else { 2 };
    let more = match screen.words.saturating_sub(least) {
        more @ 0..=1 => more,
        more => 1 + (more - 1).div_ceil(GROWTH) * GROWTH,
    };
    (least + more).min(MOST_PROMPT_ROWS).min((middle.height / 3).max(least))
}

/// From left to right, the prompt last: pictures are placed in this order.
fn panes_in(parts: &Parts, prompt: Rect, screen: Screen) -> Vec<(Pane, Rect)> {
    let of = |slot: Slot, area: Rect| {
        let pane = panes::ALL.into_iter().find(|pane| pane.slot == slot);
        pane.map(|pane| (pane.id, area)).filter(|(_, area)| !area.is_empty())
    };
    let mut all: Vec<(Pane, Rect)> = of(Slot::Left, parts.tree).into_iter().collect();
    all.extend(of(Slot::Middle, parts.canvas));
    let drawers: Vec<Pane> = panes::ALL.into_iter().filter(is_drawer).map(|it| it.id).collect();
    match (parts.has_all, parts.drawers.as_slice(), drawers.split_first()) {
        (true, [column], _) => all.extend(stacked(&drawers, *column, screen)),
        (true, [first, second], Some((upper, lower))) => {
            all.push((*upper, *first));
            all.extend(stacked(lower, *second, screen));
        }
        (false, [slot], _) => all.extend(screen.drawer.map(|pane| (pane, *slot))),
        (true | false, ..) => {}
    }
    all.extend(of(Slot::Bottom, prompt));
    all
}

fn is_drawer(pane: &&panes::PaneSpec) -> bool {
    pane.slot == Slot::Drawer
}

/// One above the other with a blank row between, each as high as it wants; the last has the rest.
/// Where that is too much, the last gives rows first, the open one last.
fn stacked(panes: &[Pane], column: Rect, screen: Screen) -> Vec<(Pane, Rect)> {
    let gaps = u16::try_from(panes.len()).unwrap_or(1).saturating_sub(1);
    let room = column.height.saturating_sub(gaps);
    let mut rows: Vec<u16> = panes.iter().map(|pane| screen.wants(*pane).min(room)).collect();
    let mut giving: Vec<usize> = (0..panes.len()).rev().collect();
    giving.sort_by_key(|at| panes.get(*at).copied() == screen.drawer);
    let mut over = rows.iter().sum::<u16>().saturating_sub(room);
    for least in [LEAST_DRAWER, 0] {
        for at in &giving {
            if let Some(own) = rows.get_mut(*at) {
                let given = over.min(own.saturating_sub(least));
                (*own, over) = (*own - given, over - given);
            }
        }
    }
    let left = room.saturating_sub(rows.iter().sum());
    if let Some(last) = rows.last_mut() {
        *last += left;
    }
    let mut rest = column;
    let mut slots = Vec::new();
    for (pane, rows) in panes.iter().zip(rows) {
        let (slot, below) = split_rows(rest, rows);
        slots.push((*pane, slot));
        (_, rest) = split_rows(below, 1);
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
