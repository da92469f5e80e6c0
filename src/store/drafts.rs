//! The draft of a project: one row, which several instances may write.
//!
//! Each instance keeps its own draft while it runs; the last one to write leaves it for the next
//! start. Invariant: words that another instance has left in the row are never written over: they
//! are put aside in what takes their place.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::Error;
use super::{Context, rows};
use crate::app::draft::{Draft, MOST_ASIDE};

/// What is known of the row; only the writing thread touches it.
#[derive(Debug, Default)]
pub(super) struct KnownDraft {
    /// The words that this instance has read or written last.
    prompt: Option<String>,
    /// Words of other instances, the newest last.
    others: Vec<String>,
}

impl KnownDraft {
    fn learn(&mut self, stored: &Draft) {
        let is_news = self.prompt.as_ref().is_some_and(|known| *known != stored.prompt);
        let words = &stored.prompt;
        if is_news && !words.trim().is_empty() && !self.others.contains(words) {
            self.others.push(words.clone());
        }
        self.prompt = Some(words.clone());
    }
}

/// As it is now; `None`: nobody has composed anything yet.
pub(super) fn read(connection: &Connection, context: &Context) -> Result<Option<Draft>, Error> {
    let kept: Option<String> = connection
        .query_row("SELECT draft FROM drafts WHERE project = ?1", [context.project], |row| {
            row.get(0)
        })
        .optional()?;
    let is_there = kept.is_some();
    let draft = rows::draft(&rows::parse(kept));
    context.draft.lock().learn(&draft);
    Ok(is_there.then_some(draft))
}

/// In the place of what stood there.
pub(super) fn keep(
    connection: &Connection,
    context: &Context,
    mut draft: Draft,
) -> Result<(), Error> {
    read(connection, context)?;
    let mut known = context.draft.lock();
    let own = &draft.prompt;
    let is_kept = |words: &&String| *words != own && !draft.aside.contains(words);
    let others: Vec<String> = known.others.iter().filter(is_kept).cloned().collect();
    draft.aside.splice(0..0, others);
    let much = draft.aside.len().saturating_sub(MOST_ASIDE);
    draft.aside.drain(..much);
    connection.execute(
        "INSERT INTO drafts (project, draft) VALUES (?1, ?2) \
         ON CONFLICT (project) DO UPDATE SET draft = excluded.draft",
        params![context.project, rows::draft_json(&draft).to_string()],
    )?;
    known.prompt = Some(draft.prompt);
    Ok(())
}
