//! Files of every format in every form that the tests can write themselves: what is valid is read,
//! what is cut or hostile is told, and nothing panics.

mod flat_jpeg;

use std::io::Cursor;

use editree::picture::{self, Format, Limits};
use flat_jpeg::{PATCHES, PLAIN, Way};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage};

fn decode(file: &[u8]) -> Result<picture::Decoded, picture::Error> {
    picture::decode(file, Limits::default())
}

fn told(file: &[u8]) -> String {
    decode(file).map_or_else(|error| error.message, |_| "a picture".into())
}

fn near(seen: [u8; 4], wanted: [u8; 3], most: u8) -> bool {
    seen[3] == 255 && seen.iter().zip(wanted).all(|(seen, wanted)| seen.abs_diff(wanted) <= most)
}

#[test]
fn a_jpeg_is_read_however_it_is_sampled_scanned_and_coded() {
    for luma in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1)] {
        for form in 0..16_u8 {
            let way = Way {
                luma,
                is_separate: form & 1 > 0,
                is_progressive: form & 2 > 0,
                has_restarts: form & 4 > 0,
                is_height_late: form & 8 > 0,
            };
            let decoded = decode(&flat_jpeg::write(way)).unwrap_or_else(|e| panic!("{way:?}: {e}"));
            let (width, height) = way.size();
            assert_eq!(decoded.size, (width.into(), height.into()), "{way:?}");
            for (patch, (_, wanted)) in PATCHES.iter().enumerate() {
                let (x, y) = way.middle(patch);
                let seen = decoded.image.get_pixel(x.min(u32::from(width) - 1), y).0;
                assert!(near(seen, *wanted, 3), "{way:?}: patch {patch} is {seen:?}");
            }
        }
    }
    let gray = decode(&flat_jpeg::lossless(100)).unwrap();
    assert!(gray.image.pixels().all(|pixel| pixel.0 == [100, 100, 100, 255]));
}

#[test]
fn a_jpeg_that_cannot_be_read_is_told_by_its_name() {
    let mut arithmetic = flat_jpeg::write(PLAIN);
    let frame = arithmetic.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    arithmetic[frame + 1] = 0xc9;
    assert!(told(&arithmetic).contains("arithmetic"), "{}", told(&arithmetic));
    let hint = decode(&arithmetic).err().and_then(|error| error.hint());
    assert!(hint.is_some_and(|hint| hint.contains("jpegtran")));
    let mut deep = flat_jpeg::write(PLAIN);
    deep[frame + 1] = 0xc1;
    deep[frame + 4] = 12;
    assert!(told(&deep).contains("12 bits"));
}

#[test]
fn what_is_cut_off_is_told_and_what_lacks_only_its_end_is_read() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/rocket.jpg"));
    let file = file.unwrap();
    assert!(decode(&file[..file.len() - 2]).is_ok(), "without its end marker");
    for part in [4, 2] {
        assert!(told(&file[..file.len() - file.len() / part]).contains("JPEG is cut off"));
    }
    let png = picture::encode_png(&six().into(), &[]).unwrap();
    assert!(decode(&png[..png.len() - 12]).is_ok(), "without its end chunk");
    assert!(told(&png[..png.len() * 3 / 4]).contains("PNG is cut off"));
    for (format, file) in written() {
        // A GIF's frames may end anywhere.
        if format != Format::Gif {
            assert!(decode(&file[..file.len() / 2]).is_err(), "half a {format:?}");
        }
    }
    let animated = animated_webp();
    assert!(decode(&animated).is_ok());
    assert!(told(&animated[..animated.len() / 2]).contains("WebP is cut off"));
}

const COLORS: [[u8; 3]; 6] =
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 128, 0], [128, 128, 128], [200, 60, 60]];

/// Six patches, three beside each other.
fn six() -> DynamicImage {
    let patch = |x: u32, y: u32| Rgb(COLORS[(x / 32 + 3 * (y / 32)) as usize]);
    DynamicImage::ImageRgb8(RgbImage::from_fn(96, 64, patch))
}

fn in_format(picture: &DynamicImage, format: ImageFormat) -> Option<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).ok()?;
    Some(file.into_inner())
}

/// The six patches in every format.
fn written() -> Vec<(Format, Vec<u8>)> {
    let photo = |ending: &str| {
        let path = format!("{}/tests/photos/six-patches.{ending}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let write = |format| in_format(&six(), format).unwrap();
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, 95);
    six().write_with_encoder(encoder).unwrap();
    // A first directory that is only a small picture, as cameras write it, and the preview behind.
    let raw = [b"II\x2a\0\x08\0\0\0\x01\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0\0\0\0\0", &jpeg[..]];
    let mut files = vec![
        (Format::Png, write(ImageFormat::Png)),
        (Format::Jpeg, jpeg.clone()),
        (Format::Webp, write(ImageFormat::WebP)),
        (Format::Gif, write(ImageFormat::Gif)),
        (Format::Tiff, write(ImageFormat::Tiff)),
        (Format::Bmp, write(ImageFormat::Bmp)),
        (Format::Qoi, write(ImageFormat::Qoi)),
        (Format::Raw, raw.concat()),
    ];
    if cfg!(feature = "heic") {
        files.push((Format::Heic, photo("heic")));
    }
    if cfg!(feature = "jxl") {
        files.push((Format::Jxl, photo("jxl")));
    }
    if cfg!(feature = "jp2") {
        files.push((Format::Jp2, photo("jp2")));
    }
    files
}

#[test]
fn every_format_shows_the_same_patches_whole_and_reduced() {
    for (format, file) in written() {
        for kept in [Limits::default().kept, 2_000] {
            let limits = Limits { kept, reduced: kept, ..Limits::default() };
            let decoded =
                picture::decode(&file, limits).unwrap_or_else(|e| panic!("{format:?} {e}"));
            assert_eq!((decoded.format, decoded.size), (format, (96, 64)), "{format:?}");
            let (width, height) = decoded.image.dimensions();
            assert!(u64::from(width) * u64::from(height) <= kept, "{format:?}");
            for (patch, wanted) in COLORS.iter().enumerate() {
                let (column, row) = (patch as u32 % 3, patch as u32 / 3);
                let place = (width * (2 * column + 1) / 6, height * (2 * row + 1) / 4);
                let seen = decoded.image.get_pixel(place.0, place.1).0;
                assert!(near(seen, *wanted, 6), "{format:?}: {wanted:?} is {seen:?}");
            }
        }
    }
}

#[test]
fn every_depth_channel_and_transparency_is_read() {
    let whole = six();
    let clear = {
        let mut clear = whole.to_rgba8();
        clear.pixels_mut().for_each(|pixel| pixel.0[3] = 64);
        DynamicImage::ImageRgba8(clear)
    };
    let forms = [
        whole.clone(),
        DynamicImage::ImageLuma8(whole.to_luma8()),
        DynamicImage::ImageLuma16(whole.to_luma16()),
        DynamicImage::ImageRgb16(whole.to_rgb16()),
        clear.clone(),
        DynamicImage::ImageLumaA8(clear.to_luma_alpha8()),
        DynamicImage::ImageRgba16(clear.to_rgba16()),
    ];
    let formats = [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::WebP];
    let mut tried = 0;
    for form in &forms {
        for format in formats {
            let Some(file) = in_format(form, format) else { continue };
            let seen = decode(&file).unwrap().image;
            let wanted = form.to_rgba8();
            for (seen, wanted) in seen.pixels().zip(wanted.pixels()) {
                let is_near = seen.0.iter().zip(wanted.0).all(|(a, b)| a.abs_diff(b) <= 1);
                assert!(is_near, "{format:?} {:?}: {seen:?} for {wanted:?}", form.color());
            }
            tried += 1;
        }
    }
    assert!(tried > 12, "{tried}");
}

/// Two levels, as black and white, in every depth of a PNG.
#[test]
fn a_png_is_read_with_few_bits_a_palette_and_a_clear_colour() {
    use png::{BitDepth, ColorType};
    for depth in [BitDepth::One, BitDepth::Two, BitDepth::Four, BitDepth::Eight] {
        for color in [ColorType::Grayscale, ColorType::Indexed] {
            for is_clear in [false, true] {
                let mut file = Vec::new();
                let mut encoder = png::Encoder::new(&mut file, 8, 1);
                encoder.set_color(color);
                encoder.set_depth(depth);
                if color == ColorType::Indexed {
                    encoder.set_palette([[0; 3], [255; 3]].concat());
                }
                match color {
                    ColorType::Indexed if is_clear => encoder.set_trns(vec![255, 0]),
                    _ if is_clear => encoder.set_trns(vec![0, highest(color, depth)]),
                    _ => {}
                }
                let mut row = vec![0_u8; 8 * depth as usize / 8];
                for x in (1..8).step_by(2) {
                    let bits = depth as usize;
                    let at = x * bits;
                    row[at / 8] |= highest(color, depth) << (8 - bits - at % 8);
                }
                encoder.write_header().unwrap().write_image_data(&row).unwrap();
                let seen = decode(&file).unwrap().image;
                let second = if is_clear { [255, 255, 255, 0] } else { [255; 4] };
                for (x, wanted) in [(0, [0, 0, 0, 255]), (1, second), (7, second)] {
                    let name = format!("{color:?} {depth:?} clear {is_clear}");
                    assert_eq!(seen.get_pixel(x, 0).0, wanted, "{name}");
                }
            }
        }
    }
}

fn highest(color: png::ColorType, depth: png::BitDepth) -> u8 {
    match color {
        png::ColorType::Indexed => 1,
        _ => u8::MAX >> (8 - depth as u32),
    }
}

#[test]
fn every_orientation_is_put_upright_in_every_format_that_tells_it() {
    // Where the first patch, red, comes to stand: left or right, top or bottom.
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1)];
    for (orientation, (right, bottom)) in (1_u8..).zip(corners) {
        let block =
            [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], &[0; 6]];
        let block = block.concat();
        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 95);
        encoder.set_exif_metadata(block.clone()).unwrap();
        six().write_with_encoder(encoder).unwrap();
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_exif_metadata(block.clone()).unwrap();
        six().write_with_encoder(encoder).unwrap();
        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_exif_metadata(block).unwrap();
        six().write_with_encoder(encoder).unwrap();
        for file in [jpeg, png, webp] {
            let decoded = decode(&file).unwrap();
            let turned = orientation > 4;
            assert_eq!(decoded.size, if turned { (64, 96) } else { (96, 64) });
            assert_eq!(picture::inspect(&file).unwrap(), decoded.info());
            let (width, height) = decoded.image.dimensions();
            let place = (8 + right * (width - 16), 8 + bottom * (height - 16));
            let seen = decoded.image.get_pixel(place.0, place.1).0;
            assert!(near(seen, COLORS[0], 6), "{orientation}: {seen:?}");
        }
    }
}

#[test]
fn what_promises_too_much_is_refused_before_it_is_decoded() {
    let mut long = in_format(&six(), ImageFormat::Png).unwrap();
    long.splice(16..24, [40_000_000_u32.to_be_bytes(), 1_u32.to_be_bytes()].concat());
    let mut sum = flate2::Crc::new();
    sum.update(&long[12..29]);
    long.splice(29..33, sum.sum().to_be_bytes());
    assert!(told(&long).contains("too large"));
    let mut large = flat_jpeg::write(PLAIN);
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    large.splice(frame + 5..frame + 9, [0xff; 4]);
    assert!(told(&large).contains("65535×65535"));
    let mut qoi = in_format(&six(), ImageFormat::Qoi).unwrap();
    qoi.splice(4..12, [12_000_u32.to_be_bytes(), 12_000_u32.to_be_bytes()].concat());
    assert!(told(&qoi).contains("memory"));
}

/// A JPEG of a few bytes whose frame says another size.
fn promising(mut file: Vec<u8>, marker: u8, (width, height): (u16, u16)) -> Vec<u8> {
    let frame = file.windows(2).position(|two| two == [0xff, marker]).unwrap();
    file.splice(frame + 5..frame + 9, [height.to_be_bytes(), width.to_be_bytes()].concat());
    file
}

#[test]
fn a_jpeg_that_is_kept_whole_is_refused_by_what_it_would_take() {
    let progressive = |luma| flat_jpeg::write(Way { luma, is_progressive: true, ..PLAIN });
    // Even where a small one is wished.
    let small = Limits::to_reduce_to(10_000);
    let told = |file: &[u8]| picture::decode(file, small).map_or_else(|e| e.message, |_| "".into());
    let large = told(&promising(progressive((1, 1)), 0xc2, (14_000, 14_000)));
    assert!(large.contains("14000×14000") && large.contains("1122 MB of memory"), "{large}");
    let lossless = told(&promising(flat_jpeg::lossless(100), 0xc3, (14_000, 14_000)));
    assert!(lossless.contains("memory"), "{lossless}");
    let raw = [
        b"II\x2a\0\x08\0\0\0\x01\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
        &promising(progressive((1, 1)), 0xc2, (14_000, 14_000))[..],
    ];
    assert!(told(&raw.concat()).contains("memory"));
    let photo = told(&promising(progressive((2, 2)), 0xc2, (8_660, 5_774)));
    assert!(!photo.contains("memory"), "50 megapixels at 4:2:0 can be opened: {photo}");
}

#[cfg(feature = "jp2")]
#[test]
fn a_jpeg_2000_that_only_comes_whole_is_refused_by_what_it_would_take() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/six-patches.jp2"));
    let mut file = file.unwrap();
    let stream = file.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51]).unwrap();
    let side = 14_000_u32.to_be_bytes();
    for at in [stream + 8, stream + 12, stream + 24, stream + 28] {
        file.splice(at..at + 4, side);
    }
    let told = |file: &[u8]| {
        let small = Limits::to_reduce_to(10_000);
        picture::decode(file, small).map_or_else(|e| e.message, |_| "a picture".into())
    };
    assert!(!told(&file).contains("memory"), "five smaller levels: {}", told(&file));
    let mut without_levels = file[stream..].to_vec();
    let style = without_levels.windows(2).position(|two| two == [0xff, 0x52]).unwrap();
    assert_eq!(without_levels[style + 9], 5);
    without_levels[style + 9] = 0;
    assert!(told(&without_levels).contains("2244 MB of memory"), "{}", told(&without_levels));
    let palette = b"\0\0\0\x14pclr\0\x01\x03\x07\x07\x07\xff\0\0\0\0\0";
    let header = file.windows(4).position(|name| name == b"jp2h").unwrap();
    let length = u32::from_be_bytes(file[header - 4..header].try_into().unwrap());
    file.splice(header - 4..header, (length + palette.len() as u32).to_be_bytes());
    let end = header - 4 + length as usize;
    file.splice(end..end, *palette);
    assert!(told(&file).contains("2244 MB of memory"), "{}", told(&file));
}

/// The number as a string of bits, as HEVC has it: as many zeros as there are bits behind the first.
fn golomb(value: u32) -> String {
    let bits = format!("{:b}", value + 1);
    "0".repeat(bits.len() - 1) + &bits
}

/// The picture is coded as 16384×16384, and all but 96×64 of it lies outside of a window.
#[cfg(feature = "heic")]
#[test]
fn a_heic_that_shows_a_corner_of_much_is_refused_by_what_is_coded() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/six-patches.heic"));
    let mut file = file.unwrap();
    let at = file.windows(2).position(|two| two == [0x42, 0x01]).unwrap();
    let length = usize::from(u16::from_be_bytes([file[at - 2], file[at - 1]]));
    let mut plain: Vec<u8> = Vec::new();
    for byte in &file[at..at + length] {
        if !(*byte == 3 && plain.ends_with(&[0, 0])) {
            plain.push(*byte);
        }
    }
    // Behind the header, the layers and the profile.
    let bits: String = plain[15..].iter().map(|byte| format!("{byte:08b}")).collect();
    let sizes = "1001000".to_owned() + &golomb(96) + &golomb(64) + "0";
    let rest = bits.strip_prefix(&sizes).expect("4:4:4, 96×64, no window");
    let [all, right, below] = [16_384, 16_384 - 96, 16_384 - 64].map(golomb);
    let zero = golomb(0);
    let bits = format!("1001000{all}{all}1{zero}{right}{zero}{below}{rest}0000000");
    plain.truncate(15);
    plain.extend(
        bits.as_bytes()
            .chunks_exact(8)
            .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap()),
    );
    let mut set: Vec<u8> = Vec::new();
    for byte in plain {
        if byte < 4 && set.ends_with(&[0, 0]) {
            set.push(3);
        }
        set.push(byte);
    }
    let more = u8::try_from(set.len() - length).unwrap();
    file.splice(at - 2..at + length, [(set.len() as u16).to_be_bytes().to_vec(), set].concat());
    for name in [b"meta", b"iprp", b"ipco", b"hvcC"] {
        let at = file.windows(4).position(|four| four == name).unwrap();
        let length = u32::from_be_bytes(file[at - 4..at].try_into().unwrap());
        file.splice(at - 4..at, (length + u32::from(more)).to_be_bytes());
    }
    assert_eq!(picture::inspect(&file).map(|info| (info.width, info.height)), Ok((96, 64)));
    assert!(told(&file).contains("8192 MB of memory"), "{}", told(&file));
}

#[test]
fn a_file_with_any_byte_changed_is_a_picture_or_an_error() {
    for (format, file) in written() {
        let step = (file.len() / 150).max(1);
        for at in (0..file.len()).step_by(step) {
            for value in [0, 0xff, file[at] ^ 0x10] {
                let mut changed = file.clone();
                changed[at] = value;
                // It may take what it is for another format; it may not panic or take all memory.
                let _ = picture::decode(&changed, Limits { pixels: 100_000, ..Limits::default() });
                let _ = picture::inspect(&changed);
            }
            let _ = decode(&file[..at]);
        }
        assert!(decode(&file).is_ok(), "{format:?}");
    }
}

fn animated_webp() -> Vec<u8> {
    let still = in_format(&six(), ImageFormat::WebP).unwrap();
    let chunk = |name: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [name, &length, data, &[0][..data.len() % 2]].concat()
    };
    // Both frames hold the whole picture for a tenth of a second.
    let frame = [&[0, 0, 0, 0, 0, 0, 95, 0, 0, 63, 0, 0, 100, 0, 0, 0][..], &still[12..]].concat();
    let body = [
        chunk(b"VP8X", &[2, 0, 0, 0, 95, 0, 0, 63, 0, 0]),
        chunk(b"ANIM", &[0; 6]),
        chunk(b"ANMF", &frame),
        chunk(b"ANMF", &frame),
    ];
    let body = [&b"WEBP"[..], &body.concat()].concat();
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&b"RIFF"[..], &length, &body].concat()
}
