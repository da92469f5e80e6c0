//! Months of one workbench: what it holds on to while jobs, looks, sizes and suspensions go by; and of
//! commands: what they leave behind.
//!
//! Short here; `EDITREE_SOAK=20000 cargo test --release --test e2e soak -- --nocapture` is the long run,
//! which prints its table and holds the growth after the first thousand jobs to its limit. Commands are
//! as many as a tenth of the jobs. With `EDITREE_SOAK_SIDE=240` pictures are no larger than that, which
//! is many times as quick, for what is held of jobs, nodes and log lines; commands are then as many as
//! the jobs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::command::photo;
use crate::pty::{Start, Terminal};
use crate::service::Service;

const JOBS: u64 = 20;
const COMMANDS: u64 = 10;
/// By then all caches have had what they keep.
const SETTLED: u64 = 1_000;
const PATIENCE: Duration = Duration::from_secs(120);
/// Keys whose cost is measured.
const KEYS: u32 = 100;
/// Longer than a notice stays once it was read, and than a picture is waited with that is to be sharper.
const LAST_WORD: Duration = Duration::from_secs(6);
/// Nothing is done for so long.
const IDLE: Duration = Duration::from_secs(60);
/// Kilobytes of its own beside what its files hold: pictures take 48 MB of them at most.
const OWN: u64 = 96 << 10;

/// What the system and the store say of the program.
#[derive(Clone, Debug)]
struct Row {
    jobs: u64,
    rss: u64,
    /// Of it, what no file holds.
    own: u64,
    files: usize,
    threads: u64,
    database: u64,
    journal: u64,
    lines: i64,
    /// Microseconds of all its threads for one key and its frame.
    key: f64,
    /// That, as a multiple of what a key costs in the same minute where nothing was ever done.
    of_fresh: f64,
}

struct Months {
    service: Service,
    terminal: Terminal,
    folder: tempfile::TempDir,
    process: u32,
    /// A workbench in which nothing is done but a key now and then: the machine is busy at one time
    /// and not at another.
    fresh: Terminal,
    fresh_folder: tempfile::TempDir,
    is_long: bool,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

/// The photo with a longer side of as many pixels as are asked for.
fn small(folder: &Path) -> Option<String> {
    let side = u32::try_from(number("EDITREE_SOAK_SIDE")?).unwrap();
    let file = folder.join("small.png");
    image::open(photo("coffee.png")).unwrap().thumbnail(side, side).save(&file).unwrap();
    Some(file.to_str().unwrap().to_owned())
}

/// The endpoint that makes no picture larger than what it was given.
fn take_model_of_small(terminal: &mut Terminal) {
    terminal.send("\x1b");
    terminal.wait_for(": commands");
    terminal.send(":");
    terminal.wait_for("type a name");
    terminal.send("model klein-4b");
    terminal.wait_for("model klein-4b");
    // With the words it would be a paste.
    terminal.send("\r");
    let is_taken =
        |screen: &str, _: &[u8]| screen.contains("klein/4b") && !screen.contains("type a name");
    terminal.wait_until("the endpoint", is_taken);
    terminal.send("i");
    terminal.wait_for("▌[1] ");
    terminal.send("\x05\x15");
    terminal.wait_for("▌[1] ");
}

/// Hundredths of a second that the process has had, those of threads that have ended too.
fn spent(process: u32) -> u64 {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name in brackets may have blanks.
    let fields: Vec<&str> = told.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Microseconds that each of the process's threads has had.
fn by_thread(process: u32) -> BTreeMap<String, f64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of = |thread: fs::DirEntry| {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let ns: f64 = told.split(' ').next()?.parse().ok()?;
        Some((thread.file_name().into_string().ok()?, ns / 1_000.0))
    };
    let had: BTreeMap<_, _> = threads.flatten().filter_map(of).collect();
    assert!(!had.is_empty(), "the kernel counts what a thread has had");
    had
}

/// Microseconds of all threads for one of so many keys and its frame.
fn keys(terminal: &mut Terminal, process: u32) -> f64 {
    let before = by_thread(process);
    for number in 0..KEYS {
        let seen = terminal.seen();
        terminal.send(if number % 2 == 0 { "x" } else { "\x7f" });
        terminal.more_than(seen, Duration::from_secs(10));
    }
    let had = |(thread, now): (String, f64)| now - before.get(&thread).unwrap_or(&0.0);
    by_thread(process).into_iter().map(had).sum::<f64>() / f64::from(KEYS)
}

fn least(of: &[f64]) -> f64 {
    of.iter().copied().fold(f64::INFINITY, f64::min)
}

impl Months {
    fn begin(is_long: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A simulated account has 100 dollars otherwise.
        let rich = ["--speed", "10000", "--fault", "balance:100000"];
        let service = Service::start(folder.path(), &rich);
        service.configure(folder.path(), "");
        let arguments = &["--norc", "--noprofile", "-i"];
        let environment = &[("PS1", "shell> "), ("FAL_KEY", service.key.as_str())];
        let start = Start { folder: folder.path(), arguments, size: (120, 40), environment };
        let mut terminal = Terminal::start_program(Path::new("/bin/bash"), &start);
        terminal.wait_for("shell>");
        let small = small(folder.path());
        let picture = small.clone().unwrap_or_else(|| photo("coffee.png"));
        terminal.send(&format!("'{}' {picture}\r", env!("CARGO_BIN_EXE_editree")));
        terminal.wait_for("here (127.0.0.1)");
        if small.is_some() {
            take_model_of_small(&mut terminal);
        }
        let process = terminal.only_child();
        let fresh_folder = tempfile::tempdir().unwrap();
        let start = Start {
            folder: fresh_folder.path(),
            arguments: &["--sim"],
            size: (120, 40),
            environment: &[],
        };
        let fresh = Terminal::start(&start);
        fresh.wait_for("SIMULATOR");
        Self { service, terminal, folder, process, fresh, fresh_folder, is_long }
    }

    fn done(&self) -> u64 {
        let sql = "SELECT COUNT(*) FROM nodes WHERE state = 'done'";
        self.ask(sql).unsigned_abs()
    }

    fn ask(&self, sql: &str) -> i64 {
        let file = self.folder.path().join("data/editree/editree.db");
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(file, flags).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Jobs one after the other, a few on the way at once, up to so many.
    fn work(&mut self, from: u64, to: u64) {
        for number in from..to {
            // Two lines in one read are a paste.
            let words = format!("Make it sepia: {number}");
            self.terminal.send(&words);
            self.terminal.wait_for(&format!("▌[1] {words}"));
            self.terminal.send("\r");
            if number == 0 {
                self.agree();
            }
            let typed = format!("▌[1] {words}");
            self.terminal.wait_until("it is sent", |screen, _| !screen.contains(&typed));
            self.until(number.saturating_sub(2));
            self.terminal.forget();
            // Always as many: which pictures are kept follows from it.
            let looked_after = if self.is_long { 50 } else { 10 };
            if number % looked_after == looked_after - 1 {
                self.look_around();
            }
        }
        self.until(to);
    }

    /// To the first request, which is asked about: not with a key that comes too soon to have read it.
    fn agree(&mut self) {
        self.terminal.wait_for("y send");
        let end = Instant::now() + PATIENCE;
        while self.terminal.screen().contains("y send") {
            assert!(Instant::now() < end, "{}", self.terminal.screen());
            std::thread::sleep(Duration::from_millis(500));
            self.terminal.send("y");
        }
        self.echo("agreed");
    }

    /// Every view: compared, parent and child, as a sheet, as a tree, and back.
    fn look_around(&mut self) {
        for keys in ["\x1bc", "\x1bc", "\x1bh", "\x1bl"] {
            let seen = self.terminal.seen();
            self.terminal.send(keys);
            self.terminal.more_than(seen, Duration::from_secs(2));
        }
        self.terminal.send("\x1b");
        self.terminal.wait_for("│[1] ");
        // One read each, or they are taken for words and asked about.
        for key in ["S", "q", "T", "q"] {
            self.terminal.send(key);
            std::thread::sleep(Duration::from_millis(150));
        }
        let end = Instant::now() + PATIENCE;
        while !self.terminal.screen().contains("▌[1] ") {
            assert!(Instant::now() < end, "{}", self.terminal.screen());
            for key in ["\x1b", "i"] {
                self.terminal.send(key);
                std::thread::sleep(Duration::from_millis(300));
            }
        }
        self.terminal.send("\x05\x15");
    }

    fn until(&self, done: u64) {
        let end = Instant::now() + PATIENCE;
        while self.done() < done {
            assert!(Instant::now() < end, "{done}: {}\n{}", self.undone(), self.terminal.screen());
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    fn undone(&self) -> String {
        let of = |sql: &str| self.ask(sql);
        let [failed, open] = [
            of("SELECT COUNT(*) FROM jobs WHERE state = 'failed'"),
            of("SELECT COUNT(*) FROM jobs WHERE state NOT IN ('failed', 'done')"),
        ];
        format!("{failed} jobs have failed, {open} are open")
    }

    /// Nothing is done: bytes to the terminal, and hundredths of a second that were spent.
    fn idle(&mut self) -> (usize, u64) {
        self.key();
        self.settle(LAST_WORD);
        let (seen, before) = (self.terminal.seen(), spent(self.process));
        std::thread::sleep(if self.is_long { IDLE } else { IDLE / 60 });
        (self.terminal.seen() - seen, spent(self.process) - before)
    }

    /// Other sizes, as often as that; the last one is the first.
    fn resize(&mut self, times: u64) {
        for time in 0..times {
            let step = u16::try_from(time % 97).unwrap();
            self.terminal.resize(60 + step, 20 + step / 4);
            // As a multiplexer that is left and taken up again elsewhere.
            self.terminal.send(if time % 2 == 0 { "\x1b[O" } else { "\x1b[I" });
            std::thread::sleep(Duration::from_millis(15));
        }
        self.terminal.resize(120, 40);
        self.echo(&format!("resized {times} times"));
    }

    fn suspend(&mut self, times: u64) {
        let last =
            |bytes: &[u8], code: &[u8]| bytes.windows(code.len()).rposition(|part| part == code);
        for _ in 0..times {
            let seen = self.terminal.seen();
            self.terminal.signal_child(Signal::TSTP);
            self.terminal.wait_until("the shell", |screen, bytes| {
                last(&bytes[seen..], b"\x1b[?1049l").is_some()
                    && screen.contains("Stopped")
                    && screen.trim_end().ends_with("shell>")
            });
            let seen = self.terminal.seen();
            self.terminal.send("fg\r");
            self.terminal.wait_until("the workbench", |screen, bytes| {
                last(&bytes[seen..], b"\x1b[?1049h").is_some() && screen.contains("127.0.0.1")
            });
        }
        self.echo(&format!("suspended {times} times"));
    }

    /// Types words, sees them, and takes them away.
    fn echo(&mut self, words: &str) {
        self.terminal.send(words);
        self.terminal.wait_for(words);
        self.terminal.send("\x05\x15");
        self.terminal.wait_until("an empty prompt", |screen, _| !screen.contains(words));
    }

    /// Until for so long nothing has come and nothing was done.
    fn settle(&self, quiet: Duration) {
        let end = Instant::now() + PATIENCE;
        let told = || (self.terminal.seen(), spent(self.process));
        let mut before = told();
        loop {
            std::thread::sleep(quiet);
            let now = told();
            if now == before {
                return;
            }
            assert!(Instant::now() < end, "{before:?} {now:?}: {}", self.terminal.screen());
            before = now;
        }
    }

    /// What one key and its frame cost in microseconds, here and in the fresh one: the least of turns,
    /// since all that the machine does besides only adds.
    fn key(&mut self) -> (f64, f64) {
        // What is still being done for the last picture is not the key's.
        self.settle(Duration::from_millis(300));
        let turns = if self.is_long { 21 } else { 1 };
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            here.push(keys(&mut self.terminal, self.process));
            let process = self.fresh.process();
            there.push(keys(&mut self.fresh, process));
        }
        (least(&here), least(&there))
    }

    fn row(&mut self, jobs: u64) -> Row {
        let (key, fresh) = self.key();
        let status = fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim_start_matches(':').trim().split(' ').next().unwrap().parse::<u64>().unwrap()
        };
        let file = |name: &str| {
            let path = self.folder.path().join("data/editree").join(name);
            fs::metadata(path).map_or(0, |data| data.len() / 1_024)
        };
        let row = Row {
            jobs,
            rss: of("VmRSS"),
            own: of("RssAnon"),
            files: fs::read_dir(format!("/proc/{}/fd", self.process)).unwrap().count(),
            threads: of("Threads"),
            database: file("editree.db"),
            journal: file("editree.db-wal"),
            lines: self.ask("SELECT COUNT(*) FROM log"),
            key,
            of_fresh: key / fresh.max(1.0),
        };
        println!(
            "{:>7} jobs {:>8} kB, own {:>7} kB {:>4} files {:>4} threads  database {:>7} kB  \
             log {:>6} kB  {:>6} lines  {:>7.0} us a key, {:.2} of a fresh one's",
            row.jobs,
            row.rss,
            row.own,
            row.files,
            row.threads,
            row.database,
            row.journal,
            row.lines,
            row.key,
            row.of_fresh
        );
        row
    }

    fn end(mut self) {
        self.terminal.send("\x03");
        self.terminal.wait_until("the shell", |screen, _| screen.trim_end().ends_with("shell>"));
        self.terminal.send("exit\r");
        assert_eq!(self.terminal.end().left_on, Vec::<&str>::new());
        self.fresh.send("\x03");
        assert_eq!(self.fresh.end().code, 0);
        drop(self.fresh_folder);
    }
}

#[test]
fn months_of_work_hold_on_to_no_more_than_the_first_days() {
    let asked = number("EDITREE_SOAK");
    let jobs = asked.unwrap_or(JOBS);
    let mut months = Months::begin(asked.is_some());
    let settled = SETTLED.min(jobs / 2);
    let (sizes, stops) = if asked.is_some() { (1_000, 50) } else { (20, 2) };
    months.work(0, settled);
    // Pictures are made for each size that they are seen in.
    months.resize(sizes / 5);
    let first = months.row(settled);
    let step = ((jobs - settled) / 10).max(1);
    let mut done = settled;
    while done < jobs {
        let next = (done + step).min(jobs);
        months.work(done, next);
        done = next;
        if asked.is_some() {
            months.row(done);
        }
    }
    let last = months.row(jobs);
    assert_eq!(months.service.ledger().len() as u64, jobs, "each was sent once");
    months.resize(sizes);
    months.suspend(stops);
    let end = months.row(jobs);
    let (bytes, spent) = months.idle();
    println!(
        "idle: {bytes} bytes, {spent}0 ms; a key costs {:.2} of the first, beside a fresh one's",
        end.of_fresh / first.of_fresh
    );
    assert_eq!(bytes, 0, "idle means idle");
    months.end();
    for row in [&last, &end] {
        #[cfg(target_env = "gnu")]
        assert!(row.own <= OWN, "{row:?}");
        assert!(row.files <= first.files + 2, "{first:?} {row:?}");
        assert!(row.threads <= first.threads + 4, "{first:?} {row:?}");
        assert!(row.journal <= 8_192, "{row:?}");
    }
    if jobs >= 2 * SETTLED {
        assert!(last.rss * 100 <= first.rss * 105, "{first:?} {last:?}");
        assert!(end.rss * 100 <= first.rss * 105, "{first:?} {end:?}");
    }
}

#[test]
fn months_of_commands_leave_nothing_behind_but_their_pictures() {
    let asked = number("EDITREE_SOAK");
    let folder = tempfile::tempdir().unwrap();
    let small = small(folder.path());
    let jobs = asked.unwrap_or(10 * COMMANDS);
    let commands = if small.is_some() { jobs } else { jobs / 10 };
    let model = if small.is_some() { "klein-4b" } else { "pro" };
    let picture = small.unwrap_or_else(|| photo("coffee.png"));
    let service = Service::start(folder.path(), &["--speed", "10000", "--fault", "balance:100000"]);
    service.configure(folder.path(), "");
    let began = Instant::now();
    for number in 0..commands {
        let words = format!("Make it sepia: {number}");
        let ran = service.editree(folder.path(), &["run", "-m", model, "-i", &picture, &words]);
        assert!(ran.status.success(), "{number}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    let data = folder.path().join("data/editree");
    let count = |name: &str| fs::read_dir(data.join(name)).unwrap().count() as u64;
    let size = |name: &str| fs::metadata(data.join(name)).map_or(0, |data| data.len() >> 10);
    println!(
        "{commands} commands in {:.0} s: {} files of pictures, {} of instances, database {} kB, \
         log {} kB",
        began.elapsed().as_secs_f64(),
        count("media"),
        count("instances"),
        size("editree.db"),
        size("editree.db-wal"),
    );
    assert_eq!(service.ledger().len() as u64, commands, "each was sent once");
    assert!(count("media") <= 2 * (commands + 1), "a picture and its recipe each");
    assert!(count("instances") <= 1 && size("editree.db-wal") <= 8_192);
}
