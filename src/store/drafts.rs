//! The draft of a project: one row, which several instances may write.
//!
//! Each instance keeps its own draft while it runs; the last one to write leaves it for the next
//! start. Beside it stand the unsent words of each instance, so that whoever opens the store next
//! has them all, put aside. Invariant: no instance writes over the unsent words of another.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::{Value, json};

use super::error::Error;
use super::{Context, rows};
use crate::app::draft::{Draft, MOST_ASIDE};

/// Unsent words by the name of the instance that has them, the newest last.
pub(super) type Unsent = BTreeMap<String, Vec<String>>;

/// As it is now, with what others have left unsent put aside; `None`: nobody has composed anything
/// yet.
pub(super) fn read(connection: &Connection, context: &Context) -> Result<Option<Draft>, Error> {
    let Some(kept) = row(connection, context)? else { return Ok(None) };
    let mut draft = rows::draft(&kept);
    let others = unsent(&kept);
    let words: Vec<String> = others.values().flatten().cloned().collect();
    put_aside(&mut draft, words);
    *context.taken_over.lock() = others;
    Ok(Some(draft))
}

/// In the place of what stood there.
pub(super) fn keep(
    connection: &mut Connection,
    context: &Context,
    draft: &Draft,
) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut all = row(&transaction, context)?.as_ref().map(unsent).unwrap_or_default();
    // What was put aside here at the opening is among our words by now.
    let taken_over = context.taken_over.lock();
    all.retain(|name, words| taken_over.get(name) != Some(words));
    let own = draft.aside.iter().chain([&draft.prompt]).filter(|words| !words.trim().is_empty());
    all.insert(context.instance.name.clone(), own.cloned().collect());
    all.retain(|_, words| !words.is_empty());
    let mut kept = rows::draft_json(draft);
    if let Some(kept) = kept.as_object_mut() {
        kept.insert("unsent".into(), json!(all));
    }
    transaction.execute(
        "INSERT INTO drafts (project, draft) VALUES (?1, ?2) \
         ON CONFLICT (project) DO UPDATE SET draft = excluded.draft",
        params![context.project, kept.to_string()],
    )?;
    Ok(transaction.commit()?)
}

fn row(connection: &Connection, context: &Context) -> Result<Option<Value>, Error> {
    let kept: Option<String> = connection
        .query_row("SELECT draft FROM drafts WHERE project = ?1", [context.project], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(kept.map(|kept| rows::parse(Some(kept))))
}

fn unsent(kept: &Value) -> Unsent {
    serde_json::from_value(kept["unsent"].clone()).unwrap_or_default()
}

/// Before its own, and as many as are kept.
fn put_aside(draft: &mut Draft, words: Vec<String>) {
    for words in words.into_iter().rev() {
        if words != draft.prompt && !draft.aside.contains(&words) {
            draft.aside.insert(0, words);
        }
    }
    let much = draft.aside.len().saturating_sub(MOST_ASIDE);
    draft.aside.drain(..much);
}
