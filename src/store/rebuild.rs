//! What the database lacks comes back from what stands beside the pictures.
//!
//! Comes back: every node with a picture, its recipe, lineage, seed and cost, under its old number
//! where that is free. What no picture tells is brought by `salvage`, where a database can still be read.
//! Invariant: what the database knows is never changed by what a file says, but that a request that it
//! believes under way has ended.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::description::{self, text};
use super::error::{Error, Kind};
use super::instance::Instance;
use super::media::Media;
use super::sidecar_mark;
use super::{lineage, sidecar};

/// No number in a file is taken over from here on: it would use up the numbers of this store.
const HIGHEST: i64 = 1 << 28;

/// What was found beside the pictures and made of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// Nodes that were not in the database.
    pub(super) nodes: usize,
    /// Nodes that it believed under way, failed or lost.
    pub(super) ended: usize,
    /// What could not be read or kept, and why.
    pub(super) skipped: Vec<String>,
}

/// As [`merge`], if anything is missing by the marks on both sides. Two small reads if nothing is.
pub(super) fn merge_if_needed(
    connection: &mut Connection,
    media: &Media,
    instance: &Instance,
) -> Result<Option<Merged>, Error> {
    if sidecar_mark::agrees(connection, media)? {
        return Ok(None);
    }
    // Another instance may be between its two marks: it holds the write lock.
    let lock = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let agree = sidecar_mark::agrees(&lock, media)?;
    lock.rollback()?;
    if agree {
        return Ok(None);
    }
    merge(connection, media, instance).map(Some)
}

/// Reads all sidecars, and keeps what the database does not know.
pub(super) fn merge(
    connection: &mut Connection,
    media: &Media,
    instance: &Instance,
) -> Result<Merged, Error> {
    // Read before the lock is taken: it may take its time.
    let at = media.changed_at();
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    let skipped = sidecar::each(media, |global, node| {
        // What is known to its end is not kept: it may be a hundred thousand nodes. Of two
        // descriptions of a node the later file's wins.
        if known(connection, global)?.is_none_or(|row| row.is_awaited || row.is_unfinished) {
            told.insert(global.to_owned(), node);
        }
        Ok(())
    })?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut merged = Merged { skipped, ..Merged::default() };
    let mut rows_of = BTreeMap::new();
    for global in told.keys() {
        rows_of.extend(known(&transaction, global)?.map(|row| (global, row)));
    }
    let known = rows_of;
    let is_new = |global: &String| known.get(global).is_none_or(|row| row.is_awaited);
    let new: Vec<(&String, &Value)> = told.iter().filter(|(global, _)| is_new(global)).collect();
    let numbers = numbers(&transaction, &new, &known)?;
    let mut rows = Vec::with_capacity(new.len());
    for ((global, node), id) in new.into_iter().zip(numbers) {
        match insert(&transaction, node, id) {
            Ok(project) => rows.push((project, id, node)),
            Err(error) if error.kind == Kind::Full => return Err(error),
            Err(error) => merged.skipped.push(format!("the node {global} ({error})")),
        }
    }
    // Only now does every parent have its row.
    for (project, id, node) in &rows {
        lineage::join(&transaction, *project, *id, node)?;
    }
    for (project, id, node) in &rows {
        for picture in node.get("pictures").and_then(Value::as_array).into_iter().flatten() {
            if let Some(hash) = text(picture, "hash") {
                lineage::arrived(&transaction, *project, *id, hash)?;
            }
        }
    }
    merged.nodes = rows.len();
    for (global, node) in &told {
        let is_whole = node.get("partial").and_then(Value::as_bool) != Some(true);
        let ended = known.get(global).filter(|row| row.is_unfinished && is_whole);
        if let Some(row) = ended
            && is_nobodys(&transaction, instance, row.id)?
        {
            description::complete(&transaction, node, row.id)?;
            merged.ended += 1;
        }
    }
    sidecar_mark::renew(&transaction, media, at)?;
    transaction.commit()?;
    Ok(merged)
}

/// All of a node or nothing.
fn insert(transaction: &Transaction<'_>, node: &Value, id: i64) -> Result<i64, Error> {
    transaction.execute_batch("SAVEPOINT node")?;
    let inserted = description::project(transaction, node).and_then(|project| {
        description::insert(transaction, node, project, id)?;
        description::count(transaction, node, (project, ""), id)?;
        Ok(project)
    });
    let end = if inserted.is_ok() { "RELEASE node" } else { "ROLLBACK TO node; RELEASE node" };
    transaction.execute_batch(end)?;
    inserted
}

/// What the database has of a node.
struct Row {
    id: i64,
    /// It is kept free for one that something was made from.
    is_awaited: bool,
    /// Without its result, as far as the database knows.
    is_unfinished: bool,
}

fn known(connection: &Connection, global: &str) -> Result<Option<Row>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, awaits IS NOT NULL, state NOT IN ('done', 'root') AND trashed = 0 \
         FROM nodes WHERE global = ?1",
    )?;
    let row = statement.query_row([global], |row| {
        Ok(Row { id: row.get(0)?, is_awaited: row.get(1)?, is_unfinished: row.get(2)? })
    });
    Ok(row.optional()?)
}

/// The old numbers, so that notes and habits stay true; the next free one where two want the same.
fn numbers(
    connection: &Connection,
    new: &[(&String, &Value)],
    known: &BTreeMap<&String, Row>,
) -> Result<Vec<i64>, Error> {
    let old = |node: &Value| text(node, "node")?.strip_prefix('n')?.parse::<i64>().ok();
    let mut is_there = connection.prepare("SELECT 1 FROM nodes WHERE id = ?1")?;
    let (mut taken, mut wanted) = (BTreeSet::new(), Vec::with_capacity(new.len()));
    for (global, node) in new {
        let own = known.get(global).map(|row| row.id);
        let old = old(node).filter(|id| own.is_none() && (1..HIGHEST).contains(id));
        let is_free = match old {
            Some(id) => !is_there.exists([id])? && taken.insert(id),
            None => false,
        };
        wanted.push(own.or(old.filter(|_| is_free)));
    }
    let sql = "SELECT COALESCE(MAX(id), 0) FROM nodes";
    let highest: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let mut next = taken.last().copied().unwrap_or(0).max(highest);
    let mut free = || {
        next += 1;
        next
    };
    Ok(wanted.into_iter().map(|id| id.unwrap_or_else(&mut free)).collect())
}

/// No instance that lives follows it, and nothing is to follow on it.
fn is_nobodys(connection: &Connection, instance: &Instance, node: i64) -> Result<bool, Error> {
    let sql = "SELECT instance, follow IS NOT NULL FROM jobs WHERE node = ?1 ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let job: Option<(String, bool)> =
        statement.query_row([node], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(job.is_none_or(|(owner, has_steps)| !has_steps && instance.is_dead(&owner)))
}
