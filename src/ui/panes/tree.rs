//! The tree: every step, where it came from, what it cost.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{frame, scroll};
use crate::app::model::Model;
use crate::tree::skeleton::Row;
use crate::tree::{Node, NodeState};
use crate::ui::Ui;
use crate::ui::pane::Pane;
use crate::ui::text::{put, put_right};

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let rows = model.tree.rows();
    let title = match (&ui.filter, model.loading) {
        (Some(filter), _) if !filter.is_empty() => format!("tree /{filter}"),
        (_, true) => "tree (reading)".into(),
        _ => format!("tree ({})", rows.len()),
    };
    let inner = frame(area, buffer, theme, &title, ui.focus() == Pane::Tree);
    if rows.is_empty() {
        put(buffer, inner, 0, 0, "no pictures yet", theme.dim());
        return;
    }
    let selected = ui.tree_row(model, &rows);
    let first = scroll(selected, usize::from(inner.height), rows.len());
    for (line, row) in rows.iter().skip(first).take(usize::from(inner.height)).enumerate() {
        let y = u16::try_from(line).unwrap_or(u16::MAX);
        draw_row(inner, buffer, y, model, ui, row);
    }
}

fn draw_row(area: Rect, buffer: &mut Buffer, y: u16, model: &Model, ui: &Ui, row: &Row) {
    let theme = ui.theme();
    let node = model.nodes.get(&row.node);
    let is_current = model.current.is_some_and(|current| current.node == row.node);
    let is_parent = model.draft.parent.is_some_and(|parent| parent.node == row.node);
    let style = if is_current { theme.selected() } else { Style::new() };
    let [down, branch] = theme.rails();
    let mark = match (ui.marked_nodes.contains(&row.node), is_current) {
        (true, _) => "+",
        (false, true) => ">",
        (false, false) => " ",
    };
    let mut x = put(buffer, area, 0, y, mark, style);
    // A deep nest must not push the words out of the pane: its outer rails become a number.
    let room = (area.width / 12).max(1);
    let hidden = row.depth.saturating_sub(room);
    if hidden > 0 {
        x += put(buffer, area, x, y, &format!("{hidden}"), theme.dim());
    }
    for level in hidden..row.depth {
        let rail = if level + 1 == row.depth && row.branch { branch } else { down };
        x += put(buffer, area, x, y, rail, theme.dim());
    }
    let mark = match model.tree.get(row.node).map(|bone| bone.state) {
        Some(NodeState::Pending) => theme.hollow(),
        Some(NodeState::Unknown) => "?",
        _ => theme.dot(),
    };
    let star = if node.is_some_and(|node| node.starred) { theme.star() } else { "" };
    let label = format!("{mark}{star} {}{} ", row.node, if is_parent { "*" } else { "" });
    x += put(buffer, area, x, y, &label, style);
    let cost = node.and_then(|node| node.cost).map_or(String::new(), |cost| cost.to_string());
    let room = Rect { width: area.width.saturating_sub(cost.len() as u16 + 1).max(x), ..area };
    x += put(buffer, room, x, y, &words(node), style);
    put_right(buffer, area, x, y, &cost, theme.dim());
}

/// What made it: the prompt of an edit, the file's name of a root.
fn words(node: Option<&Node>) -> String {
    let Some(node) = node else {
        return "…".into();
    };
    let many = match node.pictures.len() {
        0 | 1 => String::new(),
        count => format!(" ×{count}"),
    };
    let name = node.name.as_ref().map_or(String::new(), |name| format!("[{name}] "));
    let words = match &node.recipe {
        Some(recipe) => recipe.prompt.clone(),
        None => node.title.clone().unwrap_or_default(),
    };
    format!("{name}{words}{many}")
}
