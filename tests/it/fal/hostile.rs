//! Answers of the service that nobody has sent, changed by chance: each call ends, in a value or in
//! words that a terminal can show, and a paid one is sent once.
//!
//! As many as `crate::hostile` asks for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use editree::fal::Client;
use editree::fal::error::Error;
use editree::fal::profile::Settings;
use serde_json::json;

use super::server::{KEY, Request, Server, json as whole, ticket, with};
use crate::hostile::{cases, texts};
use crate::support::spoilt::spoilt;

const ENDPOINT: &str = "fal-ai/flux-pro/kontext";

/// What is answered now.
#[derive(Clone, Debug, Default)]
struct Case {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
}

/// A stream as the service writes it.
const STREAM: &str = ": ping\n\ndata: {\"status\":\"IN_QUEUE\",\"queue_position\":3}\n\n\
    event: x\ndata: {\"status\":\"IN_PROGRESS\",\"logs\":[{\"message\":\"a\",\"level\":\"INFO\",\
    \"timestamp\":\"2026-11-29T00:00:00Z\"}],\"gateway_request_id\":\"g2\"}\n\n\
    data: {\"status\":\"COMPLETED\",\"metrics\":{\"inference_time\":3.7},\"error\":\"x\",\
    \"error_type\":\"y\"}\n\n";

fn seeds() -> Vec<Vec<u8>> {
    let status = r#"{"status":"IN_PROGRESS","queue_position":2,"logs":[{"message":"a ü","level":"ERROR"}],"metrics":{"inference_time":1.5}}"#;
    let error = r#"{"detail":[{"loc":["body","image_urls",0],"msg":"Field required","type":"missing","ctx":{"a":1}}],"error_type":"client_cancelled"}"#;
    let result = r#"{"images":[{"url":"https://v3.fal.media/files/a/b.png","width":1024,"height":768,"content_type":"image/png"}],"timings":{"inference":2.5},"seed":18446744073709551615,"has_nsfw_concepts":[false],"prompt":"x"}"#;
    let account = r#"{"items":[{"request_id":"r1","endpoint_id":"fal-ai/flux-pro/kontext","sent_at":"2026-11-29T00:00:00Z","status_code":200,"json_input":{"prompt":"x"},"json_output":{"images":[]}}],"next_cursor":"c2","billing_events":[{"request_id":"r1","cost_total":0.04}],"credits":{"current_balance":12.5,"currency":"USD"},"prices":[{"endpoint_id":"fal-ai/flux-pro/kontext","unit_price":0.04,"unit":"image","currency":"USD"}],"models":[{"endpoint_id":"x/y","metadata":{"display_name":"X","category":"image-to-image","description":"d"}}],"has_more":true}"#;
    texts(&[
        status,
        error,
        result,
        account,
        STREAM,
        "{\"detail\":\"x\"}",
        &ticket("https://queue.fal.run"),
    ])
}

fn settings(server: &Server) -> Settings {
    let mut settings = server.settings();
    settings.stream = true;
    settings.pace = 100_000.0;
    settings.hosts.api = Some(server.url());
    settings
}

/// Words that may be shown, without the key and of a bearable length.
fn check(error: &Error) {
    let fields = error.fields.iter().map(|field| &field.message);
    for text in [&error.message].into_iter().chain(&error.error_type).chain(fields) {
        assert!(text.chars().count() <= 2_001, "{} letters", text.chars().count());
        assert!(!text.contains(KEY), "{text:?}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}

/// Every call of the client, one after the other; `paid` counts what costs.
async fn all(client: &Client, server: &Server, status: u16, paid: &AtomicUsize) {
    let body = json!({ "prompt": "x" });
    let sent = paid.load(Ordering::SeqCst);
    let submitted = client.submit(ENDPOINT, &body, &Default::default()).await;
    let sent = paid.load(Ordering::SeqCst) - sent;
    // Only what was surely refused may be sent again.
    assert!(sent == 1 || matches!(status, 409 | 429 | 503), "a paid request left {sent} times");
    submitted.map(drop).unwrap_or_else(|error| check(&error));
    let handle = server.handle();
    let names = [ENDPOINT.to_owned(), "r1".to_owned()];
    let ends = [
        client.follow(&handle, drop).await.err(),
        client.status(&handle, true).await.err(),
        client.result(&handle).await.err(),
        client.cancel(&handle).await.err(),
        client.records(&names[..1], "2026-11-28").await.err(),
        client.bills(&names[1..]).await.err(),
        client.balance().await.err(),
        client.prices(&names[..1]).await.err(),
        client.find_models("x").await.err(),
        client.model_document(ENDPOINT).await.err(),
        client.upload(b"x".to_vec(), "a.png", "image/png", |_, _| ()).await.err(),
    ];
    ends.iter().flatten().for_each(check);
}

#[tokio::test]
async fn answers_of_the_service() {
    let now = Arc::new(Mutex::new(Case::default()));
    let (script, paid) = (Arc::clone(&now), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&paid);
    let server = Server::start(move |request: &Request, before| {
        let case = script.lock().unwrap().clone();
        if request.method == "POST" && request.path.ends_with(ENDPOINT) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        // What is denied or unreadable is asked for again: sooner or later it is over.
        let is_stream = request.path.contains("/stream");
        if request.path.contains("/status") && !is_stream && before % 3 == 2 {
            return whole(200, r#"{"status":"COMPLETED"}"#);
        }
        let kind = if is_stream { "text/event-stream" } else { case.kind };
        with(case.status, &[("content-type", kind), ("x-fal-request-id", "r1")], &case.body)
    });
    let client = Client::new(settings(&server)).unwrap();
    let (seeds, seed) = (seeds(), fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let count = cases() / 10;
    for number in 0..count {
        let statuses = [200, 200, 200, 201, 202, 400, 403, 404, 409, 413, 422, 429, 500, 503];
        let case = Case {
            status: statuses[random.usize(..statuses.len())],
            kind: ["application/json", "text/html", "image/png", ""][random.usize(..4)],
            body: spoilt(&seeds[random.usize(..seeds.len())], &mut random),
        };
        *now.lock().unwrap() = case.clone();
        let told = format!("answers: seed {seed}, case {number}: {case:?}");
        let told = Told(&told);
        let ended = tokio::time::timeout(
            Duration::from_secs(60),
            all(&client, &server, case.status, &paid),
        );
        ended.await.expect("it ends");
        std::mem::forget(told);
    }
    println!("answers: {count} cases of each call, seed {seed}");
}

/// Says at a panic what it was about.
struct Told<'a>(&'a str);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}
