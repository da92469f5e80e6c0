//! Tests of `picture` through its public items.

use editree::picture::{self, Format, Limits};
use image::{Rgba, RgbaImage};
use proptest::prelude::*;

fn photo(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn message(bytes: &[u8]) -> String {
    picture::decode(bytes, Limits::default()).unwrap_err().to_string()
}

#[test]
fn the_photos_are_read_with_their_sizes() {
    for (name, format, size) in [
        ("coffee.png", Format::Png, (600, 400)),
        ("chelsea.png", Format::Png, (451, 300)),
        ("rocket.jpg", Format::Jpeg, (640, 427)),
    ] {
        let bytes = photo(name);
        let info = picture::inspect(&bytes).unwrap();
        assert_eq!((info.format, (info.width, info.height)), (format, size));
        assert_eq!(picture::decode(&bytes, Limits::default()).unwrap().info(), info);
    }
}

#[test]
fn what_is_no_picture_is_named() {
    assert!(message(b"").contains("empty"));
    assert!(message(b"hello, I am a letter").contains("text"));
    assert!(message(b"<?xml?><svg/>").contains("SVG"));
    assert!(message(b"%PDF-1.7").contains("PDF"));
    assert!(message(b"\0\0\0\x18ftypheic").contains("HEIC"));
    for (head, program) in [
        (&b"\0\0\0\x18ftypmif1"[..], "heif-convert"),
        (b"\0\0\0\x18ftypavif", "avifdec"),
        (b"\xff\x0a\0\0", "djxl"),
        (b"8BPS", "magick"),
    ] {
        let error = picture::decode(head, Limits::default()).unwrap_err();
        assert!(error.hint().is_some_and(|hint| hint.contains(program)), "{error}");
    }
    let cut = &photo("coffee.png")[..20_000];
    assert!(message(cut).contains("cut off"), "{}", message(cut));
}

#[test]
fn limits_hold_before_anything_is_decoded() {
    let bytes = photo("coffee.png");
    let few = Limits { pixels: 1_000, ..Limits::default() };
    assert!(picture::decode(&bytes, few).unwrap_err().to_string().contains("600×400"));
    let small = Limits { bytes: 1_000, ..Limits::default() };
    assert!(picture::decode(&bytes, small).unwrap_err().to_string().contains("limit"));
}

#[test]
fn a_picture_on_its_side_is_put_upright() {
    let mut image = RgbaImage::from_pixel(40, 20, Rgba([0, 0, 255, 255]));
    for x in 0..40 {
        for y in 0..10 {
            image.put_pixel(x, y, Rgba([255, 0, 0, 255]));
        }
    }
    let mut jpeg = picture::encode_jpeg(&image, 95, "x").unwrap();
    // An EXIF segment that says: turned by 90 degrees (6).
    let exif =
        b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    jpeg.splice(2..2, exif.iter().copied());
    let decoded = picture::decode(&jpeg, Limits::default()).unwrap();
    assert_eq!(decoded.image.dimensions(), (20, 40));
    assert_eq!(picture::inspect(&jpeg).unwrap().width, 20);
    assert!(decoded.image.get_pixel(17, 20).0[0] > 200, "the top has become the right");
}

#[test]
fn words_in_files_come_back() {
    let image = RgbaImage::from_pixel(8, 8, Rgba([1, 2, 3, 255]));
    let png = picture::encode_png(&image, &[("Software", "editree"), ("Comment", "häß")]).unwrap();
    let words = picture::metadata_of(&png);
    assert!(words.contains(&("Comment".into(), "häß".into())), "{words:?}");
    assert_eq!(picture::decode(&png, Limits::default()).unwrap().image, image);
    let jpeg = picture::encode_jpeg(&image, 90, "simulated").unwrap();
    assert_eq!(picture::metadata_of(&jpeg), [("Comment".into(), "simulated".into())]);
    assert!(picture::decode(&jpeg, Limits::default()).is_ok());
}

#[test]
fn scaling_gives_exactly_the_size_asked_for() {
    let image = RgbaImage::from_pixel(30, 20, Rgba([9, 9, 9, 255]));
    for size in [(1, 1), (7, 90), (60, 40)] {
        assert_eq!(picture::resize(&image, size.0, size.1).dimensions(), size);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_bytes_are_a_picture_or_an_error_and_never_a_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..400), head in 0usize..5
    ) {
        let heads: [&[u8]; 5] = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 "];
        bytes.splice(0..0, heads[head].iter().copied());
        let _ = picture::decode(&bytes, Limits::default());
        let _ = picture::inspect(&bytes);
        let _ = picture::metadata_of(&bytes);
        let _ = picture::origin::read(&bytes);
        let _ = picture::private::without(&bytes);
        let _ = picture::metadata::detach(&bytes);
    }
}
