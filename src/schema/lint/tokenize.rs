//! A prompt taken apart: the words outside quotation marks. Judges nothing.
//!
//! Invariant: every word's range lies on character borders of the prompt.

use std::ops::Range;

/// A word outside quotation marks, in small letters.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: Range<usize>,
    /// The sign before it ends a sentence or a part of one.
    pub(super) opens: bool,
}

impl Word {
    pub(super) fn is(&self, one_of: &[&str]) -> bool {
        one_of.contains(&self.text.as_str())
    }
}

/// Quoted passages are lettering, not instructions. An apostrophe inside a word opens nothing.
pub(super) fn words(prompt: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut closing, mut opens, mut before) = (None, true, ' ');
    for (at, letter) in prompt.char_indices() {
        let end = at + letter.len_utf8();
        let inside =
            letter.is_alphanumeric() || (is_apostrophe(letter) && before.is_alphanumeric());
        if let Some(mark) = closing {
            if letter == mark {
                closing = None;
            }
        } else if inside {
            match words.last_mut().filter(|word| word.at.end == at) {
                Some(word) => {
                    word.text.extend(plain(letter).to_lowercase());
                    word.at.end = end;
                }
                None => {
                    let text = letter.to_lowercase().collect();
                    words.push(Word { text, at: at..end, opens });
                    opens = false;
                }
            }
        } else {
            closing = closing_mark(letter)
                .filter(|mark| prompt.get(end..).is_some_and(|rest| rest.contains(*mark)));
            opens |= matches!(letter, '.' | ',' | ';' | ':' | '!' | '?' | '\n');
        }
        before = letter;
    }
    words
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’')
}

fn plain(letter: char) -> char {
    if is_apostrophe(letter) { '\'' } else { letter }
}

fn closing_mark(letter: char) -> Option<char> {
    match letter {
        '"' | '\'' => Some(letter),
        '“' | '„' => Some('”'),
        '‘' => Some('’'),
        '«' => Some('»'),
        _other => None,
    }
}
