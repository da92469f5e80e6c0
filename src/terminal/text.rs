//! Cells that have changed, as the fewest bytes that write them.
//!
//! ratatui's own backend names both colours whenever one has changed; over a slow line half of a
//! picture in blocks would be names of colours that stand there already.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::clusters::is_unsure;

/// The bytes that lead from one screen to the next; none where nothing has changed. Styles are
/// left as they were found: plain.
pub(super) fn draw(before: &Buffer, next: &Buffer) -> Vec<u8> {
    let mut pen = SgrState::default();
    // A difference measures every letter, which rows that are alike do not need.
    for y in next.area.top()..next.area.bottom() {
        let [there, wanted] = [before, next].map(|buffer| row(buffer, y));
        if there != wanted {
            let [there, wanted] = [there, wanted].map(|cells| alone(cells, next.area, y));
            for (x, y, cell) in there.diff(&wanted) {
                pen.write(x, y, cell);
            }
        }
    }
    pen.finish()
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let from = usize::from(y.saturating_sub(buffer.area.y)) * width;
    buffer.content.get(from..from + width).unwrap_or_default()
}

fn alone(row: &[Cell], area: Rect, y: u16) -> Buffer {
    Buffer { area: Rect { y, height: 1, ..area }, content: row.to_vec() }
}

/// What the terminal writes with now.
#[derive(Default)]
struct SgrState {
    out: String,
    /// Where the cursor stands after the last cell, if that is sure.
    at: Option<(u16, u16)>,
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl SgrState {
    fn write(&mut self, x: u16, y: u16, cell: &Cell) {
        if self.at != Some((x, y)) {
            let _ = write!(self.out, "\x1b[{};{}H", y + 1, x + 1);
        }
        self.style(cell);
        let symbol = cell.symbol();
        self.out.push_str(symbol);
        let width = u16::try_from(symbol.width()).unwrap_or(1);
        self.at = (!is_unsure(symbol)).then_some((x + width.max(1), y));
    }

    fn style(&mut self, cell: &Cell) {
        let mut codes = Vec::new();
        if cell.modifier != self.modifier {
            // Taking one away is less sure among terminals than beginning again.
            if !cell.modifier.contains(self.modifier) {
                codes.push("0".to_owned());
                (self.fg, self.bg) = (Color::Reset, Color::Reset);
                self.modifier = Modifier::empty();
            }
            let new = cell.modifier.difference(self.modifier);
            codes.extend(
                CODES
                    .iter()
                    .filter(|(one, _)| new.contains(*one))
                    .map(|(_, code)| (*code).to_owned()),
            );
            self.modifier = cell.modifier;
        }
        // The ink of a blank is not seen.
        let is_seen = cell.symbol() != " " || !self.modifier.is_empty();
        if is_seen && cell.fg != self.fg {
            codes.push(colour(cell.fg, 30));
            self.fg = cell.fg;
        }
        if cell.bg != self.bg {
            codes.push(colour(cell.bg, 40));
            self.bg = cell.bg;
        }
        if !codes.is_empty() {
            let _ = write!(self.out, "\x1b[{}m", codes.join(";"));
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let is_plain = (self.fg, self.bg) == (Color::Reset, Color::Reset);
        if !is_plain || !self.modifier.is_empty() {
            self.out.push_str("\x1b[0m");
        }
        self.out.into_bytes()
    }
}

const CODES: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::RAPID_BLINK, "6"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// `base` is 30 for the ink and 40 for the ground.
fn colour(colour: Color, base: u8) -> String {
    let plain = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match colour {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    fn written(change: impl Fn(&mut Buffer)) -> String {
        let before = Buffer::empty(Rect::new(0, 0, 20, 2));
        let mut next = before.clone();
        change(&mut next);
        String::from_utf8_lossy(&draw(&before, &next)).into_owned()
    }

    #[test]
    fn only_what_has_changed_is_named() {
        assert_eq!(written(|_| {}), "");
        let red = Style::new().fg(Color::Red);
        let text = written(|next| {
            next.set_string(2, 1, "ab", red);
            next.set_string(4, 1, "c", red.bg(Color::Rgb(1, 2, 3)));
            next.set_string(5, 1, " d", red.bg(Color::Rgb(1, 2, 3)).fg(Color::Reset));
        });
        assert_eq!(text, "\x1b[2;3H\x1b[31mab\x1b[48;2;1;2;3mc \x1b[39md\x1b[0m");
    }

    #[test]
    fn a_modifier_that_ends_takes_nothing_else_along() {
        let text = written(|next| {
            next.set_string(0, 0, "a", Style::new().fg(Color::Blue).add_modifier(Modifier::BOLD));
            next.set_string(1, 0, "b", Style::new().fg(Color::Blue));
        });
        assert_eq!(text, "\x1b[1;1H\x1b[1;34ma\x1b[0;34mb\x1b[0m");
    }

    #[test]
    fn a_wide_letter_moves_the_cursor_by_two() {
        let text = written(|next| {
            next.set_string(0, 0, "犬x", Style::new());
        });
        assert_eq!(text, "\x1b[1;1H犬x");
    }
}
