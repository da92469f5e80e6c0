//! One number per pixel: lightness, and what is made of it for finding positions.
//!
//! No colour, no files. Invariant: `values` holds `width × height` numbers, row by row.
#![allow(clippy::indexing_slicing, reason = "loops over pixels within sizes that are known")]

use image::RgbImage;

/// A grid of numbers.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

impl Plane {
    /// Lightness, 0 to 255.
    pub(super) fn of_lightness(picture: &RgbImage) -> Self {
        let values = picture.as_raw().chunks_exact(3).map(|p| f32::from(lightness(p)));
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            values: values.collect(),
        }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// Between the pixels, whose centres lie at .5; `None` outside of the outermost centres.
    pub(super) fn between(&self, x: f32, y: f32) -> Option<f32> {
        let (x, y) = (x - 0.5, y - 0.5);
        let inside =
            x >= 0.0 && y >= 0.0 && x < (self.width as f32 - 1.0) && y < (self.height as f32 - 1.0);
        if !inside {
            return None;
        }
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let at = top * self.width + left;
        let row = &self.values[at..at + 2];
        let below = &self.values[at + self.width..at + self.width + 2];
        let upper = row[0] + (row[1] - row[0]) * fx;
        let lower = below[0] + (below[1] - below[0]) * fx;
        Some(upper + (lower - upper) * fy)
    }

    /// Between the pixels; beyond the outermost centres what is nearest.
    pub(super) fn between_or_edge(&self, x: f32, y: f32) -> f32 {
        const INSIDE: f32 = 1e-3;
        let inside =
            |place: f32, length: usize| place.clamp(0.5, (length as f32 - 0.5 - INSIDE).max(0.5));
        self.between(inside(x, self.width), inside(y, self.height)).unwrap_or_default()
    }

    /// Half as large; an odd last row or column is dropped.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            let upper = &self.values[2 * y * self.width..];
            let lower = &self.values[(2 * y + 1) * self.width..];
            values.extend((0..width).map(|x| {
                (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) / 4.0
            }));
        }
        Self { width, height, values }
    }

    /// Each value against its neighbourhood: difference from the mean, through the deviation. What
    /// is left is where edges lie, not how light or how rich in contrast the place is.
    pub(super) fn normalised(&self, radius: usize) -> Self {
        /// Lightness levels; below it a place counts as flat.
        const FLAT: f32 = 5.0;
        let mean = self.mean_around(radius);
        let squares = self.with(|value| value * value).mean_around(radius);
        let around = mean.values.iter().zip(&squares.values);
        let values = self.values.iter().zip(around).map(|(value, (mean, square))| {
            let deviation = (square - mean * mean).max(0.0).sqrt();
            (value - mean) / (deviation + FLAT)
        });
        Self { width: self.width, height: self.height, values: values.collect() }
    }

    fn with(&self, change: impl Fn(f32) -> f32) -> Self {
        let values = self.values.iter().map(|value| change(*value)).collect();
        Self { width: self.width, height: self.height, values }
    }

    /// The mean of the square of `2 × radius + 1` around each place, less at the borders.
    pub(super) fn mean_around(&self, radius: usize) -> Self {
        let mut rows = Vec::with_capacity(self.values.len());
        for row in self.values.chunks_exact(self.width.max(1)) {
            mean_of_row(row, radius, &mut rows);
        }
        let mut values = vec![0.0; rows.len()];
        let mut sums = vec![0.0_f64; self.width];
        let mut count = 0.0;
        let add = |sums: &mut [f64], y: usize, sign: f64| {
            let row = &rows[y * self.width..(y + 1) * self.width];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += sign * f64::from(*value);
            }
        };
        for y in 0..radius.min(self.height) {
            add(&mut sums, y, 1.0);
            count += 1.0;
        }
        for y in 0..self.height {
            if y + radius < self.height {
                add(&mut sums, y + radius, 1.0);
                count += 1.0;
            }
            if y > radius {
                add(&mut sums, y - radius - 1, -1.0);
                count -= 1.0;
            }
            let row = &mut values[y * self.width..(y + 1) * self.width];
            for (value, sum) in row.iter_mut().zip(&sums) {
                *value = (sum / count) as f32;
            }
        }
        Self { width: self.width, height: self.height, values }
    }
}

fn mean_of_row(row: &[f32], radius: usize, means: &mut Vec<f32>) {
    let mut sum: f64 = row.iter().take(radius).map(|value| f64::from(*value)).sum();
    let mut count = row.len().min(radius) as f64;
    for x in 0..row.len() {
        if let Some(value) = row.get(x + radius) {
            sum += f64::from(*value);
            count += 1.0;
        }
        if x > radius {
            sum -= f64::from(row[x - radius - 1]);
            count -= 1.0;
        }
        means.push((sum / count) as f32);
    }
}

/// How light a pixel looks, 0 to 255 (the weights of BT.601).
pub(super) fn lightness(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [0, 1, 2].map(|channel| u32::from(pixel[channel]));
    ((red * 77 + green * 150 + blue * 29 + 128) >> 8) as u8
}
