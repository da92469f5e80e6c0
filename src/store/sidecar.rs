//! What stands beside a picture: recipe and lineage of each node that shows it, so that the store
//! can be made again from the media folder alone.
//!
//! Written while the database's write lock is held, because the file is read, added to and
//! replaced. Invariant: nothing here needs the database to be understood: nodes are named by their
//! global id.

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::Context;
use super::error::Error;
use super::rows;
use crate::schema::Usd;
use crate::tree::{Input, Node, NodeId, Picture, PictureRef};

/// Describes the node beside each of its pictures, in place of an older description of it.
pub(super) fn write(connection: &Connection, context: &Context, node: &Node) -> Result<(), Error> {
    let description = describe(connection, context, node)?;
    for picture in &node.pictures {
        let known = rows::parse(context.media.read_sidecar(picture.hash));
        let mut nodes = match known.get("nodes") {
            Some(Value::Array(nodes)) => nodes.clone(),
            _ => Vec::new(),
        };
        nodes.retain(|other| other.get("global") != description.get("global"));
        nodes.push(description.clone());
        let json = json!({ "nodes": nodes });
        context.media.write_sidecar(picture.hash, &format!("{json:#}\n"))?;
    }
    Ok(())
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
        "pictures": node.pictures.iter().map(describe_picture).collect::<Vec<_>>(),
    }))
}

fn describe_picture(picture: &Picture) -> Value {
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
