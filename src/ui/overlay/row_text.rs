//! The words of a list's row: written inside their place, with the letters that matched marked.
//!
//! Knows nothing of what the row is. Invariant: no cell outside of the area changes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthChar as _;

/// Marks these letters of a label that stands there.
pub(super) fn light(
    area: Rect,
    buffer: &mut Buffer,
    (x, y): (u16, u16),
    label: &str,
    places: &[usize],
    style: Style,
) {
    let mut column = area.x + x;
    for (place, c) in label.chars().enumerate() {
        let wide = u16::try_from(c.width().unwrap_or(0)).unwrap_or(0);
        let cell = (column < area.right()).then(|| buffer.cell_mut((column, area.y + y)));
        if let Some(cell) = cell.flatten().filter(|_| wide > 0 && places.contains(&place)) {
            cell.set_style(style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED));
        }
        column = column.saturating_add(wide);
    }
}

/// Writes inside `area` only, cut at its right; returns the columns used.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Rect,
    x: u16,
    y: u16,
    text: &str,
    style: Style,
) -> u16 {
    if y < area.height && x < area.width {
        let room = usize::from(area.width - x);
        let (end, _) = buffer.set_stringn(area.x + x, area.y + y, text, room, style);
        return end - area.x - x;
    }
    0
}
