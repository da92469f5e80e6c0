//! Every fault that the simulator can make, once at each step of a whole request: what the client
//! makes of it, and that no request was ever sent twice.

use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use editree::fal::Client;
use editree::fal::download::DownloadLimits;
use editree::fal::error::Error;
use editree::fal::profile::{Auth, Hosts, Key, Limits, Settings};
use editree::fal::submit_options::SubmitOptions;
use editree::simulator::Running;
use image::{ImageFormat, RgbImage};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::simulator;

/// Makes no picture larger than what it was given: a small one is painted in no time.
const SMALL: &str = "fal-ai/flux-2/klein/4b/edit";
const STEPS: [&str; 5] = ["upload", "submit", "status", "result", "download"];
const FAULTS: [&str; 17] = [
    "drop", "lose", "garble", "stall", "redirect", "drip", "short", "mistype", "flood", "bomb",
    "repeat", "cease", "delay=20", "400", "429", "500", "503",
];

/// Impatient, so that a stalled call ends within the test.
fn client(running: &Running) -> Client {
    let hosts = Hosts::under(&running.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(&running.key).unwrap()));
    settings.pace = 100.0;
    let patience = Duration::from_secs(5);
    settings.limits = Limits {
        answer: patience,
        idle: patience,
        stream_idle: patience,
        json_bytes: 1 << 20,
        ..Limits::default()
    };
    Client::new(settings).unwrap()
}

/// From the upload to the picture.
async fn whole(client: &Client) -> Result<usize, Error> {
    let mut png = Cursor::new(Vec::new());
    RgbImage::new(64, 64).write_to(&mut png, ImageFormat::Png).unwrap();
    let file = client.upload(png.into_inner(), "a.png", "image/png", |_, _| ()).await?;
    let body = json!({ "prompt": "x", "seed": 1, "image_urls": [file] });
    let submitted = client.submit(SMALL, &body, &SubmitOptions::default()).await?;
    client.follow(&submitted.handle, |_| ()).await?;
    let answer = client.result(&submitted.handle).await?;
    let url = answer.body["images"][0]["url"].as_str().unwrap_or_default().to_owned();
    let limits = DownloadLimits { bytes: 32 << 20, ..DownloadLimits::default() };
    client.download_bytes(&url, &limits).await.map(|bytes| bytes.len())
}

async fn cell(step: &str, fault: &str, size: usize) -> String {
    let running = simulator().await;
    running.inject("habits:off").unwrap();
    running.inject(&format!("{step}:{fault}*1")).unwrap();
    let ended = match whole(&client(&running)).await {
        Ok(bytes) if bytes == size => "done".to_owned(),
        Ok(bytes) => format!("{bytes} bytes instead of {size}"),
        Err(error) => format!("{:?}, billed {:?}", error.kind, error.billed),
    };
    let sent = running.ledger()["submits"].as_array().map_or(0, Vec::len);
    assert!(sent <= 1, "{step}:{fault} was sent {sent} times");
    format!("{ended}, sent ×{sent}")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_at_each_step_ends_as_the_table_says_and_nothing_is_sent_twice() {
    let well = simulator().await;
    well.inject("habits:off").unwrap();
    let size = whole(&client(&well)).await.unwrap();
    // Packed by the first who meets it, which takes long.
    cell("status", "bomb", size).await;
    // Few at once, so that only those stall that shall.
    let places = Arc::new(Semaphore::new(4));
    let mut cells = JoinSet::new();
    for (row, step) in STEPS.into_iter().enumerate() {
        for (column, fault) in FAULTS.into_iter().enumerate() {
            let places = Arc::clone(&places);
            cells.spawn(async move {
                let _place = places.acquire().await.unwrap();
                ((row, column), cell(step, fault, size).await)
            });
        }
    }
    let mut ended = cells.join_all().await;
    ended.sort();
    let mut table = String::new();
    for ((row, column), ended) in ended {
        writeln!(table, "{:9} {:9} {ended}", STEPS[row], FAULTS[column]).unwrap();
    }
    println!("{table}");
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(table);
    });
}
