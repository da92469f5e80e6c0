//! Pictures side by side on one sheet, each with a label below it.
//!
//! Pure. The letters are those that can be read in any terminal; what they do not have is a box.

use image::{Rgb, RgbImage, RgbaImage, imageops};

use super::resize;
use crate::picture::bitmap_font;

/// Longest side of a picture on the sheet, and what stands around and below it, in pixels.
const SIDE: u32 = 320;
const GAP: u32 = 8;
const LABEL: u32 = 22;
/// Pixels of a letter's dot.
const DOT: u32 = 2;
const GROUND: Rgb<u8> = Rgb([24, 24, 28]);
const INK: Rgb<u8> = Rgb([230, 230, 230]);

/// One place of the sheet; without a picture it stays empty.
#[derive(Clone, Debug)]
pub struct Cell {
    pub picture: Option<RgbaImage>,
    pub label: String,
}

/// Row by row, `columns` to a row.
pub fn sheet(cells: &[Cell], columns: usize) -> RgbImage {
    let columns = columns.clamp(1, cells.len().max(1));
    let rows = cells.len().div_ceil(columns);
    let tallest = cells.iter().filter_map(|cell| cell.picture.as_ref());
    let tallest = tallest.map(|picture| scaled(picture).1).max().unwrap_or(SIDE);
    let (wide, high) = (SIDE + GAP, tallest + LABEL + GAP);
    let size = |count: usize, side: u32| u32::try_from(count).unwrap_or(1) * side + GAP;
    let mut out = RgbImage::from_pixel(size(columns, wide), size(rows, high), GROUND);
    for (place, cell) in cells.iter().enumerate() {
        let at = |place: usize, side: u32| GAP + u32::try_from(place).unwrap_or(0) * side;
        let (left, top) = (at(place % columns, wide), at(place / columns, high));
        if let Some(picture) = &cell.picture {
            let (width, height) = scaled(picture);
            let small = resize(picture, width, height);
            let small = image::DynamicImage::ImageRgba8(small).to_rgb8();
            let x = left + (SIDE - small.width()) / 2;
            let y = top + (tallest - small.height()) / 2;
            imageops::replace(&mut out, &small, i64::from(x), i64::from(y));
        }
        write(&mut out, &cell.label, left, top + tallest + 4);
    }
    out
}

/// Width and height on the sheet.
fn scaled(picture: &RgbaImage) -> (u32, u32) {
    let long = picture.width().max(picture.height()).max(1);
    let part = |side: u32| (side * SIDE / long).clamp(1, SIDE);
    (part(picture.width()), part(picture.height()))
}

/// As many letters as there is room for.
fn write(canvas: &mut RgbImage, text: &str, left: u32, top: u32) {
    let most = SIDE / (bitmap_font::WIDTH * DOT);
    for (place, letter) in (0..most).zip(text.chars()) {
        for (x, y) in bitmap_font::dots(letter) {
            let x = left + (place * bitmap_font::WIDTH + x) * DOT;
            let y = top + y * DOT;
            for (x, y) in (0..DOT * DOT).map(|dot| (x + dot % DOT, y + dot / DOT)) {
                if x < canvas.width() && y < canvas.height() {
                    canvas.put_pixel(x, y, INK);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_has_its_place_and_its_label() {
        let red = RgbaImage::from_pixel(640, 320, image::Rgba([200, 0, 0, 255]));
        let cell = |picture: Option<&RgbaImage>| Cell {
            picture: picture.cloned(),
            label: "SEED 7".into(),
        };
        let all = sheet(&[cell(Some(&red)), cell(None), cell(Some(&red))], 2);
        assert_eq!(all.dimensions(), (2 * 328 + 8, 2 * 190 + 8));
        let middle =
            |column: u32, row: u32| *all.get_pixel(8 + column * 328 + 160, 8 + row * 190 + 80);
        assert_eq!(
            (middle(0, 0), middle(1, 0), middle(0, 1)),
            (Rgb([200, 0, 0]), GROUND, Rgb([200, 0, 0]))
        );
        let label = |column: u32| {
            let below = |x: u32, y: u32| *all.get_pixel(8 + column * 328 + x, 8 + 164 + y) == INK;
            (0..100)
                .flat_map(|x| (0..14).map(move |y| (x, y)))
                .filter(|(x, y)| below(*x, *y))
                .count()
        };
        assert!(label(0) > 100 && label(0) == label(1));
    }
}
