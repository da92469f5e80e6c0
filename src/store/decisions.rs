//! Decisions: appended rows, and the columns of the node they are about, in one transaction.
//!
//! "Undid" means the last decision that the person at *this* instance can see, which another
//! instance of the same project cannot know. So each row names the decision it is about, and
//! replaying looks for that one instead of taking the last. Invariant: rows are never changed.

use rusqlite::{Connection, params};

use super::Context;
use super::error::{Error, Kind};
use super::rows;
use crate::tree::Timestamp;
use crate::tree::decision::{Change, Decisions, Entry};

/// Appends the entry and marks the node.
pub(super) fn decide(
    connection: &mut Connection,
    context: &Context,
    entry: &Entry,
    at: Timestamp,
) -> Result<(), Error> {
    let (kind, decision, change) = resolve(context, entry)?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO decisions (project, kind, change, at) VALUES (?1, ?2, ?3, ?4)",
        params![context.project, kind, rows::change_json(&decision).to_string(), at.0],
    )?;
    mark(&transaction, context, &change, at)?;
    transaction.commit()?;
    Ok(())
}

/// The kind of row, the decision it is about, and the change to apply.
///
/// Keeps the stacks in step with the model's, which has decided already, whatever the disk says.
fn resolve(context: &Context, entry: &Entry) -> Result<(&'static str, Change, Change), Error> {
    let mut stacks = context.decisions.lock();
    let nothing = |what| Error::new(Kind::Bug, format!("there is no decision to {what}"));
    match entry {
        Entry::Did(change) => {
            stacks.did(change.clone());
            Ok(("did", change.clone(), change.clone()))
        }
        Entry::Undid => {
            let change = stacks.undo().ok_or_else(|| nothing("undo"))?;
            Ok(("undid", change.inverse(), change))
        }
        Entry::Redid => {
            let change = stacks.redo().ok_or_else(|| nothing("redo"))?;
            Ok(("redid", change.clone(), change))
        }
    }
}

fn mark(
    connection: &Connection,
    context: &Context,
    change: &Change,
    at: Timestamp,
) -> Result<(), Error> {
    match change {
        Change::Star { node, on } => connection.execute(
            "UPDATE nodes SET starred = ?3 WHERE id = ?1 AND project = ?2",
            params![node.0, context.project, on],
        )?,
        Change::Trash { node, on } => connection.execute(
            "UPDATE nodes SET trashed = ?3, trashed_at = CASE WHEN ?3 THEN ?4 END \
             WHERE id = ?1 AND project = ?2",
            params![node.0, context.project, on, at.0],
        )?,
        Change::Rate { node, to, .. } => connection.execute(
            "UPDATE nodes SET rating = ?3 WHERE id = ?1 AND project = ?2",
            params![node.0, context.project, to],
        )?,
        Change::Name { node, to, .. } => connection.execute(
            "UPDATE nodes SET name = ?3 WHERE id = ?1 AND project = ?2",
            params![node.0, context.project, to],
        )?,
        // The draft is kept as a whole.
        Change::Value { .. }
        | Change::Parent { .. }
        | Change::References { .. }
        | Change::Regions { .. } => 0,
    };
    Ok(())
}

/// What can be undone and redone after everything that was appended by whomever.
pub(super) fn replay(connection: &Connection, context: &Context) -> Result<Decisions, Error> {
    let mut statement = connection
        .prepare_cached("SELECT kind, change FROM decisions WHERE project = ?1 ORDER BY id")?;
    let rows = statement.query_map([context.project], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
    })?;
    let mut stacks = Stacks::default();
    for row in rows {
        let (kind, change) = row?;
        stacks.take(&kind, rows::change(&rows::parse(change)));
    }
    Ok(stacks.into_decisions())
}

#[derive(Default)]
struct Stacks {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl Stacks {
    fn take(&mut self, kind: &str, change: Option<Change>) {
        match kind {
            "did" => {
                self.undone.clear();
                self.done.extend(change);
            }
            "undid" => self.undone.extend(remove(&mut self.done, change)),
            "redid" => self.done.extend(remove(&mut self.undone, change)),
            // Of a later version: what it was about stands in its own rows.
            _ => {}
        }
    }

    fn into_decisions(self) -> Decisions {
        let mut decisions = Decisions::default();
        let undone = self.undone.len();
        let all = self.done.into_iter().chain(self.undone.into_iter().rev());
        all.for_each(|change| decisions.did(change));
        (0..undone).for_each(|_| drop(decisions.undo()));
        decisions
    }
}

/// Takes the newest equal one out; rows of the first version do not say which: then the last.
fn remove(stack: &mut Vec<Change>, change: Option<Change>) -> Option<Change> {
    match change {
        Some(change) => {
            let at = stack.iter().rposition(|other| *other == change)?;
            Some(stack.remove(at))
        }
        None => stack.pop(),
    }
}
