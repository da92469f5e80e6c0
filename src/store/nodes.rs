//! Nodes and pictures in and out of the tables.
//!
//! Knows nothing of jobs. Invariant: a node of another project is as good as none.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::connection::Reply;
use super::error::{Error, Kind};
use super::pictures::{hash, insert_picture, node_id, with_pictures};
use super::sidecar::Sidecars;
use super::{Context, Store, description, lineage, rows};
use crate::schema::{Usd, regions};
use crate::tree::index::NodeSummary;
use crate::tree::{Hash, Node, NodeId, NodeState, Picture, PictureRef, Recipe, Timestamp};

/// Columns of `nodes` in the order in which [`read_node`] reads them.
const COLUMNS: &str = "id, global, state, parent, parent_picture, endpoint, prompt, params, inputs, \
    title, seed, request_id, cost, simulated, starred, trashed, name, at, timings, rating, \
    served_from, is_exact";

impl Store {
    /// All nodes in brief, or a node and all that comes from it, oldest first.
    pub fn summaries(&self, root: Option<NodeId>) -> Reply<Vec<NodeSummary>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| match root {
            Some(root) => summaries_from(connection, &context, root),
            None => summaries(connection, &context),
        })
    }

    /// Nodes that were asked for with one of these prompts, whole, oldest first.
    pub fn nodes_asked_for(&self, prompts: HashSet<String>) -> Reply<Vec<Node>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| asked_for(connection, &context, &prompts))
    }
}

/// The same picture opened again is the same root, brought back from the trash; whether it was there.
/// The look and the row are one step: another instance may be opening the same picture.
pub(super) fn open_picture(
    transaction: &Transaction<'_>,
    context: &Context,
    sidecars: &mut Sidecars,
    picture: &Picture,
    (title, at): (&str, Timestamp),
) -> Result<(Node, bool), Error> {
    let known = root_of(transaction, context, picture.hash)?;
    let id = match known {
        Some(id) => {
            transaction.execute("UPDATE nodes SET trashed = 0 WHERE id = ?1", [id])?;
            node_id(id)?
        }
        None => {
            let is_root = description::is_root;
            let global = sidecars.without_row(transaction, context, picture.hash, is_root)?;
            let global = global.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
            insert_root(transaction, context, &global, picture, (title, at))?
        }
    };
    lineage::arrived(transaction, context.project, i64::from(id.0), &picture.hash.to_string())?;
    let node = load(transaction, context, id)?.ok_or_else(|| missing(id))?;
    sidecars.add(transaction, context, &node)?;
    Ok((node, known.is_some()))
}

/// The root that shows the picture.
pub(super) fn root_of(
    connection: &Connection,
    context: &Context,
    picture: Hash,
) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT nodes.id FROM nodes JOIN pictures ON pictures.node = nodes.id \
         WHERE nodes.project = ?1 AND nodes.state = 'root' AND pictures.hash = ?2",
    )?;
    let found =
        statement.query_row(params![context.project, picture.to_string()], |row| row.get(0));
    Ok(found.optional()?)
}

/// A node that cost nothing: done at once, from a picture of the tree.
pub(super) fn keep_local(
    connection: &mut Connection,
    context: &Context,
    picture: &Picture,
    parent: PictureRef,
    title: &str,
    at: Timestamp,
) -> Result<Node, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(from) = load(&transaction, context, parent.node)? else {
        return Err(missing(parent.node));
    };
    // One that was written beside its picture and whose row could not be kept has its name back.
    let mut sidecars = Sidecars::default();
    let is_such = |node: &Value| description::is_local(node, &from.global, title);
    let global = sidecars.without_row(&transaction, context, picture.hash, is_such)?;
    let global = global.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    transaction.execute(
        "INSERT INTO nodes (global, project, state, parent, parent_picture, title, cost, \
         simulated, at) VALUES (?1, ?2, 'done', ?3, ?4, ?5, 0, ?6, ?7)",
        params![
            global,
            context.project,
            parent.node.0,
            parent.picture.to_string(),
            title,
            context.simulated,
            at.0
        ],
    )?;
    let id = node_id(transaction.last_insert_rowid())?;
    insert_picture(&transaction, id, 0, picture)?;
    let node = load(&transaction, context, id)?.ok_or_else(|| missing(id))?;
    sidecars.add(&transaction, context, &node)?;
    sidecars.write(&transaction, context)?;
    transaction.commit()?;
    Ok(node)
}

fn insert_root(
    connection: &Connection,
    context: &Context,
    global: &str,
    picture: &Picture,
    (title, at): (&str, Timestamp),
) -> Result<NodeId, Error> {
    connection.execute(
        "INSERT INTO nodes (global, project, state, title, simulated, at) \
         VALUES (?1, ?2, 'root', ?3, ?4, ?5)",
        params![global, context.project, title, context.simulated, at.0],
    )?;
    let id = node_id(connection.last_insert_rowid())?;
    insert_picture(connection, id, 0, picture)?;
    Ok(id)
}

/// A node of this project, whole.
pub(super) fn load(
    connection: &Connection,
    context: &Context,
    id: NodeId,
) -> Result<Option<Node>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM nodes WHERE project = ?1 AND id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let node = statement.query_row(params![context.project, id.0], read_node).optional()?;
    node.map(|node| with_pictures(connection, node)).transpose()
}

/// The newest nodes of this project, whole, oldest first.
pub(super) fn newest(
    connection: &Connection,
    context: &Context,
    count: usize,
) -> Result<Vec<Node>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM nodes WHERE project = ?1 ORDER BY id DESC LIMIT ?2");
    collect(connection, &sql, context, count)
}

fn asked_for(
    connection: &Connection,
    context: &Context,
    prompts: &HashSet<String>,
) -> Result<Vec<Node>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM nodes WHERE project = ?1 AND endpoint IS NOT NULL ORDER BY id"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([context.project])?;
    let mut nodes = Vec::new();
    while let Some(row) = rows.next()? {
        let prompt = row.get_ref(6)?.as_str_or_null().ok().flatten().unwrap_or_default();
        if prompts.contains(prompt) {
            nodes.push(with_pictures(connection, read_node(row)?)?);
        }
    }
    Ok(nodes)
}

/// A node of any project, whole; not one that is only awaited.
pub(super) fn load_global(connection: &Connection, global: &str) -> Result<Option<Node>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM nodes WHERE awaits IS NULL AND global = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let node = statement.query_row([global], read_node).optional()?;
    node.map(|node| with_pictures(connection, node)).transpose()
}

fn collect(
    connection: &Connection,
    sql: &str,
    context: &Context,
    count: usize,
) -> Result<Vec<Node>, Error> {
    let mut statement = connection.prepare(sql)?;
    let limit = i64::try_from(count).unwrap_or(-1);
    let rows = statement.query_map(params![context.project, limit], read_node)?;
    let mut nodes =
        rows.map(|node| with_pictures(connection, node?)).collect::<Result<Vec<_>, Error>>()?;
    nodes.reverse();
    Ok(nodes)
}

fn read_node(row: &Row<'_>) -> rusqlite::Result<Node> {
    let state = rows::node_state(&row.get::<_, String>(2)?);
    let parent: Option<u32> = row.get(3)?;
    let parent_picture: Option<String> = row.get(4)?;
    let parent = parent.zip(parent_picture);
    let endpoint: Option<String> = row.get(5)?;
    let (prompt, values, inputs) = (row.get::<_, Option<String>>(6)?, row.get(7)?, row.get(8)?);
    let recipe = endpoint.map(|endpoint| Recipe {
        endpoint,
        prompt: prompt.unwrap_or_default(),
        values: rows::values(&rows::parse(values)),
        inputs: rows::inputs(&rows::parse(inputs)),
    });
    Ok(Node {
        id: NodeId(row.get(0)?),
        global: row.get(1)?,
        state,
        recipe,
        title: row.get(9)?,
        parent: parent
            .map(|(node, picture)| PictureRef { node: NodeId(node), picture: hash(picture) }),
        pictures: Vec::new(),
        seed: row.get::<_, Option<i64>>(10)?.map(i64::cast_unsigned),
        request_id: row.get(11)?,
        served_from: row.get(20)?,
        cost: row.get::<_, Option<i64>>(12)?.map(Usd),
        is_exact: row.get(21)?,
        simulated: row.get(13)?,
        starred: row.get(14)?,
        trashed: row.get(15)?,
        name: row.get(16)?,
        at: Timestamp(row.get(17)?),
        timings: rows::timings(&rows::parse(row.get(18)?)),
        rating: row.get(19)?,
    })
}

/// Columns of `nodes` in the order in which [`read_summary`] reads them.
const IN_BRIEF: &str = "id, parent, state, starred, trashed, simulated, cost, \
    (SELECT COUNT(*) FROM pictures p WHERE p.node = nodes.id), \
    COALESCE((SELECT p.place FROM pictures p WHERE p.node = nodes.parent \
              AND p.hash = nodes.parent_picture), 0)";

/// The shape of the project; no words.
pub(super) fn summaries(
    connection: &Connection,
    context: &Context,
) -> Result<Vec<NodeSummary>, Error> {
    let sql = format!("SELECT {IN_BRIEF} FROM nodes WHERE project = ?1 ORDER BY id");
    let mut statement = connection.prepare(&sql)?;
    let summaries = statement.query_map([context.project], read_summary)?;
    Ok(summaries.collect::<Result<_, _>>()?)
}

/// Nodes of project `?1` from node `?2` on; reads no more than is there below it.
pub(super) fn from_sql() -> String {
    format!(
        "WITH RECURSIVE below (node) AS (SELECT ?2 UNION \
         SELECT id FROM nodes JOIN below ON parent = node) \
         SELECT {IN_BRIEF} FROM nodes WHERE project = ?1 AND id IN below ORDER BY id"
    )
}

fn summaries_from(
    connection: &Connection,
    context: &Context,
    root: NodeId,
) -> Result<Vec<NodeSummary>, Error> {
    let mut statement = connection.prepare(&from_sql())?;
    let summaries = statement.query_map(params![context.project, root.0], read_summary)?;
    Ok(summaries.collect::<Result<_, _>>()?)
}

fn read_summary(row: &Row<'_>) -> rusqlite::Result<NodeSummary> {
    Ok(NodeSummary {
        id: NodeId(row.get(0)?),
        parent: row.get::<_, Option<u32>>(1)?.map(NodeId),
        state: rows::node_state(&row.get::<_, String>(2)?),
        starred: row.get(3)?,
        trashed: row.get(4)?,
        simulated: row.get(5)?,
        cost: row.get::<_, Option<i64>>(6)?.map(Usd),
        pictures: row.get::<_, i64>(7)?.try_into().unwrap_or(u8::MAX),
        parent_picture: row.get::<_, i64>(8)?.try_into().unwrap_or(0),
    })
}

pub(super) fn set_state(
    connection: &Connection,
    node: NodeId,
    state: NodeState,
) -> Result<(), Error> {
    let name = state.name();
    connection.execute("UPDATE nodes SET state = ?1 WHERE id = ?2", params![name, node.0])?;
    Ok(())
}

/// The newest node of the project that shows a picture and is not in the trash.
pub(super) fn newest_shown(
    connection: &Connection,
    context: &Context,
) -> Result<Option<NodeId>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT n.id FROM nodes n WHERE n.project = ?1 AND n.trashed = 0 \
         AND EXISTS (SELECT 1 FROM pictures p WHERE p.node = n.id) ORDER BY n.id DESC LIMIT 1",
    )?;
    let id = statement.query_row([context.project], |row| row.get(0)).optional()?;
    Ok(id.map(NodeId))
}

/// Newest first, each once; reads no further back than it must.
pub(super) fn prompts(
    connection: &Connection,
    context: &Context,
    count: usize,
) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT prompt FROM nodes WHERE project = ?1 AND prompt <> '' ORDER BY id DESC",
    )?;
    let mut rows = statement.query([context.project])?;
    let mut seen = HashSet::new();
    let mut prompts = Vec::new();
    while prompts.len() < count {
        let Some(row) = rows.next()? else { break };
        let sent: String = row.get(0)?;
        // Boxes belong to the picture that they were drawn on, words to any.
        let prompt = regions::read(&sent).map_or(sent, |parsed| parsed.words);
        if !prompt.is_empty() && seen.insert(prompt.clone()) {
            prompts.push(prompt);
        }
    }
    Ok(prompts)
}

pub(super) fn missing(id: NodeId) -> Error {
    Error::new(Kind::NotFound, format!("there is no {id} in this project"))
}
