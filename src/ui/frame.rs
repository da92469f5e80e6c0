//! One frame: text cells, the cursor, and which pictures stand where.
//!
//! Plain data. Nothing here knows a protocol; `terminal` turns placements into bytes or cells.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::theme::rgb::Rgb;
use crate::app::action::{Annotation, Bounds};
use crate::tree::Hash;

/// What the screen shall show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Blank below each placement.
    pub cells: Buffer,
    /// Where the terminal's own cursor stands; hidden without one.
    pub cursor: Option<Position>,
    /// Inside their slots, never on the last row, never overlapping (I5).
    pub placements: Vec<Placement>,
    /// Overlays: no picture is seen there.
    pub covers: Vec<Rect>,
    /// Something stands in front: pictures go back towards this colour, as words do.
    pub veil: Option<Rgb>,
    /// Parts whose drawing panicked: they say so in their place.
    pub broken: Vec<&'static str>,
}

/// A picture in a rectangle of cells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placement {
    pub picture: Hash,
    /// Filled by the picture; chosen to have its ratio.
    pub area: Rect,
    /// The part of the picture to show, in its pixels; the whole without one.
    pub crop: Option<Crop>,
    /// Another picture that is shown in turn or beside it: where the two are equal, they shall look
    /// equal.
    pub like: Option<Hash>,
    /// What stood at its very place stays until it has come; words beside it tell what comes.
    pub is_awaited: bool,
    /// It belongs to an overlay, which does not cover it.
    pub is_on_top: bool,
    /// What is drawn over it, of which nothing is kept.
    pub sketch: Option<Sketch>,
}

impl Placement {
    /// All of the picture, for itself.
    pub fn whole(picture: Hash, area: Rect) -> Self {
        Self {
            picture,
            area,
            crop: None,
            like: None,
            is_awaited: false,
            is_on_top: false,
            sketch: None,
        }
    }
}

/// Boxes and arrows on a picture before they are made: what lies outside of the boxes is dimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sketch {
    /// Width and height of the picture that the shapes are measured in.
    pub of: (u32, u32),
    /// What is seen, beyond the picture's edges too.
    pub seen: Bounds,
    pub shapes: Vec<Mark>,
}

/// One shape of a sketch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// As it will be made.
    Annotation(Annotation),
    /// A box that goes into the prompt, by its number from 0; what lies outside of all that are lit
    /// is dimmed.
    Region { at: Bounds, number: usize, is_lit: bool },
    /// All of it is dimmed: it stands for something else.
    Dimmed,
}

impl Sketch {
    /// What is seen, where that is not just the picture.
    pub fn ground(&self) -> Option<Bounds> {
        let (width, height) = self.of;
        Some(self.seen).filter(|seen| *seen != Bounds { x: 0, y: 0, width, height })
    }
}

/// A part of a picture, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crop {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    /// Width and height of the whole picture.
    pub of: (u32, u32),
}
