//! What a file is by its first bytes, whatever its name says: one table for pictures and for all else
//! that a service may send.
//!
//! Decodes nothing; whether a picture can be used is decided in `picture`.

use super::exif_block;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Of a file's name.
    pub ending: &'static str,
    /// As in `image/…` for pictures.
    pub name: &'static str,
    /// In a sentence.
    pub title: &'static str,
}

const fn kind(ending: &'static str, name: &'static str, title: &'static str) -> Kind {
    Kind { ending, name, title }
}

pub const KINDS: [Kind; 22] = [
    kind("png", "png", "PNG"),
    kind("jpg", "jpeg", "JPEG"),
    kind("webp", "webp", "WebP"),
    kind("gif", "gif", "GIF"),
    kind("avif", "avif", "AVIF"),
    kind("heic", "heic", "HEIC"),
    kind("tiff", "tiff", "TIFF"),
    kind("bmp", "bmp", "BMP"),
    kind("jp2", "jp2", "JPEG 2000"),
    kind("jxl", "jxl", "JPEG XL"),
    kind("qoi", "qoi", "QOI"),
    kind("raw", "raw", "a camera's raw file"),
    kind("psd", "psd", "a Photoshop file"),
    kind("svg", "svg", "SVG"),
    kind("mp4", "mp4", "a video"),
    kind("webm", "webm", "a video"),
    kind("wav", "wav", "a sound"),
    kind("mp3", "mp3", "a sound"),
    kind("ogg", "ogg", "a sound"),
    kind("flac", "flac", "a sound"),
    kind("glb", "glb", "a 3D model"),
    UNKNOWN,
];
const UNKNOWN: Kind = kind("bin", "file", "a file of an unknown kind");

/// What the bytes begin as.
pub fn of(bytes: &[u8]) -> Kind {
    let ending = ending(bytes);
    KINDS.into_iter().find(|kind| kind.ending == ending).unwrap_or(UNKNOWN)
}

pub fn is_ending(text: &str) -> bool {
    KINDS.iter().any(|kind| kind.ending == text)
}

/// Whether the name of a file may end so: as files are called here, or elsewhere.
pub fn is_known(ending: &str) -> bool {
    const ALSO: [&str; 7] = ["jpeg", "jpe", "tif", "heif", "jpx", "j2k", "svgz"];
    is_ending(ending) || ALSO.contains(&ending)
}

fn ending(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => of_brands(bytes, brands),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => match exif_block::is_raw(bytes) {
            true => "raw",
            false => "tiff",
        },
        // Panasonic, Olympus, Fujifilm.
        [b'I', b'I', b'U', 0, ..] | [b'I', b'I', b'R', b'O' | b'S', ..] => "raw",
        [b'M', b'M', b'O', b'R', ..] => "raw",
        head if head.starts_with(b"FUJIFILMCCD-RAW") => "raw",
        [b'q', b'o', b'i', b'f', ..] => "qoi",
        [b'8', b'B', b'P', b'S', ..] => "psd",
        [b'B', b'M', ..] => "bmp",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => "jp2",
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] | [0xff, 0x0a, ..] => "jxl",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "webm",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "wav",
        [b'I', b'D', b'3', ..] | [0xff, 0xf2 | 0xf3 | 0xfb, ..] => "mp3",
        [b'O', b'g', b'g', b'S', ..] => "ogg",
        [b'f', b'L', b'a', b'C', ..] => "flac",
        [b'g', b'l', b'T', b'F', ..] => "glb",
        text if is_svg(text) => "svg",
        _ => "bin",
    }
}

/// The first brand says little where it is a general one; the compatible ones follow behind a
/// version.
fn of_brands(file: &[u8], brands: &[u8]) -> &'static str {
    let length = file.get(..4).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
    let length = length.map_or(0, |length| length.saturating_sub(8) as usize).min(256);
    let all = brands.get(..length).unwrap_or(brands).chunks_exact(4);
    let all: Vec<&[u8]> = all.collect();
    let has = |name: &[u8]| all.contains(&name);
    match all.first() {
        Some([b'a', b'v', b'i', b'f' | b's']) => "avif",
        Some([b'h', b'e', b'i', b'c' | b'x' | b'm' | b's']) => "heic",
        Some([b'm', b'i' | b's', b'f', b'1']) if has(b"avif") => "avif",
        Some([b'm', b'i' | b's', b'f', b'1']) => "heic",
        Some([b'c', b'r', b'x', b' ']) => "raw",
        Some(_) | None => "mp4",
    }
}

/// Its root may stand behind a declaration and remarks.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..1_024).unwrap_or(bytes));
    head.trim_start().starts_with('<') && head.contains("<svg")
}
