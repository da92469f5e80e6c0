//! The log: the story of each job, and what editree itself has to say.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{PaneSpec, Slot, queue};
use crate::app::action::Action;
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::Frame;
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;

/// From this width on there is room for seconds.
const WIDE: u16 = 50;

const ID: Pane = Pane("log");

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer: |_, _| vec![("errors", "errors"), ("to-job", "its job")],
    on_wheel: step,
    refresh,
    brief,
    ..PaneSpec::new(ID, 'l', Slot::Drawer(30), draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("log", Everywhere, &["alt-5"], "go to the log", |ui, _, _| ui.go_to(ID)),
    CommandRow::new("line-down", In(ID), &["j", "down"], "next line", |ui, model, _| step(ui, model, 1)),
    CommandRow::new("line-up", In(ID), &["k", "up"], "previous line", |ui, model, _| step(ui, model, -1)),
    CommandRow::new("errors", In(ID), &["e"], "warnings and errors only", |ui, _, _| { ui.panes.log.errors_only = !ui.panes.log.errors_only; Vec::new() }),
    CommandRow::new("log-end", In(ID), &["F"], "go to the end and follow", |ui, _, _| { ui.panes.log.scroll = 0; Vec::new() }),
    CommandRow::new("to-job", In(ID), &["enter"], "go to this line's job", to_job),
];

#[derive(Debug, Default)]
pub struct LogView {
    pub errors_only: bool,
    /// Lines between the end of the log and what is shown last.
    pub scroll: usize,
}

fn refresh(ui: &mut Ui, model: &Model) {
    let last = shown(model, ui).len().saturating_sub(1);
    ui.panes.log.scroll = ui.panes.log.scroll.min(last);
}

fn step(ui: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    ui.panes.log.scroll = ui.panes.log.scroll.saturating_add_signed(-by);
    Vec::new()
}

fn to_job(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let lines = shown(model, ui);
    let line = lines.len().checked_sub(ui.panes.log.scroll + 1).and_then(|at| lines.get(at));
    match line.and_then(|line| line.job) {
        Some(job) => queue::go_to(ui, model, job),
        None => Ui::say("this line has no job"),
    }
}

/// The lines that the pane shows, oldest first.
fn shown<'a>(model: &'a Model, ui: &Ui) -> Vec<&'a LogEntry> {
    let least = if ui.panes.log.errors_only { Level::Warning } else { Level::Info };
    model.log.lines().filter(|line| line.level >= least).collect()
}

/// Whether all is well, and what came last.
fn brief(_: &Ui, model: &Model) -> String {
    let recent = model.log.lines().rev().take(50);
    let bad = recent.filter(|line| line.level >= Level::Warning).count();
    match bad {
        0 => "log".into(),
        bad => format!("log !{bad}"),
    }
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let buffer = &mut frame.cells;
    let theme = ui.theme();
    let title = if ui.panes.log.errors_only { "log: errors" } else { "log" };
    let inner = super::titled(ui, ID, area, buffer, title);
    let lines = shown(model, ui);
    let rows = usize::from(inner.height);
    let last = lines.len().saturating_sub(ui.panes.log.scroll);
    let first = last.saturating_sub(rows);
    for (row, line) in lines.iter().skip(first).take(rows.min(last)).enumerate() {
        let is_selected = first + row + 1 == last && ui.focus() == ID;
        let style = match line.level {
            _ if is_selected => theme.selected(),
            Level::Error => theme.error(),
            Level::Warning => theme.warning(),
            Level::Info => Style::new(),
            Level::Debug => theme.dim(),
        };
        let job = line.job.map_or(String::new(), |job| format!("{job} "));
        let mark = match line.level {
            Level::Error => "!! ",
            Level::Warning => "! ",
            Level::Info | Level::Debug => "",
        };
        let text = format!("{} {job}{mark}{}", clock(line, model, inner.width >= WIDE), line.text);
        put(buffer, inner, 0, u16::try_from(row).unwrap_or(u16::MAX), &text, style);
    }
}

/// The local time, or only how long ago for what is older than a day.
fn clock(line: &LogEntry, model: &Model, is_wide: bool) -> String {
    const DAY: i64 = 86_400_000;
    let (hours, minutes, seconds) = model.clock(line.at);
    match model.now.since(line.at) / DAY {
        ..=0 if is_wide => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        ..=0 => format!("{hours:02}:{minutes:02}"),
        days => format!("{days} d ago"),
    }
}
