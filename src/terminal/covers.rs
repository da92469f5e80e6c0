//! What covers a picture, and what is left of it beside the covers.
//!
//! Pure geometry of cells.

use ratatui::layout::{Position, Rect};

use crate::ui::frame::Placement;

/// What covers this picture: not what it belongs to itself.
pub(super) fn over<'all>(placement: &Placement, covers: &'all [Rect]) -> &'all [Rect] {
    if placement.is_on_top { &[] } else { covers }
}

/// What is left of an area beside the covers, in rectangles from the top.
pub(super) fn uncovered(area: Rect, covers: &[Rect]) -> Vec<Rect> {
    let mut left = vec![area];
    for cover in covers {
        left = left.into_iter().flat_map(|part| without(part, part.intersection(*cover))).collect();
    }
    left
}

/// `hole` lies inside.
fn without(area: Rect, hole: Rect) -> Vec<Rect> {
    if hole.is_empty() {
        return vec![area];
    }
    let rows = |y: u16, height: u16| Rect { y, height, ..area };
    let beside = |x: u16, width: u16| Rect { x, width, ..hole };
    let parts = [
        rows(area.y, hole.y - area.y),
        beside(area.x, hole.x - area.x),
        beside(hole.right(), area.right() - hole.right()),
        rows(hole.bottom(), area.bottom() - hole.bottom()),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

pub(super) fn is_covered(position: Position, covers: &[Rect]) -> bool {
    covers.iter().any(|cover| cover.contains(position))
}
