//! `show`: a picture into the scrollback, in the best protocol that the terminal says it has, or the
//! one that is asked for; in words where no graphics are wanted.
//!
//! Invariant: room is made by line feeds before a byte of the picture goes out, so that nothing
//! scrolls while it is drawn, and the cursor ends below it.

use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::Path;

use image::RgbaImage;

use super::asked_terminal;
use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, print};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::graphics::probe::Verdict;
use crate::graphics::protocol::Protocol;
use crate::graphics::{
    self, Cell, Chunk, Colour, EncodeRequest, Encoded, QualityLevel, USUAL_BACKGROUND, kitty, wrap,
};
use crate::picture::{self, Limits};
use crate::runtime::open_files::read_picture;
use crate::text::plain;

/// Pixels that are worth printing.
const MOST: u32 = 1 << 20;
/// Columns at most, so that a wide terminal is not filled by one picture.
const WIDEST: u16 = 80;

/// `editree show NODE|FILE`.
pub(crate) fn show(config: Config, what: &str) -> Result<u8, CommandError> {
    let bytes = match NodeName::parse(what) {
        Some(name) => executor()?.block_on(of_node(&config, what, name))?,
        None => read_picture(Path::new(what))?.0,
    };
    let refused = |error| CommandError::usage(format!("`{what}`: {error}"));
    // Where words are wanted, nothing that the terminal could say changes them.
    let unasked = asked_terminal::unasked(&config).verdict();
    let verdict = match unasked.protocol != Protocol::None && stdout().is_terminal() {
        true => asked_terminal::ask(&config).0,
        false => unasked,
    };
    if verdict.protocol == Protocol::None {
        let info = picture::decode(&bytes, Limits::default()).map_err(refused)?.info();
        let words = format!("{what}: {} by {}, {}", info.width, info.height, info.format.name());
        return print(format!("{}\n", plain(&words)).as_bytes());
    }
    let picture = picture::decode(&bytes, Limits::to_reduce_to(MOST)).map_err(refused)?.image;
    let window = rustix::termios::tcgetwinsize(stdout());
    let window = window.map_or((WIDEST, 24), |window| (window.ws_col, window.ws_row));
    let request = EncodeRequest {
        protocol: verdict.protocol,
        colours: verdict.colours,
        shapes: verdict.shapes,
        ascii: !config.environment.utf8,
        wrap: verdict.wrap,
        cells: room(picture.dimensions(), window, verdict.cell),
        cell: verdict.cell,
        background: verdict.background.unwrap_or(USUAL_BACKGROUND),
        id: fastrand::u32(1..=0xff_ffff),
        level: QualityLevel::NearLossless,
    };
    print(&drawn(&picture, &request, &verdict))
}

/// Columns and rows that keep the picture's ratio, inside of the window with a line to spare.
fn room((width, height): (u32, u32), (columns, rows): (u16, u16), cell: (u16, u16)) -> (u16, u16) {
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let (across, down) = (f64::from(cell.0.max(1)), f64::from(cell.1.max(1)));
    let widest = f64::from(columns.clamp(1, WIDEST));
    let tallest = f64::from(rows.saturating_sub(2).max(1));
    let columns = widest.min(tallest * down / height * width / across);
    let rows = columns * across / width * height / down;
    (columns.round().max(1.0) as u16, rows.round().clamp(1.0, tallest) as u16)
}

fn drawn(picture: &RgbaImage, request: &EncodeRequest, verdict: &Verdict) -> Vec<u8> {
    let (columns, rows) = request.cells;
    let through = |bytes: Vec<u8>| if verdict.wrap { wrap(&bytes) } else { bytes };
    let kitty_chunk = |chunk: Chunk| kitty::unheard(&chunk.0);
    let mut out = Vec::new();
    match graphics::encode(picture, None, request) {
        Encoded::Cells(cells) => in_rows(&mut out, &cells, columns),
        Encoded::Upload { id, chunks, .. } if verdict.protocol == Protocol::KittyPlaceholder => {
            out.extend(chunks.into_iter().flat_map(kitty_chunk));
            let pieces = kitty::pieces(id, request.cells);
            let cells = kitty::placeholders(&pieces, columns, |column, _| column == 0);
            in_rows(&mut out, &cells, columns);
        }
        Encoded::Upload { id, chunks, .. } => {
            make_room(&mut out, rows);
            out.extend(chunks.into_iter().flat_map(kitty_chunk));
            out.extend(through(kitty::unheard(&kitty::place(id, request.cells))));
            out.extend(format!("\x1b[{rows}B\r").into_bytes());
        }
        // Nothing stands there that it could be laid over.
        Encoded::Patch { .. } | Encoded::BandPatch { .. } => {}
        Encoded::Bands(bands) => {
            make_room(&mut out, rows);
            for band in bands {
                out.extend(b"\x1b7");
                if band.at.row > 0 {
                    out.extend(format!("\x1b[{}B", band.at.row).into_bytes());
                }
                out.extend(band.chunk.0);
                out.extend(b"\x1b8");
            }
            out.extend(format!("\x1b[{rows}B\r").into_bytes());
        }
    }
    out
}

/// Empty lines below, and the cursor back at the first of them.
fn make_room(out: &mut Vec<u8>, rows: u16) {
    out.extend(std::iter::repeat_n(b'\n', usize::from(rows)));
    out.extend(format!("\r\x1b[{rows}A").into_bytes());
}

fn in_rows(out: &mut Vec<u8>, cells: &[Cell], columns: u16) {
    for row in cells.chunks(usize::from(columns.max(1))) {
        let mut colours = None;
        for cell in row {
            if colours != Some((cell.fg, cell.bg)) {
                colours = Some((cell.fg, cell.bg));
                let (fg, bg) = (colour(38, cell.fg), colour(48, cell.bg));
                // Into memory: it cannot fail.
                let _ = write!(out, "\x1b[{fg};{bg}m");
            }
            out.extend(cell.symbol.as_bytes());
        }
        out.extend(b"\x1b[0m\n");
    }
}

/// `base`: 38 for letters, 48 for what is behind them.
fn colour(base: u8, colour: Colour) -> String {
    match colour {
        Colour::Default => (base + 1).to_string(),
        Colour::Rgb(red, green, blue) => format!("{base};2;{red};{green};{blue}"),
        Colour::Index(index) => format!("{base};5;{index}"),
    }
}

async fn of_node(config: &Config, what: &str, name: NodeName) -> Result<Vec<u8>, CommandError> {
    let (store, _) = open_store(config, false).await?;
    let node = store.find_node(name.node).await.map_err(Failure::from)?;
    let hash = node.and_then(|node| Some(node.pictures.get(name.picture - 1)?.hash));
    let hash = hash.ok_or_else(|| {
        CommandError::usage(format!("there is no picture `{what}`"))
            .hint("`editree tree` lists the nodes")
    })?;
    store.media().read(hash).map_err(|error| Failure::from(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::hints::Hints;
    use crate::graphics::probe::Probe;

    #[test]
    fn a_picture_keeps_its_ratio_inside_of_the_window() {
        assert_eq!(room((1000, 1000), (200, 50), (10, 20)), (80, 40));
        assert_eq!(room((1000, 1000), (200, 24), (10, 20)), (44, 22));
        assert_eq!(room((3000, 100), (60, 24), (10, 20)), (60, 1));
        assert_eq!(room((10, 3000), (80, 24), (10, 20)), (1, 22));
        assert_eq!(room((0, 0), (0, 0), (0, 0)), (1, 1));
    }

    #[test]
    fn no_terminal_replies_into_the_shell_that_comes_after() {
        let picture = RgbaImage::from_fn(64, 64, |x, y| image::Rgba([x as u8, y as u8, 9, 255]));
        for protocol in [Protocol::KittyDirect, Protocol::KittyPlaceholder] {
            for wrap in [false, true] {
                let verdict = Probe::new(Hints::default(), Some(protocol)).verdict();
                let verdict = Verdict { protocol, wrap, ..verdict };
                let request = EncodeRequest {
                    protocol,
                    colours: verdict.colours,
                    shapes: verdict.shapes,
                    ascii: false,
                    wrap,
                    cells: (8, 4),
                    cell: (8, 16),
                    background: USUAL_BACKGROUND,
                    id: 7,
                    level: QualityLevel::NearLossless,
                };
                let bytes = drawn(&picture, &request, &verdict);
                let text = String::from_utf8_lossy(&bytes);
                assert_eq!(text.matches("_G").count(), text.matches(",q=2").count(), "{text}");
                assert!(text.contains("a=p"), "{text}");
            }
        }
    }
}
