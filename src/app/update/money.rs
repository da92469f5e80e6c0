//! Before money leaves: budgets, unknown prices, the first request that costs.
//!
//! Invariant: an order is saved at once, or stands in the question until the word is given. The
//! store has the last word on the day's budget, since others may spend from it at the same time.

use super::super::effect::Effect;
use super::super::failure::Failure;
use super::super::job::{JobId, Order, State};
use super::super::log::Level;
use super::super::model::Model;
use super::super::notice::{Notice, Tone};
use super::super::question::{Question, Reason};
use super::{Effects, send};
use crate::schema::{Endpoint, Price, Usd};
use crate::tree::Recipe;

/// What orders come from, and so what is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The words in the prompt: they leave it.
    Draft,
    /// A recipe that was sent before.
    Again,
    /// The words in the prompt, a step each.
    Steps,
    /// A grid of settings, by hand or by a command, which is asked by its own rules.
    Sweep,
    Grid,
    /// The next step of several that were agreed to.
    Next,
}

/// Saves the orders, or asks first.
pub(super) fn offer(model: &mut Model, out: &mut Effects, orders: Vec<Order>, why: Why) {
    let mut reasons = reasons(model, &orders);
    let steps = orders.iter().map(|order| order.then.len() + 1).max().unwrap_or(0);
    // Asked on a simulator too: who learns there learns what it would cost.
    match why {
        Why::Draft if orders.len() > 1 => reasons.push(Reason::Several),
        Why::Grid => reasons.push(Reason::Sweep(orders.len())),
        Why::Steps | Why::Again if steps > 1 => reasons.push(Reason::Steps(steps)),
        Why::Draft | Why::Again | Why::Steps | Why::Sweep | Why::Next => {}
    }
    let from_draft = matches!(why, Why::Draft | Why::Steps);
    let later = price_of_later(model, &orders);
    ask_or_save(model, out, Question { orders, reasons, later, from_draft });
}

/// What the steps after the first will cost.
fn price_of_later(model: &Model, orders: &[Order]) -> Option<Usd> {
    let price = |recipe: &Recipe| {
        let endpoint = model.catalogue.find(&recipe.endpoint).ok()?;
        endpoint.price_of(&recipe.values)
    };
    orders.iter().flat_map(|order| &order.then).map(price).sum()
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
    let later = price_of_later(model, &orders);
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
    let over = |reason: &Reason| matches!(reason, Reason::Day { .. } | Reason::UnknownPrice);
    let ceiling = if question.reasons.iter().any(over) { None } else { ceiling(model) };
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
    let reasons = vec![Reason::Day { committed: committed(model, model.spent.day), budget }];
    match &mut model.question {
        // Several of one press: one question for all of them.
        Some(question) => question.orders.push(order),
        None => {
            let orders = vec![order];
            let later = price_of_later(model, &orders);
            model.question = Some(Question { orders, reasons, later, from_draft: false });
        }
    }
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
    let price: Option<Usd> = orders.iter().map(|order| order.price).sum();
    let price = price.zip(price_of_later(model, orders)).map(|(first, later)| first + later);
    let Some(price) = price else {
        reasons.push(Reason::UnknownPrice);
        return reasons;
    };
    let (day, session) = (committed(model, model.spent.day), committed(model, model.spent.session));
    let over = |committed: Usd, budget: Usd| committed + price > budget;
    if let Some(budget) = model.spent.day_budget.filter(|budget| over(day, *budget)) {
        reasons.push(Reason::Day { committed: day, budget });
    }
    if let Some(budget) = model.spent.session_budget.filter(|budget| over(session, *budget)) {
        reasons.push(Reason::Session { committed: session, budget });
    }
    reasons
}

/// What is spent, and what the requests that are not over will probably cost.
fn committed(model: &Model, spent: Usd) -> Usd {
    let open = model.jobs.values().filter(|job| !job.state.is_final());
    let open: Usd = open.filter_map(|job| job.order.price).sum();
    let saving: Usd = model.saving.values().filter_map(|order| order.price).sum();
    spent + open + saving
}
