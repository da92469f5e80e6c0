//! Submitting: what is sent, what comes back, and that nothing is paid twice.

use std::sync::Arc;
use std::time::Duration;

use editree::fal::Client;
use editree::fal::download::DownloadLimits;
use editree::fal::error::{Billed, Kind, Step};
use editree::fal::profile::Auth;
use editree::fal::status::State;
use editree::fal::submit_options::{Gate, Priority, SubmitOptions};
use serde_json::json;

use super::server::{Act, KEY, Server, deserted, head, json as answer, ticket, with};

const ENDPOINT: &str = "fal-ai/flux-pro/kontext/max/multi";

#[tokio::test]
async fn a_submit_sends_the_bare_input_and_brings_a_handle() {
    let server = Server::start(|request, _| {
        let host = format!("http://{}/_queue", request.header("host").unwrap());
        answer(200, &ticket(&host))
    });
    let body = json!({"prompt": "a cat", "seed": 7});
    let submitted =
        server.client().submit(ENDPOINT, &body, &SubmitOptions::default()).await.unwrap();
    assert_eq!(submitted.status.state, State::Queued { position: Some(2) });
    assert_eq!(submitted.handle, server.handle());
    assert_eq!(submitted.raw["queue_position"], 2);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].path, format!("/_queue/{ENDPOINT}"));
    assert_eq!(seen[0].json(), body);
    assert_eq!(seen[0].header("authorization"), Some(format!("Key {KEY}").as_str()));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    let agent = concat!("editree/", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent));
    assert_eq!(seen[0].header("x-fal-queue-priority"), None);
}

#[tokio::test]
async fn a_body_goes_when_its_gate_lets_it_and_behind_a_closed_one_nothing_is_sent() {
    let server = Server::start(|request, _| {
        let host = format!("http://{}/_queue", request.header("host").unwrap());
        answer(200, &ticket(&host))
    });
    let body = json!({"prompt": "a cat", "seed": 7});
    let (client, options) = (server.client(), SubmitOptions::default());
    let open: Gate = Arc::new(|| Box::pin(std::future::ready(true)));
    client.submit_through(Some(open), ENDPOINT, &body, &options, |_| ()).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].json()), (1, body.clone()));
    assert_eq!(seen[0].header("content-length"), Some(body.to_string().len().to_string().as_str()));
    let shut: Gate = Arc::new(|| Box::pin(std::future::ready(false)));
    let refused = client.submit_through(Some(shut), ENDPOINT, &body, &options, |_| ()).await;
    let error = refused.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Network, Billed::No), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn options_become_headers_and_query() {
    let server = Server::start(|_, _| answer(200, &ticket("https://x.example")));
    let options = SubmitOptions {
        start_timeout: Some(Duration::from_secs(30)),
        priority: Some(Priority::Low),
        hint: Some("warm".to_owned()),
        webhook: Some("https://me.example/hook?a=1&b=2".parse().unwrap()),
        store_io: Some(false),
        max_queue_length: Some(9),
        private: true,
        keep_media: Some(Duration::from_secs(3_600)),
        no_retry: true,
        no_fallback: true,
        tags: vec![("team".into(), "posters".into()), ("run".into(), "7 b".into())],
    };
    server.client().submit(ENDPOINT, &json!({}), &options).await.unwrap();
    let seen = &server.seen()[0];
    let wanted = [
        ("x-fal-request-timeout", "30.0"),
        ("x-fal-request-start-timeout", "30.0"),
        ("x-fal-queue-priority", "low"),
        ("x-fal-tags", "team=posters,run=7 b"),
        ("x-fal-runner-hint", "warm"),
        ("x-fal-store-io", "0"),
        (
            "x-fal-object-lifecycle-preference",
            r#"{"expiration_duration_seconds":3600,"initial_acl":{"default":"forbid"}}"#,
        ),
        ("x-fal-no-retry", "1"),
        ("x-app-fal-disable-fallback", "true"),
    ];
    for (name, value) in wanted {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
    let query =
        "?fal_webhook=https%3A%2F%2Fme.example%2Fhook%3Fa%3D1%26b%3D2&fal_max_queue_length=9";
    assert!(seen.path.ends_with(query), "{}", seen.path);
}

#[tokio::test]
async fn a_bad_wish_is_refused_before_anything_is_sent() {
    let server = Server::start(|_, _| answer(200, "{}"));
    let client = server.client();
    let short =
        SubmitOptions { start_timeout: Some(Duration::from_secs(1)), ..SubmitOptions::default() };
    let split = SubmitOptions { hint: Some("a\r\nx: y".to_owned()), ..SubmitOptions::default() };
    for (endpoint, options) in
        [(ENDPOINT, &short), (ENDPOINT, &split), ("flux", &SubmitOptions::default())]
    {
        let error = client.submit(endpoint, &json!({}), options).await.unwrap_err();
        assert_eq!((error.kind, error.billed), (Kind::Refused, Billed::No), "{error}");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_request_that_runs_at_once_is_understood() {
    let server = Server::start(|_, _| {
        answer(200, r#"{"status":"IN_PROGRESS","request_id":"r1","gateway_request_id":"g1"}"#)
    });
    let submitted =
        server.client().submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap();
    assert_eq!(submitted.status.state, State::Running);
    assert_eq!(submitted.handle.gateway_request_id.as_deref(), Some("g1"));
    assert_eq!(submitted.handle.status_url, server.handle().status_url);
}

#[tokio::test]
async fn foreign_addresses_are_asked_for_at_home() {
    let server = Server::start(|request, _| match request.method.as_str() {
        "POST" => answer(200, &ticket("https://queue.fal.run").replace("flux-pro", "flux-1")),
        _ => answer(200, r#"{"status":"COMPLETED","logs":null}"#),
    });
    let mut settings = server.settings();
    settings.gateway = true;
    settings.auth = Auth::Bearer;
    let client = Client::new(settings).unwrap();
    let submitted = client.submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap();
    client.status(&submitted.handle, true).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].path, format!("/_run/{ENDPOINT}"));
    assert_eq!(seen[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(seen[1].path, "/_queue/fal-ai/flux-1/requests/r1/status?logs=1");
}

#[tokio::test]
async fn a_gateway_may_answer_with_the_picture_itself() {
    let server =
        Server::start(|_, _| answer(200, r#"{"images":[{"url":"https://x.example/a.png"}]}"#));
    let mut settings = server.settings();
    settings.gateway = true;
    let client = Client::new(settings).unwrap();
    let submitted = client.submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap();
    assert_eq!(submitted.answer.unwrap().body["images"][0]["url"], "https://x.example/a.png");
    assert!(matches!(submitted.status.state, State::Completed { .. }));
}

/// Ways in which the answer to a submit gets lost.
fn losses() -> Vec<(&'static str, Act)> {
    let ticket = ticket("https://queue.fal.run");
    let mut cut = head(200, &[], Some(ticket.len()));
    cut.extend_from_slice(&ticket.as_bytes()[..20]);
    let short = b"HTTP/1.1 200 OK\r\ncontent-le".to_vec();
    let nonsense = b"\x00\xff\xfe not http\r\n\r\n".to_vec();
    let page = b"<html><title>502 Bad Gateway</title></html>";
    let platform = r#"{"detail":"x","error_type":"runner_scheduling_failure"}"#;
    vec![
        ("reset", Act::Reset),
        ("closed without a word", Act::Send(Vec::new())),
        ("cut in the head", Act::Send(short)),
        ("cut in the body", Act::Send(cut)),
        ("nonsense", Act::Send(nonsense)),
        ("no JSON", with(200, &[], b"<html>ok</html>")),
        ("empty", with(200, &[], b"")),
        ("no request id", with(200, &[], br#"{"status":"IN_QUEUE"}"#)),
        ("a list", with(200, &[], b"[1]")),
        ("deep", with(200, &[], "[".repeat(5_000).as_bytes())),
        ("huge", with(200, &[], format!("\"{}\"", "x".repeat(2 << 20)).as_bytes())),
        ("500", answer(500, r#"{"detail":"Internal Server Error"}"#)),
        ("502", with(502, &[], page)),
        ("503", answer(503, platform)),
        ("504", answer(504, "{}")),
        ("408", answer(408, "{}")),
        ("303", with(303, &[("location", "/elsewhere")], b"")),
    ]
}

#[tokio::test]
async fn a_submit_whose_answer_is_lost_is_never_sent_again() {
    for (name, act) in losses() {
        let server = Server::start(move |_, _| act.clone());
        let options = SubmitOptions::default();
        let submitted = server.client().submit(ENDPOINT, &json!({}), &options).await;
        let error = submitted.unwrap_err();
        assert_eq!(server.count(), 1, "{name}");
        assert_eq!((error.step, error.kind), (Step::Submit, Kind::Unknown), "{name}: {error}");
        assert_eq!(error.billed, Billed::Maybe, "{name}");
    }
}

#[tokio::test]
async fn a_success_whose_head_names_the_request_was_taken_whatever_its_text_is() {
    let named = [("x-fal-request-id", "rid-9")];
    let mut cut = head(200, &named, Some(500));
    cut.extend_from_slice(b"{\"status\":");
    for act in [
        Act::Send(cut),
        with(200, &named, b"<html>ok</html>"),
        with(200, &named, b""),
        with(200, &named, br#"{"status":"IN_QUEUE"}"#),
    ] {
        let server = Server::start(move |request, _| match request.method.as_str() {
            "POST" => act.clone(),
            _ => answer(202, r#"{"status":"IN_QUEUE"}"#),
        });
        let options = SubmitOptions::default();
        let submitted = server.client().submit(ENDPOINT, &json!({}), &options).await.unwrap();
        assert_eq!(submitted.handle.request_id, "rid-9");
        assert!(submitted.handle.status_url.ends_with("/fal-ai/flux-pro/requests/rid-9/status"));
        let sent = server.seen().iter().filter(|request| request.method == "POST").count();
        assert_eq!(sent, 1);
    }
    // An id that the service does not know is somebody else's.
    let server = Server::start(move |request, _| match request.method.as_str() {
        "POST" => with(200, &named, b"<html>ok</html>"),
        _ => answer(404, r#"{"status":"NOT_FOUND"}"#),
    });
    let options = SubmitOptions::default();
    let error = server.client().submit(ENDPOINT, &json!({}), &options).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unknown);
    // What failed was not taken, whatever it names.
    let server = Server::start(move |_, _| with(500, &named, b"{}"));
    let options = SubmitOptions::default();
    let error = server.client().submit(ENDPOINT, &json!({}), &options).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unknown);
}

#[tokio::test]
async fn silence_and_drips_end_at_the_limits() {
    let drops = head(200, &[], Some(100));
    let slow: Vec<Vec<u8>> =
        std::iter::once(drops.clone()).chain((0..100).map(|_| b" ".to_vec())).collect();
    let acts =
        [Act::Hang(Vec::new()), Act::Hang(drops), Act::Drip(slow, Duration::from_millis(60))];
    for act in acts {
        let name = format!("{act:?}");
        let server = Server::start(move |_, _| act.clone());
        let mut settings = server.settings();
        settings.limits.answer = Duration::from_millis(400);
        settings.limits.idle = Duration::from_millis(300);
        settings.limits.total = Duration::from_millis(900);
        let client = Client::new(settings).unwrap();
        let options = SubmitOptions::default();
        let error = client.submit(ENDPOINT, &json!({}), &options).await.unwrap_err();
        assert_eq!(error.kind, Kind::Unknown, "{name:.60}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_clear_refusal_is_tried_again_and_then_taken() {
    let refusals = [
        answer(
            429,
            r#"{"detail":"Reached concurrent requests limit of 2","type":"concurrent_requests_limit"}"#,
        ),
        with(429, &[("retry-after", "0")], b"slow down"),
        with(503, &[("x-fal-needs-retry", "1")], b"{}"),
    ];
    for refusal in refusals {
        let server = Server::start(move |_, before| match before {
            0 | 1 => refusal.clone(),
            _ => answer(200, &ticket("https://x.example")),
        });
        let mut waits = Vec::new();
        let client = server.client();
        let options = SubmitOptions::default();
        client
            .submit_watched(ENDPOINT, &json!({}), &options, |waiting| waits.push(waiting))
            .await
            .unwrap();
        assert_eq!(server.count(), 3);
        assert_eq!(waits.len(), 2);
        assert_eq!((waits[1].step, waits[1].attempt), (Step::Submit, 2));
        assert!(!waits[0].reason.is_empty());
    }
}

#[tokio::test]
async fn being_busy_for_good_is_an_error_without_a_bill() {
    let server = Server::start(|_, _| with(429, &[("retry-after", "0")], b""));
    let error =
        server.client().submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Busy, Billed::No));
    assert_eq!(server.count(), 8);
    let server = Server::start(|_, _| with(429, &[("retry-after", "3600")], b""));
    let error =
        server.client().submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(3_600)));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_full_queue_that_was_asked_about_is_not_asked_again() {
    let server = Server::start(|_, _| answer(429, r#"{"detail":"queue is full"}"#));
    let options = SubmitOptions { max_queue_length: Some(3), ..SubmitOptions::default() };
    let error = server.client().submit(ENDPOINT, &json!({}), &options).await.unwrap_err();
    assert_eq!((error.kind, server.count()), (Kind::Busy, 1));
}

#[tokio::test]
async fn an_unreachable_service_is_tried_again_and_costs_nothing() {
    let server = Server::start(|_, _| answer(200, "{}"));
    let mut settings = server.settings();
    let (_taken, nowhere) = deserted();
    settings.hosts.queue = nowhere;
    let mut tries = 0;
    let client = Client::new(settings).unwrap();
    let options = SubmitOptions::default();
    let error =
        client.submit_watched(ENDPOINT, &json!({}), &options, |_| tries += 1).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Network, Billed::No));
    assert!(error.message.contains("refused"), "{error}");
    assert_eq!(tries, 4);
}

#[tokio::test]
async fn the_backup_is_asked_when_the_queue_cannot_be_connected_to() {
    let server = Server::start(|_, _| answer(200, &ticket("https://x.example")));
    let mut settings = server.settings();
    let (_taken, nowhere) = deserted();
    settings.hosts.queue = nowhere;
    settings.hosts.backups = vec![server.url()];
    let client = Client::new(settings).unwrap();
    let mut waits = Vec::new();
    let options = SubmitOptions::default();
    client
        .submit_watched(ENDPOINT, &json!({}), &options, |waiting| waits.push(waiting))
        .await
        .unwrap();
    assert_eq!(server.seen()[0].path, format!("/{ENDPOINT}"));
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].after, Duration::ZERO);
}

#[tokio::test]
async fn a_run_has_backups_of_its_own() {
    let server = Server::start(|_, _| answer(200, r#"{"images":[]}"#));
    let mut settings = server.settings();
    let (_taken, nowhere) = deserted();
    settings.hosts.run = nowhere;
    settings.hosts.run_backups = vec![server.url()];
    Client::new(settings).unwrap().run(ENDPOINT, &json!({})).await.unwrap();
    assert_eq!(server.seen()[0].path, format!("/{ENDPOINT}"));
}

#[tokio::test]
async fn a_start_deadline_that_passed_is_told_from_a_failure() {
    let server = Server::start(|_, _| with(504, &[("x-fal-request-timeout-type", "user")], b"{}"));
    let error =
        server.client().submit(ENDPOINT, &json!({}), &SubmitOptions::default()).await.unwrap_err();
    assert_eq!((error.kind, error.billed, server.count()), (Kind::Deadline, Billed::No, 1));
}

#[test]
fn every_call_can_be_a_task() {
    fn is_task<T: Send>(_: &T) {}
    let server = Server::start(|_, _| Act::Reset);
    let (client, handle, body) = (server.client(), server.handle(), json!({}));
    let (options, limits) = (SubmitOptions::default(), DownloadLimits::default());
    is_task(&client.submit(ENDPOINT, &body, &options));
    is_task(&client.submit_watched(ENDPOINT, &body, &options, |_| ()));
    is_task(&client.run(ENDPOINT, &body));
    is_task(&client.status(&handle, true));
    is_task(&client.follow(&handle, |_| ()));
    is_task(&client.result(&handle));
    is_task(&client.cancel(&handle));
    is_task(&client.upload(Vec::new(), "a", "image/png", |_, _| ()));
    is_task(&client.download("data:,", &limits, &mut Vec::new()));
    is_task(&client.download_bytes("data:,", &limits));
    is_task(&client.probe_key());
}

#[test]
fn tags_that_the_service_would_drop_are_refused_before_anything_is_sent() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let check = |tags| SubmitOptions { tags, ..SubmitOptions::default() }.check();
    assert_eq!(check(vec![pair("a.b_c-9", "any words")]), Ok(()));
    let long = "x".repeat(257);
    for (name, value) in [
        ("", "x"),
        ("A", "x"),
        ("a b", "x"),
        ("fal.a", "x"),
        ("a", ""),
        ("a", "x,y"),
        ("a", "x=y"),
        ("a", "é"),
        ("a", &long),
        (&long[..65], "x"),
    ] {
        let error = check(vec![pair(name, value)]).unwrap_err();
        assert_eq!((error.kind, error.billed), (Kind::Refused, Billed::No), "{name}={value}");
    }
    assert!(check(vec![pair("a", "x"); 11]).is_err());
    assert!(check(vec![pair("a", &long[..256]); 4]).is_err());
}
