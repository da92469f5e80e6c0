//! The words of a list's row: written inside their place, with the letters that matched marked.
//!
//! Knows nothing of what the row is. Invariant: no cell outside of the area changes.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::ui::cells::cut_front;

/// Columns of the names at most; the end of a longer one tells more.
pub(super) const NAME: usize = 16;

/// The last parts of a name that are whole in so many columns: `kontext/max`.
pub(super) fn name_end(name: &str, columns: usize) -> Cow<'_, str> {
    let ends = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
    let mut ends = std::iter::once(name).chain(ends);
    match ends.find(|end| end.width() <= columns && !end.is_empty()) {
        Some(end) => end.into(),
        None => cut_front(name, columns).into(),
    }
}

/// The word by which a row was found that is told only where it is selected.
pub(super) fn unseen(query: &str, seen: &str, more: &str) -> Option<String> {
    let query = query.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&query);
    if query.is_empty() || has(seen) || !has(more) {
        return None;
    }
    let word = more.split([' ', ';', ',', ':']).find(|word| has(word));
    Some(word.map_or(query.clone(), str::to_owned))
}

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

/// So that it ends two columns before `x`, or one where it is long; where what follows begins.
pub(super) fn put_before(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    key: &str,
    style: Style,
) -> u16 {
    let wide = u16::try_from(key.width()).unwrap_or(u16::MAX);
    let from = x.saturating_sub(wide.saturating_add(2)).max(1);
    let end = from + put(buffer, area, from, y, key, style);
    if end < x { x } else { end + 2 }
}
