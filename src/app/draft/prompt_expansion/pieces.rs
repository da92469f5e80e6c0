//! A prompt cut into braces, bars and the words between them.
//!
//! Knows what is a letter (behind a backslash, in JSON), not what a group means. Invariant: joined
//! again, the letters of all pieces are the prompt without its escapes.

use std::iter::Peekable;
use std::str::CharIndices;

/// Deeper ones are words: nobody means them.
const DEEPEST: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    /// As many pieces stand between it and the brace that closes it; `None`: none does.
    Open(Option<usize>),
    Close,
    Bar,
}

impl Piece {
    /// Where it is a part of no group.
    pub(super) fn letters(&self) -> &str {
        match self {
            Self::Words(words) => words,
            Self::Open(_) => "{",
            Self::Close => "}",
            Self::Bar => "|",
        }
    }
}

pub(super) fn pieces(prompt: &str) -> Vec<Piece> {
    let mut found = Cut { pieces: Vec::new(), open: Vec::new() };
    let mut letters = prompt.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => found.backslashes(&mut letters),
            '{' => match prompt.get(at..).and_then(json) {
                Some(json) => {
                    found.words(json);
                    while letters.next_if(|(next, _)| *next < at + json.len()).is_some() {}
                }
                None => found.open(),
            },
            '}' => found.close(),
            '|' => found.pieces.push(Piece::Bar),
            letter => found.words(letter.encode_utf8(&mut [0; 4])),
        }
    }
    found.pieces
}

/// Parts of the inside of a group, at its own bars.
pub(super) fn alternatives(inside: &[Piece]) -> Vec<Vec<Piece>> {
    let (mut all, mut part, mut rest) = (Vec::new(), Vec::new(), inside);
    while let Some((piece, behind)) = rest.split_first() {
        rest = behind;
        match piece {
            Piece::Bar => all.push(std::mem::take(&mut part)),
            Piece::Open(Some(length)) => {
                let (group, after) = behind.split_at_checked(length + 1).unwrap_or((behind, &[]));
                part.push(piece.clone());
                part.extend_from_slice(group);
                rest = after;
            }
            Piece::Words(_) | Piece::Open(None) | Piece::Close => part.push(piece.clone()),
        }
    }
    all.push(part);
    all
}

struct Cut {
    pieces: Vec<Piece>,
    /// Where the braces stand that are not closed yet.
    open: Vec<usize>,
}

impl Cut {
    fn words(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Words(words)) => words.push_str(text),
            Some(Piece::Open(_) | Piece::Close | Piece::Bar) | None => {
                self.pieces.push(Piece::Words(text.to_owned()));
            }
        }
    }

    fn open(&mut self) {
        self.open.push(self.pieces.len());
        self.pieces.push(Piece::Open(None));
    }

    fn close(&mut self) {
        let here = self.pieces.len();
        let is_near = self.open.len() <= DEEPEST;
        let opened = self.open.pop();
        if let Some(at) = opened.filter(|_| is_near)
            && let Some(Piece::Open(length)) = self.pieces.get_mut(at)
        {
            *length = Some(here - at - 1);
        }
        self.pieces.push(Piece::Close);
    }

    /// One was read already. Before a brace or a bar each pair of them is one, and the last without
    /// a partner makes a letter of it; elsewhere they are letters themselves.
    fn backslashes(&mut self, letters: &mut Peekable<CharIndices>) {
        let mut count = 1;
        while letters.next_if(|(_, letter)| *letter == '\\').is_some() {
            count += 1;
        }
        let next = letters.peek().map(|(_, letter)| *letter);
        let Some(sign) = next.filter(|letter| matches!(letter, '{' | '}' | '|')) else {
            return self.words(&"\\".repeat(count));
        };
        self.words(&"\\".repeat(count / 2));
        if count % 2 == 1 {
            letters.next();
            self.words(sign.encode_utf8(&mut [0; 4]));
        }
    }
}

/// The JSON object that the text begins with, to its end or to that of the text; `None`: it begins
/// with none.
fn json(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?.trim_start();
    if !inside.starts_with('}') {
        let string = inside.strip_prefix('"')?;
        let end = end_of_string(string)?;
        string.get(end..)?.trim_start().strip_prefix(':')?;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += letter.len_utf8();
        match letter {
            '"' => at += text.get(at..).and_then(end_of_string).unwrap_or(text.len() - at),
            '{' => depth += 1,
            '}' => depth -= 1,
            _letter => {}
        }
        if depth == 0 {
            break;
        }
    }
    text.get(..at)
}

/// Behind the quotation mark that ends it.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !is_escaped => return Some(at + 1),
            letter => is_escaped = letter == '\\' && !is_escaped,
        }
    }
    None
}
