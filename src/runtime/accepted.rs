//! Every answer at every step, for a moment and for a day, by a clock that the test moves: whatever
//! the world does to an accepted request, its pictures come, it is sent once and counted once; and one
//! whose answer was lost is settled by asking, either way.
//!
//! Real store, client and simulator; only the time is the test's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Private;
use super::Runtime;
use super::client::Provider;
use super::uploads::Uploads;
use crate::app::action::{Action, QueueAction};
use crate::app::draft::{Choice, Draft, Owner};
use crate::app::job::{Job, State};
use crate::app::message::Message;
use crate::app::model::{Model, Start};
use crate::app::money::Spent;
use crate::app::session::Profile;
use crate::app::update;
use crate::fal::Client;
use crate::fal::profile::{Auth, Hosts, Key, Limits, Settings};
use crate::fal::submit_options::SubmitOptions;
use crate::schema::{Catalogue, Endpoint, Price, Usd};
use crate::simulator::{self, Running};
use crate::store::{Options, Store};
use crate::tree::Timestamp;

/// Serves small pictures, so that a thousand cells are painted in seconds.
const ENDPOINT: &str = include_str!("../simulator/test_endpoints/fast-sdxl.json");
const EACH: Usd = Usd(40_000);
const PICTURES: usize = 4;
const STEPS: [&str; 7] =
    ["submit", "status", "result", "download+0", "download+1", "download+2", "download+3"];
/// How long the world is not well, in milliseconds; the first is one call.
const SPELLS: [i64; 4] = [0, 10_000, 3_600_000, 86_400_000];
const ANSWERS: [&str; 61] = [
    "301", "302", "303", "307", "308", "near", "redirect", "400", "401", "402", "403", "404",
    "405", "406", "408", "409", "410", "411", "412", "413", "414", "415", "416", "417", "422",
    "423", "424", "425", "426", "428", "429", "431", "451", "499", "500", "501", "502", "503",
    "504", "505", "507", "511", "520", "522", "525", "529", "page=200", "page=401", "page=403",
    "page=404", "page=503", "key", "account", "early", "empty", "garble", "cut", "gzip", "packed",
    "wrap", "mistype",
];
/// What takes its time, or breaks the line: for one call each.
const SLOW: [&str; 6] = ["drop", "lose", "short", "drip", "stall", "bomb"];

/// Nothing takes so long; what does is stuck.
const LONGEST: Duration = Duration::from_secs(120);

/// One store, one simulator and one model; the cells of an answer one after another.
struct World {
    _folder: tempfile::TempDir,
    simulator: Running,
    model: Model,
    runtime: Runtime,
}

impl World {
    async fn new(patience: Duration) -> Self {
        let settings = simulator::Settings { speed: 1_000.0, ..simulator::Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        simulator.inject("habits:off").unwrap();
        // In memory where that can be had: a disk that is waited for proves nothing here.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let now = Timestamp(1_000_000);
        let options = Options {
            project: "main".into(),
            simulated: false,
            day_start: Timestamp(0),
            now,
            take_over_orphans: true,
            with_page: true,
            log_days: 90,
        };
        let (store, opening) = Store::open(folder.path(), options).unwrap();
        let mut runtime = Runtime::new(store.clone(), "me@here".into(), Private::Dropped);
        runtime.add_provider("test", Arc::new(provider(&simulator, &store, patience)));
        let price = Price {
            each: Some(EACH),
            unit: "images".into(),
            read_on: "2026-11-28".into(),
            source: "the test".into(),
            ..Price::default()
        };
        let endpoint: Endpoint = serde_json::from_str(ENDPOINT).unwrap();
        let endpoint = Endpoint { price: Some(price), ..endpoint };
        let profile = Profile {
            name: "test".into(),
            simulated: false,
            host: "127.0.0.1".into(),
            consented: true,
            limit: Some(4),
            others: Vec::new(),
        };
        let model = Model::new(Start {
            owner: Owner::Command,
            now,
            utc_offset_ms: 0,
            profile,
            catalogue: Catalogue::builtin().with(endpoint),
            project: "main".into(),
            snippets: Vec::new(),
            translates: false,
            spent: Spent { day_ends: Timestamp(i64::MAX), ..Spent::default() },
            results_kept_ms: 7 * 86_400_000,
            draft: Draft::default(),
            nodes: Vec::new(),
            jobs: Vec::new(),
            decisions: opening.decisions,
            log: Vec::new(),
            prompts: Vec::new(),
            current: None,
        });
        Self { _folder: folder, simulator, model, runtime }
    }

    fn step(&mut self, message: Message) {
        for effect in update(&mut self.model, message) {
            self.runtime.perform(effect);
        }
    }

    fn submits(&self) -> Vec<Value> {
        self.simulator.ledger()["submits"].as_array().cloned().unwrap_or_default()
    }

    fn job(&self) -> Option<&Job> {
        self.model.jobs.values().next_back().filter(|_| self.model.queue.saving.is_empty())
    }

    /// When the job is tried again, if nothing happens until then.
    fn pause(&self) -> Option<Timestamp> {
        let job = self.job()?;
        let rests = job.durable && !job.work.is_active;
        job.work.retry_at.filter(|_| rests)
    }

    /// Sends one request and goes on until its job ends, or nothing more comes of it.
    async fn cell(&mut self, step: &str, answer: &str, spell: i64) -> String {
        let before = (self.submits().len(), self.model.money.spent.session, self.model.jobs.len());
        self.simulator.inject("off").unwrap();
        let (step, after) = step.split_once('+').unwrap_or((step, "0"));
        let times = if spell == 0 { "*1" } else { "" };
        self.simulator.inject(&format!("{step}:{answer}{times}+{after}")).unwrap();
        self.model.draft = Draft {
            prompt: "a house".into(),
            choice: Choice::Fixed("fal-ai/fast-sdxl".into()),
            values: [
                ("num_images".to_owned(), json!(PICTURES)),
                ("image_size".to_owned(), json!({ "width": 64, "height": 64 })),
            ]
            .into(),
            ..Draft::default()
        };
        self.step(Message::Action(Action::Queue(QueueAction::Run)));
        if self.model.money.confirmation.is_some() {
            self.step(Message::Action(Action::Queue(QueueAction::Answer(true))));
        }
        let well_at = self.model.now.0 + spell;
        loop {
            if self.model.jobs.len() > before.2 {
                if self.job().is_some_and(is_over) {
                    break;
                }
                if let Some(at) = self.pause() {
                    self.pass(self.model.now.0.max(at.0), well_at);
                    self.step(Message::Tick);
                    continue;
                }
            }
            let next = tokio::time::timeout(LONGEST, self.runtime.next()).await;
            let Ok(message) = next else {
                panic!("{step}:{answer} for {spell} ms: nothing comes of {:?}", self.job());
            };
            // Time passes also while the client asks again by itself and no pause is made.
            self.pass(self.model.now.0 + spell / 100, well_at);
            self.step(message);
            self.check_count(before.1, before.2);
        }
        self.outcome(step, before.0, before.1)
    }

    /// It is so late; when the spell is over, the world is well again.
    fn pass(&mut self, now: i64, well_at: i64) {
        let is_over = (self.model.now.0..=now).contains(&well_at) && now > self.model.now.0;
        self.model.now = Timestamp(now);
        if is_over {
            self.simulator.inject("off").unwrap();
        }
    }

    /// From the moment it is accepted it counts, and never twice.
    fn check_count(&self, before: Usd, jobs: usize) {
        let Some(job) = self.job().filter(|_| self.model.jobs.len() > jobs) else {
            return;
        };
        let counted = self.model.money.spent.session.0 - before.0;
        let full = EACH.0 * PICTURES as i64;
        if job.state.is_accepted() {
            assert_eq!(counted, full, "{:?} {:?}", job.state, job.why);
        } else {
            assert!(counted == 0 || counted == full, "{counted}: {:?}", job.state);
        }
    }

    /// How it ended; `""` as it should.
    fn outcome(&self, step: &str, sent: usize, spent: Usd) -> String {
        let submits = self.submits().len() - sent;
        let job = self.job().unwrap();
        let counted = self.model.money.spent.session.0 - spent.0;
        let charged: f64 =
            self.submits().iter().skip(sent).filter_map(|submit| submit["charged"].as_f64()).sum();
        let node = self.model.nodes.get(&job.node);
        let pictures = node
            .map_or(0, |node| node.pictures.iter().filter(|picture| picture.is_picture()).count());
        let is_whole = job.state == State::Done
            && pictures == PICTURES
            && submits == 1
            && counted == (charged * EACH.0 as f64) as i64;
        // It never arrived, and that is certain.
        let is_leaving = step == "submit";
        let is_unsent = is_leaving && submits == 0 && counted == 0 && job.handle.is_none();
        let is_settled = job.state != State::Unknown;
        if is_whole || is_unsent && is_settled {
            return String::new();
        }
        format!(
            "{:?} {:?}, {pictures} pictures, sent {submits}, counted {counted}, charged {charged}",
            job.state, job.why
        )
    }
}

fn is_over(job: &Job) -> bool {
    job.durable && (job.state.is_final() || matches!(job.state, State::Held(_)))
}

fn provider(simulator: &Running, store: &Store, patience: Duration) -> Provider {
    let hosts = Hosts::under(&simulator.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(&simulator.key).unwrap()));
    settings.pace = 10_000.0;
    settings.limits = Limits {
        answer: patience,
        idle: patience,
        // A stream that falls silent is left for a look; nothing is lost by it.
        stream_idle: Duration::from_secs(2),
        json_bytes: 1 << 20,
        ..Limits::default()
    };
    let client = Client::new(settings).unwrap();
    let media = store.media();
    let uploads = Uploads::new(client.clone(), media.clone(), true, None, Private::Dropped);
    Provider {
        client,
        media,
        uploads,
        keys: None,
        // Behind it, what is not listed was never there.
        options: SubmitOptions {
            start_timeout: Some(Duration::from_secs(20)),
            ..SubmitOptions::default()
        },
        simulator: None,
    }
}

/// The cells that did not end as they should.
async fn row((answer, spells, patience): Row) -> Vec<String> {
    let mut world = World::new(patience).await;
    let mut wrong = Vec::new();
    for step in STEPS {
        // Bytes that are not a page are kept as a file.
        if answer == "wrap" && step.starts_with("download") {
            continue;
        }
        for spell in spells.iter().copied().filter(|spell| is_run(*spell)) {
            let outcome = world.cell(step, answer, spell).await;
            if spell == *spells.last().unwrap_or(&0) && spell > 0 {
                eprintln!("{step}:{answer}: tried for all spells");
            }
            if !outcome.is_empty() {
                wrong.push(format!("{step}:{answer} for {} s: {outcome}", spell / 1_000));
            }
        }
    }
    wrong
}

/// One call of each cell; `EDITREE_CELLS=all` runs the longer spells too.
fn is_run(spell: i64) -> bool {
    spell == 0 || std::env::var_os("EDITREE_CELLS").is_some()
}

/// What is answered, for how long, and how long the client waits for an answer.
type Row = (&'static str, &'static [i64], Duration);

async fn table(rows: &[Row]) {
    let places = Arc::new(Semaphore::new(4));
    let mut running = JoinSet::new();
    for wanted in rows.iter().copied() {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            row(wanted).await
        });
    }
    let wrong: Vec<String> = running.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} cells:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_answered_at_any_step_an_accepted_request_brings_its_pictures() {
    let patient = Duration::from_secs(600);
    let rows: Vec<_> = ANSWERS.iter().map(|answer| (*answer, &SPELLS[..], patient)).collect();
    table(&rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_breaks_or_stalls_at_any_step_loses_nothing() {
    let rows: Vec<_> = SLOW
        .iter()
        .map(|answer| {
            // Only what never answers is not waited for.
            let patience = if *answer == "stall" { 1 } else { 600 };
            (*answer, &SPELLS[..1], Duration::from_secs(patience))
        })
        .collect();
    table(&rows).await;
}
