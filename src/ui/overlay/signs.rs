//! What the marks mean, as the last group of a list: in as many columns as there is room for.
//!
//! Selects nothing. Invariant: no mark stands apart from its meaning, and none is cut where one
//! column has room for it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use crate::ui::cells::put;
use crate::ui::theme::{Mark, Role, Theme};

pub(super) const HEADING: &str = "Signs";

/// By these words all of them are found.
const SOUGHT: [&str; 4] = ["marks", "legend", "symbols", "signs"];
/// What is shorter is no word yet.
const LEAST: usize = 3;
/// Before the first of a row, and between two.
const MARGIN: usize = 2;
const GAP: usize = 3;
/// More are not read as columns.
const MOST: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Signs {
    marks: Vec<Mark>,
    /// Columns of each column.
    wide: Vec<usize>,
}

impl Signs {
    /// Those that these words are about, all without words; in a list of so many columns.
    pub(super) fn among(query: &str, columns: u16) -> Self {
        let query = query.trim().to_lowercase();
        let is_word = query.len() >= LEAST;
        let is_all = query.is_empty() || is_word && SOUGHT.iter().any(|it| it.starts_with(&query));
        let is_told = |mark: &Mark| is_all || is_word && mark.meaning().contains(&query);
        let marks: Vec<Mark> = Mark::ALL.into_iter().filter(is_told).collect();
        let room = usize::from(columns).saturating_sub(2 * MARGIN);
        let fits = |count: &usize| {
            let wide = widths(&marks, *count);
            wide.iter().sum::<usize>() + GAP * count.saturating_sub(1) <= room
        };
        let count = (1..=MOST).rev().find(fits).unwrap_or(1);
        Self { wide: widths(&marks, count), marks }
    }

    pub(super) fn rows(&self) -> usize {
        self.marks.len().div_ceil(self.wide.len().max(1))
    }

    /// Read from above to below.
    pub(super) fn draw(&self, row: usize, area: Rect, buffer: &mut Buffer, y: u16, theme: Theme) {
        let mut x = MARGIN;
        let column = |column: usize| self.marks.get(column * self.rows() + row);
        for (mark, wide) in (0..).map(column).zip(&self.wide) {
            let Some(mark) = mark else { continue };
            let at = u16::try_from(x).unwrap_or(u16::MAX);
            put(buffer, area, at, y, theme.mark(*mark), theme.role(mark.role()));
            put(buffer, area, at + 2, y, mark.meaning(), theme.role(Role::Secondary));
            x += wide + GAP;
        }
    }
}

/// As wide as what stands in each of so many columns.
fn widths(marks: &[Mark], count: usize) -> Vec<usize> {
    let rows = marks.len().div_ceil(count.max(1)).max(1);
    let told = |mark: &Mark| 2 + mark.meaning().width();
    marks.chunks(rows).map(|column| column.iter().map(told).max().unwrap_or(0)).collect()
}
