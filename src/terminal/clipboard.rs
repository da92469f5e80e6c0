//! Pictures through the clipboard of the terminal, also over ssh: OSC 5522, by kitty's page on its
//! clipboard protocol (kitty from 0.27 on, Ghostty).
//!
//! Pure: says what to send, takes the replies, asks no clock. One exchange at a time. Invariant:
//! what is read never grows beyond [`MOST`], and every exchange ends.

use std::time::{Duration, Instant};

/// A larger picture is not taken, in bytes.
pub const MOST: usize = 64 << 20;
/// So many bytes of a picture go into one piece, before they are encoded.
const PIECE: usize = 4_096;
/// A terminal that knows the protocol answers at once what there is.
const SILENT: Duration = Duration::from_secs(3);
/// It asks the person before it hands on a picture.
const ASKING: Duration = Duration::from_secs(90);
/// Between two pieces, on a slow line.
const STALLED: Duration = Duration::from_secs(30);
/// Every reply begins so.
pub(super) const BEGIN: &[u8] = b"\x1b]5522;";
/// What is taken of a clipboard or a drop, the best first.
pub(super) const KINDS: [&str; 9] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/tiff",
    "image/jxl",
    "image/heic",
    "image/gif",
    "image/bmp",
    FILES,
];
pub(super) const FILES: &str = "text/uri-list";

/// The exchange that is under way.
#[derive(Debug, Default)]
pub struct Clipboard {
    exchange: Option<Exchange>,
    /// When it is given up.
    due: Option<Instant>,
}

#[derive(Debug)]
enum Exchange {
    /// Which kinds there are is being told.
    Listing {
        kinds: String,
    },
    Reading {
        is_paths: bool,
        bytes: Vec<u8>,
    },
    /// The rest of a reading that has failed is swallowed.
    Ignoring,
    /// Before a picture is sent, the terminal is asked for something that it would answer.
    Trying {
        pieces: Vec<Vec<u8>>,
        patience: Duration,
    },
    Writing,
}

/// What a reply has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// More is to come.
    Nothing,
    /// To be sent now: the question for the picture itself.
    Ask(Vec<u8>),
    /// To be sent now, piece by piece: the terminal knows what to do with it.
    Send(Vec<Vec<u8>>),
    /// A picture's file.
    Picture(Vec<u8>),
    /// Files that were copied, as a list of their addresses.
    Paths(String),
    /// The terminal has all of what was copied.
    Written,
    Failed(ClipboardFailure),
}

/// Why nothing was pasted or copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipboardFailure {
    #[error("this terminal hands on no pictures of its clipboard; kitty and Ghostty do")]
    Silent,
    #[error("the clipboard holds no picture")]
    Empty,
    #[error("the terminal does not allow it")]
    Denied,
    #[error("the clipboard is busy; try again")]
    Busy,
    #[error("the picture is larger than {} MB", MOST >> 20)]
    TooLarge,
    #[error("the terminal stopped in the middle")]
    Stalled,
    #[error("the terminal answers `{0}`")]
    Other(String),
}

impl Clipboard {
    pub fn is_busy(&self) -> bool {
        self.exchange.is_some()
    }

    fn is_writing(&self) -> bool {
        matches!(self.exchange, Some(Exchange::Writing))
    }

    /// When to give up, while something is under way.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Begins to paste: asks which kinds there are, for which no person is asked.
    pub fn paste(&mut self, now: Instant) -> Vec<u8> {
        self.exchange = Some(Exchange::Listing { kinds: String::new() });
        self.due = Some(now + SILENT);
        read(".")
    }

    /// Begins to copy: what to send first. `patience` is how long all of it may be on its way.
    pub fn copy(&mut self, kind: &str, file: &[u8], patience: Duration, now: Instant) -> Vec<u8> {
        let kind = encoded(kind.as_bytes());
        let data = file.chunks(PIECE).map(|piece| {
            format!("\x1b]5522;type=wdata:mime={kind};{}\x1b\\", encoded(piece)).into_bytes()
        });
        let begin = b"\x1b]5522;type=write\x1b\\".to_vec();
        let end = b"\x1b]5522;type=wdata\x1b\\".to_vec();
        let pieces = std::iter::once(begin).chain(data).chain([end]).collect();
        self.exchange = Some(Exchange::Trying { pieces, patience });
        self.due = Some(now + SILENT);
        read(".")
    }

    /// Takes a reply; `None`: it is none of this protocol.
    pub fn take(&mut self, reply: &[u8], now: Instant) -> Option<Heard> {
        let text = reply.strip_prefix(BEGIN)?;
        let text = text.strip_suffix(b"\x1b\\").or_else(|| text.strip_suffix(b"\x07"))?;
        let text = String::from_utf8_lossy(text);
        let (words, data) = text.split_once(';').unwrap_or((&text, ""));
        let word = |name: &str| {
            words.split(':').filter_map(|word| word.split_once('=')).find(|(key, _)| *key == name)
        };
        let status = word("status").map_or("", |(_, value)| value);
        let heard = match (word("type").map(|(_, value)| value), status) {
            (Some("read"), "OK") => self.go_on(STALLED, now),
            (Some("read"), "DATA") => self.take_data(data, now),
            (Some("read"), "DONE") => self.end_reading(now),
            (Some("write"), "DONE") if self.is_writing() => self.end(Heard::Written),
            (Some("write"), code) if self.is_writing() => self.end(Heard::Failed(failure(code))),
            (Some("read"), code) if self.is_busy() && !self.is_writing() => {
                self.end(Heard::Failed(failure(code)))
            }
            // Of something that was given up.
            _ => Heard::Nothing,
        };
        Some(heard)
    }

    /// Pieces of what is copied still wait here: the line is slow, not the terminal.
    pub fn go_on_writing(&mut self, now: Instant) {
        if self.is_writing() {
            self.due = Some(now + STALLED);
        }
    }

    /// Nothing came for too long.
    pub fn expire(&mut self, now: Instant) -> Option<ClipboardFailure> {
        self.due.filter(|due| *due <= now)?;
        self.due = None;
        match self.exchange.take()? {
            Exchange::Listing { .. } | Exchange::Trying { .. } => Some(ClipboardFailure::Silent),
            Exchange::Reading { .. } | Exchange::Writing => Some(ClipboardFailure::Stalled),
            Exchange::Ignoring => None,
        }
    }

    fn go_on(&mut self, within: Duration, now: Instant) -> Heard {
        self.due = self.exchange.is_some().then(|| now + within);
        Heard::Nothing
    }

    fn take_data(&mut self, data: &str, now: Instant) -> Heard {
        let piece = base64_simd::STANDARD.decode_to_vec(data.as_bytes());
        match (&mut self.exchange, piece) {
            (Some(Exchange::Listing { kinds }), Ok(piece)) if kinds.len() < PIECE => {
                kinds.push_str(&String::from_utf8_lossy(&piece));
            }
            (Some(Exchange::Reading { bytes, .. }), Ok(piece)) => {
                if bytes.len() + piece.len() > MOST {
                    self.exchange = Some(Exchange::Ignoring);
                    return Heard::Failed(ClipboardFailure::TooLarge);
                }
                bytes.extend(piece);
            }
            (Some(Exchange::Reading { .. }), Err(_)) => {
                self.exchange = Some(Exchange::Ignoring);
                return Heard::Failed(ClipboardFailure::Other("data that is no base64".into()));
            }
            _ => {}
        }
        self.go_on(STALLED, now)
    }

    fn end_reading(&mut self, now: Instant) -> Heard {
        match self.exchange.take() {
            Some(Exchange::Listing { kinds }) => {
                let there: Vec<&str> = kinds.split_ascii_whitespace().collect();
                let Some(kind) = KINDS.into_iter().find(|kind| there.contains(kind)) else {
                    return self.end(Heard::Failed(ClipboardFailure::Empty));
                };
                let is_paths = kind == "text/uri-list";
                self.exchange = Some(Exchange::Reading { is_paths, bytes: Vec::new() });
                self.due = Some(now + ASKING);
                Heard::Ask(read(kind))
            }
            Some(Exchange::Reading { bytes, .. }) if bytes.is_empty() => {
                self.end(Heard::Failed(ClipboardFailure::Empty))
            }
            Some(Exchange::Reading { is_paths: true, bytes }) => {
                self.end(Heard::Paths(String::from_utf8_lossy(&bytes).into_owned()))
            }
            Some(Exchange::Reading { is_paths: false, bytes }) => self.end(Heard::Picture(bytes)),
            Some(Exchange::Trying { pieces, patience }) => {
                self.exchange = Some(Exchange::Writing);
                self.due = Some(now + patience + STALLED);
                Heard::Send(pieces)
            }
            // A reply to a question of before says nothing of what is written.
            Some(Exchange::Writing) => {
                self.exchange = Some(Exchange::Writing);
                Heard::Nothing
            }
            Some(Exchange::Ignoring) | None => self.end(Heard::Nothing),
        }
    }

    fn end(&mut self, heard: Heard) -> Heard {
        let was_under_way = self.exchange.is_some() || heard != Heard::Nothing;
        (self.exchange, self.due) = (None, None);
        if was_under_way { heard } else { Heard::Nothing }
    }
}

fn read(kinds: &str) -> Vec<u8> {
    format!("\x1b]5522;type=read;{}\x1b\\", encoded(kinds.as_bytes())).into_bytes()
}

fn encoded(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// By the codes of the protocol's page.
fn failure(code: &str) -> ClipboardFailure {
    match code {
        "EPERM" => ClipboardFailure::Denied,
        "EBUSY" => ClipboardFailure::Busy,
        "ENOSYS" => ClipboardFailure::Silent,
        other => {
            ClipboardFailure::Other(other.chars().filter(char::is_ascii_alphanumeric).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What a terminal with this on its clipboard answers, piece by piece.
    fn answers(question: &[u8], clipboard: &[(&str, &[u8])]) -> Vec<Vec<u8>> {
        let text = String::from_utf8(question.to_vec()).unwrap();
        let asked = text.strip_prefix("\x1b]5522;type=read;").unwrap().trim_end_matches("\x1b\\");
        let asked = base64_simd::STANDARD.decode_to_vec(asked.as_bytes()).unwrap();
        let asked = String::from_utf8(asked).unwrap();
        let mut answers = vec!["\x1b]5522;type=read:status=OK\x1b\\".to_owned()];
        let data = |kind: &str, bytes: &[u8]| {
            format!(
                "\x1b]5522;type=read:status=DATA:mime={};{}\x1b\\",
                encoded(kind.as_bytes()),
                encoded(bytes)
            )
        };
        if asked == "." {
            let kinds: Vec<&str> = clipboard.iter().map(|(kind, _)| *kind).collect();
            answers.push(data(".", kinds.join(" ").as_bytes()));
        }
        let of_kind = clipboard.iter().filter(|(kind, _)| *kind == asked);
        answers.extend(of_kind.flat_map(|(kind, bytes)| {
            bytes.chunks(PIECE).map(|piece| data(kind, piece)).collect::<Vec<_>>()
        }));
        answers.push("\x1b]5522;type=read:status=DONE\x1b\\".to_owned());
        answers.into_iter().map(String::into_bytes).collect()
    }

    /// Pastes from such a terminal.
    fn pasted(contents: &[(&str, &[u8])]) -> Heard {
        let (mut clipboard, now) = (Clipboard::default(), Instant::now());
        let mut question = clipboard.paste(now);
        loop {
            for answer in answers(&question, contents) {
                match clipboard.take(&answer, now).unwrap() {
                    Heard::Nothing => {}
                    Heard::Ask(next) => question = next,
                    heard => {
                        assert!(!clipboard.is_busy());
                        return heard;
                    }
                }
            }
        }
    }

    #[test]
    fn the_best_picture_is_taken_byte_for_byte() {
        let png: Vec<u8> = (0..200_000_u32).map(|at| (at * 7 % 251) as u8).collect();
        let contents: [(&str, &[u8]); 3] =
            [("text/plain", b"words"), ("image/jpeg", b"worse"), ("image/png", &png)];
        assert_eq!(pasted(&contents), Heard::Picture(png));
    }

    #[test]
    fn copied_files_are_paths_and_words_alone_are_no_picture() {
        let files = pasted(&[("text/uri-list", b"file:///a%20b.png\r\n")]);
        assert_eq!(files, Heard::Paths("file:///a%20b.png\r\n".into()));
        assert_eq!(pasted(&[("text/plain", b"words")]), Heard::Failed(ClipboardFailure::Empty));
        assert_eq!(pasted(&[]), Heard::Failed(ClipboardFailure::Empty));
    }

    #[test]
    fn a_terminal_that_says_nothing_or_no_ends_it() {
        let (mut clipboard, now) = (Clipboard::default(), Instant::now());
        clipboard.paste(now);
        assert_eq!(clipboard.expire(now), None);
        assert_eq!(clipboard.expire(now + SILENT), Some(ClipboardFailure::Silent));
        assert!(!clipboard.is_busy());
        clipboard.paste(now);
        let no = b"\x1b]5522;type=read:status=EPERM\x1b\\";
        assert_eq!(clipboard.take(no, now), Some(Heard::Failed(ClipboardFailure::Denied)));
        assert_eq!(clipboard.take(no, now), Some(Heard::Nothing), "said once");
        assert_eq!(clipboard.take(b"\x1b[0n", now), None, "none of its replies");
    }

    #[test]
    fn what_is_copied_comes_back_together() {
        let (mut clipboard, now) = (Clipboard::default(), Instant::now());
        let file: Vec<u8> = (0..10_000_u32).map(|at| at as u8).collect();
        let question = clipboard.copy("image/png", &file, Duration::ZERO, now);
        let done = b"\x1b]5522;type=write:status=DONE\x1b\\";
        assert_eq!(clipboard.take(done, now), Some(Heard::Nothing), "of a copy that was given up");
        let mut pieces = Vec::new();
        for answer in answers(&question, &[]) {
            if let Some(Heard::Send(all)) = clipboard.take(&answer, now) {
                pieces = all;
            }
        }
        assert_eq!(pieces.len(), 5, "its begin, three parts, its end");
        let mut whole = Vec::new();
        for piece in &pieces {
            let text = String::from_utf8(piece.clone()).unwrap();
            if let Some((_, data)) =
                text.trim_end_matches("\x1b\\").split_once(";type=wdata:mime=aW1hZ2UvcG5n;")
            {
                whole.extend(base64_simd::STANDARD.decode_to_vec(data.as_bytes()).unwrap());
            }
        }
        assert_eq!(whole, file);
        assert_eq!(clipboard.take(done, now), Some(Heard::Written));
    }

    #[test]
    fn nothing_is_sent_to_a_terminal_that_does_not_answer() {
        let (mut clipboard, now) = (Clipboard::default(), Instant::now());
        let question = clipboard.copy("image/png", &[1; 100_000], Duration::ZERO, now);
        assert!(question.len() < 100);
        assert_eq!(clipboard.expire(now + SILENT), Some(ClipboardFailure::Silent));
    }

    #[test]
    fn data_that_nobody_asked_for_is_not_kept() {
        let (mut clipboard, now) = (Clipboard::default(), Instant::now());
        for _ in 0..3 {
            let data = b"\x1b]5522;type=read:status=DATA:mime=aQ==;aGVsbG8=\x1b\\";
            assert_eq!(clipboard.take(data, now), Some(Heard::Nothing));
        }
        let done = b"\x1b]5522;type=read:status=DONE\x1b\\";
        assert_eq!(clipboard.take(done, now), Some(Heard::Nothing));
    }
}
