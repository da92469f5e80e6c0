//! Bytes, sharpness and time of each way to show a picture.
//!
//! `cargo bench --bench bytes` prints tables for the photos of the tests in 60×30 cells of 10×20
//! pixels. Sharpness is measured on what a terminal would make of the bytes. `-- --edits` prints
//! only what it takes to show the thirty edits where their parents stand, `-- --drifted` what it
//! would take where their frame has moved. With `-- --others` viuer and ratatui-image show the same
//! picture in the same run (they are built for it, as a package of their own). Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

#[path = "../tests/support/decode.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod decode;
#[path = "bytes/drifted.rs"]
mod drifted;
#[path = "bytes/edits.rs"]
mod edits;
#[path = "../tests/support/line.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod line;
#[path = "../tests/it/terminal/mini.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod mini;
#[path = "../tests/it/compare/edits.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod truth;

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::graphics::{self, Colours, EncodeRequest, Encoded, QualityLevel, USUAL_BACKGROUND};
use editree::picture;
use editree::terminal::image_request::Mode;
use editree::terminal::queue::Queue;
use editree::terminal::screen::Screen;
use editree::tree::Hash;
use editree::ui::frame::{Frame, Placement};
use image::RgbaImage;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const PHOTOS: [&str; 5] =
    ["reference-1024.png", "astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"];
const RUNGS: [QualityLevel; 5] = [
    QualityLevel::Preview,
    QualityLevel::Half,
    QualityLevel::Sharp,
    QualityLevel::NearLossless,
    QualityLevel::Lossless,
];
const PIXELS: [Protocol; 3] = [Protocol::KittyDirect, Protocol::Iterm2, Protocol::Sixel];
const RUNS: usize = 9;

fn main() {
    let is_asked = |name: &str| std::env::args().any(|argument| argument == name);
    if is_asked("--drifted") {
        return drifted::table();
    }
    if is_asked("--edits") {
        return PIXELS.into_iter().for_each(edits::table);
    }
    println!("{:<20} {:<24} {:>9} {:>7} {:>8}", "picture", "shown as", "bytes", "dB", "ms");
    for photo in PHOTOS {
        let picture = open(photo);
        for protocol in PIXELS {
            for level in RUNGS {
                row(photo, &picture, protocol, level, Colours::True);
            }
        }
        for colours in [Colours::True, Colours::Palette256] {
            row(photo, &picture, Protocol::Blocks, QualityLevel::Preview, colours);
            row(photo, &picture, Protocol::Blocks, QualityLevel::Sharp, colours);
        }
    }
    again();
    from_file();
    PIXELS.into_iter().for_each(edits::table);
    if is_asked("--others") {
        others();
    }
}

fn path(photo: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/photos").join(photo)
}

fn open(photo: &str) -> RgbaImage {
    let bytes = std::fs::read(path(photo)).unwrap();
    picture::decode(&bytes, picture::Limits::default()).unwrap().image
}

/// The rectangle of the picture's ratio in 60×30 cells.
fn request(
    picture: &RgbaImage,
    protocol: Protocol,
    level: QualityLevel,
    colours: Colours,
) -> EncodeRequest {
    let (width, height) = (picture.width(), picture.height());
    let cells = match width >= height {
        true => (60, (30 * height / width).max(1)),
        false => ((60 * width / height).max(1), 30),
    };
    let cells = (cells.0 as u16, cells.1 as u16);
    EncodeRequest {
        protocol,
        colours,
        shapes: Default::default(),
        ascii: false,
        wrap: false,
        cells,
        cell: (10, 20),
        background: USUAL_BACKGROUND,
        id: 7,
        level,
    }
}

/// The middle of some runs, in milliseconds.
fn timed(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn row(
    photo: &str,
    picture: &RgbaImage,
    protocol: Protocol,
    level: QualityLevel,
    colours: Colours,
) {
    let request = request(picture, protocol, level, colours);
    let time = timed(|| drop(std::hint::black_box(graphics::encode(picture, None, &request))));
    let encoded = graphics::encode(picture, None, &request);
    let (width, height) = (u32::from(request.cells.0) * 10, u32::from(request.cells.1) * 20);
    let shown = decode::shown(&encoded, (width, height), request.cells);
    let wanted = picture::resize(picture, width, height);
    let wanted = image::DynamicImage::ImageRgba8(wanted).to_rgb8();
    let name = match protocol {
        Protocol::Blocks => format!("{protocol:?} {level:?} {colours:?}"),
        _ => format!("{protocol:?} {level:?}"),
    };
    let psnr = decode::psnr(&shown, &wanted);
    let bytes = match protocol {
        Protocol::Blocks => Stream::new(protocol, encoded, request.cells).show(true, &[]),
        _ => decode::size(&encoded),
    };
    println!("{photo:<20} {name:<24} {bytes:>9} {psnr:>7.1} {time:>8.1}");
}

/// The way from frames to bytes, with a picture that is ready.
struct Stream {
    screen: Screen,
    queue: Queue,
    placement: Placement,
}

impl Stream {
    fn new(protocol: Protocol, encoded: Encoded, (columns, rows): (u16, u16)) -> Self {
        let mut screen = Screen::new(Mode { protocol, wrap: false, ascii: false }, 0);
        screen.set_ladder(QualityPlan { cell: (10, 20), ..QualityPlan::default() });
        let area = Rect::new(1, 1, columns, rows);
        let placement = Placement::whole(Hash([1; 32]), area);
        let mut stream = Self { screen, queue: Queue::new(None), placement };
        // The blank screen.
        stream.show(false, &[]);
        let frame = stream.frame(true, &[]);
        let lacking = stream.screen.show(frame.clone(), &mut stream.queue);
        stream.written();
        for wanted in lacking {
            stream.screen.supply(wanted, encoded.clone());
        }
        stream
    }

    fn frame(&self, is_there: bool, covers: &[Rect]) -> Frame {
        let cells = Buffer::empty(Rect::new(0, 0, 80, 40));
        let placements = if is_there { vec![self.placement.clone()] } else { Vec::new() };
        // Behind a popup pictures go back.
        let veil = (!covers.is_empty()).then_some([0; 3]);
        Frame { cells, cursor: None, placements, covers: covers.to_vec(), veil, ..Frame::default() }
    }

    /// How many bytes lead to a frame.
    fn show(&mut self, is_there: bool, covers: &[Rect]) -> usize {
        let frame = self.frame(is_there, covers);
        self.screen.show(frame.clone(), &mut self.queue);
        self.written()
    }

    fn written(&mut self) -> usize {
        let mut bytes = 0;
        while let Some(portion) = self.queue.next(Instant::now()) {
            bytes += portion.bytes.len();
            self.queue.acknowledge(Instant::now());
        }
        bytes
    }
}

/// What it takes to show a picture a second time, and for a popup to come and go.
fn again() {
    println!("\n{:<20} {:>12} {:>16}", "reference-1024.png", "shown again", "popup and back");
    let picture = open(PHOTOS[0]);
    for protocol in
        [Protocol::KittyDirect, Protocol::KittyPlaceholder, Protocol::Iterm2, Protocol::Sixel]
    {
        let request = request(&picture, protocol, QualityLevel::Sharp, Colours::True);
        let encoded = graphics::encode(&picture, None, &request);
        let mut stream = Stream::new(protocol, encoded, request.cells);
        stream.show(true, &[]);
        stream.show(false, &[]);
        let shown_again = stream.show(true, &[]);
        let popup = stream.show(true, &[Rect::new(20, 10, 30, 8)]) + stream.show(true, &[]);
        println!("{:<20} {shown_again:>12} {popup:>16}", format!("{protocol:?}"));
    }
}

/// From the bytes of a file to the bytes for kitty.
fn from_file() {
    let bytes = std::fs::read(path(PHOTOS[0])).unwrap();
    let time = timed(|| {
        let picture = picture::decode(&bytes, picture::Limits::default()).unwrap().image;
        let request = request(&picture, Protocol::KittyDirect, QualityLevel::Sharp, Colours::True);
        drop(std::hint::black_box(graphics::encode(&picture, None, &request)));
    });
    println!("\nreference-1024.png: decode, resize and sharp encode for kitty: {time:.1} ms");
}

fn others() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/others");
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/others");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--locked", "--target-dir"])
        .arg(&target)
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(built.success());
    let program = target.join("release/others");
    println!("\n{:<20} {:<24} {:>9} {:>8}", "picture", "another library", "bytes", "ms");
    for library in ["viuer", "ratatui-image"] {
        for protocol in ["kitty", "iterm2", "sixel", "blocks"] {
            let runs: Vec<(usize, f64)> =
                (0..RUNS).map(|_| other(&program, library, protocol)).collect();
            let mut times: Vec<f64> = runs.iter().map(|(_, time)| *time).collect();
            times.sort_by(f64::total_cmp);
            let (bytes, time) = (runs[0].0, times[RUNS / 2]);
            let name = format!("{library} {protocol}");
            println!("{:<20} {name:<24} {bytes:>9} {time:>8.1}", PHOTOS[0]);
        }
    }
}

/// One picture shown by another library in a terminal that answers for everything.
fn other(program: &std::path::Path, library: &str, protocol: &str) -> (usize, f64) {
    let size = PtySize { rows: 40, cols: 120, pixel_width: 1200, pixel_height: 800 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(program);
    command.args([library, protocol]);
    command.arg(path(PHOTOS[0]));
    command.env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    command.env("TERM", if protocol == "kitty" { "xterm-kitty" } else { "xterm-256color" });
    command.env("TERM_PROGRAM", if protocol == "iterm2" { "iTerm.app" } else { "" });
    command.env("COLORTERM", "truecolor");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let new = &buffer[..count];
        // As from far away: pictures in files of this machine are none of the terminal's.
        for (question, answer) in [
            (b"t=d,f=24;".as_slice(), b"\x1b_Gi=31;OK\x1b\\".as_slice()),
            (b"t=t;", b"\x1b_Gi=31;EBADF:no such file\x1b\\"),
            (b"\x1b[5n", b"\x1b[0n"),
            (b"\x1b[c", b"\x1b[?62;4c"),
        ] {
            if new.windows(question.len()).any(|part| part == question) {
                writer.write_all(answer).unwrap();
            }
        }
        seen.extend_from_slice(new);
    }
    child.wait().unwrap();
    let text = String::from_utf8_lossy(&seen);
    let number = |name: &str| {
        let rest = text.rsplit_once(name)?.1;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    };
    let bytes = number("sent ").map_or(seen.len(), |sent| sent as usize);
    (bytes, number("took ").expect("it says how long it took"))
}
