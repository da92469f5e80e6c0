//! The prompt: what is being said, from which picture, and what keeps it from being sent.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::frame;
use crate::app::model::Model;
use crate::schema::{Fit, tokens};
use crate::ui::Ui;
use crate::ui::cells::put;
use crate::ui::keys::table::Command;
use crate::ui::pane::Pane;
use crate::ui::suggestion::{hint, suggestion};

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let inner = frame(area, buffer, theme, &title(model, ui), ui.in_prompt());
    let cursor = ui.prompt.draw(inner, buffer);
    if model.draft.prompt.is_empty() {
        let suggestion = suggestion(model);
        let words = match suggestion {
            Some(suggestion) => {
                format!("{}   ({} takes it)", suggestion.words, keys(ui, Command::Take))
            }
            None if model.draft.parent.is_none() => {
                let open = keys(ui, Command::OpenFile);
                format!("say what to paint, or open a picture: {open}")
            }
            None => "say what to change".into(),
        };
        let lead = suggestion.and_then(|suggestion| suggestion.lead);
        let lead = lead.map(|(command, does)| format!("{} {does}", keys(ui, command)));
        let lead = elsewhere(model, ui)
            .map_or((lead.unwrap_or_default(), theme.dim()), |words| (words, theme.accent()));
        put(buffer, inner, 0, 1, &lead.0, lead.1);
        // Beside the cursor, so that it is seen where typing begins.
        put(buffer, inner, 0, 0, &words, theme.dim());
    }
    if let Some((text, style)) = advice(model, ui) {
        // On the border: it never hides a word.
        let border = Rect { width: area.width.saturating_sub(1), ..area };
        put(buffer, border, 1, area.height.saturating_sub(1), &format!(" {text} "), style);
    }
    cursor
}

fn keys(ui: &Ui, command: Command) -> String {
    ui.keymap.keys_from(command, Pane::Prompt, true)
}

/// The canvas shows another picture than the next edit would go on from.
fn elsewhere(model: &Model, ui: &Ui) -> Option<String> {
    let (current, parent) = (model.current?, model.draft.parent?);
    let key = keys(ui, Command::EditPicture);
    (current != parent).then(|| {
        let (from, shown) = (parent.node, current.node);
        format!("the next edit goes on from {from}; {key} goes on from {shown}, which is shown")
    })
}

/// Why it cannot be sent, else what the model is known to take badly.
fn advice(model: &Model, ui: &Ui) -> Option<(String, Style)> {
    if model.draft.prompt.is_empty() {
        return None;
    }
    if let Some((field, problem)) = model.blockers().first() {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        return Some((format!("cannot be sent: {place}{problem}"), ui.theme().warning()));
    }
    if tokens::estimate(&model.draft.prompt) > tokens::LIMIT {
        let text = format!("the model reads about the first {} tokens only", tokens::LIMIT);
        return Some((text, ui.theme().warning()));
    }
    let hint = hint(model)?;
    let fix = match hint.fix {
        Some(_) => keys(ui, Command::Take),
        None => "hint".into(),
    };
    Some((format!("{fix}: {}", hint.message), ui.theme().accent()))
}

fn title(model: &Model, ui: &Ui) -> String {
    let from = match model.draft.parent {
        Some(parent) => format!("from {}", parent.node),
        None => "from words alone".into(),
    };
    let more = match model.draft.references.len() {
        0 => String::new(),
        count => format!(" +{count}"),
    };
    let size = model.forecast().map_or(String::new(), |(w, h)| format!(" · gives {w}×{h}"));
    let shape = model.reshaping().map_or(String::new(), |(wider, fit)| {
        let way = if wider > 0.0 { "wider" } else { "taller" };
        let means = match fit {
            Fit::Stretch => "stretched",
            Fit::Crop => "cut at the edges",
            Fit::Pad => "with new edges",
        };
        format!(", {:.0} % {way}: {means}; :crop chooses", (wider.abs() * 100.0).max(1.0))
    });
    let sync =
        if model.composer.run.sync { " · SYNC: lost if editree ends meanwhile" } else { "" };
    let mode = if ui.one_shot { " · one key" } else { "" };
    let length = match tokens::estimate(&model.draft.prompt) {
        count if count * 4 < tokens::LIMIT => String::new(),
        count => format!(" · about {count} of {} tokens", tokens::LIMIT),
    };
    format!("prompt {from}{more}{size}{shape}{sync}{length}{mode}")
}
