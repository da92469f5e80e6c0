//! HEIC, the photos of phones. The decoder crops and turns them itself.

use image::{DynamicImage, RgbaImage};

use super::super::reduce::shrunk;
use super::{Error, Head, check_memory, cut_off, damaged, unsupported};

/// The decoder keeps three planes of 32 bits, one or two of them at a quarter of the size.
const BYTES_A_PIXEL: u64 = 6;

pub(super) fn head(file: &[u8]) -> Result<Head, Error> {
    let info = heic_decoder::probe(file).map_err(|error| told(&error))?;
    let metadata = heic_decoder::read_metadata(file).map_err(|error| told(&error))?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Ok(Head {
        icc: metadata.icc_profile,
        is_usual: false,
        ..Head::new((side(info.width), side(info.height)))
    })
}

pub(super) fn pixels(file: &[u8], head: &Head, most: u64) -> Result<DynamicImage, Error> {
    check_memory(head, BYTES_A_PIXEL)?;
    let decoded = heic_decoder::decode(file).map_err(|error| told(&error))?;
    let picture = decoded.to_rgba8().map_err(|error| told(&error))?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let picture = RgbaImage::from_raw(side(picture.width), side(picture.height), picture.data);
    Ok(shrunk(DynamicImage::ImageRgba8(picture.ok_or_else(damaged)?), most))
}

fn told(error: &heic_decoder::HeifError) -> Error {
    match error {
        heic_decoder::HeifError::Truncated { .. } => cut_off(),
        heic_decoder::HeifError::Unsupported(_) => unsupported("this kind of HEIC"),
        _ => damaged(),
    }
}
