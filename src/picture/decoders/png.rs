//! PNG, row by row: what is too large is reduced on the way.
//!
//! A file that only lacks its end chunk is whole. Interlaced files come whole, within the limit of
//! memory.

use std::io::{Cursor, ErrorKind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer};
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::super::reduce::{Reducer, factor};
use super::{Error, Head, check_memory, cut_off, damaged};

/// Of everything that a file may hold besides its pixels, and of a row.
const MOST_BYTES: usize = 64 << 20;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    let reader = reader(file)?;
    let info = reader.info();
    let exif = info.exif_metadata.as_deref();
    let has_opacity = info.trns.is_some()
        || matches!(info.color_type, ColorType::Rgba | ColorType::GrayscaleAlpha);
    Ok(Head {
        orientation: exif
            .and_then(Orientation::from_exif_chunk)
            .unwrap_or(Orientation::NoTransforms),
        icc: info.icc_profile.as_deref().map(<[u8]>::to_vec),
        is_gray: matches!(info.color_type, ColorType::Grayscale | ColorType::GrayscaleAlpha),
        is_usual: info.bit_depth != BitDepth::Sixteen && !has_opacity,
        ..Head::new((info.width, info.height))
    })
}

fn reader(file: &[u8]) -> Result<Reader<Cursor<&[u8]>>, Error> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: MOST_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.read_info().map_err(|error| told(&error))
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    let mut reader = reader(file)?;
    let by = factor(head.size(), most);
    let size = (head.width.div_ceil(by), head.height.div_ceil(by));
    let (color, depth) = reader.output_color_type();
    let channels = color.samples();
    if depth == BitDepth::Sixteen {
        let mut rows = Reducer::<u16>::new(head.size(), by);
        each_row(&mut reader, head, |row| {
            let (pairs, _) = row.as_chunks::<2>();
            let values: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            push(&mut rows, &values, channels, u16::MAX);
        })?;
        let picture = ImageBuffer::from_raw(size.0, size.1, rows.finish());
        return picture.map(DynamicImage::ImageRgba16).ok_or_else(damaged);
    }
    let mut rows = Reducer::<u8>::new(head.size(), by);
    each_row(&mut reader, head, |row| push(&mut rows, row, channels, u8::MAX))?;
    let picture = ImageBuffer::from_raw(size.0, size.1, rows.finish());
    picture.map(DynamicImage::ImageRgba8).ok_or_else(damaged)
}

fn each_row(
    reader: &mut Reader<Cursor<&[u8]>>,
    head: &Head,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Error> {
    if reader.info().interlaced {
        let all = reader.output_buffer_size().ok_or_else(damaged)?;
        check_memory(head, (all as u64).div_ceil(head.pixels().max(1)))?;
        let mut whole = vec![0; all];
        reader.next_frame(&mut whole).map_err(|error| told(&error))?;
        let length = reader.output_line_size(head.width).ok_or_else(damaged)?;
        whole.chunks_exact(length.max(1)).for_each(take);
        return Ok(());
    }
    for _ in 0..head.height {
        match reader.next_row() {
            Ok(Some(row)) => take(row.data()),
            Ok(None) => return Err(cut_off()),
            Err(error) => return Err(told(&error)),
        }
    }
    Ok(())
}

fn push<T>(rows: &mut Reducer<T>, row: &[T], channels: usize, opaque: T)
where
    T: Copy + Default + Into<u64> + TryFrom<u64>,
{
    match channels {
        1 => rows.push(row.iter().map(|gray| [*gray, *gray, *gray, opaque])),
        2 => {
            let (pixels, _) = row.as_chunks::<2>();
            rows.push(pixels.iter().map(|[gray, alpha]| [*gray, *gray, *gray, *alpha]));
        }
        3 => {
            let (pixels, _) = row.as_chunks::<3>();
            rows.push(pixels.iter().map(|[red, green, blue]| [*red, *green, *blue, opaque]));
        }
        _ => rows.push(row.as_chunks::<4>().0.iter().copied()),
    }
}

fn told(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => cut_off(),
        DecodingError::LimitsExceeded => {
            Error::new("the picture is too large to decode", "make it smaller first")
        }
        DecodingError::IoError(_) | DecodingError::Format(_) | DecodingError::Parameter(_) => {
            damaged()
        }
    }
}
