//! Cost and latency as text: totals, cost per starred picture, waiting times.
//!
//! Real money and simulated money never stand in one account; each sum says which it is.

use std::ops::Range;

use ratatui::style::{Modifier, Style};

use super::text_view::TextView;
use crate::app::model::Model;
use crate::app::money::account::{Account, UsageRow};
use crate::app::money::confirmation::counted;
use crate::schema::Usd;
use crate::schema::money::SIMULATED;
use crate::ui::cells::table;
use crate::ui::theme::Theme;

pub fn view() -> TextView {
    TextView::following("account", lines).painted(paint)
}

/// The lines of the overlay.
pub fn lines(model: &Model) -> Vec<String> {
    told(model, true)
}

/// Those of `editree account`: a shell has neither a session nor a shown picture.
pub fn lines_without_session(model: &Model) -> Vec<String> {
    told(model, false)
}

/// What each number is, and the number: what is asked for first stands first. Below it the table.
fn told(model: &Model, has_session: bool) -> Vec<String> {
    let Some(account) = &model.money.account else {
        return vec!["reading…".into()];
    };
    let mut facts = today(model, account);
    facts.extend(balance(model).map(|told| ("balance", told)));
    if has_session {
        facts.push(("this session", model.told(model.money.spent.session)));
    }
    facts.push(("in all", totals(model, account)));
    if has_session {
        facts.push(("this picture", branch(model)));
    }
    facts.push(("each starred", each_kept(model, account)));
    if account.cost != account.estimated {
        let estimated = model.told(account.estimated);
        facts.push(("estimated", format!("{estimated} before sending")));
    }
    if account.exact > 0 && !model.profile.simulated {
        let (exact, all) = (account.exact, account.requests);
        facts.push(("exact", format!("{exact} of {all}, by the service's own bill")));
    }
    facts.push(("at once", limit(model)));
    let pair = |(label, value): (&str, String)| vec![label.to_owned(), value];
    let mut lines = table(&facts.into_iter().map(pair).collect::<Vec<_>>(), 2);
    lines.push(String::new());
    if account.lines.is_empty() {
        lines.push("no finished requests yet".into());
        return lines;
    }
    lines.extend(table(&usage(model, account), 2));
    lines
}

/// What a number is goes back, sums have weight: green is what will cost. The table has neither.
fn paint(line: &str, theme: Theme) -> Vec<(Range<usize>, Style)> {
    if line.split("  ").filter(|cell| !cell.trim().is_empty()).count() > 2 {
        return Vec::new();
    }
    let label = line.find("  ").map(|end| (0..end, theme.dim()));
    let sum = |(at, _)| {
        let rest = line.get(at + 1..).unwrap_or_default();
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let before = line.get(..at).unwrap_or_default();
        let from = if before.ends_with(SIMULATED) { at - SIMULATED.len() } else { at };
        (from..at + 1 + digits, Style::new().add_modifier(Modifier::BOLD))
    };
    label.into_iter().chain(line.match_indices('$').map(sum)).collect()
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
                true => " · starts afresh with the simulator",
                false => "",
            };
            format!("{left}{anew}")
        }
        (Err(why), _) => format!("not known: {why}"),
    })
}

/// And the day's budget as a bar.
fn today(model: &Model, account: &Account) -> Vec<(&'static str, String)> {
    const BAR: i64 = 30;
    let day = model.money.spent.day;
    let newest = account.lines.first().map(|line| line.day.as_str());
    let same_day = account.lines.iter().filter(|line| Some(line.day.as_str()) == newest);
    let count: usize = same_day.clone().map(|line| line.done).sum();
    let unknown: usize = same_day.clone().map(|line| line.unknown).sum();
    let spent = with_unknown(model, day, unknown);
    let done = match (count, newest) {
        (0, _) | (_, None) => "no request done yet".to_owned(),
        (count, Some(date)) => format!("{count} done on {date}"),
    };
    // Of the endpoint that most went to.
    let usual = same_day.filter(|line| line.median.is_some()).max_by_key(|line| line.done);
    let each = usual.map_or(String::new(), |line| {
        format!(" · {} takes {}", short(model, line), wait(line.median))
    });
    let Some(budget) = model.money.spent.day_budget.filter(|budget| budget.0 > 0) else {
        return vec![("today", format!("{spent} · {done}{each}"))];
    };
    let part = (day.0.saturating_mul(100) / budget.0).clamp(0, 100);
    let filled = usize::try_from(part * BAR / 100).unwrap_or(0);
    let rest = usize::try_from(BAR).unwrap_or(0) - filled;
    vec![
        ("today", format!("{spent} of {} · {done}{each}", model.told(budget))),
        ("", format!("{}{} {part} %", "▬".repeat(filled), "─".repeat(rest))),
    ]
}

fn totals(model: &Model, account: &Account) -> String {
    let cost = with_unknown(model, account.cost, account.unknown);
    format!("{cost} for {}", counted(account.requests, "request"))
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
    format!("{} with those before it", model.told(cost.unwrap_or_default()))
}

/// What one that was kept has cost.
fn each_kept(model: &Model, account: &Account) -> String {
    let kept = model.tree.summaries().filter(|summary| summary.starred && !summary.trashed).count();
    match u64::try_from(kept) {
        Ok(kept @ 1..) => {
            const CENT: i64 = 10_000;
            let each = account.cost.0 / i64::try_from(kept).unwrap_or(i64::MAX);
            let each = Usd((each + CENT / 2) / CENT * CENT);
            format!("{} · {kept} starred", model.told(each))
        }
        _ => "none yet".into(),
    }
}

fn limit(model: &Model) -> String {
    match model.profile.limit {
        Some(limit) => format!("{} (config)", counted(limit, "request")),
        None => counted(model.queue.concurrency_limit, "request"),
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
