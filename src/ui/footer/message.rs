//! The message above the keys: what has happened, and what to do about it.
//!
//! It stands in the line above the keys, which cannot be guessed. Where that is too short, what has
//! happened stands in the last row of the prompt, if no words stand there, and what to do below it;
//! what does not go into both is told by a command, which the message ends with. Invariant: nothing
//! on the screen moves for it, but that the sums beside the next price make room; that price stays.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{Money, length};
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::ui::Ui;
use crate::ui::cells::{cut, padded, put, put_over};
use crate::ui::clauses::{self, BETWEEN};
use crate::ui::hint;
use crate::ui::pane::Pane;
use crate::ui::panes::TITLE;
use crate::ui::theme::Mark;

/// Where both rows of a message begin: where the words of the prompt do.
pub const INDENT: u16 = TITLE;
/// Blanks between a message and what stands behind it, so that both do not read as one sentence.
const APART: usize = 3;

/// What of the money stays beside a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sums {
    All,
    Next,
}

/// A row above the line.
#[derive(Clone, Copy)]
struct Above {
    columns: usize,
    sums: Sums,
}

/// What stands where.
struct Message {
    above: Option<(String, Above)>,
    line: String,
    /// What it is about; this alone has the colour of its tone.
    head: String,
    style: Style,
    /// The keys in it, which look as all keys do.
    keys: Vec<String>,
}

pub fn draw(rule: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let Some(message) = message(rule, model, ui) else { return };
    let Message { above, line, head, style, keys } = message;
    let theme = ui.theme();
    let mut head = head.as_str();
    if let Some((above, Above { columns, .. })) = above {
        let row = Rect { y: rule.y.saturating_sub(1), x: rule.x + INDENT, ..rule };
        put(buffer, row, 0, 0, &padded(&above, columns), theme.text());
        let first = shared(head, &above);
        put(buffer, row, 0, 0, first, style);
        head = head.get(first.len()..).unwrap_or_default().trim_start();
    }
    put_over(buffer, rule, (INDENT - 1, 0), &format!(" {line} "), theme.text());
    // Of what was cut only that which stands there.
    let head = shared(head, &line);
    if !head.is_empty() {
        put_over(buffer, rule, (INDENT, 0), head, style);
    }
    for key in keys {
        let begin = [format!("{BETWEEN}{key}: "), format!("{BETWEEN}{key}")];
        let before = match begin.iter().find_map(|begin| line.rsplit_once(begin.as_str())) {
            Some((before, _)) => before.width() + BETWEEN.width(),
            None if line.starts_with(&format!("{key}: ")) => 0,
            None => continue,
        };
        let x = u16::try_from(before).unwrap_or(u16::MAX).saturating_add(INDENT);
        put(buffer, rule, x, 0, &key, theme.accent());
    }
}

/// What two texts begin with.
fn shared<'a>(one: &'a str, other: &str) -> &'a str {
    let equal = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    let end = equal.map_or(one.len().min(other.len()), |((at, _), _)| at);
    one.get(..end).unwrap_or(one)
}

/// Columns of the line above the keys that the message takes, with one of the line itself behind it.
pub fn taken(rule: Rect, model: &Model, ui: &Ui) -> u16 {
    let width =
        message(rule, model, ui).map(|message| message.line.width() + usize::from(INDENT) + 2);
    u16::try_from(width.unwrap_or(0)).unwrap_or(u16::MAX)
}

/// What of the sums in the prompt stays beside it.
pub fn sums(prompt: Rect, model: &Model, ui: &Ui) -> Sums {
    let rule = Rect { y: prompt.bottom(), height: 1, ..prompt };
    let above = message(rule, model, ui).and_then(|message| message.above);
    above.map_or(Sums::All, |(_, above)| above.sums)
}

/// In one row, if it is whole there; else in two, if there are two.
fn message(rule: Rect, model: &Model, ui: &Ui) -> Option<Message> {
    let notice = model.notice.as_ref()?;
    let theme = ui.theme();
    // The mark tells the tone where there are no colours.
    let (mark, style) = match notice.tone {
        Tone::Info => ("", theme.text()),
        Tone::Good => (theme.mark(Mark::Done), theme.good()),
        Tone::Warning if notice.is_filtered => (theme.mark(Mark::Filtered), theme.warning()),
        Tone::Warning => (theme.mark(Mark::Warned), theme.warning()),
        Tone::Error => (theme.mark(Mark::Failed), theme.error()),
    };
    let gap = if mark.is_empty() { "" } else { " " };
    let text = format!("{mark}{gap}{}", notice.text);
    let all = hint::way(ui, "messages");
    let hint = notice.hint.as_ref();
    let key = hint.and_then(|hint| hint::key(ui, hint));
    let hint = hint.map_or(String::new(), |hint| hint::text(ui, hint));
    let words = Words { text: &text, hint: &hint, all: &all, is_grave: notice.tone > Tone::Good };
    let (above, line) = words.placed(usize::from(rule.width.saturating_sub(INDENT + 1)), || {
        rooms_above(rule, model, ui)
    });
    let head = clauses::bare(clauses::first(&text)).to_owned();
    Some(Message { above, line, head, style, keys: key.into_iter().chain([all]).collect() })
}

/// Columns of the prompt's last row that are free: no words reach it, and what is told at its end
/// keeps its place; or makes room.
fn rooms_above(rule: Rect, model: &Model, ui: &Ui) -> Vec<Above> {
    let prompt = ui.screen().layout().and_then(|layout| layout.slot(Pane::PROMPT));
    let is_free = |prompt: &Rect| {
        let has_row = ui.prompt.rows() < prompt.height && prompt.height > 1;
        ui.overlays.is_empty() && has_row && prompt.bottom() == rule.y
    };
    let Some(prompt) = prompt.filter(is_free) else { return Vec::new() };
    let money = Money::in_prompt(model, ui, prompt.width);
    let beside = match prompt.height {
        2 => vec![(money.width(), Sums::All), (money.alone().width(), Sums::Next)],
        // The money has the second row, the length the third.
        3 => vec![(length(model, ui).map_or(0, |length| length.width() + 2), Sums::All)],
        _ => vec![(0, Sums::All)],
    };
    let room = usize::from(prompt.width.saturating_sub(INDENT + 1));
    let columns = |wide: usize| if wide > 0 { room.saturating_sub(wide + APART - 1) } else { room };
    let rooms = beside.into_iter().map(|(wide, sums)| Above { columns: columns(wide), sums });
    rooms.filter(|above| above.columns >= usize::from(rule.width / 3)).collect()
}

/// What there is to say.
struct Words<'a> {
    text: &'a str,
    hint: &'a str,
    /// Where all of it is told.
    all: &'a str,
    /// All of it matters.
    is_grave: bool,
}

impl Words<'_> {
    /// What stands above the line, if anything does, and what in it.
    fn placed(
        &self,
        columns: usize,
        above: impl FnOnce() -> Vec<Above>,
    ) -> (Option<(String, Above)>, String) {
        let (line, is_whole) = self.line(self.text, columns);
        if line == joined(self.text, self.hint) || is_whole && !self.is_grave {
            return (None, line);
        }
        let above = above();
        // Rather than that a sum makes room, its last clauses stand in the line.
        let parted = above.iter().find_map(|above| {
            let (first, rest) = clauses::first_row(self.text, above.columns, columns);
            let at = self.text.len().saturating_sub(rest.len());
            let is_clause = rest.is_empty() || clauses::begins(self.text).contains(&at);
            let line = joined(&rest, self.hint);
            let is_whole = is_clause && line.width() <= columns;
            (is_whole && is_full(&first, *above)).then_some((Some((first, *above)), line))
        });
        if let Some(parted) = parted {
            return parted;
        }
        if let Some(all) = above.iter().find(|above| self.text.width() <= above.columns) {
            return (Some((self.text.to_owned(), *all)), self.line("", columns).0);
        }
        let mut best = None;
        for above in &above {
            let (first, rest) = clauses::first_row(self.text, above.columns, columns);
            let (line, is_whole) = self.line(&rest, columns);
            let is_full = is_full(&first, *above);
            best = Some((Some((first, *above)), line, is_whole));
            if is_whole && is_full {
                break;
            }
        }
        let Some((above_best, line_best, is_whole)) = best else { return (None, line) };
        let filled = above.iter().filter(|_| !is_whole).find_map(|above| {
            let (first, rest) = clauses::full_row(self.text, above.columns);
            let (line, is_whole) = self.line(&rest, columns);
            is_whole.then_some((Some((first, *above)), line))
        });
        // Whole counts for more than clauses.
        filled.unwrap_or((above_best, line_best))
    }

    /// What has happened and what can be done about it, and whether the row holds both. Where it is
    /// too long the hint loses what it explains, then the words their end.
    fn line(&self, text: &str, columns: usize) -> (String, bool) {
        let hints = self.hints();
        for hint in &hints {
            let line = joined(text, hint);
            if line.width() <= columns {
                let with_way = joined(&line, self.all);
                let is_short = *hint != self.hint && self.is_grave;
                let line = if is_short && with_way.width() <= columns { with_way } else { line };
                return (line, true);
            }
        }
        let does = hints.last().copied().unwrap_or_default();
        (self.cut(text, does, columns), false)
    }

    /// The hint, and what is left of it without the clauses at its end.
    fn hints(&self) -> Vec<&str> {
        let ends = clauses::begins(self.hint).into_iter().rev();
        let parts = ends.filter_map(|at| self.hint.get(..at));
        // What stands before a colon says nothing alone.
        let parts = parts.filter(|part| !part.ends_with(": "));
        std::iter::once(self.hint).chain(parts.map(clauses::bare)).collect()
    }

    /// Words that are too long, with the way to the rest of them.
    fn cut(&self, text: &str, does: &str, columns: usize) -> String {
        let plain = self.all.to_owned();
        let ways = match does.is_empty() {
            true => vec![format!("{plain}: the rest"), plain],
            false => vec![plain],
        };
        for at in clauses::begins(text).into_iter().rev() {
            let Some((kept, rest)) = text.split_at_checked(at) else { continue };
            let told = joined(&format!("{} …", clauses::bare(kept)), does);
            let mut lines: Vec<String> = ways.iter().map(|way| joined(&told, way)).collect();
            // What is no trouble is told by its first clauses alone.
            if !self.is_grave && !kept.ends_with(": ") {
                lines.push(joined(clauses::bare(kept), does));
            }
            if let Some(line) = lines.into_iter().find(|line| line.width() <= columns) {
                // One that no row holds is cut itself.
                let is_clause = clauses::first(rest).trim_end().width() <= columns;
                return if is_clause { line } else { self.cut_inside(text, does, &ways, columns) };
            }
        }
        self.cut_inside(text, does, &ways, columns)
    }

    fn cut_inside(&self, text: &str, does: &str, ways: &[String], columns: usize) -> String {
        let way = ways.first().map_or(self.all, String::as_str);
        let beside = |end: &str| columns.saturating_sub(BETWEEN.width() + end.width());
        if does.is_empty() {
            return joined(&cut(text, beside(way)), way);
        }
        let least = text.width().min(columns / 3);
        let room = beside(way).saturating_sub(BETWEEN.width() + least);
        // What can be done is whole, as long as it leaves half of the row.
        let end = match does.width() <= room || does.width() > columns.div_ceil(2) {
            true => joined(&cut(does, room), way),
            false => does.to_owned(),
        };
        joined(&cut(text, beside(&end)), &end)
    }
}

/// A row that stays half empty is used better where the sums make room.
fn is_full(first: &str, above: Above) -> bool {
    first.width() * 2 >= above.columns
}

fn joined(text: &str, more: &str) -> String {
    let parts = [text, more].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(BETWEEN)
}
