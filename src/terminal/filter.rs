//! The input filter: a terminal's replies are taken out before keys are parsed.
//!
//! Pure: bytes in, keys and replies out. The parser behind it would turn a reply into key presses
//! or swallow keys until one fits. Invariant: every byte goes out exactly once, in order, either
//! as keys or inside a reply; nothing between the brackets of a paste is touched.

/// What came out of some bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// For the parser of keys.
    pub keys: Vec<u8>,
    /// Complete answers of the terminal.
    pub replies: Vec<Vec<u8>>,
}

/// Bytes that may still become a reply are held.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    held: Vec<u8>,
    in_paste: bool,
}

/// A reply that grows beyond this is none: it is let go as keys.
const LONGEST: usize = 8192;
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What the held bytes are so far.
enum Shape {
    /// More bytes are needed to tell.
    Open,
    Reply,
    Keys,
}

impl Filter {
    /// Takes what was read.
    pub fn feed(&mut self, bytes: &[u8]) -> Filtered {
        let mut out = Filtered::default();
        for byte in bytes {
            self.take(*byte, &mut out);
        }
        out
    }

    /// An escape is held: it may be the key or the beginning of something.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// More than an escape has come: surely not the key alone.
    pub fn is_long(&self) -> bool {
        self.held.len() > 1
    }

    /// Nothing more came for a while: what is held was keys.
    pub fn release(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    fn take(&mut self, byte: u8, out: &mut Filtered) {
        if self.held.is_empty() && byte != 0x1b {
            return out.keys.push(byte);
        }
        // A second escape begins something new, except as the end of a string.
        if byte == 0x1b && !self.held.is_empty() && !is_string(&self.held) {
            out.keys.append(&mut self.held);
        }
        self.held.push(byte);
        if self.in_paste {
            return self.take_in_paste(out);
        }
        match shape(&self.held) {
            Shape::Open if self.held.len() < LONGEST => {}
            Shape::Reply => out.replies.push(std::mem::take(&mut self.held)),
            Shape::Open | Shape::Keys => {
                self.in_paste = self.held == PASTE_BEGINS;
                out.keys.append(&mut self.held);
            }
        }
    }

    /// Only the end of the paste means anything.
    fn take_in_paste(&mut self, out: &mut Filtered) {
        if self.held == PASTE_ENDS {
            self.in_paste = false;
        }
        if !self.in_paste || !PASTE_ENDS.starts_with(&self.held) {
            // What broke off may be the beginning of the real end.
            let last_escape = self.held.iter().rposition(|byte| *byte == 0x1b).unwrap_or(0);
            if self.in_paste && last_escape > 0 {
                let rest = self.held.split_off(last_escape);
                out.keys.append(&mut self.held);
                self.held = rest;
            } else {
                out.keys.append(&mut self.held);
            }
        }
    }
}

/// Strings end with `ESC \`; an escape inside belongs to them.
fn is_string(held: &[u8]) -> bool {
    matches!(held, [0x1b, b'_' | b'P' | b']', ..])
}

fn shape(held: &[u8]) -> Shape {
    match held {
        [0x1b] => Shape::Open,
        // APC of kitty, DCS of names and settings, OSC that begins with a digit.
        [0x1b, b'_'] | [0x1b, b'P'] | [0x1b, b']'] => Shape::Open,
        [0x1b, b'_', b'G', rest @ ..] => string(rest),
        [0x1b, b'P', b'>' | b'0' | b'1' | b'!', rest @ ..] => string(rest),
        [0x1b, b']', b'0'..=b'9', rest @ ..] => string(rest),
        [0x1b, b'_' | b'P' | b']', ..] => Shape::Keys,
        [0x1b, b'[', rest @ ..] => control(rest),
        _ => Shape::Keys,
    }
}

fn string(rest: &[u8]) -> Shape {
    match rest {
        [.., 0x1b, b'\\'] | [.., 0x07] => Shape::Reply,
        _ => Shape::Open,
    }
}

/// What follows `CSI`: parameters, intermediates, one final byte.
fn control(rest: &[u8]) -> Shape {
    let Some((last, before)) = rest.split_last() else {
        return Shape::Open;
    };
    let private = before.first() == Some(&b'?');
    match last {
        0x20..=0x3f => Shape::Open,
        // Device status, attributes, window sizes, mode reports; sixel geometry and key flags.
        b'n' | b'c' | b't' if !before.is_empty() => Shape::Reply,
        b'y' if before.contains(&b'$') => Shape::Reply,
        b'S' | b'u' if private => Shape::Reply,
        _ => Shape::Keys,
    }
}
