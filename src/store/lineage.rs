//! What a description says of its node's inputs, as numbers of this store's nodes.
//!
//! A picture that is not here yet has a node without pictures kept free for it, which awaits it by
//! global id and by hash; so lineage does not depend on what comes first. Invariant: no node comes
//! from itself, whatever a description says.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::description::text;
use super::error::Error;
use crate::tree::Hash;

/// What is shown of a node whose picture is awaited.
const AWAITED: &str = "not here yet";

/// The node that is meant: by its global id, else one that shows the same picture, a root before
/// others; else one that is kept free for it. `None` when nothing sensible is meant.
pub(super) fn resolve(
    connection: &Connection,
    project: i64,
    mention: &Value,
    child: &Value,
) -> Result<Option<i64>, Error> {
    let Some(picture) = picture(mention) else {
        return Ok(None);
    };
    let picture = picture.as_str();
    let global = text(mention, "global").filter(|global| !global.is_empty());
    if let Some(id) = global.map(|global| find(connection, project, global)).transpose()?.flatten()
    {
        return Ok(Some(id));
    }
    let mut statement = connection.prepare_cached(
        "SELECT nodes.id FROM nodes JOIN pictures ON pictures.node = nodes.id \
         WHERE nodes.project = ?1 AND pictures.hash = ?2 AND nodes.global <> ?3 \
         ORDER BY nodes.state = 'root' DESC, nodes.id LIMIT 1",
    )?;
    let own = text(child, "global").unwrap_or_default();
    let same = statement.query_row(params![project, picture, own], |row| row.get(0)).optional()?;
    match same.or(awaited(connection, project, picture)?) {
        Some(id) => Ok(Some(id)),
        None => keep_free(connection, project, global, picture, child).map(Some),
    }
}

/// The node of this project with that global id.
pub(super) fn find(
    connection: &Connection,
    project: i64,
    global: &str,
) -> Result<Option<i64>, Error> {
    let sql = "SELECT id FROM nodes WHERE global = ?1 AND project = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![global, project], |row| row.get(0)).optional()?)
}

/// The node that is kept free for the picture.
pub(super) fn awaited(
    connection: &Connection,
    project: i64,
    picture: &str,
) -> Result<Option<i64>, Error> {
    let sql = "SELECT id FROM nodes WHERE awaits = ?2 AND project = ?1 ORDER BY id LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![project, picture], |row| row.get(0)).optional()?)
}

/// The picture is here: what awaited it under another node's name hangs on the node that shows it.
pub(super) fn arrived(
    connection: &Connection,
    project: i64,
    id: i64,
    picture: &str,
) -> Result<(), Error> {
    let Some(kept) = awaited(connection, project, picture)?.filter(|kept| *kept != id) else {
        return Ok(());
    };
    let children = "SELECT id FROM nodes WHERE parent = ?1 AND parent_picture = ?2";
    let mut statement = connection.prepare_cached(children)?;
    let children = statement.query_map(params![kept, picture], |row| row.get(0))?;
    for child in children.collect::<Result<Vec<i64>, _>>()? {
        let parent = (!comes_from(connection, id, child)?).then_some(id);
        connection.execute("UPDATE nodes SET parent = ?2 WHERE id = ?1", params![child, parent])?;
    }
    let input = |node| json!({ "node": node, "picture": picture }).to_string();
    connection.execute(
        "UPDATE nodes SET inputs = replace(inputs, ?2, ?3) \
         WHERE project = ?1 AND instr(inputs, ?2) > 0",
        params![project, input(kept), input(id)],
    )?;
    // It may be awaited for another of its pictures.
    connection.execute(
        "DELETE FROM nodes WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM nodes c WHERE c.parent = ?1) \
         AND NOT EXISTS (SELECT 1 FROM nodes c WHERE c.project = ?2 AND instr(c.inputs, ?3) > 0)",
        params![kept, project, format!("{{\"node\":{kept},")],
    )?;
    Ok(())
}

/// Of that global id, if no other project has it.
fn keep_free(
    connection: &Connection,
    project: i64,
    global: Option<&str>,
    picture: &str,
    child: &Value,
) -> Result<i64, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM nodes WHERE global = ?1)";
    let is_taken = |global: &str| connection.query_row(sql, [global], |row| row.get(0));
    let global = match global {
        Some(global) if !is_taken(global)? => global.to_owned(),
        Some(_) | None => uuid::Uuid::new_v4().to_string(),
    };
    connection.execute(
        "INSERT INTO nodes (global, project, state, title, simulated, at, awaits) \
         VALUES (?1, ?2, 'root', ?3, ?4, ?5, ?6)",
        params![
            global,
            project,
            AWAITED,
            child.get("simulated").and_then(Value::as_bool).unwrap_or_default(),
            child.get("at").and_then(Value::as_i64).unwrap_or_default(),
            picture
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Gives the node the inputs and the parent that its description names.
pub(super) fn join(
    connection: &Connection,
    project: i64,
    id: i64,
    node: &Value,
) -> Result<(), Error> {
    let mut inputs = Vec::new();
    for input in node.get("inputs").and_then(Value::as_array).into_iter().flatten() {
        if let Some(url) = text(input, "url") {
            inputs.push(json!({ "url": url }));
        } else if let Some(of) = resolve(connection, project, input, node)? {
            inputs.push(json!({ "node": of, "picture": picture(input) }));
        }
    }
    let parent = match node.get("parent") {
        Some(parent) => resolve(connection, project, parent, node)?.zip(picture(parent)),
        None => None,
    };
    let parent = match parent {
        Some((of, _)) if comes_from(connection, of, id)? => None,
        parent => parent,
    };
    let mut statement = connection.prepare_cached(
        "UPDATE nodes SET inputs = ?2, parent = ?3, parent_picture = ?4 WHERE id = ?1",
    )?;
    let (of, picture) = parent.unzip();
    statement.execute(params![id, Value::Array(inputs).to_string(), of, picture])?;
    Ok(())
}

/// Whether `node` is `ancestor` or was made from it.
fn comes_from(connection: &Connection, node: i64, ancestor: i64) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE line (id) AS (SELECT ?1 UNION \
         SELECT nodes.parent FROM nodes JOIN line ON nodes.id = line.id \
         WHERE nodes.parent IS NOT NULL) \
         SELECT EXISTS (SELECT 1 FROM line WHERE id = ?2)",
    )?;
    Ok(statement.query_row([node, ancestor], |row| row.get(0))?)
}

/// The picture that is mentioned, if its name is one.
fn picture(mention: &Value) -> Option<String> {
    let picture: Hash = text(mention, "picture")?.parse().ok()?;
    Some(picture.to_string())
}
