//! How the canvas compares: by hand, never by a timer; and the part of a picture that it shows.

use ratatui::layout::Rect;

use super::frame::Crop;
use crate::tree::{NodeId, PictureRef};

/// The state of the comparison on the canvas.
#[derive(Clone, Debug)]
pub struct Comparing {
    pub mode: Compare,
    /// The picture on which a swap started; another picture ends it.
    pub begun_on: Option<PictureRef>,
    /// Compared with instead of the parent.
    pub base: Option<PictureRef>,
    /// To be compared with as soon as it is loaded, and the picture that was shown then.
    pub asked: Option<((NodeId, usize), Option<PictureRef>)>,
    /// Aligns compared pictures.
    pub align: bool,
    /// Where the wipe stands, in sixteenths from the left.
    pub wipe: u16,
}

impl Default for Comparing {
    fn default() -> Self {
        Self { mode: Compare::Off, begun_on: None, base: None, asked: None, align: false, wipe: 8 }
    }
}

impl Comparing {
    /// The picture alone is shown again, and no other one is waited for.
    pub fn end(&mut self) {
        (self.mode, self.asked) = (Compare::Off, None);
    }

    /// A swap ends when another picture is shown, and nothing is waited for any more.
    pub fn refresh(&mut self, current: Option<PictureRef>) {
        self.asked = self.asked.filter(|(_, shown)| *shown == current);
        let swaps = match self.mode {
            Compare::Current | Compare::Partner => true,
            Compare::Off | Compare::SideBySide | Compare::Wipe | Compare::Blend | Compare::Heat => {
                false
            }
        };
        if swaps && self.begun_on != current {
            self.mode = Compare::Off;
        }
    }
}

/// What the canvas shows of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    #[default]
    Off,
    /// The picture itself, after a swap.
    Current,
    /// The compared picture in the same place.
    Partner,
    SideBySide,
    /// The compared picture left of a line that the arrows move, the picture right of it.
    Wipe,
    /// Both blended.
    Blend,
    /// A heat map of the changes.
    Heat,
}

impl Compare {
    /// `c`: first the one before, then back and forth.
    pub fn swap(self) -> Self {
        match self {
            Self::Partner => Self::Current,
            Self::Off
            | Self::Current
            | Self::SideBySide
            | Self::Wipe
            | Self::Blend
            | Self::Heat => Self::Partner,
        }
    }

    /// `m`: swap, side by side, wipe, blend, heat, off.
    pub fn next_mode(self) -> Self {
        match self {
            Self::Off => Self::Partner,
            Self::Current | Self::Partner => Self::SideBySide,
            Self::SideBySide => Self::Wipe,
            Self::Wipe => Self::Blend,
            Self::Blend => Self::Heat,
            Self::Heat => Self::Off,
        }
    }

    /// Both of two are seen at once.
    pub fn is_pair(self) -> bool {
        match self {
            Self::Off | Self::Current | Self::Partner => false,
            Self::SideBySide | Self::Wipe | Self::Blend | Self::Heat => true,
        }
    }

    /// What the key for the next mode leads to.
    pub fn next_words(self) -> &'static str {
        match self.next_mode() {
            Self::Off => "end compare",
            Self::Current | Self::Partner => "next: swap",
            Self::SideBySide => "next: side by side",
            Self::Wipe => "next: wipe",
            Self::Blend => "next: overlay",
            Self::Heat => "next: heat map",
        }
    }
}

/// How far in, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoom {
    /// Each level halves what is seen; 0 is all of it.
    pub level: u32,
    /// One pixel of the picture for each of the screen, whatever the level.
    pub is_original: bool,
    /// In eighths of what is seen, from the middle.
    pub x: i32,
    pub y: i32,
}

impl Zoom {
    /// What is seen of a picture in a slot, where that is not all of it; `cell` in pixels of the
    /// screen.
    pub fn part(
        self,
        (all_width, all_height): (u32, u32),
        slot: Rect,
        cell: (u16, u16),
    ) -> Option<Crop> {
        let (width, height) = match (self.is_original, self.level) {
            (true, _) => {
                let room = |cells: u16, pixels: u16| (u32::from(cells) * u32::from(pixels)).max(1);
                let (wide, high) = cell;
                (room(slot.width, wide).min(all_width), room(slot.height, high).min(all_height))
            }
            (false, 0) => return None,
            (false, level) => {
                let part = |all: u32| (all >> level.min(5)).max(16).min(all);
                (part(all_width), part(all_height))
            }
        };
        let at = |centre: i32, all: u32, part: u32| {
            let most = i64::from(all - part);
            let middle = most / 2 + i64::from(centre) * i64::from(part) / 8;
            u32::try_from(middle.clamp(0, most)).unwrap_or(0)
        };
        let (x, y) = (at(self.x, all_width, width), at(self.y, all_height, height));
        Some(Crop { x, y, width, height, of: (all_width, all_height) })
    }
}

/// So large is the map of a zoomed picture.
pub const MAP: (u32, u32) = (12, 3);

impl Crop {
    /// Where it lies in the whole, in rows of letters.
    pub fn map(&self, seen: char, rest: char) -> Vec<String> {
        // A letter is seen where any of it is.
        let is_in = |at: u32, cells: u32, from: u32, length: u32, all: u32| {
            let (begin, end) = (at * all / cells, (at + 1) * all / cells);
            begin < from + length && end > from
        };
        let (columns, rows) = MAP;
        let row = |y: u32| {
            let is_row = is_in(y, rows, self.y, self.height, self.of.1);
            let is_seen = |x: u32| is_row && is_in(x, columns, self.x, self.width, self.of.0);
            (0..columns).map(|x| if is_seen(x) { seen } else { rest }).collect()
        };
        (0..rows).map(row).collect()
    }
}
