//! JPEG 2000, in a file or as a bare code stream; decoded scaled where it is large.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::{DynamicImage, RgbaImage};

use super::super::reduce::{factor, shrunk};
use super::{Error, Head, check_memory, cut_off, damaged};

/// Floating point for each channel.
const BYTES_A_PIXEL: u64 = 12;

/// Ends the pixels; nothing within them looks like it.
const END: [u8; 2] = [0xff, 0xd9];

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
    let by = factor(head.size(), most);
    let (width, height) = (head.width.div_ceil(by), head.height.div_ceil(by));
    // The decoder's own steps are halves: what it makes may be twice as large.
    check_memory(&Head::new((width, height)), BYTES_A_PIXEL)?;
    let target_resolution = (by > 1).then_some((width, height));
    let settings = DecodeSettings { target_resolution, ..DecodeSettings::default() };
    let picture = Image::new(file, &settings).map_err(|_| damaged())?;
    let channels = picture.color_space().num_channels();
    let has_alpha = picture.has_alpha();
    let mut context = DecoderContext::default();
    let decoded = picture.decode(&mut context).map_err(|_| damaged())?;
    let numbers = decoded.data_u8();
    let each = usize::from(channels) + usize::from(has_alpha);
    let pixel = |values: &[u8]| match (channels, values) {
        (1, [gray]) => [*gray, *gray, *gray, u8::MAX],
        (1, [gray, alpha]) => [*gray, *gray, *gray, *alpha],
        (3, [red, green, blue]) => [*red, *green, *blue, u8::MAX],
        (3, [red, green, blue, alpha]) => [*red, *green, *blue, *alpha],
        (4, [cyan, magenta, yellow, black, ..]) => {
            let light = |ink: u8| {
                let (ink, black) = (255 - u16::from(ink), 255 - u16::from(*black));
                ((ink * black + 127) / 255) as u8
            };
            [light(*cyan), light(*magenta), light(*yellow), u8::MAX]
        }
        _ => [0; 4],
    };
    let pixels = numbers.chunks_exact(each.max(1)).map(pixel).collect::<Vec<_>>().into_flattened();
    let (width, height) = (picture.width(), picture.height());
    let picture = RgbaImage::from_raw(width, height, pixels).ok_or_else(damaged)?;
    Ok(shrunk(DynamicImage::ImageRgba8(picture), most))
}
