//! Any keys, any answers, any endings, in any order: nothing panics, and what must hold holds after
//! each step; what is drawn is looked at after every few.
//!
//! Short by default; `EDITREE_CHAOS=1000000 cargo test --profile long --test it chaos -- --nocapture`
//! takes as many steps. A failure names the seed, which `EDITREE_SEED` takes, and what came last.

mod ends;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crossterm::event::{Event as Key, KeyCode, KeyEvent, KeyModifiers};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use editree::app::effect::{Effect, PictureEffect, ServiceEffect, StoreEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::job::answer::{CancelAnswer, Sent, Settled};
use editree::app::job::{JobId, State};
use editree::app::log::Level;
use editree::app::message::{PictureResult, ServiceResult, StoreResult, TaskEvent, TaskResult};
use editree::app::notice::{Notice, Tone};
use editree::schema::Usd;

use crate::support::driver::{self, Driver};

const STEPS: u64 = 1_500;
/// A life of the program.
const LIFE: u64 = 300;
/// A frame is looked at after so many steps, and drawn twice after so many frames.
const LOOK: u64 = 4;
const TWICE: u64 = 4;
/// Of a life that failed is told.
const TOLD: usize = 12;

const TEXTS: [&str; 16] = [
    "Make it red",
    "{red|green|blue} hat",
    "a {1..30} cm hat",
    "{a|{b|c}",
    "\u{1b}[2J\u{202e}x",
    "漢字 👨‍👩‍👧‍👦 e\u{301}",
    "\n\n\n",
    "<thing> and <colour>",
    "10,20,30,40: a hat",
    ":w /nowhere/{n}-{prompt}.png",
    "/photos/*.png",
    "'/tmp/a b.png' file:///x.jpg",
    "star:yes seed:7 before:2020-01-01",
    "keep",
    "word",
    "0",
];

const KINDS: [FailureKind; 20] = [
    FailureKind::Validation,
    FailureKind::Policy,
    FailureKind::Auth,
    FailureKind::Permission,
    FailureKind::Account,
    FailureKind::NotFound,
    FailureKind::Early,
    FailureKind::Busy,
    FailureKind::Deadline,
    FailureKind::Cancelled,
    FailureKind::Service,
    FailureKind::Gone,
    FailureKind::Network,
    FailureKind::Unknown,
    FailureKind::NotPaid,
    FailureKind::Protocol,
    FailureKind::Picture,
    FailureKind::Store,
    FailureKind::Elsewhere,
    FailureKind::Bug,
];

/// One life, and what is known of it from outside.
struct Life {
    driver: Driver,
    random: fastrand::Rng,
    open: Vec<Effect>,
    sends: BTreeMap<JobId, u32>,
    /// Back in the line: surely not received, or released by the person.
    returns: BTreeMap<JobId, u32>,
    durable: BTreeMap<JobId, State>,
    ended: BTreeMap<JobId, State>,
    size: (u16, u16),
    /// What came last, for a life that is lived again to be told.
    told: Option<VecDeque<String>>,
}

fn choose<T: Clone>(random: &mut fastrand::Rng, from: &[T]) -> T {
    from[random.usize(..from.len())].clone()
}

impl Life {
    fn new(seed: u64, is_told: bool) -> Self {
        let mut driver = Driver::new(100, 30);
        driver.is_strange = true;
        driver.is_blind = true;
        Self {
            driver,
            random: fastrand::Rng::with_seed(seed),
            open: Vec::new(),
            sends: BTreeMap::new(),
            returns: BTreeMap::new(),
            durable: BTreeMap::new(),
            ended: BTreeMap::new(),
            size: (100, 30),
            told: is_told.then(VecDeque::new),
        }
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        let Some(told) = &mut self.told else { return };
        told.push_back(what());
        if told.len() > TOLD {
            told.pop_front();
        }
    }

    fn key(&mut self) -> Key {
        const LETTERS: &str = "abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \
                               $*/?:=-_+.,<>{}|[]()'\"\\ü漢";
        let random = &mut self.random;
        let letters: Vec<char> = LETTERS.chars().collect();
        let special = [
            KeyCode::Enter,
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::F(1),
        ];
        let modifiers = [
            KeyModifiers::NONE,
            KeyModifiers::NONE,
            KeyModifiers::NONE,
            KeyModifiers::NONE,
            KeyModifiers::ALT,
            KeyModifiers::CONTROL,
            KeyModifiers::SHIFT,
        ];
        let code = match random.u8(0..4) {
            0 => choose(random, &special),
            _ => KeyCode::Char(choose(random, &letters)),
        };
        match (code, choose(random, &modifiers)) {
            // Whoever leaves tries nothing more.
            (KeyCode::Char('c'), KeyModifiers::CONTROL) => self.key(),
            (code, modifiers) => Key::Key(KeyEvent::new(code, modifiers)),
        }
    }

    fn mouse(&mut self) -> Key {
        let (random, (columns, rows)) = (&mut self.random, self.size);
        let kinds = [
            MouseEventKind::Down(MouseButton::Left),
            MouseEventKind::Drag(MouseButton::Left),
            MouseEventKind::Up(MouseButton::Left),
            MouseEventKind::Down(MouseButton::Right),
            MouseEventKind::ScrollUp,
            MouseEventKind::ScrollDown,
            MouseEventKind::Moved,
        ];
        Key::Mouse(MouseEvent {
            kind: choose(random, &kinds),
            column: random.u16(0..=columns + 2),
            row: random.u16(0..=rows + 2),
            modifiers: KeyModifiers::NONE,
        })
    }

    fn failure(&mut self) -> Failure {
        let kind = choose(&mut self.random, &KINDS);
        let text = choose(&mut self.random, &TEXTS);
        let mut failure = Failure::new(kind, text);
        failure.ends = self.random.u8(0..6) == 0;
        failure
    }

    /// One thing that a person, a task, a service or the time does.
    fn step(&mut self) {
        match self.random.u8(0..30) {
            0..9 => {
                let keys: Vec<Key> = (0..self.random.usize(1..5)).map(|_| self.key()).collect();
                self.send(keys);
            }
            9 => {
                let text = choose(&mut self.random, &TEXTS);
                self.send(vec![Key::Paste(text.to_owned())]);
            }
            10 => {
                let mouse = self.mouse();
                self.send(vec![mouse]);
            }
            11 => self.resize(),
            12 | 13 => {
                let milliseconds = choose(&mut self.random, &[10, 400, 1_000, 30_000, 86_400_000]);
                self.tell(|| format!("tick {milliseconds}"));
                self.driver.tick(milliseconds);
                self.driver.rest();
            }
            16 | 17 => {
                // Chance alone seldom gets as far as to a request.
                let text = choose(&mut self.random, &TEXTS[..4]);
                let yes = if self.random.bool() { "y" } else { "" };
                let keys = format!("<Esc><Esc><Esc>i<C-e><C-u>{text}<Enter>{yes}");
                self.tell(|| keys.clone());
                self.driver.press(&keys);
            }
            14 => self.event(),
            15 => {
                let focus = choose(&mut self.random, &[Key::FocusGained, Key::FocusLost]);
                self.send(vec![focus]);
            }
            _ => {
                for _ in 0..self.random.usize(1..6) {
                    self.answer();
                    self.check();
                }
            }
        }
    }

    fn send(&mut self, keys: Vec<Key>) {
        self.tell(|| format!("{keys:?}"));
        self.driver.send(keys);
    }

    fn resize(&mut self) {
        let size = match self.random.u8(0..4) {
            0 => (self.random.u16(0..30), self.random.u16(0..12)),
            _ => (self.random.u16(60..180), self.random.u16(16..50)),
        };
        self.tell(|| format!("resize {size:?}"));
        self.size = size;
        self.driver.resize(size.0, size.1);
    }

    fn some_job(&mut self) -> JobId {
        let jobs: Vec<JobId> = self.driver.model().jobs.keys().copied().collect();
        if jobs.is_empty() { JobId(2) } else { choose(&mut self.random, &jobs) }
    }

    fn event(&mut self) {
        let (job, text) = (self.some_job(), choose(&mut self.random, &TEXTS).to_owned());
        let event = match self.random.u8(0..9) {
            0 => TaskEvent::Status { job, state: State::Queued(Some(self.random.u32(0..9))) },
            1 => TaskEvent::Status { job, state: State::Running },
            2 => TaskEvent::ServerLog { job, level: Level::Info, text },
            3 => TaskEvent::Progress { job, done: self.random.u64(..), all: self.random.u64(0..9) },
            4 => TaskEvent::Waiting { job, why: text },
            5 => TaskEvent::StoreChanged,
            6 => TaskEvent::EditedPrompt(text),
            7 => TaskEvent::Translated { from: self.driver.model().draft.prompt.clone(), to: text },
            _ => TaskEvent::Notice(Notice::new(Tone::Warning, text)),
        };
        self.tell(|| format!("{event:?}"));
        self.driver.event(event);
    }

    /// One of the tasks that are under way ends: mostly as it should.
    fn answer(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut at = match self.random.bool() {
            true => 0,
            false => self.random.usize(..self.open.len()),
        };
        // Writes end in their order; the others as they like.
        let is_write = |effect: &Effect| matches!(effect, Effect::Store(_));
        if is_write(&self.open[at]) {
            at = self.open.iter().position(is_write).unwrap();
        }
        let effect = self.open.remove(at);
        let failure = self.failure();
        let result = match self.random.u8(0..20) {
            // A lost write is made again: the store alone decides.
            0 => (!matches!(effect, Effect::Store(_))).then(|| TaskResult::Lost(failure)),
            1..4 => ends::spoilt(&effect, failure, self.random.bool()),
            _ => None,
        };
        let result = match result {
            Some(result) => Some(result),
            None => self.other(&effect).or_else(|| self.driver.answer(effect.clone())),
        };
        self.tell(|| format!("{effect:?} → {result:?}"));
        let Some(result) = result else { return };
        if let TaskResult::Store(StoreResult::Moved { job, to, result: Ok(()) }) = &result {
            self.durable.insert(*job, to.clone());
        }
        self.driver.finish_task(ends::key(&effect), result);
    }

    /// Good answers that the driver leaves to the test.
    fn other(&mut self, effect: &Effect) -> Option<TaskResult> {
        let random = &mut self.random;
        Some(match effect {
            Effect::Service(ServiceEffect::Settle { job, .. }) => {
                let sent = Sent::Accepted { handle: driver::handle(*job), state: State::Running };
                let settled = match random.bool() {
                    true => Settled::Found(Box::new(sent)),
                    false => Settled::Absent { deadline_ms: Some(20_000) },
                };
                TaskResult::Service(ServiceResult::Settled { job: *job, result: Ok(settled) })
            }
            Effect::Service(ServiceEffect::CancelRemote { job, .. }) => {
                let answers = [
                    CancelAnswer::Removed,
                    CancelAnswer::Requested,
                    CancelAnswer::TooLate,
                    CancelAnswer::NotFound,
                ];
                let answer = Ok(choose(random, &answers));
                TaskResult::Service(ServiceResult::CancelAsked { job: *job, answer })
            }
            Effect::Service(ServiceEffect::LoadBalance { .. }) => {
                TaskResult::Service(ServiceResult::Balance(Ok(Some(Usd(random.i64(..))))))
            }
            Effect::Store(StoreEffect::LoadNodes(ids)) => {
                let nodes = ids.iter().map(|id| driver::root(id.0, "late")).collect();
                TaskResult::Store(StoreResult::Nodes(Ok(nodes)))
            }
            Effect::Store(StoreEffect::Search { text, .. }) => {
                let nodes = Ok(vec![driver::root(1, "cat.png")]);
                TaskResult::Store(StoreResult::Found { text: text.clone(), nodes })
            }
            Effect::Picture(PictureEffect::OpenFiles { purpose, .. }) => {
                let node = driver::root(random.u32(500..600), "opened.png");
                let files = vec![Ok(node)];
                TaskResult::Picture(PictureResult::Opened { files, purpose: *purpose })
            }
            _ => return None,
        })
    }

    /// What must hold whatever has happened.
    fn check(&mut self) {
        for effect in std::mem::take(&mut self.driver.effects) {
            match &effect {
                Effect::Service(ServiceEffect::Send { job, .. }) => {
                    let sends = self.sends.entry(*job).or_default();
                    *sends += 1;
                    let returns = self.returns.get(job).copied().unwrap_or(0);
                    assert!(*sends <= 1 + returns, "{job}: {sends} times sent, {returns} back");
                    let durable = self.durable.get(job);
                    assert_eq!(durable, Some(&State::Sending), "{job} leaves before it is durable");
                }
                Effect::Store(StoreEffect::SetJobState { job, to: State::Saved, .. }) => {
                    *self.returns.entry(*job).or_default() += 1;
                }
                _ => {}
            }
            self.open.push(effect);
        }
        for (id, job) in self.driver.model().jobs.iter().filter(|(_, job)| job.state.is_final()) {
            match self.ended.get(id) {
                Some(was) => assert_eq!(&job.state, was, "{id} had ended"),
                None => drop(self.ended.insert(*id, job.state.clone())),
            }
        }
    }

    fn look(&mut self, is_twice: bool) {
        let frame = self.driver.frame();
        assert_eq!(frame.broken, Vec::<&str>::new(), "a part cannot be drawn");
        if is_twice {
            assert_eq!(frame, self.driver.frame(), "drawing changes something");
        }
        let area = frame.cells.area;
        for placement in &frame.placements {
            let is_inside = area.intersection(placement.area) == placement.area;
            assert!(is_inside && placement.area.bottom() < area.bottom(), "{placement:?} {area}");
        }
        let steers = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        let is_steered = frame.cells.content().iter().any(|cell| cell.symbol().contains(steers));
        assert!(!is_steered, "{}", self.driver.screen());
    }

    /// To its end. How many steps it took.
    fn live(&mut self) -> u64 {
        for step in 1..=LIFE {
            self.step();
            self.check();
            if step % LOOK == 0 {
                self.look(step % (LOOK * TWICE) == 0);
            }
            if self.driver.model().session.exit.is_some() {
                return step;
            }
        }
        LIFE
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

/// Steps and requests of one life, which is told if it fails.
fn lived(seed: u64) -> (u64, u32) {
    let mut life = Life::new(seed, false);
    let ended = catch_unwind(AssertUnwindSafe(|| life.live()));
    ended.map_or_else(|_| told(seed), |steps| (steps, life.sends.values().sum()))
}

/// The same again, as far as it went.
fn told(seed: u64) -> ! {
    let mut life = Life::new(seed, true);
    let again = catch_unwind(AssertUnwindSafe(|| life.live()));
    println!("EDITREE_SEED={seed}, the last steps:");
    life.told.iter().flatten().for_each(|step| println!("  {step}"));
    match again {
        Err(panic) => resume_unwind(panic),
        Ok(_) => panic!("the life of seed {seed} ended otherwise when it was lived again"),
    }
}

#[test]
fn whatever_is_pressed_and_answered_nothing_panics_and_what_must_hold_holds() {
    let wanted = number("EDITREE_CHAOS").unwrap_or(STEPS);
    let first = number("EDITREE_SEED").unwrap_or_else(|| fastrand::u64(..));
    let (mut steps, mut sent, mut lives) = (0, 0, 0);
    while steps < wanted {
        let (more, requests) = lived(first.wrapping_add(lives));
        (steps, sent, lives) = (steps + more, sent + u64::from(requests), lives + 1);
        if lives % 1_000 == 0 {
            println!("{steps} steps, {sent} requests sent");
        }
    }
    println!("{steps} steps in {lives} lives from seed {first}, {sent} requests sent");
    assert!(sent > 0, "nothing was tried");
}
