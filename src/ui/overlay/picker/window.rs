//! Which lines of a list are seen, and how far it was gone beyond its last row.

use ratatui::layout::Rect;

use super::{Line, Picker};

/// With fewer rows there is none for a rule.
const ROOMY: u16 = 10;

impl Picker {
    /// What stands below the last row was gone to so far that the row is not seen any more.
    pub(super) fn is_left_above(&self) -> bool {
        let Some(area) = self.area.get().filter(|_| self.beyond.get() > 0) else { return false };
        let (lines, beyond, first, _) = self.window_above(area, 0);
        let is_it = |line: &Line| matches!(line, Line::Item(at) if *at == self.selected);
        lines.iter().take(first + beyond).any(is_it)
    }

    /// Goes so many lines beyond the last row, and no further than to the last line.
    pub(super) fn go_beyond(&self, lines: usize) {
        self.beyond.set(lines);
        match self.area.get() {
            Some(area) => drop(self.window(area)),
            None => self.beyond.set(0),
        }
    }

    /// All lines, the first one that is seen, and how many are.
    pub(super) fn window(&self, area: Rect) -> (Vec<Line>, usize, usize) {
        let (lines, beyond, first, rows) = self.window_above(area, self.foot(area).height);
        self.beyond.set(beyond);
        (lines, first + beyond, rows)
    }

    /// Where the selected row is explained: below a rule, and in a list of commands always kept, so
    /// that its rows do not move.
    pub(super) fn foot(&self, area: Rect) -> Rect {
        let kept = self.is_all() && !self.extras.is_empty() && area.height >= ROOMY;
        // Where the rows leave room it is kept in the lowest box too.
        let has_rule = || {
            let rows = u16::try_from(self.lines(area).len()).unwrap_or(u16::MAX);
            area.height >= ROOMY || rows.saturating_add(3) <= area.height
        };
        let rows = match kept || self.below(area).is_some() {
            true => 1 + u16::from(has_rule()),
            false => 0,
        };
        Rect { y: area.bottom() - rows, height: rows, ..area }
    }

    /// The same above so many rows for other words; what is gone beyond the last row, apart.
    pub(super) fn window_above(&self, area: Rect, below: u16) -> (Vec<Line>, usize, usize, usize) {
        let rows = usize::from(area.height.saturating_sub(1 + below));
        let lines = self.lines(area);
        let is_it = |line: &Line| matches!(line, Line::Item(at) if *at == self.selected);
        let at = lines.iter().position(is_it).filter(|_| !self.has_none).unwrap_or(0);
        // Some rows beyond the selected one stay in sight.
        let ahead = (at + 1 + rows / 4).min(lines.len());
        let first = ahead.saturating_sub(rows).min(at.saturating_sub(1));
        let beyond = self.beyond.get().min(lines.len().saturating_sub(first + rows));
        (lines, beyond, first, rows)
    }

    /// Rows of which something was found by what is typed, with the line itself and what explains the
    /// selected one; none: it is the whole list.
    pub fn rows_found(&self, area: Rect) -> Option<usize> {
        let foot = usize::from(self.foot(area).height);
        (!self.query.text().is_empty()).then(|| 1 + self.lines(area).len().max(1) + foot)
    }

    /// Rows below the last one that is seen, without their headings.
    pub fn hidden(&self, area: Rect) -> usize {
        let (lines, first, rows) = self.window(area);
        let below = lines.iter().skip(first + rows);
        below.filter(|line| !matches!(line, Line::Heading(_))).count()
    }
}
