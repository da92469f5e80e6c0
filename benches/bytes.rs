//! Bytes, sharpness and time of each way to show a picture.
//!
//! `cargo bench --bench bytes` prints a table for the photos of the tests in 60×30 cells of 10×20
//! pixels. Sharpness is measured on what a terminal would make of the bytes. Judges nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

#[path = "../tests/support/decode.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod decode;

use std::time::Instant;

use editree::graphics::{self, Colours, Order, Protocol, Rung};
use editree::picture;
use image::RgbaImage;

const PHOTOS: [&str; 5] =
    ["reference-1024.png", "astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];
const RUNS: usize = 9;
const RUNGS: [Rung; 5] = [Rung::Tiny, Rung::Half, Rung::Sharp, Rung::Near, Rung::Exact];

fn main() {
    println!("{:<20} {:<20} {:>9} {:>7} {:>8}", "picture", "shown as", "bytes", "dB", "ms");
    for photo in PHOTOS {
        let path = format!("{}/tests/photos/{photo}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let picture = picture::decode(&bytes, picture::Limits::default()).unwrap().image;
        for protocol in [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Sixel] {
            for rung in RUNGS {
                row(photo, &picture, protocol, rung);
            }
        }
    }
}

/// The rectangle of the picture's ratio in 60×30 cells.
fn order(picture: &RgbaImage, protocol: Protocol, rung: Rung) -> Order {
    let (width, height) = (picture.width(), picture.height());
    let cells = match width >= height {
        true => (60, (30 * height / width).max(1)),
        false => ((60 * width / height).max(1), 30),
    };
    let cells = (cells.0 as u16, cells.1 as u16);
    let colours = Colours::True;
    Order { protocol, colours, ascii: false, wrap: false, cells, cell: (10, 20), id: 7, rung }
}

fn row(photo: &str, picture: &RgbaImage, protocol: Protocol, rung: Rung) {
    let order = order(picture, protocol, rung);
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(graphics::encode(picture, None, &order));
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (time, encoded) = (times[RUNS / 2], graphics::encode(picture, None, &order));
    let (width, height) = (u32::from(order.cells.0) * 10, u32::from(order.cells.1) * 20);
    let shown = decode::shown(&encoded, (width, height), order.cells);
    let wanted = picture::resize(picture, width, height);
    let wanted = image::DynamicImage::ImageRgba8(wanted).to_rgb8();
    let name = format!("{protocol:?} {rung:?}");
    let (bytes, psnr) = (decode::size(&encoded), decode::psnr(&shown, &wanted));
    println!("{photo:<20} {name:<20} {bytes:>9} {psnr:>7.1} {time:>8.1}");
}
