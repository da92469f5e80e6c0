//! The picture files that travel: PNG with a palette, nearly lossless, lossless; JPEG.

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use png::{BitDepth, ColorType, DeflateCompression, Filter};

use super::palette::Indexed;

/// Compression whose time is still nothing beside that of the line.
const PACKED: DeflateCompression = DeflateCompression::Level(5);

/// One byte or less for each pixel.
pub(super) fn palette_png(indexed: &Indexed, width: u32, height: u32) -> Vec<u8> {
    write(width, height, |encoder| {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(indexed.colours.as_flattened().to_vec());
        // Neighbouring indices say nothing about each other: no filter helps.
        encoder.set_filter(Filter::NoFilter);
        encoder.set_deflate_compression(PACKED);
        indexed.pixels.clone()
    })
}

/// Every pixel as it is, in the least time.
pub(super) fn lossless_png(picture: &RgbImage) -> Vec<u8> {
    write(picture.width(), picture.height(), |encoder| {
        encoder.set_color(ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        picture.as_raw().clone()
    })
}

/// No channel off by more than half of `step`: what the filter predicts wrongly is rounded, with
/// the rounded neighbours as the next prediction's ground, so that few different bytes remain.
pub(super) fn nearly_lossless_png(picture: &RgbImage, step: i32) -> Vec<u8> {
    write(picture.width(), picture.height(), |encoder| {
        encoder.set_color(ColorType::Rgb);
        encoder.set_filter(Filter::Paeth);
        encoder.set_deflate_compression(PACKED);
        rounded(picture, step.max(1))
    })
}

#[allow(clippy::indexing_slicing, reason = "places made from the size of the picture")]
fn rounded(picture: &RgbImage, step: i32) -> Vec<u8> {
    let stride = picture.width() as usize * 3;
    let mut out = picture.as_raw().clone();
    for place in 0..out.len() {
        let column = place % stride;
        let at = |is_there: bool, back: usize| match is_there {
            true => i32::from(out[place - back]),
            false => 0,
        };
        let (is_left, is_up) = (column >= 3, place >= stride);
        let left = at(is_left, 3);
        let up = at(is_up, stride);
        let corner = at(is_left && is_up, stride + 3);
        let guess = paeth(left, up, corner);
        let wrong = i32::from(out[place]) - guess;
        let mut steps = (wrong.abs() + step / 2) / step * wrong.signum();
        // What leaves the range of a byte would come back at its other end.
        if !(0..=255).contains(&(guess + steps * step)) {
            steps -= steps.signum();
        }
        out[place] = u8::try_from(guess + steps * step).unwrap_or(0);
    }
    out
}

/// PNG's own filter (specification, §9.4).
fn paeth(left: i32, up: i32, corner: i32) -> i32 {
    let (a, b) = ((up - corner).abs(), (left - corner).abs());
    let c = (left + up - 2 * corner).abs();
    if a <= b && a <= c {
        left
    } else if b <= c {
        up
    } else {
        corner
    }
}

/// 4:4:4 and the usual tables: some terminals read nothing else. `quality` from 1 to 100. Equal
/// blocks of 8×8 pixels give equal blocks, whatever stands beside them.
pub(super) fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Into memory only an empty picture fails; it shows nothing.
    let _ = picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality));
    bytes
}

fn write(
    width: u32,
    height: u32,
    fill: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>) -> Vec<u8>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(BitDepth::Eight);
    let data = fill(&mut encoder);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&data)?;
        writer.finish()
    });
    // Into memory only sizes can fail: `flat` makes none that do.
    debug_assert!(written.is_ok(), "{written:?}");
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 7_u32;
        RgbImage::from_fn(width, height, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let base = (x * 3 + y * 5) as u8;
            image::Rgb([base, base.wrapping_add((state >> 28) as u8), (state >> 24) as u8])
        })
    }

    fn read(bytes: &[u8]) -> RgbImage {
        image::load_from_memory(bytes).unwrap().to_rgb8()
    }

    #[test]
    fn lossless_is_and_nearly_lossless_is_nearly() {
        let picture = noise(61, 37);
        assert_eq!(read(&lossless_png(&picture)), picture);
        assert_eq!(read(&nearly_lossless_png(&picture, 1)), picture);
        let near = read(&nearly_lossless_png(&picture, 8));
        let worst = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        // Beyond half a step only where a byte would have run over.
        assert!(near.as_raw().iter().zip(picture.as_raw()).map(worst).max() <= Some(7));
        assert_ne!(near, picture);
    }

    #[test]
    fn equal_blocks_of_a_jpeg_are_equal_to_the_bit() {
        let one = noise(64, 64);
        let mut two = one.clone();
        for (_, _, pixel) in two.enumerate_pixels_mut().filter(|(x, y, _)| *x < 16 && *y < 16) {
            *pixel = image::Rgb([250, 0, 0]);
        }
        let (one, two) = (read(&jpeg(&one, 80)), read(&jpeg(&two, 80)));
        for (x, y, pixel) in one.enumerate_pixels().filter(|(x, y, _)| *x >= 16 || *y >= 16) {
            assert_eq!(pixel, two.get_pixel(x, y), "{x} {y}");
        }
    }
}
