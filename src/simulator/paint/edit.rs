//! Taking away, framing, turning, and putting pictures together.

use image::{Rgba, RgbaImage, imageops};

use super::Random;
use super::place::{self, Mask};
use super::tone::speckle;
use crate::picture;

/// Paints over what stands out: from the borders of the place inwards, with the grain around it.
pub fn remove(canvas: &mut RgbaImage, random: &mut Random) {
    let mask = place::thing(canvas);
    let noise = random.draw();
    let [left, top, right, bottom] = padded(&mask, canvas);
    let old = canvas.clone();
    let colour = |x: i32, y: i32| old.get_pixel(x as u32, y as u32).0;
    for y in top..=bottom {
        for x in left..=right {
            let weight = mask.at(x as u32, y as u32);
            if weight == 0 {
                continue;
            }
            // The nearer border counts more.
            let (l, r) = (1 + x - left, 1 + right - x);
            let (u, d) = (1 + y - top, 1 + bottom - y);
            let (a, b) = (colour(left, y), colour(right, y));
            let (c, e) = (colour(x, top), colour(x, bottom));
            let grain = speckle(x as u32, y as u32, noise) % 9 - 4;
            let pixel = canvas.get_pixel_mut(x as u32, y as u32);
            for (channel, own) in pixel.0.iter_mut().enumerate().take(3) {
                let value = |side: [u8; 4]| i64::from(side.get(channel).copied().unwrap_or(0));
                let across = (value(a) * i64::from(r) + value(b) * i64::from(l)) / i64::from(l + r);
                let down = (value(c) * i64::from(d) + value(e) * i64::from(u)) / i64::from(u + d);
                let new = ((across + down) / 2) as i32 + grain;
                *own =
                    ((i32::from(*own) * (256 - weight) + new * weight) / 256).clamp(0, 255) as u8;
            }
        }
    }
}

/// The mask's bounds with a cell of room, inside of the picture.
fn padded(mask: &Mask, canvas: &RgbaImage) -> [i32; 4] {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let [left, top, right, bottom] = mask.bounds();
    let room = width.max(height) / 32;
    [
        (left - room).max(0),
        (top - room).max(0),
        (right + room).min(width - 1),
        (bottom + room).min(height - 1),
    ]
}

/// A frame with light on two sides; wood unless a colour was named.
pub fn frame(canvas: &mut RgbaImage, colour: Option<[u8; 3]>, random: &mut Random) {
    let (width, height) = canvas.dimensions();
    let thick = width.min(height) * random.between(45, 66) as u32 / 1000;
    let colour = colour.unwrap_or([126, 82, 44]);
    let noise = random.draw();
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let (left, right) = (x, width - 1 - x);
        let (top, bottom) = (y, height - 1 - y);
        let near = left.min(right).min(top.min(bottom));
        if near >= thick {
            continue;
        }
        let is_lit = near == left || near == top;
        // A round profile, and grain along the wood.
        let round = 40 - (near as i32 * 80 / thick as i32 - 40).abs();
        let grain = if near == left || near == right {
            speckle(x, y / 24, noise) % 21 - 10
        } else {
            speckle(x / 24, y, noise) % 21 - 10
        };
        let shade = round + if is_lit { 26 } else { -26 } + grain;
        let [r, g, b] = colour.map(|c| (i32::from(c) + shade).clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, 255]);
    }
}

/// Quarter turns of the content; the size stays.
pub fn turn(canvas: &mut RgbaImage, quarters: u8) {
    let (width, height) = canvas.dimensions();
    let turned = match quarters % 4 {
        1 => imageops::rotate90(canvas),
        2 => imageops::rotate180(canvas),
        3 => imageops::rotate270(canvas),
        _ => return,
    };
    *canvas = picture::resize(&turned, width, height);
}

/// The middle in this ratio, as large as it fits, on white.
pub fn crop(canvas: &mut RgbaImage, ratio: (u32, u32), random: &mut Random) {
    let (width, height) = canvas.dimensions();
    let (rw, rh) = (u64::from(ratio.0), u64::from(ratio.1));
    let (w, h) = (u64::from(width), u64::from(height));
    let (cut_w, cut_h) = if w * rh > h * rw {
        ((h * rw / rh) as u32, height)
    } else {
        (width, (w * rh / rw) as u32)
    };
    // Cut a little into it, so that the same ratio is a crop too.
    let (cut_w, cut_h) = (cut_w * 9 / 10, cut_h * 9 / 10);
    let spare = ((width - cut_w) / 8) as i32;
    let x = ((width - cut_w) as i32 / 2 + random.between(-spare, spare + 1)).max(0) as u32;
    let y = (height - cut_h) / 2;
    let part = imageops::crop_imm(canvas, x, y, cut_w, cut_h).to_image();
    let (fit_w, fit_h) = if u64::from(cut_w) * h > u64::from(cut_h) * w {
        (width, (u64::from(cut_h) * w / u64::from(cut_w)) as u32)
    } else {
        ((u64::from(cut_w) * h / u64::from(cut_h)) as u32, height)
    };
    let part = picture::resize(&part, fit_w.max(1), fit_h.max(1));
    *canvas = RgbaImage::from_pixel(width, height, Rgba([250, 250, 250, 255]));
    let (left, top) = ((width - fit_w) / 2, (height - fit_h) / 2);
    imageops::replace(canvas, &part, left.into(), top.into());
}

/// What stands out in the second picture, cut out softly, on what stands out in the first.
pub fn insert(canvas: &mut RgbaImage, from: &RgbaImage, random: &mut Random) {
    let [left, top, right, bottom] = place::thing(canvas).bounds();
    let side = (canvas.width().min(canvas.height()) * random.between(26, 34) as u32 / 100).max(8);
    let mask = place::thing(from);
    let [l, t, r, b] = padded(&mask, from);
    let (w, h) = ((r - l).max(1) as u32, (b - t).max(1) as u32);
    let longer = w.max(h);
    let (w2, h2) = ((w * side / longer).max(1), (h * side / longer).max(1));
    let part = imageops::crop_imm(from, l as u32, t as u32, w, h).to_image();
    let part = picture::resize(&part, w2, h2);
    let (x0, y0) = ((left + right) / 2 - w2 as i32 / 2, (top + bottom) / 2 - h2 as i32 / 2);
    for (x, y, new) in part.enumerate_pixels() {
        let (tx, ty) = (x0 + x as i32, y0 + y as i32);
        if tx < 0 || ty < 0 || tx >= canvas.width() as i32 || ty >= canvas.height() as i32 {
            continue;
        }
        // An oval, soft at its rim, so that no edge of the cut is seen.
        let (u, v) = ((x * 2048 / w2) as i32 - 1024, (y * 2048 / h2) as i32 - 1024);
        let weight = ((1024 * 1024 - u * u - v * v) / 900).clamp(0, 256);
        let pixel = canvas.get_pixel_mut(tx as u32, ty as u32);
        for (own, new) in pixel.0.iter_mut().zip(new.0) {
            *own = ((i32::from(*own) * (256 - weight) + i32::from(new) * weight) / 256) as u8;
        }
    }
}

/// Several pictures side by side, each filling its share without being squeezed.
pub fn beside(pictures: &[RgbaImage], width: u32, height: u32) -> RgbaImage {
    let mut canvas = RgbaImage::new(width, height);
    let count = pictures.len().max(1) as u32;
    for (place, picture) in pictures.iter().enumerate() {
        let place = place as u32;
        let (left, right) = (width * place / count, width * (place + 1) / count);
        let (w, h) = ((right - left).max(1), height.max(1));
        let (pw, ph) = picture.dimensions();
        let (cut_w, cut_h) = if u64::from(pw) * u64::from(h) > u64::from(ph) * u64::from(w) {
            ((u64::from(ph) * u64::from(w) / u64::from(h)) as u32, ph)
        } else {
            (pw, (u64::from(pw) * u64::from(h) / u64::from(w)) as u32)
        };
        let (cut_w, cut_h) = (cut_w.clamp(1, pw), cut_h.clamp(1, ph));
        let part = imageops::crop_imm(picture, (pw - cut_w) / 2, (ph - cut_h) / 2, cut_w, cut_h);
        let part = picture::resize(&part.to_image(), w, h);
        imageops::replace(&mut canvas, &part, left.into(), 0);
    }
    canvas
}
