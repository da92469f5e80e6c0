//! Before money leaves: budgets, the first request that costs, and what the rule in
//! [`consent`] asks about.
//!
//! Invariant: a request is saved at once, or stands in the question until the word is given. The
//! store has the last word on the day's budget, since others may spend from it at the same time;
//! steps that were agreed to with a request are held against the budget here, when they leave.

use crate::app::action::{Purpose, Terms};
use crate::app::draft::prompt_expansion::expand;
use crate::app::effect::{Effect, PictureEffect, StoreEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::spec::RequestSpec;
use crate::app::job::{Job, JobId, State, saving};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::money::Piped;
use crate::app::money::confirmation::{ConfirmReason, Confirmation, Files};
use crate::app::money::consent::Excess;
use crate::app::notice::{Notice, Tone};
use crate::schema::price::Quote;
use crate::schema::{Endpoint, Price, Usd, regions};
use crate::tree::{Input, NodeId};

/// What orders come from, and so what is told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum RequestOrigin {
    /// The words in the prompt: they leave it.
    Draft,
    /// The same, and why they are hardly meant as a prompt.
    Unlikely(String),
    /// A recipe that was sent before, with new seeds.
    Again,
    /// The same with the seed that it had: the same picture is paid for again.
    Same,
    /// The same where no seed is taken: another picture.
    Another,
    /// The words in the prompt, a step each.
    Steps,
    /// A branch after one of its steps was reworded: that step, and those after it.
    Rebase {
        sent: Vec<NodeId>,
        left_out: Vec<NodeId>,
    },
    /// A branch on other pictures, which were read meanwhile.
    Replay,
    /// A grid of settings, by hand or by a command, which is asked by its own rules.
    Grid,
    Sweep,
}

/// Saves the orders, or asks first.
pub(in crate::app) fn offer(
    model: &mut Model,
    out: &mut Effects,
    specs: Vec<RequestSpec>,
    origin: RequestOrigin,
) {
    offer_with(model, out, specs, origin, None);
}

/// The same for files that are not opened yet: they are when it was agreed to.
pub(in crate::app) fn offer_on_files(
    model: &mut Model,
    out: &mut Effects,
    specs: Vec<RequestSpec>,
    files: Files,
) {
    offer_with(model, out, specs, RequestOrigin::Replay, Some(files));
}

fn offer_with(
    model: &mut Model,
    out: &mut Effects,
    specs: Vec<RequestSpec>,
    origin: RequestOrigin,
    files: Option<Files>,
) {
    if model.money.confirmation.is_some() {
        // Its orders must not be forgotten, nor its answer be taken for this one's.
        let notice = Notice::new(Tone::Warning, "answer the question first, then ask again");
        return model.say(notice);
    }
    let mut reasons = reasons(model, &specs);
    reasons.extend(by_rule(model, &specs, &origin));
    let from_draft =
        matches!(origin, RequestOrigin::Draft | RequestOrigin::Unlikely(_) | RequestOrigin::Steps);
    let mut question = ask(model, specs, reasons, from_draft);
    question.files = files;
    ask_or_send(model, out, question);
}

/// What the one rule says of them. Asked on a simulator too: who learns there learns what it would
/// cost; only a price that nobody knows is none there.
fn by_rule(model: &Model, specs: &[RequestSpec], origin: &RequestOrigin) -> Vec<ConfirmReason> {
    let own = quotes(specs);
    let reason = |excess| match excess {
        Excess::Requests(count) if count > own.len() => {
            Some(ConfirmReason::Piped(count - own.len()))
        }
        Excess::Requests(_) => Some(of_several(model, specs, origin)),
        Excess::Amount(_) => Some(ConfirmReason::Amount(model.money.limits.amount)),
        Excess::UnknownPrice => (!model.profile.simulated).then_some(ConfirmReason::UnknownPrice),
    };
    let excess = model.money.excess(&own);
    let own_reason = match origin {
        RequestOrigin::Unlikely(why) => Some(ConfirmReason::Unlikely(why.clone())),
        RequestOrigin::Same => Some(ConfirmReason::Same),
        RequestOrigin::Another => Some(ConfirmReason::NoSeed),
        RequestOrigin::Draft
        | RequestOrigin::Again
        | RequestOrigin::Steps
        | RequestOrigin::Rebase { .. }
        | RequestOrigin::Replay
        | RequestOrigin::Grid
        | RequestOrigin::Sweep => None,
    };
    let by_limits = excess.into_iter().filter_map(reason);
    // Whoever says yes to what is asked by itself has not thought of the lines that will follow.
    let is_meant =
        |reason: &ConfirmReason| own_reason.is_none() || !matches!(reason, ConfirmReason::Piped(_));
    let by_limits: Vec<ConfirmReason> = by_limits.filter(is_meant).collect();
    own_reason.into_iter().chain(by_limits).collect()
}

/// Where the many requests come from.
fn of_several(model: &Model, specs: &[RequestSpec], origin: &RequestOrigin) -> ConfirmReason {
    let steps = specs.iter().map(|spec| spec.follow_ups.steps.len() + 1).max().unwrap_or(0);
    match origin {
        // As few as one, where the limit is none at all.
        _ if specs.len() == 1 && steps == 1 => ConfirmReason::Every,
        RequestOrigin::Draft | RequestOrigin::Unlikely(_) => ConfirmReason::Several,
        RequestOrigin::Same | RequestOrigin::Another => ConfirmReason::Every,
        RequestOrigin::Again if specs.iter().all(|spec| model.has_seed(&spec.recipe)) => {
            ConfirmReason::Again(specs.len())
        }
        RequestOrigin::Again => ConfirmReason::Tries(specs.len()),
        RequestOrigin::Grid | RequestOrigin::Sweep => ConfirmReason::Sweep(specs.len()),
        RequestOrigin::Replay => ConfirmReason::Replay { pictures: specs.len(), steps },
        RequestOrigin::Steps => ConfirmReason::Steps(steps),
        RequestOrigin::Rebase { sent, left_out } => {
            ConfirmReason::Rebase { sent: sent.clone(), left_out: left_out.clone() }
        }
    }
}

/// What each request costs, the later steps included.
fn quotes(specs: &[RequestSpec]) -> Vec<Quote> {
    specs.iter().flat_map(RequestSpec::quotes).collect()
}

/// The question with the words of each request.
fn ask(
    model: &Model,
    specs: Vec<RequestSpec>,
    reasons: Vec<ConfirmReason>,
    from_draft: bool,
) -> Confirmation {
    let called = |input: &Input| match input {
        Input::Picture(picture) => match model.nodes.get(&picture.node) {
            Some(node) => format!("{} ({})", node.id, node.caption()),
            None => picture.node.to_string(),
        },
        Input::Url(url) => url.clone(),
    };
    Confirmation::new(specs, reasons, from_draft, &model.catalogue, called)
}

/// The budget that is spent or reserved to the last, if one is.
pub(in crate::app) fn is_used_up(model: &Model) -> Option<Usd> {
    if model.profile.simulated {
        return None;
    }
    let over =
        |spent: Usd, budget: Option<Usd>| budget.filter(|budget| committed(model, spent) > *budget);
    let day = over(model.money.spent.day, model.money.spent.day_budget);
    day.or_else(|| over(model.money.spent.session, model.money.spent.session_budget))
}

/// A request whose answer was lost, once more: never without consent.
pub(in crate::app) fn send_again(model: &mut Model, out: &mut Effects, id: JobId) {
    if model.money.confirmation.is_some() {
        let notice = Notice::new(Tone::Warning, "answer the question first, then ask again");
        return model.say(notice);
    }
    let has_nothing =
        |job: &&Job| matches!(job.state, State::Unknown | State::Failed | State::Cancelled);
    let Some(job) = model.jobs.get(&id).filter(has_nothing) else {
        return model.say(Notice::new(Tone::Info, format!("{} has not failed", model.called(id))));
    };
    let is_unknown = job.state == State::Unknown;
    let mut spec = job.spec.clone();
    spec.resend_of = is_unknown.then_some(id);
    // Prices and the catalogue may have changed since.
    spec.quote = model.quote(&spec.recipe);
    let specs = vec![spec];
    let mut reasons = reasons(model, &specs);
    if is_unknown {
        reasons.insert(0, ConfirmReason::MaybePaid(id));
    }
    reasons.extend(by_rule(model, &specs, &RequestOrigin::Again));
    let question = ask(model, specs, reasons, false);
    ask_or_send(model, out, question);
}

fn ask_or_send(model: &mut Model, out: &mut Effects, question: Confirmation) {
    if question.reasons.is_empty() {
        let most = question.quote().amount;
        let terms = Terms { ceiling: ceiling(model), is_agreed: false, most };
        return send_all(model, out, question, terms);
    }
    model.money.confirmation = Some(question);
}

/// A prompt that the store refused after it had left the draft comes back to it.
fn give_back(model: &mut Model, question: &Confirmation) {
    let Some(sent) = question.specs.first().map(|spec| spec.recipe.prompt.clone()) else {
        return;
    };
    let words = regions::read(&sent).map_or_else(|| sent.clone(), |parsed| parsed.words);
    let is_it = |typed: &String| expand(typed).iter().any(|meant| meant.trim() == words);
    let is_last = model.composer.prompts.first().is_some_and(is_it);
    let is_free = model.draft.prompt.is_empty() && model.draft.regions.is_empty();
    if question.has_left_draft && is_last && !question.from_draft && is_free {
        model.draft.take_back(sent);
        model.composer.is_dirty = true;
    }
}

/// The answer to what was asked.
pub(in crate::app) fn answer(model: &mut Model, out: &mut Effects, yes: bool) {
    let Some(question) = model.money.confirmation.take() else {
        return;
    };
    if !yes {
        give_back(model, &question);
        return model.say(Notice::new(Tone::Info, "nothing was sent"));
    }
    // The service may have found it while the question stood.
    let is_settled = |reason: &ConfirmReason| {
        let ConfirmReason::MaybePaid(id) = reason else { return false };
        model.jobs.get(id).is_none_or(|job| job.state != State::Unknown)
    };
    if question.reasons.iter().any(is_settled) {
        let text = "nothing was sent: the service has answered for it meanwhile";
        return model.say(Notice::new(Tone::Info, text));
    }
    let first = |reason: &ConfirmReason| matches!(reason, ConfirmReason::FirstPaid { .. });
    if question.reasons.iter().any(first) {
        model.profile.consented = true;
        out.push(Effect::Store(StoreEffect::RecordConsent(model.profile.name.clone())));
    }
    let is_over = |reason: &ConfirmReason| matches!(reason, ConfirmReason::Day { .. });
    let ceiling = if question.reasons.iter().any(is_over) { None } else { ceiling(model) };
    let grave = |reason: &ConfirmReason| {
        matches!(reason, ConfirmReason::Day { .. } | ConfirmReason::Session { .. })
    };
    let is_agreed = question.reasons.iter().any(grave);
    let counts = question.reasons.iter().any(|it| matches!(it, ConfirmReason::Piped(_)));
    let most = question.quote().amount;
    send_all(model, out, question, Terms { ceiling, is_agreed, most });
    if let Some(piped) = &mut model.money.piped {
        *piped = Piped { quotes: Vec::new(), is_agreed: piped.is_agreed || counts };
    }
}

fn send_all(model: &mut Model, out: &mut Effects, question: Confirmation, terms: Terms) {
    if question.from_draft {
        saving::empty_prompt(model);
    }
    match question.files {
        Some(Files { node, paths }) => {
            let purpose = Purpose::Replay { node, terms };
            out.push(Effect::Picture(PictureEffect::OpenFiles { paths, purpose }));
        }
        None => save_agreed(model, out, question.specs, terms),
    }
}

/// What needs no question any more.
pub(in crate::app) fn save_agreed(
    model: &mut Model,
    out: &mut Effects,
    specs: Vec<RequestSpec>,
    terms: Terms,
) {
    let quotes = quotes(&specs);
    tell_sent(model, &quotes);
    if let Some(piped) = &mut model.money.piped {
        piped.quotes.extend(quotes);
    }
    for mut spec in specs {
        spec.follow_ups.is_agreed = terms.is_agreed;
        saving::save(model, out, spec, terms.ceiling);
    }
}

/// Every send is confirmed, with its price and the way to take it back.
fn tell_sent(model: &mut Model, quotes: &[Quote]) {
    let price = model.told(quotes.iter().copied().sum::<Quote>());
    let verb = if model.queue.is_paused { "put into the paused queue" } else { "sent" };
    let notice = match quotes.len() {
        1 => Notice::new(Tone::Good, format!("{verb} for {price}"))
            .hint(Hint::to(CommandId::Cancel, "cancel it")),
        count => Notice::new(Tone::Good, format!("{count} {verb} for {price}"))
            .hint(Hint::to(CommandId::Cancel, "cancel one of them")),
    };
    model.say(notice.while_busy());
}

/// The store found that others have spent meanwhile: the order waits for the word again.
pub(in crate::app) fn refused(model: &mut Model, spec: RequestSpec) {
    let budget = model.money.spent.day_budget.unwrap_or_default();
    let day = ConfirmReason::Day { committed: committed(model, model.money.spent.day), budget };
    let question = model.money.confirmation.take();
    let (mut specs, mut reasons, from_draft) = match question {
        // Several of one press: one question for all of them.
        Some(asked) => (asked.specs, asked.reasons, asked.from_draft),
        None => (Vec::new(), Vec::new(), false),
    };
    specs.push(spec);
    if !reasons.iter().any(|reason| matches!(reason, ConfirmReason::Day { .. })) {
        reasons.push(day);
    }
    let mut question = ask(model, specs, reasons, from_draft);
    question.has_left_draft = true;
    model.money.confirmation = Some(question);
}

/// What the endpoints cost today takes the place of the dated prices; a difference is told.
pub(in crate::app) fn priced(model: &mut Model, prices: Result<Vec<(String, Price)>, Failure>) {
    let prices = match prices {
        Ok(prices) => prices,
        Err(failure) => {
            let text = format!("prices are those of the catalogue: {}", failure.message);
            return model.note(Level::Debug, None, text);
        }
    };
    for (id, price) in prices {
        let Ok(endpoint) = model.catalogue.find(&id).cloned() else {
            continue;
        };
        let old = endpoint.price.clone().unwrap_or_default();
        if (old.each, &old.unit) != (price.each, &price.unit) {
            let shown =
                |price: &Price| price.each.map_or("unknown".into(), |each| each.to_string());
            let text = format!(
                "{} costs {} for each of its {} by the service; known so far: {}",
                endpoint.short,
                shown(&price),
                price.unit,
                shown(&old)
            );
            model.note(Level::Warning, None, text);
        }
        let price = Some(old.refreshed(price));
        *model.catalogue = model.catalogue.with(Endpoint { price, ..endpoint });
    }
}

/// The service has taken the request: it counts at its estimate from now on. The store counts it
/// with the move that says so.
pub(in crate::app) fn accepted(model: &mut Model, id: JobId) {
    let estimate = model.jobs.get(&id).and_then(|job| job.spec.quote.amount);
    count(model, id, estimate);
}

/// What the job counts for, here and in the store.
pub(in crate::app) fn charge(model: &mut Model, out: &mut Effects, id: JobId, cost: Option<Usd>) {
    if count(model, id, cost) {
        out.push(Effect::Store(StoreEffect::RecordCost { job: id, cost }));
    }
}

/// What the job counts for, where the store knows it already; whether that is news.
pub(in crate::app) fn count(model: &mut Model, id: JobId, cost: Option<Usd>) -> bool {
    let Some(job) = model.jobs.get_mut(&id) else {
        return false;
    };
    let before = std::mem::replace(&mut job.cost, cost);
    let (less, more) = (before.unwrap_or_default(), cost.unwrap_or_default());
    for spent in [&mut model.money.spent.session, &mut model.money.spent.day] {
        // A request of an earlier session was not counted in this one.
        *spent = Usd((spent.0 + more.0 - less.0).max(0));
    }
    before != cost
}

/// The day's spending may reach this; simulated requests cost nothing and have no budget.
fn ceiling(model: &Model) -> Option<Usd> {
    model.money.spent.day_budget.filter(|_| !model.profile.simulated)
}

fn reasons(model: &Model, specs: &[RequestSpec]) -> Vec<ConfirmReason> {
    if model.profile.simulated {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    if !model.profile.consented {
        let pictures = specs.iter().map(|spec| spec.recipe.inputs.len()).max().unwrap_or(0);
        reasons.push(ConfirmReason::FirstPaid { host: model.profile.host.clone(), pictures });
    }
    // What is known may be too much already.
    let price: Usd = quotes(specs).into_iter().filter_map(|quote| quote.amount).sum();
    let promised = promised(model);
    let open = committed(model, Usd::default()) + promised;
    if let Some(left) =
        model.money.left().filter(|left| quotes(specs).len() > 1 && open + price > *left)
    {
        reasons.push(ConfirmReason::Balance { left: left - open, price });
    }
    let committed = |spent: Usd| committed(model, spent) + promised;
    let (day, session) = (committed(model.money.spent.day), committed(model.money.spent.session));
    let over = |committed: Usd, budget: Usd| committed + price > budget;
    if let Some(budget) = model.money.spent.day_budget.filter(|budget| over(day, *budget)) {
        reasons.push(ConfirmReason::Day { committed: day, budget });
    }
    if let Some(budget) = model.money.spent.session_budget.filter(|budget| over(session, *budget)) {
        reasons.push(ConfirmReason::Session { committed: session, budget });
    }
    reasons
}

/// What the steps that follow open requests will cost.
fn promised(model: &Model) -> Usd {
    let open = model.jobs.values().filter(|job| !job.state.is_final()).map(|job| &job.spec);
    let steps = open.chain(model.queue.saving.values()).flat_map(|spec| &spec.follow_ups.steps);
    steps.filter_map(|step| step.quote.amount).sum()
}

/// What is spent, and what the requests that are not accepted yet will probably cost, their later
/// steps aside.
fn committed(model: &Model, spent: Usd) -> Usd {
    let counts = |job: &&Job| !job.state.is_final() && job.cost.is_none();
    let open = model.jobs.values().filter(counts);
    let open: Usd = open.filter_map(|job| job.spec.quote.amount).sum();
    let saving: Usd = model.queue.saving.values().filter_map(|spec| spec.quote.amount).sum();
    spent + open + saving
}
