//! A scene for words without a picture: sky, ground, something on it, all from words and seed.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::object::{self, Object};
use super::{Random, plan};

/// Sky above, sky below, ground: colours by the words.
fn colours(lower: &str, random: &mut Random) -> [[i32; 3]; 3] {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let mut colours = if has(&["night", "dark", "moon", "bar", "underground"]) {
        [[14, 18, 46], [46, 40, 84], [30, 30, 38]]
    } else if has(&["sunset", "dusk", "tiger", "desert", "warm"]) {
        [[70, 60, 120], [240, 140, 80], [110, 70, 50]]
    } else if has(&["snow", "winter", "ice", "crystal"]) {
        [[150, 180, 214], [224, 234, 244], [236, 240, 246]]
    } else if has(&["forest", "green", "garden", "foliage"]) {
        [[120, 170, 190], [200, 220, 190], [50, 100, 50]]
    } else if has(&["sea", "ocean", "beach", "river", "lighthouse"]) {
        [[80, 150, 214], [190, 220, 236], [40, 90, 130]]
    } else {
        [[90, 150, 220], [210, 226, 240], [96, 130, 80]]
    };
    for colour in &mut colours {
        for channel in colour.iter_mut() {
            *channel = (*channel + random.between(-22, 23)).clamp(0, 255);
        }
    }
    colours
}

pub fn paint(width: u32, height: u32, prompt: &str, random: &mut Random) -> RgbaImage {
    let lower = prompt.to_lowercase();
    let [high, low, ground] = colours(&lower, random);
    let mut canvas = RgbaImage::new(width, height);
    let horizon = height as i32 * random.between(52, 70) / 100;
    let waves: Vec<(i32, i32)> =
        (0..4).map(|_| (random.between(90, 420), random.between(4, 26))).collect();
    let noise = random.draw();
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let (x, y) = (x as i32, y as i32);
        // Triangle waves: whole numbers give the same hills everywhere.
        let hill: i32 = waves
            .iter()
            .map(|(length, rise)| ((x % (length * 2) - length).abs() * rise) / length)
            .sum();
        let grain = (((x ^ (y << 3)) as u64).wrapping_mul(noise | 1) >> 52 & 7) as i32 - 3;
        let colour = if y < horizon - hill {
            let share = y * 256 / horizon.max(1);
            let mix = |place: usize| high[place] + (low[place] - high[place]) * share / 256;
            [mix(0), mix(1), mix(2)]
        } else {
            let depth = (y - horizon + hill) * 90 / (height as i32 - horizon).max(1);
            [ground[0] - depth, ground[1] - depth, ground[2] - depth]
        };
        let part = |place: usize| (colour[place] + grain).clamp(0, 255) as u8;
        *pixel = Rgba([part(0), part(1), part(2), 255]);
    }
    furnish(&mut canvas, prompt, &lower, random);
    canvas
}

/// Things that the words name; a few of our own where they name none.
fn furnish(canvas: &mut RgbaImage, prompt: &str, lower: &str, random: &mut Random) {
    let mut drawn = 0;
    for change in plan::read(prompt) {
        if let plan::Change::Object(object, colour) = change {
            object::draw(canvas, object, colour, random);
            drawn += 1;
        }
    }
    if drawn == 0 {
        let dark = lower.contains("night") || lower.contains("dark");
        object::draw(canvas, if dark { Object::Moon } else { Object::Sun }, None, random);
        for _ in 0..random.between(1, 4) {
            object::draw(canvas, Object::Tree, None, random);
        }
    }
}
