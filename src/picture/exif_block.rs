//! Our two fields in an Exif block: a block of our own, or merged into the one that a file has.
//!
//! A file may have one block only: readers stop at the first. Merging only appends, so that every
//! offset that the block holds stays true, also those in a maker's note. Invariant: taking our
//! fields out again gives the very bytes from before.

use image::metadata::Orientation;

const KIND_OF_PICTURE: u16 = 0x00fe;
const ORIENTATION: u16 = 0x0112;
const DNG_VERSION: u16 = 0xc612;
const SOFTWARE: u16 = 0x0131;
const EXIF_DIRECTORY: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;
const PROGRAM: &[u8] = b"editree\0";
/// Kinds of value (TIFF 6.0, Exif 2.3).
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;
const ENTRY: usize = 12;
/// A header and a directory without entries.
const EMPTY: &[u8] = b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0";
/// A segment of a JPEG holds no larger one, and no other format has reason to.
const LARGEST: usize = 256 << 10;
/// Where a block says where its first directory begins.
const FIRST_AT: usize = 4;

#[derive(Clone, Copy)]
struct Order {
    is_big: bool,
}

impl Order {
    fn of(block: &[u8]) -> Option<Self> {
        match block.get(..4)? {
            b"MM\0\x2a" => Some(Self { is_big: true }),
            b"II\x2a\0" => Some(Self { is_big: false }),
            _ => None,
        }
    }

    fn two(self, value: u16) -> [u8; 2] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn four(self, value: u32) -> [u8; 4] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn read_two(self, block: &[u8], at: usize) -> Option<u16> {
        let bytes = block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn read_four(self, block: &[u8], at: usize) -> Option<u32> {
        let bytes = block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The comment in UTF-16 of the block's own order, as most readers expect it.
    fn comment(self, text: &str) -> Vec<u8> {
        let text = text.encode_utf16().flat_map(|unit| self.two(unit));
        b"UNICODE\0".iter().copied().chain(text).collect()
    }
}

/// Entries of a directory as they are, and where the next one begins.
struct Directory {
    entries: Vec<(u16, [u8; ENTRY])>,
    next: u32,
}

impl Directory {
    fn read(block: &[u8], at: usize, order: Order) -> Option<Self> {
        let count = usize::from(order.read_two(block, at)?);
        let entries = (0..count).map(|index| {
            let at = at + 2 + index * ENTRY;
            let entry: [u8; ENTRY] = block.get(at..at + ENTRY)?.try_into().ok()?;
            Some((order.read_two(block, at)?, entry))
        });
        let entries = entries.collect::<Option<_>>()?;
        let next = order.read_four(block, at + 2 + count * ENTRY).unwrap_or(0);
        Some(Self { entries, next })
    }

    fn empty() -> Self {
        Self { entries: Vec::new(), next: 0 }
    }

    fn has(&self, tag: u16) -> bool {
        self.entries.iter().any(|(other, _)| *other == tag)
    }

    /// In the order of the tags, in place of an older one.
    fn set(&mut self, order: Order, tag: u16, kind: u16, count: u32, value: u32) {
        let mut entry = [0; ENTRY];
        let parts: [&[u8]; 4] =
            [&order.two(tag), &order.two(kind), &order.four(count), &order.four(value)];
        for (to, from) in entry.iter_mut().zip(parts.concat()) {
            *to = from;
        }
        self.entries.retain(|(other, _)| *other != tag);
        let at = self.entries.partition_point(|(other, _)| *other < tag);
        self.entries.insert(at, (tag, entry));
    }

    fn bytes(&self, order: Order) -> Vec<u8> {
        let count = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        let entries = self.entries.iter().flat_map(|(_, entry)| *entry);
        let next = order.four(self.next);
        order.two(count).into_iter().chain(entries).chain(next).collect()
    }
}

/// How the picture stands, as the first directory of a TIFF tells.
pub(super) fn orientation(block: &[u8]) -> Option<Orientation> {
    Orientation::from_exif(u8::try_from(value(block, ORIENTATION)?).ok()?)
}

/// A camera's raw file: the first directory is only a small picture of what is in another one, or
/// says whose file it is.
pub(super) fn is_raw(file: &[u8]) -> bool {
    let is_small = value(file, KIND_OF_PICTURE).is_some_and(|kind| kind & 1 == 1);
    is_small || value(file, DNG_VERSION).is_some() || file.get(8..10) == Some(b"CR")
}

/// A number of the first directory.
fn value(block: &[u8], tag: u16) -> Option<u32> {
    let order = Order::of(block)?;
    let at = usize::try_from(order.read_four(block, FIRST_AT)?).ok()?;
    let directory = Directory::read(block, at, order)?;
    let (_, entry) = directory.entries.iter().find(|(other, _)| *other == tag)?;
    match order.read_two(entry, 2)? {
        SHORT => order.read_two(entry, 8).map(u32::from),
        _ => order.read_four(entry, 8),
    }
}

/// A block with nothing but ours.
pub(super) fn new(comment: &str) -> Option<Vec<u8>> {
    // A header whose first directory, of no entries, is left behind by what is appended.
    merged(EMPTY, comment)
}

/// The block with our fields. `None`: it has words of another tool, or cannot be read.
pub(super) fn merged(block: &[u8], comment: &str) -> Option<Vec<u8>> {
    let order = Order::of(block)?;
    let first_at = order.read_four(block, FIRST_AT)?;
    let mut first = Directory::read(block, usize::try_from(first_at).ok()?, order)?;
    let exif_at = first
        .entries
        .iter()
        .find(|(tag, _)| *tag == EXIF_DIRECTORY)
        .map(|(_, entry)| order.read_four(entry, 8));
    let mut exif = match exif_at {
        Some(at) => Directory::read(block, usize::try_from(at?).ok()?, order)?,
        None => Directory::empty(),
    };
    if exif.has(USER_COMMENT) || first.has(USER_COMMENT) {
        return None;
    }
    let comment = order.comment(comment);
    let mut out = block.to_vec();
    // Values begin at even places (TIFF 6.0).
    let mut append = |bytes: &[u8]| {
        out.resize(out.len().next_multiple_of(2), 0);
        let at = u32::try_from(out.len()).ok();
        out.extend_from_slice(bytes);
        at
    };
    let comment_at = append(&comment)?;
    let length = u32::try_from(comment.len()).ok()?;
    exif.set(order, USER_COMMENT, UNDEFINED, length, comment_at);
    let exif_at = append(&exif.bytes(order))?;
    first.set(order, EXIF_DIRECTORY, LONG, 1, exif_at);
    if !first.has(SOFTWARE) {
        let program_at = append(PROGRAM)?;
        let length = u32::try_from(PROGRAM.len()).ok()?;
        first.set(order, SOFTWARE, ASCII, length, program_at);
    }
    let new_first_at = append(&first.bytes(order))?;
    // How it was, for taking it off again.
    let length = u32::try_from(block.len()).ok()?;
    append(&[&first_at.to_be_bytes()[..], &length.to_be_bytes(), PROGRAM].concat())?;
    out.get_mut(FIRST_AT..FIRST_AT + 4)?.copy_from_slice(&order.four(new_first_at));
    Some(out)
}

/// The block without our fields, empty if there was none; `None`: they are not in it.
pub(super) fn unmerged(block: &[u8]) -> Option<Vec<u8>> {
    let order = Order::of(block)?;
    if is_of_older_version(block) {
        return Some(Vec::new());
    }
    let end = block.strip_suffix(PROGRAM)?;
    let (rest, length) = end.split_at_checked(end.len().checked_sub(4)?)?;
    let (_, first_at) = rest.split_at_checked(rest.len().checked_sub(4)?)?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    let (length, first_at) = (usize::try_from(number(length)?).ok()?, number(first_at)?);
    let mut out = block.get(..length)?.to_vec();
    out.get_mut(FIRST_AT..FIRST_AT + 4)?.copy_from_slice(&order.four(first_at));
    // One that was made for us alone.
    Some(if out == EMPTY { Vec::new() } else { out })
}

/// The block that was written before blocks were merged: the program's name, and the comment at
/// the end.
fn is_of_older_version(block: &[u8]) -> bool {
    let head = b"MM\0\x2a\0\0\0\x08\0\x02\x01\x31\0\x02\0\0\0\x08\0\0\0\x26\x87\x69";
    let name_at = 38;
    let comment_at = 64;
    let length = block.get(52..56).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    block.starts_with(head)
        && block.get(name_at..name_at + PROGRAM.len()) == Some(PROGRAM)
        && length.and_then(|length| usize::try_from(length).ok())
            == block.len().checked_sub(comment_at)
}

/// Each tag stands once in the first directory: a reader that follows every pointer of a crafted
/// one would never come to an end.
pub(super) fn is_sound(block: &[u8]) -> bool {
    let first = Order::of(block).and_then(|order| {
        let at = usize::try_from(order.read_four(block, FIRST_AT)?).ok()?;
        let count = usize::from(order.read_two(block, at)?);
        let tags = (0..count).map_while(|index| order.read_two(block, at + 2 + index * ENTRY));
        Some(tags.collect::<Vec<_>>())
    });
    let Some(mut tags) = first else { return false };
    let count = tags.len();
    tags.sort_unstable();
    tags.dedup();
    tags.len() == count && block.len() <= LARGEST
}
