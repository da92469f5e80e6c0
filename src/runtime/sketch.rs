//! What is drawn over a picture while it is chosen, in the pixels that the screen gets.
//!
//! Keeps nothing: what is made in the end is drawn by `comparison` on every pixel of the picture.

use image::RgbaImage;

use crate::app::action::{Annotation, Bounds};
use crate::picture::annotation::{self, Shape};
use crate::ui::frame::{Mark, Sketch};

/// `picture` may be smaller than the one that the sketch was measured on. `least`: of the screen's
/// width, a line is at least one in so many parts.
pub(crate) fn draw(picture: &RgbaImage, sketch: &Sketch, least: u32) -> RgbaImage {
    let (width, height) = sketch.of;
    let scale = |at: i64, is: u32, of: u32| at * i64::from(is) / i64::from(of.max(1));
    let across = |at: i64| scale(at, picture.width(), width);
    let down = |at: i64| scale(at, picture.height(), height);
    let bounds = |at: Bounds| {
        // Both edges, so that equal edges stay equal.
        let (x, y) = (across(at.x.into()), down(at.y.into()));
        let right = across(i64::from(at.x) + i64::from(at.width));
        let bottom = down(i64::from(at.y) + i64::from(at.height));
        annotation::Bounds {
            x: i32::try_from(x).unwrap_or(0),
            y: i32::try_from(y).unwrap_or(0),
            width: u32::try_from(right - x).unwrap_or(0).max(1),
            height: u32::try_from(bottom - y).unwrap_or(0).max(1),
        }
    };
    let shape = |mark: &Mark| match *mark {
        Mark::Annotation(Annotation::Box(at)) => Shape::Box(bounds(at)),
        Mark::Annotation(Annotation::Frame(at)) => Shape::Frame(bounds(at)),
        Mark::Annotation(Annotation::Arrow { at, to_right, to_bottom }) => {
            Shape::Arrow(bounds(at), (to_right, to_bottom))
        }
        Mark::Dimmed => Shape::Dimmed,
        Mark::Region { at, number, is_lit } => Shape::Region { at: bounds(at), number, is_lit },
    };
    let shapes: Vec<Shape> = sketch.shapes.iter().map(shape).collect();
    let seen = bounds(sketch.seen);
    let thick = seen.width.div_ceil(least.max(1));
    annotation::sketch(picture, seen, &shapes, i32::try_from(thick).unwrap_or(1))
}
