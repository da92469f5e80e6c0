//! Text on the screen: sanitised, cut to its room or wrapped at spaces.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text;

/// Without controls, bidirectional overrides and zero-width marks; line ends become spaces (I10).
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\t' | '\r' => Some(' '),
            c if ends_line(c) => Some(' '),
            c => text::is_plain(c).then_some(c),
        })
        .collect()
}

/// What was pasted, as words of ours: line ends of every kind made equal, tabs made blanks, and all
/// that could steer a terminal left out. Nothing that parts two words vanishes.
pub fn pasted(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|c| match c {
        '\r' => Some('\n'),
        '\t' => Some(' '),
        c if ends_line(c) => Some('\n'),
        // At the beginning of a file it only says how the file is written.
        '\u{feff}' => None,
        c => (!text::steers(c)).then_some(c),
    });
    kept.collect()
}

/// The same for a field of one line.
pub fn pasted_line(text: &str) -> String {
    let text = pasted(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// Form feed, vertical tab, and the line ends that only Unicode knows are line ends.
fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// At most `columns` wide, with a mark where something is missing.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        if out.width() + grapheme.width() + 1 > columns {
            break;
        }
        out.push_str(grapheme);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// With blanks behind it, so many columns wide: `{:<}` counts letters, of which some take two.
pub fn padded(text: &str, columns: usize) -> String {
    text.to_owned() + &" ".repeat(columns.saturating_sub(text.width()))
}

/// The same with the blanks before it.
pub fn padded_before(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(text.width())) + text
}

/// Without the last of its parts where it is too long.
pub fn shortened(words: &str, separator: &str, room: usize) -> String {
    let mut kept = words;
    while kept.width() > room {
        match kept.rsplit_once(separator) {
            Some((before, _)) if !before.trim().is_empty() => kept = before,
            Some(_) | None => return cut(kept, room),
        }
    }
    kept.to_owned()
}

/// Cut at its beginning, as the end of a path tells more.
pub fn cut_front(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        let rest = text.get(kept..).unwrap_or_default();
        if rest.width() + grapheme.width() + 1 > columns {
            break;
        }
        kept = at;
    }
    format!("…{}", text.get(kept..).unwrap_or_default())
}

/// Where words begin that stand in the middle of so many columns.
pub fn middle(columns: u16, words: &str) -> u16 {
    let spare = usize::from(columns).saturating_sub(words.width());
    u16::try_from(spare / 2).unwrap_or(0)
}

/// How wide the widest of each column is.
pub fn widest<const COUNT: usize>(rows: &[[String; COUNT]]) -> [usize; COUNT] {
    let mut widest = [0; COUNT];
    for row in rows {
        for (wide, cell) in widest.iter_mut().zip(row) {
            *wide = cell.width().max(*wide);
        }
    }
    widest
}

/// Rows of the same columns: those before `left` begin together, the others end together. One that
/// is empty in all rows has no room.
pub fn table(rows: &[Vec<String>], left: usize) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max();
    let wide: Vec<usize> = (0..count).map(|at| wide(at).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&wide).enumerate().filter(|(_, (_, wide))| **wide > 0);
        let cells = cells.map(|(at, (cell, wide))| match at < left {
            true => padded(cell, *wide),
            false => padded_before(cell, *wide),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Joined in lines that break between the pieces.
pub fn pieces(parts: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + part.width() <= columns => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// In lines of at most `columns`; all but the first are indented.
pub fn folded(text: &str, columns: usize) -> Vec<String> {
    in_lines(text, columns, "  ")
}

/// In lines of at most `columns`.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    in_lines(text, columns, "")
}

/// Between a number and its sign, which stay together.
const NO_BREAK: char = '\u{a0}';

/// Blanks between words stay as many; a word that is longer than a line goes on in the next.
fn in_lines(text: &str, columns: usize, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // Columns of the last line.
    let mut begun = 0;
    let text = text.trim().replace(" %", "\u{a0}%");
    for word in text.split(|c: char| c.is_whitespace() && c != NO_BREAK) {
        let width = word.width();
        match lines.last_mut() {
            Some(line) if begun + 1 + width <= columns => {
                line.push(' ');
                line.push_str(word);
                begun += 1 + width;
                continue;
            }
            Some(_) => lines.push(indent.to_owned()),
            None => lines.push(String::new()),
        }
        begun = lines.last().map_or(0, |line| line.width());
        if let Some(line) = lines.last_mut().filter(|_| begun + width <= columns) {
            line.push_str(word);
            begun += width;
            continue;
        }
        // What is longer than a line breaks behind a sign, if it has one.
        for part in word.split_inclusive(ENDS_PART) {
            if begun + part.width() > columns && begun > indent.width() {
                lines.push(indent.to_owned());
            }
            push_graphemes(&mut lines, part, columns, indent);
            begun = lines.last().map_or(0, |line| line.width());
        }
    }
    lines.into_iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// Behind these a long word may go on in the next line.
const ENDS_PART: [char; 9] = ['/', '-', '_', '=', '&', '?', ',', ';', ':'];

/// In the last line and those after it.
fn push_graphemes(lines: &mut Vec<String>, part: &str, columns: usize, indent: &str) {
    for grapheme in part.graphemes(true) {
        let begun = lines.last().map_or(0, |line| line.width());
        if begun + grapheme.width() > columns && begun > indent.width() {
            lines.push(indent.to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(grapheme);
        }
    }
}

/// Writes one line inside `area`, cleaned and cut; returns the columns used.
pub fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if y >= area.height || x >= area.width {
        return 0;
    }
    let room = usize::from(area.width - x);
    if text.chars().all(is_simple) {
        return put_simple(buffer, (area.x + x, area.y + y), room, text, style);
    }
    let text = cut(&clean(text), room);
    buffer.set_stringn(area.x + x, area.y + y, &text, room, style);
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// The same where something stands already: nothing of its colours is left behind the words.
pub fn put_over(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    text: &str,
    style: Style,
) -> u16 {
    put(buffer, area, x, y, text, Style::reset().patch(style))
}

/// Letters of one column that join with none of these: nearly all that stands on a screen.
fn is_simple(c: char) -> bool {
    matches!(
        c,
        ' '..='~'
            | '\u{a1}'..='\u{ac}'
            | '\u{ae}'..='\u{17f}'
            | '\u{410}'..='\u{44f}'
            | '–' | '—' | '‘'..='”' | '•' | '…' | '‹' | '›'
            | '\u{2190}'..='\u{2193}'
            | '\u{2500}'..='\u{25fc}'
            | '★'
    )
}

/// As below, without looking for what joins and what is wide.
fn put_simple(
    buffer: &mut Buffer,
    (x, y): (u16, u16),
    room: usize,
    text: &str,
    style: Style,
) -> u16 {
    let count = text.chars().count();
    let kept = if count > room { room.saturating_sub(1) } else { count };
    let mark = (count > room).then_some('…');
    let Rect { x: left, y: top, width, .. } = buffer.area;
    let first = usize::from(y - top) * usize::from(width) + usize::from(x - left);
    let row = buffer.content.get_mut(first..first + count.min(room)).unwrap_or_default();
    for (cell, letter) in row.iter_mut().zip(text.chars().take(kept).chain(mark)) {
        cell.set_char(letter).set_style(style);
    }
    u16::try_from(count.min(room)).unwrap_or(u16::MAX)
}

/// The same against the right border, only if it fits behind what stands at the left.
pub fn put_right(buffer: &mut Buffer, area: Rect, left: u16, y: u16, text: &str, style: Style) {
    let text = clean(text);
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
    if left.saturating_add(width).saturating_add(1) <= area.width {
        put(buffer, area, area.width - width, y, &text, style);
    }
}

/// The gate for a locale without UTF-8: nothing but ASCII leaves, in as many columns as before.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = text::to_ascii(cell.symbol());
            cell.set_symbol(plain.get(..1).unwrap_or(" "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn simple_letters_stand_as_if_all_that_joins_was_looked_for(
            text in "[ -~¡-¬®-ſА-я–—…‹›←-↓─-◼★]{0,30}",
            columns in 1..24_u16,
        ) {
            prop_assume!(text.chars().all(is_simple));
            let area = Rect::new(0, 0, columns, 1);
            let (mut quick, mut whole) = (Buffer::empty(area), Buffer::empty(area));
            let used = put(&mut quick, area, 0, 0, &text, Style::new());
            let cut = cut(&clean(&text), usize::from(columns));
            whole.set_stringn(0, 0, &cut, usize::from(columns), Style::new());
            prop_assert_eq!(usize::from(used), cut.width());
            prop_assert_eq!(quick, whole);
        }
    }

    #[test]
    fn a_table_counts_columns_and_not_letters() {
        let row = |words: &str, sum: &str| vec![words.to_owned(), sum.to_owned(), "end".to_owned()];
        let lines = table(&[row("red", "$1"), row("红色气球", "$12"), row("👍🏽", "一")], 1);
        let ends = |line: &String| line.strip_suffix("  end").map(|line| line.width());
        assert!(lines.iter().all(|line| ends(line) == Some(13)), "{lines:?}");
    }

    #[test]
    fn a_number_keeps_its_sign_in_the_same_line() {
        for columns in 1..30 {
            let lines = wrapped("an area at the top, 9 % of the picture", columns.max(3));
            assert!(lines.iter().all(|line| !line.starts_with('%')), "{columns}: {lines:?}");
            assert!(lines.iter().all(|line| !line.contains('\u{a0}')), "{columns}");
        }
    }

    #[test]
    fn every_letter_is_in_some_line_and_no_line_is_too_long() {
        assert_eq!(wrapped(" make it  red\nnow ", 8), ["make it ", "red now"]);
        assert_eq!(
            folded("a path/of/twenty/letters here", 10),
            ["a", "  path/of/", "  twenty/", "  letters", "  here"]
        );
        assert_eq!(wrapped("犬と猫の家", 6), ["犬と猫", "の家"]);
        assert_eq!(wrapped("", 6), [""]);
    }

    #[test]
    fn nothing_that_parts_words_vanishes_from_a_paste() {
        for (text, words) in [
            ("colour\tred", "colour red"),
            ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
            ("page\u{c}page", "page\npage"),
            ("a\u{b}b\u{85}c\u{2028}d\u{2029}e", "a\nb\nc\nd\ne"),
            ("\u{feff}red\x1b\x07\0\u{9b}\u{202e}dish", "reddish"),
            ("a\u{a0}b\u{3000}c", "a\u{a0}b\u{3000}c"),
        ] {
            assert_eq!(pasted(text), words, "{text:?}");
        }
        assert_eq!(pasted_line(" one\r\n\r\n  two\tthree\n"), "one two three");
        assert_eq!(clean("a\tb\u{c}c\u{2028}d"), "a b c d");
    }
}
