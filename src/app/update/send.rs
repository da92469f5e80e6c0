//! From a draft or a recipe to a saved job, and from our queue to the service.
//!
//! Invariant: one press is at most one order; nothing leaves the line above the profile's limit.

use super::super::draft::Seed;
use super::super::effect::{Effect, SaveId, StoreEffect};
use super::super::failure::{Failure, FailureKind};
use super::super::hint::{CommandId, Hint};
use super::super::job::{FollowUps, RequestSpec};
use super::super::log::Level;
use super::super::message::Saved;
use super::super::model::Model;
use super::super::notice::{Notice, Tone, failure_notice};
use super::super::prompt_expansion::MAX_VARIANTS;
use super::money::RequestOrigin;
use super::{Effects, money};
use crate::schema::Usd;
use crate::tree::{Input, Node, Recipe};

/// `Enter`: the draft as it stands, once.
pub(super) fn run(model: &mut Model, out: &mut Effects) {
    if model.draft.prompt.trim().is_empty() && needs_words(model) {
        let notice = Notice::new(Tone::Info, "say in the prompt what to change");
        return model
            .say(notice.hint(Hint::to(CommandId::EarlierPrompt, "take what was sent before")));
    }
    if !model.draft.prompt.trim().is_empty() && !model.draft.prompt.contains(char::is_alphanumeric)
    {
        let notice = Notice::new(Tone::Info, "there is no word in the prompt: nothing was sent");
        return model.say(notice.hint(Hint::to(CommandId::Help, "show the keys")));
    }
    let blockers = model.blockers();
    if let Some((field, problem)) = blockers.first() {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        let notice = Notice::new(Tone::Warning, format!("{place}{}", problem.message));
        model.say(match &problem.hint {
            Some(hint) => notice.hint(hint.clone()),
            None => notice,
        });
        return;
    }
    let prompts = model.variations();
    if prompts.len() > MAX_VARIANTS {
        let text = format!("these braces mean more than {MAX_VARIANTS} requests");
        return model.say(Notice::new(Tone::Warning, text).hint("each of them costs; take fewer"));
    }
    let specs: Vec<RequestSpec> =
        prompts.iter().filter_map(|words| order_of_draft(model, words)).collect();
    if !specs.is_empty() {
        money::offer(model, out, specs, RequestOrigin::Draft);
    }
}

/// Single requests, offered together; whatever is sent by hand meanwhile goes first.
pub(super) fn sweep(model: &mut Model, out: &mut Effects, recipes: Vec<Recipe>) {
    let behind = |recipe| RequestSpec { low_priority: true, ..spec(model, recipe) };
    let specs = recipes.into_iter().map(behind).collect();
    money::offer(model, out, specs, RequestOrigin::Sweep);
}

/// The same by hand: count and cost first.
pub(super) fn grid(model: &mut Model, out: &mut Effects, recipes: Vec<Recipe>) {
    let behind = |recipe| RequestSpec { low_priority: true, ..spec(model, recipe) };
    let specs = recipes.into_iter().map(behind).collect();
    money::offer(model, out, specs, RequestOrigin::Grid);
}

/// One call for everything, or the queue.
pub(super) fn choose_sync(model: &mut Model, on: bool) {
    model.run.sync = on;
    model.say(match on {
        true => Notice::new(Tone::Warning, "each request is one call now, without the queue")
            .hint(Hint::to(CommandId::Sync, "go back; a call is lost in a crash")),
        false => Notice::new(Tone::Info, "requests go through the queue"),
    });
}

/// What was sent leaves the prompt, so that a second press sends nothing.
pub(super) fn empty_prompt(model: &mut Model) {
    remember_words(model);
    let sent = std::mem::take(&mut model.draft.prompt);
    model.draft.aside.retain(|words| *words != sent);
    model.draft_dirty = true;
    model.field_errors.clear();
}

fn needs_words(model: &Model) -> bool {
    let endpoint = model.endpoint().ok();
    endpoint.and_then(|endpoint| endpoint.param("prompt")).is_some_and(|prompt| prompt.required)
}

pub(super) fn order_of_draft(model: &Model, words: &str) -> Option<RequestSpec> {
    let endpoint = model.endpoint().ok()?;
    let draft = &model.draft;
    let mut values = model.values();
    // What only another endpoint knows stays in the draft and is not sent.
    values.retain(|name, _| endpoint.param(name).is_some());
    let parent = draft.parent.map(Input::Picture);
    let recipe = Recipe {
        endpoint: endpoint.id.clone(),
        prompt: words.trim().to_owned(),
        values,
        inputs: parent.into_iter().chain(draft.references.iter().cloned()).collect(),
    };
    Some(spec(model, recipe))
}

pub(super) fn spec(model: &Model, recipe: Recipe) -> RequestSpec {
    let endpoint = model.catalogue.find(&recipe.endpoint).ok();
    RequestSpec {
        profile: model.profile.name.clone(),
        simulated: model.profile.simulated,
        price: endpoint.and_then(|endpoint| endpoint.price_of(&recipe.values)),
        recipe,
        resend_of: None,
        sync: model.run.sync,
        webhook: model.run.webhook.clone(),
        follow_ups: FollowUps::default(),
        low_priority: false,
    }
}

fn remember_words(model: &mut Model) {
    let words = model.draft.prompt.trim().to_owned();
    if !words.is_empty() {
        model.prompts.retain(|known| *known != words);
        model.prompts.insert(0, words);
    }
}

/// Saves a request; the job begins when the store has given it its numbers.
pub(super) fn save(model: &mut Model, out: &mut Effects, spec: RequestSpec, ceiling: Option<Usd>) {
    model.next_ticket += 1;
    let save_id = SaveId(model.next_ticket);
    model.saving.insert(save_id, spec.clone());
    out.push(Effect::Store(StoreEffect::Save { save_id, spec: Box::new(spec), ceiling }));
}

pub(super) fn saved(model: &mut Model, save_id: SaveId, saved: Result<Box<Saved>, Failure>) {
    let Some(spec) = model.saving.remove(&save_id) else {
        return;
    };
    match saved {
        Ok(saved) => {
            let Saved { job, node } = *saved;
            let (id, number) = (job.id, node.id);
            let prompt = spec.recipe.prompt;
            model.note(Level::Info, Some(id), format!("{number} saved: {prompt}"));
            model.insert_node(node);
            model.jobs.insert(id, job);
            model.queue.push(id);
        }
        Err(failure) if failure.kind == FailureKind::Budget => {
            model.note(Level::Warning, None, failure.message.clone());
            money::refused(model, spec);
        }
        Err(failure) => {
            model.note(Level::Error, None, failure.message.clone());
            model.say(failure_notice(&failure));
            // Not even saved: the words go back to where they can be sent from.
            if model.draft.prompt.is_empty() {
                model.draft.prompt = spec.recipe.prompt;
            }
        }
    }
}

/// The current node's recipe with new seeds.
pub(super) fn reroll(model: &mut Model, out: &mut Effects, times: u16) {
    let Some(mut recipe) = recipe_of_current(model) else {
        return;
    };
    recipe.values.remove("seed");
    if times > MAX_VARIANTS as u16 {
        let text = format!("{MAX_VARIANTS} at once are the most");
        model.say(Notice::new(Tone::Warning, text));
    }
    let spec = spec(model, recipe);
    let specs = vec![spec; usize::from(times.clamp(1, MAX_VARIANTS as u16))];
    money::offer(model, out, specs, RequestOrigin::Again);
}

/// The current node's recipe with the seed it was answered with.
pub(super) fn rerun(model: &mut Model, out: &mut Effects) {
    let Some(mut recipe) = recipe_of_current(model) else {
        return;
    };
    if let Some(seed) = model.current_node().and_then(|node| node.seed) {
        recipe.values.insert("seed".into(), seed.into());
    }
    let spec = spec(model, recipe);
    money::offer(model, out, vec![spec], RequestOrigin::Same);
}

fn recipe_of_current(model: &mut Model) -> Option<Recipe> {
    let recipe = model.current_node().and_then(|node: &Node| node.recipe.clone());
    if recipe.is_none() {
        let text = "this picture was opened, not made: there is no recipe to repeat";
        model.say(Notice::new(Tone::Info, text).hint("say in the prompt what to change"));
    }
    recipe
}

/// The seed mode after a result: a lock without a seed takes this one.
pub(super) fn lock_seed(model: &mut Model, seed: Option<u64>) {
    if let (Seed::Pinned(None), Some(_)) = (model.draft.seed, seed) {
        model.draft.seed = Seed::Pinned(seed);
    }
}
