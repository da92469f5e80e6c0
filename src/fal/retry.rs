//! Whether and when a call is made again: a pure function of what happened.
//!
//! Reads are repeated. A paid send is repeated only when it cannot have arrived: the connection
//! was never made, or it was clearly refused. Everything else is "unknown" and a person decides.

use std::time::Duration;

/// What kind of call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Costs money each time it arrives.
    Paid,
    /// Status, result, download, cancel, upload: may be repeated.
    Read,
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Name lookup, refused connection, failed handshake: nothing was sent.
    NotConnected,
    /// Reset, time-out, cut answer: it may have arrived.
    Broken,
    /// An answer with this status. `refused`: the service says that it has not taken it.
    Answer { status: u16, refused: bool, user_deadline: bool, retry_after: Option<Duration> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Again {
        after: Duration,
    },
    /// The failure stands.
    GiveUp,
    /// It may have arrived and be paid.
    Unknown,
}

/// Attempts in all, the first one included.
const ATTEMPTS: u32 = 5;
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// `attempt` counts from 1; `jitter` lies in 0..1 and spreads callers apart.
pub fn decide(step: Step, attempt: u32, outcome: Outcome, jitter: f64) -> Decision {
    let wait = pause(attempt, jitter);
    let again = |after: Option<Duration>| match attempt < ATTEMPTS {
        true => Decision::Again { after: after.unwrap_or(wait).min(LONGEST) },
        false => Decision::GiveUp,
    };
    match (step, outcome) {
        (_, Outcome::NotConnected) => again(None),
        (Step::Paid, Outcome::Broken) => Decision::Unknown,
        (Step::Read, Outcome::Broken) => again(None),
        (_, Outcome::Answer { user_deadline: true, .. }) => Decision::GiveUp,
        (_, Outcome::Answer { status: 429, retry_after, .. }) => again(retry_after),
        (Step::Paid, Outcome::Answer { status: 500..=599, refused, retry_after, .. }) => {
            if refused { again(retry_after) } else { Decision::Unknown }
        }
        (Step::Read, Outcome::Answer { status: 408 | 500 | 502 | 503 | 504, retry_after, .. }) => {
            again(retry_after)
        }
        (_, Outcome::Answer { .. }) => Decision::GiveUp,
    }
}

/// Doubles from attempt to attempt, between half and one and a half of it.
fn pause(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(6));
    doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Outcome {
        Outcome::Answer { status, refused: false, user_deadline: false, retry_after: None }
    }

    #[test]
    fn a_paid_send_is_repeated_only_when_it_cannot_have_arrived() {
        let decide = |outcome| decide(Step::Paid, 1, outcome, 0.5);
        assert!(matches!(decide(Outcome::NotConnected), Decision::Again { .. }));
        assert!(matches!(decide(answer(429)), Decision::Again { .. }));
        let refused =
            Outcome::Answer { status: 503, refused: true, user_deadline: false, retry_after: None };
        assert!(matches!(decide(refused), Decision::Again { .. }));
        for outcome in [Outcome::Broken, answer(500), answer(502), answer(503), answer(504)] {
            assert_eq!(decide(outcome), Decision::Unknown, "{outcome:?}");
        }
        for status in [400, 401, 403, 404, 422] {
            assert_eq!(decide(answer(status)), Decision::GiveUp);
        }
    }

    #[test]
    fn reads_are_repeated_a_few_times_and_then_given_up() {
        for outcome in [Outcome::NotConnected, Outcome::Broken, answer(500), answer(503)] {
            assert!(matches!(decide(Step::Read, 1, outcome, 0.0), Decision::Again { .. }));
            assert_eq!(decide(Step::Read, ATTEMPTS, outcome, 0.0), Decision::GiveUp);
        }
        assert_eq!(decide(Step::Read, 1, answer(422), 0.0), Decision::GiveUp);
    }

    #[test]
    fn a_users_deadline_is_never_retried_and_retry_after_is_honoured() {
        let deadline =
            Outcome::Answer { status: 504, refused: false, user_deadline: true, retry_after: None };
        assert_eq!(decide(Step::Read, 1, deadline, 0.0), Decision::GiveUp);
        let after = Some(Duration::from_secs(7));
        let busy = Outcome::Answer {
            status: 429,
            refused: false,
            user_deadline: false,
            retry_after: after,
        };
        let expected = Decision::Again { after: Duration::from_secs(7) };
        assert_eq!(decide(Step::Paid, 1, busy, 0.9), expected);
    }
}
