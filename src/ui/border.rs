//! The title row of a pane, the frame of an overlay, and what stands in a part when its drawing
//! fails.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::cells::{folded, put, shortened};
use super::theme::{Role, Theme};

/// Draws the title row of a pane; returns the area below it. A heavy bar and the line behind the
/// title tell the focus without colour.
pub fn titled(
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
    named: (&str, &str),
    focused: bool,
) -> Rect {
    put(buffer, area, 0, 0, theme.edge(focused), theme.border(focused));
    self::named(area, buffer, theme, named, focused)
}

/// The same without the bar. A title that is too long loses its last parts.
pub fn named(
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
    (number, title): (&str, &str),
    focused: bool,
) -> Rect {
    let row = Rect { height: area.height.min(1), ..area };
    let style = if focused { theme.accent() } else { Style::new().add_modifier(Modifier::BOLD) };
    // Not in the colour of keys: it goes to the pane with Alt only. What is counted stands behind the
    // name.
    let used = put(buffer, row, 1, 0, number, theme.dim());
    let x = if used > 0 { 1 + used + put(buffer, row, 1 + used, 0, " ", style) } else { 1 };
    let title = shortened(title, " · ", usize::from(row.width.saturating_sub(x)));
    let end = x + put(buffer, row, x, 0, &title, style);
    let end = end + put(buffer, row, end, 0, " ", style);
    if focused {
        let line = theme.lines(true)[0].repeat(usize::from(row.width.saturating_sub(end)));
        put(buffer, row, end, 0, &line, theme.border(true));
    }
    Rect { y: area.y + row.height, height: area.height - row.height, ..area }
}

/// The heavy line of a picture that fills its slot: in the column before its words, as high as they
/// are, so that it points at nothing else.
pub fn before(words: Rect, buffer: &mut Buffer, theme: Theme) {
    let column = Rect { x: words.x.saturating_sub(1), width: 1, ..words }.intersection(buffer.area);
    let [_, down, ..] = theme.lines(true);
    for row in 0..column.height {
        put(buffer, column, 0, row, down, theme.border(true));
    }
}

/// Draws the border and the title of an overlay in the colour of what it is about, heavy but for a
/// mere line; returns the area inside.
pub fn frame(area: Rect, buffer: &mut Buffer, theme: Theme, title: &str, role: Role) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    let [across, down, corner1, corner2, corner3, corner4] = theme.lines(role != Role::Line);
    let style = theme.role(role);
    let (right, bottom) = (area.width - 1, area.height - 1);
    let line = across.repeat(usize::from(area.width - 2));
    put(buffer, area, 0, 0, &format!("{corner1}{line}{corner2}"), style);
    put(buffer, area, 0, bottom, &format!("{corner3}{line}{corner4}"), style);
    for row in 1..bottom {
        put(buffer, area, 0, row, down, style);
        put(buffer, area, right, row, down, style);
    }
    if !title.is_empty() {
        let room = Rect { width: area.width.saturating_sub(2), ..area };
        let words = match role {
            Role::Focus | Role::Line => Style::reset().patch(theme.text()),
            role => theme.role(role),
        };
        let style = words.add_modifier(Modifier::BOLD);
        let title = shortened(title, " · ", usize::from(room.width.saturating_sub(4)));
        put(buffer, room, 2, 0, &format!(" {title} "), style);
    }
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

/// The corners of a place whose picture is not there, each with a piece of the lines that meet there.
pub fn corners(area: Rect, is_ascii: bool) -> Vec<(Position, &'static str)> {
    if area.width < 4 || area.height < 2 {
        return Vec::new();
    }
    let theme = Theme { ascii: is_ascii, ..Theme::default() };
    let [across, _, upper_left, upper_right, lower_left, lower_right] = theme.lines(false);
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    let rows = [(area.y, upper_left, upper_right), (bottom, lower_left, lower_right)];
    let row = |(y, first, last)| {
        [(area.x, first), (area.x + 1, across), (right - 1, across), (right, last)]
            .map(|(x, sign)| (Position::new(x, y), sign))
    };
    rows.into_iter().flat_map(row).collect()
}

/// Nothing of what stood there is left.
pub fn blank(area: Rect, buffer: &mut Buffer, theme: Theme) {
    for at in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(at) {
            cell.reset();
            cell.set_style(theme.text());
        }
    }
}

/// Drawn in place of a part whose drawing panicked.
pub fn broken(area: Rect, buffer: &mut Buffer, theme: Theme, name: &str) {
    let area = area.intersection(buffer.area);
    blank(area, buffer, theme);
    let inner = match area.height {
        0..=2 => area,
        _ => frame(area, buffer, theme, name, Role::Line),
    };
    let text = format!("cannot draw `{name}`: internal error in editree; see the log");
    for (y, line) in (0..).zip(folded(&text, usize::from(inner.width))) {
        put(buffer, inner, 0, y, &line, theme.warning());
    }
}

/// The first row to show so that `selected` is visible within `rows`.
pub fn scroll(selected: usize, rows: usize, all: usize) -> usize {
    let last = all.saturating_sub(rows);
    selected.saturating_sub(rows / 2).min(last)
}
