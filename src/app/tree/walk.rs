//! The tree on the screen: what arrives, and where one goes.

use std::collections::BTreeSet;

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
    let takes = sent_with(model, id);
    model.trail.has_seen_takes &= takes == model.trail.takes;
    model.trail.takes = takes;
    if model.trail.chooses && !model.trail.takes.is_empty() && model.current.is_some() {
        // They are for choosing among: what was shown stays, and is what the next edit starts from.
        return model.add_hint(Hint::to(CommandId::Sheet, "see all side by side"));
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

/// It and the others that were sent at once from the same picture, or all from words alone; none
/// where it was alone.
fn sent_with(model: &Model, id: NodeId) -> Vec<NodeId> {
    let from = |job: &Job| job.spec.recipe.inputs.first().cloned();
    let Some(start) = model.jobs.values().rev().find(|job| job.node == id).map(from) else {
        return Vec::new();
    };
    let at_once = |before: &&Job, job: &&Job| {
        let had_ended = before.ended_at.is_some_and(|ended| ended <= job.at);
        !had_ended && job.at.0.abs_diff(before.at.0) < AT_ONCE_MS
    };
    let jobs: Vec<&Job> = model.jobs.values().filter(|job| from(job) == start).collect();
    let sent = jobs.chunk_by(at_once).rev().find(|sent| sent.iter().any(|job| job.node == id));
    let nodes: BTreeSet<NodeId> = sent.into_iter().flatten().map(|job| job.node).collect();
    if nodes.len() > 1 { nodes.into_iter().collect() } else { Vec::new() }
}

/// What the contact sheet has been promised to show: the takes of the last sending, until they were
/// seen, while they are told of and from where they start.
pub fn takes(model: &Model) -> &[NodeId] {
    let hint = model.notice.as_ref().and_then(|notice| notice.hint.as_ref());
    let is_told = matches!(hint, Some(Hint::Do(CommandId::Sheet, _)));
    let takes = model.trail.takes.as_slice();
    let start = takes.first().and_then(|take| model.tree.parent(*take));
    let current = model.current.map(|current| current.node);
    let is_at_start = start.is_some() && start == current;
    // The message is gone before the key that it tells: one reads for longer than that.
    if is_told || is_at_start || offered_takes(model) > 0 { takes } else { &[] }
}

/// How many takes are new: neither has the sheet shown them, nor was one of them gone to.
pub fn offered_takes(model: &Model) -> usize {
    let takes = &model.trail.takes;
    let is_known = model.current.is_some_and(|current| takes.contains(&current.node));
    if model.trail.has_seen_takes || is_known { 0 } else { takes.len() }
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
    let at = siblings.binary_search(&current.node).ok()?;
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
