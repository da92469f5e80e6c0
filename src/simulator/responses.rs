//! The shapes of the service's answers.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::python_json;

/// JSON with the headers that every answer of the service has.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    respond(status, "application/json", python_json::written(body).into_bytes())
}

pub(super) fn respond(status: u16, mime: &str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mime =
        HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(header::CONTENT_TYPE, mime);
    with_header(response, "x-fal-request-id", &uuid::Uuid::new_v4().to_string())
}

/// The same with one more header.
pub(super) fn with_header(mut response: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

pub(super) fn detail(status: u16, text: &str) -> Response {
    answer(status, &json!({ "detail": text }))
}

/// A platform failure with its machine word in body and header.
pub(super) fn platform(status: u16, word: &str, text: &str) -> Response {
    let response = answer(status, &json!({ "detail": text, "error_type": word }));
    with_header(response, "x-fal-error-type", word)
}

pub(super) fn not_found() -> Response {
    answer(404, &json!({ "status": "NOT_FOUND" }))
}

/// An answer whose connection breaks in the middle.
pub(super) fn cut() -> Response {
    let broken = std::io::Error::other("cut");
    let stream =
        futures_util::stream::iter([Ok(axum::body::Bytes::from_static(b"{\"sta")), Err(broken)]);
    let mut response = Response::new(Body::from_stream(stream));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
