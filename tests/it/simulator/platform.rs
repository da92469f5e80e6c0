//! Prices and documents of the endpoints, as the platform has them.

use editree::schema::Catalogue;
use editree::schema::difference::differences;
use editree::schema::import::import;
use serde_json::Value;

use super::{Client, simulator};

#[tokio::test]
async fn prices_are_those_of_the_catalogue_and_unknown_ones_are_left_out() {
    let running = simulator().await;
    let client = Client::new(&running);
    let base = &running.base;
    let url = format!(
        "{base}/_api/v1/models/pricing?endpoint_id=fal-ai/flux-pro/kontext\
         &endpoint_id=fal-ai/flux-pro/v1/redux&endpoint_id=fal-ai/nobody"
    );
    let (code, body) = client.get(&url).await;
    assert_eq!(code, 200);
    let prices = body["prices"].as_array().unwrap();
    assert_eq!(prices.len(), 1, "{body}");
    assert_eq!(
        (prices[0]["unit_price"].as_f64(), prices[0]["unit"].as_str()),
        (Some(0.04), Some("images"))
    );
    assert_eq!(client.get(&format!("{base}/_api/v1/models/pricing")).await.0, 422);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 401, "prices want the key");
}

#[tokio::test]
async fn the_document_of_every_endpoint_makes_the_same_form_again() {
    let running = simulator().await;
    for endpoint in Catalogue::builtin().endpoints() {
        let url = format!(
            "{}/_site/api/openapi/queue/openapi.json?endpoint_id={}",
            running.base, endpoint.id
        );
        let document: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
        let read = import(&document, &endpoint.source, None).unwrap().remove(0);
        assert_eq!(differences(endpoint, &read), [""; 0], "{}", endpoint.id);
        let fields = |it: &editree::schema::Endpoint| {
            let slots = it.takes.slots().to_vec();
            (it.id.clone(), it.takes.field().map(str::to_owned), slots)
        };
        assert_eq!(fields(&read), fields(endpoint));
        assert_eq!(read.params.len(), endpoint.params.len());
        for (read, known) in read.params.iter().zip(&endpoint.params) {
            let facts = |param: &editree::schema::Param| {
                let kind = format!("{:?}", param.kind);
                // How far one key steps is editree's own choice.
                let kind = kind.split(", step").next().unwrap().to_owned();
                (param.name.clone(), kind, param.required, param.default.clone())
            };
            assert_eq!(facts(read), facts(known), "{}", endpoint.id);
            assert_eq!((&read.label, &read.help), (&known.label, &known.help));
        }
        let names = |endpoint: &editree::schema::Endpoint| {
            endpoint.output.iter().map(|field| field.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&read), names(endpoint));
    }
}

#[tokio::test]
async fn the_catalogue_is_searched_by_words_kind_and_state_page_by_page() {
    let running = simulator().await;
    let client = Client::new(&running);
    let ask = async |question: &str| {
        let (code, body) = client.get(&format!("{}/_api/v1/models?{question}", running.base)).await;
        assert_eq!(code, 200, "{question}: {body}");
        body
    };
    let ids = |body: &Value| -> Vec<String> {
        let all = body["models"].as_array().unwrap().iter();
        all.map(|model| model["endpoint_id"].as_str().unwrap().to_owned()).collect()
    };
    let edits = ask("q=Kontext%20max&category=image-to-image").await;
    assert_eq!(ids(&edits), ["fal-ai/flux-pro/kontext/max", "fal-ai/flux-pro/kontext/max/multi"]);
    assert_eq!(ids(&ask("q=kontext+max&category=text-to-image").await).len(), 1);
    let old = ask("status=deprecated").await;
    assert!(ids(&old).iter().all(|id| id.contains("sdxl")), "{old}");
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(&format!("limit=7&cursor={cursor}")).await;
        all.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(all.len(), Catalogue::builtin().endpoints().count() + 2);
    assert_eq!(client.get(&format!("{}/_api/v1/models?limit=0", running.base)).await.0, 422);
}
