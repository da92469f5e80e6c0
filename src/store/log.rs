//! Log lines in and out. Those that have lived their days go, some with each batch that comes.
//!
//! Invariant: no batch takes longer for what is old.

use rusqlite::{Connection, params};

use super::Context;
use super::error::Error;
use super::rows;
use crate::app::job::JobId;
use crate::app::log::LogEntry;
use crate::tree::{NodeId, Timestamp};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// More lines are not kept, however young.
const MOST: i64 = 200_000;
/// So many of the oldest are looked at with each batch.
const LOOKED_AT: i64 = 500;

/// A batch in one transaction.
pub(super) fn keep(
    connection: &mut Connection,
    context: &Context,
    lines: &[LogEntry],
) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    for line in lines {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO log (project, at, level, job, text) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        statement.execute(params![
            context.project,
            line.at.0,
            rows::level_name(line.level),
            line.job.map(|job| job.0),
            line.text
        ])?;
    }
    if let Some(newest) = lines.iter().map(|line| line.at.0).max() {
        let life = i64::from(context.log_days).saturating_mul(DAY_MS);
        transaction.execute(
            "DELETE FROM log WHERE id < (SELECT MIN(id) FROM log) + ?1 \
             AND (at < ?2 OR at > ?4 OR id <= (SELECT MAX(id) FROM log) - ?3)",
            params![
                LOOKED_AT,
                newest.saturating_sub(life),
                MOST,
                // Written while the clock was wrong: it would never grow old.
                newest.saturating_add(DAY_MS)
            ],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// The newest lines, oldest first.
pub(super) fn newest(
    connection: &Connection,
    context: &Context,
    count: u32,
) -> Result<Vec<LogEntry>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT log.at, level, job, text, jobs.node FROM log LEFT JOIN jobs ON jobs.id = log.job \
         WHERE log.project = ?1 ORDER BY log.id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![context.project, count], |row| {
        Ok(LogEntry {
            at: Timestamp(row.get(0)?),
            level: rows::level(&row.get::<_, String>(1)?),
            job: row.get::<_, Option<u32>>(2)?.map(JobId),
            text: row.get(3)?,
            node: row.get::<_, Option<u32>>(4)?.map(NodeId),
        })
    })?;
    let mut lines: Vec<LogEntry> = rows.collect::<Result<_, _>>()?;
    lines.reverse();
    Ok(lines)
}
