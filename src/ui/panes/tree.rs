//! The tree: every step, where it came from, what it cost.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{PaneSpec, Slot};
use crate::app::action::{Action, Direction, TreeAction};
use crate::app::model::Model;
use crate::tree::index::Row;
use crate::tree::{Node, NodeId, NodeState, PictureRef};
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{put, put_right};
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::{Frame, Placement};
use crate::ui::letterbox::fitted;
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;
use crate::ui::tree_rows::TreeRows;

/// Lines of a node where the tree is alone and its pictures are seen; the last one stays free.
const TALL: u16 = 3;
/// Columns of a picture there, and what stands between it and the words.
const THUMB: u16 = 6;
const GAP: u16 = 1;
/// From here on there is room for more than the cost at the right.
const WIDE: u16 = 70;
/// Limit for requested nodes that never arrived.
const MOST_ASKED: usize = 1_000;

const ID: Pane = Pane("tree");

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    on_wheel: step,
    refresh,
    ..PaneSpec::new(ID, 't', Slot::Left, draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("tree", Everywhere, &["alt-3"], "go to the tree", |ui, _, _| ui.go_to(ID)),
    CommandRow::new("row-down", In(ID), &["j", "down"], "next row", |ui, model, _| step(ui, model, 1)),
    CommandRow::new("row-up", In(ID), &["k", "up"], "previous row", |ui, model, _| step(ui, model, -1)),
    CommandRow::new("fold", In(ID), &["left"], "collapse, or go to the parent", fold),
    CommandRow::new("unfold", In(ID), &["right"], "expand, or go to the child", unfold),
    CommandRow::new("mark-row", In(ID), &["v"], "mark the row: d and * then act on all marked rows", mark),
];

/// Visible rows, marks and filter.
#[derive(Debug, Default)]
pub struct TreeView {
    pub rows: TreeRows,
    pub marked: BTreeSet<NodeId>,
    /// The last search query.
    pub filter: Option<String>,
    asked_for: Vec<NodeId>,
}

fn refresh(ui: &mut Ui, model: &Model) {
    ui.panes.tree.rows.refresh(model);
    ui.panes.tree.marked.retain(|node| model.tree.get(*node).is_some());
}

/// The row of the current node.
fn current_row(model: &Model, rows: &[Row]) -> usize {
    let current = model.current.map(|current| current.node);
    rows.iter().position(|row| Some(row.node) == current).unwrap_or(0)
}

impl TreeView {
    /// Nodes near what is seen that are not loaded, and were not asked for yet. Once each: one that
    /// the store does not have must not be asked for for ever.
    pub fn wanted(&mut self, model: &Model, seen: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
        let rows = self.rows.all(model);
        let near = current_row(model, &rows).saturating_sub(100);
        // A loaded node may be evicted and then requested again.
        self.asked_for.retain(|id| !model.nodes.contains_key(id));
        let much = self.asked_for.len().saturating_sub(MOST_ASKED);
        self.asked_for.drain(..much);
        let unknown = |id: &NodeId| !model.nodes.contains_key(id) && !self.asked_for.contains(id);
        let here = rows.iter().skip(near).take(200).map(|row| row.node);
        let wanted: Vec<NodeId> = here.chain(seen).filter(unknown).collect();
        self.asked_for.extend(&wanted);
        wanted
    }
}

fn step(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let rows = ui.panes.tree.rows.all(model);
    let at = current_row(model, &rows);
    let next = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
    let shown = rows.get(next).and_then(|row| {
        let picture = model.nodes.get(&row.node)?.pictures.first()?.hash;
        Some(Action::Tree(TreeAction::Show(PictureRef { node: row.node, picture })))
    });
    shown.into_iter().collect()
}

/// Collapses the node; if there is nothing to collapse, goes to the parent.
fn fold(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Some(node) = model.current.map(|current| current.node) else {
        return Vec::new();
    };
    let has_more = model.tree.children(node).next().is_some();
    match has_more && ui.panes.tree.rows.fold(node) {
        true => Vec::new(),
        false => vec![Action::Tree(TreeAction::Go { to: Direction::Parent, times: 1 })],
    }
}

fn unfold(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Some(node) = model.current.map(|current| current.node) else {
        return Vec::new();
    };
    match ui.panes.tree.rows.unfold(node) {
        true => Vec::new(),
        false => vec![Action::Tree(TreeAction::Go { to: Direction::Child, times: 1 })],
    }
}

/// Toggles the mark and goes to the next row.
fn mark(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if let Some(current) = model.current {
        flip(&mut ui.panes.tree.marked, current.node);
    }
    step(ui, model, 1)
}

pub fn flip<T: Ord>(marked: &mut BTreeSet<T>, one: T) {
    if !marked.remove(&one) {
        marked.insert(one);
    }
}

/// The tree alone.
pub fn show_whole(ui: &mut Ui) -> Vec<Action> {
    ui.focus_on(ID);
    ui.screen.full = Some(ID);
    Vec::new()
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let placements = draw_rows(area, &mut frame.cells, model, ui);
    frame.placements.extend(placements);
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Vec<Placement> {
    let theme = ui.theme();
    let rows = ui.panes.tree.rows.all(model);
    let title = match (&ui.panes.tree.filter, model.session.is_loading) {
        (Some(filter), _) if !filter.is_empty() => format!("tree /{filter}"),
        (_, true) => "tree (reading)".into(),
        _ => format!("tree ({})", model.tree.len()),
    };
    let inner = super::titled(ui, ID, area, buffer, &title);
    if rows.is_empty() {
        put(buffer, inner, 0, 0, "no pictures yet", theme.dim());
        return Vec::new();
    }
    let is_tall = ui.is_alone(ID) && ui.graphics.has_pixels() && inner.height >= 2 * TALL;
    let tall = if is_tall { TALL } else { 1 };
    let room = usize::from(inner.height / tall);
    let first = scroll(current_row(model, &rows), room, rows.len());
    let mut placements = Vec::new();
    for (place, row) in rows.iter().skip(first).take(room).enumerate() {
        let y = inner.y + u16::try_from(place).unwrap_or(u16::MAX) * tall;
        let slot = Rect { y, height: tall, ..inner };
        placements.extend(draw_row(slot, buffer, model, ui, row));
    }
    placements
}

fn draw_row(
    slot: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    row: &Row,
) -> Option<Placement> {
    let theme = ui.theme();
    let node = model.nodes.get(&row.node);
    let is_current = model.current.is_some_and(|current| current.node == row.node);
    let style = if is_current { theme.selected() } else { Style::new() };
    let mark = match (ui.panes.tree.marked.contains(&row.node), is_current) {
        (true, _) => "+",
        (false, true) => ">",
        (false, false) => " ",
    };
    let mut x = put(buffer, slot, 0, 0, mark, style);
    x += draw_rails(slot, buffer, ui, x, row);
    let placement = (slot.height > 1).then(|| {
        let thumb = Rect { x: slot.x + x, width: THUMB, height: slot.height - 1, ..slot };
        x += THUMB + GAP;
        let picture = node?.pictures.first().filter(|picture| picture.is_picture())?;
        let size = (picture.width, picture.height);
        let area = fitted(thumb.intersection(slot), ui.graphics.cell, size)?;
        Some(Placement::whole(picture.hash, area))
    });
    let begin = x;
    x += put(buffer, slot, x, 0, &label(model, ui, row), style);
    let right = match slot.width {
        WIDE.. if slot.height == 1 => detail(model, node),
        _ => cost(node),
    };
    let room =
        Rect { width: slot.width.saturating_sub(right.chars().count() as u16 + 1).max(x), ..slot };
    x += put(buffer, room, x, 0, &words(node), style);
    put_right(buffer, slot, x, 0, &right, theme.dim());
    if slot.height > 1 {
        put(buffer, slot, begin, 1, &detail(model, node), theme.dim());
    }
    placement.flatten()
}

/// The lines that lead to it; how many columns they take.
fn draw_rails(slot: Rect, buffer: &mut Buffer, ui: &Ui, x: u16, row: &Row) -> u16 {
    let theme = ui.theme();
    let [down, branch] = theme.rails();
    // A deep nest must not push the words out of the pane: its outer rails become a number.
    let hidden = row.depth.saturating_sub((slot.width / 12).max(1));
    let mut used = 0;
    if hidden > 0 {
        used += put(buffer, slot, x, 0, &format!("{hidden}"), theme.dim());
    }
    for level in hidden..row.depth {
        let rail = if level + 1 == row.depth && row.branch { branch } else { down };
        for line in 1..slot.height {
            put(buffer, slot, x + used, line, down, theme.dim());
        }
        used += put(buffer, slot, x + used, 0, rail, theme.dim());
    }
    used
}

fn label(model: &Model, ui: &Ui, row: &Row) -> String {
    let theme = ui.theme();
    let summary = model.tree.get(row.node);
    let state = match summary.map(|summary| (summary.state, summary.parent)) {
        Some((NodeState::Pending, _)) => theme.hollow(),
        Some((NodeState::Unknown, _)) => "?",
        Some((_, None)) => theme.root(),
        Some((_, Some(_))) | None => theme.dot(),
    };
    let node = model.nodes.get(&row.node);
    let star = if summary.is_some_and(|summary| summary.starred) { theme.star() } else { "" };
    let is_parent = model.draft.parent.is_some_and(|parent| parent.node == row.node);
    let parent = if is_parent { "*" } else { "" };
    let rating = node.filter(|node| node.rating > 0).map(|node| format!(" {}/5", node.rating));
    let rating = rating.unwrap_or_default();
    let folded = if row.hidden > 0 { format!(" (+{})", row.hidden) } else { String::new() };
    format!("{state}{star} {}{parent}{rating}{folded} ", row.node)
}

fn cost(node: Option<&Node>) -> String {
    node.and_then(|node| node.cost).map_or(String::new(), |cost| cost.to_string())
}

/// Details shown if there is room.
fn detail(model: &Model, node: Option<&Node>) -> String {
    let Some(node) = node else {
        return String::new();
    };
    let size = node.pictures.first().map(|picture| format!("{}×{}", picture.width, picture.height));
    let endpoint =
        node.recipe.as_ref().map(|recipe| match model.catalogue.find(&recipe.endpoint) {
            Ok(endpoint) => endpoint.short.clone(),
            Err(_) => recipe.endpoint.clone(),
        });
    let seed = node.seed.map(|seed| format!("seed {seed}"));
    let cost = node.cost.map(|cost| cost.to_string());
    let parts: Vec<String> = [endpoint, seed, size, cost].into_iter().flatten().collect();
    parts.join(" · ")
}

/// The caption with name and number of pictures.
fn words(node: Option<&Node>) -> String {
    let Some(node) = node else {
        return "…".into();
    };
    let many = match node.pictures.len() {
        0 | 1 => String::new(),
        count => format!(" ×{count}"),
    };
    let name = node.name.as_ref().map_or(String::new(), |name| format!("[{name}] "));
    format!("{name}{}{many}", node.caption())
}
