//! From an unsuccessful answer to an [`Error`]: all families of error bodies.
//!
//! It does not decide about repeating; it only says what there is to decide on. Its text is
//! as the server wrote it: the client strikes and shortens it. Invariant: any bytes whatever give
//! an error with words and a kind.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::error::{Billed, Error, FieldError, Kind, Step, Voice};
use super::http::Reply;
use super::retry::Verdict;

/// More complaints than this help nobody.
const MOST_FIELDS: usize = 100;

/// The answer as an error of `step`.
pub(super) fn error(step: Step, reply: &Reply) -> Error {
    let fields = fields(reply);
    let error_type = error_type(reply);
    let said = message(reply, &fields);
    let kind = kind(step, reply, &fields, error_type.as_deref(), &said);
    let message = match kind {
        Kind::Permission => forbidden(step),
        _ if reply.status == 424 => format!("your bucket has refused the picture: {said}"),
        _ => said,
    };
    let voice = voice(step, reply, &fields);
    Error {
        billed: billed(step, kind, voice, reply),
        voice,
        is_told: reply.json.as_ref().is_some_and(|body| body.get("detail").is_some()),
        status: Some(reply.status),
        request_id: reply.header("x-fal-request-id").map(str::to_owned),
        retry_after: retry_after(reply),
        fields,
        // The message says it better than the service's word.
        error_type: error_type.filter(|_| kind != Kind::Permission),
        ..Error::new(step, kind, message)
    }
}

/// Who speaks. A page with the right status, or an error of the storage, is nobody's word about
/// the request.
fn voice(step: Step, reply: &Reply, fields: &[FieldError]) -> Voice {
    if !matches!(step, Step::Result | Step::Run) || !(400..600).contains(&reply.status) {
        return Voice::Nobody;
    }
    let is_list = reply.json.as_ref().is_some_and(|body| body.get("detail").is_some());
    let is_whole = |field: &FieldError| !field.word.is_empty() && !field.loc.is_empty();
    let deadline = reply.header("x-fal-request-timeout-type").is_some();
    match is_list {
        true if !fields.is_empty() && fields.iter().all(is_whole) => Voice::Model,
        true if deadline && reply.status == 504 => Voice::Model,
        true if reply.header("x-fal-request-id").is_some() => Voice::Platform,
        true | false => Voice::Nobody,
    }
}

/// What matters for trying again.
pub(super) fn verdict(reply: &Reply) -> Verdict {
    let yes = |name| reply.header(name).is_some_and(|text| matches!(text.trim(), "1" | "true"));
    let detail = reply.json.as_ref().and_then(|body| body.get("detail"));
    Verdict {
        status: reply.status,
        needs_retry: yes("x-fal-needs-retry"),
        deadline: reply.header("x-fal-request-timeout-type").is_some(),
        // Boxes in between answer neither in JSON nor with the service's id.
        well_formed: detail.is_some() && reply.header("x-fal-request-id").is_some(),
        retry_after: retry_after(reply),
    }
}

/// Whether this answer to "the result, please" means "not yet". Some compatible servers say it
/// with a success that holds a status.
pub(super) fn is_early(reply: &Reply) -> bool {
    let text = |name| {
        let body = reply.json.as_ref()?;
        body.get(name)?.as_str()
    };
    let says_so = text("detail").is_some_and(|detail| {
        let detail = detail.to_ascii_lowercase();
        detail.contains("still in progress") || detail.contains("not completed")
    });
    let status = matches!(text("status"), Some("IN_QUEUE" | "IN_PROGRESS"));
    match reply.status {
        400 | 409 | 425 => says_so || status,
        202 => true,
        200 => status && text("request_id").is_some(),
        _ => false,
    }
}

fn kind(step: Step, reply: &Reply, fields: &[FieldError], word: Option<&str>, text: &str) -> Kind {
    if reply.status == 413 {
        return Kind::TooLarge;
    }
    if reply.status == 403 && is_about_permission(text) {
        return Kind::Permission;
    }
    if step == Step::Result && is_early(reply) {
        return Kind::NotYet;
    }
    if let Some(kind) = word.and_then(by_word) {
        return kind;
    }
    if let Some(kind) = by_fields(fields) {
        return kind;
    }
    by_status(step, reply, text)
}

/// The platform's own words, by its page on request errors; others are left to the status.
fn by_word(word: &str) -> Option<Kind> {
    match word {
        "content_policy_violation" => Some(Kind::Policy),
        "request_timeout" => Some(Kind::Deadline),
        "client_cancelled" | "client_disconnected" => Some(Kind::Cancelled),
        "concurrent_requests_limit" => Some(Kind::Busy),
        "bad_request" => Some(Kind::Refused),
        _ => None,
    }
}

/// The model's complaints, by the service's page on errors: the gravest decides.
fn by_fields(fields: &[FieldError]) -> Option<Kind> {
    const OWN_FAULT: [&str; 5] = [
        "internal_server_error",
        "generation_timeout",
        "downstream_service_error",
        "downstream_service_unavailable",
        "no_media_generated",
    ];
    if fields.iter().any(|field| field.word == "content_policy_violation") {
        return Some(Kind::Policy);
    }
    if fields.iter().any(|field| OWN_FAULT.contains(&field.word.as_str())) {
        return Some(Kind::Service);
    }
    let named = fields.iter().any(|field| !field.loc.is_empty());
    named.then_some(Kind::Validation)
}

fn by_status(step: Step, reply: &Reply, text: &str) -> Kind {
    match reply.status {
        200..=399 => Kind::Protocol,
        401 => Kind::Auth,
        402 => Kind::Account,
        403 if is_about_money(text) => Kind::Account,
        403 => Kind::Auth,
        404 | 410 if step == Step::Result => Kind::Gone,
        410 => Kind::Gone,
        404 => Kind::NotFound,
        405 => Kind::Protocol,
        408 => Kind::Network,
        422 => Kind::Validation,
        429 => Kind::Busy,
        499 => Kind::Cancelled,
        504 if reply.header("x-fal-request-timeout-type").is_some() => Kind::Deadline,
        400..=498 => Kind::Refused,
        _ => Kind::Service,
    }
}

fn is_about_permission(text: &str) -> bool {
    text.to_ascii_lowercase().contains("insufficient permissions")
}

/// The service does not say which permission; the step does.
fn forbidden(step: Step) -> String {
    let (permission, preset) = step.permission();
    format!(
        "the key may not {step}: it needs `{permission}`, as keys of the preset {preset} have it"
    )
}

fn is_about_money(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["balance", "locked", "credit", "billing", "payment"].iter().any(|word| text.contains(word))
}

/// The billable units settle it. Without them, only what the documentation promises about an error
/// in its own form: failures of the platform and rejected input are free. What the filter stopped
/// may have been made already, and what a box in between says means nothing.
fn billed(step: Step, kind: Kind, voice: Voice, reply: &Reply) -> Billed {
    let units = reply.header("x-fal-billable-units");
    match units.and_then(|units| units.trim().parse::<f64>().ok()) {
        Some(units) if units > 0.0 => return Billed::Yes,
        Some(_) => return Billed::No,
        None => (),
    }
    match (step, voice) {
        (Step::Result, Voice::Nobody) => Billed::Maybe,
        (Step::Result | Step::Run, _) => settled(step, kind, reply),
        _ => step.unsettled(),
    }
}

fn settled(step: Step, kind: Kind, reply: &Reply) -> Billed {
    match kind {
        Kind::Auth | Kind::Permission | Kind::Account | Kind::Busy | Kind::NotFound
            if step == Step::Result =>
        {
            Billed::Maybe
        }
        Kind::Service if reply.status >= 500 => Billed::No,
        // Turned away at the door. A 303 says: done, look over there.
        Kind::TooLarge if step == Step::Run && reply.status == 413 => Billed::No,
        Kind::Protocol if step == Step::Run && matches!(reply.status, 301 | 302 | 307 | 308) => {
            Billed::No
        }
        Kind::Auth
        | Kind::Permission
        | Kind::Account
        | Kind::Validation
        | Kind::NotFound
        | Kind::Busy
        | Kind::Deadline
        | Kind::Refused => Billed::No,
        Kind::Policy
        | Kind::Cancelled
        | Kind::Service
        | Kind::Gone
        | Kind::NotYet
        | Kind::Network
        | Kind::Protocol
        | Kind::TooLarge
        | Kind::Unknown => Billed::Maybe,
    }
}

fn fields(reply: &Reply) -> Vec<FieldError> {
    let detail = reply.json.as_ref().and_then(|body| body.get("detail"));
    let entries = match detail {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(entry @ Value::Object(map)) if map.contains_key("loc") => std::slice::from_ref(entry),
        Some(_) | None => &[][..],
    };
    entries.iter().take(MOST_FIELDS).map(field).collect()
}

fn field(entry: &Value) -> FieldError {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let loc = entry.get("loc").and_then(Value::as_array);
    let part = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    FieldError {
        loc: loc.map(|loc| loc.iter().take(20).map(part).collect()).unwrap_or_default(),
        message: text("msg").or_else(|| text("message")).unwrap_or_else(|| part(entry)),
        word: text("type").unwrap_or_default(),
    }
}

fn error_type(reply: &Reply) -> Option<String> {
    let body = reply.json.as_ref();
    let own = |name| body.and_then(|body| body.get(name)?.as_str());
    let nested = body.and_then(|body| body.get("error")?.get("type")?.as_str());
    let word = own("error_type").or_else(|| reply.header("x-fal-error-type"));
    word.or_else(|| own("type")).or(nested).map(str::to_owned)
}

fn message(reply: &Reply, fields: &[FieldError]) -> String {
    if (300..400).contains(&reply.status) {
        let to = reply.header("location").and_then(|to| url::Url::parse(to).ok());
        return match to.as_ref().and_then(url::Url::host_str) {
            Some(host) => format!(
                "it redirects to `{host}`, where the key does not go; check the profile's address"
            ),
            None => "it redirects to another path; check the profile's address".to_owned(),
        };
    }
    let line = |field: &FieldError| match field.field() {
        Some(name) => format!("`{name}`: {}", field.message),
        None => field.message.clone(),
    };
    let lines = fields.iter().take(5).map(line);
    let lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
    if !lines.is_empty() {
        return lines.join("; ");
    }
    match &reply.json {
        Some(body) => said(body).unwrap_or_else(|| plain(reply.status)),
        None => unstructured(reply),
    }
}

/// The words in a JSON body, wherever its family keeps them.
fn said(body: &Value) -> Option<String> {
    let places = [
        body.pointer("/detail"),
        body.pointer("/error/message"),
        body.pointer("/error"),
        body.pointer("/message"),
        body.pointer("/status"),
        Some(body),
    ];
    let words = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Object(map) => {
            let inner = map
                .get("msg")
                .or_else(|| map.get("message"))
                .and_then(Value::as_str)
                .filter(|text| !text.trim().is_empty());
            let whole = || (!map.is_empty()).then(|| value.to_string());
            inner.map(str::to_owned).or_else(whole)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    };
    places.into_iter().flatten().find_map(words)
}

/// A message for a body that is not JSON: a page's title, or its first line.
fn unstructured(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(reply.body.get(..4_096).unwrap_or(&reply.body));
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let from = start + "<title>".len();
        let to = lower.get(from..)?.find("</title>")? + from;
        text.get(from..to)
    });
    let line = title.or_else(|| text.lines().find(|line| !line.trim().is_empty()));
    match line.map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => format!("the answer is not JSON: `{line}`"),
        None => plain(reply.status),
    }
}

fn plain(status: u16) -> String {
    match reqwest::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{}, without a word of explanation", reason.to_ascii_lowercase()),
        None => "no reason was given".to_owned(),
    }
}

/// `Retry-After` in either of its forms: seconds, or a date.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let date = SystemTime::from(date.timestamp());
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderMap;

    fn errors(status: u16, body: Vec<u8>) -> Vec<Error> {
        let json = serde_json::from_slice(&body).ok();
        let headers = HeaderMap::new();
        let reply = Reply { status, headers, body, json };
        let _ = verdict(&reply);
        let _ = is_early(&reply);
        let steps = [Step::Submit, Step::Run, Step::Status, Step::Result, Step::Download];
        steps.map(|step| error(step, &reply)).into()
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_error_with_words(status in 100_u16..1_000, body: Vec<u8>) {
            for error in errors(status, body) {
                prop_assert!(!error.message.is_empty());
            }
        }

        #[test]
        fn any_detail_gives_an_error_with_words(
            status in 300_u16..600,
            detail in "(\\[|\\{\"loc\":|\\{\"msg\":)?(\\[\\]|\\[\"body\",1\\]|null|\"\"|\"<title>\"|7)[\\]}]?",
        ) {
            for error in errors(status, format!("{{\"detail\":{detail}}}").into_bytes()) {
                prop_assert!(!error.message.is_empty(), "{detail}");
            }
        }
    }
}
