//! WebP, GIF, TIFF, BMP and QOI, which the image crate decodes whole.
//!
//! Of an animation the first frame.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::super::Format;
use super::super::reduce::shrunk;
use super::{Error, Head, MEMORY, check_memory, cut_off, damaged, unsupported};

pub(super) fn head(file: &[u8], format: Format) -> Result<Head, Error> {
    let mut decoder = open(file, format)?;
    let color = decoder.color_type();
    let icc = decoder.icc_profile().ok().flatten();
    let head = Head {
        orientation: orientation(&mut decoder)?,
        icc,
        is_gray: !color.has_color(),
        is_usual: matches!(color, ColorType::L8 | ColorType::Rgb8),
        ..Head::new(decoder.dimensions())
    };
    Ok(head)
}

pub(super) fn pixels(file: &[u8], format: Format, most: u64) -> Result<DynamicImage, Error> {
    let decoder = open(file, format)?;
    let each = u64::from(decoder.color_type().bytes_per_pixel());
    check_memory(&Head::new(decoder.dimensions()), each)?;
    let image = DynamicImage::from_decoder(decoder).map_err(|error| told(&error))?;
    Ok(shrunk(image, most))
}

fn open(file: &[u8], format: Format) -> Result<impl ImageDecoder + '_, Error> {
    let kind = match format {
        Format::Gif => ImageFormat::Gif,
        Format::Tiff => ImageFormat::Tiff,
        Format::Bmp => ImageFormat::Bmp,
        Format::Qoi => ImageFormat::Qoi,
        _ => ImageFormat::WebP,
    };
    if kind == ImageFormat::WebP && is_cut(file) {
        return Err(cut_off());
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), kind);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MEMORY + (64 << 20));
    reader.limits(limits);
    reader.into_decoder().map_err(|error| told(&error))
}

/// The container tells how long it is; some writers count a byte of padding that they leave out.
fn is_cut(file: &[u8]) -> bool {
    let length = file.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    length.is_some_and(|length| file.len() as u64 + 1 < u64::from(length) + 8)
}

/// Pillow writes JPEG's prefix before the block in a WebP; the decoder does not know it.
fn orientation(decoder: &mut impl ImageDecoder) -> Result<Orientation, Error> {
    let block = decoder.exif_metadata().ok().flatten();
    let block = block.as_deref().and_then(|block| block.strip_prefix(b"Exif\0\0"));
    match block.and_then(Orientation::from_exif_chunk) {
        Some(orientation) => Ok(orientation),
        None => decoder.orientation().map_err(|error| told(&error)),
    }
}

fn told(error: &ImageError) -> Error {
    match error {
        ImageError::Limits(_) => {
            Error::new("the picture takes too much memory to decode", "make it smaller first")
        }
        ImageError::Unsupported(_) => unsupported("this kind of picture"),
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            cut_off()
        }
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => damaged(),
    }
}
