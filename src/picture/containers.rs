//! The parts of picture files, as their formats cut them: chunks of a PNG, segments of a JPEG,
//! chunks of a WebP.
//!
//! Knows nothing of what is inside a part. Invariant: only whole parts are handed out; a file that
//! is cut off ends the walk.

use super::signature;

/// What can be walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Png,
    Jpeg,
    Webp,
}

pub(super) fn of(file: &[u8]) -> Option<Container> {
    match signature::of(file).name {
        "png" => Some(Container::Png),
        "jpeg" => Some(Container::Jpeg),
        "webp" => Some(Container::Webp),
        _ => None,
    }
}

/// More than one frame, as the head tells; a GIF always counts as such.
pub(super) fn is_animated(file: &[u8]) -> bool {
    match of(file) {
        Some(Container::Png) => png_chunks(file)
            .take_while(|chunk| chunk.png_type() != Some(b"IDAT"))
            .any(|chunk| chunk.png_type() == Some(b"acTL")),
        Some(Container::Webp) => webp_chunks(file).any(|(name, _)| name == b"ANIM"),
        Some(Container::Jpeg) => false,
        None => signature::of(file).name == "gif",
    }
}

/// A part: all of it, and where it stands.
pub(super) struct Part<'file> {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) bytes: &'file [u8],
}

impl<'file> Part<'file> {
    /// The four letters of a PNG chunk's type.
    pub(super) fn png_type(&self) -> Option<&'file [u8]> {
        self.bytes.get(4..8)
    }

    /// A PNG chunk without length, type and checksum.
    pub(super) fn png_data(&self) -> &'file [u8] {
        self.bytes.get(8..self.length.saturating_sub(4)).unwrap_or_default()
    }

    /// The code of a JPEG segment's marker.
    pub(super) fn marker(&self) -> Option<u8> {
        self.bytes.get(1).copied()
    }

    /// A JPEG segment without marker and length.
    pub(super) fn segment_data(&self) -> &'file [u8] {
        self.bytes.get(4..).unwrap_or_default()
    }
}

const PNG_SIGNATURE: usize = 8;
/// Length, type and checksum around the data of a PNG chunk.
const PNG_AROUND: usize = 12;

/// From the header to the end, before and behind the pixels.
pub(super) fn png_chunks(file: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut at = PNG_SIGNATURE;
    std::iter::from_fn(move || {
        let length = file.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)?;
        let length = usize::try_from(length).ok()?.checked_add(PNG_AROUND)?;
        let bytes = file.get(at..at.checked_add(length)?)?;
        let part = Part { at, length, bytes };
        at += length;
        Some(part)
    })
}

/// Up to the first scan.
pub(super) fn jpeg_segments(file: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut at = 2;
    std::iter::from_fn(move || {
        // Any number of fill bytes may stand before a marker.
        while let Some([0xff, 0xff]) = file.get(at..at + 2) {
            at += 1;
        }
        let [0xff, marker, high, low] = *file.get(at..at + 4)? else {
            return None;
        };
        if marker == 0xda {
            return None;
        }
        let length = 2 + usize::from(u16::from_be_bytes([high, low]));
        let part = Part { at, length, bytes: file.get(at..at + length)? };
        at += length;
        Some(part)
    })
}

/// Name and data of each chunk.
pub(super) fn webp_chunks(file: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 12;
    std::iter::from_fn(move || {
        let name = file.get(at..at + 4)?;
        let length = file.get(at + 4..at + 8)?.try_into().ok().map(u32::from_le_bytes)?;
        let length = usize::try_from(length).ok()?;
        let data = file.get(at + 8..(at + 8).checked_add(length)?)?;
        at += 8 + length + length % 2;
        Some((name, data))
    })
}
