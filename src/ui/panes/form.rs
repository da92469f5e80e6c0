//! The parameters, built from the endpoint's schema.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{frame, scroll};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::schema::kind::Kind;
use crate::schema::{self, Param};
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::cells::{put, put_right};
use crate::ui::pane::Pane;

/// The rows that can be chosen: the endpoint's parameters but words and pictures.
pub fn fields(model: &Model) -> Vec<Param> {
    model.endpoint().map(|endpoint| endpoint.form().cloned().collect()).unwrap_or_default()
}

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let (name, title) = match model.endpoint() {
        Ok(endpoint) => (endpoint.id.clone(), endpoint.title.clone()),
        Err(problem) => (problem.to_string(), String::new()),
    };
    let title = format!("parameters: {}", if title.is_empty() { &name } else { &title });
    let inner = frame(area, buffer, theme, &title, ui.focus() == Pane::Form);
    let fields = fields(model);
    let selected = ui.selected_field.min(fields.len().saturating_sub(1));
    let inputs = inputs(model);
    let mentioned = schema::lint::mentioned(&model.draft.prompt);
    let all = fields.len() + inputs.len();
    let first = scroll(selected, usize::from(inner.height), all);
    let mut cursor = None;
    for (line, row) in (first..all).take(usize::from(inner.height)).enumerate() {
        let y = u16::try_from(line).unwrap_or(u16::MAX);
        match fields.get(row) {
            Some(param) => {
                let is_selected = row == selected && ui.focus() == Pane::Form;
                let at = draw_field(inner, buffer, y, param, model, ui, is_selected);
                cursor = cursor.or(at);
            }
            None => {
                let place = row - fields.len();
                let text = inputs.get(place).cloned().unwrap_or_default();
                // The one that the words speak of is lit.
                let (mark, style) = match mentioned.contains(&(place + 1)) {
                    true => ("<", theme.accent()),
                    false => ("", theme.dim()),
                };
                put(buffer, inner, 0, y, &format!("{text} {mark}"), style);
            }
        }
    }
    cursor
}

/// What goes in besides words, for reading only.
fn inputs(model: &Model) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Picture(picture) => picture.node.to_string(),
        Input::Url(url) => url.clone(),
    };
    let parent = model.draft.parent.map(|parent| format!("  picture 1: {}", parent.node));
    let others = model.draft.references.iter().enumerate();
    let others = others.map(|(place, input)| format!("  picture {}: {}", place + 2, name(input)));
    parent.into_iter().chain(others).collect()
}

fn draw_field(
    area: Rect,
    buffer: &mut Buffer,
    y: u16,
    param: &Param,
    model: &Model,
    ui: &Ui,
    is_selected: bool,
) -> Option<Position> {
    let theme = ui.theme();
    let is_seed = matches!(param.kind, Kind::Seed);
    let changed = if is_seed {
        model.draft.seed != Seed::Random
    } else {
        model.draft.values.contains_key(&param.name)
    };
    let mark = match (is_selected, changed) {
        (true, true) => ">*",
        (true, false) => "> ",
        (false, true) => " *",
        (false, false) => "  ",
    };
    let style = if is_selected { theme.selected() } else { Style::new() };
    let mut x = put(buffer, area, 0, y, &format!("{mark}{}: ", param.label), style);
    if is_selected && let Some(typed) = &ui.typing {
        x += put(buffer, area, x, y, &format!("{typed} "), theme.accent());
        if let Err(problem) = param.parse(typed) {
            put(buffer, area, x, y, &problem.to_string(), theme.warning());
        }
        let at = Position::new((area.x + x).saturating_sub(1), area.y + y);
        return area.contains(at).then_some(at);
    }
    let value = if is_seed { seed(model) } else { param.show(model.draft.values.get(&param.name)) };
    x += put(buffer, area, x, y, &value, if changed { theme.accent() } else { style });
    let blockers = model.blockers();
    let wrong = blockers.iter().find(|(field, _)| *field == param.name);
    let wrong = wrong.map(|(_, problem)| problem.to_string());
    let wrong = wrong.or_else(|| model.composer.field_errors.get(&param.name).cloned());
    match wrong {
        Some(wrong) => drop(put(buffer, area, x + 1, y, &wrong, theme.error())),
        None if is_selected => put_right(buffer, area, x, y, &range(param), theme.dim()),
        None => {}
    }
    None
}

fn seed(model: &Model) -> String {
    match model.draft.seed {
        Seed::Random => "random".into(),
        Seed::Fixed(seed) => format!("{seed} (fixed)"),
        Seed::Pinned(Some(seed)) => format!("{seed} (locked)"),
        Seed::Pinned(None) => "locked to the parent's".into(),
    }
}

fn range(param: &Param) -> String {
    param.kind.range().unwrap_or_default()
}
