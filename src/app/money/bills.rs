//! The account's own figures: what it holds, and what each request has cost after discounts.
//!
//! Free, and quiet: many requests are asked about in one question, with growing pauses. Invariant: a
//! figure of the service takes the place of ours, never the other way round, and a key that may not see
//! them is asked once.

use std::collections::BTreeSet;

use crate::app::effect::{Effect, ServiceEffect, StoreEffect};
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::Effects;
use crate::app::job::JobId;
use crate::app::log::Level;
use crate::app::memory;
use crate::app::model::Model;
use crate::app::money::budget;
use crate::schema::Usd;
use crate::tree::{NodeId, Timestamp};

/// Asked together at most.
pub const MOST: usize = 50;
/// The first pause after a result, and the longest, in milliseconds.
const SOONEST_MS: i64 = 20_000;
const LATEST_MS: i64 = 3_600_000;
/// To the next question where one was answered and others wait behind it.
const NEXT_MS: i64 = 1_000;
/// In one run; the next start asks again for a week.
const MOST_TRIES: u32 = 12;

/// Requests whose exact cost is not known yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bills {
    /// By the service's ids.
    open: BTreeSet<String>,
    due: Option<Timestamp>,
    tries: u32,
    /// A question about them is under way.
    pub is_asked: bool,
    /// The key may not see them, or there is nobody to ask.
    pub is_refused: bool,
    /// They are being looked for in the store.
    pub is_loading: bool,
}

impl Bills {
    /// What is over their number is asked for when the account is looked at, or by the next start.
    fn keep(&mut self, requests: impl IntoIterator<Item = String>) {
        let room = memory::MOST.bills.saturating_sub(self.open.len());
        self.open.extend(requests.into_iter().take(room));
    }
}

/// What the account holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Or why it is not known.
    pub amount: Result<Usd, String>,
    /// What this session had spent then.
    spent: Usd,
}

impl Balance {
    /// What is left of it by our own count; never more than it was.
    pub fn left(&self, session: Usd) -> Option<Usd> {
        let amount = self.amount.as_ref().ok()?;
        Some(*amount - Usd((session.0 - self.spent.0).max(0)))
    }
}

/// A request is done: its bill is asked for a little later.
pub(in crate::app) fn open(model: &mut Model, id: JobId) {
    let request = model.jobs.get(&id).and_then(|job| job.handle.as_ref());
    let Some(request) = request.map(|handle| handle.request_id.clone()) else { return };
    let now = model.now;
    let bills = &mut model.money.bills;
    if bills.is_refused {
        return;
    }
    bills.tries = 0;
    bills.keep([request]);
    bills.due.get_or_insert(Timestamp(now.0 + SOONEST_MS));
}

/// Balance and bills are looked at now.
pub(in crate::app) fn look(model: &mut Model, out: &mut Effects) {
    let profile = model.profile.name.clone();
    out.push(Effect::Service(ServiceEffect::LoadBalance { profile: profile.clone() }));
    if !model.money.bills.is_refused {
        model.money.bills.is_loading = true;
        out.push(Effect::Store(StoreEffect::LoadUnbilled(profile)));
    }
}

/// What the store does not know the exact cost of.
pub(in crate::app) fn loaded(
    model: &mut Model,
    out: &mut Effects,
    found: Result<Vec<String>, Failure>,
) {
    model.money.bills.is_loading = false;
    if let Ok(found) = found {
        let bills = &mut model.money.bills;
        bills.keep(found);
        (bills.tries, bills.due) = (0, Some(model.now));
        ask(model, out);
    }
}

/// One question for all, when its time has come.
pub(in crate::app) fn ask(model: &mut Model, out: &mut Effects) {
    let (now, profile) = (model.now, model.profile.name.clone());
    let bills = &mut model.money.bills;
    let is_due = bills.due.is_some_and(|due| due <= now);
    if bills.is_asked || bills.is_refused || !is_due || bills.open.is_empty() {
        return;
    }
    // The newest ones are billed last, and those that were asked about in vain make room.
    let requests: Vec<String> = bills.open.iter().take(MOST).cloned().collect();
    (bills.is_asked, bills.due) = (true, None);
    bills.tries += 1;
    out.push(Effect::Service(ServiceEffect::LoadBills { profile, requests }));
}

/// What they have cost, as far as it is billed already.
pub(in crate::app) fn billed(
    model: &mut Model,
    out: &mut Effects,
    asked: &[String],
    result: Result<Vec<(String, Usd)>, Failure>,
) {
    model.money.bills.is_asked = false;
    let is_answered = result.as_ref().is_ok_and(|costs| !costs.is_empty());
    match result {
        Ok(costs) => {
            for (request, _) in &costs {
                model.money.bills.open.remove(request);
            }
            if is_answered {
                model.money.bills.tries = 0;
                take(model, out, costs);
            } else if asked.len() == MOST && model.money.bills.open.len() > MOST {
                // Others wait behind these.
                model.money.bills.open.retain(|request| !asked.contains(request));
            }
        }
        Err(failure) if is_for_good(failure.kind) => {
            model.note(Level::Debug, None, format!("no exact costs: {}", failure.message));
            let bills = &mut model.money.bills;
            (bills.is_refused, bills.due) = (true, None);
            return bills.open.clear();
        }
        Err(failure) => model.note(Level::Debug, None, failure.message),
    }
    let now = model.now;
    let bills = &mut model.money.bills;
    if bills.tries >= MOST_TRIES {
        bills.open.clear();
    }
    if !bills.open.is_empty() {
        let pause = match is_answered && asked.len() == MOST {
            true => NEXT_MS,
            false => SOONEST_MS.saturating_mul(1 << bills.tries.min(10)).min(LATEST_MS),
        };
        bills.due = Some(Timestamp(now.0 + pause));
    }
}

fn take(model: &mut Model, out: &mut Effects, costs: Vec<(String, Usd)>) {
    let mut shown: Vec<NodeId> = Vec::new();
    for (request, cost) in &costs {
        let job = model
            .jobs
            .values()
            .find(|job| job.handle.as_ref().is_some_and(|handle| handle.request_id == *request));
        if let Some(id) = job.map(|job| job.id) {
            budget::count(model, id, Some(*cost));
        }
        let nodes = model.nodes.values_mut();
        for node in nodes.filter(|node| node.request_id.as_ref() == Some(request)) {
            (node.cost, node.is_exact) = (Some(*cost), true);
            shown.push(node.id);
        }
    }
    for id in shown {
        let cost = model.nodes.get(&id).and_then(|node| node.cost);
        model.tree.change(id, |summary| summary.cost = cost);
    }
    out.push(Effect::Store(StoreEffect::RecordBills(costs)));
}

/// They are kept: the day's sum changes, and the account if it is open.
pub(in crate::app) fn recorded(model: &mut Model, out: &mut Effects, kept: Result<(), Failure>) {
    if model.or_say(kept).is_some() {
        out.push(Effect::Store(StoreEffect::LoadSnapshot));
        if model.money.account.is_some() {
            out.push(Effect::Store(StoreEffect::LoadAccount));
        }
    }
}

/// What the account holds now, or why that is not known.
pub(in crate::app) fn balanced(model: &mut Model, result: Result<Option<Usd>, Failure>) {
    let amount = match result {
        Ok(Some(amount)) => Ok(amount),
        Ok(None) => Err("the service does not tell it".to_owned()),
        Err(failure) => Err(failure.message),
    };
    model.money.balance = Some(Balance { amount, spent: model.money.spent.session });
}

/// A key that may not, or a service without such an interface.
fn is_for_good(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Permission | FailureKind::NotFound | FailureKind::Auth)
}
