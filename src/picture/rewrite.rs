//! A picture in the format that the name of its copy means.
//!
//! Only what is written here: PNG and JPEG. Invariant: the copy has the picture's size and looks as
//! it does, upright and in sRGB; a signed file and one that is too large to be read whole are left.

use std::path::Path;

use image::DynamicImage;

use super::metadata::is_signed;
use super::{Limits, decode, encode_jpeg, encode_png, mark, metadata_of, signature};

/// Of a JPEG that is encoded anew.
const QUALITY: u8 = 95;

/// What the ending of a name means, as in `image/…`, if that is written here.
pub fn meant_by(name: &Path) -> Option<&'static str> {
    let ending = name.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match ending.as_str() {
        "png" => Some("png"),
        "jpg" | "jpeg" | "jpe" => Some("jpeg"),
        _ => None,
    }
}

/// The file as its new name wants it, without words but those that tell of the simulator; `None`: it
/// stays as it is.
pub fn named(file: &[u8], name: &Path) -> Option<Vec<u8>> {
    let wanted = meant_by(name).filter(|wanted| signature::of(file).name != *wanted)?;
    if is_signed(file) {
        return None;
    }
    let decoded = decode(file, Limits::whole()).ok()?;
    let words = metadata_of(file);
    let is_simulated =
        |(name, text): &&(String, String)| mark::is_simulated(&[(name.clone(), text.clone())]);
    let words: Vec<&str> =
        words.iter().filter(is_simulated).map(|(_, text)| text.as_str()).collect();
    match wanted {
        "png" => {
            let words: Vec<(&str, &str)> =
                words.into_iter().map(|text| ("Comment", text)).collect();
            encode_png(&decoded.image, &words)
        }
        // It knows no transparency.
        _ => {
            let flat = DynamicImage::ImageRgb8(decoded.into_flat()).into_rgba8();
            encode_jpeg(&flat, QUALITY, &words.join("; "))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn a_copy_is_what_its_name_says_where_that_can_be_written() {
        let picture = RgbaImage::from_pixel(16, 8, Rgba([200, 30, 40, 0]));
        let png = encode_png(&picture, &[("Comment", "painted by editree's simulator")]).unwrap();
        let kind = |name: &str| named(&png, Path::new(name)).map(|copy| signature::of(&copy).name);
        assert_eq!(kind("a.JPG"), Some("jpeg"));
        assert_eq!(["a.png", "a.webp", "a", "a.tiff"].map(kind), [None; 4]);
        let jpeg = named(&png, Path::new("a.jpeg")).unwrap();
        assert!(mark::is_simulated(&metadata_of(&jpeg)), "it still says so");
        let decoded = decode(&jpeg, Limits::default()).unwrap().image;
        assert_eq!(decoded.dimensions(), (16, 8));
        let ground = decoded.get_pixel(3, 3).0;
        assert!(ground.iter().all(|number| *number > 250), "over white: {ground:?}");
        let back = named(&jpeg, Path::new("a.png")).unwrap();
        assert_eq!(signature::of(&back).name, "png");
        assert!(mark::is_simulated(&metadata_of(&back)));
    }
}
