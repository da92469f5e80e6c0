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
/// From this width on the drawers' column is two.
const DOUBLE: u16 = 84;
/// A drawer that has no column of its own wants this many columns.
const DRAWER: u16 = 40;
/// … and makes do with as many.
const NARROW: u16 = 34;
/// One that has opened by itself has so many rows.
const BRIEF: u16 = 4;

/// What the person and the picture ask for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub shape: Shape,
    /// So many columns more for what is beside the picture.
    pub side: i16,
    /// A drawer is open.
    pub is_open: bool,
    /// … and takes nothing of the picture, and little of the tree.
    pub keeps_picture: bool,
    /// An overlay wants so many columns beside the picture.
    pub beside: u16,
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
    // What stands beside the picture needs a column there.
    let is_below = wish.beside == 0
        && wish.shape.cells(area.width, below) * 100 > wish.shape.cells(beside, above.height) * 115;
    if let Some(canvas) = three_columns(area, wish) {
        let is_larger = wish.beside == 0
            && wish.shape.cells(area.width, below) * 100
                > wish.shape.cells(canvas, area.height) * 130;
        if !is_larger {
            return three(area, canvas, wish.beside);
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

fn three(area: Rect, canvas: u16, beside: u16) -> Parts {
    let canvas = canvas.min(area.width.saturating_sub(TREE + beside.max(CONTEXT) + 2));
    let rest = area.width - canvas - 2;
    let tree = percent(rest, 51).clamp(TREE.min(rest), 70);
    // An overlay that speaks of the picture has its columns.
    let tree = tree.min(rest.saturating_sub(beside).max(TREE.min(rest)));
    // What nobody can use is left around the picture.
    let context = (rest - tree).min(110);
    let canvas = area.width - tree - context - 2;
    let (tree, after) = split_columns(area, tree);
    let (canvas, after) = split_columns(after_gap(after), canvas);
    let context = after_gap(after);
    if context.width >= DOUBLE {
        let (first, second) = split_columns(context, context.width / 2);
        let (details, drawer) = details_above(first);
        let drawers = vec![drawer, after_gap(second)];
        return Parts { canvas, tree, details, drawers, has_all: true, ..Parts::default() };
    }
    let (details, drawer) = details_above(context);
    Parts { canvas, tree, details, drawers: vec![drawer], has_all: true, ..Parts::default() }
}

/// Columns of the canvas with one column beside it.
fn beside_columns(area: Rect, wish: Wish) -> u16 {
    let least = (area.width * 3 / 10).clamp(16, 36);
    let canvas = wish.shape.columns(area.height).max(20).min(area.width - least);
    let canvas = moved(canvas, wish.side, area.width, 12);
    // The picture stays where it is if the drawer can do with the column as it is.
    let is_asked = wish.is_open && !wish.keeps_picture;
    let drawer = if is_asked && area.width - canvas < NARROW { DRAWER } else { 0 };
    canvas.min(area.width.saturating_sub(drawer.max(wish.beside) + 1).max(20))
}

fn beside_it(area: Rect, canvas: u16, wish: Wish) -> Parts {
    let (canvas, side) = split_columns(area, canvas);
    let side = after_gap(side);
    if side.width >= TREE * 2 + 2 {
        let (tree, right) = split_columns(side, side.width / 2);
        let (details, drawer) = details_above(after_gap(right));
        return with_drawer(Parts { canvas, tree, details, ..Parts::default() }, drawer, wish);
    }
    let (details, tree) = details_above(side);
    if !wish.is_open {
        return Parts { canvas, tree, details, ..Parts::default() };
    }
    // Where the column is long, the tree stays above the drawer.
    let kept = match (wish.keeps_picture, tree.height) {
        (true, rows) if rows >= 2 * BRIEF => rows - BRIEF,
        (_, rows @ 20..) => rows * 2 / 5,
        _ => 0,
    };
    let (tree, drawer) = split_rows(tree, kept);
    let (details, drawer) = match kept {
        0 => (Rect::default(), side),
        _ => (details, drawer),
    };
    Parts { canvas, tree, details, drawers: vec![drawer], ..Parts::default() }
}

/// Rows of the canvas over everything else.
fn below_rows(area: Rect, wish: Wish) -> u16 {
    let is_asked = wish.is_open && !wish.keeps_picture;
    let kept = if is_asked { area.height / 3 } else { area.height / 4 };
    wish.shape.rows(area.width).min(area.height.saturating_sub(kept.max(5)).max(1))
}

fn under(area: Rect, rows: u16, wish: Wish) -> Parts {
    let (canvas, rest) = split_rows(area, rows);
    if area.width < 70 && rest.height >= 14 {
        let (details, tree) = details_above(rest);
        let parts = Parts { canvas, tree, details, ..Parts::default() };
        return with_drawer(parts, Rect { height: tree.height, ..tree }, wish).without_tree(wish);
    }
    let (tree, right) = split_columns(rest, (area.width * 2 / 5).min(70));
    let right = after_gap(right);
    if area.width < WIDE {
        let parts = Parts { canvas, tree, details: right, ..Parts::default() };
        return match wish.is_open {
            true => Parts { details: Rect::default(), drawers: vec![right], ..parts },
            false => parts,
        };
    }
    let (details, drawers) = split_columns(right, right.width / 4);
    let drawers = after_gap(drawers);
    let (first, second) = split_columns(drawers, drawers.width / 2);
    let drawers = vec![first, after_gap(second)];
    Parts { canvas, tree, details, drawers, has_all: true, ..Parts::default() }
}

impl Parts {
    /// The open drawer stands in the tree's place.
    fn without_tree(self, wish: Wish) -> Self {
        if wish.is_open { Self { tree: Rect::default(), ..self } } else { self }
    }
}

fn with_drawer(parts: Parts, drawer: Rect, wish: Wish) -> Parts {
    match wish.is_open {
        true => Parts { drawers: vec![drawer], ..parts },
        // Nothing else stands there: the words about the picture have it all.
        false if drawer != parts.tree => {
            let details = Rect { height: parts.details.height + drawer.height, ..parts.details };
            Parts { details, ..parts }
        }
        false => parts,
    }
}

/// The details over what else is in a column, with a blank row between.
fn details_above(column: Rect) -> (Rect, Rect) {
    let rows = match column.height {
        0..8 => 1,
        height => (height / 3).clamp(4, 7),
    };
    let (details, below) = split_rows(column, rows);
    let (_, below) = split_rows(below, u16::from(below.height > 8));
    (details, below)
}

fn moved(columns: u16, side: i16, all: u16, least: u16) -> u16 {
    columns.saturating_add_signed(-side).min(all.saturating_sub(least + 2)).max(20.min(all))
}

/// Without the blank column at its left.
fn after_gap(area: Rect) -> Rect {
    split_columns(area, 1).1
}
