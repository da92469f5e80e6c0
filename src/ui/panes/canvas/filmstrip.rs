//! The pictures beside the current one under the same parent, in the rows below it; where there are
//! none, what it was made from and what was made from it.
//!
//! Small pictures where there are rows for them, else their numbers. Only draws.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Model;
use crate::tree::{NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::cells::{put, put_right};
use crate::ui::frame::Placement;
use crate::ui::letterbox::fitted;
use crate::ui::theme::{Mark, Theme};
use crate::ui::tree_row;

/// Columns and rows of a small picture: with pixels, and in blocks of two a cell.
const THUMB: (u16, u16) = (6, 2);
const THUMBS_IN_BLOCKS: [(u16, u16); 2] = [(10, 4), (8, 3)];
/// What it takes beside its picture.
const GAP: u16 = 3;
/// More than go into any screen.
const CHILDREN: usize = 64;
/// So many stand before the current one.
const BEFORE: usize = 4;

pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    current: PictureRef,
) -> Vec<Placement> {
    let Family { nodes, at, place, is_line } = family(model, current.node, ui.shown_node(model));
    if nodes.len() < 2 || area.is_empty() {
        return Vec::new();
    }
    let small = small(area, ui);
    let row = small.map_or(0, |(_, rows)| rows);
    // A row between them and the picture, where there is one.
    let top = u16::from(area.height > row + 1);
    let area = Rect { y: area.y + top, height: area.height - top, ..area };
    let area = beside(area, buffer, row, &place, ui.theme());
    let mut x = 1;
    // The current one is seen, however many there are, and no room is left behind the last one.
    let longest = nodes.last().map_or(0, |last| last.to_string().len() as u16 + 4);
    let frame = small.map_or(longest, |(columns, _)| columns + GAP);
    let room = usize::from(area.width.saturating_sub(x) / frame.max(1));
    let first = at.saturating_sub(BEFORE.min(room.saturating_sub(1)));
    let first = first.min(nodes.len().saturating_sub(room));
    let mut placements = Vec::new();
    let (begin, mut is_more) = (x, false);
    for (nth, node) in nodes.iter().copied().enumerate().skip(first) {
        let name = name(model, ui, node);
        let own = u16::try_from(name.width() + 2).unwrap_or(u16::MAX);
        // Where each was made from the one before it, that is told between them.
        let leads = is_line && (1..=at + 1).contains(&nth);
        let arrow = u16::from(leads && small.is_none());
        let wide = if small.is_some() { own.max(frame) } else { own + arrow };
        if x.saturating_add(wide) > area.width {
            is_more = true;
            break;
        }
        let slot = Rect { x: area.x + x, y: area.y, width: wide, height: area.height };
        if leads {
            put(buffer, area, x + arrow - 1, row, "›", ui.theme().dim());
        }
        let thumb = small.and_then(|small| thumb(slot, small, model, ui, node));
        // Below its picture, and as wide; a number alone has a blank at both sides.
        let (chip, text) = match (small, &thumb) {
            (None, _) => (Rect { x: slot.x + arrow, width: own, ..slot }, 1),
            (Some((columns, _)), None) => (Rect { x: slot.x + 1, width: columns, ..slot }, 0),
            (Some(_), Some(thumb)) => (Rect { y: slot.y, height: slot.height, ..thumb.area }, 0),
        };
        label(chip, buffer, (text, row), &name, style(model, ui, node));
        placements.extend(thumb);
        x += wide;
    }
    // In the blanks beside the first and the last name.
    let begin = if small.is_some() { begin - 1 } else { begin };
    let last = area.width.saturating_sub(1);
    for (is_it, x, sign) in [(first > 0, begin, "‹"), (is_more, last, "›")] {
        put(buffer, area, x, row, if is_it { sign } else { "" }, ui.theme().dim());
    }
    placements
}

/// Columns and rows of the small pictures, where there is room for them.
fn small(area: Rect, ui: &Ui) -> Option<(u16, u16)> {
    let sizes = if ui.graphics.has_pixels() { &[THUMB][..] } else { &THUMBS_IN_BLOCKS[..] };
    let fits = |(_, rows): &(u16, u16)| ui.graphics.draws() && area.height > *rows;
    sizes.iter().copied().find(fits)
}

/// What stands below a picture, and which of them is that.
struct Family<'a> {
    nodes: Cow<'a, [NodeId]>,
    at: usize,
    /// Which of how many is seen.
    place: String,
    /// They were made from each other.
    is_line: bool,
}

fn family(model: &Model, current: NodeId, seen: Option<NodeId>) -> Family<'_> {
    let siblings = model.tree.siblings(current);
    if let (2.., Ok(at)) = (siblings.len(), siblings.binary_search(&current)) {
        let place = place(siblings, seen);
        return Family { nodes: siblings.into(), at, place, is_line: false };
    }
    let parent = model.tree.parent(current);
    let children = model.tree.children(current).take(CHILDREN);
    let nodes: Vec<NodeId> = parent.into_iter().chain([current]).chain(children).collect();
    let at = usize::from(parent.is_some());
    Family { nodes: nodes.into(), at, place: String::new(), is_line: true }
}

/// Which of them is seen: where none is, no number stands there, and nothing moves.
fn place(nodes: &[NodeId], seen: Option<NodeId>) -> String {
    let all = nodes.len();
    let at = nodes.iter().position(|node| Some(*node) == seen);
    let blank = || " ".repeat(format!("{all} of {all}").width());
    at.map_or_else(blank, |at| format!("{} of {all}", at + 1))
}

/// At the right, so that it is no number of a pane; what is left.
fn beside(area: Rect, buffer: &mut Buffer, row: u16, place: &str, theme: Theme) -> Rect {
    put_right(buffer, area, 0, row, place, theme.dim());
    let used = u16::try_from(place.width() + 1).unwrap_or(u16::MAX);
    Rect { width: area.width.saturating_sub(used), ..area }
}

fn label(chip: Rect, buffer: &mut Buffer, (x, y): (u16, u16), name: &str, style: Style) {
    let own = u16::try_from(name.width()).unwrap_or(u16::MAX).saturating_add(x);
    let chip = Rect { width: chip.width.max(own), ..chip };
    put(buffer, chip, 0, y, &" ".repeat(chip.width.into()), style);
    put(buffer, chip, x, y, name, style);
}

/// What is lit is what is on the screen.
fn style(model: &Model, ui: &Ui, node: NodeId) -> Style {
    let theme = ui.theme();
    match (ui.shown_node(model) == Some(node), theme.has_bar()) {
        (true, true) => theme.selected(),
        // Reversed it would be the loudest thing on the screen.
        (true, false) => Modifier::BOLD.into(),
        (false, _) => theme.dim(),
    }
}

/// With what the tree marks it by.
fn name(model: &Model, ui: &Ui, node: NodeId) -> String {
    let theme = ui.theme();
    let is_starred = model.tree.get(node).is_some_and(|it| it.starred);
    let star = if is_starred { theme.mark(Mark::Starred) } else { "" };
    let mark = tree_row::mark_of(model, node, tree_row::job(model, node));
    let is_usual = matches!(mark, Mark::Root | Mark::Made | Mark::Parent);
    let state = if is_usual { "" } else { theme.mark(mark) };
    let is_seen = ui.shown_node(model) == Some(node);
    // The one that is seen keeps the place of the mark that it has when the other one is.
    let partner = match is_seen {
        true if ui.compare_with(model).is_some() => " ",
        false if ui.other_node(model) == Some(node) => theme.mark(Mark::Partner),
        true | false => "",
    };
    format!("{node}{state}{star}{partner}")
}

fn thumb(
    slot: Rect,
    (width, height): (u16, u16),
    model: &Model,
    ui: &Ui,
    node: NodeId,
) -> Option<Placement> {
    let picture = model.nodes.get(&node)?.pictures.first()?;
    let room = Rect { x: slot.x + slot.width.saturating_sub(width) / 2, width, height, ..slot };
    let is_shown = picture.is_picture() && !picture.nsfw;
    let size = (picture.width, picture.height);
    let area = is_shown.then(|| fitted(room, ui.graphics.cell, size)).flatten()?;
    Some(Placement::whole(picture.hash, area))
}
