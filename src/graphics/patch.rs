//! What of a picture differs from what stands in its place already, in rectangles of cells.
//!
//! A picture that a model has made from another one is mostly that other one. Compared are the
//! pixels of the screen, so what stands there may itself be laid of several pictures. Below the
//! last levels a difference that no eye sees is none: the model encodes everything anew. Sends
//! nothing; each protocol makes its own of a `Difference`.

use std::sync::Arc;

use image::{RgbImage, RgbaImage, imageops};

use super::{EncodeRequest, QualityLevel, flat, opaque};

/// Cells within a picture, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellRect {
    pub column: u16,
    pub row: u16,
    pub columns: u16,
    pub rows: u16,
}

/// A part of a picture, and where it lies in the upload that holds such parts only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    pub at: CellRect,
    /// Column and row.
    pub from: (u16, u16),
}

/// What stands where a picture will be, under an id.
#[derive(Clone, Debug)]
pub struct Ground {
    pub id: u32,
    /// From the bottom up.
    pub layers: Vec<Layer>,
}

/// A picture of a ground, cropped to what is visible.
#[derive(Clone, Debug)]
pub struct Layer {
    pub picture: Arc<RgbaImage>,
    /// The parts of it that are seen; all of it without.
    pub parts: Option<Vec<CellRect>>,
}

/// A picture in the pixels of the screen, and where it is not as the ground.
pub(super) struct Difference {
    pub(super) ground: u32,
    pub(super) picture: RgbImage,
    pub(super) parts: Vec<CellRect>,
}

/// Of all cells, as many may differ.
const MOST: f64 = 0.6;
/// Of all cells: with fewer, the parts take fewer bytes than the whole without a look.
pub(super) const FEW: f64 = 0.3;
/// Columns between two bands that take about as many bytes as a band more.
const BESIDE: u16 = 4;
/// As many rectangles at most: each is placed by a command.
const MOST_PARTS: usize = 24;

impl CellRect {
    /// Of a rectangle that is so wide.
    pub(super) fn strip(row: u16, rows: u16, columns: u16) -> Self {
        Self { column: 0, row, columns, rows }
    }

    fn area(self) -> u32 {
        u32::from(self.columns) * u32::from(self.rows)
    }

    fn around(self, other: Self) -> Self {
        let (column, row) = (self.column.min(other.column), self.row.min(other.row));
        let right = (self.column + self.columns).max(other.column + other.columns);
        let bottom = (self.row + self.rows).max(other.row + other.rows);
        Self { column, row, columns: right - column, rows: bottom - row }
    }
}

impl Difference {
    /// To the ground with which it is least; `None` where the picture is better sent whole.
    pub(super) fn least(
        picture: &RgbaImage,
        grounds: &[Ground],
        request: &EncodeRequest,
    ) -> Option<Self> {
        let (width, height) = request.pixels();
        if grounds.is_empty() {
            return None;
        }
        let picture = flat(&opaque(picture, request.background), width, height);
        let mut best: Option<(u32, Vec<CellRect>)> = None;
        for ground in grounds {
            let Some(below) = laid(ground, request) else { continue };
            let parts = rectangles(&mask(&picture, &below, request), request);
            let cells = |parts: &[CellRect]| parts.iter().map(|part| part.area()).sum::<u32>();
            if best.as_ref().is_none_or(|(_, least)| cells(&parts) < cells(least)) {
                best = Some((ground.id, parts));
            }
        }
        let (ground, parts) = best?;
        let difference = Self { ground, picture, parts };
        (difference.share(request) <= MOST).then_some(difference)
    }

    /// How much of the picture it is, 0 to 1.
    pub(super) fn share(&self, request: &EncodeRequest) -> f64 {
        let all = f64::from(request.cells.0) * f64::from(request.cells.1);
        let cells: u32 = self.parts.iter().map(|part| part.area()).sum();
        f64::from(cells) / all.max(1.0)
    }

    /// What of the parts lies in some rows, as few rectangles beside each other.
    pub(super) fn within(&self, row: u16, rows: u16) -> Vec<CellRect> {
        let inside = |part: &CellRect| {
            let top = part.row.max(row);
            let bottom = (part.row + part.rows).min(row + rows);
            (top < bottom).then(|| CellRect { row: top, rows: bottom - top, ..*part })
        };
        let mut parts: Vec<CellRect> = self.parts.iter().filter_map(inside).collect();
        parts.sort_by_key(|part| part.column);
        let mut joined: Vec<CellRect> = Vec::new();
        for part in parts {
            let near = |last: &&mut CellRect| last.column + last.columns + BESIDE >= part.column;
            match joined.last_mut().filter(near) {
                Some(last) => *last = last.around(part),
                None => joined.push(part),
            }
        }
        joined
    }

    /// A part in its own pixels.
    pub(super) fn pixels(&self, part: CellRect, request: &EncodeRequest) -> RgbImage {
        let (across, down) = request.cell_pixels();
        let (x, y) = (u32::from(part.column) * across, u32::from(part.row) * down);
        let (width, height) = (u32::from(part.columns) * across, u32::from(part.rows) * down);
        imageops::crop_imm(&self.picture, x, y, width, height).to_image()
    }

    /// The parts beside and below each other, and how many columns and rows that takes.
    pub(super) fn packed(&self, request: &EncodeRequest) -> (Vec<Tile>, (u16, u16)) {
        let most = request.cells.0;
        let (mut column, mut row, mut high, mut wide) = (0, 0, 0, 0);
        let mut tiles = Vec::new();
        for part in &self.parts {
            if column + part.columns > most {
                (column, row, high) = (0, row + high, 0);
            }
            tiles.push(Tile { at: *part, from: (column, row) });
            column += part.columns;
            high = high.max(part.rows);
            wide = wide.max(column);
        }
        (tiles, (wide, row + high))
    }
}

/// The ground in the pixels of the screen.
fn laid(ground: &Ground, request: &EncodeRequest) -> Option<RgbImage> {
    let ((width, height), (across, down)) = (request.pixels(), request.cell_pixels());
    let mut whole: Option<RgbImage> = None;
    for Layer { picture, parts } in &ground.layers {
        let layer = flat(&opaque(picture, request.background), width, height);
        match (&mut whole, parts) {
            (Some(whole), Some(parts)) => {
                for part in parts {
                    let (x, y) = (u32::from(part.column) * across, u32::from(part.row) * down);
                    let width = u32::from(part.columns) * across;
                    let height = u32::from(part.rows) * down;
                    let own = imageops::crop_imm(&layer, x, y, width, height).to_image();
                    imageops::replace(whole, &own, i64::from(x), i64::from(y));
                }
            }
            (whole, _) => *whole = Some(layer),
        }
    }
    whole
}

/// Which cells differ, row by row: those that surely do, and what is beside them and may.
fn mask(one: &RgbImage, other: &RgbImage, request: &EncodeRequest) -> Vec<bool> {
    let (across, down) = request.cell_pixels();
    let (columns, rows) = request.cells;
    let is_exact = request.level >= QualityLevel::NearLossless;
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    let off = |(column, row): (u16, u16)| {
        let block = Block {
            x: u32::from(column) * across,
            y: u32::from(row) * down,
            width: across,
            height: down,
        };
        if is_exact { block.differs(one, other) } else { block.off(one, other) }
    };
    let off: Vec<f64> = cells.map(off).collect();
    let mut mask: Vec<bool> = off.iter().map(|off| *off >= SURE).collect();
    let mut sure: Vec<usize> = (0..mask.len()).filter(|at| mask.get(*at) == Some(&true)).collect();
    let columns = usize::from(columns.max(1));
    while let Some(at) = sure.pop() {
        let (column, row) = (at % columns, at / columns);
        for row in row.saturating_sub(1)..row + 2 {
            for column in column.saturating_sub(1)..(column + 2).min(columns) {
                let at = row * columns + column;
                let may = off.get(at).is_some_and(|off| *off >= 1.0);
                if let Some(is_in) = mask.get_mut(at).filter(|is_in| may && !**is_in) {
                    *is_in = true;
                    sure.push(at);
                }
            }
        }
    }
    mask
}

/// A cell that is off by so much is seen, whatever is beside it; from 1 on beside one that is.
const SURE: f64 = 2.0;
/// All of a cell may be off by so much in a channel,
const CELL_SHIFT: f64 = 3.0;
/// and a few pixels of it by so much.
const SHIFT: f64 = 7.0;
/// Each value of theirs may be off by so much, squared; where they differ from each other anyway,
/// by a part of that more.
const NOISE: f64 = 40.0;
const MASKED: f64 = 0.5;

/// Some pixels.
#[derive(Clone, Copy)]
struct Block {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

/// What the pixels of a block are to those of another picture.
#[derive(Default)]
struct Sums {
    pixels: f64,
    off: [f64; 3],
    off_squares: f64,
    own: [f64; 3],
    own_squares: f64,
}

impl Block {
    fn rows<'all>(
        self,
        one: &'all RgbImage,
        other: &'all RgbImage,
    ) -> impl Iterator<Item = (&'all [u8], &'all [u8])> {
        let rows = self.y..self.y + self.height;
        rows.map(move |y| (line(one, self.x, y, self.width), line(other, self.x, y, self.width)))
    }

    /// By a single bit.
    fn differs(self, one: &RgbImage, other: &RgbImage) -> f64 {
        if self.rows(one, other).any(|(one, other)| one != other) { SURE } else { 0.0 }
    }

    /// How much is seen of what differs: in all of a cell, and in its eighths.
    fn off(self, one: &RgbImage, other: &RgbImage) -> f64 {
        let (wide, high) = (self.width.div_ceil(2), self.height.div_ceil(4));
        let all = self.sums(one, other).shift() / CELL_SHIFT;
        let mut most = if all > 1.0 { SURE } else { 0.0 };
        for y in (0..self.height).step_by(high as usize) {
            for x in (0..self.width).step_by(wide as usize) {
                let part = Self {
                    x: self.x + x,
                    y: self.y + y,
                    width: wide.min(self.width - x),
                    height: high.min(self.height - y),
                };
                let sums = part.sums(one, other);
                most = most.max((sums.shift() / SHIFT).powi(2)).max(sums.noise());
            }
        }
        most
    }

    fn sums(self, one: &RgbImage, other: &RgbImage) -> Sums {
        let mut sums = Sums::default();
        for (one, other) in self.rows(one, other) {
            let ((one, _), (other, _)) = (one.as_chunks::<3>(), other.as_chunks::<3>());
            for (one, other) in one.iter().zip(other) {
                sums.add(*one, *other);
            }
        }
        sums
    }
}

impl Sums {
    fn add(&mut self, one: [u8; 3], other: [u8; 3]) {
        self.pixels += 1.0;
        let channels = self.off.iter_mut().zip(&mut self.own).zip(one.into_iter().zip(other));
        for ((off, own), (one, other)) in channels {
            let (one, other) = (f64::from(one), f64::from(other));
            *off += one - other;
            self.off_squares += (one - other).powi(2);
            *own += one;
            self.own_squares += one * one;
        }
    }

    fn shift(&self) -> f64 {
        self.off.iter().map(|sum| (sum / self.pixels.max(1.0)).abs()).fold(0.0, f64::max)
    }

    fn noise(&self) -> f64 {
        let values = self.pixels.max(1.0) * 3.0;
        let level: f64 = self.own.iter().map(|sum| sum.powi(2) / self.pixels.max(1.0)).sum();
        let liveliness = (self.own_squares - level) / values;
        self.off_squares / values / (NOISE + MASKED * liveliness)
    }
}

/// The bytes of some pixels of a row; those beyond the edge are none.
fn line(picture: &RgbImage, x: u32, y: u32, count: u32) -> &[u8] {
    let from = (y as usize * picture.width() as usize + x as usize) * 3;
    picture.as_raw().get(from..from + count as usize * 3).unwrap_or_default()
}

/// As few rectangles as hold all that differ without much of what does not.
fn rectangles(mask: &[bool], request: &EncodeRequest) -> Vec<CellRect> {
    let columns = usize::from(request.cells.0);
    let mut parts: Vec<CellRect> = Vec::new();
    for (row, cells) in (0..).zip(mask.chunks(columns.max(1))) {
        let mut column = 0;
        for run in cells.chunk_by(|a, b| a == b) {
            let length = run.len() as u16;
            if run.first() == Some(&true) {
                parts.push(CellRect { column, row, columns: length, rows: 1 });
            }
            column += length;
        }
    }
    let mut slack = slack(request);
    join_below(&mut parts, slack);
    while join(&mut parts, slack) || parts.len() > MOST_PARTS {
        // Too many: more of what does not differ is let in.
        slack += u32::from(parts.len() > MOST_PARTS) * slack;
    }
    parts
}

/// So many cells take about as many bytes as a rectangle more.
fn slack(request: &EncodeRequest) -> u32 {
    match request.level {
        QualityLevel::Preview => 24,
        QualityLevel::Half => 6,
        QualityLevel::Sharp | QualityLevel::NearLossless | QualityLevel::Lossless => 3,
    }
}

fn is_worth(a: CellRect, b: CellRect, slack: u32) -> bool {
    a.around(b).area() <= a.area() + b.area() + slack
}

/// Each with one of those above it, which are few.
fn join_below(parts: &mut Vec<CellRect>, slack: u32) {
    let mut joined: Vec<CellRect> = Vec::new();
    for part in parts.drain(..) {
        match joined.iter_mut().rev().find(|other| is_worth(**other, part, slack)) {
            Some(other) => *other = other.around(part),
            None => joined.push(part),
        }
    }
    *parts = joined;
}

/// Joins two that are worth it; whether there were any.
fn join(parts: &mut Vec<CellRect>, slack: u32) -> bool {
    let mut at = 0;
    let before = parts.len();
    while at < parts.len() {
        let Some(own) = parts.get(at).copied() else { break };
        let other = parts.iter().skip(at + 1).position(|other| is_worth(own, *other, slack));
        match other {
            Some(back) => {
                let other = parts.remove(at + 1 + back);
                if let Some(own) = parts.get_mut(at) {
                    *own = own.around(other);
                }
            }
            None => at += 1,
        }
    }
    parts.len() < before
}
