//! What a picture says about how it was made, inside its file and without touching a pixel.
//!
//! PNG gets text chunks, JPEG an Exif comment and an XMP packet: `parameters`, which other tools
//! read, and our own JSON. What a file has of its own is merged with, never hidden or replaced; a
//! signed file is left as it is. Pure. Invariant: taking a label off gives the very bytes from
//! before.

use std::fmt::Write as _;

use super::containers::{self, Container, Part, jpeg_segments, png_chunks, webp_chunks};
use super::exif_block;
use super::texts::{self, OURS};

mod xmp_packet;

/// What is written into a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Prompt and settings in the lines that A1111's web UI began and others read; may be empty.
    pub parameters: String,
    /// Recipe and lineage as JSON.
    pub recipe: String,
    /// How the picture came to be, as an address of IPTC's vocabulary of digital source types.
    pub source: Option<&'static str>,
}

const PARAMETERS: &str = "parameters";
const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
/// Signature, and the header with what is around it.
const PNG_HEAD: usize = 8 + 25;
const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const APP1: u8 = 0xe1;
const APP11: u8 = 0xeb;
/// A segment of a JPEG counts its bytes in two, its own length included.
const MAX_SEGMENT: usize = 65_533;

/// The file with the label in it, in place of an older one. `None` for other formats, for labels
/// that do not fit and for signed files.
pub fn attach(file: &[u8], label: &Label) -> Option<Vec<u8>> {
    let plain = detach(file);
    if is_signed(&plain) {
        return None;
    }
    match containers::of(&plain)? {
        Container::Png => attach_to_png(&plain, label),
        Container::Jpeg => attach_to_jpeg(&plain, label),
        Container::Webp => None,
    }
}

/// It carries Content Credentials (C2PA), which any change of its bytes would break.
pub fn is_signed(file: &[u8]) -> bool {
    match containers::of(file) {
        Some(Container::Png) => png_chunks(file).any(|chunk| chunk.png_type() == Some(b"caBX")),
        Some(Container::Jpeg) => jpeg_segments(file).any(|segment| {
            segment.marker() == Some(APP11) && segment.segment_data().starts_with(b"JP")
        }),
        Some(Container::Webp) => webp_chunks(file).any(|(name, _)| name == b"C2PA"),
        None => false,
    }
}

/// Right behind the header, before everything else.
fn attach_to_png(plain: &[u8], label: &Label) -> Option<Vec<u8>> {
    let mut out = plain.get(..PNG_HEAD)?.to_vec();
    let has = |name: &str| png_chunks(plain).any(|chunk| keyword(&chunk) == Some(name.as_bytes()));
    if let Some(source) = label.source.filter(|_| !has(XMP_KEYWORD)) {
        out.extend(text_chunk(XMP_KEYWORD, &xmp_packet::new(None, Some(source)), false));
    }
    // The words of another tool stay the only ones.
    if !has(PARAMETERS) && !label.parameters.is_empty() {
        let is_latin1 = label.parameters.chars().all(|c| u32::from(c) < 256);
        out.extend(text_chunk(PARAMETERS, &label.parameters, is_latin1));
    }
    out.extend(text_chunk(OURS, &label.recipe, false));
    out.extend_from_slice(plain.get(PNG_HEAD..)?);
    Some(out)
}

fn attach_to_jpeg(plain: &[u8], label: &Label) -> Option<Vec<u8>> {
    let find = |name: &[u8]| {
        jpeg_segments(plain).find(|part| is_app1(part) && part.segment_data().starts_with(name))
    };
    let (exif, xmp) = (find(EXIF), find(XMP));
    let mut changes = Vec::new();
    let block = exif.as_ref().and_then(|part| part.segment_data().strip_prefix(EXIF));
    let comment = match (label.parameters.as_str(), block) {
        ("", _) => None,
        (text, Some(block)) => exif_block::merged(block, text),
        (text, None) => exif_block::new(text),
    };
    // Words that do not fit beside a large thumbnail are left out: the recipe has them too.
    if let Some(segment) = comment.and_then(|block| segment(EXIF, &block)) {
        changes.push((range(exif.as_ref()), segment));
    }
    let packet = xmp.as_ref().and_then(|part| part.segment_data().strip_prefix(XMP));
    let packet = match packet {
        Some(packet) => {
            let packet = std::str::from_utf8(packet).ok()?;
            xmp_packet::merged(packet, Some(&label.recipe), label.source)?
        }
        None => xmp_packet::new(Some(&label.recipe), label.source),
    };
    changes.push((range(xmp.as_ref()), segment(XMP, packet.as_bytes())?));
    Some(changed(plain, changes))
}

/// Where the part stands; a new one goes to the front, where readers look.
fn range(part: Option<&Part>) -> (usize, usize) {
    part.map_or((2, 2), |part| (part.at, part.at + part.length))
}

/// The file with these parts in place of those; an empty one is left out.
fn changed(file: &[u8], mut changes: Vec<((usize, usize), Vec<u8>)>) -> Vec<u8> {
    // What comes in at a place stands before what takes the place of something there.
    changes.sort_by_key(|(range, _)| *range);
    let (mut out, mut at) = (Vec::with_capacity(file.len()), 0);
    for ((from, to), bytes) in changes {
        out.extend_from_slice(file.get(at..from).unwrap_or_default());
        out.extend(bytes);
        at = to;
    }
    out.extend_from_slice(file.get(at..).unwrap_or_default());
    out
}

/// The file without our label.
pub fn detach(file: &[u8]) -> Vec<u8> {
    match containers::of(file) {
        Some(Container::Png) => changed(file, png_label(file)),
        Some(Container::Jpeg) => {
            let ours = jpeg_segments(file).filter_map(|part| {
                let data = without_label(&part)?;
                Some((range(Some(&part)), data))
            });
            changed(file, ours.collect())
        }
        Some(Container::Webp) | None => file.to_vec(),
    }
}

/// Our chunk, and of those right before it what we have put there with it.
fn png_label(file: &[u8]) -> Vec<((usize, usize), Vec<u8>)> {
    let chunks: Vec<Part> = png_chunks(file).take_while(|chunk| !is_pixels(chunk)).collect();
    let is = |chunk: &Part, name: &str| keyword(chunk) == Some(name.as_bytes());
    let Some(ours) = chunks.iter().position(|chunk| is(chunk, OURS)) else {
        return png_chunks(file)
            .filter(|chunk| is(chunk, OURS))
            .map(|chunk| (range(Some(&chunk)), Vec::new()))
            .collect();
    };
    let mut first = ours;
    let before = |first: usize| first.checked_sub(1).and_then(|at| chunks.get(at));
    if before(first).is_some_and(|chunk| is(chunk, PARAMETERS)) {
        first -= 1;
    }
    let is_our_packet = |chunk: &Part| {
        let text = std::str::from_utf8(chunk.png_data()).unwrap_or_default();
        is(chunk, XMP_KEYWORD)
            && text
                .rsplit('\0')
                .next()
                .and_then(xmp_packet::unmerged)
                .is_some_and(|it| it.is_empty())
    };
    if before(first).is_some_and(is_our_packet) {
        first -= 1;
    }
    let ours = chunks.get(first..=ours).unwrap_or_default();
    ours.iter().map(|chunk| (range(Some(chunk)), Vec::new())).collect()
}

fn is_pixels(chunk: &Part) -> bool {
    chunk.png_type() == Some(b"IDAT")
}

/// The name of a text chunk.
fn keyword<'file>(chunk: &Part<'file>) -> Option<&'file [u8]> {
    let is_text = matches!(chunk.png_type(), Some(b"tEXt" | b"zTXt" | b"iTXt"));
    is_text.then(|| chunk.png_data().split(|byte| *byte == 0).next()).flatten()
}

/// A segment as it was before our label came into it; `None`: there is none of ours in it.
fn without_label(part: &Part) -> Option<Vec<u8>> {
    let data = part.segment_data();
    if !is_app1(part) {
        return None;
    }
    let (name, rest) = match data.strip_prefix(EXIF) {
        Some(block) => (EXIF, exif_block::unmerged(block)?),
        None => {
            let packet = std::str::from_utf8(data.strip_prefix(XMP)?).ok()?;
            (XMP, xmp_packet::unmerged(packet)?.into_bytes())
        }
    };
    if rest.is_empty() { Some(Vec::new()) } else { segment(name, &rest) }
}

fn is_app1(part: &Part) -> bool {
    part.marker() == Some(APP1)
}

/// Our JSON, if the file has a label, also where another program has written the packet anew.
pub fn recipe(file: &[u8]) -> Option<String> {
    containers::of(file)?;
    texts::of(file).get(OURS).map(str::to_owned)
}

/// An uncompressed text: international, or Latin-1, which more readers keep.
fn text_chunk(name: &str, text: &str, is_latin1: bool) -> Vec<u8> {
    let data = match is_latin1 {
        true => {
            let text = text.chars().filter_map(|c| u8::try_from(c).ok());
            [b"tEXt", name.as_bytes(), b"\0"].concat().into_iter().chain(text).collect()
        }
        false => [b"iTXt", name.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat(),
    };
    let mut sum = flate2::Crc::new();
    sum.update(&data);
    let length = u32::try_from(data.len() - 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), data.as_slice(), &sum.sum().to_be_bytes()].concat()
}

/// An application segment; `None` if it does not fit.
fn segment(name: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let length = 2 + name.len() + data.len();
    let length = u16::try_from(length).ok().filter(|length| usize::from(*length) <= MAX_SEGMENT)?;
    Some([&[0xff, APP1], &length.to_be_bytes(), name, data].concat())
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::super::texts::NAMESPACE;
    use super::*;

    fn label(words: &str) -> Label {
        let recipe = format!("{{\"prompt\":\"{words} <&> ü 犬\"}}");
        Label {
            parameters: format!("{words}\nSeed: 7"),
            recipe,
            source: Some("http://cv.iptc.org/x"),
        }
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
        let long = Label { recipe: "x".repeat(70_000), ..Label::default() };
        assert_eq!(attach(&file.into_inner(), &long), None);
        assert_eq!(attach(b"no picture", &label("x")), None);
        assert_eq!(detach(b"no picture"), b"no picture");
    }

    fn jpeg() -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(9, 7).write_to(&mut file, ImageFormat::Jpeg).unwrap();
        file.into_inner()
    }

    fn png_with(chunk: &[u8]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(9, 7).write_to(&mut file, ImageFormat::Png).unwrap();
        let mut file = file.into_inner();
        file.splice(PNG_HEAD..PNG_HEAD, chunk.iter().copied());
        file
    }

    /// A photo's own block: its orientation and its maker, in either byte order.
    fn photo_block(is_big: bool) -> Vec<u8> {
        let two = |n: u16| if is_big { n.to_be_bytes() } else { n.to_le_bytes() };
        let four = |n: u32| if is_big { n.to_be_bytes() } else { n.to_le_bytes() };
        let head: &[u8] = if is_big { b"MM\0\x2a" } else { b"II\x2a\0" };
        let orientation = [&two(0x0112)[..], &two(3), &four(1), &two(6), &two(0)].concat();
        let maker = [&two(0x010f)[..], &two(2), &four(6), &four(38)].concat();
        [head, &four(8), &two(2), &maker, &orientation, &four(0), b"Maker\0"].concat()
    }

    #[test]
    fn a_label_lives_with_the_exif_and_xmp_of_a_photo() {
        let other = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
             xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
             xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmp:Rating=\"5\"/></rdf:RDF></x:xmpmeta>";
        for is_big in [true, false] {
            let mut photo = jpeg();
            let parts = [
                segment(EXIF, &photo_block(is_big)).unwrap(),
                segment(XMP, other.as_bytes()).unwrap(),
            ];
            photo.splice(2..2, parts.concat());
            let labelled = attach(&photo, &label("one")).unwrap();
            for name in [EXIF, XMP] {
                let named = |part: &Part| part.segment_data().starts_with(name);
                assert_eq!(jpeg_segments(&labelled).filter(named).count(), 1, "one block each");
            }
            let texts = texts::of(&labelled);
            assert_eq!(texts.get("exif:Make"), Some("Maker"));
            assert_eq!(texts.get("exif:Software"), Some("editree"));
            assert_eq!(texts.get("exif:UserComment"), Some("one\nSeed: 7"));
            assert_eq!(texts.get("xmp:Rating"), Some("5"));
            assert_eq!(recipe(&labelled), Some(label("one").recipe));
            let turned = super::super::inspect(&labelled).unwrap();
            assert_eq!((turned.width, turned.height), (7, 9), "still upright");
            let again = attach(&labelled, &label("two")).unwrap();
            assert_eq!(detach(&again), photo);
        }
    }

    #[test]
    fn the_words_of_another_tool_stay_in_a_copy() {
        for is_latin1 in [true, false] {
            let foreign = png_with(&text_chunk(PARAMETERS, "a barn\nSteps: 4, Seed: 5", is_latin1));
            let labelled = attach(&foreign, &label("ours")).unwrap();
            let seen = super::super::origin::read(&labelled).unwrap();
            assert_eq!((seen.prompt.as_str(), seen.seed), ("a barn", Some(5)));
            assert_eq!(recipe(&labelled), Some(label("ours").recipe));
            assert_eq!(detach(&labelled), foreign);
        }
    }

    #[test]
    fn a_signed_file_is_left_as_it_is() {
        let mut chunk = text_chunk("x", "y", true);
        chunk.splice(4..8, *b"caBX");
        let signed = png_with(&chunk);
        assert!(is_signed(&signed) && attach(&signed, &label("x")).is_none());
        let mut signed = jpeg();
        signed.splice(2..2, [0xff, APP11, 0, 6, b'J', b'P', 0, 1]);
        assert!(is_signed(&signed) && attach(&signed, &label("x")).is_none());
    }

    #[test]
    fn a_recipe_is_found_where_another_program_has_written_the_packet_anew() {
        let json = label("one").recipe;
        let packet = format!(
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
             xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
             xmlns:e=\"{NAMESPACE}\" e:recipe=\"{}\"/></rdf:RDF></x:xmpmeta>",
            escaped(&json).replace('"', "&quot;")
        );
        let mut file = jpeg();
        file.splice(2..2, segment(XMP, packet.as_bytes()).unwrap());
        assert_eq!(recipe(&file), Some(json.clone()));
        let file = png_with(&text_chunk(XMP_KEYWORD, &packet, false));
        assert_eq!(recipe(&file), Some(json));
    }

    #[test]
    fn a_label_comes_off_whatever_of_a_photo_stands_where() {
        let whole = jpeg();
        let jfif = jpeg_segments(&whole).next().unwrap();
        let bare = [&whole[..2], &whole[jfif.at + jfif.length..]].concat();
        let exif = segment(EXIF, &photo_block(true)).unwrap();
        let other = xmp_packet::new(None, Some("x")).replace(NAMESPACE, "https://other.invalid/");
        let xmp = segment(XMP, other.as_bytes()).unwrap();
        for own in [
            vec![],
            exif.clone(),
            xmp.clone(),
            [exif.clone(), xmp.clone()].concat(),
            [xmp, exif].concat(),
        ] {
            for base in [&whole, &bare] {
                let photo = [&base[..2], &own, &base[2..]].concat();
                let labelled = attach(&photo, &label("one")).unwrap();
                assert_eq!(detach(&labelled), photo);
            }
        }
    }

    #[test]
    fn the_block_of_an_older_version_comes_off_and_a_crafted_one_does_no_harm() {
        let comment = [b"UNICODE\0".as_slice(), &[0, b'a', 0, b'b']].concat();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [
                &tag.to_be_bytes()[..],
                &kind.to_be_bytes(),
                &count.to_be_bytes(),
                &value.to_be_bytes(),
            ]
            .concat()
        };
        let block = [
            b"MM\0\x2a\0\0\0\x08\0\x02".as_slice(),
            &entry(0x0131, 2, 8, 38),
            &entry(0x8769, 4, 1, 46),
            &[0; 4],
            b"editree\0\0\x01",
            &entry(0x9286, 7, comment.len() as u32, 64),
            &[0; 4],
            &comment,
        ];
        let mut file = jpeg();
        file.splice(2..2, segment(EXIF, &block.concat()).unwrap());
        assert_eq!(detach(&file), jpeg());
        for length in 0..16_u32 {
            let block =
                [b"MM\0\x2a\0\0\0\x08".as_slice(), &[0; 4], &length.to_be_bytes(), b"editree\0"];
            let mut file = jpeg();
            file.splice(2..2, segment(EXIF, &block.concat()).unwrap());
            let _ = (detach(&file), attach(&file, &label("x")), recipe(&file));
        }
    }
}
