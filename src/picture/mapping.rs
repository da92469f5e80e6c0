//! Where a pixel of one picture lies in another: fit, shift and scale, and bringing pixels over.
//!
//! Finds nothing itself. Places are measured from the upper left corner, so that the centre of the
//! first pixel is at ½. Invariant: a mapping never turns or mirrors.

use fast_image_resize as fir;
use fir::pixels::U8x3;
use fir::{IntoImageView as _, IntoImageViewMut as _};
use image::imageops::crop_imm;
use image::{GenericImage as _, RgbImage};

/// How the service laid a picture into a frame of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitMode {
    /// Each side by its own factor.
    Stretch,
    /// Evenly, and what stands over is cut off.
    Crop,
    /// Evenly, and what is missing is filled.
    Pad,
}

impl FitMode {
    pub const ALL: [Self; 3] = [Self::Stretch, Self::Crop, Self::Pad];

    /// As in `compare --json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stretch => "stretch",
            Self::Crop => "crop",
            Self::Pad => "pad",
        }
    }
}

/// How A lies in B's frame before any drift: centre on centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub mode: FitMode,
    /// Pixels of B for one of A, across.
    pub sx: f64,
    /// Pixels of B for one of A, downwards.
    pub sy: f64,
}

impl Fit {
    /// The factors between two sizes.
    pub fn new(mode: FitMode, a: (u32, u32), b: (u32, u32)) -> Self {
        let across = f64::from(b.0) / f64::from(a.0.max(1));
        let down = f64::from(b.1) / f64::from(a.1.max(1));
        let (sx, sy) = match mode {
            FitMode::Stretch => (across, down),
            FitMode::Crop => (across.max(down), across.max(down)),
            FitMode::Pad => (across.min(down), across.min(down)),
        };
        Self { mode, sx, sy }
    }

    /// For A as it was before it was reduced.
    pub fn of_larger(self, by: [f64; 2]) -> Self {
        Self { mode: self.mode, sx: self.sx / by[0], sy: self.sy / by[1] }
    }

    /// The ways to tell apart: one when both have the same shape to half a pixel.
    pub(super) fn candidates(a: (u32, u32), b: (u32, u32)) -> Vec<Self> {
        let stretch = Self::new(FitMode::Stretch, a, b);
        let uneven = (stretch.sx / stretch.sy - 1.0).abs() * f64::from(a.0.max(a.1));
        let modes = if uneven <= 1.0 { &FitMode::ALL[..1] } else { &FitMode::ALL[..] };
        modes.iter().map(|mode| Self::new(*mode, a, b)).collect()
    }
}

/// What moved besides the fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Where A's centre is found in B, in pixels of A; right is positive.
    pub dx: f64,
    /// Down is positive.
    pub dy: f64,
    /// More than 1: B shows things larger.
    pub scale: f64,
}

impl Drift {
    pub const NONE: Self = Self { dx: 0.0, dy: 0.0, scale: 1.0 };

    /// In pixels of the same picture before it was reduced.
    pub fn of_larger(self, by: [f64; 2]) -> Self {
        Self { dx: self.dx * by[0], dy: self.dy * by[1], scale: self.scale }
    }

    /// The farthest that a corner of a picture of this size is moved, in pixels.
    pub fn reach(self, size: (u32, u32)) -> f64 {
        let zoom = (self.scale - 1.0).abs();
        let across = self.dx.abs() + zoom * f64::from(size.0) / 2.0;
        across.hypot(self.dy.abs() + zoom * f64::from(size.1) / 2.0)
    }
}

/// One side of a mapping: `place in B = scale × place in A + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub scale: f64,
    pub offset: f64,
}

impl Axis {
    fn new(a: u32, b: u32, fit: f64, shift: f64, drift: f64) -> Self {
        let (middle_a, middle_b) = (f64::from(a) / 2.0, f64::from(b) / 2.0);
        let scale = fit * drift;
        Self { scale, offset: middle_b + fit * shift - scale * middle_a }
    }

    pub fn there(self, place: f64) -> f64 {
        self.scale * place + self.offset
    }

    pub fn back(self, place: f64) -> f64 {
        (place - self.offset) / self.scale
    }

    /// The pixels of A, from and to, that B shows in full.
    fn covered(self, a: u32, b: u32) -> (u32, u32) {
        // Rounding must not cost a row when the frames agree.
        const SLACK: f64 = 1e-6;
        let first = (self.back(0.0) - SLACK).ceil().clamp(0.0, f64::from(a));
        let end = (self.back(f64::from(b)) + SLACK).floor().clamp(first, f64::from(a));
        (first as u32, end as u32)
    }
}

/// From places in A to places in B.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    pub x: Axis,
    pub y: Axis,
    a: (u32, u32),
    b: (u32, u32),
}

impl Mapping {
    /// Fit and drift between pictures of these sizes.
    pub fn new(a: (u32, u32), b: (u32, u32), fit: Fit, drift: Drift) -> Self {
        Self {
            x: Axis::new(a.0, b.0, fit.sx, drift.dx, drift.scale),
            y: Axis::new(a.1, b.1, fit.sy, drift.dy, drift.scale),
            a,
            b,
        }
    }

    /// The pixels of A that a rectangle of B touches.
    pub fn part_back(&self, part: Part) -> Part {
        let from = |axis: Axis, place: u32, most: u32| {
            axis.back(f64::from(place)).floor().clamp(0.0, f64::from(most)) as u32
        };
        let to = |axis: Axis, place: u32, most: u32| {
            axis.back(f64::from(place)).ceil().clamp(0.0, f64::from(most)) as u32
        };
        let (x, y) = (from(self.x, part.x, self.a.0), from(self.y, part.y, self.a.1));
        let right = to(self.x, part.right(), self.a.0).max(x);
        let bottom = to(self.y, part.bottom(), self.a.1).max(y);
        Part { x, y, w: right - x, h: bottom - y }
    }

    /// The same for A as it was before it was reduced.
    pub fn of_larger(&self, a: (u32, u32), by: [f64; 2]) -> Self {
        let axis = |axis: Axis, by: f64| Axis { scale: axis.scale / by, offset: axis.offset };
        Self { x: axis(self.x, by[0]), y: axis(self.y, by[1]), a, b: self.b }
    }

    /// Some rows of B as A's frame would show it; `part` is what it covers, in pixels of A.
    pub fn bring_rows(&self, b: &RgbImage, top: u32, height: u32) -> Option<Brought> {
        let (left, right) = self.x.covered(self.a.0, self.b.0);
        let (first, end) = self.y.covered(self.a.1, self.b.1);
        // What a filter looks at beyond the rows themselves.
        let margin = (4.0 / self.y.scale).ceil().max(4.0) as u32;
        let (from, to) = (top.max(first), (top + height).min(end));
        if from >= to || left >= right {
            return None;
        }
        let around = (from.saturating_sub(margin).max(first), (to + margin).min(end));
        let wide = cut(
            b,
            [self.x.there(f64::from(left)), self.y.there(f64::from(around.0))],
            [self.x.there(f64::from(right)), self.y.there(f64::from(around.1))],
            (right - left, around.1 - around.0),
        )?;
        let rows = crop_imm(&wide, 0, from - around.0, right - left, to - from).to_image();
        let mut picture = RgbImage::new(self.a.0, height);
        picture.copy_from(&rows, left, from - top).ok()?;
        let part = Part { x: left, y: from, w: right - left, h: to - from };
        Some(Brought { picture, part })
    }

    /// B as A's frame would show it. `None`: the pictures do not overlap.
    pub fn bring(&self, b: &RgbImage) -> Option<Brought> {
        let (left, right) = self.x.covered(self.a.0, self.b.0);
        let (top, bottom) = self.y.covered(self.a.1, self.b.1);
        let part = Part { x: left, y: top, w: right - left, h: bottom - top };
        if part.is_empty() {
            return None;
        }
        let from = [self.x.there(f64::from(left)), self.y.there(f64::from(top))];
        let to = [self.x.there(f64::from(right)), self.y.there(f64::from(bottom))];
        let picture = cut(b, from, to, (part.w, part.h))?;
        if (part.w, part.h) == self.a {
            return Some(Brought { picture, part });
        }
        let mut whole = RgbImage::new(self.a.0, self.a.1);
        whole.copy_from(&picture, left, top).ok()?;
        Some(Brought { picture: whole, part })
    }
}

/// B's pixels in A's frame.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Of A's size; black outside of `part`.
    pub picture: RgbImage,
    /// What B covers.
    pub part: Part,
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

impl Part {
    pub fn whole(size: (u32, u32)) -> Self {
        Self { x: 0, y: 0, w: size.0, h: size.1 }
    }

    /// In pixels of the same picture before it was reduced.
    pub fn of_larger(self, size: (u32, u32), by: [f64; 2]) -> Self {
        let place = |at: u32, by: f64, most: u32| ((f64::from(at) * by).round() as u32).min(most);
        let (x, y) = (place(self.x, by[0], size.0), place(self.y, by[1], size.1));
        let right = place(self.right(), by[0], size.0);
        let bottom = place(self.bottom(), by[1], size.1);
        Self { x, y, w: right.saturating_sub(x), h: bottom.saturating_sub(y) }
    }

    pub fn is_empty(self) -> bool {
        self.w == 0 || self.h == 0
    }

    pub fn right(self) -> u32 {
        self.x.saturating_add(self.w)
    }

    pub fn bottom(self) -> u32 {
        self.y.saturating_add(self.h)
    }

    pub fn contains(self, x: u32, y: u32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// The smallest that holds both.
    pub fn with(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self { x, y, w: right - x, h: bottom - y }
    }
}

/// A rectangle between pixels, scaled to `size`.
fn cut(b: &RgbImage, from: [f64; 2], to: [f64; 2], size: (u32, u32)) -> Option<RgbImage> {
    let ([left, top], [right, bottom]) = (from, to);
    let (left, top) = (left.max(0.0), top.max(0.0));
    let (right, bottom) = (right.min(f64::from(b.width())), bottom.min(f64::from(b.height())));
    let whole = left < 1e-6 && top < 1e-6 && b.dimensions() == size;
    if whole
        && (right - left - f64::from(size.0)).abs() + (bottom - top - f64::from(size.1)).abs()
            < 1e-6
    {
        return Some(b.clone());
    }
    resample(b, [left, top, right - left, bottom - top], size, fir::FilterType::Lanczos3)
}

/// `crop`: left, top, width, height.
pub(super) fn resample(
    picture: &RgbImage,
    crop: [f64; 4],
    size: (u32, u32),
    filter: fir::FilterType,
) -> Option<RgbImage> {
    let [left, top, width, height] = crop;
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(filter))
        .crop(left, top, width, height)
        .use_alpha(false);
    let mut scaled = RgbImage::new(size.0, size.1);
    // Typed: the code for all other kinds of pixels would be megabytes.
    let views = picture.image_view::<U8x3>().zip(scaled.image_view_mut::<U8x3>());
    let scale = |(from, mut to)| fir::Resizer::new().resize_typed(&from, &mut to, &options).ok();
    views.and_then(scale)?;
    Some(scaled)
}
