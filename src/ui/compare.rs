//! How the canvas compares: by hand, never by a timer.

/// What the canvas shows of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    #[default]
    Off,
    /// The picture itself, after a swap.
    Current,
    /// Its parent in the same place.
    Partner,
    SideBySide,
}

impl Compare {
    /// `c`: first the parent, then back and forth.
    pub fn swap(self) -> Self {
        match self {
            Self::Off | Self::Current | Self::SideBySide => Self::Partner,
            Self::Partner => Self::Current,
        }
    }

    /// `m`: swap, side by side, off.
    pub fn next_mode(self) -> Self {
        match self {
            Self::Off => Self::Partner,
            Self::Current | Self::Partner => Self::SideBySide,
            Self::SideBySide => Self::Off,
        }
    }
}

/// How far in, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoom {
    /// Each level halves what is seen; 0 is all of it.
    pub level: u32,
    /// In eighths of what is seen, from the middle.
    pub x: i32,
    pub y: i32,
}
