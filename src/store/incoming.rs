//! Nodes that come from another store, inside the label of a picture.
//!
//! Invariant: nothing is counted as spent here; it was spent where the picture was made.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::{Value, json};

use super::desk::Pending;
use super::error::{Error, Kind};
use super::rebuild::{self, Ids, text};
use super::{Context, Store, nodes, sidecar};
use crate::tree::{Node, NodeId, Picture};

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub node: Node,
    /// It was here already.
    pub is_known: bool,
    /// It was made from a picture that is here too.
    pub has_parent: bool,
}

impl Store {
    /// What stands beside a picture: recipe and lineage of the nodes that show it, as JSON. Reads
    /// a file.
    pub fn description(&self, picture: crate::tree::Hash) -> Option<Value> {
        serde_json::from_str(&self.media().read_sidecar(picture)?).ok()
    }

    /// Keeps a picture under the node that `description` tells of, in its place of the tree if its
    /// parent is here. Blocks for the file.
    pub fn import(
        &self,
        bytes: &[u8],
        mut picture: Picture,
        description: Value,
    ) -> Result<Pending<Imported>, Error> {
        picture.hash = self.context.media.write(bytes)?;
        let context = Arc::clone(&self.context);
        Ok(self.writer.ask(move |connection| import(connection, &context, &picture, description)))
    }
}

fn import(
    connection: &mut Connection,
    context: &Context,
    picture: &Picture,
    mut node: Value,
) -> Result<Imported, Error> {
    let global = text(&node, "global").map(str::to_owned);
    let Some(global) = global.filter(|global| !global.is_empty()) else {
        return Err(Error::new(Kind::NotFound, "the picture's label names no node"));
    };
    let simulated = node.get("simulated").and_then(Value::as_bool).unwrap_or_default();
    if simulated != context.simulated {
        let kind = if simulated { "simulated" } else { "real" };
        let message =
            format!("the picture is {kind}, the project `{}` is not", context.project_name);
        return Err(Error::new(Kind::Mixed, message));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut ids = mentioned(&transaction, context, &node)?;
    let known = ids.get(&global).copied();
    if known.is_none() {
        refuse_if_elsewhere(&transaction, &global)?;
    }
    let id = match known {
        Some(id) => id,
        None => {
            let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM nodes";
            transaction.query_row(sql, [], |row| row.get(0))?
        }
    };
    let mut is_new = known.is_none();
    if known.is_some() {
        transaction.execute("UPDATE nodes SET trashed = 0 WHERE id = ?1", [id])?;
        is_new = attach(&transaction, nodes::node_id(id)?, picture)?;
    } else {
        ids.insert(global, id);
        let pictures = json!([{
            "hash": picture.hash.to_string(),
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "bytes": picture.bytes,
            "nsfw": picture.nsfw,
        }]);
        if let Some(node) = node.as_object_mut() {
            node.insert("pictures".into(), pictures);
        }
        rebuild::insert(&transaction, &node, context.project, &ids)?;
        rebuild::link(&transaction, &node, &ids)?;
    }
    let id: NodeId = nodes::node_id(id)?;
    let node = nodes::load(&transaction, context, id)?.ok_or_else(|| nodes::missing(id))?;
    sidecar::write(&transaction, context, &node)?;
    transaction.commit()?;
    Ok(Imported { is_known: !is_new, has_parent: node.parent.is_some(), node })
}

/// One picture more of a node that is here; whether it was lacking.
fn attach(connection: &Connection, node: NodeId, picture: &Picture) -> Result<bool, Error> {
    let sql = "SELECT COUNT(*), COALESCE(MAX(place) + 1, 0), \
               COALESCE(SUM(hash = ?2), 0) FROM pictures WHERE node = ?1";
    let hash = picture.hash.to_string();
    let (place, same): (u32, i64) =
        connection.query_row(sql, params![node.0, hash], |row| Ok((row.get(1)?, row.get(2)?)))?;
    if same == 0 {
        nodes::insert_picture(connection, node, place as usize, picture)?;
    }
    Ok(same == 0)
}

/// A node is in one project only.
fn refuse_if_elsewhere(connection: &Connection, global: &str) -> Result<(), Error> {
    let sql = "SELECT nodes.id, projects.name FROM nodes \
               JOIN projects ON projects.id = nodes.project WHERE nodes.global = ?1";
    let found: Option<(i64, String)> =
        connection.query_row(sql, [global], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found {
        None => Ok(()),
        Some((id, project)) => {
            let message = format!("the picture is n{id} of the project `{project}` already");
            Err(Error::new(Kind::Mixed, message))
        }
    }
}

/// Numbers of the nodes that the description names and this project has.
fn mentioned(connection: &Connection, context: &Context, node: &Value) -> Result<Ids, Error> {
    let inputs = node.get("inputs").and_then(Value::as_array);
    let named = inputs.into_iter().flatten().chain(node.get("parent")).chain([node]);
    let mut ids = Ids::new();
    for global in named.filter_map(|value| text(value, "global")) {
        let found: Option<i64> = connection
            .query_row(
                "SELECT id FROM nodes WHERE global = ?1 AND project = ?2",
                params![global, context.project],
                |row| row.get(0),
            )
            .optional()?;
        ids.extend(found.map(|id| (global.to_owned(), id)));
    }
    Ok(ids)
}
