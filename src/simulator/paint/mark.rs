//! The mark in the corner: every simulated picture says that it is one.

use image::RgbaImage;

use super::lettering::fill;

/// `SIM`, rows of five bits each.
const MARK: [[u8; 5]; 3] =
    [[0x7, 0x4, 0x7, 0x1, 0x7], [0x7, 0x2, 0x2, 0x2, 0x7], [0x5, 0x7, 0x7, 0x5, 0x5]];

/// Stamps it at the lower right; about 3 % of the width.
pub fn stamp(canvas: &mut RgbaImage) {
    let dot = (canvas.width() / 320).clamp(2, 8) as i32;
    let (left, top) = (canvas.width() as i32 - dot * 14, canvas.height() as i32 - dot * 8);
    for y in 0..7 {
        for x in 0..13 {
            fill(canvas, [left + x * dot, top + y * dot], dot, [24, 24, 28]);
        }
    }
    for (place, rows) in MARK.iter().enumerate() {
        for (y, row) in rows.iter().enumerate() {
            for x in (0..3).filter(|x| row & (0x4 >> x) != 0) {
                let at = [left + (place as i32 * 4 + x + 1) * dot, top + (y as i32 + 1) * dot];
                fill(canvas, at, dot, [232, 232, 236]);
            }
        }
    }
}
