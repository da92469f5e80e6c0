//! How large a result will be, before it is paid for. A forecast: the file that arrives is measured.
//! Knows nothing of pixels.
//!
//! Invariant: every forecast has sides of at least one pixel, whatever the input.

use serde_json::Value;

use super::kind::size_of;
use super::{Endpoint, Fit, Sizes, Values};

/// The sizes that Kontext was trained on, all of about one megapixel; from its public pipelines.
pub const KONTEXT_SIZES: [(u32, u32); 17] = [
    (672, 1568),
    (688, 1504),
    (720, 1456),
    (752, 1392),
    (800, 1328),
    (832, 1248),
    (880, 1184),
    (944, 1104),
    (1024, 1024),
    (1104, 944),
    (1184, 880),
    (1248, 832),
    (1328, 800),
    (1392, 752),
    (1456, 720),
    (1504, 688),
    (1568, 672),
];

/// The service's own names of sizes.
const PRESETS: [(&str, (u32, u32)); 6] = [
    ("square_hd", (1024, 1024)),
    ("square", (512, 512)),
    ("portrait_4_3", (768, 1024)),
    ("portrait_16_9", (576, 1024)),
    ("landscape_4_3", (1024, 768)),
    ("landscape_16_9", (1024, 576)),
];

/// No side of a forecast is longer; it is the limit of the service's toolkit for pictures.
const LONGEST: f64 = 14142.0;

/// So many pixels of an input are worth sending to Kontext: it works on about a megapixel, and what
/// is half as large again is brought to that without loss.
const KONTEXT_USES: u32 = 3 << 19;

/// What an endpoint makes use of in a picture that it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputNeed {
    /// Width times height; larger ones are reduced before they are sent. `None`: maybe all of it.
    pub most_pixels: Option<u32>,
    /// Transparency means something to it: it is not laid over white.
    pub opacity: bool,
}

impl InputNeed {
    /// The size to which a picture is reduced; `None`: it stays as large as it is. A file that can
    /// go as it is may be a little too large: that is not worth another encoding.
    pub fn reduced(self, size: (u32, u32), is_plain: bool) -> Option<(u32, u32)> {
        let most = f64::from(self.most_pixels?);
        let pixels = f64::from(size.0) * f64::from(size.1);
        if pixels <= most * if is_plain { 1.3 } else { 1.0 } {
            return None;
        }
        let scale = (most / pixels).sqrt();
        let side = |length: u32| (f64::from(length) * scale).round().max(1.0) as u32;
        Some((side(size.0), side(size.1)))
    }
}

impl Endpoint {
    pub fn input_need(&self) -> InputNeed {
        let most_pixels = match self.sizes {
            Sizes::Kontext => Some(KONTEXT_USES),
            Sizes::ImageSize | Sizes::Area { .. } | Sizes::Tiers { .. } | Sizes::Unknown => {
                self.limits.and_then(|limits| limits.most_pixels)
            }
        };
        InputNeed { most_pixels, opacity: self.takes_opacity }
    }

    /// Width and height of the result for an input of this size (`None`: no picture, or one not
    /// yet measured). `None`: cannot be told.
    pub fn forecast(&self, values: &Values, input: Option<(u32, u32)>) -> Option<(u32, u32)> {
        let said = |name| self.value(name, values).and_then(Value::as_str);
        let chosen = said("aspect_ratio").or_else(|| said("resolution_mode"));
        // `auto`, `match_input`: as the picture.
        let ratio = chosen.and_then(ratio_of).or_else(|| input.map(shape));
        match &self.sizes {
            Sizes::Kontext => Some(nearest(ratio?)),
            Sizes::ImageSize => match self.value("image_size", values) {
                None => input.map(as_input),
                Some(size) if size == "auto" => input.map(as_input),
                Some(size) => size.as_str().map_or_else(|| size_of(size), preset),
            },
            Sizes::Tiers { of, pixels, multiple } => {
                Some(of_area(*pixels.get(said(of)?)?, *multiple, ratio?))
            }
            Sizes::Area { pixels, multiple, known } => {
                let text = chosen?.trim();
                known
                    .get(text)
                    .copied()
                    .or_else(|| Some(of_area(*pixels, *multiple, ratio_of(text)?)))
            }
            Sizes::Unknown => None,
        }
    }

    /// How the first picture comes to lie in the frame of the forecast. The public pipelines squeeze
    /// it into the nearest of Kontext's sizes. A shape that was asked for is a new view, of which
    /// only the even scale can be relied on.
    pub fn fit(&self, values: &Values, input: Option<(u32, u32)>) -> Fit {
        let natural = input.map(|input| nearest(shape(input)));
        match self.sizes {
            Sizes::Kontext if natural == self.forecast(values, input) => Fit::Stretch,
            Sizes::Kontext
            | Sizes::ImageSize
            | Sizes::Area { .. }
            | Sizes::Tiers { .. }
            | Sizes::Unknown => Fit::Crop,
        }
    }

    /// How much wider the shape of the result is than that of the input: 0.04 is 4 % wider,
    /// -0.04 is 4 % taller.
    pub fn reshaping(&self, values: &Values, input: (u32, u32)) -> Option<f64> {
        let output = self.forecast(values, Some(input))?;
        Some(shape(output) / shape(input) - 1.0)
    }
}

/// Width through height.
fn shape((width, height): (u32, u32)) -> f64 {
    f64::from(width.max(1)) / f64::from(height.max(1))
}

/// `16:9` as a number.
fn ratio_of(text: &str) -> Option<f64> {
    let (width, height) = text.split_once(':')?;
    let ratio = width.trim().parse::<f64>().ok()? / height.trim().parse::<f64>().ok()?;
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

/// The smallest difference between the ratios as numbers, as in the public pipelines; the
/// narrower one of two that are equally near.
fn nearest(ratio: f64) -> (u32, u32) {
    let distance = |size: (u32, u32)| (shape(size) - ratio).abs();
    KONTEXT_SIZES.into_iter().fold((1024, 1024), |best, size| {
        let nearer = distance(size) < distance(best);
        let narrower = distance(size) == distance(best) && size.0 < best.0;
        if nearer || narrower { size } else { best }
    })
}

fn preset(name: &str) -> Option<(u32, u32)> {
    PRESETS.into_iter().find(|(known, _)| *known == name).map(|(_, size)| size)
}

/// The size of a picture that the result follows: sides in multiples of 16, at most four megapixels.
fn as_input(size: (u32, u32)) -> (u32, u32) {
    const MOST: u32 = 4 << 20;
    let pixels = u64::from(size.0) * u64::from(size.1);
    of_area(u32::try_from(pixels).unwrap_or(MOST).min(MOST), 16, shape(size))
}

fn of_area(pixels: u32, multiple: u32, ratio: f64) -> (u32, u32) {
    let multiple = f64::from(multiple.max(1));
    let side = |length: f64| ((length / multiple).round().max(1.0) * multiple).min(LONGEST) as u32;
    let area = f64::from(pixels.max(1));
    (side((area * ratio).sqrt()), side((area / ratio).sqrt()))
}
