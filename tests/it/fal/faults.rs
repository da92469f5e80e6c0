//! Every fault at every step: how it ends, how often it was sent, and whether it may be billed.
//!
//! Each cell has a server of its own. The whole table is a snapshot, so every cell is asserted; the
//! rules about money and numbers of tries are asserted apart from it, in words of their own.

use std::fmt::Write as _;
use std::time::Duration;

use editree::fal::Client;
use editree::fal::error::{Billed, Error, Kind};
use editree::fal::submit_options::SubmitOptions;
use serde_json::json;
use tokio::task::JoinSet;

use super::server::{Act, Server, deserted, head, json as answer, with};
use super::uploads::file;

const ENDPOINT: &str = "fal-ai/flux-pro/kontext";

/// What is done while the fault is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Submit,
    Run,
    Status,
    Follow,
    Result,
    Cancel,
    Token,
    Upload,
    Download,
    Probe,
}

const STEPS: [Step; 10] = [
    Step::Submit,
    Step::Run,
    Step::Status,
    Step::Follow,
    Step::Result,
    Step::Cancel,
    Step::Token,
    Step::Upload,
    Step::Download,
    Step::Probe,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nobody listens.
    Refused,
    /// The request is taken but for its last bytes, then the line is reset.
    Reset,
    /// The request is taken, then the line ends.
    Closed,
    /// The request is taken, then nothing.
    Stall,
    /// A success that ends in the middle of its body.
    Cut,
    /// A success that is no JSON.
    Garbled,
    Redirect,
    BadRequest,
    Key,
    Balance,
    Missing,
    Timeout,
    TooLarge,
    Input,
    Busy,
    BusyForLong,
    /// A page of some box in between.
    Gateway,
    /// A well-formed failure of the service.
    Broken,
    Unavailable,
    NeedsRetry,
    Deadline,
}

const FAULTS: [Fault; 21] = [
    Fault::Refused,
    Fault::Reset,
    Fault::Closed,
    Fault::Stall,
    Fault::Cut,
    Fault::Garbled,
    Fault::Redirect,
    Fault::BadRequest,
    Fault::Key,
    Fault::Balance,
    Fault::Missing,
    Fault::Timeout,
    Fault::TooLarge,
    Fault::Input,
    Fault::Busy,
    Fault::BusyForLong,
    Fault::Gateway,
    Fault::Broken,
    Fault::Unavailable,
    Fault::NeedsRetry,
    Fault::Deadline,
];

const DETAIL: &str = r#"{"detail":"words of the service"}"#;
const FIELD: &str =
    r#"{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}"#;

fn act(fault: Fault) -> Act {
    let rid = ("x-fal-request-id", "rid-1");
    match fault {
        Fault::Refused | Fault::Closed => Act::Send(Vec::new()),
        Fault::Reset => Act::Reset,
        Fault::Stall => Act::Hang(Vec::new()),
        Fault::Cut => {
            let mut bytes = head(200, &[], Some(500));
            bytes.extend_from_slice(b"{\"status\":");
            Act::Send(bytes)
        }
        Fault::Garbled => with(200, &[], b"<html>hotel"),
        Fault::Redirect => with(307, &[("location", "gopher://evil.example/x")], b""),
        Fault::BadRequest => answer(400, DETAIL),
        Fault::Key => answer(401, r#"{"detail":"invalid key credentials"}"#),
        Fault::Balance => answer(403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#),
        Fault::Missing => answer(404, r#"{"status":"NOT_FOUND"}"#),
        Fault::Timeout => answer(408, DETAIL),
        Fault::TooLarge => answer(413, DETAIL),
        Fault::Input => answer(422, FIELD),
        Fault::Busy => answer(429, DETAIL),
        Fault::BusyForLong => with(429, &[("retry-after", "3600")], DETAIL.as_bytes()),
        Fault::Gateway => with(502, &[], b"<html><title>502 Bad Gateway</title>nginx"),
        Fault::Broken => answer(500, r#"{"detail":"words","error_type":"runner_server_error"}"#),
        Fault::Unavailable => {
            answer(503, r#"{"detail":"words","error_type":"runner_disconnected"}"#)
        }
        Fault::NeedsRetry => with(503, &[rid, ("x-fal-needs-retry", "1")], DETAIL.as_bytes()),
        Fault::Deadline => {
            with(504, &[rid, ("x-fal-request-timeout-type", "user")], DETAIL.as_bytes())
        }
    }
}

/// How one cell ended: the requests that met the fault, and the error, if it was one.
struct Cell {
    step: Step,
    fault: Fault,
    /// How many were seen there; of a stalled one nobody knows how far it came in its time.
    sent: Option<usize>,
    ended: Result<String, Error>,
}

async fn cell(step: Step, fault: Fault) -> Cell {
    let server = Server::start(move |request, _| {
        let path = request.path.as_str();
        // The way to the step is open; the fall-back of uploads is closed.
        match step {
            Step::Upload if path.contains("auth/token") => {
                answer(200, r#"{"token":"t","expires_at":"2999-01-01T00:00:00+00:00"}"#)
            }
            Step::Upload | Step::Token if path.contains("initiate") => answer(404, "{}"),
            _ => act(fault),
        }
    });
    let mut settings = server.settings();
    if fault == Fault::Stall {
        // Only here: an answer never comes, so no machine is too slow for it.
        settings.limits.answer = Duration::from_millis(20);
        settings.limits.run = Duration::from_millis(20);
    }
    let url = server.url();
    let (_taken, nowhere) = deserted();
    if fault == Fault::Refused {
        settings.hosts = editree::fal::profile::Hosts::under(&nowhere).unwrap();
    }
    let target = if fault == Fault::Refused { nowhere } else { url };
    let ended = perform(step, Client::new(settings).unwrap(), target.as_str()).await;
    let met = |path: &str| {
        let on_the_way = step == Step::Upload && path.contains("auth/token");
        !on_the_way && !path.contains("initiate")
    };
    let sent = server.seen().iter().filter(|request| met(&request.path)).count();
    assert!(sent <= tries(step, fault), "{step:?} {fault:?}: sent {sent} times");
    let sent = (fault != Fault::Stall).then_some(sent);
    Cell { step, fault, sent, ended }
}

async fn perform(step: Step, client: Client, target: &str) -> Result<String, Error> {
    let handle = client.handle(ENDPOINT, "r1").unwrap();
    let body = json!({"prompt": "a cat"});
    let done = |_| "done".to_owned();
    match step {
        Step::Submit => {
            client.submit(ENDPOINT, &body, &SubmitOptions::default()).await.map(|_| "taken".into())
        }
        Step::Run => client.run(ENDPOINT, &body).await.map(|_| "done".into()),
        Step::Status => client.status(&handle, false).await.map(|_| "told".into()),
        Step::Follow => client.follow(&handle, |_| ()).await.map(|_| "done".into()),
        Step::Result => client.result(&handle).await.map(|_| "done".into()),
        Step::Cancel => client.cancel(&handle).await.map(|cancel| format!("{cancel:?}")),
        Step::Token | Step::Upload => {
            client.upload_file(vec![7; 10], file("a", "image/png"), |_| ()).await.map(done)
        }
        Step::Download => {
            let url = format!("{target}files/a.png");
            client
                .download_bytes(&url, &Default::default())
                .await
                .map(|bytes| format!("{} bytes", bytes.len()))
        }
        Step::Probe => client.probe_key().await.map(|probe| format!("{probe:?}")),
    }
}

async fn table() -> Vec<Cell> {
    let mut waiting = STEPS.iter().flat_map(|step| FAULTS.iter().map(|fault| (*step, *fault)));
    let mut busy = JoinSet::new();
    let mut cells = Vec::new();
    loop {
        while busy.len() < 16
            && let Some((step, fault)) = waiting.next()
        {
            busy.spawn(cell(step, fault));
        }
        match busy.join_next().await {
            Some(cell) => cells.push(cell.unwrap()),
            None => break,
        }
    }
    let place = |cell: &Cell| {
        let step = STEPS.iter().position(|step| *step == cell.step);
        (step, FAULTS.iter().position(|fault| *fault == cell.fault))
    };
    cells.sort_by_key(place);
    cells
}

fn print(cells: &[Cell]) -> String {
    let mut text = String::new();
    for cell in cells {
        let ended = match &cell.ended {
            Ok(done) => format!("ok: {done}"),
            Err(error) => {
                // How the system calls a broken line differs from system to system and try to try.
                let words = match error.message.split_once(" broke: ") {
                    Some((line, _)) => format!("{line} broke: …"),
                    None => error.message.split(" (os error").next().unwrap().to_owned(),
                };
                format!("{:?}, billed {:?}: {words}", error.kind, error.billed)
            }
        };
        let (step, fault) = (format!("{:?}", cell.step), format!("{:?}", cell.fault));
        let sent = cell.sent.map_or_else(|| "?".to_owned(), |sent| sent.to_string());
        writeln!(text, "{step:9} {fault:12} ×{sent:<2}  {ended}").unwrap();
    }
    text
}

/// How often a request is worth sending, in words of our own.
fn tries(step: Step, fault: Fault) -> usize {
    let is_paid = matches!(step, Step::Submit | Step::Run);
    let usual = match step {
        Step::Submit | Step::Run | Step::Status => 5,
        Step::Follow | Step::Result => 6,
        Step::Cancel | Step::Upload | Step::Download => 4,
        Step::Token => 3,
        Step::Probe => 2,
    };
    match fault {
        Fault::Refused => 0,
        // The state may lag behind the submit.
        Fault::Missing if step == Step::Follow => 5,
        // The token may have been withdrawn: one more with a new one.
        Fault::Key | Fault::Balance if step == Step::Upload => 2,
        // The request itself has arrived, whatever was said about it.
        Fault::Garbled if step == Step::Cancel => 1,
        Fault::Busy | Fault::NeedsRetry if is_paid => 8,
        _ if is_paid => 1,
        // A picture needs not be JSON.
        Fault::Garbled if step == Step::Download => 1,
        // The stored failure of a request looks like a passing one.
        Fault::Broken | Fault::Unavailable if step == Step::Result => 3,
        Fault::Reset | Fault::Closed | Fault::Stall | Fault::Cut | Fault::Garbled => usual,
        Fault::Timeout | Fault::Busy | Fault::Gateway => usual,
        Fault::Broken | Fault::Unavailable | Fault::NeedsRetry => usual,
        Fault::Redirect | Fault::BadRequest | Fault::Key | Fault::Balance | Fault::Missing => 1,
        Fault::TooLarge | Fault::Input | Fault::BusyForLong | Fault::Deadline => 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_step() {
    let cells = table().await;
    let text = print(&cells);
    for Cell { step, fault, sent, ended } in &cells {
        let place = format!("{step:?} {fault:?}\n{text}");
        if matches!(step, Step::Submit | Step::Run) {
            let error = ended.as_ref().unwrap_err();
            let lost = matches!(
                fault,
                Fault::Reset | Fault::Closed | Fault::Stall | Fault::Cut | Fault::Garbled
            );
            let refused_clearly = matches!(fault, Fault::Busy | Fault::NeedsRetry);
            assert!(sent.is_none_or(|sent| sent <= 1) || refused_clearly, "sent again: {place}");
            assert!(!lost || error.kind == Kind::Unknown, "not unknown: {place}");
            assert_eq!(error.kind == Kind::Unknown, error.billed == Billed::Maybe, "{place}");
        }
        assert_eq!(sent.unwrap_or(tries(*step, *fault)), tries(*step, *fault), "tries: {place}");
    }
    insta::assert_snapshot!(text);
}
