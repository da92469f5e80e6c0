//! What is asked before money leaves: on top of everything, answered by a word.
//!
//! Lives as long as the model's question; only what was typed so far is the screen's own.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::question::Question;
use crate::ui::keys::letter;
use crate::ui::panes::frame;
use crate::ui::text::put;
use crate::ui::theme::Theme;

/// The answer so far; `Some` when it is one.
pub fn handle(question: &Question, typed: &mut String, key: &KeyEvent) -> Option<bool> {
    let word = question.word();
    match key.code {
        KeyCode::Esc => return Some(false),
        KeyCode::Backspace => drop(typed.pop()),
        KeyCode::Enter if typed.trim() == word => return Some(true),
        KeyCode::Char(_) => {
            typed.extend(letter(key));
            // One letter is an answer at once, either way.
            if word.len() == 1 {
                let answer = std::mem::take(typed);
                return match answer.as_str() {
                    "y" => Some(true),
                    "n" | "q" => Some(false),
                    _ => None,
                };
            }
        }
        _ => {}
    }
    None
}

/// Where it stands: above the footer, over everything else.
pub fn area(question: &Question, footer: Rect, screen: Rect) -> Rect {
    let rows = u16::try_from(question.lines().len() + 3).unwrap_or(u16::MAX);
    let height = rows.min(footer.y.saturating_sub(screen.y));
    let width = super::width(screen);
    Rect { x: screen.x + (screen.width - width) / 2, y: footer.y - height, width, height }
}

pub fn draw(
    question: &Question,
    typed: &str,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> Option<Position> {
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
        }
    }
    let inner = frame(area, buffer, theme, "before it costs", true);
    let lines = question.lines();
    for (y, line) in lines.iter().enumerate() {
        put(buffer, inner, 1, u16::try_from(y).unwrap_or(u16::MAX), line, Style::new());
    }
    let ask = match question.word() {
        "y" => "y: it is sent · Esc sends nothing  ".to_owned(),
        word => format!("type {word} and Enter: it is sent · Esc sends nothing  "),
    };
    let y = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let used = put(buffer, inner, 1, y, &format!("{ask}{typed}"), theme.warning());
    let at = Position::new((inner.x + 1 + used).min(inner.right().saturating_sub(1)), inner.y + y);
    inner.contains(at).then_some(at)
}
