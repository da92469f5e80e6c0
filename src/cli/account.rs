//! `account`: what was spent, by day and endpoint, what the service has billed, and what it holds.
//!
//! Asks the service what costs nothing. Invariant: where it does not answer, our own count is shown as
//! that.

use std::time::Duration;

use serde_json::{Value, json};

use super::session::{Session, executor};
use super::{CommandError, code, print, print_json};
use crate::app::action::{Action, SessionAction};
use crate::app::effect::{Effect, StoreEffect};
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::money::account::UsageRow;
use crate::config::Config;
use crate::schema::Usd;
use crate::ui::overlay::account;

/// The service is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// `editree account`.
pub(crate) fn account(config: &Config, as_json: bool) -> Result<u8, CommandError> {
    executor()?.block_on(async {
        let mut session = Session::open(config, false).await?;
        session.step(Message::Action(Action::Session(SessionAction::Account)));
        let asked = tokio::time::timeout(PATIENCE, async {
            while is_open(&session.model) {
                session.advance().await;
            }
        });
        let is_whole = asked.await.is_ok();
        // With the bills that have come.
        session.settle().await?;
        session.model.money.account = None;
        session.runtime.perform(Effect::Store(StoreEffect::LoadAccount));
        while session.model.money.account.is_none() && session.model.notice.is_none() {
            session.advance().await;
        }
        if session.model.money.account.is_none() {
            let why = session.model.notice.as_ref().map_or("", |notice| notice.text.as_str());
            return Err(CommandError::new(code::INTERNAL, format!("no account: {why}")));
        }
        if as_json {
            return print_json(&describe(&session.model, is_whole));
        }
        let lines = account::lines_without_session(&session.model);
        print(format!("{}\n", lines.join("\n")).as_bytes())
    })
}

/// Something that was asked is not answered yet.
fn is_open(model: &Model) -> bool {
    let money = &model.money;
    let bills = &money.bills;
    money.account.is_none() || money.balance.is_none() || bills.is_loading || bills.is_asked
}

fn describe(model: &Model, is_whole: bool) -> Value {
    let account = model.money.account.clone().unwrap_or_default();
    let balance = model.money.balance.as_ref();
    let held = model.money.left().map(Usd::to_f64);
    let why = balance.and_then(|balance| balance.amount.as_ref().err());
    let row = |row: &UsageRow| {
        json!({ "day": row.day, "endpoint": row.endpoint, "requests": row.requests,
            "failed": row.failed, "done": row.done, "filtered": row.filtered, "unknown": row.unknown,
            "cost": row.cost.to_f64(), "median_ms": row.median, "p95_ms": row.most })
    };
    json!({ "simulated": model.profile.simulated, "profile": model.profile.name,
        "balance": held, "balance_unknown": why, "complete": is_whole,
        "requests": account.requests, "cost": account.cost.to_f64(), "exact": account.exact,
        "unknown": account.unknown, "estimated": account.estimated.to_f64(),
        "day": model.money.spent.day.to_f64(),
        "lines": account.lines.iter().map(row).collect::<Vec<_>>() })
}
