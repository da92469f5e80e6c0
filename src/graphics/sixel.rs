//! Sixel: strips of rows with a palette of their own, so that a strip can be repainted by itself.
//!
//! `P2=1` and heights in multiples of six: other heights leave a fringe in some terminals. A strip
//! may reach a few pixels into the next one, which paints over it; the last one never reaches
//! beyond the rectangle and never ends with a line feed, which would scroll the last row.

use std::fmt::Write as _;

use image::{RgbImage, RgbaImage};

use super::{Encoded, Order, Strip, flat, palette, piece};

/// Rows of cells in a strip.
const ROWS: u16 = 2;
const COLOURS: usize = 128;

pub(super) fn encode(picture: &RgbaImage, order: &Order) -> Encoded {
    let (columns, rows) = order.cells;
    let cell = (u32::from(order.cell.0.max(1)), u32::from(order.cell.1.max(1)));
    let (width, height) = (u32::from(columns) * cell.0, u32::from(rows) * cell.1);
    // What does not fill a band of six at the lower end stays blank.
    let whole = flat(picture, width, (height / 6 * 6).max(6));
    let firsts = (0..rows).step_by(usize::from(ROWS));
    let strips = firsts.filter_map(|row| {
        let count = ROWS.min(rows - row);
        let top = u32::from(row) * cell.1;
        let wanted = (u32::from(count) * cell.1).next_multiple_of(6);
        let tall = wanted.min(whole.height().saturating_sub(top) / 6 * 6);
        if tall == 0 {
            return None;
        }
        let part = image::imageops::crop_imm(&whole, 0, top, width, tall).to_image();
        Some(Strip { row, rows: count, piece: piece(strip(&part).into_bytes(), order) })
    });
    Encoded::Strips(strips.collect())
}

fn strip(part: &RgbImage) -> String {
    let pixels: Vec<[u8; 3]> = part.pixels().map(|pixel| pixel.0).collect();
    let indexed = palette::reduce(&pixels, COLOURS);
    let (width, height) = (part.width() as usize, part.height() as usize);
    let mut out = format!("\x1bP0;1;0q\"1;1;{width};{height}");
    for (number, [r, g, b]) in indexed.colours.iter().enumerate() {
        let percent = |c: &u8| (u32::from(*c) * 100 + 127) / 255;
        let _ = write!(out, "#{number};2;{};{};{}", percent(r), percent(g), percent(b));
    }
    for (number, band) in indexed.pixels.chunks(width * 6).enumerate() {
        if number > 0 {
            out.push('-');
        }
        write_band(&mut out, band, width, indexed.colours.len());
    }
    out.push_str("\x1b\\");
    out
}

/// One colour after the other over the same six rows.
fn write_band(out: &mut String, band: &[u8], width: usize, colours: usize) {
    let mut masks = vec![vec![0_u8; width]; colours];
    let mut used = vec![false; colours];
    for (place, colour) in band.iter().enumerate() {
        let (x, y) = (place % width, place / width);
        let colour = usize::from(*colour);
        if let Some(mask) = masks.get_mut(colour).and_then(|masks| masks.get_mut(x)) {
            *mask |= 1 << y;
        }
        if let Some(used) = used.get_mut(colour) {
            *used = true;
        }
    }
    let mut first = true;
    for (number, (masks, used)) in masks.iter().zip(used).enumerate() {
        if !used {
            continue;
        }
        if !first {
            out.push('$');
        }
        first = false;
        let _ = write!(out, "#{number}");
        write_runs(out, masks);
    }
}

fn write_runs(out: &mut String, masks: &[u8]) {
    let end = masks.iter().rposition(|mask| *mask != 0).map_or(0, |place| place + 1);
    for run in masks.get(..end).unwrap_or_default().chunk_by(|a, b| a == b) {
        let letter = char::from(0x3f + run.first().copied().unwrap_or(0));
        match run.len() {
            1..=3 => run.iter().for_each(|_| out.push(letter)),
            long => {
                let _ = write!(out, "!{long}{letter}");
            }
        }
    }
}
