//! Half blocks: two pixels in each cell, in as many colours as the terminal has. Finer ones are in
//! `shapes`.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{DynamicImage, RgbaImage};

use super::{Cell, Colour, Colours, EncodeRequest, QualityLevel, flat};

/// From dark to light, for terminals without colours.
const SHADES: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

/// A channel may be off by so much to go on with the colour before: what does not change is not
/// sent.
const TOLERANCE: u8 = 10;
/// Cells beside each other that a first look makes one of.
const COARSE: usize = 4;

/// Row by row.
pub(super) fn encode(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> Vec<Cell> {
    let source = raster(picture, request);
    if request.level == QualityLevel::Preview {
        return coarse(&source, request);
    }
    let mut drawn = thrifty(&source, None, request);
    if let Some(like) = like.map(|like| raster(like, request)) {
        let twin = thrifty(&like, None, request);
        drawn = thrifty(&source, Some((&like, &twin)), request);
    }
    let mixed = drawn.into_iter().enumerate().map(|(place, pair)| mixed(pair, place, request));
    mixed.map(|[upper, lower]| cell(upper, lower, request)).collect()
}

/// Of sixteen colours the eye mixes more: each pixel is lighter or darker by its place in a grid of
/// four by four before the nearest is taken.
fn mixed(pair: Pair, place: usize, request: &EncodeRequest) -> Pair {
    const GRID: [i16; 16] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
    if request.colours != Colours::Ansi16 || request.ascii {
        return pair;
    }
    let columns = usize::from(request.cells.0.max(1));
    let (x, y) = (place % columns, place / columns * 2);
    let shift = |pixel: [u8; 3], y: usize| {
        let by = GRID[y % 4 * 4 + x % 4] * 5 - 37;
        pixel.map(|channel| (i16::from(channel) + by).clamp(0, 255) as u8)
    };
    [shift(pair[0], y), shift(pair[1], y + 1)]
}

type Pair = [[u8; 3]; 2];

/// One colour for some cells side by side, in few bytes.
fn coarse(source: &[Pair], request: &EncodeRequest) -> Vec<Cell> {
    let request =
        EncodeRequest { colours: request.colours.min(Colours::Palette256), ..request.clone() };
    let columns = usize::from(request.cells.0.max(1));
    let cells = source.chunks(columns).flat_map(|row| row.chunks(COARSE)).flat_map(|group| {
        let pixels = || group.iter().flatten();
        let mean = [0, 1, 2].map(|channel: usize| {
            let sum: usize = pixels().map(|pixel| usize::from(pixel[channel])).sum();
            (sum / pixels().count().max(1)) as u8
        });
        vec![cell(mean, mean, &request); group.len()]
    });
    cells.collect()
}

/// Two pixels for each cell, row by row.
fn raster(picture: &RgbaImage, request: &EncodeRequest) -> Vec<Pair> {
    let (columns, rows) = (u32::from(request.cells.0), u32::from(request.cells.1));
    if columns == 0 || rows == 0 {
        return Vec::new();
    }
    // viuer's raster: two rows of pixels a cell. It takes the source as it is, so scale before.
    let source = DynamicImage::ImageRgb8(flat(picture, columns, rows * 2));
    let raster = viuer::resize(&source, Some(columns), Some(rows)).into_rgb8();
    let pixel = |x: u32, y: u32| raster.get_pixel_checked(x, y).map_or([0; 3], |pixel| pixel.0);
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    cells.map(|(x, y)| [pixel(x, y * 2), pixel(x, y * 2 + 1)]).collect()
}

/// Colours that go on as long as they are near enough; those of the twin where the source is equal.
fn thrifty(
    source: &[Pair],
    twin: Option<(&[Pair], &[Pair])>,
    request: &EncodeRequest,
) -> Vec<Pair> {
    let tolerance = tolerance(request.colours);
    let is_near = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance);
    let mut drawn: Vec<Pair> = Vec::with_capacity(source.len());
    for (place, pair) in source.iter().enumerate() {
        let shared = twin.and_then(|(source, drawn)| {
            (source.get(place) == Some(pair)).then(|| drawn.get(place).copied())?
        });
        drawn.push(shared.unwrap_or_else(|| {
            let before = drawn.last().copied().unwrap_or(*pair);
            let keep = |new: [u8; 3], old: [u8; 3]| if is_near(new, old) { old } else { new };
            let [upper, lower] = *pair;
            let upper = keep(upper, before[0]);
            [upper, if is_near(lower, upper) { upper } else { keep(lower, before[1]) }]
        }));
    }
    drawn
}

fn cell(upper: [u8; 3], lower: [u8; 3], request: &EncodeRequest) -> Cell {
    if request.colours == Colours::Mono || request.ascii {
        let light = |[r, g, b]: [u8; 3]| u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29;
        let shade = ((light(upper) + light(lower)) / 2 / 256 * 10 / 256) as usize;
        let symbol = SHADES.get(shade).copied().unwrap_or("@").into();
        let fg = match request.colours {
            Colours::Mono => Colour::Default,
            Colours::True | Colours::Palette256 | Colours::Ansi16 => colour(upper, request.colours),
        };
        return Cell { symbol, fg, bg: Colour::Default };
    }
    let (fg, bg) = (colour(upper, request.colours), colour(lower, request.colours));
    let symbol = if fg == bg { " " } else { "▀" };
    Cell { symbol: symbol.into(), fg, bg }
}

pub(super) fn tolerance(colours: Colours) -> u8 {
    match colours {
        Colours::True => TOLERANCE,
        Colours::Palette256 | Colours::Ansi16 | Colours::Mono => 0,
    }
}

pub(super) fn colour([r, g, b]: [u8; 3], colours: Colours) -> Colour {
    match colours {
        Colours::True => Colour::Rgb(r, g, b),
        Colours::Palette256 => Colour::Index(nearest256([r, g, b])),
        Colours::Ansi16 => Colour::Index(nearest16([r, g, b])),
        Colours::Mono => Colour::Default,
    }
}

/// The nearest of the sixteen, as VGA had them: palettes differ, and this is near to most.
fn nearest16(rgb: [u8; 3]) -> u8 {
    let of = |index: u8| {
        let on = if index < 8 { 170 } else { 255 };
        let off = if index < 8 { 0 } else { 85 };
        [0, 1, 2].map(|bit| if index >> bit & 1 == 1 { on } else { off })
    };
    let distance = |index: &u8| -> u32 {
        let pairs = of(*index).into_iter().zip(rgb);
        pairs.map(|(a, b): (u8, u8)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    (0..16).min_by_key(distance).unwrap_or(7)
}

/// The nearest of the 6×6×6 cube and the 24 greys.
pub fn nearest256(rgb: [u8; 3]) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let place = |c: u8| {
        let by_distance = |place: &usize| (STEPS[*place] - i32::from(c)).abs();
        (0..6).min_by_key(by_distance).unwrap_or(0)
    };
    let cube = rgb.map(place);
    let mean = rgb.iter().map(|c| i32::from(*c)).sum::<i32>() / 3;
    let grey = ((mean - 3) / 10).clamp(0, 23);
    let distance = |other: [i32; 3]| -> i32 {
        rgb.iter().zip(other).map(|(a, b)| (i32::from(*a) - b).pow(2)).sum()
    };
    let index = if distance([8 + grey * 10; 3]) < distance(cube.map(|place| STEPS[place])) {
        232 + grey as usize
    } else {
        16 + 36 * cube[0] + 6 * cube[1] + cube[2]
    };
    u8::try_from(index).unwrap_or(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_256_colours_is_found() {
        assert_eq!(nearest256([0, 0, 0]), 16);
        assert_eq!(nearest256([255, 255, 255]), 231);
        assert_eq!(nearest256([255, 0, 0]), 196);
        assert_eq!(nearest256([128, 128, 128]), 244);
        assert_eq!([[0; 3], [255; 3], [200, 10, 10], [90; 3]].map(nearest16), [0, 15, 1, 8]);
    }

    /// Four grey cells by two, so that each place of the grid comes once.
    #[test]
    fn sixteen_colours_are_mixed_to_those_between_them() {
        let picture = RgbaImage::from_pixel(4, 4, image::Rgba([128, 128, 128, 255]));
        let request = EncodeRequest {
            protocol: crate::graphics::protocol::Protocol::Blocks,
            colours: Colours::Ansi16,
            shapes: crate::graphics::shapes::Shapes::Half,
            ascii: false,
            wrap: false,
            cells: (4, 2),
            cell: (8, 16),
            background: [0; 3],
            id: 1,
            level: QualityLevel::Lossless,
        };
        let drawn = encode(&picture, None, &request);
        let all = drawn.iter().flat_map(|cell| [cell.fg, cell.bg]);
        let light = all.filter(|colour| *colour == Colour::Index(7)).count();
        assert!((4..=12).contains(&light), "light and dark grey by turns: {drawn:?}");
    }
}
