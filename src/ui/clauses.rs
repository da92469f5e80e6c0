//! Sentences in rows that break between their clauses: what belongs together is read in one row.
//!
//! Invariant: no letter is lost; only a clause that is wider than a row breaks inside.

use unicode_width::UnicodeWidthStr as _;

use super::cells;
use crate::app::compare::MOVED;

/// Between clauses that stand side by side; at the end of a row nothing has to be kept apart.
pub const BETWEEN: &str = " · ";
const ENDS: [&str; 4] = [BETWEEN, "; ", ": ", ", "];

/// Where each clause but the first begins, in bytes. What stands in backticks is one word.
pub fn begins(text: &str) -> Vec<usize> {
    let mut is_quoted = false;
    let mut begins = Vec::new();
    for (at, c) in text.char_indices() {
        is_quoted ^= c == '`';
        let rest = text.get(at..).unwrap_or_default();
        let sign = ENDS.iter().find(|sign| !is_quoted && rest.starts_with(**sign));
        begins.extend(sign.map(|sign| at + sign.len()));
    }
    begins
}

/// The first clause, with its sign.
pub fn first(text: &str) -> &str {
    begins(text).first().and_then(|at| text.get(..*at)).unwrap_or(text)
}

/// Without the sign that parts it from the next.
pub fn bare(clause: &str) -> &str {
    clause.trim_end_matches([' ', '·', ';', ':', ','])
}

/// Whole, or as many of its first clauses as are whole in so many columns; else cut.
pub fn whole(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let parts = begins(text).into_iter().filter_map(|at| text.get(..at));
    let parts: Vec<&str> = parts.filter(|part| bare(part).width() <= columns).collect();
    // What stands before a colon says little alone.
    let told = parts.iter().rfind(|part| !part.ends_with(": ")).or(parts.last());
    told.map_or_else(|| cells::cut(text, columns), |part| bare(part).to_owned())
}

/// As many clauses as are whole in so many columns, and the others.
fn split(text: &str, columns: usize) -> Option<(&str, &str)> {
    let parts = begins(text).into_iter().rev().filter_map(|at| text.split_at_checked(at));
    let mut parts = parts.map(|(row, rest)| (row.trim_end_matches([' ', '·']), rest));
    parts.find(|(row, _)| row.width() <= columns)
}

/// What stands in a row of so many columns, and what in the rows of `after` columns below it.
pub fn first_row(text: &str, columns: usize, after: usize) -> (String, String) {
    let text = text.trim();
    if text.width() <= columns {
        return (text.to_owned(), String::new());
    }
    match split(text, columns) {
        Some((row, rest)) if first(rest).trim_end().width() <= after => {
            (row.to_owned(), rest.to_owned())
        }
        // A clause that breaks anyway fills the row.
        Some(_) | None => full_row(text, columns),
    }
}

/// As many words as a row of so many columns takes, and the others: where the rows are counted.
pub fn full_row(text: &str, columns: usize) -> (String, String) {
    let text = text.trim();
    let row = cells::wrapped(text, columns.max(1)).into_iter().next().unwrap_or_default();
    let rest: String = text.chars().skip(row.chars().count()).collect();
    (row, rest.trim_start().to_owned())
}

/// In lines of at most `columns`.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.to_owned();
    loop {
        let (line, more) = first_row(&rest, columns, columns);
        lines.push(line);
        if more.is_empty() {
            return lines;
        }
        rest = more;
    }
}

/// Which of the two it is told of, where that goes before it into its row; and whether it does. What
/// has no row for all of its words does without its verb.
pub fn of_whom(story: &[String], whose: Option<&String>, width: usize) -> (Vec<String>, bool) {
    let bare = |part: &String| match part.strip_prefix(MOVED) {
        Some(bare) if part.width() > width => bare.to_owned(),
        Some(_) | None => part.clone(),
    };
    let mut story: Vec<String> = story.iter().map(bare).collect();
    let named = story.first().zip(whose).map(|(first, whose)| format!("{whose}: {first}"));
    let named = named.filter(|named| named.width() <= width);
    let is_named = named.is_some();
    story.iter_mut().zip(named).for_each(|(first, named)| *first = named);
    (story, is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_between_clauses() {
        let told = "n58 failed: a fault set in the simulator · not charged";
        assert_eq!(wrapped(told, 60), [told]);
        assert_eq!(wrapped(told, 44), ["n58 failed: a fault set in the simulator", "not charged"]);
        assert_eq!(wrapped(told, 41), wrapped(told, 44));
        assert_eq!(
            wrapped(told, 32),
            ["n58 failed:", "a fault set in the simulator", "not charged"]
        );
        let filtered = "n57 was filtered by the service; sim $0.04 counted";
        assert_eq!(
            wrapped(filtered, 42),
            ["n57 was filtered by the service;", "sim $0.04 counted"]
        );
    }

    #[test]
    fn a_clause_wider_than_a_row_fills_the_rows() {
        let told = "n2 failed: many letters and whatever else is wrong";
        assert_eq!(wrapped(told, 20), ["n2 failed: many", "letters and whatever", "else is wrong"]);
    }

    #[test]
    fn what_has_no_room_is_left_out_by_whole_clauses() {
        let told = "you see n28; the prompt edits n56 · e: edit n28 instead";
        assert_eq!(whole(told, 60), told);
        assert_eq!(whole(told, 54), "you see n28; the prompt edits n56");
        assert_eq!(whole("cannot be sent: too long", 20), "cannot be sent");
        assert_eq!(whole(told, 20), "you see n28");
        assert_eq!(whole(told, 6), "you s…");
    }

    #[test]
    fn what_is_quoted_is_one_word() {
        let told = "`a, b: c` is no model, look at the list";
        assert_eq!(wrapped(told, 22), ["`a, b: c` is no model,", "look at the list"]);
        assert_eq!(first("no sign"), "no sign");
    }

    #[test]
    fn no_line_is_too_long_and_no_letter_is_lost() {
        let told = "犬: `x` 9 % of it; a_very_long_word_that_breaks · 😀, b: c · end";
        let letters = |text: &str| text.chars().filter(|c| !" ·".contains(*c)).collect::<String>();
        for columns in 2..70 {
            let lines = wrapped(told, columns);
            assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {lines:?}");
            assert_eq!(letters(&lines.concat()), letters(told), "{columns}: {lines:?}");
        }
    }
}
