//! The shape of a project: who comes from whom. No words, no pictures, no order but age.
//!
//! Invariant: every summary's parent is in the index or the node counts as a root.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use super::{Node, NodeId, NodeState};
use crate::schema::Usd;

/// What is always known of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeSummary {
    pub id: NodeId,
    pub parent: Option<NodeId>,
    /// Which of the parent's pictures, from 0.
    pub parent_picture: u8,
    pub pictures: u8,
    pub state: NodeState,
    pub starred: bool,
    pub trashed: bool,
    pub simulated: bool,
    pub cost: Option<Usd>,
}

impl NodeSummary {
    /// `place`: which of its parent's pictures it comes from.
    pub fn of(node: &Node, place: Option<usize>) -> Self {
        let few = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        Self {
            id: node.id,
            parent: node.parent.map(|parent| parent.node),
            parent_picture: place.map_or(0, few),
            pictures: few(node.pictures.len()),
            state: node.state,
            starred: node.starred,
            trashed: node.trashed,
            simulated: node.simulated,
            cost: node.cost,
        }
    }
}

/// The same as it is kept, in 24 bytes: the tree is all that grows as long as a project is used.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Packed {
    /// In micro-dollars.
    cost: i64,
    id: NodeId,
    parent: u32,
    parent_picture: u8,
    pictures: u8,
    state: NodeState,
    starred: bool,
    trashed: bool,
    simulated: bool,
}

/// For what is not there: no store has so many nodes, and no node has such a cost.
const NO_PARENT: u32 = u32::MAX;
const NO_COST: i64 = i64::MIN;

impl From<NodeSummary> for Packed {
    fn from(summary: NodeSummary) -> Self {
        let NodeSummary { id, parent, parent_picture, pictures, state, .. } = summary;
        Self {
            cost: summary.cost.map_or(NO_COST, |cost| cost.0),
            id,
            parent: parent.map_or(NO_PARENT, |parent| parent.0),
            parent_picture,
            pictures,
            state,
            starred: summary.starred,
            trashed: summary.trashed,
            simulated: summary.simulated,
        }
    }
}

impl From<Packed> for NodeSummary {
    fn from(packed: Packed) -> Self {
        let Packed { id, parent_picture, pictures, state, starred, trashed, simulated, .. } =
            packed;
        Self {
            id,
            parent: Some(NodeId(packed.parent)).filter(|_| packed.parent != NO_PARENT),
            parent_picture,
            pictures,
            state,
            starred,
            trashed,
            simulated,
            cost: Some(Usd(packed.cost)).filter(|_| packed.cost != NO_COST),
        }
    }
}

/// The nodes of the open project, in brief: always in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TreeIndex {
    /// By number, in one piece.
    summaries: Vec<Packed>,
    children: BTreeMap<Option<NodeId>, Children>,
    version: u64,
    /// Those that are shown, and those in the trash.
    shown: usize,
    trashed: usize,
    /// Parents whose children were touched last, and when, the newest last.
    touched: VecDeque<(u64, Option<NodeId>)>,
    touches: u64,
}

/// Room for so many more is made at a time, and for a part of those that are there.
const ROOM: usize = 256;
const PART: usize = 16;

/// So many parents are remembered: a screen shows the children of fewer.
const TOUCHED: usize = 64;

/// What came of one node, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
struct Children {
    /// Worth a row: by far the most, and looked through at every frame.
    shown: Vec<NodeId>,
    hidden: Vec<NodeId>,
}

impl Children {
    fn insert(&mut self, summary: &NodeSummary) {
        let list = if summary.is_shown() { &mut self.shown } else { &mut self.hidden };
        if let Err(at) = list.binary_search(&summary.id) {
            list.insert(at, summary.id);
        }
    }

    fn remove(&mut self, id: NodeId) {
        for list in [&mut self.shown, &mut self.hidden] {
            if let Ok(at) = list.binary_search(&id) {
                list.remove(at);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.hidden.is_empty()
    }
}

impl TreeIndex {
    /// Grows with every change of what has a row, so that what was made of the tree is known to be
    /// of it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Counts what was added or replaced, alike or not.
    pub fn touches(&self) -> u64 {
        self.touches
    }

    /// Whether no child of this parent was added or replaced since then. `false` where that is
    /// forgotten.
    pub fn is_untouched(&self, parent: Option<NodeId>, since: u64) -> bool {
        let mut later = self.touched.iter().rev().take_while(|(at, _)| *at > since);
        let is_known = self.touched.len() < TOUCHED
            || self.touched.front().is_some_and(|(oldest, _)| *oldest <= since);
        is_known && later.all(|(_, touched)| *touched != parent)
    }

    fn touch(&mut self, parent: Option<NodeId>) {
        self.touches += 1;
        if self.touched.back().is_some_and(|(_, last)| *last == parent) {
            self.touched.pop_back();
        }
        self.touched.push_back((self.touches, parent));
        if self.touched.len() > TOUCHED {
            self.touched.pop_front();
        }
    }

    /// Adds a summary or replaces the one of the same number.
    pub fn insert(&mut self, summary: NodeSummary) {
        let old = self.place(summary);
        self.touch(summary.parent);
        if let Some(old) = old.filter(|old| old.parent != summary.parent) {
            self.touch(old.parent);
        }
        self.shown += usize::from(summary.is_shown());
        self.shown -= usize::from(old.is_some_and(|old| old.is_shown()));
        self.trashed += usize::from(summary.trashed);
        self.trashed -= usize::from(old.is_some_and(|old| old.trashed));
        // What nothing came of ends its branch, and is never folded away for what it is.
        let has_more = self.children.get(&Some(summary.id)).is_some_and(|below| !below.is_empty());
        let shape = |it: &NodeSummary| {
            let marks = has_more.then_some((it.state, it.starred));
            (it.parent, it.pictures, it.is_shown(), marks)
        };
        if old.as_ref().map(shape) == Some(shape(&summary)) {
            return;
        }
        self.version += 1;
        if let Some(siblings) = old.and_then(|old| self.children.get_mut(&old.parent)) {
            siblings.remove(summary.id);
        }
        self.children.entry(summary.parent).or_default().insert(&summary);
    }

    /// Returns the one that had its place.
    fn place(&mut self, summary: NodeSummary) -> Option<NodeSummary> {
        match self.position(summary.id) {
            Ok(at) => {
                self.summaries.get_mut(at).map(|old| std::mem::replace(old, summary.into()).into())
            }
            Err(at) => {
                if self.summaries.len() == self.summaries.capacity() {
                    self.summaries.reserve_exact(ROOM + self.summaries.len() / PART);
                }
                // The newest comes last; others only come in between while a store is mended.
                self.summaries.insert(at, summary.into());
                None
            }
        }
    }

    fn position(&self, id: NodeId) -> Result<usize, usize> {
        match self.summaries.last() {
            Some(last) if last.id >= id => self.summaries.binary_search_by_key(&id, |it| it.id),
            Some(_) | None => Err(self.summaries.len()),
        }
    }

    pub fn get(&self, id: NodeId) -> Option<NodeSummary> {
        self.summaries.get(self.position(id).ok()?).map(|packed| (*packed).into())
    }

    /// Changes what is always known of a node, whether the whole of it is loaded or not.
    pub fn change(&mut self, id: NodeId, change: impl FnOnce(&mut NodeSummary)) {
        if let Some(mut summary) = self.get(id) {
            change(&mut summary);
            self.insert(summary);
        }
    }

    pub fn len(&self) -> usize {
        self.summaries.len()
    }

    /// How many are worth showing.
    pub fn shown_len(&self) -> usize {
        self.shown
    }

    pub fn has_trash(&self) -> bool {
        self.trashed > 0
    }

    pub fn is_empty(&self) -> bool {
        self.summaries.is_empty()
    }

    /// Oldest first.
    pub fn summaries(&self) -> impl DoubleEndedIterator<Item = NodeSummary> {
        self.summaries.iter().map(|packed| (*packed).into())
    }

    /// Children that are worth showing, oldest first: not trashed, not failed, not cancelled.
    pub fn children(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> {
        self.shown(Some(id)).iter().copied()
    }

    pub fn roots(&self) -> impl DoubleEndedIterator<Item = NodeId> {
        self.shown(None).iter().copied()
    }

    /// Children between two numbers, oldest first.
    pub fn siblings_within(
        &self,
        parent: NodeId,
        within: (Bound<NodeId>, Bound<NodeId>),
    ) -> impl DoubleEndedIterator<Item = NodeId> {
        let all = self.shown(Some(parent));
        let before = |of: NodeId| all.partition_point(|id| *id < of);
        let upto = |of: NodeId| all.partition_point(|id| *id <= of);
        let (from, to) = within;
        let from = match from {
            Bound::Unbounded => 0,
            Bound::Included(first) => before(first),
            Bound::Excluded(last) => upto(last),
        };
        let to = match to {
            Bound::Unbounded => all.len(),
            Bound::Included(last) => upto(last),
            Bound::Excluded(first) => before(first),
        };
        all.get(from..to).unwrap_or_default().iter().copied()
    }

    fn shown(&self, parent: Option<NodeId>) -> &[NodeId] {
        self.children.get(&parent).map_or(&[], |children| &children.shown)
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.get(id)?.parent
    }

    /// From `id` to the root, both included.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        // However the parents stand in a file, there is an end.
        std::iter::successors(Some(id), |id| self.parent(*id)).take(self.summaries.len() + 1)
    }

    /// From the root to `id`, both included.
    pub fn path(&self, id: NodeId) -> Vec<NodeId> {
        let mut path: Vec<_> = self.ancestors(id).collect();
        path.reverse();
        path
    }

    /// `id` and the nodes beside it under the same parent, oldest first.
    pub fn siblings(&self, id: NodeId) -> &[NodeId] {
        self.shown(self.parent(id))
    }

    /// Cost of the branch that ends in `id`; unknown prices count nothing.
    pub fn cost_of_path(&self, id: NodeId) -> Usd {
        self.path(id).iter().filter_map(|id| self.get(*id)?.cost).sum()
    }

    /// The newest node that holds a picture.
    pub fn newest(&self) -> Option<NodeId> {
        let pictured = |summary: &NodeSummary| summary.pictures > 0 && !summary.trashed;
        self.summaries().rev().find(pictured).map(|summary| summary.id)
    }

    /// Only these nodes and those that they came of.
    pub fn part(&self, of: impl Iterator<Item = NodeId>) -> Self {
        let mut nodes = BTreeSet::new();
        for node in of {
            let line = std::iter::successors(Some(node), |node| self.parent(*node));
            for node in line {
                if !nodes.insert(node) {
                    break;
                }
            }
        }
        let mut part = Self { version: self.version, ..Self::default() };
        for node in nodes.into_iter().filter_map(|node| self.get(node)) {
            part.insert(node);
        }
        part
    }

    /// All that came of a node and is worth showing, each after what it came of.
    pub fn below(&self, id: NodeId) -> Vec<NodeId> {
        let (mut found, mut stack) = (Vec::new(), vec![id]);
        while let Some(next) = stack.pop() {
            found.extend(self.children(next));
            stack.extend(self.children(next));
        }
        found
    }
}

impl NodeSummary {
    /// Worth a row: neither trashed nor ended without a picture.
    pub fn is_shown(&self) -> bool {
        let alive = match self.state {
            NodeState::Root | NodeState::Pending | NodeState::Done | NodeState::Unknown => true,
            NodeState::Failed | NodeState::Cancelled => false,
        };
        alive && !self.trashed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(id: u32) -> NodeSummary {
        NodeSummary {
            id: NodeId(id),
            parent: (id > 1).then_some(NodeId(id / 2)),
            parent_picture: 0,
            pictures: 1,
            state: NodeState::Done,
            starred: false,
            trashed: false,
            simulated: true,
            cost: None,
        }
    }

    #[test]
    fn what_is_kept_of_a_node_is_small_and_tells_all() {
        assert!(size_of::<Packed>() <= 24, "{}", size_of::<Packed>());
        let cost = Some(Usd(-1));
        for summary in [child(1), NodeSummary { cost, starred: true, pictures: 9, ..child(2) }] {
            assert_eq!(NodeSummary::from(Packed::from(summary)), summary);
        }
    }

    #[test]
    fn a_tree_is_the_same_in_whatever_order_it_was_filled() {
        let mut tree = TreeIndex::default();
        // Each of them once, since 389 is prime.
        for step in 0..1_000 {
            tree.insert(child(1 + step * 389 % 1_000));
        }
        let ids: Vec<u32> = tree.summaries().map(|it| it.id.0).collect();
        assert_eq!(ids, (1..=1_000).collect::<Vec<_>>());
        assert!(ids.iter().all(|id| tree.get(NodeId(*id)) == Some(child(*id))));
        assert_eq!(tree.get(NodeId(1_001)), None);
        let part = tree.part([NodeId(700), NodeId(9), NodeId(1_001)].into_iter());
        let ids: Vec<u32> = part.summaries().map(|it| it.id.0).collect();
        assert_eq!(ids, [1, 2, 4, 5, 9, 10, 21, 43, 87, 175, 350, 700]);
    }
}
