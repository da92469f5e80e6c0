//! What the terminal shows, and the bytes from there to a new frame.
//!
//! Pure but for its memory: writes nothing. Text is a difference of cells; pictures follow the
//! rules of their protocol. No control character leaves in a cell (I10). Nothing is sent when
//! nothing has changed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::bidi;
use super::clusters::Clusters;
use super::image_request::{Ground, ImageRequest, Mode};
use super::paint::{self, move_to};
use super::pictures::{Loss, Pictures};
use super::queue::Queue;
use super::text;
use crate::graphics::protocol::Delivery;
use crate::graphics::quality::QualityPlan;
use crate::graphics::{Encoded, QualityLevel};
use crate::ui::frame::Frame;

/// The memory of the screen.
#[derive(Debug)]
pub struct Screen {
    before: Buffer,
    /// Room for a frame to come: making it anew costs more than filling it.
    spare: Buffer,
    pictures: Pictures,
    state: State,
    /// What was last said about the cursor.
    cursor: Option<Option<Position>>,
    next_id: u32,
    first_id: u32,
    clusters: Clusters,
    /// Runs of letters from right to left are ended by a sign.
    orders: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// What `before` says is there.
    Known,
    /// Clear and write everything.
    Lost,
}

impl Screen {
    /// `first_id` keeps several programs on one terminal apart.
    pub fn new(mode: Mode, first_id: u32) -> Self {
        // 0 means to kitty that no id was told.
        let first_id = (first_id & 0x00ff_ff00).max(0x100);
        Self {
            before: Buffer::empty(Rect::ZERO),
            spare: Buffer::empty(Rect::ZERO),
            pictures: Pictures::new(mode, first_id),
            state: State::Lost,
            cursor: None,
            next_id: 0,
            clusters: Clusters::default(),
            orders: false,
            first_id,
        }
    }

    /// Another protocol: everything made for the old one is void.
    pub fn set_mode(&mut self, mode: Mode, queue: &mut Queue) {
        if mode != self.pictures.mode() {
            self.forget(queue);
            self.pictures.set_mode(mode);
        }
    }

    /// No letter but those of ASCII is written.
    pub fn is_ascii(&self) -> bool {
        self.pictures.mode().ascii
    }

    /// Whether the terminal orders letters from right to left itself, and knows where they end.
    pub fn set_ordering(&mut self, orders: bool, queue: &mut Queue) {
        if std::mem::replace(&mut self.orders, orders) != orders {
            self.forget(queue);
        }
    }

    /// The id for the next encoded picture.
    pub fn id_for(&mut self) -> u32 {
        for _ in 0..255 {
            self.next_id = self.next_id % 255 + 1;
            if !self.pictures.has_id(self.first_id | self.next_id) {
                break;
            }
        }
        self.first_id | self.next_id
    }

    /// What a lacking picture may be laid over, the likeliest first.
    pub fn grounds(&self, wanted: &ImageRequest) -> Vec<Ground> {
        self.pictures.grounds(wanted)
    }

    /// A picture is ready.
    pub fn supply(&mut self, wanted: ImageRequest, encoded: Encoded) {
        self.pictures.supply(wanted, encoded);
    }

    /// A picture that was lacking could not be made.
    pub fn refuse(&mut self, wanted: ImageRequest) {
        self.pictures.refuse(wanted);
    }

    /// What is known of the line, for the next frame's pictures.
    pub fn set_ladder(&mut self, quality_plan: QualityPlan) {
        self.pictures.set_ladder(quality_plan);
    }

    /// How sharp the pictures of the last frame are at least; none without a picture.
    pub fn level(&self) -> Option<QualityLevel> {
        self.pictures.level()
    }

    /// Takes the pictures away and forgets what is on the screen.
    pub fn forget(&mut self, queue: &mut Queue) {
        let freed = self.pictures.forget(queue);
        queue.add_frame(&freed);
        self.state = State::Lost;
    }

    /// Learns how wide the terminal makes a letter; what is on the screen may have shifted.
    pub fn take_width(&mut self, reply: &[u8], queue: &mut Queue) -> bool {
        let is_news = self.clusters.hear(reply);
        if is_news {
            self.forget(queue);
        }
        is_news
    }

    /// Asks whether the terminal has the pictures that it shows.
    pub fn check(&mut self, queue: &mut Queue) {
        let asked = self.pictures.check();
        // Places move the cursor, and put it back.
        queue.add_frame(&asked);
    }

    /// The terminal does not have a picture that it was sent.
    pub fn take_loss(&mut self, id: u32, word: &str, queue: &mut Queue) -> Loss {
        let loss = self.pictures.take_loss(id, word, queue);
        if loss == Loss::Once {
            self.forget(queue);
        }
        loss
    }

    /// Pictures must be made again, even where they stand already.
    pub fn forget_pictures(&mut self, queue: &mut Queue) {
        let mode = self.pictures.mode();
        match mode.protocol.delivery() {
            // They are text: the difference is written when they come.
            Delivery::Cells | Delivery::Nothing => self.pictures.age(),
            Delivery::Placed | Delivery::Placeholders | Delivery::Bands => {
                self.forget(queue);
                self.pictures.set_mode(mode);
            }
        }
    }

    /// Queues what leads from what is there to `frame`; answers which pictures are lacking for it.
    pub fn show(&mut self, mut frame: Frame, queue: &mut Queue) -> Vec<ImageRequest> {
        let mut out = Vec::new();
        if self.state == State::Lost || self.before.area != frame.cells.area {
            out.extend(self.begin_anew(frame.cells.area, queue));
        }
        let mut next = std::mem::take(&mut frame.cells);
        sanitise(&mut next, &self.clusters);
        if self.orders {
            bidi::end_runs(&mut next);
        }
        let arranged = self.pictures.arrange(&frame, &mut next, queue);
        out.extend(text::draw(&self.before, &next));
        out.extend(arranged.commands);
        let has_moved = !out.is_empty() || self.cursor != Some(frame.cursor);
        if has_moved {
            queue.add_frame(b"\x1b[?2026h");
            queue.add_frame(&out);
            queue.add_frame(&self.point(frame.cursor));
            queue.add_frame(b"\x1b[?2026l");
            if arranged.has_more {
                queue.ask();
            }
        }
        self.cursor = Some(frame.cursor);
        self.spare = std::mem::replace(&mut self.before, next);
        arranged.lacking
    }

    /// Cells that nobody needs any more, for the next frame to be drawn into.
    pub fn spare(&mut self) -> Buffer {
        std::mem::take(&mut self.spare)
    }

    /// Puts the cursor where it belongs; shows or hides it only where that is news.
    fn point(&self, cursor: Option<Position>) -> Vec<u8> {
        let was_shown = self.cursor.map(|cursor| cursor.is_some());
        match cursor {
            Some(at) if was_shown == Some(true) => move_to(at.x, at.y),
            Some(at) => [move_to(at.x, at.y).as_slice(), paint::cursor(true)].concat(),
            None if was_shown == Some(false) => Vec::new(),
            None => paint::cursor(false).to_vec(),
        }
    }

    /// Blanks the screen. kitty might lose pictures with the usual way, so they go row by row.
    fn begin_anew(&mut self, area: Rect, queue: &mut Queue) -> Vec<u8> {
        let mut out = b"\x1b[0m".to_vec();
        // A band that was to show it again may be among those that are dropped.
        self.cursor = None;
        self.pictures.doubt(queue);
        match self.pictures.mode().protocol.delivery() {
            Delivery::Placed | Delivery::Placeholders => {
                for row in 0..area.height {
                    out.extend(move_to(0, row));
                    out.extend(b"\x1b[K");
                }
            }
            Delivery::Bands | Delivery::Cells | Delivery::Nothing => {
                out.extend(b"\x1b[2J");
            }
        }
        self.before = Buffer::empty(area);
        self.state = State::Known;
        out
    }
}

/// Longer symbols are not letters, in bytes.
const LONGEST_SYMBOL: usize = 64;

/// The last gate: whatever the panes let through, nothing that a terminal would obey leaves.
fn sanitise(cells: &mut Buffer, clusters: &Clusters) {
    for cell in &mut cells.content {
        let symbol = cell.symbol();
        // By far the most, and nothing to be said of them: ASCII, and lines and blocks (U+2500 to
        // U+259F).
        if let [b' '..=b'~'] | [0xe2, 0x94 | 0x95, _] | [0xe2, 0x96, 0x80..=0x9f] =
            symbol.as_bytes()
        {
            continue;
        }
        if symbol.len() > LONGEST_SYMBOL || symbol.chars().any(crate::text::steers) {
            cell.set_symbol("?");
        } else if let Some(sure) = clusters.sure(symbol) {
            cell.set_symbol(&sure);
        }
    }
}
