//! kitty's commands for pictures that it already has, and the way back from an upload to its id.
//!
//! `q=1`: errors still come back, so that a picture that the terminal has dropped is sent again.

use ratatui::layout::Rect;

use super::screen::{Mode, move_to};
use crate::graphics::{self, Encoded};

/// A picture that stands somewhere. The number tells several places of one picture apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) id: u32,
    pub(super) number: u32,
    pub(super) area: Rect,
}

/// Shows it there; moves it there if it stands elsewhere. The cursor moves along.
pub(super) fn place(spot: Spot, mode: Mode) -> Vec<u8> {
    let Spot { id, number, area } = spot;
    let (columns, rows) = (area.width, area.height);
    let command = format!("\x1b_Ga=p,i={id},p={number},c={columns},r={rows},C=1,q=1\x1b\\");
    let mut out = b"\x1b7".to_vec();
    out.extend(move_to(area.x, area.y));
    out.extend(through(command.as_bytes(), mode));
    out.extend(b"\x1b8");
    out
}

/// Takes it away from there; the terminal keeps its pixels.
pub(super) fn erase(spot: Spot, mode: Mode) -> Vec<u8> {
    let command = format!("\x1b_Ga=d,d=i,i={},p={},q=1\x1b\\", spot.id, spot.number);
    through(command.as_bytes(), mode)
}

/// Takes it out of the terminal's memory, also when only a part of it has arrived.
pub(super) fn free(id: u32, mode: Mode) -> Vec<u8> {
    through(&graphics::kitty::free(id), mode)
}

pub(super) fn pieces(encoded: &Encoded) -> Vec<Vec<u8>> {
    match encoded {
        Encoded::Upload { pieces, .. } => pieces.iter().map(|piece| piece.0.clone()).collect(),
        Encoded::Cells(_) | Encoded::Strips(_) => Vec::new(),
    }
}

/// The id stands in the head of the first piece.
pub(super) fn id_of(encoded: &Encoded) -> Option<u32> {
    let Encoded::Upload { pieces, .. } = encoded else {
        return None;
    };
    let head = pieces
        .first()?
        .0
        .split(|byte| *byte == b';')
        .find(|part| part.windows(2).any(|two| two == b"i="))?;
    let head = String::from_utf8_lossy(head).into_owned();
    let (_, rest) = head.split_once(",i=").or_else(|| head.split_once("Gi="))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn through(bytes: &[u8], mode: Mode) -> Vec<u8> {
    if mode.wrap { graphics::wrap(bytes) } else { bytes.to_vec() }
}
