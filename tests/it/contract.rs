//! Client and simulator share no code: here they agree over HTTP, also when it goes wrong.

use editree::fal::Client;
use editree::fal::cancel::Cancel;
use editree::fal::download::DownloadLimits;
use editree::fal::error::Kind;
use editree::fal::follow::Report;
use editree::fal::profile::Cut;
use editree::fal::profile::{Auth, Hosts, Key, Settings};
use editree::fal::submit_options::SubmitOptions;
use editree::fal::upload::File;
use editree::simulator::fault::Fault;
use editree::simulator::{self, Running};
use serde_json::{Value, json};

const TEXT: &str = "fal-ai/flux-pro/kontext/text-to-image";

async fn pair(speed: f32) -> (Running, Client) {
    let settings = simulator::Settings { speed, ..simulator::Settings::default() };
    let running = simulator::start(settings).await.unwrap();
    let client = client(&running, &running.key);
    (running, client)
}

fn client(running: &Running, key: &str) -> Client {
    let hosts = Hosts::under(&running.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(key).unwrap()));
    settings.pace = 100.0;
    Client::new(settings).unwrap()
}

fn submits(running: &Running) -> usize {
    running.ledger()["submits"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_request_goes_from_the_upload_to_the_picture() {
    let (running, client) = pair(200.0).await;
    let photo =
        std::fs::read(format!("{}/tests/photos/rocket.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut sent = Vec::new();
    let url = client
        .upload(photo.clone(), "rocket.jpg", "image/jpeg", |done, _| sent.push(done))
        .await
        .unwrap();
    assert_eq!(sent.last(), Some(&(photo.len() as u64)));
    assert_eq!(client.download_bytes(&url, &DownloadLimits::default()).await.unwrap(), photo);
    let endpoint = "fal-ai/flux-pro/kontext";
    let body = json!({ "prompt": "sepia", "image_url": url, "seed": 7, "output_format": "png" });
    let submitted = client.submit(endpoint, &body, &SubmitOptions::default()).await.unwrap();
    let (mut states, mut lines) = (Vec::new(), Vec::new());
    let on = |report| match report {
        Report::Log(line) => lines.push(line.message),
        Report::Waiting(waiting) => panic!("{}", waiting.reason),
        other => states.push(other),
    };
    client.follow(&submitted.handle, on).await.unwrap();
    let answer = client.result(&submitted.handle).await.unwrap();
    assert_eq!((answer.body["seed"].clone(), answer.billable_units), (Value::from(7), Some(1.0)));
    let picture = client
        .download_bytes(
            answer.body["images"][0]["url"].as_str().unwrap(),
            &DownloadLimits::default(),
        )
        .await
        .unwrap();
    assert!(image::load_from_memory(&picture).is_ok());
    assert_eq!(lines.iter().filter(|line| line.contains("finished")).count(), 1, "{lines:?}");
    assert_eq!(submits(&running), 1);
}

#[tokio::test]
async fn a_send_whose_answer_is_lost_is_unknown_and_never_repeated() {
    for fault in ["submit:lose", "submit:503*1", "submit:garble*1"] {
        let (running, client) = pair(200.0).await;
        running.add_fault(Fault::parse(fault).unwrap());
        let submitted =
            client.submit(TEXT, &json!({ "prompt": "x" }), &SubmitOptions::default()).await;
        assert!(submits(&running) <= 1, "{fault}");
        match submitted {
            // The head of the answer named the request before the network broke.
            Ok(submitted) => {
                let known = running.ledger()["submits"][0]["request_id"].clone();
                assert_eq!(Value::from(submitted.handle.request_id), known, "{fault}");
            }
            Err(error) => assert_eq!(error.kind, Kind::Unknown, "{fault}"),
        }
    }
}

#[tokio::test]
async fn a_refused_send_and_broken_reads_are_made_again() {
    let (running, client) = pair(200.0).await;
    for fault in ["submit:429*2", "status:500*2", "status:drop*1", "result:503*2", "download:503*2"]
    {
        running.add_fault(Fault::parse(fault).unwrap());
    }
    let submitted =
        client.submit(TEXT, &json!({ "prompt": "x" }), &SubmitOptions::default()).await.unwrap();
    client.follow(&submitted.handle, |_| {}).await.unwrap();
    let answer = client.result(&submitted.handle).await.unwrap();
    client
        .download_bytes(
            answer.body["images"][0]["url"].as_str().unwrap(),
            &DownloadLimits::default(),
        )
        .await
        .unwrap();
    assert_eq!(submits(&running), 1);
}

#[tokio::test]
async fn rejected_inputs_name_their_fields_and_wrong_keys_are_told() {
    let (running, good) = pair(200.0).await;
    let submitted =
        good.submit(TEXT, &json!({ "num_images": 9 }), &SubmitOptions::default()).await.unwrap();
    good.follow(&submitted.handle, |_| {}).await.unwrap();
    let error = good.result(&submitted.handle).await.unwrap_err();
    assert_eq!(error.kind, Kind::Validation);
    let names: Vec<_> = error.fields.iter().filter_map(|field| field.field()).collect();
    assert_eq!(names, ["prompt", "num_images"]);
    let bad = client(&running, "not:thekey");
    let error = bad.submit(TEXT, &json!({}), &SubmitOptions::default()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Auth);
    assert!(!format!("{error:?} {bad:?}").contains("thekey"));
}

#[tokio::test]
async fn a_cancel_is_asked_and_the_result_tells() {
    let (_running, client) = pair(0.2).await;
    let submitted =
        client.submit(TEXT, &json!({ "prompt": "x" }), &SubmitOptions::default()).await.unwrap();
    assert_eq!(client.cancel(&submitted.handle).await.unwrap(), Cancel::Requested);
    client.follow(&submitted.handle, |_| {}).await.unwrap();
    assert_eq!(client.result(&submitted.handle).await.unwrap_err().kind, Kind::Cancelled);
    assert_eq!(client.cancel(&submitted.handle).await.unwrap(), Cancel::TooLate);
}

#[tokio::test]
async fn nobody_there_is_told_as_network_and_nothing_is_paid() {
    let (running, _) = pair(200.0).await;
    let gone = client(&running, "a:b");
    let base = running.base.clone();
    drop(running);
    // The port is free again: wait until nobody listens there.
    let probe = reqwest::Client::new();
    while probe.get(&base).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
    let error = gone.submit(TEXT, &json!({}), &SubmitOptions::default()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Network);
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_is_whole_again() {
    let (running, _) = pair(200.0).await;
    let hosts = Hosts::under(&running.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(&running.key).unwrap()));
    settings.cut = Cut { above: 1_000, part: 700 };
    let client = Client::new(settings).unwrap();
    let bytes: Vec<u8> = (0..9_001_u32).map(|number| (number * 7 % 251) as u8).collect();
    let file = File { name: "large.bin", mime: "application/octet-stream", keep: None };
    let url = client.upload_file(bytes.clone(), file, |_| ()).await.unwrap();
    let kept = client.download_bytes(&url, &DownloadLimits::default()).await.unwrap();
    assert!(kept == bytes, "{} bytes of {}", kept.len(), bytes.len());
}
