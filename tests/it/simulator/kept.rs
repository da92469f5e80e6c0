//! How long things are kept: pictures with a lifetime, results without stored payloads.

use editree::fal::Client;
use editree::fal::download::DownloadLimits;
use editree::fal::error::Kind;
use editree::fal::profile::{Auth, Hosts, Key, Settings as Profile};
use editree::fal::submit_options::SubmitOptions;
use editree::simulator::{Settings, start};
use serde_json::json;

const TEXT: &str = "fal-ai/flux-pro/kontext/text-to-image";

#[tokio::test]
async fn a_picture_is_gone_after_the_life_it_was_given_and_a_result_that_was_not_stored_too() {
    // So fast that six minutes are over in a moment.
    let running = start(Settings { speed: 100_000.0, ..Settings::default() }).await.unwrap();
    let hosts = Hosts::under(&running.base.parse().unwrap()).unwrap();
    let mut profile = Profile::new(hosts, Auth::Key, Some(Key::new(&running.key).unwrap()));
    profile.pace = 100.0;
    let client = Client::new(profile).unwrap();
    let body = json!({ "prompt": "a lighthouse", "seed": 1 });
    let options = SubmitOptions {
        store_io: Some(false),
        keep_media: Some(std::time::Duration::from_secs(60)),
        ..SubmitOptions::default()
    };
    let kept = client.submit(TEXT, &body, &SubmitOptions::default()).await.unwrap();
    let gone = client.submit(TEXT, &body, &options).await.unwrap();
    for submitted in [&kept, &gone] {
        client.follow(&submitted.handle, |_| ()).await.unwrap();
    }
    let answer = client.result(&kept.handle).await.unwrap();
    let url = answer.body["images"][0]["url"].as_str().unwrap();
    client.download_bytes(url, &DownloadLimits::default()).await.unwrap();
    for _ in 0..10_000 {
        match client.result(&gone.handle).await {
            // Read in the moment before it was forgotten: its picture is gone all the sooner.
            Ok(answer) => {
                let url = answer.body["images"][0]["url"].as_str().unwrap().to_owned();
                let error = client.download_bytes(&url, &DownloadLimits::default()).await;
                if let Err(error) = error {
                    assert_eq!(error.kind, Kind::Gone);
                }
            }
            Err(error) => {
                assert!(matches!(error.kind, Kind::Gone | Kind::NotFound), "{error:?}");
                return;
            }
        }
    }
    panic!("it was kept");
}
