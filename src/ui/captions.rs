//! The words of rows, kept from frame to frame: a node with hundreds of siblings is compared with
//! them once after one of them has changed, not at every key.
//!
//! Says nothing by itself; what a row says is in `tree_caption`. Invariant: what is kept was made of
//! a node, its siblings and the catalogue as they are, but for siblings that are loaded no more.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::tree_caption::Caption;
use super::tree_caption::siblings::is_equal;
use crate::app::model::Model;
use crate::tree::{Node, NodeId};

#[derive(Debug, Default)]
pub struct Captions {
    /// By the counts of changes of the tree and of the catalogue.
    made_of: (u64, u64),
    /// Of the loaded nodes that were drawn, with the tree's count then.
    known: RefCell<BTreeMap<NodeId, (u64, Arc<Caption>)>>,
}

impl Captions {
    /// Called after every step.
    pub(super) fn refresh(&mut self, model: &Model) {
        let made_of = (model.tree.touches(), model.catalogue.changes());
        if made_of == self.made_of {
            return;
        }
        let is_same_catalogue = made_of.1 == self.made_of.1;
        self.made_of = made_of;
        self.known.get_mut().retain(|id, (made_at, _)| {
            let node = model.nodes.get(id).filter(|_| is_same_catalogue);
            let parent = node.map(|node| node.parent.map(|parent| parent.node));
            let is_current = parent.is_some_and(|of| model.tree.is_untouched(of, *made_at));
            *made_at = made_of.0;
            is_current
        });
    }

    pub fn of(&self, model: &Model, node: &Node) -> Arc<Caption> {
        let touches = model.tree.touches();
        // A step has gone on since the last look at what is kept.
        if self.made_of != (touches, model.catalogue.changes()) {
            return Arc::new(Caption::of(model, node));
        }
        let mut known = self.known.borrow_mut();
        if let Some((_, kept)) = known.get(&node.id) {
            return Arc::clone(kept);
        }
        let elder = elder(model, node).and_then(|elder| known.get(&elder)?.1.take);
        let caption = Arc::new(Caption::after(model, node, elder));
        known.insert(node.id, (touches, Arc::clone(&caption)));
        caption
    }
}

/// The sibling right before it, where it is equal in everything.
fn elder(model: &Model, node: &Node) -> Option<NodeId> {
    let before = (Bound::Unbounded, Bound::Excluded(node.id));
    let elder = model.tree.siblings_within(node.parent?.node, before).next_back()?;
    let (one, other) = (node.recipe.as_ref()?, model.nodes.get(&elder)?.recipe.as_ref()?);
    (one.prompt == other.prompt && is_equal(one, other)).then_some(elder)
}
