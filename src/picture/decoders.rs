//! One decoder for each family of files: its head without the pixels, then the pixels.
//!
//! Pixels come as they are stored, not turned and in the file's own colours, and never more of them
//! than asked for. Invariants: nothing is decoded whose size is not allowed, or that would take more
//! than [`MEMORY`]; a library that panics over a file gives an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::DynamicImage;
use image::metadata::Orientation;

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
}

impl Head {
    fn new((width, height): (u32, u32)) -> Self {
        let orientation = Orientation::NoTransforms;
        Self { width, height, orientation, icc: None, is_gray: false, is_usual: true }
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
        Format::Webp | Format::Gif | Format::Tiff | Format::Bmp | Format::Qoi => {
            plain::head(file, format)
        }
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
        Format::Webp | Format::Gif | Format::Tiff | Format::Bmp | Format::Qoi => {
            plain::pixels(file, format, most)
        }
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

/// A failure names the format: it is what the person has to do with.
fn guarded<T>(format: Format, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged()));
    done.map_err(|mut error| {
        if error.hint == Some(SAVE_AGAIN) {
            error.hint = super::conversion(format.name()).or(error.hint);
        }
        if let Some(rest) = error.message.strip_prefix("the picture ") {
            error.message = format!("the {} {rest}", format.title());
        }
        error
    })
}

/// For formats that are decoded whole, `each` bytes a pixel.
fn check_memory(head: &Head, each: u64) -> Result<(), Error> {
    match head.pixels() * each > MEMORY {
        true => {
            let (width, height) = head.size();
            let message =
                format!("{width}×{height} pixels of this format take too much memory to decode");
            Err(Error::new(message, "make it smaller first, or save it as PNG or JPEG"))
        }
        false => Ok(()),
    }
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
