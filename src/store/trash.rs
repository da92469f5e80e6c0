//! The trash's end: pictures that have lain in it for [`RETENTION_MS`] are let go of when it is emptied.
//!
//! Nothing is emptied by itself. Invariant: recipe, cost and place in the tree stay, and so does a
//! picture that is starred or rated, that anything outside the trash was made from, or that a draft
//! or a request under way may need.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::error::Error;
use super::jobs::OPEN;
use crate::schema::Usd;
use crate::tree::{NodeId, Timestamp};

/// How long a node lies in the trash before `gc` may empty it, in milliseconds: 30 days.
pub const RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A node of any project whose life in the trash is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    pub id: NodeId,
    pub project: String,
    /// The branch's name.
    pub name: Option<String>,
    /// What was asked for, or the file that was opened.
    pub words: String,
    pub cost: Option<Usd>,
    pub simulated: bool,
    pub starred: bool,
    pub rating: u8,
    /// Its pictures that would be let go of; none of one that is starred or rated.
    pub pictures: Vec<String>,
}

/// What lies below a node that was thrown away is in the trash with it.
const TRASHED_BELOW: &str = "WITH RECURSIVE trashed_below (id) AS (\
    SELECT id FROM nodes WHERE trashed = 1 AND trashed_at <= ?1 \
    UNION SELECT nodes.id FROM nodes JOIN trashed_below ON nodes.parent = trashed_below.id)";

/// Everything in the trash whose life is over, what stays for its star or its rating among it.
pub(super) fn expired(connection: &Connection, now: Timestamp) -> Result<Vec<Expired>, Error> {
    // Whatever may not go needs its inputs, so these stay too.
    let gone = format!(
        "{TRASHED_BELOW}, gone (id) AS (SELECT id FROM nodes WHERE id IN (SELECT id FROM trashed_below) \
         AND starred = 0 AND rating = 0 \
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.node = nodes.id AND {OPEN}))"
    );
    let sql = format!(
        "{gone} SELECT p.node, p.hash FROM pictures p WHERE p.node IN (SELECT id FROM gone) \
         AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id NOT IN (SELECT id FROM gone) \
                         AND instr(n.inputs, p.hash) > 0) \
         AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id NOT IN (SELECT id FROM gone) \
                         AND n.parent = p.node AND n.parent_picture = p.hash) \
         AND NOT EXISTS (SELECT 1 FROM drafts WHERE instr(draft, p.hash) > 0) \
         AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.{OPEN} AND instr(j.follow, p.hash) > 0)"
    );
    let mut statement = connection.prepare(&sql)?;
    let going =
        statement.query_map([now.0 - RETENTION_MS], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut pictures: HashMap<u32, Vec<String>> = HashMap::new();
    for row in going {
        let (node, hash): (u32, String) = row?;
        pictures.entry(node).or_default().push(hash);
    }
    let sql = format!(
        "{TRASHED_BELOW} SELECT n.id, projects.name, n.name, COALESCE(n.prompt, n.title, ''), n.cost, \
         n.starred, n.rating, n.simulated FROM nodes n JOIN projects ON projects.id = n.project \
         WHERE n.id IN (SELECT id FROM trashed_below) \
         AND EXISTS (SELECT 1 FROM pictures WHERE pictures.node = n.id) ORDER BY n.id"
    );
    let mut statement = connection.prepare(&sql)?;
    let expired = statement.query_map([now.0 - RETENTION_MS], |row| {
        let id: u32 = row.get(0)?;
        Ok(Expired {
            id: NodeId(id),
            project: row.get(1)?,
            name: row.get(2)?,
            words: row.get(3)?,
            cost: row.get::<_, Option<i64>>(4)?.map(Usd),
            starred: row.get(5)?,
            rating: row.get(6)?,
            simulated: row.get(7)?,
            pictures: pictures.remove(&id).unwrap_or_default(),
        })
    })?;
    let expired: Vec<Expired> = expired.collect::<Result<_, _>>()?;
    let is_told = |node: &Expired| node.starred || node.rating > 0 || !node.pictures.is_empty();
    Ok(expired.into_iter().filter(is_told).collect())
}

/// Lets go of a node's picture; its file goes when nothing else refers to it.
pub(super) fn let_go(connection: &Connection, node: NodeId, picture: &str) -> Result<(), Error> {
    connection
        .execute("DELETE FROM pictures WHERE node = ?1 AND hash = ?2", params![node.0, picture])?;
    Ok(())
}
