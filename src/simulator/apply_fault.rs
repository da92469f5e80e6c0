//! What a dialled fault does to a call: before it is carried out, and to its answer.
//!
//! Called by `queue` and `storage` for each call; `worker` looks at the faults of `run` itself.
//! Knows no route. Invariant: before or after is told by the fault alone, so that a person knows
//! whether a request was accepted when its answer went wrong.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::fault::{After, Before, What};
use super::responses::{answer, cut, detail, platform, respond, with_header};
use super::state::ServerState;

/// How much an endless answer holds, in bytes; more than any client takes.
const FLOOD: usize = 1 << 30;
const PIECES: usize = 20;
const DRIP: Duration = Duration::from_millis(150);

/// Nothing was done when this answers; `None`: the call is carried out.
pub(super) async fn before(server: &ServerState, fault: Option<What>) -> Option<Response> {
    let Some(What::Before(fault)) = fault else { return None };
    match fault {
        Before::Answer(429) => return Some(busy()),
        Before::Answer(status @ 300..=399) => {
            return Some(respond(status, "text/plain", Vec::new()));
        }
        Before::Answer(status) => {
            return Some(platform(status, word(status), "a fault set in the simulator"));
        }
        Before::Page(status) => return Some(page(status)),
        Before::Key => return Some(detail(401, "invalid key credentials")),
        Before::Account => return Some(detail(403, "User is locked. Reason: Exhausted balance.")),
        Before::Early => return Some(detail(400, "Request is still in progress")),
        Before::Empty => return Some(respond(200, "application/json", Vec::new())),
        Before::Drop => return Some(cut()),
        Before::Redirect => return Some(elsewhere()),
        Before::Near => return Some(near()),
        Before::Delay(time) => tokio::time::sleep(time).await,
        Before::Hold => server.hold().await,
        Before::Stall => std::future::pending().await,
        // The storage knows how old its files are.
        Before::Late(_) => {}
    }
    None
}

/// The answer of a call that was carried out, as it leaves.
pub(super) async fn after(
    server: &ServerState,
    fault: Option<What>,
    response: Response,
) -> Response {
    let Some(What::After(fault)) = fault else { return response };
    match fault {
        After::Lose => cut(),
        After::Garble => respond(200, "application/json", b"<html>oops</html>".to_vec()),
        After::Mute => {
            server.hold().await;
            response
        }
        After::Drip => drip(response).await,
        After::Short => short(response).await,
        After::Cut => half(response).await,
        After::Gzip => packed(response, true).await,
        After::Packed => packed(response, false).await,
        After::Wrap => wrapped(response).await,
        After::Mistype => {
            let mut response = response;
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
        After::Flood => flood(response),
        After::Bomb => bomb(),
        After::Repeat => events(response, 2, usize::MAX),
        After::Cease => events(response, 1, 1),
    }
}

/// As the service says that too many run at once.
fn busy() -> Response {
    let body = json!({ "detail": "Reached concurrent requests limit of 2",
        "type": "concurrent_requests_limit", "data": { "limit": 2 } });
    with_header(answer(429, &body), "x-fal-needs-retry", "1")
}

/// The machine word that goes with a status, as the service's page on request errors lists them.
fn word(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        499 => "client_cancelled",
        500 => "internal_error",
        502 => "runner_incomplete_response",
        504 => "startup_timeout",
        _ => "runner_scheduling_failure",
    }
}

/// To a host that has no business with the key.
fn elsewhere() -> Response {
    let mut response = respond(307, "text/plain", Vec::new());
    let place = HeaderValue::from_static("http://127.0.0.1:9/elsewhere");
    response.headers_mut().insert(header::LOCATION, place);
    response
}

/// As a box in between says it: a log-in page, a page of a gateway.
fn page(status: u16) -> Response {
    let text = "<!DOCTYPE html><html><head><title>Log in</title></head><body>…</body></html>";
    respond(status, "text/html; charset=utf-8", text.as_bytes().to_vec())
}

/// To the very address that was asked; the caller finds all well there.
fn near() -> Response {
    let mut response = respond(307, "text/plain", Vec::new());
    // An empty reference is the address itself.
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(""));
    response
}

/// The first half, as if that were all.
async fn half(response: Response) -> Response {
    let (mut parts, bytes) = bytes(response).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    let half = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::from(half))
}

/// Compressed, whatever the caller said that it takes.
async fn packed(response: Response, is_told: bool) -> Response {
    let (mut parts, bytes) = bytes(response).await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let written = packed.write_all(&bytes).is_ok();
    let Some(body) = packed.finish().ok().filter(|_| written) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    if is_told {
        parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Response::from_parts(parts, Body::from(body))
}

/// `[…]` around the answer, which no client expects.
async fn wrapped(response: Response) -> Response {
    let (mut parts, bytes) = bytes(response).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    let list = [b"[".as_slice(), &bytes, b"]"].concat();
    Response::from_parts(parts, Body::from(list))
}

async fn bytes(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, bytes)
}

/// Piece by piece, with pauses.
async fn drip(response: Response) -> Response {
    let (parts, bytes) = bytes(response).await;
    let size = bytes.len().div_ceil(PIECES).max(1);
    let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let pieces = stream::iter(pieces).then(|piece| async {
        tokio::time::sleep(DRIP).await;
        Ok::<_, Infallible>(piece)
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Says that more comes than does.
async fn short(response: Response) -> Response {
    let (mut parts, bytes) = bytes(response).await;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len() + 1_000));
    let stream = stream::iter([Ok::<_, Infallible>(bytes)]);
    Response::from_parts(parts, Body::from_stream(stream))
}

fn flood(response: Response) -> Response {
    let (parts, _) = response.into_parts();
    let piece = Bytes::from(vec![b' '; 1 << 16]);
    let pieces = std::iter::repeat_n(piece, FLOOD >> 16).map(Ok::<_, Infallible>);
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}

/// Small on the line and large for whoever unpacks it. Packed once: that takes longer than whoever
/// waits for it may be patient.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    let written = (0..200).all(|_| packed.write_all(&zeros).is_ok());
    packed.finish().ok().filter(|_| written).unwrap_or_default()
});

fn bomb() -> Response {
    let mut response = respond(200, "application/json", BOMB.clone());
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

/// Each event so many times, and no more than so many events; other answers stay as they are.
fn events(response: Response, times: usize, most: usize) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if response.status() != StatusCode::OK
        || !kind.is_some_and(|kind| kind.contains("event-stream"))
    {
        return response;
    }
    let (parts, body) = response.into_parts();
    let events = body.into_data_stream().take(most).map(move |event| {
        let event = event.unwrap_or_default();
        Ok::<_, Infallible>(Bytes::from(event.repeat(times)))
    });
    Response::from_parts(parts, Body::from_stream(events))
}
