//! Budgets hold on the command line too, and agree with what the service has counted.

use serde_json::Value;

use crate::pty::{Start, Terminal};
use crate::service::Service;

#[test]
fn the_request_after_twenty_five_affordable_ones_is_stopped_and_the_totals_agree() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "[budget]\nday = 1.00");
    let run = |more: &[&str]| {
        let words = [&["run", "-m", "pro-text", "a lighthouse", "--json"], more].concat();
        service.editree(folder.path(), &words)
    };
    for _ in 0..25 {
        let output = run(&[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let over = run(&[]);
    assert_eq!(over.status.code(), Some(6));
    let errors = String::from_utf8_lossy(&over.stderr);
    assert!(errors.contains("budget") && errors.contains("--over-budget"), "{errors}");
    assert!(run(&["--over-budget"]).status.success());

    let tree = service.editree(folder.path(), &["tree", "--json"]);
    let tree: Value = serde_json::from_slice(&tree.stdout).unwrap();
    let costs = tree["nodes"].as_array().unwrap().iter().filter_map(|node| node["cost"].as_f64());
    let cents: i64 = costs.map(|cost| (cost * 100.0).round() as i64).sum();
    assert_eq!(cents, 104, "{tree}");
    assert_eq!(ledger_cents(&service), cents);
}

/// What the service has charged, at the price of the endpoint that was asked.
fn ledger_cents(service: &Service) -> i64 {
    let units =
        service.ledger().iter().filter_map(|submit| submit["charged"].as_f64()).sum::<f64>();
    (units * 4.0).round() as i64
}

#[test]
fn one_goes_over_to_the_simulator_and_back_without_leaving() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let mut terminal = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &[],
        size: (100, 30),
        environment: &[("FAL_KEY", &service.key)],
    });
    terminal.wait_for("here (127.0.0.1)");
    terminal.send("a draft of this service");
    terminal.wait_for("a draft of this service");
    for (service, header) in [("sim", "SIMULATOR"), ("here", "here (127.0.0.1)")] {
        terminal.send("\x1b");
        terminal.wait_for("▌[6] ");
        terminal.send(" ");
        terminal.wait_for("━ menu ━");
        terminal.send("p");
        terminal.wait_for("━ switch profile ━");
        terminal.send(service);
        terminal.send("\r");
        terminal.wait_for(header);
    }
    terminal.wait_for("a draft of this service");
    terminal.send("\x03");
    let end = terminal.end();
    assert_eq!((end.code, end.left_on), (0, vec![]));
}

#[test]
fn more_than_one_request_needs_a_word_where_somebody_can_be_asked_and_yes_elsewhere() {
    const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/chelsea.png");
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let sweep = ["sweep", "-i", PHOTO, "-s", "seed=1,2", "Make it red"];
    let output = service.editree(folder.path(), &sweep);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for words in ["2 requests for $0.08", "2. Make it red · seed 2", "--yes"] {
        assert!(errors.contains(words), "{words}: {errors}");
    }
    let start = Start {
        folder: folder.path(),
        arguments: &sweep,
        size: (100, 30),
        environment: &[("FAL_KEY", &service.key)],
    };
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("send them? [y/N]");
    terminal.send("n\r");
    assert_eq!(terminal.end().code, 130);
    assert_eq!(service.ledger().len(), 0);
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("send them? [y/N]");
    terminal.send("y\r");
    assert_eq!(terminal.end().code, 0);
    assert_eq!(service.ledger().len(), 2);
    // What is in the tree is not asked about again; one request more may leave unasked.
    let output = service.editree(folder.path(), &sweep);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let three = ["sweep", "-i", PHOTO, "-s", "seed=1..3", "Make it red"];
    assert!(service.editree(folder.path(), &three).status.success());
    assert_eq!(service.ledger().len(), 3);
}

#[test]
fn a_sentence_in_the_wrong_place_sends_nothing_and_a_key_that_is_meant_does() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let pictures = ["chelsea.png", "rocket.jpg", "coffee.png"]
        .map(|name| format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR")));
    let mut terminal = Terminal::start(&Start {
        folder: folder.path(),
        arguments: &pictures.each_ref().map(String::as_str),
        size: (100, 30),
        environment: &[("FAL_KEY", &service.key)],
    });
    terminal.wait_for("opened 2 more pictures, n1 is shown");
    terminal.send("Make it red\r");
    terminal.wait_for("y send  Esc cancel");
    terminal.send("y");
    terminal.wait_for("from n4 →");
    terminal.send("\x1b");
    terminal.wait_for("▌[6] n4");
    terminal.send("remove the car");
    terminal.wait_for("looks like text");
    terminal.send("\r");
    terminal.wait_for("text moved to the prompt");
    assert_eq!(service.ledger().len(), 1);
    terminal.send("\x15");
    terminal.send("\x1b");
    terminal.wait_for("▌[6] n4");
    terminal.send("r");
    terminal.wait_for("n5");
    service.wait_until(|ledger| ledger["submits"].as_array().is_some_and(|all| all.len() == 2));
    terminal.send("\x03");
    assert_eq!(terminal.end().code, 0);
}
