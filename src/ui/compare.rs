//! How the canvas compares: by hand, never by a timer.

use crate::tree::PictureRef;

/// The state of the comparison on the canvas.
#[derive(Clone, Debug)]
pub struct Comparing {
    pub mode: Compare,
    /// The picture on which a swap started; another picture ends it.
    pub begun_on: Option<PictureRef>,
    /// Compared with instead of the parent.
    pub base: Option<PictureRef>,
    /// Aligns compared pictures.
    pub align: bool,
    /// Where the wipe stands, in sixteenths from the left.
    pub wipe: u16,
}

impl Default for Comparing {
    fn default() -> Self {
        Self { mode: Compare::Off, begun_on: None, base: None, align: false, wipe: 8 }
    }
}

impl Comparing {
    /// A swap ends when another picture is shown.
    pub fn refresh(&mut self, current: Option<PictureRef>) {
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
