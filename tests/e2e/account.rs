//! The account's own truth by the real binary: lost answers that are settled, private pictures, a bucket
//! of one's own, exact cents, and what a key may not do.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{json_in, said};
use crate::service::Service;

fn code(output: &std::process::Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

/// A service with a platform's interface, as a profile of its own.
fn service(folder: &Path, more: &str) -> Service {
    let service = Service::start(folder, &["--fault", "artifacts:off"]);
    service.configure_with_api(folder, more);
    service
}

const RUN: [&str; 4] = ["run", "-m", "pro-text", "--json"];

fn run(service: &Service, folder: &Path, more: &[&str]) -> std::process::Output {
    service.editree(folder, &[&RUN[..], more, &["a lighthouse"]].concat())
}

/// All that editree has written down, as bytes.
fn written(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut waiting, mut found) = (vec![folder.join("data/editree")], Vec::new());
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.push((path.clone(), std::fs::read(path).unwrap()));
        }
    }
    found
}

fn is_written(folder: &Path, word: &str) -> Option<PathBuf> {
    let holds = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    written(folder).into_iter().find(|(_, bytes)| holds(bytes)).map(|(path, _)| path)
}

#[test]
fn a_lost_answer_is_settled_by_itself_where_the_service_has_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("submit:lose*1");
    let output = run(&service, folder.path(), &["-s", "seed=3"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(json_in(&output)["cost"], 0.04);
    assert_eq!(service.ledger().len(), 1, "it was sent once");
}

#[test]
fn a_lost_answer_is_settled_by_itself_where_the_service_never_had_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("submit:drop*1");
    let output = run(&service, folder.path(), &["--start-timeout", "2"]);
    assert_eq!(code(&output), 5, "{}", said(&output));
    assert!(said(&output).contains("not paid"), "{}", said(&output));
    assert_eq!(service.ledger().len(), 0, "nothing was sent again");
    let jobs = service.editree(folder.path(), &["jobs", "--json"]);
    assert_eq!(json_in(&jobs)["jobs"], Value::Array(Vec::new()));
}

#[test]
fn a_key_that_may_not_list_requests_is_told_which_preset_may() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("key:submit");
    service.inject("submit:lose*1");
    let output = run(&service, folder.path(), &[]);
    assert_eq!(code(&output), 7, "{}", said(&output));
    let told = said(&output);
    assert!(told.contains("`models:requests:read`") && told.contains("preset API"), "{told}");
    // The right comes later: the next start settles it.
    service.inject("key:api");
    let waited = service.editree(folder.path(), &["wait", "--all"]);
    assert_eq!(code(&waited), 0, "{}", said(&waited));
    assert_eq!(service.ledger().len(), 1);
}

#[test]
fn a_submit_only_key_is_no_bad_key() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    let status = |preset: &str| {
        service.inject(&format!("key:{preset}"));
        service.editree(folder.path(), &["key", "status", "--check", "--json"])
    };
    let submit = status("submit");
    assert_eq!(code(&submit), 0, "{}", said(&submit));
    assert!(said(&submit).contains("knows the key"), "{}", said(&submit));
    let may = json_in(&submit)["may"].clone();
    assert_eq!(may, serde_json::json!({ "follow": false, "billing": false, "files": false }));
    assert!(said(&submit).contains("BILLING"), "{}", said(&submit));
    let full = json_in(&status("full"))["may"].clone();
    assert_eq!(full, serde_json::json!({ "follow": true, "billing": true, "files": true }));
}

#[test]
fn private_pictures_are_fetched_with_a_signature_that_is_never_kept() {
    for (fault, option) in
        [("files:hide", None), ("files:forbid", None), ("files:allow", Some("--private"))]
    {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path(), "");
        service.inject(fault);
        let options: Vec<&str> = option.into_iter().collect();
        let output = run(&service, folder.path(), &options);
        assert_eq!(code(&output), 0, "{fault}: {}", said(&output));
        assert_eq!(is_written(folder.path(), "identity="), None, "{fault}");
        let json = service.editree(folder.path(), &["export", "@", "--as", "json"]);
        assert!(!String::from_utf8_lossy(&json.stdout).contains("identity="));
    }
}

#[test]
fn a_private_picture_that_may_not_be_signed_for_waits_for_a_key_that_may() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("files:hide");
    service.inject("key:models:requests:submit,models:requests:read");
    let output = run(&service, folder.path(), &[]);
    assert_ne!(code(&output), 0);
    assert!(said(&output).contains("`assets:read`"), "{}", said(&output));
    service.inject("key:full");
    let waited = service.editree(folder.path(), &["wait", "--all"]);
    assert_eq!(code(&waited), 0, "{}", said(&waited));
    assert_eq!(service.ledger().len(), 1);
}

const POLICY: &str =
    r#"{"url":"https://b.s3.amazonaws.com/","fields":{"key":"a","x-amz-signature":"c0ffee1234"}}"#;

#[test]
fn pictures_in_a_bucket_of_ones_own_may_come_late_and_its_policy_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(
        folder.path(),
        &format!("[profiles.here.headers]\nx-app-fal-upload-policy = '{POLICY}'\n"),
    );
    service.inject("download:late=3000");
    let output = run(&service, folder.path(), &[]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let url = service.ledger()[0].to_string();
    assert!(is_written(folder.path(), "/_bucket/").is_some(), "{url}");
    assert_eq!(is_written(folder.path(), "c0ffee1234"), None);
    let doctor = service.editree(folder.path(), &["doctor"]);
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(told.contains("x-app-fal-upload-policy") && !told.contains("c0ffee"), "{told}");
    // A bucket that refuses is asked about again; nothing is sent twice.
    service.inject("result:424*2");
    let output = run(&service, folder.path(), &[]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(service.ledger().len(), 2);
}

#[test]
fn headers_that_are_none_of_the_services_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(
        folder.path(),
        "[profiles.here.headers]\nx-fal-a = 'b'\nauthorization = 'Key stolen'\n",
    );
    let output = run(&service, folder.path(), &[]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    let told = said(&output);
    assert!(told.contains("config.toml` line ") && told.contains("authorization"), "{told}");
    assert!(!told.contains("stolen"), "{told}");
    service.configure_with_api(folder.path(), "");
    let output = run(&service, folder.path(), &["--header", "cookie=a"]);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert_eq!(service.ledger().len(), 0);
}

#[test]
fn exact_cents_come_from_the_bill_with_its_discount() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("discount:25");
    service.inject("balance:5.00");
    for seed in ["1", "2", "3"] {
        let seed = format!("seed={seed}");
        let output = run(&service, folder.path(), &["-s", &seed]);
        assert_eq!((code(&output), &json_in(&output)["cost_exact"]), (0, &Value::Bool(false)));
    }
    let output = service.editree(folder.path(), &["account", "--json"]);
    let account = json_in(&output);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!((&account["exact"], &account["requests"]), (&3.into(), &3.into()), "{account}");
    assert_eq!((&account["cost"], &account["estimated"]), (&0.09.into(), &0.12.into()));
    assert_eq!(account["balance"], 4.91);
    let tree = json_in(&service.editree(folder.path(), &["tree", "--json"]));
    assert_eq!(tree["nodes"][0]["cost"], 0.03);
    assert_eq!(tree["nodes"][0]["cost_exact"], true);
    let told = service.editree(folder.path(), &["account"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("balance       $4.91"), "{told}");
    assert!(told.contains("3 of 3, by the service's own bill"), "{told}");
    let report = service.editree(folder.path(), &["report", "@", "-o", "-"]);
    assert!(String::from_utf8_lossy(&report.stdout).contains("$0.03 (billed)"));
    // What is kept beside the pictures tells it too.
    std::fs::remove_file(folder.path().join("data/editree/editree.db")).unwrap();
    let tree = json_in(&service.editree(folder.path(), &["tree", "--json"]));
    assert_eq!(
        (&tree["nodes"][0]["cost"], &tree["nodes"][0]["cost_exact"]),
        (&0.03.into(), &true.into())
    );
}

#[test]
fn a_key_that_may_not_see_bills_leaves_our_own_count_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("key:api");
    assert_eq!(code(&run(&service, folder.path(), &[])), 0);
    let account = json_in(&service.editree(folder.path(), &["account", "--json"]));
    assert_eq!((&account["cost"], &account["exact"]), (&0.04.into(), &0.into()), "{account}");
    assert_eq!(account["balance"], Value::Null);
    let why = account["balance_unknown"].as_str().unwrap();
    assert!(why.contains("billing:read") && why.contains("BILLING"), "{why}");
}

#[test]
fn a_sweep_that_the_account_cannot_pay_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("balance:0.10");
    let sweep = |more: &[&str]| {
        let words = ["sweep", "-m", "pro-text", "-s", "seed=1..4", "--yes"];
        service.editree(folder.path(), &[&words, more, &["a lighthouse"]].concat())
    };
    let output = sweep(&[]);
    assert_eq!(code(&output), 6, "{}", said(&output));
    assert!(said(&output).contains("the account holds $0.10"), "{}", said(&output));
    assert_eq!(service.ledger().len(), 0);
    service.inject("balance:9");
    assert_eq!(code(&sweep(&[])), 0);
    assert_eq!(service.ledger().len(), 4);
}

/// A request as a script of somebody else's sends it, until it is done: its id and its answer.
fn sent_elsewhere(service: &Service, endpoint: &str, body: &Value) -> (String, Value) {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let key = format!("Key {}", service.key);
    executor.block_on(async {
        let http = reqwest::Client::new();
        let url = format!("{}/{endpoint}", service.queue);
        let sent = http.post(url).header("authorization", &key).json(body).send().await.unwrap();
        let sent: Value = sent.json().await.unwrap();
        loop {
            let url = sent["response_url"].as_str().unwrap();
            let reply = http.get(url).header("authorization", &key).send().await.unwrap();
            let body: Value = reply.json().await.unwrap();
            if body["detail"] != "Request is still in progress" {
                return (sent["request_id"].as_str().unwrap().to_owned(), body);
            }
            tokio::task::yield_now().await;
        }
    })
}

fn uploaded(service: &Service, bytes: Vec<u8>) -> String {
    let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    executor.block_on(async {
        let url = format!("{}/_cdn/files/upload", service.base);
        let request = reqwest::Client::new().post(url).header("content-type", "image/png");
        let request = request.header("authorization", format!("Bearer {}", service.key));
        let reply: Value = request.body(bytes).send().await.unwrap().json().await.unwrap();
        reply["access_url"].as_str().unwrap().to_owned()
    })
}

fn import(service: &Service, folder: &Path, more: &[&str]) -> std::process::Output {
    service.editree(folder, &[&["import", "--from-service", "--json"], more].concat())
}

fn states(output: &std::process::Output) -> Vec<String> {
    let requests = json_in(output)["requests"].as_array().unwrap().clone();
    requests.iter().map(|it| it["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_brought_can_be_narrowed_and_a_wrong_word_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    let wish = serde_json::json!({ "prompt": "a lighthouse" });
    sent_elsewhere(&service, "fal-ai/flux-pro/kontext/text-to-image", &wish);
    let import = |more: &[&str]| import(&service, folder.path(), more);
    let wrong = import(&["--since", "soon"]);
    assert_eq!(code(&wrong), 2, "{}", said(&wrong));
    assert_eq!(states(&import(&["--since", "2999-01-01"])), Vec::<String>::new());
    assert_eq!(states(&import(&["-m", "pro"])), Vec::<String>::new());
    assert_eq!(code(&import(&["-m", "nonsense"])), 2);
    assert_eq!(code(&import(&["picture.png"])), 2, "files and the service are two things");
    service.inject("key:submit");
    let refused = import(&[]);
    assert_eq!(code(&refused), 3, "{}", said(&refused));
    assert!(said(&refused).contains("`models:requests:read`"), "{}", said(&refused));
    service.inject("key:api");
    assert_eq!(states(&import(&["-m", "pro-text", "--since", "2020-01-01"])), ["imported"]);
}

#[test]
fn requests_that_were_sent_elsewhere_come_into_the_tree_once_with_recipe_cost_and_parents() {
    let folder = tempfile::tempdir().unwrap();
    let service = service(folder.path(), "");
    service.inject("discount:50");
    let photo = crate::command::photo("coffee.png");
    let opened = service.editree(folder.path(), &["import", &photo]);
    assert_eq!(code(&opened), 0, "{}", said(&opened));
    let coffee = uploaded(&service, std::fs::read(&photo).unwrap());
    let edit = "fal-ai/flux-pro/kontext";
    let wish = |prompt: &str, url: &str| serde_json::json!({ "prompt": prompt, "image_url": url, "seed": 7, "guidance_scale": 4.5 });
    service.inject("files:hide");
    let (_, red) = sent_elsewhere(&service, edit, &wish("Make it red", &coffee));
    let (id, _) = sent_elsewhere(
        &service,
        edit,
        &wish("Add a hat", red["images"][0]["url"].as_str().unwrap()),
    );
    sent_elsewhere(&service, edit, &serde_json::json!({ "image_url": coffee }));

    let import = |more: &[&str]| import(&service, folder.path(), more);
    let dry = import(&["--dry-run"]);
    assert_eq!(states(&dry), ["would_import", "would_import", "left"], "{}", said(&dry));
    assert_eq!(
        json_in(&service.editree(folder.path(), &["tree", "--json"]))["nodes"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let output = import(&[]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(states(&output), ["imported", "imported", "left"]);
    assert_eq!(states(&import(&[])), ["known", "known", "left"], "nothing comes twice");

    let tree = json_in(&service.editree(folder.path(), &["tree", "--json"]));
    let nodes = tree["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3, "{tree}");
    let made = |prompt: &str| nodes.iter().find(|node| node["prompt"] == prompt).unwrap();
    let (red, hat) = (made("Make it red"), made("Add a hat"));
    assert_eq!(red["parent"]["node"], nodes[0]["id"], "the very bytes that were uploaded: {tree}");
    assert_eq!(hat["parent"]["node"], red["id"], "the address that the service gave");
    assert_eq!((&hat["cost"], &hat["cost_exact"]), (&0.02.into(), &true.into()));
    assert_eq!((&hat["seed"], &hat["request_id"]), (&7.into(), &id.into()));
    assert_eq!(hat["params"]["guidance_scale"], 4.5);
    assert_eq!(is_written(folder.path(), "identity="), None);
    let account = json_in(&service.editree(folder.path(), &["account", "--json"]));
    assert_eq!((&account["cost"], &account["exact"]), (&0.04.into(), &2.into()), "{account}");
    // A recipe that came so can be used like any other.
    let code_of_it = service.editree(folder.path(), &["export", hat["id"].as_str().unwrap()]);
    assert!(String::from_utf8_lossy(&code_of_it.stdout).contains("Add a hat"));
}
