//! Nodes whose rows say something else than what stands beside their pictures.
//!
//! Both are written together, so where they differ one of them was changed by nobody: a bit that has
//! turned in a word is no damage to the database's own eyes. Decides nothing. Invariant: what may
//! change on one side alone (stars, names, numbers, the project) is not compared.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;

use super::error::Error;
use super::media::Media;
use super::{description, nodes, sidecar};
use crate::tree::{Node, NodeId, NodeState};

/// What makes a node what it is. A description of an older version tells less.
const KEPT: [&str; 11] = [
    "simulated",
    "at",
    "title",
    "endpoint",
    "prompt",
    "params",
    "seed",
    "request_id",
    "served_from",
    "cost",
    "cost_exact",
];

/// Of all projects. Reads every sidecar, and keeps of each node no more than whether it agrees.
pub(super) fn differing(connection: &Connection, media: &Media) -> Result<Vec<NodeId>, Error> {
    let mut agrees: BTreeMap<NodeId, bool> = BTreeMap::new();
    sidecar::each(media, |global, told| {
        // Of two descriptions of a node the later file's counts.
        if let Some(node) = nodes::load_global(connection, global)?.filter(is_over) {
            agrees.insert(node.id, agree(&told, &description::describe(connection, "", &node)?));
        }
        Ok(())
    })?;
    let mut statement =
        connection.prepare("SELECT global FROM nodes WHERE awaits IS NULL ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut differing = Vec::new();
    while let Some(row) = rows.next()? {
        let node = nodes::load_global(connection, &row.get::<_, String>(0)?)?;
        let Some(node) = node.filter(is_over) else { continue };
        if !agrees.get(&node.id).copied().unwrap_or_else(|| !is_another_told_of(media, &node)) {
            differing.push(node.id);
        }
    }
    Ok(differing)
}

/// Nothing more comes to it that would have to be told.
fn is_over(node: &Node) -> bool {
    node.state != NodeState::Pending
}

fn agree(told: &Value, kept: &Value) -> bool {
    let same = |name: &&str| {
        told.get(name).is_none_or(|told| told.is_null() || Some(told) == kept.get(name))
    };
    let both = |list: &str, name: &str| {
        let of = |node: &Value| node.get(list).map(|list| of_each(list, name));
        of(told) == of(kept)
    };
    KEPT.iter().all(same)
        && both("pictures", "hash")
        && both("inputs", "picture")
        && both("inputs", "url")
        && told.pointer("/parent/picture") == kept.pointer("/parent/picture")
}

fn of_each(list: &Value, name: &str) -> Vec<Value> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|one| one.get(name).cloned().unwrap_or_default())
        .collect()
}

/// Beside its picture stands who shows it, and it is not among them.
fn is_another_told_of(media: &Media, node: &Node) -> bool {
    let first = node.pictures.first();
    first.is_some_and(|picture| {
        sidecar::read(media, picture.hash).is_ok_and(|nodes| !nodes.is_empty())
    })
}
