//! The log: the story of each job, and what editree itself has to say.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{PaneSpec, Slot, queue};
use crate::app::action::{Action, TreeAction};
use crate::app::job::{Job, JobId, State};
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::command::{Args, CommandRow};
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;
use crate::ui::theme::{Mark, Role};
use crate::ui::tree_row::is_filtered;

mod view;

/// From this width on there is room for seconds and sizes.
const WIDE: u16 = 60;
/// So many lines are worth a row.
const WORTH: u16 = 50;

const ID: Pane = Pane("log");

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer: |ui, _| {
        let errors = if ui.panes.log.errors_only { "all" } else { "problems" };
        vec![("log-steps", "steps"), ("errors", errors), ("wrap", "wrap"), ("to-job", "its job")]
    },
    on_wheel: step,
    refresh,
    brief,
    brief_role,
    rows: |ui, model, _| {
        let lines = newest(model, ui).take(usize::from(WORTH)).count();
        u16::try_from(lines).unwrap_or(WORTH).max(1) + 1
    },
    least_columns: WIDE,
    ..PaneSpec::new(ID, 'l', Slot::Drawer, view::draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("log", Everywhere, &["alt-5"], "go to the log", |ui, _, _| ui.go_to(ID)).sought_as(&["errors", "output", "history"]),
    CommandRow::new("line-down", In(ID), &["j", "down"], "go to the next line", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("line-up", In(ID), &["k", "up"], "go to the previous line", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("errors", In(ID), &["e"], "show only warnings and errors", errors),
    CommandRow::new("log-steps", In(ID), &["s"], "show each request's steps or not", steps),
    CommandRow::new("wrap", In(ID), &["w"], "wrap long lines or not", |ui, _, _| { ui.panes.log.wraps = !ui.panes.log.wraps; Vec::new() }),
    CommandRow::new("log-end", In(ID), &["F"], "go to the end, and follow", |ui, _, _| { ui.panes.log.scroll = 0; Vec::new() }),
    CommandRow::new("to-job", In(ID), &["enter"], "go to this line's job", to_job),
];

#[derive(Debug, Default)]
pub struct LogView {
    pub errors_only: bool,
    /// Also what happens on a request's way.
    pub has_steps: bool,
    /// Lines take as many rows as they need.
    pub wraps: bool,
    /// Lines between the end of the log and what is shown last.
    pub scroll: usize,
    /// So many lines there were.
    all: usize,
    /// What has failed and what was warned of, counted anew after each change.
    troubles: Troubles,
    counted_of: Option<[u64; 4]>,
}

fn errors(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let log = &mut ui.panes.log;
    (log.errors_only, log.scroll) = (!log.errors_only, 0);
    Vec::new()
}

fn steps(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let log = &mut ui.panes.log;
    (log.has_steps, log.errors_only, log.scroll) = (!log.has_steps, false, 0);
    Vec::new()
}

fn refresh(ui: &mut Ui, model: &Model) {
    let changes =
        [model.log.changes(), model.jobs.changes(), model.nodes.changes(), model.tree.version()];
    if ui.panes.log.counted_of.replace(changes) != Some(changes) {
        ui.panes.log.troubles = troubles(model);
    }
    // At the end nothing has to be kept in its place, and thousands of lines need no count.
    if ui.panes.log.scroll == 0 {
        ui.panes.log.all = 0;
        return;
    }
    let all = newest(model, ui).count();
    let log = &mut ui.panes.log;
    // What comes at the end moves nothing that is looked at.
    let more = if log.all > 0 { all.saturating_sub(log.all) } else { 0 };
    log.scroll = (log.scroll + more).min(all.saturating_sub(1));
    log.all = all;
}

fn step(ui: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    ui.panes.log.scroll = ui.panes.log.scroll.saturating_add_signed(-by);
    Vec::new()
}

fn to_job(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let line = newest(model, ui).nth(ui.panes.log.scroll);
    let Some(line) = line else { return Ui::say("this line has no job") };
    match (line.job, line.node) {
        (Some(job), _) if model.jobs.contains_key(&job) => queue::go_to(ui, job),
        // Its request has left the queue; what came of it is in the tree.
        (_, Some(node)) if model.tree.get(node).is_some() => {
            vec![Action::Tree(TreeAction::GoTo(node))]
        }
        (Some(_), _) => Ui::say("this request has left the queue"),
        (None, _) => Ui::say("this line has no job"),
    }
}

/// The lines that the pane shows, newest first: of each picture the last one, and what went wrong
/// on its way; or all steps.
fn newest<'a>(model: &'a Model, ui: &Ui) -> impl Iterator<Item = &'a LogEntry> {
    let (errors_only, has_steps) = (ui.panes.log.errors_only, ui.panes.log.has_steps);
    let mut told = HashSet::new();
    model.log.lines().rev().filter(move |line| match (errors_only, has_steps) {
        (true, _) => line.level >= Level::Warning,
        (false, true) => line.level >= Level::Step,
        (false, false) => {
            let is_last = line.level >= Level::Info && line.job.is_none_or(|job| told.insert(job));
            is_last || line.level >= Level::Warning
        }
    })
}

/// What has gone wrong lately, as far as it is still open: a request each, however many lines tell
/// of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Troubles {
    /// Without a picture, and what failed without a request: the store's, or ours.
    failed: usize,
    filtered: usize,
    /// Warned of on its way. A warning without a request is a message: nothing is paid or lost.
    warned: usize,
}

fn troubles(model: &Model) -> Troubles {
    let (mut told, mut done, mut alone) = (BTreeMap::new(), BTreeSet::new(), 0);
    for line in model.log.lines().rev().take(50) {
        let Some(id) = line.job else {
            alone += usize::from(line.level == Level::Error);
            continue;
        };
        // What was warned of on the way to a picture is over.
        done.extend(line.result().map(|_| id));
        if line.level >= Level::Warning && !done.contains(&id) {
            let worst = told.entry(id).or_insert(line.level);
            *worst = line.level.max(*worst);
        }
    }
    // Of an earlier run nothing is known any more.
    let told: Vec<(Level, &Job)> =
        told.into_iter().filter_map(|(id, level)| Some((level, model.jobs.get(&id)?))).collect();
    let made = made_since(model, &told.iter().map(|(_, job)| words(job)).collect());
    let is_made = |job: &Job| made.get(&words(job)).is_some_and(|newest| *newest > job.id);
    let mut troubles = Troubles { failed: alone, ..Troubles::default() };
    for (level, job) in told.into_iter().filter(|(_, job)| is_open(model, job, || is_made(job))) {
        match level {
            Level::Error => troubles.failed += 1,
            Level::Warning | Level::Info | Level::Step | Level::Debug => {
                match is_filtered(model, job.node) {
                    true => troubles.filtered += 1,
                    false => troubles.warned += 1,
                }
            }
        }
    }
    troubles
}

/// By what a request is known again.
type Words<'job> = (&'job str, &'job [Input]);

fn words(job: &Job) -> Words<'_> {
    (&job.spec.recipe.prompt, &job.spec.recipe.inputs)
}

/// The newest request of each of these words that brought its picture.
fn made_since<'model>(
    model: &'model Model,
    wanted: &HashSet<Words<'model>>,
) -> HashMap<Words<'model>, JobId> {
    if wanted.is_empty() {
        return HashMap::new();
    }
    let is_good = |job: &&Job| {
        job.state == State::Done && wanted.contains(&words(job)) && !is_filtered(model, job.node)
    };
    let mut good: Vec<&Job> = model.jobs.values().filter(is_good).collect();
    good.sort_by_key(|job| job.id);
    good.into_iter().map(|job| (words(job), job.id)).collect()
}

/// It is not settled: neither by a person, nor by a picture that the same words made later. Money
/// that may be lost stays open whatever came later.
fn is_open(model: &Model, job: &Job, is_made: impl Fn() -> bool) -> bool {
    let is_trashed = model.tree.get(job.node).is_some_and(|summary| summary.trashed);
    match job.state {
        State::Cancelled | State::Dismissed => false,
        State::Failed => !is_trashed && !is_made(),
        State::Done if is_filtered(model, job.node) => !is_trashed && !is_made(),
        State::Done => !is_trashed,
        State::Saved
        | State::Held(_)
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Waiting(_)
        | State::Cancelling
        | State::Unknown => true,
    }
}

fn brief_role(ui: &Ui) -> Role {
    match ui.panes.log.troubles {
        Troubles { failed: 1.., .. } => Role::Failed,
        Troubles { failed: 0, filtered: 0, warned: 0 } => Role::Secondary,
        Troubles { .. } => Role::Warning,
    }
}

/// Whether all is well, and what came last.
fn brief(ui: &Ui, model: &Model) -> String {
    let Troubles { failed, filtered, warned } = ui.panes.log.troubles;
    let mark = |mark: Mark| ui.theme().mark(mark);
    let counted = [(Mark::Failed, failed), (Mark::Filtered, filtered), (Mark::Warned, warned)];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    let counted: String = counted.map(|(it, count)| format!(" {}{count}", mark(it))).collect();
    if !counted.is_empty() {
        return format!("log{counted}");
    }
    let last = model.jobs.counts().last_done.and_then(|(_, id)| model.jobs.get(&id));
    let took = |job: &Job| Some(job.ended_at?.since(job.sent_at?) as f64 / 1_000.0);
    match last.and_then(|job| Some(format!("{} in {:.1} s", job.node, took(job)?))) {
        Some(last) => format!("log · {} {last}", ui.theme().mark(Mark::Done)),
        None => "log".into(),
    }
}
