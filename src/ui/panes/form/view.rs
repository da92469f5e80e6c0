//! The parameters on the screen: names and values in two columns, a slider where there are limits,
//! what the selected one is for below.
//!
//! Draws only; what is said of a field is in `words`. Invariant: why a value is refused stands in its
//! row, or else right below that.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::words::{help_of, wrong};
use super::{ID, Row, is_seed, rows, seed};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::schema;
use crate::schema::price::Quote;
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{cut, cut_front, padded, put, put_right, shortened};
use crate::ui::frame::Frame;
use crate::ui::mode::Mode;
use crate::ui::panes;
use crate::ui::theme::{Mark, Role};

/// Cells of a slider.
const SLIDER: usize = 9;
/// Columns of what is being typed, however long the name before it is.
const LEAST_VALUE: usize = 6;
/// So many fields are seen, however long it is told why one is refused.
const LEAST_FIELDS: usize = 5;
/// Columns of a name at most, and at least, with the blanks behind it.
const NAME: usize = 24;
const LEAST_NAME: usize = 10;
const GAP: usize = 2;
/// Columns of the marks before a name.
const MARK: u16 = 2;
/// Columns of the bare title.
const TITLE: usize = 14;

pub fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let at = draw_rows(area, &mut frame.cells, model, ui);
    frame.cursor = frame.cursor.or(at);
}

/// A row for each field and picture, the title, and the longest help of all fields, so that going
/// through them moves nothing.
pub fn wanted(ui: &Ui, model: &Model, columns: u16) -> u16 {
    // Only where help is seen are its lines counted: this is asked at every key.
    let fields = if ui.focus() == ID { rows(model) } else { Vec::new() };
    let columns = usize::from(columns.saturating_sub(MARK + 1));
    let help = |row: &Row| help_of((row, None), columns, usize::MAX, true).len();
    let help = fields.iter().map(help).max().unwrap_or(0);
    let gap = usize::from(help > 0);
    u16::try_from(rows::count(model) + inputs(model).len() + gap + help + 1).unwrap_or(u16::MAX)
}

/// What stands where.
struct Plan {
    fields: Vec<Row>,
    inputs: Vec<(String, String)>,
    /// The row below which it is told why it is refused, and that.
    at: usize,
    wrong: Vec<String>,
    /// What the selected one is for.
    help: Vec<String>,
    /// What each field is set to, as its column has room for it.
    values: Vec<String>,
    /// Columns of the names, and of the values before a slider.
    name: usize,
    value: usize,
    /// Rows for the fields.
    area: Rect,
}

impl Plan {
    fn of(inner: Rect, model: &Model, ui: &Ui) -> Self {
        let (fields, inputs) = (rows(model), inputs(model));
        let has_keys = ui.focus() == ID;
        let selected = ui.panes.form.selected.min(fields.len().saturating_sub(1));
        let first_wrong = || fields.iter().position(|row| wrong(model, ui, row).is_some());
        // Elsewhere one looks at what keeps the draft back.
        let at = if has_keys { selected } else { first_wrong().unwrap_or(selected) };
        let (name, values) = in_columns(model, (&fields, &inputs), inner.width);
        let value = before_sliders(model, &fields, &values);
        let (all, height) = (fields.len() + inputs.len(), usize::from(inner.height));
        let columns = usize::from(inner.width.saturating_sub(MARK + 1));
        let row = fields.get(at);
        let why = row.and_then(|row| Some((row, wrong(model, ui, row)?)));
        let mut lines = why.as_ref().map_or(Vec::new(), |(row, why)| {
            let typed = typed(ui).filter(|_| at == selected);
            let shown = typed.or(values.get(at).map(String::as_str)).unwrap_or_default();
            let name = typed.map_or(name, |typed| name_before(inner.width, name, row, typed));
            match why.in_columns(behind(inner.width, name, shown)) {
                Some(_) => Vec::new(),
                None => why.lines(columns),
            }
        });
        lines.truncate(height.saturating_sub(all.min(LEAST_FIELDS)).max(1));
        let is_explained = has_keys && inner.height > 8;
        // A blank row before it, where that does not take the only one.
        let room = height.saturating_sub(all + lines.len());
        let room = if room > 1 { room - 1 } else { room };
        let help = row.filter(|_| is_explained).map_or(Vec::new(), |row| {
            let told = told(model, row);
            let is_whole = values.get(at).is_none_or(|value| told.starts_with(value.as_str()));
            let whole = Some(told).filter(|_| !is_whole);
            help_of((row, whole), columns, room, why.is_none())
        });
        let is_apart = !help.is_empty() && all + lines.len() + help.len() < height;
        let kept = u16::try_from(help.len() + usize::from(is_apart)).unwrap_or(0);
        let area = Rect { height: inner.height.saturating_sub(kept), ..inner };
        Self { fields, inputs, at, wrong: lines, help, values, name, value, area }
    }
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let inner =
        Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let plan = Plan::of(inner, model, ui);
    let all = plan.fields.len() + plan.inputs.len();
    // Right below them, with a blank row between where there is one.
    let used = (all + plan.wrong.len()).min(plan.area.height.into());
    let gap = usize::from(used + plan.help.len() < usize::from(inner.height));
    let begin = u16::try_from(used + gap).unwrap_or(u16::MAX);
    for (y, line) in (begin..inner.height).zip(&plan.help) {
        put(buffer, inner, MARK, y, line, theme.dim());
    }
    let height = usize::from(plan.area.height).saturating_sub(plan.wrong.len());
    let first = scroll(plan.at, height, all);
    draw_title(area, buffer, (model, ui), all.saturating_sub(first + height));
    let (mut cursor, mut y) = (None, 0);
    for row in first..all {
        if y >= plan.area.height {
            break;
        }
        let slot = Rect { y: plan.area.y + y, height: 1, ..plan.area };
        match plan.fields.get(row) {
            Some(field) => {
                let at = draw_field(slot, buffer, (model, ui), field, (&plan, row));
                cursor = cursor.or(at);
            }
            None => draw_input(slot, buffer, (model, ui), (&plan, row - plan.fields.len())),
        }
        y += 1;
        for line in plan.wrong.iter().filter(|_| row == plan.at) {
            put(buffer, plan.area, MARK, y, line, theme.error());
            y += 1;
        }
    }
    cursor
}

/// In the column of the values above it.
fn draw_input(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    (plan, place): (&Plan, usize),
) {
    let (label, of) = plan.inputs.get(place).cloned().unwrap_or_default();
    let label = shortened(&label, " ", plan.name.saturating_sub(GAP));
    // Pictures that the prompt mentions are highlighted.
    let (mark, style) = match schema::lint::mentioned(&model.draft.prompt).contains(&(place + 1)) {
        true => ("<", ui.theme().accent()),
        false => ("", ui.theme().dim()),
    };
    put(buffer, slot, MARK, 0, &format!("{}{of} {mark}", padded(&label, plan.name)), style);
}

/// Columns of the names, and what is told of each value in the column behind them: where not all of it
/// has room first what a value is called shortest, then short names.
fn in_columns(
    model: &Model,
    (fields, inputs): (&[Row], &[(String, String)]),
    width: u16,
) -> (usize, Vec<String>) {
    let names = fields.iter().map(Row::label).chain(inputs.iter().map(|(name, _)| name.clone()));
    let name = names.map(|name| name.width() + GAP).max().unwrap_or(0).clamp(LEAST_NAME, NAME);
    // Of several pictures the number is what tells them apart.
    let least = inputs.iter().map(|(name, _)| name.width() + GAP).max().unwrap_or(0);
    let least = least.clamp(LEAST_NAME, LEAST_NAME + 1);
    let room = usize::from(width.saturating_sub(MARK + 1));
    let widest = |values: &[String]| values.iter().map(|value| value.width()).max().unwrap_or(0);
    let [whole, short] = [told, told_in_short].map(|told: fn(&Model, &Row) -> String| {
        fields.iter().map(|row| told(model, row)).collect::<Vec<_>>()
    });
    if name + widest(&whole) <= room {
        return (name, whole);
    }
    let name = name.min(room.saturating_sub(widest(&short)).max(least));
    // The last column is blank where none of them needs it.
    let room = (room + 1).saturating_sub(name);
    (name, short.iter().map(|value| cut_inside(value, room)).collect())
}

/// Columns of the values that have a slider behind them.
fn before_sliders(model: &Model, fields: &[Row], values: &[String]) -> usize {
    let has_slider = |row: &Row| {
        let set = row.value(model).or(row.param.start());
        set.is_some_and(|value| row.param.kind.place(value).is_some())
    };
    let of_sliders = fields.iter().zip(values).filter(|(row, _)| has_slider(row));
    of_sliders.map(|(_, value)| value.width()).max().unwrap_or(0)
}

/// What a field is set to.
fn told(model: &Model, row: &Row) -> String {
    if is_seed(row) { seed(model) } else { row.show(model) }
}

/// The same in few columns.
fn told_in_short(model: &Model, row: &Row) -> String {
    match model.draft.seed {
        Seed::Fixed(seed) if is_seed(row) => seed.to_string(),
        Seed::Pinned(_) if is_seed(row) => "parent's".into(),
        Seed::Random | Seed::Fixed(_) | Seed::Pinned(_) => told(model, row),
    }
}

/// Without its middle where it is too long: values that begin alike end differently.
fn cut_inside(value: &str, columns: usize) -> String {
    match value.width() <= columns {
        true => value.to_owned(),
        false => {
            let begun = cut(value, columns.div_ceil(2));
            let left = columns.saturating_sub(begun.width());
            begun + cut_front(value, left + 1).trim_start_matches('…')
        }
    }
}

/// Of which model; how many fields are out of sight, before its name.
fn draw_title(area: Rect, buffer: &mut Buffer, (model, ui): (&Model, &Ui), below: usize) {
    let of = match model.endpoint() {
        Ok(endpoint) => endpoint.short.clone(),
        Err(problem) => problem.to_string(),
    };
    let forms = [format!(" {below} more below "), format!(" {below} below ")].into_iter();
    let mut forms = forms.filter(|_| below > 0);
    let fits = |form: &String| form.width() + TITLE <= usize::from(area.width);
    let more = forms.find(fits).unwrap_or_default();
    let kept = u16::try_from(more.width()).unwrap_or(0);
    let row = Rect { width: area.width.saturating_sub(kept), height: 1, ..area };
    panes::titled(ui, ID, row, buffer, &format!("parameters · {of}"));
    put(buffer, area, row.width, 0, &more, ui.theme().dim());
}

/// What the input pictures are for, and which they are; read-only.
fn inputs(model: &Model) -> Vec<(String, String)> {
    let name = |input: &Input| match input {
        Input::Picture(picture) => picture.node.to_string(),
        Input::Url(url) => url.clone(),
    };
    let is_one = model.draft.references.is_empty();
    let called = if is_one { "Picture" } else { "Picture 1" };
    let parent = model.draft.parent.map(|parent| (called.to_owned(), parent.node.to_string()));
    let others = model.draft.references.iter().enumerate();
    let takes = model.endpoint().ok().map(|endpoint| &endpoint.takes);
    let role = |place: usize| {
        let role = takes.and_then(|takes| takes.role(place));
        role.unwrap_or_else(|| format!("Picture {}", place + 1))
    };
    let others = others.map(|(place, input)| (role(place + 1), name(input)));
    parent.into_iter().chain(others).collect()
}

/// What is being typed.
fn typed(ui: &Ui) -> Option<&str> {
    let Mode::EditField(line) = &ui.mode else { return None };
    Some(line.text())
}

/// Columns behind a value and the cursor.
fn behind(width: u16, name: usize, value: &str) -> usize {
    usize::from(width.saturating_sub(MARK + 2)).saturating_sub(name + value.width())
}

fn draw_field(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    row: &Row,
    (plan, place): (&Plan, usize),
) -> Option<Position> {
    let theme = ui.theme();
    let is_selected = place == plan.at && ui.focus() == ID;
    let changed = match is_seed(row) {
        true => model.draft.seed != Seed::Random,
        false => row.value(model).is_some(),
    };
    let style = if is_selected { theme.selected() } else { Style::new() };
    if is_selected {
        put(buffer, slot, 0, 0, &" ".repeat(usize::from(slot.width)), style);
        put(buffer, slot, 0, 0, theme.mark(Mark::Selected), theme.cursor(true));
    }
    let typed = typed(ui).filter(|_| is_selected);
    let value = typed.or(plan.values.get(place).map(String::as_str)).unwrap_or_default();
    let name = typed.map_or(plan.name, |typed| name_before(slot.width, plan.name, row, typed));
    let label = shortened(&row.label(), " ", name.saturating_sub(GAP));
    let dot = if changed { theme.mark(Mark::Changed) } else { " " };
    let mut x = 1 + put(buffer, slot, 1, 0, &format!("{dot}{}", padded(&label, name)), style);
    let wrong = wrong(model, ui, row);
    let why = wrong.as_ref().and_then(|wrong| wrong.in_columns(behind(slot.width, name, value)));
    let failed = theme.role_on(Role::Failed, is_selected);
    if typed.is_some() {
        let style = if wrong.is_some() { failed } else { theme.role_on(Role::Focus, true) };
        x += put(buffer, slot, x, 0, &format!("{value} "), style);
        // Behind the cursor, so that it does not read on from what was typed.
        put(buffer, slot, x + 1, 0, why.unwrap_or_default(), failed);
        let at = Position::new((slot.x + x).saturating_sub(1), slot.y);
        return slot.contains(at).then_some(at);
    }
    let colour = match (&wrong, changed) {
        (Some(_), _) => failed,
        (None, true) => theme.role_on(Role::Changed, is_selected),
        (None, false) => style,
    };
    let begun = x;
    x += put(buffer, slot, x, 0, value, colour);
    if wrong.is_some() {
        put(buffer, slot, x + 1, 0, why.unwrap_or_default(), failed);
        return None;
    }
    let end = begun + u16::try_from(plan.value + 1).unwrap_or(u16::MAX);
    x = x.max(draw_slider(slot, buffer, (model, ui), row, (end, is_selected)));
    // Where one is about to change it.
    if is_selected {
        let price =
            price(model, row).map_or(String::new(), |price| format!("{} ", model.told(price)));
        put_right(buffer, slot, x, 0, &price, theme.role_on(Role::Money, is_selected));
    }
    None
}

/// Behind the value, where it lies between limits and there is room; where it ends.
fn draw_slider(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    row: &Row,
    (x, is_selected): (u16, bool),
) -> u16 {
    let set = row.value(model).or(row.param.start());
    let place = set.and_then(|value| row.param.kind.place(value));
    let has_room = x.saturating_add(SLIDER as u16) < slot.width;
    let style = ui.theme().role_on(Role::Secondary, is_selected);
    let drawn = place.filter(|_| has_room).map(|place| slider(place, ui.theme().ascii));
    drawn.map_or(0, |drawn| x + put(buffer, slot, x, 0, &drawn, style))
}

/// What is typed and has no room in the column of the others ends at the right, so that it is whole.
fn name_before(width: u16, name: usize, row: &Row, value: &str) -> usize {
    let room = usize::from(width.saturating_sub(MARK + 1));
    if name + value.width() <= room {
        return name;
    }
    let label = row.label();
    // What it is set to is not known from elsewhere; of the name its first word will do.
    let first = label.trim_start().split(' ').next().map_or(0, |word| word.width());
    let least = (first + 1).min(room.saturating_sub(LEAST_VALUE));
    room.saturating_sub(value.width()).max(least)
}

/// What the request costs, beside what would change it.
fn price(model: &Model, row: &Row) -> Option<Quote> {
    let param = Some(&row.param).filter(|_| !row.is_item())?;
    let mut values = model.values();
    let own = model.quote_with(&values);
    values.insert(param.name.clone(), param.step(values.get(&param.name), 1)?);
    (own.amount.is_some() && model.quote_with(&values).amount != own.amount).then_some(own)
}

fn slider(place: f64, ascii: bool) -> String {
    let [line, knob, rest] = if ascii { ["=", "o", "-"] } else { ["▬", "●", "─"] };
    let at = (place * (SLIDER - 1) as f64).round() as usize;
    format!("{}{knob}{}", line.repeat(at), rest.repeat((SLIDER - 1).saturating_sub(at)))
}
