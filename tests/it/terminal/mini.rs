//! A terminal for tests: cells, pictures in kitty's memory and places, bands painted over cells.
//!
//! Knows what `terminal` writes and nothing else: anything unknown is a failed test. Strips are
//! stand-ins (`OSC 1337 ; File=WIDTH,HEIGHT:NAME BEL`).

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr as _;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    pub symbol: String,
    /// The band whose pixels stand here, and which of its cells.
    pub pixels: Option<(String, u16, u16)>,
}

#[derive(Debug)]
pub struct Mini {
    pub columns: u16,
    pub rows: u16,
    squares: Vec<Square>,
    cursor: (u16, u16),
    saved: (u16, u16),
    pub is_cursor_shown: bool,
    /// Held pictures by id; what they were made of.
    pub held: BTreeMap<u32, String>,
    /// Where they stand: column, row, columns, rows by id and number.
    pub places: BTreeMap<(u32, u32), (u16, u16, u16, u16)>,
    open: Option<(u32, String)>,
    is_synchronised: bool,
    /// Bytes so far.
    pub received: usize,
    pub uploads: usize,
}

impl Mini {
    pub fn new(columns: u16, rows: u16) -> Self {
        let blank = Square { symbol: " ".into(), pixels: None };
        Self {
            columns,
            rows,
            squares: vec![blank; usize::from(columns) * usize::from(rows)],
            cursor: (0, 0),
            saved: (0, 0),
            is_cursor_shown: true,
            held: BTreeMap::new(),
            places: BTreeMap::new(),
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
            self.squares[at] = Square { symbol: symbol.to_owned(), pixels: None };
            for extra in 1..symbol.width() {
                self.squares[at + extra] = Square { symbol: String::new(), pixels: None };
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
            (_, "m") | ("5", "n") => {}
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
            self.squares[at] = Square { symbol: " ".into(), pixels: None };
        }
    }

    fn band(&mut self, command: &str) {
        let rest = command.strip_prefix("1337;File=").expect("a strip");
        assert!(!self.is_cursor_shown, "xterm blanks the cell that a cursor leaves");
        let (size, name) = rest.split_once(':').unwrap();
        let (width, height) = size.split_once(',').unwrap();
        let (width, height): (u16, u16) = (width.parse().unwrap(), height.parse().unwrap());
        for row in 0..height {
            for column in 0..width {
                let at = self.at(self.cursor.0 + column, self.cursor.1 + row);
                self.squares[at] =
                    Square { symbol: " ".into(), pixels: Some((name.to_owned(), column, row)) };
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
                    self.uploads += 1;
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
                }
            }
            // kitty 0.26 and Konsole 22.12 take the first part of the next upload for more of this
            // one, and drop it.
            Some("d") => {
                let (id, place) = (number("i"), number("p"));
                assert!(self.open.is_none(), "an upload was cut and not ended: {command}");
                self.places.retain(|(i, p), _| *i != id || (place != 0 && *p != place));
                if keys.get("d") == Some(&"I") {
                    self.held.remove(&id);
                }
            }
            Some(other) => panic!("an unknown command: {other}"),
        }
    }
}
