//! JPEG XL. The decoder turns it upright itself; its colours come with a profile.

use image::{DynamicImage, RgbaImage};
use jxl_oxide::{AllocTracker, JxlImage};

use super::super::reduce::shrunk;
use super::{Error, Head, MEMORY, check_memory, damaged};

/// Floating point for each channel.
const BYTES_A_PIXEL: u64 = 16;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    let picture = open(file)?;
    Ok(Head {
        icc: Some(picture.rendered_icc()).filter(|icc| !icc.is_empty()),
        is_gray: picture.pixel_format().is_grayscale(),
        is_usual: false,
        ..Head::new((picture.width(), picture.height()))
    })
}

fn open(file: &[u8]) -> Result<JxlImage, Error> {
    let limit = usize::try_from(MEMORY).unwrap_or(usize::MAX);
    let builder = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(limit));
    builder.read(file).map_err(|_| damaged())
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    check_memory(head, BYTES_A_PIXEL)?;
    let picture = open(file)?;
    let rendered = picture.render_frame(0).map_err(|_| damaged())?;
    let mut stream = rendered.stream();
    let (width, height, channels) = (stream.width(), stream.height(), stream.channels());
    let count = u64::from(width) * u64::from(height) * u64::from(channels);
    let mut numbers = vec![0_u8; usize::try_from(count).map_err(|_| damaged())?];
    stream.write_to_buffer(&mut numbers);
    let pixel = |values: &[u8]| match *values {
        [gray] => [gray, gray, gray, u8::MAX],
        [gray, alpha] => [gray, gray, gray, alpha],
        [red, green, blue] => [red, green, blue, u8::MAX],
        [red, green, blue, alpha, ..] => [red, green, blue, alpha],
        [] => [0; 4],
    };
    let each = usize::try_from(channels).unwrap_or(1).max(1);
    let pixels = numbers.chunks_exact(each).map(pixel).collect::<Vec<_>>().into_flattened();
    let picture = RgbaImage::from_raw(width, height, pixels).ok_or_else(damaged)?;
    Ok(shrunk(DynamicImage::ImageRgba8(picture), most))
}
