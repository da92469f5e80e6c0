//! Motions through lists, as everywhere else: `j`, `k`, arrows, pages, ends. The one place that turns
//! them into a row.
//!
//! Knows no list. Invariant: the row is one of the list's, or 0 in an empty one.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where to go from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Rows(isize),
    HalfPages(isize),
    First,
    Last,
    /// Counted from 1.
    To(usize),
}

impl Motion {
    /// In a list without a line to type in.
    pub fn of_key(key: &KeyEvent) -> Option<Self> {
        let control = key.modifiers == KeyModifiers::CONTROL;
        match key.code {
            KeyCode::Char('d') if control => Some(Self::HalfPages(1)),
            KeyCode::Char('u') if control => Some(Self::HalfPages(-1)),
            KeyCode::Char(_) if control || key.modifiers == KeyModifiers::ALT => None,
            KeyCode::Char('j') => Some(Self::Rows(1)),
            KeyCode::Char('k') => Some(Self::Rows(-1)),
            KeyCode::Char('g') => Some(Self::First),
            KeyCode::Char('G') => Some(Self::Last),
            KeyCode::Home => Some(Self::First),
            KeyCode::End => Some(Self::Last),
            _ => Self::beside_text(key),
        }
    }

    /// Where letters, and the keys of a line, are text.
    pub fn beside_text(key: &KeyEvent) -> Option<Self> {
        match key.code {
            KeyCode::Down => Some(Self::Rows(1)),
            KeyCode::Up => Some(Self::Rows(-1)),
            KeyCode::PageDown => Some(Self::HalfPages(2)),
            KeyCode::PageUp => Some(Self::HalfPages(-2)),
            _ => None,
        }
    }

    /// By how many rows, in a list of which so many are seen at once.
    pub fn rows(self, at: usize, page: usize, count: usize) -> isize {
        let half = isize::try_from((page / 2).max(1)).unwrap_or(isize::MAX);
        let to = |row: usize| {
            let place = |row: usize| isize::try_from(row).unwrap_or(isize::MAX);
            place(row.min(count.saturating_sub(1))) - place(at)
        };
        match self {
            Self::Rows(by) => by,
            Self::HalfPages(by) => by.saturating_mul(half),
            Self::First => to(0),
            Self::Last => to(count),
            Self::To(row) => to(row.saturating_sub(1)),
        }
    }

    /// The row it leads to.
    pub fn from(self, at: usize, page: usize, count: usize) -> usize {
        at.saturating_add_signed(self.rows(at, page, count)).min(count.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motion_stays_in_the_list() {
        for (motion, row) in [
            (Motion::Rows(1), 51),
            (Motion::Rows(-99), 0),
            (Motion::HalfPages(1), 60),
            (Motion::HalfPages(-2), 30),
            (Motion::First, 0),
            (Motion::Last, 99),
            (Motion::To(32), 31),
            (Motion::To(1_000), 99),
        ] {
            assert_eq!(motion.from(50, 20, 100), row, "{motion:?}");
            assert_eq!(motion.from(0, 20, 0), 0, "{motion:?} in an empty list");
        }
    }

    #[test]
    fn letters_are_motions_only_where_nothing_is_typed() {
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        assert_eq!(Motion::of_key(&key(KeyCode::Char('G'))), Some(Motion::Last));
        assert_eq!(Motion::beside_text(&key(KeyCode::Char('G'))), None);
        assert_eq!(Motion::beside_text(&key(KeyCode::PageUp)), Some(Motion::HalfPages(-2)));
    }
}
