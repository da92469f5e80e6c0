//! A slight tint or lightening of a whole picture, as re-encoding by the model brings it.
//!
//! Found on what agrees, and only while it is slight: a picture that was made warmer on purpose
//! was changed. Invariant: no tone moves a value by more than `MAX_SHIFT` levels.
#![allow(clippy::indexing_slicing, reason = "tables of 256 entries, indexed by bytes")]

use image::RgbImage;

use super::mapping::Part;

/// Per channel: `value in A = gain × value in B + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    channels: [(f64, f64); 3],
}

/// Levels.
const MAX_SHIFT: f64 = 12.0;
/// Less is not a color cast.
const LEAST: f64 = 2.0;
/// About this many pixels are asked.
const ASKED: u32 = 12_000;
/// This part of them has to agree.
const AGREEING: f64 = 0.5;
const ROUNDS: usize = 8;

impl Tone {
    /// From B back to A, both in one frame. `None`: none, or more than slight.
    pub(super) fn between(a: &RgbImage, b: &RgbImage, part: Part) -> Option<Self> {
        let step = (f64::from(part.w) * f64::from(part.h) / f64::from(ASKED)).sqrt().max(1.0);
        let step = step as u32 as usize;
        let places = (part.y..part.bottom()).step_by(step);
        let places = places.flat_map(|y| (part.x..part.right()).step_by(step).map(move |x| (x, y)));
        let pairs: Vec<([u8; 3], [u8; 3])> =
            places.map(|(x, y)| (a.get_pixel(x, y).0, b.get_pixel(x, y).0)).collect();
        let mut channels = [(1.0, 0.0); 3];
        for (channel, line) in channels.iter_mut().enumerate() {
            let pairs = pairs.iter().map(|(a, b)| [b[channel], a[channel]].map(f64::from));
            // Values at the ends were cut off and tell nothing.
            let is_whole = |pair: &[f64; 2]| pair.iter().all(|value| (6.0..=249.0).contains(value));
            *line = line_through(&pairs.filter(is_whole).collect::<Vec<_>>())?;
        }
        let tone = Self { channels };
        (LEAST..=MAX_SHIFT).contains(&tone.reach()).then_some(tone)
    }

    /// How far a value is moved at most, in levels.
    pub fn reach(&self) -> f64 {
        let far = |(gain, offset): &(f64, f64)| {
            [16.0, 240.0].map(|value| (gain * value + offset - value).abs())
        };
        self.channels.iter().flat_map(far).fold(0.0, f64::max)
    }

    pub(super) fn applied(&self, picture: &RgbImage) -> RgbImage {
        let tables = self.channels.map(|(gain, offset)| {
            let mut table = [0_u8; 256];
            for (value, new) in table.iter_mut().enumerate() {
                *new = (gain * value as f64 + offset).round().clamp(0.0, 255.0) as u8;
            }
            table
        });
        let mut toned = picture.clone();
        for pixel in toned.pixels_mut() {
            for (value, table) in pixel.0.iter_mut().zip(&tables) {
                *value = table[usize::from(*value)];
            }
        }
        toned
    }
}

/// Gain and offset of the line that most of the points lie on. `None`: there is none.
fn line_through(points: &[[f64; 2]]) -> Option<(f64, f64)> {
    if points.len() < 64 {
        return None;
    }
    let (mut gain, mut offset) = (1.0, middle(points.iter().map(|[x, y]| y - x).collect()));
    for _ in 0..ROUNDS {
        let off = |[x, y]: &[f64; 2]| (y - gain * x - offset).abs();
        let reach = (middle(points.iter().map(off).collect()) * 4.0).clamp(4.0, 24.0);
        let near: Vec<&[f64; 2]> = points.iter().filter(|point| off(point) < reach).collect();
        if (near.len() as f64) < points.len() as f64 * AGREEING {
            return None;
        }
        let count = near.len() as f64;
        let mean =
            |of: fn(&[f64; 2]) -> f64| near.iter().map(|point| of(point)).sum::<f64>() / count;
        let (x, y) = (mean(|[x, _]| *x), mean(|[_, y]| *y));
        let spread = mean(|[x, _]| x * x) - x * x;
        let common = mean(|[x, y]| x * y) - x * y;
        // Where all values are alike only the offset can be told.
        gain = if spread > 25.0 { (common / spread).clamp(0.8, 1.25) } else { 1.0 };
        offset = y - gain * x;
    }
    Some((gain, offset))
}

fn middle(mut values: Vec<f64>) -> f64 {
    let place = values.len() / 2;
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}
