//! Input pictures: from the simulator's own storage, from data URIs, and stand-ins for the example
//! addresses of the service's pages. Never from the network.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};
use serde_json::{Map, Value, json};

use super::state::ServerState;
use super::validate::entry;
use crate::picture::{self, Limits};
use crate::schema::Endpoint;

/// The pictures of a checked input, in order; else the entry of a 422.
pub(super) fn load(
    server: &ServerState,
    endpoint: &Endpoint,
    input: &Map<String, Value>,
) -> Result<Vec<RgbaImage>, Value> {
    let least = endpoint.limits.and_then(|limits| limits.min_side);
    let pictures = endpoint.takes.pictures(input);
    let load = |(field, at, url): (&str, Option<usize>, &str)| {
        let picture = load_one(server, field, at, url)?;
        match least.filter(|least| picture.width().min(picture.height()) < *least) {
            Some(least) => Err(too_small(field, at, url, least)),
            None => Ok(picture),
        }
    };
    pictures.map(load).collect()
}

fn too_small(field: &str, at: Option<usize>, url: &str, least: u32) -> Value {
    let text = format!("Image is too small. Minimum size is {least}x{least}");
    let mut wrong = picture_error(field, at, "image_too_small", &text, url);
    if let Some(wrong) = wrong.as_object_mut() {
        wrong.insert("ctx".into(), json!({ "min_height": least, "min_width": least }));
    }
    wrong
}

fn load_one(
    server: &ServerState,
    field: &str,
    at: Option<usize>,
    url: &str,
) -> Result<RgbaImage, Value> {
    let wrong = |word: &str, text: &str| picture_error(field, at, word, text, url);
    let bytes = match url.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("data") => in_data_uri(rest)
            .ok_or_else(|| wrong("image_load_error", "Failed to load the image"))?,
        Some(_) | None => {
            let path = url.split_once("/files/").map_or("", |(_, path)| path);
            match server.file(path) {
                Some(file) => file.bytes.to_vec(),
                None => stand_in(&format!("files/{path}"))
                    .filter(|_| is_example(url))
                    .ok_or_else(|| wrong("file_download_error", "Failed to download the file"))?,
            }
        }
    };
    match picture::decode(&bytes, Limits::default()) {
        Ok(decoded) => Ok(decoded.image),
        Err(_) => Err(wrong("image_load_error", "Failed to load the image")),
    }
}

/// As Python reads it: percent signs first, then base64 without the letters that are none of it,
/// such as line breaks.
fn in_data_uri(rest: &str) -> Option<Vec<u8>> {
    let (kind, data) = rest.split_once(',')?;
    let mut bytes: Vec<u8> = percent_encoding::percent_decode_str(data).collect();
    if !kind.ends_with(";base64") {
        return Some(bytes);
    }
    bytes.retain(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
    base64_simd::STANDARD.decode_to_vec(&bytes).ok()
}

fn is_example(url: &str) -> bool {
    ["https://v3.fal.media/files/", "https://fal.media/files/"]
        .iter()
        .any(|base| url.starts_with(base))
}

/// Animals that the service's storage uses as folder names in its example addresses.
const FOLDERS: [&str; 7] = ["penguin", "tiger", "rabbit", "monkey", "koala", "kangaroo", "panda"];

/// A painted picture in place of an example of the service's pages: the same for the same address.
pub(super) fn stand_in(path: &str) -> Option<Vec<u8>> {
    let folder = path.strip_prefix("files/")?.split('/').next()?;
    let hue = FOLDERS.iter().position(|known| *known == folder)?;
    let seed = path.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut picture = RgbaImage::new(1024, 1024);
    let base = [
        [90, 120, 160],
        [190, 130, 60],
        [150, 150, 140],
        [100, 140, 90],
        [120, 120, 130],
        [180, 150, 110],
        [70, 90, 80],
    ][hue];
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let light = (y / 8) as i32 - 64;
        let grain = (((x / 16) ^ (y / 16)).wrapping_mul(seed | 1) >> 7 & 31) as i32 - 16;
        let (cx, cy) = (x as i32 - 512, y as i32 - 600);
        let inside = cx * cx + cy * cy * 2 < 260 * 260;
        let shade =
            |c: i32| (c + light / 2 + grain + if inside { 50 } else { 0 }).clamp(0, 255) as u8;
        *pixel = Rgba([shade(base[0]), shade(base[1]), shade(base[2]), 255]);
    }
    picture::encode_png(&picture, &[("Comment", "a stand-in, painted by editree's simulator")])
}

/// The entry of a 422 about a picture that cannot be used.
pub(super) fn picture_error(
    field: &str,
    index: Option<usize>,
    word: &str,
    text: &str,
    input: &str,
) -> Value {
    let mut wrong =
        entry(word, &["body", field], text, &json!(input.chars().take(200).collect::<String>()));
    if let (Some(index), Some(loc)) = (index, wrong.get_mut("loc").and_then(Value::as_array_mut)) {
        loc.push(index.into());
    }
    wrong
}
