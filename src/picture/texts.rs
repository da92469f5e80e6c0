//! The texts inside a picture file, by one name each, whatever container holds them.
//!
//! PNG text of all three kinds before and behind the pixels, Exif in PNG, JPEG, WebP and HEIF, XMP
//! in all of them, JPEG comments. Invariant: all of them
//! together are at most [`LONGEST`] bytes, whatever they are packed into.

use std::io::{Cursor, Read as _};

use exif::{Exif, In, Tag, Value};

use super::containers::{jpeg_segments, png_chunks, webp_chunks};
use super::{exif_block, signature};
use encoding::{comment, latin1};

mod encoding;

/// The name of our own recipe, as the keyword of a PNG's text and as what it is called here.
pub(super) const OURS: &str = "editree";
/// Where our recipe is a property of XMP.
pub(super) const NAMESPACE: &str = "https://editree.invalid/recipe/1.0/";
/// In bytes, of all texts of a file together: a graph with pictures in it may be large.
const LONGEST: usize = 8 << 20;
/// Texts of a file.
const MOST: usize = 1_000;
/// A packet that is longer, in bytes, or has more attributes, is not parsed.
const LONGEST_PACKET: usize = 1 << 20;
const MOST_ATTRIBUTES: usize = 5_000;
const MOST_XML_NODES: u32 = 20_000;
const EXIF_PREFIX: &[u8] = b"Exif\0\0";
const XMP_PREFIX: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";

/// What an Exif tag is called here.
const TAGS: [(Tag, &str); 8] = [
    (Tag::UserComment, "exif:UserComment"),
    (Tag::ImageDescription, "exif:ImageDescription"),
    (Tag::Make, "exif:Make"),
    (Tag::Model, "exif:Model"),
    (Tag::Software, "exif:Software"),
    (Tag::Artist, "exif:Artist"),
    (Tag::MakerNote, "exif:MakerNote"),
    (Tag(exif::Context::Tiff, 0x9286), "exif:UserComment"),
];
/// Some write the note of the maker where a picture's own description stands.
const MAKER_NOTE_AT_TOP: Tag = Tag(exif::Context::Tiff, 0x927c);

/// Names and texts in the order of the file: PNG keywords as they are, `exif:Tag`, `xmp:property`,
/// `comment`.
#[derive(Debug, Default)]
pub(super) struct Texts(Vec<(String, String)>);

impl Texts {
    /// Beyond what a file may tell, nothing is kept.
    pub(super) fn push(&mut self, name: &str, text: String) {
        if !text.is_empty() && text.len() <= self.room() {
            self.0.push((name.to_owned(), text));
        }
    }

    /// So many bytes more may be told.
    fn room(&self) -> usize {
        let told = self.0.iter().map(|(name, text)| name.len() + text.len()).sum();
        if self.0.len() < MOST { LONGEST.saturating_sub(told) } else { 0 }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Where a tool's settings may stand, whatever the format of the file.
    pub(super) fn settings(&self) -> impl Iterator<Item = &str> {
        let names = ["parameters", "exif:UserComment", "xmp:UserComment", "comment", "Comment"];
        names.into_iter().filter_map(|name| self.get(name))
    }
}

pub(super) fn of(file: &[u8]) -> Texts {
    let mut texts = Texts::default();
    match signature::of(file).name {
        "png" => png(file, &mut texts),
        "jpeg" => jpeg(file, &mut texts),
        "webp" => webp(file, &mut texts),
        _ => {
            if let Ok(exif) = exif::Reader::new().read_from_container(&mut Cursor::new(file)) {
                exif_fields(&exif, &mut texts);
            }
        }
    }
    texts
}

/// What is written as plain text: of a PNG by its keyword, of a JPEG its comment.
pub(super) fn plain(file: &[u8]) -> Vec<(String, String)> {
    let texts = of(file).0.into_iter();
    let plain = texts.filter(|(name, _)| !name.starts_with("exif:") && !name.starts_with("xmp:"));
    let named = |(name, text)| match name {
        name if name == "comment" => ("Comment".into(), text),
        name => (name, text),
    };
    plain.map(named).collect()
}

fn png(file: &[u8], texts: &mut Texts) {
    for chunk in png_chunks(file) {
        let data = chunk.png_data();
        match chunk.png_type() {
            Some(b"eXIf") => exif_texts(data, texts),
            Some(kind @ (b"tEXt" | b"zTXt" | b"iTXt")) => {
                let Some((keyword, text)) = png_text(kind, data, texts.room()) else { continue };
                match keyword == XMP_KEYWORD {
                    true => xmp(&text, texts),
                    false => texts.push(&keyword, text),
                }
            }
            Some(_) | None => {}
        }
    }
}

/// At most `room` bytes of the text.
fn png_text(kind: &[u8], data: &[u8], room: usize) -> Option<(String, String)> {
    let (keyword, rest) = cut(data)?;
    let text = match kind {
        b"tEXt" => latin1(rest.get(..room.min(rest.len()))?),
        b"zTXt" => latin1(&inflated(rest.get(1..)?, room)?),
        _ => {
            let [is_packed, _, rest @ ..] = rest else { return None };
            let (_language, rest) = cut(rest)?;
            let (_translated, text) = cut(rest)?;
            let text = if *is_packed == 1 { &inflated(text, room)? } else { text };
            String::from_utf8_lossy(text.get(..room.min(text.len()))?).into_owned()
        }
    };
    Some((latin1(keyword), text))
}

/// What stands before the first zero, and what behind.
fn cut(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = data.iter().position(|byte| *byte == 0)?;
    Some((data.get(..at)?, data.get(at + 1..)?))
}

fn inflated(data: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let most = u64::try_from(room).ok()?;
    flate2::read::ZlibDecoder::new(data).take(most).read_to_end(&mut text).ok()?;
    Some(text)
}

fn jpeg(file: &[u8], texts: &mut Texts) {
    for segment in jpeg_segments(file) {
        let data = segment.segment_data();
        match segment.marker() {
            Some(0xe1) => {
                if let Some(block) = data.strip_prefix(EXIF_PREFIX) {
                    exif_texts(block, texts);
                } else if let Some(packet) = data.strip_prefix(XMP_PREFIX) {
                    xmp(&String::from_utf8_lossy(packet), texts);
                }
            }
            Some(0xfe) => texts.push("comment", comment(data, true)),
            Some(_) | None => {}
        }
    }
}

fn webp(file: &[u8], texts: &mut Texts) {
    for (name, data) in webp_chunks(file) {
        match name {
            // By the format the block stands alone; Pillow puts JPEG's prefix before it.
            b"EXIF" => exif_texts(data.strip_prefix(EXIF_PREFIX).unwrap_or(data), texts),
            b"XMP " => xmp(&String::from_utf8_lossy(data), texts),
            _ => {}
        }
    }
}

fn exif_texts(block: &[u8], texts: &mut Texts) {
    if !exif_block::is_sound(block) {
        return;
    }
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = reader.read_raw(block.to_vec());
    // A directory that is damaged at its end still has what stands before.
    let read = read.or_else(|error| error.distill_partial_result(|_| {}));
    if let Ok(exif) = read {
        exif_fields(&exif, texts);
    }
}

fn exif_fields(exif: &Exif, texts: &mut Texts) {
    let is_big_endian = !exif.little_endian();
    let named = TAGS.into_iter().chain([(MAKER_NOTE_AT_TOP, "exif:MakerNote")]);
    for (tag, name) in named {
        let Some(field) = exif.get_field(tag, In::PRIMARY) else { continue };
        let text = match &field.value {
            Value::Undefined(bytes, _) | Value::Byte(bytes) => comment(bytes, is_big_endian),
            Value::Ascii(parts) => parts.iter().map(|part| comment(part, is_big_endian)).collect(),
            _ => continue,
        };
        texts.push(name, text);
    }
}

/// Properties, whether they are attributes or elements, and the first item of lists.
fn xmp(packet: &str, texts: &mut Texts) {
    let packet = packet.trim_matches(|c: char| c == '\0' || c == '\u{feff}' || c.is_whitespace());
    let attributes = packet.bytes().filter(|byte| *byte == b'=').count();
    if packet.len() > LONGEST_PACKET || attributes > MOST_ATTRIBUTES {
        return;
    }
    let options = roxmltree::ParsingOptions { nodes_limit: MOST_XML_NODES, ..Default::default() };
    let Ok(document) = roxmltree::Document::parse_with_options(packet, options) else { return };
    let descriptions = document.descendants().filter(|node| node.has_tag_name("Description"));
    for description in descriptions {
        for attribute in description.attributes().filter(|it| it.name() != "about") {
            let name = property_name(attribute.namespace(), attribute.name());
            texts.push(&name, attribute.value().to_owned());
        }
        for property in description.children().filter(roxmltree::Node::is_element) {
            let text: Option<&str> = property
                .descendants()
                .filter_map(|node| node.text())
                .find(|it| !it.trim().is_empty());
            let name = property_name(property.tag_name().namespace(), property.tag_name().name());
            texts.push(&name, text.unwrap_or_default().to_owned());
        }
    }
}

/// Our own recipe has the name that it has in a PNG.
fn property_name(namespace: Option<&str>, name: &str) -> String {
    match (namespace, name) {
        (Some(NAMESPACE), "recipe") => OURS.to_owned(),
        _ => format!("xmp:{name}"),
    }
}
