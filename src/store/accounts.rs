//! What requests cost: each counts on the day it was sent, from the moment it was accepted.
//!
//! Decides nothing. Invariant: an accepted request has a cost, its estimate first, then the
//! service's own figure; none where the service said that it was free.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior, params};

use super::connection::Reply;
use super::error::Error;
use super::{Context, Store, nodes, sidecar};
use crate::app::job::JobId;
use crate::app::money::account::Entry;
use crate::app::money::bills;
use crate::schema::Usd;
use crate::tree::{NodeId, Timestamp};

const UNBILLED: &str = "SELECT n.request_id FROM jobs j JOIN nodes n ON n.id = j.node \
     WHERE j.project = ?1 AND j.profile = ?2 AND j.state = 'done' AND n.is_exact = 0 \
     AND n.request_id IS NOT NULL AND j.sent_at >= ?3 ORDER BY j.sent_at DESC LIMIT ?4";

const SPENT: &str = "SELECT COALESCE(SUM(cost), 0) FROM jobs \
     WHERE simulated = ?1 AND sent_at >= ?2 AND sent_at < ?3";

/// What is asked with each request and now and then: for each the index of the time leads there.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 2] = [UNBILLED, SPENT];

impl Store {
    /// What the job counts for from now on.
    pub fn charge(&self, job: JobId, cost: Option<Usd>) -> Reply<()> {
        self.writer.ask(move |connection| charge(connection, job, cost))
    }

    /// Every request that was accepted, in all projects of this one's kind (real or simulated).
    pub fn entries(&self) -> Reply<Vec<Entry>> {
        let simulated = self.context.simulated;
        self.reader.ask(move |connection| entries(connection, simulated))
    }

    /// The service's ids of those of the profile's requests since `since` whose exact cost is not
    /// known; the newest first, no more than can be asked about together.
    pub fn unbilled(&self, profile: String, since: Timestamp) -> Reply<Vec<String>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let mut statement = connection.prepare_cached(UNBILLED)?;
            let most = i64::try_from(bills::MOST).unwrap_or(0);
            let found = statement
                .query_map(params![context.project, profile, since.0, most], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// What requests have cost by the service's own bill: in job and node, and beside the pictures.
    pub fn keep_bills(&self, bills: Vec<(String, Usd)>) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| keep_bills(connection, &context, &bills))
    }

    /// Cost of what was sent in the period, in all projects of this one's kind (real or simulated).
    pub fn spent(&self, period: Range<Timestamp>) -> Reply<Usd> {
        let simulated = self.context.simulated;
        self.reader.ask(move |connection| spent(connection, simulated, period))
    }
}

/// What the job counts for from now on.
fn charge(connection: &Connection, id: JobId, cost: Option<Usd>) -> Result<(), Error> {
    let cost = cost.map(|cost| cost.0);
    connection.execute(
        "UPDATE jobs SET cost = ?2 WHERE id = ?1 AND state <> 'done'",
        params![id.0, cost],
    )?;
    Ok(())
}

fn keep_bills(
    connection: &mut Connection,
    context: &Context,
    bills: &[(String, Usd)],
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (request, cost) in bills {
        let ids: Vec<u32> = {
            let sql = "SELECT id FROM nodes WHERE request_id = ?1 AND project = ?2 \
                       AND state = 'done'";
            let mut statement = transaction.prepare_cached(sql)?;
            let ids = statement.query_map(params![request, context.project], |row| row.get(0))?;
            ids.collect::<Result<_, _>>()?
        };
        for id in ids.into_iter().map(NodeId) {
            let sql = "UPDATE nodes SET cost = ?2, is_exact = 1 WHERE id = ?1";
            transaction.execute(sql, params![id.0, cost.0])?;
            let sql = "UPDATE jobs SET cost = ?2 WHERE node = ?1 AND state = 'done'";
            transaction.execute(sql, params![id.0, cost.0])?;
            if let Some(node) = nodes::load(&transaction, context, id)? {
                sidecar::write(&transaction, context, &node)?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// What was sent and is over, and what was accepted and is not, oldest first; real or simulated
/// apart.
fn entries(connection: &Connection, simulated: bool) -> Result<Vec<Entry>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT n.endpoint, j.sent_at, j.ended_at, j.estimate, j.cost, j.state = 'done', \
         n.is_exact, \
         EXISTS (SELECT 1 FROM pictures p WHERE p.node = n.id AND p.nsfw) \
         FROM jobs j JOIN nodes n ON n.id = j.node \
         WHERE j.simulated = ?1 AND j.sent_at IS NOT NULL \
         AND (j.ended_at IS NOT NULL OR j.cost IS NOT NULL) ORDER BY j.sent_at",
    )?;
    let entries = statement.query_map([simulated], |row| {
        Ok(Entry {
            endpoint: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
            sent_at: Timestamp(row.get(1)?),
            ended_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
            estimate: row.get::<_, Option<i64>>(3)?.map(Usd),
            cost: row.get::<_, Option<i64>>(4)?.map(Usd),
            is_done: row.get(5)?,
            is_exact: row.get(6)?,
            is_filtered: row.get(7)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// What the jobs that were sent in the period cost, in all projects; real or simulated apart.
pub(super) fn spent(
    connection: &Connection,
    simulated: bool,
    period: Range<Timestamp>,
) -> Result<Usd, Error> {
    let mut statement = connection.prepare_cached(SPENT)?;
    let sum =
        statement.query_row(params![simulated, period.start.0, period.end.0], |row| row.get(0))?;
    Ok(Usd(sum))
}
