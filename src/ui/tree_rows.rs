//! The rows of the tree as the person has folded and filtered it: made anew only when something has
//! changed.
//!
//! Draws nothing. Invariant: the current node is never folded away.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::skeleton::{self, Folds, Indent, Row};

/// What is folded, and the resulting rows.
#[derive(Debug, Default)]
pub struct TreeRows {
    folds: Folds,
    rows: Vec<Row>,
    /// How deep the deepest of them is.
    deepest: u16,
    /// What the rows were made of.
    made_of: Option<Source>,
    /// The nodes that were last seen to have rows.
    seen: [Option<NodeId>; 2],
    /// Where the current one stood then: what is looked for is mostly near.
    near: usize,
    /// Where the next edit starts: in every frame it is asked whether that is in sight.
    start: Option<usize>,
    changes: u64,
}

/// All that the rows follow from besides the folds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    version: u64,
    /// What the filter has found.
    found: Option<Vec<NodeId>>,
}

impl Source {
    fn of(model: &Model, filter: Option<&str>) -> Self {
        let found = &model.finder.found;
        let is_filtered = filter.is_some_and(|text| !text.is_empty() && text == found.text);
        Self { version: model.tree.version(), found: is_filtered.then(|| found.nodes.clone()) }
    }

    fn rows(&self, model: &Model, folds: &Folds) -> Vec<Row> {
        match &self.found {
            // Nothing of what was looked for is folded away.
            Some(found) => {
                let part = model.tree.part(found.iter().copied());
                let mut rows = skeleton::rows(&part, &Folds::default());
                count_only(&mut rows, &found.iter().copied().collect());
                rows
            }
            None => skeleton::rows(&model.tree, folds),
        }
    }
}

/// The way to what was found is not counted.
fn count_only(rows: &mut [Row], found: &BTreeSet<NodeId>) {
    let mut upto = 0;
    for row in rows {
        upto += u32::from(found.contains(&row.node));
        row.upto = upto;
    }
}

impl TreeRows {
    /// Called after every step. Chains are folded where all of the tree does not go into `room`.
    pub(super) fn refresh(&mut self, model: &Model, filter: Option<&str>, room: usize) {
        let chains = model.tree.len() > room;
        if chains != self.folds.chains {
            self.folds.chains = chains;
            (self.made_of, self.seen) = Default::default();
        }
        let source = Source::of(model, filter);
        let is_made = self.made_of.as_ref() == Some(&source);
        let wanted = [model.current, model.draft.parent].map(|of| of.map(|of| of.node));
        if is_made && wanted == self.seen {
            return;
        }
        let changes = self.changes;
        if !is_made {
            self.make(&source, model);
        }
        // Where the next edit starts may be folded away on purpose, but for the first time.
        let [current, parent] = wanted;
        let is_new = self.seen.last() != Some(&parent);
        let wanted_now = [current, parent.filter(|_| is_new)];
        if source.found.is_none() && self.uncover(model, wanted_now) {
            self.make(&source, model);
        }
        (self.made_of, self.seen) = (Some(source), wanted);
        self.near = current.and_then(|node| self.place(&self.rows, node)).unwrap_or(0);
        if is_new || self.changes != changes {
            self.start = parent.and_then(|node| self.place(&self.rows, node));
        }
    }

    fn make(&mut self, source: &Source, model: &Model) {
        self.rows = source.rows(model, &self.folds);
        self.deepest = skeleton::deepest(&self.rows);
        self.changes += 1;
    }

    /// How far rows are led in, in so many columns.
    pub(super) fn indent(&self, columns: u16) -> Indent {
        Indent::of(self.deepest, columns)
    }

    /// So often were the rows made.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Where a node stands among these rows, looked for from where one is to both sides.
    pub fn place(&self, rows: &[Row], node: NodeId) -> Option<usize> {
        let (above, below) = rows.split_at(self.near.min(rows.len()));
        let longest = above.len().max(below.len());
        let is_it = |row: Option<&Row>| row.is_some_and(|row| row.node == node);
        (0..longest).find_map(|far| {
            match (is_it(below.get(far)), above.len().checked_sub(far + 1)) {
                (true, _) => Some(above.len() + far),
                (false, Some(up)) if is_it(above.get(up)) => Some(up),
                (false, _) => None,
            }
        })
    }

    /// Where the next edit starts among these rows, if they are those that were made last.
    pub fn start(&self, rows: &[Row], node: NodeId) -> Option<usize> {
        self.start.filter(|at| rows.get(*at).is_some_and(|row| row.node == node))
    }

    /// Opens the folds in which these nodes are; whether there were any.
    fn uncover(&mut self, model: &Model, wanted: [Option<NodeId>; 2]) -> bool {
        let mut has_changed = false;
        for node in wanted.into_iter().flatten() {
            let is_shown = model.tree.get(node).is_some_and(|summary| summary.is_shown());
            if !is_shown || self.place(&self.rows, node).is_some() {
                continue;
            }
            let path = model.tree.path(node);
            for above in path.iter().filter(|above| **above != node) {
                has_changed |= self.folds.below.remove(above);
            }
            has_changed |=
                self.folds.open.insert(skeleton::fold_of(&model.tree, &self.folds, node));
        }
        has_changed
    }

    pub fn all(&self, model: &Model) -> Cow<'_, [Row]> {
        match &self.made_of {
            Some(source) if source.version == model.tree.version() => Cow::Borrowed(&self.rows),
            Some(_) | None => Cow::Owned(skeleton::rows(&model.tree, &self.folds)),
        }
    }

    /// What came of it is folded away.
    pub(super) fn is_folded(&self, node: NodeId) -> bool {
        self.folds.below.contains(&node)
    }

    /// Only what was looked for has rows, and the way there.
    pub(super) fn is_filtered(&self) -> bool {
        self.made_of.as_ref().is_some_and(|source| source.found.is_some())
    }

    /// It was not looked for; what was found came of it.
    pub(super) fn is_only_way(&self, node: NodeId) -> bool {
        let found = self.made_of.as_ref().and_then(|source| source.found.as_ref());
        found.is_some_and(|found| !found.contains(&node))
    }

    /// Folds away what came of the node, or the chain that leads to it; whether there was any.
    pub(super) fn fold(&mut self, model: &Model, node: NodeId) -> bool {
        let has_more = model.tree.children(node).next().is_some();
        let is_folded = (has_more && self.folds.below.insert(node)) || self.fold_chain(model, node);
        self.forget_if(is_folded)
    }

    /// The rows are made anew after a change of the folds.
    fn forget_if(&mut self, has_changed: bool) -> bool {
        if has_changed {
            self.made_of = None;
        }
        has_changed
    }

    fn fold_chain(&mut self, model: &Model, end: NodeId) -> bool {
        let parent = model.tree.parent(end);
        parent.is_some_and(|step| {
            self.folds.open.remove(&skeleton::fold_of(&model.tree, &self.folds, step))
        })
    }

    /// Opens what is folded away at this row; whether there was anything.
    pub(super) fn unfold(&mut self, model: &Model, node: NodeId) -> bool {
        if self.folds.below.remove(&node) {
            return self.forget_if(true);
        }
        let parent = model.tree.parent(node);
        let is_hidden = |node: &NodeId| !self.rows.iter().any(|row| row.node == *node);
        let hidden = parent.filter(is_hidden);
        let is_opened = hidden.is_some_and(|hidden| {
            self.folds.open.insert(skeleton::fold_of(&model.tree, &self.folds, hidden))
        });
        self.forget_if(is_opened)
    }
}
