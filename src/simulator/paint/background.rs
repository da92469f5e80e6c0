//! What stands behind: blurred, taken away, or another.

use image::{Rgba, RgbaImage};

use super::blur::blur;
use super::tone::grain;
use super::{Random, place, scene};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backdrop {
    Blurred,
    White,
    Beach,
    Forest,
    City,
    Space,
    Mountains,
}

impl Backdrop {
    /// What the words want behind; a plain landscape where they name nothing known.
    pub fn read(lower: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["beach", "sea", "ocean", "sunset"]) {
            Self::Beach
        } else if has(&["forest", "wood", "jungle", "garden", "park"]) {
            Self::Forest
        } else if has(&["city", "street", "skyline", "neon"]) {
            Self::City
        } else if has(&["space", "night", "star", "galaxy"]) {
            Self::Space
        } else {
            Self::Mountains
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Blurred => "blurred",
            Self::White => "white now",
            Self::Beach => "a beach now",
            Self::Forest => "a forest now",
            Self::City => "a city now",
            Self::Space => "the night sky now",
            Self::Mountains => "mountains now",
        }
    }

    /// Words for the scene painter.
    fn words(self) -> &'static str {
        match self {
            Self::Blurred | Self::White | Self::Mountains => "mountains in snow",
            Self::Beach => "a beach at sunset",
            Self::Forest => "a green forest",
            Self::City => "a city at night with neon light",
            Self::Space => "night sky with a moon",
        }
    }
}

/// Everything but what stands before it.
pub fn apply(canvas: &mut RgbaImage, backdrop: Backdrop, random: &mut Random) {
    let (width, height) = canvas.dimensions();
    let front = place::foreground(canvas);
    let behind = match backdrop {
        Backdrop::Blurred => {
            let radius = (width.max(height) / 56).max(3);
            let mut soft = blur(&blur(canvas, radius), radius);
            grain(&mut soft, random);
            soft
        }
        Backdrop::White => {
            let shade = random.between(246, 255) as u8;
            RgbaImage::from_pixel(width, height, Rgba([shade, shade, shade, 255]))
        }
        Backdrop::Beach
        | Backdrop::Forest
        | Backdrop::City
        | Backdrop::Space
        | Backdrop::Mountains => scene::paint(width, height, backdrop.words(), random),
    };
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let keep = front.at(x, y);
        let new = behind.get_pixel(x, y);
        for (own, new) in pixel.0.iter_mut().zip(new.0) {
            *own = ((i32::from(*own) * keep + i32::from(new) * (256 - keep)) / 256) as u8;
        }
    }
}
