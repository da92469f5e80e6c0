//! What it takes to show an edit where its parent stands: with what is there, and as if nothing were.
//!
//! The thirty edits of the comparison, each as it came, as the comparison shows it (laid over its
//! parent) and healed. Local are those whose frame has stayed where it was.

use editree::graphics::protocol::Protocol;
use editree::picture::heal::{Strength, heal};
use editree::picture::mapping::Mapping;
use image::{DynamicImage, RgbImage};
use ratatui::layout::Rect;

use super::decode;
use super::line::{CELL, Line, picture};
use super::truth::{Done, EDITS, PHOTOS, carry_out, photo};

/// What a child is shown as, and whether its frame is surely the parent's.
const SHOWN: [(&str, bool); 3] = [("as it came", false), ("laid over", true), ("healed", true)];

pub fn table(protocol: Protocol) {
    println!(
        "\n{:<20} {:<20} {:<11} {:>7} {:>7} {:>7} {:>6} {:>6} {:>6}",
        protocol.name(),
        "edit",
        "shown",
        "first",
        "sharp",
        "whole",
        "ratio",
        "dB",
        "whole"
    );
    let (mut local, mut global, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
    for (number, name) in PHOTOS.iter().enumerate() {
        let (a, other) = (photo(name), photo(PHOTOS[(number + 2) % PHOTOS.len()]));
        for edit in &EDITS {
            let done = carry_out(edit, &a, &other);
            for ((shown, stays), child) in SHOWN.iter().zip(children(&done)) {
                let without = sent(protocol, &a, &child, false);
                // In another place there is nothing to be laid over.
                let with = match area(&a) == area(&child) {
                    true => sent(protocol, &a, &child, true),
                    false => without,
                };
                let ratio = with.sharp as f64 / without.sharp as f64;
                if *stays || (edit.drift.dx == 0.0 && edit.reshape == 1.0) {
                    local.push(ratio);
                    firsts.push(with.first as f64);
                } else {
                    global.push(ratio);
                }
                println!(
                    "{name:<20} {:<20} {shown:<11} {:>7} {:>7} {:>7} {ratio:>6.2} {:>6.1} {:>6.1}",
                    edit.name,
                    with.first,
                    with.sharp,
                    without.sharp,
                    with.decibels,
                    without.decibels
                );
            }
        }
    }
    let of = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        (values[values.len() / 2], values[values.len() - 1], values.len())
    };
    let ((middle, most, count), (first, first_most, _)) = (of(&mut local), of(&mut firsts));
    println!(
        "{count} local: ratio {middle:.2}, at most {most:.2}; first look {first} bytes, at most {first_most}"
    );
    let (middle, most, count) = of(&mut global);
    println!("{count} others: ratio {middle:.2}, at most {most:.2}");
}

fn children(done: &Done) -> [RgbImage; 3] {
    let healed = heal(&done.a, &done.b, Strength::USUAL).expect("less than sixty per cent");
    let sizes = (done.a.dimensions(), done.b.dimensions());
    let laid = Mapping::new(sizes.0, sizes.1, healed.fit, healed.drift).bring(&done.b).unwrap();
    [done.b.clone(), laid.picture, healed.picture]
}

#[derive(Clone, Copy)]
struct Sent {
    /// Bytes as far as something of the picture is seen, and as far as it is sharp.
    first: usize,
    sharp: usize,
    /// Of what is seen in the end.
    decibels: f64,
}

/// What leaves for the child where the parent is seen.
fn sent(protocol: Protocol, parent: &RgbImage, child: &RgbImage, is_known: bool) -> Sent {
    let rgba = |picture: &RgbImage| DynamicImage::ImageRgb8(picture.clone()).into_rgba8();
    let pictures = vec![rgba(parent), rgba(child)];
    let mut line = Line { is_known, ..Line::new(protocol, (80, 40), pictures) };
    line.show(&line.frame(&[picture(0, area(parent))]));
    let at = area(child);
    let (first, sharp) = line.show(&line.frame(&[picture(1, at)]));
    let (width, height) = (u32::from(at.width * CELL.0), u32::from(at.height * CELL.1));
    let wanted = editree::picture::resize(&rgba(child), width, height);
    let wanted = DynamicImage::ImageRgba8(wanted).to_rgb8();
    Sent { first, sharp, decibels: decode::psnr(&line.seen(at), &wanted) }
}

/// The rectangle of the picture's ratio in 60×30 cells.
pub fn area(picture: &RgbImage) -> Rect {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let scale = (600.0 / width).min(600.0 / height);
    let side = |length: f64, cell: f64| (length * scale / cell).round().max(1.0) as u16;
    Rect::new(1, 1, side(width, 10.0), side(height, 20.0))
}
