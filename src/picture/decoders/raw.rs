//! A camera's raw file: the JPEG that the camera has put into it, the largest of them.
//!
//! The sensor's own numbers are not developed here.

use image::DynamicImage;

use super::super::exif_block;
use super::{Error, Head, SAVE_AGAIN, jpeg};

/// More beginnings of a JPEG are not looked at.
const MOST: usize = 64;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    let mut head = preview(file)?;
    // The file says how the camera was held; its preview often does not.
    if let Some(orientation) = exif_block::orientation(file) {
        head.orientation = orientation;
    }
    head.is_usual = false;
    Ok(head)
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    jpeg::pixels(file.get(head.begin..).unwrap_or_default(), head, most)
}

fn preview(file: &[u8]) -> Result<Head, Error> {
    let begins = file.windows(3).enumerate().filter(|(_, bytes)| *bytes == [0xff, 0xd8, 0xff]);
    let pictures = begins
        .take(MOST)
        .filter_map(|(begin, _)| Some(Head { begin, ..jpeg::head(file.get(begin..)?).ok()? }));
    // What the sensor saw is often a lossless JPEG, in no colours that anyone could show.
    let shown = pictures.filter(|head| head.is_usual);
    shown
        .max_by_key(Head::pixels)
        .ok_or_else(|| Error::new("the picture holds no preview that can be used", SAVE_AGAIN))
}
