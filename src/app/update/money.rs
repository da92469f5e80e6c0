//! Before money leaves: budgets, unknown prices, the first request that costs.
//!
//! Invariant: an order is saved at once, or stands in the question until the word is given. The
//! store has the last word on the day's budget, since others may spend from it at the same time;
//! steps that were agreed to with an order are held against the budget here, when they leave.

use super::super::effect::Effect;
use super::super::failure::Failure;
use super::super::job::{Job, JobId, Order, State};
use super::super::log::Level;
use super::super::model::Model;
use super::super::notice::{Notice, Tone};
use super::super::question::{Question, Reason};
use super::{Effects, send};
use crate::schema::{Endpoint, Price, Usd};

/// What orders come from, and so what is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The words in the prompt: they leave it.
    Draft,
    /// A recipe that was sent before.
    Again,
    /// The words in the prompt, a step each.
    Steps,
    /// A branch after one of its steps was reworded.
    Rebase,
    /// A branch on other pictures, which were read meanwhile.
    Replay,
    /// A grid of settings, by hand or by a command, which is asked by its own rules.
    Grid,
    Sweep,
}

/// Saves the orders, or asks first.
pub(super) fn offer(model: &mut Model, out: &mut Effects, orders: Vec<Order>, why: Why) {
    if model.question.is_some() {
        // Its orders must not be forgotten, nor its answer be taken for this one's.
        let notice = Notice::new(Tone::Warning, "answer the question first, then ask again");
        return model.say(notice);
    }
    let mut reasons = reasons(model, &orders);
    let steps = orders.iter().map(|order| order.then.steps.len() + 1).max().unwrap_or(0);
    // Asked on a simulator too: who learns there learns what it would cost.
    match why {
        Why::Draft if orders.len() > 1 => reasons.push(Reason::Several),
        Why::Grid => reasons.push(Reason::Sweep(orders.len())),
        Why::Replay if steps * orders.len() > 1 => {
            reasons.push(Reason::Replay { pictures: orders.len(), steps });
        }
        Why::Steps | Why::Rebase if steps > 1 => reasons.push(Reason::Steps(steps)),
        Why::Draft | Why::Again | Why::Steps | Why::Rebase | Why::Replay | Why::Sweep => {}
    }
    let from_draft = matches!(why, Why::Draft | Why::Steps);
    let later = price_of_later(&orders);
    ask_or_save(model, out, Question { orders, reasons, later, from_draft });
}

/// What the steps after the first will cost.
fn price_of_later(orders: &[Order]) -> Option<Usd> {
    orders.iter().flat_map(|order| &order.then.steps).map(|step| step.price).sum()
}

/// The budget that is spent or reserved to the last, if one is.
pub(super) fn is_used_up(model: &Model) -> Option<Usd> {
    if model.profile.simulated {
        return None;
    }
    let over =
        |spent: Usd, budget: Option<Usd>| budget.filter(|budget| committed(model, spent) > *budget);
    let day = over(model.spent.day, model.spent.day_budget);
    day.or_else(|| over(model.spent.session, model.spent.session_budget))
}

/// A request whose answer was lost, once more: never without consent.
pub(super) fn send_again(model: &mut Model, out: &mut Effects, id: JobId) {
    let Some(job) = model.jobs.get(&id).filter(|job| job.state == State::Unknown) else {
        return model.say(Notice::new(Tone::Info, format!("{id} is not one that may be paid")));
    };
    let mut order = job.order.clone();
    order.repeats = Some(id);
    let orders = vec![order];
    let mut reasons = reasons(model, &orders);
    reasons.insert(0, Reason::MaybePaid(id));
    let later = price_of_later(&orders);
    ask_or_save(model, out, Question { orders, reasons, later, from_draft: false });
}

fn ask_or_save(model: &mut Model, out: &mut Effects, question: Question) {
    if question.reasons.is_empty() {
        let ceiling = ceiling(model);
        return save_all(model, out, question, ceiling);
    }
    model.question = Some(question);
}

/// The answer to what was asked.
pub(super) fn answer(model: &mut Model, out: &mut Effects, yes: bool) {
    let Some(question) = model.question.take() else {
        return;
    };
    if !yes {
        return model.say(Notice::new(Tone::Info, "nothing was sent"));
    }
    let first = |reason: &Reason| matches!(reason, Reason::First { .. });
    if question.reasons.iter().any(first) {
        model.profile.consented = true;
        out.push(Effect::Consent(model.profile.name.clone()));
    }
    let is_over = |reason: &Reason| matches!(reason, Reason::Day { .. });
    let ceiling = if question.reasons.iter().any(is_over) { None } else { ceiling(model) };
    let grave = |reason: &Reason| matches!(reason, Reason::Day { .. } | Reason::Session { .. });
    let is_agreed = question.reasons.iter().any(grave);
    let mut question = question;
    question.orders.iter_mut().for_each(|order| order.then.is_agreed = is_agreed);
    save_all(model, out, question, ceiling);
}

fn save_all(model: &mut Model, out: &mut Effects, question: Question, ceiling: Option<Usd>) {
    if question.from_draft {
        send::empty_prompt(model);
    }
    for order in question.orders {
        send::save(model, out, order, ceiling);
    }
}

/// The store found that others have spent meanwhile: the order waits for the word again.
pub(super) fn refused(model: &mut Model, order: Order) {
    let budget = model.spent.day_budget.unwrap_or_default();
    let day = Reason::Day { committed: committed(model, model.spent.day), budget };
    let question = model.question.take();
    let (mut orders, mut reasons, from_draft) = match question {
        // Several of one press: one question for all of them.
        Some(asked) => (asked.orders, asked.reasons, asked.from_draft),
        None => (Vec::new(), Vec::new(), false),
    };
    orders.push(order);
    if !reasons.iter().any(|reason| matches!(reason, Reason::Day { .. })) {
        reasons.push(day);
    }
    let later = price_of_later(&orders);
    model.question = Some(Question { orders, reasons, later, from_draft });
}

/// What the endpoints cost today takes the place of the dated prices; a difference is told.
pub(super) fn priced(model: &mut Model, prices: Result<Vec<(String, Price)>, Failure>) {
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
        let old = endpoint.price.as_ref();
        if old.is_none_or(|old| (old.each, &old.unit) != (price.each, &price.unit)) {
            let before = old.map_or_else(|| "unknown".into(), |old| old.each.to_string());
            let text = format!(
                "{} costs {} for each of its {} by the service; known so far: {before}",
                endpoint.short, price.each, price.unit
            );
            model.note(Level::Warning, None, text);
        }
        model.catalogue = model.catalogue.with(Endpoint { price: Some(price), ..endpoint });
    }
}

/// The service has taken the request: it counts at its estimate from now on.
pub(super) fn accepted(model: &mut Model, out: &mut Effects, id: JobId) {
    let estimate = model.jobs.get(&id).and_then(|job| job.order.price);
    charge(model, out, id, estimate);
}

/// What the job counts for, here and in the store.
pub(super) fn charge(model: &mut Model, out: &mut Effects, id: JobId, cost: Option<Usd>) {
    if count(model, id, cost) {
        out.push(Effect::Charge { job: id, cost });
    }
}

/// What the job counts for, where the store knows it already; whether that is news.
pub(super) fn count(model: &mut Model, id: JobId, cost: Option<Usd>) -> bool {
    let Some(job) = model.jobs.get_mut(&id) else {
        return false;
    };
    let before = std::mem::replace(&mut job.cost, cost);
    let (less, more) = (before.unwrap_or_default(), cost.unwrap_or_default());
    for spent in [&mut model.spent.session, &mut model.spent.day] {
        // A request of an earlier session was not counted in this one.
        *spent = Usd((spent.0 + more.0 - less.0).max(0));
    }
    before != cost
}

/// The day's spending may reach this; simulated requests cost nothing and have no budget.
fn ceiling(model: &Model) -> Option<Usd> {
    model.spent.day_budget.filter(|_| !model.profile.simulated)
}

fn reasons(model: &Model, orders: &[Order]) -> Vec<Reason> {
    if model.profile.simulated {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    if !model.profile.consented {
        let pictures = orders.iter().map(|order| order.recipe.inputs.len()).max().unwrap_or(0);
        reasons.push(Reason::First { host: model.profile.host.clone(), pictures });
    }
    let later = orders.iter().flat_map(|order| &order.then.steps).map(|step| step.price);
    let prices: Vec<Option<Usd>> = orders.iter().map(|order| order.price).chain(later).collect();
    if prices.contains(&None) {
        reasons.push(Reason::UnknownPrice);
    }
    // What is known may be too much already.
    let price: Usd = prices.into_iter().flatten().sum();
    let promised = promised(model);
    let committed = |spent: Usd| committed(model, spent) + promised;
    let (day, session) = (committed(model.spent.day), committed(model.spent.session));
    let over = |committed: Usd, budget: Usd| committed + price > budget;
    if let Some(budget) = model.spent.day_budget.filter(|budget| over(day, *budget)) {
        reasons.push(Reason::Day { committed: day, budget });
    }
    if let Some(budget) = model.spent.session_budget.filter(|budget| over(session, *budget)) {
        reasons.push(Reason::Session { committed: session, budget });
    }
    reasons
}

/// What the steps that follow open requests will cost.
fn promised(model: &Model) -> Usd {
    let open = model.jobs.values().filter(|job| !job.state.is_final()).map(|job| &job.order);
    let steps = open.chain(model.saving.values()).flat_map(|order| &order.then.steps);
    steps.filter_map(|step| step.price).sum()
}

/// What is spent, and what the requests that are not accepted yet will probably cost, their later
/// steps aside.
fn committed(model: &Model, spent: Usd) -> Usd {
    let counts = |job: &&Job| !job.state.is_final() && job.cost.is_none();
    let open = model.jobs.values().filter(counts);
    let open: Usd = open.filter_map(|job| job.order.price).sum();
    let saving: Usd = model.saving.values().filter_map(|order| order.price).sum();
    spent + open + saving
}
