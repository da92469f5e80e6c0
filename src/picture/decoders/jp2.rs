//! JPEG 2000, in a file or as a bare code stream; decoded at a half, a quarter and so on where it is
//! large.
//!
//! A file may not allow that: one with a palette, or without smaller levels, comes whole, within the
//! limit of memory.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::{DynamicImage, RgbaImage};

use super::super::reduce::{factor, shrunk};
use super::{END, Error, Head, check_memory, cut_off, damaged, printed};

/// Floating point for each of so many channels, and for no fewer.
const CHANNELS: u64 = 3;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    // The decoder makes do with what is there.
    if !file.windows(2).rev().any(|two| two == END) {
        return Err(cut_off());
    }
    let picture = Image::new(file, &DecodeSettings::default()).map_err(|_| damaged())?;
    let icc = match picture.color_space() {
        ColorSpace::Icc { profile, .. } => Some(profile.clone()),
        ColorSpace::Gray | ColorSpace::RGB | ColorSpace::CMYK | ColorSpace::Unknown { .. } => None,
    };
    Ok(Head {
        icc,
        is_gray: picture.color_space().num_channels() == 1,
        is_usual: false,
        ..Head::new((picture.width(), picture.height()))
    })
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    // The decoder's own steps are halves, and it makes no less than it is asked for.
    let by = factor(head.size(), most).next_power_of_two();
    let wished = (head.width / by, head.height / by);
    let target_resolution = (by > 1).then_some((wished.0.max(1), wished.1.max(1)));
    let settings = DecodeSettings { target_resolution, ..DecodeSettings::default() };
    let picture = Image::new(file, &settings).map_err(|_| damaged())?;
    let channels = picture.color_space().num_channels();
    let has_alpha = picture.has_alpha();
    let each = usize::from(channels) + usize::from(has_alpha);
    let (width, height) = (picture.width(), picture.height());
    // Of what it will make, whatever was wished.
    check_memory(&Head::new((width, height)), 4 * CHANNELS.max(each as u64))?;
    let mut context = DecoderContext::default();
    let decoded = picture.decode(&mut context).map_err(|_| damaged())?;
    let numbers = decoded.data_u8();
    let pixel = |values: &[u8]| match (channels, values) {
        (1, [gray]) => [*gray, *gray, *gray, u8::MAX],
        (1, [gray, alpha]) => [*gray, *gray, *gray, *alpha],
        (3, [red, green, blue]) => [*red, *green, *blue, u8::MAX],
        (3, [red, green, blue, alpha]) => [*red, *green, *blue, *alpha],
        (4, [cyan, magenta, yellow, black, ..]) => {
            let [red, green, blue] = [cyan, magenta, yellow].map(|ink| printed(*ink, *black));
            [red, green, blue, u8::MAX]
        }
        _ => [0; 4],
    };
    let pixels = numbers.chunks_exact(each.max(1)).map(pixel).collect::<Vec<_>>().into_flattened();
    let picture = RgbaImage::from_raw(width, height, pixels).ok_or_else(damaged)?;
    Ok(shrunk(DynamicImage::ImageRgba8(picture), most))
}
