//! A damaged database is set aside and made again from what stands beside the pictures.
//!
//! Comes back: every node with a picture, its recipe, lineage, seed and cost, under its old number.
//! Stays lost, and is told: stars, names, undo, unsent drafts, jobs that were under way.
//! Invariant: the damaged file itself is never changed; a repair tool may still read it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::error::Error;
use super::rows;
use crate::schema::Usd;

/// Numbers of nodes by their global id.
pub(super) type Ids = BTreeMap<String, i64>;

/// What was found and made of it.
#[derive(Debug)]
pub(super) struct Rebuilt {
    pub(super) nodes: usize,
    pub(super) aside: PathBuf,
}

/// Moves the database and the files that belong to it out of the way.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let free = |number: &u32| !path.with_extension(format!("db.damaged{number}")).exists();
    let number = (1..1000).find(free).unwrap_or(1000);
    let aside = path.with_extension(format!("db.damaged{number}"));
    fs::rename(path, &aside).map_err(|error| Error::io(path, &error))?;
    for beside in ["-wal", "-shm", "-journal"] {
        let with = |path: &Path| PathBuf::from(format!("{}{beside}", path.display()));
        // Mostly there is none.
        let _ = fs::rename(with(path), with(&aside));
    }
    Ok(aside)
}

/// Fills an empty database from the sidecars of `media`.
pub(super) fn rebuild(
    connection: &mut Connection,
    media: &Path,
    aside: PathBuf,
) -> Result<Rebuilt, Error> {
    let found = sidecars(media);
    let ids = numbers(&found);
    let transaction = connection.transaction()?;
    for node in found.values() {
        let project = project(&transaction, node)?;
        insert(&transaction, node, project, &ids)?;
        count(&transaction, node, project, &ids)?;
    }
    // Only now does every parent have its row.
    for node in found.values() {
        link(&transaction, node, &ids)?;
    }
    transaction.commit()?;
    Ok(Rebuilt { nodes: found.len(), aside })
}

/// All nodes that any picture tells of, by global id; a later description wins.
fn sidecars(media: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(media) else {
        return found;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let sidecar = rows::parse(fs::read_to_string(&path).ok());
        let nodes = sidecar.get("nodes").and_then(Value::as_array);
        for node in nodes.into_iter().flatten() {
            if let Some(global) = text(node, "global") {
                found.insert(global.to_owned(), node.clone());
            }
        }
    }
    found
}

/// The old numbers, so that notes and habits stay true; the next free one where two want the same.
fn numbers(found: &BTreeMap<String, Value>) -> BTreeMap<String, i64> {
    let old = |node: &Value| text(node, "node")?.strip_prefix('n')?.parse::<i64>().ok();
    let mut taken = BTreeMap::new();
    let mut ids = BTreeMap::new();
    let mut homeless = Vec::new();
    for (global, node) in found {
        match old(node).filter(|id| *id > 0 && !taken.contains_key(id)) {
            Some(id) => {
                taken.insert(id, ());
                ids.insert(global.clone(), id);
            }
            None => homeless.push(global.clone()),
        }
    }
    let mut next = taken.keys().next_back().copied().unwrap_or(0);
    for global in homeless {
        next += 1;
        ids.insert(global, next);
    }
    ids
}

/// Hangs the node below its parent, if that is there.
pub(super) fn link(connection: &Connection, node: &Value, ids: &Ids) -> Result<(), Error> {
    let (Some(id), Some(parent)) = (of_global(node, ids), node.get("parent")) else {
        return Ok(());
    };
    if let Some(parent_id) = of_global(parent, ids) {
        connection.execute(
            "UPDATE nodes SET parent = ?2, parent_picture = ?3 WHERE id = ?1",
            params![id, parent_id, text(parent, "picture")],
        )?;
    }
    Ok(())
}

/// What was spent for it stays counted.
fn count(connection: &Connection, node: &Value, project: i64, ids: &Ids) -> Result<(), Error> {
    let Some(id) = of_global(node, ids).filter(|_| text(node, "endpoint").is_some()) else {
        return Ok(());
    };
    let simulated = node.get("simulated").and_then(Value::as_bool).unwrap_or_default();
    connection.execute(
        "INSERT INTO jobs (node, project, profile, simulated, instance, state, request_id, \
         estimate, cost, sync, at, sent_at, ended_at) \
         VALUES (?1, ?2, '', ?3, '', 'done', ?4, ?5, ?5, 0, ?6, ?6, ?6)",
        params![id, project, simulated, text(node, "request_id"), cost(node), stamp(node)],
    )?;
    Ok(())
}

fn cost(node: &Value) -> Option<i64> {
    node.get("cost").and_then(Value::as_f64).and_then(Usd::from_f64).map(|cost| cost.0)
}

fn stamp(node: &Value) -> i64 {
    node.get("at").and_then(Value::as_i64).unwrap_or_default()
}

/// A described node and its pictures, under the number that `ids` has for it.
pub(super) fn insert(
    connection: &Connection,
    node: &Value,
    project: i64,
    ids: &Ids,
) -> Result<(), Error> {
    let Some(id) = of_global(node, ids) else {
        return Ok(());
    };
    let simulated = node.get("simulated").and_then(Value::as_bool).unwrap_or_default();
    let is_made = text(node, "endpoint").is_some();
    connection.execute(
        "INSERT INTO nodes (id, global, project, state, endpoint, prompt, params, inputs, title, \
         seed, request_id, cost, simulated, at, timings) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            id,
            text(node, "global"),
            project,
            if is_made { "done" } else { "root" },
            text(node, "endpoint"),
            text(node, "prompt"),
            node.get("params").map(Value::to_string),
            inputs(node, ids).to_string(),
            text(node, "title"),
            node.get("seed").and_then(Value::as_u64).map(u64::cast_signed),
            text(node, "request_id"),
            cost(node),
            simulated,
            stamp(node),
            node.get("timings").map(Value::to_string),
        ],
    )?;
    let pictures = node.get("pictures").and_then(Value::as_array);
    for (place, picture) in pictures.into_iter().flatten().enumerate() {
        let number = |name: &str| picture.get(name).and_then(Value::as_i64).unwrap_or_default();
        connection.execute(
            "INSERT INTO pictures (node, place, hash, width, height, format, bytes, nsfw) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id,
                i64::try_from(place).unwrap_or_default(),
                text(picture, "hash"),
                number("width"),
                number("height"),
                text(picture, "format").unwrap_or("png"),
                number("bytes"),
                picture.get("nsfw").and_then(Value::as_bool).unwrap_or_default(),
            ],
        )?;
    }
    Ok(())
}

fn project(connection: &Connection, node: &Value) -> Result<i64, Error> {
    let name = text(node, "project").unwrap_or("main");
    let simulated = node.get("simulated").and_then(Value::as_bool).unwrap_or_default();
    connection.execute(
        "INSERT OR IGNORE INTO projects (name, simulated) VALUES (?1, ?2)",
        params![name, simulated],
    )?;
    Ok(connection.query_row("SELECT id FROM projects WHERE name = ?1", [name], |row| row.get(0))?)
}

/// As the table has them: by number instead of by global id.
fn inputs(node: &Value, ids: &Ids) -> Value {
    let one = |input: &Value| match (of_global(input, ids), text(input, "picture")) {
        (Some(id), Some(picture)) => Some(json!({ "node": id, "picture": picture })),
        _ => text(input, "url").map(|url| json!({ "url": url })),
    };
    node.get("inputs").and_then(Value::as_array).into_iter().flatten().filter_map(one).collect()
}

fn of_global(value: &Value, ids: &Ids) -> Option<i64> {
    ids.get(text(value, "global")?).copied()
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}
