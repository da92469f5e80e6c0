//! Parts of a picture that were meant to change: how much did, what changed beside them, and a
//! child healed to them.
//!
//! Pure. Invariant: a picture healed to its parts *is* the parent in every pixel outside of them.

use image::RgbImage;

use super::align;
use super::compare::{Comparison, Ignored, Laid, Scale, changed, is_in};
use super::heal::{Healed, edge};
use super::mapping::Part;

/// How much changed inside of some parts, and beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Of each part, in their order: 0 to 1.
    pub inside: Vec<f64>,
    /// Of what lies in no part, 0 to 1; `None`: nothing does.
    pub outside: Option<f64>,
}

/// A square's neighbourhood, in squares: a change at the rim of a part shows this far beyond it.
const RIM: u32 = 2;
/// Parts of the longer side over which child and parent blend, inside of a part.
const FEATHER: f64 = 0.004;
/// Rows that are laid over at once.
const BAND: u32 = 256;

/// `parts` are in pixels of A, as it was compared.
pub fn shares(comparison: &Comparison, parts: &[Part]) -> Shares {
    let mask = &comparison.mask;
    let mut inside = vec![(0_usize, 0_usize); parts.len()];
    let mut outside = (0_usize, 0_usize);
    for (at, is_changed) in mask.changed.iter().enumerate() {
        let (column, row) = (at % mask.columns.max(1), at / mask.columns.max(1));
        let (x, y) = (column as u32 * mask.side, row as u32 * mask.side);
        let middle = (x + mask.side / 2, y + mask.side / 2);
        if !comparison.covered.contains(middle.0, middle.1) {
            continue;
        }
        let count = |(changed, all): &mut (usize, usize)| {
            *changed += usize::from(*is_changed);
            *all += 1;
        };
        for (part, counts) in parts.iter().zip(&mut inside) {
            if part.contains(middle.0, middle.1) {
                count(counts);
            }
        }
        let rim = RIM * mask.side;
        let is_near = |part: &Part| {
            let across = part.x.saturating_sub(rim)..part.right().saturating_add(rim);
            let down = part.y.saturating_sub(rim)..part.bottom().saturating_add(rim);
            across.contains(&middle.0) && down.contains(&middle.1)
        };
        if !parts.iter().any(is_near) {
            count(&mut outside);
        }
    }
    let share = |(changed, all): (usize, usize)| changed as f64 / all.max(1) as f64;
    Shares {
        inside: inside.into_iter().map(share).collect(),
        outside: (outside.1 > 0).then(|| share(outside)),
    }
}

/// Takes of the child only these parts, in pixels of `whole`. `small` is the same picture, which
/// may be reduced: on it the child is laid over the parent, by what lies in no part.
pub fn heal_within(
    small: &RgbImage,
    mut whole: RgbImage,
    child: &RgbImage,
    parts: &[Part],
    ignored: &Ignored,
) -> Healed {
    let size = whole.dimensions();
    let scale = Scale::new(size, small.dimensions());
    let reduced: Vec<Part> = parts.iter().map(|part| scale.reduced(*part)).collect();
    let out = |x: f64, y: f64| is_in(&ignored.in_a, x, y) || is_in(&reduced, x, y);
    let alignment = align::align(small, child, &out);
    let laid = Laid::new(small, child, alignment, ignored);
    let (mask, _) = laid.mask(1.0);
    let mapping = laid.mapping.of_larger(size, scale.by);
    let marks = ignored.in_b.iter().filter(|_| ignored.in_a.is_empty());
    let marks = marks.map(|mark| mapping.part_back(*mark));
    let taken: Vec<Part> = parts.iter().copied().chain(marks).collect();
    let mut top = 0;
    while top < size.1 {
        let height = BAND.min(size.1 - top);
        let is_near = |part: &&Part| part.y < top + height && part.bottom() > top;
        let near: Vec<Part> = taken.iter().filter(is_near).copied().collect();
        if let Some(brought) =
            (!near.is_empty()).then(|| mapping.bring_rows(child, top, height)).flatten()
        {
            lay_over(&mut whole, &brought.picture, (brought.part, top), &near);
        }
        top += height;
    }
    let kept = changed(&mask, small.dimensions()).of_larger(scale);
    Healed {
        picture: whole,
        changed: kept,
        fit: alignment.fit.of_larger(scale.by),
        drift: alignment.drift.of_larger(scale.by),
    }
}

/// The child in `parts`, softly from their rims inwards; `child` begins at row `top`.
fn lay_over(whole: &mut RgbImage, child: &RgbImage, (covered, top): (Part, u32), parts: &[Part]) {
    let size = whole.dimensions();
    let feather = (f64::from(size.0.max(size.1)) * FEATHER).max(1.0) as f32;
    for part in parts {
        for y in part.y.max(covered.y)..part.bottom().min(covered.bottom()) {
            for x in part.x.max(covered.x)..part.right().min(covered.right()) {
                let share = parts
                    .iter()
                    .filter(|part| part.contains(x, y))
                    .map(|part| edge(*part, size, (x, y), feather))
                    .fold(0.0, f32::max);
                // Where parts lie over each other, the first of them does it.
                let is_first = parts.iter().find(|part| part.contains(x, y)) == Some(part);
                let new = child.get_pixel_checked(x, y - top).filter(|_| is_first);
                let Some(new) = new else { continue };
                for (own, new) in whole.get_pixel_mut(x, y).0.iter_mut().zip(new.0) {
                    let mixed = f32::from(*own) + (f32::from(new) - f32::from(*own)) * share;
                    *own = mixed.round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use image::Rgb;

    use super::super::compare::compare;
    use super::*;

    /// Something that can be aligned by.
    fn parent(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let wave = ((x / 7) * 13 + (y / 5) * 29 + (x * y) / 97) % 200;
            Rgb([wave as u8, (wave / 2 + x / 8) as u8, (y / 4) as u8])
        })
    }

    fn painted(parent: &RgbImage, part: Part) -> RgbImage {
        let mut child = parent.clone();
        for y in part.y..part.bottom() {
            for x in part.x..part.right() {
                child.put_pixel(x, y, Rgb([250, 20, 20]));
            }
        }
        child
    }

    const PARTS: [Part; 3] = [
        Part { x: 16, y: 16, w: 80, h: 64 },
        Part { x: 200, y: 40, w: 56, h: 120 },
        Part { x: 320, y: 216, w: 64, h: 24 },
    ];

    #[test]
    fn shares_are_told_for_each_part_and_for_what_lies_beside_them() {
        let parent = parent(400, 240);
        let child = painted(&painted(&parent, PARTS[0]), Part { h: 60, ..PARTS[1] });
        let shares = shares(&compare(&parent, &child), &PARTS);
        assert!(shares.inside[0] > 0.95, "{shares:?}");
        assert!((shares.inside[1] - 0.5).abs() < 0.08, "{shares:?}");
        assert!(shares.inside[2] < 0.02, "{shares:?}");
        assert!(shares.outside.unwrap() < 0.002, "{shares:?}");
        let beside = painted(&child, Part { x: 300, y: 20, w: 60, h: 100 });
        let beside = super::shares(&compare(&parent, &beside), &PARTS).outside.unwrap();
        let real = 6_000.0 / (400.0 * 240.0 - 5_120.0 - 6_720.0 - 1_536.0);
        assert!((beside - real).abs() < 0.01, "{beside} and not {real}");
    }

    #[test]
    fn nothing_lies_beside_a_part_that_is_all_of_it() {
        let parent = parent(64, 48);
        let found = compare(&parent, &parent);
        let whole = Part { x: 0, y: 0, w: 64, h: 48 };
        assert_eq!(shares(&found, &[whole]), Shares { inside: vec![0.0], outside: None });
    }

    #[test]
    fn every_pixel_outside_of_the_parts_is_the_parents() {
        for (size, by) in [((400, 240), 1), ((800, 480), 2)] {
            let parent = parent(size.0, size.1);
            let parts = PARTS.map(|part| Part {
                x: part.x * by,
                y: part.y * by,
                w: part.w * by,
                h: part.h * by,
            });
            // A change that was meant, one that was not, and everything a little lighter.
            let mut child =
                painted(&painted(&parent, parts[0]), Part { x: 100, y: 150, w: 90, h: 60 });
            child.iter_mut().for_each(|value| *value = value.saturating_add(3));
            let small = image::imageops::thumbnail(&parent, size.0 / by, size.1 / by);
            let healed = heal_within(&small, parent.clone(), &child, &parts, &Ignored::default());
            for (x, y, pixel) in healed.picture.enumerate_pixels() {
                if !parts.iter().any(|part| part.contains(x, y)) {
                    assert_eq!(pixel, parent.get_pixel(x, y), "{x}, {y}");
                }
            }
            let middle = (parts[0].x + parts[0].w / 2, parts[0].y + parts[0].h / 2);
            assert_eq!(healed.picture.get_pixel(middle.0, middle.1).0, [253, 23, 23]);
        }
    }
}
