//! One port for all of the service's hosts: a prefix, the Host header or the proxy header tells
//! which of them is meant. Run and queue have the same paths.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use serde_json::Value;

use super::answers::{answer, detail, not_found, with_header};
use super::world::World;
use super::{platform, queue, storage};

/// Inputs may carry pictures as data URIs.
const LARGEST_BODY: usize = 128 << 20;

/// Which of the service's hosts a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
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
pub(super) struct Asked {
    pub(super) place: Place,
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

impl Asked {
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

pub(super) fn router(world: Arc<World>) -> Router {
    Router::new()
        .fallback(serve)
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(world)
}

async fn serve(
    State(world): State<Arc<World>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(asked) = take_apart(method, &uri, headers, body) else {
        return detail(400, "Invalid request");
    };
    let is_file = asked.method == Method::GET && asked.path.starts_with("files/");
    let is_public = asked.place == Place::Site || asked.path == ".well-known/jwks.json";
    let is_part = asked.path.contains("/multipart/");
    let is_put = asked.place == Place::Cdn && (asked.method == Method::PUT || is_part);
    // Files are public, and the address of an upload is its own permission.
    if !is_file
        && !is_put
        && !is_public
        && let Err(refusal) = authorize(&world, &asked)
    {
        return refusal;
    }
    match asked.place {
        Place::Run => queue::run(&world, &asked).await,
        Place::Queue | Place::Gateway => queue::serve(&world, &asked).await,
        Place::Rest if is_public => match &world.signer {
            Some(signer) => answer(200, &signer.jwks()),
            None => not_found(),
        },
        Place::Rest => storage::rest(&world, &asked).await,
        Place::Api => platform::api(&asked),
        Place::Site => platform::site(&asked),
        Place::Cdn => storage::cdn(&world, &asked).await,
        Place::Own if asked.path == "_sim/ledger" => answer(200, &world.ledger()),
        Place::Own if asked.path == "_sim/faults" && asked.method == Method::POST => {
            match world.dial(&String::from_utf8_lossy(&asked.body)) {
                Ok(()) => answer(200, &serde_json::json!({ "faults": "dialled" })),
                Err(error) => detail(400, &error),
            }
        }
        Place::Own if asked.path == "_sim/release" && asked.method == Method::POST => {
            world.release();
            answer(200, &serde_json::json!({ "released": true }))
        }
        Place::Own => not_found(),
    }
}

fn take_apart(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Option<Asked> {
    let host = headers.get(header::HOST)?.to_str().ok()?.to_owned();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A proxied request carries the address that it is really for.
    if let Some(target) = text("x-fal-target-url") {
        let target = url::Url::parse(target).ok()?;
        let place = place_of_host(target.host_str()?)?;
        let root = target.origin().ascii_serialization();
        let path = target.path().trim_start_matches('/').to_owned();
        let query = target.query().unwrap_or_default().to_owned();
        // Whoever comes through a proxy fetches and uploads files past it.
        let cdn = format!("http://{host}/_cdn");
        return Some(Asked { place, root, cdn, method, path, query, headers, body });
    }
    let path = uri.path().trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let by_prefix = match first {
        "_run" => Some(Place::Run),
        "_queue" => Some(Place::Queue),
        "_rest" => Some(Place::Rest),
        "_cdn" => Some(Place::Cdn),
        "_api" => Some(Place::Api),
        "_site" => Some(Place::Site),
        "_gateway" => Some(Place::Gateway),
        _ => None,
    };
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let here = format!("http://{host}/_cdn");
    let (place, path, root, cdn) = match (by_prefix, place_of_host(name)) {
        (Some(place), _) => (place, rest, format!("http://{host}/{first}"), here),
        (None, Some(place)) => {
            (place, path, format!("https://{host}"), "https://v3.fal.media".to_owned())
        }
        (None, None) => (Place::Own, path, format!("http://{host}"), here),
    };
    let (path, query) = (path.to_owned(), uri.query().unwrap_or_default().to_owned());
    Some(Asked { place, root, cdn, method, path, query, headers, body })
}

fn place_of_host(name: &str) -> Option<Place> {
    match name {
        "fal.run" | "falrun.com" => Some(Place::Run),
        "queue.fal.run" | "queue.falrun.com" => Some(Place::Queue),
        "rest.fal.ai" | "rest.alpha.fal.ai" => Some(Place::Rest),
        "api.fal.ai" => Some(Place::Api),
        "fal.ai" => Some(Place::Site),
        "v3.fal.media" | "v3b.fal.media" | "fal.media" => Some(Place::Cdn),
        _ => None,
    }
}

fn authorize(world: &World, asked: &Asked) -> Result<(), Response> {
    let given = asked.header("authorization").unwrap_or_default();
    let (scheme, key) = given.split_once(' ').unwrap_or((given, ""));
    let wanted = match asked.place {
        Place::Gateway | Place::Cdn => "Bearer",
        Place::Run | Place::Queue | Place::Rest | Place::Api | Place::Site | Place::Own => "Key",
    };
    if given.is_empty() {
        return Err(detail(401, "Authentication is required to access this application."));
    }
    if !scheme.eq_ignore_ascii_case(wanted) {
        let text = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";
        return Err(detail(401, text));
    }
    if key.trim() != world.key {
        return Err(detail(401, "invalid key credentials"));
    }
    Ok(())
}

/// The body as JSON, or the toolkit's answer to one that is none.
pub(super) fn json_body(asked: &Asked) -> Result<Value, Response> {
    serde_json::from_slice(&asked.body).map_err(|error| {
        let entry = serde_json::json!({ "type": "json_invalid", "loc": ["body", error.column()],
            "msg": "JSON decode error", "input": {}, "ctx": { "error": error.to_string() } });
        let refusal = answer(422, &serde_json::json!({ "detail": [entry] }));
        with_header(refusal, "x-fal-billable-units", "0")
    })
}
