//! Requests that were sent elsewhere, taken into the tree with what was paid for them.
//!
//! Downloads nothing. Invariant: a request is taken in once, whoever brings it, and counts on the day it
//! was sent.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::Value;

use super::connection::Reply;
use super::description::text;
use super::error::{Error, Kind};
use super::{Context, Store, description, lineage, nodes, pictures, sidecar};
use crate::tree::{Hash, Node, NodeId, Picture};

impl Store {
    /// A request as a description tells of it, with its pictures, which are in the media folder
    /// already; `None` when it is here.
    pub fn adopt(
        &self,
        description: Value,
        pictures: Vec<Picture>,
        profile: String,
    ) -> Reply<Option<Node>> {
        let context = Arc::clone(&self.context);
        self.writer
            .ask(move |connection| adopt(connection, &context, (&description, &profile), &pictures))
    }

    /// The picture that the service keeps at this address, as far as it was seen here.
    pub fn picture_at(&self, url: String) -> Reply<Option<Hash>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let sql = "SELECT p.hash FROM pictures p JOIN nodes n ON n.id = p.node \
                       WHERE n.project = ?1 AND p.url = ?2 LIMIT 1";
            let made: Option<String> = connection
                .prepare_cached(sql)?
                .query_row(params![context.project, url], |row| row.get(0))
                .optional()?;
            let sent = || {
                let sql = "SELECT hash FROM uploads WHERE url = ?1 LIMIT 1";
                connection.query_row(sql, [&url], |row| row.get::<_, String>(0)).optional()
            };
            let hash = made.map_or_else(sent, |made| Ok(Some(made)))?;
            Ok(hash.and_then(|hash| hash.parse().ok()))
        })
    }

    /// Whether a node of the project shows the picture.
    pub fn is_shown(&self, picture: Hash) -> Reply<bool> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM pictures p JOIN nodes n ON n.id = p.node \
                       WHERE n.project = ?1 AND p.hash = ?2)";
            let mut statement = connection.prepare_cached(sql)?;
            let values = params![context.project, picture.to_string()];
            Ok(statement.query_row(values, |row| row.get(0))?)
        })
    }
}

fn adopt(
    connection: &mut Connection,
    context: &Context,
    (node, profile): (&Value, &str),
    made: &[Picture],
) -> Result<Option<Node>, Error> {
    if description::is_simulated(node) != context.simulated {
        let message = "a project never mixes real and simulated pictures";
        return Err(Error::new(Kind::Mixed, message).hint("name another with --project NAME"));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let request = text(node, "request_id").unwrap_or_default();
    let sql = "SELECT EXISTS (SELECT 1 FROM jobs WHERE request_id = ?1) \
               OR EXISTS (SELECT 1 FROM nodes WHERE request_id = ?1)";
    if transaction.query_row(sql, [request], |row| row.get(0))? {
        return Ok(None);
    }
    for input in node.get("inputs").and_then(Value::as_array).into_iter().flatten() {
        lineage::resolve(&transaction, context.project, input, node)?;
    }
    let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM nodes";
    let id: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
    description::insert(&transaction, node, context.project, id)?;
    lineage::join(&transaction, context.project, id, node)?;
    let own: NodeId = pictures::node_id(id)?;
    for (place, picture) in made.iter().enumerate() {
        pictures::insert_picture(&transaction, own, place, picture)?;
        lineage::arrived(&transaction, context.project, id, &picture.hash.to_string())?;
    }
    description::count(&transaction, node, (context.project, profile), id)?;
    let kept = nodes::load(&transaction, context, own)?.ok_or_else(|| nodes::missing(own))?;
    sidecar::write(&transaction, context, &kept)?;
    transaction.commit()?;
    Ok(Some(kept))
}
