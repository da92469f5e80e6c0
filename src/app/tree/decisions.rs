//! Decisions: made, undone, made again.

use crate::app::draft::Trashed;
use crate::app::effect::{Effect, StoreEffect};
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::app::tree::walk::{self, best_picture};
use crate::tree::decision::{Change, Entry, Mark};
use crate::tree::{Node, NodeId, PictureRef};

/// Rates, names, stars or trashes a node.
pub(in crate::app) fn set_mark(model: &mut Model, out: &mut Effects, node: NodeId, mark: Mark) {
    let known = model.nodes.get(&node);
    match mark {
        Mark::Star(on) => decide(model, out, Change::Star { node, on }),
        Mark::Trash(on) => {
            decide(model, out, Change::Trash { node, on });
            say_trash(model, node, on);
        }
        Mark::Rating(to) => {
            let from = known.map_or(0, |node| node.rating);
            if from != to {
                decide(model, out, Change::Rate { node, from, to });
            }
        }
        Mark::Name(to) => {
            let from = known.and_then(|node| node.name.clone());
            decide(model, out, Change::Name { node, from, to });
        }
    }
}

/// Makes a decision: applied, appended, undoable.
pub(in crate::app) fn decide(model: &mut Model, out: &mut Effects, change: Change) {
    apply(model, &change);
    model.decisions.did(change.clone());
    out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Did(change))));
}

pub(in crate::app) fn undo(model: &mut Model, out: &mut Effects, times: u16) {
    for _ in 0..times.max(1) {
        let Some(change) = model.decisions.undo() else {
            return model.say(Notice::new(Tone::Info, "nothing to undo"));
        };
        apply(model, &change);
        out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Undid)));
        if let Change::Trash { node, on: false } = change {
            return_to(model, out, node);
        }
        model.say(Notice::new(Tone::Info, format!("undone: {}", describe(&change.inverse()))));
    }
}

pub(in crate::app) fn redo(model: &mut Model, out: &mut Effects, times: u16) {
    for _ in 0..times.max(1) {
        let Some(change) = model.decisions.redo() else {
            return model.say(Notice::new(Tone::Info, "nothing to redo"));
        };
        apply(model, &change);
        out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Redid)));
        model.say(Notice::new(Tone::Info, format!("again: {}", describe(&change))));
    }
}

/// To what is back from the trash. The next edit starts where it did before that left, wherever one
/// has gone meanwhile, unless another start was chosen or words were begun since.
fn return_to(model: &mut Model, out: &mut Effects, node: NodeId) {
    let goes_along = model.draft.parent == model.current && !model.draft.is_pinned();
    let left = model.composer.trashed.remove(&node);
    let has_pictures = model.tree.get(node).is_some_and(|summary| summary.pictures > 0);
    if has_pictures {
        walk::go_to(model, out, node);
    }
    let is_back = model.current.is_some_and(|current| current.node == node);
    let stays = |left: &Trashed| {
        left.to == model.draft.parent && (left.had_words || !model.draft.is_pinned())
    };
    let parent = match left {
        Some(left) if stays(&left) => left.from,
        // In the session before.
        None if goes_along && has_pictures && is_back => model.current,
        Some(_) | None => return,
    };
    model.draft.parent = parent;
    model.composer.is_dirty = true;
}

fn say_trash(model: &mut Model, node: NodeId, on: bool) {
    let along = match model.tree.below(node).len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    model.say(match on {
        true => Notice::new(Tone::Info, format!("{node}{along} in the trash")).hint(Hint::to(
            CommandId::Undo,
            "bring it back; the trash keeps it for 30 days or more",
        )),
        false => Notice::new(Tone::Info, format!("{node} is back from the trash")),
    });
}

fn apply(model: &mut Model, change: &Change) {
    match change.clone() {
        Change::Star { node, on } => {
            model.tree.change(node, |summary| summary.starred = on);
            mark(model, node, |node| node.starred = on);
        }
        Change::Trash { node, on } => {
            model.tree.change(node, |summary| summary.trashed = on);
            mark(model, node, |node| node.trashed = on);
            if on {
                leave_trashed(model, node);
            }
        }
        Change::Rate { node, to, .. } => mark(model, node, |node| node.rating = to),
        Change::Name { node, to, .. } => mark(model, node, |node| node.name = to),
        Change::Value { name, to, .. } => {
            model.composer.field_errors.remove(&name);
            match to {
                Some(value) => drop(model.draft.values.insert(name, value)),
                None => drop(model.draft.values.remove(&name)),
            }
            model.composer.is_dirty = true;
        }
        Change::Parent { to, .. } => {
            model.draft.parent = to;
            model.composer.is_dirty = true;
        }
        Change::References { to, .. } => {
            model.draft.references = to;
            model.composer.is_dirty = true;
        }
        Change::Regions { to, .. } => {
            model.draft.regions = to;
            model.composer.is_dirty = true;
        }
    }
}

/// What only a whole node knows; one that is not loaded comes with it from the store.
fn mark(model: &mut Model, id: NodeId, set: impl FnOnce(&mut Node)) {
    if let Some(mut node) = model.nodes.remove(&id) {
        set(&mut node);
        model.insert_node(node);
    }
}

/// The canvas must not go on showing what was thrown away. A draft with words in it goes back to
/// what that was made from; one without goes where the canvas goes.
fn leave_trashed(model: &mut Model, id: NodeId) {
    let inside = |picture: Option<PictureRef>| {
        picture.is_some_and(|picture| model.tree.path(picture.node).contains(&id))
    };
    let (canvas, draft) = (inside(model.current), inside(model.draft.parent));
    let parent = match model.nodes.get(&id) {
        Some(node) => node.parent,
        None => model.tree.parent(id).and_then(|parent| best_picture(model, parent)),
    };
    let neighbour = beside_trashed(model, id).or(parent);
    let fallback = neighbour.or_else(|| best_picture(model, model.tree.newest()?));
    if canvas {
        model.current = fallback;
    }
    let (from, had_words) = (model.draft.parent, model.draft.is_pinned());
    if draft {
        model.draft.parent = parent.filter(|_| had_words).or(fallback);
        model.composer.is_dirty = true;
    }
    model.composer.trashed.insert(id, Trashed { from, to: model.draft.parent, had_words });
}

/// The next one beside what was thrown away, else the one before.
fn beside_trashed(model: &Model, id: NodeId) -> Option<PictureRef> {
    let siblings = model.tree.siblings(id);
    let next = siblings.iter().filter(|other| **other > id);
    let before = siblings.iter().rev().filter(|other| **other < id);
    next.chain(before).find_map(|other| best_picture(model, *other))
}

fn describe(change: &Change) -> String {
    match change {
        Change::Star { node, on: true } => format!("star {node}"),
        Change::Star { node, on: false } => format!("unstar {node}"),
        Change::Trash { node, on: true } => format!("trash {node}"),
        Change::Trash { node, on: false } => format!("bring back {node}"),
        Change::Rate { node, to: 0, .. } => format!("take the rating off {node}"),
        Change::Rate { node, to, .. } => format!("rate {node} {to} of 5"),
        Change::Name { node, to, .. } => match to {
            Some(name) => format!("name {node} `{name}`"),
            None => format!("take the name off {node}"),
        },
        Change::Value { name, .. } => format!("change {name}"),
        Change::Parent { to: Some(picture), .. } => format!("go on from {}", picture.node),
        Change::Parent { to: None, .. } => "start from no picture".into(),
        Change::References { .. } => "change the references".into(),
        Change::Regions { .. } => "change the boxes".into(),
    }
}
