//! The form in which a picture leaves for the service: what is sent is what is shown.
//!
//! Where the service's toolkit would see something else (a profile it ignores, transparency it
//! drops, 16 bits it cuts) the picture is sent as it looks here: sRGB, 8 bits, over white. What is
//! larger than the model uses is reduced. Any other file goes as it is, without what is private; what
//! cannot be read is not sent, since nobody knows what it tells.
//! Invariant: nothing of Exif, XMP or IPTC leaves but the orientation, unless it is kept on purpose.

use image::{DynamicImage, RgbaImage};

use super::Private;
use crate::app::draft::sent_picture::{SentPicture, sent_format};
use crate::app::failure::{Failure, FailureKind};
use crate::picture::{self, Decoded, Format, Limits, private};
use crate::schema::output_size::InputNeed;
use crate::tree::Hash;

/// Of a JPEG that is encoded once more: nobody sees it.
const QUALITY: u8 = 95;

pub(super) struct SentForm {
    /// The name of what leaves: another one than the picture's, if it is not its very file.
    pub(super) name: Hash,
    pub(super) bytes: Vec<u8>,
    /// As in `image/…`.
    pub(super) format: String,
    /// The file itself, where the service has it already, is seen there as it is here.
    pub(super) is_plain: bool,
}

/// As `need` wants it. An error: it cannot be told what would leave with it.
pub(super) fn of(
    hash: Hash,
    bytes: Vec<u8>,
    format: String,
    (need, private): (InputNeed, Private),
) -> Result<SentForm, Failure> {
    let is_plain = picture::is_plain(&bytes);
    let derived = |how: &str, bytes: Vec<u8>, format: &str| SentForm {
        name: Hash::derived(&[hash], how),
        bytes,
        format: format.to_owned(),
        is_plain,
    };
    let over = if need.opacity { Ground::None } else { Ground::White };
    // The names change with the form: what an older version has sent is not taken for it.
    if let Some((smaller, format)) = reduced(&bytes, need, is_plain, over) {
        return Ok(derived(over.named("reduced, sRGB"), smaller, format));
    }
    let normal = if is_plain { Ok(None) } else { normal(&bytes, over) };
    match (normal, private) {
        (Ok(Some((normal, format))), _) => {
            return Ok(derived(over.named("normal"), normal, format));
        }
        (Err(error), Private::Dropped) => return Err(unreadable(hash, &error)),
        (Ok(None) | Err(_), Private::Kept) => {
            return Ok(SentForm { name: hash, bytes, format, is_plain });
        }
        (Ok(None), Private::Dropped) => {}
    }
    let bare = private::without(&bytes);
    Ok(match bare == bytes {
        true => SentForm { name: hash, bytes, format, is_plain },
        false => derived("bare", bare, &format),
    })
}

fn unreadable(hash: Hash, error: &picture::Error) -> Failure {
    let message = format!("picture {hash} was not sent, nor what may be private in it: {error}");
    let failure = Failure::new(FailureKind::Picture, message);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What transparency is laid over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    White,
    /// It is sent as it is.
    None,
}

impl Ground {
    /// A form by its name, which says what else it is.
    fn named(self, how: &'static str) -> &'static str {
        match (self, how) {
            (Self::White, how) => how,
            (Self::None, "normal") => "normal, clear",
            (Self::None, _) => "reduced, sRGB, clear",
        }
    }

    fn under(self, decoded: Decoded) -> RgbaImage {
        match self {
            Self::White => DynamicImage::ImageRgb8(decoded.into_flat()).into_rgba8(),
            Self::None => decoded.image,
        }
    }
}

/// As it looks here; `None` where that cannot be written.
fn normal(bytes: &[u8], over: Ground) -> Result<Option<(Vec<u8>, &'static str)>, picture::Error> {
    let decoded = picture::decode(bytes, Limits::default())?;
    let format = decoded.format;
    Ok(encoded(&over.under(decoded), format))
}

/// In the format that `sent_format` tells; as PNG where that is not one that is written here.
fn encoded(picture: &RgbaImage, format: Format) -> Option<(Vec<u8>, &'static str)> {
    // JPEG knows no transparency.
    let is_opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    match sent_format(format.name()) {
        "jpeg" if is_opaque => Some((picture::encode_jpeg(picture, QUALITY, "")?, "jpeg")),
        _ => Some((picture::encode_png(picture, &[])?, "png")),
    }
}

/// With as many pixels as are of use; `None`: it is small enough, or a plain file that is smaller
/// as it is.
fn reduced(
    bytes: &[u8],
    need: InputNeed,
    is_plain: bool,
    over: Ground,
) -> Option<(Vec<u8>, &'static str)> {
    let info = picture::inspect(bytes).ok()?;
    let is_whole = matches!(info.format, Format::Webp | Format::Gif) && is_plain;
    let size = need.reduced((info.width, info.height), is_plain).filter(|_| !is_whole)?;
    let decoded = picture::decode(bytes, Limits::to_reduce_to(need.most_pixels?)).ok()?;
    let small = picture::resize(&over.under(decoded), size.0, size.1);
    let smaller = encoded(&small, info.format);
    smaller.filter(|(smaller, _)| !is_plain || smaller.len() < bytes.len())
}

/// What leaves of a file, in words. Blocks.
pub(crate) fn told(bytes: Vec<u8>, need: InputNeed, private: Private) -> Option<SentPicture> {
    let before = picture::inspect(&bytes).ok()?;
    let name = Hash([0; 32]);
    let sent = of(name, bytes, before.format.name().to_owned(), (need, private)).ok()?;
    let after = picture::inspect(&sent.bytes).ok()?;
    let is_reduced = (after.width, after.height) != (before.width, before.height);
    Some(SentPicture {
        size: (after.width, after.height),
        format: sent.format,
        bytes: Some(sent.bytes.len() as u64),
        is_reduced,
        is_normalised: !sent.is_plain && sent.name != name,
        is_preview: before.format == Format::Raw,
        is_bare: sent.is_plain && !is_reduced && sent.name != name,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Cursor;

    use image::{ImageBuffer, ImageFormat, Luma, Rgba};

    use super::*;

    const AS_IT_IS: (InputNeed, Private) =
        (InputNeed { most_pixels: None, opacity: false }, Private::Dropped);

    fn most(pixels: u32) -> InputNeed {
        InputNeed { most_pixels: Some(pixels), opacity: false }
    }

    fn large(format: &str) -> Vec<u8> {
        let pixel = |x: u32, y: u32| Rgba([(x * y % 251) as u8, x as u8, y as u8, 255]);
        let picture = RgbaImage::from_fn(1_500, 1_000, pixel);
        match format {
            "png" => picture::encode_png(&picture, &[]).unwrap(),
            _ => picture::encode_jpeg(&picture, 90, "").unwrap(),
        }
    }

    #[test]
    fn what_is_larger_than_the_model_uses_is_reduced_in_its_own_format() {
        for format in ["png", "jpeg"] {
            let bytes = large(format);
            let (smaller, _) = reduced(&bytes, most(500_000), true, Ground::White).unwrap();
            let info = picture::inspect(&smaller).unwrap();
            assert_eq!((info.width, info.height, info.format.name()), (866, 577, format));
            assert!(smaller.len() < bytes.len());
            assert_eq!(
                reduced(&bytes, most(1_400_000), true, Ground::White),
                None,
                "nearly small enough"
            );
            assert_eq!(
                reduced(&smaller, most(500_000), true, Ground::White),
                None,
                "and not twice"
            );
        }
        assert_eq!(reduced(b"no picture", most(1), true, Ground::White), None);
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    /// What leaves, and its pixel in the middle.
    fn sent(bytes: &[u8], format: &str) -> (SentForm, [u8; 3]) {
        let sent = of(Hash([7; 32]), bytes.to_vec(), format.into(), AS_IT_IS).unwrap();
        let seen = image::load_from_memory(&sent.bytes).unwrap().to_rgb8();
        let middle = seen.get_pixel(seen.width() / 2, seen.height() / 2).0;
        (sent, middle)
    }

    #[test]
    fn what_the_service_would_see_otherwise_is_sent_as_it_is_shown() {
        let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        for (format, name) in [(ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")] {
            let file = written(&DynamicImage::ImageRgba8(clear.clone()), format);
            let (sent, middle) = sent(&file, name);
            assert_eq!((sent.format.as_str(), middle), ("png", [255; 3]), "over white");
            assert_ne!(sent.name, Hash([7; 32]));
        }
        let deep = ImageBuffer::<Luma<u16>, _>::from_pixel(8, 8, Luma([32_896]));
        let (sent, middle) =
            sent(&written(&DynamicImage::ImageLuma16(deep), ImageFormat::Png), "png");
        assert_eq!((sent.format.as_str(), middle), ("png", [128; 3]));
    }

    #[test]
    fn what_was_done_is_told_with_the_bytes_that_leave() {
        let told = |bytes: &[u8]| told(bytes.to_vec(), most(500_000), Private::Dropped).unwrap();
        let plain = written(&DynamicImage::new_rgb8(8, 8), ImageFormat::Jpeg);
        let as_it_is = told(&plain);
        assert_eq!((as_it_is.bytes, as_it_is.is_other()), (Some(plain.len() as u64), false));
        let mut placed = plain.clone();
        placed.splice(2..2, *b"\xff\xe1\x00\x0fhttp://a place");
        let bare = told(&placed);
        assert!(bare.is_bare && bare.bytes < Some(placed.len() as u64), "{}", bare.words());
        assert!(told(&large("jpeg")).words().ends_with("MB, reduced"));
        let clear = written(&DynamicImage::new_rgba8(8, 8), ImageFormat::Png);
        assert!(told(&clear).words().ends_with(", flat sRGB"));
    }

    #[test]
    fn a_plain_picture_leaves_as_it_is() {
        for (format, name) in
            [(ImageFormat::Png, "png"), (ImageFormat::Jpeg, "jpeg"), (ImageFormat::WebP, "webp")]
        {
            let file = written(&DynamicImage::new_rgb8(8, 8), format);
            let (sent, _) = sent(&file, name);
            assert!(sent.bytes == file && sent.name == Hash([7; 32]), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_sent_only_with_what_is_private_on_purpose() {
        let heic = b"\0\0\0\x14ftypheic\0\0\0\0heic and a place";
        let deep = ImageBuffer::<Luma<u16>, _>::from_pixel(200, 200, Luma([7]));
        let deep = written(&DynamicImage::ImageLuma16(deep), ImageFormat::Png);
        let damaged = &deep[..deep.len() / 2];
        for bytes in [&b"no picture"[..], heic, damaged] {
            let of =
                |private| of(Hash([7; 32]), bytes.to_vec(), "avif".into(), (AS_IT_IS.0, private));
            let failure = of(Private::Dropped).err().unwrap();
            assert!(failure.message.contains("was not sent"), "{}", failure.message);
            assert!(failure.hint.is_some());
            let kept = of(Private::Kept).unwrap();
            assert_eq!((kept.bytes.as_slice(), kept.format.as_str()), (bytes, "avif"));
        }
    }
}
