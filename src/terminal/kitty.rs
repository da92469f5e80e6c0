//! kitty's commands for pictures that it already has.
//!
//! `q=1`: errors still come back, so that a picture that the terminal has dropped is sent again.

use ratatui::layout::Rect;

use super::image_request::Mode;
use super::paint::move_to;
use crate::graphics::{self, Encoded};

/// A picture that stands somewhere. The number tells several places of one picture apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellPos {
    pub(super) id: u32,
    pub(super) number: u32,
    pub(super) area: Rect,
    /// The part that is shown there; all of it without one.
    pub(super) source: Option<Source>,
    /// What has a higher one covers what has a lower one.
    pub(super) layer: u8,
}

/// A part of an uploaded picture, in its own pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Shows it there; moves it there if it stands elsewhere. The cursor moves along.
pub(super) fn place(spot: CellPos, mode: Mode) -> Vec<u8> {
    let CellPos { id, number, area, source, layer } = spot;
    let (columns, rows) = (area.width, area.height);
    let source = source.map_or(String::new(), |Source { x, y, width, height }| {
        format!(",x={x},y={y},w={width},h={height}")
    });
    let above = if layer > 0 { format!(",z={layer}") } else { String::new() };
    let command =
        format!("\x1b_Ga=p,i={id},p={number},c={columns},r={rows}{source}{above},C=1,q=1\x1b\\");
    let mut out = b"\x1b7".to_vec();
    out.extend(move_to(area.x, area.y));
    out.extend(through(command.as_bytes(), mode));
    out.extend(b"\x1b8");
    out
}

/// Takes it away from there; the terminal keeps its pixels.
pub(super) fn erase(spot: CellPos, mode: Mode) -> Vec<u8> {
    let command = format!("\x1b_Ga=d,d=i,i={},p={},q=1\x1b\\", spot.id, spot.number);
    through(command.as_bytes(), mode)
}

/// Takes it away from everywhere; the terminal keeps its pixels.
pub(super) fn erase_all(id: u32, mode: Mode) -> Vec<u8> {
    through(&graphics::kitty::erase(id), mode)
}

/// Leaves one pixel of it in the terminal's memory: kitty 0.26.5, asked to free one picture, frees
/// all that stand nowhere.
pub(super) fn empty(id: u32, mode: Mode) -> Vec<u8> {
    let pixel = graphics::kitty::pixel(id, [0; 3], 0.0);
    [erase_all(id, mode), through(&pixel, mode)].concat()
}

/// The same for one of which only a part has arrived. It is ended first: kitty 0.26 and Konsole
/// 22.12 would take the first part of the next picture for more of this one, and lose that too.
pub(super) fn call_off(id: u32, mode: Mode) -> Vec<u8> {
    [through(b"\x1b_Gm=0,q=2;\x1b\\", mode), empty(id, mode)].concat()
}

/// Takes it out of the terminal's memory, where no other is to stay: see [`empty`].
pub(super) fn free(id: u32, mode: Mode) -> Vec<u8> {
    through(&graphics::kitty::free(id), mode)
}

/// Lets placeholders show it in so many columns and rows, as they do already where it is there.
pub(super) fn stand(id: u32, grid: (u16, u16), mode: Mode) -> Vec<u8> {
    through(&graphics::kitty::stand(id, grid), mode)
}

pub(super) fn chunks(encoded: &Encoded) -> Vec<Vec<u8>> {
    match encoded {
        Encoded::Upload { chunks, .. } | Encoded::Patch { chunks, .. } => {
            chunks.iter().map(|chunk| chunk.0.clone()).collect()
        }
        Encoded::Cells(_) | Encoded::Bands(_) | Encoded::BandPatch { .. } => Vec::new(),
    }
}

pub(super) fn through(bytes: &[u8], mode: Mode) -> Vec<u8> {
    if mode.wrap { graphics::wrap(bytes) } else { bytes.to_vec() }
}
