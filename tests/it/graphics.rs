//! Encoders decoded back to pixels, and which protocol is chosen from which answers.

use editree::graphics::hints::Hints;
use editree::graphics::probe::Probe;
use editree::graphics::protocol::Protocol;
use editree::graphics::{
    Band, Cell, Colour, Colours, EncodeRequest, Encoded, QualityLevel, USUAL_BACKGROUND, encode,
    wrap,
};
use image::{RgbImage, RgbaImage};
use proptest::prelude::*;

use crate::support::decode::{psnr, shown, size};

mod choosing;
mod colours;
pub mod scripts;
mod terminals;

const RUNGS: [QualityLevel; 5] = [
    QualityLevel::Preview,
    QualityLevel::Half,
    QualityLevel::Sharp,
    QualityLevel::NearLossless,
    QualityLevel::Lossless,
];
const PROTOCOLS: [Protocol; 4] =
    [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Sixel, Protocol::Blocks];

fn request(protocol: Protocol, cells: (u16, u16)) -> EncodeRequest {
    let (colours, cell, level) = (Colours::True, (8, 16), QualityLevel::Sharp);
    EncodeRequest {
        protocol,
        colours,
        shapes: Default::default(),
        ascii: false,
        wrap: false,
        cells,
        cell,
        background: USUAL_BACKGROUND,
        id: 0x0001_0203,
        level,
    }
}

fn open(name: &str) -> RgbaImage {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos");
    image::open(format!("{folder}/{name}")).unwrap().to_rgba8()
}

fn photo() -> RgbaImage {
    open("rocket.jpg")
}

fn scaled(picture: &RgbaImage, width: u32, height: u32) -> RgbImage {
    let small = editree::picture::resize(picture, width, height);
    image::DynamicImage::ImageRgba8(small).to_rgb8()
}

/// What a terminal makes of it, in its cells of 8×16 pixels.
fn drawn(picture: &RgbaImage, like: Option<&RgbaImage>, request: &EncodeRequest) -> RgbImage {
    let (columns, rows) = request.cells;
    let pixels = (u32::from(columns) * 8, u32::from(rows) * 16);
    shown(&encode(picture, like, request), pixels, request.cells)
}

#[test]
fn each_rung_is_sharper_than_the_one_below_and_takes_more_bytes() {
    // A height that sixel's bands fill.
    let (cells, wanted) = ((60, 24), scaled(&photo(), 480, 384));
    for (protocol, least) in [
        (Protocol::KittyDirect, [18.0, 26.0, 34.0, 38.0, 98.0]),
        (Protocol::Iterm2, [18.0, 26.0, 33.0, 36.0, 98.0]),
        (Protocol::Sixel, [14.0, 26.0, 32.0, 34.0, 36.0]),
    ] {
        let mut below = (0, 0.0);
        for (level, least) in RUNGS.into_iter().zip(least) {
            let request = EncodeRequest { level, ..request(protocol, cells) };
            let bytes = size(&encode(&photo(), None, &request));
            let sharpness = psnr(&drawn(&photo(), None, &request), &wanted);
            assert!(sharpness > least, "{protocol:?} {level:?}: {sharpness} dB");
            assert!(bytes > below.0 && sharpness > below.1, "{protocol:?} {level:?}: {bytes}");
            below = (bytes, sharpness);
        }
    }
}

/// Bytes at 60×30 cells of 10×20 pixels; a picture that grows by a tenth fails here.
#[test]
fn the_reference_picture_stays_within_its_bytes() {
    let picture = open("reference-1024.png");
    for (protocol, level, most, least) in [
        (Protocol::KittyDirect, QualityLevel::Preview, 3_000, 20.0),
        (Protocol::KittyDirect, QualityLevel::Sharp, 125_000, 36.0),
        (Protocol::Iterm2, QualityLevel::Preview, 3_000, 20.0),
        (Protocol::Iterm2, QualityLevel::Sharp, 110_000, 35.0),
        (Protocol::Sixel, QualityLevel::Preview, 17_000, 18.0),
        (Protocol::Sixel, QualityLevel::Sharp, 210_000, 34.0),
    ] {
        let request = EncodeRequest { level, cell: (10, 20), ..request(protocol, (60, 30)) };
        let encoded = encode(&picture, None, &request);
        let sharpness = psnr(&shown(&encoded, (600, 600), (60, 30)), &scaled(&picture, 600, 600));
        let bytes = size(&encoded);
        assert!(bytes <= most, "{protocol:?} {level:?}: {bytes} bytes");
        assert!(sharpness >= least, "{protocol:?} {level:?}: {sharpness} dB");
    }
}

/// The same picture with a red square in it.
fn edited(picture: &RgbaImage) -> RgbaImage {
    let mut other = picture.clone();
    for (x, y, pixel) in other.enumerate_pixels_mut() {
        if (160..240).contains(&x) && (160..256).contains(&y) {
            *pixel = image::Rgba([220, (x / 2) as u8, (y / 2) as u8, 255]);
        }
    }
    other
}

#[test]
fn outside_the_edit_no_pixel_of_a_pair_differs() {
    let before = photo();
    let after = edited(&before);
    for protocol in PROTOCOLS {
        let request = request(protocol, (60, 24));
        let wanted = [scaled(&before, 480, 384), scaled(&after, 480, 384)];
        let (one, two) = (drawn(&before, None, &request), drawn(&after, Some(&before), &request));
        // A JPEG knows blocks only, and a cell of blocks two pixels.
        let (wide, high) = match protocol {
            Protocol::Iterm2 => (8, 8),
            Protocol::Blocks => (8, 16),
            _ => (1, 1),
        };
        let mut touched = std::collections::HashSet::new();
        for (x, y, pixel) in wanted[0].enumerate_pixels() {
            if pixel != wanted[1].get_pixel(x, y) {
                // Blocks are scaled down further, over some cells.
                let spread = if protocol == Protocol::Blocks { 3 } else { 0 };
                let around = |at: u32| at.saturating_sub(spread)..=at + spread;
                let (x, y) = (x / wide, y / high);
                touched.extend(around(x).flat_map(|x| around(y).map(move |y| (x, y))));
            }
        }
        let differ = one.enumerate_pixels().filter(|(x, y, pixel)| {
            *pixel != two.get_pixel(*x, *y) && !touched.contains(&(x / wide, y / high))
        });
        assert_eq!(differ.count(), 0, "{protocol:?}");
        let apart = drawn(&after, None, &request);
        let sharpness = psnr(&two, &wanted[1]) - psnr(&apart, &wanted[1]);
        assert!(sharpness > -1.5, "{protocol:?}: a pair costs {sharpness} dB");
    }
}

#[test]
fn placeholders_name_row_column_and_id() {
    let request = request(Protocol::KittyPlaceholder, (4, 3));
    let Encoded::Upload { id, chunks, .. } = encode(&photo(), None, &request) else { panic!() };
    let pieces = editree::graphics::kitty::pieces(id, (4, 3));
    let cells = editree::graphics::kitty::placeholders(&pieces, 4, |column, _| column == 0);
    assert_eq!(cells.len(), 12);
    assert!(
        cells
            .iter()
            .all(|cell| cell.fg == Colour::Rgb(1, 2, 3) && cell.symbol.starts_with('\u{10eeee}'))
    );
    let marks = |cell: &Cell| cell.symbol.chars().count() - 1;
    assert_eq!((marks(&cells[0]), marks(&cells[1])), (3, 0), "all on the first of a row");
    assert!(String::from_utf8_lossy(&chunks.last().unwrap().0).contains("U=1"));
}

#[test]
fn blocks_have_two_pixels_a_cell_in_as_many_colours_as_there_are() {
    let cells = |colours, ascii| {
        let request = EncodeRequest { colours, ascii, ..request(Protocol::Blocks, (20, 7)) };
        match encode(&photo(), None, &request) {
            Encoded::Cells(cells) => cells,
            other => panic!("{other:?}"),
        }
    };
    let is =
        |cells: &[Cell], wanted: fn(&Cell) -> bool| cells.len() == 140 && cells.iter().all(wanted);
    assert!(is(&cells(Colours::True, false), |cell| ["▀", " "].contains(&cell.symbol.as_str())
        && matches!(cell.bg, Colour::Rgb(..))));
    assert!(is(&cells(Colours::Palette256, false), |cell| matches!(cell.fg, Colour::Index(16..))));
    assert!(is(&cells(Colours::Mono, true), |cell| cell.symbol.is_ascii()
        && cell.fg == Colour::Default));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_picture_at_any_size_becomes_whole_escapes(
        width in 1u32..90, height in 1u32..90, columns in 1u16..30, rows in 1u16..20,
        protocol in 0usize..5, level in prop::sample::select(RUNGS.to_vec())
    ) {
        let protocol = [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Iterm2, Protocol::Sixel, Protocol::Blocks][protocol];
        let picture = RgbaImage::from_pixel(width, height, image::Rgba([200, 30, 90, 128]));
        let chunks: Vec<Vec<u8>> = match encode(&picture, None, &EncodeRequest { level, ..request(protocol, (columns, rows)) }) {
            Encoded::Cells(cells) => {
                prop_assert_eq!(cells.len(), usize::from(columns) * usize::from(rows));
                Vec::new()
            }
            Encoded::Upload { chunks, .. } | Encoded::Patch { chunks, .. } => {
                chunks.into_iter().map(|chunk| chunk.0).collect()
            }
            Encoded::Bands(bands) | Encoded::BandPatch { bands, .. } => {
                for band in &bands {
                    prop_assert!(band.at.row + band.at.rows <= rows);
                }
                bands.into_iter().map(|band| band.chunk.0).collect()
            }
        };
        for chunk in chunks {
            prop_assert!(chunk.starts_with(b"\x1b") && (chunk.ends_with(b"\x1b\\") || chunk.ends_with(b"\x07")));
            prop_assert!(chunk.len() < 1 << 20 && !chunk.contains(&b'\n'));
        }
    }
}

/// A band that reached over the rectangle would scroll the screen, or wipe what stands below.
#[test]
fn bands_of_sixels_end_with_the_rectangle_and_fill_it_where_they_can() {
    for (cell, rows) in (6..=40).flat_map(|cell| (1..=7).map(move |rows| (cell, rows))) {
        for level in [QualityLevel::Preview, QualityLevel::Sharp] {
            let request =
                EncodeRequest { level, cell: (8, cell), ..request(Protocol::Sixel, (3, rows)) };
            let picture = RgbaImage::from_pixel(24, 24, image::Rgba([200, 30, 90, 255]));
            let Encoded::Bands(bands) = encode(&picture, None, &request) else { panic!() };
            let bottom = |band: &Band| {
                let text = String::from_utf8_lossy(&band.chunk.0).into_owned();
                let numbers = text.split(['"', '#', ';']).nth(6).unwrap().to_owned();
                band.at.row * cell + numbers.parse::<u16>().unwrap()
            };
            let end = bands.iter().map(bottom).max().unwrap();
            let lacks = u16::from(rows < 3 || cell % 2 == 1) * 5;
            assert!((rows * cell - lacks..=rows * cell).contains(&end), "{cell} {rows}: {end}");
        }
    }
}

#[test]
fn what_is_behind_a_picture_shows_through_it() {
    let clear =
        RgbaImage::from_fn(16, 16, |x, _| image::Rgba([200, 0, 0, if x < 8 { 0 } else { 255 }]));
    for protocol in [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Blocks] {
        let level = QualityLevel::Lossless;
        let request =
            EncodeRequest { level, background: [10, 20, 250], ..request(protocol, (10, 4)) };
        let shown = shown(&encode(&clear, None, &request), (80, 64), (10, 4));
        // Scaling rings a little.
        for (x, wanted) in [(10, [10, 20, 250]), (70, [200, 0, 0])] {
            let got = shown.get_pixel(x, 30).0;
            let is_near = got.iter().zip(wanted).all(|(got, wanted)| got.abs_diff(wanted) < 4);
            assert!(is_near, "{protocol:?}: {got:?} instead of {wanted:?}");
        }
    }
}

#[test]
fn tmux_gets_every_escape_doubled() {
    assert_eq!(wrap(b"\x1b_Gx\x1b\\"), b"\x1bPtmux;\x1b\x1b_Gx\x1b\x1b\\\x1b\\");
}

fn hints() -> Hints {
    Hints { term: "xterm-256color".into(), utf8: true, ..Hints::default() }
}

/// What is chosen after these answers, whatever their order.
fn chosen(hints: &Hints, replies: &[&[u8]]) -> Protocol {
    let verdict = |replies: Vec<&&[u8]>| {
        let mut probe = Probe::new(hints.clone(), None);
        assert_eq!(probe.verdict().protocol, Protocol::Blocks, "blocks until something answers");
        for reply in replies {
            probe.reply(reply);
        }
        probe.verdict().protocol
    };
    let forwards = verdict(replies.iter().collect());
    if !hints.tmux {
        assert_eq!(forwards, verdict(replies.iter().rev().collect()), "late or early, the same");
    }
    forwards
}

#[test]
fn each_terminal_gets_the_protocol_that_is_right_there() {
    const OK: &[u8] = b"\x1b_Gi=31;OK\x1b\\";
    const SIXEL: &[u8] = b"\x1b[?62;4;22c";
    const PLAIN: &[u8] = b"\x1b[?62;c";
    let cases: [(&[&[u8]], Protocol); 9] = [
        (&[b"\x1bP>|kitty(0.41.1)\x1b\\", OK, PLAIN], Protocol::KittyDirect),
        (&[b"\x1bP>|ghostty 1.1\x1b\\", OK, PLAIN], Protocol::KittyDirect),
        (&[b"\x1bP>|Konsole 22.12.3\x1b\\", OK, SIXEL], Protocol::KittyDirect),
        (&[b"\x1bP>|WezTerm 2024\x1b\\", OK, SIXEL], Protocol::Iterm2),
        (&[b"\x1bP>|foot(1.21)\x1b\\", SIXEL], Protocol::Sixel),
        (&[b"\x1bP>|XTerm(379)\x1b\\", SIXEL], Protocol::Sixel),
        (&[b"\x1bP>|XTerm(379)\x1b\\", PLAIN], Protocol::Blocks),
        (&[OK, PLAIN], Protocol::KittyDirect),
        (&[PLAIN], Protocol::Blocks),
    ];
    for (replies, expected) in cases {
        assert_eq!(
            chosen(&hints(), replies),
            expected,
            "{:?}",
            String::from_utf8_lossy(&replies.concat())
        );
    }
    let tmux = Hints { tmux: true, term: "tmux-256color".into(), ..hints() };
    let outer: [&[u8]; 3] = [b"\x1bP>|tmux 3.3a\x1b\\", b"\x1bP>|kitty(0.41.1)\x1b\\", OK];
    assert_eq!(chosen(&tmux, &outer), Protocol::KittyPlaceholder);
    assert_eq!(chosen(&tmux, &[b"\x1bP>|tmux 3.3a\x1b\\", SIXEL]), Protocol::Blocks);
    assert_eq!(
        chosen(&tmux, &[b"\x1bP>|tmux 3.3a\x1b\\", b"\x1bP>|foot(1.21)\x1b\\"]),
        Protocol::Blocks
    );
}

#[test]
fn absurd_cell_sizes_are_not_believed() {
    let mut probe = Probe::new(hints(), None);
    probe.set_window(100, 30, 0, 0);
    assert_eq!(probe.verdict().cell, (10, 20));
    probe.reply(b"\x1b[6;2;1t");
    assert_eq!(probe.verdict().cell, (10, 20));
    probe.reply(b"\x1b[4;600;900t");
    assert_eq!(probe.verdict().cell, (9, 20));
    probe.reply(b"\x1b[6;18;8t");
    assert_eq!(probe.verdict().cell, (8, 18));
}

#[test]
fn what_is_asked_for_is_done() {
    let probe = Probe::new(hints(), Some(Protocol::Sixel));
    assert_eq!(probe.verdict().protocol, Protocol::Sixel);
    assert!(probe.verdict().why.contains("--graphics"));
}
