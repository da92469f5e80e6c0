//! Letters out of bytes: what an Exif comment says, whatever its prefix and its header promise.

/// Prefixes of a user comment (Exif 2.3, table 9): the name of a code in eight bytes.
const UNICODE: &[u8] = b"UNICODE\0";
const ASCII: &[u8] = b"ASCII\0\0\0";
const UNDEFINED: &[u8] = &[0; 8];

/// A user comment. Writers disagree about the byte order: some follow the TIFF header, some always
/// write big-endian or little-endian, and Exif 3 writers put UTF-8 behind `UNICODE`. So the text
/// itself decides, and `is_big_endian`, the header's order, only where it says nothing.
pub(super) fn comment(bytes: &[u8], is_big_endian: bool) -> String {
    let text = [UNICODE, ASCII, UNDEFINED]
        .iter()
        .find_map(|prefix| bytes.strip_prefix(*prefix))
        .unwrap_or(bytes);
    let text = match text {
        [0xef, 0xbb, 0xbf, rest @ ..] => return utf8(rest),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, true),
        [0xff, 0xfe, rest @ ..] => return utf16(rest, false),
        text => text,
    };
    let zeros = |odd: usize| text.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let trimmed = trim(text);
    let is_wide = bytes.starts_with(UNICODE) || trimmed.contains(&0);
    let is_text = std::str::from_utf8(trimmed).is_ok_and(|text| !text.contains('\0'));
    if !is_wide || is_text && !looks_wide(text) {
        return utf8(trimmed);
    }
    // Plain letters have a zero as their higher byte.
    match zeros(0).cmp(&zeros(1)) {
        std::cmp::Ordering::Greater => utf16(text, true),
        std::cmp::Ordering::Less => utf16(text, false),
        std::cmp::Ordering::Equal => utf16(text, is_big_endian),
    }
}

/// Without the zeros and blanks at its end.
fn trim(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != 0 && *byte != b' ').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

/// An even number of bytes of which hardly any is a plain letter: no text in one byte a letter.
fn looks_wide(text: &[u8]) -> bool {
    let plain = text.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ').count();
    text.len().is_multiple_of(2) && plain * 2 < text.len()
}

fn utf16(text: &[u8], is_big_endian: bool) -> String {
    let pairs = text.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
    let order = if is_big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    let units: Vec<u16> = pairs.map(order).collect();
    String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
}

fn utf8(text: &[u8]) -> String {
    String::from_utf8_lossy(trim(text)).into_owned()
}

/// Text that should be Latin-1: many write UTF-8 there.
pub(super) fn latin1(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().copied().map(char::from).collect(),
    }
}
