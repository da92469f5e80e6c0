//! An instance that lives but is stuck is relieved of the jobs that are harmless to do twice.
//!
//! Its heartbeat is only ever compared with itself, by the observer's monotonic clock, so that no
//! wall clock that leaps and no laptop that sleeps makes an instance look stuck. Invariant: a job
//! that is leaving (`sending`) is never taken from an instance that lives.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, TransactionBehavior, params};

use super::Context;
use super::error::Error;

/// How long a heartbeat stands still before its instance counts as stuck; it moves every 5 s.
const STALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Following and fetching twice costs nothing; sending and cancelling are not done twice.
const IDEMPOTENT_STATES: &str = "state IN ('queued', 'running', 'fetching')";

/// When each instance's heartbeat was last seen to move.
#[derive(Debug, Default)]
pub(super) struct Heartbeats(HashMap<String, (SystemTime, Instant)>);

impl Heartbeats {
    /// Whether the heartbeat has stood still for too long, by what was seen of it so far.
    fn is_stalled(&mut self, name: &str, beat: SystemTime, now: Instant) -> bool {
        match self.0.get(name) {
            Some((known, since)) if *known == beat => now.duration_since(*since) >= STALL_TIMEOUT,
            Some(_) | None => {
                self.0.insert(name.to_owned(), (beat, now));
                false
            }
        }
    }
}

/// Takes over what stuck instances follow and fetch; how many.
pub(super) fn take_over_stalled(
    connection: &mut Connection,
    context: &Context,
    now: Instant,
) -> Result<usize, Error> {
    let mut taken = 0;
    for name in owners(connection, context)? {
        let Some(beat) = context.instance.heartbeat_of(&name) else { continue };
        if !context.heartbeats.lock().is_stalled(&name, beat, now) {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // It may have come back to life while the transaction was waited for.
        if context.instance.heartbeat_of(&name) == Some(beat) {
            taken += transaction.execute(
                &format!(
                    "UPDATE jobs SET instance = ?2 \
                     WHERE instance = ?1 AND project = ?3 AND {IDEMPOTENT_STATES}"
                ),
                params![name, context.instance.name, context.project],
            )?;
        }
        transaction.commit()?;
    }
    Ok(taken)
}

/// Others that follow or fetch something of this project.
fn owners(connection: &Connection, context: &Context) -> Result<Vec<String>, Error> {
    let sql = format!(
        "SELECT DISTINCT instance FROM jobs WHERE project = ?1 AND instance <> ?2 AND {IDEMPOTENT_STATES}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let names = statement.query_map(params![context.project, context.instance.name], |row| {
        row.get::<_, String>(0)
    })?;
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_heartbeat_that_stands_still_for_fifteen_seconds_is_stuck() {
        let (start, begin) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let second = Duration::from_secs(1);
        let mut heartbeats = Heartbeats::default();
        // Its wall clock leaps back and forth; what counts is that it moves.
        let beats = [(0, 100), (5, 9_000), (10, 3), (15, 4), (20, 5)];
        for (at, beat) in beats {
            assert!(
                !heartbeats.is_stalled("a", begin + second * beat, start + second * at),
                "{at}"
            );
        }
        let last = begin + second * 5;
        assert!(!heartbeats.is_stalled("a", last, start + second * 34));
        assert!(heartbeats.is_stalled("a", last, start + second * 35));
        assert!(!heartbeats.is_stalled("a", last + second, start + second * 36));
        // Another instance is seen for the first time only now.
        assert!(!heartbeats.is_stalled("b", begin, start + second * 90));
    }
}
