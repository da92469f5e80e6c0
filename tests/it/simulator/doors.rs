//! A page in a browser can neither drive the simulator nor read what it holds.

use reqwest::Method;
use serde_json::json;

use super::{Client, simulator};

/// Every kind of address, with and without the key's being asked for.
const ROUTES: [(&str, &str); 12] = [
    ("POST", "_run/fal-ai/flux-pro/kontext/text-to-image"),
    ("POST", "_queue/fal-ai/flux-pro/kontext/text-to-image"),
    ("POST", "_gateway/fal-ai/flux-pro/kontext/text-to-image"),
    ("POST", "_rest/storage/upload/initiate"),
    ("GET", "_rest/.well-known/jwks.json"),
    ("POST", "_cdn/files/upload"),
    ("GET", "_api/v1/models"),
    ("GET", "_site/api/openapi/queue/openapi.json?endpoint_id=fal-ai/flux-pro/kontext"),
    ("GET", "_sim/ledger"),
    ("POST", "_sim/faults"),
    ("POST", "_sim/release"),
    ("GET", "nothing/there"),
];

#[tokio::test]
async fn no_route_answers_a_page_of_another_origin_or_under_another_name() {
    let running = simulator().await;
    let client = Client::new(&running);
    let body = json!({ "prompt": "a lighthouse", "seed": 1 });
    let picture = client.queue("fal-ai/flux-pro/kontext/text-to-image", &body).await.1;
    let file = picture["images"][0]["url"].as_str().unwrap();
    let file = file.strip_prefix(&format!("{}/", running.base)).unwrap();
    let before = running.ledger();
    let pages: [(&str, &str); 6] = [
        ("origin", "https://example.com"),
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("host", "rebound.example.com"),
    ];
    for (name, value) in pages {
        for (method, route) in ROUTES.into_iter().chain([("GET", file)]) {
            let method: Method = method.parse().unwrap();
            let request = client
                .http
                .request(method, format!("{}/{route}", running.base))
                .header("authorization", format!("Key {}", running.key))
                .header(name, value)
                .body("{}");
            let reply = request.send().await.unwrap();
            assert_eq!(reply.status(), 403, "{name}: {value} at {route}");
            let allowed = reply.headers().keys().any(|name| name.as_str().contains("allow"));
            assert!(!allowed, "{route}");
        }
    }
    assert_eq!(running.ledger(), before, "nothing was done");
    assert_eq!(client.pixels(&picture).await.width() % 8, 0, "a program still has its picture");
}

#[tokio::test]
async fn what_the_simulator_counts_and_holds_back_is_told_to_its_key_alone() {
    let running = simulator().await;
    for (method, route) in ROUTES {
        let is_public = route.starts_with("_site/") || route.contains("jwks");
        let request = reqwest::Client::new()
            .request(method.parse().unwrap(), format!("{}/{route}", running.base))
            .body("off");
        let status = request.send().await.unwrap().status();
        assert_eq!(status == 401, !is_public, "{status} at {route}");
    }
}
