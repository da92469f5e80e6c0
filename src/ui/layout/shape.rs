//! How wide a picture is for its height, in cells of the screen: one of a few shapes, so that
//! pictures of nearly the same ratio stand in the same place.
//!
//! Arithmetic only.

use ratatui::layout::Rect;

use super::split_rows;

/// Width and height of the shapes, the tallest first.
const SHAPES: [(u32, u32); 12] = [
    (1, 3),
    (1, 2),
    (9, 16),
    (2, 3),
    (3, 4),
    (1, 1),
    (4, 3),
    (3, 2),
    (16, 9),
    (2, 1),
    (3, 1),
    (5, 1),
];

/// Rows of the title above a picture, and of the small ones with their numbers below it.
const TITLE: u16 = 1;
const STRIP: u16 = 3;

/// Columns for each thousand rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(u32);

impl Default for Shape {
    /// A photo of 3:2, where a cell is twice as high as wide.
    fn default() -> Self {
        Self(3_000)
    }
}

impl Shape {
    /// The nearest shape for `size` in pixels of the picture, and `cell` in pixels of the screen.
    pub fn of(size: (u32, u32), cell: (u16, u16)) -> Self {
        let (w, h) = (f64::from(size.0.max(1)), f64::from(size.1.max(1)));
        let off = |shape: &(u32, u32)| (f64::from(shape.0) / f64::from(shape.1) * h / w).ln().abs();
        let nearest = SHAPES.into_iter().min_by(|a, b| off(a).total_cmp(&off(b)));
        let (w, h) = nearest.unwrap_or((3, 2));
        let (cw, ch) = (u32::from(cell.0.max(1)), u32::from(cell.1.max(1)));
        Self((1_000 * w * ch / (h * cw)).max(1))
    }

    /// The other shape, if it is so much another that what stands beside the picture must move.
    pub fn moved_to(self, other: Self) -> Self {
        let (least, most) = (self.0.min(other.0), self.0.max(other.0));
        if u64::from(least) * 115 < u64::from(most) * 100 { other } else { self }
    }

    /// Two of it side by side.
    pub fn twice(self) -> Self {
        Self(self.0 * 2)
    }

    /// Columns that this many rows can use.
    pub fn columns(self, rows: u16) -> u16 {
        let columns = (u32::from(rows) * self.0 + 500) / 1_000;
        u16::try_from(columns).unwrap_or(u16::MAX).max(1)
    }

    /// Rows that this many columns can use.
    pub fn rows(self, columns: u16) -> u16 {
        let rows = (u32::from(columns) * 1_000 + self.0 / 2) / self.0;
        u16::try_from(rows).unwrap_or(u16::MAX).max(1)
    }

    /// Rows of a canvas of so many columns that has room for a title and the small ones, and no more.
    pub fn framed(self, columns: u16) -> u16 {
        self.rows(columns).saturating_add(TITLE + 1 + STRIP)
    }

    /// Cells that it fills in a room.
    pub fn cells(self, columns: u16, rows: u16) -> u32 {
        let wide = self.columns(rows).min(columns);
        u32::from(wide) * u32::from(self.rows(wide).min(rows))
    }

    /// The canvas's rows: a title if there is room, the picture, and what is left below.
    pub fn rows_of(self, canvas: Rect) -> CanvasRows {
        let picture = self.rows(canvas.width).min(canvas.height);
        // What stands below does not touch it: for that it gives a row.
        let gap = u16::from(canvas.height - picture == TITLE + STRIP && picture > 4 * STRIP);
        let picture = picture - gap;
        let spare = canvas.height - picture;
        let (title, rest) = split_rows(canvas, spare.min(1));
        // In much room it stands nearer to the middle.
        let (_, rest) = split_rows(rest, spare.saturating_sub(6) / 3);
        let (picture, below) = split_rows(rest, picture);
        CanvasRows { title, picture, below }
    }
}

/// Parts of the canvas; title and the rest may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanvasRows {
    pub title: Rect,
    pub picture: Rect,
    pub below: Rect,
}
