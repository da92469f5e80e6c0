//! The input filter: a terminal's replies are taken out before keys are parsed.
//!
//! Pure: bytes in; keys, pastes and replies out. Asks no clock: whoever reads decides how long to
//! wait before [`Filter::release`] and [`Filter::give_up`]. Invariant: every byte goes out exactly
//! once and in order, and nothing between the brackets of a paste is looked at, if it has an end.
//!
//! ```text
//!            ESC              [ _ P ] O               third byte of a reply
//!  plain ─────────► escape ───────────► prefix ─────────────────────────────► reply ──► plain
//!    ▲     limited in time    limited in time    as late as it likes; a control ends it
//!    └──────────────── anything else: keys ◄───────────────┘
//! ```

/// What some bytes turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// For the parser of keys, to be parsed before the next part is: an escape at the end is the key.
    Keys(Vec<u8>),
    /// What stood between the brackets of a paste.
    Paste(Vec<u8>),
    /// A closing bracket that stands alone: what came before it was pasted.
    PasteEnd,
    /// A complete answer of the terminal.
    Reply(Vec<u8>),
}

/// Bytes that may still become a reply, or the end of a paste, are held.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    held: Vec<u8>,
    paste: Option<Vec<u8>>,
    /// So much of the paste came before a pause.
    before_pause: Option<usize>,
    out: Vec<Sorted>,
    /// The next keys must not be parsed together with those before them.
    is_cut: bool,
    /// The answer to a status may come, in any form.
    is_status_due: bool,
}

/// A reply that grows beyond this is none: it is let go as keys. The longest is a piece of a
/// picture from the clipboard: 4096 bytes encoded, and words before them.
const LONGEST: usize = 8192;
/// A longer paste is handed on in parts.
const LONGEST_PASTE: usize = 8 << 20;
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";
/// A picture in pieces, of the clipboard or dropped.
const PIECES: [&[u8]; 2] = [super::clipboard::BEGIN, super::drops::BEGIN];
const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// Ctrl-C: a person who finds that no key works.
const INTERRUPT: u8 = 0x03;

/// What the held bytes are so far.
#[derive(PartialEq, Eq)]
enum Shape {
    /// More bytes are needed to tell.
    Open,
    Reply,
    Keys,
}

impl Filter {
    /// While the answer to a status is due, `ESC 0 n` is one (hterm 1.78) and no two keys.
    pub fn expect_status(&mut self, is_due: bool) {
        self.is_status_due = is_due;
    }

    /// Takes what was read.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Sorted> {
        for byte in bytes {
            match &mut self.paste {
                Some(_) => self.take_pasted(*byte),
                None => self.take(*byte),
            }
        }
        std::mem::take(&mut self.out)
    }

    /// What is held is a key unless more comes soon. (A reply that has surely begun is not: it may
    /// come as late as it likes.)
    pub fn is_in_doubt(&self) -> bool {
        matches!(self.held.len(), 1 | 2)
    }

    /// Nothing more came for a while: what is in doubt was keys.
    pub fn release(&mut self) -> Vec<Sorted> {
        self.let_go();
        std::mem::take(&mut self.out)
    }

    /// The end of a paste has not come yet.
    pub fn is_pasting(&self) -> bool {
        self.paste.is_some()
    }

    /// A few bytes come after a pause within a paste: perhaps its end got lost, and they are keys.
    pub fn pause(&mut self) {
        let length = self.paste.as_ref().map(Vec::len);
        self.before_pause = self.before_pause.or(length);
    }

    /// The paste goes on: what was taken for a pause was none.
    pub fn go_on(&mut self) {
        self.before_pause = None;
    }

    /// The end of the paste will not come. What came is kept; a Ctrl-C after a pause is a key.
    pub fn give_up(&mut self) -> Vec<Sorted> {
        let Some(mut paste) = self.paste.take() else {
            return Vec::new();
        };
        // A part of the closing bracket.
        let mut parts = (1..PASTE_ENDS.len()).rev().filter_map(|length| PASTE_ENDS.get(..length));
        if let Some(part) = parts.find(|part| paste.ends_with(part)) {
            paste.truncate(paste.len() - part.len());
        }
        let from = self.before_pause.take().unwrap_or(paste.len());
        let late = paste.iter().skip(from).position(|byte| *byte == INTERRUPT);
        if let Some(at) = late {
            paste.remove(from + at);
        }
        self.out.push(Sorted::Paste(paste));
        if late.is_some() {
            self.out.push(Sorted::Keys(vec![INTERRUPT]));
        }
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, byte: u8) {
        if self.held.is_empty() && byte != ESCAPE {
            return self.keys(&[byte]);
        }
        if self.is_broken_by(byte) {
            // The escape that should have ended a string begins something new instead.
            let is_string_end = is_string(&self.held) && self.held.pop_if(is_escape).is_some();
            // urxvt 9.30 ends its colours with the escape alone.
            if is_string_end && byte == ESCAPE && self.held.starts_with(b"\x1b]") {
                self.held.push(ESCAPE);
                let reply = std::mem::take(&mut self.held);
                self.out.push(Sorted::Reply(reply));
                return self.take(byte);
            }
            self.let_go();
            if is_string_end {
                self.held.push(ESCAPE);
            }
            return self.take(byte);
        }
        self.held.push(byte);
        match self.shape() {
            Shape::Open if self.held.len() < LONGEST => {}
            Shape::Reply => {
                let reply = std::mem::take(&mut self.held);
                self.out.push(Sorted::Reply(reply));
            }
            Shape::Keys if self.held == PASTE_BEGINS => {
                self.held.clear();
                self.paste = Some(Vec::new());
                self.before_pause = None;
            }
            // Its opening bracket got lost, or was given up.
            Shape::Keys if self.held == PASTE_ENDS => {
                self.held.clear();
                self.out.push(Sorted::PasteEnd);
            }
            // What was asked for is no key, however long it is: its end is still waited for.
            Shape::Open | Shape::Keys => {
                match PIECES.into_iter().find(|begin| self.held.starts_with(begin)) {
                    Some(begin) => self.held.truncate(begin.len()),
                    None => {
                        let keys = std::mem::take(&mut self.held);
                        self.keys(&keys);
                    }
                }
            }
        }
    }

    /// Whether what is held cannot go on with this byte. A control in the middle of a reply means
    /// that the rest of it got lost: a person presses Ctrl-C now and must be heard.
    fn is_broken_by(&self, byte: u8) -> bool {
        let is_string = is_string(&self.held);
        match (self.held.as_slice(), byte) {
            ([], _) => false,
            ([.., ESCAPE], b'\\') if is_string => false,
            ([.., ESCAPE], _) if is_string => true,
            (_, ESCAPE) => !is_string,
            ([ESCAPE, b']', ..], BELL) if is_string => false,
            (held, 0x00..0x20 | 0x7f) => held.len() > 1,
            _ => false,
        }
    }

    fn shape(&self) -> Shape {
        match self.held.as_slice() {
            [ESCAPE, b'0'] if self.is_status_due => Shape::Open,
            [ESCAPE, b'0', b'n'] if self.is_status_due => Shape::Reply,
            held => shape(held),
        }
    }

    fn take_pasted(&mut self, byte: u8) {
        let Some(paste) = &mut self.paste else {
            return;
        };
        paste.push(byte);
        if paste.ends_with(PASTE_ENDS) {
            paste.truncate(paste.len() - PASTE_ENDS.len());
            let paste = self.paste.take().unwrap_or_default();
            self.out.push(Sorted::Paste(paste));
        } else if paste.len() >= LONGEST_PASTE && is_safe_end(paste) {
            let part = std::mem::take(paste);
            self.before_pause = None;
            self.out.push(Sorted::Paste(part));
        }
    }

    fn let_go(&mut self) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.is_cut = true;
            self.keys(&held);
            self.is_cut = true;
        }
    }

    fn keys(&mut self, bytes: &[u8]) {
        match self.out.last_mut() {
            Some(Sorted::Keys(keys)) if !self.is_cut => keys.extend_from_slice(bytes),
            _ => self.out.push(Sorted::Keys(bytes.to_vec())),
        }
        self.is_cut = false;
    }
}

fn is_escape(byte: &mut u8) -> bool {
    *byte == ESCAPE
}

/// Neither inside a character nor inside the closing bracket.
fn is_safe_end(paste: &[u8]) -> bool {
    let mut last = paste.iter().rev().take(PASTE_ENDS.len());
    paste.last().is_some_and(u8::is_ascii) && !last.any(|byte| *byte == ESCAPE)
}

/// A reply that ends with `ESC \`, and has surely begun.
fn is_string(held: &[u8]) -> bool {
    matches!(
        held,
        [ESCAPE, b'_', b'G', ..]
            | [ESCAPE, b'P', b'>' | b'0' | b'1' | b'!', ..]
            | [ESCAPE, b']', b'0'..=b'9', ..]
    )
}

fn shape(held: &[u8]) -> Shape {
    match held {
        [ESCAPE] | [ESCAPE, b'[' | b'_' | b'P' | b']' | b'O'] => Shape::Open,
        [ESCAPE, b'[', rest @ ..] => control(rest),
        [.., ESCAPE, b'\\'] if is_string(held) => Shape::Reply,
        [ESCAPE, b']', .., BELL] if is_string(held) => Shape::Reply,
        _ if is_string(held) => Shape::Open,
        _ => Shape::Keys,
    }
}

/// What follows `CSI`: parameters, intermediates, one final byte.
fn control(rest: &[u8]) -> Shape {
    let Some((last, before)) = rest.split_last() else {
        return Shape::Open;
    };
    let is_number = before.first().is_some_and(u8::is_ascii_digit);
    match (last, before.first()) {
        (0x20..=0x3f, _) => Shape::Open,
        // Reports of the first row may be F3 with a modifier; what we ask about is in the second.
        (b'R', _) => {
            if before == b"1;1" || before.starts_with(b"2;") {
                Shape::Reply
            } else {
                Shape::Keys
            }
        }
        (b'S' | b'u' | b'n' | b'y', Some(b'?')) => Shape::Reply,
        (b'c', Some(b'?' | b'>' | b'=')) => Shape::Reply,
        (b'n' | b't', _) if is_number => Shape::Reply,
        (b'y', _) if is_number && before.ends_with(b"$") => Shape::Reply,
        _ => Shape::Keys,
    }
}
