//! What the model keeps in memory, however long it runs: a number for each collection, in one table.
//!
//! Forgets only what the store has and gives again, or what is found out again when it is looked at.
//! Invariant: nothing that is open, shown or about to be sent is forgotten; looking costs nothing
//! while all is within its number.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Owner;
use super::job::JobId;
use super::model::Model;
use crate::app::compare;
use crate::tree::{Input, NodeId};

/// How much of each is kept.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Jobs that have ended.
    pub jobs: usize,
    /// Nodes that are loaded whole, beside those that open jobs need.
    pub nodes: usize,
    /// Prompts that Up recalls: as many as a start reads.
    pub prompts: usize,
    /// Children last gone to.
    pub visited: usize,
    /// Nodes that were trashed, for the way back.
    pub trashed: usize,
    /// Pairs that were compared, or cannot be.
    pub comparisons: usize,
    /// Pairs that were measured.
    pub similarity: usize,
    /// Requests whose bill is still to come; the store knows all of them.
    pub bills: usize,
}

pub const MOST: Most = Most {
    jobs: 500,
    nodes: 500,
    prompts: 500,
    visited: 500,
    trashed: 2_000,
    comparisons: compare::MOST,
    similarity: 500,
    bills: 500,
};

/// Part of a number by which it may be exceeded: so that not every step sorts out.
const SLACK: usize = 8;

/// Nodes that an open job needs: its own and mostly one input.
const NODES_OF_JOB: usize = 2;

fn is_too_much(length: usize, most: usize) -> bool {
    length > most + most / SLACK
}

/// How many there are too many, beside those that open jobs need. These are counted only where there
/// are more than `most` at all.
fn excess(model: &Model, length: usize, most: usize, per_open_job: usize) -> usize {
    if !is_too_much(length, most) {
        return 0;
    }
    let most = most + per_open_job * model.jobs.counts().open;
    if is_too_much(length, most) { length - most } else { 0 }
}

/// After every change of the model.
pub(super) fn forget(model: &mut Model) {
    model.composer.prompts.truncate(MOST.prompts);
    keep_newest(&mut model.trail.visited, MOST.visited);
    keep_newest(&mut model.composer.trashed, MOST.trashed);
    keep_newest(&mut model.comparisons.similarity, MOST.similarity);
    match model.session.owner {
        Owner::Workbench => {
            forget_jobs(model);
            forget_nodes(model);
        }
        // It counts its jobs when it ends, and it does end.
        Owner::Command => {}
    }
}

/// Without the lowest keys.
fn keep_newest<K: Ord, V>(map: &mut BTreeMap<K, V>, most: usize) {
    if is_too_much(map.len(), most) {
        while map.len() > most {
            map.pop_first();
        }
    }
}

fn forget_jobs(model: &mut Model) {
    let much = excess(model, model.jobs.len(), MOST.jobs, 1);
    let ended = model.jobs.values().filter(|job| job.state.is_final());
    let ended: Vec<JobId> = ended.map(|job| job.id).take(much).collect();
    for id in &ended {
        model.jobs.remove(id);
    }
}

fn forget_nodes(model: &mut Model) {
    let much = excess(model, model.nodes.len(), MOST.nodes, NODES_OF_JOB);
    if much == 0 {
        return;
    }
    let needed = needed(model);
    let old = model.nodes.keys().copied().filter(|id| !needed.contains(id));
    let old: Vec<NodeId> = old.take(much).collect();
    for id in &old {
        model.nodes.remove(id);
    }
}

/// What is shown, composed from, or part of a job that has not ended.
fn needed(model: &Model) -> BTreeSet<NodeId> {
    let of_input = |input: &Input| match input {
        Input::Picture(picture) => Some(picture.node),
        Input::Url(_) => None,
    };
    let open = model.jobs.values().filter(|job| !job.state.is_final());
    let of_jobs = open.flat_map(|job| {
        let inputs = job.spec.recipe.inputs.iter().filter_map(of_input);
        inputs.chain([job.node])
    });
    let current = model.current.map(|current| current.node);
    let parent = current.and_then(|current| model.nodes.get(&current)?.parent);
    let draft = model.draft.references.iter().filter_map(of_input);
    let shown = [current, parent.map(|parent| parent.node), model.draft.parent.map(|p| p.node)];
    of_jobs.chain(draft).chain(shown.into_iter().flatten()).collect()
}
