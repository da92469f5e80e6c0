//! What the terminal shows, and the bytes from there to a new frame.
//!
//! Pure but for its memory: writes nothing. Text is a difference of cells; pictures are erased,
//! placed or sent by the rules of the protocol. No control character leaves in a cell (I10).

use std::collections::VecDeque;

use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::graphics::{self, Cell, Colour, Encoded, Protocol, kitty};
use crate::ui::frame::{Frame, Placement};

/// Encoded pictures that are kept, and pictures that kitty keeps for us.
const CACHED: usize = 48;
const KEPT_BY_TERMINAL: usize = 32;

/// What the screen shall become.
#[derive(Debug, Default)]
pub struct Change {
    /// To be written at once.
    pub frame: Vec<u8>,
    /// Pictures to be sent after it, each a group that can be taken back.
    pub jobs: Vec<(u64, Vec<Vec<u8>>)>,
    /// Groups that are no longer wanted.
    pub cancelled: Vec<u64>,
    /// Pictures that are not encoded yet.
    pub wanted: Vec<Placement>,
}

/// How pictures are shown now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub protocol: Protocol,
    /// Escapes go through tmux.
    pub wrap: bool,
}

/// A picture on the screen.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    placement: Placement,
    job: u64,
    id: Option<u32>,
}

/// The memory of the screen.
#[derive(Debug)]
pub struct Screen {
    mode: Mode,
    before: Buffer,
    /// Nothing is known of what is there: clear and write everything.
    stale: bool,
    shown: Vec<Shown>,
    encoded: VecDeque<(Placement, Encoded)>,
    /// Pictures in the terminal's memory, by what they show and at which size.
    uploaded: VecDeque<(Placement, u32)>,
    next_job: u64,
    next_id: u32,
    first_id: u32,
}

impl Screen {
    /// `first_id` keeps several programs on one terminal apart.
    pub fn new(mode: Mode, first_id: u32) -> Self {
        Self {
            mode,
            before: Buffer::empty(Rect::ZERO),
            stale: true,
            shown: Vec::new(),
            encoded: VecDeque::new(),
            uploaded: VecDeque::new(),
            next_job: 0,
            next_id: 0,
            first_id: first_id & 0x00ff_ff00,
        }
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Another protocol: everything made for the old one is void. Returns what takes it away.
    pub fn set_mode(&mut self, mode: Mode) -> Vec<u8> {
        if mode == self.mode {
            return Vec::new();
        }
        let erased = self.forget();
        self.encoded.clear();
        self.mode = mode;
        erased
    }

    /// The id under which this picture shall be encoded.
    pub fn id_for(&mut self) -> u32 {
        self.next_id = self.next_id % 255 + 1;
        self.first_id | self.next_id
    }

    /// A picture is ready.
    pub fn supply(&mut self, placement: Placement, encoded: Encoded) {
        self.encoded.retain(|(known, _)| !same_picture(known, &placement));
        self.encoded.push_back((placement, encoded));
        if self.encoded.len() > CACHED {
            self.encoded.pop_front();
        }
    }

    /// Forgets what is on the screen; returns the bytes that take the pictures away.
    pub fn forget(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for (_, id) in self.uploaded.drain(..) {
            out.extend(self.mode.through(kitty::free(id)));
        }
        self.shown.clear();
        self.stale = true;
        out
    }

    /// The way from what is there to `frame`.
    pub fn change_to(&mut self, frame: &Frame) -> Change {
        let mut change = Change::default();
        let out = &mut change.frame;
        out.extend(b"\x1b[?2026h");
        if self.stale || self.before.area != frame.cells.area {
            self.begin_anew(frame.cells.area, &mut change);
        }
        let mut next = sanitised(&frame.cells);
        let ready = self.ready(frame, &mut next, &mut change.wanted);
        self.remove_old(&ready, &mut change);
        let placed = self.place_new(ready, &mut next, &mut change);
        draw(&self.before, &next, &mut change.frame);
        change.frame.extend(placed);
        match frame.cursor {
            Some(at) => {
                let text = format!("\x1b[{};{}H\x1b[?25h", at.y + 1, at.x + 1);
                change.frame.extend(text.into_bytes());
            }
            None => change.frame.extend(b"\x1b[?25l"),
        }
        change.frame.extend(b"\x1b[?2026l");
        self.before = next;
        change
    }

    fn begin_anew(&mut self, area: Rect, change: &mut Change) {
        for shown in self.shown.drain(..) {
            change.cancelled.push(shown.job);
            if let Some(id) = shown.id {
                change.frame.extend(self.mode.through(kitty::erase(id)));
            }
        }
        change.frame.extend(b"\x1b[0m\x1b[2J");
        self.before = Buffer::empty(area);
        self.stale = false;
    }

    /// Placements whose pictures are encoded; block pictures are put into the cells at once.
    fn ready(
        &mut self,
        frame: &Frame,
        next: &mut Buffer,
        wanted: &mut Vec<Placement>,
    ) -> Vec<(Placement, Encoded)> {
        let mut ready = Vec::new();
        if self.mode.protocol == Protocol::None {
            return ready;
        }
        for placement in &frame.placements {
            let known = self.encoded.iter().position(|(known, _)| same_picture(known, placement));
            let Some(at) = known else {
                wanted.push(placement.clone());
                continue;
            };
            // Used last: kept longest.
            if let Some((_, encoded)) = self.encoded.remove(at) {
                if let Encoded::Cells(cells) | Encoded::Upload { cells: Some(cells), .. } = &encoded
                {
                    put_cells(next, placement.area, cells);
                }
                ready.push((placement.clone(), encoded.clone()));
                self.encoded.push_back((placement.clone(), encoded));
            }
        }
        ready
    }

    fn remove_old(&mut self, ready: &[(Placement, Encoded)], change: &mut Change) {
        let mode = self.mode;
        self.shown.retain(|shown| {
            let stays = ready.iter().any(|(placement, _)| *placement == shown.placement);
            if !stays {
                change.cancelled.push(shown.job);
                if let Some(id) = shown.id {
                    change.frame.extend(mode.through(kitty::erase(id)));
                }
            }
            stays
        });
    }

    /// Bytes that belong behind the text of this frame.
    fn place_new(
        &mut self,
        ready: Vec<(Placement, Encoded)>,
        next: &mut Buffer,
        change: &mut Change,
    ) -> Vec<u8> {
        let mut placed = Vec::new();
        for (placement, encoded) in ready {
            let is_shown = self.shown.iter().any(|shown| shown.placement == placement);
            match encoded {
                Encoded::Cells(_) => {}
                Encoded::Strips(strips) => {
                    skip_cells(next, placement.area);
                    if !is_shown {
                        placed.extend(blank(placement.area));
                        let area = placement.area;
                        let at = |row: u16| (area.x, area.y + row);
                        let pieces =
                            strips.iter().map(|strip| at_cursor(at(strip.row), &strip.piece.0));
                        let job = self.job(pieces.collect(), change);
                        self.shown.push(Shown { placement, job, id: None });
                    }
                }
                Encoded::Upload { pieces, cells } => {
                    if is_shown {
                        continue;
                    }
                    let pieces = pieces.into_iter().map(|piece| piece.0).collect();
                    self.place_upload(placement, pieces, cells.is_some(), &mut placed, change);
                }
            }
        }
        placed
    }

    fn place_upload(
        &mut self,
        placement: Placement,
        mut pieces: Vec<Vec<u8>>,
        by_cells: bool,
        placed: &mut Vec<u8>,
        change: &mut Change,
    ) {
        let known = self.uploaded.iter().find(|(known, _)| same_picture(known, &placement));
        let area = placement.area;
        let known = known.map(|(_, id)| *id);
        let id = known.or_else(|| id_of(pieces.first()?)).unwrap_or(self.first_id | 1);
        let show = at_cursor((area.x, area.y), &kitty::place(id, (area.width, area.height)));
        let mut job = 0;
        match (known, by_cells) {
            (Some(_), true) => {}
            (Some(_), false) => placed.extend(show),
            (None, _) => {
                if !by_cells {
                    pieces.push(show);
                }
                job = self.job(pieces, change);
                self.uploaded.push_back((placement.clone(), id));
            }
        }
        if self.uploaded.len() > KEPT_BY_TERMINAL
            && let Some((_, oldest)) = self.uploaded.pop_front()
        {
            change.frame.extend(self.mode.through(kitty::free(oldest)));
        }
        self.shown.push(Shown { placement, job, id: (!by_cells).then_some(id) });
    }

    fn job(&mut self, pieces: Vec<Vec<u8>>, change: &mut Change) -> u64 {
        self.next_job += 1;
        change.jobs.push((self.next_job, pieces));
        self.next_job
    }

    /// Groups that were taken back before they were sent must be sent again when wanted.
    pub fn not_sent(&mut self, job: u64) {
        let lost: Vec<Placement> = self
            .shown
            .iter()
            .filter(|shown| shown.job == job)
            .map(|shown| shown.placement.clone())
            .collect();
        self.uploaded.retain(|(placement, _)| !lost.contains(placement));
    }
}

impl Mode {
    fn through(self, bytes: Vec<u8>) -> Vec<u8> {
        match self.protocol {
            Protocol::KittyDirect | Protocol::KittyPlaceholder if self.wrap => {
                graphics::wrap(&bytes)
            }
            Protocol::KittyDirect | Protocol::KittyPlaceholder => bytes,
            Protocol::Iterm2 | Protocol::Sixel | Protocol::Blocks | Protocol::None => Vec::new(),
        }
    }
}

/// The same pixels at the same size; where they stand does not matter.
fn same_picture(a: &Placement, b: &Placement) -> bool {
    let size = |placement: &Placement| (placement.area.width, placement.area.height);
    a.picture == b.picture && a.crop == b.crop && size(a) == size(b)
}

/// The id inside the first piece of an upload.
fn id_of(piece: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(piece.get(..64.min(piece.len()))?).into_owned();
    let rest = text.split_once("i=")?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

/// Moves there, writes, comes back.
fn at_cursor((column, row): (u16, u16), bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("\x1b7\x1b[{};{}H", row + 1, column + 1).into_bytes();
    out.extend_from_slice(bytes);
    out.extend(b"\x1b8");
    out
}

/// What stood there as text would stay under cells that are skipped.
fn blank(area: Rect) -> Vec<u8> {
    let line = " ".repeat(usize::from(area.width));
    let rows = area.y..area.bottom();
    rows.flat_map(|row| at_cursor((area.x, row), format!("\x1b[0m{line}").as_bytes())).collect()
}

fn skip_cells(buffer: &mut Buffer, area: Rect) {
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.set_diff_option(CellDiffOption::Skip);
        }
    }
}

fn put_cells(buffer: &mut Buffer, area: Rect, cells: &[Cell]) {
    for (position, source) in area.positions().zip(cells) {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.set_symbol(&source.symbol).set_fg(colour(source.fg)).set_bg(colour(source.bg));
        }
    }
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        Colour::Index(index) => Color::Indexed(index),
    }
}

/// The last gate: whatever the panes let through, no control character reaches the terminal.
fn sanitised(cells: &Buffer) -> Buffer {
    let mut clean = cells.clone();
    for cell in &mut clean.content {
        if cell.symbol().chars().any(char::is_control) {
            cell.set_symbol("?");
        }
    }
    clean
}

fn draw(before: &Buffer, next: &Buffer, out: &mut Vec<u8>) {
    let updates = before.diff(next);
    let mut backend = CrosstermBackend::new(out);
    // Into memory nothing can fail.
    let _ = backend.draw(updates.into_iter());
}
