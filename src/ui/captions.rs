//! The words of rows, kept from frame to frame: a node with hundreds of siblings is compared with
//! them once after a change, not at every key.
//!
//! Says nothing by itself; what a row says is in `tree_caption`. Invariant: what is kept was made of
//! the nodes, the tree and the catalogue as they are.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::tree_caption::Caption;
use crate::app::model::Model;
use crate::tree::{Node, NodeId};

#[derive(Debug, Default)]
pub struct Captions {
    made_of: Option<Source>,
    /// Of the loaded nodes, each worked out when it is first drawn.
    known: BTreeMap<NodeId, OnceCell<Caption>>,
}

/// All that a caption follows from, by the counts of its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    nodes: u64,
    tree: u64,
    catalogue: u64,
}

impl Source {
    fn of(model: &Model) -> Self {
        Self {
            nodes: model.nodes.changes(),
            tree: model.tree.version(),
            catalogue: model.catalogue.changes(),
        }
    }
}

impl Captions {
    /// Called after every step.
    pub(super) fn refresh(&mut self, model: &Model) {
        let source = Source::of(model);
        if self.made_of != Some(source) {
            self.known = model.nodes.keys().map(|id| (*id, OnceCell::new())).collect();
            self.made_of = Some(source);
        }
    }

    pub fn of(&self, model: &Model, node: &Node) -> Cow<'_, Caption> {
        let is_current = self.made_of == Some(Source::of(model));
        match self.known.get(&node.id).filter(|_| is_current) {
            Some(kept) => Cow::Borrowed(kept.get_or_init(|| Caption::of(model, node))),
            None => Cow::Owned(Caption::of(model, node)),
        }
    }
}
