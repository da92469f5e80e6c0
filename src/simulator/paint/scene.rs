//! A scene for words without a picture: a kind of place by the words, varied by the seed, with the
//! things that the words name.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use image::{Rgba, RgbaImage};

use super::object::{self, Object};
use super::plan::{self, Change};
use super::tone::speckle;
use super::{Random, weather};

/// What sort of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting {
    Eye,
    Bar,
    Realm,
    Underground,
    Land,
}

impl Setting {
    fn read(lower: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["eye"]) {
            Self::Eye
        } else if has(&["bar ", "neon", "tavern", "club"]) {
            Self::Bar
        } else if has(&["realm", "crystal", "stardust", "mystical"]) {
            Self::Realm
        } else if has(&["underground", "cave", "tunnel"]) {
            Self::Underground
        } else {
            Self::Land
        }
    }
}

/// A painted scene; the same for the same words and state of `random`.
pub fn paint(width: u32, height: u32, prompt: &str, random: &mut Random) -> RgbaImage {
    let lower = prompt.to_lowercase();
    let mut canvas = RgbaImage::new(width, height);
    match Setting::read(&lower) {
        Setting::Eye => eye(&mut canvas, random),
        Setting::Bar => bar(&mut canvas, random),
        Setting::Realm => realm(&mut canvas, random),
        Setting::Underground => underground(&mut canvas, random),
        Setting::Land => {
            land(&mut canvas, &lower, random);
            furnish(&mut canvas, prompt, &lower, random);
        }
    }
    if ["figure", "woman", "man ", "person", "girl", "boy"].iter().any(|word| lower.contains(word))
    {
        person(&mut canvas, random);
    }
    canvas
}

/// Every pixel from its place, in thousandths of the shorter side from the middle.
fn each(canvas: &mut RgbaImage, noise: u64, colour: impl Fn(i32, i32) -> [i32; 3]) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let short = width.min(height).max(1);
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let (u, v) = ((x as i32 * 2 - width) * 500 / short, (y as i32 * 2 - height) * 500 / short);
        let grain = speckle(x, y, noise) % 7 - 3;
        let [r, g, b] = colour(u, v).map(|c| (c + grain).clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, 255]);
    }
}

fn far(x: i32, y: i32) -> i32 {
    (x * x + y * y).isqrt()
}

fn mix(a: [i32; 3], b: [i32; 3], share: i32) -> [i32; 3] {
    std::array::from_fn(|c| a[c] + (b[c] - a[c]) * share.clamp(0, 256) / 256)
}

/// An iris with a slit, fur in stripes around it.
fn eye(canvas: &mut RgbaImage, random: &mut Random) {
    let (noise, tint) = (random.draw(), random.between(-20, 21));
    let (ox, oy) = (random.between(-60, 61), random.between(-40, 41));
    each(canvas, noise, |x, y| {
        let (x, y) = (x - ox, y - oy);
        let lid = 330 - x * x / 1500;
        if y.abs() > lid {
            let stripe = (x * 3 + y * 2 + (y * y / 300)).rem_euclid(210) < 74;
            let fur = if stripe { [40, 28, 22] } else { [222 + tint, 134 + tint, 52] };
            let hair = (x * 5 - y * 9).rem_euclid(23) - 11;
            return fur.map(|c| c + hair - (y.abs() - lid) / 12);
        }
        if y.abs() > lid - 34 {
            return [20, 14, 12];
        }
        let iris = far(x, y);
        if far(x + 70, y + 90) < 46 {
            return [250, 250, 246];
        }
        if x.abs() * 5 + y.abs() < 250 {
            return [8, 8, 10];
        }
        if iris < 290 {
            let ray = (x * 31 / (y.abs() + 40) + y * 17 / (x.abs() + 40)).rem_euclid(9) * 7;
            return mix([250, 206, 70], [96, 118 + tint, 30], iris * 256 / 290).map(|c| c - ray);
        }
        [206, 190, 168].map(|c| c - (iris - 290) / 4)
    });
}

/// Concrete walls, two neon tubes, a counter and a stool.
fn bar(canvas: &mut RgbaImage, random: &mut Random) {
    let noise = random.draw();
    let neon = [[255, 60, 150], [60, 220, 255], [180, 90, 255], [255, 190, 60]];
    let (first, second) = (neon[(random.draw() % 4) as usize], neon[(random.draw() % 4) as usize]);
    let (a, b) = (random.between(-340, -180), random.between(160, 340));
    each(canvas, noise, |x, y| {
        let panel = if x.rem_euclid(300) < 6 || y.rem_euclid(260) < 6 { -16 } else { 0 };
        let wall = [46, 46, 54].map(|c| c + panel + (x / 7 * 13 + y / 5 * 7).rem_euclid(9));
        let ring = (far(x - a, y + 190) - 120).abs();
        let zigzag = ((y + 260) - ((x - b).abs() % 120 - 60).abs()).abs();
        let zigzag = if (x - b).abs() < 190 { zigzag } else { 900 };
        let lit = mix(mix(wall, first, 210 - ring), second, 190 - zigzag * 2);
        let lit = match () {
            () if ring < 9 => first.map(|c| c + 60),
            () if zigzag < 8 => second.map(|c| c + 60),
            () => lit,
        };
        match () {
            () if y > 250 && y < 300 => [112, 70, 40],
            () if y >= 300 => mix([58, 38, 28], first, (60 - (y - 300) / 5).max(0)),
            () => lit,
        }
    });
}

/// Crystal spires over a river of stars, two moons.
fn realm(canvas: &mut RgbaImage, random: &mut Random) {
    let noise = random.draw();
    let spires: Vec<[i32; 4]> = (0..9)
        .map(|n| {
            [
                n * 150 - 620 + random.between(-50, 51),
                random.between(30, 76),
                random.between(180, 470),
                random.between(0, 50),
            ]
        })
        .collect();
    let moon = random.between(-300, 300);
    each(canvas, noise, |x, y| {
        let sky = mix([28, 16, 70], [206, 110, 190], (y + 500) * 256 / 760);
        let star = speckle((x + 2000) as u32 / 3, (y + 2000) as u32 / 3, noise) % 900 < 3;
        let mut colour = if star { [250, 244, 255] } else { sky };
        if far(x - moon, y + 300) < 96 {
            colour = [250, 240, 214];
        } else if far(x - moon - 210, y + 190) < 40 {
            colour = [200, 220, 250];
        }
        for [at, half, tall, hue] in &spires {
            let up = 160 - y;
            let reach = half * (tall - up).max(0) / tall;
            if up > 0 && up < *tall && (x - at).abs() < reach {
                let facet = if x > *at { -36 } else { 30 };
                colour = [120 + hue + facet, 190 + facet, 236 + facet];
            }
        }
        if y >= 160 {
            let wave = (x + (y - 160) * (y - 160) / 90).rem_euclid(64) < 30;
            let spark = speckle((x + 2000) as u32 / 2, (y + 2000) as u32 / 2, noise) % 260 < 4;
            colour = match () {
                () if spark => [255, 240, 190],
                () if wave => [92, 70, 170],
                () => [70, 54, 146],
            };
        }
        colour
    });
    tub(canvas, random);
}

/// A marble tub at the river's edge.
fn tub(canvas: &mut RgbaImage, random: &mut Random) {
    let at = random.between(-120, 121);
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let short = width.min(height).max(1);
    for (px, py, pixel) in canvas.enumerate_pixels_mut() {
        let x = (px as i32 * 2 - width) * 500 / short - at;
        let y = (py as i32 * 2 - height) * 500 / short - 300;
        let bowl = y > -40 && x * x / 44 + (y + 40) * (y + 40) / 12 < 1000;
        let rim = (y + 46).abs() < 16 && x.abs() < 226;
        if bowl || rim {
            let vein = if (x * 3 + y * 5).rem_euclid(97) < 5 { -36 } else { 0 };
            let shade = 236 + vein - x.max(0) / 4 - y.max(0) / 2;
            let [r, g, b] = [shade, shade - 4, shade + 4].map(|c| c.clamp(0, 255) as u8);
            *pixel = Rgba([r, g, b, 255]);
        }
    }
}

/// A vault with lit windows, a creek, blurred leaves in front.
fn underground(canvas: &mut RgbaImage, random: &mut Random) {
    let noise = random.draw();
    let tint = random.between(-14, 15);
    each(canvas, noise, |x, y| {
        let vault = far(x, y * 5 / 4 - 120);
        if vault > 520 {
            let rock = (x / 9 * 5 + y / 7 * 11).rem_euclid(13) * 3;
            return [58 + rock + tint, 54 + rock, 50 + rock];
        }
        let light = mix([196, 206, 210], [96, 104, 112], vault * 256 / 520);
        let (column, row) = (x.div_euclid(70), y.div_euclid(54));
        let tall = (column * 37 + 11).rem_euclid(6) * 50 - 240;
        let is_house = y > tall && y < 190 && x.abs() > 90;
        let colour = if is_house {
            let is_window =
                (14..52).contains(&x.rem_euclid(70)) && (12..40).contains(&y.rem_euclid(54));
            let is_lit = (column * 7 + row * 13).rem_euclid(5) < 2;
            match (is_window, is_lit) {
                (true, true) => [250, 206, 120],
                (true, false) => [54, 58, 66],
                (false, _) => [112, 106, 100].map(|c| c - x.abs() / 14),
            }
        } else {
            light
        };
        if y > 190 {
            let bank = x.abs() > 60 + (y - 190) / 2;
            let ripple = (y * 3 + x / 5).rem_euclid(34) < 14;
            return match (bank, ripple) {
                (true, _) => [92, 104, 80],
                (false, true) => [132, 160, 172],
                (false, false) => [104, 134, 150],
            };
        }
        colour
    });
    leaves(canvas, random);
}

fn leaves(canvas: &mut RgbaImage, random: &mut Random) {
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    for number in 0..26 {
        let x = if number % 2 == 0 {
            random.between(-width / 10, width / 5)
        } else {
            random.between(width * 4 / 5, width * 11 / 10)
        };
        let y = random.between(height / 3, height * 11 / 10);
        let radius = width.min(height) * random.between(30, 90) / 1000;
        let green = random.between(80, 140);
        for dy in -radius..=radius {
            for dx in -radius..=radius {
                let (px, py) = (x + dx, y + dy);
                let weight = (radius * radius - dx * dx - dy * dy) * 200 / (radius * radius).max(1);
                if weight > 0 && px >= 0 && py >= 0 && px < width && py < height {
                    let pixel = canvas.get_pixel_mut(px as u32, py as u32);
                    for (own, new) in pixel.0.iter_mut().zip([green / 2, green, green / 3]) {
                        *own = ((i32::from(*own) * (256 - weight) + new * weight) / 256) as u8;
                    }
                }
            }
        }
    }
}

/// Somebody in the middle: head, shoulders, coat.
fn person(canvas: &mut RgbaImage, random: &mut Random) {
    let coats = [[150, 44, 52], [44, 70, 120], [60, 96, 66], [120, 90, 130]];
    let coat = coats[(random.draw() % 4) as usize];
    let at = random.between(-50, 51);
    let (width, height) = (canvas.width() as i32, canvas.height() as i32);
    let short = width.min(height).max(1);
    for (px, py, pixel) in canvas.enumerate_pixels_mut() {
        let x = (px as i32 * 2 - width) * 500 / short - at;
        let y = (py as i32 * 2 - height) * 500 / short;
        let hair = far(x, (y + 70) * 9 / 10) < 74 && (y < -70 || x.abs() > 46);
        let face = x * x * 10 / 7 + (y + 60) * (y + 60) < 62 * 62;
        let body = y > 2 && y < 440 && x.abs() < 70 + (y - 2) / 5;
        let colour = match () {
            () if hair => [52, 36, 30],
            () if face => [222, 178, 148].map(|c| c - x.max(0) / 2),
            () if body => coat.map(|c| c + 24 - x.max(0) / 3 - if x.abs() < 4 { 30 } else { 0 }),
            () => continue,
        };
        let [r, g, b] = colour.map(|c: i32| c.clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, 255]);
    }
}

/// Sky above, sky below, ground: colours by the words.
fn colours(lower: &str, random: &mut Random) -> [[i32; 3]; 3] {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let mut colours = if has(&["night", "dark", "moon", "space"]) {
        [[14, 18, 46], [46, 40, 84], [30, 30, 38]]
    } else if has(&["sunset", "dusk", "desert", "warm"]) {
        [[70, 60, 120], [240, 140, 80], [110, 70, 50]]
    } else if has(&["snow", "winter", "ice", "mountain"]) {
        [[130, 170, 214], [224, 234, 244], [226, 232, 240]]
    } else if has(&["forest", "green", "garden", "foliage"]) {
        [[120, 170, 190], [200, 220, 190], [50, 100, 50]]
    } else if has(&["sea", "ocean", "beach", "river", "lighthouse"]) {
        [[80, 150, 214], [190, 220, 236], [40, 90, 130]]
    } else {
        [[90, 150, 220], [210, 226, 240], [96, 130, 80]]
    };
    for colour in &mut colours {
        for channel in colour.iter_mut() {
            *channel = (*channel + random.between(-22, 23)).clamp(0, 255);
        }
    }
    colours
}

/// Sky and rolling ground.
fn land(canvas: &mut RgbaImage, lower: &str, random: &mut Random) {
    let [high, low, ground] = colours(lower, random);
    let height = canvas.height() as i32;
    let horizon = height * random.between(52, 70) / 100;
    let waves: Vec<(i32, i32)> =
        (0..4).map(|_| (random.between(90, 420), random.between(4, 26))).collect();
    let is_city = lower.contains("city") || lower.contains("street");
    let is_sea = ["sea", "ocean", "beach", "lighthouse"].iter().any(|word| lower.contains(word));
    let shore = horizon + (height - horizon) * random.between(44, 62) / 100;
    let noise = random.draw();
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let (px, py) = (x, y);
        let (x, y) = (x as i32, y as i32);
        // Triangle waves: whole numbers give the same hills everywhere.
        let hill: i32 = waves
            .iter()
            .map(|(length, rise)| ((x % (length * 2) - length).abs() * rise) / length)
            .sum();
        let tower = if is_city { (x / 60 * 37 % 7) * height / 18 } else { 0 };
        let line = horizon - hill - tower;
        let grain = speckle(px, py, noise) % 7 - 3;
        let colour = if y < line {
            mix(high, low, y * 256 / horizon.max(1))
        } else if is_city && y < horizon {
            let is_window = x % 60 % 15 > 7 && y % 22 > 12 && (x / 15 * 7 + y / 22 * 5) % 3 == 0;
            if is_window { [250, 210, 120] } else { [34, 36, 48] }
        } else if is_sea && y < shore {
            let crest = (y - horizon + 40) * 3 + (x / 9 + y / 2).rem_euclid(17);
            let foam = if crest.rem_euclid(46) < 5 { 60 } else { 0 };
            [44 + foam, 110 + foam, 150 + foam].map(|c| c - (y - horizon).max(0) / 8)
        } else {
            let depth = (y - line) * 90 / (height - horizon).max(1);
            let ground = if is_sea { [226, 200, 150] } else { ground };
            ground.map(|c| c - depth)
        };
        let [r, g, b] = colour.map(|c| (c + grain).clamp(0, 255) as u8);
        *pixel = Rgba([r, g, b, 255]);
    }
}

/// Things and weather that the words name; a few of our own where they name none.
fn furnish(canvas: &mut RgbaImage, prompt: &str, lower: &str, random: &mut Random) {
    let mut drawn = 0;
    for change in plan::read(prompt, 0) {
        if let Change::Object(object, colour) = change {
            object::draw(canvas, object, colour, random);
            drawn += 1;
        } else if let Change::Weather(weather) = change {
            weather::apply(canvas, weather, random);
        }
    }
    let is_open =
        ["sea", "ocean", "beach", "city", "space"].iter().any(|word| lower.contains(word));
    if drawn == 0 && !is_open {
        let dark = lower.contains("night") || lower.contains("dark");
        object::draw(canvas, if dark { Object::Moon } else { Object::Sun }, None, random);
        for _ in 0..random.between(1, 3) {
            object::draw(canvas, Object::Tree, None, random);
        }
    }
}
