//! Signs of life: questions whose answer says that all that was sent before has arrived.
//!
//! Pure. No terminal answers all of them: `st` 0.9 knows no status, hterm 1.78 answers a status with
//! two keys (`ESC 0 n`), ghostty-web 0.4 tells no attributes. What counts is what *this* terminal
//! has answered. Invariant: an answer is never what a key sends.

use std::collections::VecDeque;

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

/// Who asked for a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Before questions, or when another terminal may be there.
    Opening,
    /// The last of questions: behind its answer nothing of them is due.
    Questions,
    /// Behind a piece of this round: see [`super::queue::Queue::round`].
    Piece(u64),
}

/// Signs that were asked for, oldest first: a terminal answers in their order, so that each answer
/// is of one asker. Without it an opening's answer would be taken for that of the piece behind it,
/// and every answer after it for one that has not come.
#[derive(Debug, Default)]
pub struct Asked {
    due: VecDeque<(Question, Asker)>,
}

/// More than pieces of pictures ever are on their way.
const MOST_DUE: usize = 4_096;

impl Asked {
    pub fn add(&mut self, question: Question, asker: Asker) {
        self.due.push_back((question, asker));
        if self.due.len() > MOST_DUE {
            self.due.pop_front();
        }
    }

    /// Asks what [`Question::opening`] does.
    pub fn open(&mut self, has_keys_for_status: bool) {
        if !has_keys_for_status {
            self.add(Question::Status, Asker::Opening);
        }
        self.add(Question::Position, Asker::Opening);
    }

    /// Whose answer this is. An opening ends with its position; with the last answer of all, so that
    /// a terminal that knows no position leaves none open. `in_tmux`: pieces are answered by the
    /// terminal outside, all else by tmux, at once.
    pub fn hear(&mut self, answered: Question, in_tmux: bool) -> Option<Asker> {
        let is_near = |asker: Asker| !matches!(asker, Asker::Piece(_));
        let mut due = self.due.iter();
        let near = due.position(|due| in_tmux && due.0 == answered && is_near(due.1));
        let first = || self.due.iter().position(|due| due.0 == answered);
        let at = near.or_else(first)?;
        let (_, asker) = self.due.remove(at)?;
        let is_over = match asker {
            Asker::Opening => answered == Question::Position,
            Asker::Questions => true,
            Asker::Piece(_) => false,
        };
        if is_over {
            let mut left = at;
            self.due.retain(|(_, asker)| {
                let is_before = left > 0;
                left = left.saturating_sub(1);
                !(is_before && *asker == Asker::Opening)
            });
        }
        Some(asker)
    }

    /// No opening and no question will be answered any more.
    pub fn give_up(&mut self) {
        self.due.retain(|(_, asker)| matches!(asker, Asker::Piece(_)));
    }

    /// Pieces were given up. Should their answers come all the same, they count for those behind
    /// them; were they waited for, a lost one would hold up every piece to come.
    pub fn give_up_pieces(&mut self) {
        self.due.retain(|(_, asker)| !matches!(asker, Asker::Piece(_)));
    }

    /// An opening or a question may yet be answered.
    pub fn is_questioning(&self) -> bool {
        self.due.iter().any(|(_, asker)| !matches!(asker, Asker::Piece(_)))
    }

    /// A status was asked at an opening, with a position behind it, and may yet be answered by two
    /// keys.
    pub fn expects_status(&self) -> bool {
        self.due.contains(&(Question::Status, Asker::Opening))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openings(count: usize) -> Asked {
        let mut asked = Asked::default();
        (0..count).for_each(|_| asked.open(false));
        asked
    }

    #[test]
    fn each_opening_is_over_with_its_position() {
        let mut asked = openings(2);
        assert_eq!(asked.hear(Question::Position, false), Some(Asker::Opening));
        assert!(asked.expects_status());
        assert_eq!(asked.hear(Question::Position, false), Some(Asker::Opening));
        assert!(!asked.expects_status());
    }

    #[test]
    fn positions_that_pieces_ask_for_end_no_opening() {
        let mut asked = Asked::default();
        (0..9).for_each(|_| asked.add(Question::Position, Asker::Piece(0)));
        asked.open(false);
        for _ in 0..9 {
            assert_eq!(asked.hear(Question::Position, false), Some(Asker::Piece(0)));
        }
        assert!(asked.expects_status(), "keys for a status would be typed");
        assert_eq!(asked.hear(Question::Position, false), Some(Asker::Opening));
        assert!(!asked.expects_status());
    }

    #[test]
    fn a_terminal_without_a_position_leaves_no_opening_behind() {
        let mut asked = openings(3);
        asked.add(Question::Attributes, Asker::Questions);
        assert_eq!(asked.hear(Question::Attributes, false), Some(Asker::Questions));
        assert!(!asked.expects_status());
    }

    #[test]
    fn an_answer_to_an_opening_is_not_that_of_the_piece_behind_it() {
        let mut asked = Asked::default();
        asked.add(Question::Status, Asker::Piece(0));
        asked.open(false);
        asked.add(Question::Status, Asker::Piece(1));
        let heard = [(); 4].map(|()| asked.hear(Question::Status, false));
        let piece = |round| Some(Asker::Piece(round));
        assert_eq!(heard, [piece(0), Some(Asker::Opening), piece(1), None]);
    }

    #[test]
    fn in_tmux_an_opening_is_answered_before_the_pieces_ahead_of_it() {
        let mut asked = Asked::default();
        asked.add(Question::Status, Asker::Piece(0));
        asked.open(false);
        assert_eq!(asked.hear(Question::Status, true), Some(Asker::Opening));
        assert_eq!(asked.hear(Question::Status, true), Some(Asker::Piece(0)));
    }

    #[test]
    fn a_lost_answer_costs_no_piece_behind_it_its_own() {
        let mut asked = Asked::default();
        (0..3).for_each(|_| asked.add(Question::Status, Asker::Piece(0)));
        asked.give_up_pieces();
        asked.add(Question::Status, Asker::Piece(1));
        assert_eq!(asked.hear(Question::Status, false), Some(Asker::Piece(1)));
    }
}
