//! A picture of the differences: A in dark grey, what changed glowing over it, boxes around it.
//!
//! Invariant: of A's size; where nothing changed there is no colour.

use image::{Rgb, RgbImage};

use super::compare::Comparison;
use super::mapping::Part;
use super::plane::lightness;

/// From barely to very different.
pub const GLOW: [[f32; 3]; 4] =
    [[90.0, 20.0, 110.0], [210.0, 50.0, 70.0], [250.0, 150.0, 30.0], [255.0, 245.0, 160.0]];
const FRAME: Rgb<u8> = Rgb([255, 255, 255]);
/// Strengths are drawn on this scale; most changes are far from black against white.
const BRIGHTEST: f32 = 0.6;

/// Draws what `comparison` found between A and another picture.
pub fn heat_map(a: &RgbImage, comparison: &Comparison) -> RgbImage {
    let mask = &comparison.mask;
    let mut map = a.clone();
    let (stride, side) = ((a.width() as usize * 3).max(1), mask.side.max(1) as usize);
    for (y, row) in map.as_mut().chunks_exact_mut(stride).enumerate() {
        // Square by square: a megapixel is too many to look each pixel's square up.
        for (column, pixels) in row.chunks_mut(side * 3).enumerate() {
            let square = y / side * mask.columns + column;
            let is_changed = mask.changed.get(square).copied().unwrap_or(false);
            let strength = mask.strength.get(square).copied().unwrap_or(0.0);
            for pixel in pixels.chunks_exact_mut(3) {
                let grey = lightness(pixel) / 2;
                let drawn = if is_changed { glowing(grey, strength) } else { [grey; 3] };
                pixel.copy_from_slice(&drawn);
            }
        }
    }
    let line = (a.width().max(a.height()) / 400).max(1);
    for patch in &comparison.changed.patches {
        draw_frame(&mut map, patch.bounds, line);
    }
    map
}

fn glowing(grey: u8, strength: f32) -> [u8; 3] {
    let place = (strength / BRIGHTEST).clamp(0.0, 1.0) * (GLOW.len() - 1) as f32;
    let low = (place as usize).min(GLOW.len() - 2);
    let part = place - low as f32;
    let pair = GLOW.get(low).zip(GLOW.get(low + 1));
    let [red, green, blue] = match pair {
        Some((from, to)) => {
            let between = |(from, to): (f32, f32)| from + (to - from) * part;
            [(from[0], to[0]), (from[1], to[1]), (from[2], to[2])].map(between)
        }
        None => [0.0; 3],
    };
    // Some of the picture shines through, so that one sees what it is.
    [red, green, blue].map(|value| (value * 0.75 + f32::from(grey) * 0.5).min(255.0) as u8)
}

fn draw_frame(map: &mut RgbImage, bounds: Part, line: u32) {
    for y in bounds.y..bounds.bottom() {
        for x in bounds.x..bounds.right() {
            let inner = x >= bounds.x + line
                && y >= bounds.y + line
                && x + line < bounds.right()
                && y + line < bounds.bottom();
            if !inner && let Some(pixel) = map.get_pixel_mut_checked(x, y) {
                *pixel = FRAME;
            }
        }
    }
}
