//! From "completed on the server" to "downloaded" and "durable", CPU time and requests per job.
//!
//! `cargo bench --bench wire` runs 200 jobs, 20 at a time, against a stage of its own on loopback:
//! the queue's protocol, a ready-made picture, no painting, and a clock at the moment of completion,
//! which no client can see. Each way is a process of its own: editree by the status stream and by
//! polling, and, where `tests/official/bench` has installed them, the service's Python client and
//! its JavaScript client polling and streaming, all in their defaults. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use editree::fal::Client;
use editree::fal::handle::Handle;
use editree::fal::profile::{Auth, Hosts, Key, Settings};
use editree::fal::submit_options::SubmitOptions;
use editree::store::media::Media;
use editree::store::{Options, Store};
use editree::tree::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

const JOBS: usize = 200;
const AT_ONCE: usize = 20;
const ENDPOINT: &str = "fal-ai/flux-pro/kontext";
/// A result of the usual size; each job's has its own last bytes, so that none is kept already.
const PICTURE: &[u8] = include_bytes!("../tests/photos/rocket.jpg");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only asks whether it starts.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let executor = tokio::runtime::Runtime::new().unwrap();
    match arguments.iter().position(|argument| argument == "--client") {
        Some(at) => executor.block_on(client(arguments[at + 1] == "stream", &arguments[at + 2])),
        None => executor.block_on(compare()),
    }
    executor.shutdown_background();
}

async fn compare() {
    println!("{JOBS} jobs, {AT_ONCE} at a time, {} bytes each, loopback", PICTURE.len());
    println!("milliseconds after completion on the server; requests are all, the picture's too\n");
    println!("{:22} {:>29} {:>29} {:>9} {:>9}", "", "downloaded", "durable", "requests", "CPU ms");
    println!(
        "{:22} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "way", "median", "p99", "max", "median", "p99", "max", "per job", "per job"
    );
    let mut medians = BTreeMap::new();
    for (name, command) in ways() {
        let outcome = run(command).await;
        medians.insert(name, outcome.downloaded[JOBS / 2]);
        let row = [&outcome.downloaded, &outcome.durable].map(|times| match times.as_slice() {
            [] => format!("{:>9} {:>9} {:>9}", "", "", ""),
            times => format!(
                "{:>9.1} {:>9.1} {:>9.1}",
                times[JOBS / 2],
                times[JOBS * 99 / 100],
                times[JOBS - 1]
            ),
        });
        let (requests, cpu) = (outcome.requests, outcome.cpu);
        println!("{name:22} {} {} {requests:>9.2} {cpu:>9.1}", row[0], row[1]);
    }
    println!();
    for (name, median) in &medians {
        if *name != OURS {
            println!("median, editree stream : {name:20} {:.3}", medians[OURS] / median);
        }
    }
    if medians.len() < 3 {
        println!("SKIPPED: the official clients; `tests/official/bench` installs them");
    }
}

const OURS: &str = "editree stream";

/// Every client there is, and how it is started; the stage's address comes behind.
fn ways() -> Vec<(&'static str, Vec<String>)> {
    let own = std::env::current_exe().unwrap().display().to_string();
    let ours = |way: &str| vec![own.clone(), "--client".into(), way.into()];
    let mut ways = vec![(OURS, ours("stream")), ("editree polling", ours("polling"))];
    if let Ok(place) = std::env::var("EDITREE_OFFICIAL") {
        let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/official");
        let python = vec![format!("{place}/venv/bin/python"), format!("{scripts}/wire.py")];
        let node = |mode: &str| vec!["node".into(), format!("{place}/js/wire.mjs"), mode.into()];
        ways.push(("Python", python));
        ways.push(("JavaScript polling", node("polling")));
        ways.push(("JavaScript streaming", node("streaming")));
    }
    ways
}

struct Outcome {
    /// Sorted, in milliseconds; the official clients keep nothing.
    downloaded: Vec<f64>,
    durable: Vec<f64>,
    requests: f64,
    cpu: f64,
}

/// One client from its first line to its last: `{"id", "downloaded", "durable"}` for each job, with
/// times of the machine's clock in milliseconds, and `{"cpu"}` in milliseconds at the end.
async fn run(command: Vec<String>) -> Outcome {
    let stage = Stage::start().await;
    let mut child = Command::new(&command[0]);
    child.args(&command[1..]).arg(&stage.base).stderr(Stdio::inherit());
    child.env("BASE", &stage.base).env("FAL_KEY", "id:secret");
    child.env("JOBS", JOBS.to_string()).env("AT_ONCE", AT_ONCE.to_string());
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{command:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let since = |name: &str| {
        let mut times: Vec<f64> = lines
            .iter()
            .filter_map(|line| Some(line[name].as_f64()? - stage.completed(line["id"].as_str()?)))
            .collect();
        times.sort_by(f64::total_cmp);
        times
    };
    let (downloaded, durable) = (since("downloaded"), since("durable"));
    assert_eq!(downloaded.len(), JOBS, "{command:?}");
    let requests = stage.requests.load(Ordering::SeqCst) as f64 / JOBS as f64;
    let cpu = lines.iter().find_map(|line| line["cpu"].as_f64()).unwrap() / JOBS as f64;
    Outcome { downloaded, durable, requests, cpu }
}

/// editree's own client as a process of its own.
async fn client(streams: bool, base: &str) {
    let hosts = Hosts::under(&base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new("id:secret").unwrap()));
    settings.stream = streams;
    let client = Client::new(settings).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        project: "main".into(),
        simulated: true,
        day_start: Timestamp(0),
        now: Timestamp(0),
        take_over_orphans: false,
        with_page: true,
        log_days: 90,
    };
    let (store, _) = Store::open(folder.path(), options).unwrap();
    let mut busy = JoinSet::new();
    let mut left = 0..JOBS;
    loop {
        while busy.len() < AT_ONCE && left.next().is_some() {
            busy.spawn(one(client.clone(), store.media()));
        }
        let Some(ended) = busy.join_next().await else { break };
        println!("{}", ended.unwrap());
    }
    // In hundredths of a second, behind the name, which may hold blanks.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2);
    let ticks: f64 = fields.map(|field| field.parse::<f64>().unwrap()).sum();
    println!("{}", json!({ "cpu": ticks * 10.0 }));
}

/// One job from submit to disk.
async fn one(client: Client, media: Media) -> Value {
    let body = json!({"prompt": "a cat"});
    let submitted = client.submit(ENDPOINT, &body, &SubmitOptions::default()).await.unwrap();
    let handle: Handle = submitted.handle;
    client.follow(&handle, |_| ()).await.unwrap();
    let answer = client.result(&handle).await.unwrap();
    let url = answer.body["images"][0]["url"].as_str().unwrap().to_owned();
    let bytes = client.download_bytes(&url, &Default::default()).await.unwrap();
    let downloaded = now();
    tokio::task::spawn_blocking(move || media.write(&bytes).unwrap()).await.unwrap();
    json!({ "id": handle.request_id, "downloaded": downloaded, "durable": now() })
}

/// The machine's clock, which all processes share, in milliseconds.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}

/// The queue's protocol for one port; everything happens by the clock, nothing is looked at.
struct Stage {
    base: String,
    requests: AtomicUsize,
    jobs: Mutex<HashMap<String, Job>>,
}

struct Job {
    phase: watch::Receiver<Phase>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Queued,
    Running,
    /// At this time of the machine's clock, in milliseconds.
    Completed(f64),
}

impl Stage {
    async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (requests, jobs) = (AtomicUsize::new(0), Mutex::default());
        let stage = Arc::new(Self { base, requests, jobs });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&stage));
        tokio::spawn(async move { axum::serve(listener, router).await });
        stage
    }

    fn phase(&self, id: &str) -> watch::Receiver<Phase> {
        self.jobs.lock().unwrap()[id].phase.clone()
    }

    fn completed(&self, id: &str) -> f64 {
        match *self.phase(id).borrow() {
            Phase::Completed(at) => at,
            Phase::Queued | Phase::Running => panic!("fetched before it was made"),
        }
    }

    /// Queued for a moment, then between one and two seconds of work, by the number of the job.
    fn submit(&self) -> Response {
        let id = uuid::Uuid::new_v4().to_string();
        let mut jobs = self.jobs.lock().unwrap();
        let work = Duration::from_millis(1_000 + (jobs.len() as u64 * 137) % 1_000);
        let (tell, phase) = watch::channel(Phase::Queued);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(120)).await;
            tell.send_replace(Phase::Running);
            tokio::time::sleep(work).await;
            tell.send_replace(Phase::Completed(now()));
            tell.closed().await;
        });
        jobs.insert(id.clone(), Job { phase });
        answer(StatusCode::OK, &self.status(&id, Phase::Queued))
    }

    fn status(&self, id: &str, phase: Phase) -> Value {
        let base = format!("{}/_queue/fal-ai/flux-pro/requests/{id}", self.base);
        let mut body = json!({"request_id": id, "response_url": base, "logs": null,
            "status_url": format!("{base}/status"), "cancel_url": format!("{base}/cancel")});
        body["status"] = match phase {
            Phase::Queued => "IN_QUEUE".into(),
            Phase::Running => "IN_PROGRESS".into(),
            Phase::Completed(_) => "COMPLETED".into(),
        };
        if phase == Phase::Queued {
            body["queue_position"] = 0.into();
        }
        body
    }

    /// An event for each change, the moment it happens.
    fn stream(self: Arc<Self>, id: String) -> Response {
        let mut phase = self.phase(&id);
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let now = *phase.borrow_and_update();
                let event = format!("data: {}\n\n", self.status(&id, now));
                let sent = tell.send(Ok::<_, std::io::Error>(event));
                let over = matches!(now, Phase::Completed(_));
                if sent.is_err() || over || phase.changed().await.is_err() {
                    break;
                }
            }
        });
        let body = futures_util::stream::unfold(told, |mut told| async {
            Some((told.recv().await?, told))
        });
        let mime = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")];
        (mime, Body::from_stream(body)).into_response()
    }
}

async fn serve(
    State(stage): State<Arc<Stage>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    stage.requests.fetch_add(1, Ordering::SeqCst);
    // The JavaScript client comes through what it takes for a proxy.
    let target = headers.get("x-fal-target-url").and_then(|target| target.to_str().ok());
    let target: Option<Uri> = target.and_then(|target| target.parse().ok());
    let path = target.as_ref().unwrap_or(&uri).path().to_owned();
    if let Some(name) = path.strip_prefix("/_cdn/files/") {
        let bytes = [PICTURE, name.as_bytes()].concat();
        return ([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response();
    }
    let Some((_, rest)) = path.split_once("/requests/") else {
        assert_eq!(method, Method::POST);
        return stage.submit();
    };
    let (id, action) = rest.split_once('/').unwrap_or((rest, ""));
    let phase = *stage.phase(id).borrow();
    match action {
        "status/stream" => stage.stream(id.to_owned()),
        "status" => {
            let done = matches!(phase, Phase::Completed(_));
            let code = if done { StatusCode::OK } else { StatusCode::ACCEPTED };
            answer(code, &stage.status(id, phase))
        }
        _ => {
            let url = format!("{}/_cdn/files/{id}.jpg", stage.base);
            answer(StatusCode::OK, &json!({"images": [{"url": url}], "seed": 1}))
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mime = [(header::CONTENT_TYPE, "application/json")];
    (status, mime, body.to_string()).into_response()
}
