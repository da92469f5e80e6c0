//! The pictures of a node in and out of their table.

use rusqlite::{Connection, params};

use super::error::{Error, Kind};
use crate::tree::{Hash, Node, NodeId, Picture};

pub(super) fn insert_picture(
    connection: &Connection,
    node: NodeId,
    place: usize,
    picture: &Picture,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO pictures (node, place, hash, width, height, format, bytes, nsfw, url) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.execute(params![
        node.0,
        place as i64,
        picture.hash.to_string(),
        picture.width,
        picture.height,
        picture.format,
        picture.bytes as i64,
        picture.nsfw,
        picture.url
    ])?;
    Ok(())
}

/// The node with its pictures, in their order.
pub(super) fn with_pictures(connection: &Connection, mut node: Node) -> Result<Node, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT hash, width, height, format, bytes, nsfw, url FROM pictures \
         WHERE node = ?1 ORDER BY place",
    )?;
    let pictures = statement.query_map([node.id.0], |row| {
        Ok(Picture {
            hash: hash(row.get(0)?),
            width: row.get(1)?,
            height: row.get(2)?,
            format: row.get(3)?,
            bytes: row.get::<_, i64>(4)?.unsigned_abs(),
            nsfw: row.get(5)?,
            url: row.get(6)?,
        })
    })?;
    node.pictures = pictures.collect::<Result<_, _>>()?;
    Ok(node)
}

pub(super) fn node_id(rowid: i64) -> Result<NodeId, Error> {
    let number = u32::try_from(rowid);
    number
        .map(NodeId)
        .map_err(|_| Error::new(Kind::Full, "the store has no more numbers for nodes"))
}

/// A hash that cannot be read names no picture.
pub(super) fn hash(text: String) -> Hash {
    text.parse().unwrap_or(Hash([0; 32]))
}
