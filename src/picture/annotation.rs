//! Local drawing on a picture: a red box or arrow that the prompt can speak of, and another frame
//! that cuts something off or adds ground.
//!
//! A picture with a cue names the one without in its words, so that comparing and healing look at
//! that one.

use image::{Rgba, RgbaImage, imageops};

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

/// A box around what is meant.
pub fn draw_box(picture: &RgbaImage, at: Bounds) -> RgbaImage {
    let mut out = picture.clone();
    let thick = thickness(picture);
    let (right, bottom) = (at.x + at.width as i32, at.y + at.height as i32);
    let sides = [
        (at.x, at.y, right, at.y + thick),
        (at.x, bottom - thick, right, bottom),
        (at.x, at.y, at.x + thick, bottom),
        (right - thick, at.y, right, bottom),
    ];
    for (left, top, right, bottom) in sides {
        for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
            put(&mut out, x, y);
        }
    }
    out
}

/// An arrow from one corner of the bounds to the opposite one, where its head is.
pub fn draw_arrow(picture: &RgbaImage, at: Bounds, to_right: bool, to_bottom: bool) -> RgbaImage {
    let mut out = picture.clone();
    let side = |is_far: bool, near: i32, length: u32| {
        f64::from(near) + if is_far { f64::from(length) } else { 0.0 }
    };
    let tip = (side(to_right, at.x, at.width), side(to_bottom, at.y, at.height));
    let end = (side(!to_right, at.x, at.width), side(!to_bottom, at.y, at.height));
    let (dx, dy) = (end.0 - tip.0, end.1 - tip.1);
    let length = dx.hypot(dy).max(1.0);
    let thick = f64::from(thickness(picture));
    line(&mut out, tip, end, thick);
    // Two short lines, a sixth of a turn apart, are its head.
    let head = (length / 3.0).clamp(thick * 3.0, thick * 8.0);
    for turn in [0.5_f64, -0.5] {
        let (sin, cos) = turn.sin_cos();
        let (ux, uy) = (dx / length, dy / length);
        let barb = (tip.0 + head * (ux * cos - uy * sin), tip.1 + head * (ux * sin + uy * cos));
        line(&mut out, tip, barb, thick);
    }
    out
}

/// What lies within the bounds; where there is nothing, the mean colour of the picture's edge.
pub fn frame(picture: &RgbaImage, at: Bounds) -> RgbaImage {
    let ground = edge_colour(picture);
    let mut out = RgbaImage::from_pixel(at.width.max(1), at.height.max(1), ground);
    imageops::replace(&mut out, picture, -i64::from(at.x), -i64::from(at.y));
    out
}

fn thickness(picture: &RgbaImage) -> i32 {
    (picture.width().max(picture.height()) / 200).clamp(3, 40) as i32
}

fn put(out: &mut RgbaImage, x: i32, y: i32) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
        return;
    };
    if let Some(pixel) = out.get_pixel_mut_checked(x, y) {
        *pixel = RED;
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
                put(out, x + dx, y + dy);
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
