//! How the canvas compares: by hand, never by a timer.

/// What the canvas shows of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    #[default]
    Off,
    /// The picture itself, after a swap.
    Current,
    /// The one before in the same place.
    Partner,
    SideBySide,
    /// The one before at the left of a line that the arrows move, the picture at its right.
    Wipe,
    /// Half of each.
    Blend,
    /// What changed, glowing.
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

    /// `m`: swap, side by side, wipe, onion, heat, off.
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
