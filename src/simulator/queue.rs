//! The queue and the direct run: submit, status, its stream, result, cancel.
//!
//! Invariant: a submit does not look at the input; a bad one is accepted and fails later.

#![allow(clippy::indexing_slicing, reason = "a JSON object takes any key that is assigned to it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::fault::Step;
use super::job::Phase;
use super::request::ApiHost;
use super::request::Request;
use super::request::model_input;
use super::responses::{answer, detail, not_found, platform, with_header};
use super::state::ServerState;
use super::worker::{SubmitOptions, enqueue, work};
use super::{apply_fault, python_json, test_endpoints};

/// Between two events of a status stream.
const STREAM_PACE: Duration = Duration::from_millis(200);
/// A stream without an event for so long sends a comment, so that nothing in between gives it up.
/// Whatever the speed: boxes in between have clocks of their own.
const PING: Duration = Duration::from_secs(15);

/// What a path below the queue names.
enum Target {
    Submit(String),
    Status(String),
    Stream(String),
    Result(String),
    Cancel(String),
}

fn target(path: &str) -> Target {
    let Some((endpoint, rest)) = path.split_once("/requests/") else {
        return Target::Submit(path.trim_end_matches('/').to_owned());
    };
    let _ = endpoint;
    let (id, action) = rest.split_once('/').unwrap_or((rest, ""));
    let id = id.to_owned();
    match action.trim_end_matches('/') {
        "status" => Target::Status(id),
        "status/stream" => Target::Stream(id),
        "cancel" => Target::Cancel(id),
        _ => Target::Result(id),
    }
}

pub(super) async fn serve(server: &Arc<ServerState>, request: &Request) -> Response {
    let (step, wanted) = match target(&request.path) {
        Target::Submit(_) => (Step::Submit, Method::POST),
        Target::Status(_) | Target::Stream(_) => (Step::Status, Method::GET),
        Target::Result(_) => (Step::Result, Method::GET),
        Target::Cancel(_) => (Step::Cancel, Method::PUT),
    };
    if request.method != wanted {
        return detail(405, "Method Not Allowed");
    }
    let fault = server.take_fault(step);
    if let Some(response) = apply_fault::before(server, fault).await {
        return response;
    }
    let response = match target(&request.path) {
        Target::Submit(endpoint) => submit(server, request, &endpoint),
        Target::Status(id) => status(server, request, &id),
        Target::Stream(id) => stream(server, request, &id),
        Target::Result(id) => result(server, &id),
        Target::Cancel(id) => cancel(server, &id),
    };
    apply_fault::after(server, fault, response).await
}

fn submit(server: &Arc<ServerState>, request: &Request, endpoint: &str) -> Response {
    let Some(endpoint) = server.catalogue.endpoints().find(|known| known.id == endpoint) else {
        return detail(404, &format!("Application \"{endpoint}\" not found"));
    };
    let input = match model_input(request) {
        Ok(input) => input,
        Err(refusal) => return refusal,
    };
    let waiting = server.state().waiting();
    let most = request.parameter("fal_max_queue_length").and_then(|most| most.parse().ok());
    if most.is_some_and(|most: usize| waiting >= most) {
        return detail(429, "The queue is longer than fal_max_queue_length");
    }
    let input = if request.api_host == ApiHost::Gateway { without_zeros(input) } else { input };
    let options = SubmitOptions::of(server, request);
    let id = enqueue(server, endpoint, input, &options);
    let start = options.start_within;
    tokio::spawn(work(
        Arc::clone(server),
        id.clone(),
        endpoint.clone(),
        request.cdn.clone(),
        start,
    ));
    let mut body = addresses(request, &id);
    body["status"] = "IN_QUEUE".into();
    body["logs"] = Value::Null;
    body["metrics"] = json!({});
    body["queue_position"] = server.place(&id).into();
    with_header(answer(200, &body), "x-fal-request-id", &id)
}

/// A gateway's page gives zeros where the service wants at least one; there they mean nothing.
fn without_zeros(mut input: Value) -> Value {
    if let Some(fields) = input.as_object_mut() {
        fields.retain(|name, value| {
            !(["num_images", "guidance_scale"].contains(&name.as_str()) && value == 0)
        });
    }
    input
}

/// Everything after the submit names owner and alias only, whatever the endpoint was.
fn addresses(request: &Request, id: &str) -> Value {
    let mut segments = request.path.split('/');
    let short: Vec<&str> = segments.by_ref().take(2).collect();
    let place = match request.api_host {
        // As the page of a gateway shows: another host, and not even the same name.
        ApiHost::Gateway => format!("https://queue.fal.run/fal-ai/flux-1/requests/{id}"),
        _ => format!("{}/{}/requests/{id}", request.root, short.join("/")),
    };
    json!({ "status": "", "request_id": id, "response_url": place,
        "status_url": format!("{place}/status"), "cancel_url": format!("{place}/cancel") })
}

fn wants_logs(request: &Request) -> bool {
    request
        .parameter("logs")
        .is_some_and(|logs| matches!(logs.to_lowercase().as_str(), "1" | "true"))
}

fn status(server: &ServerState, request: &Request, id: &str) -> Response {
    match status_body(server, request, id, 0) {
        Some((code, body)) => with_header(answer(code, &body), "x-fal-request-id", id),
        None => not_found(),
    }
}

/// HTTP status and body; logs from the one after `told`.
fn status_body(
    server: &ServerState,
    request: &Request,
    id: &str,
    told: usize,
) -> Option<(u16, Value)> {
    let place = server.place(id);
    let state = server.state();
    let job = state.jobs.get(id)?;
    let mut body = addresses(request, id);
    let logs: Value = match wants_logs(request) {
        true => job.logs.get(told..).unwrap_or_default().to_vec().into(),
        false => Value::Null,
    };
    let (code, word) = match &job.phase {
        Phase::Queued => (202, "IN_QUEUE"),
        Phase::Running => (202, "IN_PROGRESS"),
        Phase::Done(_) | Phase::Failed(..) | Phase::Cancelled => (200, "COMPLETED"),
    };
    body["status"] = word.into();
    body["logs"] = logs;
    match &job.phase {
        Phase::Queued => body["queue_position"] = place.into(),
        Phase::Failed(_, error) => {
            body["error"] = "the request failed".into();
            body["error_type"] = error.get("error_type").cloned().unwrap_or("bad_request".into());
        }
        Phase::Cancelled => {
            body["error"] = "cancelled".into();
            body["error_type"] = "client_cancelled".into();
        }
        Phase::Running | Phase::Done(_) => {}
    }
    body["metrics"] = match job.inference {
        Some(seconds) => json!({ "inference_time": seconds }),
        None => json!({}),
    };
    Some((code, body))
}

/// Events until it is completed: new log lines only, one event a write.
fn stream(server: &Arc<ServerState>, request: &Request, id: &str) -> Response {
    if !server.state().jobs.contains_key(id) {
        return not_found();
    }
    let (sender, receiver) =
        tokio::sync::mpsc::channel::<Result<Vec<u8>, std::convert::Infallible>>(4);
    let (server, id) = (Arc::clone(server), id.to_owned());
    let request = Request {
        api_host: ApiHost::Queue,
        root: request.root.clone(),
        cdn: request.cdn.clone(),
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    tokio::spawn(async move {
        let (mut told, mut last, mut spoken) = (0, Value::Null, Instant::now());
        while let Some((code, body)) = status_body(&server, &request, &id, told) {
            told += body.get("logs").and_then(Value::as_array).map_or(0, Vec::len);
            let words = match body != last {
                true => Some(event(&body)),
                false => (spoken.elapsed() >= PING).then(|| b": ping\n\n".to_vec()),
            };
            if let Some(words) = words {
                spoken = Instant::now();
                if sender.send(Ok(words)).await.is_err() {
                    return;
                }
            }
            last = body;
            if code == 200 {
                return;
            }
            server.pass(STREAM_PACE).await;
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        Some((receiver.recv().await?, receiver))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let mime = HeaderValue::from_static("text/event-stream; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, mime);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    with_header(response, "x-accel-buffering", "no")
}

/// ASCII only: a client that decodes every chunk by itself must not meet half a letter.
fn event(body: &Value) -> Vec<u8> {
    let mut text = String::from("data: ");
    for c in python_json::written(body).chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text.push_str("\n\n");
    text.into_bytes()
}

fn result(server: &ServerState, id: &str) -> Response {
    let mut state = server.state();
    let Some(job) = state.jobs.get_mut(id) else {
        return not_found();
    };
    if job.forgotten_at.is_some_and(|until| Instant::now() >= until) {
        return not_found();
    }
    let response = match &job.phase {
        Phase::Queued | Phase::Running => return detail(400, "Request is still in progress"),
        Phase::Done(output) => {
            let units = job.charged.to_string();
            with_header(answer(200, output), "x-fal-billable-units", &units)
        }
        Phase::Failed(code, body) => {
            let timed_out = *code == 504;
            let response = with_header(answer(*code, body), "x-fal-billable-units", "0");
            if timed_out {
                with_header(response, "x-fal-request-timeout-type", "user")
            } else {
                response
            }
        }
        Phase::Cancelled => platform(499, "client_cancelled", "Request was cancelled"),
    };
    job.result_reads += 1;
    with_header(response, "x-fal-request-id", id)
}

fn cancel(server: &ServerState, id: &str) -> Response {
    let mut state = server.state();
    let Some(job) = state.jobs.get(id) else {
        return not_found();
    };
    if job.phase.is_over() {
        return answer(400, &json!({ "status": "ALREADY_COMPLETED" }));
    }
    state.set_phase(id, Phase::Cancelled);
    answer(202, &json!({ "status": "CANCELLATION_REQUESTED" }))
}

/// Run and answer in one call.
pub(super) async fn run(server: &Arc<ServerState>, request: &Request) -> Response {
    if request.method != Method::POST {
        return detail(405, "Method Not Allowed");
    }
    let path = request.path.trim_end_matches('/');
    if path == test_endpoints::WORDS {
        return test_endpoints::words();
    }
    let Some(endpoint) = server.catalogue.endpoints().find(|known| known.id == path) else {
        return detail(404, &format!("Application \"{path}\" not found"));
    };
    let input = match model_input(request) {
        Ok(input) => input,
        Err(refusal) => return refusal,
    };
    let fault = server.take_fault(Step::Submit);
    if let Some(response) = apply_fault::before(server, fault).await {
        return response;
    }
    let id = enqueue(server, endpoint, input, &SubmitOptions::of(server, request));
    work(Arc::clone(server), id.clone(), endpoint.clone(), request.cdn.clone(), None).await;
    apply_fault::after(server, fault, result(server, &id)).await
}
