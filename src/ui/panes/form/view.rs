//! The parameters on the screen: names and values in two columns, a slider where there are limits,
//! what the selected one is for below.
//!
//! Draws only. Invariant: why a value is refused stands right below the fields, or in its row where
//! there is no help.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{ID, Row, is_seed, rows, seed, typed_problem};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::schema::price::Quote;
use crate::schema::{self, Problem};
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{padded, put, put_right, shortened, wrapped};
use crate::ui::frame::Frame;
use crate::ui::mode::Mode;
use crate::ui::panes;
use crate::ui::theme::{Mark, Role};

/// Cells of a slider.
const SLIDER: usize = 9;
/// From this width on there is room for sliders, and for why a value is refused.
const WIDE: u16 = 34;
/// Columns of a value, however long its name is.
const LEAST_VALUE: usize = 6;
/// So many fields are seen, however long it is told why one is refused.
const LEAST_FIELDS: usize = 5;
/// Columns of a name at most, and at least.
const NAME: usize = 22;
const LEAST_NAME: usize = 14;
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
    let help = |row: &Row| help_of(row, usize::from(columns), usize::MAX, true).len();
    let help = fields.iter().map(help).max().unwrap_or(0);
    let gap = usize::from(help > 0);
    u16::try_from(rows::count(model) + inputs(model).len() + gap + help + 1).unwrap_or(u16::MAX)
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let inner =
        Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let fields = rows(model);
    let selected = ui.panes.form.selected.min(fields.len().saturating_sub(1));
    let help = fields.get(selected).filter(|_| ui.focus() == ID && inner.height > 8);
    let inputs = inputs(model);
    let all = fields.len() + inputs.len();
    let height = usize::from(inner.height);
    let help = help.map_or(Vec::new(), |row| told_of(model, ui, row, inner, all));
    // A blank row before it where there is one.
    let kept = help.len() + usize::from(!help.is_empty() && all + help.len() < height);
    let title = area;
    let area = Rect { height: inner.height - u16::try_from(kept).unwrap_or(0), ..inner };
    for (y, (line, style)) in (0..inner.height).rev().zip(help.iter().rev()) {
        put(buffer, inner, MARK, y, line, *style);
    }
    let mentioned = schema::lint::mentioned(&model.draft.prompt);
    let first = scroll(selected, usize::from(area.height), all);
    let below = all.saturating_sub(first + usize::from(area.height));
    draw_title(title, buffer, (model, ui), below);
    let name = names(model, &fields, area.width);
    let mut cursor = None;
    for (y, row) in (0..area.height).zip(first..all) {
        match fields.get(row) {
            Some(field) => {
                let is_selected = row == selected && ui.focus() == ID;
                let slot = Rect { y: area.y + y, height: 1, ..area };
                let how = FieldLook { is_selected, is_explained: !help.is_empty(), name };
                let at = draw_field(slot, buffer, (model, ui), field, how);
                cursor = cursor.or(at);
            }
            None => {
                let place = row - fields.len();
                let (label, of) = inputs.get(place).cloned().unwrap_or_default();
                // Pictures that the prompt mentions are highlighted.
                let (mark, style) = match mentioned.contains(&(place + 1)) {
                    true => ("<", theme.accent()),
                    false => ("", theme.dim()),
                };
                let of = format!("{of} {mark}");
                // As the values above it: in a column, or ending at the right beside a wide picture.
                if area.width < WIDE {
                    put(buffer, area, MARK, y, &label, style);
                    let line = Rect {
                        y: area.y + y,
                        height: 1,
                        width: area.width.saturating_sub(1),
                        ..area
                    };
                    put_right(buffer, line, MARK, 0, of.trim_end(), style);
                } else {
                    put(buffer, area, MARK, y, &format!("{}{of}", padded(&label, name)), style);
                }
            }
        }
    }
    cursor
}

/// Columns of the names: where a long value would be cut, all values begin so much earlier.
fn names(model: &Model, fields: &[Row], width: u16) -> usize {
    let name = fields.iter().map(|row| row.label().width()).max().unwrap_or(0).min(NAME) + 2;
    let value = fields.iter().map(|row| told(model, row).width()).max().unwrap_or(0);
    let room = usize::from(width.saturating_sub(MARK + 1));
    name.min(room.saturating_sub(value).max(LEAST_NAME))
}

/// What a field is set to.
fn told(model: &Model, row: &Row) -> String {
    if is_seed(row) { seed(model) } else { row.show(model) }
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

/// Why it cannot be sent, and what of its help has room below all fields: none is pushed out by it.
fn told_of(model: &Model, ui: &Ui, row: &Row, area: Rect, all: usize) -> Vec<(String, Style)> {
    let columns = usize::from(area.width.saturating_sub(MARK + 1));
    let height = usize::from(area.height);
    let mut wrong = wrong(model, ui, row).map_or(Vec::new(), |why| why.lines(columns));
    wrong.truncate(height.saturating_sub(all.min(LEAST_FIELDS)).max(1));
    // A blank row before them, where it does not take the only one.
    let room = height.saturating_sub(all + wrong.len());
    let room = if room > 1 { room - 1 } else { room };
    let help = help_of(row, usize::from(area.width), room, wrong.is_empty());
    let wrong = wrong.into_iter().map(|line| (line, ui.theme().error()));
    wrong.chain(help.into_iter().map(|line| (line, ui.theme().dim()))).collect()
}

/// What it is for, what it takes if that is not told with what is wrong, where it starts.
fn help_of(row: &Row, width: usize, most: usize, tells_range: bool) -> Vec<String> {
    let param = &row.param;
    let range = param.kind.range().filter(|_| tells_range);
    let range = range.map_or(String::new(), |range| format!(" {range}."));
    let start = param.show(None);
    let start = if start.is_empty() { String::new() } else { format!(" Default: {start}.") };
    let range = if row.is_list() { " Each is a row below.".to_owned() } else { range };
    let mut lines = wrapped(
        &format!("{}{range}{start}", param.help),
        width.saturating_sub(usize::from(MARK) + 1),
    );
    let is_cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        last.push('…');
    }
    lines
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

/// How a field is drawn.
#[derive(Clone, Copy)]
struct FieldLook {
    is_selected: bool,
    /// What is wrong stands below the fields.
    is_explained: bool,
    /// Columns of the names.
    name: usize,
}

fn draw_field(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    row: &Row,
    FieldLook { is_selected, is_explained, name }: FieldLook,
) -> Option<Position> {
    let (theme, param, is_seed) = (ui.theme(), &row.param, is_seed(row));
    let changed = match is_seed {
        true => model.draft.seed != Seed::Random,
        false => row.value(model).is_some(),
    };
    let dot = theme.mark(Mark::Changed);
    let style = if is_selected { theme.selected() } else { Style::new() };
    if is_selected {
        put(buffer, slot, 0, 0, &" ".repeat(usize::from(slot.width)), style);
        put(buffer, slot, 0, 0, theme.mark(Mark::Selected), theme.cursor(true));
    }
    let value = told(model, row);
    let is_wide = slot.width >= WIDE;
    let name = if is_wide { name } else { name_before(slot, row, &value) };
    let label = shortened(&row.label(), " ", name.saturating_sub(1));
    let dot = if changed { dot } else { " " };
    let mut x = 1 + put(buffer, slot, 1, 0, &format!("{dot}{}", padded(&label, name)), style);
    let wrong = wrong(model, ui, row);
    let why =
        wrong.as_ref().map(|wrong| wrong.whole.as_str()).filter(|_| !is_selected || !is_explained);
    let failed = theme.role_on(Role::Failed, is_selected);
    if is_selected && let Mode::EditField(line) = &ui.mode {
        let style = if wrong.is_some() { failed } else { theme.role_on(Role::Focus, true) };
        x += put(buffer, slot, x, 0, &format!("{} ", line.text()), style);
        // Behind the cursor, so that it does not read on from what was typed.
        put(buffer, slot, x + 1, 0, why.unwrap_or_default(), failed);
        let at = Position::new((slot.x + x).saturating_sub(1), slot.y);
        return slot.contains(at).then_some(at);
    }
    let set = row.value(model).or(param.start());
    let place = set.and_then(|value| param.kind.place(value)).filter(|_| is_wide);
    if let Some(place) = place {
        let style = theme.role_on(Role::Secondary, is_selected);
        x += put(buffer, slot, x, 0, &slider(place, theme.ascii), style) + 1;
    }
    let colour = match (&wrong, changed) {
        (Some(_), _) => failed,
        (None, true) => theme.role_on(Role::Changed, is_selected),
        (None, false) => style,
    };
    let inside = Rect { width: slot.width.saturating_sub(1), ..slot };
    x += put(buffer, inside, x, 0, &value, colour);
    put(buffer, slot, x + 1, 0, why.unwrap_or_default(), failed);
    // Where one is about to change it.
    if wrong.is_none() && is_selected {
        let price =
            price(model, row).map_or(String::new(), |price| format!("{} ", model.told(price)));
        put_right(buffer, slot, x, 0, &price, theme.role_on(Role::Money, is_selected));
    }
    None
}

/// Beside a wide picture each value ends at the right, so that name and value are whole.
fn name_before(slot: Rect, row: &Row, value: &str) -> usize {
    let room = usize::from(slot.width.saturating_sub(3));
    let label = row.label();
    // What it is set to is not known from elsewhere; of the name its first word will do.
    let first = label.trim_start().split(' ').next().map_or(0, |word| word.width());
    let least = (first + 1).min(room.saturating_sub(LEAST_VALUE));
    room.saturating_sub(value.width()).max(least)
}

/// Why a value cannot be sent: whole, and what of it is enough.
struct Wrong {
    whole: String,
    parts: Vec<String>,
}

impl Wrong {
    fn new(problem: Problem) -> Self {
        let whole = problem.to_string();
        Self { whole, parts: [Some(problem.message), problem.hint].into_iter().flatten().collect() }
    }

    /// In one row where one of its forms goes into it.
    fn lines(&self, columns: usize) -> Vec<String> {
        let mut forms = std::iter::once(&self.whole).chain(&self.parts);
        match forms.find(|form| form.width() <= columns) {
            Some(form) => vec![form.clone()],
            None => wrapped(&self.whole, columns),
        }
    }
}

/// Why what is set here, or is being typed, cannot be sent.
fn wrong(model: &Model, ui: &Ui, row: &Row) -> Option<Wrong> {
    let is_selected = || rows(model).get(ui.panes.form.selected).is_some_and(|it| it.is(row));
    if matches!(ui.mode, Mode::EditField(_)) && is_selected() {
        // What would be right the keys say.
        let told = |problem| Wrong::new(Problem { hint: None, ..problem });
        return typed_problem(ui, model).map(told);
    }
    let param = Some(&row.param).filter(|_| !row.is_item())?;
    let blockers = model.blockers();
    let wrong = blockers.iter().find(|(field, _)| *field == param.name);
    let wrong = wrong.map(|(_, problem)| Wrong::new(problem.clone()));
    let told = || model.composer.field_errors.get(&param.name).cloned();
    wrong.or_else(|| Some(Wrong { whole: told()?, parts: Vec::new() }))
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
