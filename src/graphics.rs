//! Pixels to bytes or cells, for the protocols that terminals speak, and what this terminal can do.
//!
//! Pure: no terminal, no files, no other module of ours. A picture is shown in a rectangle of
//! cells; [`encode`] makes what must be sent (pieces, each one complete escape) and what must
//! stand in the cells. Who sends it, and when, is `terminal`'s business.

use std::borrow::Cow;

use compact_str::CompactString;
use fast_image_resize as fir;
use fir::pixels::U8x3;
use fir::{IntoImageView as _, IntoImageViewMut as _};
use image::{RgbImage, RgbaImage};

pub mod blocks;
mod cell;
mod detect;
mod files;
pub mod hints;
pub mod iterm2;
pub mod kitty;
pub mod palette;
pub mod patch;
pub mod probe;
pub mod protocol;
pub mod quality;
pub mod shapes;
pub mod sixel;
pub mod terminals;

use patch::{CellRect, Difference, Ground, Tile};
use protocol::{Delivery, Protocol};
use shapes::Shapes;

/// How many colours a cell may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colours {
    /// `NO_COLOR`: blocks become ASCII shades.
    Mono,
    /// The sixteen whose looks are the terminal's own.
    Ansi16,
    Palette256,
    True,
}

/// How sharp a picture is sent, and so how many bytes it takes; from few to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualityLevel {
    /// A first look, in a few kilobytes.
    Preview,
    /// Half as wide and high, for lines on which a sharp one takes seconds.
    Half,
    /// In the pixels of the screen, in few colours.
    Sharp,
    /// No eye tells it from the picture.
    NearLossless,
    /// Every pixel of the screen as it is, as far as the protocol can.
    Lossless,
}

/// Bands over others are no less sharp: what they are painted over is gone, so there is no first
/// look at them.
pub const PAINTED: QualityLevel = QualityLevel::Sharp;

/// What to draw, and how large.
#[derive(Clone, Debug)]
pub struct EncodeRequest {
    pub protocol: Protocol,
    pub colours: Colours,
    /// Into what a cell of blocks is cut.
    pub shapes: Shapes,
    /// Only ASCII may be used in cells (no UTF-8 locale).
    pub ascii: bool,
    /// The terminal is tmux with passthrough: every escape is wrapped.
    pub wrap: bool,
    /// Columns and rows to fill.
    pub cells: (u16, u16),
    /// Pixels of one cell, width and height.
    pub cell: (u16, u16),
    /// What shows through where the picture is not opaque: the terminal's own, where it is known.
    pub background: [u8; 3],
    /// Id under which kitty keeps the picture: 1 ..= 0xff_ffff.
    pub id: u32,
    pub level: QualityLevel,
}

/// The grey that most terminals are near to.
pub const USUAL_BACKGROUND: [u8; 3] = [40; 3];

impl EncodeRequest {
    /// Width and height of the rectangle on the screen.
    fn pixels(&self) -> (u32, u32) {
        let side = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels.max(1));
        (side(self.cells.0, self.cell.0), side(self.cells.1, self.cell.1))
    }

    fn cell_pixels(&self) -> (u32, u32) {
        (u32::from(self.cell.0.max(1)), u32::from(self.cell.1.max(1)))
    }
}

/// One complete escape sequence; nothing may be written inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk(pub Vec<u8>);

/// One cell of a block picture or of a kitty placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Within the cell itself: a picture has thousands.
    pub symbol: CompactString,
    pub fg: Colour,
    pub bg: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Default,
    Rgb(u8, u8, u8),
    Index(u8),
}

/// Bytes that paint these cells of the rectangle; the cursor stands at the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub at: CellRect,
    pub chunk: Chunk,
}

/// A picture made ready for one protocol and one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// Row by row, `cells.0` to a row.
    Cells(Vec<Cell>),
    /// Sent once under an id; `size` are its own width and height in pixels.
    Upload { id: u32, chunks: Vec<Chunk>, size: (u32, u32) },
    /// Parts of a picture, sent once under an id, to be seen above what stands under the id
    /// `ground`. Together they fill `grid`, columns and rows, and have `size` in pixels.
    Patch {
        id: u32,
        chunks: Vec<Chunk>,
        size: (u32, u32),
        ground: u32,
        grid: (u16, u16),
        tiles: Vec<Tile>,
    },
    /// Sent again whenever its cells must be repainted; the later ones over the earlier.
    Bands(Vec<Band>),
    /// Bands to be painted over those of what stands under the id `ground`.
    BandPatch { ground: u32, bands: Vec<Band> },
}

impl Encoded {
    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Cells(cells) => size_of_val(cells.as_slice()),
            Self::Upload { chunks, .. } | Self::Patch { chunks, .. } => {
                chunks.iter().map(|chunk| chunk.0.len()).sum()
            }
            Self::Bands(bands) | Self::BandPatch { bands, .. } => {
                bands.iter().map(|band| band.chunk.0.len()).sum()
            }
        }
    }
}

/// Makes `picture` (already cropped to what is visible) ready for `request`.
///
/// The picture is scaled to fill the rectangle; the caller has chosen a rectangle of its ratio.
/// `like` is another one that is shown in turn or beside it, and was encoded by itself with the
/// same order: where their pixels are equal, they will look equal to the bit.
pub fn encode(picture: &RgbaImage, like: Option<&RgbaImage>, request: &EncodeRequest) -> Encoded {
    let picture = &*opaque(picture, request.background);
    let like = like.map(|like| opaque(like, request.background));
    let like = like.as_deref();
    (request.protocol.row().encode)(picture, like, request)
}

/// The same where one of `grounds` stands already, each as high and wide as the picture and at least
/// as sharp: only what differs from it, if that is clearly less.
pub fn encode_over(
    picture: &RgbaImage,
    like: Option<&RgbaImage>,
    grounds: &[Ground],
    request: &EncodeRequest,
) -> Encoded {
    let is_painted = request.protocol.delivery() == Delivery::Bands;
    let level = if is_painted { request.level.max(PAINTED) } else { request.level };
    let sharp = EncodeRequest { level, ..request.clone() };
    let difference = Difference::least(picture, grounds, &sharp);
    let share = difference.as_ref().map_or(1.0, |difference| difference.share(&sharp));
    let row = request.protocol.row();
    let parts = difference.and_then(|difference| (row.patch)(&difference, &sharp));
    match parts {
        Some(parts) if share <= patch::FEW => parts,
        parts => {
            let whole = encode(picture, like, request);
            // Clearly: whoever comes back to it may find no ground any more.
            parts.filter(|parts| parts.bytes() * 4 <= whole.bytes() * 3).unwrap_or(whole)
        }
    }
}

/// Wraps an escape for tmux, which hands it on to the terminal outside.
pub fn wrap(bytes: &[u8]) -> Vec<u8> {
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for byte in bytes {
        if *byte == 0x1b {
            wrapped.push(0x1b);
        }
        wrapped.push(*byte);
    }
    wrapped.extend(b"\x1b\\");
    wrapped
}

/// Wraps an escape for GNU screen, which hands on the inside of a device control string. Its own
/// memory for one is short, so it goes in parts.
pub fn wrap_for_screen(bytes: &[u8]) -> Vec<u8> {
    const PART: usize = 200;
    let part = |part: &[u8]| [b"\x1bP", part, b"\x1b\\"].concat();
    bytes.chunks(PART).flat_map(part).collect()
}

fn chunk(bytes: Vec<u8>, request: &EncodeRequest) -> Chunk {
    Chunk(if request.wrap { wrap(&bytes) } else { bytes })
}

/// Laid over the background, where it is not opaque already.
fn opaque(picture: &RgbaImage, background: [u8; 3]) -> Cow<'_, RgbaImage> {
    if picture.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        return Cow::Borrowed(picture);
    }
    let mut laid = picture.clone();
    for image::Rgba([r, g, b, a]) in laid.pixels_mut() {
        let [below_r, below_g, below_b] = background;
        for (c, below) in [(r, below_r), (g, below_g), (b, below_b)] {
            let (share, rest) = (u32::from(*a), u32::from(u8::MAX - *a));
            *c = ((u32::from(*c) * share + u32::from(below) * rest) / 255) as u8;
        }
        *a = u8::MAX;
    }
    Cow::Owned(laid)
}

/// An opaque picture in exactly this size. Three channels are scaled faster than four.
fn flat(picture: &RgbaImage, width: u32, height: u32) -> RgbImage {
    let (pixels, _) = picture.as_raw().as_chunks();
    let colours: Vec<[u8; 3]> = pixels.iter().map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let raw = colours.into_flattened();
    let whole = RgbImage::from_raw(picture.width(), picture.height(), raw);
    scaled(&whole.unwrap_or_default(), width.max(1), height.max(1))
}

fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let mut scaled = RgbImage::new(width, height);
    let algorithm = fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3);
    let options = fir::ResizeOptions::new().resize_alg(algorithm);
    // Typed: the code for all other kinds of pixels would be megabytes.
    let views = picture.image_view::<U8x3>().zip(scaled.image_view_mut::<U8x3>());
    let done =
        views.map(|(from, mut to)| fir::Resizer::new().resize_typed(&from, &mut to, &options));
    match done {
        Some(Ok(())) => scaled,
        Some(Err(_)) | None => image::imageops::thumbnail(picture, width, height),
    }
}
