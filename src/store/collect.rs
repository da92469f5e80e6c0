//! What `gc` would remove, and removing it: first a plan that can be shown, then nothing but it.
//!
//! Invariant: what came into use between plan and removal stays.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::{Connection, TransactionBehavior};

use super::Store;
use super::check;
use super::connection::Reply;
use super::error::Error;
use super::media::Media;
use super::sidecar_mark;
use super::trash::{self, Expired};
use crate::tree::{NodeId, Timestamp};

/// Nothing of it has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Nodes of the trash whose pictures go, and those that stay for their star or rating.
    pub expired: Vec<Expired>,
    /// All files that go, and their bytes.
    pub files: Vec<(PathBuf, u64)>,
}

impl Plan {
    /// There is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.expired.iter().all(|node| node.pictures.is_empty())
    }

    /// Bytes of the files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    fn gone(&self) -> HashSet<(NodeId, String)> {
        let of = |node: &Expired| {
            let id = node.id;
            node.pictures.clone().into_iter().map(move |hash| (id, hash))
        };
        self.expired.iter().flat_map(of).collect()
    }
}

impl Store {
    /// What a collection would remove now.
    pub fn plan(&self, now: Timestamp) -> Reply<Plan> {
        let media = self.media();
        self.reader.ask(move |connection| plan(connection, &media, now))
    }

    /// Removes what the plan says and still nothing needs; files and their bytes.
    pub fn collect(&self, plan: Plan, now: Timestamp) -> Reply<(usize, u64)> {
        let media = self.media();
        self.writer.ask(move |connection| collect(connection, &media, &plan, now))
    }
}

fn plan(connection: &Connection, media: &Media, now: Timestamp) -> Result<Plan, Error> {
    let expired = trash::expired(connection, now)?;
    let mut plan = Plan { expired, files: Vec::new() };
    plan.files = check::unused(connection, media, &plan.gone())?;
    Ok(plan)
}

fn collect(
    connection: &mut Connection,
    media: &Media,
    shown: &Plan,
    now: Timestamp,
) -> Result<(usize, u64), Error> {
    // Nobody else writes a row meanwhile.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut plan = plan(&transaction, media, now)?;
    let gone = shown.gone();
    for node in &mut plan.expired {
        let id = node.id;
        node.pictures.retain(|picture| gone.contains(&(id, picture.clone())));
    }
    let files = check::unused(&transaction, media, &plan.gone())?;
    for (node, picture) in plan.gone() {
        trash::let_go(&transaction, node, &picture)?;
    }
    transaction.commit()?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let was_known = sidecar_mark::agrees(&transaction, media)?;
    // Between the two somebody may have taken one of them into use again.
    let still = check::unused(&transaction, media, &plan.gone())?;
    let mut freed = (0, 0);
    let files = files.into_iter().filter(|file| shown.files.contains(file));
    for (path, bytes) in files.filter(|file| still.contains(file)) {
        if std::fs::remove_file(&path).is_ok() {
            freed = (freed.0 + 1, freed.1 + bytes);
        }
    }
    if was_known {
        sidecar_mark::renew(&transaction, media, media.changed_at())?;
    }
    transaction.commit()?;
    Ok(freed)
}
