//! Words on a picture, large enough to be read in half blocks.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::Random;
use crate::picture::bitmap_font;

/// Where lettering goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Top,
    Middle,
    Bottom,
    Left,
    Right,
}

impl Spot {
    /// As the words say; at the bottom where they say nothing.
    pub fn read(lower: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["at the top", "on top", "above"]) {
            Self::Top
        } else if has(&["left"]) {
            Self::Left
        } else if has(&["right"]) {
            Self::Right
        } else if has(&["middle", "center", "centre", "painted over", "across"]) {
            Self::Middle
        } else {
            Self::Bottom
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "at the top",
            Self::Middle => "across the middle",
            Self::Bottom => "at the bottom",
            Self::Left => "at the left",
            Self::Right => "at the right",
        }
    }

    /// Left, top, width and height of the room, in percent.
    fn room(self) -> [i32; 4] {
        match self {
            Self::Top => [10, 5, 80, 22],
            Self::Middle => [8, 36, 84, 28],
            Self::Bottom => [10, 73, 80, 22],
            Self::Left => [4, 36, 46, 26],
            Self::Right => [50, 36, 46, 26],
        }
    }
}

/// Writes with a dark edge, so that it can be read on any picture.
pub fn write(
    canvas: &mut RgbaImage,
    text: &str,
    spot: Spot,
    colour: Option<[u8; 3]>,
    random: &mut Random,
) {
    let room = spot.room();
    let colours = [[255, 255, 255], [255, 236, 140], [255, 214, 214], [214, 240, 255]];
    let colour = colour.unwrap_or(colours[(random.draw() % 4) as usize]);
    set(canvas, text, room, colour, [20, 20, 24], random);
}

/// Covers the calmest row with its own colour and writes there.
pub fn rewrite(canvas: &mut RgbaImage, text: &str, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let top = super::place::calmest_row(canvas);
    let [left, right] = [width * 14 / 100, width * 86 / 100];
    let (from, to) = (height * top / 100, height * (top + 22) / 100);
    let around = |x: i32, y: i32| canvas.get_pixel(x as u32, y as u32).0;
    let (a, b) = (around(left, from), around(right - 1, to - 1));
    let plate: [u8; 3] = std::array::from_fn(|c| u8::midpoint(a[c], b[c]));
    let noise = random.draw();
    for y in from..to {
        for x in left..right {
            let grain = super::tone::speckle(x as u32, y as u32, noise) % 9 - 4;
            let [r, g, b] = plate.map(|c| (i32::from(c) + grain).clamp(0, 255) as u8);
            canvas.put_pixel(x as u32, y as u32, Rgba([r, g, b, 255]));
        }
    }
    let is_light = super::tone::light(plate) > 128;
    let (ink, edge) = if is_light { ([24, 24, 30], plate) } else { ([248, 246, 240], plate) };
    set(canvas, text, [16, top + 2, 68, 18], ink, edge, random);
}

fn set(
    canvas: &mut RgbaImage,
    text: &str,
    [left, top, width, height]: [i32; 4],
    ink: [u8; 3],
    rim: [u8; 3],
    random: &mut Random,
) {
    let (all_width, all_height) = (canvas.width() as i32, canvas.height() as i32);
    let columns = (text.chars().count() as i32 * 6 - 1).max(5);
    let (room_width, room_height) = (all_width * width / 100, all_height * height / 100);
    let dot = (room_width / columns).min(room_height / 7).max(2);
    let sway = |random: &mut Random, free: i32| random.between(-free / 8, free / 8 + 1);
    let (free_x, free_y) = ((room_width - columns * dot).max(0), (room_height - 7 * dot).max(0));
    let x0 = all_width * left / 100 + free_x / 2 + sway(random, free_x.max(all_width / 40));
    let y0 = all_height * top / 100 + free_y / 2 + sway(random, free_y.max(all_height / 60));
    let edge = (dot / 4).max(1);
    each_dot(text, |x, y| {
        fill(canvas, [x0 + x * dot - edge, y0 + y * dot - edge], dot + edge * 2, rim);
    });
    each_dot(text, |x, y| fill(canvas, [x0 + x * dot, y0 + y * dot], dot, ink));
}

fn each_dot(text: &str, mut draw: impl FnMut(i32, i32)) {
    for (place, letter) in text.chars().enumerate() {
        for (x, y) in bitmap_font::dots(letter) {
            draw(place as i32 * 6 + x as i32, y as i32);
        }
    }
}

/// A square, cut at the borders.
pub fn fill(canvas: &mut RgbaImage, [left, top]: [i32; 2], side: i32, [r, g, b]: [u8; 3]) {
    for y in top.max(0)..(top + side).min(canvas.height() as i32) {
        for x in left.max(0)..(left + side).min(canvas.width() as i32) {
            canvas.put_pixel(x as u32, y as u32, Rgba([r, g, b, 255]));
        }
    }
}
