//! One picture that kitty holds under an id, whole or the parts in which it differs from another.
//!
//! Knows where its pixels belong; `uploads` decides what is shown.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::covers::uncovered;
use super::image_request::ImageRequest;
use super::kitty::{CellPos, Source};
use super::queue::JobId;
use crate::graphics::Encoded;
use crate::graphics::kitty::{Piece, pieces as pieces_of};
use crate::graphics::patch::{CellRect, Tile};
use crate::ui::frame::{Crop, Placement};

/// A picture that kitty has under an id, or will have when its job is done.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) wanted: ImageRequest,
    pub(super) id: u32,
    /// Its own width and height in pixels.
    size: (u32, u32),
    parts: Option<Parts>,
    pub(super) job: JobId,
    /// To begin again with, until it has arrived.
    pub(super) encoded: Option<Arc<Encoded>>,
    /// Where the end of the job shows it, and what it takes away there.
    pub(super) tail: Vec<CellPos>,
    pub(super) stand_ins: Vec<CellPos>,
}

/// Of an upload that is not the whole picture.
#[derive(Debug)]
struct Parts {
    /// The id of what is seen beside them.
    ground: u32,
    tiles: Vec<Tile>,
    grid: (u16, u16),
}

impl Upload {
    /// Nothing of it is on its way; `None` for what is no upload.
    pub(super) fn new(wanted: ImageRequest, encoded: Arc<Encoded>) -> Option<Self> {
        let (id, size, parts) = match &*encoded {
            Encoded::Upload { id, size, .. } => (*id, *size, None),
            Encoded::Patch { id, size, ground, grid, tiles, .. } => {
                (*id, *size, Some(Parts { ground: *ground, tiles: tiles.clone(), grid: *grid }))
            }
            Encoded::Cells(_) | Encoded::Bands(_) | Encoded::BandPatch { .. } => return None,
        };
        let (tail, stand_ins) = (Vec::new(), Vec::new());
        Some(Self { wanted, id, size, parts, job: 0, encoded: Some(encoded), tail, stand_ins })
    }

    pub(super) fn has_arrived(&self) -> bool {
        self.encoded.is_none()
    }

    /// The id of what it stands on, if it is not the whole picture.
    pub(super) fn ground(&self) -> Option<u32> {
        self.parts.as_ref().map(|parts| parts.ground)
    }

    /// Which parts it has of its picture.
    pub(super) fn parts(&self) -> Option<Vec<CellRect>> {
        self.parts.as_ref().map(|parts| parts.tiles.iter().map(|tile| tile.at).collect())
    }

    /// The columns and rows that all of it fills.
    pub(super) fn grid(&self) -> (u16, u16) {
        let area = self.wanted.placement.area;
        self.parts.as_ref().map_or((area.width, area.height), |parts| parts.grid)
    }

    pub(super) fn whole(&self) -> Source {
        let (width, height) = self.size;
        Source { x: 0, y: 0, width, height }
    }

    /// The part that shows a part of the same picture, in the pixels of `all` that is shown of it: a
    /// zoom or a step aside costs no upload to begin with.
    pub(super) fn window(&self, placement: &Placement, all: Source) -> Option<Source> {
        let (own, wanted) = (&self.wanted.placement, placement.crop?);
        let whole = Crop { x: 0, y: 0, width: wanted.of.0, height: wanted.of.1, of: wanted.of };
        let part = own.crop.unwrap_or(whole);
        let within = |from: u32, length: u32, begin: u32, all: u32| {
            from >= begin && from + length <= begin + all
        };
        let is_inside = within(wanted.x, wanted.width, part.x, part.width)
            && within(wanted.y, wanted.height, part.y, part.height);
        if own.picture != placement.picture || own.sketch.is_some() || !is_inside {
            return None;
        }
        let along = |at: u32, pixels: u32, all: u32| {
            let at = u64::from(at) * u64::from(pixels) / u64::from(all.max(1));
            u32::try_from(at).unwrap_or(0)
        };
        Some(Source {
            x: along(wanted.x - part.x, all.width, part.width),
            y: along(wanted.y - part.y, all.height, part.height),
            width: along(wanted.width, all.width, part.width).max(1),
            height: along(wanted.height, all.height, part.height).max(1),
        })
    }

    /// The cells of its parts, or all of it, over those of what it stands on.
    pub(super) fn lay(&self, pieces: &mut Vec<Piece>) {
        let area = self.wanted.placement.area;
        let Some(parts) = &self.parts else {
            *pieces = pieces_of(self.id, (area.width, area.height));
            return;
        };
        for Tile { at, from } in &parts.tiles {
            for (across, down) in (0..at.rows).flat_map(|y| (0..at.columns).map(move |x| (x, y))) {
                let place = usize::from(at.row + down) * usize::from(area.width);
                if let Some(piece) = pieces.get_mut(place + usize::from(at.column + across)) {
                    *piece = Piece { id: self.id, column: from.0 + across, row: from.1 + down };
                }
            }
        }
    }

    /// Its places in an area, around what covers it, in the order of `layer`. Numbers tell the
    /// places of one picture apart; those of `others` are taken.
    pub(super) fn spots(
        &self,
        area: Rect,
        covers: &[Rect],
        layer: u8,
        others: &[CellPos],
    ) -> Vec<CellPos> {
        let Some(parts) = &self.parts else {
            return self.window_spots(self.whole(), area, covers, others);
        };
        let mut all = Vec::new();
        for Tile { at, from } in &parts.tiles {
            let (columns, rows) = parts.grid;
            let along = |cell: u16, cells: u16, pixels: u32| {
                u32::from(cell) * pixels / u32::from(cells.max(1))
            };
            let part = Rect::new(area.x + at.column, area.y + at.row, at.columns, at.rows);
            let window = Source {
                x: along(from.0, columns, self.size.0),
                y: along(from.1, rows, self.size.1),
                width: along(at.columns, columns, self.size.0),
                height: along(at.rows, rows, self.size.1),
            };
            let taken = [others, &all].concat();
            let spots = self.window_spots(window, part, covers, &taken);
            all.extend(spots.into_iter().map(|spot| CellPos { layer, ..spot }));
        }
        all
    }

    /// The places of a window of it that fills an area.
    pub(super) fn window_spots(
        &self,
        window: Source,
        area: Rect,
        covers: &[Rect],
        others: &[CellPos],
    ) -> Vec<CellPos> {
        let own = others.iter().filter(|spot| spot.id == self.id);
        let taken = own.map(|spot| spot.number).max().unwrap_or(0);
        let parts = uncovered(area, covers);
        let is_whole = parts == [area] && window == self.whole();
        let spot = |(number, part): (u32, Rect)| CellPos {
            id: self.id,
            number,
            area: part,
            source: (!is_whole).then(|| window.part(area, part)),
            layer: 0,
        };
        (taken + 1..).zip(parts).map(spot).collect()
    }
}

impl Source {
    /// What of it lies in a part of the area that it fills.
    fn part(self, area: Rect, part: Rect) -> Self {
        let at =
            |cell: u16, cells: u16, pixels: u32| u32::from(cell) * pixels / u32::from(cells.max(1));
        let x = at(part.x - area.x, area.width, self.width);
        let y = at(part.y - area.y, area.height, self.height);
        let right = at(part.right() - area.x, area.width, self.width);
        let bottom = at(part.bottom() - area.y, area.height, self.height);
        Self {
            x: self.x + x,
            y: self.y + y,
            width: right.saturating_sub(x).max(1),
            height: bottom.saturating_sub(y).max(1),
        }
    }
}
