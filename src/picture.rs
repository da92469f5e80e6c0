//! Pictures in and out of bytes: decoding with limits, orientation, scaling, words inside files.
//! Below it: what two pictures have in common (`compare`) and taking back what an edit did not mean
//! to change (`heal`).
//!
//! No terminal, no network. Invariant: nothing is decoded before its size is known to be allowed.

use std::io::Cursor;

use fast_image_resize as fir;
use fir::pixels::U8x4;
use fir::{IntoImageView as _, IntoImageViewMut as _};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, RgbImage, RgbaImage};

pub mod align;
pub mod annotation;
pub mod bitmap_font;
mod color;
pub mod color_cast;
pub mod compare;
pub mod contact_sheet;
mod containers;
pub(crate) mod decoders;
mod exif_block;
pub mod heal;
pub mod heatmap;
pub mod mapping;
pub mod mark;
pub mod mask;
pub mod metadata;
pub mod metrics;
pub mod origin;
mod plane;
pub mod private;
mod reduce;
pub mod regions;
pub mod rewrite;
mod sample_points;
pub mod signature;
pub mod summary;
mod texts;

/// How large a picture may be, and how much of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    pub pixels: u64,
    pub side: u32,
    /// Of a picture with more pixels than this, squares of pixels become one.
    pub kept: u64,
    /// So many are left of it then, at most.
    pub reduced: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            pixels: 200_000_000,
            side: 65_535,
            kept: 16_000_000,
            reduced: 16_000_000,
        }
    }
}

impl Limits {
    /// Pixel for pixel, up to 64 megapixels: for what gives back a picture of the same size.
    pub fn whole() -> Self {
        Self { pixels: 64_000_000, kept: 64_000_000, reduced: 64_000_000, ..Self::default() }
    }

    /// To look for changes: a picture of which a smaller form is kept anyway is made smaller still,
    /// since a result has about a megapixel.
    pub fn to_compare() -> Self {
        Self { reduced: 4_000_000, ..Self::default() }
    }

    /// For a picture that is then made smaller to so many pixels: enough to look the same.
    pub fn to_reduce_to(pixels: u32) -> Self {
        let all = Self::default();
        let kept = (u64::from(pixels) * 4).min(all.kept);
        Self { kept, reduced: kept, ..all }
    }
}

/// What a picture is, read off its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    pub format: Format,
    /// After orientation.
    pub width: u32,
    pub height: u32,
}

/// What can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    Jpeg,
    Webp,
    /// The first frame.
    Gif,
    Tiff,
    Bmp,
    Qoi,
    /// The preview that the camera has put into the file.
    Raw,
    Heic,
    Jxl,
    Jp2,
}

impl Format {
    pub const ALL: [Self; 11] = [
        Self::Png,
        Self::Jpeg,
        Self::Webp,
        Self::Gif,
        Self::Tiff,
        Self::Bmp,
        Self::Qoi,
        Self::Raw,
        Self::Heic,
        Self::Jxl,
        Self::Jp2,
    ];

    /// As in `image/…`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Bmp => "bmp",
            Self::Qoi => "qoi",
            Self::Raw => "raw",
            Self::Heic => "heic",
            Self::Jxl => "jxl",
            Self::Jp2 => "jp2",
        }
    }

    /// In a sentence, behind an article.
    fn title(self) -> &'static str {
        let kind = signature::KINDS.into_iter().find(|kind| kind.name == self.name());
        if self == Self::Raw { "raw file" } else { kind.map_or("picture", |kind| kind.title) }
    }

    /// Its decoder may be left out of a build.
    fn is_built_in(self) -> bool {
        match self {
            Self::Heic => cfg!(feature = "heic"),
            Self::Jxl => cfg!(feature = "jxl"),
            Self::Jp2 => cfg!(feature = "jp2"),
            Self::Png | Self::Jpeg | Self::Webp | Self::Gif => true,
            Self::Tiff | Self::Bmp | Self::Qoi | Self::Raw => true,
        }
    }

    /// Services and browsers take it as it is.
    pub fn is_common(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Webp | Self::Gif)
    }
}

/// A picture's pixels in one form, whatever the file: upright, sRGB, 8 bits a channel.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub image: RgbaImage,
    pub format: Format,
    /// Of the whole picture, of which `image` may be a smaller one.
    pub size: (u32, u32),
}

impl Decoded {
    /// Without transparency: laid over white.
    pub fn flat(&self) -> RgbImage {
        let mut flat = RgbImage::new(self.image.width(), self.image.height());
        for (to, from) in flat.pixels_mut().zip(self.image.pixels()) {
            let [red, green, blue, alpha] = from.0;
            to.0 = [red, green, blue].map(|value| over_white(value, alpha));
        }
        flat
    }

    /// The same, in the memory that it has already.
    pub fn into_flat(self) -> RgbImage {
        let (width, height) = self.image.dimensions();
        let mut numbers = self.image.into_raw();
        for at in 0..numbers.len() / 4 {
            let Some(&[red, green, blue, alpha]) = numbers.get(at * 4..at * 4 + 4) else { break };
            if let Some(to) = numbers.get_mut(at * 3..at * 3 + 3) {
                to.copy_from_slice(&[red, green, blue].map(|value| over_white(value, alpha)));
            }
        }
        numbers.truncate(numbers.len() / 4 * 3);
        numbers.shrink_to_fit();
        RgbImage::from_raw(width, height, numbers).unwrap_or_default()
    }

    pub fn info(&self) -> Info {
        let (width, height) = self.size;
        Info { format: self.format, width, height }
    }
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// The bytes are not a picture that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub message: String,
    hint: Option<&'static str>,
}

impl Error {
    fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint: Some(hint) }
    }

    /// What the person can do.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

const TAKEN: &str = "PNG, JPEG, WebP, GIF, TIFF, HEIC and others can be used";

/// The line that makes a common picture of one that cannot be used.
fn conversion(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "heic" => {
            "convert it: heif-convert FILE out.jpg, on a Mac: sips -s format jpeg FILE --out out.jpg"
        }
        "avif" => "convert it: avifdec FILE out.png",
        "jxl" => "convert it: djxl FILE out.png",
        "jp2" => "convert it: opj_decompress -i FILE -o out.png",
        "tiff" | "bmp" | "qoi" => "convert it: magick FILE out.png",
        "psd" => "convert it: magick FILE[0] out.png",
        "raw" => "develop it first: darktable-cli FILE out.jpg",
        "svg" => "convert it: rsvg-convert FILE -o out.png",
        _ => return None,
    })
}

/// The pixels, upright and in sRGB, within limits.
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Decoded, Error> {
    let (head, format) = head(bytes, limits)?;
    let pixels = u64::from(head.width) * u64::from(head.height);
    let most = if pixels > limits.kept { limits.reduced } else { limits.kept };
    let mut image = decoders::pixels(bytes, format, &head, most)?;
    image.apply_orientation(head.orientation);
    let image = match profile(&head, bytes) {
        Some(profile) => color::to_srgb(image, &profile),
        None => image.into_rgba8(),
    };
    Ok(Decoded { image, format, size: upright(&head) })
}

/// The very numbers of the file, whatever they stand for: only for telling whether they changed.
/// `None` where they are too many to be worth it.
pub fn decode_numbers(bytes: &[u8]) -> Option<RgbaImage> {
    let limits = Limits::default();
    let (head, format) = head(bytes, limits).ok()?;
    if u64::from(head.width) * u64::from(head.height) > limits.kept || !format.is_common() {
        return None;
    }
    // The names in labels were made from what this decoder answers.
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    image.apply_orientation(orientation);
    Some(image.into_rgba8())
}

/// A profile that cannot be read is no reason to show nothing.
fn profile(head: &decoders::Head, bytes: &[u8]) -> Option<moxcms::ColorProfile> {
    color::profile(bytes, head.icc.as_deref(), head.is_gray)
}

/// Format and size without decoding the pixels.
pub fn inspect(bytes: &[u8]) -> Result<Info, Error> {
    let (head, format) = head(bytes, Limits::default())?;
    let (width, height) = upright(&head);
    Ok(Info { format, width, height })
}

fn upright(head: &decoders::Head) -> (u32, u32) {
    use self::Orientation as O;
    match head.orientation {
        O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH => {
            (head.height, head.width)
        }
        O::NoTransforms | O::Rotate180 | O::FlipHorizontal | O::FlipVertical => head.size(),
    }
}

/// 8 bits a channel, no transparency, sRGB: every program sees the same in it. An animation counts
/// as plain, since only a whole file keeps it; what cannot be recognised does not.
pub fn is_plain(bytes: &[u8]) -> bool {
    let Ok((head, format)) = head(bytes, Limits::default()) else { return false };
    format.is_common()
        && (containers::is_animated(bytes) || head.is_usual && profile(&head, bytes).is_none())
}

fn head(bytes: &[u8], limits: Limits) -> Result<(decoders::Head, Format), Error> {
    let length = bytes.len() as u64;
    if length > limits.bytes {
        let message = format!("the file has {length} bytes; {} is the limit", limits.bytes);
        return Err(Error::new(message, "make it smaller first"));
    }
    let format = recognise(bytes)?;
    Ok((decoders::head(bytes, format, limits)?, format))
}

/// By the first bytes, never by a name; says what else it looks like.
fn recognise(bytes: &[u8]) -> Result<Format, Error> {
    let kind = signature::of(bytes);
    let known = Format::ALL.into_iter().find(|format| format.name() == kind.name);
    if let Some(format) = known.filter(|format| format.is_built_in()) {
        return Ok(format);
    }
    let what = match (kind.name, bytes) {
        (_, []) => return Err(Error::new("the file is empty", TAKEN)),
        ("file", [b'%', b'P', b'D', b'F', ..]) => "a PDF",
        ("file", _) if std::str::from_utf8(bytes.get(..1_024).unwrap_or(bytes)).is_ok() => "text",
        _ => kind.title,
    };
    let hint = conversion(kind.name).unwrap_or(TAKEN);
    Err(Error::new(format!("this is {what}, not a picture that can be used"), hint))
}

/// Scaled to exactly this size.
pub fn resize(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let mut scaled = RgbaImage::new(width.max(1), height.max(1));
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3));
    // Typed: the code for all other kinds of pixels would be megabytes.
    let views = picture.image_view::<U8x4>().zip(scaled.image_view_mut::<U8x4>());
    let done =
        views.map(|(from, mut to)| fir::Resizer::new().resize_typed(&from, &mut to, &options));
    match done {
        Some(Ok(())) => scaled,
        // Only for sizes that this library refuses; the slower one takes all.
        Some(Err(_)) | None => image::imageops::thumbnail(picture, width.max(1), height.max(1)),
    }
}

/// PNG with these words in text chunks.
pub fn encode_png(picture: &RgbaImage, words: &[(&str, &str)]) -> Option<Vec<u8>> {
    let opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    if opaque {
        let picture = DynamicImage::ImageRgba8(picture.clone()).into_rgb8();
        return encode_png_rgb(&picture, words);
    }
    png_of(picture.dimensions(), png::ColorType::Rgba, picture.as_raw(), words)
}

/// The same for a picture without opacity.
pub fn encode_png_rgb(picture: &RgbImage, words: &[(&str, &str)]) -> Option<Vec<u8>> {
    png_of(picture.dimensions(), png::ColorType::Rgb, picture.as_raw(), words)
}

fn png_of(
    (width, height): (u32, u32),
    color: png::ColorType,
    numbers: &[u8],
    words: &[(&str, &str)],
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    for (name, text) in words {
        encoder.add_itxt_chunk((*name).to_owned(), (*text).to_owned()).ok()?;
    }
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(numbers).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// JPEG (4:4:4) of this quality, 1 to 100, with a comment.
pub fn encode_jpeg(picture: &RgbaImage, quality: u8, comment: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    let rgb = DynamicImage::ImageRgba8(picture.clone()).into_rgb8();
    rgb.write_with_encoder(encoder).ok()?;
    // A comment segment right behind the start marker: two bytes of marker, two of length.
    let length = u16::try_from(comment.len() + 2).ok()?;
    let mut segment = vec![0xff, 0xfe];
    segment.extend(length.to_be_bytes());
    segment.extend(comment.as_bytes());
    bytes.splice(2..2, segment);
    Some(bytes)
}

/// The words inside a PNG or JPEG file.
pub fn metadata_of(bytes: &[u8]) -> Vec<(String, String)> {
    texts::plain(bytes)
}
