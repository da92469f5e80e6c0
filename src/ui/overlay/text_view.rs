//! Scrollable text, optionally refreshed from the model.

use std::cell::Cell;
use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::Action;
use crate::app::model::Model;
use crate::ui::cells::{cut, put, shortened};
use crate::ui::clauses::wrapped;
use crate::ui::motion::Motion;
use crate::ui::theme::Theme;

/// Lines of a page, which is as high as the smallest view.
const PAGE: usize = 10;

#[derive(Debug)]
pub struct TextView {
    title: String,
    lines: Vec<String>,
    /// The first line that is shown.
    from: Cell<usize>,
    /// Computes the lines again after every step.
    source: Option<fn(&Model) -> Vec<String>>,
    /// Letters that perform an action.
    offers: Vec<(char, Action)>,
    keys: &'static [(&'static str, &'static str)],
    paint: Option<Paint>,
}

/// What of a line has another colour than the rest, in bytes.
pub type Paint = fn(&str, Theme) -> Vec<(Range<usize>, Style)>;

impl TextView {
    pub fn new(title: &str, lines: Vec<String>) -> Self {
        let keys = &[("Up Down", "scroll")];
        let (title, from, offers) = (title.into(), Cell::default(), Vec::new());
        Self { title, lines, from, source: None, offers, keys, paint: None }
    }

    /// A view whose lines are computed again after every step.
    pub fn following(title: &str, source: fn(&Model) -> Vec<String>) -> Self {
        Self { source: Some(source), ..Self::new(title, Vec::new()) }
    }

    pub fn painted(self, paint: Paint) -> Self {
        Self { paint: Some(paint), ..self }
    }

    /// What the footer tells of it.
    pub fn with_keys(mut self, keys: &'static [(&'static str, &'static str)]) -> Self {
        self.keys = keys;
        self
    }

    /// Adds a letter that performs an action.
    pub fn offering(mut self, letter: char, action: Action) -> Self {
        self.offers.push((letter, action));
        self
    }
}

impl Overlay for TextView {
    fn title(&self) -> &str {
        &self.title
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        self.keys
    }

    fn rows(&self) -> usize {
        self.lines.len()
    }

    fn rows_in(&self, columns: u16) -> usize {
        fitted(&self.lines, columns).len()
    }

    fn columns(&self) -> Option<usize> {
        self.lines.iter().map(|line| line.width()).max()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        let offered = self.offers.iter().find(|(letter, _)| key.code == KeyCode::Char(*letter));
        if let Some((_, action)) = offered {
            return OverlayResult::Accept(OverlayAction::Actions(vec![action.clone()]));
        }
        if let KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') = key.code {
            return OverlayResult::Close;
        }
        if let Some(motion) = Motion::of_key(&key) {
            // What is too far is held back when it is drawn.
            self.from.set(motion.from(self.from.get(), PAGE, usize::MAX));
        }
        OverlayResult::Keep
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn refresh(&mut self, model: &Model) {
        if let Some(source) = self.source {
            self.lines = source(model);
        }
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let lines = fitted(&self.lines, area.width);
        self.from.set(draw_lines(area, buffer, &lines, self.from.get()));
        let seen = lines.iter().skip(self.from.get());
        for (y, line) in (0..area.height).zip(seen).filter(|_| self.paint.is_some()) {
            for (part, style) in self.paint.map(|paint| paint(line, theme)).unwrap_or_default() {
                let before = line.get(..part.start).unwrap_or_default().width();
                let x = u16::try_from(before).unwrap_or(u16::MAX).saturating_add(1);
                put(buffer, area, x, y, line.get(part).unwrap_or_default(), style);
            }
        }
        None
    }

    fn hidden(&self, area: Rect, _: Theme) -> usize {
        below(area, fitted(&self.lines, area.width).len(), self.from.get())
    }
}

/// Sentences that are too long go on in the next line; of a table the columns that have no room are
/// left out.
fn fitted(lines: &[String], columns: u16) -> Vec<String> {
    let columns = usize::from(columns.saturating_sub(2));
    let cells = |line: &str| line.split("  ").filter(|cell| !cell.trim().is_empty()).count();
    let fit = |line: &String| match cells(line) {
        _ if line.width() <= columns => vec![line.clone()],
        0 | 1 => wrapped(line, columns),
        // A key and what it does, or a number and what it is.
        2 => hanging(line, columns),
        _ => vec![shortened(line, "  ", columns)],
    };
    lines.iter().flat_map(fit).collect()
}

/// The second of two columns goes on below itself.
fn hanging(line: &str, columns: usize) -> Vec<String> {
    let bare = line.trim_start();
    let second =
        line.len() - bare.split_once("  ").map_or("", |(_, value)| value).trim_start().len();
    let (first, value) = line.split_at_checked(second).unwrap_or((line, ""));
    let indent = first.width();
    if indent * 2 > columns {
        return vec![cut(line, columns)];
    }
    let rows = wrapped(value, columns - indent).into_iter().enumerate();
    let row =
        |(at, row)| format!("{}{row}", if at == 0 { first.into() } else { " ".repeat(indent) });
    rows.map(row).collect()
}

/// From this line on, or from the first one from which the last is seen; which one it was.
pub(super) fn draw_lines(area: Rect, buffer: &mut Buffer, lines: &[String], from: usize) -> usize {
    let from = from.min(lines.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (0..area.height).zip(lines.iter().skip(from)) {
        put(buffer, area, 1, y, line, Style::new());
    }
    from
}

/// So many lines are below the last one that is seen.
pub(super) fn below(area: Rect, lines: usize, from: usize) -> usize {
    lines.saturating_sub(from.saturating_add(usize::from(area.height)))
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn the_end_of_long_lines_is_seen_and_left_with_one_key_at_any_width() {
        let line = |number| format!("{number}: {}", "words that go on and on ".repeat(3));
        for width in [30, 80, 200] {
            let mut view = TextView::new("long", (1..40).map(line).collect());
            let area = Rect::new(0, 0, width, 10);
            let drawn = |view: &TextView| {
                let mut buffer = Buffer::empty(area);
                view.draw(area, &mut buffer, Theme::default());
                buffer.content.iter().map(|cell| cell.symbol()).collect::<String>()
            };
            let first = drawn(&view);
            view.on_key(KeyEvent::new(KeyCode::End, KeyModifiers::NONE));
            let end = drawn(&view);
            assert!(!end.trim().is_empty() && end != first, "{width}: {end}");
            view.on_key(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
            assert_ne!(drawn(&view), end, "{width}");
        }
    }
}
