//! Finding where A lies in B: fit, shift and scale, from coarse to fine.
//!
//! Works on edges, so a change of light or tint does not matter, and lets what does not fit weigh
//! nothing, so that a changed part does not pull. Moves no pixels. Invariant: what is found is at
//! least as good a match as no drift at all, or no drift is answered.

use fast_image_resize as fir;
use image::RgbImage;

use super::mapping::{Drift, Fit, FitMode, resample};
use super::plane::Plane;
use super::sample_points::{Density, Sample, pick};

/// Where A lies in B.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    pub fit: Fit,
    pub drift: Drift,
}

/// The longer side that is worked on; finer details do not make the result better.
const WORK_SIDE: f64 = 512.0;
/// The longer side on which everything is tried.
const COARSE_SIDE: usize = 72;
/// How far is looked: parts of the longer side, and of the scale.
const FARTHEST: f64 = 0.09;
const SCALES: [f64; 9] = [1.0, 0.98, 1.02, 0.96, 1.04, 0.94, 1.06, 0.92, 1.08];
/// Neighbourhood of [`Plane::normalised`].
const AROUND: usize = 6;
const COARSE: Density = Density { side: 4, best: 2 };
const FINE: Density = Density { side: 8, best: 6 };
const STEPS: usize = 10;
/// A difference that counts as "something else"; in units of [`Plane::normalised`].
const ELSE: f32 = 1.0;
/// Parts of the longer side: a drift of less is usual.
const CLOSE: f64 = 0.02;
/// Another fit than stretching has to match better by this factor.
const UNUSUAL: f64 = 1.03;
/// In pixels of A: less than this, everywhere, is not drift.
const STILL: f64 = 0.06;

/// Finds fit and drift. `is_left_out` is asked with places in pixels of A.
pub fn align(a: &RgbImage, b: &RgbImage, is_left_out: &dyn Fn(f64, f64) -> bool) -> Alignment {
    let candidates = Fit::candidates(a.dimensions(), b.dimensions());
    let first = candidates.first().copied();
    let fallback = first.unwrap_or(Fit::new(FitMode::Stretch, (1, 1), (1, 1)));
    let Some(work) = Work::new(a, is_left_out) else {
        return Alignment { fit: fallback, drift: Drift::NONE };
    };
    let found = candidates.into_iter().filter_map(|fit| work.find(b, fit, None));
    let best = found.min_by(|one, other| one.cost.total_cmp(&other.cost));
    best.map_or(Alignment { fit: fallback, drift: Drift::NONE }, |found| found.alignment)
}

/// Finds the drift again, from one that is nearly right.
pub fn refine(
    a: &RgbImage,
    b: &RgbImage,
    near: Alignment,
    is_left_out: &dyn Fn(f64, f64) -> bool,
) -> Alignment {
    let work = Work::new(a, is_left_out);
    let found = work.and_then(|work| work.find(b, near.fit, Some(near.drift)));
    found.map_or(near, |found| found.alignment)
}

struct Found {
    alignment: Alignment,
    /// Less is better; comparable between fits.
    cost: f64,
}

/// A, prepared once for all fits.
struct Work {
    size: (u32, u32),
    /// Pixels of A for one of the finest level.
    factor: [f64; 2],
    /// From fine to coarse.
    levels: Vec<Level>,
}

struct Level {
    samples: Vec<Sample>,
    width: usize,
    height: usize,
}

impl Work {
    fn new(a: &RgbImage, is_left_out: &dyn Fn(f64, f64) -> bool) -> Option<Self> {
        let size = a.dimensions();
        let shrink = (f64::from(size.0.max(size.1)) / WORK_SIDE).max(1.0);
        let side = |length: u32| ((f64::from(length) / shrink).round() as u32).max(1);
        let plane = shrunk(a, (side(size.0), side(size.1)))?;
        let factor =
            [f64::from(size.0) / plane.width as f64, f64::from(size.1) / plane.height as f64];
        let pyramid = pyramid(plane);
        let coarsest = pyramid.len() - 1;
        let prepare = |(depth, plane): (usize, &Plane)| {
            let scale = (1_u32 << depth) as f64;
            let out = |x: f32, y: f32| {
                is_left_out(f64::from(x) * scale * factor[0], f64::from(y) * scale * factor[1])
            };
            let density = if depth == coarsest { COARSE } else { FINE };
            let samples = pick(&plane.normalised(AROUND), density, out);
            Level { samples, width: plane.width, height: plane.height }
        };
        let levels = pyramid.iter().enumerate().map(prepare).collect();
        Some(Self { size, factor, levels })
    }

    fn find(&self, b: &RgbImage, fit: Fit, near: Option<Drift>) -> Option<Found> {
        let views = self.views(b, fit)?;
        let level = |depth: usize| Some((self.levels.get(depth)?, views.get(depth)?));
        let coarsest = self.levels.len() - 1;
        let mut drift = match near {
            Some(drift) => self.shrink(drift),
            None => {
                let (level, view) = level(coarsest)?;
                search(level, view)
            }
        };
        for depth in (0..=coarsest).rev() {
            let (level, view) = level(depth)?;
            drift = settle(level, view, drift);
        }
        let (finest, view) = level(0)?;
        let (cost, still) = (mismatch(finest, view, drift), mismatch(finest, view, Drift::NONE));
        let drift = self.enlarge(drift);
        // Among many tries one always matches a little better by chance: the farther it goes, the
        // more it has to explain.
        let farther = drift.reach(self.size) / f64::from(self.size.0.max(self.size.1));
        let least = if farther > CLOSE { 0.85 } else { 0.995 };
        let is_drift = cost < still * least && drift.reach(self.size) > STILL;
        let (cost, drift) = if is_drift { (cost, drift) } else { (still, Drift::NONE) };
        // Crop and pad with the fitting scale are the same mapping: the one with less drift wins.
        let cost = f64::from(cost) * (1.0 + drift.scale.ln().abs() / 2.0);
        let cost = if fit.mode == FitMode::Stretch { cost } else { cost * UNUSUAL };
        Some(Found { alignment: Alignment { fit, drift }, cost })
    }

    /// B on every level, at A's scale there.
    fn views(&self, b: &RgbImage, fit: Fit) -> Option<Vec<View>> {
        let (width, height) = b.dimensions();
        let wanted = |length: u32, fit: f64, factor: f64| {
            ((f64::from(length) / (fit * factor)).round() as u32).clamp(2, 4096)
        };
        let size = (wanted(width, fit.sx, self.factor[0]), wanted(height, fit.sy, self.factor[1]));
        let plane = shrunk(b, size)?;
        let factor = [
            fit.sx * self.factor[0] * plane.width as f64 / f64::from(width),
            fit.sy * self.factor[1] * plane.height as f64 / f64::from(height),
        ];
        let whole = [plane.width as f64, plane.height as f64];
        let mut levels = vec![plane];
        while levels.len() < self.levels.len() {
            let next = levels.last()?.halved();
            levels.push(next);
        }
        let view = |(depth, plane): (usize, &Plane)| {
            let scale = (1_u32 << depth) as f64;
            let plane = plane.normalised(AROUND);
            let middle_a = [self.size.0, self.size.1].map(f64::from);
            let middle_a = [
                middle_a[0] / self.factor[0] / 2.0 / scale,
                middle_a[1] / self.factor[1] / 2.0 / scale,
            ];
            let middle_b = whole.map(|side| side / 2.0 / scale);
            View { plane, factor, middle_a, middle_b, unit: scale }
        };
        Some(levels.iter().enumerate().map(view).collect())
    }

    /// From pixels of A to those of the finest level.
    fn shrink(&self, drift: Drift) -> Drift {
        Drift { dx: drift.dx / self.factor[0], dy: drift.dy / self.factor[1], ..drift }
    }

    fn enlarge(&self, drift: Drift) -> Drift {
        Drift { dx: drift.dx * self.factor[0], dy: drift.dy * self.factor[1], ..drift }
    }
}

/// B on one level, and how A's places there are found in it.
struct View {
    plane: Plane,
    /// Pixels of B for one of A; nearly 1.
    factor: [f64; 2],
    middle_a: [f64; 2],
    middle_b: [f64; 2],
    /// Pixels of the finest level for one of this.
    unit: f64,
}

impl View {
    /// Where samples are found. `drift` is in pixels of the finest level.
    fn steps(&self, drift: Drift) -> [(f32, f32); 2] {
        let shift = [drift.dx / self.unit, drift.dy / self.unit];
        [0, 1].map(|axis| {
            let pick = |pair: &[f64; 2]| pair.get(axis).copied().unwrap_or_default();
            let scale = pick(&self.factor) * drift.scale;
            let offset = pick(&self.middle_b) + pick(&self.factor) * pick(&shift)
                - scale * pick(&self.middle_a);
            (scale as f32, offset as f32)
        })
    }
}

fn shrunk(picture: &RgbImage, size: (u32, u32)) -> Option<Plane> {
    if picture.dimensions() == size {
        return Some(Plane::of_lightness(picture));
    }
    let (width, height) = picture.dimensions();
    let whole = [0.0, 0.0, f64::from(width), f64::from(height)];
    let shrunk = resample(picture, whole, size, fir::FilterType::Bilinear)?;
    Some(Plane::of_lightness(&shrunk))
}

fn pyramid(finest: Plane) -> Vec<Plane> {
    let mut levels = vec![finest];
    while let Some(last) = levels.last() {
        let is_small =
            last.width.max(last.height) <= COARSE_SIDE || last.width.min(last.height) < 24;
        if is_small {
            break;
        }
        let next = last.halved();
        levels.push(next);
    }
    levels
}

/// Tries all shifts and scales on the coarsest level.
fn search(level: &Level, view: &View) -> Drift {
    let reach = (level.width.max(level.height) as f64 * FARTHEST).ceil() as i32;
    let mut best = (f32::INFINITY, Drift::NONE);
    for scale in SCALES {
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (dx, dy) = (f64::from(dx) * view.unit, f64::from(dy) * view.unit);
                let drift = Drift { dx, dy, scale };
                let cost = mismatch(level, view, drift);
                if cost < best.0 {
                    best = (cost, drift);
                }
            }
        }
    }
    best.1
}

/// The mean difference, each at most [`ELSE`].
fn mismatch(level: &Level, view: &View, drift: Drift) -> f32 {
    let [(scale_x, offset_x), (scale_y, offset_y)] = view.steps(drift);
    let (mut sum, mut count) = (0.0_f32, 0_u32);
    for sample in &level.samples {
        let found =
            view.plane.between(sample.x * scale_x + offset_x, sample.y * scale_y + offset_y);
        if let Some(found) = found {
            sum += (found - sample.value).abs().min(ELSE);
            count += 1;
        }
    }
    // What leaves the frame proves nothing; too little of it left proves nothing either.
    if (count as usize) * 3 < level.samples.len() * 2 || count == 0 {
        return f32::INFINITY;
    }
    sum / count as f32
}

/// Steps of Gauss and Newton, with Tukey's weights, until nothing moves.
fn settle(level: &Level, view: &View, mut drift: Drift) -> Drift {
    let half = (level.width.max(level.height) as f32 / 2.0).max(1.0);
    let middle = view.middle_a.map(|place| place as f32);
    let mut found = Vec::with_capacity(level.samples.len());
    for _ in 0..STEPS {
        let [(scale_x, offset_x), (scale_y, offset_y)] = view.steps(drift);
        found.clear();
        found.extend(level.samples.iter().filter_map(|sample| {
            let (x, y) = (sample.x * scale_x + offset_x, sample.y * scale_y + offset_y);
            Some((view.plane.between(x, y)? - sample.value, sample))
        }));
        let Some(step) = newton_step(&found, middle, half) else {
            return drift;
        };
        let [dx, dy, zoom] = step;
        drift.dx += dx * view.unit;
        drift.dy += dy * view.unit;
        drift.scale = (drift.scale + zoom / f64::from(half)).clamp(0.8, 1.25);
        if dx.abs() + dy.abs() + zoom.abs() < 1e-3 {
            break;
        }
    }
    drift
}

/// Shift in pixels of the level, and zoom in pixels at half the longer side.
fn newton_step(found: &[(f32, &Sample)], middle: [f32; 2], half: f32) -> Option<[f64; 3]> {
    if found.len() < 12 {
        return None;
    }
    let reach = tolerance(found);
    let mut matrix = [[0.0_f64; 3]; 3];
    let mut right = [0.0_f64; 3];
    for (difference, sample) in found {
        let part = difference / reach;
        if part.abs() >= 1.0 {
            continue;
        }
        let weight = f64::from((1.0 - part * part) * (1.0 - part * part));
        let [across, down] = sample.slope;
        let outwards = (across * (sample.x - middle[0]) + down * (sample.y - middle[1])) / half;
        let slopes = [across, down, outwards].map(f64::from);
        for (row, (sums, total)) in matrix.iter_mut().zip(&mut right).enumerate() {
            let own = slopes.get(row).copied().unwrap_or_default() * weight;
            for (sum, slope) in sums.iter_mut().zip(slopes) {
                *sum += own * slope;
            }
            *total -= own * f64::from(*difference);
        }
    }
    solve(matrix, right)
}

/// From where on a difference weighs nothing: by the spread of the better half.
fn tolerance(found: &[(f32, &Sample)]) -> f32 {
    let mut sizes: Vec<f32> = found.iter().map(|(difference, _)| difference.abs()).collect();
    let place = sizes.len() * 2 / 5;
    let (_, spread, _) = sizes.select_nth_unstable_by(place, f32::total_cmp);
    // Two fifths of a normal spread lie within 0.524 deviations.
    (*spread / 0.524 * 4.0).clamp(0.15, 2.5)
}

/// Cramer's rule.
fn solve(m: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let [a, b, c] = m;
    let determinant = volume(a, b, c);
    if determinant.abs() < 1e-9 {
        return None;
    }
    // The matrix is symmetric: its rows are its columns.
    let answer = [volume(right, b, c), volume(a, right, c), volume(a, b, right)];
    Some(answer.map(|part| part / determinant))
}

fn volume(a: [f64; 3], b: [f64; 3], c: [f64; 3]) -> f64 {
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
}
