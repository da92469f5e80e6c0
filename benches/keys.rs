//! How long a key takes to be on the screen: idle, and while twenty requests are under way.
//!
//! `cargo bench --bench keys` runs the release binary on its simulator in a pseudo-terminal and
//! prints both figures and their ratio, from the same run. Judges nothing.

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

use std::time::{Duration, Instant};

use pty::{Start, Terminal};

const KEYS: usize = 300;
const PAUSE: Duration = Duration::from_millis(25);
const REQUESTS: usize = 20;
/// Letters that stand nowhere else on the screen.
const LETTERS: &[&str] =
    &["б", "г", "д", "ж", "з", "и", "л", "ф", "ц", "ш", "щ", "ы", "э", "ю", "я"];

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let size = (120, 40);
    let start = Start { folder: folder.path(), arguments: &["--sim"], size, environment: &[] };
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("SIMULATOR");
    terminal.wait_for("chelsea");
    let idle = measure(&mut terminal);
    for number in 0..REQUESTS {
        terminal.send(&format!("Make it sepia, please, take {number}"));
        terminal.wait_for(&format!("take {number}"));
        terminal.send("\r");
    }
    let busy = measure(&mut terminal);
    println!("key to changed screen, {KEYS} keys, one every {} ms", PAUSE.as_millis());
    println!("idle:                {idle}");
    println!("{REQUESTS} requests at once: {busy}");
    println!("ratio at the 99th percentile: {:.2}", busy.p99 / idle.p99);
}

struct Figures {
    median: f64,
    p99: f64,
    max: f64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "median {:.2} ms, p99 {:.2} ms, max {:.2} ms", self.median, self.p99, self.max)
    }
}

/// Types letters one by one and takes them away again.
fn measure(terminal: &mut Terminal) -> Figures {
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
    Figures { median: times[KEYS / 2], p99: times[KEYS * 99 / 100], max: times[KEYS - 1] }
}
