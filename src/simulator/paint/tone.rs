//! Changes of the whole picture: light and colour.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::Random;

/// A change of every pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Grey,
    Sepia,
    Warm,
    Cold,
    Bright,
    Dark,
    Night,
    Sunset,
    Mirror,
    Tint([u8; 3]),
}

impl Tone {
    pub fn name(self) -> &'static str {
        match self {
            Self::Grey => "black and white",
            Self::Sepia => "sepia",
            Self::Warm => "warmer",
            Self::Cold => "colder",
            Self::Bright => "brighter",
            Self::Dark => "darker",
            Self::Night => "night",
            Self::Sunset => "sunset",
            Self::Mirror => "mirrored",
            Self::Tint(_) => "tinted",
        }
    }
}

/// Strength 256 is the whole change.
pub fn apply(canvas: &mut RgbaImage, tone: Tone, strength: i32, random: &mut Random) {
    if tone == Tone::Mirror {
        image::imageops::flip_horizontal_in_place(canvas);
    }
    // Each seed has a tone curve and a grain of its own, small but certain.
    let (lift, grain) = (random.between(-14, 15), random.between(3, 9));
    let height = canvas.height().max(1);
    let noise = random.draw();
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let old = [i32::from(r), i32::from(g), i32::from(b)];
        let down = (y * 256 / height) as i32;
        let new = change(tone, old, down);
        let speck = speckle(x, y, noise) % (grain * 2 + 1) - grain + lift;
        let mix = |place: usize| {
            let (old, new) = (old[place], new[place] + speck);
            (old + (new - old) * strength / 256).clamp(0, 255) as u8
        };
        *pixel = Rgba([mix(0), mix(1), mix(2), a]);
        if tone == Tone::Grey {
            // Black and white stays without any colour, whatever the strength.
            let [r, g, b, a] = pixel.0;
            let grey = ((i32::from(r) * 77 + i32::from(g) * 150 + i32::from(b) * 29) / 256) as u8;
            *pixel = Rgba([grey, grey, grey, a]);
        }
    }
}

/// `down` goes from 0 at the top to 255 at the bottom.
fn change(tone: Tone, [r, g, b]: [i32; 3], down: i32) -> [i32; 3] {
    let grey = (r * 77 + g * 150 + b * 29) / 256;
    match tone {
        Tone::Grey => [grey; 3],
        Tone::Sepia => [grey * 280 / 256 + 18, grey * 236 / 256 + 8, grey * 180 / 256],
        Tone::Warm => [r + 34, g + 8, b - 34],
        Tone::Cold => [r - 34, g, b + 38],
        Tone::Bright => [r * 5 / 4 + 28, g * 5 / 4 + 28, b * 5 / 4 + 28],
        Tone::Dark => [r * 5 / 8, g * 5 / 8, b * 5 / 8],
        Tone::Night => [r / 4, g / 4 + 4, b * 2 / 5 + 22],
        Tone::Sunset => {
            let glow = 256 - down;
            [r * 7 / 8 + glow / 4, g * 3 / 4 + glow / 12, b * 5 / 8 + down / 12]
        }
        Tone::Mirror => [r, g, b],
        Tone::Tint([tr, tg, tb]) => {
            let mix = |c: i32, t: u8| (c + grey * 2 * i32::from(t) / 200 + i32::from(t) / 3) / 2;
            [mix(r, tr), mix(g, tg), mix(b, tb)]
        }
    }
}

/// For words that mean nothing here: another look, different for each seed.
pub fn restyle(canvas: &mut RgbaImage, strength: i32, random: &mut Random) {
    let levels = random.between(4, 8);
    let turn = random.between(0, 3);
    let push = [random.between(-40, 41), random.between(-40, 41), random.between(-40, 41)];
    for pixel in canvas.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let old = [i32::from(r), i32::from(g), i32::from(b)];
        let turned = match turn {
            0 => [old[0], old[1], old[2]],
            1 => [old[1], old[2], old[0]],
            _ => [old[2], old[0], old[1]],
        };
        let step = 256 / levels;
        let flat = |c: i32| c / step * step + step / 2;
        let mix = |place: usize| {
            let new = flat(turned[place]) + push[place];
            (old[place] + (new - old[place]) * strength / 256).clamp(0, 255) as u8
        };
        *pixel = Rgba([mix(0), mix(1), mix(2), a]);
    }
}

/// A number from 0 up that depends on the place only.
fn speckle(x: u32, y: u32, noise: u64) -> i32 {
    let mixed =
        (u64::from(x) << 32 | u64::from(y)).wrapping_add(noise).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40 & 0xffff) as i32
}
