//! HEIC, the photos of phones. The decoder crops and turns them itself.
//!
//! It decodes all that is coded before it crops: tiles, opacity, what another picture is predicted
//! from, and what lies outside of a window. Invariant: all of that is within the limit of memory.

use heic_decoder::HeifError;
use heic_decoder::bitreader::strip_emulation_prevention;
use heic_decoder::hevc::nal::{NAL_SPS, parse_nal_header};
use heic_decoder::hevc::params::parse_sps;
use heic_decoder::isobmff::{self, ParsedHeif};
use image::{DynamicImage, RgbaImage};

use super::super::reduce::shrunk;
use super::{Error, Head, MEMORY, check_bytes, cut_off, damaged, unsupported};

/// Phones make photos of 48 megapixels, and those come whole.
const MOST_BYTES: u64 = 2 * MEMORY;

/// Planes of 32 bits, as coded and as put together, and what comes out: at 4:2:0, as all phones
/// have it.
const BYTES_A_PIXEL: u64 = 16;

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
    let pixels = isobmff::parse(file).and_then(|parsed| coded(&parsed));
    let bytes = pixels.map_err(|error| told(&error))?.saturating_mul(BYTES_A_PIXEL);
    check_bytes(head, bytes, MOST_BYTES)?;
    let decoded = heic_decoder::decode(file).map_err(|error| told(&error))?;
    let picture = decoded.to_rgba8().map_err(|error| told(&error))?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let picture = RgbaImage::from_raw(side(picture.width), side(picture.height), picture.data);
    Ok(shrunk(DynamicImage::ImageRgba8(picture.ok_or_else(damaged)?), most))
}

/// So many pixels are decoded for the one picture; a pixel of 4:4:4 counts as two.
fn coded(parsed: &ParsedHeif) -> Result<u64, HeifError> {
    let mut all = 0_u64;
    for image in parsed.images.iter().chain(&parsed.reference_image) {
        let sets = image.hevc_config.nalus_of_type(NAL_SPS).map(|set| parse_nal_header(set));
        // The first of the base layer, as the decoder takes it.
        let set = sets.flatten().find(|(head, _)| head.nuh_layer_id == 0);
        let Some((_, payload)) = set else { continue };
        let set = parse_sps(&strip_emulation_prevention(payload))?;
        let pixels = area(set.pic_width_in_luma_samples, set.pic_height_in_luma_samples);
        all = all.saturating_add(pixels * if set.chroma_format_idc > 1 { 2 } else { 1 });
    }
    let canvas = parsed.grid.map_or(0, |grid| area(grid.output_width, grid.output_height));
    let opacity = parsed.alpha.as_ref().map_or(Ok(0), |alpha| coded(&alpha.image))?;
    Ok(all.max(canvas).saturating_add(opacity))
}

fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

fn told(error: &HeifError) -> Error {
    match error {
        HeifError::Truncated { .. } => cut_off(),
        HeifError::Unsupported(_) => unsupported("this kind of HEIC"),
        _ => damaged(),
    }
}
