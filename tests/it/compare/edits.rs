//! Edits of known truth: a photo, a change, a warp, an encoding. Used by the tests and by the bench.
//!
//! Has its own resampling, so that an error in `picture` cannot cancel out here.

use editree::picture::mapping::Drift;
use editree::picture::mapping::{Fit, FitMode, Mapping, Part};
use editree::picture::{self, Limits};
use image::{DynamicImage, Rgb, RgbImage};

pub const PHOTOS: [&str; 5] =
    ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "reference-1024.png"];

pub fn photo(name: &str) -> RgbImage {
    let path = format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"));
    picture::decode(&std::fs::read(path).unwrap(), Limits::default()).unwrap().flat()
}

/// What is done to a picture before it is warped.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    Nothing,
    /// An ellipse with another photo's pixels.
    Object([f64; 4]),
    /// A rectangle in other colours of the same lightness.
    Recolour([f64; 4]),
    /// Bars like lettering.
    Letters([f64; 4]),
    /// A rectangle made darker and flatter.
    Darken([f64; 4]),
}

#[derive(Clone, Copy, Debug)]
pub struct Edit {
    pub name: &'static str,
    pub change: Change,
    pub drift: Drift,
    pub mode: FitMode,
    /// Shape of the other frame through the picture's own; 1 keeps the size.
    pub reshape: f64,
    pub quality: u8,
}

const fn drift(dx: f64, dy: f64, scale: f64) -> Drift {
    Drift { dx, dy, scale }
}

/// Boxes are parts of the picture: left, top, width, height.
pub const EDITS: [Edit; 6] = [
    Edit {
        name: "re-encoded only",
        change: Change::Nothing,
        drift: drift(0.0, 0.0, 1.0),
        mode: FitMode::Stretch,
        reshape: 1.0,
        quality: 70,
    },
    Edit {
        name: "object, small shift",
        change: Change::Object([0.62, 0.12, 0.24, 0.26]),
        drift: drift(3.4, -2.3, 1.012),
        mode: FitMode::Stretch,
        reshape: 1.0,
        quality: 90,
    },
    Edit {
        name: "recoloured",
        change: Change::Recolour([0.1, 0.4, 0.4, 0.42]),
        drift: drift(-7.6, 5.2, 0.985),
        mode: FitMode::Stretch,
        reshape: 1.0,
        quality: 80,
    },
    Edit {
        name: "object, stretched",
        change: Change::Object([0.35, 0.3, 0.3, 0.4]),
        drift: drift(11.5, -9.0, 1.03),
        mode: FitMode::Stretch,
        reshape: 1.07,
        quality: 95,
    },
    Edit {
        name: "letters, cropped",
        change: Change::Letters([0.2, 0.7, 0.5, 0.16]),
        drift: drift(-12.0, 12.0, 0.97),
        mode: FitMode::Crop,
        reshape: 0.93,
        quality: 85,
    },
    Edit {
        name: "darkened, padded",
        change: Change::Darken([0.08, 0.1, 0.5, 0.5]),
        drift: drift(0.55, 0.25, 1.0),
        mode: FitMode::Pad,
        reshape: 1.05,
        quality: 75,
    },
];

/// An edit carried out.
pub struct Done {
    pub a: RgbImage,
    pub b: RgbImage,
    /// Per pixel of A.
    pub changed: Vec<bool>,
    /// Around them; `None`: nothing changed.
    pub bounds: Option<Part>,
    pub truth: Mapping,
    /// Pixels of B for one of A.
    pub factor: [f64; 2],
}

pub fn carry_out(edit: &Edit, a: &RgbImage, other: &RgbImage) -> Done {
    let mut edited = a.clone();
    let changed = apply(edit.change, &mut edited, other);
    let (width, height) = a.dimensions();
    let size = if edit.reshape == 1.0 {
        (width, height)
    } else {
        // Sides of sixteens, about as many pixels.
        let side = |length: f64| ((length / 16.0).round() * 16.0) as u32;
        let root = edit.reshape.sqrt();
        (side(f64::from(width) * 1.06 * root), side(f64::from(height) * 1.06 / root))
    };
    let fit = Fit::new(edit.mode, a.dimensions(), size);
    let truth = Mapping::new(a.dimensions(), size, fit, edit.drift);
    let warped = RgbImage::from_fn(size.0, size.1, |x, y| {
        let x = truth.x.back(f64::from(x) + 0.5);
        let y = truth.y.back(f64::from(y) + 0.5);
        cubic(&edited, x - 0.5, y - 0.5)
    });
    let jpeg = DynamicImage::ImageRgb8(warped).into_rgba8();
    let jpeg = picture::encode_jpeg(&jpeg, edit.quality, "").unwrap();
    let b = picture::decode(&jpeg, Limits::default()).unwrap().flat();
    let bounds = around(&changed, width);
    Done { a: a.clone(), b, changed, bounds, truth, factor: [fit.sx, fit.sy] }
}

fn apply(change: Change, picture: &mut RgbImage, other: &RgbImage) -> Vec<bool> {
    let (width, height) = picture.dimensions();
    let mut changed = vec![false; (width * height) as usize];
    let area = match change {
        Change::Nothing => return changed,
        Change::Object(area)
        | Change::Recolour(area)
        | Change::Letters(area)
        | Change::Darken(area) => area,
    };
    for y in 0..height {
        for x in 0..width {
            let u = (f64::from(x) / f64::from(width) - area[0]) / area[2];
            let v = (f64::from(y) / f64::from(height) - area[1]) / area[3];
            if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
                continue;
            }
            let [red, green, blue] = picture.get_pixel(x, y).0;
            let new = match change {
                Change::Nothing => None,
                Change::Object(_) => ((u - 0.5).hypot(v - 0.5) < 0.5).then(|| {
                    other
                        .get_pixel(
                            (u * f64::from(other.width())) as u32,
                            (v * f64::from(other.height())) as u32,
                        )
                        .0
                }),
                Change::Recolour(_) => {
                    let tint = |value: u8, by: i32| (i32::from(value) + by).clamp(0, 255) as u8;
                    Some([tint(red, 40), tint(green, -26), tint(blue, 20)])
                }
                Change::Letters(_) => ((u * 9.0).fract() < 0.55
                    && (v < 0.3 || (u * 18.0).fract() < 0.55))
                    .then_some([250, 240, 210]),
                Change::Darken(_) => {
                    let dark = |value: u8| (f64::from(value) * 0.55 + 8.0) as u8;
                    Some([dark(red), dark(green), dark(blue)])
                }
            };
            if let Some(new) = new {
                picture.put_pixel(x, y, Rgb(new));
            }
            // What lies between letters belongs to the lettering.
            let is_letters = matches!(change, Change::Letters(_));
            changed[(y * width + x) as usize] = is_letters || new.is_some();
        }
    }
    changed
}

fn around(changed: &[bool], width: u32) -> Option<Part> {
    let places = || (0..changed.len()).filter(|place| changed[*place]);
    let columns = || places().map(|place| place as u32 % width);
    let rows = || places().map(|place| place as u32 / width);
    let (x, y) = (columns().min()?, rows().min()?);
    Some(Part { x, y, w: columns().max()? + 1 - x, h: rows().max()? + 1 - y })
}

/// Keys' cubic with a = -½; beyond the border what is nearest.
fn cubic(picture: &RgbImage, x: f64, y: f64) -> Rgb<u8> {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let mut sums = [0.0; 3];
    for (row, own) in down.iter().enumerate() {
        let y = (top as i64 + row as i64 - 1).clamp(0, i64::from(picture.height()) - 1) as u32;
        for (column, weight) in across.iter().enumerate() {
            let x = (left as i64 + column as i64 - 1).clamp(0, i64::from(picture.width()) - 1);
            let pixel = picture.get_pixel(x as u32, y).0;
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += own * weight * f64::from(value);
            }
        }
    }
    Rgb(sums.map(|value: f64| value.round().clamp(0.0, 255.0) as u8))
}

fn weights(t: f64) -> [f64; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        -0.5 * t + t2 - 0.5 * t3,
        1.0 - 2.5 * t2 + 1.5 * t3,
        0.5 * t + 2.0 * t2 - 1.5 * t3,
        -0.5 * t2 + 0.5 * t3,
    ]
}
