//! A request from its acceptance to its end: a slot, the runner, the model, the bill.
//!
//! Knows no routes. Invariant: a request is charged when its pictures are made, and only then.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fault::{After, Before, Step, What};
use super::hook::Hook;
use super::job::{Job, Keep, Phase};
use super::request::Request;
use super::state::ServerState;
use super::validate::validate;
use super::webhook;
use super::{inputs, paint, storage};
use crate::schema::price::{Quote, Size};
use crate::schema::{Endpoint, Price, Usd};
use crate::simulator::python_json;

/// Usual times at speed 1.
const SCHEDULING: Duration = Duration::from_millis(350);
const INFERENCE: Duration = Duration::from_millis(850);
/// As often the platform runs a queued request whose runner fails, by its page on retries.
const RUNS: u32 = 10;
/// How long a result can be read whose payloads are not stored.
const FORGOTTEN: Duration = Duration::from_secs(6 * 60);

/// What a submit asks for beside its input.
#[derive(Clone, Debug, Default)]
pub(super) struct SubmitOptions {
    /// Who is to be told of its end.
    hook: Option<Hook>,
    /// The platform runs it again when its runner fails.
    retries: bool,
    /// How its pictures are kept.
    keep: Keep,
    /// Payloads are not stored: its result is forgotten soon.
    unstored: bool,
    /// It must have begun by then.
    pub(super) start_within: Option<Duration>,
}

impl SubmitOptions {
    pub(super) fn of(server: &ServerState, request: &Request) -> Self {
        let is_set = |name: &str, words: &[&str]| {
            let word = request.header(name).unwrap_or_default().to_ascii_lowercase();
            words.contains(&word.as_str())
        };
        let start = request.header("x-fal-request-start-timeout");
        let start = start.or(request.header("x-fal-request-timeout"));
        let seconds = start.and_then(|seconds| seconds.parse::<f32>().ok());
        let wish = request.header("x-fal-object-lifecycle-preference");
        Self {
            hook: request.parameter("fal_webhook").map(Hook::new),
            retries: !is_set("x-fal-no-retry", &["1", "true", "yes"]),
            keep: Keep {
                bucket: request.header("x-app-fal-upload-policy").map(storage::policy),
                ..storage::keep(server, wish)
            },
            unstored: is_set("x-fal-store-io", &["0"]),
            start_within: seconds.map(|seconds| Duration::from_secs_f32(seconds.max(0.0))),
        }
    }
}

/// Accepts the request; whether its input is any good is seen when it runs.
pub(super) fn enqueue(
    server: &ServerState,
    endpoint: &Endpoint,
    input: Value,
    options: &SubmitOptions,
) -> String {
    let id = uuid::Uuid::new_v4().to_string();
    let job = Job {
        hook: options.hook.clone(),
        retries: options.retries,
        keep: options.keep.clone(),
        unstored: options.unstored,
        ..Job::queued(endpoint.id.clone(), input)
    };
    server.state().accept(&id, job);
    id
}

/// Waits for a slot, takes its time, paints.
pub(super) async fn work(
    server: Arc<ServerState>,
    id: String,
    endpoint: Endpoint,
    cdn: String,
    start_within: Option<Duration>,
) {
    let slot = Arc::clone(&server.slots).acquire_owned();
    let slot = match start_within {
        Some(time) => match tokio::time::timeout(time, slot).await {
            Ok(slot) => slot,
            Err(_) => {
                let body = json!({ "detail": "Request timed out before it was started",
                    "error_type": "request_timeout" });
                return finish(&server, &id, Phase::Failed(504, body));
            }
        },
        None => slot.await,
    };
    server.pass(SCHEDULING).await;
    let input = {
        let mut state = server.state();
        let Some(job) = state.jobs.get(&id).filter(|job| job.phase == Phase::Queued) else {
            return;
        };
        let input = job.input.clone();
        state.set_phase(&id, Phase::Running);
        input
    };
    server.log(&id, &format!("simulator: started {}", endpoint.id));
    let began = std::time::Instant::now();
    server.pass(INFERENCE).await;
    let mut phase = infer_or_fail(&server, &id, &endpoint, &input, &cdn).await;
    for _ in 1..RUNS {
        // What the runner did not bring about is tried again by the platform itself.
        let retries = server.state().jobs.get(&id).is_some_and(|job| job.retries);
        if !retries || !matches!(phase, Phase::Failed(503 | 504, _)) {
            break;
        }
        server.log(&id, "simulator: the runner failed; the request is queued again");
        server.set_phase(&id, Phase::Queued);
        server.pass(SCHEDULING).await;
        server.set_phase(&id, Phase::Running);
        phase = infer_or_fail(&server, &id, &endpoint, &input, &cdn).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    if let Some(job) = server.state().jobs.get_mut(&id) {
        job.inference = Some(seconds);
    }
    server.log(&id, &format!("simulator: finished in {seconds:.2} s"));
    finish(&server, &id, phase);
    drop(slot);
}

/// The model at work, unless a fault is dialled for it.
async fn infer_or_fail(
    server: &Arc<ServerState>,
    id: &str,
    endpoint: &Endpoint,
    input: &Value,
    cdn: &str,
) -> Phase {
    let internal = || Phase::Failed(500, json!({ "detail": "Internal Server Error" }));
    match server.take_fault(Step::Run) {
        Some(What::Before(Before::Answer(status))) => {
            return Phase::Failed(status, json!({ "detail": "a fault set in the simulator" }));
        }
        Some(What::Before(Before::Delay(time))) => tokio::time::sleep(time).await,
        Some(What::Before(Before::Hold) | What::After(After::Mute)) => server.hold().await,
        Some(What::Before(Before::Stall)) => std::future::pending().await,
        Some(What::Filter) => return infer(server, id, endpoint, input, cdn, true).await,
        Some(_) => return internal(),
        None => {}
    }
    infer(server, id, endpoint, input, cdn, false).await
}

/// What is charged for pictures that were made.
struct Bill {
    units: f64,
    cost: Option<Usd>,
}

impl Bill {
    /// By the endpoint's formula, from the sizes that were really sent and made; where it says
    /// nothing, pictures or megapixels are counted.
    fn of(
        endpoint: &Endpoint,
        input: &Map<String, Value>,
        made: Size,
        (sent, count): (&[Size], usize),
    ) -> Self {
        let values = input.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let by_unit = || {
            let price = Price { formula: None, ..endpoint.price.clone()? };
            let plain = Endpoint { price: Some(price), ..endpoint.clone() };
            plain.units(&values, made, sent)
        };
        let units = endpoint.units(&values, made, sent).or_else(by_unit).unwrap_or(count as f64);
        let each = endpoint.price.as_ref().and_then(|price| price.each);
        let rate = Quote { unit_price: each, ..Quote::default() };
        Self { units, cost: rate.billed(Some(units)) }
    }
}

fn finish(server: &Arc<ServerState>, id: &str, phase: Phase) {
    // By the service's page on retention: an answer of the usual size whose payloads are not stored
    // is gone after six minutes.
    let until = server.after(FORGOTTEN);
    if let Some(job) = server.state().jobs.get_mut(id).filter(|job| job.unstored) {
        job.forgotten_at = Some(until);
    }
    server.set_phase(id, phase);
    webhook::deliver(server, id);
}

/// Checks, paints, charges.
async fn infer(
    server: &Arc<ServerState>,
    id: &str,
    endpoint: &Endpoint,
    input: &Value,
    cdn: &str,
    filtered: bool,
) -> Phase {
    let keep = server.state().jobs.get(id).map(|job| job.keep.clone()).unwrap_or_default();
    if let Some(Err(wrong)) = &keep.bucket {
        let text = format!("Invalid x-app-fal-upload-policy header: {wrong}");
        return Phase::Failed(422, json!({ "detail": text }));
    }
    let input = match validate(endpoint, input) {
        Ok(input) => input,
        Err(wrong) => return Phase::Failed(422, json!({ "detail": wrong })),
    };
    let pictures = match inputs::load(server, endpoint, &input) {
        Ok(pictures) => pictures,
        Err(wrong) => return Phase::Failed(422, json!({ "detail": [wrong] })),
    };
    let artifacts = server.state().artifacts;
    let sent: Vec<Size> = pictures.iter().map(|picture| Some(picture.dimensions())).collect();
    let paint_request =
        paint::PaintRequest::read(endpoint, &input, pictures, artifacts).filtered(filtered);
    let painted = tokio::task::spawn_blocking(move || paint::paint(&paint_request)).await;
    let Ok(painted) = painted else {
        return Phase::Failed(500, json!({ "detail": "Internal Server Error" }));
    };
    for line in &painted.log {
        server.log(id, line);
    }
    let made = painted.pictures.first().map(|first| (first.width, first.height));
    let bill = Bill::of(endpoint, &input, made, (&sent, painted.pictures.len()));
    let cdn = if keep.bucket.is_some() { cdn.replace("/_cdn", "/_bucket") } else { cdn.to_owned() };
    let in_body = input.get("sync_mode").and_then(Value::as_bool).unwrap_or(false);
    let images: Vec<Value> = painted
        .pictures
        .into_iter()
        .map(|picture| image(server, picture, (!in_body).then_some((cdn.as_str(), &keep))))
        .collect();
    let mut state = server.state();
    let billed = bill.cost.map(|cost| state.account.discounted(cost));
    state.account.charge(bill.cost.unwrap_or_default());
    if let Some(job) = state.jobs.get_mut(id) {
        (job.charged, job.cost, job.billed) = (bill.units, bill.cost, billed);
        job.truth = Some(painted.truth);
    }
    drop(state);
    let nsfw = vec![painted.nsfw; images.len()];
    let prompt = input.get("prompt").cloned().unwrap_or_default();
    // As it was sent, whatever its sign.
    let seed = input.get("seed").map_or_else(|| painted.seed.into(), python_json::echo);
    let answer = json!({ "images": images, "timings": { "inference": painted.seconds },
        "seed": seed, "has_nsfw_concepts": nsfw, "description": "", "prompt": prompt });
    Phase::Done(told(endpoint, answer))
}

/// A picture as an answer names it: in the storage for so long, or whole.
fn image(server: &ServerState, picture: paint::Painted, kept: Option<(&str, &Keep)>) -> Value {
    let mime = picture.mime;
    let (width, height) = (picture.width, picture.height);
    let url = match kept {
        Some((cdn, keep)) => {
            let ending = if mime == "image/png" { "png" } else { "jpg" };
            let name = server.keep_file(&format!("output.{ending}"), mime, picture.bytes, keep);
            format!("{cdn}/files/{name}")
        }
        None => {
            format!("data:{mime};base64,{}", base64_simd::STANDARD.encode_to_string(&picture.bytes))
        }
    };
    json!({ "url": url, "width": width, "height": height, "content_type": mime })
}

/// Each endpoint answers with its own fields only: some tell no seed.
fn told(endpoint: &Endpoint, mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        let is_told = |name: &str| endpoint.output.iter().any(|field| field.name == name);
        fields.retain(|name, _| name == "images" || is_told(name));
    }
    answer
}
