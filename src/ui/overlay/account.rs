//! Cost and latency as text: totals, cost per starred picture, waiting times.
//!
//! Real money and simulated money never stand in one account; each sum says which it is.

use super::text_view::TextView;
use crate::app::model::Model;
use crate::app::money::account::{Account, UsageRow};
use crate::app::money::confirmation::counted;
use crate::schema::Usd;
use crate::ui::cells::table;

pub fn view() -> TextView {
    TextView::following("account", lines)
}

/// The lines of the overlay.
pub fn lines(model: &Model) -> Vec<String> {
    let session = format!("this session {} · ", model.told(model.money.spent.session));
    told(model, &session, Some(branch(model)))
}

/// Those of `editree account`: a shell has neither a session nor a shown picture.
pub fn lines_without_session(model: &Model) -> Vec<String> {
    told(model, "", None)
}

fn told(model: &Model, session: &str, branch: Option<String>) -> Vec<String> {
    let Some(account) = &model.money.account else {
        return vec!["reading…".into()];
    };
    let mut lines = today(model, account);
    lines.extend([String::new(), format!("{session}{}", totals(model, account))]);
    lines.extend(branch);
    lines.push(each_kept(model, account));
    lines.push(limit(model));
    lines.extend(balance(model));
    if account.cost != account.estimated {
        let (billed, estimated) = (model.told(account.cost), model.told(account.estimated));
        lines.push(format!("counted {billed}; before sending it was estimated as {estimated}"));
    }
    if account.exact > 0 && !model.profile.simulated {
        let (exact, all) = (account.exact, account.requests);
        lines.push(format!("{exact} of {all} costs are the service's own bill, after discounts"));
    }
    lines.push(String::new());
    if account.lines.is_empty() {
        lines.push("no finished requests yet".into());
        return lines;
    }
    lines.extend(table(&usage(model, account), 2));
    lines
}

/// A row for each day and model, below what stands in its columns; those in which no row has
/// anything to tell are left out.
fn usage(model: &Model, account: &Account) -> Vec<Vec<String>> {
    let has_filtered = account.lines.iter().any(|line| line.filtered > 0);
    let has_slowest = account.lines.iter().any(has_slowest);
    let told = |is_told: bool, cell: String| if is_told { cell } else { String::new() };
    let head = ["day", "model", "sent", "failed"].map(str::to_owned).into_iter().chain([
        told(has_filtered, "filtered".into()),
        "cost".into(),
        "usual wait".into(),
        told(has_slowest, "slowest 5 %".into()),
    ]);
    let row = |line: &UsageRow| {
        let UsageRow { day, requests, failed, filtered, cost, median, most, .. } = line;
        let cost = match line.unknown {
            0 => model.told(cost),
            all if all == line.requests => "not known".into(),
            _ => format!("{} + ?", model.told(cost)),
        };
        vec![
            day.clone(),
            short(model, line).to_owned(),
            requests.to_string(),
            failed.to_string(),
            told(has_filtered, filtered.to_string()),
            cost,
            wait(*median),
            told(self::has_slowest(line), wait(*most)),
        ]
    };
    std::iter::once(head.collect()).chain(account.lines.iter().map(row)).collect()
}

/// What the service says that the account holds.
fn balance(model: &Model) -> Option<String> {
    let balance = model.money.balance.as_ref()?;
    Some(match (&balance.amount, model.money.left()) {
        (Ok(amount), left) => {
            let left = model.told(left.unwrap_or(*amount));
            let anew = match model.profile.simulated {
                true => " (starts afresh with the simulator)",
                false => "",
            };
            format!("balance of the account: {left}{anew}")
        }
        (Err(why), _) => format!("balance not known: {why}"),
    })
}

/// One sentence, and the day's budget as a bar.
fn today(model: &Model, account: &Account) -> Vec<String> {
    const BAR: i64 = 30;
    let day = model.money.spent.day;
    let newest = account.lines.first().map(|line| line.day.as_str());
    let same_day = account.lines.iter().filter(|line| Some(line.day.as_str()) == newest);
    let count: usize = same_day.clone().map(|line| line.done).sum();
    let unknown: usize = same_day.clone().map(|line| line.unknown).sum();
    let spent = with_unknown(model, day, unknown);
    let done = match (count, newest) {
        (0, _) | (_, None) => "no request done yet".to_owned(),
        (1, Some(date)) => format!("1 request done on {date}"),
        (count, Some(date)) => format!("{count} requests done on {date}"),
    };
    // Of the endpoint that most went to.
    let usual = same_day.filter(|line| line.median.is_some()).max_by_key(|line| line.done);
    let each = usual.map_or(String::new(), |line| {
        format!("; {} takes about {}", short(model, line), wait(line.median))
    });
    let Some(budget) = model.money.spent.day_budget.filter(|budget| budget.0 > 0) else {
        return vec![format!("Today {spent}; {done}{each}.")];
    };
    let part = (day.0.saturating_mul(100) / budget.0).clamp(0, 100);
    let filled = usize::try_from(part * BAR / 100).unwrap_or(0);
    let rest = usize::try_from(BAR).unwrap_or(0) - filled;
    vec![
        format!("Today {spent} of {}; {done}{each}.", model.told(budget)),
        format!("{}{} {part} %", "▬".repeat(filled), "─".repeat(rest)),
    ]
}

fn totals(model: &Model, account: &Account) -> String {
    let cost = with_unknown(model, account.cost, account.unknown);
    let requests = counted(account.requests, "request");
    format!("in all {cost} for {requests}")
}

/// No sum looks exact that is not.
fn with_unknown(model: &Model, cost: Usd, unknown: usize) -> String {
    let cost = model.told(cost);
    match unknown {
        0 => cost,
        count => format!("{cost} and {count} at an unknown price"),
    }
}

/// The branch on the canvas.
fn branch(model: &Model) -> String {
    let cost = model.current.map(|current| model.tree.cost_of_path(current.node));
    let cost = model.told(cost.unwrap_or_default());
    format!("the shown picture and those before it cost {cost}")
}

/// What one that was kept has cost.
fn each_kept(model: &Model, account: &Account) -> String {
    let kept = model.tree.summaries().filter(|summary| summary.starred && !summary.trashed).count();
    match u64::try_from(kept) {
        Ok(kept @ 1..) => {
            const CENT: i64 = 10_000;
            let each = account.cost.0 / i64::try_from(kept).unwrap_or(i64::MAX);
            let each = Usd((each + CENT / 2) / CENT * CENT);
            format!("cost per starred picture: {} ({kept} starred)", model.told(each))
        }
        _ => "no starred pictures yet".into(),
    }
}

fn limit(model: &Model) -> String {
    match model.profile.limit {
        Some(limit) => format!("concurrency limit: {limit} (config)"),
        None => {
            format!("the service runs {} of your requests at once", model.queue.concurrency_limit)
        }
    }
}

fn short<'line>(model: &'line Model, line: &'line UsageRow) -> &'line str {
    match model.catalogue.find(&line.endpoint) {
        Ok(endpoint) => &endpoint.short,
        Err(_) => &line.endpoint,
    }
}

/// One in twenty of fewer is no picture at all.
fn has_slowest(line: &UsageRow) -> bool {
    line.done >= 20
}

fn wait(milliseconds: Option<i64>) -> String {
    match milliseconds {
        Some(milliseconds) => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        None => "–".into(),
    }
}
