//! The key stands in no text and goes to nobody else.

use editree::fal::Client;
use editree::fal::error::Kind;
use editree::fal::profile::{Auth, Hosts, Key, Settings};
use editree::fal::submit_options::SubmitOptions;
use serde_json::json;
use url::Url;

use super::server::{KEY, Server, json as answer, with};

const SECRET: &str = "the-very-secret-half";

#[test]
fn keys_are_cleaned_and_bad_ones_refused() {
    for text in [
        KEY,
        " the-key-id:the-very-secret-half\r\n",
        "\"the-key-id:the-very-secret-half\"",
        "'the-key-id:the-very-secret-half'\n",
        "Key the-key-id:the-very-secret-half",
        "\u{feff}the-key-id:the-very-secret-half",
    ] {
        assert_eq!(Key::new(text).unwrap(), Key::new(KEY).unwrap(), "{text:?}");
    }
    for text in ["", " \n", "\"\"", "a b", "ключ", "a\u{0}b", "a\nb"] {
        let error = Key::new(text).unwrap_err();
        assert_eq!(error.kind, Kind::Auth, "{text:?}");
    }
}

#[test]
fn no_debug_text_holds_the_key() {
    let key = Key::new(KEY).unwrap();
    assert_eq!(format!("{key:?}"), "Key(…)");
    let settings = Settings::service(key).unwrap();
    let client = Client::new(settings.clone()).unwrap();
    for text in [format!("{settings:?}"), format!("{client:?}"), format!("{client:#?}")] {
        assert!(text.contains("Key(…)") && !text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_key_does_not_get_it_into_an_error() {
    let long = format!(r#"{{"detail":"{}{KEY}"}}"#, "x".repeat(1_985));
    let bodies = [
        format!(r#"{{"detail":"bad key {KEY} ({SECRET})"}}"#),
        format!(
            r#"{{"detail":[{{"loc":["{KEY}"],"msg":"{KEY}","type":"{SECRET}"}}],"error_type":"{KEY}"}}"#
        ),
        format!("<title>{KEY}</title>"),
        long,
    ];
    for body in bodies {
        let server =
            Server::start(move |_, _| with(400, &[("x-fal-request-id", KEY)], body.as_bytes()));
        let client = server.client();
        let handle = server.handle();
        let submitted =
            client.submit("fal-ai/x", &json!({}), &SubmitOptions::default()).await.unwrap_err();
        let errors = [
            submitted,
            client.status(&handle, true).await.unwrap_err(),
            client.result(&handle).await.unwrap_err(),
            client.follow(&handle, |_| ()).await.unwrap_err(),
        ];
        for error in errors {
            let text = format!("{error} {error:?}");
            assert!(!text.contains("the-key-id:") && !text.contains("the-very"), "{text}");
        }
    }
}

#[tokio::test]
async fn no_redirect_carries_the_key_away() {
    let thief = Server::start(|_, _| answer(200, r#"{"status":"COMPLETED"}"#));
    let to = thief.url().to_string();
    let server = Server::start(move |_, _| with(307, &[("location", &to)], b""));
    let client = server.client();
    let handle = server.handle();
    assert!(client.submit("fal-ai/x", &json!({}), &SubmitOptions::default()).await.is_err());
    assert!(client.run("fal-ai/x", &json!({})).await.is_err());
    assert!(client.status(&handle, true).await.is_err());
    assert!(client.result(&handle).await.is_err());
    assert!(client.cancel(&handle).await.is_err());
    assert!(client.upload(vec![1], "a", "image/png", |_, _| ()).await.is_err());
    assert_eq!(thief.count(), 0);
}

#[tokio::test]
async fn a_stored_handle_from_elsewhere_is_asked_about_at_home() {
    let thief = Server::start(|_, _| answer(200, r#"{"status":"COMPLETED"}"#));
    let server = Server::start(|_, _| answer(200, r#"{"status":"COMPLETED"}"#));
    let mut handle = server.handle();
    handle.status_url = format!("{}a/b/requests/r1/status", thief.url());
    server.client().status(&handle, true).await.unwrap();
    assert_eq!(thief.count(), 0);
    assert_eq!(server.seen()[0].path, "/_queue/a/b/requests/r1/status?logs=1");
    let text = serde_json::to_string(&handle).unwrap();
    assert_eq!(serde_json::from_str::<editree::fal::handle::Handle>(&text).unwrap(), handle);
}

#[test]
fn hosts_are_https_or_loopback() {
    let key = || Some(Key::new(KEY).unwrap());
    let at = |url: &str| {
        let mut hosts = Hosts::service().unwrap();
        hosts.queue = Url::parse(url).unwrap();
        Client::new(Settings::new(hosts, Auth::Key, key()))
    };
    for url in
        ["https://gate.example/api", "http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"]
    {
        assert!(at(url).is_ok(), "{url}");
    }
    for url in [
        "http://gate.example",
        "http://localhost.evil.example",
        "ftp://127.0.0.1",
        "https://me:you@gate.example",
        "data:,x",
    ] {
        let error = at(url).unwrap_err();
        assert_eq!(error.kind, Kind::Refused, "{url}");
        assert!(!error.message.contains("you"), "{error}");
    }
    let hosts = Hosts::service().unwrap();
    let error = Client::new(Settings::new(hosts.clone(), Auth::Key, None)).unwrap_err();
    assert_eq!(error.kind, Kind::Auth);
    assert!(Client::new(Settings::new(hosts, Auth::None, None)).is_ok());
}

#[tokio::test]
async fn a_profile_without_auth_sends_no_header() {
    let server = Server::start(|_, _| answer(200, r#"{"status":"COMPLETED"}"#));
    let mut settings = server.settings();
    settings.auth = Auth::None;
    Client::new(settings).unwrap().status(&server.handle(), true).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
}
