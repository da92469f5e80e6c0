//! One row for the drawers that are closed: each always at its own place, the first below the
//! picture, the others below the column beside it; what it holds in a few words.
//!
//! Draws text only; what it says is the panes' own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{put, shortened};
use super::panes::{self, PaneSpec, Slot};
use crate::app::model::Model;

/// Columns of the last one, which tells a time; beside a picture the one before it has its own first.
const LEAST: u16 = 19;
/// Columns of the one before it in the column beside the picture, and of that column at least.
const SECOND: u16 = 12;
const SIDE: u16 = 2 * SECOND;

/// `side`: where the column beside the picture begins.
pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui, side: Option<u16>) {
    let theme = ui.theme();
    let side = side.map(|x| area.right().saturating_sub(x));
    let side = side.filter(|wide| (SIDE..area.width / 2).contains(wide));
    let open = ui.screen().drawer;
    let drawers: Vec<&PaneSpec> =
        panes::ALL.into_iter().filter(|pane| pane.slot == Slot::Drawer).collect();
    let count = drawers.len();
    // From the right on; what is left of the row is the first one's.
    let mut end = area.width;
    for (place, pane) in drawers.into_iter().enumerate().rev() {
        let second = |side: u16| SECOND.max(side.saturating_sub(LEAST).min(SECOND + 4));
        let wide = match (side, count - place) {
            (_, _) if place == 0 => end,
            (Some(side), 1) => side - second(side),
            (Some(side), 2) => second(side),
            (_, _) => columns(area.width, place).min(end),
        };
        end -= wide;
        let gap = u16::from(end + wide < area.width);
        let slot = Rect { x: area.x + end, width: wide - gap, ..area };
        // The open one has its title above.
        if open == Some(pane.id) {
            continue;
        }
        let words = (pane.brief)(ui, model);
        let number = panes::number(pane.id);
        let style = theme.role((pane.brief_role)(ui));
        let words_in = |columns: usize| {
            shortened(&words, " · ", usize::from(slot.width).saturating_sub(columns))
        };
        let mut told = words_in(number.width() + 2);
        // The key that goes there tells the pane; what goes on there is told before its name.
        if told.ends_with('…') && place > 0 {
            let (_, rest) = words.split_once(' ').unwrap_or_default();
            if rest.is_empty() || rest.width() + number.width() + 2 > usize::from(slot.width) {
                put(buffer, slot, 1, 0, &words_in(1), style);
                continue;
            }
            told = rest.to_owned();
        }
        let used = put(buffer, slot, 1, 0, &number, theme.dim()) + 2;
        put(buffer, slot, used, 0, &told, style);
    }
}

/// Of a drawer but the first, at this width of the screen. The second counts in marks where room is
/// short.
fn columns(width: u16, place: usize) -> u16 {
    match place {
        1 => (width / 16 * 3 + width % 16 * 3 / 16).clamp(17, 34),
        _ => (width / 18 * 5 + width % 18 * 5 / 18).clamp(LEAST, 34),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_of_any_width_has_its_columns() {
        for (width, second, others) in
            [(0, 17, 19), (80, 17, 22), (120, 22, 33), (u16::MAX, 34, 34)]
        {
            assert_eq!((columns(width, 1), columns(width, 2)), (second, others), "{width}");
        }
    }
}
