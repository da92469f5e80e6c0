//! One line: words for the person, else the likeliest keys; money at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use crate::app::draft::prompt_expansion::MAX_VARIANTS;
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::ui::cells::{put, put_right};
use crate::ui::keys::show;
use crate::ui::keys::table::{Command, SheetCommand};
use crate::ui::pane::Pane;
use crate::ui::suggestion::suggestion;
use crate::ui::{Ui, hint};

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
        (Some(price), count @ 2..=MAX_VARIANTS) => format!("next {count} × {price}"),
        (Some(price), _) => format!("next {price}"),
        (None, _) => "next: price unknown".into(),
    };
    let budget = model.money.spent.day_budget.map_or(String::new(), |budget| format!("/{budget}"));
    if columns < 110 {
        // Words for the person need the room more.
        let kind = if model.profile.simulated { " sim" } else { "" };
        return format!("{next} · day {}{budget}{kind} ", model.money.spent.day);
    }
    let kind = if model.profile.simulated { " (simulated)" } else { "" };
    format!(
        "{next} · session {} · day {}{budget}{kind} ",
        model.money.spent.session, model.money.spent.day
    )
}

/// The likeliest keys of this place, as many as fit whole.
fn keys(model: &Model, ui: &Ui, room: usize) -> String {
    let is_words = ui.in_prompt() && ui.sheet.is_none();
    let commands = likeliest(model, ui);
    let word = |(command, word): &(Command, &str)| {
        let keys = match is_words {
            true => ui.keymap.keys_from(*command, Pane::Prompt, true),
            false => show(ui.keymap.chord_of(*command)?),
        };
        Some(format!("{keys} {word}"))
    };
    let mut text = String::new();
    for word in commands.iter().filter_map(word).take(6) {
        if text.width() + word.width() + 2 > room {
            break;
        }
        text.push_str(if text.is_empty() { " " } else { "  " });
        text.push_str(&word);
    }
    text
}

fn likeliest(model: &Model, ui: &Ui) -> Vec<(Command, &'static str)> {
    use Command as C;
    if ui.sheet.is_some() {
        return vec![
            (C::OnSheet(SheetCommand::Pick), "pick"),
            (C::OnSheet(SheetCommand::Reject), "reject"),
            (C::OnSheet(SheetCommand::Rate(1)), "to 5 rate"),
            (C::OnSheet(SheetCommand::Blind), "blind"),
            (C::Leave, "close"),
            (C::Help, "help"),
        ];
    }
    if ui.in_prompt() {
        let take = suggestion(model).is_some() && model.draft.prompt.is_empty();
        let mut commands = vec![(C::Run, "run")];
        if take {
            commands.insert(0, (C::Take, "take it"));
        }
        let more = [
            (C::Compare, "compare"),
            (C::NormalMode, "keys"),
            (C::Help, "help"),
            (C::Quit, "quit"),
        ];
        commands.extend(more);
        return commands;
    }
    let mut commands = match ui.focus() {
        Pane::Form => {
            vec![(C::More, "change"), (C::OpenField, "type"), (C::DefaultField, "default")]
        }
        Pane::Queue => {
            let job = ui.selected_job(model).and_then(|id| model.jobs.get(&id));
            let waits = job.is_some_and(|job| job.state.pause().is_some());
            let release = if waits { "ask now" } else { "send held" };
            vec![(C::Cancel, "cancel"), (C::PauseQueue, "pause"), (C::Release, release)]
        }
        Pane::Log => vec![(C::ErrorsOnly, "errors"), (C::ToJob, "its job")],
        Pane::Tree | Pane::Canvas | Pane::Prompt => {
            vec![
                (C::EditPicture, "go on"),
                (C::Compare, "compare"),
                (C::Reroll, "re-roll"),
                (C::Star, "star"),
            ]
        }
    };
    commands.extend([(C::Insert, "prompt"), (C::CommandLine, "commands"), (C::Help, "help")]);
    commands
}
