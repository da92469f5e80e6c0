//! What the keys would do on the command line, for the row that tells them. Runs nothing.

use super::Commands;
use super::line::{Word, count_in};
use crate::ui::command::CommandRow;

impl Commands {
    /// What `Enter` does, how to go on where it does nothing, and how a row is selected.
    pub(super) fn told_keys(&self) -> Vec<(String, String)> {
        let key = |key: &str, does: String| Some((key.to_owned(), does));
        let enters = self.enters();
        // Where it runs nothing it says what to do instead.
        let typing = match self.word() {
            Word::Unknown(several @ 1..) if enters.is_none() => {
                let line = self.picker.query().trim();
                let word = line.split_once(' ').map_or(line, |(word, _)| word);
                return vec![
                    ("Up Down".to_owned(), "select".to_owned()),
                    ("type".to_owned(), format!("on: {several} begin with {word}")),
                ];
            }
            Word::Nothing | Word::Name(_) | Word::Beginning(_) | Word::Unknown(_) => {
                key("type", "a name".to_owned())
            }
        };
        let has_rows = self.picker.has_rows();
        let selects = has_rows.then(|| key("Up Down", "select".to_owned())).flatten();
        let enters = enters.and_then(|does| key("Enter", does));
        [enters, typing, selects].into_iter().flatten().collect()
    }

    /// What `Enter` would do, in words for the footer.
    fn enters(&self) -> Option<String> {
        if self.choices.is_some() {
            return Some("run".into());
        }
        let gone_to = self.picker.selected().filter(|_| self.is_gone_to);
        if let Some(node) = self.node().filter(|_| gone_to.is_none()) {
            return Some(format!("go to {node}"));
        }
        let place = match (self.word(), gone_to) {
            (Word::Nothing | Word::Unknown(_), None) => return None,
            (Word::Name(place), None) => return self.runs(place, "run"),
            (Word::Beginning(place), None) | (_, Some(place)) => place,
        };
        // What is grave has its whole name written first, and so has what words were typed for.
        let is_grave = self.rows.get(place).is_some_and(|row| row.stakes.is_grave());
        self.runs(place, if is_grave || self.is_misspelt() { "twice: run" } else { "run" })
    }

    fn runs(&self, place: usize, how: &str) -> Option<String> {
        let words = self.picker.query().trim().split_once(' ').map(|(_, words)| words.trim());
        let words = words.filter(|words| !words.is_empty() && !self.is_gone_to);
        let is_taken = |row: &&CommandRow| {
            words.is_none_or(|words| row.takes_text || row.takes_count && count_in(words).is_some())
        };
        let runs = self.rows.get(place).is_some_and(is_taken);
        let row = self.rows.get(place).filter(|_| runs && !self.picker.is_off(place))?;
        Some(format!("{how} {}", row.name))
    }
}
