//! The log: the story of each job, and what editree itself has to say.

use std::collections::{BTreeSet, HashMap, HashSet};

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{PaneSpec, Slot, queue};
use crate::app::action::{Action, TreeAction};
use crate::app::job::{Job, JobId, State};
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::cells::{clean, cut, folded, put};
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::Frame;
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;
use crate::ui::theme::{Mark, Role};
use crate::ui::tree_row::is_filtered;

/// From this width on there is room for seconds and sizes.
const WIDE: u16 = 60;
/// … and from this one on for how long a picture took.
const NARROW: u16 = 34;
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
    ..PaneSpec::new(ID, 'l', Slot::Drawer, draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("log", Everywhere, &["alt-5"], "go to the log", |ui, _, _| ui.go_to(ID)).sought_as(&["errors", "output", "history"]),
    CommandRow::new("line-down", In(ID), &["j", "down"], "next line", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("line-up", In(ID), &["k", "up"], "previous line", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("errors", In(ID), &["e"], "warnings and errors only", errors),
    CommandRow::new("log-steps", In(ID), &["s"], "all steps of each request on or off", steps),
    CommandRow::new("wrap", In(ID), &["w"], "wrap long lines on or off", |ui, _, _| { ui.panes.log.wraps = !ui.panes.log.wraps; Vec::new() }),
    CommandRow::new("log-end", In(ID), &["F"], "go to the end and follow", |ui, _, _| { ui.panes.log.scroll = 0; Vec::new() }),
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
    troubles: (usize, usize),
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

/// By what a request is known again.
type Words<'job> = (&'job str, &'job [Input]);

fn words(job: &Job) -> Words<'_> {
    (&job.spec.recipe.prompt, &job.spec.recipe.inputs)
}

/// Requests that have failed lately, and those that were warned of, as far as they are still open.
/// A warning without one is a message: nothing is paid or lost. An error without one is the
/// store's, or ours.
fn troubles(model: &Model) -> (usize, usize) {
    let (mut told, mut done, mut alone) = (Vec::new(), BTreeSet::new(), 0);
    for line in model.log.lines().rev().take(50) {
        let Some(id) = line.job else {
            alone += usize::from(line.level == Level::Error);
            continue;
        };
        // What was warned of on the way to a picture is over.
        done.extend(line.result().map(|_| id));
        let is_told = line.level >= Level::Warning && !done.contains(&id);
        // Of an earlier run nothing is known any more.
        told.extend(model.jobs.get(&id).filter(|_| is_told).map(|job| (line.level, job)));
    }
    let made = made_since(model, &told.iter().map(|(_, job)| words(job)).collect());
    let is_made = |job: &Job| made.get(&words(job)).is_some_and(|newest| *newest > job.id);
    // What goes wrong may fill several lines, and be tried several times.
    let count = |errors: bool| {
        let own = told.iter().filter(|(level, _)| (*level == Level::Error) == errors);
        let open = own.filter(|(_, job)| is_open(model, job, || is_made(job)));
        open.map(|(_, job)| words(job)).collect::<HashSet<_>>().len()
    };
    (count(true) + alone, count(false))
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
        (0, 0) => Role::Secondary,
        (0, _) => Role::Warning,
        _ => Role::Failed,
    }
}

/// Whether all is well, and what came last.
fn brief(ui: &Ui, model: &Model) -> String {
    let (failed, warned) = ui.panes.log.troubles;
    if failed > 0 {
        return format!("log {}{failed}", ui.theme().mark(Mark::Failed));
    }
    let last = model.jobs.counts().last_done.and_then(|(_, id)| model.jobs.get(&id));
    let took = |job: &Job| Some(job.ended_at?.since(job.sent_at?) as f64 / 1_000.0);
    let last = last.and_then(|job| Some(format!("{} in {:.1} s", job.node, took(job)?)));
    match (warned, last) {
        (0, None) => "log".into(),
        (0, Some(_)) if ui.screen.area.width < crate::ui::ROOMY => "log".into(),
        (0, Some(last)) => format!("log {} {last}", ui.theme().done()),
        (1, _) => "log · 1 problem".into(),
        (warnings, _) => format!("log · {warnings} problems"),
    }
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let buffer = &mut frame.cells;
    let title = match (ui.panes.log.errors_only, ui.panes.log.has_steps) {
        (true, _) => "log · problems",
        (false, true) => "log · steps",
        (false, false) => "log",
    };
    let inner = super::titled(ui, ID, area, buffer, title);
    if newest(model, ui).next().is_none() {
        let none = if ui.panes.log.errors_only { "no warnings and no errors" } else { "empty" };
        put(buffer, inner, 1, 0, none, ui.theme().dim());
    }
    // From the selected line up, each as high as it is wrapped; the first stands below the title.
    let (mut seen, mut bottom) = (Vec::new(), 0);
    for (at, line) in newest(model, ui).skip(ui.panes.log.scroll).enumerate() {
        let is_selected = at == 0 && ui.focus() == ID;
        let rows = rows_of(line, model, ui, inner.width, is_selected);
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        if inner.height.saturating_sub(bottom) < height {
            bottom = inner.height;
            break;
        }
        bottom += height;
        seen.push((rows, style(line, ui, is_selected), is_selected));
    }
    for (rows, style, is_selected) in seen {
        let top = bottom.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX));
        for (y, row) in (top..bottom).zip(&rows) {
            if is_selected {
                put(buffer, inner, 0, y, &" ".repeat(usize::from(inner.width)), style);
            }
            put(buffer, inner, 1, y, row, style);
        }
        if is_selected {
            put(buffer, inner, 0, top, ui.theme().mark(Mark::Selected), ui.theme().cursor(true));
        }
        bottom = top;
    }
}

/// A line in as many rows as it has; one that is neither selected nor wrapped has one.
fn rows_of(line: &LogEntry, model: &Model, ui: &Ui, width: u16, is_selected: bool) -> Vec<String> {
    let columns = usize::from(width).saturating_sub(1);
    // The words of a picture stand whole beside it, too.
    let is_whole = is_selected && line.result().is_none();
    if ui.panes.log.wraps || is_whole {
        let (words, result) = told(line, model, ui, (width, usize::MAX));
        let all = [words.as_str(), &result].join("  ");
        if all.trim_end().width() > columns {
            return folded(all.trim_end(), columns);
        }
    }
    let (words, result) = told(line, model, ui, (width, columns.saturating_sub(1)));
    vec![aligned(&words, &result, columns.saturating_sub(1))]
}

fn style(line: &LogEntry, ui: &Ui, is_selected: bool) -> Style {
    let theme = ui.theme();
    match line.level {
        _ if is_selected => theme.selected(),
        Level::Error => theme.error(),
        Level::Warning => theme.warning(),
        Level::Info => Style::new(),
        Level::Step | Level::Debug => theme.dim(),
    }
}

/// Time, picture, mark and words; and what came of it, which is never cut.
fn told(
    line: &LogEntry,
    model: &Model,
    ui: &Ui,
    (width, columns): (u16, usize),
) -> (String, String) {
    let clock = clock(line, model, width >= WIDE);
    // All numbers have one column, and marks the next.
    let column = model.tree.newest().map_or(0, |newest| newest.to_string().width());
    let node = line.node.map(|node| node.to_string());
    let called = node.or_else(|| line.job.map(|job| model.called(job)));
    if let Some((result, called)) = line.result().zip(called.as_ref()) {
        let result = in_short(result, width);
        let begun = format!("{clock} {called:column$} {} ", ui.theme().done());
        let room = columns.saturating_sub(begun.width() + result.width() + 2);
        let words = line.node.and_then(|node| model.nodes.get(&node)).map(|node| {
            let caption = ui.panes.captions.of(model, node);
            let (words, differs) = caption.fitted(room);
            words + &differs
        });
        return (begun + &words.unwrap_or_default(), result);
    }
    let text = clean(&line.text);
    // The number stands in its column, and not a second time in the words.
    let begun = called.as_ref().and_then(|called| text.strip_prefix(called.as_str()));
    let rest = begun.and_then(|rest| rest.strip_prefix(": ").or(rest.strip_prefix(' ')));
    let is_named = |called: &String| text.split([' ', ':', ',']).any(|word| word == called);
    let called = called.filter(|called| rest.is_some() || !is_named(called)).unwrap_or_default();
    let text = rest.unwrap_or(&text);
    let mark = match line.level {
        Level::Error => "!! ",
        Level::Warning => "! ",
        Level::Info | Level::Step | Level::Debug => "",
    };
    (format!("{clock} {called:column$} {mark}{text}"), String::new())
}

/// `6.1 s  $0.04` of `6.1 s · 1248×832 · $0.04`; only the price where there is no more room.
fn in_short(result: &str, width: u16) -> String {
    let parts: Vec<&str> = result.split(" · ").collect();
    match (parts.as_slice(), width) {
        ([_, .., price], 0..NARROW) => (*price).to_owned(),
        ([took, .., price], NARROW..WIDE) => format!("{took}  {price}"),
        (parts, _) => parts.join("  "),
    }
}

/// The result at the right; the words have what is left.
fn aligned(words: &str, result: &str, columns: usize) -> String {
    if result.is_empty() {
        return words.to_owned();
    }
    let room = columns.saturating_sub(result.width() + 1);
    let words = cut(words.trim_end(), room);
    let gap = " ".repeat(columns.saturating_sub(words.width() + result.width()));
    format!("{words}{gap}{result}")
}

/// The local time, or only how long ago for what is older than a day.
fn clock(line: &LogEntry, model: &Model, is_wide: bool) -> String {
    const DAY_MS: i64 = 86_400_000;
    let (hours, minutes, seconds) = model.clock(line.at);
    match model.now.since(line.at) / DAY_MS {
        ..=0 if is_wide => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        ..=0 => format!("{hours:02}:{minutes:02}"),
        days => format!("{days} d ago"),
    }
}
