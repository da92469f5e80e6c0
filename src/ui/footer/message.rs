//! The message above the keys: what has happened, and what to do about it.
//!
//! It stands in the line above the keys, which cannot be guessed. Where that is too short it begins
//! in the last row of the prompt, if no words stand there; what is cut after that is told by a
//! command, which the message ends with. Invariant: nothing on the screen moves for it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::Money;
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::ui::Ui;
use crate::ui::cells::{cut, put, put_over, wrapped};
use crate::ui::hint;
use crate::ui::pane::Pane;

/// Between what has happened and what to do.
const SEPARATOR: &str = " · ";
/// Behind the bar and the number of the prompt, as its words.
pub const INDENT: u16 = 3;

/// What stands where.
struct Message {
    /// In the row above the line.
    above: Option<String>,
    line: String,
    style: Style,
}

pub fn draw(rule: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let Some(Message { above, line, style }) = message(rule, model, ui) else { return };
    if let Some(above) = above {
        let room = above_room(rule, model, ui).unwrap_or(0);
        let row = Rect { y: rule.y.saturating_sub(1), x: rule.x + INDENT, width: room, ..rule };
        put(buffer, row, 0, 0, &" ".repeat(usize::from(room)), style);
        put(buffer, row, 0, 0, &above, style);
    }
    put_over(buffer, rule, (INDENT - 1, 0), &format!(" {line} "), style);
    // Its key looks as all keys do.
    let hint = model.notice.as_ref().and_then(|notice| notice.hint.as_ref());
    let Some(key) = hint.and_then(|hint| hint::key(ui, hint)) else { return };
    let before = match line.rsplit_once(&format!("{SEPARATOR}{key}: ")) {
        Some((before, _)) => before.width() + SEPARATOR.width(),
        None if line.starts_with(&format!("{key}: ")) => 0,
        None => return,
    };
    let x = u16::try_from(before).unwrap_or(u16::MAX).saturating_add(INDENT);
    put(buffer, rule, x, 0, &key, ui.theme().accent());
}

/// Columns of the line above the keys that the message takes, with one of the line itself behind it.
pub fn taken(rule: Rect, model: &Model, ui: &Ui) -> u16 {
    let width =
        message(rule, model, ui).map(|message| message.line.width() + usize::from(INDENT) + 2);
    u16::try_from(width.unwrap_or(0)).unwrap_or(u16::MAX)
}

/// In one row, if it is whole there; else in two, if there are two.
fn message(rule: Rect, model: &Model, ui: &Ui) -> Option<Message> {
    let notice = model.notice.as_ref()?;
    let theme = ui.theme();
    // The mark tells the tone where there are no colours; it must not read as a key.
    let (mark, style) = match notice.tone {
        Tone::Info => ("", theme.text()),
        Tone::Good => (theme.done(), theme.good()),
        Tone::Warning => ("!", theme.warning()),
        Tone::Error => ("!!", theme.error()),
    };
    let gap = if mark.is_empty() { "" } else { " " };
    let text = format!("{mark}{gap}{}", notice.text);
    let hint = notice.hint.as_ref().map_or(String::new(), |hint| hint::text(ui, hint));
    let room = usize::from(rule.width.saturating_sub(INDENT + 2));
    let all = ui.keymap.keys_from("messages", ui.context());
    let line = told(&text, &hint, &all, room);
    let whole = whole(&text, &hint);
    if line == whole {
        return Some(Message { above: None, line, style });
    }
    let Some(above) = above_room(rule, model, ui).map(usize::from) else {
        return Some(Message { above: None, line, style });
    };
    let mut begun = wrapped(&text, above.max(1)).into_iter();
    // Between rows nothing has to be kept apart.
    let first = begun.next().unwrap_or_default();
    let first = first.strip_suffix(SEPARATOR.trim_end()).map(str::to_owned).unwrap_or(first);
    let rest = begun.collect::<Vec<_>>().join(" ");
    let rest = rest.strip_prefix(SEPARATOR.trim_start()).map(str::to_owned).unwrap_or(rest);
    Some(Message { above: Some(first), line: told(&rest, &hint, &all, room), style })
}

/// Columns of the prompt's last row that are free: no words reach it, and the money ends it.
fn above_room(rule: Rect, model: &Model, ui: &Ui) -> Option<u16> {
    let prompt = ui.screen().layout()?.slot(Pane::PROMPT)?;
    let is_free = ui.overlays.is_empty() && ui.prompt.rows() < prompt.height && prompt.height > 1;
    let money = u16::try_from(Money::of(model, ui, prompt.width).width()).unwrap_or(u16::MAX);
    let room = prompt.width.saturating_sub(INDENT + money + 2);
    (is_free && prompt.bottom() == rule.y && room >= rule.width / 3).then_some(room)
}

fn whole(text: &str, hint: &str) -> String {
    let parts = [text, hint].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(SEPARATOR)
}

/// What has happened and what can be done about it; where that is too long, the hint loses what it
/// explains, then the words their end, and `all` says where the rest is.
fn told(text: &str, hint: &str, all: &str, columns: usize) -> String {
    let short = hint.split_once("; ").map_or(hint, |(does, _)| does);
    for hint in [hint, short] {
        let whole = whole(text, hint);
        if whole.width() <= columns {
            return whole;
        }
    }
    let beside = |end: &str| columns.saturating_sub(SEPARATOR.width() + end.width());
    if short.is_empty() {
        let end = format!("{all}: the rest");
        return whole(&cut(text, beside(&end)), &end);
    }
    let least = text.width().min(columns / 3);
    let room = beside(all).saturating_sub(SEPARATOR.width() + least);
    // What can be done is whole, as long as it leaves half of the row.
    let end = match short.width() <= room || short.width() > columns / 2 {
        true => whole(&cut(short, room), all),
        false => short.to_owned(),
    };
    whole(&cut(text, beside(&end)), &end)
}
