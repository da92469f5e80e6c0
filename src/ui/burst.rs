//! Distinguishes typed text from single-letter commands.
//!
//! The rule: letters that come less than [`PAUSE_MS`] apart are one burst. A burst is words when it
//! has three different letters with a vowel among them (`h j k l` aside, with which one walks), or
//! a word and the beginning of another. So `jjjj`, `4r`, `gp`, `vvx` or `dd` never are. Until a
//! burst is over, a letter that does more than look is held, and whatever follows it waits behind
//! it: a sentence that begins with `r` must not pay before its second letter. What no word begins
//! with, such as the same letter again, a digit or a step aside, lets it go at once.
//!
//! Asks no clock; knows no commands. Invariant: a held key acts once, in its order, or not at all.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::job::JobId;
use crate::tree::{PictureRef, Timestamp};

/// Milliseconds: most people type two letters of a word in less, and nobody waits long for it.
pub const PAUSE_MS: i64 = 400;
/// Words that were recognised go on after a longer one.
const GOES_ON_MS: i64 = 1_500;
/// The words are offered for so long, as long as the footer tells of them.
const OFFERED_MS: i64 = 8_000;

/// The target of held keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub picture: Option<PictureRef>,
    pub job: Option<JobId>,
}

#[derive(Clone, Debug, Default)]
pub struct Burst {
    text: String,
    last: Timestamp,
    held: Vec<KeyEvent>,
    target: Target,
    is_words: bool,
}

/// What a key is to words that were recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// One more letter of them.
    GoesOn,
    /// They shall go into the prompt.
    Taken(String),
    Forgotten,
    /// Nothing: it is a command again.
    Over,
}

/// The letter of a key that types one.
pub fn letter(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(c) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => Some(c),
        _ => None,
    }
}

impl Burst {
    /// The next letter would be the first of a burst.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.text.is_empty() || now.since(self.last) > PAUSE_MS
    }

    pub fn hear(&mut self, letter: char, now: Timestamp) {
        if self.is_over(now) {
            self.text.clear();
        }
        self.text.push(letter);
        self.last = now;
    }

    pub fn looks_like_words(&self) -> bool {
        has_three_letters(&self.text) || has_two_words(&self.text)
    }

    /// From here on its letters are no commands; what was held never acts.
    pub fn begin_words(&mut self, now: Timestamp) {
        if now.since(self.last) > PAUSE_MS {
            self.text.clear();
        }
        self.held.clear();
        self.is_words = true;
        self.last = now;
    }

    /// Its last letter follows another that may begin a word.
    pub fn goes_on(&self) -> bool {
        self.text.chars().filter(|c| c.is_alphabetic() && !is_step(*c)).count() > 1
    }

    pub fn is_words(&self) -> bool {
        self.is_words
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// While words are offered.
    pub fn offered(&mut self, key: &KeyEvent, now: Timestamp) -> Offered {
        let age = now.since(self.last);
        if age > OFFERED_MS {
            *self = Self::default();
            return Offered::Over;
        }
        // An `i` in the middle of a word that was typed slowly is rarer than one that is meant.
        let is_over = age >= PAUSE_MS && !self.text.ends_with(' ');
        match (key.code, letter(key)) {
            (KeyCode::Enter, _) => self.taken(),
            (KeyCode::Esc, _) => {
                *self = Self::default();
                Offered::Forgotten
            }
            (KeyCode::Backspace, _) => {
                self.text.pop();
                self.last = now;
                Offered::GoesOn
            }
            (_, Some('i')) if is_over => self.taken(),
            (_, Some(letter)) if age <= GOES_ON_MS => {
                self.text.push(letter);
                self.last = now;
                Offered::GoesOn
            }
            _ => {
                *self = Self::default();
                Offered::Over
            }
        }
    }

    fn taken(&mut self) -> Offered {
        let text = std::mem::take(self).text;
        Offered::Taken(text.trim().to_owned())
    }

    /// Keeps the key until the burst is over; the first one decides on what they act.
    pub fn hold(&mut self, key: KeyEvent, target: Target) {
        if self.held.is_empty() {
            self.target = target;
        }
        self.held.push(key);
    }

    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// What is held acts before this key does.
    pub fn lets_go(&self, next: &KeyEvent, now: Timestamp) -> bool {
        if !self.holds() {
            return false;
        }
        if now.since(self.last) > PAUSE_MS {
            return true;
        }
        match letter(next) {
            Some(letter) => !self.begins_a_word_with(letter),
            None => next.code != KeyCode::Esc,
        }
    }

    /// Could what was typed be the beginning of a word that goes on so?
    fn begins_a_word_with(&self, next: char) -> bool {
        let mut letters = self.text.chars().filter(|c| c.is_alphabetic() && !is_step(*c));
        let (first, is_first_alone) = match letters.next() {
            Some(first) => (first, letters.all(|other| other == first)),
            None => return false,
        };
        // A capital that is a word by itself is followed by a blank; of another one it is typed into
        // the line that the key has opened.
        let is_word_alone = !first.is_ascii_uppercase() || matches!(first, 'A' | 'I' | 'O');
        if next == ' ' && self.text.chars().count() == 1 {
            return is_word_alone;
        }
        let is_none = next == first || next.is_ascii_digit() || is_no_word(first, next);
        !(is_first_alone && is_none)
    }

    /// What was held, and on what it was to act; the burst is over.
    pub fn let_go(&mut self) -> (Vec<KeyEvent>, Target) {
        let over = std::mem::take(self);
        (over.held, over.target)
    }

    /// When what is held acts by itself.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.holds().then_some(Timestamp(self.last.0 + PAUSE_MS + 1))
    }

    /// From when on a letter no longer belongs to it.
    pub fn rests_at(&self) -> Option<Timestamp> {
        (!self.text.is_empty()).then_some(Timestamp(self.last.0 + PAUSE_MS + 1))
    }
}

/// One walks on after a command: `rhino`, `blue`, `all` and `sky` are words; `dl` and `xj` begin
/// none.
fn is_no_word(first: char, next: char) -> bool {
    match (first.to_ascii_lowercase(), next) {
        (_, 'h')
        | ('a' | 'e' | 'i' | 'o' | 'u', _)
        | ('b' | 'c' | 'f' | 'g' | 'p' | 's', 'l')
        | ('s', 'k') => false,
        (_, next) => is_step(next),
    }
}

/// One walks with these, often and quickly.
fn is_step(c: char) -> bool {
    matches!(c, 'h' | 'j' | 'k' | 'l')
}

fn has_three_letters(text: &str) -> bool {
    let mut different: Vec<char> = text
        .chars()
        .filter(|c| c.is_alphabetic() && !is_step(*c))
        .flat_map(char::to_lowercase)
        .collect();
    different.sort_unstable();
    different.dedup();
    let has_vowel = different.iter().any(|c| "aeiou".contains(*c) || !c.is_ascii());
    different.len() >= 3 && has_vowel
}

fn has_two_words(text: &str) -> bool {
    let Some((first, rest)) = text.trim_start().split_once(' ') else {
        return false;
    };
    let mut letters: Vec<char> = first.chars().filter(|c| c.is_alphabetic()).collect();
    let is_walk = letters.iter().copied().all(is_step);
    letters.sort_unstable();
    letters.dedup();
    letters.len() >= 2 && !is_walk && rest.trim_start().starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many letters it is known, at such a pace.
    fn known_after(text: &str, gap: i64) -> Option<usize> {
        let mut burst = Burst::default();
        (1..).zip(text.chars()).find_map(|(count, c)| {
            burst.hear(c, Timestamp(10_000 + gap * count));
            burst.looks_like_words().then_some(usize::try_from(count).unwrap_or(0))
        })
    }

    #[test]
    fn words_are_known_by_their_first_letters() {
        for (text, count) in [
            ("remove the car", 3),
            ("Make it red", 4),
            ("delete him", 5),
            ("strip the paint", 4),
            ("die Farbe", 3),
            ("kill it", 6),
            ("try again", 5),
            ("сделай", 3),
        ] {
            assert_eq!(known_after(text, 300), Some(count), "{text}");
        }
    }

    #[test]
    fn commands_are_no_words_however_quickly_they_come() {
        for keys in [
            "jjjjkkkk", "hjkl", "4r", "12j", "gp", "gq", "gg", "dd", "rr", "vvx", "ppxpxvv3",
            "c*c*", "aha", "zzZ", "fcm", " m", "yt", "nnN", "xX", "jk lj", "h*l*",
        ] {
            assert_eq!(known_after(keys, 0), None, "{keys}");
        }
    }

    #[test]
    fn letters_far_apart_are_commands() {
        assert_eq!(known_after("remove the car", PAUSE_MS + 1), None);
    }

    #[test]
    fn what_no_word_begins_with_lets_go_at_once() {
        let key = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        let lets_go = |typed: &str, next: char| {
            let mut burst = Burst::default();
            typed.chars().for_each(|c| burst.hear(c, Timestamp(5_000)));
            burst.hold(key('r'), Target::default());
            burst.lets_go(&key(next), Timestamp(5_100))
        };
        for (typed, next) in
            [("r", 'r'), ("4r", 'l'), ("d", 'j'), ("x", 'k'), ("d", '3'), ("jr", 'k')]
        {
            assert!(lets_go(typed, next), "{typed}{next}");
        }
        for (typed, next) in
            [("r", 'e'), ("b", 'l'), ("s", 'k'), ("r", 'h'), ("d", 'r'), ("ar", 'l'), ("r", ' ')]
        {
            assert!(!lets_go(typed, next), "{typed}{next}");
        }
    }
}
