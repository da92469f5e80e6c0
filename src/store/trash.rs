//! The trash's end: pictures that have lain in it for [`LIFE`] are let go of when it is emptied.
//!
//! Nothing is emptied by itself. Invariant: recipe, cost and place in the tree stay, and so does a
//! picture that anything outside the trash was made from.

use rusqlite::{Connection, TransactionBehavior, params};

use super::error::Error;
use crate::tree::{NodeId, Timestamp};

/// How long a node lies in the trash before `gc` may empty it, in milliseconds: 30 days.
pub const LIFE: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What lies below a node that was thrown away is in the trash with it.
const IN_TRASH: &str = "WITH RECURSIVE thrown (id) AS (\
    SELECT id FROM nodes WHERE trashed = 1 AND trashed_at <= ?1 \
    UNION SELECT nodes.id FROM nodes JOIN thrown ON nodes.parent = thrown.id)";

/// Nodes of all projects whose pictures would be let go of.
pub(super) fn faded(connection: &Connection, now: Timestamp) -> Result<Vec<NodeId>, Error> {
    let sql = format!(
        "{IN_TRASH} SELECT id FROM thrown WHERE EXISTS \
         (SELECT 1 FROM pictures WHERE pictures.node = thrown.id) ORDER BY id"
    );
    let mut statement = connection.prepare(&sql)?;
    let nodes = statement.query_map([now.0 - LIFE], |row| row.get(0).map(NodeId))?;
    Ok(nodes.collect::<Result<_, _>>()?)
}

/// Lets go of the pictures; their files go when nothing else refers to them.
pub(super) fn empty(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = format!(
        "{IN_TRASH} DELETE FROM pictures WHERE node IN (SELECT id FROM thrown) AND NOT EXISTS \
         (SELECT 1 FROM nodes WHERE id NOT IN (SELECT id FROM thrown) \
          AND instr(inputs, pictures.hash) > 0)"
    );
    transaction.execute(&sql, params![now.0 - LIFE])?;
    transaction.commit()?;
    Ok(())
}
