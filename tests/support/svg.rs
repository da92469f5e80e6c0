//! A frame as SVG: text cells as text, pictures as pictures. What the screenshots are made of.

use std::fmt::Write as _;

use editree::ui::frame::{Frame, Placement};
use image::RgbaImage;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Pixels of one cell.
const CELL: (u16, u16) = (10, 20);
const FOREGROUND: (u8, u8, u8) = (0xd8, 0xd8, 0xd8);
const BACKGROUND: (u8, u8, u8) = (0x14, 0x16, 0x1a);

/// `pictures` gives the pixels of what a placement names.
pub fn svg(frame: &Frame, pictures: impl Fn(&Placement) -> Option<RgbaImage>) -> String {
    let area = frame.cells.area;
    let (width, height) = (area.width * CELL.0, area.height * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans Mono, Menlo, monospace\" \
         font-size=\"16\">\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(BACKGROUND)
    );
    for row in 0..area.height {
        write_row(&mut out, frame, row);
    }
    for placement in &frame.placements {
        if let Some(picture) = pictures(placement) {
            write_picture(&mut out, placement, &picture);
        }
    }
    if let Some(cursor) = frame.cursor {
        let (x, y) = (cursor.x * CELL.0, cursor.y * CELL.1);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"{}\" opacity=\"0.6\"/>",
            CELL.0,
            CELL.1,
            hex(FOREGROUND)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Neighbouring cells of one style are one run, so that the file stays small.
fn write_row(out: &mut String, frame: &Frame, row: u16) {
    let area = frame.cells.area;
    let cell = |column: u16| &frame.cells[(area.x + column, area.y + row)];
    let mut column = 0;
    while column < area.width {
        let first = cell(column);
        let mut end = column;
        while end < area.width && same_style(cell(end), first) {
            end += 1;
        }
        write_run(out, frame, row, column..end);
        column = end;
    }
}

fn write_run(out: &mut String, frame: &Frame, row: u16, columns: std::ops::Range<u16>) {
    let area = frame.cells.area;
    let cells: Vec<&Cell> =
        columns.clone().map(|column| &frame.cells[(area.x + column, area.y + row)]).collect();
    let style = cells[0];
    let reversed = style.modifier.contains(Modifier::REVERSED);
    let (mut fg, mut bg) = (rgb(style.fg, FOREGROUND), rgb(style.bg, BACKGROUND));
    if reversed {
        std::mem::swap(&mut fg, &mut bg);
    }
    let (x, y) = (columns.start * CELL.0, row * CELL.1);
    if bg != BACKGROUND {
        let width = (columns.end - columns.start) * CELL.0;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1,
            hex(bg)
        );
    }
    let text: String = cells.iter().map(|cell| cell.symbol()).collect();
    if text.trim().is_empty() {
        return;
    }
    let lead = text.len() - text.trim_start().len();
    let x = x + CELL.0 * u16::try_from(lead).unwrap_or(0);
    let bold = if style.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let dim = if style.modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
    let under = style.modifier.contains(Modifier::UNDERLINED);
    let under = if under { " text-decoration=\"underline\"" } else { "" };
    let columns = unicode_width::UnicodeWidthStr::width(text.trim());
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{}\" fill=\"{}\"{bold}{dim}{under} textLength=\"{}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>",
        y + 15,
        hex(fg),
        columns * usize::from(CELL.0),
        escape(text.trim())
    );
}

fn write_picture(out: &mut String, placement: &Placement, picture: &RgbaImage) {
    let area = placement.area;
    let (width, height) = (u32::from(area.width * CELL.0), u32::from(area.height * CELL.1));
    // Half the pixels are enough for a page, and keep the file below its limit.
    let small = image::imageops::thumbnail(picture, (width / 2).max(1), (height / 2).max(1));
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 80);
    let rgb = image::DynamicImage::ImageRgba8(small).to_rgb8();
    rgb.write_with_encoder(encoder).expect("a small JPEG");
    let _ = writeln!(
        out,
        "<image x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" \
         preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,{}\"/>",
        area.x * CELL.0,
        area.y * CELL.1,
        base64_simd::STANDARD.encode_to_string(&jpeg)
    );
}

fn same_style(a: &Cell, b: &Cell) -> bool {
    a.fg == b.fg && a.bg == b.bg && a.modifier == b.modifier
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn rgb(color: Color, default: (u8, u8, u8)) -> (u8, u8, u8) {
    match color {
        Color::Reset => default,
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Black => (0x20, 0x22, 0x26),
        Color::Red => (0xe0, 0x6c, 0x75),
        Color::Green => (0x98, 0xc3, 0x79),
        Color::Yellow => (0xe5, 0xc0, 0x7b),
        Color::Blue => (0x61, 0xaf, 0xef),
        Color::Magenta => (0xc6, 0x78, 0xdd),
        Color::Cyan => (0x56, 0xb6, 0xc2),
        Color::Gray => (0xab, 0xb2, 0xbf),
        Color::DarkGray => (0x6b, 0x71, 0x7d),
        Color::LightRed => (0xf0, 0x8c, 0x95),
        Color::LightGreen => (0xb5, 0xd8, 0x9c),
        Color::LightYellow => (0xf2, 0xd6, 0x9c),
        Color::LightBlue => (0x8c, 0xc6, 0xf7),
        Color::LightMagenta => (0xd9, 0x9c, 0xec),
        Color::LightCyan => (0x83, 0xd0, 0xda),
        Color::White => (0xff, 0xff, 0xff),
        Color::Indexed(index) => (index, index, index),
    }
}
