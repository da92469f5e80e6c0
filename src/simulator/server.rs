//! One port for all of the service's hosts: a prefix, the Host header or the proxy header tells
//! which of them is meant. Run and queue have the same paths.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;

use super::request::{ApiHost, Request};
use super::responses::{answer, detail, not_found};
use super::state::ServerState;
use super::{doors, platform, queue, storage};

/// Inputs may carry pictures as data URIs.
const LARGEST_BODY: usize = 128 << 20;

pub(super) fn router(server: Arc<ServerState>) -> Router {
    Router::new()
        .fallback(serve)
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(server)
}

async fn serve(
    State(server): State<Arc<ServerState>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = doors::refusal(&headers) {
        return refusal;
    }
    let Some(request) = take_apart(method, &uri, headers, body) else {
        return detail(400, "Invalid request");
    };
    let is_file = request.method == Method::GET && request.path.starts_with("files/");
    let is_public = request.api_host == ApiHost::Site || request.path == ".well-known/jwks.json";
    let is_part = request.path.contains("/multipart/");
    let is_put = request.api_host == ApiHost::Cdn && (request.method == Method::PUT || is_part);
    // Files are public, and the address of an upload is its own permission.
    if !is_file
        && !is_put
        && !is_public
        && let Err(refusal) = authorize(&server, &request)
    {
        return refusal;
    }
    match request.api_host {
        ApiHost::Run => queue::run(&server, &request).await,
        ApiHost::Queue | ApiHost::Gateway => queue::serve(&server, &request).await,
        ApiHost::Rest if is_public => match &server.signer {
            Some(signer) => answer(200, &signer.jwks()),
            None => not_found(),
        },
        ApiHost::Rest => storage::rest(&server, &request).await,
        ApiHost::Api => platform::api(&server, &request).await,
        ApiHost::Site => platform::site(&server, &request),
        ApiHost::Cdn => storage::cdn(&server, &request).await,
        ApiHost::Own if request.path == "_sim/ledger" => answer(200, &server.ledger()),
        ApiHost::Own if request.path == "_sim/faults" && request.method == Method::POST => {
            match server.inject(&String::from_utf8_lossy(&request.body)) {
                Ok(()) => answer(200, &serde_json::json!({ "faults": "dialled" })),
                Err(error) => detail(400, &error),
            }
        }
        ApiHost::Own if request.path == "_sim/release" && request.method == Method::POST => {
            server.release();
            answer(200, &serde_json::json!({ "released": true }))
        }
        ApiHost::Own => not_found(),
    }
}

fn take_apart(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Option<Request> {
    let host = headers.get(header::HOST)?.to_str().ok()?.to_owned();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    // Behind a proxy a request carries the address that it is really for. One that has reached the
    // service's own host is there already, whatever it still carries.
    let is_there = api_host_of(name).is_some();
    if let Some(target) = text("x-fal-target-url").filter(|_| !is_there) {
        let target = url::Url::parse(target).ok()?;
        let api_host = api_host_of(target.host_str()?)?;
        let root = target.origin().ascii_serialization();
        let path = target.path().trim_start_matches('/').to_owned();
        let query = target.query().unwrap_or_default().to_owned();
        // Whoever comes through a proxy fetches and uploads files past it.
        let cdn = format!("http://{host}/_cdn");
        return Some(Request { api_host, root, cdn, method, path, query, headers, body });
    }
    let path = uri.path().trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let by_prefix = match first {
        "_run" => Some(ApiHost::Run),
        "_queue" => Some(ApiHost::Queue),
        "_rest" => Some(ApiHost::Rest),
        // A bucket of the caller's own is played on the same port.
        "_cdn" | "_bucket" => Some(ApiHost::Cdn),
        "_api" => Some(ApiHost::Api),
        "_site" => Some(ApiHost::Site),
        "_gateway" => Some(ApiHost::Gateway),
        _ => None,
    };
    let here = format!("http://{host}/_cdn");
    let (api_host, path, root, cdn) = match (by_prefix, api_host_of(name)) {
        (Some(api_host), _) => (api_host, rest, format!("http://{host}/{first}"), here),
        (None, Some(api_host)) => {
            (api_host, path, format!("https://{host}"), "https://v3.fal.media".to_owned())
        }
        (None, None) => (ApiHost::Own, path, format!("http://{host}"), here),
    };
    let (path, query) = (path.to_owned(), uri.query().unwrap_or_default().to_owned());
    Some(Request { api_host, root, cdn, method, path, query, headers, body })
}

fn api_host_of(name: &str) -> Option<ApiHost> {
    match name {
        "fal.run" | "falrun.com" => Some(ApiHost::Run),
        "queue.fal.run" | "queue.falrun.com" => Some(ApiHost::Queue),
        "rest.fal.ai" | "rest.alpha.fal.ai" => Some(ApiHost::Rest),
        "api.fal.ai" => Some(ApiHost::Api),
        "fal.ai" => Some(ApiHost::Site),
        "v3.fal.media" | "v3b.fal.media" | "fal.media" => Some(ApiHost::Cdn),
        _ => None,
    }
}

fn authorize(server: &ServerState, request: &Request) -> Result<(), Response> {
    let given = request.header("authorization").unwrap_or_default();
    let (scheme, key) = given.split_once(' ').unwrap_or((given, ""));
    let wanted = match request.api_host {
        ApiHost::Gateway | ApiHost::Cdn => "Bearer",
        ApiHost::Run
        | ApiHost::Queue
        | ApiHost::Rest
        | ApiHost::Api
        | ApiHost::Site
        | ApiHost::Own => "Key",
    };
    if given.is_empty() {
        return Err(detail(401, "Authentication is required to access this application."));
    }
    if !scheme.eq_ignore_ascii_case(wanted) {
        let text = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";
        return Err(detail(401, text));
    }
    if key.trim() != server.key {
        return Err(detail(401, "invalid key credentials"));
    }
    server.state().account.admit(request)
}
