//! Words hidden in the lowest bit of a picture's transparency (NovelAI, and the extensions that
//! followed it): read down the columns, a mark, a length in bits, the text, packed or not.
//!
//! Invariant: at most [`LONGEST`] bytes are unpacked.

use std::io::{Cursor, Read as _};

use serde_json::Value;

use super::super::texts::Texts;
use super::json::object;

const PLAIN: &[u8] = b"stealth_pnginfo";
const PACKED: &[u8] = b"stealth_pngcomp";
const LONGEST: usize = 1 << 20;

pub(super) fn text(file: &[u8]) -> Option<String> {
    // Only a file that has transparency can hide something there; the header says so.
    let header = png::Decoder::new(Cursor::new(file)).read_info().ok()?;
    let has_alpha = header.info().color_type == png::ColorType::Rgba;
    let picture =
        has_alpha.then(|| super::super::decode(file, Default::default()).ok()).flatten()?;
    let (width, height) = picture.image.dimensions();
    let bits = (0..width).flat_map(|x| (0..height).map(move |y| (x, y)));
    let mut bits = bits.map(|(x, y)| picture.image.get_pixel(x, y).0[3] & 1);
    let mut take = |count: usize| -> Option<Vec<u8>> {
        (0..count)
            .map(|_| (0..8).try_fold(0_u8, |byte, _| Some(byte << 1 | bits.next()?)))
            .collect()
    };
    let mark = take(PLAIN.len())?;
    let is_packed = match mark.as_slice() {
        mark if mark == PLAIN => false,
        mark if mark == PACKED => true,
        _ => return None,
    };
    let length = take(4)?.try_into().ok().map(u32::from_be_bytes)?;
    let length = usize::try_from(length / 8).ok().filter(|length| *length <= LONGEST)?;
    let data = take(length)?;
    if !is_packed {
        return String::from_utf8(data).ok();
    }
    let mut text = String::new();
    let most = u64::try_from(LONGEST).ok()?;
    flate2::read::GzDecoder::new(data.as_slice()).take(most).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The hidden text is either the lines of A1111, or an object of the texts that a PNG would have.
pub(super) fn as_texts(hidden: &str) -> Texts {
    let mut texts = Texts::default();
    match object(hidden) {
        Some(all) => {
            for (name, value) in all {
                let text = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                texts.push(&name, text);
            }
        }
        None => texts.push("parameters", hidden.to_owned()),
    }
    texts
}
