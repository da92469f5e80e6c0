//! What a question is about: remarks, what is affected with its price, and below a rule the sum.
//!
//! Knows neither why it is asked nor what an answer does. Invariant: the row of the answer is kept
//! free; where there are few rows, all above it is gone through as one list.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::ui::cells::{folded, put, put_right};
use crate::ui::clauses::wrapped;
use crate::ui::theme::{Role, Theme};

/// As many lines are shown at once.
const SHOWN: usize = 12;
/// Below all a blank row, and the answer.
const BELOW: usize = 2;
/// Between words and their price.
const GAP: usize = 2;
/// A row with more columns goes on in the next one rather than to make the box wider.
const WHOLE: usize = 62;
/// With fewer rows for the list, all is the list.
const LEAST: usize = 2;

/// What is affected, and what it costs.
pub type Line = (String, String);

#[derive(Debug, Default)]
pub struct Bill {
    /// In words, and whether they must be read.
    pub remarks: Vec<(String, bool)>,
    pub lines: Vec<Line>,
    /// It was paid long ago: green is what will cost.
    pub is_spent: bool,
    /// What they come to: the first of its words that fit, and the price.
    pub sum: Option<(Vec<String>, String)>,
}

/// One row of it as it is drawn.
struct Row {
    words: String,
    price: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Remark { is_news: bool },
    Line,
    Rule,
    Sum,
}

/// Its rows: those that stay above, those that are gone through, those that stay below.
struct Parts {
    above: Vec<Row>,
    list: Vec<Row>,
    below: Vec<Row>,
    /// So many of the list are seen at once.
    shown: usize,
}

impl Bill {
    /// Columns of its widest row, but for those that have to go on in the next one anyway.
    pub fn columns(&self) -> usize {
        let wide = |(words, price): &Line| words.width() + self.beside(price);
        let sum = self.sum.iter().map(|(forms, price)| {
            forms.last().map_or(0, |words| words.width()) + self.beside(price)
        });
        let rows = self.lines.iter().map(wide).chain(sum);
        rows.filter(|columns| *columns <= WHOLE).max().unwrap_or(0)
    }

    fn beside(&self, price: &str) -> usize {
        if price.is_empty() { 0 } else { GAP + price.width() }
    }

    /// Rows inside a frame with so many columns.
    pub fn rows_in(&self, columns: u16) -> usize {
        let parts = self.parts(columns, u16::MAX);
        parts.above.len() + parts.list.len().min(SHOWN) + parts.below.len() + BELOW
    }

    /// Lines below the last one that is seen.
    pub fn hidden(&self, area: Rect, from: usize) -> usize {
        let parts = self.parts(area.width, area.height);
        parts.list.len().saturating_sub(parts.from(from) + parts.shown)
    }

    /// Not all of it is seen at once.
    pub fn is_long(&self, area: Rect) -> bool {
        let parts = self.parts(area.width, area.height);
        parts.list.len() > parts.shown
    }

    fn parts(&self, columns: u16, rows: u16) -> Parts {
        let columns = usize::from(columns.saturating_sub(2));
        let room = usize::from(rows).saturating_sub(BELOW);
        let (mut above, mut list) = (self.above(columns), self.list(columns));
        let mut below = self.below(columns);
        let all = above.len() + list.len() + below.len();
        if all > room && above.len() + below.len() + LEAST.min(list.len()) > room {
            below.retain(|row| row.kind != Kind::Rule);
            above.append(&mut list);
            above.append(&mut below);
            return Parts { above: Vec::new(), list: above, below, shown: room };
        }
        let shown = room - above.len() - below.len();
        Parts { above, list, below, shown }
    }

    fn above(&self, columns: usize) -> Vec<Row> {
        let fold = |(words, is_news): &(String, bool)| {
            let kind = Kind::Remark { is_news: *is_news };
            let row = move |words| Row { words, price: String::new(), kind };
            wrapped(words, columns.max(1)).into_iter().map(row)
        };
        self.remarks.iter().flat_map(fold).collect()
    }

    /// Prices end in one column, beside the first row of their words.
    fn list(&self, columns: usize) -> Vec<Row> {
        let room = self.room(columns);
        let fold = |(words, price): &Line| {
            // Numbers end in the same column.
            let own = words.trim_start();
            let pad = " ".repeat(words.len() - own.len());
            let lines = folded(own, room.saturating_sub(pad.len())).into_iter();
            rows(lines.map(|line| format!("{pad}{line}")), price, Kind::Line)
        };
        self.lines.iter().flat_map(fold).collect()
    }

    fn below(&self, columns: usize) -> Vec<Row> {
        let Some((forms, price)) = &self.sum else {
            return Vec::new();
        };
        let room = self.room(columns);
        let whole = forms.iter().find(|words| words.width() <= room).or(forms.last());
        let words = whole.map_or(Vec::new(), |words| wrapped(words, room.max(1)));
        let rule = Row { words: String::new(), price: String::new(), kind: Kind::Rule };
        [rule].into_iter().chain(rows(words.into_iter(), price, Kind::Sum)).collect()
    }

    /// Columns left of the prices.
    fn room(&self, columns: usize) -> usize {
        let prices = self.lines.iter().map(|(_, price)| price);
        let prices = prices.chain(self.sum.iter().map(|(_, price)| price));
        columns.saturating_sub(prices.map(|price| self.beside(price)).max().unwrap_or(0))
    }

    /// All but the answer, from this line on; what is too far is held back.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme, from: &Cell<usize>) {
        let parts = self.parts(area.width, area.height);
        let first = parts.from(from.get());
        from.set(first);
        let list = parts.list.iter().skip(first).take(parts.shown);
        let inside = Rect { width: area.width.saturating_sub(1), ..area };
        let price = if self.is_spent { Role::Secondary } else { Role::Money };
        let rows = parts.above.iter().chain(list).chain(&parts.below);
        for (y, row) in (0..area.height).zip(rows) {
            row.draw(inside, buffer, y, (theme, price));
        }
    }
}

impl Parts {
    fn from(&self, from: usize) -> usize {
        from.min(self.list.len().saturating_sub(self.shown))
    }
}

/// The price beside the first of them.
fn rows(words: impl Iterator<Item = String>, price: &str, kind: Kind) -> Vec<Row> {
    let mut rows: Vec<Row> = words.map(|words| Row { words, price: String::new(), kind }).collect();
    if let Some(first) = rows.first_mut() {
        price.clone_into(&mut first.price);
    }
    rows
}

impl Row {
    fn draw(&self, inside: Rect, buffer: &mut Buffer, y: u16, (theme, price): (Theme, Role)) {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let price = theme.role(price);
        let (style, price) = match self.kind {
            Kind::Rule => {
                let room = usize::from(inside.width.saturating_sub(1));
                let rule = theme.lines(false)[0].repeat(room);
                put(buffer, inside, 1, y, &rule, theme.border(false));
                return;
            }
            Kind::Remark { is_news: false } => (theme.dim(), Style::new()),
            Kind::Remark { is_news: true } => (Style::new(), Style::new()),
            Kind::Line => (Style::new(), price),
            Kind::Sum => (bold, price.patch(bold)),
        };
        let used = put(buffer, inside, 1, y, &self.words, style);
        put_right(buffer, inside, used, y, &self.price, price);
    }
}
