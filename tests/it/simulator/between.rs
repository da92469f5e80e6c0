//! What lies between a client and the service changes nothing: proxies that leave their header,
//! data URIs in every dress, boxes that would buffer a stream.

use editree::simulator::Running;
use serde_json::{Value, json};

use super::simulator;

const PHOTO: &[u8] = include_bytes!("../../photos/coffee.png");

fn post(running: &Running, address: &str) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().post(address);
    request.header("authorization", format!("Key {}", running.key))
}

#[tokio::test]
async fn the_services_own_host_goes_before_the_header_of_a_proxy() {
    let running = simulator().await;
    let target = "https://rest.fal.ai/storage/upload/initiate";
    let asked = |host: Option<&str>| {
        let address = format!("{}/storage/upload/initiate", running.base);
        let request = post(&running, &address).header("x-fal-target-url", target);
        let request = match host {
            Some(host) => request.header("host", host),
            None => request,
        };
        request.json(&json!({ "file_name": "a.png", "content_type": "image/png" }))
    };
    for (host, begins) in
        [(Some("rest.fal.ai"), "https://v3.fal.media/files/"), (None, running.base.as_str())]
    {
        let answer: Value = asked(host).send().await.unwrap().json().await.unwrap();
        for name in ["upload_url", "file_url"] {
            let address = answer[name].as_str().unwrap();
            assert!(address.starts_with(begins), "{host:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_data_uri_is_read_in_every_dress() {
    let running = simulator().await;
    let plain = base64_simd::STANDARD.encode_to_string(PHOTO);
    let lines: Vec<&str> =
        plain.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let percent: String = PHOTO.iter().map(|byte| format!("%{byte:02X}")).collect();
    for (name, uri, status) in [
        ("plain", format!("data:image/png;base64,{plain}"), 200),
        ("with line breaks", format!("data:image/png;base64,{}\n", lines.join("\n")), 200),
        ("with blanks", format!("data:image/png;base64, {}", lines.join(" \r\n")), 200),
        ("with percent signs", format!("data:image/png;base64,{}", plain.replace('+', "%2B")), 200),
        ("in capitals", format!("DATA:image/png;base64,{plain}"), 200),
        ("without a type", format!("data:;base64,{plain}"), 200),
        ("without base64", format!("data:image/png,{percent}"), 200),
        ("cut", format!("data:image/png;base64,{}", &plain[..4001]), 422),
        ("without a comma", "data:image/png;base64".into(), 422),
    ] {
        let address = format!("{}/fal-ai/flux-pro/kontext", running.run());
        let body = json!({ "prompt": "Make it sepia", "image_url": uri });
        let answer = post(&running, &address).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}");
    }
}

#[tokio::test]
async fn a_stream_asks_not_to_be_kept_back() {
    let running = simulator().await;
    let address = format!("{}/fal-ai/flux-pro/kontext/text-to-image", running.queue());
    let sent = post(&running, &address).json(&json!({ "prompt": "a lighthouse" })).send().await;
    let sent: Value = sent.unwrap().json().await.unwrap();
    let stream = format!("{}/stream", sent["status_url"].as_str().unwrap());
    let request = reqwest::Client::new().get(stream);
    let request = request.header("authorization", format!("Key {}", running.key));
    let answer = request.send().await.unwrap();
    for (name, value) in [("x-accel-buffering", "no"), ("cache-control", "no-store")] {
        assert_eq!(answer.headers().get(name).unwrap(), value);
    }
    assert!(answer.text().await.unwrap().contains("COMPLETED"));
}

/// The same seed gives the same picture, whatever its sign and length.
#[tokio::test]
async fn every_whole_number_is_a_seed() {
    let running = simulator().await;
    for seed in ["-1", "18446744073709551615", "100000000000000000000"] {
        let mut made = Vec::new();
        for _ in 0..2 {
            let address = format!("{}/fal-ai/flux-pro/kontext/text-to-image", running.run());
            let body = format!(r#"{{"prompt":"a hill","sync_mode":true,"seed":{seed}}}"#);
            let request = post(&running, &address).header("content-type", "application/json");
            let answer = request.body(body).send().await.unwrap().text().await.unwrap();
            assert!(answer.contains(&format!("\"seed\":{seed},")), "{seed}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            made.push(answer["images"][0]["url"].clone());
        }
        assert!(made[0] == made[1], "{seed}");
    }
}

/// Also letters that fonts and programs keep for themselves, with a quote before them.
#[tokio::test]
async fn a_prompt_of_any_letters_comes_back_as_it_was() {
    let running = simulator().await;
    for prompt in ["\u{f8ff} hello", "say \"\u{f8ff} hi\"", "\u{fdd0}12", "\u{fdd0}nan \u{ffff}"] {
        let address = format!("{}/fal-ai/flux-pro/kontext/text-to-image", running.run());
        let answer = post(&running, &address).json(&json!({ "prompt": prompt })).send().await;
        let answer: Value = answer.unwrap().json().await.unwrap();
        assert_eq!(answer["prompt"], prompt);
    }
}
