//! The log: the story of each job, and what editree itself has to say.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame;
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::pane::Pane;

/// From this width on there is room for seconds.
const WIDE: u16 = 50;

/// The lines that the pane shows, oldest first.
pub fn shown<'a>(model: &'a Model, ui: &Ui) -> Vec<&'a LogEntry> {
    let least = if ui.errors_only { Level::Warning } else { Level::Info };
    model.log.lines().filter(|line| line.level >= least).collect()
}

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let title = if ui.errors_only { "log: errors" } else { "log" };
    let inner = frame(area, buffer, theme, title, ui.focus() == Pane::Log);
    let lines = shown(model, ui);
    let rows = usize::from(inner.height);
    let last = lines.len().saturating_sub(ui.log_scroll);
    let first = last.saturating_sub(rows);
    for (row, line) in lines.iter().skip(first).take(rows.min(last)).enumerate() {
        let is_selected = first + row + 1 == last && ui.focus() == Pane::Log;
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
