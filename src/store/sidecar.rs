//! What stands beside a picture: recipe and lineage of each node that shows it, so that the store
//! can be made again from the media folder alone.
//!
//! Written while the database's write lock is held, because the file is read, added to and
//! replaced. Invariant: nothing here needs the database to be understood: nodes are named by their
//! global id.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Context;
use super::description::text;
use super::error::Error;
use super::media::{Media, Unread, read_small};
use super::{description, sidecar_mark};
use crate::tree::{Hash, Node};

/// Describes the node beside each of its pictures, in place of an older description of it.
pub(super) fn write(connection: &Connection, context: &Context, node: &Node) -> Result<(), Error> {
    let mut sidecars = Sidecars::default();
    sidecars.add(connection, context, node)?;
    sidecars.write(connection, context)
}

/// The same of several nodes, written at once.
#[derive(Default)]
pub(super) struct Sidecars(BTreeMap<Hash, Vec<Value>>);

impl Sidecars {
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        context: &Context,
        node: &Node,
    ) -> Result<(), Error> {
        let description = description::describe(connection, &context.project_name, node)?;
        // All of it or nothing.
        node.pictures.iter().try_for_each(|picture| self.of(context, picture.hash).map(drop))?;
        for picture in &node.pictures {
            let nodes = self.of(context, picture.hash)?;
            nodes.retain(|other| other.get("global") != description.get("global"));
            nodes.push(description.clone());
        }
        Ok(())
    }

    /// The name of such a node that is described beside its picture and has no row: the files of its
    /// step were written, the rows were not kept.
    pub(super) fn without_row(
        &mut self,
        connection: &Connection,
        context: &Context,
        picture: Hash,
        is_such: impl Fn(&Value) -> bool,
    ) -> Result<Option<String>, Error> {
        let mut row = connection.prepare_cached("SELECT 1 FROM nodes WHERE global = ?1")?;
        for node in self.of(context, picture)?.iter().filter(|node| is_such(node)) {
            let is_ours = text(node, "project") == Some(&context.project_name)
                && description::is_simulated(node) == context.simulated;
            let global = text(node, "global").filter(|global| is_ours && !global.is_empty());
            if let Some(global) = global
                && !row.exists([global])?
            {
                return Ok(Some(global.to_owned()));
            }
        }
        Ok(None)
    }

    /// What stands beside the picture, with what was added.
    fn of(&mut self, context: &Context, picture: Hash) -> Result<&mut Vec<Value>, Error> {
        Ok(match self.0.entry(picture) {
            Entry::Occupied(nodes) => nodes.into_mut(),
            Entry::Vacant(place) => place.insert(match read(&context.media, picture) {
                Ok(nodes) => nodes,
                Err(Unread::Missing) => Vec::new(),
                Err(Unread::Because(_)) => {
                    context.media.move_aside(picture)?;
                    Vec::new()
                }
            }),
        })
    }

    pub(super) fn write(self, connection: &Connection, context: &Context) -> Result<(), Error> {
        let text = |nodes| format!("{:#}\n", json!({ "nodes": Value::Array(nodes) }));
        let all: Vec<_> = self.0.into_iter().map(|(hash, nodes)| (hash, text(nodes))).collect();
        context.media.write_sidecars(&all)?;
        sidecar_mark::renew(connection, &context.media, context.media.changed_at())
    }
}

/// The nodes that show the picture, as its sidecar describes them.
pub(super) fn read(media: &Media, picture: Hash) -> Result<Vec<Value>, Unread> {
    nodes_in(&media.read_sidecar(picture)?)
}

/// The nodes that a sidecar describes.
pub(crate) fn nodes_in(text: &str) -> Result<Vec<Value>, Unread> {
    let broken = |why: String| Unread::Because(why);
    let mut sidecar: Value =
        serde_json::from_str(text).map_err(|error| broken(format!("not JSON: {error}")))?;
    match sidecar.get_mut("nodes").map(Value::take) {
        Some(Value::Array(nodes)) => Ok(nodes),
        Some(_) | None => Err(broken("it describes no nodes".into())),
    }
}

/// Hands over every node that is described, with its global id, file by file in the order of their
/// names; answers the files that tell nothing, and why.
pub(super) fn each(
    media: &Media,
    mut take: impl FnMut(&str, Value) -> Result<(), Error>,
) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(media.folder()).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|ending| ending == "json"));
    names.sort();
    let mut skipped = Vec::new();
    for name in names {
        let path = media.folder().join(name);
        let nodes = match read_small(&path).and_then(|text| nodes_in(&text)) {
            Ok(nodes) => nodes,
            Err(Unread::Missing) => continue,
            Err(Unread::Because(why)) => {
                skipped.push(format!("`{}` ({why})", path.display()));
                continue;
            }
        };
        for node in nodes {
            let global = node.get("global").and_then(Value::as_str).unwrap_or_default().to_owned();
            if !global.is_empty() {
                take(&global, node)?;
            }
        }
    }
    Ok(skipped)
}
