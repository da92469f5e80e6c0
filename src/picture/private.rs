//! What a file tells of who took it, where and with what, and the file without that.
//!
//! Exif, XMP, IPTC, comments, thumbnails, further pictures behind the first and signatures are cut
//! out; orientation and colour profile stay, since they say how the picture looks. Invariant: of a
//! whole file not a pixel is encoded anew.

use exif::{In, Tag};

use super::containers::{self, Container, Part, jpeg_segments, png_chunks, webp_chunks};
use super::{Format, Limits, decode, encode_jpeg, encode_png, exif_block, recognise};

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const JFIF: &[u8] = b"JFIF\0";
const ADOBE: &[u8] = b"Adobe";
/// What of a PNG says how it looks, besides the critical chunks, whose names begin in capitals.
const PNG_LOOKS: [&[u8]; 10] =
    [b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"pHYs", b"bKGD", b"acTL"];
const PNG_FRAMES: [&[u8]; 2] = [b"fcTL", b"fdAT"];
/// What of a WebP says how it looks, besides its header.
const WEBP_LOOKS: [&[u8]; 6] = [b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Of a WebP's extended header: there is Exif, there is XMP.
const WEBP_FLAGS: u8 = 0b0000_1100;

/// Of a JPEG that must be encoded anew.
const QUALITY: u8 = 95;

/// The file without what is private. One whose parts cannot be told apart, as when it is cut off,
/// and one of a format that few programs show, is encoded anew; what is no picture that can be
/// used stays as it is.
pub fn without(file: &[u8]) -> Vec<u8> {
    let pixels = || decode(file, Limits::default()).ok();
    let as_png = || encode_png(&pixels()?.image, &[]);
    let as_jpeg = || encode_jpeg(&pixels()?.image, QUALITY, "");
    let bare = match containers::of(file) {
        Some(Container::Png) => png(file).or_else(as_png),
        Some(Container::Jpeg) => jpeg(file).or_else(as_jpeg),
        Some(Container::Webp) => webp(file),
        None => match recognise(file) {
            Ok(Format::Gif) => gif(file),
            Ok(Format::Heic | Format::Raw) => as_jpeg(),
            Ok(Format::Tiff | Format::Jxl | Format::Jp2) => as_png(),
            Ok(Format::Png | Format::Jpeg | Format::Webp | Format::Bmp | Format::Qoi) | Err(_) => {
                None
            }
        },
    };
    bare.unwrap_or_else(|| file.to_vec())
}

/// Without comments and the words of programs; what makes it run stays.
fn gif(file: &[u8]) -> Option<Vec<u8>> {
    let colors = |flags: u8| match flags & 0x80 {
        0 => 0,
        _ => 3_usize << (usize::from(flags & 7) + 1),
    };
    let mut at = 13 + colors(*file.get(10)?);
    let mut out = file.get(..at)?.to_vec();
    loop {
        let from = at;
        let kind = *file.get(at)?;
        let label = file.get(at + 1).copied();
        at = match kind {
            0x3b => {
                out.push(kind);
                return Some(out);
            }
            // A frame: its head, its colours, and how wide its codes are.
            0x2c => gif_blocks(file, at + 11 + colors(*file.get(at + 9)?))?,
            0x21 => gif_blocks(file, at + 2)?,
            _ => return None,
        };
        let runs = |name: &&[u8]| [&b"NETSCAPE2.0"[..], b"ANIMEXTS1.0"].contains(name);
        let is_looks = match (kind, label) {
            (0x21, Some(0xf9 | 0x01)) => true,
            (0x21, Some(0xff)) => file.get(from + 3..from + 14).filter(runs).is_some(),
            (0x21, _) => false,
            _ => true,
        };
        if is_looks {
            out.extend_from_slice(file.get(from..at)?);
        }
    }
}

/// Behind the blocks that begin here: each counts its bytes, none ends them.
fn gif_blocks(file: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*file.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

fn png(file: &[u8]) -> Option<Vec<u8>> {
    let mut out = file.get(..8)?.to_vec();
    for chunk in png_chunks(file) {
        let kind = chunk.png_type()?;
        if kind == b"eXIf" {
            let block = orientation(chunk.png_data());
            out.extend(block.map(|block| png_chunk(b"eXIf", &block)).unwrap_or_default());
            continue;
        }
        let is_critical = kind.first().is_some_and(u8::is_ascii_uppercase);
        if is_critical || PNG_LOOKS.contains(&kind) || PNG_FRAMES.contains(&kind) {
            out.extend_from_slice(chunk.bytes);
        }
        if kind == b"IEND" {
            return Some(out);
        }
    }
    None
}

fn png_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat()
}

fn jpeg(file: &[u8]) -> Option<Vec<u8>> {
    let mut out = file.get(..2)?.to_vec();
    let mut at = 2;
    for segment in jpeg_segments(file) {
        at = segment.at + segment.length;
        match segment.segment_data().strip_prefix(EXIF) {
            Some(block) if segment.marker() == Some(0xe1) => {
                if let Some(block) = orientation(block) {
                    let length = u16::try_from(2 + EXIF.len() + block.len()).ok()?;
                    out.extend([&[0xff, 0xe1], &length.to_be_bytes()[..], EXIF, &block].concat());
                }
            }
            Some(_) | None if says_how_it_looks(&segment) => out.extend_from_slice(segment.bytes),
            Some(_) | None => {}
        }
    }
    let scans = file.get(at..).filter(|rest| rest.starts_with(&[0xff, 0xda]))?;
    out.extend_from_slice(scans.get(..scans_end(scans)?)?);
    Some(out)
}

/// Tables and frames, the profile, and what tells the colours' meaning.
fn says_how_it_looks(segment: &Part) -> bool {
    let data = segment.segment_data();
    match segment.marker() {
        Some(0xe0) => data.starts_with(JFIF),
        Some(0xe2) => data.starts_with(ICC),
        Some(0xee) => data.starts_with(ADOBE),
        Some(0xe1..=0xef | 0xfe) | None => false,
        Some(_) => true,
    }
}

/// Behind the end marker of the first picture: some cameras put more pictures there.
fn scans_end(scans: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let marker = *scans.get(at + 1).filter(|_| scans.get(at) == Some(&0xff))?;
        match marker {
            0xd9 => return Some(at + 2),
            // Fill bytes, stuffed bytes and restarts have no length.
            0xff => at += 1,
            0x00 | 0x01 | 0xd0..=0xd7 => at = next_mark(scans, at + 2)?,
            // Words between scans, where no camera has any.
            0xe0..=0xef | 0xfe => return None,
            _ => {
                let length = scans.get(at + 2..at + 4)?.try_into().ok().map(u16::from_be_bytes)?;
                at = next_mark(scans, at + 2 + usize::from(length))?;
            }
        }
    }
}

fn next_mark(scans: &[u8], from: usize) -> Option<usize> {
    scans.get(from..)?.iter().position(|byte| *byte == 0xff).map(|at| from + at)
}

fn webp(file: &[u8]) -> Option<Vec<u8>> {
    let mut out = file.get(..12)?.to_vec();
    for (name, data) in webp_chunks(file) {
        let mut data = data.to_vec();
        match name {
            b"EXIF" => match orientation(data.strip_prefix(EXIF).unwrap_or(&data)) {
                Some(block) => data = block,
                None => continue,
            },
            b"VP8X" => {
                let turned =
                    webp_chunks(file).filter(|(name, _)| *name == b"EXIF").any(|(_, data)| {
                        orientation(data.strip_prefix(EXIF).unwrap_or(data)).is_some()
                    });
                let flags = data.first_mut()?;
                *flags = *flags & !WEBP_FLAGS | u8::from(turned) << 3;
            }
            name if WEBP_LOOKS.contains(&name) => {}
            _ => continue,
        }
        let length = u32::try_from(data.len()).ok()?;
        // Chunks begin at even places.
        let padding: &[u8] = if data.len().is_multiple_of(2) { &[] } else { &[0] };
        out.extend([name, &length.to_le_bytes(), &data, padding].concat());
    }
    let length = u32::try_from(out.len().checked_sub(8)?).ok()?.to_le_bytes();
    out.splice(4..8, length);
    Some(out)
}

/// A block that says only how the picture stands; `None`: it stands upright.
fn orientation(block: &[u8]) -> Option<Vec<u8>> {
    if !exif_block::is_sound(block) {
        return None;
    }
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_raw(block.to_vec());
    let exif = read.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    let value = u16::try_from(value).ok().filter(|value| (2..=8).contains(value))?;
    let head = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";
    Some([head.as_slice(), &value.to_be_bytes(), &[0; 6]].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::*;

    const SECRET: &[u8] = b"serial 4711";

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(9, 7).write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    /// Orientation 6, and the serial number as the maker's name.
    fn block() -> Vec<u8> {
        let orientation = b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0".as_slice();
        let maker = b"\x01\x0f\0\x02\0\0\0\x0c\0\0\0\x26".as_slice();
        let head = b"MM\0\x2a\0\0\0\x08\0\x02".as_slice();
        [head, maker, orientation, &[0; 4], SECRET, b"\0"].concat()
    }

    fn has_secret(file: &[u8]) -> bool {
        file.windows(SECRET.len()).any(|part| part == SECRET)
    }

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], data].concat()
    }

    /// What every file of a camera may hold, each with the secret.
    fn private() -> Vec<(&'static str, Vec<u8>)> {
        let mut jpeg = picture(ImageFormat::Jpeg);
        let exif = segment(0xe1, &[EXIF, &block()].concat());
        let others = [
            segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
            segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
            segment(0xe2, &[b"MPF\0", SECRET].concat()),
            segment(0xfe, SECRET),
        ];
        jpeg.splice(2..2, [exif, others.concat()].concat());
        jpeg.extend([picture(ImageFormat::Jpeg), SECRET.to_vec()].concat());
        let mut png = picture(ImageFormat::Png);
        let chunks = [
            png_chunk(b"eXIf", &block()),
            png_chunk(b"tEXt", &[b"Author\0", SECRET].concat()),
            png_chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", SECRET].concat()),
        ];
        png.splice(33..33, chunks.concat());
        png.extend(SECRET);
        let simple = picture(ImageFormat::WebP);
        let chunk = |name: &[u8], data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_le_bytes();
            [name, &length, data, &[0][..data.len() % 2]].concat()
        };
        let extended = chunk(b"VP8X", &[0x0c, 0, 0, 0, 8, 0, 0, 6, 0, 0]);
        let body = [
            &simple[..12],
            &extended,
            &simple[12..],
            &chunk(b"EXIF", &block()),
            &chunk(b"XMP ", SECRET),
        ];
        let mut webp = body.concat();
        let length = u32::try_from(webp.len() - 8).unwrap().to_le_bytes();
        webp.splice(4..8, length);
        let mut gif = picture(ImageFormat::Gif);
        let comment = [b"\x21\xfe\x0b".as_slice(), SECRET, b"\0"].concat();
        gif.splice(gif.len() - 1.., [comment.as_slice(), b"\x3b"].concat());
        vec![("JPEG", jpeg), ("PNG", png), ("WebP", webp), ("GIF", gif)]
    }

    #[test]
    fn what_is_private_goes_and_the_picture_stays_upright_and_the_same() {
        for (name, file) in private() {
            assert!(has_secret(&file), "{name}");
            let bare = without(&file);
            assert!(!has_secret(&bare), "{name}");
            let (was, is) = (super::super::inspect(&file), super::super::inspect(&bare));
            let width = if name == "GIF" { 9 } else { 7 };
            assert_eq!((was.clone().unwrap().width, was), (width, is), "{name}: turned");
            let pixels = |file: &[u8]| image::load_from_memory(file).unwrap().to_rgb8();
            assert_eq!(pixels(&file), pixels(&bare), "{name}");
            assert_eq!(without(&bare), bare, "{name}: nothing more to take");
        }
    }

    #[test]
    fn a_file_with_nothing_private_stays_as_it_is() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let file = picture(format);
            assert_eq!(without(&file), file, "{format:?}");
        }
        for (_, file) in private() {
            for end in 0..file.len() {
                let _ = without(file.get(..end).unwrap());
            }
        }
        assert_eq!(without(b"no picture"), b"no picture");
    }

    #[test]
    fn a_jpeg_that_is_written_oddly_or_cut_off_tells_nothing_either() {
        let (_, file) = private().remove(0);
        let mut filled = file.clone();
        filled.splice(2..2, [0xff; 3]);
        let end = file.windows(2).position(|two| two == [0xff, 0xd9]).unwrap();
        let unended = file[..end].to_vec();
        let mut between = file.clone();
        between.splice(2..2, [0, 0]);
        for (name, file) in [("fill bytes", filled), ("no end", unended), ("junk", between)] {
            // What no decoder takes is no picture that could be opened.
            if decode(&file, Limits::default()).is_ok() {
                assert!(!has_secret(&without(&file)), "{name}");
            }
        }
    }
}
