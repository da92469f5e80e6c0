//! Changes of light and colour: of every pixel, or of one thing.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::Random;
use super::place::Mask;

/// A change of every pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Grey,
    Sepia,
    Warm,
    Cold,
    Bright,
    Dark,
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
            Self::Tint(_) => "tinted",
        }
    }
}

/// Strength 256 is the whole change.
pub fn apply(canvas: &mut RgbaImage, tone: Tone, strength: i32, random: &mut Random) {
    // Each seed has a tone curve and a grain of its own, small but certain.
    let (lift, grain) = (random.between(-14, 15), random.between(3, 9));
    let noise = random.draw();
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let old = [i32::from(r), i32::from(g), i32::from(b)];
        let new = change(tone, old);
        let speck = speckle(x, y, noise) % (grain * 2 + 1) - grain + lift;
        let mix = |place: usize| {
            let (old, new) = (old[place], new[place] + speck);
            (old + (new - old) * strength / 256).clamp(0, 255) as u8
        };
        *pixel = Rgba([mix(0), mix(1), mix(2), a]);
        if tone == Tone::Grey {
            // Black and white stays without any colour, whatever the strength.
            let grey = light([mix(0), mix(1), mix(2)]) as u8;
            *pixel = Rgba([grey, grey, grey, a]);
        }
    }
}

fn change(tone: Tone, [r, g, b]: [i32; 3]) -> [i32; 3] {
    let grey = (r * 77 + g * 150 + b * 29) / 256;
    match tone {
        Tone::Grey => [grey; 3],
        Tone::Sepia => [grey * 280 / 256 + 18, grey * 236 / 256 + 8, grey * 180 / 256],
        Tone::Warm => [r + 34, g + 8, b - 34],
        Tone::Cold => [r - 34, g, b + 38],
        Tone::Bright => [r * 5 / 4 + 28, g * 5 / 4 + 28, b * 5 / 4 + 28],
        Tone::Dark => [r * 5 / 8, g * 5 / 8, b * 5 / 8],
        Tone::Tint(colour) => coloured([r, g, b], colour),
    }
}

/// The thing under the mask takes the colour and keeps its own light and shade.
pub fn recolour(canvas: &mut RgbaImage, mask: &Mask, colour: [u8; 3], random: &mut Random) {
    let lift = random.between(-10, 11);
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let weight = mask.at(x, y);
        if weight == 0 {
            continue;
        }
        let [r, g, b, a] = pixel.0;
        let old = [i32::from(r), i32::from(g), i32::from(b)];
        let new = coloured(old, colour);
        let mix = |place: usize| {
            (old[place] + (new[place] + lift - old[place]) * weight / 256).clamp(0, 255) as u8
        };
        *pixel = Rgba([mix(0), mix(1), mix(2), a]);
    }
}

/// The colour, as light as the pixel was.
fn coloured([r, g, b]: [i32; 3], colour: [u8; 3]) -> [i32; 3] {
    let grey = (r * 77 + g * 150 + b * 29) / 256;
    colour.map(|target| {
        let target = i32::from(target);
        // From black over the colour to white.
        if grey < 128 { target * grey / 128 } else { target + (255 - target) * (grey - 128) / 128 }
    })
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

/// A grain of its own for each seed, on what is otherwise the same.
pub fn grain(canvas: &mut RgbaImage, random: &mut Random) {
    let (noise, lift) = (random.draw(), random.between(-5, 6));
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let speck = speckle(x, y, noise) % 7 - 3 + lift;
        let [r, g, b, a] = pixel.0;
        let [r, g, b] = [r, g, b].map(|c| (i32::from(c) + speck).clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, a]);
    }
}

/// How light a colour is, 0 to 255.
pub fn light([r, g, b]: [u8; 3]) -> i32 {
    (i32::from(r) * 77 + i32::from(g) * 150 + i32::from(b) * 29) / 256
}

/// A number from 0 up that depends on the place only.
pub fn speckle(x: u32, y: u32, noise: u64) -> i32 {
    let mixed =
        (u64::from(x) << 32 | u64::from(y)).wrapping_add(noise).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40 & 0xffff) as i32
}
