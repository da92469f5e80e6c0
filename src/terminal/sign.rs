//! Signs of life: questions whose answer says that all that was sent before has arrived.
//!
//! Pure. No terminal answers all of them: `st` 0.9 knows no status, hterm 1.78 answers a status with
//! two keys (`ESC 0 n`), ghostty-web 0.4 tells no attributes. What counts is what *this* terminal
//! has answered. Invariant: an answer is never what a key sends.

/// The better ones first: the answer to a status says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    Status,
    Position,
    Attributes,
}

impl Question {
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Status => b"\x1b[5n",
            // From the second row: from the first, the answer could be F3 with a modifier.
            Self::Position => b"\x1b7\x1b[2;1H\x1b[6n\x1b8",
            Self::Attributes => b"\x1b[c",
        }
    }

    /// What this reply answers.
    pub fn of(reply: &[u8]) -> Option<Self> {
        match reply {
            b"\x1b[0n" | b"\x1b[3n" => Some(Self::Status),
            // A terminal of one row has no second one; F3 alone is told otherwise.
            b"\x1b[2;1R" | b"\x1b[1;1R" => Some(Self::Position),
            [0x1b, b'[', b'?', .., b'c'] => Some(Self::Attributes),
            _ => None,
        }
    }

    /// Asked before anything that is answered for sure. Whoever has answered a status with two keys
    /// is not asked for it again.
    pub fn opening(has_keys_for_status: bool) -> Vec<u8> {
        match has_keys_for_status {
            true => Self::Position.bytes().to_vec(),
            false => [Self::Status.bytes(), Self::Position.bytes()].concat(),
        }
    }

    /// The answer to a status that is two keys.
    pub const KEYS: &[u8] = b"\x1b0n";
}
