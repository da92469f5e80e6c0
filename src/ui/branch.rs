//! The way to where in the tree one is: the root, and the last steps from there.
//!
//! However deep it lies, a key costs the steps that have room. What one is at is told by its number:
//! its words stand at its picture, and here only where they have no room there.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::ui::Ui;
use crate::ui::cells::cut;

/// Columns of one step at most, where they are short.
const STEP: usize = 18;

/// The root of the node that is looked at. Nodes never change their parent.
#[derive(Debug, Default)]
pub struct Root {
    known: Option<(NodeId, NodeId)>,
}

impl Root {
    /// Called after every step. To a neighbour the root is the same; only a leap walks all the way.
    pub(super) fn refresh(&mut self, model: &Model, node: Option<NodeId>) {
        let before = self.known.take();
        let Some(node) = node.filter(|node| model.tree.get(*node).is_some()) else { return };
        let parent = |of| model.tree.parent(of);
        let is_near = |(near, _): &(NodeId, NodeId)| {
            let is_there = model.tree.get(*near).is_some();
            let (up, beside) = (parent(node), parent(*near));
            let is_sibling = up.is_some() && up == beside;
            is_there && (*near == node || up == Some(*near) || beside == Some(node) || is_sibling)
        };
        let root = before.filter(is_near).map(|(_, root)| root);
        let root = root.or_else(|| model.tree.ancestors(node).last());
        self.known = root.map(|root| (node, root));
    }

    fn of(&self, model: &Model, node: NodeId) -> NodeId {
        let known = self.known.filter(|(of, _)| *of == node).map(|(_, root)| root);
        known.or_else(|| model.tree.ancestors(node).last()).unwrap_or(node)
    }
}

/// From the root to what is shown; its middle is left out where it is long, and no name is cut
/// further than it must be for that. To the root itself there is no way. `is_worded`: the words of what
/// is shown stand elsewhere.
pub(super) fn branch(
    model: &Model,
    node: Option<NodeId>,
    (room, is_worded): (usize, bool),
    ui: &Ui,
) -> String {
    let arrow = if ui.theme().ascii { " > " } else { " › " };
    let Some(node) = node else {
        return String::new();
    };
    let path = ends(model, node, room / arrow.width() + 1, &ui.panes.root);
    // Compared, the way tells which of the two is on the screen.
    if is_worded && path.last.is_empty() && ui.compare_with(model).is_none() {
        return String::new();
    }
    let told = |most| steps(model, &path, (room, most, is_worded), arrow);
    let count = |text: &str| text.matches(arrow).count();
    let short = told(STEP);
    let longer = [usize::MAX, 48, 40, 34, 28, 24, 21].into_iter().map(told);
    longer.into_iter().find(|text| count(text) >= count(&short)).unwrap_or(short)
}

/// The root and what comes last, in this order: no more steps than `most`, and whether there are more.
struct Ends {
    root: NodeId,
    last: Vec<NodeId>,
    is_cut: bool,
}

fn ends(model: &Model, node: NodeId, most: usize, root: &Root) -> Ends {
    let root = root.of(model, node);
    let mut last: Vec<_> =
        model.tree.ancestors(node).take_while(|id| *id != root).take(most + 1).collect();
    let is_cut = last.len() > most;
    last.truncate(most);
    last.reverse();
    Ends { root, last, is_cut }
}

/// The same with names of at most so many columns.
fn steps(
    model: &Model,
    path: &Ends,
    (room, most, is_worded): (usize, usize, bool),
    arrow: &str,
) -> String {
    let root = step_name(model, path.root, most);
    let last = |step: NodeId, most| match is_worded {
        true => step.to_string(),
        false => step_name(model, step, most),
    };
    let (mut shown, mut used) = (Vec::new(), root.width());
    // From the end on, with room for the sign of what is left out.
    for (before, step) in path.last.iter().enumerate().rev() {
        // What is shown is told in more words than how it came.
        let name = match shown.is_empty() {
            true => last(*step, most.saturating_mul(3)),
            false => step_name(model, *step, most),
        };
        let wide = arrow.width() + name.width();
        let gap = if before > 0 || path.is_cut { arrow.width() + 1 } else { 0 };
        if used + wide + gap > room {
            break;
        }
        used += wide;
        shown.push(name);
    }
    if shown.is_empty() {
        let last = path.last.last().map_or(root, |step| last(*step, most));
        return cut(&last, room);
    }
    let gap = (path.is_cut || shown.len() < path.last.len()).then(|| "…".to_owned());
    let names = std::iter::once(root).chain(gap).chain(shown.into_iter().rev());
    names.collect::<Vec<_>>().join(arrow)
}

fn step_name(model: &Model, node: NodeId, most: usize) -> String {
    let Some(known) = model.nodes.get(&node) else {
        return node.to_string();
    };
    let words = known.name.as_deref().map_or_else(|| known.caption(), Cow::Borrowed);
    let words = match known.recipe.is_none() {
        true => words.rsplit_once('.').map_or(&*words, |(stem, _)| stem),
        false => &words,
    };
    let lines = words.lines().next().unwrap_or_default();
    cut(lines, most)
}
