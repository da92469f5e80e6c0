//! What files of each kind of profile decode to. The numbers are Little CMS 2.19's (Pillow's
//! `ImageCms.profileToProfile`, relative colorimetric) for the same profiles.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};

use super::super::{Limits, decode};
use super::*;

type Patch = [u8; 3];

const PATCHES: [Patch; 6] =
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 100, 50], [128, 128, 128], [60, 180, 200]];

/// Patches of 16 by 16, beside each other.
fn picture(patches: &[Patch]) -> RgbImage {
    let width = patches.len() as u32 * 16;
    RgbImage::from_fn(width, 16, |x, _| image::Rgb(patches[x as usize / 16]))
}

fn png(patches: &[Patch], before_pixels: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture(patches).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let mut file = file.into_inner();
    for (kind, data) in before_pixels {
        let body = [&kind[..], data].concat();
        let mut sum = flate2::Crc::new();
        sum.update(&body);
        let length = (data.len() as u32).to_be_bytes();
        file.splice(33..33, [&length[..], &body, &sum.sum().to_be_bytes()].concat());
    }
    file
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The middle of each patch.
fn seen(file: &[u8], count: usize) -> Vec<Patch> {
    let image = decode(file, Limits::default()).unwrap().image;
    let middle = |index: usize| image.get_pixel(index as u32 * 16 + 8, 8).0;
    (0..count).map(|index| middle(index)[..3].try_into().unwrap()).collect()
}

fn assert_near(what: &str, seen: &[Patch], wanted: &[Patch], most: u8) {
    for (seen, wanted) in seen.iter().zip(wanted) {
        let is_near = seen.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= most);
        assert!(is_near, "{what}: {seen:?} for {wanted:?}");
    }
}

fn with_icc(profile: &ColorProfile, format: Container) -> Vec<u8> {
    let icc = profile.encode().unwrap();
    let picture = picture(&PATCHES);
    let (width, height) = picture.dimensions();
    let (mut file, color) = (Vec::new(), ExtendedColorType::Rgb8);
    match format {
        Container::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut file, 100);
            encoder.set_icc_profile(icc).unwrap();
            encoder.write_image(&picture, width, height, color).unwrap();
        }
        Container::Webp => {
            let mut encoder = WebPEncoder::new_lossless(&mut file);
            encoder.set_icc_profile(icc).unwrap();
            encoder.write_image(&picture, width, height, color).unwrap();
        }
        Container::Png => {
            let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
            encoder.set_icc_profile(icc).unwrap();
            encoder.write_image(&picture, width, height, color).unwrap();
        }
    }
    file
}

#[test]
fn profiles_of_every_format_become_srgb() {
    let p3 = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [215, 93, 31], [128, 128, 128], [0, 183, 203]];
    let adobe =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [227, 100, 42], [129, 129, 129], [0, 181, 202]];
    let prophoto =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 80, 46], [146, 146, 146], [0, 209, 213]];
    let mut swapped = ColorProfile::new_srgb();
    (swapped.red_colorant, swapped.green_colorant) = (swapped.green_colorant, swapped.red_colorant);
    swapped.cicp = None;
    let turned = PATCHES.map(|[red, green, blue]| [green, red, blue]);
    let table = [
        ("Display P3", ColorProfile::new_display_p3(), p3),
        ("Adobe RGB", ColorProfile::new_adobe_rgb(), adobe),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb(), prophoto),
        ("swapped channels", swapped, turned),
    ];
    for (name, profile, wanted) in table {
        for format in [Container::Png, Container::Jpeg, Container::Webp] {
            let file = with_icc(&profile, format);
            // JPEG's own loss comes on top.
            let most = if format == Container::Jpeg { 4 } else { 2 };
            assert_near(&format!("{name} {format:?}"), &seen(&file, 6), &wanted, most);
        }
    }
}

#[test]
fn what_is_srgb_keeps_its_very_numbers() {
    let srgb = with_icc(&ColorProfile::new_srgb(), Container::Png);
    assert_eq!(seen(&srgb, 6), PATCHES);
    let plain: [&[(&[u8; 4], Vec<u8>)]; 7] = [
        &[],
        &[(b"gAMA", numbers(&[45_455]))],
        &[(b"sRGB", vec![0]), (b"gAMA", numbers(&[100_000]))],
        &[(b"cICP", vec![1, 13, 0, 1]), (b"gAMA", numbers(&[100_000]))],
        &[(b"iCCP", b"broken\0\0not a profile".to_vec())],
        &[(b"cICP", vec![9, 16, 0, 1])],
        &[(b"cICP", vec![2, 2, 0, 1])],
    ];
    for chunks in plain {
        assert_eq!(seen(&png(&PATCHES, chunks), 6), PATCHES, "{chunks:?}");
    }
}

#[test]
fn a_png_says_its_gamma_and_its_primaries_by_chunks_of_their_own() {
    let linear = [(b"gAMA", numbers(&[100_000]))];
    let wanted =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [228, 168, 122], [188, 188, 188], [133, 218, 229]];
    assert_near("gamma 1.0", &seen(&png(&PATCHES, &linear), 6), &wanted, 2);
    let p3 = [
        (b"gAMA", numbers(&[45_455])),
        (b"cHRM", numbers(&[31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000])),
    ];
    let wanted =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [215, 93, 31], [128, 128, 128], [0, 183, 203]];
    assert_near("P3 by cHRM", &seen(&png(&PATCHES, &p3), 6), &wanted, 3);
    let cicp = [(b"cICP", vec![12, 13, 0, 1])];
    assert_near("P3 by cICP", &seen(&png(&PATCHES, &cicp), 6), &wanted, 2);
}

#[test]
fn gray_and_sixteen_bits_are_converted_too() {
    let deep =
        image::ImageBuffer::<image::Luma<u16>, _>::from_fn(16, 16, |_, _| image::Luma([32_896]));
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageLuma16(deep).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let file = file.into_inner();
    assert_eq!(seen(&file, 1), [[128, 128, 128]]);
    let gray = image::GrayImage::from_pixel(16, 16, image::Luma([128]));
    let mut file = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
    encoder.set_icc_profile(ColorProfile::new_gray_with_gamma(1.0).encode().unwrap()).unwrap();
    encoder.write_image(&gray, 16, 16, ExtendedColorType::L8).unwrap();
    assert_near("gray, gamma 1.0", &seen(&file, 1), &[[188, 188, 188]], 2);
}

#[test]
fn a_profile_for_other_channels_than_the_picture_has_is_left_out() {
    let mut press = ColorProfile::new_srgb();
    press.color_space = DataColorSpace::Cmyk;
    let gray = ColorProfile::new_gray_with_gamma(1.0);
    for profile in [press, gray] {
        for format in [Container::Png, Container::Jpeg] {
            let most = if format == Container::Jpeg { 4 } else { 0 };
            let file = with_icc(&profile, format);
            assert_near("left out", &seen(&file, 6), &PATCHES, most);
        }
    }
}
