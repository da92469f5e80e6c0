//! A box on the picture, placed by keys: a cue for the prompt, or another frame.
//!
//! In pixels of the picture; a step is a cell of the screen. Draws nothing.

use crate::app::action::{Annotation, Bounds};
use crate::schema::regions::{Region, RegionPart};
use crate::tree::PictureRef;

pub mod view;

/// What the box is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Cue,
    /// A box with words of its own: which of the draft's, from 0; `None`: not one of them yet.
    Region(Option<usize>),
    /// Crops or extends the picture.
    Frame,
}

/// Where an arrow points to: its head's corner, right and bottom.
const CORNERS: [(bool, bool); 4] = [(true, false), (true, true), (false, true), (false, false)];
/// Shapes of a frame beside the free one, as the service names them.
const RATIOS: [(u32, u32); 9] =
    [(1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16), (21, 9), (9, 21)];
/// The smallest side, in pixels.
const LEAST: i32 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionSelector {
    pub on: PictureRef,
    pub usage: Use,
    /// Width and height of the picture.
    pub size: (u32, u32),
    left: i32,
    top: i32,
    width: i32,
    height: i32,
    /// Index of the arrow or ratio, from 1; 0 is a plain box.
    cycle_shape: usize,
    step: Step,
    held: Option<Held>,
}

/// What the mouse holds, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// The box, at this distance from its upper left corner.
    Box { x: i32, y: i32 },
    /// The corner across from this one.
    Corner { x: i32, y: i32 },
}

/// How far one key moves an edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// A cell of the screen.
    #[default]
    Cell,
    /// A pixel of the picture.
    Fine,
    /// Some cells.
    Coarse,
}

/// Cells of a coarse step.
const COARSE: i32 = 5;

/// How a key changes the box, in steps of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionEdit {
    Move { x: i32, y: i32 },
    Grow { x: i32, y: i32 },
}

impl RegionSelector {
    /// The middle third of the picture as a cue, all of it as a frame.
    pub fn new(on: PictureRef, usage: Use, size: (u32, u32)) -> Self {
        let (w, h) = (side(size.0), side(size.1));
        let part = if usage == Use::Frame { 1 } else { 3 };
        let (width, height) = ((w / part).max(LEAST).min(w), (h / part).max(LEAST).min(h));
        let (left, top) = ((w - width) / 2, (h - height) / 2);
        Self {
            on,
            usage,
            size,
            left,
            top,
            width,
            height,
            cycle_shape: 0,
            step: Step::Cell,
            held: None,
        }
    }

    /// One of the draft's boxes.
    pub fn of_region(&self, at: usize, part: RegionPart) -> Self {
        let [left, top, width, height] = part.pixels(self.size).map(side);
        Self { usage: Use::Region(Some(at)), left, top, width, height, ..*self }
    }

    /// Beside those that stand there already, so that none is hidden by it.
    pub fn beside(mut self, regions: &[Region]) -> Self {
        for _ in 0..regions.len() {
            if regions.iter().all(|region| Some(region.part) != self.part()) {
                break;
            }
            self.left += self.width / 4;
            self.top += self.height / 4;
            self.keep_inside();
        }
        self
    }

    pub fn used_as(self, usage: Use) -> Self {
        Self { usage, ..self }
    }

    /// As it goes into a prompt; `None`: too small to be told.
    pub fn part(&self) -> Option<RegionPart> {
        let Bounds { x, y, width, height } = self.bounds();
        let place = |at: i32| u32::try_from(at).unwrap_or(0);
        RegionPart::of_pixels([place(x), place(y), width, height], self.size)
    }

    pub fn bounds(&self) -> Bounds {
        let side = |length: i32| u32::try_from(length).unwrap_or(1);
        let (width, height) = (side(self.width), side(self.height));
        Bounds { x: self.left, y: self.top, width, height }
    }

    /// The visible area: the picture, with its margin once the box reaches beyond it.
    pub fn seen(&self) -> Bounds {
        let (width, height) = self.size;
        let (x, y) = (self.left + self.width, self.top + self.height);
        let is_inside = self.left >= 0 && self.top >= 0 && x <= side(width) && y <= side(height);
        if is_inside { Bounds { x: 0, y: 0, width, height } } else { self.limits() }
    }

    /// Where it may be: on the picture, and beyond it while cropping.
    fn limits(&self) -> Bounds {
        let (width, height) = self.size;
        match self.usage {
            Use::Cue | Use::Region(_) => Bounds { x: 0, y: 0, width, height },
            Use::Frame => Bounds {
                x: -side(width / 4),
                y: -side(height / 4),
                width: width + width / 2,
                height: height + height / 2,
            },
        }
    }

    /// The next size of steps.
    pub fn cycle_step(&mut self) {
        self.step = match self.step {
            Step::Cell => Step::Fine,
            Step::Fine => Step::Coarse,
            Step::Coarse => Step::Cell,
        };
    }

    /// `cell`: pixels of the picture in a cell, across and down.
    pub fn nudge(&mut self, nudge: RegionEdit, cell: (i32, i32)) {
        let step = match self.step {
            Step::Cell => cell,
            Step::Fine => (1, 1),
            Step::Coarse => (cell.0 * COARSE, cell.1 * COARSE),
        };
        match nudge {
            RegionEdit::Move { x, y } => {
                self.left += x * step.0;
                self.top += y * step.1;
            }
            RegionEdit::Grow { x, y } => {
                self.width += x * step.0;
                self.height += y * step.1;
                self.keep_ratio(y != 0 && x == 0);
            }
        }
        self.keep_inside();
    }

    /// The mouse takes the box, or begins another beside it.
    pub fn take(&mut self, (x, y): (i32, i32)) {
        let is_inside = (self.left..self.left + self.width).contains(&x)
            && (self.top..self.top + self.height).contains(&y);
        self.held = Some(match is_inside {
            true => Held::Box { x: x - self.left, y: y - self.top },
            false => Held::Corner { x, y },
        });
    }

    /// What the mouse holds comes along.
    pub fn drag(&mut self, (x, y): (i32, i32)) {
        match self.held {
            Some(Held::Box { x: from_x, y: from_y }) => {
                (self.left, self.top) = (x - from_x, y - from_y);
            }
            Some(Held::Corner { x: from_x, y: from_y }) => {
                (self.left, self.top) = (x.min(from_x), y.min(from_y));
                (self.width, self.height) = ((x - from_x).abs(), (y - from_y).abs());
                self.keep_ratio(false);
            }
            None => return,
        }
        self.keep_inside();
    }

    pub fn let_go(&mut self) {
        self.held = None;
    }

    /// The next arrow, or the next ratio, then a plain box again.
    pub fn cycle_shape(&mut self) {
        let kinds = match self.usage {
            Use::Cue => CORNERS.len(),
            Use::Region(_) => 0,
            Use::Frame => RATIOS.len(),
        };
        self.cycle_shape = (self.cycle_shape + 1) % (kinds + 1);
        if let Some((across, down)) = self.ratio() {
            // As large as lies within the picture, around the same middle.
            let middle = (self.left + self.width / 2, self.top + self.height / 2);
            let (w, h) = (side(self.size.0), side(self.size.1));
            let width = w.min(h * across / down);
            (self.width, self.height) = (width, width * down / across);
            (self.left, self.top) = (middle.0 - self.width / 2, middle.1 - self.height / 2);
        }
        self.keep_inside();
    }

    /// The annotation that it describes.
    pub fn annotation(&self) -> Annotation {
        let at = self.bounds();
        let arrow =
            self.cycle_shape.checked_sub(1).and_then(|cycle_shape| CORNERS.get(cycle_shape));
        match (self.usage, arrow) {
            (Use::Frame, _) => Annotation::Frame(at),
            (Use::Cue, Some((to_right, to_bottom))) => {
                Annotation::Arrow { at, to_right: *to_right, to_bottom: *to_bottom }
            }
            (Use::Cue, None) | (Use::Region(_), _) => Annotation::Box(at),
        }
    }

    /// Its shape, size and position, and how far a key moves it.
    pub fn words(&self) -> Vec<String> {
        let Bounds { x, y, width, height } = self.bounds();
        let shape = match (self.usage, self.annotation()) {
            (Use::Region(Some(at)), _) => format!("box {}", at + 1),
            (Use::Region(None), _) => "new box".into(),
            (Use::Frame, _) | (_, Annotation::Frame(_)) => "crop".into(),
            (Use::Cue, Annotation::Box(_)) => "box".into(),
            (Use::Cue, Annotation::Arrow { to_right, to_bottom, .. }) => {
                let down = if to_bottom { "lower" } else { "upper" };
                format!("arrow to the {down} {}", if to_right { "right" } else { "left" })
            }
        };
        let kept = if self.ratio().is_some() { " kept" } else { "" };
        let (all_wide, all_high) = self.size;
        let step = match self.step {
            Step::Cell => "moves by one cell",
            Step::Fine => "moves by one pixel",
            Step::Coarse => "moves by 5 cells",
        };
        let price = (self.usage == Use::Frame).then(|| "cutting is free".to_owned());
        let words = [
            format!("{shape} {width}×{height}"),
            format!("{}{kept}", ratio_words(width, height)),
            format!("at {x}, {y} of {all_wide}×{all_high}"),
            step.to_owned(),
        ];
        words.into_iter().chain(price).collect()
    }

    /// The corner at which an arrow's head is, right and bottom.
    pub fn head(&self) -> Option<(bool, bool)> {
        match self.annotation() {
            Annotation::Arrow { to_right, to_bottom, .. } => Some((to_right, to_bottom)),
            Annotation::Box(_) | Annotation::Frame(_) => None,
        }
    }

    fn ratio(&self) -> Option<(i32, i32)> {
        let (across, down) = match self.usage {
            Use::Cue | Use::Region(_) => return None,
            Use::Frame => *RATIOS.get(self.cycle_shape.checked_sub(1)?)?,
        };
        Some((side(across), side(down)))
    }

    fn keep_ratio(&mut self, by_height: bool) {
        match self.ratio() {
            Some((across, down)) if by_height => self.width = self.height * across / down,
            Some((across, down)) => self.height = self.width * down / across,
            None => {}
        }
    }

    fn keep_inside(&mut self) {
        let limits = self.limits();
        let (w, h) = (side(limits.width), side(limits.height));
        self.width = self.width.clamp(LEAST.min(w), w);
        self.height = self.height.clamp(LEAST.min(h), h);
        self.left = self.left.clamp(limits.x, limits.x + w - self.width);
        self.top = self.top.clamp(limits.y, limits.y + h - self.height);
    }
}

/// By the name that people know, where the pixels allow one.
fn ratio_words(width: u32, height: u32) -> String {
    let is_near =
        |(across, down): &(u32, u32)| (width * down).abs_diff(height * across) <= *across.max(down);
    match RATIOS.iter().find(|ratio| is_near(ratio)) {
        Some((across, down)) => format!("{across}:{down}"),
        None => format!("{:.2}:1", f64::from(width) / f64::from(height.max(1))),
    }
}

fn side(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX / 4)
}
