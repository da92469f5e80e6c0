//! One line: words for the person, else the likeliest keys; money at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use crate::app::draft::prompt_expansion::MAX_VARIANTS;
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::schema::Usd;
use crate::ui::Ui;
use crate::ui::cells::{put, put_right};
use crate::ui::chord::show;
use crate::ui::hint;
use crate::ui::mode::KeyContext;
use crate::ui::pane::Pane;
use crate::ui::panes::{self, FooterKeys};

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let money = money(model, area.width);
    let room = usize::from(area.width).saturating_sub(money.width() + 1);
    let left = Rect { width: u16::try_from(room).unwrap_or(u16::MAX).min(area.width), ..area };
    let used = match &model.notice {
        Some(notice) => {
            // The mark tells the tone where there are no colours.
            let (mark, style) = match notice.tone {
                Tone::Info => ("i", theme.accent()),
                Tone::Good => ("+", theme.good()),
                Tone::Warning => ("!", theme.warning()),
                Tone::Error => ("!!", theme.error()),
            };
            let hint = notice.hint.as_ref();
            let hint = hint.map_or(String::new(), |hint| format!(" · {}", hint::text(ui, hint)));
            put(buffer, left, 0, 0, &format!(" {mark} {}{hint}", notice.text), style)
        }
        None => put(buffer, left, 0, 0, &keys(model, ui, room), theme.dim()),
    };
    put_right(buffer, area, used, 0, &money, theme.dim());
}

fn money(model: &Model, columns: u16) -> String {
    let next = match (model.next_price(), model.variations().len()) {
        (Some(price), count @ 2..=MAX_VARIANTS) => {
            let all: Usd = std::iter::repeat_n(price, count).sum();
            format!("next {all} ({count} ×)")
        }
        (Some(price), _) => format!("next {price}"),
        (None, _) => "next: price not known".into(),
    };
    let budget = model.money.spent.day_budget.map_or(String::new(), |budget| format!("/{budget}"));
    if columns < 110 {
        // A notice needs the room more.
        let kind = if model.profile.simulated { " sim" } else { "" };
        return format!("{next} · day {}{budget}{kind} ", model.money.spent.day);
    }
    let kind = if model.profile.simulated { " (simulated)" } else { "" };
    format!(
        "{next} · session {} · day {}{budget}{kind} ",
        model.money.spent.session, model.money.spent.day
    )
}

/// The most likely keys of this context, as many as fit.
fn keys(model: &Model, ui: &Ui, room: usize) -> String {
    let here = ui.context();
    let word = |(command, word): (&str, &str)| {
        let keys = match here == KeyContext::Prompt {
            true => ui.keymap.keys_from(command, here),
            false => show(ui.keymap.chord_of(command)?),
        };
        Some(format!("{keys} {word}"))
    };
    let mut text = String::new();
    for word in likeliest(model, ui, here).into_iter().filter_map(word).take(6) {
        if text.width() + word.width() + 2 > room {
            break;
        }
        text.push_str(if text.is_empty() { " " } else { "  " });
        text.push_str(&word);
    }
    text
}

fn likeliest(model: &Model, ui: &Ui, here: KeyContext) -> FooterKeys {
    let pane = match here {
        KeyContext::OnSheet => {
            return vec![
                ("pick", "pick"),
                ("reject", "reject"),
                ("rate-1", "to 5 rate"),
                ("blind", "blind"),
                ("leave", "close"),
                ("help", "help"),
            ];
        }
        KeyContext::OnRegion => {
            return vec![("box-make", "apply"), ("box-turn", "shape"), ("box-leave", "cancel")];
        }
        KeyContext::OnHeal => {
            return vec![
                ("heal-keep", "keep"),
                ("heal-swap", "before/after"),
                ("heal-leave", "cancel"),
            ];
        }
        KeyContext::Prompt => Pane::PROMPT,
        KeyContext::In(pane) => pane,
        KeyContext::Everywhere
        | KeyContext::Normal
        | KeyContext::InReferences
        | KeyContext::ByName => ui.focus(),
    };
    let mut commands = (panes::spec(pane).footer)(ui, model);
    if here != KeyContext::Prompt {
        commands.extend([("insert", "prompt"), ("command", "commands"), ("help", "help")]);
    }
    commands
}
