//! The rows of the tree as the person has folded it: made anew only when something has changed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::index::Row;

/// What is folded, and the rows that follow from it.
#[derive(Debug, Default)]
pub struct TreeRows {
    folded: BTreeSet<NodeId>,
    rows: Vec<Row>,
    /// The tree's version that the rows were made of.
    version: Option<u64>,
}

impl TreeRows {
    /// After every step. Where the person has gone is never hidden.
    pub(super) fn refresh(&mut self, model: &Model) {
        if let (Some(current), false) = (model.current, self.folded.is_empty()) {
            let path = model.tree.path(current.node);
            let above = path.iter().filter(|node| **node != current.node);
            for node in above {
                if self.folded.remove(node) {
                    self.version = None;
                }
            }
        }
        if self.version != Some(model.tree.version()) {
            self.rows = model.tree.rows(&self.folded);
            self.version = Some(model.tree.version());
        }
    }

    pub fn all(&self, model: &Model) -> Cow<'_, [Row]> {
        match self.version == Some(model.tree.version()) {
            true => Cow::Borrowed(&self.rows),
            false => Cow::Owned(model.tree.rows(&self.folded)),
        }
    }

    /// Hides what came of the node; whether it was to be seen.
    pub(super) fn fold(&mut self, node: NodeId) -> bool {
        self.version = None;
        self.folded.insert(node)
    }

    /// Shows it again; whether it was hidden.
    pub(super) fn unfold(&mut self, node: NodeId) -> bool {
        self.version = None;
        self.folded.remove(&node)
    }
}
