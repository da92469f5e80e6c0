//! Cells cut finer than in two halves: quadrants, sextants and octants, the best of them for each
//! cell by squared error.
//!
//! Two colours a cell is all that there is; which pixels get which is chosen here. Invariant: what
//! a glyph shows is exactly its mask, so that every mask of a grid has one.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of pixels and places within them")]

use compact_str::ToCompactString as _;
use image::RgbaImage;

use super::{Cell, Colour, Colours, EncodeRequest, QualityLevel, blocks, flat};

/// Into what a cell is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shapes {
    /// Two pixels, one above the other: in every font.
    #[default]
    Half,
    /// 2×2: in most fonts.
    Quadrant,
    /// 2×3: in terminals that draw them themselves.
    Sextant,
    /// 2×4: in a few.
    Octant,
}

impl Shapes {
    pub const ALL: [Self; 4] = [Self::Half, Self::Quadrant, Self::Sextant, Self::Octant];

    /// In the config file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::Quadrant => "quadrant",
            Self::Sextant => "sextant",
            Self::Octant => "octant",
        }
    }

    /// Pixels of a cell, across and down.
    pub fn grid(self) -> (usize, usize) {
        match self {
            Self::Half => (1, 2),
            Self::Quadrant => (2, 2),
            Self::Sextant => (2, 3),
            Self::Octant => (2, 4),
        }
    }

    /// The letter whose ink covers these pixels: bit 0 is the upper left one, then along the rows.
    pub fn glyph(self, mask: u8) -> char {
        let letter = match self {
            Self::Half => QUADRANTS[usize::from(mask & 1) * 3 + usize::from(mask >> 1 & 1) * 12],
            Self::Quadrant => QUADRANTS[usize::from(mask & 15)],
            Self::Sextant => return sextant(mask & 63),
            Self::Octant => return octant(mask),
        };
        char::from_u32(letter).unwrap_or(' ')
    }
}

/// By mask.
const QUADRANTS: [u32; 16] = [
    0x20, 0x2598, 0x259d, 0x2580, 0x2596, 0x258c, 0x259e, 0x259b, 0x2597, 0x259a, 0x2590, 0x259c,
    0x2584, 0x2599, 0x259f, 0x2588,
];

/// U+1FB00 and on, in the order of the masks; those that are halves or nothing stand elsewhere.
fn sextant(mask: u8) -> char {
    let letter = match mask {
        0 => 0x20,
        21 => 0x258c,
        42 => 0x2590,
        63 => 0x2588,
        _ => 0x1fb00 + u32::from(mask) - 1 - u32::from(mask > 21) - u32::from(mask > 42),
    };
    char::from_u32(letter).unwrap_or(' ')
}

/// Masks of octants that are not in their block, with the letters that are.
const OLDER: [(u8, u32); 26] = [
    (0x00, 0x20),
    (0x01, 0x1cea8),
    (0x02, 0x1ceab),
    (0x03, 0x1fb82),
    (0x05, 0x2598),
    (0x0a, 0x259d),
    (0x0f, 0x2580),
    (0x14, 0x1fbe6),
    (0x28, 0x1fbe7),
    (0x3f, 0x1fb85),
    (0x40, 0x1cea3),
    (0x50, 0x2596),
    (0x55, 0x258c),
    (0x5a, 0x259e),
    (0x5f, 0x259b),
    (0x80, 0x1cea0),
    (0xa0, 0x2597),
    (0xa5, 0x259a),
    (0xaa, 0x2590),
    (0xaf, 0x259c),
    (0xc0, 0x2582),
    (0xf0, 0x2584),
    (0xf5, 0x2599),
    (0xfa, 0x259f),
    (0xfc, 0x2586),
    (0xff, 0x2588),
];

/// U+1CD00 and on, likewise.
fn octant(mask: u8) -> char {
    let older = OLDER.iter().find(|(other, _)| *other == mask).map(|(_, letter)| *letter);
    let before = || OLDER.iter().filter(|(other, _)| *other < mask).count() as u32;
    char::from_u32(older.unwrap_or_else(|| 0x1cd00 + u32::from(mask) - before())).unwrap_or(' ')
}

/// The most pixels that a cell has.
const MOST: usize = 8;

/// A cell's pixels, and how many they are.
type Pixels = [[u8; 3]; MOST];

/// What is written into a cell: which pixels are ink, ink, ground.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Drawn {
    mask: u8,
    ink: [u8; 3],
    ground: [u8; 3],
}

/// Whether cells are cut finer than in halves for it.
pub(super) fn is_fine(request: &EncodeRequest) -> bool {
    let is_wanted = request.shapes != Shapes::Half && request.level != QualityLevel::Preview;
    // What is mixed of few colours needs its pixels.
    is_wanted && request.colours > Colours::Ansi16 && !request.ascii
}

/// Row by row.
pub(super) fn encode(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> Vec<Cell> {
    let source = raster(picture, request);
    let mut drawn = thrifty(&source, None, request);
    if let Some(like) = like.map(|like| raster(like, request)) {
        let twin = thrifty(&like, None, request);
        drawn = thrifty(&source, Some((&like, &twin)), request);
    }
    drawn.into_iter().map(|drawn| cell(drawn, request)).collect()
}

fn raster(picture: &RgbaImage, request: &EncodeRequest) -> Vec<Pixels> {
    let (across, down) = request.shapes.grid();
    let (columns, rows) = (usize::from(request.cells.0), usize::from(request.cells.1));
    let small = flat(picture, (columns * across) as u32, (rows * down) as u32);
    let pixel = |x: usize, y: usize| {
        small.get_pixel_checked(x as u32, y as u32).map_or([0; 3], |pixel| pixel.0)
    };
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    let of = |(column, row): (usize, usize)| {
        let mut pixels = [[0; 3]; MOST];
        for (place, own) in pixels.iter_mut().enumerate().take(across * down) {
            *own = pixel(column * across + place % across, row * down + place / across);
        }
        pixels
    };
    cells.map(of).collect()
}

/// Colours go on as long as they are near enough; cells of the twin where the source is equal.
fn thrifty(
    source: &[Pixels],
    twin: Option<(&[Pixels], &[Drawn])>,
    request: &EncodeRequest,
) -> Vec<Drawn> {
    let (across, down) = request.shapes.grid();
    let tolerance = blocks::tolerance(request.colours);
    let is_near = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance);
    let keep = |new: [u8; 3], old: [u8; 3]| if is_near(new, old) { old } else { new };
    let mut drawn: Vec<Drawn> = Vec::with_capacity(source.len());
    for (place, pixels) in source.iter().enumerate() {
        let shared = twin.and_then(|(source, drawn)| {
            (source.get(place) == Some(pixels)).then(|| drawn.get(place).copied())?
        });
        drawn.push(shared.unwrap_or_else(|| {
            let mut best = best(&pixels[..across * down], tolerance);
            let before = drawn.last().copied().unwrap_or(best);
            let turned = Drawn {
                mask: !best.mask & (0xff_u8 >> (MOST - across * down)),
                ink: best.ground,
                ground: best.ink,
            };
            let kept = |it: &Drawn| {
                usize::from(is_near(it.ink, before.ink))
                    + usize::from(is_near(it.ground, before.ground))
            };
            if kept(&turned) > kept(&best) && best.mask != 0 {
                best = turned;
            }
            let (ink, ground) = (keep(best.ink, before.ink), keep(best.ground, before.ground));
            Drawn { mask: best.mask, ink, ground }
        }));
    }
    drawn
}

/// The two groups of pixels that their means stand for best; one where all are near to its mean.
fn best(pixels: &[[u8; 3]], tolerance: u8) -> Drawn {
    let sum = |mask: usize| {
        let of = |channel: usize| {
            let own = pixels.iter().enumerate().filter(|(place, _)| mask >> place & 1 == 1);
            own.map(|(_, pixel)| u32::from(pixel[channel])).sum::<u32>()
        };
        [of(0), of(1), of(2)]
    };
    let all = sum((1 << pixels.len()) - 1);
    let mean = |sum: [u32; 3], count: u32| sum.map(|sum| (sum / count.max(1)) as u8);
    let count = pixels.len() as u32;
    let middle = mean(all, count);
    let is_flat = pixels
        .iter()
        .all(|pixel| pixel.iter().zip(middle).all(|(a, b)| a.abs_diff(b) <= tolerance));
    if is_flat {
        return Drawn { mask: 0, ink: middle, ground: middle };
    }
    // What the means keep of the squares: the more, the smaller the error. The last pixel is ground,
    // as the rest are the same groups turned round.
    let kept = |sum: [u32; 3], count: u32| {
        sum.iter().map(|sum| u64::from(*sum).pow(2)).sum::<u64>() as f64 / f64::from(count)
    };
    let mut found = (f64::MIN, 0, [0; 3]);
    for mask in 1..1_usize << (pixels.len() - 1) {
        let ink = sum(mask);
        let ground = [all[0] - ink[0], all[1] - ink[1], all[2] - ink[2]];
        let own = mask.count_ones();
        let score = kept(ink, own) + kept(ground, count - own);
        if score > found.0 {
            found = (score, mask, ink);
        }
    }
    let (_, mask, ink) = found;
    let own = (mask as u32).count_ones();
    let ground = [all[0] - ink[0], all[1] - ink[1], all[2] - ink[2]];
    Drawn { mask: mask as u8, ink: mean(ink, own), ground: mean(ground, count - own) }
}

fn cell(drawn: Drawn, request: &EncodeRequest) -> Cell {
    let colour = |rgb| blocks::colour(rgb, request.colours);
    let (fg, bg): (Colour, Colour) = (colour(drawn.ink), colour(drawn.ground));
    let symbol = if fg == bg { ' ' } else { request.shapes.glyph(drawn.mask) };
    Cell { symbol: symbol.to_compact_string(), fg, bg }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mask_has_a_letter_of_its_own() {
        for shapes in Shapes::ALL {
            let (across, down) = shapes.grid();
            let most = 0xff_u8 >> (MOST - across * down);
            let letters: BTreeSet<char> = (0..=most).map(|mask| shapes.glyph(mask)).collect();
            assert_eq!(letters.len(), usize::from(most) + 1, "{}", shapes.name());
            assert_eq!((shapes.glyph(0), shapes.glyph(most)), (' ', '█'));
        }
        assert_eq!([1, 2, 20, 22, 41, 62].map(sextant), ['🬀', '🬁', '🬓', '🬔', '🬧', '🬻']);
        assert_eq!(
            [0x04, 0x06, 0x07, 0x08, 0xfe].map(octant).map(u32::from),
            [0x1cd00, 0x1cd01, 0x1cd02, 0x1cd03, 0x1cde5]
        );
        assert_eq!([1, 2, 3].map(|mask| Shapes::Half.glyph(mask)), ['▀', '▄', '█']);
    }

    #[test]
    fn an_edge_goes_where_it_is() {
        let (dark, light) = ([10; 3], [240; 3]);
        let drawn = best(&[dark, light, dark, light], 10);
        assert_eq!((drawn.mask, drawn.ink, drawn.ground), (0b0101, dark, light));
        let flat = best(&[[100; 3], [104; 3], [100; 3], [104; 3]], 10);
        assert_eq!((flat.mask, flat.ink), (0, flat.ground));
    }
}
