//! What is exported runs, and makes the pictures that the tree has.

use std::path::Path;
use std::process::{Command, Output};

use editree::schema::{Catalogue, Endpoint};
use serde_json::Value;

use crate::command::photo;
use crate::service::Service;

fn good(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Three edits, each of the last result; the file of the third.
fn chain(service: &Service, folder: &Path) -> String {
    let mut input = photo("coffee.png");
    let mut file = String::new();
    for words in ["Make it black and white", "Write \"it's $5 `now`\" on it", "Make it sepia"] {
        let run = ["run", "-i", &input, words, "--json"];
        let answer: Value = serde_json::from_str(&good(service.editree(folder, &run))).unwrap();
        assert_eq!(answer["simulated"], false, "to editree this is a service that costs");
        file = answer["pictures"][0]["file"].as_str().unwrap().to_owned();
        input = "@".to_owned();
    }
    file
}

#[test]
fn a_chain_as_curl_makes_the_pixels_of_the_tree() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED: there is no curl on this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let file = chain(&service, folder.path());
    let export = service.editree(folder.path(), &["export", "@", "--chain", "--as", "curl"]);
    let script = folder.path().join("chain.sh");
    std::fs::write(&script, good(export)).unwrap();
    let mut shell = Command::new("sh");
    shell.arg(&script).env("FAL_QUEUE", &service.queue).env("FAL_KEY", &service.key);
    let printed = good(shell.output().unwrap());
    let address = printed.lines().next().expect("an address");
    let fetched = Command::new("curl").args(["-sS", "--fail", address]).output().unwrap();
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8().into_raw();
    assert!(fetched.status.success());
    assert_eq!(pixels(&fetched.stdout), pixels(&std::fs::read(file).unwrap()));
}

#[test]
fn a_recipe_names_every_step_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    chain(&service, folder.path());
    for language in ["curl", "python", "javascript", "json", "recipe"] {
        let export = ["export", "@", "--chain", "--as", language];
        let code = good(service.editree(folder.path(), &export));
        assert!(!code.contains(&service.key), "{language}");
        for words in ["black and white", "it'", "sepia"] {
            assert!(code.contains(words), "{language}: {code}");
        }
    }
    let recipe =
        good(service.editree(folder.path(), &["export", "@", "--chain", "--as", "recipe"]));
    let recipe: Value = serde_json::from_str(&recipe).unwrap();
    let steps = recipe["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[2]["inputs"][0]["step"], 1);
    assert!(steps.iter().all(|step| step["params"]["seed"].is_u64()), "{recipe}");
}

/// What one run of this model needs besides words, and its name.
fn run_of(endpoint: &Endpoint) -> Vec<String> {
    let pictures = (0..9).find(|count| endpoint.takes.accepts(*count)).unwrap();
    let mut run = vec!["run".to_owned(), "--json".into(), "-m".into(), endpoint.short.clone()];
    for place in 0..pictures {
        let name = if place == 0 { "coffee.png" } else { "chelsea.png" };
        run.extend(["-i".to_owned(), photo(name)]);
    }
    if endpoint.param("loras").is_some() {
        run.extend(["-s".to_owned(), "loras=https://weights.example/a.safetensors*0.8".into()]);
    }
    run.push("Make it black and white".into());
    run
}

#[test]
fn every_built_in_endpoint_exported_as_curl_asks_for_the_same_again() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED: there is no curl on this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--speed", "50"]);
    service.configure(folder.path(), "");
    for endpoint in Catalogue::builtin().endpoints() {
        let run = run_of(endpoint);
        let run: Vec<&str> = run.iter().map(String::as_str).collect();
        good(service.editree(folder.path(), &run));
        let export = service.editree(folder.path(), &["export", "@", "--as", "curl"]);
        let script = folder.path().join("again.sh");
        std::fs::write(&script, good(export)).unwrap();
        let mut shell = Command::new("sh");
        shell.arg(&script).env("FAL_QUEUE", &service.queue).env("FAL_KEY", &service.key);
        let printed = good(shell.output().unwrap());
        assert!(printed.starts_with("http"), "{}: {printed}", endpoint.id);
        let ledger = service.ledger();
        let [.., first, again] = ledger.as_slice() else { panic!("two requests") };
        for submit in [first, again] {
            assert_eq!(submit["endpoint"], endpoint.id);
            assert_eq!(submit["state"], "COMPLETED", "{submit}");
        }
        let told = |submit: &Value| {
            let mut input = submit["input"].as_object().unwrap().clone();
            // Uploaded anew, or sent along; the seed that was drawn is named.
            input.retain(|name, _| !endpoint.takes.holds(name) && name != "seed");
            input
        };
        assert_eq!(told(again), told(first), "{}", endpoint.id);
        // Some take a seed and do not tell which one they drew.
        let is_told = endpoint.output.iter().any(|field| field.name == "seed");
        assert_eq!(again["input"]["seed"].is_u64(), is_told, "{}", endpoint.id);
        if is_told {
            assert_eq!(again["truth"], first["truth"], "{}: the same picture", endpoint.id);
        }
    }
}
