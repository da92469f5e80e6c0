//! A box being placed on the picture: drawn into the picture that is shown, its words below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{RegionSelector, Use};
use crate::app::action::Bounds;
use crate::app::model::Model;
use crate::schema::regions::Region;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::frame::{Mark, Placement, Sketch};
use crate::ui::letterbox::fitted;
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;

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

    /// Of the box that is being placed.
    pub fn of(ui: &Ui) -> Option<Self> {
        let Mode::Region(region) = &ui.mode else { return None };
        let screen = ui.screen();
        let canvas = screen.layout().and_then(|layout| layout.slot(Pane::CANVAS))?;
        Self::new(screen.shape.rows_of(canvas).picture, ui.graphics.cell, region)
    }

    /// Pixels in a cell, across and down.
    pub fn step(&self) -> (i32, i32) {
        let part = |pixels: u32, cells: u16| {
            i32::try_from(pixels.div_ceil(u32::from(cells.max(1)))).unwrap_or(1).max(1)
        };
        (part(self.seen.width, self.area.width), part(self.seen.height, self.area.height))
    }

    pub fn contains(&self, column: u16, row: u16) -> bool {
        self.area.contains((column, row).into())
    }

    /// The pixel in the middle of a cell, also beside the picture.
    pub fn pixel(&self, column: u16, row: u16) -> (i32, i32) {
        let along = |at: u16, begin: u16, cells: u16, from: i32, pixels: u32| {
            let halves = 2 * (i64::from(at) - i64::from(begin)) + 1;
            let pixel = halves * i64::from(pixels) / (2 * i64::from(cells.max(1)));
            from.saturating_add(i32::try_from(pixel).unwrap_or(0))
        };
        let Rect { x, y, width, height } = self.area;
        (
            along(column, x, width, self.seen.x, self.seen.width),
            along(row, y, height, self.seen.y, self.seen.height),
        )
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
    model: &Model,
    ui: &Ui,
    region: &RegionSelector,
) -> (Option<Placement>, Vec<Rect>) {
    let Some(viewport) = Viewport::new(slot, ui.graphics.cell, region) else {
        return (None, Vec::new());
    };
    let shapes = match region.usage {
        Use::Cue | Use::Frame => vec![Mark::Annotation(region.annotation())],
        Use::Region(at) => {
            let is_theirs = model.draft.parent == Some(region.on);
            let regions = if is_theirs { model.draft.regions.as_slice() } else { &[] };
            marks(regions, region, at)
        }
    };
    let sketch = Sketch { of: region.size, seen: viewport.seen, shapes };
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

/// All boxes of the draft, the one that is moved at its new place.
fn marks(regions: &[Region], moved: &RegionSelector, at: Option<usize>) -> Vec<Mark> {
    let at = at.unwrap_or(regions.len());
    let mut marks = boxes(regions, moved.size, true);
    let mark = Mark::Region { at: moved.bounds(), number: at, is_lit: true };
    match marks.get_mut(at) {
        Some(known) => *known = mark,
        None => marks.push(mark),
    }
    marks
}

/// Boxes of a picture of this size, numbered from 0.
pub fn boxes(regions: &[Region], size: (u32, u32), is_lit: bool) -> Vec<Mark> {
    let mark = |(number, region): (usize, &Region)| {
        let [x, y, width, height] = region.part.pixels(size);
        let place = |at: u32| i32::try_from(at).unwrap_or(i32::MAX);
        Mark::Region { at: Bounds { x: place(x), y: place(y), width, height }, number, is_lit }
    };
    regions.iter().enumerate().map(mark).collect()
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
