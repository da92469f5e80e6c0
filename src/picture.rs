//! Pictures in and out of bytes: decoding with limits, orientation, scaling, words inside files.
//! Below it: what two pictures have in common (`compare`) and taking back what an edit did not mean
//! to change (`heal`).
//!
//! No terminal, no network. Invariant: nothing is decoded before its size is known to be allowed.

use std::io::Cursor;

use fast_image_resize as fir;
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, RgbImage, RgbaImage,
};

pub mod align;
pub mod annotation;
pub mod bitmap_font;
mod color;
pub mod color_cast;
pub mod compare;
pub mod contact_sheet;
mod containers;
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
mod sample_points;
pub mod signature;
pub mod summary;
mod texts;

/// How large a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 50 << 20, pixels: 40_000_000 }
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    Jpeg,
    Webp,
    /// The first frame.
    Gif,
}

impl Format {
    const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Webp, Self::Gif];

    /// As in `image/…`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }
}

/// A picture's pixels in one form, whatever the file: upright, sRGB, 8 bits a channel.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub image: RgbaImage,
    pub format: Format,
}

impl Decoded {
    /// Without transparency: laid over white.
    pub fn flat(&self) -> RgbImage {
        let over = |value: u8, alpha: u8| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        let mut flat = RgbImage::new(self.image.width(), self.image.height());
        for (to, from) in flat.pixels_mut().zip(self.image.pixels()) {
            let [red, green, blue, alpha] = from.0;
            to.0 = [red, green, blue].map(|value| over(value, alpha));
        }
        flat
    }

    pub fn info(&self) -> Info {
        let (width, height) = self.image.dimensions();
        Info { format: self.format, width, height }
    }
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

const TAKEN: &str = "PNG, JPEG, WebP and GIF can be used";

/// The pixels, upright and in sRGB, within limits.
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Decoded, Error> {
    let (mut decoder, format) = open(bytes, limits)?;
    let profile = profile(&mut decoder, bytes, format);
    let image = upright(decoder)?;
    let image = match profile {
        Some(profile) => color::to_srgb(image, &profile),
        None => image.into_rgba8(),
    };
    Ok(Decoded { image, format })
}

/// The very numbers of the file, whatever they stand for: only for telling whether they changed.
pub fn decode_numbers(bytes: &[u8], limits: Limits) -> Result<RgbaImage, Error> {
    let (decoder, _) = open(bytes, limits)?;
    Ok(upright(decoder)?.into_rgba8())
}

fn upright(mut decoder: impl image::ImageDecoder) -> Result<DynamicImage, Error> {
    let orientation = orientation(&mut decoder)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Pillow writes JPEG's prefix before the block in a WebP; the decoder does not know it.
fn orientation(decoder: &mut impl image::ImageDecoder) -> Result<Orientation, Error> {
    let block = decoder.exif_metadata().ok().flatten();
    let block = block.as_deref().and_then(|block| block.strip_prefix(b"Exif\0\0"));
    match block.and_then(Orientation::from_exif_chunk) {
        Some(orientation) => Ok(orientation),
        None => decoder.orientation().map_err(|error| broken(&error)),
    }
}

/// A profile that cannot be read is no reason to show nothing.
fn profile(
    decoder: &mut impl image::ImageDecoder,
    bytes: &[u8],
    format: Format,
) -> Option<moxcms::ColorProfile> {
    let icc = decoder.icc_profile().ok().flatten();
    color::profile(bytes, format, icc.as_deref(), !decoder.color_type().has_color())
}

/// Format and size without decoding the pixels.
pub fn inspect(bytes: &[u8]) -> Result<Info, Error> {
    let (mut decoder, format) = open(bytes, Limits::default())?;
    let (width, height) = decoder.dimensions();
    let turned = orientation(&mut decoder)?;
    use self::Orientation as O;
    let sideways =
        matches!(turned, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH);
    let (width, height) = if sideways { (height, width) } else { (width, height) };
    Ok(Info { format, width, height })
}

/// 8 bits a channel, no transparency, sRGB: every program sees the same in it. An animation counts
/// as plain, since only a whole file keeps it, and so does what is no picture.
pub fn is_plain(bytes: &[u8]) -> bool {
    let Ok((mut decoder, format)) = open(bytes, Limits::default()) else { return true };
    let is_usual = matches!(decoder.color_type(), ColorType::L8 | ColorType::Rgb8);
    containers::is_animated(bytes, format)
        || is_usual && profile(&mut decoder, bytes, format).is_none()
}

fn open(bytes: &[u8], limits: Limits) -> Result<(impl image::ImageDecoder + '_, Format), Error> {
    let length = bytes.len() as u64;
    if length > limits.bytes {
        let message = format!("the file has {length} bytes; {} is the limit", limits.bytes);
        return Err(Error::new(message, "make it smaller first"));
    }
    let format = recognise(bytes)?;
    let reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    let decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        let message =
            format!("{width}×{height} pixels are more than the limit of {}", limits.pixels);
        return Err(Error::new(message, "make it smaller first"));
    }
    if pixels == 0 {
        return Err(Error::new("the picture has no pixels", TAKEN));
    }
    Ok((decoder, format))
}

fn image_format(format: Format) -> ImageFormat {
    match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Webp => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
    }
}

/// By the first bytes, never by a name; says what else it looks like.
fn recognise(bytes: &[u8]) -> Result<Format, Error> {
    let kind = signature::of(bytes);
    if let Some(format) = Format::ALL.into_iter().find(|format| format.name() == kind.name) {
        return Ok(format);
    }
    let what = match (kind.name, bytes) {
        (_, []) => return Err(Error::new("the file is empty", TAKEN)),
        ("file", [b'%', b'P', b'D', b'F', ..]) => "a PDF",
        ("file", _) if std::str::from_utf8(bytes.get(..1_024).unwrap_or(bytes)).is_ok() => "text",
        _ => kind.title,
    };
    let hint = match kind.name {
        "heic" => {
            "convert it: heif-convert FILE out.jpg, on a Mac: sips -s format jpeg FILE --out out.jpg"
        }
        "avif" => "convert it: avifdec FILE out.png",
        "jxl" => "convert it: djxl FILE out.png",
        "jp2" => "convert it: opj_decompress -i FILE -o out.png",
        "tiff" | "bmp" => "convert it: magick FILE out.png",
        "svg" => "convert it: rsvg-convert FILE -o out.png",
        _ => TAKEN,
    };
    Err(Error::new(format!("this is {what}, not a picture that can be used"), hint))
}

fn broken(error: &image::ImageError) -> Error {
    let what = match error {
        image::ImageError::Limits(_) => "the picture is too large to decode",
        image::ImageError::Unsupported(_) => "this kind of picture is not supported",
        image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::IoError(_) => "the picture is damaged or cut off",
    };
    Error::new(what, "open it in another program and save it again as PNG")
}

/// Scaled to exactly this size.
pub fn resize(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let mut scaled = RgbaImage::new(width.max(1), height.max(1));
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3));
    let done = fir::Resizer::new().resize(picture, &mut scaled, &options);
    match done {
        Ok(()) => scaled,
        // Only for sizes that this library refuses; the slower one takes all.
        Err(_) => image::imageops::thumbnail(picture, width.max(1), height.max(1)),
    }
}

/// PNG with these words in text chunks.
pub fn encode_png(picture: &RgbaImage, words: &[(&str, &str)]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    let opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    encoder.set_color(if opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    for (name, text) in words {
        encoder.add_itxt_chunk((*name).to_owned(), (*text).to_owned()).ok()?;
    }
    let mut writer = encoder.write_header().ok()?;
    let data = if opaque {
        DynamicImage::ImageRgba8(picture.clone()).into_rgb8().into_raw()
    } else {
        picture.as_raw().clone()
    };
    writer.write_image_data(&data).ok()?;
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
    match recognise(bytes) {
        Ok(Format::Png) => png_words(bytes).unwrap_or_default(),
        Ok(Format::Jpeg) => jpeg_comment(bytes).into_iter().collect(),
        Ok(Format::Webp | Format::Gif) | Err(_) => Vec::new(),
    }
}

fn png_words(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let reader = png::Decoder::new(Cursor::new(bytes)).read_info().ok()?;
    let info = reader.info();
    let plain = info.uncompressed_latin1_text.iter();
    let plain = plain.map(|chunk| (chunk.keyword.clone(), chunk.text.clone()));
    let unicode = info.utf8_text.iter();
    let unicode = unicode.filter_map(|chunk| Some((chunk.keyword.clone(), chunk.get_text().ok()?)));
    Some(plain.chain(unicode).collect())
}

fn jpeg_comment(bytes: &[u8]) -> Option<(String, String)> {
    let mut rest = bytes.get(2..)?;
    while let [0xff, marker, high, low, ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xfe {
            let text = rest.get(4..2 + length)?;
            return Some(("Comment".into(), String::from_utf8_lossy(text).into_owned()));
        }
        if *marker == 0xda {
            return None;
        }
        rest = rest.get(2 + length..)?;
    }
    None
}
