//! Status and following: positions, logs, odd answers, lost lines, the stream.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use editree::fal::Client;
use editree::fal::error::{Billed, Kind, Step};
use editree::fal::follow::Report;
use editree::fal::status::State;

use super::server::{Act, Server, head, json, with};

/// What was reported, shortly.
fn short(report: &Report) -> String {
    match report {
        Report::Queued { position: Some(position) } => format!("queued {position}"),
        Report::Queued { position: None } => "queued".to_owned(),
        Report::Running => "running".to_owned(),
        Report::Log(line) => format!("log {}", line.message),
        Report::Waiting(waiting) => format!("waiting {:?}", waiting.kind),
        Report::Renamed { gateway_request_id } => format!("renamed {gateway_request_id}"),
    }
}

async fn follow(
    server: &Server,
    client: &Client,
) -> (Vec<String>, Result<editree::fal::follow::Finished, editree::fal::error::Error>) {
    let mut reports = Vec::new();
    let ended = client.follow(&server.handle(), |report| reports.push(short(&report))).await;
    (reports, ended)
}

fn script(answers: Vec<Act>) -> Server {
    Server::start(move |_, before| answers[before.min(answers.len() - 1)].clone())
}

#[tokio::test]
async fn following_reports_each_change_once_and_each_line_once() {
    let server = script(vec![
        json(202, r#"{"status":"IN_QUEUE","queue_position":3}"#),
        json(202, r#"{"status":"IN_QUEUE","queue_position":3}"#),
        json(202, r#"{"status":"IN_QUEUE","queue_position":12654}"#),
        json(202, r#"{"status":"IN_PROGRESS","logs":[{"message":"a"}]}"#),
        json(202, r#"{"status":"IN_PROGRESS","logs":[{"message":"a"},{"message":"a"}]}"#),
        json(202, r#"{"status":"IN_QUEUE","gateway_request_id":"g2"}"#),
        json(202, r#"{"status":"IN_PROGRESS","logs":null,"gateway_request_id":"g2"}"#),
        json(
            200,
            r#"{"status":"COMPLETED","logs":[{"message":"a"},{"message":"a"},{"message":"b"}],"metrics":{"inference_time":3.7}}"#,
        ),
    ]);
    let (reports, ended) = follow(&server, &server.client()).await;
    let wanted = [
        "queued 3",
        "queued 12654",
        "log a",
        "running",
        "log a",
        "renamed g2",
        "queued",
        "running",
        "log b",
    ];
    assert_eq!(reports, wanted);
    let finished = ended.unwrap();
    assert_eq!((finished.error, finished.inference_time), (None, Some(3.7)));
    assert!(server.seen().iter().all(|request| request.path.ends_with("/status?logs=1")));
}

#[tokio::test]
async fn trouble_on_the_line_is_waited_out_and_shown() {
    let server = script(vec![
        Act::Reset,
        with(502, &[], b"<html><title>502 Bad Gateway</title>nginx</html>"),
        json(500, r#"{"detail":"Internal Server Error"}"#),
        Act::Send(head(200, &[], Some(50))),
        with(429, &[("retry-after", "0")], b""),
        json(202, r#"{"status":"IN_PROGRESS","logs":null}"#),
        json(200, r#"{"status":"COMPLETED"}"#),
    ]);
    let (reports, ended) = follow(&server, &server.client()).await;
    ended.unwrap();
    let wanted = [
        "waiting Network",
        "waiting Service",
        "waiting Service",
        "waiting Network",
        "waiting Busy",
        "running",
    ];
    assert_eq!(reports, wanted);
}

#[tokio::test]
async fn a_failure_is_a_completion_with_words() {
    let server = script(vec![json(
        200,
        r#"{"status":"COMPLETED","logs":null,"error":"the runner left","error_type":"runner_disconnected"}"#,
    )]);
    let (_, ended) = follow(&server, &server.client()).await;
    let finished = ended.unwrap();
    assert_eq!(finished.error.as_deref(), Some("the runner left"));
    assert_eq!(finished.error_type.as_deref(), Some("runner_disconnected"));
}

#[tokio::test]
async fn words_that_are_no_status_end_the_following_after_a_few() {
    for body in [r#"{"status":"FAILED"}"#, "{}", "[]", "null", r#"{"status":""}"#] {
        let server = script(vec![json(200, body)]);
        let (_, ended) = follow(&server, &server.client()).await;
        let error = ended.unwrap_err();
        assert_eq!((error.kind, error.billed), (Kind::Protocol, Billed::Maybe), "{body}");
        assert_eq!(server.count(), 5, "{body}");
    }
    let server =
        script(vec![json(200, r#"{"status":"HUH"}"#), json(200, r#"{"status":"COMPLETED"}"#)]);
    follow(&server, &server.client()).await.1.unwrap();
}

#[tokio::test]
async fn a_request_may_be_slow_to_appear_but_not_for_ever() {
    let missing = json(404, r#"{"status":"NOT_FOUND"}"#);
    let server =
        script(vec![missing.clone(), missing.clone(), json(200, r#"{"status":"COMPLETED"}"#)]);
    let (reports, ended) = follow(&server, &server.client()).await;
    ended.unwrap();
    assert_eq!(reports, ["waiting NotFound", "waiting NotFound"]);
    let server = script(vec![missing]);
    let error = follow(&server, &server.client()).await.1.unwrap_err();
    assert_eq!((error.kind, server.count()), (Kind::NotFound, 5));
}

#[tokio::test]
async fn a_bad_key_ends_the_following_at_once() {
    let server = script(vec![json(401, r#"{"detail":"invalid key credentials"}"#)]);
    let error = follow(&server, &server.client()).await.1.unwrap_err();
    assert_eq!((error.kind, error.step, server.count()), (Kind::Auth, Step::Follow, 1));
}

#[tokio::test]
async fn one_look_asks_for_logs_only_when_wanted() {
    let server = script(vec![json(202, r#"{"status":"IN_PROGRESS","logs":null}"#)]);
    let status = server.client().status(&server.handle(), false).await.unwrap();
    assert_eq!(status.state, State::Running);
    assert!(server.seen()[0].path.ends_with("/fal-ai/flux-pro/requests/r1/status?logs=0"));
}

#[tokio::test]
async fn looking_gives_up_after_a_few_tries() {
    let server = script(vec![json(503, "{}")]);
    let error = server.client().status(&server.handle(), true).await.unwrap_err();
    assert_eq!((error.kind, server.count()), (Kind::Service, 5));
}

fn events(parts: &[&str]) -> Vec<u8> {
    let mut bytes = head(200, &[("content-type", "text/event-stream; charset=utf-8")], None);
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
        bytes.extend_from_slice(b"\r\n\r\n");
    }
    bytes
}

fn streaming(server: &Server) -> Client {
    let mut settings = server.settings();
    settings.stream = true;
    settings.limits.stream_idle = Duration::from_millis(300);
    Client::new(settings).unwrap()
}

#[tokio::test]
async fn the_stream_brings_news_without_polling() {
    let server = script(vec![Act::Hang(events(&[
        r#"data: {"status":"IN_QUEUE","queue_position":1}"#,
        ": ping",
        r#"data: {"status":"IN_PROGRESS","logs":[{"message":"a"}]}"#,
        r#"data: {"status":"IN_PROGRESS","logs":[{"message":"a"}]}"#,
        r#"data: {"status":"COMPLETED","logs":[{"message":"b"}]}"#,
    ]))]);
    let (reports, ended) = follow(&server, &streaming(&server)).await;
    ended.unwrap();
    assert_eq!(reports, ["queued 1", "log a", "running", "log a", "log b"]);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].path.ends_with("/requests/r1/status/stream?logs=1"), "{}", seen[0].path);
    assert_eq!(seen[0].header("accept"), Some("text/event-stream"));
}

#[tokio::test]
async fn a_stream_that_ends_early_is_no_success_and_doubles_no_line() {
    let looks = AtomicUsize::new(0);
    let server = Server::start(move |request, _| {
        if request.path.contains("/stream") {
            return Act::Send(events(&[
                r#"data: {"status":"IN_PROGRESS","logs":[{"message":"a"},{"message":"b"}]}"#,
            ]));
        }
        match looks.fetch_add(1, Ordering::SeqCst) {
            0..4 => {
                json(202, r#"{"status":"IN_PROGRESS","logs":[{"message":"a"},{"message":"b"}]}"#)
            }
            _ => json(
                200,
                r#"{"status":"COMPLETED","logs":[{"message":"a"},{"message":"b"},{"message":"c"}]}"#,
            ),
        }
    });
    let (reports, ended) = follow(&server, &streaming(&server)).await;
    ended.unwrap();
    assert_eq!(reports, ["log a", "log b", "running", "log c"]);
    let streams = server.seen().iter().filter(|request| request.path.contains("/stream")).count();
    assert_eq!(streams, 3);
}

#[tokio::test]
async fn a_silent_or_missing_or_strange_stream_falls_back_to_looking() {
    let acts = [
        Act::Hang(events(&[": ping"])),
        json(404, r#"{"detail":"Path /status/stream not found"}"#),
        json(405, r#"{"detail":"Method Not Allowed"}"#),
        json(200, r#"{"status":"COMPLETED"}"#),
        with(200, &[("content-type", "text/event-stream")], b"data: no json\n\ndata: {}\n\n"),
        Act::Reset,
    ];
    for act in acts {
        let name = format!("{act:?}");
        let server = Server::start(move |request, _| {
            if request.path.contains("/stream") {
                act.clone()
            } else {
                json(200, r#"{"status":"COMPLETED"}"#)
            }
        });
        let (_, ended) = follow(&server, &streaming(&server)).await;
        ended.unwrap();
        assert_eq!(server.count(), 2, "{name:.80}");
    }
}

#[tokio::test]
async fn a_stream_that_is_kept_back_on_its_way_is_looked_past_and_doubles_nothing() {
    let story: [&str; 4] = [
        r#"data: {"status":"IN_QUEUE","queue_position":1}"#,
        r#"data: {"status":"IN_PROGRESS","logs":[{"message":"a"}]}"#,
        r#"data: {"status":"IN_PROGRESS","logs":[{"message":"b"}]}"#,
        r#"data: {"status":"COMPLETED","logs":[{"message":"c"}]}"#,
    ];
    let kept_back = events(&story);
    let head = kept_back.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    // All of it, or all but its head, comes when the request has ended.
    for cut in [0, head] {
        let (head, rest) = kept_back.split_at(cut);
        let pieces = vec![head.to_vec(), rest.to_vec()];
        let server = Server::start(move |request, before| {
            if request.path.contains("/stream") {
                return Act::Drip(pieces.clone(), Duration::from_millis(900));
            }
            let logs = if before == 1 {
                r#"{"message":"a"}"#
            } else {
                r#"{"message":"a"},{"message":"b"}"#
            };
            json(202, &format!(r#"{{"status":"IN_PROGRESS","logs":[{logs}]}}"#))
        });
        let mut settings = server.settings();
        settings.stream = true;
        settings.limits.first_event = Duration::from_millis(100);
        let (reports, ended) = follow(&server, &Client::new(settings).unwrap()).await;
        ended.unwrap();
        assert_eq!(reports, ["log a", "running", "log b", "log c"], "cut at {cut}");
        assert!(server.count() > 1, "cut at {cut}");
    }
}

#[tokio::test]
async fn what_ends_behind_a_stream_that_tells_nothing_is_found_by_a_look() {
    let server = Server::start(move |request, _| {
        if request.path.contains("/stream") {
            return Act::Hang(Vec::new());
        }
        json(200, r#"{"status":"COMPLETED"}"#)
    });
    let mut settings = server.settings();
    settings.stream = true;
    settings.limits.first_event = Duration::from_millis(50);
    let (_, ended) = follow(&server, &Client::new(settings).unwrap()).await;
    ended.unwrap();
    assert_eq!(server.count(), 2);
}

const STANDS: &str = "data: {\"status\":\"IN_QUEUE\",\"queue_position\":40}\n\n";

/// A stream that says where a request stands, and then nothing more.
fn stands() -> Act {
    let mut bytes = head(200, &[("content-type", "text/event-stream")], None);
    bytes.extend_from_slice(STANDS.as_bytes());
    Act::Hang(bytes)
}

fn number(path: &str) -> u32 {
    let after = path.split("/requests/r").nth(1).unwrap();
    after.split('/').next().unwrap().parse().unwrap()
}

/// So many times as quick as life: a look every 10 ms in the place of one a second.
const PACE: f32 = 100.0;

/// So many requests, numbered from 0.
fn follow_many(
    server: &Server,
    count: u32,
) -> tokio::task::JoinSet<(u32, Result<editree::fal::follow::Finished, editree::fal::error::Error>)>
{
    let mut settings = server.settings();
    (settings.stream, settings.pace) = (true, PACE);
    let client = Client::new(settings).unwrap();
    let mut following = tokio::task::JoinSet::new();
    for number in 0..count {
        let handle = client.handle("fal-ai/flux-pro/kontext", &format!("r{number}")).unwrap();
        let client = client.clone();
        following.spawn(async move { (number, client.follow(&handle, |_| ()).await) });
    }
    following
}

#[tokio::test]
async fn of_many_that_wait_the_first_have_a_line_and_the_others_take_turns() {
    let (looks, enough) = (AtomicUsize::new(0), std::sync::Arc::new(tokio::sync::Notify::new()));
    let told = std::sync::Arc::clone(&enough);
    let server = Server::start(move |request, _| {
        if request.path.contains("/stream") {
            return stands();
        }
        if looks.fetch_add(1, Ordering::SeqCst) == 40 {
            told.notify_one();
        }
        json(202, r#"{"status":"IN_QUEUE","queue_position":40}"#)
    });
    let began = std::time::Instant::now();
    let mut following = follow_many(&server, 1_000);
    enough.notified().await;
    let (streams, looks): (Vec<_>, Vec<_>) =
        server.seen().into_iter().partition(|request| request.path.contains("/stream"));
    let seconds = f64::from(PACE) * began.elapsed().as_secs_f64();
    let mut near: Vec<u32> = streams.iter().map(|request| number(&request.path)).collect();
    near.sort_unstable();
    assert_eq!(near, (0..16).collect::<Vec<_>>());
    let mut others: Vec<u32> = looks.iter().map(|request| number(&request.path)).collect();
    let all = others.len();
    others.sort_unstable();
    others.dedup();
    assert_eq!((others.len(), others[0]), (all, 16), "each in its turn");
    assert!(all as f64 <= seconds + 1.0, "{all} looks in {seconds} seconds");
    assert!(following.try_join_next().is_none());
}

#[tokio::test]
async fn what_runs_out_of_turn_gets_a_line_of_its_own_and_what_is_done_is_seen() {
    let server = Server::start(|request, _| {
        match (number(&request.path), request.path.contains("/stream")) {
            (20, false) => json(202, r#"{"status":"IN_PROGRESS"}"#),
            (20, true) => {
                let bytes = b"data: {\"status\":\"COMPLETED\"}\n\n";
                with(200, &[("content-type", "text/event-stream")], bytes)
            }
            (30, false) => json(200, r#"{"status":"COMPLETED"}"#),
            (_, true) => stands(),
            (_, false) => json(202, r#"{"status":"IN_QUEUE","queue_position":40}"#),
        }
    });
    let mut following = follow_many(&server, 200);
    let mut done = [0, 0];
    for place in &mut done {
        let (number, ended) = following.join_next().await.unwrap().unwrap();
        ended.unwrap();
        *place = number;
    }
    done.sort_unstable();
    assert_eq!(done, [20, 30]);
}

#[tokio::test]
async fn who_asks_by_hand_looks_before_the_turn_of_many_others() {
    let server = Server::start(|request, _| match request.path.contains("/asked/") {
        true => json(200, r#"{"status":"COMPLETED"}"#),
        false => json(202, r#"{"status":"IN_QUEUE","queue_position":3}"#),
    });
    // So slow that no second turn ever comes.
    let mut settings = server.settings();
    settings.pace = 1e-6;
    let client = Client::new(settings).unwrap();
    let crowd: Vec<_> = (0..20)
        .map(|number| {
            let (client, name) = (client.clone(), format!("r{number}"));
            let handle = client.handle("fal-ai/flux-pro/kontext", &name).unwrap();
            tokio::spawn(async move { client.follow(&handle, drop).await })
        })
        .collect();
    // All who have a seat have looked, and so has the first of the others.
    while server.count() < 17 {
        tokio::task::yield_now().await;
    }
    let handle = client.handle("fal-ai/flux-pro/kontext", "asked").unwrap();
    client.follow_now(&handle, drop).await.unwrap();
    crowd.iter().for_each(tokio::task::JoinHandle::abort);
}
