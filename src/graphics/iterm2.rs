//! iTerm2's inline files: a band of rows in each, so that a band can be repainted by itself and
//! no escape comes near the megabyte at which terminals drop it.

use image::{RgbImage, RgbaImage};

use super::patch::{CellRect, Difference};
use super::{Band, EncodeRequest, Encoded, QualityLevel, chunk, files, flat};

/// Rows of cells in a band: on a slow line a key waits for one at most.
const ROWS: u16 = 4;
/// Of a first look, which is one file for all rows: its long side in pixels.
const TINY: u32 = 64;

/// Two pictures whose pixels are equal somewhere look equal there: the blocks of a JPEG do not
/// depend on each other.
pub(super) fn encode(picture: &RgbaImage, request: &EncodeRequest) -> Encoded {
    let (width, height) = request.pixels();
    let (columns, rows) = request.cells;
    let whole = CellRect::strip(0, rows, columns);
    let bands = match request.level {
        QualityLevel::Preview | QualityLevel::Half => {
            let (width, height) = fewer((width, height), request.level);
            vec![band(&file(&flat(picture, width, height), request.level), whole, request)]
        }
        QualityLevel::Sharp | QualityLevel::NearLossless | QualityLevel::Lossless => {
            let picture = flat(picture, width, height);
            let strip = |row: u16| {
                let at = CellRect::strip(row, ROWS.min(rows - row), columns);
                let cell = request.cell_pixels().1;
                let (top, part) = (u32::from(row) * cell, u32::from(at.rows) * cell);
                let part = image::imageops::crop_imm(&picture, 0, top, width, part).to_image();
                band(&file(&part, request.level), at, request)
            };
            (0..rows).step_by(usize::from(ROWS)).map(strip).collect()
        }
    };
    Encoded::Bands(bands)
}

/// What differs of each band.
pub(super) fn patch(difference: &Difference, request: &EncodeRequest) -> Option<Encoded> {
    let strips = (0..request.cells.1).step_by(usize::from(ROWS));
    let parts = strips.flat_map(|row| difference.within(row, ROWS));
    let one = |at| band(&file(&difference.pixels(at, request), request.level), at, request);
    Some(Encoded::BandPatch { ground: difference.ground, bands: parts.map(one).collect() })
}

/// As many pixels as are sent of so many.
fn fewer((width, height): (u32, u32), level: QualityLevel) -> (u32, u32) {
    let divisor = match level {
        QualityLevel::Preview => width.max(height).div_ceil(TINY).max(1),
        QualityLevel::Half => 2,
        QualityLevel::Sharp | QualityLevel::NearLossless | QualityLevel::Lossless => 1,
    };
    (width.div_ceil(divisor).max(1), height.div_ceil(divisor).max(1))
}

fn file(picture: &RgbImage, level: QualityLevel) -> Vec<u8> {
    match level {
        QualityLevel::Preview => files::jpeg(picture, 70),
        QualityLevel::Half => files::jpeg(picture, 80),
        QualityLevel::Sharp => files::jpeg(picture, 79),
        QualityLevel::NearLossless => files::jpeg(picture, 92),
        QualityLevel::Lossless => files::lossless_png(picture),
    }
}

fn band(file: &[u8], at: CellRect, request: &EncodeRequest) -> Band {
    let CellRect { columns, rows, .. } = at;
    let head = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};\
         preserveAspectRatio=0;doNotMoveCursor=1:",
        file.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend(base64_simd::STANDARD.encode_to_string(file).into_bytes());
    bytes.push(0x07);
    Band { at, chunk: chunk(bytes, request) }
}
