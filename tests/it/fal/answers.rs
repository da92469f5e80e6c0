//! Results, synchronous runs, cancelling, and the free check of the key.

use editree::fal::cancel::Cancel;
use editree::fal::error::{Billed, Kind};
use editree::fal::probe::Probe;
use serde_json::json;

use super::server::{Act, Server, head, json as answer, with};

const ENDPOINT: &str = "fal-ai/flux-pro/kontext";

#[tokio::test]
async fn a_result_comes_with_its_bill() {
    let headers = [
        ("x-fal-request-id", "rid-7"),
        ("x-fal-billable-units", "2"),
        ("x-fal-served-from", "fal-ai/other"),
        ("set-cookie", "a=b"),
    ];
    let server = Server::start(move |_, _| with(200, &headers, br#"{"images":[],"seed":1}"#));
    let answer = server.client().result(&server.handle()).await.unwrap();
    assert_eq!(answer.body, json!({"images": [], "seed": 1}));
    assert_eq!(answer.request_id.as_deref(), Some("rid-7"));
    assert_eq!(answer.billable_units, Some(2.0));
    assert_eq!(answer.served_from.as_deref(), Some("fal-ai/other"));
    assert_eq!(answer.headers.len(), 3);
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("GET", "/_queue/fal-ai/flux-pro/requests/r1")
    );
}

#[tokio::test]
async fn a_paid_result_is_fetched_through_trouble() {
    let server = Server::start(|_, before| match before {
        0 => Act::Reset,
        1 => answer(400, r#"{"detail":"Request is still in progress"}"#),
        2 => with(503, &[], b"nginx"),
        3 => Act::Send(head(200, &[], Some(9))),
        4 => with(200, &[], b"<html>"),
        _ => answer(200, "{}"),
    });
    let mut waits = 0;
    let client = server.client();
    client.result_watched(&server.handle(), |_| waits += 1).await.unwrap();
    assert_eq!(waits, 5);
}

#[tokio::test]
async fn asking_too_early_says_so() {
    let early = [
        answer(400, r#"{"detail":"Request is still in progress"}"#),
        answer(202, r#"{"status":"IN_PROGRESS","request_id":"r1"}"#),
        answer(200, r#"{"status":"IN_QUEUE","request_id":"r1"}"#),
    ];
    for act in early {
        let server = Server::start(move |_, _| act.clone());
        let error = server.client().result(&server.handle()).await.unwrap_err();
        assert_eq!((error.kind, error.billed, server.count()), (Kind::NotYet, Billed::Maybe, 4));
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_had_says_why() {
    let table = [
        (answer(404, r#"{"status":"NOT_FOUND"}"#), Kind::Gone, 1),
        (answer(410, ""), Kind::Gone, 1),
        (
            answer(499, r#"{"detail":"cancelled","error_type":"client_cancelled"}"#),
            Kind::Cancelled,
            1,
        ),
        (answer(500, r#"{"detail":"Internal Server Error"}"#), Kind::Service, 3),
        (with(503, &[], b""), Kind::Service, 6),
        (with(200, &[], b"<html>"), Kind::Protocol, 6),
        (answer(200, &format!("\"{}\"", "x".repeat(2 << 20))), Kind::TooLarge, 1),
        (with(504, &[("x-fal-request-timeout-type", "user")], b"{}"), Kind::Deadline, 1),
        (with(302, &[("location", "https://evil.example/x")], b""), Kind::Protocol, 1),
    ];
    for (act, kind, count) in table {
        let name = format!("{act:?}");
        let server = Server::start(move |_, _| act.clone());
        let error = server.client().result(&server.handle()).await.unwrap_err();
        assert_eq!((error.kind, server.count()), (kind, count), "{name:.90} {error}");
    }
}

#[tokio::test]
async fn a_run_brings_the_output_in_one_call() {
    let server = Server::start(|_, _| answer(200, r#"{"images":[]}"#));
    let answer = server.client().run(ENDPOINT, &json!({"prompt": "x"})).await.unwrap();
    assert_eq!(answer.body, json!({"images": []}));
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/_run/fal-ai/flux-pro/kontext")
    );
    assert_eq!(seen.json(), json!({"prompt": "x"}));
}

#[tokio::test]
async fn a_run_is_sent_once_whatever_happens_to_its_answer() {
    let table = [
        (Act::Reset, Kind::Unknown, Billed::Maybe),
        (Act::Send(head(200, &[], Some(9))), Kind::Unknown, Billed::Maybe),
        (with(502, &[], b"nginx"), Kind::Unknown, Billed::Maybe),
        (answer(500, r#"{"detail":"Internal Server Error"}"#), Kind::Service, Billed::No),
        (
            answer(
                422,
                r#"{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}"#,
            ),
            Kind::Validation,
            Billed::No,
        ),
        (
            answer(200, r#"{"request_id":"r5","status_url":"https://x.example/s"}"#),
            Kind::Unknown,
            Billed::Maybe,
        ),
    ];
    for (act, kind, billed) in table {
        let server = Server::start(move |_, _| act.clone());
        let error = server.client().run(ENDPOINT, &json!({})).await.unwrap_err();
        assert_eq!((error.kind, error.billed, server.count()), (kind, billed, 1), "{error}");
    }
}

#[tokio::test]
async fn cancelling_understands_every_answer() {
    let table = [
        (202, r#"{"status":"CANCELLATION_REQUESTED"}"#, Cancel::Requested),
        (200, r#"{"status":"CANCELLATION_REQUESTED"}"#, Cancel::Requested),
        (200, r#"{"status":"OK"}"#, Cancel::Removed),
        (200, r#"{"success":true}"#, Cancel::Requested),
        (200, r#"{"success":false}"#, Cancel::TooLate),
        (200, "", Cancel::Requested),
        (202, "<html>", Cancel::Requested),
        (400, r#"{"status":"ALREADY_COMPLETED"}"#, Cancel::TooLate),
        (200, r#"{"status":"ALREADY_COMPLETED"}"#, Cancel::TooLate),
        (400, r#"{"detail":"Request cannot be cancelled"}"#, Cancel::TooLate),
        (404, r#"{"status":"NOT_FOUND"}"#, Cancel::NotFound),
        (404, r#"{"detail":"no"}"#, Cancel::NotFound),
    ];
    for (status, body, wanted) in table {
        let server = Server::start(move |_, _| answer(status, body));
        let cancel = server.client().cancel(&server.handle()).await.unwrap();
        assert_eq!(cancel, wanted, "{status} {body}");
        let seen = &server.seen()[0];
        assert_eq!(seen.method, "PUT");
        assert_eq!(seen.path, "/_queue/fal-ai/flux-pro/requests/r1/cancel");
        assert!(seen.body.is_empty());
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn cancelling_is_tried_again_on_a_bad_line_but_not_with_a_bad_key() {
    let server = Server::start(|_, before| match before {
        0 => Act::Reset,
        1 => with(502, &[], b""),
        _ => answer(202, r#"{"status":"CANCELLATION_REQUESTED"}"#),
    });
    assert_eq!(server.client().cancel(&server.handle()).await, Ok(Cancel::Requested));
    let server = Server::start(|_, _| answer(401, r#"{"detail":"invalid key credentials"}"#));
    let error = server.client().cancel(&server.handle()).await.unwrap_err();
    assert_eq!((error.kind, server.count()), (Kind::Auth, 1));
}

#[tokio::test]
async fn the_key_is_checked_without_a_submit() {
    let table = [
        (answer(404, r#"{"status":"NOT_FOUND"}"#), Ok(Probe::Accepted)),
        (with(404, &[], b"<html>"), Ok(Probe::Unclear)),
        (answer(200, r#"{"status":"COMPLETED"}"#), Ok(Probe::Unclear)),
        (answer(401, r#"{"detail":"invalid key credentials"}"#), Err(Kind::Auth)),
        (
            answer(403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#),
            Err(Kind::Account),
        ),
        (answer(503, ""), Err(Kind::Service)),
    ];
    for (act, wanted) in table {
        let server = Server::start(move |_, _| act.clone());
        let probe = server.client().probe_key().await.map_err(|error| error.kind);
        assert_eq!(probe, wanted);
        assert!(server.seen().iter().all(|request| request.method == "GET"));
    }
}
