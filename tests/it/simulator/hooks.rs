//! Webhooks: who is told of a request's end, and that the signature is the service's.

use std::sync::mpsc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64_simd::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Client, simulator};
use editree::tree::Hash;

type Told = (HeaderMap, Bytes);

/// An address that refuses so many times before it acknowledges.
async fn listener(refuse: usize) -> (String, mpsc::Receiver<Told>) {
    let (sender, told) = mpsc::channel();
    let state = (sender, std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(refuse)));
    let take = async |State((sender, left)): State<(
        mpsc::Sender<Told>,
        std::sync::Arc<std::sync::atomic::AtomicUsize>,
    )>,
                      headers: HeaderMap,
                      body: Bytes| {
        let order = std::sync::atomic::Ordering::SeqCst;
        let refuses = left.fetch_update(order, order, |left| left.checked_sub(1)).is_ok();
        sender.send((headers, body)).unwrap();
        if refuses { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }
    };
    let router = Router::new().route("/hook", post(take)).with_state(state);
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    (url, told)
}

async fn next(told: mpsc::Receiver<Told>) -> (mpsc::Receiver<Told>, Told) {
    let wait = move || {
        let next = told.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        (told, next)
    };
    tokio::task::spawn_blocking(wait).await.unwrap()
}

async fn submit(client: &Client<'_>, url: &str, body: &Value) -> String {
    let base = client.running.queue();
    let hook = url::form_urlencoded::byte_serialize(url.as_bytes()).collect::<String>();
    let url = format!("{base}/fal-ai/flux-pro/kontext/text-to-image?fal_webhook={hook}");
    let (code, answer) = client.post(&url, body).await;
    assert_eq!(code, 200, "{answer}");
    answer["request_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_told_until_it_is_acknowledged_and_the_signature_is_good() {
    let running = simulator().await;
    let client = Client::new(&running);
    let (url, told) = listener(1).await;
    let id = submit(&client, &url, &json!({ "prompt": "a lighthouse" })).await;
    let (told, first) = next(told).await;
    let (_told, (headers, body)) = next(told).await;
    assert_eq!(first.1, body, "the same again");
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (said["request_id"].as_str(), said["status"].as_str()),
        (Some(id.as_str()), Some("OK"))
    );
    assert_eq!(said["payload"]["images"].as_array().map(Vec::len), Some(1));

    let header = |name: &str| headers[name].to_str().unwrap();
    let message = [
        header("x-fal-webhook-request-id"),
        header("x-fal-webhook-user-id"),
        header("x-fal-webhook-timestamp"),
        &Hash::of(&body).to_string(),
    ]
    .join("\n");
    let signature = unhex(header("x-fal-webhook-signature"));
    // Anybody may ask for the keys.
    let keys = reqwest::get(format!("{}/.well-known/jwks.json", running.rest())).await.unwrap();
    let keys: Value = keys.json().await.unwrap();
    let x = keys["keys"][0]["x"].as_str().unwrap();
    let key = URL_SAFE_NO_PAD.decode_to_vec(x).unwrap();
    UnparsedPublicKey::new(&ED25519, key).verify(message.as_bytes(), &signature).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_with_its_code_and_other_hosts_are_told_nothing() {
    let running = simulator().await;
    let client = Client::new(&running);
    let (url, told) = listener(0).await;
    submit(&client, &url, &json!({ "prompt": 7 })).await;
    let (_told, (_, body)) = next(told).await;
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(said["error"], "Invalid status code: 422");
    assert_eq!(said["payload"]["detail"][0]["type"], "string_type");

    let id = submit(&client, "https://192.0.2.1/hook", &json!({ "prompt": "x" })).await;
    client.logs_with(&id, "webhooks go to loopback only").await;
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}
