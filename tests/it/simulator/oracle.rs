//! Bodies of many kinds are refused as the service's own toolkit refuses them, field by field.
//!
//! What that answers was recorded by `tests/official/oracle.py`; human words are not compared.

use std::fmt::Write as _;

use editree::fal::upload::data_uri;
use editree::simulator::Running;
use serde_json::{Value, json};

use super::simulator;

const PHOTO: &[u8] = include_bytes!("../../photos/coffee.png");
const ORACLE: &str = include_str!("../../official/oracle.json");

struct Answer {
    status: u16,
    units: Option<String>,
    body: Value,
}

async fn ask(running: &Running, body: String) -> Answer {
    let reply = reqwest::Client::new()
        .post(format!("{}/fal-ai/flux-pro/kontext", running.run()))
        .header("authorization", format!("Key {}", running.key))
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    let units = reply.headers().get("x-fal-billable-units");
    let units = units.map(|units| units.to_str().unwrap().to_owned());
    Answer { status: reply.status().as_u16(), units, body: reply.json().await.unwrap() }
}

/// Without what is said to people; numbers as numbers, whether whole or not.
fn facts(mut body: Value) -> Value {
    for entry in body["detail"].as_array_mut().into_iter().flatten() {
        let entry = entry.as_object_mut().unwrap();
        entry.remove("msg");
        if entry["type"] == "json_invalid" {
            entry.remove("ctx");
        }
        for limit in entry.get_mut("ctx").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(number) = limit.1.as_f64() {
                *limit.1 = json!(number);
            }
        }
    }
    body
}

#[tokio::test]
async fn every_body_is_answered_as_the_services_own_toolkit_does() {
    let running = simulator().await;
    let oracle: Vec<Value> = serde_json::from_str(ORACLE).unwrap();
    assert!(oracle.len() >= 12);
    let mut different = String::new();
    for wanted in &oracle {
        // The toolkit's app looks at no picture; the simulator does.
        let is_taken = wanted["status"] == 200;
        let body = wanted["body"].as_str().unwrap();
        let refused = wanted.get("refusal").unwrap().clone();
        let body = match is_taken {
            true => body.replace("https://example.com/a.png", &data_uri(PHOTO, "image/png")),
            false => body.to_owned(),
        };
        let answer = ask(&running, body).await;
        let is_same = answer.status == wanted["status"]
            && (is_taken || answer.units.as_deref() == wanted["units"].as_str())
            && (is_taken || facts(answer.body.clone()) == facts(refused.clone()));
        if !is_same {
            let (name, got) = (&wanted["name"], facts(answer.body));
            let (status, units) = (answer.status, answer.units);
            writeln!(different, "{name}: {status} {units:?} {got}\n  wanted {refused}").unwrap();
        }
    }
    assert!(different.is_empty(), "{different}");
}
