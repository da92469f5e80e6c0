//! A box being placed on the picture: drawn into the picture that is shown, its words below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::RegionSelector;
use crate::app::action::Bounds;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::frame::{Placement, Sketch};
use crate::ui::letterbox::fitted;

/// Where the picture's pixels are on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Viewport {
    /// Cells of everything that is seen.
    area: Rect,
    seen: Bounds,
}

impl Viewport {
    /// In the room that the canvas has for its picture.
    pub fn new(slot: Rect, cell: (u16, u16), region: &RegionSelector) -> Option<Self> {
        let seen = region.seen();
        let area = fitted(slot, cell, (seen.width, seen.height))?;
        Some(Self { area, seen })
    }

    /// Pixels in a cell, across and down.
    pub fn step(&self) -> (i32, i32) {
        let part = |pixels: u32, cells: u16| {
            i32::try_from(pixels.div_ceil(u32::from(cells.max(1)))).unwrap_or(1).max(1)
        };
        (part(self.seen.width, self.area.width), part(self.seen.height, self.area.height))
    }

    /// The cells that these pixels cover, at least one.
    fn cells(&self, bounds: Bounds) -> Rect {
        let along = |from: i32, begin: i32, pixels: u32, cells: u16| {
            let at = i64::from(from - begin) * i64::from(cells) / i64::from(pixels.max(1));
            u16::try_from(at.clamp(0, i64::from(cells))).unwrap_or(0)
        };
        let end = |from: i32, length: u32| from + i32::try_from(length).unwrap_or(0);
        let x = along(bounds.x, self.seen.x, self.seen.width, self.area.width);
        let y = along(bounds.y, self.seen.y, self.seen.height, self.area.height);
        let (right, bottom) = (end(bounds.x, bounds.width), end(bounds.y, bounds.height));
        let right = along(right, self.seen.x, self.seen.width, self.area.width);
        let bottom = along(bottom, self.seen.y, self.seen.height, self.area.height);
        let (width, height) = (right.saturating_sub(x).max(1), bottom.saturating_sub(y).max(1));
        Rect { x: self.area.x + x, y: self.area.y + y, width, height }.intersection(self.area)
    }
}

/// The picture with the box in it, and the cells that stand over it: lines, where a picture cannot
/// show them.
pub fn draw(
    slot: Rect,
    buffer: &mut Buffer,
    ui: &Ui,
    region: &RegionSelector,
) -> (Option<Placement>, Vec<Rect>) {
    let Some(viewport) = Viewport::new(slot, ui.graphics.cell, region) else {
        return (None, Vec::new());
    };
    let sketch = Sketch { of: region.size, seen: viewport.seen, shapes: vec![region.annotation()] };
    let whole = Placement::whole(region.on.picture, viewport.area);
    let placement = Placement { sketch: Some(sketch), ..whole };
    if ui.graphics.draws() && !ui.graphics.mono {
        return (Some(placement), Vec::new());
    }
    let lines = lines(viewport.cells(region.bounds()), ui.theme().ascii, region.head());
    for (at, text) in &lines {
        put(buffer, *at, 0, 0, text, ui.theme().error());
    }
    (Some(placement), lines.into_iter().map(|(at, _)| at).collect())
}

/// The edges of a box, or both ends of an arrow.
fn lines(at: Rect, ascii: bool, head: Option<(bool, bool)>) -> Vec<(Rect, String)> {
    let cell = |x: u16, y: u16| Rect { x, y, width: 1, height: 1 };
    let (right, bottom) = (at.right() - 1, at.bottom() - 1);
    if let Some((to_right, to_bottom)) = head {
        let end = |is_right: bool, is_low: bool| {
            cell(if is_right { right } else { at.x }, if is_low { bottom } else { at.y })
        };
        return vec![
            (end(!to_right, !to_bottom), "o".into()),
            (end(to_right, to_bottom), "X".into()),
        ];
    }
    let [a, b, c, d, across, down] = match ascii {
        true => ["+", "+", "+", "+", "-", "|"],
        false => ["┏", "┓", "┗", "┛", "━", "┃"],
    };
    let middle = across.repeat(usize::from(at.width.saturating_sub(2)));
    let row = |y: u16, left: &str, end: &str| {
        (Rect { y, height: 1, ..at }, format!("{left}{middle}{end}"))
    };
    let mut lines = vec![row(at.y, a, b), row(bottom, c, d)];
    for y in at.y + 1..bottom {
        lines.extend([(cell(at.x, y), down.into()), (cell(right, y), down.into())]);
    }
    lines
}
