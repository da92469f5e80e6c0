//! The door that a paid request's body passes: shut for good once its call is over.
//!
//! The connection that takes the body and the call that gives up are tasks of their own: whichever
//! comes first decides, and the other one finds it decided. Sends nothing. Invariant: a body is never
//! both called unsent and sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::{StreamExt as _, stream};
use reqwest::Body;

use super::submit_options::Gate;

const WAITING: u8 = 0;
const OPEN: u8 = 1;
const SHUT: u8 = 2;
const REFUSED: u8 = 3;

#[derive(Debug, Default)]
pub(super) struct Door {
    state: AtomicU8,
}

/// What is known of the body once the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// It may have left.
    Open,
    /// It has not left and will not.
    Shut,
    /// The same, since the gate would not let it.
    Refused,
}

impl Door {
    /// Shuts it, unless the body is through.
    pub(super) fn shut(&self) -> Passage {
        match self.decide(SHUT) {
            OPEN => Passage::Open,
            REFUSED => Passage::Refused,
            _shut => Passage::Shut,
        }
    }

    /// Leaves it as `to`, unless that was decided before; how it is from now on.
    fn decide(&self, to: u8) -> u8 {
        let decided = self.state.compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire);
        decided.map_or_else(|before| before, |_| to)
    }
}

/// A body that waits for its gate: it is asked for by a connection alone, so the line is there.
pub(super) fn gated(bytes: Vec<u8>, gate: &Gate, door: Arc<Door>) -> Body {
    let gate = Arc::clone(gate);
    let body = stream::iter([bytes]).then(move |bytes| {
        let (gate, door) = (Arc::clone(&gate), Arc::clone(&door));
        async move {
            let wanted = if gate().await { OPEN } else { REFUSED };
            match door.decide(wanted) {
                OPEN => Ok(bytes),
                _shut => Err(std::io::Error::other("not to be sent")),
            }
        }
    });
    Body::wrap_stream(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_was_called_unsent_does_not_leave_afterwards() {
        let door = Door::default();
        assert_eq!(door.shut(), Passage::Shut);
        assert_eq!(door.decide(OPEN), SHUT, "the store answers too late");
        assert_eq!(door.shut(), Passage::Shut);
    }

    #[test]
    fn a_body_that_has_left_is_never_called_unsent() {
        let door = Door::default();
        assert_eq!(door.decide(OPEN), OPEN);
        assert_eq!(door.shut(), Passage::Open);
    }

    #[test]
    fn what_the_gate_refuses_stays_refused() {
        let door = Door::default();
        assert_eq!(door.decide(REFUSED), REFUSED);
        assert_eq!((door.decide(OPEN), door.shut()), (REFUSED, Passage::Refused));
    }
}
