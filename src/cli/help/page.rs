//! A page of `docs/` as text for a terminal: paragraphs wrapped, tables in columns.
//!
//! Knows what those pages use of Markdown: headings, paragraphs, lists, tables, fenced code, links
//! and strong words. Invariant: but for code and single long words no line is wider than asked.

use std::io::IsTerminal as _;

use unicode_width::UnicodeWidthStr as _;

use crate::text::plain;
use crate::ui::cells::wrapped;

/// A line that is longer is hard to read.
const WIDEST: usize = 100;
/// Where nobody says how wide the terminal is.
const USUAL: usize = 80;
/// Between two columns.
const GAP: usize = 2;

/// Columns to print in.
pub(super) fn columns() -> usize {
    if !std::io::stdout().is_terminal() {
        return USUAL;
    }
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let columns = size.map_or(USUAL, |size| usize::from(size.ws_col));
    if columns == 0 { USUAL } else { columns.min(WIDEST) }
}

/// The page in lines of at most `columns`.
pub(super) fn rendered(markdown: &str, columns: usize) -> String {
    let mut out = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut in_code = false;
    for line in markdown.lines().chain([""]) {
        let is_row = !in_code && line.starts_with('|');
        if !is_row && !rows.is_empty() {
            out.extend(table(&std::mem::take(&mut rows), columns));
        }
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            out.push(format!("    {line}"));
        } else if is_row {
            rows.extend(cells(line));
        } else if !line.starts_with("<!--") {
            out.extend(text(line, columns));
        }
    }
    out.dedup_by(|next, last| next.trim().is_empty() && last.trim().is_empty());
    let lines = out.iter().map(|line| plain(line.trim_end()));
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n"
}

/// A heading, a paragraph (a line of its own in these pages) or an item of a list.
fn text(line: &str, columns: usize) -> Vec<String> {
    if let Some(title) = line.strip_prefix("# ") {
        return vec![words(title).to_uppercase()];
    }
    if let Some(title) =
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
    {
        return vec![words(title), "-".repeat(words(title).width())];
    }
    let (mark, rest) = item(line);
    let room = columns.saturating_sub(mark.width());
    let lines = wrapped(&words(rest), room.max(1)).into_iter().enumerate();
    let lead = |place: usize| if place == 0 { mark.to_owned() } else { " ".repeat(mark.width()) };
    let lines: Vec<String> = lines.map(|(place, line)| lead(place) + &line).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// The mark of a list's item, and what stands behind it.
fn item(line: &str) -> (&str, &str) {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let end = match line.as_bytes() {
        [b'*', b' ', ..] => 2,
        bytes if digits > 0 && bytes.get(digits..digits + 2) == Some(b". ") => digits + 2,
        _ => 0,
    };
    line.split_at_checked(end).unwrap_or(("", line))
}

/// Without what only a browser needs.
fn words(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        let parts = link.split_once("](").and_then(|(name, rest)| {
            let (_, after) = rest.split_once(')')?;
            (!name.contains([']', '`'])).then_some((name, after))
        });
        match parts {
            Some((name, after)) => {
                out.push_str(name);
                rest = after;
            }
            None => {
                out.push('[');
                rest = link;
            }
        }
    }
    (out + rest).replace("**", "")
}

/// The cells of a row; none of the line below a table's head.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
    let cells: Vec<String> =
        inner.split('|').map(|cell| words(cell.trim()).replace('\u{1}', "|")).collect();
    let is_rule = cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c)));
    let is_empty = cells.iter().all(String::is_empty);
    (is_empty || !is_rule).then_some(cells).filter(|_| !is_empty)
}

/// Columns beside each other; the widest ones give way until all fit.
fn table(rows: &[Vec<String>], columns: usize) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max()
    };
    let mut widths: Vec<usize> =
        (0..count).map(|column| widest(column).unwrap_or_default()).collect();
    let room = columns.saturating_sub(GAP * count.saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max().filter(|width| **width > 8) {
            Some(width) => *width -= 1,
            None => break,
        }
    }
    rows.iter().flat_map(|row| row_lines(row, &widths)).chain([String::new()]).collect()
}

fn row_lines(row: &[String], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| wrapped(cell, (*width).max(1))).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    let line = |place: usize| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let part = cell.get(place).map_or("", String::as_str);
            line.push_str(part);
            line.push_str(&" ".repeat(width.saturating_sub(part.width()) + GAP));
        }
        line
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_wrapped_and_its_tables_stand_in_columns() {
        let page = "# A title\n\nSome **strong** words with [a link](other.md) and `code [x]`.\n\n\
                    | key | does |\n|---|---|\n| `a` | one thing \\| another, at some length |\n\n\
                    ```toml\n[keys]    # as it is, however long this line may be in the end\n```\n* an item of a list\n<!-- end -->\n";
        let expected = "A TITLE\n\nSome strong words with a link\nand `code [x]`.\n\n\
                        key  does\n`a`  one thing | another, at\n     some length\n\n    \
                        [keys]    # as it is, however long this line may be in the end\n* an item of a list\n";
        assert_eq!(rendered(page, 30), expected);
    }
}
