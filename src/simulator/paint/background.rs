//! What stands behind: blurred, taken away, or another.

use image::{Rgba, RgbaImage};

use super::backdrop::Backdrop;
use super::blur::blur;
use super::tone::grain;
use super::{Random, place, scene};

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
