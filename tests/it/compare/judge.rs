//! How near a comparison and a healing come to the truth. Used by the tests and by the bench.

use editree::picture::compare::{Comparison, compare};
use editree::picture::heal::{Strength, heal};
use editree::picture::mapping::{Mapping, Part};
use image::RgbImage;

use super::edits::Done;

#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The farthest that the found mapping is off anywhere in A's frame, in pixels of A.
    pub off: f64,
    /// Overlap of the best box with the true one; `None`: nothing changed.
    pub overlap: Option<f64>,
    /// Decibels outside of the change: aligned child against parent, and healed against parent.
    pub before: f64,
    pub after: f64,
    /// Decibels inside of the change: healed against aligned child.
    pub inside: f64,
    pub fraction: f64,
}

pub fn judge(done: &Done) -> Verdict {
    let found = compare(&done.a, &done.b);
    let healed = heal(&done.a, &done.b, Strength::USUAL).expect("less than sixty per cent");
    let sizes = (done.a.dimensions(), done.b.dimensions());
    let aligned = Mapping::new(sizes.0, sizes.1, healed.fit, healed.drift).bring(&done.b).unwrap();
    let (child, part) = (&aligned.picture, aligned.part);
    let is_shown = |place: usize| {
        let (x, y) = (place as u32 % done.a.width(), place as u32 / done.a.width());
        part.contains(x, y)
    };
    let near = near(&done.changed, done.a.width());
    let outside = |place: usize| is_shown(place) && !near[place];
    let inside = |place: usize| is_shown(place) && done.changed[place];
    Verdict {
        off: off(done, &found),
        overlap: done.bounds.map(|bounds| best_overlap(bounds, &found)),
        before: decibels(&done.a, child, outside),
        after: decibels(&done.a, &healed.picture, outside),
        inside: decibels(child, &healed.picture, inside),
        fraction: found.changed.fraction,
    }
}

/// Two pixels around the change belong to neither side: scaling and encoding mix across its border.
fn near(changed: &[bool], width: u32) -> Vec<bool> {
    let (width, mut near) = (width as i64, vec![false; changed.len()]);
    for place in (0..changed.len()).filter(|place| changed[*place]) {
        for (across, down) in (-2..=2).flat_map(|down| (-2..=2).map(move |across| (across, down))) {
            let column = place as i64 % width + across;
            let at = place as i64 + down * width + across;
            if (0..width).contains(&column) && (0..near.len() as i64).contains(&at) {
                near[at as usize] = true;
            }
        }
    }
    near
}

fn off(done: &Done, found: &Comparison) -> f64 {
    let (width, height) = done.a.dimensions();
    let far = |length: u32, of: fn(&Mapping) -> editree::picture::mapping::Axis, factor: f64| {
        let at = |place: f64| {
            (of(&found.mapping).there(place) - of(&done.truth).there(place)).abs() / factor
        };
        at(0.0).max(at(f64::from(length)))
    };
    far(width, |mapping| mapping.x, done.factor[0]).hypot(far(
        height,
        |mapping| mapping.y,
        done.factor[1],
    ))
}

fn best_overlap(truth: Part, found: &Comparison) -> f64 {
    let patches = found.changed.patches.iter();
    patches.map(|patch| overlap(truth, patch.bounds)).fold(0.0, f64::max)
}

fn overlap(one: Part, other: Part) -> f64 {
    let across = one.right().min(other.right()).saturating_sub(one.x.max(other.x));
    let down = one.bottom().min(other.bottom()).saturating_sub(one.y.max(other.y));
    let common = f64::from(across) * f64::from(down);
    let area = |part: Part| f64::from(part.w) * f64::from(part.h);
    common / (area(one) + area(other) - common)
}

/// Infinite where the pixels are equal.
fn decibels(one: &RgbImage, other: &RgbImage, counts: impl Fn(usize) -> bool) -> f64 {
    let (mut error, mut count) = (0.0, 0.0);
    for (place, (one, other)) in one.pixels().zip(other.pixels()).enumerate() {
        if counts(place) {
            let squares = one.0.iter().zip(other.0);
            error +=
                squares.map(|(one, other)| f64::from(one.abs_diff(other)).powi(2)).sum::<f64>();
            count += 3.0;
        }
    }
    10.0 * (255.0 * 255.0 / (error / count)).log10()
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
