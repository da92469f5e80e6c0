//! Local drawing on a picture: a red box or arrow that the prompt can speak of, and another frame
//! that cuts something off or adds ground.
//!
//! A picture with a cue names the one without in its words, so that comparing and healing look at
//! that one.

use image::{Rgba, RgbaImage, imageops};

use super::bitmap_font;

/// A rectangle in pixels of the picture. One that frames anew may reach beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// Under this name a file says which picture it shows, a cue aside.
pub const WORD: &str = "editree:cue-on";

const RED: Rgba<u8> = Rgba([228, 22, 22, 255]);
/// Around a frame: what is dimmed beside it is always darker.
const WHITE: Rgba<u8> = Rgba([255, 255, 255, 255]);
/// Of the light outside of a box, so many percent are left.
const DIMMED: u32 = 40;

/// A box around what is meant.
pub fn draw_box(picture: &RgbaImage, at: Bounds) -> RgbaImage {
    let mut out = picture.clone();
    outline(&mut out, at, thickness(picture), RED);
    out
}

/// Lines inside the edges of the bounds.
fn outline(out: &mut RgbaImage, at: Bounds, thick: i32, colour: Rgba<u8>) {
    let (right, bottom) = (at.x + at.width as i32, at.y + at.height as i32);
    let sides = [
        (at.x, at.y, right, at.y + thick),
        (at.x, bottom - thick, right, bottom),
        (at.x, at.y, at.x + thick, bottom),
        (right - thick, at.y, right, bottom),
    ];
    for (left, top, right, bottom) in sides {
        for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
            put(out, x, y, colour);
        }
    }
}

/// An arrow from one corner of the bounds to the opposite one, where its head is.
pub fn draw_arrow(picture: &RgbaImage, at: Bounds, to_right: bool, to_bottom: bool) -> RgbaImage {
    let mut out = picture.clone();
    arrow(&mut out, at, (to_right, to_bottom), f64::from(thickness(picture)));
    out
}

fn arrow(out: &mut RgbaImage, at: Bounds, (to_right, to_bottom): (bool, bool), thick: f64) {
    let side = |is_far: bool, near: i32, length: u32| {
        f64::from(near) + if is_far { f64::from(length) } else { 0.0 }
    };
    let tip = (side(to_right, at.x, at.width), side(to_bottom, at.y, at.height));
    let end = (side(!to_right, at.x, at.width), side(!to_bottom, at.y, at.height));
    let (dx, dy) = (end.0 - tip.0, end.1 - tip.1);
    let length = dx.hypot(dy).max(1.0);
    line(out, tip, end, thick);
    // Two short lines, a sixth of a turn apart, are its head.
    let head = (length / 3.0).clamp(thick * 3.0, thick * 8.0);
    for turn in [0.5_f64, -0.5] {
        let (sin, cos) = turn.sin_cos();
        let (ux, uy) = (dx / length, dy / length);
        let barb = (tip.0 + head * (ux * cos - uy * sin), tip.1 + head * (ux * sin + uy * cos));
        line(out, tip, barb, thick);
    }
}

/// What lies within the bounds; where there is nothing, the mean colour of the picture's edge.
pub fn frame(picture: &RgbaImage, at: Bounds) -> RgbaImage {
    let ground = edge_colour(picture);
    let mut out = RgbaImage::from_pixel(at.width.max(1), at.height.max(1), ground);
    imageops::replace(&mut out, picture, -i64::from(at.x), -i64::from(at.y));
    out
}

/// What shall be drawn on a picture, while it is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Box(Bounds),
    /// To the right, to the bottom.
    Arrow(Bounds, (bool, bool)),
    Frame(Bounds),
    /// A box with its number, from 0, in a colour of its own.
    Region {
        at: Bounds,
        number: usize,
        is_lit: bool,
    },
    /// All of the picture.
    Dimmed,
}

/// As many boxes have a colour of their own.
const COLOURS: [Rgba<u8>; 8] = [
    Rgba([228, 22, 22, 255]),
    Rgba([36, 110, 255, 255]),
    Rgba([20, 160, 60, 255]),
    Rgba([240, 170, 0, 255]),
    Rgba([200, 50, 200, 255]),
    Rgba([0, 170, 180, 255]),
    Rgba([255, 110, 30, 255]),
    Rgba([150, 110, 70, 255]),
];

/// How the picture would look with the shapes: as it will be made, and what lies outside of the
/// boxes is dimmed. `seen` may reach beyond the picture; there nothing is drawn but the ground that
/// a frame adds. Lines are at least as thick as `thick`.
pub fn sketch(picture: &RgbaImage, seen: Bounds, shapes: &[Shape], thick: i32) -> RgbaImage {
    let mut out = RgbaImage::new(seen.width.max(1), seen.height.max(1));
    let moved = |at: Bounds| Bounds { x: at.x - seen.x, y: at.y - seen.y, ..at };
    let ground = edge_colour(picture);
    let mut clear = Vec::new();
    for shape in shapes {
        match shape {
            Shape::Box(at) => clear.push(moved(*at)),
            Shape::Frame(at) => {
                let at = moved(*at);
                for (x, y) in pixels(at, &out) {
                    out.put_pixel(x, y, ground);
                }
                clear.push(at);
            }
            Shape::Region { at, is_lit, .. } => clear.extend(is_lit.then(|| moved(*at))),
            Shape::Arrow(..) | Shape::Dimmed => {}
        }
    }
    imageops::replace(&mut out, picture, -i64::from(seen.x), -i64::from(seen.y));
    if !clear.is_empty() || shapes.contains(&Shape::Dimmed) {
        dim(&mut out, &clear);
    }
    let made = thick.max(thickness(picture));
    for shape in shapes {
        match shape {
            Shape::Box(at) => outline(&mut out, moved(*at), made, RED),
            Shape::Arrow(at, to) => arrow(&mut out, moved(*at), *to, f64::from(made)),
            Shape::Frame(at) => outline(&mut out, moved(*at), thick, WHITE),
            Shape::Region { at, number, .. } => numbered(&mut out, moved(*at), made, *number),
            Shape::Dimmed => {}
        }
    }
    out
}

/// A box with its number in the upper left corner.
fn numbered(out: &mut RgbaImage, at: Bounds, thick: i32, number: usize) {
    let colour = COLOURS.get(number % COLOURS.len()).copied().unwrap_or(RED);
    outline(out, at, thick, colour);
    let digit = char::from_digit(((number + 1) % 10) as u32, 10).unwrap_or('?');
    // As large as can be read and stays in the box.
    let dot = (thick * 2 / 3).max(1);
    let (wide, high) = (7 * dot, 9 * dot);
    if wide + 2 * thick > at.width as i32 || high + 2 * thick > at.height as i32 {
        return;
    }
    for (x, y) in (0..high).flat_map(|y| (0..wide).map(move |x| (x, y))) {
        put(out, at.x + x, at.y + y, colour);
    }
    for (x, y) in bitmap_font::dots(digit) {
        let (x, y) = (at.x + (x as i32 + 1) * dot, at.y + (y as i32 + 1) * dot);
        for (dx, dy) in (0..dot).flat_map(|dy| (0..dot).map(move |dx| (dx, dy))) {
            put(out, x + dx, y + dy, WHITE);
        }
    }
}

/// Everything but what lies in one of the bounds.
fn dim(out: &mut RgbaImage, clear: &[Bounds]) {
    let is_in = |at: i32, from: i32, length: u32| {
        (0..i64::from(length)).contains(&(i64::from(at) - i64::from(from)))
    };
    for (x, y, Rgba([r, g, b, _])) in out.enumerate_pixels_mut() {
        let (x, y) = (x as i32, y as i32);
        let is_clear = |at: &Bounds| is_in(x, at.x, at.width) && is_in(y, at.y, at.height);
        if !clear.iter().any(is_clear) {
            for value in [r, g, b] {
                *value = (u32::from(*value) * DIMMED / 100) as u8;
            }
        }
    }
}

/// The places within the bounds that are on the picture.
fn pixels(at: Bounds, picture: &RgbaImage) -> impl Iterator<Item = (u32, u32)> + use<> {
    let along = |from: i32, length: u32, all: u32| {
        let end = i64::from(from) + i64::from(length);
        let clamped = |at: i64| u32::try_from(at.clamp(0, i64::from(all))).unwrap_or(0);
        clamped(i64::from(from))..clamped(end)
    };
    let across = along(at.x, at.width, picture.width());
    let down = along(at.y, at.height, picture.height());
    down.flat_map(move |y| across.clone().map(move |x| (x, y)))
}

fn thickness(picture: &RgbaImage) -> i32 {
    (picture.width().max(picture.height()) / 200).clamp(3, 40) as i32
}

fn put(out: &mut RgbaImage, x: i32, y: i32, colour: Rgba<u8>) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
        return;
    };
    if let Some(pixel) = out.get_pixel_mut_checked(x, y) {
        *pixel = colour;
    }
}

fn line(out: &mut RgbaImage, from: (f64, f64), to: (f64, f64), thick: f64) {
    let steps = (to.0 - from.0).hypot(to.1 - from.1).ceil().max(1.0) as u32;
    let half = (thick / 2.0).ceil() as i32;
    for step in 0..=steps {
        let part = f64::from(step) / f64::from(steps);
        let at = |from: f64, to: f64| (from + (to - from) * part).round() as i32;
        let (x, y) = (at(from.0, to.0), at(from.1, to.1));
        for (dx, dy) in (-half..=half).flat_map(|dy| (-half..=half).map(move |dx| (dx, dy))) {
            if dx * dx + dy * dy <= half * half {
                put(out, x + dx, y + dy, RED);
            }
        }
    }
}

fn edge_colour(picture: &RgbaImage) -> Rgba<u8> {
    let (width, height) = picture.dimensions();
    let (mut sum, mut count) = ([0_u64; 3], 0_u64);
    let is_edge = |x: u32, y: u32| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
    for (_, _, pixel) in picture.enumerate_pixels().filter(|(x, y, _)| is_edge(*x, *y)) {
        for (sum, value) in sum.iter_mut().zip(pixel.0) {
            *sum += u64::from(value);
        }
        count += 1;
    }
    let [r, g, b] = sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX));
    Rgba([r, g, b, 255])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey() -> RgbaImage {
        RgbaImage::from_pixel(100, 80, Rgba([90, 90, 90, 255]))
    }

    fn reds(picture: &RgbaImage) -> Vec<(u32, u32)> {
        let red = picture.enumerate_pixels().filter(|(_, _, pixel)| **pixel == RED);
        red.map(|(x, y, _)| (x, y)).collect()
    }

    #[test]
    fn a_box_is_red_at_its_border_and_leaves_its_inside_alone() {
        let drawn = draw_box(&grey(), Bounds { x: 20, y: 10, width: 40, height: 30 });
        let red = reds(&drawn);
        assert!(red.contains(&(20, 10)) && red.contains(&(59, 39)));
        assert!(!red.contains(&(40, 25)) && !red.contains(&(19, 10)) && !red.contains(&(60, 39)));
    }

    #[test]
    fn a_box_beyond_the_picture_is_cut_at_its_edge() {
        let drawn = draw_box(&grey(), Bounds { x: -5, y: -5, width: 500, height: 500 });
        assert_eq!(drawn.dimensions(), (100, 80));
    }

    #[test]
    fn an_arrow_has_its_head_where_it_points_to() {
        let at = Bounds { x: 20, y: 10, width: 40, height: 40 };
        let near = |picture: &RgbaImage, x: u32, y: u32| {
            reds(picture).iter().filter(|(a, b)| a.abs_diff(x) < 9 && b.abs_diff(y) < 9).count()
        };
        let drawn = draw_arrow(&grey(), at, true, false);
        assert!(near(&drawn, 60, 10) > near(&drawn, 20, 50), "the head has more red than the end");
    }

    #[test]
    fn while_it_is_chosen_what_lies_outside_of_a_box_is_dimmed() {
        let whole = Bounds { x: 0, y: 0, width: 100, height: 80 };
        let at = Bounds { x: 20, y: 10, width: 40, height: 30 };
        let drawn = sketch(&grey(), whole, &[Shape::Box(at)], 1);
        assert_eq!(drawn.get_pixel(40, 25).0, [90, 90, 90, 255], "inside it is as it was");
        assert_eq!(drawn.get_pixel(90, 70).0, [36, 36, 36, 255]);
        assert_eq!(*drawn.get_pixel(20, 10), RED);
        let arrow = sketch(&grey(), whole, &[Shape::Arrow(at, (true, true))], 1);
        assert_eq!(arrow.get_pixel(90, 70).0, [90, 90, 90, 255], "an arrow has no inside");
    }

    #[test]
    fn beyond_the_picture_only_the_ground_of_a_frame_is_seen() {
        let seen = Bounds { x: -25, y: -20, width: 150, height: 120 };
        let at = Bounds { x: -10, y: 0, width: 100, height: 80 };
        let drawn = sketch(&grey(), seen, &[Shape::Frame(at)], 1);
        assert_eq!(drawn.dimensions(), (150, 120));
        assert_eq!(drawn.get_pixel(0, 0).0[3], 0, "nothing");
        assert_eq!(drawn.get_pixel(20, 50).0, [90, 90, 90, 255], "ground");
        assert_eq!(drawn.get_pixel(120, 50).0, [36, 36, 36, 255], "what is cut off");
        assert_eq!(*drawn.get_pixel(15, 20), WHITE);
    }

    #[test]
    fn another_frame_cuts_off_or_adds_ground() {
        let mut picture = grey();
        picture.put_pixel(50, 40, Rgba([1, 2, 3, 255]));
        let cut = frame(&picture, Bounds { x: 50, y: 40, width: 10, height: 10 });
        assert_eq!((cut.dimensions(), cut.get_pixel(0, 0).0), ((10, 10), [1, 2, 3, 255]));
        let padded = frame(&picture, Bounds { x: -10, y: -20, width: 120, height: 120 });
        assert_eq!(padded.get_pixel(60, 60).0, [1, 2, 3, 255]);
        assert_eq!(padded.get_pixel(0, 0).0, [90, 90, 90, 255], "the colour of its edge");
    }
}
