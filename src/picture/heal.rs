//! Healing: what an edit did not mean to change comes back from the parent, pixel by pixel.
//!
//! Aligns, marks what really changed, aligns again on the rest, and lays the changed parts of the
//! child softly over the parent. Pure. Invariant: the result has the parent's size and frame, and
//! away from the changes it *is* the parent.

use image::RgbImage;

use super::align::{self, Alignment};
use super::compare::{Changed, Ignored, Laid, Scale, changed, is_in};
use super::mapping::{Brought, Drift, Fit, Part};
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
#[error("{:.0} % changed, too much to heal", fraction * 100.0)]
pub struct Refusal {
    /// Part of the picture that changed, 0 to 1.
    pub fraction: f64,
    /// The least greater strength, in tens of percent, at which it would not be refused.
    pub enough: Option<Strength>,
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

    pub fn percent(self) -> u8 {
        self.0
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
    let Plan { laid, shape, mask, changed, fit, drift } = plan(parent, child, strength, ignored)?;
    let mut picture = parent.clone();
    let share = Share::new(&laid, &shape, &mask, parent.dimensions());
    share.blend(&mut picture, &laid.brought, 0, [1.0; 2]);
    Ok(Healed { picture, changed, fit, drift })
}

/// Heals a parent that is too large to be looked at whole: what changed is found on `small`, the
/// same picture reduced, and laid over `whole` in bands.
pub fn heal_large(
    small: &RgbImage,
    mut whole: RgbImage,
    child: &RgbImage,
    strength: Strength,
    ignored: &Ignored,
) -> Result<Healed, Refusal> {
    let Plan { laid, shape, mask, changed, fit, drift } = plan(small, child, strength, ignored)?;
    let share = Share::new(&laid, &shape, &mask, small.dimensions());
    let zoom = [
        f64::from(whole.width()) / f64::from(small.width().max(1)),
        f64::from(whole.height()) / f64::from(small.height().max(1)),
    ];
    let mapping = laid.mapping.of_larger(whole.dimensions(), zoom);
    let mut top = 0;
    while top < whole.height() {
        let height = BAND.min(whole.height() - top);
        let has_changes = share.is_near((top, height), zoom[1]);
        if let Some(brought) = has_changes.then(|| mapping.bring_rows(child, top, height)).flatten()
        {
            share.blend(&mut whole, &brought, top, zoom);
        }
        top += height;
    }
    let scale = Scale { size: whole.dimensions(), by: zoom };
    Ok(Healed {
        picture: whole,
        changed: changed.of_larger(scale),
        fit: fit.of_larger(zoom),
        drift: drift.of_larger(zoom),
    })
}

/// Rows that are laid over at once.
const BAND: u32 = 256;

/// What to take of the child.
struct Plan {
    laid: Laid,
    /// The squares that are the child's.
    shape: Vec<bool>,
    mask: Mask,
    changed: Changed,
    fit: Fit,
    drift: Drift,
}

fn plan(
    parent: &RgbImage,
    child: &RgbImage,
    strength: Strength,
    ignored: &Ignored,
) -> Result<Plan, Refusal> {
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
        let enough = enough(&laid, parent.dimensions(), strength);
        return Err(Refusal { fraction: changed.fraction, enough });
    }
    let mut shape = mask.changed.clone();
    for part in &ignored.in_b {
        mark(&mut shape, &mask, laid.mapping.part_back(*part));
    }
    let Alignment { fit, drift, .. } = alignment;
    Ok(Plan { laid, shape, mask, changed, fit, drift })
}

/// The greatest is tried first: where that does not help, none does.
fn enough(laid: &Laid, size: (u32, u32), strength: Strength) -> Option<Strength> {
    let is_enough = |tried: &Strength| {
        let (mask, _) = laid.mask(tried.tolerance());
        changed(&mask, size).fraction <= MAX_CHANGED_FRACTION
    };
    let greatest = Strength::new(100);
    if strength >= greatest || !is_enough(&greatest) {
        return None;
    }
    let greater = (strength.0 / 10 + 1..10).map(|tens| Strength::new(tens * 10));
    greater.chain([greatest]).find(is_enough)
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
struct Share<'plan> {
    shape: &'plan [bool],
    mask: &'plan Mask,
    cover: Cover,
    /// What the child covers, in pixels of the picture that the mask was made from.
    part: Part,
    size: (u32, u32),
    feather: f32,
}

impl<'plan> Share<'plan> {
    fn new(laid: &Laid, shape: &'plan [bool], mask: &'plan Mask, size: (u32, u32)) -> Self {
        let longer = f64::from(size.0.max(size.1));
        let radius = ((longer * FEATHER / f64::from(mask.side) / 2.0).round() as usize).max(1);
        let feather = (radius as f32 * 2.0 * mask.side as f32).max(1.0);
        let cover = cover(shape, mask, radius);
        Self { shape, mask, cover, part: laid.brought.part, size, feather }
    }

    /// Whether anything of these rows is the child's.
    fn is_near(&self, (top, height): (u32, u32), zoom: f64) -> bool {
        let row = |y: u32| (f64::from(y) / zoom) as usize / self.mask.side as usize;
        let columns = self.mask.columns;
        let rows = row(top) * columns..(row(top + height - 1) + 1) * columns;
        let end = rows.end.min(self.cover.near.len());
        self.cover.near.get(rows.start.min(end)..end).is_some_and(|near| near.contains(&true))
    }

    /// How much of the child shows at a place.
    fn at(&self, x: f64, y: f64) -> f32 {
        let side = f64::from(self.mask.side);
        let square = (y / side) as usize * self.mask.columns + (x / side) as usize;
        let is_near = self.cover.near.get(square).copied().unwrap_or(false);
        if !is_near || !self.part.contains(x as u32, y as u32) {
            return 0.0;
        }
        // Wholly the child's in every changed square; the soft way lies around them.
        let share = match self.shape.get(square) == Some(&true) {
            true => 1.0,
            false => self.cover.plane.between_or_edge((x / side) as f32, (y / side) as f32),
        };
        share * edge(self.part, self.size, (x as u32, y as u32), self.feather)
    }

    /// Lays the child over the rows of `picture` that begin at `top`.
    fn blend(&self, picture: &mut RgbImage, child: &Brought, top: u32, zoom: [f64; 2]) {
        if !self.shape.contains(&true) {
            return;
        }
        let rows = child.part.y.max(top)..child.part.bottom().min(picture.height());
        for y in rows {
            for x in child.part.x..child.part.right().min(picture.width()) {
                let place = |at: u32, zoom: f64| (f64::from(at) + 0.5) / zoom;
                let share = self.at(place(x, zoom[0]), place(y, zoom[1]));
                if share <= 0.0 {
                    continue;
                }
                let new = child.picture.get_pixel(x, y - top);
                for (own, new) in picture.get_pixel_mut(x, y).0.iter_mut().zip(new.0) {
                    let mixed = f32::from(*own) + (f32::from(new) - f32::from(*own)) * share;
                    *own = mixed.round() as u8;
                }
            }
        }
    }
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
pub(super) fn edge(part: Part, size: (u32, u32), (x, y): (u32, u32), feather: f32) -> f32 {
    let ends = [
        (part.x > 0, x - part.x),
        (part.y > 0, y - part.y),
        (part.right() < size.0, part.right() - 1 - x),
        (part.bottom() < size.1, part.bottom() - 1 - y),
    ];
    let far = ends.iter().filter(|(is_inside, _)| *is_inside).map(|(_, far)| *far).min();
    far.map_or(1.0, |far| ((far as f32 + 0.5) / feather).min(1.0))
}
