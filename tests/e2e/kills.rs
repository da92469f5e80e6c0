//! Several editrees on one store, each ended by signals at any moment, one that stands still in the
//! middle, and clocks that are set back and forth: nothing paid for is lost, nothing is paid twice.
//!
//! Short here; `EDITREE_KILLS=300 cargo test --test e2e kills -- --nocapture` is the long run, in which
//! one stands still for a minute.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use editree::runtime::screen::falls::Sabotage;
use rustix::process::{Pid, Signal, kill_process};

use crate::command::photo;
use crate::crash::Story;
use crate::pty::environment;
use crate::service::Service;

/// The arguments, one a line, of the program whose clock leaps.
const LEAPS: &str = "EDITREE_TEST_LEAPS";
const ROUNDS: u64 = 10;
/// At once.
const PROCESSES: u64 = 5;
/// Nobody waits longer for one that should end.
const PATIENCE: Duration = Duration::from_secs(180);

const SIGNALS: [Signal; 8] = [
    Signal::KILL,
    Signal::TERM,
    Signal::KILL,
    Signal::INT,
    Signal::KILL,
    Signal::HUP,
    Signal::QUIT,
    Signal::ABORT,
];

/// How far a clock is set, in milliseconds: hours of a time zone, days of a dead battery.
const CLOCKS: [i64; 8] = [
    0,
    -3_600_000,
    0,
    86_400_000,
    -86_400_000,
    3_600_000,
    -20 * 365 * 86_400_000,
    400 * 86_400_000,
];

/// Not a test but the program of the others: editree on a machine whose clock is set every moment.
#[test]
fn an_editree_whose_clock_leaps() {
    let Ok(arguments) = std::env::var(LEAPS) else { return };
    std::thread::spawn(|| {
        let mut random = fastrand::Rng::with_seed(u64::from(std::process::id()));
        loop {
            editree::runtime::set_clock(CLOCKS[random.usize(..CLOCKS.len())]);
            std::thread::sleep(Duration::from_millis(random.u64(20..400)));
        }
    });
    let arguments: Vec<&str> = ["editree"].into_iter().chain(arguments.lines()).collect();
    let code = editree::cli::main_with(&arguments, Sabotage::Nothing);
    std::process::exit(code.into());
}

fn leaping(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let test = "kills::an_editree_whose_clock_leaps";
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env_clear();
    command.env(LEAPS, arguments.join("\n"));
    command
}

fn steady(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.args(arguments).env_clear();
    command
}

struct Scene<'a> {
    service: &'a Service,
    folder: &'a Path,
}

impl Scene<'_> {
    fn start(&self, mut command: Command) -> Child {
        command
            .envs(environment(self.folder))
            .env("FAL_KEY", &self.service.key)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// An edit that is ended at some moment, or comes to its end before.
    fn round(&self, number: u64, leaps: bool, random: &mut fastrand::Rng) {
        let (photo, words) = (photo("coffee.png"), format!("Make it sepia: {number}"));
        let arguments = ["run", "-i", &photo, &words];
        let mut child = self.start(if leaps { leaping(&arguments) } else { steady(&arguments) });
        std::thread::sleep(Duration::from_millis(random.u64(0..1_200)));
        let signal = SIGNALS[random.usize(..SIGNALS.len())];
        if child.try_wait().unwrap().is_none() {
            kill_process(pid(&child), signal).unwrap();
        }
        end(&mut child, &format!("{signal:?} of {words}"));
    }

    /// An edit that stands still for so long at some moment, as a laptop that is shut.
    fn stop(&self, number: u64, still: Duration, random: &mut fastrand::Rng) {
        let (photo, words) = (photo("coffee.png"), format!("Make it sepia: stopped {number}"));
        let mut child = self.start(steady(&["run", "-i", &photo, &words]));
        std::thread::sleep(Duration::from_millis(random.u64(0..600)));
        if child.try_wait().unwrap().is_none() {
            kill_process(pid(&child), Signal::STOP).unwrap();
            std::thread::sleep(still);
            kill_process(pid(&child), Signal::CONT).unwrap();
        }
        end(&mut child, &words);
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed()).unwrap()
}

fn end(child: &mut Child, what: &str) {
    let until = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it does not end: {what}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

/// So many rounds by so many at once, of which `leaps` says whose clock leaps.
fn rounds(processes: u64, leaps: fn(u64) -> bool) {
    let asked = number("EDITREE_KILLS");
    let (rounds, is_long) = (asked.unwrap_or(ROUNDS), asked.is_some());
    let seed = number("EDITREE_SEED").unwrap_or_else(|| fastrand::u64(..));
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    // As with the service itself, a request whose answer was lost is looked for in the account's list.
    service.configure_with_api(folder.path(), "");
    let scene = Scene { service: &service, folder: folder.path() };
    let random = |of: u64| fastrand::Rng::with_seed(seed.wrapping_add(of));
    std::thread::scope(|scope| {
        for process in 0..processes {
            let (scene, mut random) = (&scene, random(process));
            scope.spawn(move || {
                for round in (process..rounds).step_by(processes as usize) {
                    scene.round(round, leaps(round), &mut random);
                }
            });
        }
        // Short ones, and the long one in the middle of all.
        let stops = match (is_long, processes) {
            (true, 2..) => vec![1, 60, 5, 20],
            _ => vec![1],
        };
        for (number, seconds) in (0..).zip(stops) {
            scene.stop(number, Duration::from_secs(seconds), &mut random(100 + number));
        }
    });
    let mut last = scene.start(steady(&["wait", "--all", "--send"]));
    end(&mut last, "wait");
    let story = Story::of(&[&service], folder.path());
    println!("kills: {rounds} rounds by {processes} at once, seed {seed}: {story}");
    story.check();
    assert!(story.few_are_maybe_paid(), "{story}");
}

#[test]
fn five_on_one_store_are_ended_or_stand_still_and_nothing_is_lost_or_doubled() {
    rounds(PROCESSES, |_| false);
}

#[test]
fn clocks_that_are_set_back_and_forth_lose_and_double_nothing() {
    rounds(PROCESSES, |round| round % 2 == 0);
}

#[test]
fn one_alone_is_ended_again_and_again_and_few_requests_are_in_doubt() {
    rounds(1, |_| false);
}

#[test]
fn an_import_that_is_killed_has_kept_whole_pictures_and_goes_on() {
    const PICTURES: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let shots = folder.path().join("shots");
    std::fs::create_dir(&shots).unwrap();
    let whole = image::open(photo("chelsea.png")).unwrap().thumbnail(60, 60).to_rgb8();
    for number in 0..PICTURES {
        let mut picture = whole.clone();
        picture.put_pixel(0, 0, image::Rgb([number as u8, 1, 2]));
        picture.save(shots.join(format!("{number:03}.png"))).unwrap();
    }
    let start = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
        command.arg("--sim").args(arguments).env_clear().envs(environment(folder.path()));
        command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let mut import = start(&["import", "shots"]);
    let mut lines = std::io::BufReader::new(import.stdout.take().unwrap());
    let mut first = String::new();
    std::io::BufRead::read_line(&mut lines, &mut first).unwrap();
    import.kill().unwrap();
    import.wait().unwrap();
    assert!(first.contains("shots/000.png"), "{first}");
    let nodes = |arguments: &[&str]| {
        let output = start(arguments).wait_with_output().unwrap();
        crate::command::json_in(&output)["nodes"].as_array().unwrap().clone()
    };
    let kept = nodes(&["tree", "--json"]);
    assert!((1..PICTURES).contains(&kept.len()), "{} were kept", kept.len());
    for node in &kept {
        let name =
            format!("data/editree/media/{}.png", node["pictures"][0]["hash"].as_str().unwrap());
        assert!(image::open(folder.path().join(&name)).is_ok(), "{name}");
    }
    let again = start(&["import", "shots"]).wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&again.stderr).into_owned();
    let known = kept.len();
    let told = format!("{} imported, {known} already in the tree, 0 failed", PICTURES - known);
    assert!(words.contains(&told), "{words}");
    let all = nodes(&["tree", "--json"]);
    let mut names: Vec<_> = all.iter().map(|node| node["id"].to_string()).collect();
    names.dedup();
    assert_eq!(names.len(), PICTURES);
}
