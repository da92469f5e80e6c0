//! What a picture must be made for, and one that is ready.
//!
//! Only the shapes: `pictures` decides which are wanted.

use std::sync::Arc;

use crate::graphics::patch::CellRect;
use crate::graphics::protocol::Protocol;
use crate::graphics::{Encoded, QualityLevel};
use crate::ui::frame::{Placement, Sketch};

/// How pictures are shown now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub protocol: Protocol,
    /// Escapes go through tmux.
    pub wrap: bool,
    /// Cells may hold nothing else.
    pub ascii: bool,
}

/// A picture and the sharpness to send next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRequest {
    pub placement: Placement,
    pub level: QualityLevel,
}

impl ImageRequest {
    /// The same bytes; where they stand does not matter.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.level == other.level && is_same_picture(&self.placement, &other.placement)
    }
}

/// One that is ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) wanted: ImageRequest,
    pub(super) encoded: Arc<Encoded>,
    /// Out of date; shown until it is replaced.
    pub(super) is_old: bool,
}

/// What the terminal shows already, or could show at once, where a picture is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub id: u32,
    /// From the bottom up: pictures, and which parts of them are seen (all of it without).
    pub layers: Vec<(Placement, Option<Vec<CellRect>>)>,
}

/// The same pixels at the same size; where they stand does not matter.
pub(super) fn is_same_picture(a: &Placement, b: &Placement) -> bool {
    let is_alike = a.like == b.like && a.sketch == b.sketch;
    is_same_part(a, b) && is_alike && a.area.as_size() == b.area.as_size()
}

/// The same pixels, whatever is drawn over them.
pub(super) fn is_same_part(a: &Placement, b: &Placement) -> bool {
    let ground = |placement: &Placement| placement.sketch.as_ref().and_then(Sketch::ground);
    a.picture == b.picture && a.crop == b.crop && ground(a) == ground(b)
}
