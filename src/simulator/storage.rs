//! Storage: tokens, uploads in both clients' ways, files handed out again.

use std::time::Duration;

use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::answers::{answer, detail, not_found, respond, with_header};
use super::fault::Step;
use super::inputs::stand_in;
use super::server::{Asked, json_body};
use super::world::World;
use super::{parts, spoil};

/// `rest.fal.ai`.
pub(super) async fn rest(world: &World, asked: &Asked) -> Response {
    if asked.method != Method::POST {
        return detail(405, "Method Not Allowed");
    }
    let cdn = &asked.cdn;
    match asked.path.trim_end_matches('/') {
        "storage/auth/token" => {
            let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
            let expires = expires.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
            // The key itself would do; a token of the simulator is good for its own CDN only.
            answer(
                200,
                &json!({ "token": world.key, "token_type": "Bearer", "base_url": cdn,
                "expires_at": expires }),
            )
        }
        "storage/upload/initiate" => {
            let wish = match json_body(asked) {
                Ok(wish) => wish,
                Err(refusal) => return refusal,
            };
            let text = |name: &str| {
                wish.get(name).and_then(Value::as_str).unwrap_or("upload.bin").to_owned()
            };
            let name =
                world.keep_file(&text("file_name"), &text("content_type"), Vec::new(), life(asked));
            let url = format!("{cdn}/files/{name}");
            answer(200, &json!({ "upload_url": url, "file_url": url }))
        }
        "storage/upload/initiate-multipart" => {
            let wish = match json_body(asked) {
                Ok(wish) => wish,
                Err(refusal) => return refusal,
            };
            let text = |name: &str| wish.get(name).and_then(Value::as_str).unwrap_or("upload.bin");
            let (name, id) = parts::begin(world, text("file_name"), text("content_type"));
            let url = format!("{cdn}/files/{name}");
            answer(200, &json!({ "upload_url": format!("{url}/multipart/{id}"), "file_url": url }))
        }
        _ => not_found(),
    }
}

/// How long an upload is to be kept; the newer name of the header goes first.
fn life(asked: &Asked) -> Option<Duration> {
    let wish = asked.header("x-fal-object-lifecycle");
    lifetime(wish.or(asked.header("x-fal-object-lifecycle-preference"))?)
}

/// Of `{"expiration_duration_seconds":3600}`.
pub(super) fn lifetime(wish: &str) -> Option<Duration> {
    let wish: Value = serde_json::from_str(wish).ok()?;
    Some(Duration::from_secs(wish.get("expiration_duration_seconds")?.as_u64()?))
}

/// `v3.fal.media`.
pub(super) async fn cdn(world: &World, asked: &Asked) -> Response {
    let step = if asked.method == Method::GET { Step::Download } else { Step::Upload };
    let fault = world.take_fault(step);
    if let Some(response) = spoil::before(world, fault).await {
        return response;
    }
    let response = kept(world, asked);
    spoil::after(world, fault, response).await
}

fn kept(world: &World, asked: &Asked) -> Response {
    let mime = asked.header("content-type").unwrap_or("application/octet-stream");
    let name = asked.path.strip_prefix("files/").unwrap_or_default();
    if let Some((name, rest)) = name.split_once("/multipart/") {
        return parts::serve(world, asked, name, rest);
    }
    match (asked.method.clone(), asked.path.as_str()) {
        (Method::POST, "files/upload/multipart") => {
            let wanted = asked.header("x-fal-file-name").unwrap_or("upload.bin");
            let (name, id) = parts::begin(world, wanted, mime);
            let url = format!("{}/files/{name}", asked.root);
            answer(200, &json!({ "access_url": url, "uploadId": id }))
        }
        (Method::POST, "files/upload") => {
            let wanted = asked.header("x-fal-file-name").unwrap_or("upload.bin");
            let name = world.keep_file(wanted, mime, asked.body.to_vec(), life(asked));
            answer(200, &json!({ "access_url": format!("{}/files/{name}", asked.root) }))
        }
        (Method::PUT, _) if world.file(name).is_some() => {
            world.put_file(name, mime, asked.body.to_vec());
            answer(200, &json!({}))
        }
        (Method::GET, path) => match world.file(name) {
            Some(file) => respond(200, &file.mime, file.bytes.to_vec()),
            None => match stand_in(path) {
                Some(bytes) => respond(200, "image/png", bytes),
                None => with_header(detail(404, "File not found"), "cache-control", "no-store"),
            },
        },
        _ => not_found(),
    }
}
