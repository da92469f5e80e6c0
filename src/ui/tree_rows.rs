//! The rows of the tree as the person has folded it: made anew only when something has changed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::index::Row;

/// The collapsed nodes and the resulting rows.
#[derive(Debug, Default)]
pub struct TreeRows {
    folded: BTreeSet<NodeId>,
    rows: Vec<Row>,
    /// The tree version that the rows were computed from.
    version: Option<u64>,
}

impl TreeRows {
    /// Called after every step. Never hides the current node.
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

    /// Collapses the node; returns whether it was expanded.
    pub(super) fn fold(&mut self, node: NodeId) -> bool {
        self.version = None;
        self.folded.insert(node)
    }

    /// Expands the node; returns whether it was collapsed.
    pub(super) fn unfold(&mut self, node: NodeId) -> bool {
        self.version = None;
        self.folded.remove(&node)
    }
}
