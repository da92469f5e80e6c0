//! Tells the address that a submit named of the request's end, signed as the service signs.
//!
//! By the service's page on webhooks. Loopback only: a simulator has no business with other
//! hosts. What became of it stands in the ledger. Invariant: the signature covers the very bytes
//! that are sent.

#![allow(clippy::indexing_slicing, reason = "a JSON object takes any key that is assigned to it")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use url::{Host, Url};

use super::hook::USER;
use super::job::Phase;
use super::python_json;
use super::state::ServerState;

/// As many times it is told, the first included.
const TRIES: u32 = 10;
/// The usual pause before the second; the next ones are longer.
const PAUSE: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(15);

/// Tells it until it is acknowledged, in the background.
pub(super) fn deliver(server: &Arc<ServerState>, id: &str) {
    let url = server.state().jobs.get(id).and_then(|job| Some(job.hook.as_ref()?.url.clone()));
    let Some(url) = url.and_then(|url| Url::parse(&url).ok()) else {
        return;
    };
    if !is_loopback(&url) {
        return server.log(id, "simulator: webhooks go to loopback only; nobody was told");
    }
    let (server, id) = (Arc::clone(server), id.to_owned());
    // However late it is told: its answer may have been read and forgotten by then.
    let body = python_json::written(&body(&server, &id));
    tokio::spawn(async move {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        let Ok(client) = client else { return };
        for number in 1..=TRIES {
            let acknowledged = tell(&server, &client, &url, (&id, &body)).await;
            if let Some(hook) = server.state().jobs.get_mut(&id).and_then(|job| job.hook.as_mut()) {
                (hook.tries, hook.acknowledged) = (number, acknowledged);
            }
            if acknowledged {
                return;
            }
            server.pass(PAUSE * number).await;
        }
    });
}

async fn tell(
    server: &ServerState,
    client: &reqwest::Client,
    url: &Url,
    (id, body): (&str, &str),
) -> bool {
    let timestamp = jiff::Timestamp::now().as_second().to_string();
    let Some(signer) = &server.signer else { return false };
    let signature = signer.sign(id, &timestamp, body.as_bytes());
    let request = client
        .post(url.clone())
        .header("content-type", "application/json")
        .header("x-fal-webhook-request-id", id)
        .header("x-fal-webhook-user-id", USER)
        .header("x-fal-webhook-timestamp", timestamp)
        .header("x-fal-webhook-signature", signature)
        .body(body.to_owned());
    request.send().await.is_ok_and(|reply| reply.status().is_success())
}

fn body(server: &ServerState, id: &str) -> Value {
    let phase = server.state().jobs.get(id).map(|job| job.phase.clone());
    let mut body = json!({ "request_id": id, "gateway_request_id": id });
    match phase {
        Some(Phase::Done(output)) => {
            body["status"] = "OK".into();
            body["payload"] = output;
        }
        Some(Phase::Failed(code, answer)) => {
            body["status"] = "ERROR".into();
            body["error"] = format!("Invalid status code: {code}").into();
            body["payload"] = answer;
        }
        Some(Phase::Cancelled | Phase::Queued | Phase::Running) | None => {
            body["status"] = "ERROR".into();
            body["error"] = "Request was cancelled".into();
            body["payload"] = Value::Null;
        }
    }
    body
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
