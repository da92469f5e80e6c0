//! SIGKILL at any moment: nothing paid for is lost, nothing is paid twice.
//!
//! Short here; `EDITREE_CRASH_ROUNDS=200 cargo test --test e2e crash -- --nocapture` is the long run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::command::{json_in, photo};
use crate::pty::environment;
use crate::service::Service;

/// Enough to hit each step a few times on most machines.
const ROUNDS: u64 = 8;

/// Moments of a run, in milliseconds; where they fall differs from machine to machine, which is
/// the point. Always the same order.
fn moment(round: u64) -> Duration {
    let mixed = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    Duration::from_millis(mixed % 900)
}

/// An edit on the command line, not started yet.
fn edit(service: &Service, folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command
        .args(["run", "-i", &photo("coffee.png"), &format!("Make it sepia: {words}")])
        .env_clear()
        .envs(environment(folder))
        .env("FAL_KEY", &service.key)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Starts an edit and kills it.
fn killed_run(service: &Service, folder: &Path, round: u64) {
    let mut child = edit(service, folder, &round.to_string()).spawn().unwrap();
    std::thread::sleep(moment(round));
    // SIGKILL; one that was faster has ended already.
    let _ = child.kill();
    child.wait().unwrap();
}

fn json(service: &Service, folder: &Path, arguments: &[&str]) -> Value {
    json_in(&service.editree(folder, arguments))
}

fn texts<'a>(rows: impl Iterator<Item = &'a Value>, name: &str) -> Vec<String> {
    rows.filter_map(|row| row[name].as_str().map(str::to_owned)).collect()
}

#[test]
fn whatever_is_killed_is_in_the_tree_or_named_and_paid_once() {
    let rounds = std::env::var("EDITREE_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    for round in 0..rounds {
        killed_run(&service, folder.path(), round);
    }
    service.editree(folder.path(), &["wait", "--all", "--send"]);

    let story = Story::of(&[&service], folder.path());
    println!("crash: {rounds} rounds at random moments, {story}");
    story.check();
}

/// What keeps an accepted request from its result for a while.
const SPELLS: [&str; 4] = ["result:504*5", "download:404*2", "status:key*2", "result:page=200*9"];

#[test]
fn whatever_is_killed_while_it_waits_for_its_result_comes_in_the_end() {
    let rounds = std::env::var("EDITREE_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    for (round, spell) in (0..rounds).zip(SPELLS.into_iter().cycle()) {
        service.inject("off");
        service.inject(spell);
        killed_run(&service, folder.path(), round);
    }
    service.inject("off");
    service.editree(folder.path(), &["wait", "--all", "--send"]);

    let story = Story::of(&[&service], folder.path());
    println!("crash: {rounds} rounds while results do not come, {story}");
    story.check();
}

/// What the service has charged beside what the store holds.
pub struct Story {
    /// Accepted submits, by request id.
    sent: Vec<String>,
    charged: Vec<String>,
    /// In the tree with their pictures.
    done: Vec<String>,
    /// Known by their request id to have failed, with the reason.
    failed: BTreeSet<String>,
    unknown: usize,
    /// Neither over nor "maybe paid".
    open: Vec<Value>,
    /// In millionths of a dollar: of all requests, and of those that no row names.
    bill: (i64, i64),
    data: PathBuf,
}

impl Story {
    pub fn of(services: &[&Service], folder: &Path) -> Self {
        let first = services[0];
        let tree = json(first, folder, &["tree", "--json"]);
        let jobs = json(first, folder, &["jobs", "--json"]);
        let nodes = tree["nodes"].as_array().unwrap();
        let of_state =
            |state: &str| texts(nodes.iter().filter(|node| node["state"] == state), "request_id");
        let submits: Vec<Value> = services.iter().flat_map(|service| service.ledger()).collect();
        let is_charged =
            |submit: &&Value| submit["charged"].as_f64().is_some_and(|units| units > 0.0);
        let (unknown, open) = jobs["jobs"]
            .as_array()
            .unwrap()
            .iter()
            .cloned()
            .partition::<Vec<_>, _>(|job| job["state"] == "unknown");
        let (done, failed) = (of_state("done"), BTreeSet::from_iter(of_state("failed")));
        let is_nameless = |submit: &&Value| {
            let id = submit["request_id"].as_str().unwrap().to_owned();
            !done.contains(&id) && !failed.contains(&id)
        };
        let cost = |submit: &Value| submit["micro_dollars"].as_i64().unwrap_or_default();
        let all = submits.iter().map(cost).sum();
        let nameless = submits.iter().filter(is_nameless).map(cost).sum();
        Self {
            sent: texts(submits.iter(), "request_id"),
            charged: texts(submits.iter().filter(is_charged), "request_id"),
            done,
            failed,
            unknown: unknown.len(),
            open,
            bill: (all, nameless),
            data: folder.join("data/editree"),
        }
    }

    /// In millionths of a dollar, as budgets count it.
    fn counted(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.data.join("editree.db")).unwrap();
        let sql = "SELECT COALESCE(SUM(cost), 0) FROM jobs";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// At most two of a hundred; fewer than fifty tell nothing.
    pub fn few_are_maybe_paid(&self) -> bool {
        self.sent.len() < 50 || self.unknown * 50 <= self.sent.len()
    }

    /// Paid, and neither in the tree nor named as failed.
    fn lost(&self) -> usize {
        let is_lost = |id: &&String| !self.done.contains(id) && !self.failed.contains(*id);
        self.charged.iter().filter(is_lost).count()
    }

    pub fn check(&self) {
        assert!(self.open.is_empty(), "only what may be paid is left: {:?}", self.open);
        let once: BTreeSet<&String> = self.done.iter().collect();
        assert_eq!(once.len(), self.done.len(), "no request is in the tree twice");
        assert!(self.lost() <= self.unknown, "paid and neither in the tree nor named: {self}");
        let free = self.done.iter().filter(|id| !self.charged.contains(id)).count();
        assert_eq!(free, 0, "in the tree and not charged: {self}");
        let known =
            self.sent.iter().filter(|id| self.done.contains(id) || self.failed.contains(*id));
        let nameless = self.sent.len() - known.count();
        assert!(nameless <= self.unknown, "sent more than once: {self}");
        let (all, nameless) = self.bill;
        assert_eq!(
            self.counted() + nameless,
            all,
            "counted and maybe paid are what it cost: {self}"
        );
        assert_whole(&self.data);
    }
}

impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [sent, charged, done] = [&self.sent, &self.charged, &self.done].map(Vec::len);
        let (failed, unknown, lost) = (self.failed.len(), self.unknown, self.lost());
        let doubled = sent.saturating_sub(done + failed + unknown);
        write!(
            f,
            "{sent} sent, {charged} charged, {done} in the tree, {failed} failed, \
             {unknown} maybe paid; {} lost, {doubled} doubled; $ {} counted, {} maybe paid of {}",
            lost.saturating_sub(unknown),
            self.counted() as f64 / 1e6,
            self.bill.1 as f64 / 1e6,
            self.bill.0 as f64 / 1e6
        )
    }
}

/// Where the simulator keeps its answer back, and what the job then is after the next start.
const STEPS: [&str; 7] = [
    "upload:hold",
    "submit:hold",
    "submit:mute",
    "status:hold",
    "run:hold",
    "result:hold",
    "download:hold",
];

#[test]
fn whatever_is_killed_at_a_named_step_is_in_the_tree_or_named() {
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::start(folder.path(), &["--fault", step]);
        service.configure(folder.path(), "");
        let mut child = edit(&service, folder.path(), step).spawn().unwrap();
        service.wait_until_held();
        child.kill().unwrap();
        child.wait().unwrap();
        service.inject("off");
        service.editree(folder.path(), &["wait", "--all", "--send"]);
        let story = Story::of(&[&service], folder.path());
        println!("crash at {step}: {story}");
        story.check();
        let is_leaving = step.starts_with("submit");
        assert_eq!(story.unknown, usize::from(is_leaving), "{step}: {story}");
        assert_eq!(story.done.len(), usize::from(!is_leaving), "{step}: {story}");
    }
}

#[test]
fn what_was_saved_and_never_sent_is_told_and_sent_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--fault", "upload:hold"]);
    service.configure(folder.path(), "");
    let mut child = edit(&service, folder.path(), "by name").spawn().unwrap();
    service.wait_until_held();
    child.kill().unwrap();
    child.wait().unwrap();
    service.inject("off");
    let held = service.editree(folder.path(), &["wait", "j1"]);
    assert_eq!(held.status.code(), Some(5), "not sent is not done, as `run` has it");
    assert_eq!(service.ledger().len(), 0, "nothing leaves without the word");
    let sent = service.editree(folder.path(), &["wait", "j1", "--send"]);
    let told = String::from_utf8_lossy(&sent.stderr);
    assert!(told.contains("j1 is sent for $0.04: Make it sepia: by name"), "{told}");
    assert_eq!((sent.status.code(), service.ledger().len()), (Some(0), 1), "{told}");
}

#[test]
fn one_of_two_instances_is_killed_and_the_other_finishes_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--fault", "run:hold"]);
    service.configure(folder.path(), "");
    let mut doomed = edit(&service, folder.path(), "doomed").spawn().unwrap();
    service.wait_until_held();
    let mut living = edit(&service, folder.path(), "living").spawn().unwrap();
    service.wait_until(|ledger| ledger["submits"].as_array().is_some_and(|all| all.len() == 2));
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    service.inject("off");
    assert!(living.wait().unwrap().success());
    // Whoever is asked next finds what the dead one had sent.
    service.editree(folder.path(), &["wait", "--all"]);
    let story = Story::of(&[&service], folder.path());
    println!("crash of one of two: {story}");
    story.check();
    assert_eq!(story.done.len(), 2, "{story}");
}

#[test]
fn what_a_service_that_started_anew_has_forgotten_waits_and_is_named_with_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--fault", "run:hold"]);
    service.configure(folder.path(), "");
    let mut child = edit(&service, folder.path(), "forgotten").spawn().unwrap();
    service.wait_until_held();
    child.kill().unwrap();
    child.wait().unwrap();
    let sent = texts(service.ledger().iter(), "request_id");
    let port = service.port();
    drop(service);

    let service = Service::start(folder.path(), &["--listen", &format!("127.0.0.1:{port}")]);
    service.configure(folder.path(), "");
    assert!(edit(&service, folder.path(), "after").status().unwrap().success());
    let waited = service.editree(folder.path(), &["wait", "--all", "--send"]);
    assert_eq!(waited.status.code(), Some(5), "it may come back, and is asked for again");
    let story = Story::of(&[&service], folder.path());
    println!("crash with a service that forgets: {story}");
    assert_eq!(story.done.len(), 1, "{story}");
    let waiting = story.open.iter().filter(|job| job["state"] == "waiting");
    assert_eq!(texts(waiting, "request_id"), sent, "named with its request: {story}");
}

#[test]
fn a_picture_that_finds_the_disk_full_is_fetched_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(&folder.path().join("data"), "6m") else {
        println!("SKIPPED: a small disk cannot be mounted here, so none can be filled");
        return;
    };
    let service = Service::start(folder.path(), &["--fault", "run:hold"]);
    service.configure(folder.path(), "");
    let mut child = edit(&service, folder.path(), "no room").spawn().unwrap();
    service.wait_until_held();
    disk.fill(400_000);
    service.inject("off");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let jobs = json(&service, folder.path(), &["jobs", "--json"]);
    let job = &jobs["jobs"][0];
    // The row may have found no room either.
    assert!(job["state"] == "waiting" || job["state"] == "fetching", "{jobs}");
    disk.empty();
    assert!(service.editree(folder.path(), &["wait", "--all"]).status.success());
    let story = Story::of(&[&service], folder.path());
    println!("full disk: {story}");
    story.check();
    assert_eq!(story.done.len(), 1, "{story}");
}

/// A small file system of its own, where the right to mount one is given.
struct Disk {
    place: PathBuf,
}

impl Disk {
    fn mount(place: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(place).unwrap();
        let option = format!("size={size}");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(place);
        let mounted = command.stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self { place: place.to_owned() })
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64) {
        let room = rustix::fs::statvfs(&self.place).unwrap();
        let bytes = (room.f_bavail * room.f_frsize).saturating_sub(free);
        let zeros = vec![0; usize::try_from(bytes).unwrap()];
        std::fs::write(self.place.join("filler"), zeros).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.place.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.place).status();
    }
}

/// No half file, and a database without a scratch.
fn assert_whole(data: &Path) {
    for entry in std::fs::read_dir(data.join("media")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Of a write that was cut off: never shown, swept by the next start.
        if name.ends_with(".part") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        match name.ends_with(".json") {
            true => drop(serde_json::from_slice::<Value>(&bytes).unwrap()),
            false => drop(image::load_from_memory(&bytes).unwrap()),
        }
    }
    let connection = rusqlite::Connection::open(data.join("editree.db")).unwrap();
    let word: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(word, "ok");
}

/// A line that comes up and then hangs: whoever listens there has been asked for the service's host.
fn hanging_proxy(asked: std::sync::mpsc::Sender<()>) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 2_000];
            let read = std::io::Read::read(&mut stream, &mut head).unwrap_or_default();
            if head[..read].starts_with(b"CONNECT queue.fal.run:443") && asked.send(()).is_err() {
                return;
            }
            held.push(stream);
        }
    });
    address
}

#[test]
fn what_was_killed_before_its_line_was_there_is_surely_unsent() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, was_asked) = std::sync::mpsc::channel();
    let proxy = format!("http://{}", hanging_proxy(asked));
    let editree = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
        command
            .args(arguments)
            .env_clear()
            .envs(environment(folder.path()))
            .env("FAL_KEY", "id:0123456789abcdef")
            .env("HTTPS_PROXY", &proxy)
            .current_dir(folder.path())
            .stdin(Stdio::null());
        command
    };
    let mut run = editree(&["run", "-m", "pro-text", "a red hat"]);
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    was_asked.recv_timeout(Duration::from_secs(60)).expect("the service's host is asked for");
    child.kill().unwrap();
    child.wait().unwrap();
    // Who only looks leaves things as they are; whoever waits takes over.
    editree(&["wait", "--all"]).output().unwrap();
    let jobs = json_in(&editree(&["jobs", "--json"]).output().unwrap());
    let states = texts(jobs["jobs"].as_array().unwrap().iter(), "state");
    assert_eq!(states, ["held"], "{jobs}");
}
