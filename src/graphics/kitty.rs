//! kitty's protocol: a picture is sent once under an id, then placed with a few bytes.
//!
//! PNG in pieces of base64, each a complete escape. Errors come back, so that a picture that the
//! terminal has dropped can be sent again, unless nobody listens ([`unheard`]).

use compact_str::ToCompactString as _;
use image::{RgbImage, RgbaImage, imageops};

use super::palette::{ByteSaving, SharedPalette};
use super::patch::{Difference, Tile};
use super::{
    Cell, Chunk, Colour, EncodeRequest, Encoded, QualityLevel, chunk, files, flat, palette, scaled,
};

/// The protocol allows 4096; a key on a slow line waits for one piece at most, so they are smaller.
const CHUNK: usize = 2048;
/// The placeholder, and the marks that count rows and columns (the protocol's own table).
const PLACEHOLDER: char = '\u{10eeee}';
const MARKS: [u32; 120] = [
    0x0305, 0x030d, 0x030e, 0x0310, 0x0312, 0x033d, 0x033e, 0x033f, 0x0346, 0x034a, 0x034b, 0x034c,
    0x0350, 0x0351, 0x0352, 0x0357, 0x035b, 0x0363, 0x0364, 0x0365, 0x0366, 0x0367, 0x0368, 0x0369,
    0x036a, 0x036b, 0x036c, 0x036d, 0x036e, 0x036f, 0x0483, 0x0484, 0x0485, 0x0486, 0x0487, 0x0592,
    0x0593, 0x0594, 0x0595, 0x0597, 0x0598, 0x0599, 0x059c, 0x059d, 0x059e, 0x059f, 0x05a0, 0x05a1,
    0x05a8, 0x05a9, 0x05ab, 0x05ac, 0x05af, 0x05c4, 0x0610, 0x0611, 0x0612, 0x0613, 0x0614, 0x0615,
    0x0616, 0x0617, 0x0657, 0x0658, 0x0659, 0x065a, 0x065b, 0x065d, 0x065e, 0x06d6, 0x06d7, 0x06d8,
    0x06d9, 0x06da, 0x06db, 0x06dc, 0x06df, 0x06e0, 0x06e1, 0x06e2, 0x06e4, 0x06e7, 0x06e8, 0x06eb,
    0x06ec, 0x0730, 0x0732, 0x0733, 0x0735, 0x0736, 0x073a, 0x073d, 0x073f, 0x0740, 0x0741, 0x0743,
    0x0745, 0x0747, 0x0749, 0x074a, 0x07eb, 0x07ec, 0x07ed, 0x07ee, 0x07ef, 0x07f0, 0x07f1, 0x07f3,
    0x0816, 0x0817, 0x0818, 0x0819, 0x081b, 0x081c, 0x081d, 0x081e, 0x081f, 0x0820, 0x0821, 0x0822,
];

/// Colours of a palette picture. The rest up to 256 is left for a picture like this one.
const COLOURS: usize = 240;
/// Of a first look: its long side in pixels, and its colours.
const TINY: u32 = 64;
const TINY_COLOURS: usize = 48;
/// About as many pixels a cell where only a part of a picture is sent.
const TINY_CELL: (u32, u32) = (1, 2);
/// A channel of a nearly lossless picture is off by half of it at most.
const STEP: i32 = 8;

/// To be placed by a command.
pub(super) fn encode(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> Encoded {
    let (file, size) = file(picture, like, request);
    Encoded::Upload { id: request.id, chunks: upload(&file, request), size }
}

/// To be shown by placeholders.
pub(super) fn encode_for_cells(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> Encoded {
    let (file, size) = file(picture, like, request);
    let mut chunks = upload(&file, request);
    chunks.push(chunk(stand(request.id, request.cells), request));
    Encoded::Upload { id: request.id, chunks, size }
}

/// What differs, to be placed by commands.
pub(super) fn patch(difference: &Difference, request: &EncodeRequest) -> Option<Encoded> {
    let (tiles, grid) = difference.packed(request);
    let pixels = packed_pixels(difference, &tiles, grid, request);
    let size = pixels.dimensions();
    let chunks = match tiles.is_empty() {
        true => Vec::new(),
        false => upload(&packed_file(&pixels, &difference.picture, request.level), request),
    };
    Some(Encoded::Patch { id: request.id, chunks, size, ground: difference.ground, grid, tiles })
}

/// What differs, to be shown by placeholders, which count so far and no farther.
pub(super) fn patch_for_cells(difference: &Difference, request: &EncodeRequest) -> Option<Encoded> {
    let mut encoded = patch(difference, request)?;
    if let Encoded::Patch { chunks, grid, tiles, .. } = &mut encoded {
        if usize::from(grid.0.max(grid.1)) > MARKS.len() {
            return None;
        }
        if !tiles.is_empty() {
            chunks.push(chunk(stand(request.id, *grid), request));
        }
    }
    Some(encoded)
}

fn packed_pixels(
    difference: &Difference,
    tiles: &[Tile],
    grid: (u16, u16),
    request: &EncodeRequest,
) -> RgbImage {
    let (across, down) = match request.level {
        QualityLevel::Preview => TINY_CELL,
        QualityLevel::Half => {
            let (across, down) = request.cell_pixels();
            (across.div_ceil(2), down.div_ceil(2))
        }
        QualityLevel::Sharp | QualityLevel::NearLossless | QualityLevel::Lossless => {
            request.cell_pixels()
        }
    };
    let mut all = RgbImage::new(u32::from(grid.0) * across, u32::from(grid.1) * down);
    for Tile { at, from } in tiles {
        let (width, height) = (u32::from(at.columns) * across, u32::from(at.rows) * down);
        let part = scaled(&difference.pixels(*at, request), width, height);
        let (x, y) = (u32::from(from.0) * across, u32::from(from.1) * down);
        imageops::replace(&mut all, &part, i64::from(x), i64::from(y));
    }
    all
}

/// In the colours of the whole picture: beside what stands there a part shall look no different.
fn packed_file(parts: &RgbImage, whole: &RgbImage, level: QualityLevel) -> Vec<u8> {
    let (width, height) = parts.dimensions();
    let indexed = |colours| {
        let pixels = |of: &RgbImage| -> Vec<[u8; 3]> { of.pixels().map(|pixel| pixel.0).collect() };
        let thrift = ByteSaving { colours, patience: 100, band: 1 };
        let (parts, whole) = (pixels(parts), pixels(whole));
        let indexed = palette::reduce_part(&parts, width as usize, thrift, &whole);
        files::palette_png(&indexed, width, height)
    };
    match level {
        QualityLevel::Preview => indexed(TINY_COLOURS / 2),
        QualityLevel::Half | QualityLevel::Sharp => indexed(COLOURS),
        QualityLevel::NearLossless => files::nearly_lossless_png(parts, STEP),
        QualityLevel::Lossless => files::lossless_png(parts),
    }
}

/// In fewer pixels than the rectangle has, where that saves bytes: the terminal scales it up.
fn file(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    request: &EncodeRequest,
) -> (Vec<u8>, (u32, u32)) {
    let room = request.pixels();
    let full = match picture.width() < room.0 && picture.height() < room.1 {
        true => picture.dimensions(),
        false => room,
    };
    let fewer = |long: u32| {
        let longest = full.0.max(full.1).max(1);
        let part = |side: u32| (side * long.min(longest) / longest).max(1);
        (part(full.0), part(full.1))
    };
    let thrift = ByteSaving { colours: COLOURS, patience: 100, band: 1 };
    let size = match request.level {
        QualityLevel::Preview => fewer(TINY),
        QualityLevel::Half => (full.0.div_ceil(2), full.1.div_ceil(2)),
        QualityLevel::Sharp | QualityLevel::NearLossless | QualityLevel::Lossless => full,
    };
    let file = match request.level {
        QualityLevel::Preview => {
            palette_png(picture, like, size, ByteSaving { colours: TINY_COLOURS, ..thrift })
        }
        QualityLevel::Half | QualityLevel::Sharp => palette_png(picture, like, size, thrift),
        QualityLevel::NearLossless => {
            files::nearly_lossless_png(&flat(picture, size.0, size.1), STEP)
        }
        QualityLevel::Lossless => files::lossless_png(&flat(picture, size.0, size.1)),
    };
    (file, size)
}

fn palette_png(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    (width, height): (u32, u32),
    thrift: ByteSaving,
) -> Vec<u8> {
    let columns = width as usize;
    let pixels = |picture: &RgbaImage| -> Vec<[u8; 3]> {
        flat(picture, width, height).pixels().map(|pixel| pixel.0).collect()
    };
    let twin = like.map(|like| {
        let source = pixels(like);
        let indexed = palette::reduce(&source, columns, thrift, None);
        (source, indexed)
    });
    let twin = twin.as_ref().map(|(source, indexed)| SharedPalette { source, indexed });
    let indexed = palette::reduce(&pixels(picture), columns, thrift, twin);
    files::palette_png(&indexed, width, height)
}

/// Shows the uploaded picture at the cursor, or moves it there: the same id and placement.
pub fn place(id: u32, (columns, rows): (u16, u16)) -> Vec<u8> {
    format!("\x1b_Ga=p,i={id},p=1,c={columns},r={rows},C=1,q=1\x1b\\").into_bytes()
}

/// Sends a picture of one pixel, in which there is so much of a colour.
pub fn pixel(id: u32, [red, green, blue]: [u8; 3], share: f64) -> Vec<u8> {
    let alpha = (share.clamp(0.0, 1.0) * 255.0) as u8;
    let text = base64_simd::STANDARD.encode_to_string([red, green, blue, alpha]);
    format!("\x1b_Ga=t,f=32,s=1,v=1,i={id},q=1,m=0;{text}\x1b\\").into_bytes()
}

/// Takes the picture off the screen; the terminal keeps its pixels.
pub fn erase(id: u32) -> Vec<u8> {
    format!("\x1b_Ga=d,d=i,i={id},q=1\x1b\\").into_bytes()
}

/// Takes the picture off the screen and out of the terminal's memory.
pub fn free(id: u32) -> Vec<u8> {
    format!("\x1b_Ga=d,d=I,i={id},q=1\x1b\\").into_bytes()
}

/// The same without any reply: it would be typed into the shell that comes after.
pub fn unheard(escapes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(escapes).replace(",q=1", ",q=2").into_bytes()
}

/// Asks whether a picture of one pixel could be sent, in the way in which pictures are sent. Its
/// number is no picture's. A terminal may know the protocol and no PNG (libghostty-vt of pyghostty
/// 0.1.3 says OK to raw pixels and EINVAL to a file).
pub const QUESTION: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=100;\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg==\x1b\\";

/// The number of the picture that a reply is about, and the terminal's word: `OK` or a failure.
pub fn answer(reply: &str) -> Option<(u32, &str)> {
    let (keys, message) = reply.strip_prefix("\x1b_G")?.split_once(';')?;
    let id = keys.split(',').find_map(|key| key.strip_prefix("i="))?.parse().ok()?;
    let end = message.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(message.len());
    Some((id, message.get(..end).unwrap_or_default()))
}

fn upload(png: &[u8], request: &EncodeRequest) -> Vec<Chunk> {
    let text = base64_simd::STANDARD.encode_to_string(png).into_bytes();
    let parts: Vec<&[u8]> = text.chunks(CHUNK).collect();
    let last = parts.len().saturating_sub(1);
    let one = |(number, part): (usize, &&[u8])| {
        let more = u8::from(number != last);
        let head = match number {
            0 => format!("\x1b_Ga=t,f=100,i={},q=1,m={more};", request.id),
            _ => format!("\x1b_Gm={more},q=1;"),
        };
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(part);
        bytes.extend(b"\x1b\\");
        chunk(bytes, request)
    };
    parts.iter().enumerate().map(one).collect()
}

/// Lets placeholders show an uploaded picture in so many columns and rows.
pub fn stand(id: u32, (columns, rows): (u16, u16)) -> Vec<u8> {
    format!("\x1b_Ga=p,U=1,i={id},c={columns},r={rows},q=1\x1b\\").into_bytes()
}

/// A cell of an uploaded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub id: u32,
    pub column: u16,
    pub row: u16,
}

/// All cells of an uploaded picture, row by row.
pub fn pieces(id: u32, (columns, rows): (u16, u16)) -> Vec<Piece> {
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    cells.map(|(column, row)| Piece { id, column, row }).collect()
}

/// The cells that show these, so many to a row; an id is their colour. Those where `begins`
/// (column, row) name their row and column, and those that do not go on from their left neighbour.
pub fn placeholders(
    pieces: &[Piece],
    columns: u16,
    begins: impl Fn(u16, u16) -> bool,
) -> Vec<Cell> {
    let mark = |number: u16| {
        MARKS.get(usize::from(number)).copied().and_then(char::from_u32).unwrap_or('\u{305}')
    };
    let mut before = None;
    let mut cells = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.iter().enumerate() {
        let columns = usize::from(columns.max(1));
        let (column, row) = ((at % columns) as u16, (at / columns) as u16);
        let [_, red, green, blue] = piece.id.to_be_bytes();
        let mut symbol = PLACEHOLDER.to_compact_string();
        if begins(column, row) || before != Some(*piece) {
            symbol.extend([mark(piece.row), mark(piece.column), mark(0)]);
        }
        before = Some(Piece { column: piece.column + 1, ..*piece });
        cells.push(Cell { symbol, fg: Colour::Rgb(red, green, blue), bg: Colour::Default });
    }
    cells
}
