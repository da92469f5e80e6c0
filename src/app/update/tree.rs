//! The tree on the screen: what arrives, where one goes, what is marked.

use super::super::action::{Direction, TreeAction};
use super::super::effect::{Effect, StoreEffect};
use super::super::failure::Failure;
use super::super::hint::{CommandId, Hint};
use super::super::job::Job;
use super::super::log::Level;
use super::super::message::{Outcome, StoreSnapshot};
use super::super::model::{Found, Model};
use super::super::notice::{Notice, Tone};
use super::{Effects, send, transitions, waiting};
use crate::app::HITS;
use crate::schema::Usd;
use crate::tree::decision::{Change, Entry, Mark};
use crate::tree::query::Query;
use crate::tree::{Node, NodeId, NodeState, PictureRef};

pub(super) fn on_action(model: &mut Model, out: &mut Effects, action: TreeAction) {
    match action {
        TreeAction::Show(picture) => show(model, picture),
        TreeAction::Go { to, times } => go(model, out, to, times),
        TreeAction::Follow(on) => follow(model, on),
        TreeAction::Mark { node, mark } => set_mark(model, out, node, mark),
        TreeAction::Undo { times } => undo(model, out, times),
        TreeAction::Redo { times } => redo(model, out, times),
        TreeAction::Search(text) => search(model, out, text),
        TreeAction::Need(mut nodes) => {
            nodes.retain(|node| !model.nodes.contains_key(node));
            if !nodes.is_empty() {
                out.push(Effect::Store(StoreEffect::LoadNodes(nodes)));
            }
        }
    }
}

fn follow(model: &mut Model, on: bool) {
    model.follow = on;
    let text = if on {
        "follow: the newest result is what the next edit goes on from"
    } else {
        "follow is off: the canvas and the draft stay where they are"
    };
    model.say(Notice::new(Tone::Info, text));
}

/// What a person thinks of a node.
fn set_mark(model: &mut Model, out: &mut Effects, node: NodeId, mark: Mark) {
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

/// What the store holds now; others may have added to it.
pub(super) fn take_snapshot(model: &mut Model, out: &mut Effects, snapshot: StoreSnapshot) {
    let first = model.loading;
    model.loading = false;
    (model.spent.day, model.spent.day_ends) = (snapshot.day, snapshot.day_ends);
    let before = model.tree.newest();
    for summary in snapshot.summaries {
        model.tree.insert(summary);
    }
    for node in snapshot.nodes {
        model.insert_node(node);
    }
    for job in snapshot.jobs {
        take_job(model, out, job);
    }
    let stale: Vec<_> = model
        .nodes
        .values()
        .filter(|node| model.tree.get(node.id).is_some_and(|summary| summary.state != node.state))
        .map(|node| node.id)
        .collect();
    if !stale.is_empty() {
        out.push(Effect::Store(StoreEffect::LoadNodes(stale)));
    }
    if model.current.is_none() && !model.looks.is_safe_start {
        model.current = snapshot.current;
        model.draft.parent = model.draft.parent.or(snapshot.current);
    }
    let newest = model.tree.newest();
    if let (false, Some(node)) = (first, newest)
        && newest > before
        && model.tree.get(node).is_some_and(|summary| summary.state == NodeState::Done)
    {
        model.note(Level::Info, None, format!("{node} came from another editree"));
        arrive(model, node);
    }
}

/// A job that another instance may know more of; our own we know best.
fn take_job(model: &mut Model, out: &mut Effects, job: Job) {
    if let Some(known) = model.jobs.get(&job.id).filter(|known| known.owned) {
        let was_taken_over = !job.owned && known.durable && !known.state.is_final();
        if was_taken_over {
            transitions::release_ownership(model, out, job.id);
        }
        return;
    }
    let (id, ours) = (job.id, job.owned);
    model.jobs.insert(id, job);
    if ours {
        model.queue.push(id);
        transitions::go_on(model, out, id);
        waiting::try_now(model, out, id);
    }
}

pub(super) fn set_state(model: &mut Model, id: NodeId, state: NodeState) {
    model.tree.change(id, |summary| summary.state = state);
    if let Some(node) = model.nodes.get_mut(&id) {
        node.state = state;
    }
}

/// Pictures of a result that is not whole yet; whether there are any new ones.
pub(super) fn add_pictures(model: &mut Model, id: NodeId, outcome: &Outcome) -> bool {
    let Some(mut node) = model.nodes.remove(&id) else {
        return false;
    };
    let is_new = node.pictures != outcome.pictures;
    node.pictures.clone_from(&outcome.pictures);
    model.insert_node(node);
    is_new
}

/// The node's pictures are in place.
pub(super) fn complete(model: &mut Model, id: NodeId, outcome: &Outcome, cost: Option<Usd>) {
    let Some(mut node) = model.nodes.remove(&id) else {
        return;
    };
    node.state = NodeState::Done;
    node.pictures.clone_from(&outcome.pictures);
    node.seed = outcome.seed;
    node.request_id.clone_from(&outcome.request_id);
    node.served_from.clone_from(&outcome.served_from);
    node.timings.clone_from(&outcome.timings);
    node.cost = cost;
    model.insert_node(node);
    send::lock_seed(model, outcome.seed);
}

/// A result is there: follow it, unless a draft with letters is being composed from another.
pub(super) fn arrive(model: &mut Model, id: NodeId) {
    let Some(picture) = best_picture(model, id) else {
        return;
    };
    if let Some(parent) = model.tree.parent(id) {
        model.visited.insert(parent, id);
    }
    if !model.follow && model.current.is_some() {
        return;
    }
    model.current = Some(picture);
    if model.picture(picture).is_some_and(|picture| picture.nsfw || !picture.is_picture()) {
        // Nobody goes on from a black picture or a film: the draft keeps the one it had.
        return;
    }
    if !model.draft.is_pinned() {
        model.draft.parent = Some(picture);
        model.draft.references.clear();
        model.draft_dirty = true;
    } else if model.draft.parent.is_some_and(|parent| parent.node != id) {
        let from = model.draft.parent.map_or_else(String::new, |parent| parent.node.to_string());
        let text = format!("{id} is here; this draft still goes on from {from}");
        let hint = Hint::to(CommandId::EditPicture, format!("go on from {id}"));
        model.say(Notice::new(Tone::Good, text).hint(hint));
    }
}

/// The first picture that the filter has left alone, else the first.
fn best_picture(model: &Model, id: NodeId) -> Option<PictureRef> {
    let pictures = &model.nodes.get(&id)?.pictures;
    let good = pictures.iter().find(|picture| !picture.nsfw).or(pictures.first())?;
    Some(PictureRef { node: id, picture: good.hash })
}

pub(super) fn show(model: &mut Model, picture: PictureRef) {
    if let Some(parent) = model.tree.parent(picture.node) {
        model.visited.insert(parent, picture.node);
    }
    model.current = Some(picture);
}

pub(super) fn go(model: &mut Model, out: &mut Effects, to: Direction, times: u16) {
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
            let last = model.visited.get(&id).copied();
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
        Direction::Parent | Direction::Root => "this is where it began",
        Direction::Child => "nothing came of this picture yet",
        Direction::NextSibling | Direction::PreviousSibling => "no further picture beside this one",
        Direction::Newest => "there is no picture yet",
    }
}

/// Makes a decision: applied, appended, undoable.
pub(super) fn decide(model: &mut Model, out: &mut Effects, change: Change) {
    apply(model, &change);
    model.decisions.did(change.clone());
    out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Did(change))));
}

pub(super) fn undo(model: &mut Model, out: &mut Effects, times: u16) {
    for _ in 0..times.max(1) {
        let Some(change) = model.decisions.undo() else {
            return model.say(Notice::new(Tone::Info, "nothing to undo"));
        };
        apply(model, &change);
        out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Undid)));
        model.say(Notice::new(Tone::Info, format!("undone: {}", describe(&change.inverse()))));
    }
}

pub(super) fn redo(model: &mut Model, out: &mut Effects, times: u16) {
    for _ in 0..times.max(1) {
        let Some(change) = model.decisions.redo() else {
            return model.say(Notice::new(Tone::Info, "nothing to redo"));
        };
        apply(model, &change);
        out.push(Effect::Store(StoreEffect::AppendDecision(Entry::Redid)));
        model.say(Notice::new(Tone::Info, format!("again: {}", describe(&change))));
    }
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
            model.field_errors.remove(&name);
            match to {
                Some(value) => drop(model.draft.values.insert(name, value)),
                None => drop(model.draft.values.remove(&name)),
            }
            model.draft_dirty = true;
        }
        Change::Parent { to, .. } => {
            model.draft.parent = to;
            model.draft_dirty = true;
        }
        Change::References { to, .. } => {
            model.draft.references = to;
            model.draft_dirty = true;
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
    if draft {
        let is_pinned = model.draft.is_pinned();
        model.draft.parent = parent.filter(|_| is_pinned).or(fallback);
    }
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
        Change::Parent { to: None, .. } => "go on from no picture".into(),
        Change::References { .. } => "change the references".into(),
    }
}

/// Asks the store, unless the words mean nothing.
fn search(model: &mut Model, out: &mut Effects, text: String) {
    match Query::read(&text) {
        Ok(query) if query.is_empty() => model.found = Found { text, ..Found::default() },
        Ok(query) => {
            let utc_offset = model.utc_offset;
            out.push(Effect::Store(StoreEffect::Search { text, query, utc_offset }));
        }
        Err(problem) => {
            let problem = Some(problem);
            model.found = Found { text, problem, ..Found::default() };
        }
    }
}

pub(super) fn found(model: &mut Model, text: String, nodes: Result<Vec<Node>, Failure>) {
    match nodes {
        Ok(nodes) => {
            let is_cut = nodes.len() >= HITS;
            let ids = nodes.iter().map(|node| node.id).collect();
            nodes.into_iter().for_each(|node| model.insert_node(node));
            model.found = Found { text, nodes: ids, problem: None, is_cut };
        }
        Err(failure) => {
            let problem = Some(failure.message);
            model.found = Found { text, problem, ..Found::default() };
        }
    }
}
