//! Simple objects, drawn from circles and bars where there is room for them.

use image::{Rgba, RgbaImage};

use super::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Donut,
    Hat,
    Sun,
    Moon,
    Balloon,
    Star,
    Heart,
    Tree,
    Bird,
}

impl Object {
    pub fn name(self) -> &'static str {
        match self {
            Self::Donut => "donut",
            Self::Hat => "hat",
            Self::Sun => "sun",
            Self::Moon => "moon",
            Self::Balloon => "balloon",
            Self::Star => "star",
            Self::Heart => "heart",
            Self::Tree => "tree",
            Self::Bird => "bird",
        }
    }

    /// Where it usually is, in percent of width and height.
    fn usual_place(self) -> (i32, i32) {
        match self {
            Self::Sun | Self::Moon => (78, 20),
            Self::Hat => (50, 16),
            Self::Balloon => (28, 28),
            Self::Star => (70, 24),
            Self::Heart => (50, 40),
            Self::Donut => (68, 74),
            Self::Tree => (24, 62),
            Self::Bird => (56, 60),
        }
    }

    fn usual_colour(self) -> [u8; 3] {
        match self {
            Self::Donut => [232, 120, 160],
            Self::Hat => [40, 44, 70],
            Self::Sun => [255, 214, 70],
            Self::Moon => [238, 238, 214],
            Self::Balloon | Self::Heart => [222, 48, 60],
            Self::Star | Self::Bird => [250, 214, 60],
            Self::Tree => [46, 120, 60],
        }
    }

    /// Does the point lie in it? Coordinates from -1000 to 1000; the colour's share in 256.
    fn shade(self, x: i32, y: i32) -> Option<i32> {
        let square = x * x + y * y;
        let within = |inside: bool, shade: i32| inside.then_some(shade);
        match self {
            Self::Sun => within(square < 560 * 560, 256).or_else(|| {
                let ray = (x.abs() < 70 || y.abs() < 70 || (x.abs() - y.abs()).abs() < 90)
                    && square < 980 * 980;
                within(ray, 230)
            }),
            Self::Moon => {
                let (dx, dy) = (x - 380, y + 140);
                within(square < 860 * 860 && dx * dx + dy * dy > 760 * 760, 256)
            }
            Self::Balloon => {
                within(x * x * 2 + (y + 250) * (y + 250) < 700 * 700, 256 - (x + y).max(0) / 8)
                    .or_else(|| within(x.abs() < 18 && y > 400, 120))
            }
            Self::Donut => {
                within(square < 900 * 900 && square > 330 * 330, 256 - (x + y).max(0) / 10)
            }
            Self::Heart => {
                let (ax, y) = (x.abs(), y + 200);
                let lobes = (ax - 420) * (ax - 420) + (y + 150) * (y + 150) < 470 * 470;
                within(lobes || (y > -150 && ax + y * 8 / 10 < 880), 256)
            }
            Self::Star => {
                let (ax, ay) = (x.abs(), y.abs());
                within(ax * 3 + ay < 950 || ay * 3 + ax < 950, 256)
            }
            Self::Hat => within(y > 380 && y < 560 && x.abs() < 950, 220)
                .or_else(|| within(y > -700 && y <= 380 && x.abs() < 540, 256))
                .map(|shade| if y > 180 && y <= 380 { shade / 2 } else { shade }),
            Self::Tree => within(y > 500 && x.abs() < 120, 110).or_else(|| {
                within(
                    y > -950 && y <= 500 && x.abs() < (y + 950) * 6 / 10,
                    256 - (y + 950).rem_euclid(480) / 6,
                )
            }),
            Self::Bird => {
                let head = (x - 380) * (x - 380) + (y + 420) * (y + 420);
                within(head < 40 * 40, 20)
                    .or_else(|| within(head < 330 * 330, 250))
                    .or_else(|| within(x * x + (y - 200) * (y - 200) * 2 < 760 * 760, 240))
                    .or_else(|| within(x > 650 && x < 900 && (y + 400).abs() < 70, 150))
            }
        }
    }
}

/// Draws it; the area that was touched.
pub fn draw(
    canvas: &mut RgbaImage,
    object: Object,
    colour: Option<[u8; 3]>,
    random: &mut Random,
) -> [u32; 4] {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let short = width.min(height);
    let half = short * random.between(11, 18) / 100;
    let (px, py) = object.usual_place();
    let centre_x = width * (px + random.between(-9, 10)) / 100;
    let centre_y = height * (py + random.between(-7, 8)) / 100;
    let colour = colour.unwrap_or(object.usual_colour());
    let (left, top) = ((centre_x - half).max(0), (centre_y - half).max(0));
    let (right, bottom) = ((centre_x + half).min(width), (centre_y + half).min(height));
    for y in top..bottom {
        for x in left..right {
            let (u, v) = ((x - centre_x) * 1000 / half.max(1), (y - centre_y) * 1000 / half.max(1));
            if let Some(shade) = object.shade(u, v) {
                let mix = |c: u8| (i32::from(c) * shade / 256).clamp(0, 255) as u8;
                let pixel = Rgba([mix(colour[0]), mix(colour[1]), mix(colour[2]), 255]);
                canvas.put_pixel(x as u32, y as u32, pixel);
            }
        }
    }
    [left as u32, top as u32, (right - left).max(0) as u32, (bottom - top).max(0) as u32]
}
