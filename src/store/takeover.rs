//! Who takes over the jobs of another instance: of a dead one all, by the rules for a start; of one that
//! lives but is stuck those that are harmless to do twice.
//!
//! A heartbeat is only ever compared with itself, by the observer's monotonic clock, so that no wall
//! clock that leaps and no laptop that sleeps makes an instance look stuck. Invariant: a job that is
//! leaving (`sending`) is never taken from an instance that lives; of two instances that try at the
//! same time, exactly one gets a job.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, TransactionBehavior, params};

use super::Context;
use super::error::Error;
use super::jobs::OPEN;

/// How long a heartbeat stands still before its instance counts as stuck; it moves every 5 s.
const STALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Following and fetching twice costs nothing; sending and cancelling are not done twice.
const IDEMPOTENT_STATES: &str = "state IN ('queued', 'running', 'fetching')";

/// Of instances in a JSON list.
const THEIRS: &str = "instance IN (SELECT value FROM json_each(?1))";

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

/// Takes over what the dead have left and what the stuck follow or fetch; how many. `now` is compared
/// with the `now` of earlier calls.
pub(super) fn take_over(
    connection: &mut Connection,
    context: &Context,
    now: Instant,
) -> Result<usize, Error> {
    let orphans = take_over_orphans(connection, context)?;
    Ok(orphans + take_over_stalled(connection, context, now)?)
}

/// Takes over every job of this project whose instance has died; how many.
///
/// What was not sent is held, what was leaving is held until it had a line, then "maybe paid", and
/// what was sent is ours to follow.
/// Jobs of other projects are put to rest by the same rules and taken over when one of those opens.
fn take_over_orphans(connection: &mut Connection, context: &Context) -> Result<usize, Error> {
    if dead(connection, context)?.is_none() {
        return Ok(0);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again: another instance may have taken them over meanwhile.
    let Some(dead) = dead(&transaction, context)? else {
        return Ok(0);
    };
    rest(&transaction, &dead)?;
    let taken = transaction
        .execute(&inheriting(), params![dead, context.instance.name, context.project])?;
    transaction.commit()?;
    Ok(taken)
}

fn inheriting() -> String {
    format!("UPDATE jobs SET instance = ?2 WHERE {THEIRS} AND project = ?3 AND {OPEN}")
}

/// Somebody else's jobs of this project are not final.
pub(super) fn has_foreign_jobs(connection: &Connection, context: &Context) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(&foreign_jobs())?;
    Ok(statement.query_row(params![context.project, context.instance.name], |row| row.get(0))?)
}

fn foreign_jobs() -> String {
    format!("SELECT EXISTS (SELECT 1 FROM jobs WHERE project = ?1 AND instance <> ?2 AND {OPEN})")
}

fn rest(connection: &Connection, dead: &str) -> Result<(), Error> {
    for sql in resting() {
        connection.execute(&sql, [dead])?;
    }
    Ok(())
}

fn resting() -> [String; 5] {
    let of_jobs = |set: &str, which: &str| {
        format!("UPDATE jobs SET {set} WHERE {THEIRS} AND {which} AND {OPEN}")
    };
    let unsent = "state = 'held', why = 'found unsent at start', at_door = 0";
    // The answer came with the submit, and its pictures can still be had.
    let answered = "state = 'fetching', cost = COALESCE(cost, estimate)";
    let lost = "state = 'unknown', why = 'editree ended while the request was leaving'";
    [
        of_jobs(unsent, "state IN ('saved', 'uploading')"),
        of_jobs(&format!("body = NULL, {unsent}"), "state = 'sending' AND at_door = 1"),
        of_jobs(answered, "state = 'sending' AND answer IS NOT NULL"),
        format!(
            "UPDATE nodes SET state = 'unknown' WHERE id IN \
             (SELECT node FROM jobs WHERE {THEIRS} AND state = 'sending' AND {OPEN})"
        ),
        of_jobs(lost, "state = 'sending'"),
    ]
}

/// Names of dead instances that unfinished jobs still bear, as a JSON list; none if there are none.
fn dead(connection: &Connection, context: &Context) -> Result<Option<String>, Error> {
    let mut statement = connection.prepare_cached(&instances())?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut names: Vec<String> = names.collect::<Result<_, _>>()?;
    names.retain(|name| context.instance.is_dead(name));
    Ok((!names.is_empty()).then(|| serde_json::Value::from(names).to_string()))
}

fn instances() -> String {
    format!("SELECT DISTINCT instance FROM jobs WHERE {OPEN}")
}

/// Takes over what stuck instances follow and fetch; how many.
fn take_over_stalled(
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
            taken += transaction
                .execute(&taking(), params![name, context.instance.name, context.project])?;
        }
        transaction.commit()?;
    }
    Ok(taken)
}

fn taking() -> String {
    format!(
        "UPDATE jobs SET instance = ?2 \
         WHERE instance = ?1 AND project = ?3 AND {IDEMPOTENT_STATES} AND {OPEN}"
    )
}

/// Others that follow or fetch something of this project.
fn owners(connection: &Connection, context: &Context) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached(&following())?;
    let names = statement.query_map(params![context.project, context.instance.name], |row| {
        row.get::<_, String>(0)
    })?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn following() -> String {
    format!(
        "SELECT DISTINCT instance FROM jobs \
         WHERE project = ?1 AND instance <> ?2 AND {IDEMPOTENT_STATES} AND {OPEN}"
    )
}

/// What is asked after each touch of the store. `OPEN` is in each, so that the index leads there
/// however many have ended.
#[cfg(test)]
pub(super) fn statements() -> Vec<String> {
    let mut all = vec![inheriting(), foreign_jobs(), instances(), taking(), following()];
    all.extend(resting());
    all
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
