//! What has come of an accepted request so far: its answer, and those pictures that are here.
//!
//! Invariant: the files are durable before the rows that name them.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::Value;

use super::connection::Reply;
use super::error::{Error, Kind, missing_job};
use super::{Context, Store, nodes, pictures, rows, sidecar};
use crate::app::job::JobId;
use crate::app::job::answer::{Answer, Outcome};
use crate::schema::body::brief;
use crate::tree::NodeId;

impl Store {
    /// The answer to a finished request, as it came.
    pub fn keep_answer(&self, job: JobId, answer: Answer) -> Reply<()> {
        self.writer.ask(move |connection| keep_answer(connection, job, &answer))
    }

    /// What is about to be sent, until it is certain whether it was accepted.
    pub fn keep_body(&self, job: JobId, body: &Value) -> Reply<()> {
        let body = brief(body).to_string();
        self.writer.ask(move |connection| {
            let sql = "UPDATE jobs SET body = ?2 WHERE id = ?1";
            connection.execute(sql, params![job.0, body])?;
            Ok(())
        })
    }

    /// Which of these requests this store knows already.
    pub fn known_requests(&self, requests: Vec<String>) -> Reply<Vec<String>> {
        self.reader.ask(move |connection| {
            let mut known = Vec::new();
            let sql = "SELECT EXISTS (SELECT 1 FROM jobs WHERE request_id = ?1) \
                       OR EXISTS (SELECT 1 FROM nodes WHERE request_id = ?1)";
            let mut statement = connection.prepare_cached(sql)?;
            for request in requests {
                if statement.query_row([&request], |row| row.get(0))? {
                    known.push(request);
                }
            }
            Ok(known)
        })
    }

    /// Pictures (already in the media folder) of an outcome that is not whole yet.
    pub fn keep_part(&self, job: JobId, outcome: Outcome) -> Reply<()> {
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| keep_part(connection, &context, job, &outcome))
    }
}

/// The answer as it came, until its pictures are in place.
fn keep_answer(connection: &Connection, id: JobId, answer: &Answer) -> Result<(), Error> {
    connection.execute(
        "UPDATE jobs SET answer = ?2 WHERE id = ?1 \
         AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed')",
        params![id.0, rows::answer_json(answer).to_string()],
    )?;
    Ok(())
}

/// Some pictures of the answer; the node waits for the others.
fn keep_part(
    connection: &mut Connection,
    context: &Context,
    id: JobId,
    outcome: &Outcome,
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let node = transaction
        .query_row(
            "SELECT node FROM jobs WHERE id = ?1 AND project = ?2 \
             AND state NOT IN ('done', 'failed', 'cancelled', 'dismissed')",
            params![id.0, context.project],
            |row| row.get(0),
        )
        .optional()?;
    let Some(node) = node.map(NodeId) else {
        return Err(missing_job(id));
    };
    write_pictures(&transaction, context, node, outcome)?;
    let whole = nodes::load(&transaction, context, node)?.ok_or_else(|| nodes::missing(node))?;
    sidecar::write(&transaction, context, &whole)?;
    transaction.commit()?;
    Ok(())
}

/// The node's pictures are these, in this order.
pub(super) fn write_pictures(
    connection: &Connection,
    context: &Context,
    node: NodeId,
    outcome: &Outcome,
) -> Result<(), Error> {
    connection.execute("DELETE FROM pictures WHERE node = ?1", [node.0])?;
    for (place, picture) in outcome.pictures.iter().enumerate() {
        if context.media.path(picture.hash).is_none() {
            let message = format!("picture {} is not in the store", picture.hash);
            return Err(Error::new(Kind::NotFound, message));
        }
        pictures::insert_picture(connection, node, place, picture)?;
    }
    Ok(())
}
