//! What the endpoints cost, by the platform's own interface.

use editree::fal::error::Kind;
use editree::fal::prices::Price;
use editree::fal::profile::Hosts;

use super::server::{Server, json};

const BODY: &str = r#"{"prices":[
    {"endpoint_id":"fal-ai/flux-pro/kontext","unit_price":0.05,"unit":"images","currency":"USD"},
    {"endpoint_id":"fal-ai/other","unit_price":0.05,"unit":"images","currency":"EUR"},
    {"endpoint_id":"fal-ai/odd","unit_price":"free"}],"next_cursor":null,"has_more":false}"#;

#[tokio::test]
async fn prices_in_dollars_are_read_with_the_key_of_the_profile() {
    let server = Server::start(|_, _| json(200, BODY));
    let endpoints = ["fal-ai/flux-pro/kontext".to_owned(), "fal-ai/other".to_owned()];
    let prices = server.client().prices(&endpoints).await.unwrap();
    let endpoint = endpoints[0].clone();
    assert_eq!(prices, [Price { endpoint, each: 0.05, unit: "images".into() }]);
    let asked = server.seen().remove(0);
    let path = "v1/models/pricing?endpoint_id=fal-ai%2Fflux-pro%2Fkontext&endpoint_id=";
    assert!(asked.path.contains(path), "{}", asked.path);
    assert!(asked.header("authorization").is_some_and(|word| word.starts_with("Key ")));
}

#[tokio::test]
async fn a_profile_without_that_interface_asks_nobody() {
    let server = Server::start(|_, _| json(200, BODY));
    let mut settings = server.settings();
    settings.hosts = Hosts { api: None, ..settings.hosts };
    let client = editree::fal::Client::new(settings).unwrap();
    assert_eq!(client.prices(&[]).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(server.count(), 0);
}
