//! The prompt: what is being said, from which picture, and what keeps it from being sent.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::frame;
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::suggestion::suggestion;
use crate::ui::text::put;

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let inner = frame(area, buffer, theme, &title(model, ui), ui.in_prompt());
    let cursor = ui.prompt.draw(inner, buffer);
    if model.draft.prompt.is_empty() {
        let words = match suggestion(model) {
            Some(words) => format!("{words}   (Tab takes it)"),
            None if model.draft.parent.is_none() => {
                "say what to paint, or open a picture: Esc Space f".into()
            }
            None => "say what to change".into(),
        };
        // Beside the cursor, so that it is seen where typing begins.
        put(buffer, inner, 0, 0, &words, theme.dim());
    } else if let Some((field, problem)) = model.blockers().first() {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        let text = format!("cannot be sent: {place}{problem}");
        if inner.height > 1 {
            put(buffer, inner, 0, inner.height - 1, &text, theme.warning());
        }
    }
    cursor
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
    let mode = if ui.one_shot { " · one key" } else { "" };
    format!("prompt {from}{more}{size}{mode}")
}
