//! The contact sheet on the screen: a grid as large as fits, a label below each picture.

use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::labels::{Hows, NO_BREAK};
use super::{Cell, Sheet};
use crate::app::model::Model;
use crate::tree::{Node, NodeState};
use crate::ui::Ui;
use crate::ui::border::{corners, frame, scroll};
use crate::ui::cells::{cut, middle, put, wrapped};
use crate::ui::frame::Placement;
use crate::ui::layout::Layout;
use crate::ui::letterbox::fitted;
use crate::ui::theme::{Mark, Role};
use crate::ui::tree_caption::Caption;
use crate::ui::tree_row;

/// Columns of the narrowest cell, its frame included.
const NARROWEST: u16 = 14;
/// Where there is room, a cell has so many columns for its words, however narrow its picture is.
const CAPTION: u16 = 20;
/// What a cell has around its picture: a column at each side, a row above, and one below for words.
const SIDES: u16 = 2;
const ENDS: u16 = 2;
/// Columns of the mark before the words of a cell.
const MARK: u16 = 2;
/// Rows of a cell in which a picture tells something.
const LOWEST: u16 = 5;

/// How the cells are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: u16,
    /// Rows of cells that are seen.
    pub rows: u16,
    /// Columns and rows of one cell, its words included.
    pub cell: (u16, u16),
}

/// The largest cells that show all pictures, or the smallest useful ones.
pub fn grid(inner: Rect, model: &Model, sheet: &Sheet, pixels: (u16, u16)) -> Grid {
    let (count, wish) = (sheet.cells().len(), sheet.columns);
    let (across, down) = shape(model, sheet);
    let most = (inner.width / NARROWEST).max(1);
    // The last row of frames needs one row more.
    let height_of_all = inner.height.saturating_sub(1).max(1);
    let with = |columns: u16| {
        let width = (inner.width / columns).max(1);
        let (wide, high) = (u32::from(pixels.0.max(1)), u32::from(pixels.1.max(1)));
        let room = u32::from(width.saturating_sub(SIDES).max(1));
        let rows = (room * wide * down).div_ceil(high * across);
        let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(ENDS);
        let height = height.clamp(3, height_of_all.max(3));
        Grid { columns, rows: (height_of_all / height).max(1), cell: (width, height) }
    };
    // As large as they can be while all are seen.
    let squeezed = |columns: u16| {
        let rows = u16::try_from(count.div_ceil(usize::from(columns))).unwrap_or(u16::MAX);
        let grid = with(columns);
        let height = grid.cell.1.min(height_of_all / rows.max(1));
        Grid { rows, cell: (grid.cell.0, height), ..grid }
    };
    let seen = |grid: &Grid| {
        let (wide, high) = (u32::from(pixels.0.max(1)), u32::from(pixels.1.max(1)));
        let rows = u32::from(grid.cell.1.saturating_sub(ENDS));
        let columns = u32::from(grid.cell.0.saturating_sub(SIDES));
        let useful = (rows * high * across / (wide * down)).min(columns);
        useful * (useful * wide * down / (high * across)).min(rows)
    };
    let fits = |grid: &Grid| grid.cell.1 > LOWEST;
    let all = (1..=most).map(squeezed).filter(fits).max_by_key(seen);
    let grid = match (all, wish) {
        (Some(grid), 0) => grid,
        (Some(grid), wish) => with(grid.columns.saturating_add_signed(wish).clamp(1, most)),
        (None, wish) => with(most.saturating_add_signed(wish).clamp(1, most)),
    };
    // Cells are no wider than the pictures that their height allows.
    let (width, height) = grid.cell;
    let room = u32::from(height.saturating_sub(ENDS)) * u32::from(pixels.1) * across;
    let useful = room.div_ceil((u32::from(pixels.0) * down).max(1)) + u32::from(SIDES);
    let useful = u16::try_from(useful).unwrap_or(u16::MAX).max(CAPTION);
    Grid { cell: (width.min(useful), height), ..grid }
}

/// Width and height of the tallest of the pictures, so that all have room.
fn shape(model: &Model, sheet: &Sheet) -> (u32, u32) {
    // A sample is enough for large sheets.
    let known = sheet.cells().iter().take(200).filter_map(|cell| cell.picture(model));
    let sides = known.filter(|picture| picture.is_picture());
    let sides = sides.map(|picture| (picture.width.min(20_000), picture.height.min(20_000)));
    sides.max_by(|a, b| (a.1 * b.0).cmp(&(b.1 * a.0))).unwrap_or((1, 1))
}

/// Down to the footer: nothing is written meanwhile, and the title stands in the header.
pub fn area(layout: &Layout) -> Rect {
    Rect { height: layout.middle.height + layout.rule.height, ..layout.middle }
}

/// What is on it, how many do not go into the area, and the words that all were made by: what of it
/// goes into so many columns. Where one is and what is out of sight are left out last.
pub fn title(area: Rect, model: &Model, ui: &Ui, sheet: &Sheet, room: usize) -> String {
    let mut title = sheet.title(ui.panes.tree.filter.as_deref());
    let seen = seen(sheet, grid(area, model, sheet, ui.graphics.cell));
    let below = sheet.cells().len().saturating_sub(seen.end);
    if below > 0 {
        title = format!("{title} · {below} more below");
    }
    let labels = sheet.labels(model);
    if let Some(words) = labels.in_common().filter(|_| !sheet.blind && title.width() < room) {
        title = format!("{title} · {words}");
        return cut(&title, room).replace("… …", "…");
    }
    // Of which set, the pictures tell; then what it is.
    let parts: Vec<&str> = title.split(" · ").collect();
    let short = match parts.as_slice() {
        [name, _, rest @ ..] => [&[*name], rest].concat().join(" · "),
        _ => title.clone(),
    };
    let bare = parts.get(2..).unwrap_or_default().join(" · ");
    cut([&title, &short].into_iter().find(|form| form.width() <= room).unwrap_or(&bare), room)
}

/// Which of its pictures the grid has room for.
fn seen(sheet: &Sheet, grid: Grid) -> Range<usize> {
    let (columns, rows) = (usize::from(grid.columns), usize::from(grid.rows));
    let all = sheet.cells().len();
    let first = scroll(sheet.selected() / columns, rows, all.div_ceil(columns)) * columns;
    first..(first + columns * rows).min(all)
}

pub fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    sheet: &Sheet,
) -> Vec<Placement> {
    let labels = sheet.labels(model);
    let inner = area;
    if inner.width < NARROWEST || inner.height < 3 {
        return Vec::new();
    }
    let grid = grid(inner, model, sheet, ui.graphics.cell);
    let columns = usize::from(grid.columns);
    let Range { start: first, end } = seen(sheet, grid);
    let seen = sheet.cells().iter().enumerate().take(end).skip(first);
    let seen: Vec<(usize, Cell)> = seen.map(|(at, cell)| (at, *cell)).collect();
    let (width, height) = grid.cell;
    let mark = if ui.panes.tree.marked.is_empty() { 0 } else { MARK };
    let room = usize::from(width.saturating_sub(SIDES + mark));
    let shown = u16::try_from(seen.len().min(columns)).unwrap_or(grid.columns);
    let left = inner.width.saturating_sub(width * shown) / 2;
    let used = u16::try_from(seen.len().div_ceil(columns)).unwrap_or(grid.rows) * height + 1;
    let top = inner.height.saturating_sub(used) / 2;
    let place = |at: usize| {
        let at = at - first;
        let (column, row) = ((at % columns) as u16, (at / columns) as u16);
        let (x, y) = (inner.x + left + column * width, inner.y + top + row * height);
        Rect { x, y, width, height }
    };
    let known = |cell: Cell| {
        let node = model.nodes.get(&cell.node).filter(|_| !sheet.blind)?;
        Some((node, labels.caption(model, node)))
    };
    let seen: Vec<_> = seen.into_iter().map(|(at, cell)| (at, cell, known(cell))).collect();
    let all = seen.iter().filter_map(|(.., known)| known.as_ref());
    let form = all.map(|(node, caption)| labels.form(ui, node, caption, room)).max().unwrap_or(0);
    let shape = shape(model, sheet);
    let all = seen.iter().filter_map(|(.., known)| known.as_ref());
    let hows = Hows::new(ui, all.map(|(node, caption)| (*node, caption.as_ref())).collect());
    let draw = |(at, cell, known): &(usize, Cell, Option<(&Node, Arc<Caption>)>)| {
        let label = |room| match known {
            Some((node, caption)) => labels.label(&hows, *cell, node, caption, (room, form)),
            None if sheet.blind => format!("{}{}", at + 1, judged(model, ui, *cell)),
            None => cell.node.to_string(),
        };
        let in_rows =
            |rows: u16, aside: u16| in_rows(label, room.saturating_sub(aside.into()), rows);
        let is_selected = *at == sheet.selected();
        draw_cell(place(*at), buffer, (model, ui), (*cell, is_selected), shape, in_rows)
    };
    seen.iter().filter_map(draw).collect()
}

/// In one row of so many columns, or in two where there are as many and one cuts it.
fn in_rows(label: impl Fn(usize) -> String, room: usize, rows: u16) -> Vec<String> {
    let one = label(room).replace(NO_BREAK, " ");
    if rows < 2 || !one.contains('…') {
        return vec![one];
    }
    // Lines break between words, so that not all of two is used.
    let both = [2 * room, 2 * room - room / 3].into_iter();
    let mut lines = both.map(|both| wrapped(&label(both), room));
    lines.find(|lines| lines.len() < 3).unwrap_or_else(|| vec![one])
}

/// What one has said of it oneself is no secret.
fn judged(model: &Model, ui: &Ui, cell: Cell) -> String {
    let rating = model.nodes.get(&cell.node).map_or(0, |node| node.rating);
    let rated = if rating > 0 { format!("  {rating}/5") } else { String::new() };
    let is_starred = model.tree.get(cell.node).is_some_and(|summary| summary.starred);
    let star =
        if is_starred { format!("  {}", ui.theme().mark(Mark::Starred)) } else { String::new() };
    rated + &star
}

fn draw_cell(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    (cell, is_selected): (Cell, bool),
    shape: (u32, u32),
    label: impl Fn(u16, u16) -> Vec<String>,
) -> Option<Placement> {
    let theme = ui.theme();
    let is_marked = ui.panes.tree.marked.contains(&cell.node);
    let mark = if is_marked { format!("{} ", theme.mark(Mark::Chosen)) } else { String::new() };
    let inside = Rect {
        x: slot.x + 1,
        y: slot.y + 1,
        width: slot.width.saturating_sub(SIDES),
        height: slot.height.saturating_sub(ENDS),
    };
    let style = if is_selected { theme.selected() } else { Style::new() };
    let words = |buffer: &mut Buffer, y: u16, aside: u16| {
        let height = slot.bottom().saturating_sub(y);
        let rows =
            Rect { x: inside.x + aside, y, width: inside.width.saturating_sub(aside), height };
        let lines = label(rows.height, aside);
        for (at, line) in (0..rows.height).zip(&lines) {
            let mark = if at == 0 { mark.as_str() } else { "" };
            put(buffer, rows, 0, at, &format!("{mark}{line}"), style);
        }
        let end = y + rows.height.min(u16::try_from(lines.len()).unwrap_or(u16::MAX));
        (end, usize::from(aside) + mark.width() + widest(&lines))
    };
    let picture = cell.picture(model);
    let is_picture = picture.is_some_and(|picture| picture.is_picture() && !picture.nsfw);
    let placed = picture.filter(|_| is_picture).and_then(|picture| {
        let area = fitted(inside, ui.graphics.cell, (picture.width, picture.height))?;
        Some(Placement::whole(picture.hash, area))
    });
    // What is not there yet has the place that it will have.
    let area = placed.as_ref().map(|placed| placed.area);
    let area = area.or_else(|| fitted(inside, ui.graphics.cell, shape)).unwrap_or(inside);
    // Where a column is left over the words begin below the picture, not below the frame.
    let aside = area.x.saturating_sub(inside.x);
    let (end, wide) = words(buffer, area.bottom(), u16::from(aside == 1));
    if is_selected {
        // A column that is left over at the right stays outside, so that the picture is in the middle.
        let odd = inside.width.saturating_sub(area.width) % 2;
        let width = slot.width - if wide < usize::from(inside.width) { odd } else { 0 };
        // Right below the words: at most in the row above the next cell.
        let height = end.saturating_sub(slot.y) + 1;
        frame(Rect { width, height, ..slot }, buffer, theme, "", Role::Focus);
    }
    if placed.is_none() {
        for (at, sign) in corners(area, theme.ascii) {
            let at = Rect { x: at.x, y: at.y, width: 1, height: 1 };
            put(buffer, at, 0, 0, sign, theme.role(Role::Line));
        }
        let (told, style) = in_place(model, ui, cell);
        put(buffer, area, middle(area.width, &told), area.height / 2, &told, style);
    }
    placed
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

/// What stands in the place of a picture that is not there: the mark of the tree, and its word.
fn in_place(model: &Model, ui: &Ui, cell: Cell) -> (String, Style) {
    let theme = ui.theme();
    let state = model.tree.get(cell.node).map(|it| it.state);
    let mark = match (cell.picture(model), state) {
        (Some(file), _) if file.nsfw => Mark::Filtered,
        (Some(file), _) => return (file.format.clone(), theme.text()),
        (None, Some(NodeState::Pending | NodeState::Unknown | NodeState::Failed)) => {
            tree_row::mark_of(model, cell.node, tree_row::job(model, cell.node))
        }
        (None, Some(NodeState::Root | NodeState::Done | NodeState::Cancelled) | None) => {
            return ("loading…".to_owned(), theme.dim());
        }
    };
    (format!("{} {}", theme.mark(mark), mark.meaning()), theme.role(mark.role()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_goes_into_the_second_row_where_there_is_one() {
        let label = |room| cut("n51 summer max seed\u{a0}3", room);
        assert_eq!(in_rows(label, 14, 2), ["n51 summer max", "seed 3"]);
        assert_eq!(in_rows(label, 14, 1), ["n51 summer ma…"]);
        assert_eq!(in_rows(label, 30, 2), ["n51 summer max seed 3"]);
        // What tells it apart is not parted; where it has a short form that is enough.
        assert_eq!(in_rows(label, 19, 2), ["n51 summer max", "seed 3"]);
        let short = |room| if room < 24 { "n51 summer".into() } else { label(room) };
        assert_eq!(in_rows(short, 14, 2), ["n51 summer"]);
    }
}
