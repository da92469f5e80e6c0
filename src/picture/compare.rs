//! Two pictures side by side in numbers: where one lies in the other, how alike they are, where
//! and how much they differ.
//!
//! Pure: pixels in, numbers out. Takes tens of milliseconds per megapixel: call it off the loop.
//! Invariant: equal pictures have no drift, no changed part, and no distance in decibels.

use image::RgbImage;

use super::align::{self, Alignment};
use super::color_cast::Tone;
use super::mapping::{Brought, Drift, Fit, Mapping, Part};
use super::mask::{self, Mask};
use super::metrics::{Similarity, Squares, likeness};

/// What is left out, in pixels of the picture it belongs to: marks that say where a picture comes
/// from, boxes that were drawn as a cue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    pub in_a: Vec<Part>,
    pub in_b: Vec<Part>,
}

/// All that is known of two pictures.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Of the whole, after alignment.
    pub overall: Similarity,
    /// Of what did not change.
    pub outside: Similarity,
    pub fit: Fit,
    pub drift: Drift,
    /// A slight tint of the whole, which is not taken for a change.
    pub tone: Option<Tone>,
    pub changed: Changed,
    pub mask: Mask,
    /// From pixels of A to pixels of B.
    pub mapping: Mapping,
    /// What B shows of A, in pixels of A.
    pub covered: Part,
}

/// What really changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Part of the picture that changed, 0 to 1.
    pub fraction: f64,
    /// The largest first.
    pub patches: Vec<Patch>,
    /// How strongly, on the mean: 0 to 1.
    pub strength: f64,
}

/// One part that changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    /// Its box in pixels of A.
    pub bounds: Part,
    /// Part of the picture that changed in it, 0 to 1.
    pub fraction: f64,
    /// 0 to 1.
    pub strength: f64,
}

/// From a picture that was reduced to what it was before.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Of the picture before.
    pub size: (u32, u32),
    /// Its pixels for one, across and down.
    pub by: [f64; 2],
}

impl Scale {
    pub fn new(whole: (u32, u32), reduced: (u32, u32)) -> Self {
        let by = |whole: u32, reduced: u32| f64::from(whole) / f64::from(reduced.max(1));
        Self { size: whole, by: [by(whole.0, reduced.0), by(whole.1, reduced.1)] }
    }

    /// A rectangle of the picture before, as the reduced one has it.
    pub fn reduced(self, part: Part) -> Part {
        let by = self.by.map(|by| 1.0 / by);
        let size = (f64::from(self.size.0) * by[0], f64::from(self.size.1) * by[1]);
        part.of_larger((size.0.round() as u32, size.1.round() as u32), by)
    }
}

impl Changed {
    /// The same with boxes in pixels of the larger picture.
    pub fn of_larger(mut self, scale: Scale) -> Self {
        for patch in &mut self.patches {
            patch.bounds = patch.bounds.of_larger(scale.size, scale.by);
        }
        self
    }
}

/// No more boxes than a person wants to read.
const MOST_PATCHES: usize = 8;
/// Parts of the longer side; patches nearer than this are one.
const NEAR: f64 = 0.02;

/// Compares B with A.
pub fn compare(a: &RgbImage, b: &RgbImage) -> Comparison {
    compare_without(a, b, &Ignored::default())
}

/// Compares B with A, leaving out what is ignored.
pub fn compare_without(a: &RgbImage, b: &RgbImage, ignored: &Ignored) -> Comparison {
    let alignment = align::align(a, b, &|x, y| is_in(&ignored.in_a, x, y));
    let laid = Laid::new(a, b, alignment, ignored);
    let found = laid.mask(1.0);
    laid.comparison(a.dimensions(), alignment, found)
}

/// Whether a place lies in one of the rectangles.
pub(super) fn is_in(parts: &[Part], x: f64, y: f64) -> bool {
    parts.iter().any(|part| part.contains(x as u32, y as u32))
}

/// B laid over A.
pub(super) struct Laid {
    pub(super) mapping: Mapping,
    pub(super) brought: Brought,
    /// As B is.
    squares: Squares,
    /// With B's tone brought back to A's.
    toned: Option<(Tone, Squares)>,
}

impl Laid {
    pub(super) fn new(a: &RgbImage, b: &RgbImage, alignment: Alignment, ignored: &Ignored) -> Self {
        let mapping = Mapping::new(a.dimensions(), b.dimensions(), alignment.fit, alignment.drift);
        let brought = mapping.bring(b).unwrap_or_else(|| Brought {
            picture: RgbImage::new(a.width(), a.height()),
            part: Part { x: 0, y: 0, w: 0, h: 0 },
        });
        let of_b = ignored.in_b.iter().map(|part| mapping.part_back(*part));
        let parts: Vec<Part> = ignored.in_a.iter().copied().chain(of_b).collect();
        let squares = Squares::new(a, &brought.picture, brought.part, &parts);
        let toned = Tone::between(a, &brought.picture, brought.part).map(|tone| {
            let picture = tone.applied(&brought.picture);
            (tone, Squares::new(a, &picture, brought.part, &parts))
        });
        Self { mapping, brought, squares, toned }
    }

    /// What really changed; `tolerance` multiplies what counts as noise.
    pub(super) fn mask(&self, tolerance: f32) -> (Mask, Option<Tone>) {
        let plain = mask::find(&self.squares, tolerance);
        // A tint is believed when it leaves less to explain.
        match self.toned.as_ref().map(|(tone, squares)| (tone, mask::find(squares, tolerance))) {
            Some((tone, toned)) if toned.count() <= plain.count() => (toned, Some(*tone)),
            Some(_) | None => (plain, None),
        }
    }

    fn comparison(
        self,
        size: (u32, u32),
        alignment: Alignment,
        (mask, tone): (Mask, Option<Tone>),
    ) -> Comparison {
        let wide = mask.widened(2);
        let is_outside = |place: usize| wide.get(place).is_some_and(|changed| !changed);
        let outside = likeness(&self.squares, is_outside);
        let overall = if mask.is_empty() { outside } else { likeness(&self.squares, |_| true) };
        Comparison {
            overall,
            outside,
            fit: alignment.fit,
            drift: alignment.drift,
            tone,
            changed: changed(&mask, size),
            mask,
            mapping: self.mapping,
            covered: self.brought.part,
        }
    }
}

/// Boxes and sums of what changed in a picture of this size.
pub(super) fn changed(mask: &Mask, size: (u32, u32)) -> Changed {
    let all = mask.counted.max(1) as f64;
    let longer = f64::from(size.0.max(size.1));
    let gap = (longer * NEAR / f64::from(mask.side)).round() as usize;
    let patch = |patch: mask::Patch| {
        let [left, top, columns, rows] = patch.bounds.map(|value| value as u32 * mask.side);
        let w = columns.min(size.0.saturating_sub(left));
        let h = rows.min(size.1.saturating_sub(top));
        Patch {
            bounds: Part { x: left, y: top, w, h },
            fraction: patch.squares as f64 / all,
            strength: f64::from(patch.strength),
        }
    };
    let patches: Vec<Patch> = mask.patches(gap).into_iter().map(patch).collect();
    let total =
        |part: fn(&Patch) -> f64| patches.iter().map(part).fold(0.0, |sum, part| sum + part);
    let fraction = total(|patch| patch.fraction);
    let weighted = total(|patch| patch.fraction * patch.strength);
    let strength = if fraction > 0.0 { weighted / fraction } else { 0.0 };
    let patches = patches.into_iter().take(MOST_PATCHES).collect();
    Changed { fraction: fraction.min(1.0), patches, strength }
}
