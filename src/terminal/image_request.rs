//! What a picture must be made for, and one that is ready.
//!
//! Only the shapes: `pictures` decides which are wanted.

use std::sync::Arc;

use image::RgbaImage;

use crate::graphics::patch::{self, CellRect};
use crate::graphics::protocol::Protocol;
use crate::graphics::{Band, Encoded, QualityLevel};
use crate::ui::frame::{Placement, Sketch};

/// As many pictures lie above each other at most.
pub(super) const LAYERS: usize = 4;
/// Among so many of the newest is the one that a picture differs from least.
const GROUNDS: usize = 3;

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
    /// Tells it apart from all others that were made.
    pub(super) number: u32,
    /// Of bands: the number of what the last of them are laid over, and all that is seen then.
    pub(super) over: Option<u32>,
    pub(super) layers: Vec<(Placement, Option<Vec<CellRect>>)>,
}

/// What the terminal shows already, or could show at once, where a picture is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub id: u32,
    /// From the bottom up: pictures, and which parts of them are seen (all of it without).
    pub layers: Vec<(Placement, Option<Vec<CellRect>>)>,
}

impl Ground {
    /// With its pixels as they are `seen`; none where one of them is not to be had.
    pub fn laid(
        &self,
        seen: impl Fn(&Placement) -> Option<Arc<RgbaImage>>,
    ) -> Option<patch::Ground> {
        let layer = |(placement, parts): &(Placement, Option<Vec<CellRect>>)| {
            Some(patch::Layer { picture: seen(placement)?, parts: parts.clone() })
        };
        let layers = self.layers.iter().map(layer).collect::<Option<_>>()?;
        Some(patch::Ground { id: self.id, layers })
    }
}

/// Some of them, each of another picture.
pub(super) fn different(all: impl Iterator<Item = Ground>) -> Vec<Ground> {
    let mut some: Vec<Ground> = Vec::new();
    for ground in all {
        let top = |ground: &Ground| ground.layers.last().map(|(top, _)| top.clone());
        if some.len() < GROUNDS && !some.iter().any(|other| top(other) == top(&ground)) {
            some.push(ground);
        }
    }
    some
}

impl Ready {
    pub(super) fn bands(&self) -> &[Band] {
        match &*self.encoded {
            Encoded::Bands(bands) => bands,
            Encoded::Cells(_)
            | Encoded::Upload { .. }
            | Encoded::Patch { .. }
            | Encoded::BandPatch { .. } => &[],
        }
    }
}

/// A picture of this size, at least as sharp, that is not just another part of the wanted one. What
/// shall look like another picture only stands on that.
pub(super) fn may_carry(own: &ImageRequest, wanted: &ImageRequest) -> bool {
    let (below, above) = (&own.placement, &wanted.placement);
    let has_moved = below.picture == above.picture && below.crop != above.crop;
    let is_as_large = below.area.as_size() == above.area.as_size();
    let is_like = above.like.is_none_or(|like| like == below.picture);
    let is_fit = is_as_large && is_like && own.level >= wanted.level;
    is_fit && !has_moved && !is_same_picture(below, above)
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
