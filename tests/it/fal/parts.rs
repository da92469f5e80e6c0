//! Large files in parts: both ways, in parallel, and in trouble.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use editree::fal::Client;
use editree::fal::error::Kind;
use editree::fal::profile::Cut;
use serde_json::{Value, json};

use super::server::Request;
use super::server::{Act, KEY, Server, json as answer, with};
use super::uploads::file;

const BASE: &str = "/_cdn/files/panda/1_a.bin/multipart/up%201";

fn client(server: &Server) -> Client {
    let mut settings = server.settings();
    settings.cut = Cut { above: 10, part: 4 };
    Client::new(settings).unwrap()
}

fn bytes() -> Vec<u8> {
    (0..11).collect()
}

fn host(request: &Request) -> String {
    format!("http://{}", request.header("host").unwrap())
}

fn token(request: &Request) -> Act {
    let base = format!("{}/_cdn", host(request));
    answer(
        200,
        &json!({"token": "tok", "base_url": base, "expires_at": "2999-01-01T00:00:00+00:00"})
            .to_string(),
    )
}

fn opened(request: &Request) -> Act {
    let url = format!("{}/_cdn/files/panda/1_a.bin", host(request));
    answer(200, &json!({"access_url": url, "uploadId": "up 1"}).to_string())
}

/// The Python client's storage: marks in a header.
fn storage(request: &Request) -> Act {
    match request.path.as_str() {
        path if path.contains("token") => token(request),
        "/_cdn/files/upload/multipart" => opened(request),
        path if path.ends_with("/complete") => with(200, &[], b""),
        path => {
            let number = path.rsplit('/').next().unwrap().to_owned();
            with(200, &[("etag", &format!("\"mark-{number}\""))], b"")
        }
    }
}

/// What arrived, by the path it was put to.
fn puts(server: &Server) -> BTreeMap<String, Vec<u8>> {
    let seen = server.seen().into_iter().filter(|request| request.method == "PUT");
    seen.map(|request| (request.path, request.body)).collect()
}

fn completed(server: &Server) -> Value {
    let seen = server.seen();
    seen.iter().find(|request| request.path.contains("/complete")).unwrap().json()
}

#[tokio::test]
async fn a_large_file_goes_in_parts_with_the_token_and_is_completed_in_order() {
    let server = Server::start(|request, _| storage(request));
    let mut steps = Vec::new();
    let progress = |sent, total| steps.push((sent, total));
    let url = client(&server).upload(bytes(), "a.bin", "image/png", progress).await.unwrap();
    assert_eq!(url, format!("{}_cdn/files/panda/1_a.bin", server.url()));
    assert_eq!(steps.last(), Some(&(11, 11)));
    let wanted = [(1, 0..4), (2, 4..8), (3, 8..11)];
    let wanted: BTreeMap<_, _> = wanted
        .into_iter()
        .map(|(number, range)| (format!("{BASE}/{number}"), bytes()[range].to_vec()))
        .collect();
    assert_eq!(puts(&server), wanted);
    let marks = json!({"parts": [
        {"partNumber": 1, "etag": "\"mark-1\""},
        {"partNumber": 2, "etag": "\"mark-2\""},
        {"partNumber": 3, "etag": "\"mark-3\""}]});
    assert_eq!(completed(&server), marks);
    for request in server.seen() {
        let secret =
            if request.path.contains("token") { format!("Key {KEY}") } else { "Bearer tok".into() };
        assert_eq!(request.header("authorization"), Some(secret.as_str()), "{}", request.path);
    }
    let opening = &server.seen()[1];
    assert_eq!(opening.header("x-fal-file-name"), Some("a.bin"));
    assert_eq!(opening.header("content-type"), Some("image/png"));
}

#[tokio::test]
async fn parts_are_on_the_way_at_the_same_time() {
    // No part is answered before all three have arrived.
    let (here, all) = (Arc::new((Mutex::new(0), Condvar::new())), 3);
    let server = Server::start(move |request, _| {
        if request.method == "PUT" {
            let (count, arrived) = &*here;
            *count.lock().unwrap() += 1;
            arrived.notify_all();
            drop(arrived.wait_while(count.lock().unwrap(), |count| *count < all).unwrap());
        }
        storage(request)
    });
    client(&server).upload_file(bytes(), file("a", "image/png"), |_| ()).await.unwrap();
    assert_eq!(puts(&server).len(), 3);
}

#[tokio::test]
async fn the_other_way_signs_its_address_and_marks_in_the_body() {
    let server = Server::start(|request, _| match request.path.as_str() {
        path if path.contains("token") => answer(404, "{}"),
        "/_rest/storage/upload/initiate-multipart?storage_type=fal-cdn-v3" => {
            let target = format!("{}/put/here?sig=1", host(request));
            let file = "https://v3.fal.media/files/b/1.png";
            answer(200, &json!({"file_url": file, "upload_url": target}).to_string())
        }
        "/put/here/complete?sig=1" => with(200, &[], b""),
        path => {
            let number = &path["/put/here/".len()..path.find('?').unwrap()];
            let number: u32 = number.parse().unwrap();
            answer(200, &json!({"partNumber": number, "etag": format!("m{number}")}).to_string())
        }
    });
    let url = client(&server).upload_file(bytes(), file("a", "image/png"), |_| ()).await.unwrap();
    assert_eq!(url, "https://v3.fal.media/files/b/1.png");
    let puts = puts(&server);
    assert_eq!(puts["/put/here/1?sig=1"], [0, 1, 2, 3]);
    assert_eq!(puts["/put/here/3?sig=1"], [8, 9, 10]);
    assert_eq!(completed(&server)["parts"][2], json!({"partNumber": 3, "etag": "m3"}));
    let signed = server.seen().into_iter().filter(|request| request.path.starts_with("/put"));
    assert!(signed.into_iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn only_the_part_that_failed_is_sent_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |request, _| {
        let second = request.path.ends_with("/2");
        match second.then(|| tries.fetch_add(1, Ordering::SeqCst)) {
            Some(0) => Act::Reset,
            Some(1) => with(503, &[], b""),
            Some(_) | None => storage(request),
        }
    });
    let mut most = 0;
    let progress = |sent, _| most = most.max(sent);
    client(&server).upload(bytes(), "a", "image/png", progress).await.unwrap();
    // Token, opening, three parts and two repeats, completion.
    assert_eq!((server.count(), most), (8, 11));
}

#[tokio::test]
async fn the_token_stays_with_the_hosts_it_was_given_for() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/_cdn/files/upload/multipart" => answer(
            200,
            r#"{"access_url":"https://evil.example/files/panda/1_a.bin","uploadId":"u"}"#,
        ),
        _ => storage(request),
    });
    let url = client(&server).upload_file(bytes(), file("a", "image/png"), |_| ()).await.unwrap();
    assert_eq!(url, "https://evil.example/files/panda/1_a.bin");
    assert!(puts(&server).contains_key("/_cdn/files/panda/1_a.bin/multipart/u/1"));
}

#[tokio::test]
async fn an_upload_that_can_not_be_completed_says_so() {
    let server = Server::start(|request, _| match request.path.as_str() {
        path if path.contains("initiate") => answer(404, "{}"),
        path if path.ends_with("/2") => with(200, &[], b""),
        _ => storage(request),
    });
    let error =
        client(&server).upload_file(bytes(), file("a", "image/png"), |_| ()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Protocol, "{error}");
    assert!(error.message.contains("no mark"), "{error}");
}
