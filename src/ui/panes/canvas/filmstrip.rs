//! The pictures beside the current one under the same parent, in the rows below it.
//!
//! Small pictures where they are cheap and three rows are free, else their numbers. Only draws.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Model;
use crate::tree::{NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::cells::{middle, put};
use crate::ui::frame::Placement;
use crate::ui::letterbox::fitted;
use crate::ui::theme::Mark;
use crate::ui::tree_row;

/// Columns and rows of a small picture, and what it takes with its name and a gap.
const THUMB: (u16, u16) = (6, 2);
const FRAME: u16 = 9;
/// Rows with the names below.
const ROWS: u16 = THUMB.1 + 1;
/// So many stand before the current one.
const BEFORE: usize = 4;

pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    current: PictureRef,
) -> Vec<Placement> {
    let siblings = model.tree.siblings(current.node);
    let Some(at) = siblings.iter().position(|node| *node == current.node) else {
        return Vec::new();
    };
    if siblings.len() < 2 || area.is_empty() {
        return Vec::new();
    }
    let has_thumbs = ui.graphics.has_pixels() && area.height >= ROWS;
    // A row between them and the picture, where there is one.
    let top = u16::from(area.height > if has_thumbs { ROWS } else { 1 });
    let area = Rect { y: area.y + top, height: area.height - top, ..area };
    let row = if has_thumbs { THUMB.1 } else { 0 };
    let place = format!("{} of {}", at + 1, siblings.len());
    let mut x = 2 + put(buffer, area, 1, row, &place, ui.theme().dim());
    // The current one is seen, however many there are, and no room is left behind the last one.
    let longest = siblings.last().map_or(0, |last| last.to_string().len() + 4);
    let frame = if has_thumbs { FRAME } else { u16::try_from(longest).unwrap_or(FRAME) };
    let room = usize::from(area.width.saturating_sub(x) / frame.max(1));
    let first = at.saturating_sub(BEFORE.min(room.saturating_sub(1)));
    let first = first.min(siblings.len().saturating_sub(room));
    let mut placements = Vec::new();
    for node in siblings.into_iter().skip(first) {
        let name = format!(" {} ", name(model, ui, node));
        let wide = u16::try_from(name.width()).unwrap_or(u16::MAX);
        let wide = if has_thumbs { wide.max(FRAME) } else { wide };
        if x.saturating_add(wide) > area.width {
            break;
        }
        let slot = Rect { x: area.x + x, y: area.y, width: wide, height: area.height };
        let is_current = node == current.node;
        let style = match (is_current, ui.theme().has_bar()) {
            (true, true) => ui.theme().selected(),
            // Reversed it would be the loudest thing on the screen.
            (true, false) => Modifier::BOLD.into(),
            (false, _) => ui.theme().dim(),
        };
        let indent = if has_thumbs { middle(wide, &name) } else { 0 };
        put(buffer, slot, indent, row, &name, style);
        placements.extend(if has_thumbs { thumb(slot, model, ui, node) } else { None });
        x += wide;
    }
    placements
}

/// With what the tree marks it by.
fn name(model: &Model, ui: &Ui, node: NodeId) -> String {
    let theme = ui.theme();
    let is_starred = model.tree.get(node).is_some_and(|it| it.starred);
    let star = if is_starred { theme.mark(Mark::Starred) } else { "" };
    let mark = tree_row::mark_of(model, node, tree_row::job(model, node));
    let is_usual = matches!(mark, Mark::Root | Mark::Made | Mark::Parent);
    let state = if is_usual { "" } else { theme.mark(mark) };
    format!("{node}{state}{star}")
}

fn thumb(slot: Rect, model: &Model, ui: &Ui, node: NodeId) -> Option<Placement> {
    let picture = model.nodes.get(&node)?.pictures.first()?;
    let room = Rect { height: THUMB.1, ..slot };
    let room = Rect { x: room.x + (room.width - THUMB.0) / 2, width: THUMB.0, ..room };
    let is_shown = picture.is_picture() && !picture.nsfw;
    let size = (picture.width, picture.height);
    let area = is_shown.then(|| fitted(room, ui.graphics.cell, size)).flatten()?;
    Some(Placement::whole(picture.hash, area))
}
