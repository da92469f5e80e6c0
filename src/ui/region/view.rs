//! A box being placed on the picture: its corners over the picture, its words below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::RegionSelector;
use crate::app::action::Bounds;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::frame::Placement;
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

/// The picture, and the cells that stand over it.
pub fn draw(
    slot: Rect,
    buffer: &mut Buffer,
    ui: &Ui,
    region: &RegionSelector,
) -> (Option<Placement>, Vec<Rect>) {
    let Some(viewport) = Viewport::new(slot, ui.graphics.cell, region) else {
        return (None, Vec::new());
    };
    let (width, height) = region.size;
    let picture = viewport.cells(Bounds { x: 0, y: 0, width, height });
    let placement = Placement::whole(region.on.picture, picture);
    let corners = corners(viewport.cells(region.bounds()), ui.theme().ascii, region.head());
    for (at, text) in &corners {
        put(buffer, *at, 0, 0, text, ui.theme().error());
    }
    ((!picture.is_empty()).then_some(placement), corners.into_iter().map(|(at, _)| at).collect())
}

/// Few cells, so that little of the picture has to be sent anew.
fn corners(at: Rect, ascii: bool, head: Option<(bool, bool)>) -> Vec<(Rect, String)> {
    let [a, b, c, d, line] = match ascii {
        true => ["+", "+", "+", "+", "-"],
        false => ["┏", "┓", "┗", "┛", "━"],
    };
    let arm = at.width.min(2);
    let (left, right) = (at.x, at.right() - arm);
    let (top, bottom) = (at.y, at.bottom() - 1);
    let mut corners = vec![
        ((left, top), format!("{a}{line}"), (false, false)),
        ((right, top), format!("{line}{b}"), (true, false)),
        ((left, bottom), format!("{c}{line}"), (false, true)),
        ((right, bottom), format!("{line}{d}"), (true, true)),
    ];
    if let Some(head) = head {
        // An arrow has two ends.
        corners.retain(|(_, _, corner)| *corner == head || *corner == (!head.0, !head.1));
        for (_, text, corner) in &mut corners {
            *text = if *corner == head { "X".into() } else { "o".into() };
        }
    }
    let rect = |(x, y): (u16, u16), text: &str| {
        let width = arm.min(u16::try_from(text.chars().count()).unwrap_or(1));
        Rect { x, y, width, height: 1 }
    };
    corners.into_iter().map(|(at, text, _)| (rect(at, &text), text)).collect()
}
