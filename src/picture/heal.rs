//! Healing: what an edit did not mean to change comes back from the parent, pixel by pixel.
//!
//! Aligns, marks what really changed, aligns again on the rest, and lays the changed parts of the
//! child softly over the parent. Pure. Invariant: the result has the parent's size and frame, and
//! away from the changes it *is* the parent.

use image::RgbImage;

use super::align;
use super::compare::{Changed, Ignored, Laid, changed, is_in};
use super::mapping::{Drift, Fit, Part};
use super::mask::{self, Mask};
use super::plane::Plane;

/// A child healed.
#[derive(Clone, Debug)]
pub struct Healed {
    pub picture: RgbImage,
    /// What was kept of the child.
    pub changed: Changed,
    pub fit: Fit,
    pub drift: Drift,
}

/// Too much changed: there is nothing to heal to.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{:.0} % of the picture changed; healing makes sense up to {:.0} %", fraction * 100.0, MAX_CHANGED_FRACTION * 100.0)]
pub struct Refusal {
    /// Part of the picture that changed, 0 to 1.
    pub fraction: f64,
}

/// How much is taken back, 0 (only what is surely the same) to 100 (all but strong changes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

impl Strength {
    pub const USUAL: Self = Self(50);

    /// More than 100 is 100.
    pub fn new(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// What noise is multiplied by: a quarter to four times.
    fn tolerance(self) -> f32 {
        ((f32::from(self.0) - 50.0) / 25.0).exp2()
    }
}

/// More than this part of the picture changed: refused.
const MAX_CHANGED_FRACTION: f64 = 0.6;
/// Parts of the longer side over which child and parent blend.
const FEATHER: f64 = 0.01;

/// Heals `child` to `parent`.
pub fn heal(parent: &RgbImage, child: &RgbImage, strength: Strength) -> Result<Healed, Refusal> {
    heal_without(parent, child, strength, &Ignored::default())
}

/// Heals, leaving out what is ignored when looking for changes (A is the parent, B the child).
/// The child's ignored parts stay as they are: a mark that says where a picture comes from
/// outlives its healing.
pub fn heal_without(
    parent: &RgbImage,
    child: &RgbImage,
    strength: Strength,
    ignored: &Ignored,
) -> Result<Healed, Refusal> {
    let tolerance = strength.tolerance();
    let rough = align::align(parent, child, &|x, y| is_in(&ignored.in_a, x, y));
    let laid = Laid::new(parent, child, rough, ignored);
    let (first, _) = laid.mask(1.0);
    let wide = first.widened(2);
    let out = |x: f64, y: f64| {
        is_in(&ignored.in_a, x, y)
            || place(&first, x, y).is_some_and(|at| wide.get(at) == Some(&true))
    };
    let alignment = align::refine(parent, child, rough, &out);
    let laid = if alignment == rough { laid } else { Laid::new(parent, child, alignment, ignored) };
    let (mask, _) = laid.mask(tolerance);
    let changed = changed(&mask, parent.dimensions());
    if changed.fraction > MAX_CHANGED_FRACTION {
        return Err(Refusal { fraction: changed.fraction });
    }
    let mut shape = mask.changed.clone();
    for part in &ignored.in_b {
        mark(&mut shape, &mask, laid.mapping.part_back(*part));
    }
    let picture = blend(parent, &laid, &shape, &mask);
    Ok(Healed { picture, changed, fit: alignment.fit, drift: alignment.drift })
}

/// Which square a place of A lies in.
fn place(mask: &Mask, x: f64, y: f64) -> Option<usize> {
    let side = f64::from(mask.side);
    let (column, row) = ((x / side) as usize, (y / side) as usize);
    (column < mask.columns && row < mask.rows).then_some(row * mask.columns + column)
}

/// Adds the squares of a rectangle.
fn mark(shape: &mut [bool], mask: &Mask, part: Part) {
    for row in part.y / mask.side..part.bottom().div_ceil(mask.side) {
        for column in part.x / mask.side..part.right().div_ceil(mask.side) {
            let at = row as usize * mask.columns + column as usize;
            if let Some(square) = shape.get_mut(at).filter(|_| (column as usize) < mask.columns) {
                *square = true;
            }
        }
    }
}

/// The child inside of `shape`, the parent away from it, and a soft way between.
fn blend(parent: &RgbImage, laid: &Laid, shape: &[bool], mask: &Mask) -> RgbImage {
    let mut healed = parent.clone();
    if !shape.contains(&true) {
        return healed;
    }
    let longer = f64::from(parent.width().max(parent.height()));
    let radius = ((longer * FEATHER / f64::from(mask.side) / 2.0).round() as usize).max(1);
    let cover = cover(shape, mask, radius);
    let side = mask.side as f32;
    let part = laid.brought.part;
    let feather = (radius as f32 * 2.0 * side).max(1.0);
    for (x, y, pixel) in healed.enumerate_pixels_mut() {
        let square = (y / mask.side) as usize * mask.columns + (x / mask.side) as usize;
        if !cover.near.get(square).copied().unwrap_or(false) || !part.contains(x, y) {
            continue;
        }
        let (across, down) = ((x as f32 + 0.5) / side, (y as f32 + 0.5) / side);
        // Wholly the child's in every changed square; the soft way lies around them.
        let is_changed = shape.get(square) == Some(&true);
        let share = if is_changed { 1.0 } else { cover.plane.between_or_edge(across, down) };
        let share = share * edge(part, parent.dimensions(), (x, y), feather);
        let child = laid.brought.picture.get_pixel(x, y);
        for (own, new) in pixel.0.iter_mut().zip(child.0) {
            let mixed = f32::from(*own) + (f32::from(new) - f32::from(*own)) * share;
            *own = mixed.round() as u8;
        }
    }
    healed
}

/// How much of the child shows.
struct Cover {
    plane: Plane,
    /// Squares where it is more than nothing.
    near: Vec<bool>,
}

fn cover(shape: &[bool], mask: &Mask, radius: usize) -> Cover {
    let wide = mask::shapes::dilate(shape, mask.columns, mask.rows, radius - 1);
    let values = wide.iter().map(|taken| f32::from(u8::from(*taken))).collect();
    let plane = Plane { width: mask.columns, height: mask.rows, values };
    let near = mask::shapes::dilate(&wide, mask.columns, mask.rows, radius + 1);
    Cover { plane: plane.mean_around(radius), near }
}

/// Softens where the child ends inside of the parent's frame.
fn edge(part: Part, size: (u32, u32), (x, y): (u32, u32), feather: f32) -> f32 {
    let ends = [
        (part.x > 0, x - part.x),
        (part.y > 0, y - part.y),
        (part.right() < size.0, part.right() - 1 - x),
        (part.bottom() < size.1, part.bottom() - 1 - y),
    ];
    let far = ends.iter().filter(|(is_inside, _)| *is_inside).map(|(_, far)| *far).min();
    far.map_or(1.0, |far| ((far as f32 + 0.5) / feather).min(1.0))
}
