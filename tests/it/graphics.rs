//! Encoders decoded back to pixels, and which protocol is chosen from which answers.

use editree::graphics::probe::{Hints, Probe};
use editree::graphics::{Cell, Colour, Colours, Encoded, Order, Protocol, encode, wrap};
use image::RgbaImage;
use proptest::prelude::*;

fn order(protocol: Protocol, cells: (u16, u16)) -> Order {
    let (colours, cell) = (Colours::True, (8, 16));
    Order { protocol, colours, ascii: false, wrap: false, cells, cell, id: 0x0001_0203 }
}

fn photo() -> RgbaImage {
    image::open(format!("{}/tests/photos/rocket.jpg", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
        .to_rgba8()
}

/// Peak signal to noise in dB of two pictures of one size.
fn psnr(a: &image::RgbImage, b: &image::RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 =
        a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let mean = sum / a.as_raw().len() as f64;
    if mean == 0.0 { 99.0 } else { 10.0 * (255.0 * 255.0 / mean).log10() }
}

fn scaled(width: u32, height: u32) -> image::RgbImage {
    let small = editree::picture::resize(&photo(), width, height);
    image::DynamicImage::ImageRgba8(small).to_rgb8()
}

/// The base64 text of a kitty upload, checked piece by piece.
fn kitty_payload(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut text = String::new();
    for (number, piece) in pieces.iter().enumerate() {
        let piece = std::str::from_utf8(piece).unwrap();
        let inside = piece.strip_prefix("\x1b_G").unwrap().strip_suffix("\x1b\\").unwrap();
        let (head, data) = inside.split_once(';').unwrap();
        let is_last = number + 1 == pieces.len();
        assert!(head.contains(if is_last { "m=0" } else { "m=1" }), "{head}");
        assert!(data.len() <= 4096 && (is_last || data.len() % 4 == 0));
        assert!(
            number == 0 || !head.contains("a="),
            "only the first piece says what it is: {head}"
        );
        text.push_str(data);
    }
    base64_simd::STANDARD.decode_to_vec(text).unwrap()
}

#[test]
fn kitty_gets_exactly_the_pixels() {
    let Encoded::Upload { pieces, cells: None } =
        encode(&photo(), &order(Protocol::KittyDirect, (40, 13)))
    else {
        panic!()
    };
    let pieces: Vec<_> = pieces.into_iter().map(|piece| piece.0).collect();
    let decoded = image::load_from_memory(&kitty_payload(&pieces)).unwrap().to_rgb8();
    assert!(psnr(&decoded, &scaled(320, 208)) > 60.0);
}

#[test]
fn placeholders_name_row_column_and_id() {
    let Encoded::Upload { pieces, cells: Some(cells) } =
        encode(&photo(), &order(Protocol::KittyPlaceholder, (4, 3)))
    else {
        panic!()
    };
    assert_eq!(cells.len(), 12);
    assert!(
        cells
            .iter()
            .all(|cell| cell.fg == Colour::Rgb(1, 2, 3) && cell.symbol.starts_with('\u{10eeee}'))
    );
    assert_eq!(cells[0].symbol.chars().count(), 4, "all marks on the first of a row");
    assert!(String::from_utf8_lossy(&pieces.last().unwrap().0).contains("U=1"));
}

#[test]
fn iterm2_strips_hold_the_picture_and_stay_small() {
    let Encoded::Strips(strips) = encode(&photo(), &order(Protocol::Iterm2, (40, 13))) else {
        panic!()
    };
    let mut whole = image::RgbImage::new(320, 208);
    for strip in &strips {
        let text = std::str::from_utf8(&strip.piece.0).unwrap();
        assert!(text.len() < 100_000 && text.contains("doNotMoveCursor=1"));
        let data = text.split_once(':').unwrap().1.trim_end_matches('\x07');
        let part = base64_simd::STANDARD.decode_to_vec(data).unwrap();
        let part = image::load_from_memory(&part).unwrap().to_rgb8();
        assert_eq!(part.height(), u32::from(strip.rows) * 16);
        image::imageops::replace(&mut whole, &part, 0, i64::from(strip.row) * 16);
    }
    assert!(psnr(&whole, &scaled(320, 208)) > 32.0);
}

/// Paints sixel data as a terminal would.
fn paint_sixel(canvas: &mut image::RgbImage, top: u32, data: &str) {
    let body = data.strip_prefix("\x1bP0;1;0q").unwrap().strip_suffix("\x1b\\").unwrap();
    assert!(!body.ends_with('-'), "would scroll the last row");
    let mut colours = std::collections::HashMap::new();
    let (mut x, mut y, mut colour, mut repeat) = (0, top, 0, 1);
    let mut rest = body.split_once('#').map(|(_, rest)| format!("#{rest}")).unwrap();
    while let Some(c) = rest.chars().next() {
        rest.remove(0);
        let number = |rest: &mut String| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
            let text: String = rest.drain(..end).collect();
            text.split(';').map(|number| number.parse::<u32>().unwrap()).collect::<Vec<_>>()
        };
        match c {
            '#' => match number(&mut rest).as_slice() {
                [index, 2, r, g, b] => {
                    colours.insert(*index, [*r, *g, *b].map(|c| (c * 255 / 100) as u8));
                }
                [index] => colour = *index,
                other => panic!("{other:?}"),
            },
            '!' => repeat = number(&mut rest)[0],
            '$' => x = 0,
            '-' => (x, y) = (0, y + 6),
            sixel => {
                let bits = sixel as u32 - 0x3f;
                for _ in 0..std::mem::replace(&mut repeat, 1) {
                    for row in (0..6).filter(|row| bits >> row & 1 == 1) {
                        if x < canvas.width() && y + row < canvas.height() {
                            canvas.put_pixel(x, y + row, image::Rgb(colours[&colour]));
                        }
                    }
                    x += 1;
                }
            }
        }
    }
}

#[test]
fn sixel_strips_hold_the_picture() {
    let Encoded::Strips(strips) = encode(&photo(), &order(Protocol::Sixel, (40, 12))) else {
        panic!()
    };
    let mut whole = image::RgbImage::new(320, 192);
    for strip in &strips {
        paint_sixel(
            &mut whole,
            u32::from(strip.row) * 16,
            std::str::from_utf8(&strip.piece.0).unwrap(),
        );
    }
    assert!(psnr(&whole, &scaled(320, 192)) > 28.0, "{}", psnr(&whole, &scaled(320, 192)));
}

#[test]
fn blocks_have_two_pixels_a_cell_in_as_many_colours_as_there_are() {
    let cells = |colours, ascii| {
        let order = Order { colours, ascii, ..order(Protocol::Blocks, (20, 7)) };
        match encode(&photo(), &order) {
            Encoded::Cells(cells) => cells,
            other => panic!("{other:?}"),
        }
    };
    let is =
        |cells: &[Cell], wanted: fn(&Cell) -> bool| cells.len() == 140 && cells.iter().all(wanted);
    assert!(is(&cells(Colours::True, false), |cell| cell.symbol == "▀"
        && matches!(cell.bg, Colour::Rgb(..))));
    assert!(is(&cells(Colours::Palette256, false), |cell| matches!(cell.fg, Colour::Index(16..))));
    assert!(is(&cells(Colours::Mono, true), |cell| cell.symbol.is_ascii()
        && cell.fg == Colour::Default));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_picture_at_any_size_becomes_whole_escapes(
        width in 1u32..90, height in 1u32..90, columns in 1u16..30, rows in 1u16..20, protocol in 0usize..5
    ) {
        let protocol = [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Iterm2, Protocol::Sixel, Protocol::Blocks][protocol];
        let picture = RgbaImage::from_pixel(width, height, image::Rgba([200, 30, 90, 128]));
        let pieces: Vec<Vec<u8>> = match encode(&picture, &order(protocol, (columns, rows))) {
            Encoded::Cells(cells) => {
                prop_assert_eq!(cells.len(), usize::from(columns) * usize::from(rows));
                Vec::new()
            }
            Encoded::Upload { pieces, .. } => pieces.into_iter().map(|piece| piece.0).collect(),
            Encoded::Strips(strips) => {
                for strip in &strips {
                    prop_assert!(strip.row + strip.rows <= rows);
                }
                strips.into_iter().map(|strip| strip.piece.0).collect()
            }
        };
        for piece in pieces {
            prop_assert!(piece.starts_with(b"\x1b") && (piece.ends_with(b"\x1b\\") || piece.ends_with(b"\x07")));
            prop_assert!(piece.len() < 1 << 20 && !piece.contains(&b'\n'));
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
