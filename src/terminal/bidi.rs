//! Letters from right to left in a row that other text shares.
//!
//! Pure. A terminal that orders letters itself takes the whole row for one sentence: the digits and
//! signs behind such words change sides with them. Unicode's isolates (FSI and PDI) around a
//! person's words would hold them together, and were tried: VTE 0.84 obeys; Konsole 22.12, xterm 379
//! and foot 1.13 order nothing and show nothing of them; mlterm 3.9 gives each a column, so that the
//! row shifts; kitty 0.26 sets letters over one another. So VTE alone gets a sign, and it is LRM
//! behind the words: in a row from left to right it does the same, and it stays with its letter
//! when a part of the row is written anew. Invariant: no cell has more columns than before.

use ratatui::buffer::Buffer;

const LEFT_TO_RIGHT: char = '\u{200e}';

/// Ends each run of letters from right to left.
pub(super) fn end_runs(cells: &mut Buffer) {
    let width = usize::from(cells.area.width).max(1);
    for row in cells.content.chunks_mut(width) {
        let ends: Vec<usize> = (0..row.len()).filter(|at| ends_run(row, *at)).collect();
        for at in ends {
            if let Some(cell) = row.get_mut(at) {
                cell.set_symbol(&format!("{}{LEFT_TO_RIGHT}", cell.symbol()));
            }
        }
    }
}

fn ends_run(row: &[ratatui::buffer::Cell], at: usize) -> bool {
    let symbols = || row.iter().skip(at).map(ratatui::buffer::Cell::symbol);
    if !symbols().next().is_some_and(is_from_right) {
        return false;
    }
    let mut is_blank = false;
    for symbol in symbols().skip(1) {
        if is_from_right(symbol) {
            return false;
        }
        // Two blanks lie between columns, not between words.
        if !is_within(symbol) || (is_blank && symbol == " ") {
            break;
        }
        is_blank = symbol == " ";
    }
    true
}

/// Hebrew, Arabic and their relatives.
fn is_from_right(symbol: &str) -> bool {
    symbol.chars().next().is_some_and(|letter| {
        matches!(letter,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

/// What may stand between two words of a sentence.
fn is_within(symbol: &str) -> bool {
    let mut letters = symbol.chars();
    match (letters.next(), letters.next()) {
        (Some('|'), _) => false,
        (Some(one), None) => one == ' ' || one.is_ascii_digit() || one.is_ascii_punctuation(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn marked(row: &str) -> String {
        let width = u16::try_from(row.width()).unwrap_or_default();
        let mut cells = Buffer::empty(Rect::new(0, 0, width, 1));
        cells.set_string(0, 0, row, Style::new());
        end_runs(&mut cells);
        assert!(cells.content.iter().all(|cell| cell.symbol().width() <= 1));
        cells.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_sentence_ends_where_the_next_column_begins_and_not_at_its_blanks() {
        for (row, expected) in [
            ("n2 שלום עולם 12 n3", "n2 שלום עולם\u{200e} 12 n3"),
            ("n2 שלום, (3) עולם!  12", "n2 שלום, (3) עולם\u{200e}!  12"),
            ("שלום  עולם", "שלום\u{200e}  עולם\u{200e}"),
            ("שלום│عالم", "שלום\u{200e}│عالم\u{200e}"),
            ("n2 a red hat", "n2 a red hat"),
        ] {
            assert_eq!(marked(row), expected);
        }
    }
}
