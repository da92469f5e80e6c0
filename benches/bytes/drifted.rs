//! What it would take to show an edit whose frame the model has moved, if its parent stood below it
//! by a source rectangle of kitty's: as the terminal has it, as far as such a rectangle can be told,
//! and as it would be with fractions of a pixel.
//!
//! The drift is the known one. kitty counts the rectangle in whole pixels of what it holds and
//! takes the nearest pixel of it; others smooth.

use std::sync::Arc;

use editree::graphics::patch::{Ground, Layer};
use editree::graphics::protocol::Protocol;
use editree::graphics::{self, Colours, EncodeRequest, QualityLevel};
use image::{DynamicImage, RgbImage, Rgba, RgbaImage};
use ratatui::layout::Rect;

use super::edits::area;
use super::line::CELL;
use super::truth::{Done, EDITS, PHOTOS, carry_out, photo};

const WAYS: [Way; 4] = [
    Way { name: "not moved", source: |_, side| [0.0, side], of: smooth },
    Way { name: "nearest pixel", source: |edges, _| edges.map(f64::round), of: nearest },
    Way { name: "smooth", source: |edges, _| edges.map(f64::round), of: smooth },
    Way { name: "with fractions", source: |edges, _| edges, of: smooth },
];

/// How the terminal comes from the parent to what stands below the edit.
struct Way {
    name: &'static str,
    /// Of the edges of the edit's frame, in the pixels that it holds, and of all of them.
    source: fn([f64; 2], f64) -> [f64; 2],
    of: fn(&RgbaImage, f64, f64) -> [f64; 3],
}

pub fn table() {
    println!("{:<20} {:<20} {:>7}  bytes of it with the parent below", "kitty", "edit", "whole");
    let mut all = WAYS.map(|_| Vec::new());
    for (number, name) in PHOTOS.iter().enumerate() {
        let (a, other) = (photo(name), photo(PHOTOS[(number + 2) % PHOTOS.len()]));
        let held = on_screen(&a, area(&a));
        for edit in EDITS.iter().filter(|edit| edit.drift.dx != 0.0) {
            let done = carry_out(edit, &a, &other);
            let request = request(area(&done.b));
            let child = DynamicImage::ImageRgb8(done.b.clone()).into_rgba8();
            let whole = graphics::encode(&child, None, &request).bytes();
            print!("{name:<20} {:<20} {whole:>7}", edit.name);
            for (way, ratios) in WAYS.iter().zip(&mut all) {
                let picture = Arc::new(way.below(&done, &held));
                let ground = Ground { id: 1, layers: vec![Layer { picture, parts: None }] };
                let over = graphics::encode_over(&child, None, &[ground], &request);
                let ratio = over.bytes() as f64 / whole as f64;
                print!("  {} {ratio:.2}", way.name);
                ratios.push(ratio);
            }
            println!();
        }
    }
    for (way, mut ratios) in WAYS.iter().zip(all) {
        ratios.sort_by(f64::total_cmp);
        let less = ratios.iter().filter(|ratio| **ratio < 1.0).count();
        let (middle, count) = (ratios[ratios.len() / 2], ratios.len());
        println!("{}: median {middle:.2}, less than whole {less} of {count}", way.name);
    }
}

impl Way {
    /// What stands where the edit will be.
    fn below(&self, done: &Done, held: &RgbaImage) -> RgbaImage {
        let (at, truth) = (area(&done.b), done.truth);
        let source = |axis: editree::picture::mapping::Axis, a: u32, b: u32, held: u32| {
            let by = f64::from(held) / f64::from(a);
            let edges = [axis.back(0.0) * by, axis.back(f64::from(b)) * by];
            (self.source)(edges, f64::from(held))
        };
        let x = source(truth.x, done.a.width(), done.b.width(), held.width());
        let y = source(truth.y, done.a.height(), done.b.height(), held.height());
        let (width, height) = (u32::from(at.width * CELL.0), u32::from(at.height * CELL.1));
        let along = |at: u32, all: u32, [from, to]: [f64; 2]| {
            from + (f64::from(at) + 0.5) / f64::from(all) * (to - from)
        };
        RgbaImage::from_fn(width, height, |u, v| {
            let pixel = (self.of)(held, along(u, width, x), along(v, height, y));
            let [red, green, blue] = pixel.map(|value| value.round() as u8);
            Rgba([red, green, blue, 255])
        })
    }
}

fn on_screen(picture: &RgbImage, at: Rect) -> RgbaImage {
    let picture = DynamicImage::ImageRgb8(picture.clone()).into_rgba8();
    editree::picture::resize(&picture, (at.width * CELL.0).into(), (at.height * CELL.1).into())
}

fn request(at: Rect) -> EncodeRequest {
    EncodeRequest {
        protocol: Protocol::KittyDirect,
        colours: Colours::True,
        shapes: Default::default(),
        ascii: false,
        wrap: false,
        cells: (at.width, at.height),
        cell: CELL,
        background: graphics::USUAL_BACKGROUND,
        id: 2,
        level: QualityLevel::Sharp,
    }
}

/// Beyond the edge there is the screen.
fn nearest(held: &RgbaImage, x: f64, y: f64) -> [f64; 3] {
    let is_inside = x >= 0.0 && y >= 0.0 && x < held.width().into() && y < held.height().into();
    let inside = is_inside.then(|| held.get_pixel(x as u32, y as u32).0);
    let [red, green, blue, _] = inside.unwrap_or([40; 4]);
    [red, green, blue].map(f64::from)
}

fn smooth(held: &RgbaImage, x: f64, y: f64) -> [f64; 3] {
    let (left, top) = ((x - 0.5).floor() + 0.5, (y - 0.5).floor() + 0.5);
    let mut sum = [0.0; 3];
    for (u, across) in [(left, left + 1.0 - x), (left + 1.0, x - left)] {
        for (v, down) in [(top, top + 1.0 - y), (top + 1.0, y - top)] {
            let pixel = nearest(held, u, v);
            sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value * across * down);
        }
    }
    sum
}
