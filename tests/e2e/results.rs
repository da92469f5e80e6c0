//! Results that do not come at once: a command brings them, or says what it waits for, and the next
//! one brings them. What the service charged is what is counted.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::said;
use crate::service::Service;

fn run(service: &Service, folder: &Path, words: &[&str]) -> Output {
    service.editree(folder, words)
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Cents that the tree counts, and cents that the service has charged.
fn cents(service: &Service, folder: &Path) -> (i64, i64) {
    let tree = run(service, folder, &["tree", "--json"]);
    let tree: Value = serde_json::from_slice(&tree.stdout).unwrap();
    let costs = tree["nodes"].as_array().unwrap().iter().filter_map(|node| node["cost"].as_f64());
    let counted = costs.map(|cost| (cost * 100.0).round() as i64).sum();
    let charged: f64 = service.ledger().iter().filter_map(|one| one["charged"].as_f64()).sum();
    (counted, (charged * 4.0).round() as i64)
}

#[test]
fn a_run_brings_its_picture_or_says_what_it_waits_for_and_wait_brings_it() {
    for fault in ["result:504*6", "download:403*1", "status:404*8", "result:garble*8"] {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::start(folder.path(), &["--fault", fault]);
        service.configure(folder.path(), "");
        let output = run(&service, folder.path(), &["run", "-m", "pro-text", "a lighthouse"]);
        if code(&output) == Some(5) {
            assert!(said(&output).contains("waiting for its result"), "{fault}: {}", said(&output));
            let waited = run(&service, folder.path(), &["wait", "--all"]);
            assert_eq!(code(&waited), Some(0), "{fault}: {}", said(&waited));
        } else {
            assert_eq!(code(&output), Some(0), "{fault}: {}", said(&output));
        }
        assert_eq!(service.ledger().len(), 1, "{fault}: sent once");
        assert_eq!(cents(&service, folder.path()), (4, 4), "{fault}");
    }
}

#[test]
fn a_refused_key_leaves_the_request_waiting_and_a_good_one_brings_it() {
    let folder = tempfile::tempdir().unwrap();
    let service =
        Service::start(folder.path(), &["--fault", "status:key", "--fault", "result:key"]);
    service.configure(folder.path(), "");
    let output = run(&service, folder.path(), &["run", "-m", "pro-text", "a lighthouse"]);
    assert_eq!(code(&output), Some(5), "{}", said(&output));
    assert!(said(&output).contains("key set"), "{}", said(&output));
    let jobs = run(&service, folder.path(), &["jobs", "--json"]);
    let jobs: Value = serde_json::from_slice(&jobs.stdout).unwrap();
    assert_eq!(jobs["jobs"][0]["state"], "waiting");
    assert!(jobs["jobs"][0]["request_id"].is_string(), "{jobs}");
    service.inject("off");
    let waited = run(&service, folder.path(), &["wait", "--all"]);
    assert_eq!(code(&waited), Some(0), "{}", said(&waited));
    assert_eq!(service.ledger().len(), 1);
    assert_eq!(cents(&service, folder.path()), (4, 4));
}

#[test]
fn a_result_that_cannot_be_read_counts_in_the_days_budget() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--fault", "result:key"]);
    service.configure(folder.path(), "[budget]\nday = 0.05");
    let words = ["run", "-m", "pro-text", "a lighthouse"];
    let first = run(&service, folder.path(), &words);
    assert_eq!(code(&first), Some(5), "{}", said(&first));
    for _ in 0..2 {
        let over = run(&service, folder.path(), &words);
        assert_eq!(code(&over), Some(6), "{}", said(&over));
        assert!(said(&over).contains("budget"), "{}", said(&over));
    }
    assert_eq!(service.ledger().len(), 1);
}

#[test]
fn a_sweep_called_again_sends_nothing_that_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--fault", "result:key"]);
    service.configure(folder.path(), "");
    let words = ["sweep", "-m", "pro-text", "-s", "seed=1,2,3", "--yes", "a lighthouse"];
    for _ in 0..2 {
        let output = run(&service, folder.path(), &words);
        assert_eq!(code(&output), Some(5), "{}", said(&output));
        assert_eq!(service.ledger().len(), 3, "{}", said(&output));
    }
    service.inject("off");
    let waited = run(&service, folder.path(), &["wait", "--all"]);
    assert_eq!(code(&waited), Some(0), "{}", said(&waited));
    let output = run(&service, folder.path(), &words);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert_eq!(service.ledger().len(), 3);
    assert_eq!(cents(&service, folder.path()), (12, 12));
}
