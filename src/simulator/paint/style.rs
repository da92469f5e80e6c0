//! Styles: the whole picture as if made in another way.

#![allow(clippy::indexing_slicing, reason = "pixel loops within checked bounds")]

use image::{Rgba, RgbaImage};

use super::Random;
use super::blur::blur;
use super::tone::speckle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Oil,
    Watercolour,
    Pencil,
    Pixels,
    Poster,
    Lines,
    Clay,
    Vintage,
}

impl Style {
    pub fn name(self) -> &'static str {
        match self {
            Self::Oil => "an oil painting",
            Self::Watercolour => "a watercolour",
            Self::Pencil => "a pencil sketch",
            Self::Pixels => "pixel art",
            Self::Poster => "a poster",
            Self::Lines => "line art",
            Self::Clay => "claymation",
            Self::Vintage => "a vintage photo",
        }
    }
}

pub fn apply(canvas: &mut RgbaImage, style: Style, random: &mut Random) {
    match style {
        Style::Oil => oil(canvas, random),
        Style::Watercolour => watercolour(canvas, random),
        Style::Pencil => pencil(canvas, random),
        Style::Pixels => pixels(canvas, random),
        Style::Poster => poster(canvas, random),
        Style::Lines => lines(canvas, random),
        Style::Clay => clay(canvas, random),
        Style::Vintage => vintage(canvas, random),
    }
}

/// Pixels of a stroke, a leaf of paper or a lump: grows with the picture.
fn unit(canvas: &RgbaImage) -> u32 {
    (canvas.width().max(canvas.height()) / 256).max(1)
}

/// Every pixel from its place and old colour.
fn each(canvas: &mut RgbaImage, change: impl Fn(u32, u32, [i32; 3]) -> [i32; 3]) {
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let [r, g, b, a] = pixel.0;
        let [r, g, b] = change(x, y, [r, g, b].map(i32::from)).map(|c| c.clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, a]);
    }
}

fn at(picture: &RgbaImage, x: u32, y: u32) -> [i32; 3] {
    let x = x.min(picture.width().saturating_sub(1));
    let y = y.min(picture.height().saturating_sub(1));
    let [r, g, b, _] = picture.get_pixel(x, y).0;
    [r, g, b].map(i32::from)
}

fn light_at(picture: &RgbaImage, x: u32, y: u32) -> i32 {
    let [r, g, b] = at(picture, x, y);
    (r * 77 + g * 150 + b * 29) / 256
}

/// How much the light differs over two pixels each way.
fn edge(picture: &RgbaImage, x: u32, y: u32, step: u32) -> i32 {
    let across = light_at(picture, x + step, y) - light_at(picture, x.saturating_sub(step), y);
    let down = light_at(picture, x, y + step) - light_at(picture, x, y.saturating_sub(step));
    across.abs() + down.abs()
}

fn vivid([r, g, b]: [i32; 3], percent: i32) -> [i32; 3] {
    let grey = (r * 77 + g * 150 + b * 29) / 256;
    [r, g, b].map(|c| grey + (c - grey) * percent / 100)
}

/// Dabs of a few colours, each lying along its own way, with light on their ridges.
fn oil(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(canvas, unit);
    let (noise, levels) = (random.draw(), random.between(9, 13));
    let dab = unit * 5;
    each(canvas, |x, y, _| {
        // A dab takes the colour of a place near its own middle.
        let (column, row) = (x / dab, (y + (x / dab % 2) * dab / 2) / (dab / 2).max(1));
        let lean = speckle(column, row, noise);
        let sx = (x + (lean % 7) as u32 * unit).saturating_sub(3 * unit);
        let sy = (y + (lean / 7 % 7) as u32 * unit).saturating_sub(3 * unit);
        let colour = vivid(at(&soft, sx, sy), 140);
        let step = 256 / levels;
        let ridge = ((x + y * 2) % (unit * 4).max(2)) as i32 * 14 / (unit as i32 * 4) - 7;
        colour.map(|c| c / step * step + step / 2 + ridge + lean % 9 - 4)
    });
}

/// Pale washes that end in a darker rim, on paper.
fn watercolour(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(&blur(canvas, unit * 3), unit * 2);
    let (noise, bleed) = (random.draw(), random.between(24, 44));
    each(canvas, |x, y, _| {
        let grain = speckle(x / unit, y / unit, noise) % 17 - 8;
        let wash = vivid(at(&soft, x, y), 130).map(|c| (c + 12) / 24 * 24 + bleed);
        let rim = edge(&soft, x, y, unit * 2).min(90);
        let paper = 250;
        wash.map(|c| (c * 3 + paper) / 4 - rim * 3 / 4 + grain)
    });
}

/// Light divided by its own blurred opposite: only edges and deep shades are left.
fn pencil(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(canvas, unit * 4);
    let (noise, hatch) = (random.draw(), random.between(5, 9) as u32 * unit);
    let old = canvas.clone();
    each(canvas, |x, y, _| {
        let (own, around) = (light_at(&old, x, y), light_at(&soft, x, y).max(1));
        let line = (own * 250 / around).min(252);
        let dark = 150 - own;
        let is_hatched = dark > 0 && (x + y) % hatch < hatch / 3;
        let shade = if is_hatched { dark / 2 } else { 0 };
        let grain = speckle(x, y, noise) % 13 - 6;
        let grey = line - shade + grain;
        [grey, grey, grey - 4]
    });
}

/// Large squares of few colours.
fn pixels(canvas: &mut RgbaImage, random: &mut Random) {
    let side = (canvas.width().max(canvas.height()) / random.between(56, 73) as u32).max(2);
    let soft = blur(canvas, side / 2);
    let (ox, oy) = (random.draw() as u32 % side, random.draw() as u32 % side);
    let lift = random.between(-9, 10);
    each(canvas, |x, y, _| {
        let middle = |v: u32, from: u32| ((v + from) / side * side + side / 2).saturating_sub(from);
        let colour = vivid(at(&soft, middle(x, ox), middle(y, oy)), 150);
        let rim = if (x + ox) % side == 0 || (y + oy) % side == 0 { 12 } else { 0 };
        colour.map(|c| c.clamp(0, 255) / 43 * 51 - rim + lift)
    });
}

/// Four flat, strong colours between black lines.
fn poster(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(canvas, unit);
    let inks: [[i32; 3]; 4] = match random.between(0, 3) {
        0 => [[24, 22, 60], [208, 48, 62], [246, 176, 58], [252, 238, 206]],
        1 => [[16, 42, 56], [20, 126, 128], [244, 148, 96], [250, 240, 214]],
        _ => [[40, 20, 56], [120, 50, 150], [236, 110, 150], [250, 232, 190]],
    };
    each(canvas, |x, y, _| {
        let light = light_at(&soft, x, y);
        let ink = inks[(light / 64).clamp(0, 3) as usize];
        let own = vivid(at(&soft, x, y), 160);
        let is_line = edge(&soft, x, y, unit) > 70;
        std::array::from_fn(|c| if is_line { 16 } else { (ink[c] * 3 + own[c]) / 4 })
    });
}

/// Black lines on white.
fn lines(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(canvas, unit);
    let (least, paper) = (random.between(16, 26), random.between(244, 254));
    each(canvas, |x, y, _| {
        let edge = edge(&soft, x, y, unit);
        let ink = ((edge - least) * 14).clamp(0, 235);
        [paper - ink; 3]
    });
}

/// Smooth lumps with a sheen and finger marks.
fn clay(canvas: &mut RgbaImage, random: &mut Random) {
    let unit = unit(canvas);
    let soft = blur(&blur(canvas, unit * 4), unit * 4);
    let (noise, swirl) = (random.draw(), random.between(3, 6) as u32 * unit);
    each(canvas, |x, y, _| {
        let colour = vivid(at(&soft, x, y), 190).map(|c| (c.clamp(0, 255) + 20) / 40 * 40);
        let slope = light_at(&soft, x, y) - light_at(&soft, x + unit * 4, y + unit * 4);
        // Finger marks: rings around a place of each lump.
        let lump = (x / (unit * 40), y / (unit * 40));
        let lean = speckle(lump.0, lump.1, noise) as u32;
        let (cx, cy) = (lean % (unit * 40), lean / 64 % (unit * 40));
        let (dx, dy) = ((x % (unit * 40)).abs_diff(cx), (y % (unit * 40)).abs_diff(cy));
        let mark = if (dx * dx + dy * dy).isqrt() % swirl < unit { 10 } else { 0 };
        colour.map(|c| c + slope * 5 + 12 - mark)
    });
}

/// Faded brown, darker to the corners, with grain, on a white border.
fn vintage(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = canvas.dimensions();
    let border = width.min(height) / 24;
    let (noise, fade) = (random.draw(), random.between(24, 44));
    each(canvas, |x, y, [r, g, b]| {
        let near = x.min(width - 1 - x).min(y.min(height - 1 - y));
        if near < border {
            let grain = speckle(x / 3, y / 3, noise) % 9;
            return [244 - grain, 238 - grain, 222 - grain];
        }
        let grey = (r * 77 + g * 150 + b * 29) / 256;
        let (dx, dy) = ((x * 512 / width) as i32 - 256, (y * 512 / height) as i32 - 256);
        let corner = (dx * dx + dy * dy) / 1400;
        let grain = speckle(x, y, noise) % 25 - 12;
        let pale = |own: i32, tint: i32| {
            ((grey * 2 + own) / 3) * 190 / 256 + fade + tint - corner / 2 + grain
        };
        [pale(r, 34), pale(g, 16), pale(b, -10)]
    });
}

/// Unsharp masking: what differs from its surroundings differs more.
pub fn sharpen(canvas: &mut RgbaImage, random: &mut Random) {
    let soft = blur(canvas, unit(canvas));
    let more = random.between(3, 5);
    each(canvas, |x, y, old| {
        let around = at(&soft, x, y);
        std::array::from_fn(|c| {
            let contrast = (old[c] - 128) * 9 / 8 + 130;
            contrast + (old[c] - around[c]) * more / 2
        })
    });
}

/// Mean light and colour of one picture moved to those of another, spread and all.
pub fn borrow(canvas: &mut RgbaImage, from: &RgbaImage) {
    let (own, other) = (statistics(canvas), statistics(from));
    each(canvas, |_, _, old| {
        std::array::from_fn(|c| {
            (old[c] - own.0[c]) * other.1[c].max(1) / own.1[c].max(1) + other.0[c]
        })
    });
}

/// Mean and mean distance from it, for each channel.
fn statistics(picture: &RgbaImage) -> ([i32; 3], [i32; 3]) {
    let count = (i64::from(picture.width()) * i64::from(picture.height())).max(1);
    let mut sums = [0_i64; 3];
    for pixel in picture.pixels() {
        for (sum, value) in sums.iter_mut().zip(pixel.0) {
            *sum += i64::from(value);
        }
    }
    let means = sums.map(|sum| (sum / count) as i32);
    let mut spread = [0_i64; 3];
    for pixel in picture.pixels() {
        for ((sum, value), mean) in spread.iter_mut().zip(pixel.0).zip(means) {
            *sum += i64::from((i32::from(value) - mean).abs());
        }
    }
    (means, spread.map(|sum| (sum / count) as i32))
}
