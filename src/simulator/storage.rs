//! Storage: tokens, uploads in both clients' ways, files handed out again.

use std::time::Duration;

use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::fault::Step;
use super::inputs::stand_in;
use super::request::Request;
use super::request::json_body;
use super::responses::{answer, detail, not_found, respond, with_header};
use super::state::ServerState;
use super::{apply_fault, multipart};

/// `rest.fal.ai`.
pub(super) async fn rest(server: &ServerState, request: &Request) -> Response {
    if request.method != Method::POST {
        return detail(405, "Method Not Allowed");
    }
    let cdn = &request.cdn;
    match request.path.trim_end_matches('/') {
        "storage/auth/token" => {
            let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
            let expires = expires.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
            // The key itself would do; a token of the simulator is good for its own CDN only.
            answer(
                200,
                &json!({ "token": server.key, "token_type": "Bearer", "base_url": cdn,
                "expires_at": expires }),
            )
        }
        "storage/upload/initiate" => {
            let wish = match json_body(request) {
                Ok(wish) => wish,
                Err(refusal) => return refusal,
            };
            let text = |name: &str| {
                wish.get(name).and_then(Value::as_str).unwrap_or("upload.bin").to_owned()
            };
            let name = server.keep_file(
                &text("file_name"),
                &text("content_type"),
                Vec::new(),
                life(request),
            );
            let url = format!("{cdn}/files/{name}");
            answer(200, &json!({ "upload_url": url, "file_url": url }))
        }
        "storage/upload/initiate-multipart" => {
            let wish = match json_body(request) {
                Ok(wish) => wish,
                Err(refusal) => return refusal,
            };
            let text = |name: &str| wish.get(name).and_then(Value::as_str).unwrap_or("upload.bin");
            let (name, id) = multipart::begin(server, text("file_name"), text("content_type"));
            let url = format!("{cdn}/files/{name}");
            answer(200, &json!({ "upload_url": format!("{url}/multipart/{id}"), "file_url": url }))
        }
        _ => not_found(),
    }
}

/// How long an upload is to be kept; the newer name of the header goes first.
fn life(request: &Request) -> Option<Duration> {
    let wish = request.header("x-fal-object-lifecycle");
    lifetime(wish.or(request.header("x-fal-object-lifecycle-preference"))?)
}

/// Of `{"expiration_duration_seconds":3600}`.
pub(super) fn lifetime(wish: &str) -> Option<Duration> {
    let wish: Value = serde_json::from_str(wish).ok()?;
    Some(Duration::from_secs(wish.get("expiration_duration_seconds")?.as_u64()?))
}

/// `v3.fal.media`.
pub(super) async fn cdn(server: &ServerState, request: &Request) -> Response {
    let step = if request.method == Method::GET { Step::Download } else { Step::Upload };
    let fault = server.take_fault(step);
    if let Some(response) = apply_fault::before(server, fault).await {
        return response;
    }
    let response = kept(server, request);
    apply_fault::after(server, fault, response).await
}

fn kept(server: &ServerState, request: &Request) -> Response {
    let mime = request.header("content-type").unwrap_or("application/octet-stream");
    let name = request.path.strip_prefix("files/").unwrap_or_default();
    if let Some((name, rest)) = name.split_once("/multipart/") {
        return multipart::serve(server, request, name, rest);
    }
    match (request.method.clone(), request.path.as_str()) {
        (Method::POST, "files/upload/multipart") => {
            let wanted = request.header("x-fal-file-name").unwrap_or("upload.bin");
            let (name, id) = multipart::begin(server, wanted, mime);
            let url = format!("{}/files/{name}", request.root);
            answer(200, &json!({ "access_url": url, "uploadId": id }))
        }
        (Method::POST, "files/upload") => {
            let wanted = request.header("x-fal-file-name").unwrap_or("upload.bin");
            let name = server.keep_file(wanted, mime, request.body.to_vec(), life(request));
            answer(200, &json!({ "access_url": format!("{}/files/{name}", request.root) }))
        }
        (Method::PUT, _) if server.file(name).is_some() => {
            server.put_file(name, mime, request.body.to_vec());
            answer(200, &json!({}))
        }
        (Method::GET, path) => match server.file(name) {
            Some(file) => respond(200, &file.mime, file.bytes.to_vec()),
            None => match stand_in(path) {
                Some(bytes) => respond(200, "image/png", bytes),
                None => with_header(detail(404, "File not found"), "cache-control", "no-store"),
            },
        },
        _ => not_found(),
    }
}
