//! `editree run` on the wire: what its options send, and what becomes of a paid answer.

use std::process::{Command, Output};

use editree::fal::upload::data_uri;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::Request;
use super::server::{Act, KEY, Server, json as answer, ticket, with};

const PHOTO: &[u8] = include_bytes!("../../photos/coffee.png");

struct Home {
    folder: TempDir,
    server: Server,
}

impl Home {
    fn new(script: impl Fn(&Request, usize) -> Act + Send + Sync + 'static) -> Self {
        let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(script));
        let base = server.url();
        let profile = format!(
            "default_profile = \"here\"\n[profiles.here]\nrun_url = \"{base}_run\"\n\
             queue_url = \"{base}_queue\"\nrest_url = \"{base}_rest\"\ncdn_url = \"{base}_cdn\"\n\
             [profiles.here.options]\nrunner_hint = \"warm\"\n[profiles.here.options.tags]\n\
             team = \"posters\"\n"
        );
        std::fs::write(folder.path().join("config.toml"), profile).unwrap();
        Self { folder, server }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.editree(&[&["run"], arguments].concat())
    }

    fn editree(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
        command.env_clear().env("HOME", self.folder.path()).env("FAL_KEY", KEY);
        command.env("EDITREE_CONFIG", self.folder.path().join("config.toml"));
        command.args(arguments).current_dir(self.folder.path());
        command.output().unwrap()
    }

    fn jobs(&self) -> i64 {
        let folder = self.folder.path().join(".local/share/editree/editree.db");
        let database = rusqlite::Connection::open(folder).unwrap();
        let sql = "SELECT count(*) FROM jobs WHERE state = 'waiting' AND answer IS NOT NULL";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_webhook_and_all_options_reach_the_queue_and_nobody_waits() {
    let home = Home::new(|_, _| answer(200, &ticket("https://x.example")));
    let output = home.run(&[
        "a cat",
        "--webhook",
        "https://me.example/hook?a=1",
        "--no-wait",
        "--json",
        "--start-timeout",
        "30",
        "--priority",
        "low",
        "--no-store",
        "--keep-media",
        "3600",
        "--max-queue-length",
        "9",
        "--tag",
        "run=7",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["request_id"], "r1");
    let seen = home.server.seen();
    let submit = &seen[0];
    let path = "/_queue/fal-ai/flux-pro/kontext/text-to-image\
                ?fal_webhook=https%3A%2F%2Fme.example%2Fhook%3Fa%3D1&fal_max_queue_length=9";
    assert_eq!((submit.method.as_str(), submit.path.as_str()), ("POST", path));
    let wanted = [
        ("x-fal-request-timeout", "30.0"),
        ("x-fal-queue-priority", "low"),
        ("x-fal-runner-hint", "warm"),
        ("x-fal-store-io", "0"),
        ("x-fal-object-lifecycle-preference", r#"{"expiration_duration_seconds":3600}"#),
        ("x-fal-tags", "run=7,team=posters"),
    ];
    for (name, value) in wanted {
        assert_eq!(submit.header(name), Some(value), "{name}");
    }
    assert_eq!(seen.iter().filter(|request| request.method == "POST").count(), 1);
}

#[test]
fn a_synchronous_answer_with_the_picture_inside_needs_no_other_call() {
    let uri = data_uri(PHOTO, "image/png");
    let body = json!({"images": [{"url": uri}], "seed": 7}).to_string();
    let home = Home::new(move |_, _| answer(200, &body));
    let output = home.run(&["a cat", "--sync", "-s", "sync_mode=true", "-o", "out.png", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let out = std::fs::read(home.folder.path().join("out.png")).unwrap();
    assert_eq!(editree::picture::metadata::detach(&out), PHOTO, "as it came, and a label");
    let seen = home.server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path, "/_run/fal-ai/flux-pro/kontext/text-to-image");
    assert_eq!(seen[0].json()["sync_mode"], true);
    assert_eq!(seen[0].header("x-fal-runner-hint"), Some("warm"));
}

#[test]
fn a_paid_answer_whose_picture_cannot_be_had_is_never_sent_again() {
    let home = Home::new(|request, _| match request.method.as_str() {
        "POST" => {
            let url = format!("http://{}/files/gone.png", request.header("host").unwrap());
            answer(200, &json!({"images": [{"url": url}]}).to_string())
        }
        // Elsewhere this means "surely not received, send it later".
        _ => with(429, &[("retry-after", "0")], b""),
    });
    let output = home.run(&["a cat", "--sync"]);
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(said(&output).contains("is billed and waits for its result"), "{}", said(&output));
    let seen = home.server.seen();
    assert_eq!(seen.iter().filter(|request| request.method == "POST").count(), 1);
    assert_eq!(home.jobs(), 1, "the job waits, with its answer");
}

#[test]
fn what_the_service_would_not_take_is_refused_before_anything_is_kept_or_sent() {
    let home = Home::new(|_, _| answer(200, "{}"));
    for wrong in [
        ["--webhook", "nowhere"],
        ["--webhook", "ftp://me.example/"],
        ["--start-timeout", "1"],
        ["--tag", "A=b"],
        ["--tag", "b"],
        ["--priority", "high"],
    ] {
        let output = home.run(&["a cat", wrong[0], wrong[1]]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?} {}", said(&output));
    }
    assert_eq!(home.server.count(), 0);
}

/// The smallest thing that begins as a film does.
const FILM: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2";

#[test]
fn an_imported_endpoint_that_answers_with_a_film_leaves_a_file() {
    let home = Home::new(|request, _| match request.path.as_str() {
        "/_run/me/film" => {
            let url = format!("http://{}/files/film.mp4", request.header("host").unwrap());
            let film = json!({"url": url, "content_type": "video/mp4", "file_name": "film.mp4"});
            answer(200, &json!({ "video": film, "seed": 4 }).to_string())
        }
        "/files/film.mp4" => with(200, &[("content-type", "video/mp4")], FILM),
        _ => answer(404, "{}"),
    });
    let document = format!("{}/tests/documents/film.json", env!("CARGO_MANIFEST_DIR"));
    let added = home.editree(&["models", "add", &document, "--as", "me/film"]);
    assert!(added.status.success(), "{}", said(&added));
    let output = home.run(&["-m", "me/film", "--sync", "a storm", "-o", "storm.mp4", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(std::fs::read(home.folder.path().join("storm.mp4")).unwrap(), FILM);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let file = told["pictures"][0]["file"].as_str().unwrap();
    assert!(file.ends_with(".mp4"), "{file}");
}
