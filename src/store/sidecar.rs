//! What stands beside a picture: recipe and lineage of each node that shows it, so that the store
//! can be made again from the media folder alone.
//!
//! Written while the database's write lock is held, because the file is read, added to and
//! replaced. Invariant: nothing here needs the database to be understood: nodes are named by their
//! global id.

use std::collections::BTreeMap;
use std::fs;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::Context;
use super::described;
use super::error::Error;
use super::media::{Media, Unread, read_small};
use super::rows;
use crate::schema::Usd;
use crate::tree::{Hash, Input, Node, NodeId, NodeState, Picture, PictureRef};

/// All that the pictures of a folder tell.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Descriptions of nodes by global id.
    pub(super) nodes: BTreeMap<String, Value>,
    /// Files that tell nothing, and why.
    pub(super) skipped: Vec<String>,
}

/// Describes the node beside each of its pictures, in place of an older description of it.
pub(super) fn write(connection: &Connection, context: &Context, node: &Node) -> Result<(), Error> {
    let description = describe(connection, context, node)?;
    for picture in &node.pictures {
        let mut nodes = match read(&context.media, picture.hash) {
            Ok(nodes) => nodes,
            Err(Unread::Missing) => Vec::new(),
            Err(Unread::Because(_)) => {
                context.media.move_aside(picture.hash)?;
                Vec::new()
            }
        };
        nodes.retain(|other| other.get("global") != description.get("global"));
        nodes.push(description.clone());
        let json = json!({ "nodes": nodes });
        context.media.write_sidecar(picture.hash, &format!("{json:#}\n"))?;
    }
    described::renew(connection, &context.media, context.media.changed_at())
}

/// The nodes that show the picture, as its sidecar describes them.
pub(super) fn read(media: &Media, picture: Hash) -> Result<Vec<Value>, Unread> {
    nodes_in(&media.read_sidecar(picture)?)
}

/// The nodes that a sidecar describes.
pub(crate) fn nodes_in(text: &str) -> Result<Vec<Value>, Unread> {
    let broken = |why: String| Unread::Because(why);
    let mut sidecar: Value =
        serde_json::from_str(text).map_err(|error| broken(format!("no JSON: {error}")))?;
    match sidecar.get_mut("nodes").map(Value::take) {
        Some(Value::Array(nodes)) => Ok(nodes),
        Some(_) | None => Err(broken("it describes no nodes".into())),
    }
}

/// Reads every sidecar; of two descriptions of a node the later file's wins.
pub(super) fn read_all(media: &Media) -> Told {
    let mut told = Told::default();
    let entries = fs::read_dir(media.folder()).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    for path in paths {
        let nodes = match read_small(&path).and_then(|text| nodes_in(&text)) {
            Ok(nodes) => nodes,
            Err(Unread::Missing) => continue,
            Err(Unread::Because(why)) => {
                told.skipped.push(format!("`{}` ({why})", path.display()));
                continue;
            }
        };
        for node in nodes {
            let global = node.get("global").and_then(Value::as_str).unwrap_or_default();
            if !global.is_empty() {
                told.nodes.insert(global.to_owned(), node);
            }
        }
    }
    told
}

fn describe(connection: &Connection, context: &Context, node: &Node) -> Result<Value, Error> {
    let recipe = node.recipe.as_ref();
    let inputs = recipe.map(|recipe| {
        let one = |input: &Input| match input {
            Input::Picture(picture) => lineage(connection, *picture),
            Input::Url(url) => Ok(json!({ "url": url })),
        };
        recipe.inputs.iter().map(one).collect::<Result<Vec<_>, _>>()
    });
    let parent = node.parent.map(|parent| lineage(connection, parent));
    Ok(json!({
        "global": node.global,
        "node": node.id.to_string(),
        "project": context.project_name,
        "simulated": node.simulated,
        "at": node.at.0,
        "title": node.title,
        "endpoint": recipe.map(|recipe| recipe.endpoint.as_str()),
        "prompt": recipe.map(|recipe| recipe.prompt.as_str()),
        "params": recipe.map(|recipe| rows::values_json(&recipe.values)),
        "inputs": inputs.transpose()?,
        "parent": parent.transpose()?,
        "seed": node.seed,
        "request_id": node.request_id,
        "served_from": node.served_from,
        "cost": node.cost.map(Usd::to_f64),
        "timings": node.timings,
        // Others of its pictures are still to come.
        "partial": node.state == NodeState::Pending,
        "pictures": node.pictures.iter().map(describe_picture).collect::<Vec<_>>(),
    }))
}

pub(super) fn describe_picture(picture: &Picture) -> Value {
    json!({
        "hash": picture.hash.to_string(),
        "width": picture.width,
        "height": picture.height,
        "format": picture.format,
        "bytes": picture.bytes,
        "nsfw": picture.nsfw,
    })
}

fn lineage(connection: &Connection, picture: PictureRef) -> Result<Value, Error> {
    Ok(json!({
        "global": global(connection, picture.node)?,
        "picture": picture.picture.to_string(),
    }))
}

fn global(connection: &Connection, node: NodeId) -> Result<Option<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT global FROM nodes WHERE id = ?1")?;
    Ok(statement.query_row([node.0], |row| row.get(0)).optional()?)
}
