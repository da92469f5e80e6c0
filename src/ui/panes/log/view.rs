//! The log on the screen: time, picture, mark, words, and at the right what came of it, each in a
//! column that is the same in all rows.
//!
//! Draws only. Invariant: what came of a request is never cut; the words give way.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{ID, WIDE, newest};
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::schema::money;
use crate::ui::Ui;
use crate::ui::cells::{clean, cut, folded, padded, padded_before, put};
use crate::ui::frame::Frame;
use crate::ui::panes;
use crate::ui::theme::Mark;
use crate::ui::tree_caption::{Caption, How};
use crate::ui::tree_row::{has_same_words, is_filtered, mark_of_job};

/// From this width on there is room for how long a picture took: in less the words are as in the
/// tree.
const NARROW: u16 = 44;
/// Behind the title, where the sums themselves do not say it.
const SIMULATED: &str = " · sim prices";

pub fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let buffer = &mut frame.cells;
    // In few columns the words are worth more than what all sums would say: the title says it.
    let is_said_once = model.profile.simulated && area.width < WIDE;
    let height = usize::from(area.height.saturating_sub(1));
    let seen = newest(model, ui).skip(ui.panes.log.scroll).take(height);
    let mut seen: Vec<(&LogEntry, Line)> =
        seen.map(|entry| (entry, Line::of(entry, model, ui, (area.width, is_said_once)))).collect();
    let has_sums =
        seen.iter().any(|(_, line)| line.result.last().is_some_and(|sum| !sum.is_empty()));
    let prices = if is_said_once && has_sums { SIMULATED } else { "" };
    let inner = panes::titled(ui, ID, area, buffer, &format!("{}{prices}", title(ui)));
    if newest(model, ui).next().is_none() {
        let none = if ui.panes.log.errors_only { "no warnings and no errors" } else { "empty" };
        put(buffer, inner, 1, 0, none, ui.theme().dim());
    }
    let columns = Columns::of(seen.iter().map(|(_, line)| line), inner.width);
    agree(&mut seen, columns, inner.width, (model, ui));
    // From the selected line up, each as high as it is wrapped; the first stands below the title.
    let (mut rows, mut bottom) = (Vec::new(), 0);
    for (at, (entry, line)) in seen.iter().enumerate() {
        let is_selected = at == 0 && ui.focus() == ID;
        let own = rows_of(line, columns, (model, ui), inner.width, is_selected);
        let height = u16::try_from(own.len()).unwrap_or(u16::MAX);
        if inner.height.saturating_sub(bottom) < height {
            bottom = inner.height;
            break;
        }
        bottom += height;
        let above = seen.get(at + 1).map(|(_, above)| above);
        let is_repeated = above.is_some_and(|above| line.has_same_words(above, model));
        let quiet = quiet(line, is_repeated, columns, &own);
        rows.push((own, style(entry, ui, is_selected), is_selected, quiet));
    }
    for (rows, style, is_selected, quiet) in rows {
        let top = bottom.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX));
        for (y, row) in (top..bottom).zip(&rows) {
            if is_selected {
                put(buffer, inner, 0, y, &" ".repeat(usize::from(inner.width)), style);
            }
            put(buffer, inner, 1, y, row, style);
        }
        if is_selected {
            put(buffer, inner, 0, top, ui.theme().mark(Mark::Selected), ui.theme().cursor(true));
        } else {
            let column = |at: usize| u16::try_from(at + 1).unwrap_or(u16::MAX).min(inner.width);
            for Range { start, end } in quiet {
                let (x, width) = (inner.x + column(start), column(end) - column(start));
                let part = Rect { x, y: inner.y + top, width, height: 1 };
                buffer.set_style(part.intersection(inner), ui.theme().dim());
            }
        }
        bottom = top;
    }
}

fn title(ui: &Ui) -> &'static str {
    match (ui.panes.log.errors_only, ui.panes.log.has_steps) {
        (true, _) => "log · problems",
        (false, true) => "log · steps",
        (false, false) => "log",
    }
}

/// Pictures of one wording that came of one are told in one form, that of the line with the least room.
fn agree(
    lines: &mut [(&LogEntry, Line)],
    columns: Columns,
    width: u16,
    (model, ui): (&Model, &Ui),
) {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (_, line) in lines {
        let Words::Caption(node) = line.words else { continue };
        let Some(node) = model.nodes.get(&node) else { continue };
        let caption = ui.panes.captions.of(model, node);
        let (room, _) = columns.room(line, width);
        let group = (model.tree.parent(node.id), caption.wording().to_owned());
        groups.entry(group).or_default().push((caption, room, &mut line.how));
    }
    for of in groups.values_mut() {
        let how = Caption::how(of.iter().map(|(caption, room, _)| (&**caption, *room)), false);
        of.iter_mut().for_each(|(.., own)| **own = how);
    }
}

/// Columns of what is read second: when it was, and of what went well the mark, what it took, and words
/// that the row above has too. Only the first of these rows has them.
fn quiet(line: &Line, is_repeated: bool, columns: Columns, rows: &[String]) -> Vec<Range<usize>> {
    let clock = 0..columns.clock;
    let (begun, result) = (columns.begun(line).width(), columns.result(line).width());
    match (rows, line.has_ended_well) {
        ([row], true) => {
            let end = row.width().saturating_sub(result).max(begun);
            let words = begun.saturating_sub(2)..if is_repeated { end } else { begun };
            vec![clock, words, end..row.width().max(end)]
        }
        _ => Vec::from([clock]),
    }
}

fn style(entry: &LogEntry, ui: &Ui, is_selected: bool) -> Style {
    let theme = ui.theme();
    match entry.level {
        _ if is_selected => theme.selected(),
        Level::Error => theme.error(),
        Level::Warning => theme.warning(),
        Level::Info => Style::new(),
        Level::Step | Level::Debug => theme.dim(),
    }
}

/// What a line says, a part for each column.
struct Line {
    clock: String,
    called: String,
    mark: &'static str,
    words: Words,
    /// How much of them is told.
    how: How,
    /// How long the picture took, its size and its price, as far as there is room.
    result: [String; 3],
    has_ended_well: bool,
}

enum Words {
    /// Of a picture: they stand whole beside it, too.
    Caption(crate::tree::NodeId),
    Text(String),
}

impl Line {
    /// In so many columns; whether it is said elsewhere that the sums are simulated.
    fn of(entry: &LogEntry, model: &Model, ui: &Ui, (width, is_said): (u16, bool)) -> Self {
        let clock = clock(entry, model, width >= WIDE);
        let node = entry.node.map(|node| node.to_string());
        let called = node.or_else(|| entry.job.map(|job| model.called(job)));
        let mut result = entry.result().map_or_else(Default::default, |told| in_short(told, width));
        // What was written before sums said so is simulated, too.
        let [.., price] = &mut result;
        let bare = price.strip_prefix(money::SIMULATED).unwrap_or(price).to_owned();
        if bare.starts_with('$') {
            *price = if is_said { bare } else { model.told(bare) };
        }
        let job = entry.job.and_then(|job| model.jobs.get(&job));
        let open = job.filter(|job| !job.state.is_final() && !ui.panes.log.has_steps);
        let theme = ui.theme();
        let mark = match (entry.level, open) {
            (Level::Error, _) => theme.mark(Mark::Failed),
            (Level::Warning, _) if entry.node.is_some_and(|node| is_filtered(model, node)) => {
                theme.mark(Mark::Filtered)
            }
            (Level::Warning, _) => theme.mark(Mark::Warned),
            (Level::Info, Some(job)) => theme.mark(mark_of_job(&job.state)),
            (Level::Info, None) if entry.result().is_some() => theme.mark(Mark::Done),
            (Level::Info | Level::Step | Level::Debug, _) => "",
        };
        let has_caption = entry.result().is_some() || open.is_some() && entry.is_first();
        // When its first line was written its job was not known yet.
        let made = entry.node.or(job.map(|job| job.node));
        let caption = made.filter(|_| has_caption).and_then(|node| model.nodes.get(&node));
        let has_ended_well = entry.level == Level::Info && entry.result().is_some();
        if let (Some(node), Some(called)) = (caption, &called) {
            let (called, words) = (called.clone(), Words::Caption(node.id));
            let how = How::default();
            return Self { clock, called, mark, words, how, result, has_ended_well };
        }
        let (called, text) = parted(called, clean(&entry.text));
        let words = Words::Text(if entry.result().is_some() { String::new() } else { text });
        Self { clock, called, mark, words, how: How::default(), result, has_ended_well }
    }

    /// Both are of pictures with the same words.
    fn has_same_words(&self, other: &Self, model: &Model) -> bool {
        let node = |line: &Self| match line.words {
            Words::Caption(node) => model.nodes.get(&node),
            Words::Text(_) => None,
        };
        let nodes = node(self).zip(node(other));
        nodes.is_some_and(|(own, other)| has_same_words(own, other))
    }

    fn words(&self, (model, ui): (&Model, &Ui), room: usize) -> String {
        let how = if room == usize::MAX { How::default() } else { self.how };
        match &self.words {
            Words::Text(text) => text.clone(),
            Words::Caption(node) => model.nodes.get(node).map_or_else(String::new, |node| {
                let (words, differs) = ui.panes.captions.of(model, node).told_so(how, room);
                words + &differs
            }),
        }
    }
}

/// The number stands in its column, and not a second time in the words.
fn parted(called: Option<String>, text: String) -> (String, String) {
    let begun = called.as_ref().and_then(|called| text.strip_prefix(called.as_str()));
    let rest = begun.and_then(|rest| rest.strip_prefix(": ").or(rest.strip_prefix(' ')));
    if let Some(rest) = rest {
        return (called.unwrap_or_default(), rest.to_owned());
    }
    let is_named = |called: &String| text.split([' ', ':', ',']).any(|word| word == called);
    (called.filter(|called| !is_named(called)).unwrap_or_default(), text)
}

/// Widths of the columns, the same for all rows.
#[derive(Clone, Copy)]
struct Columns {
    clock: usize,
    called: usize,
    result: [usize; 3],
    /// Between what came of it.
    gap: &'static str,
}

impl Columns {
    fn of<'line>(lines: impl Iterator<Item = &'line Line> + Clone, width: u16) -> Self {
        let widest = |part: fn(&Line) -> &str| {
            lines.clone().map(|line| part(line).width()).max().unwrap_or(0)
        };
        Self {
            clock: widest(|line| &line.clock),
            called: widest(|line| &line.called),
            result: [
                widest(|line| &line.result[0]),
                widest(|line| &line.result[1]),
                widest(|line| &line.result[2]),
            ],
            gap: if width < WIDE { " " } else { "  " },
        }
    }

    /// What the words have, and the gap behind them.
    fn room(&self, line: &Line, width: u16) -> (usize, usize) {
        let (begun, result) = (self.begun(line).width(), self.result(line).width());
        let gap = if result > 0 { 2 } else { 0 };
        (usize::from(width).saturating_sub(2 + begun + result + gap), gap)
    }

    fn begun(&self, line: &Line) -> String {
        let Self { clock, called, .. } = *self;
        let (clock, called) = (padded_before(&line.clock, clock), padded(&line.called, called));
        format!("{clock} {called} {} ", padded(line.mark, 1))
    }

    /// Behind the words; times and prices end together, sizes begin together.
    fn result(&self, line: &Line) -> String {
        if line.result.iter().all(String::is_empty) {
            return String::new();
        }
        let [took, size, price] = &line.result;
        let [wide_took, wide_size, wide_price] = self.result;
        let parts = [
            (wide_took, padded_before(took, wide_took)),
            (wide_size, padded(size, wide_size)),
            (wide_price, padded_before(price, wide_price)),
        ];
        let parts = parts.into_iter().filter(|(wide, _)| *wide > 0).map(|(_, part)| part);
        parts.collect::<Vec<_>>().join(self.gap)
    }
}

/// A line in as many rows as it has; one that is neither selected nor wrapped has one.
fn rows_of(
    line: &Line,
    columns: Columns,
    seen: (&Model, &Ui),
    width: u16,
    is_selected: bool,
) -> Vec<String> {
    let room = usize::from(width).saturating_sub(2);
    let (begun, result) = (columns.begun(line), columns.result(line));
    let is_whole = is_selected && matches!(line.words, Words::Text(_));
    if seen.1.panes.log.wraps || is_whole {
        let all = format!("{begun}{}  {result}", line.words(seen, usize::MAX));
        if all.trim_end().width() > room + 1 {
            return folded(all.trim_end(), room + 1);
        }
    }
    let (left, gap) = columns.room(line, width);
    let words = cut(&line.words(seen, left), left);
    let words = padded(&words, left + gap);
    vec![format!("{begun}{words}{result}").trim_end().to_owned()]
}

/// `6.1 s`, `1248×832` and `$0.04` of `6.1 s · 1248×832 · $0.04`; only the price where there is no
/// more room.
fn in_short(result: &str, width: u16) -> [String; 3] {
    let own = |part: &str| part.to_owned();
    let parts: Vec<&str> = result.split(" · ").collect();
    match (parts.as_slice(), width) {
        ([_, .., price], 0..NARROW) => [String::new(), String::new(), own(price)],
        ([took, .., price], NARROW..WIDE) => [own(took), String::new(), own(price)],
        ([took, sizes @ .., price], _) => [own(took), sizes.join("  "), own(price)],
        (parts, _) => [String::new(), String::new(), parts.join("  ")],
    }
}

/// The local time, or only how long ago for what is older than a day.
fn clock(entry: &LogEntry, model: &Model, is_wide: bool) -> String {
    const DAY_MS: i64 = 86_400_000;
    let (hours, minutes, seconds) = model.clock(entry.at);
    match model.now.since(entry.at) / DAY_MS {
        ..=0 if is_wide => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        ..=0 => format!("{hours:02}:{minutes:02}"),
        days => format!("{days} d ago"),
    }
}
