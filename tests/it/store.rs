//! Tests of `store` through its public items, and of what it leaves on the disk.

use std::path::Path;

use editree::app::job::State;
use editree::app::job::answer::{Handle, Outcome};
use editree::app::job::spec::{FollowUps, RequestSpec};
use editree::app::message::Saved;
use editree::schema::Usd;
use editree::schema::price::Quote;
use editree::store::error::Error;
use editree::store::{Opening, Options, Store};
use editree::tree::{Hash, Input, Node, Picture, PictureRef, Recipe, Timestamp};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

mod archive;
mod arrivals;
mod damage;
mod decisions;
mod folder;
mod hostile;
mod instances;
mod jobs;
mod migrations;
mod nodes;
mod pictures;
mod power;
mod recovery;
mod search;
mod trash;
mod uploads;
mod watch;
mod whole;

/// A store in a folder that goes away.
struct Shelf {
    folder: TempDir,
}

/// All of the project, whole, oldest first.
fn all_nodes(store: &Store) -> Result<Vec<Node>, Error> {
    let ids = store.summaries(None).wait()?.into_iter().map(|node| node.id).collect();
    store.load_nodes(ids).wait()
}

impl Shelf {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn open(&self) -> (Store, Opening) {
        Store::open(self.path(), options()).unwrap()
    }

    fn store(&self) -> Store {
        self.open().0
    }

    /// The database as anybody else would see it.
    fn database(&self) -> Connection {
        Connection::open(self.path().join("editree.db")).unwrap()
    }

    fn cell<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn options() -> Options {
    Options {
        project: "main".into(),
        simulated: false,
        day_start: Timestamp(0),
        now: Timestamp(1_000),
        take_over_orphans: true,
        with_page: true,
        log_days: 90,
    }
}

fn simulated() -> Options {
    Options { project: "simulator".into(), simulated: true, ..options() }
}

/// The store looks at the first bytes only.
fn png(words: &str) -> Vec<u8> {
    [b"\x89PNG".as_slice(), words.as_bytes()].concat()
}

fn picture(hash: Hash) -> Picture {
    Picture {
        hash,
        width: 1248,
        height: 832,
        format: "png".into(),
        bytes: 7,
        nsfw: false,
        url: Some("https://v3.fal.media/files/a/b.png".into()),
    }
}

fn open_root(store: &Store, words: &str) -> Node {
    let info = Picture { url: None, ..picture(Hash([0; 32])) };
    let title = format!("{words}.png");
    let pending = store.open_picture(&png(words), info, title, Timestamp(5));
    pending.unwrap().wait().unwrap()
}

fn first_picture(node: &Node) -> PictureRef {
    PictureRef { node: node.id, picture: node.pictures[0].hash }
}

fn quote(estimate: Option<i64>) -> Quote {
    let amount = estimate.map(Usd);
    Quote { amount, unit_price: amount.map(|_| Usd(40_000)), is_estimate: false }
}

fn spec(prompt: &str, parent: Option<PictureRef>) -> RequestSpec {
    RequestSpec {
        profile: "fal".into(),
        simulated: false,
        recipe: Recipe {
            endpoint: "fal-ai/flux-pro/kontext".into(),
            prompt: prompt.into(),
            values: [("guidance_scale".to_owned(), json!(3.5))].into(),
            inputs: parent.map(Input::Picture).into_iter().collect(),
        },
        quote: quote(Some(40_000)),
        resend_of: None,
        sync: false,
        webhook: None,
        follow_ups: FollowUps::default(),
        low_priority: true,
    }
}

fn handle(name: &str) -> Handle {
    Handle {
        request_id: name.into(),
        gateway_request_id: Some("gateway".into()),
        status_url: format!("https://queue.fal.run/x/requests/{name}/status"),
        response_url: format!("https://queue.fal.run/x/requests/{name}"),
        cancel_url: format!("https://queue.fal.run/x/requests/{name}/cancel"),
    }
}

/// What came back, its picture already in the media folder.
fn outcome(store: &Store, words: &str) -> Outcome {
    let hash = store.media().write(&png(words)).unwrap();
    Outcome {
        pictures: vec![picture(hash)],
        seed: Some(u64::MAX),
        request_id: Some("r-1".into()),
        billable_units: None,
        timings: [("inference".to_owned(), 4.25)].into(),
        served_from: None,
        raw: json!({ "images": [{ "url": "https://x" }], "seed": u64::MAX }),
    }
}

fn save(store: &Store, spec: RequestSpec) -> Saved {
    store.save(spec, None, Timestamp(100)).wait().unwrap()
}

/// Moves through the states, each of which must be legal.
fn pass(store: &Store, saved: &Saved, states: &[State]) {
    for state in states {
        let handle = matches!(state, State::Queued(_)).then(|| handle("r-1"));
        let moved = store.move_job(saved.job.id, state.clone(), handle, None, Timestamp(200));
        moved.wait().unwrap();
    }
}

/// An order that went all the way.
fn finished(store: &Store, spec: RequestSpec, at: i64) -> Saved {
    let saved = save(store, spec);
    for state in [State::Sending, State::Fetching] {
        store.move_job(saved.job.id, state, None, None, Timestamp(at)).wait().unwrap();
    }
    let outcome = outcome(store, &format!("result of {}", saved.job.id));
    let done = store.finish(saved.job.id, outcome, Timestamp(at));
    done.wait().unwrap();
    saved
}
