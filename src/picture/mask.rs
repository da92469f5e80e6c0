//! Where a picture really changed, and where it was only encoded anew.
//!
//! Looks at squares of pixels: their lightness, their colour and their texture. What counts as
//! noise depends on how rough the place is, and is measured on the picture itself, up to a limit,
//! so that a change of everything is not taken for noise. Invariant: what does not count (outside
//! of the frame, ignored) is never changed.
#![allow(clippy::indexing_slicing, reason = "loops over squares within sizes that are known")]

use super::metrics::{Squares, Sums};

pub(super) mod shapes;

/// Which squares changed, and how surely.
#[derive(Clone, Debug)]
pub struct Mask {
    /// Pixels on a side of a square.
    pub side: u32,
    pub columns: usize,
    pub rows: usize,
    /// How many squares were looked at.
    pub counted: usize,
    /// Row by row.
    pub changed: Vec<bool>,
    /// Difference through what noise explains; from 1 on it is a change.
    pub score: Vec<f32>,
    /// How far apart in lightness and colour, 0 to 1.
    pub strength: Vec<f32>,
    /// Changed by itself and not only beside something changed.
    core: Vec<bool>,
}

/// Some squares that hang together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Patch {
    /// In squares: first column and row, columns, rows.
    pub(super) bounds: [usize; 4],
    pub(super) squares: usize,
    /// The mean of its squares, 0 to 1.
    pub(super) strength: f32,
}

/// Roughness is sorted into these classes; deviations of lightness.
const CLASSES: [f32; 12] = [1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 12.0, 16.0, 22.0, 30.0, 42.0, f32::MAX];
/// How many times the usual difference is a change.
const TIMES: f32 = 4.5;
/// A place beside a change belongs to it from this score on.
const GROW: f32 = 0.6;
/// And if at least this much is different without its neighbours.
const ALONE: f32 = 0.45;
/// Squares that are too few to mean anything.
const FEW: usize = 5;

/// `tolerance` multiplies what counts as noise; 1 is usual.
pub(super) fn find(squares: &Squares, tolerance: f32) -> Mask {
    let near = squares.around(1);
    let rough = roughness(squares, &near);
    let looks: Vec<Look> = near.iter().map(Look::of).collect();
    let noise = Noise::measure(&looks, &near, &rough);
    let rated = |looks: &Look, rough: f32| looks.score(noise.at(rough)) / tolerance;
    let is_there = |place: usize| squares.sums[place].count > 0;
    let score: Vec<f32> = (0..looks.len())
        .map(|place| if is_there(place) { rated(&looks[place], rough[place]) } else { 0.0 })
        .collect();
    let own: Vec<Look> = squares.sums.iter().map(Look::of).collect();
    let rated_alone: Vec<f32> = (0..own.len())
        .map(|place| if is_there(place) { rated(&own[place], rough[place]) } else { 0.0 })
        .collect();
    let strength = own.iter().map(Look::strength).collect();
    let (columns, rows) = (squares.columns, squares.rows);
    // A neighbourhood reaches a square too far: what is alike by itself is left, if not enclosed.
    let joint: Vec<f32> = score
        .iter()
        .zip(&rated_alone)
        .map(|(score, alone)| if *alone < ALONE { 0.0 } else { *score })
        .collect();
    let grown = shapes::grow(&joint, columns, GROW);
    let core = rated_alone.iter().map(|score| *score >= 1.0).collect();
    let closed = shapes::close(&grown, columns, rows, 3);
    let mut changed = shapes::filled(&closed, columns, rows);
    for (place, changed) in changed.iter_mut().enumerate() {
        *changed &= is_there(place);
    }
    let counted = (0..score.len()).filter(|place| is_there(*place)).count();
    let mut mask =
        Mask { counted, side: squares.side, columns, rows, changed, score, strength, core };
    mask.drop_specks();
    mask
}

impl Mask {
    /// Nothing changed.
    pub(super) fn is_empty(&self) -> bool {
        !self.changed.contains(&true)
    }

    /// How many squares changed.
    pub(super) fn count(&self) -> usize {
        self.changed.iter().filter(|changed| **changed).count()
    }

    /// Changed squares, each with what is at most `by` squares away.
    pub(super) fn widened(&self, by: usize) -> Vec<bool> {
        shapes::dilate(&self.changed, self.columns, self.rows, by)
    }

    /// What hangs together, the largest first; gaps of up to `gap` squares do not part.
    pub(super) fn patches(&self, gap: usize) -> Vec<Patch> {
        let bridged = shapes::dilate(&self.changed, self.columns, self.rows, gap.div_ceil(2));
        let parts = shapes::parts(&bridged, self.columns);
        let patches = parts.into_iter().filter_map(|part| self.patch(&part));
        let mut patches: Vec<Patch> = patches.collect();
        patches.sort_by_key(|patch| std::cmp::Reverse(patch.squares));
        patches
    }

    fn patch(&self, part: &[usize]) -> Option<Patch> {
        let changed: Vec<usize> =
            part.iter().copied().filter(|place| self.changed[*place]).collect();
        let core: Vec<usize> = changed.iter().copied().filter(|place| self.core[*place]).collect();
        // The neighbourhood makes everything a square wider: the box is drawn around the core.
        let drawn = if core.len() * 8 >= changed.len() { &core } else { &changed };
        let sum: f32 = drawn.iter().map(|place| self.strength[*place]).sum();
        let bounds = self.bounds(drawn)?;
        Some(Patch { bounds, squares: changed.len(), strength: sum / drawn.len() as f32 })
    }

    /// The box around them; what sticks out by a thread is not in it.
    fn bounds(&self, places: &[usize]) -> Option<[usize; 4]> {
        let (mut columns, mut rows) = (vec![0_usize; self.columns], vec![0_usize; self.rows]);
        for place in places {
            columns[place % self.columns] += 1;
            rows[place / self.columns] += 1;
        }
        let ((left, right), (top, bottom)) = (extent(&columns)?, extent(&rows)?);
        Some([left, top, right + 1 - left, bottom + 1 - top])
    }

    fn drop_specks(&mut self) {
        for part in shapes::parts(&self.changed, self.columns) {
            let core = part.iter().filter(|place| self.core[**place]).count();
            let surest = part.iter().map(|place| self.score[*place]).fold(0.0, f32::max);
            // A few squares count only when there is no doubt.
            if part.len() < FEW || core < 2 || (part.len() < FEW * 4 && surest < 1.6) {
                part.iter().for_each(|place| self.changed[*place] = false);
            }
        }
    }
}

/// First and last that hold more than a thread.
fn extent(counts: &[usize]) -> Option<(usize, usize)> {
    /// Part of the fullest line.
    const THREAD: f32 = 0.06;
    let least = counts.iter().copied().max()? as f32 * THREAD;
    let is_full = |count: &usize| *count > 0 && *count as f32 >= least;
    Some((counts.iter().position(is_full)?, counts.iter().rposition(is_full)?))
}

/// How two places differ, in levels of lightness.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    light: f32,
    colour: f32,
    texture: f32,
}

impl Look {
    fn of(sums: &Sums) -> Self {
        if sums.count == 0 {
            return Self::default();
        }
        let n = f64::from(sums.count);
        let mean = (f64::from(sums.a) - f64::from(sums.b)) / n;
        let squares = f64::from(sums.aa) + f64::from(sums.bb) - 2.0 * f64::from(sums.ab);
        let texture = (squares / n - mean * mean).max(0.0).sqrt();
        let colour = f64::from(sums.blue).hypot(f64::from(sums.red)) / n;
        Self { light: mean.abs() as f32, colour: colour as f32, texture: texture as f32 }
    }

    /// The strongest of the three, through what noise explains.
    fn score(&self, noise: Self) -> f32 {
        let light = self.light / noise.light;
        light.max(self.colour / noise.colour).max(self.texture / noise.texture) / TIMES
    }

    /// 0: nothing, 1: black against white.
    fn strength(&self) -> f32 {
        ((self.light + self.texture).max(self.colour / 1.5) / 160.0).min(1.0)
    }
}

/// The usual difference for each class of roughness.
struct Noise {
    usual: Vec<Look>,
}

impl Noise {
    fn measure(looks: &[Look], sums: &[Sums], rough: &[f32]) -> Self {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); CLASSES.len()];
        for place in (0..looks.len()).filter(|place| sums[*place].count > 0) {
            members[class(rough[place])].push(place);
        }
        let usual = members.iter().enumerate().map(|(class, places)| {
            let roughness = CLASSES[class].min(60.0);
            let middle = |part: fn(&Look) -> f32, least: f32, most: f32| {
                let mut values: Vec<f32> = places.iter().map(|at| part(&looks[*at])).collect();
                middle(&mut values).clamp(least, most)
            };
            Look {
                light: middle(|look| look.light, 0.8 + 0.02 * roughness, 1.6 + 0.05 * roughness),
                colour: middle(|look| look.colour, 1.2 + 0.02 * roughness, 2.4 + 0.05 * roughness),
                texture: middle(|look| look.texture, 1.0 + 0.1 * roughness, 2.2 + 0.2 * roughness),
            }
        });
        Self { usual: usual.collect() }
    }

    fn at(&self, rough: f32) -> Look {
        self.usual[class(rough)]
    }
}

fn class(rough: f32) -> usize {
    CLASSES.iter().position(|limit| rough < *limit).unwrap_or(CLASSES.len() - 1)
}

/// The 45th percentile: the changed part, which is the larger values, must not count.
fn middle(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let place = values.len() * 45 / 100;
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

/// The deviation of A's lightness around each place, the largest of its neighbours: beside an edge
/// a small displacement already makes a difference.
fn roughness(squares: &Squares, near: &[Sums]) -> Vec<f32> {
    let deviations = near.iter().map(|sums| {
        let n = f64::from(sums.count.max(1));
        let mean = f64::from(sums.a) / n;
        (f64::from(sums.aa) / n - mean * mean).max(0.0).sqrt() as f32
    });
    let deviations: Vec<f32> = deviations.collect();
    let columns = squares.columns;
    (0..deviations.len())
        .map(|place| {
            let (column, row) = (place % columns, place / columns);
            let rows = row.saturating_sub(1)..(row + 2).min(squares.rows);
            rows.flat_map(|row| {
                let from = row * columns;
                &deviations[from + column.saturating_sub(1)..from + (column + 2).min(columns)]
            })
            .fold(0.0_f32, |most, value| most.max(*value))
        })
        .collect()
}
