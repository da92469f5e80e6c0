//! How alike two pictures of one size are: sums over small squares, and what follows from them.
//!
//! Knows nothing of drift or of what changed. Whole-number sums, so equal pictures are exactly
//! equal. Invariant: pixels that do not count are in no sum.
#![allow(clippy::indexing_slicing, reason = "loops over pixels within sizes that are known")]

use image::RgbImage;

use super::mapping::Part;
use super::plane::lightness;

/// Sums over the pixels of one square, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) count: u32,
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) aa: u32,
    pub(super) bb: u32,
    pub(super) ab: u32,
    /// Differences of blue and red from lightness: A's less B's.
    pub(super) blue: i32,
    pub(super) red: i32,
    /// Squared differences of the three channels.
    pub(super) error: u32,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.a += other.a;
        self.b += other.b;
        self.aa += other.aa;
        self.bb += other.bb;
        self.ab += other.ab;
        self.blue += other.blue;
        self.red += other.red;
        self.error += other.error;
    }

    fn take(&mut self, a: &[u8], b: &[u8]) {
        let (la, lb) = (lightness(a), lightness(b));
        let (va, vb) = (u32::from(la), u32::from(lb));
        self.count += 1;
        self.a += va;
        self.b += vb;
        self.aa += va * va;
        self.bb += vb * vb;
        self.ab += va * vb;
        let darker = i32::from(lb) - i32::from(la);
        let [red, green, blue] = [0, 1, 2].map(|c| i32::from(a[c]) - i32::from(b[c]));
        self.red += red + darker;
        self.blue += blue + darker;
        self.error += (red * red + green * green + blue * blue) as u32;
    }

    /// The structural similarity of what was summed.
    fn similarity(&self) -> f64 {
        const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
        const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
        let n = f64::from(self.count);
        let (a, b) = (f64::from(self.a) / n, f64::from(self.b) / n);
        let spread_a = f64::from(self.aa) / n - a * a;
        let spread_b = f64::from(self.bb) / n - b * b;
        let common = f64::from(self.ab) / n - a * b;
        ((2.0 * a * b + C1) * (2.0 * common + C2))
            / ((a * a + b * b + C1) * (spread_a + spread_b + C2))
    }
}

/// Sums per square of a picture.
#[derive(Clone, Debug)]
pub(super) struct Squares {
    /// Pixels on a side.
    pub(super) side: u32,
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) sums: Vec<Sums>,
}

impl Squares {
    /// Of pictures of one size; only what lies in `part` and in none of `ignored` counts.
    pub(super) fn new(a: &RgbImage, b: &RgbImage, part: Part, ignored: &[Part]) -> Self {
        // A few hundred squares along a side; windows of 8 pixels are made of whole ones.
        let side = match a.width().max(a.height()) {
            0..=720 => 2,
            721..=2400 => 4,
            _ => 8,
        };
        let columns = a.width().div_ceil(side) as usize;
        let rows = a.height().div_ceil(side) as usize;
        let mut sums = vec![Sums::default(); columns * rows];
        let stride = a.width() as usize * 3;
        let (left, right) = (part.x as usize, part.right() as usize);
        for y in part.y..part.bottom() {
            let at = (y / side) as usize * columns;
            let row = &mut sums[at..at + columns];
            let line = y as usize * stride;
            let a = &a.as_raw()[line + left * 3..line + right * 3];
            let b = &b.as_raw()[line + left * 3..line + right * 3];
            for (offset, (a, b)) in a.chunks_exact(3).zip(b.chunks_exact(3)).enumerate() {
                row[(left + offset) / side as usize].take(a, b);
            }
        }
        let mut squares = Self { side, columns, rows, sums };
        ignored.iter().for_each(|part| squares.forget(*part));
        squares
    }

    /// Squares that the rectangle touches count no more.
    fn forget(&mut self, part: Part) {
        let squares = self.squares_of(part);
        for row in squares.y..squares.bottom() {
            for column in squares.x..squares.right() {
                self.sums[row as usize * self.columns + column as usize] = Sums::default();
            }
        }
    }

    /// Pixels to squares.
    fn squares_of(&self, part: Part) -> Part {
        let x = (part.x / self.side).min(self.columns as u32);
        let y = (part.y / self.side).min(self.rows as u32);
        let right = part.right().div_ceil(self.side).clamp(x, self.columns as u32);
        let bottom = part.bottom().div_ceil(self.side).clamp(y, self.rows as u32);
        Part { x, y, w: right - x, h: bottom - y }
    }

    /// Each with its neighbours: the sums over `2 × radius + 1` squares each way.
    pub(super) fn around(&self, radius: usize) -> Vec<Sums> {
        let mut across = Vec::with_capacity(self.sums.len());
        for row in self.sums.chunks_exact(self.columns.max(1)) {
            for column in 0..row.len() {
                let near =
                    &row[column.saturating_sub(radius)..(column + radius + 1).min(row.len())];
                across.push(total(near.iter()));
            }
        }
        let mut sums = Vec::with_capacity(across.len());
        for row in 0..self.rows {
            let near = row.saturating_sub(radius)..(row + radius + 1).min(self.rows);
            for column in 0..self.columns {
                sums.push(total(near.clone().map(|row| &across[row * self.columns + column])));
            }
        }
        sums
    }
}

fn total<'a>(parts: impl Iterator<Item = &'a Sums>) -> Sums {
    let mut sums = Sums::default();
    parts.for_each(|part| sums.add(part));
    sums
}

/// Likeness in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Similarity {
    /// Decibels over the three channels; `None`: equal, or nothing to look at.
    pub psnr: Option<f64>,
    /// Of lightness, in windows of 8 × 8; `None`: nothing to look at.
    pub ssim: Option<f64>,
}

/// Over the squares for which `counts` says so.
pub(super) fn likeness(squares: &Squares, counts: impl Fn(usize) -> bool) -> Similarity {
    let (mut error, mut pixels) = (0_u64, 0_u64);
    for (_, sums) in squares.sums.iter().enumerate().filter(|(place, _)| counts(*place)) {
        error += u64::from(sums.error);
        pixels += u64::from(sums.count);
    }
    let psnr = (error > 0).then(|| {
        let mean = error as f64 / (pixels * 3) as f64;
        10.0 * (255.0 * 255.0 / mean).log10()
    });
    Similarity { psnr, ssim: similarity(squares, counts) }
}

fn similarity(squares: &Squares, counts: impl Fn(usize) -> bool) -> Option<f64> {
    let across = (8 / squares.side) as usize;
    let full = 8 * 8;
    let (mut sum, mut windows) = (0.0, 0_u32);
    for row in 0..(squares.rows + 1).saturating_sub(across) {
        for column in 0..(squares.columns + 1).saturating_sub(across) {
            let mut window = Sums::default();
            let mut is_whole = true;
            for y in row..row + across {
                for place in y * squares.columns + column..y * squares.columns + column + across {
                    window.add(&squares.sums[place]);
                    is_whole &= counts(place);
                }
            }
            if is_whole && window.count == full {
                sum += window.similarity();
                windows += 1;
            }
        }
    }
    (windows > 0).then(|| sum / f64::from(windows))
}
