//! When a call is made again: a pure table.
//!
//! It neither waits nor sends. Invariant: a paid step is repeated only when it cannot have
//! arrived (nothing of its body has left) or was clearly refused before any work. The service
//! has no idempotency key, so a repeated `POST` whose answer was lost is paid twice.

use std::time::Duration;

use super::error::Step;

/// Longer than this nobody waits inside a call; the error carries the time instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// How one try ended, as far as repeating it is concerned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Name look-up, connection or TLS failed, or the body was held back: nothing of it has left.
    NotConnected,
    /// Bytes may have left, then: time-out, reset, or an answer that was cut.
    Lost,
    /// A 2xx whose text cannot be read.
    Garbled,
    /// The result is not there yet.
    NotYet,
    /// An unsuccessful answer.
    Answered(Verdict),
}

/// What matters in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) status: u16,
    /// `X-Fal-Needs-Retry`: a temporary refusal before any work.
    pub(super) needs_retry: bool,
    /// The start deadline passed; trying again would break the person's own limit.
    pub(super) deadline: bool,
    /// A well-formed error of the service, not of some box before it.
    pub(super) well_formed: bool,
    pub(super) retry_after: Option<Duration>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Decision {
    Again {
        after: Duration,
    },
    GiveUp,
    /// Give up, and say that it may have been paid.
    Unknown,
}

/// Decides after `attempt` tries (1 is the first). `jitter` is in 0..1.
pub(super) fn decide(step: Step, attempt: u32, outcome: &Outcome, jitter: f32) -> Decision {
    match worth(step, outcome) {
        Worth::Nothing => Decision::GiveUp,
        Worth::Unknown => Decision::Unknown,
        Worth::Tries(tries) if attempt >= tries => Decision::GiveUp,
        Worth::Tries(_) => match asked_for(outcome) {
            Some(after) if after > LONGEST_RETRY_AFTER => Decision::GiveUp,
            Some(after) => Decision::Again { after },
            None => Decision::Again { after: backoff(step, attempt, jitter) },
        },
    }
}

/// The time the service asked for, if any.
pub(super) fn asked_for(outcome: &Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Answered(verdict) => verdict.retry_after,
        Outcome::NotConnected | Outcome::Lost | Outcome::Garbled | Outcome::NotYet => None,
    }
}

enum Worth {
    Nothing,
    Unknown,
    Tries(u32),
}

fn worth(step: Step, outcome: &Outcome) -> Worth {
    match (outcome, step.is_paid()) {
        (Outcome::NotConnected, true) => Worth::Tries(5),
        (Outcome::Lost | Outcome::Garbled | Outcome::NotYet, true) => Worth::Unknown,
        (Outcome::Answered(verdict), true) => paid_answer(step, verdict),
        // The result may lag a little behind the status; longer is the caller's mistake.
        (Outcome::NotYet, false) => Worth::Tries(4),
        // A page in place of JSON comes from a box in between, such as a hotel's log-in page.
        (Outcome::NotConnected | Outcome::Lost | Outcome::Garbled, false) => {
            Worth::Tries(tries(step))
        }
        (Outcome::Answered(verdict), false) => free_answer(step, verdict),
    }
}

fn paid_answer(step: Step, verdict: &Verdict) -> Worth {
    match verdict.status {
        429 => Worth::Tries(8),
        503 if verdict.needs_retry => Worth::Tries(8),
        // A 303 says: done, look over there. A 408 may have been sent by a box in between.
        303 | 408 => Worth::Unknown,
        504 if verdict.deadline => Worth::Nothing,
        // The model's own failure, delivered whole: a synchronous run ends with it.
        500.. if step == Step::Run && verdict.well_formed => Worth::Nothing,
        500.. => Worth::Unknown,
        _ => Worth::Nothing,
    }
}

fn free_answer(step: Step, verdict: &Verdict) -> Worth {
    match verdict.status {
        408 | 425 | 429 => Worth::Tries(tries(step)),
        504 if verdict.deadline => Worth::Nothing,
        // The stored failure of a request looks like a passing one; two more looks will tell.
        500.. if step == Step::Result && verdict.well_formed && !verdict.needs_retry => {
            Worth::Tries(3)
        }
        500 | 502 | 503 | 504 | 520..=527 => Worth::Tries(tries(step)),
        _ => Worth::Nothing,
    }
}

/// How often a call is worth making when nothing is lost by it.
fn tries(step: Step) -> u32 {
    match step {
        // Half a minute each: whoever waits longer shows what for, and asks again later.
        Step::Follow | Step::Result => 6,
        Step::Status => 5,
        Step::Submit | Step::Run => 5,
        Step::Cancel | Step::Upload | Step::Download => 4,
        Step::UploadToken | Step::UploadStart | Step::Sign => 3,
        Step::Probe
        | Step::Prices
        | Step::Requests
        | Step::Bills
        | Step::Balance
        | Step::Models => 2,
        Step::Setup => 1,
    }
}

fn backoff(step: Step, attempt: u32, jitter: f32) -> Duration {
    let cap = match step {
        Step::Submit | Step::Run | Step::Follow | Step::Result => 15.0,
        Step::Status
        | Step::Cancel
        | Step::UploadToken
        | Step::UploadStart
        | Step::Upload
        | Step::Download
        | Step::Probe
        | Step::Prices
        | Step::Requests
        | Step::Bills
        | Step::Balance
        | Step::Sign
        | Step::Models
        | Step::Setup => 8.0,
    };
    let doubled = 0.5 * 2f32.powi(attempt.clamp(1, 12) as i32 - 1);
    let spread = 0.5 + jitter.clamp(0.0, 1.0);
    Duration::from_secs_f32(doubled.min(cap) * spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGAIN: &str = "again";
    const GIVE_UP: &str = "give up";
    const UNKNOWN: &str = "unknown";

    fn answered(status: u16) -> Outcome {
        Outcome::Answered(Verdict {
            status,
            needs_retry: false,
            deadline: false,
            well_formed: true,
            retry_after: None,
        })
    }

    fn with(status: u16, change: impl Fn(&mut Verdict)) -> Outcome {
        let mut verdict = Verdict {
            status,
            needs_retry: false,
            deadline: false,
            well_formed: false,
            retry_after: None,
        };
        change(&mut verdict);
        Outcome::Answered(verdict)
    }

    fn word(decision: Decision) -> &'static str {
        match decision {
            Decision::Again { .. } => AGAIN,
            Decision::GiveUp => GIVE_UP,
            Decision::Unknown => UNKNOWN,
        }
    }

    #[test]
    fn a_paid_step_is_repeated_only_when_it_cannot_have_been_taken() {
        let needs_retry = |verdict: &mut Verdict| verdict.needs_retry = true;
        let deadline = |verdict: &mut Verdict| verdict.deadline = true;
        let table = [
            (Step::Submit, Outcome::NotConnected, AGAIN),
            (Step::Submit, Outcome::Lost, UNKNOWN),
            (Step::Submit, Outcome::Garbled, UNKNOWN),
            (Step::Submit, answered(429), AGAIN),
            (Step::Submit, with(503, needs_retry), AGAIN),
            (Step::Submit, answered(503), UNKNOWN),
            (Step::Submit, answered(500), UNKNOWN),
            (Step::Submit, answered(502), UNKNOWN),
            (Step::Submit, answered(504), UNKNOWN),
            (Step::Submit, with(504, deadline), GIVE_UP),
            (Step::Submit, answered(408), UNKNOWN),
            (Step::Submit, answered(303), UNKNOWN),
            (Step::Submit, answered(307), GIVE_UP),
            (Step::Submit, answered(401), GIVE_UP),
            (Step::Submit, answered(403), GIVE_UP),
            (Step::Submit, answered(404), GIVE_UP),
            (Step::Submit, answered(422), GIVE_UP),
            (Step::Run, Outcome::Lost, UNKNOWN),
            (Step::Run, answered(500), GIVE_UP),
            (Step::Run, with(502, |_| ()), UNKNOWN),
            (Step::Run, answered(429), AGAIN),
            (Step::Run, with(504, deadline), GIVE_UP),
        ];
        for (step, outcome, wanted) in table {
            let decision = decide(step, 1, &outcome, 0.5);
            assert_eq!(word(decision), wanted, "{step:?} {outcome:?}");
        }
    }

    #[test]
    fn reads_are_repeated_while_there_is_hope() {
        let needs_retry = |verdict: &mut Verdict| verdict.needs_retry = true;
        let deadline = |verdict: &mut Verdict| verdict.deadline = true;
        let table = [
            (Step::Status, 1, Outcome::NotConnected, AGAIN),
            (Step::Status, 4, Outcome::Lost, AGAIN),
            (Step::Status, 5, Outcome::Lost, GIVE_UP),
            (Step::Follow, 5, Outcome::Lost, AGAIN),
            (Step::Follow, 6, Outcome::Lost, GIVE_UP),
            (Step::Follow, 5, Outcome::Garbled, AGAIN),
            (Step::Follow, 1, answered(500), AGAIN),
            (Step::Follow, 1, answered(404), GIVE_UP),
            (Step::Follow, 1, answered(401), GIVE_UP),
            (Step::Result, 1, Outcome::Garbled, AGAIN),
            (Step::Result, 1, Outcome::NotYet, AGAIN),
            (Step::Result, 4, Outcome::NotYet, GIVE_UP),
            (Step::Result, 2, answered(503), AGAIN),
            (Step::Result, 3, answered(503), GIVE_UP),
            (Step::Result, 5, with(503, needs_retry), AGAIN),
            (Step::Result, 5, with(503, |_| ()), AGAIN),
            (Step::Result, 1, with(504, deadline), GIVE_UP),
            (Step::Result, 1, answered(422), GIVE_UP),
            (Step::Result, 1, answered(499), GIVE_UP),
            (Step::Cancel, 1, Outcome::Lost, AGAIN),
            (Step::Cancel, 1, answered(400), GIVE_UP),
            (Step::Download, 3, answered(503), AGAIN),
            (Step::Download, 4, answered(503), GIVE_UP),
            (Step::Probe, 2, answered(503), GIVE_UP),
        ];
        for (step, attempt, outcome, wanted) in table {
            let decision = decide(step, attempt, &outcome, 0.5);
            assert_eq!(word(decision), wanted, "{step:?} try {attempt} {outcome:?}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_cap_and_spread_by_half() {
        let after = |step, attempt, jitter| match decide(step, attempt, &Outcome::Lost, jitter) {
            Decision::Again { after } => after.as_secs_f32(),
            Decision::GiveUp | Decision::Unknown => -1.0,
        };
        assert_eq!(after(Step::Follow, 1, 0.5), 0.5);
        assert_eq!(after(Step::Follow, 2, 0.5), 1.0);
        assert_eq!(after(Step::Follow, 2, 0.0), 0.5);
        assert_eq!(after(Step::Follow, 2, 1.0), 1.5);
        assert_eq!(after(Step::Follow, 5, 0.5), 8.0);
        assert_eq!(after(Step::Result, 5, 9.0), 12.0);
    }

    #[test]
    fn the_pause_that_was_asked_for_is_kept_unless_it_is_absurd() {
        let wait = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            decide(Step::Submit, 1, &with(429, |v| v.retry_after = retry_after), 0.9)
        };
        let after = Duration::from_secs(7);
        assert_eq!(wait(7), Decision::Again { after });
        assert_eq!(wait(3_600), Decision::GiveUp);
    }
}
