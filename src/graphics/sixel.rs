//! Sixel: bands of rows with a palette of their own, so that a band can be repainted by itself.
//!
//! `P2=1` and heights in multiples of six: other heights leave a fringe in some terminals. What a
//! band says of the pixels below it is nothing, and so leaves them as they are; the last one has
//! rows enough to fill its bands, never reaches beyond the rectangle and never ends with a line
//! feed, which would scroll the last row.

use std::fmt::Write as _;

use image::{RgbImage, RgbaImage, imageops};

use super::palette::{ByteSaving, SharedPalette};
use super::patch::{CellRect, Difference};
use super::{Band, EncodeRequest, Encoded, QualityLevel, chunk, flat, palette};

/// Rows of cells in a band, if a few of them fill bands of six pixels.
const MOST_ROWS: u16 = 3;
/// Pixels of a side that a first look makes one of.
const COARSE: u32 = 30;

/// Colours of a band, and the error that a pixel may add to look like its neighbour.
fn thrift(level: QualityLevel) -> ByteSaving {
    let (colours, patience) = match level {
        QualityLevel::Preview => (16, 200),
        QualityLevel::Half => (12, 200),
        QualityLevel::Sharp => (32, 110),
        QualityLevel::NearLossless => (64, 50),
        QualityLevel::Lossless => (256, 0),
    };
    ByteSaving { colours, patience, band: 6 }
}

pub(super) fn encode(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> Encoded {
    let (width, height) = request.pixels();
    let size = |picture: &RgbaImage| match request.level {
        QualityLevel::Preview => {
            coarse(&flat(picture, width.div_ceil(COARSE), height.div_ceil(COARSE)), request)
        }
        QualityLevel::Half
        | QualityLevel::Sharp
        | QualityLevel::NearLossless
        | QualityLevel::Lossless => flat(picture, width, height),
    };
    let (whole, like) = (size(picture), like.map(size));
    let bands = strips(request).into_iter().filter_map(|(row, rows)| {
        let at = CellRect::strip(row, rows, request.cells.0);
        cut(&whole, like.as_ref(), at, request)
    });
    Encoded::Bands(bands.collect())
}

/// Of each band the columns that differ.
pub(super) fn patch(difference: &Difference, request: &EncodeRequest) -> Option<Encoded> {
    let strips = strips(request).into_iter().flat_map(|(row, rows)| {
        let parts = difference.within(row, rows).into_iter();
        parts.map(move |part| CellRect { row, rows, ..part })
    });
    let bands = strips.filter_map(|at| cut(&difference.picture, None, at, request)).collect();
    Some(Encoded::BandPatch { ground: difference.ground, bands })
}

/// The first row of each band, and how many it has.
fn strips(request: &EncodeRequest) -> Vec<(u16, u16)> {
    let (rows, cell) = (request.cells.1, request.cell_pixels().1);
    let each = match request.level {
        QualityLevel::Preview => {
            (1..=MOST_ROWS).find(|rows| u32::from(*rows) * cell % 6 == 0).unwrap_or(1)
        }
        // A key on a slow line waits for one band at most.
        QualityLevel::Half
        | QualityLevel::Sharp
        | QualityLevel::NearLossless
        | QualityLevel::Lossless => 1,
    };
    let over = |rows: &u16| u32::from(*rows) * cell % 6;
    let last = rows - (1..=MOST_ROWS.min(rows)).min_by_key(over).unwrap_or(0);
    let starts = (0..last).step_by(usize::from(each)).chain((last < rows).then_some(last));
    starts.map(|row| (row, if row < last { each.min(last - row) } else { rows - row })).collect()
}

fn cut(
    whole: &RgbImage,
    like: Option<&RgbImage>,
    at: CellRect,
    request: &EncodeRequest,
) -> Option<Band> {
    let (across, down) = request.cell_pixels();
    let (left, width) = (u32::from(at.column) * across, u32::from(at.columns) * across);
    let (top, wanted) = (u32::from(at.row) * down, u32::from(at.rows) * down);
    // What does not fill a band of six at the lower end stays blank, so that no terminal scrolls.
    let is_last = at.row + at.rows == request.cells.1;
    let tall = if is_last { wanted / 6 * 6 } else { wanted };
    if tall == 0 {
        return None;
    }
    let part = |whole: &RgbImage| -> Vec<[u8; 3]> {
        let part = imageops::crop_imm(whole, left, top, width, tall).to_image();
        part.pixels().map(|pixel| pixel.0).collect()
    };
    let text = band(&part(whole), like.map(part), width as usize, request.level);
    Some(Band { at, chunk: chunk(text.into_bytes(), request) })
}

/// Large pixels: their rows repeat, and so say little.
fn coarse(small: &RgbImage, request: &EncodeRequest) -> RgbImage {
    let (width, height) = request.pixels();
    RgbImage::from_fn(width, height, |x, y| *small.get_pixel(x / COARSE, y / COARSE))
}

fn band(part: &[[u8; 3]], like: Option<Vec<[u8; 3]>>, width: usize, level: QualityLevel) -> String {
    let thrift = thrift(level);
    let twin = like.map(|source| {
        let indexed = palette::reduce(&source, width, thrift, None);
        (source, indexed)
    });
    let twin = twin.as_ref().map(|(source, indexed)| SharedPalette { source, indexed });
    let indexed = palette::reduce(part, width, thrift, twin);
    // In whole bands; the pixels beyond the band are left as they are.
    let height = (part.len() / width.max(1)).next_multiple_of(6);
    let mut out = format!("\x1bP0;1;0q\"1;1;{width};{height}");
    for (number, [r, g, b]) in indexed.colours.iter().enumerate() {
        let percent = |c: &u8| (u32::from(*c) * 100 + 127) / 255;
        let _ = write!(out, "#{number};2;{};{};{}", percent(r), percent(g), percent(b));
    }
    for (number, band) in indexed.pixels.chunks(width * 6).enumerate() {
        if number > 0 {
            out.push('-');
        }
        write_band(&mut out, band, width, indexed.colours.len());
    }
    out.push_str("\x1b\\");
    out
}

/// One colour after the other over the same six rows.
fn write_band(out: &mut String, band: &[u8], width: usize, colours: usize) {
    let mut masks = vec![vec![0_u8; width]; colours];
    let mut used = vec![false; colours];
    for (place, colour) in band.iter().enumerate() {
        let (x, y) = (place % width, place / width);
        let colour = usize::from(*colour);
        if let Some(mask) = masks.get_mut(colour).and_then(|masks| masks.get_mut(x)) {
            *mask |= 1 << y;
        }
        if let Some(used) = used.get_mut(colour) {
            *used = true;
        }
    }
    let mut first = true;
    for (number, (masks, used)) in masks.iter().zip(used).enumerate() {
        if !used {
            continue;
        }
        if !first {
            out.push('$');
        }
        first = false;
        let _ = write!(out, "#{number}");
        write_runs(out, masks);
    }
}

fn write_runs(out: &mut String, masks: &[u8]) {
    let end = masks.iter().rposition(|mask| *mask != 0).map_or(0, |place| place + 1);
    for run in masks.get(..end).unwrap_or_default().chunk_by(|a, b| a == b) {
        let letter = char::from(0x3f + run.first().copied().unwrap_or(0));
        match run.len() {
            1..=3 => run.iter().for_each(|_| out.push(letter)),
            long => {
                let _ = write!(out, "!{long}{letter}");
            }
        }
    }
}
