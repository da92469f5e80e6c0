//! The habits of the real model: a result lies a little beside its input, a little larger, and has
//! gone through an encoder. Known exactly here, so that what measures them can be measured.

#![allow(clippy::indexing_slicing, reason = "pixel loops within checked bounds")]

use image::RgbaImage;

use super::Random;
use crate::picture;

/// How strongly the habits show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Artifacts {
    Off,
    #[default]
    Mild,
    Strong,
}

/// What was done to the frame: in pixels of the picture, right and down positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    pub dx: f64,
    pub dy: f64,
    /// Above 1: things are larger.
    pub scale: f64,
    /// Of the encoder it has gone through; 100: none.
    pub quality: u8,
}

impl Drift {
    pub const NONE: Self = Self { dx: 0.0, dy: 0.0, scale: 1.0, quality: 100 };
}

impl Artifacts {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "mild" => Some(Self::Mild),
            "strong" => Some(Self::Strong),
            _ => None,
        }
    }

    /// Shifts, scales and re-encodes; what exactly, comes back.
    pub fn apply(self, canvas: &mut RgbaImage, random: &mut Random) -> Drift {
        let (reach, growth, quality) = match self {
            Self::Off => return Drift::NONE,
            Self::Mild => (3, 4, 92),
            Self::Strong => (9, 18, 78),
        };
        // In quarters of a pixel, and in thousandths.
        let (dx, dy) =
            (random.between(-reach * 4, reach * 4 + 1), random.between(-reach * 4, reach * 4 + 1));
        let scale = 1000 + random.between(0, growth + 1);
        *canvas = moved(canvas, dx, dy, scale);
        if let Some(worn) = picture::encode_jpeg(canvas, quality, "")
            .and_then(|bytes| picture::decode(&bytes, picture::Limits::default()).ok())
        {
            *canvas = worn.image;
        }
        Drift {
            dx: f64::from(dx) / 4.0,
            dy: f64::from(dy) / 4.0,
            scale: f64::from(scale) / 1000.0,
            quality,
        }
    }
}

/// Each pixel from where it lay before, between four; whole numbers throughout.
fn moved(picture: &RgbaImage, dx: i32, dy: i32, scale: i32) -> RgbaImage {
    let (width, height) = (picture.width() as i64, picture.height() as i64);
    // In 256ths of a pixel, from the middle of the picture.
    let source = |place: i64, shift: i32, side: i64| {
        let from_middle = place * 256 + 128 - side * 128 - i64::from(shift) * 64;
        let place = from_middle * 1000 / i64::from(scale) + side * 128 - 128;
        place.clamp(0, (side - 1) * 256)
    };
    let columns: Vec<(usize, i32)> = (0..width)
        .map(|x| source(x, dx, width))
        .map(|at| ((at / 256) as usize, (at % 256) as i32))
        .collect();
    let raw = picture.as_raw();
    let stride = width as usize * 4;
    let mut out = Vec::with_capacity(raw.len());
    for y in 0..height {
        let at = source(y, dy, height);
        let (row, down) = ((at / 256) as usize, (at % 256) as i32);
        let next = (row + 1).min(height as usize - 1);
        let (above, below) =
            (&raw[row * stride..(row + 1) * stride], &raw[next * stride..(next + 1) * stride]);
        for (column, across) in &columns {
            let (left, right) = (column * 4, (column + 1).min(width as usize - 1) * 4);
            for channel in 0..4 {
                let mix = |line: &[u8]| {
                    i32::from(line[left + channel]) * (256 - across)
                        + i32::from(line[right + channel]) * across
                };
                let value = mix(above) * (256 - down) + mix(below) * down;
                out.push(((value + (1 << 15)) >> 16) as u8);
            }
        }
    }
    RgbaImage::from_raw(width as u32, height as u32, out).unwrap_or_else(|| picture.clone())
}
