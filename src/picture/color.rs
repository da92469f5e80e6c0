//! Colours in one meaning: whatever a file's numbers stand for, here they are sRGB.
//!
//! Profiles (ICC) in every format, and in a PNG also `cICP`, `gAMA` and `cHRM`, in the order of
//! precedence of PNG 3 (section 13.14). A profile that cannot be read is left out, as other
//! programs do. Invariant: a picture that is sRGB already keeps its very numbers.

use image::{DynamicImage, RgbaImage};
use moxcms::{
    Chromaticity, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, TransformOptions, XyY,
};

use super::containers::{self, Container, png_chunks};
use super::reduce::is_deep;

/// What `gAMA` says for sRGB, in 1/100 000; writers round it differently.
const SRGB_GAMMA: std::ops::RangeInclusive<u32> = 45_000..=46_000;
/// Samples along an axis of the colours by which two profiles are compared.
const PROBES: u8 = 5;

/// What the numbers of a file stand for, if it is not sRGB. `icc` is the profile inside of it,
/// `is_gray` the picture.
///
/// A profile for other channels than the decoder hands out, such as that of a CMYK JPEG, is left
/// out: the numbers are not its own any more.
pub(super) fn profile(file: &[u8], icc: Option<&[u8]>, is_gray: bool) -> Option<ColorProfile> {
    let found = match containers::of(file) {
        Some(Container::Png) => png_profile(file, icc)?,
        Some(Container::Jpeg | Container::Webp) | None => {
            ColorProfile::new_from_slice(icc?).ok()?
        }
    };
    let fits = match found.color_space {
        DataColorSpace::Rgb => true,
        DataColorSpace::Gray => is_gray,
        _ => false,
    };
    (fits && !is_srgb(&found)).then_some(found)
}

fn png_profile(file: &[u8], icc: Option<&[u8]>) -> Option<ColorProfile> {
    let header = || png_chunks(file).take_while(|chunk| chunk.png_type() != Some(b"IDAT"));
    let find = |name: &[u8]| {
        header().find(|chunk| chunk.png_type() == Some(name)).map(|chunk| chunk.png_data())
    };
    if let Some(profile) = find(b"cICP").and_then(cicp_profile) {
        return Some(profile);
    }
    if let Some(icc) = icc {
        return ColorProfile::new_from_slice(icc).ok();
    }
    if find(b"sRGB").is_some() {
        return None;
    }
    let (gamma, primaries) = (find(b"gAMA"), find(b"cHRM"));
    if gamma.is_none() && primaries.is_none() {
        return None;
    }
    let number = |bytes: &[u8], at: usize| {
        bytes.get(at * 4..at * 4 + 4)?.try_into().ok().map(u32::from_be_bytes)
    };
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    if let Some(gamma) = gamma.and_then(|gamma| number(gamma, 0)).filter(|gamma| *gamma > 0)
        && !SRGB_GAMMA.contains(&gamma)
    {
        let curve = ToneReprCurve::Parametric(vec![100_000.0 / gamma as f32]);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    if let Some(bytes) = primaries {
        let at = |index: usize| Some(number(bytes, index)? as f32 / 100_000.0);
        let point = |index: usize| Some(Chromaticity::new(at(index)?, at(index + 1)?));
        let white = XyY { x: f64::from(at(0)?), y: f64::from(at(1)?), yb: 1.0 };
        let primaries = ColorPrimaries { red: point(2)?, green: point(4)?, blue: point(6)? };
        if white.y > 0.0 {
            profile.update_rgb_colorimetry(white, primaries);
        }
    }
    Some(profile)
}

/// What four code points mean (ITU-T H.273); `None`: nothing, or light far brighter than a screen,
/// which a plain conversion would leave in the dark.
fn cicp_profile(data: &[u8]) -> Option<ColorProfile> {
    let [primaries, transfer, _, full] = data else { return None };
    let transfer = TransferCharacteristics::try_from(*transfer).ok()?;
    if matches!(transfer, TransferCharacteristics::Smpte2084 | TransferCharacteristics::Hlg) {
        return None;
    }
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: (*primaries).try_into().ok()?,
        transfer_characteristics: transfer,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: *full == 1,
    });
    // Code points that mean nothing leave it without curves; moxcms 0.8.1 says so in no other way.
    profile.red_trc.is_some().then_some(profile)
}

/// Every colour that is tried keeps its numbers, but for rounding.
fn is_srgb(profile: &ColorProfile) -> bool {
    if profile.color_space != DataColorSpace::Rgb {
        return false;
    }
    let step = |index: u8| (u16::from(index) * 255 / u16::from(PROBES - 1)) as u8;
    let axis = || (0..PROBES).map(step);
    let probes: Vec<u8> = axis()
        .flat_map(|r| axis().flat_map(move |g| axis().flat_map(move |b| [r, g, b])))
        .collect();
    let mut seen = vec![0; probes.len()];
    let srgb = ColorProfile::new_srgb();
    let transform =
        profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default());
    transform.and_then(|transform| transform.transform(&probes, &mut seen)).is_ok()
        && probes.iter().zip(&seen).all(|(was, is)| was.abs_diff(*is) <= 1)
}

/// The picture in sRGB and 8 bits; as it is where the profile does not fit to it.
pub(super) fn to_srgb(image: DynamicImage, profile: &ColorProfile) -> RgbaImage {
    match (profile.color_space == DataColorSpace::Gray, is_deep(&image)) {
        (false, false) => shallow(image.into_rgba8(), profile, Layout::Rgba),
        (false, true) => deep(image, profile),
        // A curve for one channel; the three are equal.
        (true, _) => shallow(image.into_rgba8(), profile, Layout::GrayAlpha),
    }
}

fn shallow(mut image: RgbaImage, profile: &ColorProfile, layout: Layout) -> RgbaImage {
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, Layout::Rgba, options) else {
        return image;
    };
    let width = usize::try_from(image.width()).unwrap_or(1) * 4;
    let mut row = Vec::with_capacity(width);
    for pixels in image.chunks_exact_mut(width.max(4)) {
        row.clear();
        match layout {
            Layout::GrayAlpha => {
                row.extend(
                    pixels
                        .chunks_exact(4)
                        .flat_map(|it| it.first().zip(it.get(3)))
                        .flat_map(|(gray, alpha)| [*gray, *alpha]),
                );
            }
            _ => row.extend_from_slice(pixels),
        }
        if transform.transform(&row, pixels).is_err() {
            break;
        }
    }
    image
}

/// In 16 bits until the end: a profile whose numbers are proportional to light needs them.
fn deep(image: DynamicImage, profile: &ColorProfile) -> RgbaImage {
    let mut wide = image.into_rgba16();
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile.create_transform_16bit(Layout::Rgba, &srgb, Layout::Rgba, options);
    if let Ok(transform) = transform {
        let width = usize::try_from(wide.width()).unwrap_or(1) * 4;
        let mut row = Vec::with_capacity(width);
        for pixels in wide.chunks_exact_mut(width.max(4)) {
            row.clear();
            row.extend_from_slice(pixels);
            if transform.transform(&row, pixels).is_err() {
                break;
            }
        }
    }
    DynamicImage::ImageRgba16(wide).into_rgba8()
}

#[cfg(test)]
mod tests;
