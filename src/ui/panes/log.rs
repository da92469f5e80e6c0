//! The log: the story of each job, and what editree itself has to say.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{PaneSpec, Slot, queue};
use crate::app::action::Action;
use crate::app::job::Job;
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::cells::{clean, folded, put};
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::Frame;
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;
use crate::ui::theme::Mark;

/// From this width on there is room for seconds.
const WIDE: u16 = 50;

const ID: Pane = Pane("log");

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer: |_, _| {
        vec![("log-steps", "steps"), ("errors", "errors"), ("wrap", "wrap"), ("to-job", "its job")]
    },
    on_wheel: step,
    refresh,
    brief,
    ..PaneSpec::new(ID, 'l', Slot::Drawer(30), draw)
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
    let all = shown(model, ui).len();
    let log = &mut ui.panes.log;
    if log.scroll > 0 {
        // What comes at the end moves nothing that is looked at.
        log.scroll += all.saturating_sub(log.all);
    }
    log.all = all;
    log.scroll = log.scroll.min(all.saturating_sub(1));
}

fn step(ui: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    ui.panes.log.scroll = ui.panes.log.scroll.saturating_add_signed(-by);
    Vec::new()
}

fn to_job(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let lines = shown(model, ui);
    let line = lines.len().checked_sub(ui.panes.log.scroll + 1).and_then(|at| lines.get(at));
    match line.and_then(|line| line.job) {
        Some(job) if model.jobs.contains_key(&job) => queue::go_to(ui, job),
        Some(job) => Ui::say(&format!("{} has left the queue", model.called(job))),
        None => Ui::say("this line has no job"),
    }
}

/// The lines that the pane shows, oldest first.
fn shown<'a>(model: &'a Model, ui: &Ui) -> Vec<&'a LogEntry> {
    let log = &ui.panes.log;
    let least = match (log.errors_only, log.has_steps) {
        (true, _) => Level::Warning,
        (false, true) => Level::Step,
        (false, false) => Level::Info,
    };
    model.log.lines().filter(|line| line.level >= least).collect()
}

/// Whether all is well, and what came last.
fn brief(ui: &Ui, model: &Model) -> String {
    let recent = model.log.lines().rev().take(50);
    let bad = recent.filter(|line| line.level >= Level::Warning).count();
    let last = model.jobs.counts().last_done.and_then(|(_, id)| model.jobs.get(&id));
    let took = |job: &Job| Some(job.ended_at?.since(job.sent_at?) as f64 / 1_000.0);
    let last = last.and_then(|job| Some(format!("{} in {:.1} s", job.node, took(job)?)));
    match (bad, last) {
        (0, None) => "log".into(),
        (0, Some(_)) if ui.screen.area.width < crate::ui::ROOMY => "log".into(),
        (0, Some(last)) => format!("log {} {last}", ui.theme().done()),
        (1, _) => "log · 1 warning".into(),
        (bad, _) => format!("log · {bad} warnings"),
    }
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let buffer = &mut frame.cells;
    let title = match (ui.panes.log.errors_only, ui.panes.log.has_steps) {
        (true, _) => "log: errors",
        (false, true) => "log: steps",
        (false, false) => "log",
    };
    let inner = super::titled(ui, ID, area, buffer, title);
    let lines = shown(model, ui);
    let last = lines.len().saturating_sub(ui.panes.log.scroll);
    // From the selected line up, each as high as it is wrapped.
    let mut bottom = inner.height;
    for (at, line) in lines.iter().enumerate().take(last).rev() {
        let is_selected = at + 1 == last && ui.focus() == ID;
        let text = told(line, model, inner.width);
        let columns = usize::from(inner.width).saturating_sub(1);
        let rows = match ui.panes.log.wraps || is_selected {
            true => folded(&text, columns),
            false => vec![text],
        };
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let Some(top) = bottom.checked_sub(height) else {
            break;
        };
        for (y, row) in (top..bottom).zip(&rows) {
            let style = style(line, ui, is_selected);
            if is_selected {
                put(buffer, inner, 0, y, &" ".repeat(usize::from(inner.width)), style);
            }
            put(buffer, inner, 1, y, row, style);
        }
        if is_selected {
            put(buffer, inner, 0, top, ui.theme().mark(Mark::Selected), ui.theme().selected());
        }
        bottom = top;
    }
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

/// Time, picture, mark and words.
fn told(line: &LogEntry, model: &Model, width: u16) -> String {
    // Most lines name their picture by themselves.
    let node = line.node.map(|node| node.to_string());
    let job = node.or_else(|| line.job.map(|job| model.called(job)));
    let job = job.filter(|called| !line.text.split(' ').any(|word| word == called));
    let job = job.map_or(String::new(), |called| format!("{called} "));
    let mark = match line.level {
        Level::Error => "!! ",
        Level::Warning => "! ",
        Level::Info | Level::Step | Level::Debug => "",
    };
    format!("{} {job}{mark}{}", clock(line, model, width >= WIDE), clean(&line.text))
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
