//! JPEG: scaled while it is decoded, so that a large photo costs no more than a small one.
//!
//! But of a progressive file all coefficients are kept at whatever size (at 4:2:0 three bytes a
//! pixel: 50 megapixels take 150 MB, and 237 MB with all else), and a lossless one comes whole: both
//! only within the limit of memory, which is known from the frame before a scan is read.
//!
//! A file that only lacks its end marker is whole; one that lacks pixels is cut off, and is no
//! picture. What cannot be read is refused by its name.

use std::borrow::Cow;
use std::io::ErrorKind;

use image::metadata::Orientation;
use image::{DynamicImage, RgbaImage};
use jpeg_decoder::{CodingProcess, Decoder, ImageInfo, PixelFormat, UnsupportedFeature};

use super::super::containers::jpeg_segments;
use super::super::reduce::{factor, shrunk};
use super::{END, Error, Head, MEMORY, check_bytes, cut_off, damaged, printed, unsupported};

/// Of each sample of a lossless file: twice as 16 bits, and as what comes out.
const BYTES_A_SAMPLE: u64 = 6;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    let file = with_lines(file);
    let mut decoder = Decoder::new(&*file);
    decoder.read_info().map_err(|error| told(&error))?;
    let info = decoder.info().ok_or_else(damaged)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    Ok(Head {
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        icc: decoder.icc_profile(),
        is_gray: matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::L16),
        is_usual: matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::RGB24),
        ..Head::new((u32::from(info.width), u32::from(info.height)))
    })
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    let file = with_lines(file);
    check_bytes(head, kept(&file)?, MEMORY)?;
    let by = factor(head.size(), most).next_power_of_two().min(8);
    let (info, numbers) = match decoded(&file, by) {
        Err(jpeg_decoder::Error::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            unended(&file, by)?
        }
        decoded => decoded.map_err(|error| told(&error))?,
    };
    let precision = jpeg_segments(&file)
        .find(|part| part.marker() == Some(0xc3))
        .and_then(|part| part.segment_data().first().copied());
    let image = rgba(&info, numbers, precision.unwrap_or(8)).ok_or_else(damaged)?;
    Ok(shrunk(DynamicImage::ImageRgba8(image), most))
}

/// So many bytes the decoder keeps, however small the picture is asked for.
fn kept(file: &[u8]) -> Result<u64, Error> {
    let mut rest = file;
    let mut decoder = Decoder::new(&mut rest);
    decoder.read_info().map_err(|error| told(&error))?;
    let info = decoder.info().ok_or_else(damaged)?;
    drop(decoder);
    let components = match info.pixel_format {
        PixelFormat::L8 | PixelFormat::L16 => 1,
        PixelFormat::RGB24 => 3,
        PixelFormat::CMYK32 => 4,
    };
    // The decoder has stopped behind the frame, which ends with three bytes for each component.
    let (before, _) = file.split_at(file.len() - rest.len());
    let frame = before.get(before.len().saturating_sub(3 * components)..).unwrap_or_default();
    let sampling = frame.as_chunks::<3>().0.iter().map(|[_, both, _]| (both >> 4, both & 15));
    let most = sampling.clone().fold((1, 1), |most, (h, v)| (most.0.max(h), most.1.max(v)));
    let units = |side: u16, most: u8| u64::from(side).div_ceil(8 * u64::from(most));
    let units = units(info.width, most.0) * units(info.height, most.1);
    let blocks = units * sampling.map(|(h, v)| u64::from(h) * u64::from(v)).sum::<u64>();
    Ok(match info.coding_process {
        CodingProcess::DctSequential => 0,
        CodingProcess::DctProgressive => blocks * 64 * 2,
        CodingProcess::Lossless => {
            u64::from(info.width) * u64::from(info.height) * components as u64 * BYTES_A_SAMPLE
        }
    })
}

type Numbers = (ImageInfo, Vec<u8>);

fn decoded(file: &[u8], by: u32) -> Result<Numbers, jpeg_decoder::Error> {
    let mut decoder = Decoder::new(file);
    decoder.read_info()?;
    if let Some(info) = decoder.info().filter(|_| by > 1) {
        let side = |length: u16| u32::from(length).div_ceil(by) as u16;
        decoder.scale(side(info.width), side(info.height))?;
    }
    let numbers = decoder.decode()?;
    let info = decoder.info().ok_or(jpeg_decoder::Error::Format("no frame".into()))?;
    Ok((info, numbers))
}

/// Without an end marker: whole if whatever stands behind it changes nothing.
fn unended(file: &[u8], by: u32) -> Result<Numbers, Error> {
    let ended = |rest: &[u8], by: u32| decoded(&[file, rest, &END].concat(), by);
    let other = [0xa5, 0x5a, 0x96].repeat(32);
    match (ended(&[], by), ended(&other, by)) {
        (Ok(one), Ok(two)) if one.1 == two.1 => Ok(one),
        _ => Err(cut_off()),
    }
}

/// Some cameras tell the height only behind the first scan: moved to where it belongs.
fn with_lines(file: &[u8]) -> Cow<'_, [u8]> {
    let frame = jpeg_segments(file).find(|part| matches!(part.marker(), Some(0xc0..=0xc2)));
    let Some(frame) = frame.filter(|part| part.segment_data().get(1..3) == Some(&[0, 0])) else {
        return Cow::Borrowed(file);
    };
    let Some(at) = file.windows(4).position(|part| part == [0xff, 0xdc, 0, 4]) else {
        return Cow::Borrowed(file);
    };
    let mut whole = file.to_vec();
    let told: Vec<u8> = whole.splice(at..(at + 6).min(file.len()), []).skip(4).collect();
    whole.splice(frame.at + 5..frame.at + 7, told);
    Cow::Owned(whole)
}

fn rgba(info: &ImageInfo, numbers: Vec<u8>, precision: u8) -> Option<RgbaImage> {
    let gray = |value: u8| [value, value, value, u8::MAX];
    let pixels: Vec<[u8; 4]> = match info.pixel_format {
        PixelFormat::L8 => numbers.iter().map(|value| gray(*value)).collect(),
        PixelFormat::RGB24 => {
            let (colors, _) = numbers.as_chunks::<3>();
            colors.iter().map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]).collect()
        }
        PixelFormat::L16 => {
            let (values, _) = numbers.as_chunks::<2>();
            let eight = |value: &[u8; 2]| {
                (u16::from_ne_bytes(*value) >> precision.saturating_sub(8)).min(255) as u8
            };
            values.iter().map(|value| gray(eight(value))).collect()
        }
        PixelFormat::CMYK32 => {
            let (inks, _) = numbers.as_chunks::<4>();
            let color = |[cyan, magenta, yellow, black]: &[u8; 4]| {
                let [red, green, blue] = [cyan, magenta, yellow].map(|ink| printed(*ink, *black));
                [red, green, blue, u8::MAX]
            };
            inks.iter().map(color).collect()
        }
    };
    RgbaImage::from_raw(info.width.into(), info.height.into(), pixels.into_flattened())
}

fn told(error: &jpeg_decoder::Error) -> Error {
    use jpeg_decoder::Error as E;
    let refused = |what: &str| Error::new(format!("a JPEG {what} is not supported"), CONVERT);
    match error {
        E::Io(error) if error.kind() == ErrorKind::UnexpectedEof => cut_off(),
        E::Unsupported(UnsupportedFeature::ArithmeticEntropyCoding) => Error::new(
            "a JPEG with arithmetic coding is not supported",
            "convert it: jpegtran -copy all FILE > out.jpg",
        ),
        E::Unsupported(UnsupportedFeature::Hierarchical) => refused("in layers (hierarchical)"),
        E::Unsupported(UnsupportedFeature::SamplePrecision(bits)) => {
            refused(&format!("with {bits} bits a channel"))
        }
        E::Unsupported(UnsupportedFeature::DNL) => refused("without a height"),
        E::Unsupported(UnsupportedFeature::SubsamplingRatio) => refused("with such subsampling"),
        E::Unsupported(_) => unsupported("this kind of JPEG"),
        E::Io(_) | E::Format(_) | E::Internal(_) => damaged(),
    }
}

const CONVERT: &str = "convert it: magick FILE out.png";
