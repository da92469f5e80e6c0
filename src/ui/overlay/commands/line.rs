//! How a line is read that names a command. Runs nothing.
//!
//! Invariant: a name is meant by itself, an alias, or a beginning that no other command has.

use crossterm::event::{KeyCode, KeyEvent};

use crate::ui::command::CommandRow;

/// What the first word of the line names.
pub(super) enum Word {
    Nothing,
    /// The name of the row at this place, or an alias of it.
    Name(usize),
    /// The only command whose name starts with it.
    Beginning(usize),
    /// As many start with it; it may be none.
    Unknown(usize),
}

impl Word {
    /// What this line names among these commands.
    pub(super) fn of(line: &str, rows: &[&CommandRow]) -> Self {
        let line = line.trim();
        let word = line.split_once(' ').map_or(line, |(word, _)| word);
        if word.is_empty() {
            return Self::Nothing;
        }
        if let Some(place) = rows.iter().position(|row| row.is_named(word)) {
            return Self::Name(place);
        }
        let begin = (0..).zip(rows).filter(|(_, row)| row.name.starts_with(word));
        match begin.map(|(place, _)| place).collect::<Vec<_>>().as_slice() {
            [place] => Self::Beginning(*place),
            several => Self::Unknown(several.len()),
        }
    }
}

/// `30` and `30 %`. One that is too large is the largest, as before a key; the command says what it
/// takes at most.
pub(super) fn count_in(words: &str) -> Option<u16> {
    let digits = words.trim_end_matches(['%', ' ']);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u16::MAX))
}

/// It goes to another row.
pub(super) fn is_step(key: &KeyEvent) -> bool {
    matches!(
        key.code,
        KeyCode::Up
            | KeyCode::Down
            | KeyCode::Tab
            | KeyCode::BackTab
            | KeyCode::PageUp
            | KeyCode::PageDown
    )
}
