//! Where tree, picture, details and drawers stand between header and prompt: one of three
//! arrangements, chosen by how large the picture becomes in each.
//!
//! Arithmetic only. Invariant: the parts lie inside the area and do not overlap.

use ratatui::layout::Rect;

use super::shape::Shape;
use super::{split_columns, split_rows};

/// From this width on the drawers always have a column of their own.
const WIDE: u16 = 160;
/// The least columns of the tree and of the drawers' column.
const TREE: u16 = 26;
const CONTEXT: u16 = 36;
/// The least columns beside the picture, with the blank one: a word and a seed go into a row.
const SIDE: u16 = 18;
/// In fewer columns the rows of the log have no room for sizes.
const WHOLE_LOG: u16 = 60;
/// From this width on the drawers' column is two.
const DOUBLE: u16 = 84;
/// A tree of fewer rows tells nothing, and gives way to the drawer below it.
const LEAST_TREE: u16 = 4;
/// In a column of so many rows the tree keeps a third, whatever the drawer wants.
const LONG: u16 = 20;
/// The details have so many rows, however little they say.
const DETAILS: u16 = 2;
/// In a low column they may have up to half of it, as far as that is not more than so many rows.
const LOW_DETAILS: u16 = 7;

/// What the person and the picture ask for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub shape: Shape,
    /// So many columns more for what is beside the picture.
    pub side: i16,
    /// A drawer is open, and wants so many rows.
    pub drawer: Option<u16>,
    /// The words about the picture want so many rows.
    pub details: u16,
    /// Pictures are compared: those words may have the blank row below them, and nothing else moves.
    pub is_compared: bool,
}

/// The parts; an empty one has no room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub canvas: Rect,
    pub tree: Rect,
    pub details: Rect,
    /// Columns for the drawers: all of them where `has_all`, else the open one.
    pub drawers: Vec<Rect>,
    pub has_all: bool,
    /// The drawers in one line each, where they are closed.
    pub strip: Rect,
}

pub fn arrange(area: Rect, wish: Wish) -> Parts {
    let (above, strip) = split_rows(area, area.height - u16::from(area.height > 6));
    let beside = beside_columns(above, wish);
    let below = below_rows(above, wish);
    let is_below =
        wish.shape.cells(area.width, below) * 100 > wish.shape.cells(beside, above.height) * 115;
    if let Some(canvas) = three_columns(area, wish) {
        let is_larger =
            wish.shape.cells(area.width, below) * 100 > wish.shape.cells(canvas, area.height) * 130;
        if !is_larger {
            return three(area, canvas, wish);
        }
    }
    let parts = if is_below { under(above, below, wish) } else { beside_it(above, beside, wish) };
    match parts.has_all {
        true => parts,
        false => Parts { strip, ..parts },
    }
}

/// Columns of the canvas between tree and drawers; `None`: not both have room.
fn three_columns(area: Rect, wish: Wish) -> Option<u16> {
    let useful = wish.shape.columns(area.height).max(20);
    let is_roomy = area.width >= useful.saturating_add(TREE + CONTEXT + 2) && area.height >= 14;
    if !is_roomy && area.width < WIDE {
        return None;
    }
    let most = area.width
        - percent(area.width, 20).clamp(TREE, 44)
        - percent(area.width, 19).clamp(CONTEXT, 60)
        - 2;
    Some(moved(useful.min(most), wish.side, area.width, TREE + CONTEXT))
}

fn percent(length: u16, percent: u16) -> u16 {
    u16::try_from(u32::from(length) * u32::from(percent) / 100).unwrap_or(u16::MAX)
}

fn three(area: Rect, canvas: u16, wish: Wish) -> Parts {
    let canvas = canvas.min(area.width.saturating_sub(TREE + CONTEXT + 2));
    let rest = area.width - canvas - 2;
    // Rows of the log are longer than those of the tree.
    let tree = percent(rest, 42).clamp(TREE.min(rest), 70);
    // Where they are cut in any case, the words of the tree have as much.
    let tree = if rest - tree < WHOLE_LOG { tree.max(rest / 2) } else { tree };
    // What nobody can use is left around the picture.
    let context = (rest - tree).min(110);
    let canvas = area.width - tree - context - 2;
    let (tree, after) = split_columns(area, tree);
    let (canvas, after) = split_columns(after_gap(after), canvas);
    let context = after_gap(after);
    if context.width >= DOUBLE {
        let (first, second) = split_columns(context, context.width / 2);
        let (details, drawer) = details_above(first, wish, true);
        let drawers = vec![drawer, after_gap(second)];
        return Parts { canvas, tree, details, drawers, has_all: true, ..Parts::default() };
    }
    let (details, drawer) = details_above(context, wish, true);
    Parts { canvas, tree, details, drawers: vec![drawer], has_all: true, ..Parts::default() }
}

/// Columns of the canvas with one column beside it.
fn beside_columns(area: Rect, wish: Wish) -> u16 {
    let least = (area.width * 3 / 10).clamp(SIDE, 36);
    let canvas = wish.shape.columns(area.height).max(20).min(area.width - least);
    moved(canvas, wish.side, area.width, 12)
}

fn beside_it(area: Rect, canvas: u16, wish: Wish) -> Parts {
    let (canvas, side) = split_columns(area, canvas);
    let side = after_gap(side);
    if side.width >= TREE * 2 + 2 {
        let (tree, right) = split_columns(side, side.width / 2);
        let (details, below) = details_above(after_gap(right), wish, wish.drawer.is_some());
        if wish.drawer.is_some() {
            return Parts { canvas, tree, details, drawers: vec![below], ..Parts::default() };
        }
        // Nothing else stands there: the words about the picture have it all.
        let details = Rect { height: below.bottom() - details.y, ..details };
        return Parts { canvas, tree, details, ..Parts::default() };
    }
    let (details, below) = details_above(side, wish, wish.drawer.is_some());
    // One that would be nearly whole has the place of the words too; what never ends does not.
    let gains = below.height + 1..=side.height + side.height / 2;
    if wish.drawer.is_some_and(|wanted| gains.contains(&wanted)) && below.height < LONG {
        return Parts { canvas, drawers: vec![apart(side, wish)], ..Parts::default() };
    }
    let (tree, drawers) = above_drawer(below, wish);
    Parts { canvas, tree, details, drawers, ..Parts::default() }
}

/// The tree, and the open drawer below it with the rows that it wants.
fn above_drawer(column: Rect, wish: Wish) -> (Rect, Vec<Rect>) {
    let Some(wanted) = wish.drawer else { return (column, Vec::new()) };
    let least = if column.height < LONG { 0 } else { column.height / 3 };
    let left = |gaps| column.height.saturating_sub(wanted.saturating_add(gaps)).max(least);
    let kept = Some(left(2)).filter(|kept| *kept >= LEAST_TREE).unwrap_or_else(|| left(1));
    match kept {
        0..LEAST_TREE => (Rect::default(), vec![apart(column, wish)]),
        kept => {
            let (tree, rest) = split_rows(column, kept);
            (tree, vec![apart(split_rows(rest, 1).1, wish)])
        }
    }
}

/// With a blank row below it, where it needs not all of them: what stands there is not its own.
fn apart(slot: Rect, wish: Wish) -> Rect {
    let is_more = wish.drawer.is_some_and(|wanted| wanted < slot.height);
    Rect { height: slot.height - u16::from(is_more), ..slot }
}

/// Rows of the canvas over everything else.
fn below_rows(area: Rect, wish: Wish) -> u16 {
    wish.shape.rows(area.width).min(area.height.saturating_sub((area.height / 4).max(5)).max(1))
}

fn under(area: Rect, rows: u16, wish: Wish) -> Parts {
    let (canvas, rest) = split_rows(area, rows);
    if area.width < 70 && rest.height >= 14 {
        let (details, below) = details_above(rest, wish, wish.drawer.is_some());
        let (tree, drawers) = above_drawer(below, wish);
        return Parts { canvas, tree, details, drawers, ..Parts::default() };
    }
    let (tree, right) = split_columns(rest, (area.width * 2 / 5).min(70));
    let right = after_gap(right);
    if area.width < WIDE {
        let parts = Parts { canvas, tree, details: right, ..Parts::default() };
        return match wish.drawer {
            Some(_) => {
                Parts { details: Rect::default(), drawers: vec![apart(right, wish)], ..parts }
            }
            None => parts,
        };
    }
    let (details, drawers) = split_columns(right, right.width / 4);
    let drawers = after_gap(drawers);
    let (first, second) = split_columns(drawers, drawers.width / 2);
    let drawers = vec![first, after_gap(second)];
    Parts { canvas, tree, details, drawers, has_all: true, ..Parts::default() }
}

/// The details over what else is in a column, as high as they want, with a blank row between where
/// they do not need that too; a drawer below them has its rows first.
fn details_above(column: Rect, wish: Wish, has_drawer: bool) -> (Rect, Rect) {
    let third = third(column);
    let low = if has_drawer { 0 } else { LOW_DETAILS.min(column.height / 2) };
    let rows = match column.height {
        0..8 => 1,
        _ => wish.details.clamp(DETAILS, third.max(low)),
    };
    let gap = u16::from(column.height - rows > 8);
    let is_more = wish.details > rows || wish.is_compared;
    let (details, below) = split_rows(column, if is_more { rows + gap } else { rows });
    let (_, below) = split_rows(below, if is_more { 0 } else { gap });
    (details, below)
}

/// Rows that the details of a column have, however little they say, if they want them.
pub fn third(column: Rect) -> u16 {
    (column.height / 3).clamp(DETAILS, 9)
}

fn moved(columns: u16, side: i16, all: u16, least: u16) -> u16 {
    columns.saturating_add_signed(-side).min(all.saturating_sub(least + 2)).max(20.min(all))
}

/// Without the blank column at its left.
fn after_gap(area: Rect) -> Rect {
    split_columns(area, 1).1
}
