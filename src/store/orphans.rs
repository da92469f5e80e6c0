//! What dead instances have left is taken over by the rules for a start.
//!
//! Invariant: of two instances that try at the same time, exactly one gets a job.

use rusqlite::{Connection, TransactionBehavior, params};

use super::Context;
use super::error::Error;
use super::jobs::OPEN;

/// Takes over every job of this project whose instance has died; how many.
///
/// What was not sent is held, what was leaving is "maybe paid", what was sent is ours to follow.
/// Jobs of other projects are put to rest by the same rules and taken over when one of those opens.
pub(super) fn take_over_orphans(
    connection: &mut Connection,
    context: &Context,
) -> Result<usize, Error> {
    if dead(connection, context)?.is_empty() {
        return Ok(0);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut taken = 0;
    // Asked again: another instance may have taken them over meanwhile.
    for name in dead(&transaction, context)? {
        rest(&transaction, &name)?;
        taken += transaction.execute(
            &format!(
                "UPDATE jobs SET instance = ?2 WHERE instance = ?1 AND project = ?3 AND {OPEN}"
            ),
            params![name, context.instance.name, context.project],
        )?;
    }
    transaction.commit()?;
    Ok(taken)
}

/// Somebody else's jobs of this project are not final.
pub(super) fn has_foreign_jobs(connection: &Connection, context: &Context) -> Result<bool, Error> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE project = ?1 AND instance <> ?2 AND {OPEN})"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![context.project, context.instance.name], |row| row.get(0))?)
}

fn rest(connection: &Connection, dead: &str) -> Result<(), Error> {
    connection.execute(
        "UPDATE jobs SET state = 'held', why = 'found unsent at start' \
         WHERE instance = ?1 AND state IN ('saved', 'uploading')",
        [dead],
    )?;
    // The answer came with the submit, and its pictures can still be had.
    connection.execute(
        "UPDATE jobs SET state = 'fetching', cost = COALESCE(cost, estimate) \
         WHERE instance = ?1 AND state = 'sending' AND answer IS NOT NULL",
        [dead],
    )?;
    connection.execute(
        "UPDATE nodes SET state = 'unknown' WHERE id IN \
         (SELECT node FROM jobs WHERE instance = ?1 AND state = 'sending')",
        [dead],
    )?;
    connection.execute(
        "UPDATE jobs SET state = 'unknown', why = 'editree ended while the request was leaving' \
         WHERE instance = ?1 AND state = 'sending'",
        [dead],
    )?;
    Ok(())
}

/// Names of dead instances that unfinished jobs still bear.
fn dead(connection: &Connection, context: &Context) -> Result<Vec<String>, Error> {
    let sql = format!("SELECT DISTINCT instance FROM jobs WHERE {OPEN}");
    let mut statement = connection.prepare_cached(&sql)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    Ok(names.into_iter().filter(|name| context.instance.is_dead(name)).collect())
}
