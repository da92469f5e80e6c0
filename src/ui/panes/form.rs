//! The parameters, built from the endpoint's schema.

use crossterm::event::{KeyCode, KeyEvent};

use super::{PaneSpec, Slot};
use crate::app::action::{Action, DraftAction, SessionAction};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::kind::Kind;
use crate::schema::{Param, Problem};
use crate::ui::Ui;
use crate::ui::command::{Args, CommandRow, Stakes};
use crate::ui::line_input::LineInput;
use crate::ui::mode::KeyContext::{ByName, Everywhere, In};
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;

mod rows;
mod view;
mod words;

use rows::{Row, rows};

const ID: Pane = Pane("parameters");

/// Told in one line even where nothing was changed.
const BRIEF: [&str; 2] = ["guidance_scale", "output_format"];

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer,
    on_key,
    on_wheel: step,
    refresh,
    brief,
    rows: view::wanted,
    least_columns: 22,
    is_urgent,
    ..PaneSpec::new(ID, 'f', Slot::Drawer, view::draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("parameters", Everywhere, &["alt-2"], "go to the parameters; :set NAME VALUE changes one", go).takes_text().aliases(&["set"], "change a parameter: :set NAME VALUE").sought_as(&["settings", "options", "seed", "guidance", "size", "form"]),
    CommandRow::new("field-down", In(ID), &["j", "down"], "go to the next parameter", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("field-up", In(ID), &["k", "up"], "go to the previous parameter", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("less", In(ID), &["h", "left"], "take the previous value", |ui, model, args| change(ui, model, args.steps(-1))).counted(),
    CommandRow::new("more", In(ID), &["l", "right"], "take the next value", |ui, model, args| change(ui, model, args.steps(1))).counted(),
    CommandRow::new("type-value", In(ID), &["enter"], "type a value", |ui, _, _| type_value(ui, "")).sought_as(&["enter", "set"]),
    CommandRow::new("default", In(ID), &["backspace"], "reset to the default", set_default).stakes(Stakes::Little),
    CommandRow::new("seed-mode", In(ID), &["s"], "choose the seed; random, same as parent, fixed", next_seed_mode).sought_as(&["random", "fixed"]),
    CommandRow::new("seed", ByName, &[], "set the seed; :seed 7, :seed random", set_seed).takes_text(),
    CommandRow::new("reset", ByName, &[], "reset all parameters", |_, _, _| vec![Action::Draft(DraftAction::ResetValues)]).stakes(Stakes::Little).sought_as(&["defaults"]),
];

#[derive(Debug, Default)]
pub struct Form {
    pub selected: usize,
}

/// What the keys do on the selected row.
fn footer(ui: &Ui, model: &Model) -> Vec<(&'static str, &'static str)> {
    let rows = rows(model);
    let row = rows.get(ui.panes.form.selected);
    match row {
        Some(row) if row.is_list() => vec![("type-value", "add one"), ("default", "remove all")],
        Some(row) if row.is_item() => {
            vec![("more", "change"), ("type-value", "type"), ("default", "remove it")]
        }
        Some(_) | None => {
            vec![("more", "change"), ("type-value", "type"), ("default", "default")]
        }
    }
}

fn refresh(ui: &mut Ui, model: &Model) {
    let last = rows::count(model).saturating_sub(1);
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

/// Goes there, to the parameter that is named; with a value behind its name only that is set.
fn go(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let Some(text) = args.text else { return ui.go_to(ID) };
    let (name, value) = text.split_once([' ', '=']).unwrap_or((&text, ""));
    let value = value.trim().trim_start_matches('=').trim();
    let rows = rows(model);
    let is_named = |of: &Param| of.name == name || of.label.eq_ignore_ascii_case(name);
    let is_it = |row: &Row| !row.is_item() && is_named(&row.param);
    let Some((place, row)) = rows.iter().enumerate().find(|(_, row)| is_it(row)) else {
        let names = rows.iter().filter(|row| !row.is_item()).map(|row| row.param.name.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        return Ui::say(&format!("no parameter `{name}`; there are {names}"));
    };
    ui.panes.form.selected = place;
    match value {
        "" => ui.go_to(ID),
        value => match read(row, model, value) {
            Ok(mut actions) => {
                let name = &row.param.name;
                actions.extend(Ui::say(&match matches!(row.param.kind, Kind::List { .. }) {
                    true => format!("{value} is added to {name}"),
                    false => format!("{name} is {value} now"),
                }));
                actions
            }
            Err(problem) => refused(&row.param, &problem),
        },
    }
}

fn set_seed(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let value = args.text.unwrap_or_default();
    go(ui, model, Args { text: Some(format!("seed {value}")), ..Args::default() })
}

fn step(ui: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    ui.panes.form.selected = ui.panes.form.selected.saturating_add_signed(by);
    Vec::new()
}

fn type_value(ui: &mut Ui, begun: &str) -> Vec<Action> {
    ui.mode = Mode::EditField(LineInput::new(begun));
    Vec::new()
}

/// What was typed becomes the value of the selected parameter; what cannot stays to be mended.
pub fn accept(ui: &mut Ui, model: &Model, typed: &str) -> Vec<Action> {
    let rows = rows(model);
    let Some(row) = rows.get(ui.panes.form.selected) else {
        ui.mode = Mode::Pane;
        return Vec::new();
    };
    match read(row, model, typed) {
        Ok(actions) => {
            ui.mode = Mode::Pane;
            actions
        }
        // Beside the field it is told why; of what is added to a list there is no such place.
        Err(problem) if row.is_list() => refused(&row.param, &problem),
        Err(_) => Vec::new(),
    }
}

/// Why what is being typed cannot be the value of the selected row.
pub fn typed_problem(ui: &Ui, model: &Model) -> Option<Problem> {
    let Mode::EditField(line) = &ui.mode else { return None };
    let rows = rows(model);
    let row = rows.get(ui.panes.form.selected).filter(|row| !row.is_list())?;
    row.param.parse(line.text()).err()
}

/// What nothing typed sets the selected row to, where it may be left out.
pub fn typed_default(ui: &Ui, model: &Model) -> Option<String> {
    let rows = rows(model);
    let param = &rows.get(ui.panes.form.selected).filter(|row| !row.is_list())?.param;
    Some(param.show(None)).filter(|start| param.is_optional() && !start.is_empty())
}

fn read(row: &Row, model: &Model, typed: &str) -> Result<Vec<Action>, Problem> {
    if row.is_list() {
        return row.add(model, typed);
    }
    let value = row.param.parse(typed)?;
    Ok(match is_seed(row) {
        true => {
            let seed = value.as_u64().map_or(Seed::Random, Seed::Fixed);
            vec![Action::Draft(DraftAction::SetSeed(seed))]
        }
        false => row.set(model, Some(value)),
    })
}

fn refused(param: &Param, problem: &Problem) -> Vec<Action> {
    let notice = Notice::new(Tone::Warning, format!("{}: {problem}", param.label));
    vec![Action::Session(SessionAction::Say(notice))]
}

/// The seed of the request: there is a mode to it.
fn is_seed(row: &Row) -> bool {
    matches!(row.param.kind, Kind::Seed { .. }) && !row.is_item()
}

fn set_default(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    match rows(model).get(ui.panes.form.selected) {
        Some(row) if is_seed(row) => vec![Action::Draft(DraftAction::SetSeed(Seed::Random))],
        Some(row) => row.clear(model),
        None => Vec::new(),
    }
}

fn change(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let rows = rows(model);
    let Some(row) = rows.get(ui.panes.form.selected) else {
        return Vec::new();
    };
    if is_seed(row) {
        return vec![Action::Draft(DraftAction::SetSeed(next_seed(model)))];
    }
    let by = i32::try_from(by).unwrap_or(i32::MAX);
    let set = model.values();
    let from = if row.is_item() { row.value(model) } else { set.get(&row.param.name) };
    match row.param.step(from, by) {
        Some(value) => row.set(model, Some(value)),
        None => Ui::say("press Enter to type this value"),
    }
}

fn next_seed_mode(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    ui.panes.form.selected = rows(model).iter().position(is_seed).unwrap_or(ui.panes.form.selected);
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
        let is_changed = model.draft.values.contains_key(&param.name);
        match matches!(param.kind, Kind::Seed { .. }) {
            true => Some(format!("seed {}", seed(model))),
            false => (is_changed || BRIEF.contains(&param.name.as_str()))
                .then(|| format!("{label} {value}")),
        }
    };
    endpoint.form().filter_map(told).collect::<Vec<_>>().join(" · ")
}

/// A field is wrong.
fn is_urgent(_: &Ui, model: &Model) -> bool {
    let endpoint = model.endpoint().ok();
    let is_field = |name: &str| {
        endpoint.is_some_and(|endpoint| endpoint.form().any(|param| param.name == name))
    };
    let has_words = !model.draft.prompt.is_empty();
    has_words && model.blockers().iter().any(|(field, _)| is_field(field))
        || !model.composer.field_errors.is_empty()
}

fn seed(model: &Model) -> String {
    match model.draft.seed {
        Seed::Random => "random".into(),
        Seed::Fixed(seed) => format!("{seed} (fixed)"),
        Seed::Pinned(Some(seed)) => format!("{seed} (same as parent)"),
        Seed::Pinned(None) => "same as parent".into(),
    }
}
