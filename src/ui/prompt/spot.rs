//! Places in the prompt's lines, and where a key leads from one; counts bytes, steps by grapheme.
//! Knows neither the text area nor the screen.
//!
//! Invariant: every place that is given out lies inside its line, between two letters as a person
//! sees them; one that is taken in may be anywhere.

use unicode_segmentation::UnicodeSegmentation as _;

/// A place between two letters: the line, and bytes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Mark,
    Word,
}

impl Kind {
    fn of(grapheme: &str) -> Self {
        match grapheme.chars().next() {
            Some(c) if c.is_whitespace() => Self::Space,
            Some(c) if c.is_ascii_punctuation() && c != '_' => Self::Mark,
            Some(_) | None => Self::Word,
        }
    }
}

impl Spot {
    pub(super) fn left(self, lines: &[String]) -> Self {
        match before(lines, self).graphemes(true).next_back() {
            Some(grapheme) => Self { at: self.at.saturating_sub(grapheme.len()), ..self },
            None => self.line_before(lines),
        }
    }

    pub(super) fn right(self, lines: &[String]) -> Self {
        match behind(lines, self).graphemes(true).next() {
            Some(grapheme) => Self { at: self.at + grapheme.len(), ..self },
            None => self.line_behind(lines),
        }
    }

    pub(super) fn head(self) -> Self {
        Self { at: 0, ..self }
    }

    pub(super) fn end(self, lines: &[String]) -> Self {
        Self { at: line(lines, self.line).len(), ..self }
    }

    /// The start of this word, or of the one before.
    pub(super) fn word_back(self, lines: &[String]) -> Self {
        let mut at = before(lines, self).len();
        let mut last = None;
        for grapheme in before(lines, self).graphemes(true).rev() {
            let kind = Kind::of(grapheme);
            if last.is_some_and(|last| last != Kind::Space && last != kind) {
                return Self { at, ..self };
            }
            at -= grapheme.len();
            last = Some(kind);
        }
        if last.is_some() { self.head() } else { self.line_before(lines) }
    }

    /// The start of the next word; the next line's behind the last.
    pub(super) fn word_forward(self, lines: &[String]) -> Self {
        let starts = |last, kind| kind != Kind::Space && kind != last;
        match self.change(lines, starts) {
            Some(at) => Self { at, ..self },
            None => self.line_behind(lines),
        }
    }

    /// The end of this word, or of the next one.
    pub(super) fn word_end(self, lines: &[String]) -> Self {
        let ends = |last, kind| last != Kind::Space && kind != last;
        match self.change(lines, ends) {
            Some(at) => Self { at, ..self },
            None if behind(lines, self).is_empty() => self.line_behind(lines),
            None => self.end(lines),
        }
    }

    fn change(self, lines: &[String], is_it: impl Fn(Kind, Kind) -> bool) -> Option<usize> {
        let mut last = None;
        for (at, grapheme) in behind(lines, self).grapheme_indices(true) {
            let kind = Kind::of(grapheme);
            if last.is_some_and(|last| is_it(last, kind)) {
                return Some(self.at + at);
            }
            last = Some(kind);
        }
        None
    }

    fn line_before(self, lines: &[String]) -> Self {
        match self.line.checked_sub(1) {
            Some(line) => Self { line, at: 0 }.end(lines),
            None => self.head(),
        }
    }

    fn line_behind(self, lines: &[String]) -> Self {
        if self.line + 1 < lines.len() {
            Self { line: self.line + 1, at: 0 }
        } else {
            self.end(lines)
        }
    }

    /// As the text area counts: code points of the line.
    pub(super) fn column(self, lines: &[String]) -> usize {
        before(lines, self).chars().count()
    }

    pub(super) fn of_column(lines: &[String], row: usize, column: usize) -> Self {
        let text = line(lines, row);
        let at = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        Self { line: row, at }
    }

    /// Bytes of the whole text that stand before it.
    pub(super) fn offset(self, lines: &[String]) -> usize {
        let above: usize = lines.iter().take(self.line).map(|line| line.len() + 1).sum();
        above + self.at
    }
}

pub(super) fn line(lines: &[String], line: usize) -> &str {
    lines.get(line).map_or("", String::as_str)
}

/// What stands before a place in its line, and behind it; inside a letter is before it.
fn parted(lines: &[String], spot: Spot) -> (&str, &str) {
    let text = line(lines, spot.line);
    let cuts = (0..=spot.at.min(text.len())).rev();
    cuts.into_iter().find_map(|at| text.split_at_checked(at)).unwrap_or(("", text))
}

fn before(lines: &[String], spot: Spot) -> &str {
    parted(lines, spot).0
}

fn behind(lines: &[String], spot: Spot) -> &str {
    parted(lines, spot).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(text: &str, start: Spot, step: impl Fn(Spot, &[String]) -> Spot) -> Vec<usize> {
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let mut at = start;
        let mut way = Vec::new();
        loop {
            let next = step(at, &lines);
            if next == at {
                return way;
            }
            way.push(next.offset(&lines));
            at = next;
        }
    }

    #[test]
    fn words_are_gone_over_as_readline_does() {
        let (text, end) = ("a_b  (é\u{301}x) 漢\n ok", Spot { line: 1, at: 3 });
        assert_eq!(way(text, Spot::default(), Spot::word_forward), [5, 6, 11, 13, 17, 18, 20]);
        assert_eq!(way(text, Spot::default(), Spot::word_end), [3, 6, 11, 12, 16, 17, 20]);
        assert_eq!(way(text, end, Spot::word_back), [18, 17, 16, 13, 11, 6, 5, 0]);
    }

    #[test]
    fn letters_are_gone_over_whole_in_both_directions() {
        let text = "a👨‍👩‍👧\n🇩🇪e\u{301}";
        let end = Spot { line: 1, at: 11 };
        assert_eq!(way(text, Spot::default(), Spot::right), [1, 19, 20, 28, 31]);
        assert_eq!(way(text, end, Spot::left), [28, 20, 19, 1, 0]);
    }
}
