//! What a terminal tells a person who looks elsewhere: a notice, a bar of progress, a title.
//!
//! Only the bytes; which of them a terminal understands is known in `graphics`. Invariant: no word
//! ends its own escape.

use crate::graphics::terminals::Notice;

/// How far the work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    Nothing,
    /// It goes on, and nobody knows how long.
    Busy,
    /// Of a hundred.
    Part(u8),
}

/// Longer words do not fit into a notice or a title.
const LONGEST: usize = 120;
const NAME: &str = "editree";

/// Tells it in the way that the terminal has.
pub fn notice(how: Notice, words: &str) -> Vec<u8> {
    let words = clean(words);
    match how {
        Notice::None => Vec::new(),
        Notice::Bell => b"\x07".to_vec(),
        // What begins with a number and a semicolon would be something else there.
        Notice::Osc9 => format!("\x1b]9;{NAME}: {words}\x1b\\").into_bytes(),
        Notice::Osc777 => format!("\x1b]777;notify;{NAME};{words}\x1b\\").into_bytes(),
        Notice::Osc99 => {
            let title = format!("\x1b]99;i={NAME}:d=0:o=unfocused;{NAME}\x1b\\");
            format!("{title}\x1b]99;i={NAME}:p=body;{words}\x1b\\").into_bytes()
        }
    }
}

pub(super) fn progress(progress: Progress) -> Vec<u8> {
    match progress {
        Progress::Nothing => b"\x1b]9;4;0\x1b\\".to_vec(),
        Progress::Busy => b"\x1b]9;4;3\x1b\\".to_vec(),
        Progress::Part(percent) => format!("\x1b]9;4;1;{}\x1b\\", percent.min(100)).into_bytes(),
    }
}

pub(super) const KEEP_TITLE: &[u8] = b"\x1b[22;2t";
pub(super) const OLD_TITLE: &[u8] = b"\x1b[23;2t";

pub(super) fn title(words: &str) -> Vec<u8> {
    format!("\x1b]2;{}\x1b\\", clean(words)).into_bytes()
}

/// A semicolon would begin the next field.
fn clean(words: &str) -> String {
    let plain = |c: &char| crate::text::is_plain(*c);
    let one = |c| if c == ';' { ',' } else { c };
    words.chars().filter(plain).map(one).take(LONGEST).collect()
}
