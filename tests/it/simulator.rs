//! Tests of `simulator` over HTTP, as any client sees it.

mod account;
mod between;
mod doors;
mod faults;
mod hooks;
mod kept;
mod paint;
mod platform;
mod table;

use editree::simulator::fault::Fault;
use editree::simulator::{Running, Settings, start};
use image::RgbaImage;
use serde_json::{Value, json};

async fn simulator() -> Running {
    start(Settings { speed: 400.0, ..Settings::default() }).await.unwrap()
}

struct Client<'a> {
    running: &'a Running,
    http: reqwest::Client,
}

impl<'a> Client<'a> {
    fn new(running: &'a Running) -> Self {
        Self { running, http: reqwest::Client::new() }
    }

    async fn post(&self, url: &str, body: &Value) -> (u16, Value) {
        let key = format!("Key {}", self.running.key);
        let reply =
            self.http.post(url).header("authorization", key).json(body).send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap())
    }

    async fn get(&self, url: &str) -> (u16, Value) {
        let key = format!("Key {}", self.running.key);
        let reply = self.http.get(url).header("authorization", key).send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap())
    }

    async fn put(&self, url: &str) -> (u16, Value) {
        let key = format!("Key {}", self.running.key);
        let reply = self.http.put(url).header("authorization", key).send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap())
    }

    /// What was logged of a request once it says this.
    async fn logs_with(&self, id: &str, words: &str) -> String {
        let url = format!("{}/fal-ai/flux-pro/requests/{id}/status?logs=1", self.running.queue());
        for _ in 0..10_000 {
            let logs = self.get(&url).await.1["logs"].to_string();
            if logs.contains(words) {
                return logs;
            }
        }
        panic!("nothing was said of {words}")
    }

    /// Through the queue to the end.
    async fn queue(&self, endpoint: &str, body: &Value) -> (u16, Value) {
        let (code, submitted) =
            self.post(&format!("{}/{endpoint}", self.running.queue()), body).await;
        assert_eq!(code, 200, "{submitted}");
        let status = submitted["status_url"].as_str().unwrap().to_owned();
        loop {
            let (code, body) = self.get(&format!("{status}?logs=1")).await;
            match body["status"].as_str().unwrap() {
                "IN_QUEUE" => assert!(code == 202 && body["queue_position"].is_u64(), "{body}"),
                "IN_PROGRESS" => assert!(code == 202 && body["logs"].is_array(), "{body}"),
                "COMPLETED" => {
                    assert_eq!(code, 200);
                    return self.get(submitted["response_url"].as_str().unwrap()).await;
                }
                other => panic!("{other}"),
            }
            tokio::task::yield_now().await;
        }
    }

    async fn pixels(&self, answer: &Value) -> RgbaImage {
        let url = answer["images"][0]["url"].as_str().unwrap();
        let bytes = self.http.get(url).send().await.unwrap().bytes().await.unwrap();
        image::load_from_memory(&bytes).unwrap().to_rgba8()
    }
}

const RABBIT: &str = "https://v3.fal.media/files/rabbit/rmgBxhwGYb2d3pl3x9sKf_output.png";

/// The bodies of the service's own pages.
fn documented() -> Vec<(&'static str, Value)> {
    let duckling = json!({ "prompt": "Put the little duckling on top of the woman's t-shirt.",
        "image_urls": ["https://v3.fal.media/files/penguin/XoW0qavfF-ahg-jX4BMyL_image.webp",
                       "https://v3.fal.media/files/tiger/bml6YA7DWJXOigadvxk75_image.webp"],
        "guidance_scale": 3.5, "num_images": 1, "output_format": "jpeg", "safety_tolerance": "2" });
    let donut = json!({ "prompt": "Put a donut next to the flour.", "image_url": RABBIT,
        "guidance_scale": 3.5, "sync_mode": false, "num_images": 1, "output_format": "jpeg",
        "safety_tolerance": "2", "enhance_prompt": false });
    let tiger = json!({ "prompt": "Extreme close-up of a single tiger eye. The word \"FLUX\" is painted over it.",
        "guidance_scale": 3.5, "num_images": 1, "safety_tolerance": "2", "output_format": "jpeg",
        "aspect_ratio": "1:1" });
    vec![
        ("fal-ai/flux-pro/kontext", donut.clone()),
        ("fal-ai/flux-pro/kontext/max", donut),
        ("fal-ai/flux-pro/kontext/multi", duckling.clone()),
        ("fal-ai/flux-pro/kontext/max/multi", duckling),
        ("fal-ai/flux-pro/kontext/max/text-to-image", tiger.clone()),
        ("fal-ai/flux-pro/kontext/text-to-image", tiger),
        (
            "fal-ai/flux-pro/v1/redux",
            json!({ "image_url": RABBIT, "image_size": { "width": 640, "height": 360 } }),
        ),
        (
            "fal-ai/flux-pro/v1.1-ultra/redux",
            json!({ "image_url": RABBIT, "aspect_ratio": "1:1", "raw": true }),
        ),
    ]
}

fn assert_documented_shape(answer: &Value) {
    let image = &answer["images"][0];
    assert!(image["url"].is_string() && image["width"].is_u64(), "{answer}");
    assert!(answer["seed"].is_u64() && answer["timings"].is_object(), "{answer}");
    assert!(
        answer["has_nsfw_concepts"][0].is_boolean() && answer["prompt"].is_string(),
        "{answer}"
    );
}

#[tokio::test]
async fn the_documented_requests_are_answered_in_the_documented_shape() {
    let running = simulator().await;
    let client = Client::new(&running);
    for (endpoint, body) in documented() {
        let (code, answer) = client.queue(endpoint, &body).await;
        assert_eq!(code, 200, "{endpoint}: {answer}");
        assert_documented_shape(&answer);
        let (code, answer) = client.post(&format!("{}/{endpoint}", running.run()), &body).await;
        assert_eq!(code, 200, "{endpoint}: {answer}");
        assert_documented_shape(&answer);
    }
    assert_eq!(running.ledger()["submits"].as_array().unwrap().len(), 16);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pixels_and_another_seed_others() {
    let running = simulator().await;
    let client = Client::new(&running);
    for prompt in ["Make it black and white", "Add a red hat", "write \"HELLO\"", "zorp the blarg"]
    {
        let mut pictures = Vec::new();
        for seed in [7, 7, 8] {
            let body = json!({ "prompt": prompt, "image_url": RABBIT, "seed": seed, "output_format": "png" });
            let (_, answer) = client.queue("fal-ai/flux-pro/kontext", &body).await;
            assert_eq!(answer["seed"], seed);
            pictures.push(client.pixels(&answer).await);
        }
        assert_eq!(pictures[0], pictures[1], "{prompt}");
        let differing =
            pictures[0].pixels().zip(pictures[2].pixels()).filter(|(a, b)| a != b).count();
        assert!(differing > 2_000, "{prompt}: {differing}");
    }
}

#[tokio::test]
async fn settings_are_honoured() {
    let running = simulator().await;
    let client = Client::new(&running);
    let body = json!({ "prompt": "a lighthouse", "num_images": 3, "aspect_ratio": "16:9", "sync_mode": true, "seed": 1 });
    let (_, answer) = client.queue("fal-ai/flux-pro/kontext/text-to-image", &body).await;
    let images = answer["images"].as_array().unwrap();
    assert_eq!(images.len(), 3);
    assert_eq!((&images[0]["width"], &images[0]["height"]), (&json!(1392), &json!(752)));
    assert!(images[0]["url"].as_str().unwrap().starts_with("data:image/jpeg;base64,"));
    assert_ne!(images[0]["url"], images[1]["url"]);
    let body = json!({ "prompt": "a nude", "output_format": "png" });
    let (_, answer) = client.queue("fal-ai/flux-pro/kontext/text-to-image", &body).await;
    assert_eq!(answer["has_nsfw_concepts"], json!([true]));
    assert_eq!(client.pixels(&answer).await.get_pixel(10, 10).0, [0, 0, 0, 255]);
}

#[tokio::test]
async fn a_bad_input_is_accepted_and_fails_at_the_result() {
    let running = simulator().await;
    let client = Client::new(&running);
    let cases = [
        (json!({ "image_url": RABBIT }), "missing", "prompt"),
        (
            json!({ "prompt": "x", "image_url": RABBIT, "num_images": 9 }),
            "less_than_equal",
            "num_images",
        ),
        (
            json!({ "prompt": "x", "image_url": RABBIT, "guidance_scale": 0 }),
            "greater_than_equal",
            "guidance_scale",
        ),
        (
            json!({ "prompt": "x", "image_url": RABBIT, "safety_tolerance": 2 }),
            "literal_error",
            "safety_tolerance",
        ),
        (
            json!({ "prompt": "x", "image_url": "https://example.org/x.png" }),
            "file_download_error",
            "image_url",
        ),
    ];
    for (body, word, field) in cases {
        let (code, answer) = client.queue("fal-ai/flux-pro/kontext", &body).await;
        assert_eq!(code, 422, "{answer}");
        assert_eq!(
            (&answer["detail"][0]["type"], &answer["detail"][0]["loc"][1]),
            (&json!(word), &json!(field))
        );
    }
}

#[tokio::test]
async fn keys_methods_and_unknown_names_are_refused_as_documented() {
    let running = simulator().await;
    let client = Client::new(&running);
    let url = format!("{}/fal-ai/flux-pro/kontext", running.queue());
    let reply = client.http.post(&url).json(&json!({})).send().await.unwrap();
    assert_eq!(reply.status(), 401);
    let reply = client
        .http
        .post(&url)
        .header("authorization", "Key wrong")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 401);
    assert!(reply.headers().contains_key("x-fal-request-id"));
    assert_eq!(
        client.post(&format!("{}/fal-ai/nothing/here", running.queue()), &json!({})).await.0,
        404
    );
    assert_eq!(client.get(&url).await.0, 405);
    let unknown = format!(
        "{}/fal-ai/flux-pro/requests/00000000-0000-0000-0000-000000000000",
        running.queue()
    );
    assert_eq!(
        client.get(&format!("{unknown}/status")).await,
        (404, json!({ "status": "NOT_FOUND" }))
    );
    assert_eq!(client.put(&format!("{unknown}/cancel")).await.0, 404);
}

#[tokio::test]
async fn requests_above_the_limit_wait_in_order_and_can_be_cancelled() {
    let settings = Settings { speed: 0.05, concurrency: 1, ..Settings::default() };
    let running = start(settings).await.unwrap();
    let client = Client::new(&running);
    let url = format!("{}/fal-ai/flux-pro/kontext/text-to-image", running.queue());
    let mut places = Vec::new();
    let mut last = Value::Null;
    for number in 0..3 {
        let (_, body) = client.post(&url, &json!({ "prompt": format!("scene {number}") })).await;
        places.push(body["queue_position"].as_u64().unwrap());
        last = body;
    }
    assert_eq!(places, [0, 1, 2]);
    let (code, body) = client.get(last["response_url"].as_str().unwrap()).await;
    assert_eq!((code, &body["detail"]), (400, &json!("Request is still in progress")));
    assert_eq!(client.put(last["cancel_url"].as_str().unwrap()).await.0, 202);
    assert_eq!(client.put(last["cancel_url"].as_str().unwrap()).await.0, 400);
    let (code, body) = client.get(last["response_url"].as_str().unwrap()).await;
    assert_eq!((code, &body["error_type"]), (499, &json!("client_cancelled")));
}

#[tokio::test]
async fn dialled_faults_happen_as_often_as_asked() {
    let running = simulator().await;
    running.add_fault(Fault::parse("submit:503*2").unwrap());
    let client = Client::new(&running);
    let url = format!("{}/fal-ai/flux-pro/kontext/text-to-image", running.queue());
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(client.post(&url, &json!({ "prompt": "x" })).await.0);
    }
    assert_eq!(codes, [503, 503, 200]);
    assert_eq!(running.ledger()["submits"].as_array().unwrap().len(), 1);
}

/// The body of seed 003, as the gateway's page shows it.
fn body_of_the_gateways_page() -> Value {
    json!({ "prompt": "string", "image_urls": ["string"], "aspect_ratio": "21:9",
        "guidance_scale": 0, "sync_mode": true, "num_images": 0, "output_format": "jpeg",
        "safety_tolerance": "1", "seed": 0 })
}

#[tokio::test]
async fn the_gateway_takes_bearer_keys_and_answers_its_pages_own_body_from_the_bare_post() {
    let running = simulator().await;
    let http = reqwest::Client::new();
    let url = format!("{}/fal-ai/flux-pro/kontext/multi", running.gateway());
    let request = http.post(url).bearer_auth(&running.key).json(&body_of_the_gateways_page());
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["status"], "IN_QUEUE");
    assert!(body["queue_position"].is_u64());
    // On another host and under another name, as that page shows; the path is good here too.
    let place = body["status_url"].as_str().unwrap();
    let path = place.strip_prefix("https://queue.fal.run/").unwrap();
    assert!(path.starts_with("fal-ai/flux-1/requests/"), "{path}");
    let path = path.trim_end_matches("/status");
    for _ in 0..10_000 {
        let url = format!("{}/{path}/status", running.gateway());
        let status = http.get(url).bearer_auth(&running.key).send().await.unwrap();
        if status.json::<Value>().await.unwrap()["status"] == "COMPLETED" {
            break;
        }
    }
    let url = format!("{}/{path}", running.gateway());
    let result = http.get(url).bearer_auth(&running.key).send().await.unwrap();
    assert_eq!(result.status(), 422);
    let result: Value = result.json().await.unwrap();
    let wrong = result["detail"].as_array().unwrap();
    assert_eq!(wrong.len(), 1, "the zeros are no mistake here, its picture is none: {result}");
    assert_eq!(wrong[0]["loc"][1], "image_urls");
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = start(Settings { listen, ..Settings::default() }).await.unwrap_err();
    assert!(error.to_string().contains("loopback only"));
}
