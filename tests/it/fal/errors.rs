//! Every family of error bodies becomes words and a kind.

use std::time::Duration;

use editree::fal::error::{Billed, Error, Kind};

use super::server::{Act, Server, json, with};

async fn result_error(act: Act) -> Error {
    let server = Server::start(move |_, _| act.clone());
    server.client().result(&server.handle()).await.unwrap_err()
}

fn entry(word: &str) -> String {
    format!(r#"{{"detail":[{{"loc":["body","prompt"],"msg":"words","type":"{word}"}}]}}"#)
}

/// Bodies as the service and the boxes before it send them.
const BODIES: [(u16, &str, Kind); 25] = [
    (401, r#"{"detail":"invalid key credentials"}"#, Kind::Auth),
    (401, r#"{"detail":"No user found for Key ID and Secret"}"#, Kind::Auth),
    (403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#, Kind::Account),
    (403, r#"{"detail":"Access denied"}"#, Kind::Auth),
    (402, "{}", Kind::Account),
    (404, r#"{"detail":"Path /x not found"}"#, Kind::Gone),
    (405, r#"{"detail":"Method Not Allowed"}"#, Kind::Protocol),
    (413, "too large", Kind::TooLarge),
    (429, r#"{"detail":"x","type":"concurrent_requests_limit","data":{"limit":20}}"#, Kind::Busy),
    (422, r#"{"detail":"one string"}"#, Kind::Validation),
    (422, r#"{"detail":{"msg":"an object"}}"#, Kind::Validation),
    (422, "{}", Kind::Validation),
    (504, r#"{"detail":"x","error_type":"request_timeout"}"#, Kind::Deadline),
    (504, r#"{"detail":"x","error_type":"startup_timeout"}"#, Kind::Service),
    (503, r#"{"detail":"x","error_type":"runner_disconnected"}"#, Kind::Service),
    (502, r#"{"detail":"x","error_type":"runner_incomplete_response"}"#, Kind::Service),
    (500, r#"{"detail":"x","error_type":"runner_server_error"}"#, Kind::Service),
    (499, r#"{"detail":"x","error_type":"client_cancelled"}"#, Kind::Cancelled),
    (499, r#"{"detail":"x","error_type":"client_disconnected"}"#, Kind::Cancelled),
    (400, r#"{"detail":"x","error_type":"bad_request"}"#, Kind::Refused),
    (500, r#"{"detail":"x","error_type":"a_word_of_tomorrow"}"#, Kind::Service),
    (500, r#"{"detail":"Internal Server Error"}"#, Kind::Service),
    (500, "", Kind::Service),
    (418, "?", Kind::Refused),
    (799, "{}", Kind::Service),
];

/// The words of a model's complaint about one field.
const WORDS: [(u16, &str, Kind); 12] = [
    (400, "downstream_service_error", Kind::Service),
    (500, "internal_server_error", Kind::Service),
    (500, "downstream_service_unavailable", Kind::Service),
    (504, "generation_timeout", Kind::Service),
    (422, "content_policy_violation", Kind::Policy),
    (422, "no_media_generated", Kind::Service),
    (422, "image_too_large", Kind::Validation),
    (422, "image_load_error", Kind::Validation),
    (422, "one_of", Kind::Validation),
    (422, "literal_error", Kind::Validation),
    (422, "value_error.missing", Kind::Validation),
    (422, "a_word_of_tomorrow", Kind::Validation),
];

#[tokio::test]
async fn the_kinds_of_all_documented_errors() {
    let bodies = BODIES.map(|(status, body, kind)| (status, body.to_owned(), kind));
    let words = WORDS.map(|(status, word, kind)| (status, entry(word), kind));
    for (status, body, kind) in bodies.into_iter().chain(words) {
        let error = result_error(json(status, &body)).await;
        assert_eq!(error.kind, kind, "{status} {body}");
        assert_eq!(error.status, Some(status));
        assert!(!error.message.is_empty());
    }
}

#[tokio::test]
async fn rejected_fields_are_named() {
    let body = r#"{"detail":[
        {"type":"missing","loc":["body","prompt"],"msg":"Field required","input":{"a":1}},
        {"type":"string_type","loc":["body","image_urls",1],"msg":"Input should be a valid string"},
        {"loc":["body"],"msg":"whole"}, "bare", 5, {"type":"x"}]}"#;
    let error = result_error(json(422, body)).await;
    assert_eq!(error.fields.len(), 6);
    assert_eq!(error.fields[0].field(), Some("prompt"));
    assert_eq!(error.fields[0].word, "missing");
    assert_eq!(error.fields[1].loc, ["body", "image_urls", "1"]);
    assert_eq!(error.fields[1].field(), Some("image_urls"));
    assert_eq!(error.fields[2].field(), None);
    assert_eq!(error.fields[3].message, "bare");
    assert_eq!(error.fields[4].message, "5");
    assert!(error.message.starts_with("`prompt`: Field required; `image_urls`: "), "{error}");
}

#[tokio::test]
async fn words_are_found_wherever_they_stand() {
    let table = [
        (r#"{"detail":"plain"}"#, "plain"),
        (r#"{"detail":{"message":"inner"}}"#, "inner"),
        (r#"{"detail":{"a":1}}"#, r#"{"a":1}"#),
        (r#"{"error":{"type":"t","message":"platform"}}"#, "platform"),
        (r#"{"error":"flat"}"#, "flat"),
        (r#"{"message":"m"}"#, "m"),
        (r#"{"status":"NOT_FOUND"}"#, "NOT_FOUND"),
        ("<html><head><TITLE> 451 Sorry </TITLE>", "the answer is not JSON: `451 Sorry`"),
        ("\n\n plain text \nmore", "the answer is not JSON: `plain text`"),
        ("null", "unavailable for legal reasons, without a word of explanation"),
        ("", "unavailable for legal reasons, without a word of explanation"),
    ];
    for (body, wanted) in table {
        assert_eq!(result_error(json(451, body)).await.message, wanted, "{body}");
    }
    let error = result_error(with(451, &[], b"\xff\xfe\x00<title>\xc3")).await;
    assert!(error.message.starts_with("the answer is not JSON"), "{error}");
    let error = result_error(json(451, &format!(r#"{{"detail":"{}"}}"#, "ü".repeat(9_000)))).await;
    assert_eq!(error.message.chars().count(), 2_001);
}

#[tokio::test]
async fn the_bill_is_told_as_far_as_it_is_known() {
    let rejected = entry("missing");
    let blocked = entry("content_policy_violation");
    let failed = entry("internal_server_error");
    let table: [(u16, Option<&str>, &str, Billed); 8] = [
        (422, None, &rejected, Billed::No),
        (422, None, &blocked, Billed::Maybe),
        (422, Some("0"), &blocked, Billed::No),
        (422, Some("1.5"), &blocked, Billed::Yes),
        (422, Some("many"), &blocked, Billed::Maybe),
        (500, None, &failed, Billed::No),
        (500, None, "{}", Billed::Maybe),
        (404, None, "{}", Billed::Maybe),
    ];
    for (status, units, body, billed) in table {
        let headers: Vec<_> =
            units.map(|units| ("x-fal-billable-units", units)).into_iter().collect();
        let error = result_error(with(status, &headers, body.as_bytes())).await;
        assert_eq!(error.billed, billed, "{status} {units:?}");
    }
}

#[tokio::test]
async fn headers_say_what_bodies_do_not() {
    let headers = [
        ("x-fal-error-type", "runner_connection_error"),
        ("x-fal-request-id", "rid-3"),
        ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ];
    let error = result_error(with(403, &headers, b"")).await;
    assert_eq!(error.error_type.as_deref(), Some("runner_connection_error"));
    assert_eq!(error.request_id.as_deref(), Some("rid-3"));
    assert_eq!(error.retry_after, Some(Duration::ZERO));
    assert_eq!(
        error.to_string(),
        "could not read the result (403): forbidden, without a word of explanation"
    );
}
