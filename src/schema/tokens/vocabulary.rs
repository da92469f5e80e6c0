//! The pieces that a unigram tokenizer cuts words into, and the best way to cut one.
//!
//! The asset holds T5's 31 997 pieces, sorted, with their scores; `tests/official/tokens` makes it
//! and compares the counts with the reference. Invariant: a cut covers the word, whatever it is.

use std::ops::Range;
use std::sync::LazyLock;

/// Deflated: the number of pieces (u32), the lowest and the highest score (f32), all little-endian;
/// then for each piece how many bytes it shares with the one before, how many follow, and the upper
/// and the lower byte of its score between these two; then the bytes that follow.
const T5: &[u8] = include_bytes!("../../assets/t5.deflate");
/// Of all that, in bytes.
const WHOLE: usize = 210_450;
/// Letters of the longest piece.
const LONGEST: usize = 16;
/// What an unknown letter costs beyond the least likely piece (SentencePiece's own).
const PENALTY: f32 = 10.0;
/// Stands for the blank before a word.
const BLANK: char = '\u{2581}';

pub(super) fn t5() -> &'static Vocabulary {
    static VOCABULARY: LazyLock<Vocabulary> =
        LazyLock::new(|| Vocabulary::read(T5).unwrap_or_default());
    &VOCABULARY
}

#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// All pieces one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<u32>,
    scores: Vec<f32>,
    unknown: f32,
}

/// A way to cut a word, counted in letters with the blank before it.
#[derive(Debug, Default)]
pub(super) struct Cut {
    pub(super) tokens: usize,
    /// Runs of letters that are no piece; each is one token.
    pub(super) unknown: Vec<Range<usize>>,
}

/// The best way to a place in the word.
#[derive(Clone, Copy)]
struct Step {
    score: f32,
    from: usize,
    is_known: bool,
}

impl Vocabulary {
    fn read(deflated: &[u8]) -> Option<Self> {
        let mut whole = Vec::with_capacity(WHOLE);
        let mut inflate = flate2::Decompress::new(false);
        let end = flate2::FlushDecompress::Finish;
        inflate.decompress_vec(deflated, &mut whole, end).ok()?;
        let (head, rest) = whole.split_at_checked(12)?;
        let number = |at: usize| head.get(at..at + 4)?.try_into().ok();
        let count = u32::from_le_bytes(number(0)?) as usize;
        let (lowest, highest) = (f32::from_le_bytes(number(4)?), f32::from_le_bytes(number(8)?));
        let mut columns = rest.chunks_exact(count);
        let [shared, own, upper, lower] = [(); 4].map(|()| columns.next().unwrap_or_default());
        let mut tails = rest.get(4 * count..)?;
        let mut new = Self { unknown: lowest - PENALTY, ..Self::default() };
        let mut before = 0..0;
        for (((shared, own), upper), lower) in shared.iter().zip(own).zip(upper).zip(lower) {
            let (tail, later) = tails.split_at_checked(usize::from(*own))?;
            tails = later;
            let start = new.bytes.len();
            new.bytes.extend_from_within(before.start..before.start + usize::from(*shared));
            new.bytes.extend_from_slice(tail);
            before = start..new.bytes.len();
            new.ends.push(u32::try_from(before.end).ok()?);
            let part = f32::from(u16::from_be_bytes([*upper, *lower])) / f32::from(u16::MAX);
            new.scores.push(lowest + part * (highest - lowest));
        }
        Some(new)
    }

    /// Cuts a word, before which a blank stands.
    pub(super) fn cut(&self, letters: impl Iterator<Item = char>) -> Cut {
        let letters: Vec<char> = std::iter::once(BLANK).chain(letters).collect();
        let nowhere = Step { score: f32::NEG_INFINITY, from: 0, is_known: false };
        let mut steps = vec![nowhere; letters.len() + 1];
        if let Some(first) = steps.first_mut() {
            first.score = 0.0;
        }
        for from in 0..letters.len() {
            let before = steps.get(from).map_or(0.0, |step| step.score);
            let mut has_letter = false;
            self.pieces(letters.get(from..).unwrap_or_default(), |length, score| {
                has_letter |= length == 1;
                take(&mut steps, from, from + length, before + score, true);
            });
            if !has_letter {
                take(&mut steps, from, from + 1, before + self.unknown, false);
            }
        }
        walk(&steps)
    }

    /// Tells each piece that the letters begin with: how many they are, and its score.
    fn pieces(&self, letters: &[char], mut tell: impl FnMut(usize, f32)) {
        let (mut low, mut high, mut length) = (0, self.ends.len(), 0);
        let mut buffer = [0; 4];
        for (count, letter) in letters.iter().take(LONGEST).enumerate() {
            let bytes = letter.encode_utf8(&mut buffer).as_bytes();
            let among = |bytes: &[u8], from: usize, to: usize| {
                let begins = |place: &usize| {
                    let piece = self.piece(*place);
                    let end = piece.len().min(length + bytes.len());
                    piece.get(length..end).unwrap_or_default().cmp(bytes)
                };
                let less = partition(from, to, |place| begins(&place).is_lt());
                (less, partition(less, to, |place| begins(&place).is_le()))
            };
            (low, high) = among(bytes, low, high);
            length += bytes.len();
            if low >= high {
                return;
            }
            if self.piece(low).len() == length {
                tell(count + 1, self.scores.get(low).copied().unwrap_or(self.unknown));
            }
        }
    }

    fn piece(&self, place: usize) -> &[u8] {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = place.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(place)).unwrap_or_default()
    }
}

/// The first place of which the condition does not hold.
fn partition(mut low: usize, mut high: usize, holds: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn take(steps: &mut [Step], from: usize, to: usize, score: f32, is_known: bool) {
    if let Some(step) = steps.get_mut(to).filter(|step| score > step.score) {
        *step = Step { score, from, is_known };
    }
}

/// Back along the best way.
fn walk(steps: &[Step]) -> Cut {
    let mut cut = Cut::default();
    let mut place = steps.len().saturating_sub(1);
    while place > 0 {
        let Some(step) = steps.get(place) else {
            break;
        };
        match cut.unknown.last_mut() {
            Some(run) if !step.is_known && run.start == place => run.start = step.from,
            Some(_) | None => {
                cut.tokens += 1;
                if !step.is_known {
                    cut.unknown.push(step.from..place);
                }
            }
        }
        place = step.from;
    }
    cut.unknown.reverse();
    cut
}
