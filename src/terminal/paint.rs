//! What stands in the cells of a picture, and what is painted over them.
//!
//! Only the pieces; `pictures` decides when.

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

use super::covers::is_covered;
use crate::graphics::blocks::nearest256;
use crate::graphics::{Band, Cell, Colour};
use crate::ui::border::corners;
use crate::ui::cells::middle;
use crate::ui::theme::rgb::{Rgb, blend, of_index};

/// Goes there, paints, comes back: the cursor stands where the last frame has put it. It is hidden
/// on the way: xterm would blank the cell that it leaves.
pub(super) fn band(area: Rect, of: &Band, is_cursor_shown: bool) -> Vec<u8> {
    let mut out = b"\x1b7".to_vec();
    out.extend(cursor(false));
    out.extend(move_to(area.x + of.at.column, area.y + of.at.row));
    out.extend_from_slice(&of.chunk.0);
    out.extend(b"\x1b8");
    if is_cursor_shown {
        out.extend(cursor(true));
    }
    out
}

pub(super) fn move_to(column: u16, row: u16) -> Vec<u8> {
    format!("\x1b[{};{}H", row + 1, column + 1).into_bytes()
}

/// Shows the cursor, or hides it.
pub(super) fn cursor(is_shown: bool) -> &'static [u8] {
    if is_shown { b"\x1b[?25h" } else { b"\x1b[?25l" }
}

/// What stood there as text would stay under cells that are skipped.
pub(super) fn blank(area: Rect) -> Vec<u8> {
    let line = " ".repeat(usize::from(area.width));
    let mut out = b"\x1b[0m".to_vec();
    for row in area.y..area.bottom() {
        out.extend(move_to(area.x, row));
        out.extend(line.as_bytes());
    }
    out
}

/// So much of the ground lies over a picture that something stands in front of.
pub(super) const VEIL: f64 = 0.5;
/// Rows of a thumbnail.
const SMALL: u16 = 3;

/// Tells that a picture is on its way, or that there is none: a small one by its place, which stands
/// among words, a larger one by its corners and in words.
pub(super) fn missing(
    buffer: &mut Buffer,
    area: Rect,
    covers: &[Rect],
    words: &str,
    is_ascii: bool,
) {
    let mut put = |at: Position, sign: &str| {
        if let Some(cell) = buffer.cell_mut(at).filter(|_| !is_covered(at, covers)) {
            cell.set_symbol(sign);
            cell.modifier.insert(Modifier::DIM);
        }
    };
    if area.height <= SMALL {
        area.positions().for_each(|at| put(at, if is_ascii { ":" } else { "░" }));
        return;
    }
    // A preview is not solid at its very edge.
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    corners(inner, is_ascii).into_iter().for_each(|(at, sign)| put(at, sign));
    let (from, y) = (area.x + middle(area.width, words), area.y + area.height / 2);
    for (x, letter) in (from..area.right()).zip(words.chars()) {
        put(Position::new(x, y), letter.encode_utf8(&mut [0; 4]));
    }
}

pub(super) fn skip_cells(buffer: &mut Buffer, area: Rect) {
    for position in area.positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
            cell.set_diff_option(CellDiffOption::Skip);
        }
    }
}

/// Not where something covers them; behind it under a veil.
pub(super) fn put_cells(
    buffer: &mut Buffer,
    area: Rect,
    cells: &[Cell],
    covers: &[Rect],
    veil: Option<Rgb>,
) {
    let colour = |colour| match (colour, veil) {
        (Colour::Default, _) => Color::Reset,
        (Colour::Rgb(r, g, b), None) => Color::Rgb(r, g, b),
        (Colour::Rgb(r, g, b), Some(ground)) => {
            let [r, g, b] = blend([r, g, b], ground, VEIL);
            Color::Rgb(r, g, b)
        }
        (Colour::Index(index @ 16..), Some(ground)) => {
            Color::Indexed(nearest256(blend(of_index(index), ground, VEIL)))
        }
        (Colour::Index(index), _) => Color::Indexed(index),
    };
    let free = area.positions().zip(cells).filter(|(position, _)| !is_covered(*position, covers));
    for (position, source) in free {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.set_symbol(&source.symbol).set_fg(colour(source.fg)).set_bg(colour(source.bg));
        }
    }
}
