//! Uploads: both ways, the token's life, and who gets which secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use editree::fal::Client;
use editree::fal::error::{Kind, Step};
use editree::fal::upload::{File, UploadEvent, data_uri, is_cheaper_inside};

use super::server::Request;
use super::server::{Act, KEY, Server, json, with};

pub(super) fn file<'a>(name: &'a str, mime: &'a str) -> File<'a> {
    File { name, mime, keep: None }
}

fn token(expires: &str) -> Act {
    json(
        200,
        &format!(
            r#"{{"token":"tok","token_type":"Bearer","base_url":"https://v3.fal.media","expires_at":"{expires}"}}"#
        ),
    )
}

fn stored() -> Act {
    json(200, r#"{"access_url":"https://v3.fal.media/files/panda/1_a.png"}"#)
}

fn initiated(request: &Request) -> Act {
    let host = request.header("host").unwrap();
    json(
        200,
        &format!(
            r#"{{"file_url":"https://v3.fal.media/files/b/1.png","upload_url":"http://{host}/put/here?sig=1"}}"#
        ),
    )
}

#[tokio::test]
async fn a_file_goes_to_the_cdn_with_a_token_and_never_the_key() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/_rest/storage/auth/token?storage_type=fal-cdn-v3" => token("2999-01-01T00:00:00+00:00"),
        "/_cdn/files/upload" => stored(),
        other => panic!("{other}"),
    });
    let client = server.client();
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    let mut steps = Vec::new();
    let url = client
        .upload(bytes.clone(), "/tmp/mein bild.png", "image/png", |sent, total| {
            steps.push((sent, total))
        })
        .await
        .unwrap();
    assert_eq!(url, "https://v3.fal.media/files/panda/1_a.png");
    assert_eq!(steps.last(), Some(&(200_000, 200_000)));
    assert!(steps.len() > 2 && steps.is_sorted(), "{steps:?}");
    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), Some(format!("Key {KEY}").as_str()));
    assert_eq!(seen[0].body, b"{}");
    assert_eq!(seen[1].method, "POST");
    assert_eq!(seen[1].header("authorization"), Some("Bearer tok"));
    assert_eq!(seen[1].header("content-type"), Some("image/png"));
    assert_eq!(seen[1].header("x-fal-file-name"), Some("mein_bild.png"));
    assert_eq!(seen[1].header("transfer-encoding"), None);
    assert_eq!(seen[1].body, bytes);
    client.upload_file(vec![1], file("b.png", "image/png"), |_| ()).await.unwrap();
    assert_eq!(server.count(), 3, "the token is used again");
}

#[tokio::test]
async fn an_expired_or_withdrawn_token_is_replaced() {
    let server = Server::start(|request, _| match request.path.contains("token") {
        true => token("2001-01-01T00:00:00Z"),
        false => stored(),
    });
    let client = server.client();
    for _ in 0..2 {
        client.upload_file(vec![1], file("a", "image/png"), |_| ()).await.unwrap();
    }
    assert_eq!(server.count(), 4, "an expired token is asked for anew");
    let server = Server::start(|request, before| match (request.path.contains("token"), before) {
        (true, _) => token("2999-01-01T00:00:00+00:00"),
        (false, 1) => json(401, r#"{"detail":"token revoked"}"#),
        (false, _) => stored(),
    });
    server.client().upload_file(vec![1], file("a", "image/png"), |_| ()).await.unwrap();
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn the_other_way_is_taken_when_the_first_is_closed() {
    let closed =
        [json(404, r#"{"detail":"no"}"#), json(500, "{}"), with(200, &[], b"{}"), Act::Reset];
    for act in closed {
        let server = Server::start(move |request, _| match request.path.as_str() {
            path if path.contains("token") => act.clone(),
            "/_rest/storage/upload/initiate?storage_type=fal-cdn-v3" => initiated(request),
            _ => with(200, &[], b""),
        });
        let url =
            server.client().upload_file(vec![7; 10], file("", "image/jpeg"), |_| ()).await.unwrap();
        assert_eq!(url, "https://v3.fal.media/files/b/1.png");
        let seen = server.seen();
        let start = &seen[seen.len() - 2];
        assert_eq!(
            start.json(),
            serde_json::json!({"content_type": "image/jpeg", "file_name": "upload.bin"})
        );
        let put = &seen[seen.len() - 1];
        assert_eq!((put.method.as_str(), put.path.as_str()), ("PUT", "/put/here?sig=1"));
        assert_eq!(put.header("authorization"), None, "the key stays with us");
        assert_eq!(put.header("content-type"), Some("image/jpeg"));
        assert_eq!(put.body, vec![7; 10]);
    }
}

#[tokio::test]
async fn a_failing_store_is_tried_again() {
    let puts = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |request, _| {
        if request.path.contains("token") {
            return token("2999-01-01T00:00:00+00:00");
        }
        match puts.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Reset,
            1 => with(503, &[], b""),
            _ => stored(),
        }
    });
    let (mut starts, mut waits) = (0, Vec::new());
    let on = |event| match event {
        UploadEvent::Sent { bytes, .. } => starts += u32::from(bytes == 0),
        UploadEvent::Waiting(waiting) => waits.push((waiting.step, waiting.attempt)),
    };
    server.client().upload_file(vec![1; 9], file("a", "image/png"), on).await.unwrap();
    assert_eq!((server.count(), starts), (4, 2));
    assert_eq!(waits, [(Step::Upload, 1), (Step::Upload, 2)]);
}

#[tokio::test]
async fn uploads_that_cannot_work_say_why() {
    let server = Server::start(|_, _| json(401, r#"{"detail":"invalid key credentials"}"#));
    let error =
        server.client().upload_file(vec![1], file("a", "image/png"), |_| ()).await.unwrap_err();
    assert_eq!(
        (error.kind, server.count()),
        (Kind::Auth, 1),
        "the same key is not tried the other way"
    );

    let server = Server::start(|request, _| match request.path.contains("initiate") {
        true => json(
            200,
            r#"{"file_url":"https://x.example/a","upload_url":"http://169.254.169.254/x"}"#,
        ),
        false => json(404, "{}"),
    });
    let error =
        server.client().upload_file(vec![1], file("a", "image/png"), |_| ()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Protocol, "{error}");

    let mut settings = server.settings();
    settings.hosts.rest = None;
    let client = Client::new(settings).unwrap();
    let error = client.upload_file(vec![1], file("a", "image/png"), |_| ()).await.unwrap_err();
    assert!(error.kind == Kind::Refused && error.message.contains("data URI"), "{error}");
    let client = server.client();
    let error = client.upload_file(vec![1], file("a", "image\n"), |_| ()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
}

#[test]
fn small_files_become_text() {
    assert_eq!(data_uri(&[1, 2, 3, 4], "image/png"), "data:image/png;base64,AQIDBA==");
    assert!(is_cheaper_inside(48 << 10) && !is_cheaper_inside((48 << 10) + 1));
}

#[tokio::test]
async fn a_bounded_life_is_asked_for_in_both_ways() {
    let life = r#"{"expiration_duration_seconds":3600}"#;
    let short = File { keep: Some(Duration::from_secs(3_600)), ..file("a", "image/png") };
    for closed in [false, true] {
        let server = Server::start(move |request, _| match request.path.as_str() {
            path if path.contains("token") && closed => json(404, "{}"),
            path if path.contains("token") => token("2999-01-01T00:00:00+00:00"),
            path if path.contains("initiate") => initiated(request),
            path if path.contains("/put/") => with(200, &[], b""),
            _ => stored(),
        });
        server.client().upload_file(vec![1], short, |_| ()).await.unwrap();
        let asked = server.seen().remove(1);
        assert_eq!(asked.header("x-fal-object-lifecycle"), Some(life), "{}", asked.path);
    }
}
