//! How long a key takes to be on the screen: idle, with a large draft of FLUX 3, and while twenty
//! requests are under way.
//!
//! `cargo bench --bench keys` runs the release binary on its simulator in a pseudo-terminal and
//! prints the figures and their ratios, from the same run, and before them the floor: what a program
//! takes here that only sends each letter back, which is the machine's and not ours. `EDITREE=new:old`
//! measures these programs instead, by turns. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../tests/e2e/pty.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod pty;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use pty::{Start, Terminal};

const ECHO: &str = "--echo";
const READY: &str = "ready";
const SIZE: (u16, u16) = (120, 40);
const KEYS: usize = 300;
const PAUSE: Duration = Duration::from_millis(25);
const REQUESTS: usize = 20;
const PICTURES: usize = 10;
const BOXES: usize = 5;
/// Letters that stand nowhere else on the screen.
const LETTERS: &[&str] =
    &["б", "г", "д", "ж", "з", "и", "л", "ф", "ц", "ш", "щ", "ы", "э", "ю", "я"];

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if std::env::args().any(|argument| argument == ECHO) {
        return echo();
    }
    println!("key to changed screen, {KEYS} keys, one every {} ms", PAUSE.as_millis());
    let folder = tempfile::tempdir().unwrap();
    let start = Start { folder: folder.path(), arguments: &[ECHO], size: SIZE, environment: &[] };
    let mut floor = Terminal::start_program(&std::env::current_exe().unwrap(), &start);
    floor.wait_for(READY);
    println!("floor: {}", measure(&mut floor));
    match std::env::var_os("EDITREE") {
        Some(programs) => std::env::split_paths(&programs).for_each(|it| report(&it, false)),
        None => report(Path::new(env!("CARGO_BIN_EXE_editree")), true),
    }
}

/// The floor: each letter comes back, a backspace takes one away.
fn echo() {
    let mut terminal = rustix::termios::tcgetattr(rustix::stdio::stdin()).unwrap();
    terminal.make_raw();
    let now = rustix::termios::OptionalActions::Now;
    rustix::termios::tcsetattr(rustix::stdio::stdin(), now, &terminal).unwrap();
    let (mut stdin, mut stdout) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut bytes = READY.as_bytes().to_vec();
    loop {
        let shown: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| match byte {
                0x7f => b"\x08 \x08".to_vec(),
                byte => vec![*byte],
            })
            .collect();
        stdout.write_all(&shown).unwrap();
        stdout.flush().unwrap();
        bytes.resize(64, 0);
        match stdin.read(&mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.truncate(read),
        }
    }
}

/// Not every program has FLUX 3.
fn report(program: &Path, has_large: bool) {
    let (folder, another) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut terminal = workbench(program, folder.path());
    let idle = measure(&mut terminal);
    let large = has_large.then(|| {
        let mut large = workbench(program, another.path());
        fill(&mut large);
        measure(&mut large)
    });
    for number in 0..REQUESTS {
        terminal.send(&format!("Make it sepia, please, take {number}"));
        terminal.wait_for(&format!("take {number}"));
        terminal.send("\r");
    }
    let busy = measure(&mut terminal);
    println!("{}", program.display());
    println!("  idle: {idle}");
    if let Some(large) = large {
        println!("  FLUX 3, {PICTURES} pictures, {BOXES} boxes: {large}");
        println!("  ratio of FLUX 3 at the median: {:.2}", large.median / idle.median);
    }
    println!("  {REQUESTS} requests at once: {busy}");
    println!("  ratio at the 99th percentile: {:.2}", busy.p99 / idle.p99);
}

fn workbench(program: &Path, folder: &Path) -> Terminal {
    let start = Start { folder, arguments: &["--sim"], size: SIZE, environment: &[] };
    let terminal = Terminal::start_program(program, &start);
    terminal.wait_for("SIMULATOR");
    terminal.wait_for("chelsea");
    terminal
}

/// A draft of FLUX 3 with as many pictures as it takes, and boxes.
fn fill(terminal: &mut Terminal) {
    let mut then = |keys: &str, seen: &str| {
        terminal.send(keys);
        terminal.wait_for(seen);
    };
    then("\x1b", "i prompt");
    // What comes in one read is a paste, whose Enter sends nothing.
    then(":model flux3", "flux3-text");
    then("\r", "1 picture: ");
    // As if it had been dropped here so often.
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/coffee.png");
    for number in 2..=PICTURES {
        then(&format!("\x1b[200~{photo}\x1b[201~"), &format!("+{}", number - 1));
    }
    then("\x1b", "i prompt");
    then("M", "new box");
    for number in 2..=BOXES {
        then("n", &format!("{} box", number - 1));
    }
    then("\r", "what to change in box 5");
    then("a hat", "a hat");
    then("\r", "5 a hat");
}

struct Figures {
    median: f64,
    p99: f64,
    max: f64,
    /// Bytes for each of them.
    bytes: usize,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { median, p99, max, bytes } = self;
        write!(f, "median {median:.2} ms, p99 {p99:.2} ms, max {max:.2} ms, {bytes} bytes a key")
    }
}

/// Types letters one by one and takes them away again.
fn measure(terminal: &mut Terminal) -> Figures {
    let before = terminal.seen();
    let mut times: Vec<f64> = (0..KEYS)
        .map(|number| {
            let letter = LETTERS[number % LETTERS.len()];
            std::thread::sleep(PAUSE);
            let began = Instant::now();
            terminal.send(letter);
            terminal.wait_until(letter, |screen, _| screen.contains(letter));
            let took = began.elapsed().as_secs_f64() * 1000.0;
            terminal.send("\x7f");
            terminal.wait_until("the letter gone", |screen, _| !screen.contains(letter));
            took
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let bytes = (terminal.seen() - before) / (2 * KEYS);
    Figures { median: times[KEYS / 2], p99: times[KEYS * 99 / 100], max: times[KEYS - 1], bytes }
}
