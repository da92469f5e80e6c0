//! Where one is in a list that does not fit: a bar in its last column.
//!
//! Only drawn where there is more than is seen; who draws rows leaves it the column.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells::put;
use super::theme::{Role, Theme};

/// The area left of the bar; the whole of it where everything fits.
pub fn beside(area: Rect, all: usize, shown: usize) -> Rect {
    let is_needed = all > shown && area.width > 8;
    Rect { width: area.width - u16::from(is_needed), ..area }
}

/// `first` of `all` rows stands at the top of an area that shows so many.
pub fn draw(area: Rect, buffer: &mut Buffer, theme: Theme, first: usize, shown: usize, all: usize) {
    if beside(area, all, shown) == area || area.height == 0 {
        return;
    }
    let height = usize::from(area.height);
    let thumb = (height * shown / all.max(1)).clamp(1, height);
    let most = (all - shown).max(1);
    let top = (height - thumb) * first.min(most) / most;
    let (full, line) = if theme.ascii { ("#", "|") } else { ("┃", "│") };
    for row in 0..height {
        let (sign, role) = match (top..top + thumb).contains(&row) {
            true => (full, Role::Secondary),
            false => (line, Role::Line),
        };
        let y = u16::try_from(row).unwrap_or(u16::MAX);
        put(buffer, area, area.width - 1, y, sign, theme.role(role));
    }
}
