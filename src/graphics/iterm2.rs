//! iTerm2's inline files: a strip of rows in each, so that a strip can be repainted by itself and
//! no escape comes near the megabyte at which terminals drop it.

use image::RgbaImage;
use image::codecs::jpeg::JpegEncoder;

use super::{Encoded, Order, Strip, flat, piece};

/// Rows of cells in a strip.
const ROWS: u16 = 4;
const QUALITY: u8 = 88;

pub(super) fn encode(picture: &RgbaImage, order: &Order) -> Encoded {
    let (columns, rows) = order.cells;
    let cell = (u32::from(order.cell.0.max(1)), u32::from(order.cell.1.max(1)));
    let (width, height) = (u32::from(columns) * cell.0, u32::from(rows) * cell.1);
    let whole = flat(picture, width, height);
    let firsts = (0..rows).step_by(usize::from(ROWS));
    let strips = firsts.map(|row| {
        let count = ROWS.min(rows - row);
        let (top, part) = (u32::from(row) * cell.1, u32::from(count) * cell.1);
        let part = image::imageops::crop_imm(&whole, 0, top, width, part).to_image();
        let mut jpeg = Vec::new();
        // 4:4:4, and never optimised tables: some terminals' decoder cannot read those.
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
        let _ = part.write_with_encoder(encoder);
        let head = format!(
            "\x1b]1337;File=inline=1;size={};width={columns};height={count};\
             preserveAspectRatio=0;doNotMoveCursor=1:",
            jpeg.len()
        );
        let mut bytes = head.into_bytes();
        bytes.extend(base64_simd::STANDARD.encode_to_string(&jpeg).into_bytes());
        bytes.push(0x07);
        Strip { row, rows: count, piece: piece(bytes, order) }
    });
    Encoded::Strips(strips.collect())
}
