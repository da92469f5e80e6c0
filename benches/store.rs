//! A large store: 100 000 nodes, each with a picture file of its own, and 300 000 log lines, beside
//! an empty one in the same run.
//!
//! `cargo bench --bench store` starts the release binary on both in a pseudo-terminal and prints
//! the time from the start to the first full frame and to the whole tree, and the memory then;
//! after that the time of commands, and of searches to the first 100 hits; at last the most memory that
//! commands take that walk the store, with 1 000 and with 20 000 nodes (by GNU time; `-- --walks`: only that).
//! Judges nothing.

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

#[path = "../tests/support/grown.rs"]
mod grown;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use editree::app::HITS;
use editree::store::{Options, Store};
use editree::tree::query::Query;
use editree::tree::{Hash, Timestamp};
use pty::{Start, Terminal};
use rusqlite::{Connection, params};

const NODES: u32 = 100_000;
const LINES: u32 = 300_000;
const RUNS: usize = 7;
const WORDS: [&str; 8] =
    ["sepia", "a red hat", "at night", "in the rain", "as a sketch", "snow", "a boat", "fog"];
/// Common and rare words, phrases, words too short for the index, conditions, and all together.
const SEARCHES: [&str; 8] = [
    "make",
    "take 77777",
    "\"in the rain\"",
    "zebra",
    "it",
    "seed:7",
    "is:star cost>0.1",
    "hat -red model:max",
];

/// They ask for little, however much is there.
const COMMANDS: [&[&str]; 4] =
    [&["show", "n1"], &["jobs"], &["tree", "@"], &["run", "--dry-run", "-i", "n1", "Make it red"]];

/// They look at every node, with 1 000 and with 20 000.
const WALKS: [&[&str]; 9] = [
    &["gc", "--dry-run"],
    &["doctor"],
    &["tree"],
    &["tree", "--json"],
    &["jobs", "--json"],
    &["account", "--json"],
    &["export", "n900", "--chain"],
    &["backup", "all.tar"],
    &["import", "data/editree/media"],
];
const WALKED: [u32; 2] = [1_000, 20_000];

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if std::env::args().any(|argument| argument == "--walks") {
        return walks();
    }
    let (small, large) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&small, &large] {
        // The first start makes the store and opens the sample.
        measure(folder.path(), "chelsea");
    }
    fill(&large.path().join("data/editree"));
    println!("{NODES} nodes and {LINES} log lines, median of {RUNS} starts");
    let empty = middle(small.path(), "chelsea");
    let full = middle(large.path(), &format!("6 n{}", NODES + 1));
    println!("{:<28} {:>10} {:>10} {:>6}", "", "empty", "large", "ratio");
    let row = |what: &str, unit: &str, empty: f64, full: f64| {
        println!("{what:<28} {empty:>7.1} {unit} {full:>7.1} {unit} {:>6.2}", full / empty);
    };
    row("start to first full frame", "ms", empty.frame, full.frame);
    row("start to whole tree", "ms", empty.tree, full.tree);
    row("memory (anonymous)", "MB", empty.memory, full.memory);
    for words in COMMANDS {
        let time = |folder: &Path| commanded(folder, words);
        row(&words[..2.min(words.len())].join(" "), "ms", time(small.path()), time(large.path()));
    }
    for text in SEARCHES {
        let time = |folder: &Path| searched(&folder.join("data/editree"), text);
        row(&format!("search: {text}"), "ms", time(small.path()), time(large.path()));
    }
    walks();
}

/// The most memory that a command takes with few and with many nodes.
fn walks() {
    let stores = WALKED.map(|count| {
        let folder = tempfile::tempdir().unwrap();
        command(folder.path(), &["run", "A boat at night"]).output().unwrap();
        grown::grow(&folder.path().join("data/editree"), count);
        folder
    });
    println!("{:<28} {:>10} {:>10} {:>6}", "most memory, nodes:", WALKED[0], WALKED[1], "ratio");
    for words in WALKS {
        let [few, many] = stores.each_ref().map(|folder| peak(folder.path(), words));
        let what = words[..2.min(words.len())].join(" ");
        println!("{what:<28} {few:>7.1} MB {many:>7.1} MB {:>6.2}", many / few);
    }
}

/// In megabytes, by GNU time.
fn peak(folder: &Path, words: &[&str]) -> f64 {
    let told = folder.join("peak");
    let mut time = Command::new("time");
    time.args(["-f", "%M", "-o"]).arg(&told).arg(env!("CARGO_BIN_EXE_editree")).arg("--sim");
    time.args(words).env_clear().envs(pty::environment(folder)).current_dir(folder);
    time.output().expect("GNU time is installed");
    let told = std::fs::read_to_string(told).unwrap();
    told.lines().last().and_then(|line| line.parse::<f64>().ok()).unwrap() / 1_000.0
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.arg("--sim").args(words).env_clear().envs(pty::environment(folder));
    command
}

/// Milliseconds that a command takes, the median of some.
fn commanded(folder: &Path, words: &[&str]) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let mut command = command(folder, words);
            let began = Instant::now();
            assert!(command.output().unwrap().status.success(), "{words:?}");
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// Milliseconds to the first 100 hits, the median of some.
fn searched(folder: &Path, text: &str) -> f64 {
    let options = Options {
        project: "simulator".into(),
        simulated: true,
        day_start: Timestamp(0),
        now: Timestamp(0),
        take_over_orphans: false,
        with_page: true,
        log_days: 90,
    };
    let (store, _) = Store::open(folder, options).unwrap();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let query = Query::read(text).unwrap();
            let began = Instant::now();
            let nodes = store.search(query, 0, HITS).wait().unwrap();
            assert!(nodes.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

#[derive(Clone, Copy)]
struct Figures {
    frame: f64,
    tree: f64,
    memory: f64,
}

fn middle(folder: &Path, newest: &str) -> Figures {
    let runs: Vec<Figures> = (0..RUNS).map(|_| measure(folder, newest)).collect();
    let of = |figure: fn(&Figures) -> f64| {
        let mut figures: Vec<f64> = runs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[RUNS / 2]
    };
    Figures { frame: of(|run| run.frame), tree: of(|run| run.tree), memory: of(|run| run.memory) }
}

/// The tree's title counts its rows once it is read: `tree · 1 of 1`.
fn is_read(line: &str) -> bool {
    line.split_once(" tree · ").is_some_and(|(_, title)| title.contains(" of "))
}

/// A start without pictures: until the newest node stands on the canvas, and until the tree is read.
fn measure(folder: &Path, newest: &str) -> Figures {
    let arguments = &["--sim", "--graphics", "none"];
    let began = Instant::now();
    let start = Start { folder, arguments, size: (120, 40), environment: &[] };
    let mut terminal = Terminal::start(&start);
    terminal.wait_for(newest);
    let frame = began.elapsed().as_secs_f64() * 1_000.0;
    terminal.wait_until("the tree", |screen, _| screen.lines().any(is_read));
    let tree = began.elapsed().as_secs_f64() * 1_000.0;
    let memory = memory(terminal.process());
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
    Figures { frame, tree, memory }
}

/// What the process has for itself, in megabytes.
fn memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1_000.0
}

fn prompt(node: u32) -> String {
    format!("Make it {}, take {node}", WORDS[node as usize % WORDS.len()])
}

/// Branches of all lengths below the sample, each with its picture; what a person would have
/// after years.
fn fill(store: &Path) {
    let mut connection = Connection::open(store.join("editree.db")).unwrap();
    // So that the newest node is what is gone on from.
    connection.execute("DELETE FROM drafts", []).unwrap();
    let hash: String =
        connection.query_row("SELECT hash FROM pictures", [], |row| row.get(0)).unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let mut node = transaction
            .prepare(
                "INSERT INTO nodes (id, global, project, state, parent, parent_picture, endpoint, \
                 prompt, params, inputs, seed, cost, simulated, at) \
                 SELECT ?1, ?2, project, 'done', ?3, ?4, 'fal-ai/flux-pro/kontext', ?5, '{}', '[]', \
                 ?1, 40000, 1, ?6 FROM nodes WHERE id = 1",
            )
            .unwrap();
        let mut picture = transaction
            .prepare("INSERT INTO pictures VALUES (?1, 0, ?2, 1024, 1024, 'png', 900000, 0, NULL)")
            .unwrap();
        let mut state = 1_u32;
        for id in 2..=NODES + 1 {
            // Mostly a step further, now and then a branch from long ago.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let back = if state >> 29 == 0 { 1 + (state >> 8) % (id - 1) } else { 1 };
            let at = i64::from(id) * 60_000;
            let picture_of = |id: u32| {
                if id == 1 { hash.clone() } else { Hash::of(&id.to_le_bytes()).to_string() }
            };
            let (own, parent) = (picture_of(id), id - back);
            node.execute(params![id, format!("g{id}"), parent, picture_of(parent), prompt(id), at])
                .unwrap();
            std::fs::write(store.join(format!("media/{own}.png")), id.to_le_bytes()).unwrap();
            picture.execute(params![id, own]).unwrap();
        }
        let mut line = transaction
            .prepare(
                "INSERT INTO log (project, at, level, job, text) \
                 SELECT project, ?1, 'info', NULL, ?2 FROM nodes WHERE id = 1",
            )
            .unwrap();
        for number in 0..LINES {
            line.execute(params![i64::from(number) * 20_000, format!("line {number}")]).unwrap();
        }
    }
    transaction.commit().unwrap();
}
