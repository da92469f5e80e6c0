//! What a terminal makes of an encoded picture: pixels.

use editree::graphics::{Band, Cell, Colour, Encoded};
use image::RgbImage;
use image::imageops::{self, FilterType};

/// The picture as it stands in a rectangle of `width` times `height` pixels.
pub fn shown(encoded: &Encoded, (width, height): (u32, u32), cells: (u16, u16)) -> RgbImage {
    match encoded {
        Encoded::Upload { chunks, .. } => {
            let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.0.as_slice()).collect();
            scaled(&kitty(&chunks), width, height)
        }
        Encoded::Bands(_) | Encoded::BandPatch { .. } | Encoded::Patch { .. } => {
            let mut canvas = RgbImage::new(width, height);
            lay(&mut canvas, encoded, cells);
            canvas
        }
        Encoded::Cells(all) => blocks(all, (width, height), cells),
    }
}

/// Over what stands there.
pub fn lay(canvas: &mut RgbImage, encoded: &Encoded, cells: (u16, u16)) {
    let size = canvas.dimensions();
    let (across, down) = (size.0 / u32::from(cells.0), size.1 / u32::from(cells.1));
    match encoded {
        Encoded::Bands(bands) | Encoded::BandPatch { bands, .. } => {
            bands.iter().for_each(|band| paint(canvas, band, (across, down)));
        }
        Encoded::Patch { chunks, grid, tiles, .. } if !tiles.is_empty() => {
            let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.0.as_slice()).collect();
            let all = kitty(&chunks);
            let unit = (all.width() / u32::from(grid.0), all.height() / u32::from(grid.1));
            for tile in tiles {
                let (columns, rows) = (u32::from(tile.at.columns), u32::from(tile.at.rows));
                let from = (u32::from(tile.from.0) * unit.0, u32::from(tile.from.1) * unit.1);
                let part =
                    imageops::crop_imm(&all, from.0, from.1, columns * unit.0, rows * unit.1);
                let part = scaled(&part.to_image(), columns * across, rows * down);
                let at = (u32::from(tile.at.column) * across, u32::from(tile.at.row) * down);
                imageops::replace(canvas, &part, i64::from(at.0), i64::from(at.1));
            }
        }
        Encoded::Patch { .. } => {}
        Encoded::Upload { .. } | Encoded::Cells(_) => *canvas = shown(encoded, size, cells),
    }
}

/// How many bytes of pictures it is; cells count as the difference that draws them.
pub fn size(encoded: &Encoded) -> usize {
    match encoded {
        Encoded::Upload { chunks, .. } | Encoded::Patch { chunks, .. } => {
            chunks.iter().map(|chunk| chunk.0.len()).sum()
        }
        Encoded::Bands(bands) | Encoded::BandPatch { bands, .. } => {
            bands.iter().map(|band| band.chunk.0.len()).sum()
        }
        Encoded::Cells(_) => 0,
    }
}

/// As terminals scale: between the pixels.
fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    match picture.dimensions() == (width, height) {
        true => picture.clone(),
        false => imageops::resize(picture, width, height, FilterType::Triangle),
    }
}

/// The file inside a kitty upload; every piece is checked.
pub fn kitty_file(chunks: &[&[u8]]) -> Vec<u8> {
    let mut text = String::new();
    let uploads = chunks.iter().filter(|chunk| !chunk.starts_with(b"\x1b_Ga=p"));
    let uploads: Vec<_> = uploads.collect();
    for (number, chunk) in uploads.iter().enumerate() {
        let chunk = std::str::from_utf8(chunk).unwrap();
        let inside = chunk.strip_prefix("\x1b_G").unwrap().strip_suffix("\x1b\\").unwrap();
        let (head, data) = inside.split_once(';').unwrap();
        let is_last = number + 1 == uploads.len();
        assert!(head.contains(if is_last { "m=0" } else { "m=1" }), "{head}");
        assert!(data.len() <= 4096 && (is_last || data.len() % 4 == 0));
        assert!(
            number == 0 || !head.contains("a="),
            "only the first piece says what it is: {head}"
        );
        text.push_str(data);
    }
    base64_simd::STANDARD.decode_to_vec(text).unwrap()
}

fn kitty(chunks: &[&[u8]]) -> RgbImage {
    image::load_from_memory(&kitty_file(chunks)).unwrap().to_rgb8()
}

fn paint(canvas: &mut RgbImage, band: &Band, (across, down): (u32, u32)) {
    let text = std::str::from_utf8(&band.chunk.0).unwrap();
    let (left, top) = (u32::from(band.at.column) * across, u32::from(band.at.row) * down);
    let (width, height) = (u32::from(band.at.columns) * across, u32::from(band.at.rows) * down);
    if text.starts_with("\x1bP") {
        let mut part = imageops::crop_imm(canvas, left, top, width, height).to_image();
        sixel(&mut part, 0, text);
        imageops::replace(canvas, &part, i64::from(left), i64::from(top));
        return;
    }
    assert!(text.contains("doNotMoveCursor=1"));
    let data = text.split_once(':').unwrap().1.trim_end_matches('\x07');
    let part = base64_simd::STANDARD.decode_to_vec(data).unwrap();
    let part = image::load_from_memory(&part).unwrap().to_rgb8();
    imageops::replace(canvas, &scaled(&part, width, height), i64::from(left), i64::from(top));
}

/// Paints sixel data as a terminal would.
pub fn sixel(canvas: &mut RgbImage, top: u32, data: &str) {
    let body = data.strip_prefix("\x1bP0;1;0q").unwrap().strip_suffix("\x1b\\").unwrap();
    assert!(!body.ends_with('-'), "would scroll the last row");
    let mut colours = std::collections::HashMap::new();
    let (mut x, mut y, mut colour, mut repeat) = (0, top, 0, 1);
    let mut rest = &body[body.find('#').unwrap()..];
    let number = |rest: &mut &str| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        *rest = after;
        text.split(';').map(|number| number.parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    while let Some(c) = rest.chars().next() {
        rest = &rest[1..];
        match c {
            '#' => match number(&mut rest).as_slice() {
                [index, 2, r, g, b] => {
                    colours.insert(*index, [*r, *g, *b].map(|c| ((c * 255 + 50) / 100) as u8));
                }
                [index] => colour = *index,
                other => panic!("{other:?}"),
            },
            '!' => repeat = number(&mut rest)[0],
            '$' => x = 0,
            '-' => (x, y) = (0, y + 6),
            sixel => {
                let bits = sixel as u32 - 0x3f;
                for _ in 0..std::mem::replace(&mut repeat, 1) {
                    for row in (0..6).filter(|row| bits >> row & 1 == 1) {
                        if x < canvas.width() && y + row < canvas.height() {
                            canvas.put_pixel(x, y + row, image::Rgb(colours[&colour]));
                        }
                    }
                    x += 1;
                }
            }
        }
    }
}

/// Half blocks: the foreground above, the background below.
fn blocks(cells: &[Cell], (width, height): (u32, u32), (columns, rows): (u16, u16)) -> RgbImage {
    let (cell_width, cell_height) = (width / u32::from(columns), height / u32::from(rows));
    let colour = |colour: Colour| match colour {
        Colour::Rgb(r, g, b) => [r, g, b],
        Colour::Index(index) => cube(index),
        Colour::Default => [0; 3],
    };
    RgbImage::from_fn(width, height, |x, y| {
        let column = (x / cell_width).min(u32::from(columns) - 1);
        let row = (y / cell_height).min(u32::from(rows) - 1);
        let cell = &cells[(row * u32::from(columns) + column) as usize];
        let is_upper = y % cell_height < cell_height / 2;
        let ink = match cell.symbol.as_str() {
            "▀" => is_upper,
            "▄" => !is_upper,
            _ => false,
        };
        image::Rgb(colour(if ink { cell.fg } else { cell.bg }))
    })
}

/// The 256 colours that terminals share from the sixteenth on.
fn cube(index: u8) -> [u8; 3] {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        232.. => [8 + (index - 232) * 10; 3],
        _ => {
            let place = usize::from(index.saturating_sub(16));
            [STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6]]
        }
    }
}

/// Peak signal to noise in dB of two pictures of one size; 99 where they are equal.
pub fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 =
        a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let mean = sum / a.as_raw().len() as f64;
    if mean == 0.0 { 99.0 } else { 10.0 * (255.0 * 255.0 / mean).log10() }
}
