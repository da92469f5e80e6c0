//! What a picture says about how it was made, inside its file and without touching a pixel.
//!
//! PNG gets text chunks, JPEG an Exif comment and an XMP packet: `parameters`, which other tools
//! read, and our own JSON. Pure. Invariant: taking a label off gives the very bytes from before.

use std::fmt::Write as _;

use super::containers::{Part, jpeg_segments, png_chunks};
use super::{Format, recognise};

/// What is written into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Prompt and settings in the lines that A1111's web UI began and others read.
    pub parameters: String,
    /// Recipe and lineage as JSON.
    pub recipe: String,
}

/// The name of our JSON in a PNG, and of the program in an Exif block.
const OURS: &str = "editree";
const PARAMETERS: &str = "parameters";
const SIGNATURE: usize = 8;
/// Length, name and checksum around the data of a PNG chunk.
const AROUND: usize = 12;
const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const NAMESPACE: &str = "https://editree.invalid/recipe/1.0/";
/// A segment of a JPEG counts its bytes in two, its own length included.
const MAX_SEGMENT: usize = 65_533;

/// The file with the label in it, in place of an older one. `None` for other formats and for
/// labels that do not fit.
pub fn attach(file: &[u8], label: &Label) -> Option<Vec<u8>> {
    let plain = detach(file);
    match recognise(&plain).ok()? {
        Format::Png => {
            // Behind the header, before everything else.
            let header = SIGNATURE + AROUND + 13;
            let mut out = plain.get(..header)?.to_vec();
            out.extend(text_chunk(PARAMETERS, &label.parameters));
            out.extend(text_chunk(OURS, &label.recipe));
            out.extend_from_slice(plain.get(header..)?);
            Some(out)
        }
        Format::Jpeg => {
            let mut out = plain.get(..2)?.to_vec();
            out.extend(segment(EXIF, &exif(&label.parameters))?);
            out.extend(segment(XMP, xmp(&label.recipe).as_bytes())?);
            out.extend_from_slice(plain.get(2..)?);
            Some(out)
        }
        Format::Webp | Format::Gif => None,
    }
}

/// The file without our label.
pub fn detach(file: &[u8]) -> Vec<u8> {
    let ranges = match recognise(file) {
        Ok(Format::Png) => png_chunks(file).filter(|chunk| is_ours_png(chunk.bytes)).collect(),
        Ok(Format::Jpeg) => {
            jpeg_segments(file).filter(|segment| is_ours_jpeg(segment.bytes)).collect()
        }
        _ => Vec::new(),
    };
    let mut out = Vec::with_capacity(file.len());
    let mut from = 0;
    for Part { at, length, .. } in ranges {
        out.extend_from_slice(file.get(from..at).unwrap_or_default());
        from = at + length;
    }
    out.extend_from_slice(file.get(from..).unwrap_or_default());
    out
}

/// Our JSON, if the file has a label.
pub fn recipe(file: &[u8]) -> Option<String> {
    match recognise(file).ok()? {
        Format::Png => {
            let words = super::metadata_of(file);
            words.into_iter().find(|(name, _)| name == OURS).map(|(_, text)| text)
        }
        Format::Jpeg => jpeg_segments(file).find_map(|segment| {
            let packet = std::str::from_utf8(segment.bytes.get(4..)?.strip_prefix(XMP)?).ok()?;
            let (_, rest) = packet.split_once("<editree:recipe>")?;
            Some(unescaped(rest.split_once("</editree:recipe>")?.0))
        }),
        Format::Webp | Format::Gif => None,
    }
}

fn is_ours_png(chunk: &[u8]) -> bool {
    let is_text = matches!(chunk.get(4..8), Some(b"iTXt"));
    let name = chunk.get(8..).unwrap_or_default().split(|byte| *byte == 0).next();
    is_text && name.is_some_and(|name| name == OURS.as_bytes() || name == PARAMETERS.as_bytes())
}

/// International text, uncompressed.
fn text_chunk(name: &str, text: &str) -> Vec<u8> {
    let data = [b"iTXt", name.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&data);
    let length = u32::try_from(data.len() - 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), data.as_slice(), &sum.sum().to_be_bytes()].concat()
}

fn is_ours_jpeg(segment: &[u8]) -> bool {
    let data = segment.get(4..).unwrap_or_default();
    let has = |words: &[u8]| data.windows(words.len()).any(|part| part == words);
    segment.get(1) == Some(&0xe1)
        && ((data.starts_with(EXIF) && has(b"editree\0"))
            || (data.starts_with(XMP) && has(NAMESPACE.as_bytes())))
}

/// An application segment; `None` if it does not fit.
fn segment(name: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let length = 2 + name.len() + data.len();
    let length = u16::try_from(length).ok().filter(|length| usize::from(*length) <= MAX_SEGMENT)?;
    Some([&[0xff, 0xe1], &length.to_be_bytes(), name, data].concat())
}

/// A TIFF block with the program's name and the comment (Exif 2.3: tags 0x0131, 0x8769, 0x9286).
fn exif(comment: &str) -> Vec<u8> {
    let text: Vec<u8> = comment.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let comment = [b"UNICODE\0".as_slice(), &text].concat();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [
            tag.to_be_bytes().as_slice(),
            &kind.to_be_bytes(),
            &count.to_be_bytes(),
            &value.to_be_bytes(),
        ]
        .concat()
    };
    // Header 8; a directory of two entries 2 + 24 + 4; the name 8; a directory of one 2 + 12 + 4.
    let (name_at, exif_at, comment_at) = (38, 46, 64);
    let length = u32::try_from(comment.len()).unwrap_or(u32::MAX);
    [
        b"MM\0\x2a\0\0\0\x08\0\x02".as_slice(),
        &entry(0x0131, 2, 8, name_at),
        &entry(0x8769, 4, 1, exif_at),
        &[0; 4],
        b"editree\0",
        b"\0\x01",
        &entry(0x9286, 7, length, comment_at),
        &[0; 4],
        &comment,
    ]
    .concat()
}

fn xmp(recipe: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:editree=\"{NAMESPACE}\">\
         <editree:recipe>{}</editree:recipe></rdf:Description>\n\
         </rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>",
        escaped(recipe)
    )
}

/// As text between marks of XML or HTML.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Nothing else of ours is a control; XML has none.
            c if c.is_control() && c != '\n' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::*;

    fn label(words: &str) -> Label {
        let recipe = format!("{{\"prompt\":\"{words} <&> ü 犬\"}}");
        Label { parameters: format!("{words}\nSeed: 7"), recipe }
    }

    #[test]
    fn a_label_goes_in_and_out_and_leaves_the_file_as_it_was() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let mut file = Cursor::new(Vec::new());
            DynamicImage::new_rgb8(9, 7).write_to(&mut file, format).unwrap();
            let file = file.into_inner();
            assert_eq!(recipe(&file), None);
            let once = attach(&file, &label("one")).unwrap();
            assert_eq!(recipe(&once), Some(label("one").recipe), "{format:?}");
            let twice = attach(&once, &label("two")).unwrap();
            assert_eq!(recipe(&twice), Some(label("two").recipe), "{format:?}");
            assert_eq!(detach(&twice), file, "{format:?}");
            let pixels = |file: &[u8]| image::load_from_memory(file).unwrap().to_rgb8();
            assert_eq!(pixels(&twice), pixels(&file));
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(9, 7).write_to(&mut file, ImageFormat::Jpeg).unwrap();
        let long = Label { parameters: String::new(), recipe: "x".repeat(70_000) };
        assert_eq!(attach(&file.into_inner(), &long), None);
        assert_eq!(attach(b"no picture", &label("x")), None);
        assert_eq!(detach(b"no picture"), b"no picture");
    }
}
