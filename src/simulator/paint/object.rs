//! Simple objects, each a few layers of plain shapes, drawn where such a thing would be.
//!
//! Edges are softened by counting nine points a pixel. Whole numbers throughout.

use image::{Rgba, RgbaImage};

use super::Random;
use super::place;

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
    Flower,
    Cloud,
    Glasses,
}

/// Colour of a point: the object's own made lighter or darker (256 is as it is), or a fixed one.
#[derive(Clone, Copy)]
enum Ink {
    Own(i32),
    Fixed([u8; 3]),
}

use Ink::{Fixed, Own};

const DARK: Ink = Fixed([34, 30, 30]);

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
            Self::Flower => "flower",
            Self::Cloud => "cloud",
            Self::Glasses => "pair of glasses",
        }
    }

    /// Where, and why there.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Sun | Self::Moon | Self::Balloon | Self::Star | Self::Cloud => {
                "high up, where the sky would be"
            }
            Self::Hat => "on top of what stands out most",
            Self::Glasses | Self::Heart => "on what stands out most",
            Self::Donut | Self::Tree | Self::Bird | Self::Flower => "beside what stands out most",
        }
    }

    fn usual_colour(self) -> [u8; 3] {
        match self {
            Self::Donut => [236, 116, 164],
            Self::Hat => [52, 54, 84],
            Self::Sun => [255, 206, 54],
            Self::Moon => [240, 238, 212],
            Self::Balloon | Self::Heart => [224, 46, 58],
            Self::Star | Self::Bird => [252, 212, 58],
            Self::Tree => [48, 128, 62],
            Self::Flower => [236, 84, 130],
            Self::Cloud => [240, 244, 250],
            Self::Glasses => [30, 30, 36],
        }
    }

    /// Half of its side, in thousandths of the shorter side of the picture.
    fn size(self) -> (i32, i32) {
        match self {
            Self::Sun | Self::Moon | Self::Heart | Self::Star | Self::Bird | Self::Flower => {
                (118, 152)
            }
            Self::Donut | Self::Cloud | Self::Glasses => (140, 176),
            Self::Hat | Self::Balloon => (150, 190),
            Self::Tree => (210, 256),
        }
    }

    /// What is at the point, from -1000 to 1000 each way, down positive.
    fn ink(self, x: i32, y: i32) -> Option<Ink> {
        match self {
            Self::Donut => donut(x, y),
            Self::Hat => hat(x, y),
            Self::Sun => sun(x, y),
            Self::Moon => {
                let crater = oval(x + 420, y - 120, 110, 110) || oval(x + 260, y + 380, 80, 80);
                let is_in = oval(x, y, 860, 860) && !oval(x - 400, y + 160, 740, 740);
                is_in.then_some(Own(if crater { 214 } else { 256 }))
            }
            Self::Balloon => balloon(x, y),
            Self::Star => star(x, y),
            Self::Heart => heart(x, y),
            Self::Tree => tree(x, y),
            Self::Bird => bird(x, y),
            Self::Flower => flower(x, y),
            Self::Cloud => {
                let puffs = oval(x, y + 80, 420, 380)
                    || oval(x - 450, y - 60, 360, 280)
                    || oval(x + 460, y - 40, 380, 300)
                    || oval(x, y - 190, 860, 170);
                puffs.then_some(Own(if y > 100 { 226 } else { 256 }))
            }
            Self::Glasses => glasses(x, y),
        }
    }
}

fn oval(x: i32, y: i32, rx: i32, ry: i32) -> bool {
    // In parts of a million, so that both radii count alike.
    x * x / (rx * rx / 1000).max(1) + y * y / (ry * ry / 1000).max(1) < 1000
}

fn donut(x: i32, y: i32) -> Option<Ink> {
    let far = (x * x + y * y * 5 / 4).isqrt();
    if !(300..920).contains(&far) {
        return None;
    }
    // The icing ends in waves around the ring.
    let wave = ((x * 7 + y * 3) / 160).rem_euclid(4) * 16;
    let is_icing = far < 800 - wave && far > 370 + wave / 2;
    if !is_icing {
        return Some(Fixed(if y > 0 { [190, 128, 62] } else { [216, 156, 84] }));
    }
    let (column, row) = (x.div_euclid(150), y.div_euclid(150));
    let lean = (column * 7 + row * 13).rem_euclid(9);
    let (u, v) = (x.rem_euclid(150) - 75, y.rem_euclid(150) - 75);
    let is_sprinkle = lean < 5 && (u + v * (lean - 2) / 2).abs() < 18 && (v * 2 - u).abs() < 110;
    let sprinkles =
        [[255, 244, 120], [120, 220, 250], [255, 255, 255], [150, 230, 130], [250, 150, 60]];
    if is_sprinkle {
        return sprinkles.get(lean as usize).map(|colour| Fixed(*colour));
    }
    Some(Own(256 - (x + y).max(0) / 14 + if far < 560 && y < 0 { 26 } else { 0 }))
}

fn hat(x: i32, y: i32) -> Option<Ink> {
    let brim = oval(x, y - 620, 980, 200);
    let crown =
        x.abs() < 560 + (y + 700) / 14 && (-640..=640).contains(&y) || oval(x, y + 640, 556, 150);
    let band = (300..560).contains(&y) && crown;
    let shade = 256 - (x + 300).max(0) / 9 + if x < -200 && x > -420 { 30 } else { 0 };
    match () {
        () if band => Some(Own(shade / 2)),
        () if crown => Some(Own(shade)),
        () if brim => Some(Own(shade * 13 / 16)),
        () => None,
    }
}

fn sun(x: i32, y: i32) -> Option<Ink> {
    if oval(x, y, 540, 540) {
        return Some(Own(if oval(x + 120, y + 120, 330, 330) { 275 } else { 256 }));
    }
    let (ax, ay) = (x.abs(), y.abs());
    let rays = ax < 62 || ay < 62 || (ax - ay).abs() < 84;
    (rays && oval(x, y, 980, 980) && !oval(x, y, 640, 640)).then_some(Own(244))
}

fn balloon(x: i32, y: i32) -> Option<Ink> {
    if oval(x, y + 270, 560, 680) {
        let shine = oval(x + 220, y + 540, 110, 170);
        return Some(if shine {
            Fixed([255, 236, 232])
        } else {
            Own(270 - (x + y + 600).max(0) / 9)
        });
    }
    if (400..520).contains(&y) && x.abs() < (y - 380) {
        return Some(Own(190));
    }
    let sway = (y - 520) * (900 - y) / 2600;
    ((500..990).contains(&y) && (x - sway).abs() < 16).then_some(Fixed([120, 112, 108]))
}

fn star(x: i32, y: i32) -> Option<Ink> {
    // Five points: inside of at least four of the five half planes of the pentagram.
    const EDGES: [(i32, i32); 5] = [(0, 1000), (951, 309), (588, -809), (-588, -809), (-951, 309)];
    let inside = EDGES.iter().filter(|(nx, ny)| (x * nx - y * ny) / 1000 > -320).count();
    (inside >= 4 && oval(x, y, 990, 990)).then_some(Own(256 - (x + y).max(0) / 12))
}

fn heart(x: i32, y: i32) -> Option<Ink> {
    let ax = x.abs();
    let lobe = oval(ax - 420, y + 290, 460, 460);
    let point = y > -330 && ax * 10 / 9 + y < 900 && ax < 870;
    let shine = oval(x + 460, y + 420, 120, 150);
    (lobe || point).then_some(if shine {
        Fixed([255, 208, 212])
    } else {
        Own(262 - (x + y).max(0) / 12)
    })
}

fn tree(x: i32, y: i32) -> Option<Ink> {
    if y > 520 && x.abs() < 110 {
        return Some(Fixed(if x > 30 { [88, 58, 34] } else { [112, 76, 46] }));
    }
    // Three tiers, each wider than the one above.
    let tier = [(-960, -330, 44), (-560, 110, 62), (-130, 600, 80)];
    let is_in = tier.iter().any(|(top, bottom, slope)| {
        (*top..*bottom).contains(&y) && x.abs() < (y - top) * slope / 66
    });
    let rim = tier.iter().any(|(_, bottom, _)| (bottom - 60..*bottom).contains(&y));
    is_in.then_some(Own(if rim { 200 } else { 262 - (x + 400).max(0) / 10 }))
}

fn bird(x: i32, y: i32) -> Option<Ink> {
    let head = oval(x - 330, y + 430, 350, 350);
    let body = oval(x + 90, y - 190, 760, 520);
    if oval(x - 420, y + 500, 62, 62) {
        return Some(DARK);
    }
    if (620..940).contains(&x) && (y + 400).abs() < (960 - x) / 3 {
        return Some(Fixed([240, 132, 40]));
    }
    if oval(x + 220, y - 130, 360, 250) && y > 0 {
        return Some(Own(214));
    }
    let tail = x < -700 && (-320..60).contains(&y) && x > -980 && y - 60 < (x + 980);
    if head || body || tail {
        return Some(Own(262 - (y - 100).max(0) / 12));
    }
    let legs = (700..940).contains(&y) && ((x + 120).abs() < 34 || (x - 140).abs() < 34);
    legs.then_some(Fixed([226, 120, 36]))
}

fn flower(x: i32, y: i32) -> Option<Ink> {
    let top = y + 360;
    if oval(x, top, 190, 190) {
        return Some(Fixed([252, 208, 70]));
    }
    const PETALS: [(i32, i32); 6] =
        [(0, -370), (320, -185), (320, 185), (0, 370), (-320, 185), (-320, -185)];
    if PETALS.iter().any(|(px, py)| oval(x - px, top - py, 240, 240)) {
        return Some(Own(262 - (x + top).max(0) / 10));
    }
    let leaf = oval(x - 220, y - 620, 220, 90) || oval(x + 220, y - 740, 220, 90);
    (leaf || ((200..990).contains(&y) && x.abs() < 44)).then_some(Fixed([58, 140, 66]))
}

fn glasses(x: i32, y: i32) -> Option<Ink> {
    let ax = x.abs();
    let lens = oval(ax - 500, y, 400, 300);
    if lens && oval(ax - 500, y, 330, 235) {
        let shine = (ax - 500 + y).rem_euclid(300) < 60 && y < 0;
        return Some(Fixed(if shine { [120, 150, 176] } else { [44, 60, 78] }));
    }
    (lens
        || (ax < 140 && (y + 40).abs() < 40)
        || ((890..1000).contains(&ax) && (y + 60).abs() < 46))
        .then_some(Own(256))
}

/// Draws it with a soft shadow where it stands on something.
pub fn draw(canvas: &mut RgbaImage, object: Object, colour: Option<[u8; 3]>, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let (least, most) = object.size();
    let half = (width.min(height) * random.between(least, most) / 1000).max(6);
    let (x, y) = spot(canvas, object, half, random);
    let colour = colour.unwrap_or(object.usual_colour());
    for py in (y - half).max(0)..(y + half).min(height) {
        for px in (x - half).max(0)..(x + half).min(width) {
            point(canvas, object, colour, [px, py], [px - x, py - y], half);
        }
    }
}

/// Nine points of one pixel.
fn point(
    canvas: &mut RgbaImage,
    object: Object,
    colour: [u8; 3],
    [px, py]: [i32; 2],
    [dx, dy]: [i32; 2],
    half: i32,
) {
    let (mut sums, mut count) = ([0_i32; 3], 0);
    for sub in 0..9 {
        let (u, v) = (dx * 3 + sub % 3 - 1, dy * 3 + sub / 3 - 1);
        let Some(ink) = object.ink(u * 1000 / (half * 3), v * 1000 / (half * 3)) else {
            continue;
        };
        let rgb = match ink {
            Fixed(rgb) => rgb.map(i32::from),
            Own(shade) => colour.map(|c| (i32::from(c) * shade / 256).clamp(0, 255)),
        };
        for (sum, value) in sums.iter_mut().zip(rgb) {
            *sum += value;
        }
        count += 1;
    }
    if count == 0 {
        return;
    }
    let pixel = canvas.get_pixel_mut(px as u32, py as u32);
    let [r, g, b, a] = pixel.0;
    let mixed: Vec<u8> = [r, g, b]
        .into_iter()
        .zip(sums)
        .map(|(own, sum)| ((i32::from(own) * (9 - count) + sum) / 9) as u8)
        .collect();
    if let [r, g, b] = mixed.as_slice() {
        *pixel = Rgba([*r, *g, *b, a]);
    }
}

/// The middle of where such a thing would be.
fn spot(canvas: &RgbaImage, object: Object, half: i32, random: &mut Random) -> (i32, i32) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let [left, top, right, bottom] = place::thing(canvas).bounds();
    let middle = (left + right) / 2;
    let sway = |random: &mut Random, side: i32| random.between(-side / 24, side / 24 + 1);
    // The side with more room.
    let far = if middle > width / 2 { width * 24 / 100 } else { width * 76 / 100 };
    let (x, y) = match object {
        Object::Sun | Object::Moon | Object::Star | Object::Balloon | Object::Cloud => {
            (far, height / 5)
        }
        Object::Hat => (middle, top - half / 3),
        Object::Glasses => (middle, (top * 2 + bottom) / 3),
        Object::Heart => (middle, (top + bottom) / 2),
        Object::Tree => (far, height * 62 / 100),
        Object::Donut | Object::Bird | Object::Flower => {
            let beside = if middle > width / 2 { left - half } else { right + half };
            (beside, (bottom - half / 2).min(height - half))
        }
    };
    let x = (x + sway(random, width)).clamp(half, (width - half).max(half));
    let y = (y + sway(random, height)).clamp(half * 3 / 4, (height - half).max(half));
    (x, y)
}
