//! The parameters on the screen: names and values in two columns, a slider where there are limits,
//! what the selected one is for below.
//!
//! Draws only. Invariant: why a value is refused stands in its row, or below where that is narrow.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::{ID, Row, is_seed, rows, seed};
use crate::app::draft::Seed;
use crate::app::model::Model;
use crate::schema;
use crate::schema::price::Quote;
use crate::tree::Input;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{put, put_right, shortened, wrapped};
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
/// So many fields are seen, however long the help is.
const LEAST_FIELDS: usize = 5;
/// Columns of a name at most.
const NAME: usize = 22;
pub fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let at = draw_rows(area, &mut frame.cells, model, ui);
    frame.cursor = frame.cursor.or(at);
}

/// A row for each field and picture, the title, and the longest help of all fields, so that going
/// through them moves nothing.
pub fn wanted(ui: &Ui, model: &Model, columns: u16) -> u16 {
    // Only where help is seen are its lines counted: this is asked at every key.
    let fields = if ui.focus() == ID { rows(model) } else { Vec::new() };
    let help = |row: &Row| help_of(row, usize::from(columns), usize::MAX).len();
    let help = fields.iter().map(help).max().unwrap_or(0);
    u16::try_from(rows::count(model) + inputs(model).len() + help + 1).unwrap_or(u16::MAX)
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Position> {
    let theme = ui.theme();
    let title = match model.endpoint() {
        Ok(endpoint) => endpoint.short.clone(),
        Err(problem) => problem.to_string(),
    };
    let inner = panes::titled(ui, ID, area, buffer, &format!("parameters · {title}"));
    let fields = rows(model);
    let selected = ui.panes.form.selected.min(fields.len().saturating_sub(1));
    let help = fields.get(selected).filter(|_| ui.focus() == ID && inner.height > 8);
    let inputs = inputs(model);
    let all = fields.len() + inputs.len();
    // It is whole; for that the fields scroll.
    let height = usize::from(inner.height);
    let most = height.saturating_sub(all.min(LEAST_FIELDS));
    let help = help.map_or(Vec::new(), |row| {
        let wrong = wrong(model, row).filter(|_| inner.width < WIDE);
        let wrong = wrong
            .map_or(Vec::new(), |why| wrapped(&why, usize::from(inner.width.saturating_sub(2))));
        let help = help_of(row, usize::from(inner.width), most.saturating_sub(wrong.len()));
        [wrong, help].concat()
    });
    let kept = u16::try_from(help.len()).unwrap_or(0);
    for (y, line) in (inner.height - kept..inner.height).zip(&help) {
        put(buffer, inner, 1, y, line, theme.dim());
    }
    let area = Rect { height: inner.height - kept, ..inner };
    let mentioned = schema::lint::mentioned(&model.draft.prompt);
    let first = scroll(selected, usize::from(area.height), all);
    let name = fields.iter().map(|row| row.label().width()).max().unwrap_or(0).min(NAME);
    let value = fields.iter().map(|row| row.show(model).width()).max().unwrap_or(0);
    let is_tight = name + value + 5 > usize::from(area.width);
    let name = name + if is_tight { 1 } else { 2 };
    let mut cursor = None;
    for (y, row) in (0..area.height).zip(first..all) {
        match fields.get(row) {
            Some(field) => {
                let is_selected = row == selected && ui.focus() == ID;
                let slot = Rect { y: area.y + y, height: 1, ..area };
                let at = draw_field(slot, buffer, (model, ui), field, name, is_selected);
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
                put(buffer, area, 0, y, &format!("{text} {mark}"), style);
            }
        }
    }
    cursor
}

/// What it is for, what it takes, where it starts.
fn help_of(row: &Row, width: usize, most: usize) -> Vec<String> {
    let param = &row.param;
    let range = param.kind.range().map_or(String::new(), |range| format!(" {range}."));
    let start = param.show(None);
    let start = if start.is_empty() { String::new() } else { format!(" Default: {start}.") };
    let range = if row.is_list() { " Each is a row below.".to_owned() } else { range };
    let mut lines = wrapped(&format!("{}{range}{start}", param.help), width.saturating_sub(2));
    let is_cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        last.push('…');
    }
    lines
}

/// The input pictures, read-only.
fn inputs(model: &Model) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Picture(picture) => picture.node.to_string(),
        Input::Url(url) => url.clone(),
    };
    let parent = model.draft.parent.map(|parent| format!("  picture 1: {}", parent.node));
    let others = model.draft.references.iter().enumerate();
    let takes = model.endpoint().ok().map(|endpoint| &endpoint.takes);
    let role = |place: usize| {
        let role = takes.and_then(|takes| takes.role(place));
        role.unwrap_or_else(|| format!("picture {}", place + 1))
    };
    let others = others.map(|(place, input)| format!("  {}: {}", role(place + 1), name(input)));
    parent.into_iter().chain(others).collect()
}

fn draw_field(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    row: &Row,
    name: usize,
    is_selected: bool,
) -> Option<Position> {
    let (theme, param, is_seed) = (ui.theme(), &row.param, is_seed(row));
    let changed = match is_seed {
        true => model.draft.seed != Seed::Random,
        false => row.value(model).is_some(),
    };
    let dot = theme.mark(Mark::Changed);
    let mark = match (is_selected, changed) {
        (true, true) => format!("{}{dot}", theme.mark(Mark::Selected)),
        (true, false) => format!("{} ", theme.mark(Mark::Selected)),
        (false, true) => format!(" {dot}"),
        (false, false) => "  ".into(),
    };
    let style = if is_selected { theme.selected() } else { Style::new() };
    if is_selected {
        put(buffer, slot, 0, 0, &" ".repeat(usize::from(slot.width)), style);
    }
    let value = if is_seed { seed(model) } else { row.show(model) };
    let is_wide = slot.width >= WIDE;
    let value = if is_wide { value } else { told_in(slot, row, value) };
    let name = if is_wide { name } else { name_before(slot, row, &value) };
    let label = shortened(&row.label(), " ", name.saturating_sub(1));
    let mut x = put(buffer, slot, 0, 0, &format!("{mark}{label:<name$}"), style);
    if is_selected && let Mode::EditField(line) = &ui.mode {
        let typed = line.text();
        x += put(buffer, slot, x, 0, &format!("{typed} "), theme.accent());
        if let Err(problem) = param.parse(typed)
            && !row.is_list()
        {
            put(buffer, slot, x, 0, &problem.to_string(), theme.warning());
        }
        let at = Position::new((slot.x + x).saturating_sub(1), slot.y);
        return slot.contains(at).then_some(at);
    }
    let set = row.value(model).or(param.start());
    let place = set.and_then(|value| param.kind.place(value)).filter(|_| is_wide);
    if let Some(place) = place {
        let style = theme.role_on(Role::Secondary, is_selected);
        x += put(buffer, slot, x, 0, &slider(place, theme.ascii), style) + 1;
    }
    let told = if changed { theme.role_on(Role::Changed, is_selected) } else { style };
    let inside = Rect { width: slot.width.saturating_sub(1), ..slot };
    x += put(buffer, inside, x, 0, &value, told);
    match wrong(model, row) {
        Some(wrong) => drop(put(buffer, slot, x + 1, 0, &wrong, theme.error())),
        None => {
            let price =
                price(model, row).map_or(String::new(), |price| format!("{} ", model.told(price)));
            put_right(buffer, slot, x, 0, &price, theme.role_on(Role::Money, is_selected));
        }
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

/// The words of a value; where they would be cut beside the first word of the name, without article.
fn told_in(slot: Rect, row: &Row, value: String) -> String {
    let label = row.label();
    let first = label.split(' ').next().map_or(0, |word| word.width());
    match first + 1 + value.width() > usize::from(slot.width.saturating_sub(3)) {
        true => value.replacen(" the ", " ", 1),
        false => value,
    }
}

fn wrong(model: &Model, row: &Row) -> Option<String> {
    let param = Some(&row.param).filter(|_| !row.is_item())?;
    let blockers = model.blockers();
    let wrong = blockers.iter().find(|(field, _)| *field == param.name);
    let wrong = wrong.map(|(_, problem)| problem.to_string());
    wrong.or_else(|| model.composer.field_errors.get(&param.name).cloned())
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
