//! How often to look at a request.
//!
//! Pure: it neither waits nor asks the clock. Invariant: between 0.25 s and 5 s.

use std::time::Duration;

use super::status::State;

/// The pause before the next look, by how long we have been following and what was seen last.
/// A picture takes seconds, so the first looks are close together; a long queue moves slowly.
pub(super) fn delay(age: Duration, state: &State) -> Duration {
    let by_age = match age.as_secs() {
        0..5 => 250,
        5..20 => 500,
        20..60 => 1_000,
        60..300 => 2_000,
        _ => 5_000,
    };
    let by_state = match state {
        State::Queued { position: Some(position) } => match position {
            0..5 => 250,
            5..20 => 1_000,
            20..100 => 2_000,
            _ => 5_000,
        },
        State::Queued { position: None } | State::Running | State::Completed { .. } => 250,
        State::Unrecognized(_) => 1_000,
    };
    Duration::from_millis(by_age.max(by_state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_close_at_first_and_rarer_with_age_and_position() {
        let queued = |position| State::Queued { position };
        let table = [
            (0, State::Running, 250),
            (4, queued(Some(0)), 250),
            (10, State::Running, 500),
            (59, queued(None), 1_000),
            (120, State::Running, 2_000),
            (3_600, queued(Some(1)), 5_000),
            (0, queued(Some(12)), 1_000),
            (0, queued(Some(50)), 2_000),
            (0, queued(Some(12_654)), 5_000),
            (0, State::Unrecognized("HUH".to_owned()), 1_000),
        ];
        for (seconds, state, wanted) in table {
            let delay = delay(Duration::from_secs(seconds), &state);
            assert_eq!(delay, Duration::from_millis(wanted), "{seconds} s, {state:?}");
        }
    }
}
