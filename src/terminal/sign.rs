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

/// Statuses that were asked, each with a position behind it, and may yet be answered by two keys.
#[derive(Debug, Default)]
pub struct Openings {
    left: usize,
}

impl Openings {
    pub fn asked(&mut self) {
        self.left += 1;
    }

    /// Takes an answer. A position is an opening's unless one is asked with every piece too, by the
    /// `sign` that is used; behind the last answer of all nothing is due, so that a terminal that
    /// knows no position leaves none open.
    pub fn hear(&mut self, answered: Question, sign: Option<Question>, is_last: bool) {
        self.left = match answered {
            _ if is_last => 0,
            Question::Position if sign != Some(Question::Position) => self.left.saturating_sub(1),
            Question::Position | Question::Status | Question::Attributes => self.left,
        };
    }

    pub fn are_due(&self) -> bool {
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openings(count: usize) -> Openings {
        let mut openings = Openings::default();
        (0..count).for_each(|_| openings.asked());
        openings
    }

    #[test]
    fn each_opening_is_over_with_its_position() {
        let mut openings = openings(2);
        openings.hear(Question::Position, Some(Question::Status), false);
        assert!(openings.are_due());
        openings.hear(Question::Position, Some(Question::Status), false);
        assert!(!openings.are_due());
    }

    #[test]
    fn positions_that_pieces_ask_for_end_no_opening() {
        let mut openings = openings(1);
        for _ in 0..9 {
            openings.hear(Question::Position, Some(Question::Position), false);
        }
        assert!(openings.are_due(), "keys for a status would be typed");
        openings.hear(Question::Attributes, Some(Question::Position), true);
        assert!(!openings.are_due());
    }

    #[test]
    fn a_terminal_without_a_position_leaves_no_opening_behind() {
        let mut openings = openings(3);
        openings.hear(Question::Attributes, None, true);
        assert!(!openings.are_due());
    }
}
