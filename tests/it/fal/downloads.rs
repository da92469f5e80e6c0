//! Downloads: from anywhere, without secrets, whole or not at all.

use std::time::Duration;

use editree::fal::Client;
use editree::fal::download::DownloadLimits;
use editree::fal::error::Kind;
use editree::fal::profile::{Hosts, Key, Settings};

use super::server::{Act, KEY, Server, head, with};

#[tokio::test]
async fn a_picture_is_fetched_without_key_or_cookie() {
    let server = Server::start(|_, _| {
        with(200, &[("content-type", "image/png"), ("set-cookie", "a=b")], b"picture")
    });
    let client = server.client();
    let url = format!("{}a/b.png?sig=1", server.url());
    let mut sink = Vec::new();
    let done = client.download(&url, &DownloadLimits::default(), &mut sink).await.unwrap();
    assert_eq!((done.bytes, done.mime.as_deref()), (7, Some("image/png")));
    assert_eq!(sink, b"picture");
    assert_eq!(client.download_bytes(&url, &DownloadLimits::default()).await.unwrap(), b"picture");
    for seen in server.seen() {
        assert_eq!((seen.header("authorization"), seen.header("cookie")), (None, None));
        assert_eq!(seen.path, "/a/b.png?sig=1");
    }
}

#[tokio::test]
async fn redirects_are_followed_counted_and_checked() {
    let other = Server::start(|_, _| with(200, &[], b"there"));
    let to = format!("{}x", other.url());
    let server = Server::start(move |request, _| match request.path.as_str() {
        "/away" => with(302, &[("location", &to)], b""),
        "/near" => with(307, &[("location", "away")], b""),
        "/loop" => with(302, &[("location", "/loop")], b""),
        "/file" => with(302, &[("location", "file:///etc/passwd")], b""),
        "/plain" => with(302, &[("location", "http://example.com/x")], b""),
        _ => with(302, &[], b""),
    });
    let client = server.client();
    let limits = DownloadLimits { redirects: 3, ..DownloadLimits::default() };
    let get =
        async |path: &str| client.download_bytes(&format!("{}{path}", server.url()), &limits).await;
    assert_eq!(get("near").await.unwrap(), b"there");
    assert!(other.seen().iter().all(|seen| seen.header("authorization").is_none()));
    for (path, kind) in [
        ("loop", Kind::Refused),
        ("file", Kind::Refused),
        ("plain", Kind::Refused),
        ("nowhere", Kind::Protocol),
    ] {
        assert_eq!(get(path).await.unwrap_err().kind, kind, "{path}");
    }
    let loops = server.seen().iter().filter(|seen| seen.path == "/loop").count();
    assert_eq!(loops, 4);
}

#[tokio::test]
async fn pictures_that_are_cut_or_late_are_fetched_again() {
    let mut cut = head(200, &[], Some(7));
    cut.extend_from_slice(b"pic");
    let chunked = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n3\r\npic\r\n".to_vec();
    let troubles = [
        Act::Send(cut),
        Act::Send(chunked),
        Act::Reset,
        with(503, &[], b"no"),
        with(429, &[("retry-after", "0")], b""),
    ];
    for trouble in troubles {
        let name = format!("{trouble:?}");
        let server = Server::start(move |_, before| match before {
            0 => trouble.clone(),
            _ => with(200, &[], b"picture"),
        });
        let got =
            server.client().download_bytes(server.url().as_str(), &DownloadLimits::default()).await;
        assert_eq!(got.unwrap(), b"picture", "{name:.60}");
        assert_eq!(server.count(), 2);
    }
}

#[tokio::test]
async fn limits_of_size_and_time_hold() {
    let small = DownloadLimits { bytes: 6, ..DownloadLimits::default() };
    let endless = b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\npicture and more".to_vec();
    for act in [with(200, &[], b"picture"), Act::Hang(endless)] {
        let server = Server::start(move |_, _| act.clone());
        let error =
            server.client().download_bytes(server.url().as_str(), &small).await.unwrap_err();
        assert_eq!((error.kind, server.count()), (Kind::TooLarge, 1));
    }
    let drops = std::iter::once(head(200, &[], Some(100))).chain((0..100).map(|_| b"x".to_vec()));
    let slow = Act::Drip(drops.collect(), Duration::from_millis(30));
    let server = Server::start(move |_, _| slow.clone());
    let hasty = DownloadLimits { time: Duration::from_millis(200), ..DownloadLimits::default() };
    let mut sink = Vec::new();
    let error =
        server.client().download(server.url().as_str(), &hasty, &mut sink).await.unwrap_err();
    assert_eq!(error.kind, Kind::Network);
}

#[tokio::test]
async fn a_store_that_refuses_is_not_mistaken_for_the_service() {
    for (status, kind, count) in [
        (403, Kind::Refused, 1),
        (401, Kind::Refused, 1),
        (404, Kind::Gone, 1),
        (410, Kind::Gone, 1),
        (500, Kind::Service, 4),
    ] {
        let server = Server::start(move |_, _| with(status, &[], b"<Error>"));
        let error = server
            .client()
            .download_bytes(server.url().as_str(), &DownloadLimits::default())
            .await
            .unwrap_err();
        assert_eq!((error.kind, server.count()), (kind, count), "{status}");
    }
}

#[tokio::test]
async fn only_https_is_fetched_by_a_profile_of_the_service() {
    let server = Server::start(|_, _| with(200, &[], b"x"));
    let client = Client::new(Settings::service(Key::new(KEY).unwrap()).unwrap()).unwrap();
    for url in [
        server.url().as_str(),
        "http://example.com/x",
        "ftp://x/y",
        "file:///etc/passwd",
        "nonsense",
        "",
    ] {
        let error = client.download_bytes(url, &DownloadLimits::default()).await.unwrap_err();
        assert_eq!(error.kind, Kind::Refused, "{url}");
    }
    assert_eq!(server.count(), 0);
    assert!(Hosts::service().is_ok());
}

#[tokio::test]
async fn data_uris_are_read_in_place_within_the_limit() {
    let server = Server::start(|_, _| Act::Reset);
    let client = server.client();
    let limits = DownloadLimits { bytes: 3, ..DownloadLimits::default() };
    assert_eq!(
        client.download_bytes("data:image/png;base64,AQID", &limits).await.unwrap(),
        [1, 2, 3]
    );
    assert_eq!(client.download_bytes("DATA:,abc", &limits).await.unwrap(), b"abc");
    let error = client.download_bytes("data:,abcd", &limits).await.unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge);
    let error = client.download_bytes("data:image/png;base64,A", &limits).await.unwrap_err();
    assert_eq!(error.kind, Kind::Protocol);
}
