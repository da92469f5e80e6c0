//! What a key costs, in instructions instead of time: the same figures on any machine, to 1 %.
//!
//! `cargo bench --bench counts` runs itself under callgrind: a key, from the event to the frame, in
//! the workbench without terminal and store, at 0, 30 and 1 000 requests under way and 10, 10 000
//! and 1 000 000 nodes, beside 10 000 others that were opened, and at the end of a chain. Prints
//! thousands of instructions, the median of some keys, and their ratio to none. A frame costs what is
//! seen of it: thirty requests and 10 000 nodes fill the screen, and more change little.
//! `-- --profile JOBS NODES [ROOTS [1]]`, with 1 for a chain, leaves callgrind's own file for
//! `callgrind_annotate`.
//! Judges nothing; says so where valgrind is not installed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../tests/support/driver.rs"]
#[allow(dead_code, reason = "the scenarios use the rest")]
mod driver;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use crossterm::event::Event;
use driver::Driver;
use editree::app::job::{Job, JobId, State, Work};
use editree::tree::index::NodeSummary;
use editree::tree::{Node, NodeId, NodeState, PictureRef};

/// The second fills the screen: from there on no more is seen.
const JOBS: [u32; 3] = [0, 30, 1_000];
const NODES: [u32; 3] = [10, 10_000, 1_000_000];
/// Each beside all others.
const ROOTS: u32 = 10_000;
const SCENES: [Scene; 4] = [
    Scene {
        what: "a letter in the prompt",
        before: "Make it ",
        keys: "abcdefgh",
        function: "letter_in_prompt",
        press: letter_in_prompt,
    },
    Scene {
        what: "a move in the tree",
        before: "<Esc>gt",
        keys: "jkjkjkjk",
        function: "move_in_tree",
        press: move_in_tree,
    },
    Scene {
        what: "a move in the queue",
        before: "<Esc>gq",
        keys: "jkjkjkjk",
        function: "move_in_queue",
        press: move_in_queue,
    },
    Scene {
        what: "a move on the sheet",
        before: "<Esc>S",
        keys: "llllllll",
        function: "move_on_sheet",
        press: move_on_sheet,
    },
];

struct Scene {
    what: &'static str,
    /// The keys that lead there, and those that are counted.
    before: &'static str,
    keys: &'static str,
    /// What callgrind looks for.
    function: &'static str,
    press: fn(&mut Driver, Event),
}

const SIZE: (u16, u16) = (120, 40);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only asks whether it starts.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let number = |at: usize| arguments.get(at).and_then(|it| it.parse().ok());
    match arguments.get(1).map(String::as_str) {
        Some("--scenes") => act(case(number)),
        Some("--profile") => println!("{:?}", counted(case(number), Path::new("."))),
        _ => table(),
    }
}

/// Requests, nodes that came of each other, and roots.
#[derive(Clone, Copy)]
struct Case {
    jobs: u32,
    nodes: u32,
    roots: u32,
    /// Each came of the one before, and the last is shown.
    is_chain: bool,
}

fn case(number: impl Fn(usize) -> Option<u32>) -> Case {
    let [jobs, nodes] = [2, 3].map(|at| number(at).unwrap());
    Case { jobs, nodes, roots: number(4).unwrap_or(0), is_chain: number(5) == Some(1) }
}

fn table() {
    println!("thousands of instructions from a key to its frame; ratio to 0 requests and 10 nodes");
    println!(
        "{:<26}{:>9}{:>11}{:>9}{:>11}{:>8}",
        "", "requests", "nodes", "roots", "thousand", "ratio"
    );
    let mut none = [0; SCENES.len()];
    let grown = |jobs| NODES.map(|nodes| Case { jobs, nodes, roots: 0, is_chain: false });
    let beside = Case { jobs: 0, nodes: NODES[0], roots: ROOTS, is_chain: false };
    let chains = [NODES[0], ROOTS].map(|nodes| Case { jobs: 0, nodes, roots: 0, is_chain: true });
    for case in JOBS.into_iter().flat_map(grown).chain([beside]).chain(chains) {
        let folder = tempfile::tempdir().unwrap();
        let counts = counted(case, folder.path());
        let Case { jobs, nodes, roots, is_chain } = case;
        for (at, scene) in SCENES.iter().enumerate() {
            none[at] = if none[at] == 0 { counts[at] } else { none[at] };
            let (thousand, ratio) = (counts[at] / 1_000, counts[at] as f64 / none[at] as f64);
            let chain = if is_chain { "  one chain" } else { "" };
            println!(
                "{:<26}{jobs:>9}{nodes:>11}{roots:>9}{thousand:>11}{ratio:>8.2}{chain}",
                scene.what
            );
        }
    }
}

/// What a key of each scene costs, by callgrind's file.
fn counted(case: Case, folder: &Path) -> Vec<u64> {
    let file = folder.join("callgrind.out");
    let functions = SCENES.iter().map(|it| format!("--toggle-collect=counts::{}", it.function));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--quiet", "--separate-threads=no"])
        .args(functions)
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe().unwrap())
        .arg("--scenes")
        .args(
            [case.jobs, case.nodes, case.roots, u32::from(case.is_chain)].map(|it| it.to_string()),
        )
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "{status}");
    let text = std::fs::read_to_string(&file).unwrap();
    let count = |scene: &Scene| inclusive(&text, scene.function) / scene.keys.len() as u64;
    SCENES.iter().map(count).collect()
}

/// All that a function and what it called have cost: the lines below its name, which stands beside
/// its number once, wherever the file first speaks of it.
fn inclusive(text: &str, function: &str) -> u64 {
    let number_of = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let name = format!(" counts::{function}");
    let named = text.lines().find_map(|line| {
        let told = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn="))?;
        told.ends_with(&name).then(|| number_of(told))
    });
    let number = named.unwrap_or_else(|| panic!("callgrind has not seen `{function}`"));
    let (mut is_inside, mut sum) = (false, 0);
    for line in text.lines() {
        if let Some(told) = line.strip_prefix("fn=") {
            is_inside = number_of(told) == number;
        } else if is_inside && !line.contains('=') {
            sum += line.split(' ').nth(1).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    sum
}

/// Goes through all scenes in one session.
fn act(case: Case) {
    let mut driver = session(case);
    for scene in SCENES {
        driver.press(scene.before);
        for key in driver::parse(scene.keys) {
            (scene.press)(&mut driver, key);
            arrive(&mut driver);
        }
        driver.press("<Esc>");
    }
}

/// Callgrind finds these by their names, so none of them may be merged with another.
#[inline(never)]
fn letter_in_prompt(driver: &mut Driver, key: Event) {
    press(driver, key, "a letter");
}

#[inline(never)]
fn move_in_tree(driver: &mut Driver, key: Event) {
    press(driver, key, "a move");
}

#[inline(never)]
fn move_in_queue(driver: &mut Driver, key: Event) {
    press(driver, key, "another move");
}

#[inline(never)]
fn move_on_sheet(driver: &mut Driver, key: Event) {
    press(driver, key, "one more move");
}

/// One more node is known whole, as when what is seen is loaded.
fn arrive(driver: &mut Driver) {
    let model = &mut driver.workbench.model;
    let whole = model.nodes.values().next().unwrap().clone();
    let lacking = model.tree.summaries().find(|it| !model.nodes.contains_key(&it.id));
    if let Some(NodeSummary { id, parent, state, .. }) = lacking {
        let parent = parent.zip(whole.pictures.first());
        let parent = parent.map(|(node, it)| PictureRef { node, picture: it.hash });
        model.insert_node(Node { id, parent, state, global: id.to_string(), ..whole });
    }
}

fn press(driver: &mut Driver, key: Event, what: &str) {
    black_box(what);
    driver.workbench.model.now.0 += 1;
    driver.send(vec![key]);
}

/// A tree like one that grew over years, and requests that the service has.
fn session(Case { jobs, nodes, roots, is_chain }: Case) -> Driver {
    let mut driver = Driver::new(SIZE.0, SIZE.1);
    grow(&mut driver, (nodes, roots, is_chain));
    let nodes = nodes + roots;
    if jobs > 0 {
        accept(&mut driver, jobs, nodes);
    }
    // What was asked for is not answered here.
    driver.take();
    driver
}

fn grow(driver: &mut Driver, (nodes, roots, is_chain): (u32, u32, bool)) {
    let mut state = 1_u32;
    for id in 2..=nodes + roots {
        // Mostly a step further, now and then a branch from long ago.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let back = if state >> 29 == 0 && !is_chain { 1 + (state >> 8) % (id - 1) } else { 1 };
        driver.workbench.model.tree.insert(NodeSummary {
            id: NodeId(id),
            parent: (id <= nodes).then(|| NodeId(id - back)),
            parent_picture: 0,
            pictures: 1,
            state: NodeState::Done,
            starred: false,
            trashed: false,
            simulated: true,
            cost: None,
        });
    }
    if is_chain {
        let model = &mut driver.workbench.model;
        let first = model.nodes.values().next().unwrap().clone();
        let of = |id: u32| PictureRef { node: NodeId(id), picture: first.pictures[0].hash };
        for id in nodes.saturating_sub(100).max(2)..=nodes {
            let (parent, global) = (Some(of(id - 1)), id.to_string());
            model.insert_node(Node { id: NodeId(id), parent, global, ..first.clone() });
        }
        model.current = Some(of(nodes));
    }
}

/// Copies of one edit, the first ones running.
fn accept(driver: &mut Driver, jobs: u32, nodes: u32) {
    driver.press("Make it red<Enter>");
    let save = driver.take().into_iter().find_map(|effect| driver.answer(effect));
    driver.finish(save.unwrap());
    let model = &mut driver.workbench.model;
    let (_, job) = model.jobs.pop_first().unwrap();
    let node = model.nodes[&job.node].clone();
    model.jobs.order_mut().clear();
    for number in 0..jobs {
        let (id, node_id) = (JobId(number + 1), NodeId(nodes + 1 + number));
        let state = if number < 4 { State::Running } else { State::Queued(Some(number)) };
        let work = Work { is_active: true, ..Work::default() };
        let sent_at = Some(job.at);
        let copy = Job { id, node: node_id, state, sent_at, work, ..job.clone() };
        model.insert_node(Node { id: node_id, global: id.to_string(), ..node.clone() });
        model.jobs.order_mut().push(id);
        model.jobs.insert(id, copy);
    }
}
