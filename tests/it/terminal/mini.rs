//! A terminal for tests: cells, pictures in kitty's memory and places, bands painted over cells.
//!
//! Knows what `terminal` writes and nothing else: anything unknown is a failed test. Strips may be
//! stand-ins (`OSC 1337 ; File=WIDTH,HEIGHT:NAME BEL`), and pictures names; of real ones the pixels
//! are there.

use std::collections::BTreeMap;

use editree::graphics::kitty::{pieces, placeholders};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::decode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    pub symbol: String,
    /// The band whose pixels stand here, and which of its cells.
    pub pixels: Option<(String, u16, u16)>,
    /// A colour of the letter, as a number.
    ink: Option<u32>,
}

/// Which part of a picture a place shows, and how far above others.
#[derive(Clone, Copy, Debug, Default)]
struct View {
    /// Left, top, width and height in its pixels; all of it without a width.
    part: (u32, u32, u32, u32),
    height: u32,
}

#[derive(Debug)]
pub struct Mini {
    pub columns: u16,
    pub rows: u16,
    /// Pixels of a cell, where they matter.
    pub cell: (u16, u16),
    squares: Vec<Square>,
    cursor: (u16, u16),
    saved: (u16, u16),
    pub is_cursor_shown: bool,
    /// Held pictures by id; what they were made of.
    pub held: BTreeMap<u32, String>,
    /// Where they stand: column, row, columns, rows by id and number.
    pub places: BTreeMap<(u32, u32), (u16, u16, u16, u16)>,
    views: BTreeMap<(u32, u32), View>,
    /// Columns and rows that placeholders count in.
    grids: BTreeMap<u32, (u16, u16)>,
    /// Real strips by their names, in the columns and rows that they fill.
    strips: BTreeMap<String, (RgbImage, (u16, u16))>,
    ink: Option<u32>,
    open: Option<(u32, String)>,
    is_synchronised: bool,
    /// Bytes so far.
    pub received: usize,
    pub uploads: usize,
}

impl Mini {
    pub fn new(columns: u16, rows: u16) -> Self {
        let blank = Square { symbol: " ".into(), pixels: None, ink: None };
        Self {
            columns,
            rows,
            cell: (10, 20),
            squares: vec![blank; usize::from(columns) * usize::from(rows)],
            cursor: (0, 0),
            saved: (0, 0),
            is_cursor_shown: true,
            held: BTreeMap::new(),
            places: BTreeMap::new(),
            views: BTreeMap::new(),
            grids: BTreeMap::new(),
            strips: BTreeMap::new(),
            ink: None,
            open: None,
            is_synchronised: false,
            received: 0,
            uploads: 0,
        }
    }

    /// The text of a row, pixels as `#`.
    pub fn row(&self, row: u16) -> String {
        let row = self.squares.chunks(usize::from(self.columns)).nth(usize::from(row)).unwrap();
        let shown = |square: &Square| match &square.pixels {
            Some(_) => "#".to_owned(),
            None => square.symbol.clone(),
        };
        row.iter().map(shown).collect::<String>().trim_end().to_owned()
    }

    /// Whose pixels stand in a cell.
    pub fn pixels(&self, column: u16, row: u16) -> Option<&(String, u16, u16)> {
        self.squares[self.at(column, row)].pixels.as_ref()
    }

    pub fn symbol(&self, column: u16, row: u16) -> &str {
        &self.squares[self.at(column, row)].symbol
    }

    fn at(&self, column: u16, row: u16) -> usize {
        assert!(column < self.columns && row < self.rows, "outside: {column} {row}");
        usize::from(row) * usize::from(self.columns) + usize::from(column)
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.received += bytes.len();
        let text = std::str::from_utf8(bytes).expect("only text is ever sent");
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = match first {
                '\x1b' => self.escape(&rest[1..]),
                first if first.is_control() => panic!("a control: {rest:?}"),
                _ => {
                    let end = rest.find('\x1b').unwrap_or(rest.len());
                    self.print(&rest[..end]);
                    &rest[end..]
                }
            };
        }
    }

    fn print(&mut self, text: &str) {
        for symbol in unicode_segmentation::UnicodeSegmentation::graphemes(text, true) {
            let at = self.at(self.cursor.0, self.cursor.1);
            let ink = self.ink;
            self.squares[at] = Square { symbol: symbol.to_owned(), pixels: None, ink };
            for extra in 1..symbol.width() {
                self.squares[at + extra] = Square { symbol: String::new(), pixels: None, ink };
            }
            // The cursor waits at the edge.
            let width = u16::try_from(symbol.width().max(1)).unwrap();
            self.cursor.0 = (self.cursor.0 + width).min(self.columns - 1);
        }
    }

    fn escape<'text>(&mut self, text: &'text str) -> &'text str {
        let (kind, rest) = text.split_at(1);
        match kind {
            "7" => self.saved = self.cursor,
            "8" => self.cursor = self.saved,
            "[" => {
                let end = rest.find(|c: char| ('@'..='~').contains(&c)).expect("a final byte");
                self.control(&rest[..end], &rest[end..=end]);
                return &rest[end + 1..];
            }
            "_" => {
                let (command, rest) = rest.split_once("\x1b\\").expect("an end");
                self.kitty(command.strip_prefix('G').expect("kitty's"));
                return rest;
            }
            "P" => {
                let (command, rest) = rest.split_once("\x1b\\").expect("an end");
                self.sixel(command);
                return rest;
            }
            "]" => {
                let (command, rest) = rest.split_once('\x07').expect("an end");
                self.band(command);
                return rest;
            }
            _ => panic!("an unknown escape: {text:?}"),
        }
        rest
    }

    fn control(&mut self, parameters: &str, last: &str) {
        match (parameters, last) {
            ("5", "n") => {}
            (_, "m") => self.colour(parameters),
            ("2", "J") => {
                for row in 0..self.rows {
                    self.clear_row(row, 0);
                }
                self.places.clear();
            }
            ("", "K") => self.clear_row(self.cursor.1, self.cursor.0),
            (_, "H") => {
                let (row, column) = parameters.split_once(';').unwrap_or(("1", "1"));
                self.cursor = (column.parse::<u16>().unwrap() - 1, row.parse::<u16>().unwrap() - 1);
            }
            ("?25", "h") => self.is_cursor_shown = true,
            ("?25", "l") => self.is_cursor_shown = false,
            ("?2026", "h") => {
                assert!(!self.is_synchronised, "a frame inside a frame");
                self.is_synchronised = true;
            }
            ("?2026", "l") => self.is_synchronised = false,
            _ => panic!("an unknown control: {parameters:?} {last:?}"),
        }
    }

    fn clear_row(&mut self, row: u16, from: u16) {
        for column in from..self.columns {
            let at = self.at(column, row);
            self.squares[at] = Square { symbol: " ".into(), pixels: None, ink: None };
        }
    }

    fn band(&mut self, command: &str) {
        let rest = command.strip_prefix("1337;File=").expect("a strip");
        assert!(!self.is_cursor_shown, "xterm blanks the cell that a cursor leaves");
        let (size, name) = rest.split_once(':').unwrap();
        if size.starts_with("inline") {
            let number = |key: &str| {
                let value = size.split(';').find_map(|pair| pair.strip_prefix(key)).unwrap();
                value.parse::<u16>().unwrap()
            };
            let file = base64_simd::STANDARD.decode_to_vec(name).unwrap();
            let strip = image::load_from_memory(&file).unwrap().to_rgb8();
            self.strip(strip, (number("width="), number("height=")));
            return;
        }
        let (width, height) = size.split_once(',').unwrap();
        let size = (width.parse().unwrap(), height.parse().unwrap());
        self.paint(name, size);
    }

    /// Real pixels at the cursor.
    fn strip(&mut self, strip: RgbImage, size: (u16, u16)) {
        let name = format!("strip {}", self.strips.len());
        self.strips.insert(name.clone(), (strip, size));
        self.paint(&name, size);
    }

    fn sixel(&mut self, body: &str) {
        assert!(!self.is_cursor_shown, "xterm blanks the cell that a cursor leaves");
        let numbers = body.strip_prefix("0;1;0q\"1;1;").unwrap().split(['#', ';']);
        let size: Vec<u32> = numbers.take(2).map(|number| number.parse().unwrap()).collect();
        let mut strip = RgbImage::new(size[0], size[1]);
        decode::sixel(&mut strip, 0, &format!("\x1bP{body}\x1b\\"));
        // The rest of six lines says nothing.
        let (across, down) = (u32::from(self.cell.0), u32::from(self.cell.1));
        let rows = size[1] / down + u32::from(size[1] % down >= 6);
        let mut whole = RgbImage::new(size[0], rows * down);
        imageops::replace(&mut whole, &strip, 0, 0);
        self.strip(whole, ((size[0] / across) as u16, rows as u16));
    }

    fn paint(&mut self, name: &str, (width, height): (u16, u16)) {
        for row in 0..height {
            for column in 0..width {
                let at = self.at(self.cursor.0 + column, self.cursor.1 + row);
                let pixels = Some((name.to_owned(), column, row));
                self.squares[at] = Square { symbol: " ".into(), pixels, ink: None };
            }
        }
    }

    fn kitty(&mut self, command: &str) {
        let (head, payload) = command.split_once(';').unwrap_or((command, ""));
        let keys: BTreeMap<&str, &str> =
            head.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
        let number = |key: &str| keys.get(key).map_or(0, |value| value.parse::<u32>().unwrap());
        match keys.get("a").copied() {
            None | Some("t") => {
                if keys.contains_key("a") {
                    assert!(self.open.is_none(), "an upload inside an upload: {command}");
                    self.open = Some((number("i"), String::new()));
                    // One pixel is no picture, and takes the place of one.
                    if number("s") == 1 {
                        self.open = None;
                        self.places.retain(|(id, _), _| *id != number("i"));
                        match number("i") & 0xff {
                            0 => drop(self.held.insert(number("i"), payload.to_owned())),
                            _ => drop(self.held.remove(&number("i"))),
                        }
                        return;
                    }
                    self.uploads += 1;
                }
                // Ended once more, where only its command for placeholders was still to come.
                if self.open.is_none() && head == "m=0,q=2" {
                    return;
                }
                let (id, mut text) = self.open.take().expect("an upload that goes on");
                text.push_str(payload);
                match number("m") {
                    1 => self.open = Some((id, text)),
                    _ => drop(self.held.insert(id, text)),
                }
            }
            Some("p") => {
                assert!(self.open.is_none(), "a place inside an upload: {command}");
                let (id, place) = (number("i"), number("p"));
                assert!(self.held.contains_key(&id), "ENOENT: {command}");
                let size = |key| u16::try_from(number(key)).unwrap();
                let spot = (self.cursor.0, self.cursor.1, size("c"), size("r"));
                if !keys.contains_key("U") {
                    self.places.insert((id, place), spot);
                    let part = (number("x"), number("y"), number("w"), number("h"));
                    self.views.insert((id, place), View { part, height: number("z") });
                } else {
                    self.grids.insert(id, (size("c"), size("r")));
                }
            }
            // kitty 0.26 and Konsole 22.12 take the first part of the next upload for more of this
            // one, and drop it.
            Some("d") => {
                let (id, place) = (number("i"), number("p"));
                assert!(self.open.is_none(), "an upload was cut and not ended: {command}");
                self.places.retain(|(i, p), _| *i != id || (place != 0 && *p != place));
                // As kitty 0.26.5 does: all that stand nowhere go with it.
                if keys.get("d") == Some(&"I") {
                    let stands = |of: &u32| self.places.keys().any(|(i, _)| i == of);
                    let is_virtual = |of: &u32| self.grids.contains_key(of);
                    self.held.retain(|of, _| *of != id && (stands(of) || is_virtual(of)));
                }
            }
            Some(other) => panic!("an unknown command: {other}"),
        }
    }

    fn colour(&mut self, parameters: &str) {
        let numbers: Vec<u32> =
            parameters.split(';').filter_map(|text| text.parse().ok()).collect();
        let ink = numbers.windows(5).find(|part| part[..2] == [38, 2]);
        match (ink, numbers.as_slice()) {
            (Some(ink), _) => self.ink = Some(ink[2] << 16 | ink[3] << 8 | ink[4]),
            (None, [] | [0, ..] | [39, ..]) => self.ink = None,
            _ => {}
        }
    }

    /// What is seen in an area: what kitty shows and what was painted, on black.
    pub fn seen(&self, area: Rect) -> RgbImage {
        let (across, down) = (u32::from(self.cell.0), u32::from(self.cell.1));
        let mut canvas =
            RgbImage::new(u32::from(self.columns) * across, u32::from(self.rows) * down);
        let mut put = |part: &RgbImage, at: Rect| {
            let (width, height) = (u32::from(at.width) * across, u32::from(at.height) * down);
            let part = match part.dimensions() == (width, height) {
                true => part.clone(),
                false => imageops::resize(part, width, height, FilterType::Triangle),
            };
            let (x, y) = (i64::from(at.x) * i64::from(across), i64::from(at.y) * i64::from(down));
            imageops::replace(&mut canvas, &part, x, y);
        };
        for at in Rect::new(0, 0, self.columns, self.rows).positions() {
            if let Some(part) = self.painted(at) {
                put(&part, Rect { x: at.x, y: at.y, width: 1, height: 1 });
            }
        }
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(key, _)| self.views[key].height);
        for (key, (x, y, columns, rows)) in places {
            let (held, (x0, y0, width, height)) = (self.held_pixels(key.0), self.views[key].part);
            let part = match width {
                0 => held,
                _ => {
                    assert!(x0 + width <= held.width() && y0 + height <= held.height(), "{key:?}");
                    imageops::crop_imm(&held, x0, y0, width, height).to_image()
                }
            };
            put(&part, Rect::new(*x, *y, *columns, *rows));
        }
        let (x, y) = (u32::from(area.x) * across, u32::from(area.y) * down);
        let (width, height) = (u32::from(area.width) * across, u32::from(area.height) * down);
        imageops::crop_imm(&canvas, x, y, width, height).to_image()
    }

    /// The pixels of a cell that a strip or a placeholder shows.
    fn painted(&self, at: Position) -> Option<RgbImage> {
        let square = &self.squares[self.at(at.x, at.y)];
        let (whole, grid, (column, row)) = match &square.pixels {
            Some((name, column, row)) => {
                let (strip, grid) = self.strips.get(name)?;
                (strip.clone(), *grid, (*column, *row))
            }
            None => {
                let (id, column, row) = self.piece(at)?;
                (self.held_pixels(id), *self.grids.get(&id)?, (column, row))
            }
        };
        let (across, down) = (u32::from(self.cell.0), u32::from(self.cell.1));
        let size = (u32::from(grid.0) * across, u32::from(grid.1) * down);
        let whole = match whole.dimensions() == size {
            true => whole,
            false => imageops::resize(&whole, size.0, size.1, FilterType::Triangle),
        };
        let (x, y) = (u32::from(column) * across, u32::from(row) * down);
        Some(imageops::crop_imm(&whole, x, y, across, down).to_image())
    }

    /// The id, column and row that a placeholder shows; one without marks goes on from its left.
    fn piece(&self, at: Position) -> Option<(u32, u16, u16)> {
        let square = &self.squares[self.at(at.x, at.y)];
        let id = square.ink.filter(|_| square.symbol.starts_with('\u{10eeee}'))?;
        if square.symbol.chars().count() == 1 {
            let left = Position { x: at.x.checked_sub(1)?, y: at.y };
            let (own, column, row) = self.piece(left)?;
            return (own == id).then_some((id, column + 1, row));
        }
        let place = marks().iter().position(|symbol| *symbol == square.symbol)? as u16;
        Some((id, place % MOST, place / MOST))
    }

    fn held_pixels(&self, id: u32) -> RgbImage {
        let held = self.held.get(&id);
        let file = held.and_then(|held| base64_simd::STANDARD.decode_to_vec(held).ok());
        let picture = file.and_then(|file| image::load_from_memory(&file).ok());
        picture.map_or_else(|| RgbImage::from_pixel(1, 1, Rgb([255, 0, 255])), |it| it.to_rgb8())
    }
}

/// As far as placeholders count.
const MOST: u16 = 120;

/// The marked placeholders of all columns and rows.
fn marks() -> &'static [String] {
    static MARKS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    MARKS.get_or_init(|| {
        let all = placeholders(&pieces(1, (MOST, MOST)), MOST, |_, _| true);
        all.into_iter().map(|cell| cell.symbol.into()).collect()
    })
}
