//! The account behind the key: what the key may do, what is written down of requests, what they have
//! cost, and who may read their files.

use serde_json::{Value, json};

use super::{Client, RABBIT, simulator};

const ENDPOINT: &str = "fal-ai/flux-pro/kontext";

fn wish(prompt: &str) -> Value {
    json!({ "prompt": prompt, "image_url": RABBIT, "seed": 1 })
}

#[tokio::test]
async fn requests_are_listed_with_what_was_sent_and_what_came_of_it() {
    let running = simulator().await;
    let client = Client::new(&running);
    client.queue(ENDPOINT, &wish("Make it red")).await;
    client.queue(ENDPOINT, &json!({ "image_url": RABBIT })).await;
    let list = format!("{}/_api/v1/models/requests/by-endpoint", running.base);
    let (code, body) = client.get(&format!("{list}?endpoint_id={ENDPOINT}&expand=payloads")).await;
    assert_eq!(code, 200);
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{body}");
    let good = items.iter().find(|item| item["status_code"] == 200).unwrap();
    assert_eq!(good["json_input"], wish("Make it red"));
    assert!(good["json_output"]["images"][0]["url"].is_string(), "{good}");
    assert!(good["sent_at"].as_str().unwrap().ends_with('Z') && good["ended_at"].is_string());
    let (_, plain) = client.get(&format!("{list}?endpoint_id={ENDPOINT}&status=user_error")).await;
    assert_eq!(plain["items"][0]["status_code"], 422);
    assert!(plain["items"][0].get("json_input").is_none(), "payloads are asked for");
    let (_, page) = client.get(&format!("{list}?endpoint_id={ENDPOINT}&limit=1")).await;
    assert_eq!((&page["has_more"], page["items"].as_array().unwrap().len()), (&json!(true), 1));
    let next = page["next_cursor"].as_str().unwrap();
    let rest = format!("{list}?endpoint_id={ENDPOINT}&limit=1&cursor={next}");
    assert_eq!(client.get(&rest).await.1["has_more"], false);
    let later = format!("{list}?endpoint_id={ENDPOINT}&start=2999-01-01");
    assert_eq!(client.get(&later).await.1["items"], json!([]));
    for wrong in ["", "?endpoint_id=x&limit=101", "?endpoint_id=x&start=soon"] {
        let (code, body) = client.get(&format!("{list}{wrong}")).await;
        assert_eq!((code, &body["error"]["type"]), (400, &json!("validation_error")), "{wrong}");
    }
}

#[tokio::test]
async fn a_request_that_has_not_begun_is_not_listed_yet() {
    let running = simulator().await;
    let client = Client::new(&running);
    running.inject("run:hold").unwrap();
    for prompt in ["one", "two", "three"] {
        let url = format!("{}/{ENDPOINT}", running.queue());
        client.post(&url, &wish(prompt)).await;
    }
    let list = format!(
        "{}/_api/v1/models/requests/by-endpoint?endpoint_id={ENDPOINT}&expand=payloads",
        running.base
    );
    loop {
        let (_, body) = client.get(&list).await;
        let items = body["items"].as_array().unwrap();
        assert!(items.len() <= 2, "two run at once: {body}");
        if items.len() == 2 {
            assert!(items.iter().all(|item| item["status_code"].is_null()), "{body}");
            break;
        }
    }
    running.inject("off").unwrap();
}

#[tokio::test]
async fn bills_and_balance_know_the_discount() {
    let running = simulator().await;
    let client = Client::new(&running);
    running.inject("balance:1.00").unwrap();
    running.inject("discount:50").unwrap();
    client.queue(ENDPOINT, &wish("Make it red")).await;
    let id = running.ledger()["submits"][0]["request_id"].as_str().unwrap().to_owned();
    let base = &running.base;
    let (code, body) =
        client.get(&format!("{base}/_api/v1/models/billing-events?request_id={id},other")).await;
    assert_eq!(code, 200);
    let event = &body["billing_events"][0];
    assert_eq!(event["request_id"], json!(id));
    assert_eq!((&event["cost_subtotal"], &event["cost_total"]), (&json!(0.04), &json!(0.02)));
    assert_eq!(event["cost_estimate_nano_usd"], 20_000_000);
    assert_eq!(event["endpoint_id"], "fal-ai/flux-pro", "shortened, as on the platform");
    let (_, body) = client.get(&format!("{base}/_api/v1/account/billing?expand=credits")).await;
    assert_eq!(body["credits"], json!({ "current_balance": 0.98, "currency": "USD" }));
    running.inject("balance:0").unwrap();
    let (code, body) =
        client.post(&format!("{}/{ENDPOINT}", running.queue()), &wish("Make it blue")).await;
    assert_eq!(code, 403);
    assert!(body["detail"].as_str().unwrap().contains("Exhausted balance"), "{body}");
}

#[tokio::test]
async fn a_key_may_do_what_its_preset_says_and_nothing_else() {
    let running = simulator().await;
    let client = Client::new(&running);
    let (_, submitted) =
        client.post(&format!("{}/{ENDPOINT}", running.queue()), &wish("Make it red")).await;
    let status = submitted["status_url"].as_str().unwrap().to_owned();
    let api = format!("{}/_api/v1", running.base);
    let reads = [
        status,
        format!("{api}/models/requests/by-endpoint?endpoint_id=x"),
        format!("{api}/models/billing-events?request_id=x"),
        format!("{api}/account/billing"),
    ];
    for (preset, submits, may) in [
        ("full", true, [true, true, true, true]),
        ("api", true, [true, true, false, false]),
        ("submit", true, [false, false, false, false]),
        ("readonly", false, [true, true, false, false]),
        ("billing", false, [false, false, true, true]),
        ("models:requests:submit,models:requests:read", true, [true, true, false, false]),
    ] {
        running.inject(&format!("key:{preset}")).unwrap();
        let (code, body) =
            client.post(&format!("{}/{ENDPOINT}", running.queue()), &wish("again")).await;
        assert_eq!(code != 403, submits, "{preset}: {body}");
        for (url, may) in reads.iter().zip(may) {
            let (code, body) = client.get(url).await;
            assert_eq!(code != 403, may, "{preset} {url}: {body}");
            let told = body.to_string().contains("Insufficient permissions");
            assert_eq!(told, !may, "{preset} {url}: {body}");
        }
    }
}

#[tokio::test]
async fn a_restricted_file_is_read_with_a_signature_only() {
    let running = simulator().await;
    let client = Client::new(&running);
    for (word, code) in [("files:forbid", 403), ("files:hide", 404)] {
        running.inject(word).unwrap();
        let (_, answer) = client.queue(ENDPOINT, &wish("Make it red")).await;
        let url = answer["images"][0]["url"].as_str().unwrap();
        assert_eq!(client.http.get(url).send().await.unwrap().status(), code, "{word}");
        let sign = format!("{}/_api/v1/storage/files/sign?url={url}", running.base);
        let (code, body) = client.post(&sign, &json!({ "expiration_seconds": 60 })).await;
        assert_eq!(code, 200, "{body}");
        let signed = body["signed_url"].as_str().unwrap();
        assert!(signed.starts_with(url) && signed.contains("?identity="), "{signed}");
        assert_eq!(client.http.get(signed).send().await.unwrap().status(), 200);
        let guessed = format!("{url}?identity=guessed");
        assert_ne!(client.http.get(guessed).send().await.unwrap().status(), 200);
        for (tail, body) in [("?x=1", json!({})), ("", json!({ "expiration_seconds": 700_000 }))] {
            let tail = tail.replace('?', "%3F");
            assert_eq!(client.post(&format!("{sign}{tail}"), &body).await.0, 400);
        }
    }
}

#[tokio::test]
async fn a_bucket_of_ones_own_gets_the_pictures_late_and_a_bad_policy_is_refused() {
    let running = simulator().await;
    let client = Client::new(&running);
    let send = |policy: &'static str| {
        let key = format!("Key {}", running.key);
        let url = format!("{}/{ENDPOINT}", running.run());
        let request = client.http.post(url).header("authorization", key);
        let request = request.header("x-app-fal-upload-policy", policy);
        async move { request.json(&wish("Make it red")).send().await.unwrap() }
    };
    let good =
        r#"{"url":"https://bucket.s3.eu-west-1.amazonaws.com/","fields":{"key":"a/${filename}"}}"#;
    let answer: Value = send(good).await.json().await.unwrap();
    let url = answer["images"][0]["url"].as_str().unwrap();
    assert!(url.contains("/_bucket/"), "{url}");
    running.inject("download:late=60000").unwrap();
    assert_eq!(client.http.get(url).send().await.unwrap().status(), 404);
    running.inject("off").unwrap();
    assert_eq!(client.http.get(url).send().await.unwrap().status(), 200);
    for bad in ["{}", "no json", r#"{"url":"https://b","fields":{}}"#] {
        let reply = send(bad).await;
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["x-fal-billable-units"]),
            (422, &"0".parse().unwrap())
        );
        let body: Value = reply.json().await.unwrap();
        assert!(body["detail"].as_str().unwrap().contains("x-app-fal-upload-policy"), "{body}");
    }
}

#[tokio::test]
async fn the_platforms_own_interface_can_fail_like_everything_else() {
    let running = simulator().await;
    let client = Client::new(&running);
    let url = format!("{}/_api/v1/account/billing", running.base);
    running.inject("api:503*1").unwrap();
    assert_eq!(client.get(&url).await.0, 503);
    assert_eq!(client.get(&url).await.0, 200);
    running.inject("sign:403*1").unwrap();
    assert_eq!(client.get(&url).await.0, 200, "signing is another step");
}
