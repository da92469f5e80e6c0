//! One decoder for each family of files: its head without the pixels, then the pixels.
//!
//! Pixels come as they are stored, not turned and in the file's own colours, and never more of them
//! than asked for. Invariants: nothing is decoded whose size is not allowed, or for which a library
//! would keep more than [`MEMORY`] (of HEIC twice as much) whatever is asked for; a library that
//! panics over a file gives an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat};

use super::{Error, Format, Limits, TAKEN};

#[cfg(feature = "heic")]
mod heic;
#[cfg(feature = "jp2")]
mod jp2;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod plain;
mod png;
mod raw;

/// So many bytes the pixels may take on the way, where a file can only be decoded whole.
const MEMORY: u64 = 400 << 20;

/// Behind it a JPEG's pixels, and JPEG 2000's, are over; nothing within them looks like it.
const END: [u8; 2] = [0xff, 0xd9];

/// What is known before the pixels are.
pub(super) struct Head {
    /// As stored, before it is turned.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) is_gray: bool,
    /// 8 bits a channel, grey or RGB, and no transparency.
    pub(super) is_usual: bool,
    /// Where the picture begins in the file.
    begin: usize,
}

impl Head {
    fn new((width, height): (u32, u32)) -> Self {
        let orientation = Orientation::NoTransforms;
        Self { width, height, orientation, icc: None, is_gray: false, is_usual: true, begin: 0 }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Reads the head; an error where the picture is larger than allowed.
pub(super) fn head(file: &[u8], format: Format, limits: Limits) -> Result<Head, Error> {
    let head = guarded(format, || match format {
        Format::Jpeg => jpeg::head(file),
        Format::Png => png::head(file),
        Format::Webp => plain::head(file, ImageFormat::WebP),
        Format::Gif => plain::head(file, ImageFormat::Gif),
        Format::Tiff => plain::head(file, ImageFormat::Tiff),
        Format::Bmp => plain::head(file, ImageFormat::Bmp),
        Format::Qoi => plain::head(file, ImageFormat::Qoi),
        Format::Raw => raw::head(file),
        #[cfg(feature = "heic")]
        Format::Heic => heic::head(file),
        #[cfg(feature = "jxl")]
        Format::Jxl => jxl::head(file),
        #[cfg(feature = "jp2")]
        Format::Jp2 => jp2::head(file),
        #[allow(unreachable_patterns)]
        Format::Heic | Format::Jxl | Format::Jp2 => Err(unsupported("this kind of picture")),
    })?;
    let (width, height) = head.size();
    if head.pixels() > limits.pixels {
        let message =
            format!("{width}×{height} pixels are more than the limit of {}", limits.pixels);
        return Err(Error::new(message, "make it smaller first"));
    }
    if width.max(height) > limits.side {
        let message = format!("{width}×{height}: no side may be longer than {}", limits.side);
        return Err(Error::new(message, "make it smaller first"));
    }
    if head.pixels() == 0 {
        return Err(Error::new("the picture has no pixels", TAKEN));
    }
    Ok(head)
}

/// No more than `most` pixels, with opacity, in 8 or 16 bits a channel.
pub(super) fn pixels(
    file: &[u8],
    format: Format,
    head: &Head,
    most: u64,
) -> Result<DynamicImage, Error> {
    guarded(format, || match format {
        Format::Jpeg => jpeg::pixels(file, head, most),
        Format::Png => png::pixels(file, head, most),
        Format::Webp => plain::pixels(file, ImageFormat::WebP, most),
        Format::Gif => plain::pixels(file, ImageFormat::Gif, most),
        Format::Tiff => plain::pixels(file, ImageFormat::Tiff, most),
        Format::Bmp => plain::pixels(file, ImageFormat::Bmp, most),
        Format::Qoi => plain::pixels(file, ImageFormat::Qoi, most),
        Format::Raw => raw::pixels(file, head, most),
        #[cfg(feature = "heic")]
        Format::Heic => heic::pixels(file, head, most),
        #[cfg(feature = "jxl")]
        Format::Jxl => jxl::pixels(file, head, most),
        #[cfg(feature = "jp2")]
        Format::Jp2 => jp2::pixels(file, head, most),
        #[allow(unreachable_patterns)]
        Format::Heic | Format::Jxl | Format::Jp2 => Err(unsupported("this kind of picture")),
    })
}

thread_local! {
    /// A library is at work on a file here.
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// From here on a library that panics over a file writes nothing: a damaged picture is told. Stands
/// before the hook that was there, so whoever sets another one later calls this again.
pub fn hush_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A slip of our own is told as such.
        let is_ours = info.location().is_none_or(|at| at.file().starts_with("src/"));
        if is_ours || !IS_DECODING.get() {
            usual(info);
        }
    }));
}

/// A failure names the format: it is what the person has to do with.
fn guarded<T>(format: Format, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let before = IS_DECODING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged()));
    IS_DECODING.set(before);
    done.map_err(|mut error| {
        if error.hint == Some(SAVE_AGAIN) {
            error.hint = super::conversion(format.name()).or(error.hint);
        }
        if let Some(rest) = error.message.strip_prefix("the picture ") {
            error.message = format!("the {} {rest}", format.title());
        }
        error.message =
            error.message.replace("kind of picture", &format!("kind of {}", format.title()));
        error
    })
}

/// For formats that are decoded whole, `each` bytes a pixel.
fn check_memory(head: &Head, each: u64) -> Result<(), Error> {
    check_bytes(head, head.pixels().saturating_mul(each), MEMORY)
}

/// The same where the bytes are not so many for each pixel.
fn check_bytes(head: &Head, bytes: u64, most: u64) -> Result<(), Error> {
    if bytes <= most {
        return Ok(());
    }
    let (width, height) = head.size();
    let [bytes, most] = [bytes, most].map(|bytes| bytes.div_ceil(1 << 20));
    let message = format!(
        "{width}×{height} pixels, stored like this, take {bytes} MB of memory to decode; {most} MB \
         is the limit"
    );
    Err(Error::new(message, "make it smaller first, or save it as PNG or as a plain JPEG"))
}

/// A colour as printed: what the ink and the black leave of white.
fn printed(ink: u8, black: u8) -> u8 {
    let (light, black) = (255 - u16::from(ink), 255 - u16::from(black));
    ((light * black + 127) / 255) as u8
}

const SAVE_AGAIN: &str = "open it in another program and save it again as PNG";

fn damaged() -> Error {
    Error::new("the picture is damaged", SAVE_AGAIN)
}

fn cut_off() -> Error {
    Error::new("the picture is cut off: its end is missing", "copy it here once more")
}

fn unsupported(what: &str) -> Error {
    Error::new(format!("{what} is not supported"), SAVE_AGAIN)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_panics_over_a_file_gives_a_damaged_picture_and_is_told_as_nothing_else() {
        let mut is_hushed = false;
        let work = || -> Result<(), Error> {
            is_hushed = IS_DECODING.get();
            panic!("not yet implemented");
        };
        let error = guarded(Format::Jxl, work).unwrap_err();
        assert_eq!(error.message, "the JPEG XL is damaged");
        assert!(is_hushed, "what it writes is kept back");
        assert!(!IS_DECODING.get(), "a panic of ours is told again");
    }
}
