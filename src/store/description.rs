//! A node as JSON, as it stands beside its pictures, and such a description as rows again.
//!
//! Reads no files. Invariant: a description that is read is somebody else's text: what in it makes no
//! sense becomes the nearest harmless value, and a number in it never uses up the numbers of this
//! store. One that is written names nodes by their global id alone.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::error::Error;
use super::{pictures, rows};
use crate::schema::Usd;
use crate::tree::{Hash, Input, Node, NodeId, NodeState, Picture, PictureRef};

/// All that is needed to make the node again without the database.
pub(super) fn describe(
    connection: &Connection,
    project: &str,
    node: &Node,
) -> Result<Value, Error> {
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
        "project": project,
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
        "cost_exact": node.is_exact,
        "timings": node.timings,
        // Others of its pictures are still to come.
        "partial": node.state == NodeState::Pending,
        "pictures": node.pictures.iter().map(describe_picture).collect::<Vec<_>>(),
    }))
}

/// It was made by nothing.
pub(super) fn is_root(node: &Value) -> bool {
    text(node, "endpoint").is_none() && !node.get("parent").is_some_and(Value::is_object)
}

/// It was made here of this node, under this title.
pub(super) fn is_local(node: &Value, parent: &str, title: &str) -> bool {
    let of = node.get("parent").and_then(|parent| text(parent, "global"));
    text(node, "endpoint").is_none() && of == Some(parent) && text(node, "title") == Some(title)
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

/// The row and the pictures of a described node under this number; a node that was kept free for it
/// is filled. Inputs and parent are `lineage`'s.
pub(super) fn insert(
    connection: &Connection,
    node: &Value,
    project: i64,
    id: i64,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO nodes (id, global, project, state, endpoint, prompt, params, title, seed, \
         request_id, cost, simulated, at, timings, served_from, is_exact) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) \
         ON CONFLICT (id) DO UPDATE SET global = excluded.global, state = excluded.state, \
         endpoint = excluded.endpoint, prompt = excluded.prompt, params = excluded.params, \
         title = excluded.title, seed = excluded.seed, request_id = excluded.request_id, \
         cost = excluded.cost, at = excluded.at, timings = excluded.timings, \
         served_from = excluded.served_from, is_exact = excluded.is_exact, awaits = NULL",
    )?;
    statement.execute(params![
        id,
        text(node, "global"),
        project,
        if is_root(node) { "root" } else { "done" },
        text(node, "endpoint"),
        text(node, "prompt"),
        node.get("params").map(Value::to_string),
        text(node, "title"),
        seed(node),
        text(node, "request_id"),
        cost(node),
        is_simulated(node),
        stamp(node),
        node.get("timings").map(Value::to_string),
        text(node, "served_from"),
        is_exact(node),
    ])?;
    insert_pictures(connection, node, id)
}

/// The pictures that the description names, in its order; one that is here already stays as it is.
pub(super) fn insert_pictures(connection: &Connection, node: &Value, id: i64) -> Result<(), Error> {
    let pictures = node.get("pictures").and_then(Value::as_array);
    for (place, described) in pictures.into_iter().flatten().enumerate() {
        let hash = text(described, "hash").and_then(|hash| hash.parse().ok());
        let Some(hash) = hash else { continue };
        pictures::insert_picture(
            connection,
            pictures::node_id(id)?,
            place,
            &picture(described, hash),
        )?;
    }
    Ok(())
}

/// What a description says of a picture.
pub(super) fn picture(described: &Value, hash: Hash) -> Picture {
    let number = |name: &str| described.get(name).and_then(Value::as_u64).unwrap_or_default();
    let side = |name: &str| u32::try_from(number(name)).unwrap_or_default();
    Picture {
        hash,
        width: side("width"),
        height: side("height"),
        format: text(described, "format").unwrap_or("file").to_owned(),
        bytes: number("bytes").min(i64::MAX.unsigned_abs()),
        nsfw: described.get("nsfw").and_then(Value::as_bool).unwrap_or_default(),
        url: None,
    }
}

/// What was spent for it stays counted.
pub(super) fn count(
    connection: &Connection,
    node: &Value,
    (project, profile): (i64, &str),
    id: i64,
) -> Result<(), Error> {
    if text(node, "endpoint").is_none() {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO jobs (node, project, profile, simulated, instance, state, request_id, \
         estimate, cost, sync, at, sent_at, ended_at) \
         VALUES (?1, ?2, ?7, ?3, '', 'done', ?4, ?5, ?5, 0, ?6, ?6, ?6)",
    )?;
    statement.execute(params![
        id,
        project,
        is_simulated(node),
        text(node, "request_id"),
        cost(node),
        stamp(node),
        profile
    ])?;
    Ok(())
}

/// A node whose end the database had not heard of.
pub(super) fn complete(connection: &Connection, node: &Value, id: i64) -> Result<(), Error> {
    connection.execute(
        "UPDATE nodes SET state = 'done', seed = ?2, request_id = ?3, cost = ?4, timings = ?5, \
         served_from = ?6, is_exact = ?7 WHERE id = ?1",
        params![
            id,
            seed(node),
            text(node, "request_id"),
            cost(node),
            node.get("timings").map(Value::to_string),
            text(node, "served_from"),
            is_exact(node),
        ],
    )?;
    // Those of a part may stand in other places.
    connection.execute("DELETE FROM pictures WHERE node = ?1", [id])?;
    connection.execute(
        "UPDATE jobs SET state = 'done', why = NULL, answer = NULL, cost = ?2, ended_at = COALESCE(sent_at, at) \
         WHERE node = ?1",
        params![id, cost(node)],
    )?;
    insert_pictures(connection, node, id)
}

/// The project that the description names, made if it is not there. One of that name that holds
/// the other kind of pictures is left alone: they never mix.
pub(super) fn project(connection: &Connection, node: &Value) -> Result<i64, Error> {
    let simulated = is_simulated(node);
    let name = text(node, "project").filter(|name| !name.is_empty()).unwrap_or("main");
    let kind = if simulated { "simulated" } else { "real" };
    let second = format!("{name}-{kind}");
    for name in [name, &second] {
        connection.execute(
            "INSERT OR IGNORE INTO projects (name, simulated) VALUES (?1, ?2)",
            params![name, simulated],
        )?;
        let sql = "SELECT id FROM projects WHERE name = ?1 AND simulated = ?2";
        let found =
            connection.query_row(sql, params![name, simulated], |row| row.get(0)).optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
    }
    let message = format!("there is no project for the {kind} pictures of `{name}`");
    Err(Error::new(super::error::Kind::Mixed, message))
}

pub(super) fn is_simulated(node: &Value) -> bool {
    node.get("simulated").and_then(Value::as_bool).unwrap_or_default()
}

fn is_exact(node: &Value) -> bool {
    node.get("cost_exact").and_then(Value::as_bool).unwrap_or_default()
}

/// As the column has it.
fn seed(node: &Value) -> Option<i64> {
    node.get("seed").and_then(Value::as_u64).map(u64::cast_signed)
}

fn cost(node: &Value) -> Option<i64> {
    node.get("cost").and_then(Value::as_f64).and_then(Usd::from_f64).map(|cost| cost.0)
}

fn stamp(node: &Value) -> i64 {
    node.get("at").and_then(Value::as_i64).unwrap_or_default()
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}
