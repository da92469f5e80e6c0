//! Several steps, each on the result of the one before: a list of instructions, a branch done again
//! on other pictures, a branch done again after one of its steps was reworded.
//!
//! The steps that are still to come stand in the order and so in the store: where a job is followed
//! again after a crash, they follow it. They end where a result is filtered, has worn down, or does
//! not come.

use super::super::effect::Effect;
use super::super::job::{JobId, Order};
use super::super::log::Level;
use super::super::model::Model;
use super::super::notice::{Notice, Tone};
use super::money::{self, Why};
use super::{Effects, look, send};
use crate::app::RUINED;
use crate::tree::{Hash, Input, Node, NodeId, NodeState, PictureRef, Recipe};

/// More at one press are surely a slip, and each costs.
const MOST: usize = 50;

/// The lines of the prompt, a step each.
pub(super) fn steps(model: &mut Model, out: &mut Effects) {
    let lines: Vec<String> = model.draft.prompt.lines().filter_map(step).collect();
    let (Some(first), true) = (lines.first(), lines.len() > 1) else {
        let notice = Notice::new(Tone::Info, "write one change a line, then :steps");
        return model.say(notice.hint("Ctrl-J begins a new line"));
    };
    if lines.len() > MOST {
        let text = format!("these are more than {MOST} steps");
        return model.say(Notice::new(Tone::Warning, text));
    }
    if let Some((field, problem)) = model.blockers().first() {
        let text = format!("{field}: {}", problem.message);
        return model.say(Notice::new(Tone::Warning, text));
    }
    let Some(mut order) = send::order_of_draft(model, first) else {
        return;
    };
    let Ok(endpoint) = model.endpoint_for(1) else {
        return model.say(Notice::new(Tone::Warning, "no endpoint goes on from one picture"));
    };
    let mut values = model.values();
    values.retain(|name, _| endpoint.param(name).is_some());
    let id = endpoint.id.clone();
    let rest = lines.into_iter().skip(1);
    let recipe = |prompt| Recipe {
        endpoint: id.clone(),
        prompt,
        values: values.clone(),
        inputs: Vec::new(),
    };
    order.then = rest.map(recipe).collect();
    money::offer(model, out, vec![order], Why::Steps);
}

/// Without the number or the dash of a list.
fn step(line: &str) -> Option<String> {
    let line = line.trim();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = match rest.strip_prefix(['.', ')']) {
        Some(after) if rest.len() < line.len() => after,
        Some(_) | None => line.strip_prefix(['-', '*']).unwrap_or(line),
    };
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The current step with other words, and all that followed it, beside the old branch.
pub(super) fn rebase(model: &mut Model, out: &mut Effects, node: NodeId, words: String) {
    let tip = tip_below(model, node);
    let Some(nodes) = whole_path(model, out, tip) else {
        return;
    };
    let from = nodes.iter().position(|step| step.id == node).unwrap_or(0);
    let mut recipes = recipes(nodes.get(from..).unwrap_or_default());
    let is_made = model.nodes.get(&node).is_some_and(|node| node.recipe.is_some());
    if recipes.is_empty() || !is_made {
        let text = "this picture was opened, not made: there are no words to change";
        return model.say(Notice::new(Tone::Info, text));
    }
    let mut first = recipes.remove(0);
    first.prompt = words;
    let order = Order { then: recipes, ..send::order(model, first) };
    money::offer(model, out, vec![order], Why::Again);
}

/// The steps that led to `node`, on each of these pictures.
pub(super) fn replay(model: &mut Model, out: &mut Effects, node: NodeId, onto: &[PictureRef]) {
    let Some(nodes) = whole_path(model, out, node) else {
        return;
    };
    let mut recipes = recipes(&nodes);
    // What was made from words alone is where a branch begins: the picture takes its place.
    recipes.retain(|recipe| !recipe.inputs.is_empty());
    if recipes.is_empty() || recipes.len() > MOST {
        let text = format!("{node} has no steps that could be done again");
        return model.say(Notice::new(Tone::Info, text));
    }
    let on = |picture: &PictureRef| {
        let mut steps = recipes.clone();
        let first = on_picture(steps.remove(0), *picture);
        Order { then: steps, ..send::order(model, first) }
    };
    let orders = onto.iter().map(on).collect();
    money::offer(model, out, orders, Why::Again);
}

/// From the root to the node, whole; asks for what is not loaded yet.
fn whole_path(model: &mut Model, out: &mut Effects, node: NodeId) -> Option<Vec<Node>> {
    let path = model.tree.path(node);
    let missing: Vec<NodeId> =
        path.iter().copied().filter(|node| !model.nodes.contains_key(node)).collect();
    if !missing.is_empty() {
        out.push(Effect::LoadNodes(missing));
        model.say(Notice::new(Tone::Info, "the branch is being read: once more, please"));
        return None;
    }
    Some(path.iter().filter_map(|node| model.nodes.get(node).cloned()).collect())
}

/// What made these nodes, with the seeds that were drawn. Healed and opened ones have none.
fn recipes(nodes: &[Node]) -> Vec<Recipe> {
    let recipe = |node: &Node| {
        let mut recipe = node.recipe.clone()?;
        if let Some(seed) = node.seed {
            recipe.values.insert("seed".into(), seed.into());
        }
        Some(recipe)
    };
    nodes.iter().filter_map(recipe).collect()
}

/// Down from a node: the child last visited, else the newest that has a picture.
fn tip_below(model: &Model, node: NodeId) -> NodeId {
    let mut tip = node;
    loop {
        let is_done = |child: &NodeId| {
            model.tree.get(*child).is_some_and(|bone| bone.state == NodeState::Done)
        };
        let visited = model.visited.get(&tip).copied().filter(is_done);
        match visited.or_else(|| model.tree.children(tip).rev().find(is_done)) {
            Some(child) => tip = child,
            None => return tip,
        }
    }
}

/// The step with this picture in the place of its first; its references stay.
fn on_picture(mut recipe: Recipe, picture: PictureRef) -> Recipe {
    match recipe.inputs.first_mut() {
        Some(first) => *first = Input::Picture(picture),
        None => recipe.inputs.push(Input::Picture(picture)),
    }
    recipe
}

/// A job is done: the next step, once it is known that the result is worth it.
pub(super) fn go_on(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id).filter(|job| !job.order.then.is_empty()) else {
        return;
    };
    let (node, left) = (job.node, job.order.then.len());
    let result = model.nodes.get(&node).and_then(|node| node.pictures.first().cloned());
    let parent = model.nodes.get(&node).and_then(|node| node.parent);
    let Some(result) = result.filter(|picture| !picture.nsfw && picture.is_picture()) else {
        return stop(model, id, left, &format!("{node} has no picture to go on from"));
    };
    let pair = parent.map(|parent| (parent.picture, result.hash));
    match pair {
        // One that could not be compared before says nothing against going on.
        Some(pair) if model.comparing.contains(&pair) => next(model, out, id),
        Some(pair) if !model.findings.contains_key(&pair) => {
            model.steps_waiting.insert(pair, id);
            look::compare(model, out, pair);
        }
        Some(pair) => check(model, out, id, pair),
        None => next(model, out, id),
    }
}

/// Two pictures were compared: a step may have waited for it.
pub(super) fn compared(model: &mut Model, out: &mut Effects, pair: (Hash, Hash)) {
    if let Some(id) = model.steps_waiting.remove(&pair) {
        check(model, out, id, pair);
    }
}

/// Goes on, unless the last step has ruined what it was not meant to change.
fn check(model: &mut Model, out: &mut Effects, id: JobId, pair: (Hash, Hash)) {
    let outside = model.findings.get(&pair).filter(|found| found.changed < 0.6);
    let ruined = outside.and_then(|found| found.outside).filter(|outside| *outside < RUINED);
    match (ruined, model.jobs.get(&id)) {
        (Some(outside), Some(job)) => {
            let (node, left) = (job.node, job.order.then.len());
            let why = format!("{node} has worn down to {outside:.0} dB outside of the change");
            stop(model, id, left, &why);
        }
        _ => next(model, out, id),
    }
}

fn next(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let (node, mut steps) = (job.node, job.order.then.clone());
    let (profile, left) = (job.order.profile.clone(), steps.len());
    let result = model.nodes.get(&node).and_then(|node| node.pictures.first());
    let Some(picture) = result.map(|picture| PictureRef { node, picture: picture.hash }) else {
        return;
    };
    if model.question.is_some() {
        return stop(model, id, left, "another question was waiting for an answer");
    }
    let first = on_picture(steps.remove(0), picture);
    let order = Order { then: steps, profile, ..send::order(model, first) };
    money::offer(model, out, vec![order], Why::Next);
}

fn stop(model: &mut Model, id: JobId, left: usize, why: &str) {
    let text = format!("{left} steps are not sent: {why}");
    model.note(Level::Warning, Some(id), text.clone());
    model.say(Notice::new(Tone::Warning, text));
}
