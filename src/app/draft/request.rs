//! From a draft or a recipe to requests, which are offered: asked about, or saved at once.
//!
//! Invariant: one press is at most one offer.

use crate::app::draft::prompt_expansion::MAX_VARIANTS;
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::spec::{FollowUps, RequestSpec};
use crate::app::model::Model;
use crate::app::money::budget::{self, RequestOrigin};
use crate::app::notice::{Notice, Tone};

use crate::tree::{Input, Node, Recipe};

/// `Enter`: the draft as it stands, once; `origin` tells whether its words are likely to be meant.
pub(in crate::app) fn run(model: &mut Model, out: &mut Effects, origin: RequestOrigin) {
    let has_words = !model.prompt().is_empty();
    if !has_words && needs_words(model) {
        let notice = Notice::new(Tone::Info, "type in the prompt what to change");
        return model
            .say(notice.hint(Hint::to(CommandId::EarlierPrompt, "take what was sent before")));
    }
    if has_words && !model.prompt().contains(char::is_alphanumeric) {
        let notice = Notice::new(Tone::Info, "the prompt has no words; nothing was sent");
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
        let text = format!("the braces expand to more than {MAX_VARIANTS} requests");
        return model.say(Notice::new(Tone::Warning, text).hint("use fewer; each one costs"));
    }
    let specs: Vec<RequestSpec> =
        prompts.iter().filter_map(|words| order_of_draft(model, words)).collect();
    if !specs.is_empty() {
        budget::offer(model, out, specs, origin);
    }
}

/// Single requests, offered together; whatever is sent by hand meanwhile goes first.
pub(in crate::app) fn sweep(model: &mut Model, out: &mut Effects, recipes: Vec<Recipe>) {
    let behind = |recipe| RequestSpec { low_priority: true, ..spec(model, recipe) };
    let specs = recipes.into_iter().map(behind).collect();
    budget::offer(model, out, specs, RequestOrigin::Sweep);
}

/// The same by hand: count and cost first.
pub(in crate::app) fn grid(model: &mut Model, out: &mut Effects, recipes: Vec<Recipe>) {
    let behind = |recipe| RequestSpec { low_priority: true, ..spec(model, recipe) };
    let specs = recipes.into_iter().map(behind).collect();
    budget::offer(model, out, specs, RequestOrigin::Grid);
}

/// One call for everything, or the queue.
pub(in crate::app) fn choose_sync(model: &mut Model, on: bool) {
    model.composer.run.sync = on;
    model.say(match on {
        true => Notice::new(Tone::Warning, "each request is one call now, without the queue")
            .hint(Hint::to(CommandId::Sync, "go back; a call is lost in a crash")),
        false => Notice::new(Tone::Info, "requests go through the queue"),
    });
}

fn needs_words(model: &Model) -> bool {
    let endpoint = model.endpoint().ok();
    endpoint.and_then(|endpoint| endpoint.param("prompt")).is_some_and(|prompt| prompt.required)
}

pub(in crate::app) fn order_of_draft(model: &Model, words: &str) -> Option<RequestSpec> {
    let endpoint = model.endpoint().ok()?;
    let draft = &model.draft;
    // What only another endpoint knows stays in the draft and is not sent.
    let values = model.values();
    let parent = draft.parent.map(Input::Picture);
    let recipe = Recipe {
        endpoint: endpoint.id.clone(),
        prompt: draft.sent_prompt(endpoint, words),
        values,
        inputs: parent.into_iter().chain(draft.references.iter().cloned()).collect(),
    };
    Some(spec(model, recipe))
}

pub(in crate::app) fn spec(model: &Model, recipe: Recipe) -> RequestSpec {
    RequestSpec {
        profile: model.profile.name.clone(),
        simulated: model.profile.simulated,
        quote: model.quote(&recipe),
        recipe,
        resend_of: None,
        sync: model.composer.run.sync,
        webhook: model.composer.run.webhook.clone(),
        follow_ups: FollowUps::default(),
        low_priority: false,
    }
}

/// The current node's recipe with new seeds.
pub(in crate::app) fn reroll(model: &mut Model, out: &mut Effects, times: u16) {
    let Some(mut recipe) = recipe_of_current(model) else {
        return;
    };
    recipe.values.remove("seed");
    if times > MAX_VARIANTS as u16 {
        let text = format!("at most {MAX_VARIANTS} at once");
        model.say(Notice::new(Tone::Warning, text));
    }
    let spec = spec(model, recipe);
    let specs = vec![spec; usize::from(times.clamp(1, MAX_VARIANTS as u16))];
    budget::offer(model, out, specs, RequestOrigin::Again);
}

/// The current node's recipe with the seed it was answered with.
pub(in crate::app) fn rerun(model: &mut Model, out: &mut Effects) {
    let Some(mut recipe) = recipe_of_current(model) else {
        return;
    };
    let has_seed = model.has_seed(&recipe);
    if let Some(seed) = model.current_node().and_then(|node| node.seed).filter(|_| has_seed) {
        recipe.values.insert("seed".into(), seed.into());
    }
    let spec = spec(model, recipe);
    let origin = if has_seed { RequestOrigin::Same } else { RequestOrigin::Another };
    budget::offer(model, out, vec![spec], origin);
}

fn recipe_of_current(model: &mut Model) -> Option<Recipe> {
    let recipe = model.current_node().and_then(|node: &Node| node.recipe.clone());
    if recipe.is_none() {
        let text = match model.current_node().is_some_and(|node| node.parent.is_some()) {
            true => "this picture was made here, not by a request: it cannot be run again",
            false => "an opened file cannot be run again: type in the prompt what to change",
        };
        // Without a hint it goes when another picture is shown.
        model.say(Notice::new(Tone::Info, text));
    }
    recipe
}
