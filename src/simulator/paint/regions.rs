//! Boxes of a prompt: each is painted by its own words, and nothing outside of them.
//!
//! Which boxes there are is read by [`crate::schema::regions`]. Invariant: no pixel outside of the
//! boxes is touched.

use image::{RgbaImage, imageops};

use super::artifacts::Drift;
use super::{Composed, Random, edit, scene};
use crate::picture;
use crate::schema::regions::{Parsed, Region};

/// What was done in a box, for the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionTruth {
    /// x, y, width and height in pixels of the output.
    pub part: [u32; 4],
    /// Part of its pixels that changed, 0 to 1.
    pub changed: f64,
}

/// The first picture, or a scene of the words, with each box painted.
pub(super) fn paint(
    parsed: &Parsed,
    pictures: &[RgbaImage],
    (width, height): (u32, u32),
    strength: i32,
    random: &mut Random,
) -> Composed {
    let mut canvas = match pictures {
        [] => scene::paint(width, height, &parsed.words, random),
        [first, ..] => picture::resize(first, width, height),
    };
    let (mut boxes, mut log, mut regions) = (Vec::new(), Vec::new(), Vec::new());
    for (at, Region { part, words }) in parsed.regions.iter().enumerate() {
        let [x, y, w, h] = part.pixels((width, height));
        let before = imageops::crop_imm(&canvas, x, y, w, h).to_image();
        let mut inputs = vec![before.clone()];
        inputs.extend(pictures.iter().skip(1).cloned());
        let done = edit(words, &inputs, (w, h), strength, random);
        imageops::replace(&mut canvas, &done.canvas, x.into(), y.into());
        boxes.extend(done.boxes.iter().map(|[left, top, w, h]| [x + left, y + top, *w, *h]));
        log.extend(done.log.iter().map(|line| format!("in box {}: {line}", at + 1)));
        regions.push(RegionTruth { part: [x, y, w, h], changed: changed(&before, &done.canvas) });
    }
    Composed { canvas, boxes, regions, drift: Drift::NONE, log }
}

fn changed(before: &RgbaImage, after: &RgbaImage) -> f64 {
    let pixels = before.pixels().zip(after.pixels());
    let differ = pixels.filter(|(one, other)| one != other).count();
    differ as f64 / f64::from(before.width() * before.height()).max(1.0)
}
