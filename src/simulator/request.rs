//! A request to the simulator, taken apart.
//!
//! Knows no routes and no state.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde_json::Value;

use super::python_json::{self, Wrong};
use super::responses::{answer, detail, with_header};

/// Which of the service's hosts a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiHost {
    Run,
    Queue,
    Rest,
    Cdn,
    /// Prices and documents; wants the key.
    Api,
    /// Documents for everybody.
    Site,
    /// Imitates the paths of the service, wants `Bearer`, answers the bare POST as the queue does.
    Gateway,
    /// The simulator's own.
    Own,
}

/// A request, taken apart.
pub(super) struct Request {
    pub(super) api_host: ApiHost,
    /// Scheme, authority and prefix under which answers name their addresses.
    pub(super) root: String,
    /// Files are named below this.
    pub(super) cdn: String,
    pub(super) method: Method,
    /// Without prefix and leading slash.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value of a query parameter, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// All values of a query parameter that may be repeated.
    pub(super) fn parameters(&self, name: &str) -> Vec<String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        let named = pairs.filter(|(key, _)| key == name);
        named.map(|(_, value)| value.into_owned()).collect()
    }
}

/// The body as a model's input. No body at all is as `null`, and what is not said to be JSON is
/// one text.
pub(super) fn model_input(request: &Request) -> Result<Value, Response> {
    let length = request.body.len();
    if length == 0 {
        return Ok(Value::Null);
    }
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind
        .strip_prefix("application/")
        .is_some_and(|kind| kind == "json" || kind.ends_with("+json"));
    match is_json {
        true => json_body(request),
        false => Ok(Value::String(format!("<binary {length} bytes>"))),
    }
}

/// The body as JSON, or the toolkit's answer to one that is none.
pub(super) fn json_body(request: &Request) -> Result<Value, Response> {
    python_json::parse(&request.body).map_err(|wrong| match wrong {
        Wrong::Unreadable => detail(400, "There was an error parsing the body"),
        Wrong::Invalid(at, error) => {
            let entry = serde_json::json!({ "type": "json_invalid", "loc": ["body", at],
                "msg": "JSON decode error", "input": {}, "ctx": { "error": error } });
            let refusal = answer(422, &serde_json::json!({ "detail": [entry] }));
            with_header(refusal, "x-fal-billable-units", "0")
        }
    })
}
