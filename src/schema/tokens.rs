//! How much of a prompt a model reads, exactly: the T5 text encoder of FLUX.1 takes 512 tokens, and
//! there are letters that it cannot read at all.
//!
//! Cuts a text as the encoder's own tokenizer does (SentencePiece's unigram model over the public
//! vocabulary of T5, after NFKC). Judges nothing: what follows is the endpoint's and the screen's.
//! Invariant: the ranges lie on the borders of letters of the text, in order, apart.

mod vocabulary;

use std::ops::Range;
use std::sync::Arc;

use icu_normalizer::ComposingNormalizerBorrowed;
use parking_lot::Mutex;
use unicode_segmentation::UnicodeSegmentation as _;

/// What the encoder makes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// All tokens, with the one that ends the text.
    pub tokens: usize,
    /// Where each word ends in the text, and how many tokens there are up to there.
    words: Vec<(Range<usize>, usize)>,
    /// Bytes of the text that are letters without a token: runs of them are one unknown.
    pub unreadable: Vec<Range<usize>>,
}

impl Reading {
    /// So many bytes are read by a model that takes `limit` tokens, up to the first word that is
    /// not; `None`: all of it.
    pub fn read_part(&self, limit: usize) -> Option<usize> {
        // One is the end's.
        let unread = self.words.iter().find(|(_, tokens)| *tokens >= limit);
        unread.map(|(word, _)| word.start)
    }

    /// The letters that cannot be read, each once, in their order.
    pub fn unreadable_letters<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut letters = Vec::new();
        for letter in self.unreadable.iter().filter_map(|at| text.get(at.clone())) {
            for letter in letter.graphemes(true) {
                if !letters.contains(&letter) {
                    letters.push(letter);
                }
            }
        }
        letters
    }

    /// Most of the text means nothing to the encoder.
    pub fn is_mostly_unreadable(&self, text: &str) -> bool {
        let unread: usize = self
            .unreadable
            .iter()
            .filter_map(|at| text.get(at.clone()))
            .map(|part| part.chars().count())
            .sum();
        let letters = text.chars().filter(|c| !c.is_whitespace()).count();
        unread * 3 > letters
    }
}

/// What of the text is lost on a model that takes `limit` tokens, in words; `None`: nothing.
pub fn advice(text: &str, limit: usize) -> Option<String> {
    let reading = read(text);
    let letters = reading.unreadable_letters(text);
    if reading.is_mostly_unreadable(text) && !letters.is_empty() {
        return Some("the model cannot read most of this: it knows Latin letters only".to_owned());
    }
    if reading.tokens > limit {
        let tokens = reading.tokens;
        return Some(format!("the model reads only the first {limit} of {tokens} tokens"));
    }
    let named: Vec<String> = letters.iter().take(5).map(|letter| format!("`{letter}`")).collect();
    let more = if letters.len() > named.len() { " …" } else { "" };
    (!named.is_empty()).then(|| format!("the model cannot read {}{more}", named.join(" ")))
}

/// The last text that was read: a screen asks for the same one several times.
static LAST: Mutex<Option<(String, Arc<Reading>)>> = Mutex::new(None);

/// What the encoder makes of the text. A millisecond for 512 tokens, the first time one more.
pub fn read(text: &str) -> Arc<Reading> {
    let mut last = LAST.lock();
    match &*last {
        Some((known, reading)) if known == text => Arc::clone(reading),
        Some(_) | None => {
            let reading = Arc::new(read_anew(text));
            *last = Some((text.to_owned(), Arc::clone(&reading)));
            reading
        }
    }
}

/// A letter as the encoder sees it, and the bytes of the text that it came from.
struct Letter {
    letter: char,
    at: Range<usize>,
}

fn read_anew(text: &str) -> Reading {
    let vocabulary = vocabulary::t5();
    let letters = normalised(text);
    let mut reading = Reading { tokens: 1, ..Reading::default() };
    let mut count = 0;
    for word in words(&letters) {
        let path = vocabulary.cut(word.iter().map(|letter| letter.letter));
        count += path.tokens;
        // The blank in front is no byte of the text.
        let at = |place: usize| place.checked_sub(1).and_then(|place| word.get(place));
        for unknown in path.unknown {
            let (Some(first), Some(last)) = (at(unknown.start), at(unknown.end - 1)) else {
                continue;
            };
            add(&mut reading.unreadable, first.at.start..last.at.end);
        }
        if let (Some(first), Some(last)) = (word.first(), word.last()) {
            reading.words.push((first.at.start..last.at.end, count));
        }
    }
    reading.tokens += count;
    reading
}

/// Neighbours become one.
fn add(ranges: &mut Vec<Range<usize>>, new: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end >= new.start => last.end = last.end.max(new.end),
        Some(_) | None => ranges.push(new),
    }
}

/// As the encoder's normaliser has it: NFKC, blanks for every kind of white space and for marks
/// without width, one blank for several.
fn normalised(text: &str) -> Vec<Letter> {
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    for (start, cluster) in text.grapheme_indices(true) {
        let at = start..start + cluster.len();
        for letter in nfkc.normalize(cluster).chars() {
            let letter = match letter {
                letter if is_blank(letter) => ' ',
                letter if is_nothing(letter) => continue,
                letter => letter,
            };
            let follows_blank = letters.last().is_some_and(|last| last.letter == ' ');
            if letter != ' ' || !follows_blank {
                letters.push(Letter { letter, at: at.clone() });
            }
        }
    }
    letters
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2581}')
}

fn is_nothing(letter: char) -> bool {
    letter.is_control()
}

/// What stands between blanks; each begins with one for the encoder. A blank at the end is a word
/// without letters.
fn words(letters: &[Letter]) -> impl Iterator<Item = &[Letter]> {
    let begins_blank = letters.first().is_some_and(|first| first.letter == ' ');
    let parts = letters.split(|letter| letter.letter == ' ');
    let is_nothing = letters.is_empty();
    parts.skip(usize::from(begins_blank || is_nothing))
}
