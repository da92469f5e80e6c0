//! iTerm2's inline files: a band of rows in each, so that a band can be repainted by itself and
//! no escape comes near the megabyte at which terminals drop it.

use image::{RgbImage, RgbaImage};

use super::{Band, EncodeRequest, Encoded, QualityLevel, chunk, files, flat};

/// Rows of cells in a band: on a slow line a key waits for one at most.
const ROWS: u16 = 4;
/// Of a first look, which is one file for all rows: its long side in pixels.
const TINY: u32 = 64;

/// Two pictures whose pixels are equal somewhere look equal there: the blocks of a JPEG do not
/// depend on each other.
pub(super) fn encode(picture: &RgbaImage, request: &EncodeRequest) -> Encoded {
    let (width, height) = request.pixels();
    let rows = request.cells.1;
    let fewer = |divisor: u32| (width.div_ceil(divisor).max(1), height.div_ceil(divisor).max(1));
    let bands = match request.level {
        QualityLevel::Preview => {
            let (width, height) = fewer(width.max(height).div_ceil(TINY).max(1));
            let small = flat(picture, width, height);
            vec![band(&files::jpeg(&small, 70), 0, rows, request)]
        }
        QualityLevel::Half => {
            let (width, height) = fewer(2);
            vec![band(&files::jpeg(&flat(picture, width, height), 80), 0, rows, request)]
        }
        QualityLevel::Sharp => cut(picture, request, |part| files::jpeg(part, 79)),
        QualityLevel::NearLossless => cut(picture, request, |part| files::jpeg(part, 92)),
        QualityLevel::Lossless => cut(picture, request, files::lossless_png),
    };
    Encoded::Bands(bands)
}

fn cut(
    picture: &RgbaImage,
    request: &EncodeRequest,
    file: impl Fn(&RgbImage) -> Vec<u8>,
) -> Vec<Band> {
    let (width, height) = request.pixels();
    let whole = flat(picture, width, height);
    let rows = request.cells.1;
    let bands = (0..rows).step_by(usize::from(ROWS)).map(|row| {
        let count = ROWS.min(rows - row);
        let cell = u32::from(request.cell.1.max(1));
        let (top, part) = (u32::from(row) * cell, u32::from(count) * cell);
        let part = image::imageops::crop_imm(&whole, 0, top, width, part).to_image();
        band(&file(&part), row, count, request)
    });
    bands.collect()
}

fn band(file: &[u8], row: u16, rows: u16, request: &EncodeRequest) -> Band {
    let columns = request.cells.0;
    let head = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};\
         preserveAspectRatio=0;doNotMoveCursor=1:",
        file.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend(base64_simd::STANDARD.encode_to_string(file).into_bytes());
    bytes.push(0x07);
    Band { row, rows, chunk: chunk(bytes, request) }
}
