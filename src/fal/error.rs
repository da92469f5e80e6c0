//! What went wrong with a call to the service, and what that means for money.

use serde_json::Value;

/// A failure of one call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub kind: Kind,
    /// Lower case, no final stop.
    pub message: String,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The service's machine word, such as `runner_disconnected`.
    pub error_type: Option<String>,
    /// Parameter and what is wrong with it.
    pub fields: Vec<(String, String)>,
    pub billed: Billed,
}

/// Families of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Auth,
    /// Locked, or out of credit.
    Account,
    Validation,
    Policy,
    NotFound,
    Busy,
    /// The start deadline that was asked for has passed.
    Deadline,
    Cancelled,
    Service,
    /// A result or file is no longer kept.
    Gone,
    /// Not reached, or broken off where nothing can have been paid.
    Network,
    /// Broken off after a paid request may have arrived.
    Unknown,
    /// The answer makes no sense.
    Protocol,
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billed {
    No,
    Yes,
    Maybe,
}

/// Longest excerpt of a server's words that is kept.
const WORDS: usize = 300;

impl Error {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        let billed = if kind == Kind::Unknown { Billed::Maybe } else { Billed::No };
        Self {
            kind,
            message: message.into(),
            status: None,
            request_id: None,
            error_type: None,
            fields: Vec::new(),
            billed,
        }
    }

    /// An answer that is not a success: all body families of the service, and none of them.
    pub(super) fn of_answer(
        status: u16,
        request_id: Option<String>,
        error_type: Option<String>,
        body: &[u8],
    ) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let error_type = error_type.or_else(|| text(body.get("error_type")));
        let fields = fields(&body);
        let word = first_type(&body);
        let kind = kind_of(status, error_type.as_deref(), word.as_deref(), &body);
        let message = match (&fields[..], text(body.get("detail"))) {
            ([(name, problem), ..], _) => format!("{name}: {problem}"),
            ([], Some(detail)) => detail,
            ([], None) => text(body.get("message"))
                .or_else(|| text(body.get("status")))
                .unwrap_or_else(|| format!("HTTP {status}")),
        };
        let mut message: String = message.chars().take(WORDS).collect();
        if let Some(word) = &error_type {
            message = format!("{message} ({word})");
        }
        // A filter that looks at the finished picture may be billed; the pages are not sure.
        let billed = if kind == Kind::Policy { Billed::Maybe } else { Billed::No };
        Self { kind, message, status: Some(status), request_id, error_type, fields, billed }
    }
}

/// Entries of a `detail` list as parameter and words.
fn fields(body: &Value) -> Vec<(String, String)> {
    let entries = body.get("detail").and_then(Value::as_array).into_iter().flatten();
    entries
        .map(|entry| {
            let places = entry.get("loc").and_then(Value::as_array).into_iter().flatten();
            let name = places.filter_map(Value::as_str).find(|place| *place != "body");
            let words = entry.get("msg").and_then(Value::as_str).unwrap_or("not accepted");
            (name.unwrap_or("request").to_owned(), words.chars().take(WORDS).collect())
        })
        .collect()
}

fn first_type(body: &Value) -> Option<String> {
    Some(body.get("detail")?.get(0)?.get("type")?.as_str()?.to_owned())
}

fn kind_of(status: u16, error_type: Option<&str>, word: Option<&str>, body: &Value) -> Kind {
    match (error_type, word) {
        (Some("client_cancelled" | "client_disconnected"), _) => return Kind::Cancelled,
        (_, Some("content_policy_violation")) => return Kind::Policy,
        (
            _,
            Some(
                "generation_timeout"
                | "internal_server_error"
                | "downstream_service_error"
                | "downstream_service_unavailable",
            ),
        ) => return Kind::Service,
        _ => {}
    }
    let detail = body.get("detail").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    match status {
        401 => Kind::Auth,
        402 => Kind::Account,
        403 if detail.contains("locked") || detail.contains("balance") => Kind::Account,
        403 => Kind::Auth,
        404 => Kind::NotFound,
        410 => Kind::Gone,
        413 => Kind::TooLarge,
        429 => Kind::Busy,
        499 => Kind::Cancelled,
        400 | 422 => Kind::Validation,
        500..=599 => Kind::Service,
        _ => Kind::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> Kind {
        Error::of_answer(status, None, None, body.as_bytes()).kind
    }

    #[test]
    fn every_family_of_error_bodies_finds_its_kind() {
        let cases: [(u16, &str, Kind); 14] = [
            (401, r#"{"detail":"invalid key credentials"}"#, Kind::Auth),
            (403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#, Kind::Account),
            (403, r#"{"detail":"Authentication is required"}"#, Kind::Auth),
            (404, r#"{"status":"NOT_FOUND"}"#, Kind::NotFound),
            (
                422,
                r#"{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}"#,
                Kind::Validation,
            ),
            (
                422,
                r#"{"detail":[{"loc":["body","prompt"],"msg":"x","type":"content_policy_violation"}]}"#,
                Kind::Policy,
            ),
            (429, r#"{"detail":"Reached concurrent requests limit of 20"}"#, Kind::Busy),
            (499, r#"{"detail":"x","error_type":"client_cancelled"}"#, Kind::Cancelled),
            (503, r#"{"detail":"x","error_type":"runner_disconnected"}"#, Kind::Service),
            (500, "<html>nginx</html>", Kind::Service),
            (500, "", Kind::Service),
            (302, "", Kind::Protocol),
            (422, r#"{"detail":"plain words"}"#, Kind::Validation),
            (422, r#"{"detail":{"odd":1}}"#, Kind::Validation),
        ];
        for (status, body, expected) in cases {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn fields_are_named_without_the_body() {
        let body = r#"{"detail":[{"loc":["body","image_urls",1],"msg":"too small","type":"image_too_small"}]}"#;
        let error = Error::of_answer(422, None, None, body.as_bytes());
        assert_eq!(error.fields, [("image_urls".to_owned(), "too small".to_owned())]);
        assert_eq!(error.message, "image_urls: too small");
    }
}
