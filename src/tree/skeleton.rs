//! The tree as rows: depth first, the first child first, every child on a rail of its parent.
//!
//! ```text
//!  ◆ n1            a root
//!  ├─● n2          a branch: its parent has several children
//!  │ └─● n3        a step: the only child of the row above
//!  │   ├─● n4      rails hang below the row that they belong to
//!  │   └─● n5
//!  └─● n6
//!    └─● n13  ▸6   a chain is folded into its last step
//! ```
//!
//! Knows no words. Invariant: rows of one level are led in alike; a row's rails follow from the row
//! and those that [`Row::up`] leads to; so only what is seen has to be laid out.

use std::collections::BTreeSet;

use super::index::TreeIndex;
use super::{NodeId, NodeState};

/// One line of the drawn tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub node: NodeId,
    pub link: Link,
    /// No sibling comes after the branch that the row is on, so that its rail has ended.
    pub is_last: bool,
    /// The place among the rows of the one that the branch has left.
    pub up: u32,
    /// So many nodes are folded away here.
    pub hidden: u32,
    /// So many nodes are in the rows up to this one, folded ones among them.
    pub upto: u32,
    /// So many rows lead to it.
    pub depth: u16,
}

/// How a row hangs on the one that it came of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Root,
    /// One of several children.
    Branch,
    /// The only child.
    Step,
}

/// What is folded away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// What came of these nodes.
    pub below: BTreeSet<NodeId>,
    /// Whether long chains are folded into their last step.
    pub chains: bool,
    /// The first steps of chains that are not.
    pub open: BTreeSet<NodeId>,
}

/// Fewer steps are not worth a fold.
const SHORTEST: usize = 3;
/// In fewer columns rails have the room of two branches, and of one.
const NARROW: u16 = 24;
const NARROWEST: u16 = 20;
/// In fewer columns a level always has one.
const DENSE: u16 = 22;

/// From here on levels of two columns may take a quarter; in fewer columns, words need them.
const WIDE: u16 = 30;

/// All rows.
pub fn rows(tree: &TreeIndex, folds: &Folds) -> Vec<Row> {
    let mut rows = Vec::with_capacity(tree.len());
    let row = |node, link| Row { node, link, is_last: true, up: 0, hidden: 0, upto: 0, depth: 0 };
    let mut stack: Vec<Row> = tree.roots().rev().map(|node| row(node, Link::Root)).collect();
    while let Some(head) = stack.pop() {
        let last = chain(tree, folds, head, &mut rows);
        if folds.below.contains(&last) {
            continue;
        }
        let up = u32::try_from(rows.len() - 1).unwrap_or(u32::MAX);
        let depth = rows.last().map_or(0, |row| row.depth).saturating_add(1);
        let children = (0..).zip(tree.children(last).rev());
        let branch =
            |(back, child)| Row { up, depth, is_last: back == 0, ..row(child, Link::Branch) };
        stack.extend(children.map(branch));
    }
    rows
}

/// The rows of a branch down to where it forks or ends; the node there.
fn chain(tree: &TreeIndex, folds: &Folds, head: Row, rows: &mut Vec<Row>) -> NodeId {
    let mut row = head;
    // So many steps were found not to be folded.
    let mut free = 0;
    loop {
        let is_folded = folds.below.contains(&row.node);
        let below = if is_folded { tree.below(row.node).len() } else { 0 };
        row.hidden = row.hidden.saturating_add(u32::try_from(below).unwrap_or(u32::MAX));
        let before = rows.last().map_or(0, |before| before.upto);
        row.upto = before.saturating_add(row.hidden).saturating_add(1);
        rows.push(row);
        let Some(only) = only_child(tree, row.node).filter(|_| !is_folded) else {
            return row.node;
        };
        let depth = row.depth.saturating_add(1);
        row = Row { node: only, link: Link::Step, hidden: 0, depth, ..row };
        if free > 0 || !folds.chains {
            free = usize::saturating_sub(free, 1);
            continue;
        }
        let (end, count) = foldable(tree, folds, only);
        if count >= SHORTEST && !folds.open.contains(&only) {
            (row.node, row.hidden) = (end, u32::try_from(count).unwrap_or(u32::MAX));
        } else {
            free = count;
        }
    }
}

/// How many steps from this one on may be folded into the one after them.
fn foldable(tree: &TreeIndex, folds: &Folds, first: NodeId) -> (NodeId, usize) {
    let (mut end, mut count) = (first, 0);
    while let Some(next) = only_child(tree, end).filter(|_| is_plain(tree, folds, end)) {
        (end, count) = (next, count + 1);
    }
    (end, count)
}

/// The first step of the fold that hides this node.
pub fn fold_of(tree: &TreeIndex, folds: &Folds, hidden: NodeId) -> NodeId {
    let is_hidden = |node: &NodeId| {
        let parent = tree.parent(*node);
        is_plain(tree, folds, *node) && parent.is_some_and(|it| only_child(tree, it).is_some())
    };
    let up = std::iter::successors(Some(hidden), |node| tree.parent(*node).filter(is_hidden));
    up.last().unwrap_or(hidden)
}

/// Nothing about it has to be seen.
fn is_plain(tree: &TreeIndex, folds: &Folds, node: NodeId) -> bool {
    let is_done = |state| state == NodeState::Done;
    let summary = tree.get(node);
    summary.is_some_and(|it| is_done(it.state) && !it.starred) && !folds.below.contains(&node)
}

fn only_child(tree: &TreeIndex, node: NodeId) -> Option<NodeId> {
    let mut children = tree.children(node);
    children.next().filter(|_| children.next().is_none())
}

/// A piece of a rail, as wide as a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rail {
    /// It passes by.
    Down,
    /// A branch leaves it, and more will.
    Branch,
    /// The last branch leaves it, or the only one.
    Last,
    /// It has ended.
    Blank,
}

impl Rail {
    /// What is below it.
    pub fn below(self) -> Self {
        match self {
            Self::Down | Self::Branch => Self::Down,
            Self::Last | Self::Blank => Self::Blank,
        }
    }
}

/// How far rows are led in: those of one level alike, wherever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indent {
    /// Columns of a level.
    pub level: u16,
    /// So many have room: a deep nest must not push the words away.
    levels: u16,
}

impl Indent {
    /// In so many columns, of which rails have a third, with rows as deep as that: a level has two of
    /// them where that takes few from the words, else one.
    pub fn of(deepest: u16, columns: u16) -> Self {
        let room = match columns {
            0..NARROWEST => 2,
            NARROWEST..NARROW => 4,
            wide => wide / 3,
        };
        let few = if columns < WIDE { 4 } else { columns / 4 };
        let is_dense = Self::is_narrow(columns) || deepest.saturating_mul(2) > few;
        let level = if is_dense { 1 } else { 2 };
        Self { level, levels: room / level }
    }

    /// A tree of so few columns has one for each level.
    pub fn is_narrow(columns: u16) -> bool {
        columns < DENSE
    }
}

/// How deep the deepest of all rows is.
pub fn deepest(rows: &[Row]) -> u16 {
    rows.iter().map(|row| row.depth).max().unwrap_or(0)
}

/// The rails of a row, from the nearest one outwards. Of one that is deeper than there is room only
/// the nearest one is kept: those further out would stand where no branch begins.
pub fn nearest_rails(rows: &[Row], at: usize, indent: Indent) -> impl Iterator<Item = Rail> {
    let is_cut = rows.get(at).is_some_and(|row| row.depth > indent.levels);
    let (kept, blank) = match is_cut {
        true => (1, usize::from(indent.levels.saturating_sub(1))),
        false => (usize::MAX, 0),
    };
    rails(rows, at).take(kept).chain(std::iter::repeat_n(Rail::Blank, blank))
}

/// The rails left of a row, from the nearest one outwards.
pub fn rails(rows: &[Row], at: usize) -> impl Iterator<Item = Rail> {
    let up = |at: &usize| {
        let row = rows.get(*at)?;
        let up = match row.link {
            Link::Root => return None,
            Link::Branch => usize::try_from(row.up).ok()?,
            Link::Step => at.checked_sub(1)?,
        };
        (up < *at).then_some(up)
    };
    let on = std::iter::successors(Some(at), up).filter_map(|at| rows.get(at));
    let rail = |(level, row): (usize, &Row)| match (row.link, level, row.is_last) {
        (Link::Root, ..) => None,
        (Link::Step, 0, _) => Some(Rail::Last),
        (Link::Step, ..) => Some(Rail::Blank),
        (Link::Branch, 0, false) => Some(Rail::Branch),
        (Link::Branch, 0, true) => Some(Rail::Last),
        (Link::Branch, _, false) => Some(Rail::Down),
        (Link::Branch, _, true) => Some(Rail::Blank),
    };
    on.enumerate().map_while(rail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::index::NodeSummary;

    #[test]
    fn a_chain_is_led_in_so_far_however_long_it_is() {
        let chain: Vec<(u32, u32)> = (1..=100).map(|node| (node, node - 1)).collect();
        let rows = rows(&tree(&chain), &Folds::default());
        let led_in = |at, columns| led_in(&rows, at, columns);
        assert_eq!([3, 26, 60, 99].map(|at| led_in(at, 80)), [3, 26, 26, 26]);
        assert_eq!([3, 60].map(|at| led_in(at, 18)), [2, 2]);
    }

    #[test]
    fn rows_of_one_level_stand_in_one_column_with_and_without_siblings() {
        // Below each of two roots: one child alone, and two of them; below both one more.
        let shape = [(1, 0), (2, 1), (3, 2), (4, 0), (5, 4), (6, 4), (7, 6), (8, 7)];
        let mut tree = tree(&shape);
        for (columns, level) in [(18, 1), (23, 1), (33, 2), (80, 2)] {
            let rows = rows(&tree, &Folds::default());
            for (at, row) in rows.iter().enumerate() {
                let levels = if columns < 20 { row.depth.min(2) } else { row.depth };
                assert_eq!(led_in(&rows, at, columns), levels * level, "{columns} {row:?}");
            }
        }
        // With one level less there is room for two columns each.
        tree.change(NodeId(8), |summary| summary.trashed = true);
        let rows = rows(&tree, &Folds::default());
        assert_eq!((0..rows.len()).map(|at| led_in(&rows, at, 23)).max(), Some(4));
    }

    fn led_in(rows: &[Row], at: usize, columns: u16) -> u16 {
        let indent = Indent::of(deepest(rows), columns);
        nearest_rails(rows, at, indent).map(|_| indent.level).sum()
    }

    #[test]
    fn no_row_stands_further_left_than_the_one_that_it_came_of() {
        // Each has two children, of which the second goes on.
        let nest: Vec<(u32, u32)> =
            (1..40).flat_map(|at| [(2 * at, 2 * at - 1), (2 * at + 1, 2 * at - 1)]).collect();
        let nest = [vec![(1, 0)], nest].concat();
        let rows = rows(&tree(&nest), &Folds::default());
        for columns in [18, 22, 24, 36, 80] {
            let on: Vec<u16> = (0..rows.len()).map(|at| led_in(&rows, at, columns)).collect();
            assert!(on.is_sorted(), "{columns}: {on:?}");
            assert!(on.iter().all(|led_in| *led_in <= columns / 3), "{columns}: {on:?}");
        }
    }

    fn tree(parents: &[(u32, u32)]) -> TreeIndex {
        let mut tree = TreeIndex::default();
        for (node, parent) in parents {
            tree.insert(NodeSummary {
                id: NodeId(*node),
                parent: (*parent > 0).then_some(NodeId(*parent)),
                parent_picture: 0,
                pictures: 1,
                state: if *parent > 0 { NodeState::Done } else { NodeState::Root },
                starred: false,
                trashed: false,
                simulated: true,
                cost: None,
            });
        }
        tree
    }

    /// As lines of text.
    fn drawn(tree: &TreeIndex, folds: &Folds) -> Vec<String> {
        let rows = rows(tree, folds);
        let line = |(at, row): (usize, &Row)| {
            let sign = |rail| match rail {
                Rail::Down => "│ ",
                Rail::Branch => "├─",
                Rail::Last => "└─",
                Rail::Blank => "  ",
            };
            let mut rails: Vec<&str> = rails(&rows, at).map(sign).collect();
            rails.reverse();
            let hidden = if row.hidden > 0 { format!(" ▸{}", row.hidden) } else { String::new() };
            format!("{}{}{hidden}", rails.concat(), row.node)
        };
        rows.iter().enumerate().map(line).collect()
    }

    const FOREST: [(u32, u32); 11] =
        [(1, 0), (2, 1), (3, 2), (4, 3), (5, 3), (6, 1), (7, 6), (8, 0), (9, 5), (10, 1), (11, 4)];

    #[test]
    fn every_child_is_on_a_rail_of_its_parent_and_the_first_comes_first() {
        assert_eq!(
            drawn(&tree(&FOREST), &Folds::default()),
            [
                "n1",
                "├─n2",
                "│ └─n3",
                "│   ├─n4",
                "│   │ └─n11",
                "│   └─n5",
                "│     └─n9",
                "├─n6",
                "│ └─n7",
                "└─n10",
                "n8",
            ]
        );
    }

    #[test]
    fn a_chain_is_a_flight_of_stairs_and_is_folded_into_its_last_step() {
        let chain: Vec<(u32, u32)> = (1..=9).map(|node| (node, node - 1)).collect();
        let mut tree = tree(&chain);
        let mut folds = Folds::default();
        assert_eq!(drawn(&tree, &folds).last().map(String::as_str), Some("              └─n9"));
        folds.chains = true;
        assert_eq!(drawn(&tree, &folds), ["n1", "└─n9 ▸7"]);
        tree.change(NodeId(5), |summary| summary.starred = true);
        assert_eq!(drawn(&tree, &folds), ["n1", "└─n5 ▸3", "  └─n9 ▸3"], "what is starred is seen");
        assert_eq!(fold_of(&tree, &folds, NodeId(7)), NodeId(6));
        folds.open.insert(NodeId(6));
        assert_eq!(
            drawn(&tree, &folds),
            ["n1", "└─n5 ▸3", "  └─n6", "    └─n7", "      └─n8", "        └─n9"]
        );
        folds.below.insert(NodeId(5));
        assert_eq!(drawn(&tree, &folds), ["n1", "└─n5 ▸7"]);
    }

    #[test]
    fn a_part_keeps_the_way_to_what_is_kept() {
        let part = tree(&FOREST).part([NodeId(9), NodeId(7)].into_iter());
        assert_eq!(
            drawn(&part, &Folds::default()),
            ["n1", "├─n2", "│ └─n3", "│   └─n5", "│     └─n9", "└─n6", "  └─n7"]
        );
    }
}
