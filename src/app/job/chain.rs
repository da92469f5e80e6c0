//! Several steps, each on the result of the one before: a list of instructions, a branch done again
//! on other pictures, a branch done again after one of its steps was reworded.
//!
//! The steps that are still to come stand in the order and so in the store: where a job is followed
//! again after a crash, they follow it. They end where a result is filtered, has worn down, or does
//! not come.

use std::path::PathBuf;

use crate::app::UNUSABLE_BELOW_DB;
use crate::app::action::Terms;
use crate::app::compare::{Comparison, comparing};
use crate::app::draft::prompt_expansion::expand;
use crate::app::draft::{grid, request};
use crate::app::effect::{Effect, StoreEffect};
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::answer::Outcome;
use crate::app::job::spec::{FollowUps, RequestSpec, Step};
use crate::app::job::transitions::move_to;
use crate::app::job::{Job, JobId, State, queue};
use crate::app::log::Level;
use crate::app::message::Saved;
use crate::app::model::Model;
use crate::app::money::budget::{self, RequestOrigin};
use crate::app::money::confirmation::Files;
use crate::app::notice::{Notice, Tone};
use crate::schema::price::{Quote, Size};
use crate::schema::regions;
use crate::tree::{Hash, Input, Node, NodeId, NodeState, PictureRef, Recipe};

/// More at one press are surely a slip, and each costs.
const MAX_STEPS: usize = 50;

/// The lines of the prompt, a step each.
pub(in crate::app) fn steps(model: &mut Model, out: &mut Effects) {
    let lines: Vec<String> = model.draft.prompt.lines().filter_map(step).collect();
    if lines.len() < 2 {
        let notice =
            Notice::new(Tone::Info, "steps need one change on each line; the prompt has one line");
        return model.say(notice.hint(Hint::to(CommandId::Newline, "begin a new line")));
    }
    if lines.len() > MAX_STEPS {
        let text = format!("more than {MAX_STEPS} steps");
        return model.say(Notice::new(Tone::Warning, text));
    }
    let expanded: Vec<Vec<String>> = lines.iter().map(|line| expand(line)).collect();
    if let Some(words) = expanded.iter().find(|all| all.len() > 1).and_then(|all| all.first()) {
        let text = format!("a step is one request; its braces mean several: {words} …");
        return model.say(Notice::new(Tone::Warning, text));
    }
    let lines: Vec<String> = expanded.into_iter().flatten().collect();
    let first = lines.first().map_or("", String::as_str);
    if let Some((field, problem)) = model.blockers().first() {
        let text = format!("{field}: {}", problem.message);
        return model.say(Notice::new(Tone::Warning, text));
    }
    let Some(mut spec) = request::order_of_draft(model, first) else {
        return;
    };
    match later_steps(model, lines.iter().skip(1).cloned()) {
        Ok(recipes) => {
            spec.follow_ups = follow_ups(model, &spec.recipe, recipes);
            budget::offer(model, out, vec![spec], RequestOrigin::Steps);
        }
        Err(problem) => model.say(Notice::new(Tone::Warning, problem)),
    }
}

/// Each on one picture: checked before anything is sent.
fn later_steps(model: &Model, lines: impl Iterator<Item = String>) -> Result<Vec<Recipe>, String> {
    let endpoint = model.endpoint_for(1).map_err(|problem| problem.to_string())?;
    let values = endpoint.adopted(&model.values());
    let step = |prompt: String| {
        let problems = model.catalogue.problems(endpoint, &prompt, &values, 1);
        if let Some((field, problem)) = problems.into_iter().next() {
            let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
            return Err(format!("step `{prompt}`: {place}{}", problem.message));
        }
        let (values, inputs) = (values.clone(), Vec::new());
        Ok(Recipe { endpoint: endpoint.id.clone(), prompt, values, inputs })
    };
    lines.map(step).collect()
}

/// Each is priced on the picture that the one before it will probably make.
fn follow_ups(model: &Model, first: &Recipe, recipes: Vec<Recipe>) -> FollowUps {
    let forecast = |recipe: &Recipe, on: Size| {
        model.catalogue.find(&recipe.endpoint).ok()?.forecast(&recipe.values, on)
    };
    let on = first.inputs.first().and_then(|input| model.size_of(input));
    let mut on = forecast(first, on);
    let step = |recipe: Recipe| {
        let references = recipe.inputs.iter().skip(1).map(|input| model.size_of(input));
        let sizes: Vec<Size> = [on].into_iter().chain(references).collect();
        on = forecast(&recipe, on);
        let endpoint = model.catalogue.find(&recipe.endpoint).ok();
        let quote = endpoint.map(|endpoint| endpoint.quote(&recipe.values, &sizes));
        Step { quote: quote.unwrap_or_default(), recipe }
    };
    FollowUps { steps: recipes.into_iter().map(step).collect(), is_agreed: false }
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

/// The current step with other words, and the steps after it on the branch that was last followed,
/// beside the old one.
pub(in crate::app) fn rebase(model: &mut Model, out: &mut Effects, node: NodeId, words: String) {
    let tip = tip_below(model, node);
    let Some(nodes) = whole_path(model, out, tip) else {
        return;
    };
    let from = nodes.iter().position(|step| step.id == node).unwrap_or(0);
    let line = nodes.get(from..).unwrap_or_default();
    let (sent, left_out): (Vec<&Node>, _) = line.iter().partition(|step| step.recipe.is_some());
    let ids = |steps: Vec<&Node>| steps.into_iter().map(|step| step.id).collect();
    let origin = RequestOrigin::Rebase { sent: ids(sent), left_out: ids(left_out) };
    let mut recipes = recipes(model, line);
    let is_made = model.nodes.get(&node).is_some_and(|node| node.recipe.is_some());
    if recipes.is_empty() || !is_made {
        let text = "an opened file has no prompt to change";
        return model.say(Notice::new(Tone::Info, text));
    }
    let mut first = recipes.remove(0);
    first.prompt = match regions::read(&first.prompt) {
        Some(parsed) => parsed.form.write(&words, &parsed.regions),
        None => words,
    };
    let follow_ups = follow_ups(model, &first, recipes);
    let spec = RequestSpec { follow_ups, ..request::spec(model, first) };
    budget::offer(model, out, vec![spec], origin);
}

/// The steps that led to `node`, on each of these files: they are opened when that was agreed to.
pub(in crate::app) fn replay(
    model: &mut Model,
    out: &mut Effects,
    node: NodeId,
    paths: Vec<PathBuf>,
) {
    let Some(steps) = steps_to(model, out, node) else {
        return;
    };
    if steps.len() * paths.len() > grid::MAX_CELLS {
        let text = format!("more than {} requests", grid::MAX_CELLS);
        return model.say(
            Notice::new(Tone::Warning, text).hint("use fewer pictures; each request is paid for"),
        );
    }
    // Until it is opened, a file is known by its name.
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut steps = steps.clone();
        if let Some(first) = steps.first_mut().and_then(|step| step.inputs.first_mut()) {
            *first = Input::Url(name);
        }
        chained(model, steps)
    };
    let specs = paths.iter().filter_map(named).collect();
    budget::offer_on_files(model, out, specs, Files { node, paths });
}

/// The same on pictures that were opened for it.
pub(in crate::app) fn replay_on(
    model: &mut Model,
    out: &mut Effects,
    node: NodeId,
    onto: &[PictureRef],
    terms: Terms,
) {
    let Some(steps) = steps_to(model, out, node) else {
        return;
    };
    let on = |picture: &PictureRef| {
        let place = |(at, step): (usize, &Recipe)| match at {
            0 => step.clone().on(*picture),
            _ => step.clone(),
        };
        chained(model, steps.iter().enumerate().map(place).collect())
    };
    let specs: Vec<RequestSpec> = onto.iter().filter_map(on).collect();
    let costs: Quote = specs.iter().flat_map(RequestSpec::quotes).sum();
    // Where prices go by size, only the opened pictures tell them.
    match (costs.amount, terms.most) {
        (Some(costs), most) if most.is_none_or(|most| costs > most) => {
            budget::offer(model, out, specs, RequestOrigin::Replay);
        }
        (Some(_) | None, _) => budget::save_agreed(model, out, specs, terms),
    }
}

/// The recipes from the root on; what was made from words alone is where a branch begins, and a
/// picture takes its place.
fn steps_to(model: &mut Model, out: &mut Effects, node: NodeId) -> Option<Vec<Recipe>> {
    let mut recipes = {
        let nodes = whole_path(model, out, node)?;
        recipes(model, &nodes)
    };
    recipes.retain(|recipe| !recipe.inputs.is_empty());
    if recipes.is_empty() {
        let text = format!("{node} has no steps that could be done again");
        model.say(Notice::new(Tone::Info, text));
        return None;
    }
    Some(recipes)
}

/// One request, and the others after it.
fn chained(model: &Model, mut steps: Vec<Recipe>) -> Option<RequestSpec> {
    let later = steps.split_off(1.min(steps.len()));
    let first = steps.pop()?;
    let follow_ups = follow_ups(model, &first, later);
    Some(RequestSpec { follow_ups, ..request::spec(model, first) })
}

/// From the root to the node, whole; asks for what is not loaded yet.
fn whole_path(model: &mut Model, out: &mut Effects, node: NodeId) -> Option<Vec<Node>> {
    let path = model.tree.path(node);
    let missing: Vec<NodeId> =
        path.iter().copied().filter(|node| !model.nodes.contains_key(node)).collect();
    if !missing.is_empty() {
        out.push(Effect::Store(StoreEffect::LoadNodes(missing)));
        model.say(Notice::new(Tone::Info, "loading the branch; try again"));
        return None;
    }
    Some(path.iter().filter_map(|node| model.nodes.get(node).cloned()).collect())
}

/// What made these nodes, with the seeds that were drawn. Healed and opened ones have none.
fn recipes(model: &Model, nodes: &[Node]) -> Vec<Recipe> {
    let recipe = |node: &Node| {
        let mut recipe = node.recipe.clone()?;
        if let Some(seed) = node.seed.filter(|_| model.has_seed(&recipe)) {
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
            let summary = model.tree.get(*child);
            summary.is_some_and(|summary| summary.state == NodeState::Done && summary.is_shown())
        };
        let visited = model.trail.visited.get(&tip).copied().filter(is_done);
        match visited.or_else(|| model.tree.children(tip).rev().find(is_done)) {
            Some(child) => tip = child,
            None => return tip,
        }
    }
}

/// A job is done: the next step leaves once it is known that the result is worth it. Until then it
/// is held.
pub(in crate::app) fn advance(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    outcome: &Outcome,
    next: Option<Box<Saved>>,
) {
    let Some(job) = model.jobs.get(&id) else {
        return;
    };
    let (node, left) = (job.node, job.spec.follow_ups.steps.len());
    let from = job.spec.recipe.inputs.first().and_then(|input| match input {
        Input::Picture(picture) => Some(picture.picture),
        Input::Url(_) => None,
    });
    let Some(next) = next else {
        if left > 0 {
            let text = format!("{left} steps are not sent: {node} has no picture to continue from");
            model.note(Level::Warning, Some(id), text.clone());
            model.say(Notice::new(Tone::Warning, text));
        }
        return;
    };
    let step = next.job.id;
    model.insert_node(next.node);
    // Somebody may have seen it in the store and acted on it already.
    model.jobs.entry(step).or_insert(next.job);
    if left == 0 {
        // It was cancelled, and finished all the same.
        if is_held(model, step) {
            move_to(model, out, step, State::Cancelled, None);
        }
        return;
    }
    let was_before = model.jobs.get(&id).is_some_and(|job| job.at < model.session.started);
    if was_before {
        return hold_step(model, out, step, "its first steps ran in an earlier session");
    }
    let pair = from.zip(outcome.pictures.first().map(|picture| picture.hash));
    let Some(pair) = pair else {
        return send_next(model, out, step);
    };
    match model.comparisons.get(pair) {
        // One that could not be compared before says nothing against going on.
        Some(Comparison::Failed) => send_next(model, out, step),
        Some(Comparison::Done(_)) => check(model, out, step, pair),
        Some(Comparison::Running) | None => {
            if let Some(job) = model.jobs.get_mut(&step) {
                job.work.compares = Some(pair);
            }
            comparing::compare(model, out, pair);
        }
    }
}

/// Two pictures were compared: steps may have waited for it.
pub(in crate::app) fn compared(model: &mut Model, out: &mut Effects, pair: (Hash, Hash)) {
    let waits = |job: &mut Job| job.work.compares.take_if(|it| *it == pair).map(|_| job.id);
    let steps: Vec<JobId> = model.jobs.values_mut().filter_map(waits).collect();
    for step in steps {
        check(model, out, step, pair);
    }
}

/// Goes on, unless the last step has ruined what it was not meant to change.
fn check(model: &mut Model, out: &mut Effects, step: JobId, pair: (Hash, Hash)) {
    let outside = model.comparisons.found(pair).filter(|found| found.changed_fraction < 0.6);
    let ruined = outside
        .and_then(|found| found.unchanged_psnr_db)
        .filter(|outside| *outside < UNUSABLE_BELOW_DB);
    match ruined {
        Some(outside) => {
            let why = format!("its parent has degraded to {outside:.0} dB outside the edit");
            hold_step(model, out, step, &why);
        }
        None => send_next(model, out, step),
    }
}

/// As was agreed to, unless others have spent the budget meanwhile.
fn send_next(model: &mut Model, out: &mut Effects, step: JobId) {
    let Some(job) = model.jobs.get(&step).filter(|_| is_held(model, step)) else {
        return;
    };
    match budget::is_used_up(model).filter(|_| !job.spec.follow_ups.is_agreed) {
        Some(budget) => {
            let why = format!("the budget of {} is used up", model.told(budget));
            hold_step(model, out, step, &why);
        }
        None => queue::release(model, out, step),
    }
}

fn is_held(model: &Model, step: JobId) -> bool {
    model.jobs.get(&step).is_some_and(|job| matches!(job.state, State::Held(_)))
}

/// It stays held, for a person to decide; the reason stays with it.
fn hold_step(model: &mut Model, out: &mut Effects, step: JobId, why: &str) {
    if !is_held(model, step) {
        return;
    }
    move_to(model, out, step, State::Held(why.into()), Some(why.into()));
    let node = model.jobs.get(&step).map_or(NodeId(0), |job| job.node);
    let text = format!("the next step, {node}, is held: {why}");
    model.note(Level::Warning, Some(step), text.clone());
    let hint = Hint::to(CommandId::SendHeld, "send it anyway");
    model.say(Notice::new(Tone::Warning, text).hint(hint));
}
