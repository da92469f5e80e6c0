//! The prompt's lines as rows of the screen: wrapped softly, painted, with what is selected and
//! what the model does not read marked by letter.
//!
//! Knows no text area. Invariant: rows are cut between letters as a person sees them, cover every
//! line without a gap, and painting is total for any text and room.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::spot::{Spot, line};
use crate::ui::cells::clean;

/// A part of a line; bytes of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) range: Range<usize>,
    is_last: bool,
}

/// What is seen beside the words; bytes of the whole text.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    pub(super) selected: Range<usize>,
    /// Not read from here on.
    pub(super) unread: Option<(usize, Style)>,
    /// Letters that cannot be read.
    pub(super) unreadable: &'a [Range<usize>],
    pub(super) unreadable_style: Style,
}

/// A word, a part of one, or one blank.
struct Unit<'a> {
    start: usize,
    text: &'a str,
    is_blank: bool,
}

/// One column is left for the cursor behind the last letter. Without a width lines stay whole.
pub(super) fn rows(lines: &[String], width: u16) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, text) in lines.iter().enumerate() {
        let mut start = 0;
        let cuts = if width == 0 { Vec::new() } else { cuts(text, usize::from(width).max(2) - 1) };
        for cut in cuts {
            rows.push(Row { line: number, range: start..cut, is_last: false });
            start = cut;
        }
        rows.push(Row { line: number, range: start..text.len(), is_last: true });
    }
    rows
}

/// Where rows of at most `limit` columns begin, but the first.
fn cuts(text: &str, limit: usize) -> Vec<usize> {
    if text.is_ascii() && text.len() <= limit {
        return Vec::new();
    }
    let units = units(text);
    let (mut cuts, mut start, mut used) = (Vec::new(), 0, 0);
    for (number, unit) in units.iter().enumerate() {
        // The cursor behind a blank before a word stands in the next row: the blank may have its cell.
        let leads = units.get(number + 1).is_some_and(|next| !next.is_blank);
        let room = limit + usize::from(unit.is_blank && used > 0 && leads);
        let wide = columns(unit.text);
        if used + wide <= room {
            used += wide;
            continue;
        }
        if unit.start > start {
            cuts.push(unit.start);
            (start, used) = (unit.start, 0);
        }
        for (at, grapheme) in unit.text.grapheme_indices(true) {
            let wide = columns(grapheme);
            if used + wide > limit && unit.start + at > start {
                start = unit.start + at;
                cuts.push(start);
                used = 0;
            }
            used += wide;
        }
    }
    cuts
}

fn units(text: &str) -> Vec<Unit<'_>> {
    let mut bounds = text.split_word_bound_indices().map(|(at, word)| at + word.len()).peekable();
    let mut units: Vec<Unit> = Vec::new();
    let mut start = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let end = at + grapheme.len();
        while bounds.next_if(|bound| *bound < end).is_some() {}
        let is_blank = grapheme.chars().all(char::is_whitespace);
        if is_blank || bounds.peek() == Some(&end) {
            units.extend(text.get(start..end).map(|text| Unit { start, text, is_blank }));
            start = end;
        }
    }
    units.extend(text.get(start..).filter(|rest| !rest.is_empty()).map(|text| Unit {
        start,
        text,
        is_blank: false,
    }));
    units
}

/// A letter as the screen may show it (I10).
fn shown(grapheme: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii() && !c.is_ascii_control();
    if grapheme.chars().all(is_plain) { Cow::Borrowed(grapheme) } else { clean(grapheme).into() }
}

fn columns(text: &str) -> usize {
    text.graphemes(true).map(|grapheme| shown(grapheme).width()).sum()
}

/// The row that the cursor is seen in.
pub(super) fn row_of(rows: &[Row], spot: Spot) -> usize {
    let holds = |row: &Row| {
        let behind = if row.is_last { spot.at <= row.range.end } else { spot.at < row.range.end };
        row.line == spot.line && row.range.start <= spot.at && behind
    };
    rows.iter().position(holds).unwrap_or(rows.len().saturating_sub(1))
}

/// Columns before the cursor.
pub(super) fn column_of(lines: &[String], row: &Row, spot: Spot) -> usize {
    let text = line(lines, row.line).get(row.range.clone()).unwrap_or("");
    let before = spot.at.saturating_sub(row.range.start);
    let letters = text.grapheme_indices(true);
    letters
        .take_while(|(at, grapheme)| at + grapheme.len() <= before)
        .map(|(_, grapheme)| columns(grapheme))
        .sum()
}

/// The place of a row that is nearest to a column from the left.
pub(super) fn spot_at(lines: &[String], row: &Row, column: usize) -> Spot {
    let text = line(lines, row.line).get(row.range.clone()).unwrap_or("");
    let (mut at, mut used) = (0, 0);
    for (start, grapheme) in text.grapheme_indices(true) {
        used += columns(grapheme);
        let end = start + grapheme.len();
        // Behind the last letter the cursor would stand in the next row.
        if used > column || (end == text.len() && !row.is_last) {
            break;
        }
        at = end;
    }
    Spot { line: row.line, at: row.range.start + at }
}

/// Paints the rows from `top` on.
pub(super) fn paint(
    lines: &[String],
    rows: &[Row],
    top: usize,
    area: Rect,
    buffer: &mut Buffer,
    marks: &Marks<'_>,
) {
    let area = area.intersection(buffer.area);
    let Some(first) = rows.get(top) else { return };
    let (mut of_line, mut offset) = (first.line, Spot { line: first.line, at: 0 }.offset(lines));
    for (row, y) in rows.iter().skip(top).zip(area.top()..area.bottom()) {
        while of_line < row.line {
            offset += line(lines, of_line).len() + 1;
            of_line += 1;
        }
        let text = line(lines, row.line).get(row.range.clone()).unwrap_or("");
        let mut x = area.left();
        for (at, grapheme) in text.grapheme_indices(true) {
            let room = usize::from(area.right().saturating_sub(x));
            let style = marks.style(offset + row.range.start + at);
            (x, _) = buffer.set_stringn(x, y, shown(grapheme), room, style);
        }
        // A selection that goes on in the next line takes the line's end with it.
        let end = offset + row.range.end;
        if row.is_last && marks.selected.contains(&end) && x < area.right() {
            buffer.set_stringn(x, y, " ", 1, marks.style(end));
        }
    }
}

impl Marks<'_> {
    fn style(&self, at: usize) -> Style {
        if self.selected.contains(&at) {
            return Style::new().add_modifier(Modifier::REVERSED);
        }
        if let Some((_, style)) = self.unread.filter(|(from, _)| *from <= at) {
            return style;
        }
        match self.unreadable.iter().any(|range| range.contains(&at)) {
            true => self.unreadable_style,
            false => Style::new(),
        }
    }
}

/// Where the cursor is seen; in the last column at most.
pub(super) fn position(area: Rect, column: usize, row: usize) -> Position {
    let within = |number: usize, length: u16| {
        u16::try_from(number).unwrap_or(u16::MAX).min(length.saturating_sub(1))
    };
    Position { x: area.x + within(column, area.width), y: area.y + within(row, area.height) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn wrapped(text: &str, width: u16) -> Vec<String> {
        let lines = [text.to_owned()];
        rows(&lines, width).iter().map(|row| text[row.range.clone()].to_owned()).collect()
    }

    #[test]
    fn words_stay_whole_while_they_fit_and_letters_always() {
        assert_eq!(wrapped("make it red", 8), ["make it ", "red"]);
        assert_eq!(wrapped("make it  red", 8), ["make it", "  red"]);
        assert_eq!(wrapped("supercalifragilistic x", 9), ["supercal", "ifragili", "stic x"]);
        assert_eq!(wrapped("犬と猫の家", 6), ["犬と", "猫の", "家"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e\u{301}", 3), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(wrapped("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 1), ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn the_place_under_a_column_is_one_that_leads_back_to_it() {
        let lines = ["漢字 and e\u{301}\u{301} words 🇩🇪🇩🇪 here".to_owned(), "\t👍🏽".to_owned()];
        let rows = rows(&lines, 9);
        for row in &rows {
            for column in 0..9 {
                let spot = spot_at(&lines, row, column);
                assert!(column_of(&lines, row, spot) <= column, "{row:?} {column}");
                assert_eq!(&rows[row_of(&rows, spot)], row, "{column}");
            }
        }
    }
}
