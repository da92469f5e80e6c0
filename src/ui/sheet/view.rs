//! The contact sheet on the screen: a grid as large as fits, a label below each picture.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Cell, Sheet};
use crate::app::model::Model;
use crate::tree::{Node, NodeState};
use crate::ui::Ui;
use crate::ui::border::{frame, scroll};
use crate::ui::cells::put;
use crate::ui::frame::Placement;
use crate::ui::letterbox::fitted;
use crate::ui::theme::Mark;

/// Columns of the narrowest cell, and blank columns between two.
const NARROWEST: u16 = 12;
const GAP: u16 = 1;

/// How the cells are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: u16,
    /// Rows of cells that are seen.
    pub rows: u16,
    /// Columns and rows of one cell, its label included.
    pub cell: (u16, u16),
}

/// The largest cells that show all pictures, or the smallest useful ones.
pub fn grid(inner: Rect, model: &Model, sheet: &Sheet, pixels: (u16, u16)) -> Grid {
    let (count, wish) = (sheet.cells().len(), sheet.columns);
    let (across, down) = shape(model, sheet);
    let most = (inner.width / (NARROWEST + GAP)).max(1);
    let with = |columns: u16| {
        let width = (inner.width / columns).saturating_sub(GAP).max(1);
        let (wide, high) = (u32::from(pixels.0.max(1)), u32::from(pixels.1.max(1)));
        let rows = (u32::from(width) * wide * down).div_ceil(high * across) + 1;
        let height = u16::try_from(rows).unwrap_or(u16::MAX).clamp(2, inner.height.max(2));
        Grid { columns, rows: (inner.height / height).max(1), cell: (width, height) }
    };
    let holds = |grid: &Grid| usize::from(grid.columns) * usize::from(grid.rows) >= count;
    let best = (1..=most).find(|columns| holds(&with(*columns))).unwrap_or(most);
    with(best.saturating_add_signed(wish).clamp(1, most))
}

/// Width and height of the tallest of the pictures, so that all have room.
fn shape(model: &Model, sheet: &Sheet) -> (u32, u32) {
    // A sample is enough for large sheets.
    let known = sheet.cells().iter().take(200).filter_map(|cell| cell.picture(model));
    let sides = known.filter(|picture| picture.is_picture());
    let sides = sides.map(|picture| (picture.width.min(20_000), picture.height.min(20_000)));
    sides.max_by(|a, b| (a.1 * b.0).cmp(&(b.1 * a.0))).unwrap_or((1, 1))
}

/// Where the sheet stands and how it is laid out, for keys and for drawing.
pub fn inside(area: Rect) -> Rect {
    let room = |side: u16| side.saturating_sub(2);
    Rect { x: area.x + 1, y: area.y + 1, width: room(area.width), height: room(area.height) }
}

pub fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    sheet: &Sheet,
) -> Vec<Placement> {
    let title = sheet.title(ui.panes.tree.filter.as_deref());
    let inner = frame(area, buffer, ui.theme(), &title, true);
    if inner.width < NARROWEST || inner.height < 2 {
        return Vec::new();
    }
    let grid = grid(inner, model, sheet, ui.graphics.cell);
    let columns = usize::from(grid.columns);
    let all = sheet.cells().len().div_ceil(columns);
    let first = scroll(sheet.selected() / columns, usize::from(grid.rows), all) * columns;
    let seen = sheet.cells().iter().enumerate().skip(first).take(columns * usize::from(grid.rows));
    let seen: Vec<(usize, Cell)> = seen.map(|(at, cell)| (at, *cell)).collect();
    let labels = Labels::of(model, sheet.cells());
    let place = |at: usize| {
        let at = at - first;
        let (column, row) = ((at % columns) as u16, (at / columns) as u16);
        let (width, height) = grid.cell;
        let (x, y) = (inner.x + column * (width + GAP), inner.y + row * height);
        Rect { x, y, width, height }
    };
    let draw = |(at, cell): (usize, Cell)| {
        let is_selected = at == sheet.selected();
        let label = if sheet.blind { format!("{}", at + 1) } else { labels.label(model, ui, cell) };
        draw_cell(place(at), buffer, (model, ui), (cell, is_selected), &label)
    };
    seen.into_iter().filter_map(draw).collect()
}

fn draw_cell(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    (cell, is_selected): (Cell, bool),
    label: &str,
) -> Option<Placement> {
    let theme = ui.theme();
    let above = Rect { height: slot.height - 1, ..slot };
    let mark = match (ui.panes.tree.marked.contains(&cell.node), is_selected) {
        (true, true) => "+>",
        (true, false) => "+ ",
        (false, true) => "> ",
        (false, false) => "  ",
    };
    let style = if is_selected { theme.selected() } else { Style::new() };
    let below = Rect { y: slot.bottom() - 1, height: 1, ..slot };
    put(buffer, below, 0, 0, &format!("{mark}{label}"), style);
    let Some(picture) = cell.picture(model) else {
        let words = match model.tree.get(cell.node).map(|summary| summary.state) {
            Some(NodeState::Pending) => "in progress",
            Some(NodeState::Unknown) => "maybe paid",
            Some(NodeState::Root | NodeState::Done | NodeState::Failed | NodeState::Cancelled)
            | None => "…",
        };
        put(buffer, above, 1, above.height / 2, words, theme.dim());
        return None;
    };
    if !picture.is_picture() {
        put(buffer, above, 1, above.height / 2, &picture.format, theme.accent());
        return None;
    }
    let area = fitted(above, ui.graphics.cell, (picture.width, picture.height))?;
    Some(Placement::whole(picture.hash, area))
}

/// What differs between the pictures of a sheet.
struct Labels {
    /// Parameters that differ.
    names: Vec<String>,
    endpoints: bool,
    prompts: bool,
}

impl Labels {
    fn of(model: &Model, cells: &[Cell]) -> Self {
        // Limited: comparing thousands of recipes would delay a key.
        let nodes: Vec<&Node> =
            cells.iter().take(200).filter_map(|cell| model.nodes.get(&cell.node)).collect();
        let recipes: Vec<_> = nodes.iter().filter_map(|node| node.recipe.as_ref()).collect();
        let mut values: BTreeMap<&str, Vec<Option<&serde_json::Value>>> = BTreeMap::new();
        for name in recipes.iter().flat_map(|recipe| recipe.values.keys()) {
            let all = || recipes.iter().map(|recipe| recipe.values.get(name)).collect();
            values.entry(name).or_insert_with(all);
        }
        let differs =
            |all: &[Option<&serde_json::Value>]| all.windows(2).any(|w| w.first() != w.last());
        let names = values.iter().filter(|(name, all)| **name != "seed" && differs(all));
        let first = recipes.first();
        let other = |is: fn(&crate::tree::Recipe) -> &str| {
            recipes.iter().any(|recipe| first.is_some_and(|first| is(recipe) != is(first)))
        };
        Self {
            names: names.map(|(name, _)| (*name).to_owned()).collect(),
            endpoints: other(|recipe| &recipe.endpoint),
            prompts: other(|recipe| &recipe.prompt) || recipes.len() < nodes.len(),
        }
    }

    fn label(&self, model: &Model, ui: &Ui, cell: Cell) -> String {
        let Some(node) = model.nodes.get(&cell.node) else {
            return cell.node.to_string();
        };
        let mut parts = vec![node.id.to_string()];
        if node.pictures.len() > 1 {
            parts = vec![format!("{}.{}", node.id, cell.place + 1)];
        }
        if node.starred {
            parts.push(ui.theme().mark(Mark::Starred).to_owned());
        }
        if node.rating > 0 {
            parts.push(format!("{}/5", node.rating));
        }
        if let Some(recipe) = &node.recipe {
            if self.endpoints {
                let known = model.catalogue.find(&recipe.endpoint);
                parts.push(known.map_or(recipe.endpoint.clone(), |known| known.short.clone()));
            }
            for value in self.names.iter().filter_map(|name| recipe.values.get(name)) {
                parts.push(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
        if self.prompts {
            parts.push(node.caption().to_owned());
        } else {
            parts.extend(node.seed.map(|seed| format!("seed {seed}")));
        }
        parts.join(" ")
    }
}
