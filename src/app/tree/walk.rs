//! The tree on the screen: what arrives, and where one goes.

use crate::app::action::Direction;
use crate::app::effect::{Effect, StoreEffect};
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::Job;
use crate::app::job::answer::Outcome;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::Usd;
use crate::tree::{NodeId, NodeState, PictureRef};

/// Milliseconds: requests of one press are saved one after the other, each in less.
const AT_ONCE_MS: u64 = 1_000;

pub(in crate::app) fn follow(model: &mut Model, on: bool) {
    model.trail.follow = on;
    let text = if on {
        "follow is on: the next edit starts from the newest result"
    } else {
        "follow is off: canvas and draft stay where they are"
    };
    model.say(Notice::new(Tone::Info, text));
}

pub(in crate::app) fn set_state(model: &mut Model, id: NodeId, state: NodeState) {
    model.tree.change(id, |summary| summary.state = state);
    if let Some(node) = model.nodes.get_mut(&id) {
        node.state = state;
    }
}

/// Pictures of a result that is not whole yet; whether there are any new ones.
pub(in crate::app) fn add_pictures(model: &mut Model, id: NodeId, outcome: &Outcome) -> bool {
    let Some(mut node) = model.nodes.remove(&id) else {
        return false;
    };
    let is_new = node.pictures != outcome.pictures;
    node.pictures.clone_from(&outcome.pictures);
    model.insert_node(node);
    is_new
}

/// The node's pictures are in place.
pub(in crate::app) fn complete(
    model: &mut Model,
    id: NodeId,
    outcome: &Outcome,
    cost: Option<Usd>,
) {
    let Some(mut node) = model.nodes.remove(&id) else {
        return;
    };
    node.state = NodeState::Done;
    node.pictures.clone_from(&outcome.pictures);
    node.seed = outcome.seed;
    node.request_id.clone_from(&outcome.request_id);
    node.served_from.clone_from(&outcome.served_from);
    node.timings.clone_from(&outcome.timings);
    (node.cost, node.is_exact) = (cost, false);
    model.insert_node(node);
    model.draft.lock_seed(outcome.seed);
}

/// A result is there, and was told: follow it, unless a draft with letters is being composed from another.
pub(in crate::app) fn arrive(model: &mut Model, id: NodeId) {
    let Some(picture) = best_picture(model, id) else {
        return;
    };
    if let Some(parent) = model.tree.parent(id) {
        model.trail.visited.insert(parent, id);
    }
    if !model.trail.follow && model.current.is_some() {
        return;
    }
    if is_one_of_several(model, id) && model.current.is_some() {
        // They are for choosing among: what was shown stays, and is what the next edit starts from.
        return model.add_hint(Hint::to(CommandId::Sheet, "show them side by side"));
    }
    model.current = Some(picture);
    if model.picture(picture).is_some_and(|picture| picture.nsfw || !picture.is_picture()) {
        // Nobody goes on from a black picture or a film: the draft keeps the one it had.
        return;
    }
    let has_boxes = !model.draft.regions.is_empty() && model.takes_boxes();
    if !model.draft.is_pinned() && !has_boxes {
        model.draft.parent = Some(picture);
        model.draft.regions.clear();
        model.draft.references.clear();
        model.composer.is_dirty = true;
    } else if model.draft.parent.is_some_and(|parent| parent.node != id) {
        let from = model.draft.parent.map_or_else(String::new, |parent| parent.node.to_string());
        let hint = Hint::to(CommandId::EditPicture, format!("start from {id}"));
        model.say_also(&format!("this draft still starts from {from}"), hint);
    }
}

/// Others were sent with it at once, from the same picture or all from words alone.
fn is_one_of_several(model: &Model, id: NodeId) -> bool {
    let from = |job: &Job| job.spec.recipe.inputs.first().cloned();
    let Some(own) = model.jobs.values().rev().find(|job| job.node == id) else {
        return false;
    };
    let at_once = |job: &&Job| {
        let had_ended = job.ended_at.is_some_and(|ended| ended <= own.at);
        job.node != id && !had_ended && job.at.0.abs_diff(own.at.0) < AT_ONCE_MS
    };
    model.jobs.values().filter(at_once).any(|job| from(job) == from(own))
}

/// The first picture that the filter has left alone, else the first.
pub(in crate::app) fn best_picture(model: &Model, id: NodeId) -> Option<PictureRef> {
    let pictures = &model.nodes.get(&id)?.pictures;
    let good = pictures.iter().find(|picture| !picture.nsfw).or(pictures.first())?;
    Some(PictureRef { node: id, picture: good.hash })
}

pub(in crate::app) fn show(model: &mut Model, picture: PictureRef) {
    if let Some(parent) = model.tree.parent(picture.node) {
        model.trail.visited.insert(parent, picture.node);
    }
    model.trail.awaited = None;
    model.current = Some(picture);
}

/// To a node by its number. One that is not loaded is gone to when it is.
pub(in crate::app) fn go_to(model: &mut Model, out: &mut Effects, node: NodeId) {
    let refused = match model.tree.get(node) {
        None => Some(format!("there is no {node} in this project")),
        Some(summary) if summary.trashed => Some(format!("{node} is in the trash")),
        Some(summary) if summary.pictures == 0 => Some(format!("{node} has no picture to show")),
        Some(_) => None,
    };
    if let Some(text) = refused {
        return model.say(Notice::new(Tone::Info, text));
    }
    model.trail.awaited = Some(node);
    if !model.nodes.contains_key(&node) {
        out.push(Effect::Store(StoreEffect::LoadNodes(vec![node])));
    }
    reach(model);
}

/// Where one wanted to go may be there by now.
pub(in crate::app) fn reach(model: &mut Model) {
    if let Some(picture) = model.trail.awaited.and_then(|node| best_picture(model, node)) {
        model.trail.awaited = None;
        show(model, picture);
    }
}

pub(in crate::app) fn go(model: &mut Model, out: &mut Effects, to: Direction, times: u16) {
    for _ in 0..times.max(1) {
        let Some(current) = model.current else {
            return model.say(Notice::new(Tone::Info, "there is no picture yet"));
        };
        let Some(next) = neighbour(model, current, to) else {
            return model.say(Notice::new(Tone::Info, end_of(to)));
        };
        match next {
            Next::Picture(picture) => show(model, picture),
            Next::Node(node) => match best_picture(model, node) {
                Some(picture) => show(model, picture),
                // Its picture is not loaded, or not made yet.
                None => {
                    out.push(Effect::Store(StoreEffect::LoadNodes(vec![node])));
                    let text = format!("{node} has no picture to show yet");
                    return model.say(Notice::new(Tone::Info, text));
                }
            },
        }
    }
}

enum Next {
    Picture(PictureRef),
    Node(NodeId),
}

fn neighbour(model: &Model, current: PictureRef, to: Direction) -> Option<Next> {
    let id = current.node;
    match to {
        Direction::Parent => {
            // The very picture that went in, not only its node.
            let parent = model.nodes.get(&id).and_then(|node| node.parent);
            let node = || model.tree.parent(id).map(Next::Node);
            parent.map(Next::Picture).or_else(node)
        }
        Direction::Child => {
            let pictured =
                |node: &NodeId| model.tree.get(*node).is_some_and(|summary| summary.pictures > 0);
            let last = model.trail.visited.get(&id).copied();
            let last = last.filter(|child| model.tree.children(id).any(|other| other == *child));
            last.or_else(|| model.tree.children(id).rev().find(pictured)).map(Next::Node)
        }
        Direction::NextSibling => beside(model, current, 1),
        Direction::PreviousSibling => beside(model, current, -1),
        Direction::Newest => model.tree.newest().map(Next::Node),
        Direction::Root => {
            let first = model.tree.path(id).first().copied();
            first.filter(|first| *first != id).map(Next::Node)
        }
    }
}

/// First the other pictures of the same node, then the nodes beside it.
fn beside(model: &Model, current: PictureRef, by: isize) -> Option<Next> {
    let pictures = &model.nodes.get(&current.node)?.pictures;
    let at = pictures.iter().position(|picture| picture.hash == current.picture)?;
    if let Some(picture) = at.checked_add_signed(by).and_then(|at| pictures.get(at)) {
        return Some(Next::Picture(PictureRef { node: current.node, picture: picture.hash }));
    }
    let siblings = model.tree.siblings(current.node);
    let at = siblings.iter().position(|sibling| *sibling == current.node)?;
    siblings.get(at.checked_add_signed(by)?).copied().map(Next::Node)
}

fn end_of(to: Direction) -> &'static str {
    match to {
        Direction::Parent | Direction::Root => "this is the root",
        Direction::Child => "this picture has no children yet",
        Direction::NextSibling | Direction::PreviousSibling => "no more siblings",
        Direction::Newest => "there is no picture yet",
    }
}
