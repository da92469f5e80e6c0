//! Faults that are dialled in while it runs.

use std::time::Duration;

use serde_json::Value;

use super::{Client, simulator};

const TEXT: &str = "fal-ai/flux-pro/kontext/text-to-image";

async fn post(client: &Client<'_>, path: &str, body: &str) -> (u16, Value) {
    let answer = client
        .http
        .post(format!("{}/{path}", client.running.base))
        .header("Authorization", format!("Key {}", client.running.key))
        .header("Content-Type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn run(client: &Client<'_>) -> (u16, Value) {
    post(client, &format!("_run/{TEXT}"), r#"{"prompt":"a cat","seed":1}"#).await
}

#[tokio::test]
async fn the_filter_can_be_dialled_for_one_request() {
    let running = simulator().await;
    let client = Client::new(&running);
    assert_eq!(post(&client, "_sim/faults", "run:filter*1").await.0, 200);
    let (status, answer) = run(&client).await;
    assert_eq!((status, &answer["has_nsfw_concepts"][0]), (200, &true.into()));
    assert_eq!(run(&client).await.1["has_nsfw_concepts"][0], false);
}

#[tokio::test]
async fn the_model_can_be_made_to_fail_and_all_be_well_again() {
    let running = simulator().await;
    let client = Client::new(&running);
    running.inject("run:500").unwrap();
    assert_eq!(run(&client).await.0, 500);
    assert_eq!(run(&client).await.0, 500);
    running.inject("off").unwrap();
    assert_eq!(run(&client).await.0, 200);
}

#[tokio::test]
async fn what_is_held_goes_on_when_it_is_released() {
    let running = simulator().await;
    let client = Client::new(&running);
    running.inject("run:hold").unwrap();
    let held = run(&client);
    tokio::pin!(held);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut held).await;
    assert!(early.is_err(), "it is held");
    assert_eq!(post(&client, "_sim/release", "").await.0, 200);
    assert_eq!(held.await.0, 200);
}

#[tokio::test]
async fn a_wrong_specification_is_explained() {
    let running = simulator().await;
    let client = Client::new(&running);
    let (status, answer) = post(&client, "_sim/faults", "nonsense").await;
    assert_eq!(status, 400);
    assert!(answer["detail"].as_str().unwrap().contains("STEP:WHAT"), "{answer}");
}
