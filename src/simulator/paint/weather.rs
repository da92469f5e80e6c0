//! Weather and time of day.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::Random;
use super::tone::speckle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Night,
    Sunset,
    Snow,
    Rain,
    Fog,
}

impl Weather {
    pub fn name(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Sunset => "sunset",
            Self::Snow => "snowing",
            Self::Rain => "raining",
            Self::Fog => "foggy",
        }
    }
}

pub fn apply(canvas: &mut RgbaImage, weather: Weather, random: &mut Random) {
    let noise = random.draw();
    let lift = random.between(-8, 9);
    let height = canvas.height().max(1);
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let [r, g, b, a] = pixel.0;
        // From 0 at the top to 255 at the bottom.
        let down = (y * 256 / height) as i32;
        let grain = speckle(x, y, noise) % 7 - 3 + lift;
        let new = light(weather, [r, g, b].map(i32::from), down);
        let [r, g, b] = new.map(|c| (c + grain).clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, a]);
    }
    match weather {
        Weather::Night => stars(canvas, random),
        Weather::Sunset => glow(canvas, random),
        Weather::Snow => flakes(canvas, random),
        Weather::Rain => streaks(canvas, random),
        Weather::Fog => {}
    }
}

fn light(weather: Weather, [r, g, b]: [i32; 3], down: i32) -> [i32; 3] {
    let grey = (r * 77 + g * 150 + b * 29) / 256;
    match weather {
        Weather::Night => [r / 5, g / 5 + 6, b * 2 / 5 + 28],
        Weather::Sunset => {
            let sky = 256 - down;
            [r * 7 / 8 + sky / 3 + 10, g * 3 / 4 + sky / 8, b * 9 / 16 + down / 10]
        }
        // What looks up is white; all is paler and colder.
        Weather::Snow => [r, g, b].map(|c| (c + grey) / 2 * 3 / 4 + 52 + down / 8),
        Weather::Rain => [r, g, b].map(|c| (c + grey * 2) / 3 * 5 / 8 + 12),
        Weather::Fog => {
            let thick = 216 - down * 3 / 8;
            [r, g, b].map(|c| (c * (256 - thick) + 214 * thick) / 256)
        }
    }
}

fn blend(canvas: &mut RgbaImage, x: i32, y: i32, colour: [u8; 3], weight: i32) {
    if x < 0 || y < 0 || x >= canvas.width() as i32 || y >= canvas.height() as i32 {
        return;
    }
    let pixel = canvas.get_pixel_mut(x as u32, y as u32);
    for (own, new) in pixel.0.iter_mut().zip(colour) {
        *own = ((i32::from(*own) * (256 - weight) + i32::from(new) * weight) / 256) as u8;
    }
}

/// A soft round spot.
fn spot(canvas: &mut RgbaImage, x: i32, y: i32, radius: i32, colour: [u8; 3], most: i32) {
    for dy in -radius..=radius {
        for dx in -radius..=radius {
            let far = dx * dx + dy * dy;
            let weight = (radius * radius - far) * most * 2 / (radius * radius).max(1);
            blend(canvas, x + dx, y + dy, colour, weight.clamp(0, most));
        }
    }
}

fn stars(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let size = (width / 600).max(1);
    for _ in 0..90 {
        let (x, y) = (random.between(0, width), random.between(0, height * 2 / 5));
        let bright = random.between(120, 250);
        spot(canvas, x, y, random.between(1, 3) * size, [250, 248, 230], bright);
    }
    let (x, y) = (width * random.between(66, 90) / 100, height * random.between(9, 20) / 100);
    spot(canvas, x, y, width / 9, [200, 206, 220], 50);
    spot(canvas, x, y, width / 26, [252, 248, 226], 256);
}

fn glow(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let (x, y) = (width * random.between(20, 80) / 100, height * random.between(26, 44) / 100);
    spot(canvas, x, y, width / 4, [255, 170, 70], 110);
    spot(canvas, x, y, width / 20, [255, 238, 180], 250);
}

fn flakes(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    for number in 0..420 {
        let (x, y) = (random.between(0, width), random.between(0, height));
        // Few near ones, many far ones.
        let near = if number % 12 == 0 { 3 } else { 1 };
        spot(canvas, x, y, (width / 260).max(1) * near, [255, 255, 255], 235);
    }
}

fn streaks(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let thick = (width / 480).max(1);
    for _ in 0..480 {
        let (x, y) = (random.between(0, width * 5 / 4), random.between(-height / 8, height));
        let length = height * random.between(4, 11) / 100;
        for step in 0..length {
            for side in 0..thick {
                blend(canvas, x - step / 4 + side, y + step, [214, 226, 240], 190);
            }
        }
    }
}
