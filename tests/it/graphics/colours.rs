//! The colours of a file with a profile, decoded from what leaves for the terminal, healed and
//! saved: what other programs' colour management makes of it.

use editree::graphics::protocol::Protocol;
use editree::graphics::{EncodeRequest, QualityLevel};
use editree::picture::compare::Ignored;
use editree::picture::heal::{Strength, heal_without};
use editree::picture::{self, Limits};
use image::codecs::png::PngEncoder;
use image::imageops::crop_imm;
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};
use moxcms::ColorProfile;

use super::{PROTOCOLS, drawn, request};

const PATCHES: [[u8; 3]; 6] =
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 100, 50], [128, 128, 128], [60, 180, 200]];

/// Name, file, and the patches in sRGB.
type Row = (&'static str, Vec<u8>, [[u8; 3]; 6]);

/// Each profile with what Pillow's `ImageCms` (lcms2, relative colorimetric) makes of the patches.
fn table() -> Vec<Row> {
    let p3 = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [215, 93, 31], [128, 128, 128], [0, 183, 203]];
    let adobe =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [227, 100, 42], [129, 129, 129], [0, 181, 202]];
    let prophoto =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 80, 46], [146, 146, 146], [0, 209, 213]];
    let linear =
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [228, 168, 122], [188, 188, 188], [133, 218, 229]];
    let mut swapped = ColorProfile::new_srgb();
    (swapped.red_colorant, swapped.green_colorant) = (swapped.green_colorant, swapped.red_colorant);
    swapped.cicp = None;
    let turned = PATCHES.map(|[red, green, blue]| [green, red, blue]);
    let deep = PATCHES.map(|patch| patch.map(u16::from).map(|value| value * 257));
    let deep =
        image::ImageBuffer::from_fn(384, 256, |x, _| image::Luma([deep[x as usize / 64][1]]));
    let mut gray = std::io::Cursor::new(Vec::new());
    let gray_picture = image::DynamicImage::ImageLuma16(deep);
    gray_picture.write_to(&mut gray, image::ImageFormat::Png).unwrap();
    vec![
        ("Display P3", with_profile(&ColorProfile::new_display_p3()), p3),
        ("Adobe RGB", with_profile(&ColorProfile::new_adobe_rgb()), adobe),
        ("ProPhoto", with_profile(&ColorProfile::new_pro_photo_rgb()), prophoto),
        ("swapped channels", with_profile(&swapped), turned),
        ("gamma 1.0", with_gamma(), linear),
        ("16-bit grey", gray.into_inner(), PATCHES.map(|patch| [patch[1]; 3])),
    ]
}

fn six() -> RgbImage {
    RgbImage::from_fn(384, 256, |x, _| image::Rgb(PATCHES[x as usize / 64]))
}

fn with_profile(profile: &ColorProfile) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    encoder.write_image(&six(), 384, 256, ExtendedColorType::Rgb8).unwrap();
    file
}

fn with_gamma() -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new(&mut file);
    encoder.write_image(&six(), 384, 256, ExtendedColorType::Rgb8).unwrap();
    let body = [&b"gAMA"[..], &100_000_u32.to_be_bytes()].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    file.splice(33..33, [&4_u32.to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat());
    file
}

fn assert_near(what: &str, picture: &RgbImage, wanted: &[[u8; 3]; 6], most: u8) {
    for (patch, wanted) in wanted.iter().enumerate() {
        let (width, height) = picture.dimensions();
        let seen = picture.get_pixel(width * (2 * patch as u32 + 1) / 12, height / 2).0;
        let is_near = seen.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= most);
        assert!(is_near, "{what}: {seen:?} for {wanted:?}");
    }
}

#[test]
fn a_profile_means_the_same_on_every_terminal_and_in_what_is_made_here() {
    for (name, file, wanted) in table() {
        let decoded = picture::decode(&file, Limits::default()).unwrap();
        for (protocol, (patch, wanted)) in
            PROTOCOLS.into_iter().flat_map(|one| wanted.iter().enumerate().map(move |it| (one, it)))
        {
            // A patch alone: what a filter does at its edge is another matter.
            let part = crop_imm(&decoded.image, patch as u32 * 64, 0, 64, 256).to_image();
            let request =
                EncodeRequest { level: QualityLevel::Lossless, ..request(protocol, (8, 16)) };
            let seen = drawn(&part, None, &request).get_pixel(32, 128).0;
            // Sixel counts colours in hundredths.
            let most = if protocol == Protocol::Sixel { 4 } else { 2 };
            let is_near = seen.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= most);
            assert!(is_near, "{name} {protocol:?}: {seen:?} for {wanted:?}");
        }
        let flat = decoded.into_flat();
        let healed = heal_without(&flat, &flat, Strength::USUAL, &Ignored::default()).unwrap();
        let saved = picture::encode_png_rgb(&healed.picture, &[]).unwrap();
        assert!(picture::is_plain(&saved), "{name}: other programs see the same numbers");
        let seen = image::load_from_memory(&saved).unwrap().to_rgb8();
        assert_near(&format!("{name} healed and saved"), &seen, &wanted, 2);
    }
}
