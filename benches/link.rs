//! How long a key waits while a picture comes over a slow line: paced by answers, and in one write.
//!
//! `cargo bench --bench link` runs the release binary in a pseudo-terminal that answers like kitty
//! at the end of a line of so many bytes in a second, with 40 ms of round trip and a megabyte that
//! the line swallows before a write blocks, as ssh does. A key comes every 120 ms. The naive
//! writer is this program itself: it writes the same picture at once. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use editree::graphics::protocol::Protocol;
use editree::graphics::{self, Colours, EncodeRequest, Encoded, QualityLevel};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/reference-1024.png");
const ROUND_TRIP: Duration = Duration::from_millis(40);
const BETWEEN_KEYS: Duration = Duration::from_millis(120);
/// What the line swallows, in pieces of a read.
const HIDDEN: usize = 1 << 20;
const READ: usize = 4096;
const REDRAW: &[u8] = b"\x0c";
const END: Duration = Duration::from_secs(60);
/// Letters that stand nowhere else on the screen.
const LETTERS: [char; 16] =
    ['б', 'г', 'д', 'ж', 'з', 'и', 'л', 'ф', 'ц', 'ч', 'ш', 'щ', 'ы', 'э', 'ю', 'я'];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if arguments.iter().any(|argument| argument == "--naive") {
        return naive();
    }
    println!(
        "{:<22} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "line, writer", "median ms", "95th ms", "max ms", "picture s", "of ideal"
    );
    for (name, rate) in
        [("256 kbit/s", 32_000.0), ("1 Mbit/s", 125_000.0), ("10 Mbit/s", 1_250_000.0)]
    {
        for is_naive in [false, true] {
            let measured = measure(rate, is_naive);
            let writer = if is_naive { "one write" } else { "paced" };
            let of = |part: usize| {
                let last = measured.echo.len() - 1;
                measured.echo[(measured.echo.len() * part / 100).min(last)].as_secs_f64() * 1_000.0
            };
            let ideal = measured.bytes as f64 / rate;
            println!(
                "{:<22} {:>10.0} {:>10.0} {:>10.0} {:>10.2} {:>10.2}",
                format!("{name}, {writer}"),
                of(50),
                of(95),
                of(100),
                measured.picture,
                measured.picture / ideal
            );
        }
    }
}

struct Measured {
    /// Sorted.
    echo: Vec<Duration>,
    /// Seconds from its first byte to its last, and how many.
    picture: f64,
    bytes: usize,
}

/// The line's far end: bytes arrive at its rate, answers and keys go back.
struct Far {
    output: Receiver<Vec<u8>>,
    input: Box<dyn std::io::Write + Send>,
    rate: f64,
    free_at: Instant,
    /// On the line, with the time of arrival.
    coming: VecDeque<(Instant, Vec<u8>)>,
    /// On the way back.
    going: VecDeque<(Instant, Vec<u8>)>,
    seen: Vec<u8>,
    /// Where the scan for questions stands.
    scanned: usize,
}

fn measure(rate: f64, is_naive: bool) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let size = PtySize { rows: 40, cols: 120, pixel_width: 1200, pixel_height: 800 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = match is_naive {
        true => CommandBuilder::new(std::env::current_exe().unwrap()),
        false => CommandBuilder::new(env!("CARGO_BIN_EXE_editree")),
    };
    command.args(if is_naive { vec!["--naive"] } else { vec!["--sim", PICTURE] });
    command.env_clear();
    for (name, value) in environment(folder.path()) {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (sender, output) = sync_channel(HIDDEN / READ);
    let thread = std::thread::spawn(move || {
        let mut buffer = vec![0; READ];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let input = pair.master.take_writer().unwrap();
    let mut far = Far {
        output,
        input,
        rate,
        free_at: Instant::now(),
        coming: VecDeque::new(),
        going: VecDeque::new(),
        seen: Vec::new(),
        scanned: 0,
    };
    // Everything of the start has come.
    far.run_until_quiet();
    let from = far.seen.len();
    far.press(REDRAW);
    let mut echo = Vec::new();
    let mut picture = None;
    let (mut first, mut last) = (None, None);
    for round in 0.. {
        let letter = LETTERS[round % LETTERS.len()].to_string();
        let mark = far.seen.len();
        far.press(letter.as_bytes());
        let pressed = Instant::now();
        let mut answered = None;
        while answered.is_none() || pressed.elapsed() < BETWEEN_KEYS {
            far.step(Duration::from_millis(1));
            let now = Instant::now();
            if answered.is_none() && find(&far.seen[mark..], letter.as_bytes()).is_some() {
                answered = Some(now);
            }
            let begin = find(&far.seen[from..], b"f=100");
            if first.is_none() && begin.is_some() {
                first = Some(now);
            }
            if let Some(end) = begin.and_then(|at| find(&far.seen[from + at..], b"m=0"))
                && last.is_none()
            {
                last = Some(now);
                picture = begin.map(|begin| end + begin);
            }
            assert!(pressed.elapsed() < END, "no echo");
        }
        // Only those that came while the picture was on its way.
        if last.is_none_or(|last| pressed < last) {
            echo.push(answered.unwrap() - pressed);
        } else if let (Some(first), Some(last), Some(end)) = (first, last, picture) {
            let begin = find(&far.seen[from..], b"f=100").unwrap();
            child.kill().unwrap();
            drop(far);
            child.wait().unwrap();
            thread.join().unwrap();
            echo.sort_unstable();
            let time = (last - first).as_secs_f64();
            return Measured { echo, picture: time, bytes: end - begin };
        }
    }
    unreachable!()
}

impl Far {
    fn press(&mut self, keys: &[u8]) {
        self.going.push_back((Instant::now() + ROUND_TRIP / 2, keys.to_vec()));
    }

    fn run_until_quiet(&mut self) {
        let (mut quiet, mut length) = (Instant::now(), 0);
        while quiet.elapsed() < Duration::from_millis(2_500) || self.seen.is_empty() {
            self.step(Duration::from_millis(1));
            if self.seen.len() != length {
                (quiet, length) = (Instant::now(), self.seen.len());
            }
        }
    }

    /// Lets so much time pass on the line.
    fn step(&mut self, time: Duration) {
        // What is read before it fits is held back: only so much is hidden in the line.
        let held: usize = self.coming.iter().map(|(_, bytes)| bytes.len()).sum();
        if held < HIDDEN {
            match self.output.recv_timeout(time) {
                Ok(bytes) => {
                    let on_line = Duration::from_secs_f64(bytes.len() as f64 / self.rate);
                    self.free_at = self.free_at.max(Instant::now()) + on_line;
                    self.coming.push_back((self.free_at + ROUND_TRIP / 2, bytes));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the program has ended"),
            }
        } else {
            std::thread::sleep(time);
        }
        let now = Instant::now();
        while self.coming.front().is_some_and(|(at, _)| *at <= now) {
            let (_, bytes) = self.coming.pop_front().unwrap();
            self.seen.extend(bytes);
            self.answer(now);
        }
        while self.going.front().is_some_and(|(at, _)| *at <= now) {
            let (_, bytes) = self.going.pop_front().unwrap();
            self.input.write_all(&bytes).unwrap();
        }
    }

    /// What kitty answers.
    fn answer(&mut self, now: Instant) {
        const ANSWERS: [(&[u8], &[u8]); 5] = [
            (b"\x1b[5n", b"\x1b[0n"),
            (b"\x1b[>q", b"\x1bP>|kitty(0.41.1)\x1b\\"),
            (b"a=q,", b"\x1b_Gi=31;OK\x1b\\"),
            (b"\x1b[16t", b"\x1b[6;20;10t"),
            (b"\x1b[c", b"\x1b[?62;c"),
        ];
        let longest = 8;
        let from = self.scanned.saturating_sub(longest);
        let mut found = Vec::new();
        for (question, answer) in ANSWERS {
            let mut at = from;
            while let Some(next) = find(&self.seen[at..], question) {
                at += next + question.len();
                if at > self.scanned {
                    found.push((at, answer));
                }
            }
        }
        found.sort_unstable();
        for (_, answer) in found {
            self.going.push_back((now + ROUND_TRIP / 2, answer.to_vec()));
        }
        self.scanned = self.seen.len();
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Over ssh, with nothing of the person's own.
fn environment(folder: &Path) -> Vec<(&'static str, String)> {
    let in_folder = |name: &str| folder.join(name).display().to_string();
    vec![
        ("HOME", folder.display().to_string()),
        ("XDG_DATA_HOME", in_folder("data")),
        ("XDG_CONFIG_HOME", in_folder("config")),
        ("XDG_CACHE_HOME", in_folder("cache")),
        ("TERM", "xterm-kitty".into()),
        ("COLORTERM", "truecolor".into()),
        ("LANG", "C.UTF-8".into()),
        ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22".into()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
    ]
}

/// Echoes keys and, when asked to redraw, writes the picture at once, as most tools do.
fn naive() {
    let picture = image::open(PICTURE).unwrap().to_rgba8();
    let request = EncodeRequest {
        protocol: Protocol::KittyDirect,
        colours: Colours::True,
        shapes: Default::default(),
        ascii: false,
        wrap: false,
        cells: (53, 26),
        cell: (10, 20),
        background: graphics::USUAL_BACKGROUND,
        id: 7,
        level: QualityLevel::Sharp,
    };
    let Encoded::Upload { chunks, .. } = graphics::encode(&picture, None, &request) else {
        panic!("kitty takes uploads");
    };
    let all: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.0).collect();
    crossterm::terminal::enable_raw_mode().unwrap();
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    output.write_all(b"ready").unwrap();
    output.flush().unwrap();
    let mut buffer = [0; 64];
    while let Ok(count @ 1..) = input.read(&mut buffer) {
        let keys = &buffer[..count];
        if find(keys, REDRAW).is_some() {
            output.write_all(&all).unwrap();
        }
        let echo: Vec<u8> = keys.iter().copied().filter(|key| *key != REDRAW[0]).collect();
        output.write_all(&echo).unwrap();
        output.flush().unwrap();
    }
}
