//! From "completed on the server" to "downloaded" and "durable", and requests per job.
//!
//! `cargo bench --bench wire` runs 200 jobs, 20 at a time, against a stage of its own on loopback:
//! the queue's protocol, a ready-made picture, no painting, and a clock at the moment of completion,
//! which no client can see. Three ways in the same run: the status stream, polling at our pace, and,
//! as the floor, a watcher that is told the moment itself; differences of tenths of a millisecond
//! between these are noise. Judges nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use editree::fal::Client;
use editree::fal::handle::Handle;
use editree::fal::profile::{Auth, Hosts, Key, Settings};
use editree::fal::submit::SubmitOptions;
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
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let executor = tokio::runtime::Runtime::new().unwrap();
    executor.block_on(compare());
    executor.shutdown_background();
}

async fn compare() {
    println!("{JOBS} jobs, {AT_ONCE} at a time, {} bytes each, loopback", PICTURE.len());
    println!("milliseconds after completion on the server; requests are all, the picture's too\n");
    println!("{:8} {:>29} {:>29} {:>9}", "", "downloaded", "durable", "requests");
    println!(
        "{:8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "way", "median", "p99", "max", "median", "p99", "max", "per job"
    );
    // The first jobs of a process pay for what is set up once, whichever way they go.
    run(Way::Stream, AT_ONCE).await;
    let mut medians = HashMap::new();
    for way in [Way::Floor, Way::Stream, Way::Polling] {
        let outcome = run(way, JOBS).await;
        medians.insert(format!("{way:?}"), outcome.downloaded[JOBS / 2]);
        let row = [&outcome.downloaded, &outcome.durable].map(|times| {
            format!(
                "{:>9.1} {:>9.1} {:>9.1}",
                times[JOBS / 2],
                times[JOBS * 99 / 100],
                times[JOBS - 1]
            )
        });
        println!("{:8} {} {} {:>9.2}", format!("{way:?}"), row[0], row[1], outcome.requests);
    }
    let ratio = |way: &str, other: &str| medians[way] / medians[other];
    println!("\nmedian to downloaded, stream : floor    {:.2}", ratio("Stream", "Floor"));
    println!("median to downloaded, polling : stream  {:.0}", ratio("Polling", "Stream"));
}

/// How a client hears of the completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Told by the stage itself.
    Floor,
    Stream,
    Polling,
}

struct Outcome {
    /// Sorted, in milliseconds.
    downloaded: Vec<f64>,
    durable: Vec<f64>,
    requests: f64,
}

async fn run(way: Way, jobs: usize) -> Outcome {
    let stage = Stage::start().await;
    let hosts = Hosts::beneath(&stage.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new("id:secret").unwrap()));
    settings.stream = way != Way::Polling;
    let client = Client::new(settings).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        project: "main".into(),
        simulated: true,
        day_start: Timestamp(0),
        now: Timestamp(0),
        adopt: false,
    };
    let (store, _) = Store::open(folder.path(), options).unwrap();
    let (mut downloaded, mut durable) = (Vec::new(), Vec::new());
    let mut busy = JoinSet::new();
    let mut left = 0..jobs;
    loop {
        while busy.len() < AT_ONCE && left.next().is_some() {
            busy.spawn(one(way, client.clone(), Arc::clone(&stage), store.media()));
        }
        let Some(ended) = busy.join_next().await else { break };
        let (to_bytes, to_disk) = ended.unwrap();
        downloaded.push(to_bytes.as_secs_f64() * 1000.0);
        durable.push(to_disk.as_secs_f64() * 1000.0);
    }
    downloaded.sort_by(f64::total_cmp);
    durable.sort_by(f64::total_cmp);
    let requests = stage.requests.load(Ordering::SeqCst) as f64 / jobs as f64;
    Outcome { downloaded, durable, requests }
}

/// One job from submit to disk: how long after its completion its bytes were here, and durable.
async fn one(way: Way, client: Client, stage: Arc<Stage>, media: Media) -> (Duration, Duration) {
    let body = json!({"prompt": "a cat"});
    let submitted = client.submit(ENDPOINT, &body, &SubmitOptions::default()).await.unwrap();
    let handle: Handle = submitted.handle;
    match way {
        Way::Floor => stage.wait(&handle.request_id).await,
        Way::Stream | Way::Polling => {
            client.follow(&handle, |_| ()).await.unwrap();
        }
    }
    let answer = client.result(&handle).await.unwrap();
    let url = answer.body["images"][0]["url"].as_str().unwrap().to_owned();
    let bytes = client.download_bytes(&url, &Default::default()).await.unwrap();
    let completed = stage.completed(&handle.request_id);
    let to_bytes = completed.elapsed();
    tokio::task::spawn_blocking(move || media.write(&bytes).unwrap()).await.unwrap();
    (to_bytes, completed.elapsed())
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
    Completed(Instant),
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

    async fn wait(&self, id: &str) {
        let done = |phase: &Phase| matches!(phase, Phase::Completed(_));
        self.phase(id).wait_for(done).await.unwrap();
    }

    fn completed(&self, id: &str) -> Instant {
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
            tell.send_replace(Phase::Completed(Instant::now()));
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
        let body = tokio_stream::wrappers::UnboundedReceiverStream::new(told);
        let mime = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")];
        (mime, Body::from_stream(body)).into_response()
    }
}

async fn serve(State(stage): State<Arc<Stage>>, method: Method, uri: Uri) -> Response {
    stage.requests.fetch_add(1, Ordering::SeqCst);
    let path = uri.path().to_owned();
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
