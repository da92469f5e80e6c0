//! iTerm2's inline files: a strip of rows in each, so that a strip can be repainted by itself and
//! no escape comes near the megabyte at which terminals drop it.

use image::{RgbImage, RgbaImage};

use super::{Encoded, Order, Rung, Strip, files, flat, piece};

/// Rows of cells in a strip: on a slow line a key waits for one at most.
const ROWS: u16 = 4;
/// Of a first look, which is one file for all rows: its long side in pixels.
const TINY: u32 = 64;

/// Two pictures whose pixels are equal somewhere look equal there: the blocks of a JPEG do not
/// depend on each other.
pub(super) fn encode(picture: &RgbaImage, order: &Order) -> Encoded {
    let (width, height) = order.pixels();
    let rows = order.cells.1;
    let fewer = |divisor: u32| (width.div_ceil(divisor).max(1), height.div_ceil(divisor).max(1));
    let strips = match order.rung {
        Rung::Tiny => {
            let (width, height) = fewer(width.max(height).div_ceil(TINY).max(1));
            let small = flat(picture, width, height);
            vec![strip(&files::jpeg(&small, 70), 0, rows, order)]
        }
        Rung::Half => {
            let (width, height) = fewer(2);
            vec![strip(&files::jpeg(&flat(picture, width, height), 80), 0, rows, order)]
        }
        Rung::Sharp => cut(picture, order, |part| files::jpeg(part, 79)),
        Rung::Near => cut(picture, order, |part| files::jpeg(part, 92)),
        Rung::Exact => cut(picture, order, files::lossless_png),
    };
    Encoded::Strips(strips)
}

fn cut(picture: &RgbaImage, order: &Order, file: impl Fn(&RgbImage) -> Vec<u8>) -> Vec<Strip> {
    let (width, height) = order.pixels();
    let whole = flat(picture, width, height);
    let rows = order.cells.1;
    let strips = (0..rows).step_by(usize::from(ROWS)).map(|row| {
        let count = ROWS.min(rows - row);
        let cell = u32::from(order.cell.1.max(1));
        let (top, part) = (u32::from(row) * cell, u32::from(count) * cell);
        let part = image::imageops::crop_imm(&whole, 0, top, width, part).to_image();
        strip(&file(&part), row, count, order)
    });
    strips.collect()
}

fn strip(file: &[u8], row: u16, rows: u16, order: &Order) -> Strip {
    let columns = order.cells.0;
    let head = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};\
         preserveAspectRatio=0;doNotMoveCursor=1:",
        file.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend(base64_simd::STANDARD.encode_to_string(file).into_bytes());
    bytes.push(0x07);
    Strip { row, rows, piece: piece(bytes, order) }
}
