//! The tree: every step, and where it came from.
//!
//! Lays out only the rows that are seen; what a row says is in `tree_row`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::{PaneSpec, Slot};
use crate::app::action::{Action, Direction, TreeAction};
use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::skeleton::Row;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::put;
use crate::ui::command::{Args, CommandRow};
use crate::ui::frame::{Frame, Placement};
use crate::ui::layout::split_rows;
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::pane::Pane;
use crate::ui::scrollbar;
use crate::ui::theme::{Mark, Role};
use crate::ui::tree_caption::words::Label;
use crate::ui::tree_caption::{Caption, How, SIGNED};
use crate::ui::tree_columns::Columns;
use crate::ui::tree_row::{self, RowView};
use crate::ui::tree_rows::TreeRows;

mod title;

/// Lines of a node where its picture is seen: its words have both.
const TALL: u16 = 2;
/// From this size on pictures are seen beside other panes too.
const THUMBS: (u16, u16) = (30, 16);
/// Lines for the whole words of the selected row, and the height from which on there is room.
const WHOLE: u16 = 4;
const ROOMY: u16 = 14;
/// Columns of a star and a rating.
const MARKS: u16 = 6;
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
    CommandRow::new("tree", Everywhere, &["alt-3"], "go to the tree", |ui, _, _| ui.go_to(ID)).sought_as(&["history", "versions", "branches", "nodes"]),
    CommandRow::new("row-down", In(ID), &["j", "down"], "go to the next row", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("row-up", In(ID), &["k", "up"], "go to the previous row", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("fold", In(ID), &["left", "h"], "collapse; or go to the parent", fold).counted(),
    CommandRow::new("unfold", In(ID), &["right", "l"], "expand; or go to the child", unfold).counted(),
    CommandRow::new("mark-row", In(ID), &["v"], "mark the row; d and * then act on all marked", mark),
];

/// Visible rows, marks and filter.
#[derive(Debug, Default)]
pub struct TreeView {
    pub rows: TreeRows,
    pub marked: BTreeSet<NodeId>,
    /// The last search query.
    pub filter: Option<String>,
    asked_for: BTreeSet<NodeId>,
    looked_at: Option<LookedAt>,
}

/// Where was looked last for what is to be asked for: all of it is asked for.
#[derive(Debug, PartialEq, Eq)]
struct LookedAt {
    /// Counts of the changes of loaded nodes and of rows.
    nodes: u64,
    rows: (u64, u64),
    near: usize,
    seen: Vec<NodeId>,
}

fn refresh(ui: &mut Ui, model: &Model) {
    let room = usize::from(ui.screen.area.height);
    let tree = &mut ui.panes.tree;
    tree.rows.refresh(model, tree.filter.as_deref(), room);
    tree.marked.retain(|node| model.tree.get(*node).is_some());
}

impl TreeView {
    /// The row of the current node.
    fn current_row(&self, model: &Model, rows: &[Row]) -> usize {
        self.row_of(model.current.map(|current| current.node), rows)
    }

    fn row_of(&self, node: Option<NodeId>, rows: &[Row]) -> usize {
        node.and_then(|node| self.rows.place(rows, node)).unwrap_or(0)
    }

    /// Nodes near what is seen that are not loaded, and were not asked for yet. Once each: one that
    /// the store does not have must not be asked for for ever.
    pub fn wanted(&mut self, model: &Model, seen: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
        let rows = self.rows.all(model);
        let near = self.current_row(model, &rows).saturating_sub(100);
        let seen: Vec<NodeId> = seen.collect();
        let nodes = model.nodes.changes();
        let looks_at =
            LookedAt { nodes, rows: (model.tree.version(), self.rows.changes()), near, seen };
        if self.looked_at.as_ref() == Some(&looks_at) {
            return Vec::new();
        }
        // A loaded node may be evicted and then requested again.
        self.asked_for.retain(|id| !model.nodes.contains_key(id));
        if self.asked_for.len() > MOST_ASKED {
            // Those near are far fewer: they are asked for once more.
            self.asked_for.clear();
        }
        let unknown = |id: &NodeId| !model.nodes.contains_key(id) && !self.asked_for.contains(id);
        let here = rows.iter().skip(near).take(200).map(|row| row.node);
        let seen = looks_at.seen.iter().copied();
        let wanted: Vec<NodeId> = here.chain(seen).filter(unknown).collect();
        self.asked_for.extend(&wanted);
        self.looked_at = Some(looks_at);
        wanted
    }
}

/// So many rows on; past rows that have no picture yet.
pub fn step(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let rows = ui.panes.tree.rows.all(model);
    let at = ui.panes.tree.current_row(model, &rows);
    let wanted = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
    let has_picture = |at: &usize| {
        let summary = rows.get(*at).and_then(|row| model.tree.get(row.node));
        summary.is_some_and(|summary| summary.pictures > 0)
    };
    let next = match by > 0 {
        true => (wanted..rows.len()).find(has_picture).or((at + 1..wanted).rev().find(has_picture)),
        false => (0..=wanted).rev().find(has_picture).or((wanted..at).find(has_picture)),
    };
    let row = next.filter(|next| *next != at).and_then(|next| rows.get(next));
    row.map(|row| Action::Tree(TreeAction::GoTo(row.node))).into_iter().collect()
}

/// Collapses the node, or the chain that leads to it; if there is nothing, goes to the parent.
fn fold(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let Some(node) = model.current.map(|current| current.node) else {
        return Vec::new();
    };
    match ui.panes.tree.rows.fold(model, node) {
        true => Vec::new(),
        false => vec![Action::Tree(TreeAction::Go { to: Direction::Parent, times: args.times() })],
    }
}

fn unfold(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let Some(node) = model.current.map(|current| current.node) else {
        return Vec::new();
    };
    match ui.panes.tree.rows.unfold(model, node) {
        true => Vec::new(),
        false => vec![Action::Tree(TreeAction::Go { to: Direction::Child, times: args.times() })],
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

/// It counts the row that is lit, though the tree stays where the keys act.
fn draw_title(
    head: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    (rows, at): (&[Row], usize),
    seen: Range<usize>,
) {
    let lit = ui.shown_node(model).and_then(|node| ui.panes.tree.rows.place(rows, node));
    let title = title::title(model, ui, (rows, lit.unwrap_or(at)), seen, head.width);
    super::titled(ui, ID, head, buffer, &title);
    tint_start(ui, head, buffer, &title);
}

fn draw_rows(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Vec<Placement> {
    let theme = ui.theme();
    let rows = ui.panes.tree.rows.all(model);
    let at = ui.panes.tree.row_of(ui.told_node(model), &rows);
    let (head, inner) = split_rows(area, 1);
    let layout = ui.screen().layout();
    // Beside other panes the words stand in the details.
    let has_details = layout.as_ref().is_some_and(|layout| !layout.details.is_empty());
    let has_words = ui.is_alone(ID) && !has_details && inner.height >= ROOMY;
    let below = if has_words { WHOLE } else { 0 };
    // Behind a drawer that lies over it nothing is seen.
    let over = layout.and_then(|layout| layout.over);
    let covered = over.map_or(0, |(_, slot)| inner.bottom().saturating_sub(slot.y));
    let inner = Rect { height: inner.height.saturating_sub(below.max(covered)), ..inner };
    let tall = if has_thumbs(model, ui, inner, rows.len()) { TALL } else { 1 };
    let room = usize::from(inner.height / tall);
    let first = scroll(at, room, rows.len());
    draw_title(head, buffer, (model, ui), (&rows, at), first..first + room);
    if rows.is_empty() {
        put(buffer, inner, 0, 0, "no pictures yet", theme.dim());
        return Vec::new();
    }
    // At the right border of the screen the bar takes no column from the words.
    let margin = u16::from(!ui.is_alone(ID) && inner.right() + 1 == buffer.area.right());
    let outer = Rect { width: inner.width + margin, ..inner };
    let list = scrollbar::beside(outer, rows.len(), room).intersection(inner);
    let columns = if ui.is_alone(ID) { Columns::of(list.width) } else { None };
    let beside = columns.as_ref().map_or(0, Columns::width);
    let list = Rect { width: list.width - beside, ..list };
    scrollbar::draw(outer, buffer, theme, first, room, rows.len());
    let view = |(place, row): (usize, usize)| {
        let y = list.y + u16::try_from(place).unwrap_or(u16::MAX) * tall;
        let view = RowView::new(model, ui, &rows, row, Rect { y, height: tall, ..list })?;
        let is_only_way = ui.panes.tree.rows.is_only_way(view.row.node);
        let told = columns.as_ref().map(|columns| columns.whole(model, view.row.node));
        let has_keys = ui.focus() == ID;
        // Above the first that is seen nothing can be read.
        let is_repeated = view.is_repeated && place > 0;
        let view = RowView { has_thumb: tall > 1, has_keys, is_only_way, is_repeated, ..view };
        Some(view.without(told.unwrap_or_default()))
    };
    let mut views: Vec<RowView<'_>> =
        (first..rows.len()).take(room).enumerate().filter_map(view).collect();
    if tall == 1 {
        agree(&mut views, model);
    }
    let placements: Vec<Placement> =
        views.iter().filter_map(|view| view.draw(buffer, model, ui)).collect();
    for (view, columns) in views.iter().flat_map(|view| columns.as_ref().map(|it| (view, it))) {
        let slot = Rect { x: list.right(), width: beside, ..view.slot };
        columns.draw(slot, buffer, model, ui, (view.row.node, view.has_keys));
    }
    if below > 0 {
        let slot = Rect { y: inner.bottom(), height: below, ..inner };
        tree_row::whole(slot, buffer, model, ui);
    }
    placements
}

/// Takes of the same words on one picture are told in one form, that of the row with the least room.
fn agree(views: &mut [RowView<'_>], model: &Model) {
    let parent = |view: &RowView<'_>| model.tree.parent(view.row.node);
    views.iter_mut().for_each(RowView::leave_to_sign);
    // A star or a rating moves what differs in all rows; what is told in a word only in its own.
    let of_row = |view: &RowView<'_>| u16::try_from(view.right_columns()).unwrap_or(u16::MAX);
    let with_takes = views.iter().filter(|view| view.caption.differs.is_some());
    let kept = with_takes.map(of_row).filter(|wide| *wide <= MARKS).max().unwrap_or(0);
    views.iter_mut().for_each(|view| view.kept = kept);
    agree_on_words(views, parent);
    // Where one of them leaves out what tells nothing, all that begin so do.
    let opening = |view: &RowView<'_>| (parent(view), view.caption.opening().to_owned());
    let is_bare = |view: &&RowView<'_>| matches!(view.how.label, Label::First(_) | Label::Bare);
    let bare: BTreeSet<_> = views.iter().filter(is_bare).map(opening).collect();
    for view in views.iter_mut().filter(|view| bare.contains(&opening(view))) {
        view.how.label = view.how.label.min(Label::Bare);
    }
}

/// Rows of one wording below one picture are shortened alike; a seed is spelled alike in all rows.
fn agree_on_words(views: &mut [RowView<'_>], parent: impl Fn(&RowView<'_>) -> Option<NodeId>) {
    let family = |view: &RowView<'_>| (parent(view), view.caption.wording().to_owned());
    let mut families = BTreeMap::<_, Vec<&mut RowView<'_>>>::new();
    for view in views {
        families.entry(family(view)).or_default().push(view);
    }
    let seeded = |of: &[&mut RowView<'_>]| of.iter().any(|view| view.caption.has_seed());
    let mut is_signed = false;
    for of in families.values_mut() {
        is_signed |= tell_alike(of, false).form >= SIGNED && seeded(of);
    }
    for of in families.values_mut().filter(|of| is_signed && seeded(of)) {
        tell_alike(of, true);
    }
}

fn tell_alike(views: &mut [&mut RowView<'_>], in_signs: bool) -> How {
    let how = Caption::how(views.iter().map(|view| (&*view.caption, view.room())), in_signs);
    views.iter_mut().for_each(|view| view.how = how);
    how
}

/// Where the next edit starts has the colour that it has in the prompt and in its row.
fn tint_start(ui: &Ui, head: Rect, buffer: &mut Buffer, title: &str) {
    let mark = ui.theme().mark(Mark::Parent);
    let Some((before, _)) = title.rsplit_once("edits n").or(title.rsplit_once(mark)) else {
        return;
    };
    let x = super::TITLE + u16::try_from(before.width()).unwrap_or(u16::MAX);
    let width = u16::try_from(title.width() - before.width()).unwrap_or(u16::MAX);
    let slot = Rect { x: head.x.saturating_add(x), width, ..head }.intersection(head);
    buffer.set_style(slot, ui.theme().role(Role::Parent));
}

/// Alone wherever there are pixels; in the side only where a picture is sent once and then moved.
/// Never where that would hide more than half of the rows.
fn has_thumbs(model: &Model, ui: &Ui, inner: Rect, rows: usize) -> bool {
    // A filter leaves rows out, and those that stay as they were.
    let rows = if ui.panes.tree.rows.is_filtered() { model.tree.shown_len() } else { rows };
    if rows > usize::from(inner.height) {
        return false;
    }
    let is_cheap = ui.graphics.protocol.starts_with("kitty");
    let is_wide = inner.width >= THUMBS.0 && inner.height >= THUMBS.1;
    match ui.is_alone(ID) {
        true => ui.graphics.has_pixels() && inner.height >= 2 * TALL,
        false => is_cheap && is_wide,
    }
}
