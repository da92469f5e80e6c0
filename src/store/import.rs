//! Nodes that come from another store, in the label of a picture or beside it.
//!
//! Invariant: nothing is counted as spent here; it was spent where the picture was made.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::connection::Reply;
use super::description::{self, text};
use super::error::{Error, Kind};
use super::media::{Unread, read_small};
use super::sidecar::{self, Sidecars};
use super::{Context, Store, lineage, nodes, pictures};
use crate::tree::{Hash, Node, NodeId, Picture, Timestamp};

/// A request gives no more pictures; a description that tells of more is wrong.
const MOST_PICTURES: usize = 64;

/// Where a picture belongs.
#[derive(Clone, Debug)]
pub enum Place {
    /// It starts a tree.
    Root { title: String, at: Timestamp },
    /// Under the node that is described, and below its parent if that is here.
    Described(Value),
}

/// What became of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub node: Node,
    /// It was here already.
    pub is_known: bool,
    /// It was made from a picture that is here too.
    pub has_parent: bool,
    /// The picture that it was made from, while it is not here; it joins when it comes.
    pub awaits: Option<Hash>,
}

/// The nodes that the sidecar of a picture describes, where it lies beside the file as in another
/// store's folder; or why it cannot be read. Reads a file.
pub fn beside(file: &Path, picture: Hash) -> Option<Result<Vec<Value>, String>> {
    let sidecar = file.with_file_name(format!("{picture}.json"));
    match read_small(&sidecar).and_then(|text| sidecar::nodes_in(&text)) {
        Ok(nodes) => Some(Ok(nodes)),
        Err(Unread::Missing) => None,
        Err(Unread::Because(why)) => Some(Err(why)),
    }
}

/// What a description says of one of its node's pictures.
pub fn listed(node: &Value, picture: Hash) -> Option<Picture> {
    let listed = node.get("pictures")?.as_array()?.iter();
    let name = picture.to_string();
    let listed = listed.clone().find(|listed| text(listed, "hash") == Some(&name))?;
    Some(description::picture(listed, picture))
}

impl Store {
    /// What stands beside a picture: recipe and lineage of the nodes that show it, as JSON. Reads
    /// a file.
    pub fn description(&self, picture: Hash) -> Option<Value> {
        serde_json::from_str(&self.media().read_sidecar(picture).ok()?).ok()
    }

    /// The node of this name that stays the same in every store.
    pub fn find_global(&self, global: String) -> Reply<Option<NodeId>> {
        let context = Arc::clone(&self.context);
        self.reader.ask(move |connection| {
            let id = lineage::find(connection, context.project, &global)?;
            id.map(pictures::node_id).transpose()
        })
    }

    /// Keeps a picture as a root node; the same picture again is the same root. Blocks for the file.
    pub fn open_picture(
        &self,
        bytes: &[u8],
        picture: Picture,
        title: String,
        at: Timestamp,
    ) -> Result<Reply<Node>, Error> {
        let picture = Picture { hash: self.context.media.write(bytes)?, ..picture };
        let context = Arc::clone(&self.context);
        let arrived = Arrived { picture, place: Place::Root { title, at } };
        Ok(self.writer.ask(move |connection| Ok(keep_one(connection, &context, &arrived)?.node)))
    }

    /// Keeps pictures, each in its place of the tree: all files are written before the disk is waited
    /// for, and all rows come in one step. One that fails stops no other. Blocks for the files.
    pub fn import(
        &self,
        arriving: Vec<(Arc<[u8]>, Picture, Place)>,
    ) -> Reply<Vec<Result<Imported, Error>>> {
        let written = self.context.media.write_all(arriving.iter().map(|(bytes, ..)| &bytes[..]));
        let arrived = |(hash, (_, picture, place)): (Result<Hash, Error>, (_, Picture, _))| {
            Ok(Arrived { picture: Picture { hash: hash?, ..picture }, place })
        };
        let arrived: Vec<_> = written.into_iter().zip(arriving).map(arrived).collect();
        let context = Arc::clone(&self.context);
        self.writer.ask(move |connection| {
            match keep_all(connection, &context, &arrived) {
                // Something is in the way of one of them, which nobody knows: each by itself.
                Err(error) if error.kind != Kind::Busy => {
                    let alone = |one: &Result<Arrived, Error>| {
                        let one = one.as_ref().map_err(Error::clone);
                        one.and_then(|one| keep_one(connection, &context, one))
                    };
                    Ok(arrived.iter().map(alone).collect())
                }
                kept => kept,
            }
        })
    }
}

/// A picture that is in the media folder, and where it belongs.
struct Arrived {
    picture: Picture,
    place: Place,
}

fn keep_one(
    connection: &mut Connection,
    context: &Context,
    arrived: &Arrived,
) -> Result<Imported, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut sidecars = Sidecars::default();
    let imported = keep(&transaction, context, &mut sidecars, arrived)?;
    sidecars.write(&transaction, context)?;
    transaction.commit()?;
    Ok(imported)
}

/// In one transaction: all of them, but for those that cannot be.
fn keep_all(
    connection: &mut Connection,
    context: &Context,
    arrived: &[Result<Arrived, Error>],
) -> Result<Vec<Result<Imported, Error>>, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut sidecars, mut all) = (Sidecars::default(), Vec::with_capacity(arrived.len()));
    for one in arrived {
        transaction.execute_batch("SAVEPOINT picture")?;
        let kept = one.as_ref().map_err(Error::clone);
        let kept = kept.and_then(|one| keep(&transaction, context, &mut sidecars, one));
        let back = if kept.is_ok() { "" } else { "ROLLBACK TO picture;" };
        transaction.execute_batch(&format!("{back} RELEASE picture"))?;
        all.push(kept);
    }
    sidecars.write(&transaction, context)?;
    transaction.commit()?;
    Ok(all)
}

/// Its rows, and what is to stand beside it.
fn keep(
    transaction: &Transaction<'_>,
    context: &Context,
    sidecars: &mut Sidecars,
    arrived: &Arrived,
) -> Result<Imported, Error> {
    let picture = &arrived.picture;
    match &arrived.place {
        Place::Root { title, at } => {
            let (node, is_known) =
                nodes::open_picture(transaction, context, sidecars, picture, (title, *at))?;
            Ok(Imported { node, is_known, has_parent: false, awaits: None })
        }
        Place::Described(node) => join(transaction, context, sidecars, picture, node.clone()),
    }
}

fn join(
    transaction: &Transaction<'_>,
    context: &Context,
    sidecars: &mut Sidecars,
    picture: &Picture,
    mut node: Value,
) -> Result<Imported, Error> {
    let global = text(&node, "global").filter(|global| !global.is_empty());
    let Some(global) = global.map(str::to_owned) else {
        return Err(Error::new(Kind::NotFound, "the picture's label names no node"));
    };
    refuse_the_other_kind(context, &node)?;
    let place = place_of(&node, picture);
    only_picture(&mut node, picture, place);
    let known = known(transaction, context, &global, &node, picture)?;
    let is_new;
    let id = match known {
        Some(Known { id, is_awaited: false }) => {
            transaction.execute("UPDATE nodes SET trashed = 0 WHERE id = ?1", [id])?;
            is_new = attach(transaction, pictures::node_id(id)?, picture, place)?;
            id
        }
        known => {
            refuse_if_elsewhere(transaction, context, &global)?;
            is_new = true;
            insert(transaction, context, &node, known.map(|known| known.id))?
        }
    };
    lineage::arrived(transaction, context.project, id, &picture.hash.to_string())?;
    let id: NodeId = pictures::node_id(id)?;
    let node = nodes::load(transaction, context, id)?.ok_or_else(|| nodes::missing(id))?;
    let has_parent = match node.parent {
        Some(parent) => nodes::load(transaction, context, parent.node)?
            .is_some_and(|parent| !parent.pictures.is_empty()),
        None => false,
    };
    sidecars.add(transaction, context, &node)?;
    Ok(Imported { is_known: !is_new, has_parent, awaits: awaits(&node, has_parent), node })
}

/// The picture that the node was made from, while it is not here.
fn awaits(node: &Node, has_parent: bool) -> Option<Hash> {
    node.parent.filter(|_| !has_parent).map(|parent| parent.picture)
}

/// The row of a node that is not here, or in the place that is kept free for it.
fn insert(
    connection: &Connection,
    context: &Context,
    node: &Value,
    place: Option<i64>,
) -> Result<i64, Error> {
    // Who it was made from comes first, and so has the lower number.
    for input in node.get("inputs").and_then(Value::as_array).into_iter().flatten() {
        lineage::resolve(connection, context.project, input, node)?;
    }
    if let Some(parent) = node.get("parent") {
        lineage::resolve(connection, context.project, parent, node)?;
    }
    let id = match place {
        Some(place) => place,
        None => {
            let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM nodes";
            connection.query_row(sql, [], |row| row.get(0))?
        }
    };
    description::insert(connection, node, context.project, id)?;
    lineage::join(connection, context.project, id, node)?;
    Ok(id)
}

/// A node that is meant by a description.
struct Known {
    id: i64,
    /// Only its place is kept.
    is_awaited: bool,
}

/// By its global id; a root also by its bytes.
fn known(
    connection: &Connection,
    context: &Context,
    global: &str,
    node: &Value,
    picture: &Picture,
) -> Result<Option<Known>, Error> {
    let id = match lineage::find(connection, context.project, global)? {
        Some(id) => Some(id),
        None if description::is_root(node) => nodes::root_of(connection, context, picture.hash)?,
        None => None,
    };
    let Some(id) = id else { return Ok(None) };
    let sql = "SELECT awaits IS NOT NULL FROM nodes WHERE id = ?1";
    let is_awaited = connection.query_row(sql, [id], |row| row.get(0))?;
    Ok(Some(Known { id, is_awaited }))
}

fn refuse_the_other_kind(context: &Context, node: &Value) -> Result<(), Error> {
    let simulated = description::is_simulated(node);
    if simulated == context.simulated {
        return Ok(());
    }
    let kind = if simulated { "simulated" } else { "real" };
    let message = format!("the picture is {kind}, the project `{}` is not", context.project_name);
    Err(Error::new(Kind::Mixed, message))
}

/// Which of the node's pictures it is, as the description lists them.
fn place_of(node: &Value, picture: &Picture) -> Option<usize> {
    let hash = picture.hash.to_string();
    let pictures = node.get("pictures")?.as_array()?;
    pictures.iter().position(|listed| text(listed, "hash") == Some(&hash))
}

/// The description tells of all pictures of the node; only this one is here. The others keep their
/// places.
fn only_picture(node: &mut Value, picture: &Picture, place: Option<usize>) {
    let mut pictures = vec![Value::Null; place.unwrap_or(0).min(MOST_PICTURES)];
    pictures.push(description::describe_picture(picture));
    if let Some(node) = node.as_object_mut() {
        node.insert("pictures".into(), Value::Array(pictures));
    }
}

/// One picture more of a node that is here, in its own place if that is free; whether it was
/// lacking.
fn attach(
    connection: &Connection,
    node: NodeId,
    picture: &Picture,
    place: Option<usize>,
) -> Result<bool, Error> {
    let sql = "SELECT COALESCE(MAX(place) + 1, 0), COALESCE(SUM(hash = ?2), 0), \
               COALESCE(SUM(place = ?3), 0) FROM pictures WHERE node = ?1";
    let hash = picture.hash.to_string();
    let wanted = place.filter(|place| *place <= MOST_PICTURES);
    let wanted = wanted.and_then(|place| i64::try_from(place).ok());
    let (next, same, is_taken): (u32, i64, i64) =
        connection.query_row(sql, params![node.0, hash, wanted], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let place = place.filter(|_| wanted.is_some() && is_taken == 0).unwrap_or(next as usize);
    if same == 0 {
        pictures::insert_picture(connection, node, place, picture)?;
    }
    Ok(same == 0)
}

/// A node is in one project only; one that is only awaited there gives its name up.
fn refuse_if_elsewhere(
    connection: &Connection,
    context: &Context,
    global: &str,
) -> Result<(), Error> {
    let sql = "SELECT nodes.id, projects.name, nodes.awaits IS NOT NULL FROM nodes \
               JOIN projects ON projects.id = nodes.project \
               WHERE nodes.global = ?1 AND nodes.project <> ?2";
    let found: Option<(i64, String, bool)> = connection
        .query_row(sql, params![global, context.project], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match found {
        None => Ok(()),
        Some((id, _, true)) => {
            let name = uuid::Uuid::new_v4().to_string();
            connection.execute("UPDATE nodes SET global = ?2 WHERE id = ?1", params![id, name])?;
            Ok(())
        }
        Some((id, project, false)) => {
            let message = format!("the picture is n{id} of the project `{project}` already");
            Err(Error::new(Kind::Mixed, message))
        }
    }
}
