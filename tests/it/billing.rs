//! What editree counts is what the service charged: for random requests to every endpoint that is
//! built in, the estimate and the cost against the simulator's ledger, to the micro-dollar.

use std::collections::HashMap;
use std::sync::Arc;

use editree::fal::Client;
use editree::fal::profile::{Auth, Hosts, Key, Settings};
use editree::fal::submit_options::SubmitOptions;
use editree::schema::kind::Kind;
use editree::schema::price::Size;
use editree::schema::{Catalogue, Endpoint, Values};
use editree::simulator::{self, Running};
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const REQUESTS: usize = 200;
/// Larger ones only take longer to paint.
const LARGEST: u32 = 1_100;

/// A request that may leave: its values, and its pictures with their sizes.
struct Request {
    values: Values,
    pictures: Vec<String>,
    sizes: Vec<Size>,
}

/// In micro-dollars.
struct Billed {
    id: String,
    estimate: Option<i64>,
    cost: Option<i64>,
    told: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_ledger_is_the_services_own_to_the_micro_dollar() {
    let settings =
        simulator::Settings { speed: 10_000.0, concurrency: 4, ..simulator::Settings::default() };
    let running = simulator::start(settings).await.unwrap();
    // Pictures of the right size that take no time to paint.
    running.inject("run:filter").unwrap();
    let client = Arc::new(client(&running));
    let catalogue = Catalogue::builtin();
    let endpoints: Vec<&Endpoint> = catalogue.endpoints().collect();
    let mut random = Rng::with_seed(2_026);
    let (mut sending, mut billed) = (JoinSet::new(), Vec::new());
    for number in 0..REQUESTS {
        let endpoint = endpoints[number % endpoints.len()].clone();
        let request = request(&endpoint, &mut random);
        sending.spawn(send(Arc::clone(&client), endpoint, request));
        if sending.len() == 4 {
            billed.push(sending.join_next().await.unwrap().unwrap());
        }
    }
    billed.extend(sending.join_all().await);
    let ledger = running.ledger();
    let charged: HashMap<&str, Option<i64>> = ledger["submits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["request_id"].as_str().unwrap(), one["micro_dollars"].as_i64()))
        .collect();
    assert_eq!((charged.len(), billed.len()), (REQUESTS, REQUESTS));
    for one in &billed {
        assert_eq!(one.cost, charged[one.id.as_str()], "{}", one.told);
        assert!(one.estimate.is_none() || one.estimate == one.cost, "estimate of {}", one.told);
    }
    let ours: i64 = billed.iter().filter_map(|one| one.cost).sum();
    assert_eq!(ours, charged.values().flatten().sum::<i64>());
    let told = billed.iter().filter(|one| one.estimate.is_some()).count();
    assert!(told > REQUESTS / 3, "only {told} were estimated before");
}

async fn send(client: Arc<Client>, endpoint: Endpoint, request: Request) -> Billed {
    let quote = endpoint.quote(&request.values, &request.sizes);
    let body = endpoint.request("Make it red", &request.values, &request.pictures);
    let options = SubmitOptions::default();
    let sent = client.submit(&endpoint.id, &Value::Object(body), &options).await.unwrap();
    client.follow(&sent.handle, |_| ()).await.unwrap();
    let told = format!("{} {:?} {:?}", endpoint.short, request.values, request.sizes);
    let answer =
        client.result(&sent.handle).await.unwrap_or_else(|error| panic!("{told}: {error}"));
    Billed {
        id: sent.handle.request_id,
        estimate: quote.amount.map(|amount| amount.0),
        cost: quote.billed(answer.billable_units).map(|cost| cost.0),
        told: format!("{told}: {:?} units at {quote}", answer.billable_units),
    }
}

fn client(running: &Running) -> Client {
    let hosts = Hosts::under(&running.base.parse().unwrap()).unwrap();
    let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(&running.key).unwrap()));
    settings.pace = 1_000.0;
    Client::new(settings).unwrap()
}

fn request(endpoint: &Endpoint, random: &mut Rng) -> Request {
    loop {
        let count = (0..random.usize(1..6)).rfind(|count| endpoint.takes.accepts(*count));
        let Some(count) = count else { continue };
        // Every fourth is more than a megapixel.
        let most = if random.u8(0..4) == 0 { LARGEST } else { LARGEST / 2 };
        let sizes: Vec<(u32, u32)> =
            (0..count).map(|_| (random.u32(256..most), random.u32(256..most))).collect();
        let pictures: Vec<String> = sizes.iter().map(|size| data_uri(*size)).collect();
        let values = values(endpoint, random);
        if endpoint.problems("Make it red", &values, count).is_empty() {
            let sizes = sizes.into_iter().map(Some).collect();
            return Request { values, pictures, sizes };
        }
    }
}

/// Every second setting is changed.
fn values(endpoint: &Endpoint, random: &mut Rng) -> Values {
    let mut values = Values::new();
    for param in endpoint.form().filter(|param| param.name != "sync_mode") {
        let value = match &param.kind {
            Kind::Size { .. } if random.bool() => {
                json!({ "width": random.u32(512..LARGEST), "height": random.u32(512..LARGEST) })
            }
            Kind::Picture => Value::from(data_uri((300, 300))),
            _other => {
                let stepped = (0..random.usize(0..6))
                    .fold(param.start().cloned(), |at, _| param.step(at.as_ref(), 1).or(at));
                stepped.unwrap_or_default()
            }
        };
        let is_large = ["2k", "4k", "2K", "4K"].iter().any(|tier| value == *tier);
        let is_slow = is_large || (param.name == "num_images" && value.as_u64() > Some(2));
        if (random.bool() || param.required) && !value.is_null() && !is_slow {
            values.insert(param.name.clone(), value);
        }
    }
    values
}

fn data_uri((width, height): (u32, u32)) -> String {
    let picture = image::RgbaImage::from_pixel(width, height, image::Rgba([200, 40, 40, 255]));
    let bytes = editree::picture::encode_png(&picture, &[]).unwrap();
    format!("data:image/png;base64,{}", base64_simd::STANDARD.encode_to_string(bytes))
}
