//! What shall stay as it is: chosen by letters, written into the prompt as a clause.
//!
//! The makers' guides: what is not mentioned may change along.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::ui::cells::put;
use crate::ui::theme::Theme;

/// A letter and what it keeps unchanged.
const THINGS: [(char, &str); 9] = [
    ('f', "the face and its expression"),
    ('p', "the pose"),
    ('c', "the composition and the framing"),
    ('b', "the background"),
    ('l', "the lighting"),
    ('o', "the colours"),
    ('s', "the style"),
    ('t', "all lettering"),
    ('e', "everything else"),
];

/// Height in rows.
const ROWS: usize = THINGS.len() + 2;

const BEGINS: &str = "keep ";
const ENDS: &str = " unchanged";

/// The prompt without the clause, and the chosen things.
#[derive(Debug)]
pub struct Keep {
    words: String,
    chosen: [bool; THINGS.len()],
}

impl Keep {
    /// Parses a clause that was added before.
    pub fn new(prompt: &str) -> Self {
        let (words, clause) = parts(prompt);
        let chosen = THINGS.map(|(_, thing)| clause.contains(thing));
        Self { words: words.to_owned(), chosen }
    }

    /// The prompt with its clause.
    fn written(&self) -> String {
        let chosen = THINGS.iter().zip(self.chosen).filter(|(_, chosen)| *chosen);
        let things: Vec<&str> = chosen.map(|((_, thing), _)| *thing).collect();
        let clause = match things.as_slice() {
            [] => return self.words.clone(),
            [one] => format!("{BEGINS}{one}{ENDS}"),
            [all @ .., last] => format!("{BEGINS}{} and {last}{ENDS}", all.join(", ")),
        };
        let words = self.words.trim_end();
        match words.chars().last() {
            None => clause,
            Some('.' | '!' | '?') => format!("{words} K{}", clause.get(1..).unwrap_or_default()),
            Some(_) => format!("{words}, {clause}"),
        }
    }
}

impl Overlay for Keep {
    fn title(&self) -> &str {
        "keep unchanged"
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("letters", "toggle"), ("Enter", "add to the prompt")]
    }

    fn rows(&self) -> usize {
        ROWS
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter => {
                return OverlayResult::Accept(OverlayAction::Reworded(self.written()));
            }
            KeyCode::Char(letter) => {
                let all = THINGS.iter().zip(&mut self.chosen);
                for (_, chosen) in all.filter(|((own, _), _)| *own == letter) {
                    *chosen = !*chosen;
                }
            }
            _ => {}
        }
        OverlayResult::Keep
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        for (y, ((letter, thing), chosen)) in THINGS.iter().zip(self.chosen).enumerate() {
            let y = u16::try_from(y).unwrap_or(u16::MAX);
            let mark = if chosen { "[x]" } else { "[ ]" };
            put(buffer, area, 1, y, &letter.to_string(), theme.accent());
            put(buffer, area, 4, y, &format!("{mark} {thing}"), Style::new());
        }
        let y = area.height.saturating_sub(1);
        put(buffer, area, 1, y, &self.written(), theme.dim());
        None
    }
}

/// Splits the prompt into its text and the clause at its end.
fn parts(prompt: &str) -> (&str, &str) {
    let begin = prompt.to_lowercase().rfind(BEGINS).filter(|_| prompt.trim_end().ends_with(ENDS));
    let begin = begin.filter(|at| prompt.is_char_boundary(*at));
    let Some((words, clause)) = begin.and_then(|at| prompt.split_at_checked(at)) else {
        return (prompt, "");
    };
    let is_ours = THINGS.iter().any(|(_, thing)| clause.contains(thing));
    match is_ours {
        true => (words.trim_end().trim_end_matches(','), clause),
        false => (prompt, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(prompt: &str, letters: &str) -> String {
        let mut keep = Keep::new(prompt);
        for letter in letters.chars() {
            keep.on_key(KeyEvent::from(KeyCode::Char(letter)));
        }
        keep.written()
    }

    #[test]
    fn the_clause_is_written_changed_and_taken_out_again() {
        let one = chosen("Make it night", "l");
        assert_eq!(one, "Make it night, keep the lighting unchanged");
        let two = chosen(&one, "p");
        assert_eq!(two, "Make it night, keep the pose and the lighting unchanged");
        assert_eq!(chosen(&two, "pl"), "Make it night");
        assert_eq!(chosen("Make it night.", "s"), "Make it night. Keep the style unchanged");
        assert_eq!(chosen("", "t"), "keep all lettering unchanged");
    }

    #[test]
    fn what_a_person_has_written_stays() {
        let own = "Keep calm and leave her hands unchanged";
        assert_eq!(chosen(own, "p"), format!("{own}, keep the pose unchanged"));
    }
}
