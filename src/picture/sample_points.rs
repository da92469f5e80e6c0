//! The places that tell where a picture lies: strong edges, spread evenly.
//!
//! Invariant: every sample has neighbours on all sides, so that its slope is measured.
#![allow(clippy::indexing_slicing, reason = "loops over pixels within sizes that are known")]

use super::plane::Plane;

/// One place of A.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) value: f32,
    /// Change per pixel to the right and downwards.
    pub(super) slope: [f32; 2],
}

/// How densely samples are taken: of each square of `side` pixels the `best` ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Density {
    pub(super) side: usize,
    pub(super) best: usize,
}

/// Slopes below are noise; in units of [`Plane::normalised`].
const FLAT: f32 = 0.02;

/// `is_left_out` is asked with places of `plane`.
pub(super) fn pick(
    plane: &Plane,
    density: Density,
    is_left_out: impl Fn(f32, f32) -> bool,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut square = Vec::with_capacity(density.side * density.side);
    for top in (1..plane.height.saturating_sub(1)).step_by(density.side) {
        for left in (1..plane.width.saturating_sub(1)).step_by(density.side) {
            square.clear();
            for y in top..(top + density.side).min(plane.height - 1) {
                for x in left..(left + density.side).min(plane.width - 1) {
                    square.push((steepness(plane, x, y), x, y));
                }
            }
            let best = density.best.min(square.len());
            if best < square.len() {
                square.select_nth_unstable_by(best, |a, b| b.0.total_cmp(&a.0));
            }
            let steep = square.iter().take(best).filter(|(steepness, ..)| *steepness > FLAT);
            let found = steep.map(|(_, x, y)| sample(plane, *x, *y));
            samples.extend(found.filter(|sample| !is_left_out(sample.x, sample.y)));
        }
    }
    samples
}

fn slope(plane: &Plane, x: usize, y: usize) -> [f32; 2] {
    let across = plane.at(x + 1, y) - plane.at(x - 1, y);
    let down = plane.at(x, y + 1) - plane.at(x, y - 1);
    [across / 2.0, down / 2.0]
}

fn steepness(plane: &Plane, x: usize, y: usize) -> f32 {
    let [across, down] = slope(plane, x, y);
    across * across + down * down
}

fn sample(plane: &Plane, x: usize, y: usize) -> Sample {
    let value = plane.at(x, y);
    Sample { x: x as f32 + 0.5, y: y as f32 + 0.5, value, slope: slope(plane, x, y) }
}
