//! How much of a prompt a model reads, exactly: the T5 text encoder of FLUX.1 takes 512 tokens, and
//! there are letters that it cannot read at all.
//!
//! Cuts a text as the encoder's own tokenizer does (SentencePiece's unigram model over the public
//! vocabulary of T5, after NFKC). Judges nothing: what follows is the endpoint's and the screen's.
//! Invariant: the ranges lie on the borders of letters of the text, in order, apart.

mod vocabulary;

use std::collections::HashMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// As many unreadable letters are named.
const NAMED: usize = 5;

/// What the encoder makes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// All tokens, with the one that ends the text.
    pub tokens: usize,
    /// Bytes of the text that are letters without a token: runs of them are one unknown.
    pub unreadable: Vec<Range<usize>>,
    /// Where each word begins in the text, and how many tokens there are up to its end.
    words: Vec<(usize, usize)>,
    /// The first of the unreadable letters, each once.
    named: Vec<String>,
    has_more: bool,
    is_mostly_unreadable: bool,
}

impl Reading {
    /// So many bytes are read by a model that takes `limit` tokens, up to the first word that is
    /// not; `None`: all of it.
    pub fn read_part(&self, limit: usize) -> Option<usize> {
        // One is the end's.
        let unread = self.words.iter().find(|(_, tokens)| *tokens >= limit);
        unread.map(|(start, _)| *start)
    }

    /// What of the text is lost on a model that takes `limit` tokens, in words; `None`: nothing.
    pub fn advice(&self, limit: usize) -> Option<String> {
        if self.is_mostly_unreadable {
            let text = "the model cannot read most of this: it knows Latin letters only";
            return Some(text.to_owned());
        }
        if self.tokens > limit {
            let tokens = self.tokens;
            return Some(format!("the model reads only the first {limit} of {tokens} tokens"));
        }
        let named: Vec<String> = self.named.iter().map(|letter| format!("`{letter}`")).collect();
        let more = if self.has_more { " …" } else { "" };
        (!named.is_empty()).then(|| format!("the model cannot read {}{more}", named.join(" ")))
    }

    fn name_letters(&mut self, text: &str) {
        let parts = self.unreadable.iter().filter_map(|at| text.get(at.clone()));
        for letter in parts.flat_map(|part| part.graphemes(true)) {
            if self.named.iter().any(|named| named == letter) {
                continue;
            }
            self.has_more = self.named.len() == NAMED;
            if self.has_more {
                return;
            }
            self.named.push(letter.to_owned());
        }
    }
}

/// Reads one text after the other; only words that are new are cut anew, so that a key in a long
/// prompt costs little.
#[derive(Debug, Default)]
pub struct Reader {
    text: String,
    reading: Reading,
    words: HashMap<String, Word>,
}

/// A word by itself: its tokens, and which of its bytes are unreadable.
#[derive(Clone, Debug, Default)]
struct Word {
    tokens: usize,
    unreadable: Vec<Range<usize>>,
}

impl Reader {
    /// What the encoder makes of the text: a millisecond for 512 tokens, the first text of a
    /// program one more.
    pub fn read(&mut self, text: &str) -> &Reading {
        if self.text != text || self.reading.tokens == 0 {
            let known = std::mem::take(&mut self.words);
            self.reading = self.read_anew(text, known);
            text.clone_into(&mut self.text);
        }
        &self.reading
    }

    fn read_anew(&mut self, text: &str, mut known: HashMap<String, Word>) -> Reading {
        let mut reading = Reading::default();
        let mut count = 0;
        for (start, word) in words(text) {
            let read = self
                .words
                .entry(word.to_owned())
                .or_insert_with(|| known.remove(word).unwrap_or_else(|| read_word(word)));
            count += read.tokens;
            reading.words.push((start, count));
            for at in &read.unreadable {
                add(&mut reading.unreadable, start + at.start..start + at.end);
            }
        }
        // A blank at the end is a piece of its own, and the end of the text another.
        reading.tokens = count + usize::from(text.chars().next_back().is_some_and(is_blank)) + 1;
        let letters = |part: &str| part.chars().filter(|c| !c.is_whitespace()).count();
        let parts = reading.unreadable.iter().filter_map(|at| text.get(at.clone()));
        let unread: usize = parts.map(letters).sum();
        reading.is_mostly_unreadable = unread * 2 > letters(text);
        reading.name_letters(text);
        reading
    }
}

/// What the encoder makes of the text.
pub fn read(text: &str) -> Reading {
    Reader::default().read(text).clone()
}

/// What stands between blanks, and where in the text.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(is_blank).scan(0, |end, word| {
        let start = *end;
        // Every blank has its own length.
        let blank = text.get(start + word.len()..).and_then(|rest| rest.chars().next());
        *end = start + word.len() + blank.map_or(0, char::len_utf8);
        Some((start, word))
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// A letter as the encoder sees it, and the bytes of the word that it came from.
struct Letter {
    letter: char,
    at: Range<usize>,
}

fn read_word(word: &str) -> Word {
    let letters = normalised(word);
    let mut read = Word::default();
    for part in letters.split(|letter| letter.letter == ' ').filter(|part| !part.is_empty()) {
        let path = vocabulary::t5().cut(part.iter().map(|letter| letter.letter));
        read.tokens += path.tokens;
        // The blank in front is no byte of the word.
        let at = |place: usize| place.checked_sub(1).and_then(|place| part.get(place));
        for unknown in path.unknown {
            if let (Some(first), Some(last)) = (at(unknown.start), at(unknown.end - 1)) {
                add(&mut read.unreadable, first.at.start..last.at.end);
            }
        }
    }
    read
}

/// Neighbours become one.
fn add(ranges: &mut Vec<Range<usize>>, new: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end >= new.start => last.end = last.end.max(new.end),
        Some(_) | None => ranges.push(new),
    }
}

/// As the encoder's normaliser has it: NFKC, and nothing of controls.
fn normalised(word: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(word.len());
    for (start, cluster) in word.grapheme_indices(true) {
        let at = start..start + cluster.len();
        let kept = cluster.nfkc().filter(|letter| !letter.is_control());
        letters.extend(kept.map(|letter| Letter { letter, at: at.clone() }));
    }
    letters
}

/// White space of every kind, and marks without width.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2581}')
}
