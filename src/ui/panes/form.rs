//! The parameters, built from the endpoint's schema.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{PaneSpec, Slot};
use crate::app::action::{Action, DraftAction, SessionAction};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::kind::Kind;
use crate::schema::{self, Param};
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{put, put_right};
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::Frame;
use crate::ui::line_input::LineInput;
use crate::ui::mode::KeyContext::{ByName, Everywhere, In};
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;

const ID: Pane = Pane("parameters");

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer: |_, _| vec![("more", "change"), ("type-value", "type"), ("default", "default")],
    on_key,
    on_wheel: step,
    refresh,
    brief,
    is_urgent,
    ..PaneSpec::new(ID, 'f', Slot::Drawer(45), draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("parameters", Everywhere, &["alt-2"], "go to the parameters", |ui, _, _| ui.go_to(ID)),
    CommandRow::new("field-down", In(ID), &["j", "down"], "next parameter", |ui, model, _| step(ui, model, 1)),
    CommandRow::new("field-up", In(ID), &["k", "up"], "previous parameter", |ui, model, _| step(ui, model, -1)),
    CommandRow::new("less", In(ID), &["h", "left"], "previous value", |ui, model, _| change(ui, model, -1)),
    CommandRow::new("more", In(ID), &["l", "right"], "next value", |ui, model, _| change(ui, model, 1)),
    CommandRow::new("type-value", In(ID), &["enter"], "type a value", |ui, _, _| type_value(ui, "")),
    CommandRow::new("default", In(ID), &["backspace"], "reset to the default", set_default),
    CommandRow::new("seed-mode", In(ID), &["s"], "seed: random, same as parent, fixed", next_seed_mode),
    CommandRow::new("reset", ByName, &[], "reset all parameters to their defaults", |_, _, _| vec![Action::Draft(DraftAction::ResetValues)]),
];

#[derive(Debug, Default)]
pub struct Form {
    pub selected: usize,
}

/// The selectable rows: the endpoint's parameters without prompt and pictures.
fn fields(model: &Model) -> Vec<Param> {
    model.endpoint().map(|endpoint| endpoint.form().cloned().collect()).unwrap_or_default()
}

fn refresh(ui: &mut Ui, model: &Model) {
    let last = fields(model).len().saturating_sub(1);
    ui.panes.form.selected = ui.panes.form.selected.min(last);
}

/// A digit starts editing the value.
fn on_key(ui: &mut Ui, key: &KeyEvent) -> Option<Vec<Action>> {
    match key.code {
        KeyCode::Char(digit @ '0'..='9') if key.modifiers.is_empty() => {
            Some(type_value(ui, &digit.to_string()))
        }
        _ => None,
    }
}

fn step(ui: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    ui.panes.form.selected = ui.panes.form.selected.saturating_add_signed(by);
    Vec::new()
}

fn type_value(ui: &mut Ui, begun: &str) -> Vec<Action> {
    ui.mode = Mode::EditField(LineInput::new(begun));
    Vec::new()
}

/// What was typed becomes the value of the selected parameter.
pub fn accept(ui: &Ui, model: &Model, typed: &str) -> Vec<Action> {
    let fields = fields(model);
    let Some(param) = fields.get(ui.panes.form.selected) else {
        return Vec::new();
    };
    match param.parse(typed) {
        Ok(value) if matches!(param.kind, Kind::Seed) => {
            vec![Action::Draft(DraftAction::SetSeed(
                value.as_u64().map_or(Seed::Random, Seed::Fixed),
            ))]
        }
        Ok(value) => {
            vec![Action::Draft(DraftAction::Set { name: param.name.clone(), value: Some(value) })]
        }
        Err(problem) => {
            let notice = Notice::new(Tone::Warning, format!("{}: {problem}", param.label));
            vec![Action::Session(SessionAction::Say(notice))]
        }
    }
}

fn set_default(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    match fields(model).get(ui.panes.form.selected) {
        Some(param) if matches!(param.kind, Kind::Seed) => {
            vec![Action::Draft(DraftAction::SetSeed(Seed::Random))]
        }
        Some(param) => {
            vec![Action::Draft(DraftAction::Set { name: param.name.clone(), value: None })]
        }
        None => Vec::new(),
    }
}

fn change(ui: &mut Ui, model: &Model, by: i32) -> Vec<Action> {
    let fields = fields(model);
    let Some(param) = fields.get(ui.panes.form.selected) else {
        return Vec::new();
    };
    if matches!(param.kind, Kind::Seed) {
        return vec![Action::Draft(DraftAction::SetSeed(next_seed(model)))];
    }
    match param.step(model.draft.values.get(&param.name), by) {
        Some(value) => {
            vec![Action::Draft(DraftAction::Set { name: param.name.clone(), value: Some(value) })]
        }
        None => Ui::say("press Enter to type this value"),
    }
}

fn next_seed_mode(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let row = fields(model).iter().position(|param| matches!(param.kind, Kind::Seed));
    ui.panes.form.selected = row.unwrap_or(ui.panes.form.selected);
    vec![Action::Draft(DraftAction::SetSeed(next_seed(model)))]
}

fn next_seed(model: &Model) -> Seed {
    match model.draft.seed {
        Seed::Random => Seed::Pinned(None),
        Seed::Pinned(_) => {
            Seed::Fixed(model.current_node().and_then(|node| node.seed).unwrap_or(1))
        }
        Seed::Fixed(_) => Seed::Random,
    }
}

/// What was changed, and otherwise what differs most between requests.
fn brief(_: &Ui, model: &Model) -> String {
    let Ok(endpoint) = model.endpoint() else {
        return "no endpoint".into();
    };
    let told = |param: &Param| {
        let label = param.label.to_lowercase();
        let value = param.show(model.draft.values.get(&param.name));
        match &param.kind {
            Kind::Seed => Some(format!("seed {}", seed(model))),
            Kind::Number { .. } => Some(format!("{label} {value}")),
            _ if model.draft.values.contains_key(&param.name) => Some(format!("{label} {value}")),
            _ => None,
        }
    };
    let format = endpoint.form().find(|param| param.name == "output_format");
    let format = format.map(|param| param.show(model.draft.values.get(&param.name)));
    endpoint.form().filter_map(told).chain(format).collect::<Vec<_>>().join(" · ")
}

/// A field is wrong.
fn is_urgent(_: &Ui, model: &Model) -> bool {
    let is_field = |name: &str| fields(model).iter().any(|param| param.name == name);
    let has_words = !model.draft.prompt.is_empty();
    has_words && model.blockers().iter().any(|(field, _)| is_field(field))
        || !model.composer.field_errors.is_empty()
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let at = draw_rows(area, &mut frame.cells, model, ui);
    frame.cursor = frame.cursor.or(at);
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let (name, title) = match model.endpoint() {
        Ok(endpoint) => (endpoint.id.clone(), endpoint.title.clone()),
        Err(problem) => (problem.to_string(), String::new()),
    };
    let title = format!("parameters: {}", if title.is_empty() { &name } else { &title });
    let inner = super::titled(ui, ID, area, buffer, &title);
    let fields = fields(model);
    let selected = ui.panes.form.selected.min(fields.len().saturating_sub(1));
    let inputs = inputs(model);
    let mentioned = schema::lint::mentioned(&model.draft.prompt);
    let all = fields.len() + inputs.len();
    let first = scroll(selected, usize::from(inner.height), all);
    let mut cursor = None;
    for (line, row) in (first..all).take(usize::from(inner.height)).enumerate() {
        let y = u16::try_from(line).unwrap_or(u16::MAX);
        match fields.get(row) {
            Some(param) => {
                let is_selected = row == selected && ui.focus() == ID;
                let at = draw_field(inner, buffer, y, param, model, ui, is_selected);
                cursor = cursor.or(at);
            }
            None => {
                let place = row - fields.len();
                let text = inputs.get(place).cloned().unwrap_or_default();
                // Pictures that the prompt mentions are highlighted.
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

/// The input pictures, read-only.
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
    if is_selected && let Mode::EditField(line) = &ui.mode {
        let typed = line.text();
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
        Seed::Pinned(Some(seed)) => format!("{seed} (same as parent)"),
        Seed::Pinned(None) => "same as parent".into(),
    }
}

fn range(param: &Param) -> String {
    param.kind.range().unwrap_or_default()
}
