//! Storage: tokens, uploads in both clients' ways, files handed out again.

use std::time::Duration;

use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::account::{Access, platform_error};
use super::fault::Step;
use super::fault::{Before, What};
use super::inputs::stand_in;
use super::job::Keep;
use super::request::Request;
use super::request::json_body;
use super::responses::{answer, detail, not_found, respond, with_header};
use super::state::{File, ServerState};
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
                &uploaded(server, request),
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

/// How an upload is to be kept; the newer name of the header goes first.
fn uploaded(server: &ServerState, request: &Request) -> Keep {
    let wish = request.header("x-fal-object-lifecycle");
    keep(server, wish.or(request.header("x-fal-object-lifecycle-preference")))
}

/// Of `{"expiration_duration_seconds":3600,"initial_acl":{"default":"forbid"}}`; what it leaves open
/// is the account's.
pub(super) fn keep(server: &ServerState, wish: Option<&str>) -> Keep {
    let wish: Value = wish.and_then(|wish| serde_json::from_str(wish).ok()).unwrap_or_default();
    let seconds = wish.get("expiration_duration_seconds").and_then(Value::as_u64);
    let access = wish.pointer("/initial_acl/default").and_then(Value::as_str);
    let access = access.and_then(Access::named).unwrap_or(server.state().account.access);
    Keep { life: seconds.map(Duration::from_secs), access, bucket: None }
}

/// Whether a bucket's policy has the form of a signed post: `{"url":…,"fields":{"key":…}}`.
pub(super) fn policy(text: &str) -> Result<(), String> {
    let policy: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let url = policy.get("url").and_then(Value::as_str).unwrap_or_default();
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1") {
        return Err("url: an address is needed".into());
    }
    match policy.pointer("/fields/key").and_then(Value::as_str) {
        Some(_) => Ok(()),
        None => Err("fields.key: Field required".into()),
    }
}

/// `api.fal.ai/v1/storage/files/sign`.
pub(super) fn sign(server: &ServerState, request: &Request) -> Response {
    let invalid = |text: &str| platform_error(400, "validation_error", text);
    let url = request.parameter("url").unwrap_or_default();
    let name = url.split_once("/files/").map_or("", |(_, name)| name);
    if name.is_empty() || url.contains('?') {
        return invalid("url: the address of a file without query parameters is needed");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let seconds = body.get("expiration_seconds").map_or(Some(3_600), Value::as_u64);
    let Some(seconds) = seconds.filter(|seconds| (1..=7 * 86_400).contains(seconds)) else {
        return invalid("expiration_seconds: 1 to 604800");
    };
    if server.file(name).is_none() {
        return platform_error(404, "not_found", "File not found");
    }
    let signature = server.sign(name, Duration::from_secs(seconds));
    answer(200, &json!({ "signed_url": format!("{url}?identity={signature}") }))
}

/// `v3.fal.media`.
pub(super) async fn cdn(server: &ServerState, request: &Request) -> Response {
    let step = if request.method == Method::GET { Step::Download } else { Step::Upload };
    let fault = server.take_fault(step);
    if let Some(response) = apply_fault::before(server, fault).await {
        return response;
    }
    let late = match fault {
        Some(What::Before(Before::Late(time))) => time,
        Some(_) | None => Duration::ZERO,
    };
    let response = kept(server, request, late);
    apply_fault::after(server, fault, response).await
}

fn kept(server: &ServerState, request: &Request, late: Duration) -> Response {
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
            let name =
                server.keep_file(wanted, mime, request.body.to_vec(), &uploaded(server, request));
            answer(200, &json!({ "access_url": format!("{}/files/{name}", request.root) }))
        }
        (Method::PUT, _) if server.file(name).is_some() => {
            server.put_file(name, mime, request.body.to_vec());
            answer(200, &json!({}))
        }
        (Method::GET, path) => match server.file(name) {
            Some(file) if file.made.elapsed() < late => missing(),
            Some(file) => handed_out(server, request, name, &file),
            None => match stand_in(path) {
                Some(bytes) => respond(200, "image/png", bytes),
                None => missing(),
            },
        },
        _ => not_found(),
    }
}

fn missing() -> Response {
    with_header(detail(404, "File not found"), "cache-control", "no-store")
}

/// To everybody, or to whoever has a signature.
fn handed_out(server: &ServerState, request: &Request, name: &str, file: &File) -> Response {
    let signature = request.parameter("identity");
    let is_signed = signature.is_some_and(|signature| server.is_signed(name, &signature));
    match file.access {
        Access::Forbid if !is_signed => detail(403, "Access to this file is forbidden"),
        Access::Hide if !is_signed => missing(),
        Access::Allow | Access::Forbid | Access::Hide => {
            respond(200, &file.mime, file.bytes.to_vec())
        }
    }
}
