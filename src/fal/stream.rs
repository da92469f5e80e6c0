//! The status stream: server-sent events, with a watchdog.
//!
//! It never fails the follow: whatever is wrong with the stream, polling goes on. A box in between
//! may keep all of a stream until it ends, its head too: until the first event arrives, a look is
//! taken now and then. Invariant: an event is bounded in size, a silent stream is left after a
//! while, and one that brings its news at once costs no look.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Client;
use super::error::Step;
use super::follow::{Ears, Lines, StreamEnd, Watch};
use super::handle::Purpose;
use super::http::{Call, header};
use super::status::{LogLine, State, Status};

/// The largest event, in bytes.
const LARGEST_EVENT: usize = 8 << 20;

impl Client {
    /// Listens until the request completes or the stream ends.
    pub(super) async fn listen(&self, mut ears: Ears<'_>) -> StreamEnd {
        let step = Step::Follow;
        let Ok(mut url) = ears.handle.address(&self.settings().hosts, step, Purpose::Status) else {
            return StreamEnd::Refused;
        };
        url.set_path(&format!("{}/stream", url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("logs", "1");
        let mut call = Call::new(step, Method::GET, url);
        call.headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let deadline = Instant::now() + self.settings().limits.answer;
        let mut ignore = |_| ();
        let mut opening = Box::pin(self.open(&call, &call.url, deadline, &mut ignore));
        let mut polls = Polls::new(self.settings().limits.first_event);
        let opened = loop {
            tokio::select! {
                biased;
                opened = &mut opening => break opened,
                () = polls.due() => if let Some(end) = self.look_meanwhile(&mut ears).await {
                    return end;
                },
            }
        };
        let Ok(response) = opened else { return StreamEnd::Ended };
        let kind = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        if !response.status().is_success() || !kind.starts_with("text/event-stream") {
            return StreamEnd::Refused;
        }
        self.hear(response, polls, ears).await
    }

    async fn hear(
        &self,
        mut response: Response,
        mut polls: Polls,
        mut ears: Ears<'_>,
    ) -> StreamEnd {
        let mut events = Events::default();
        let mut story = Story { was_looked_at: polls.taken > 0, ..Story::default() };
        let idle = self.settings().limits.stream_idle;
        // Comments keep the line alive, not the news: after long silence a look is due.
        let (mut heard, mut alive) = (Instant::now(), Instant::now());
        loop {
            let piece = tokio::select! {
                biased;
                piece = timeout_at(alive + idle, response.chunk()) => piece,
                () = polls.due() => {
                    story.was_looked_at = true;
                    match self.look_meanwhile(&mut ears).await {
                        Some(end) => return end,
                        None => continue,
                    }
                }
            };
            let Ok(Ok(Some(piece))) = piece else { return StreamEnd::Ended };
            alive = Instant::now();
            if heard.elapsed() > idle * 2 {
                return StreamEnd::Ended;
            }
            let Some(datas) = events.feed(&piece) else {
                return StreamEnd::Ended;
            };
            for data in datas {
                heard = Instant::now();
                let Ok(raw) = serde_json::from_str(&data) else {
                    continue;
                };
                polls.end();
                let (status, lines) = story.goes_on(Status::read(raw), ears.watch);
                match ears.watch.take(status, lines, ears.on) {
                    Ok(Some(finished)) => return StreamEnd::Finished(finished),
                    Ok(None) => (),
                    Err(_) => return StreamEnd::Refused,
                }
            }
        }
    }

    async fn look_meanwhile(&self, ears: &mut Ears<'_>) -> Option<StreamEnd> {
        match self.poll_once(ears.handle, ears.watch, ears.on).await {
            Ok(None) => None,
            Ok(Some(finished)) => Some(StreamEnd::Finished(finished)),
            Err(error) => Some(StreamEnd::Failed(error)),
        }
    }
}

/// When to look while a stream says nothing: soon, then ever more rarely, since what keeps the
/// stream back lets it go when the request ends.
struct Polls {
    /// None after the first event.
    next: Option<Instant>,
    taken: usize,
    first: Duration,
}

impl Polls {
    /// Between two polls, in units of the first pause.
    const PAUSES: [f32; 4] = [1.5, 2.5, 5.0, 7.5];

    fn new(first: Duration) -> Self {
        Self { next: Some(Instant::now() + first), taken: 0, first }
    }

    async fn due(&mut self) {
        let Some(next) = self.next else { return std::future::pending().await };
        sleep_until(next).await;
        let pause = Self::PAUSES.get(self.taken).or(Self::PAUSES.last()).copied();
        self.next = Some(Instant::now() + self.first.mul_f32(pause.unwrap_or(1.0)));
        self.taken += 1;
    }

    fn end(&mut self) {
        self.next = None;
    }
}

/// What a stream has told, as a look would tell it.
#[derive(Default)]
struct Story {
    /// Its events may be older than what is known.
    was_looked_at: bool,
    has_begun: bool,
    lines: Vec<LogLine>,
}

impl Story {
    /// The next event, and how its lines relate to those before.
    fn goes_on(&mut self, mut status: Status, watch: &Watch) -> (Status, Lines) {
        if !self.was_looked_at {
            // What the first event holds may have been seen before the stream was opened.
            let lines = if self.has_begun { Lines::New } else { Lines::Whole };
            self.has_begun = true;
            return (status, lines);
        }
        self.lines.append(&mut status.logs);
        status.logs.clone_from(&self.lines);
        if matches!(status.state, State::Queued { .. }) && watch.is_running() {
            status.state = State::Running;
        }
        (status, Lines::Whole)
    }
}

/// Cuts bytes into events.
#[derive(Default)]
struct Events {
    line: Vec<u8>,
    data: String,
    /// The last byte was a carriage return; a line feed right after belongs to it.
    returned: bool,
}

impl Events {
    /// The data of each event that these bytes complete; `None` when one is too large.
    fn feed(&mut self, bytes: &[u8]) -> Option<Vec<String>> {
        let mut done = Vec::new();
        for &byte in bytes {
            let second_half = byte == b'\n' && self.returned;
            self.returned = byte == b'\r';
            if second_half {
                continue;
            }
            if byte != b'\n' && byte != b'\r' {
                self.line.push(byte);
                if self.line.len() + self.data.len() > LARGEST_EVENT {
                    return None;
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if line.is_empty() {
                if !self.data.is_empty() {
                    done.push(std::mem::take(&mut self.data));
                }
            } else if let Some(rest) = line.strip_prefix(b"data:") {
                let rest = rest.strip_prefix(b" ").unwrap_or(rest);
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                // Only whole lines are decoded, so no letter is cut in two.
                self.data.push_str(&String::from_utf8_lossy(rest));
            }
        }
        Some(done)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn events_survive_any_cut_and_any_line_end() {
        let text = ": ping\r\n\r\ndata: {\"a\":\"ü\"}\n\nevent: x\rdata:1\rdata: 2\r\r\nid: 3\n\ndata: half";
        for size in 1..text.len() {
            let mut events = Events::default();
            let pieces = text.as_bytes().chunks(size);
            let got: Vec<String> = pieces.flat_map(|piece| events.feed(piece).unwrap()).collect();
            assert_eq!(got, ["{\"a\":\"ü\"}", "1\n2"], "cut by {size}");
        }
    }

    #[test]
    fn an_endless_event_is_left() {
        let mut events = Events::default();
        let piece = vec![b'x'; 1 << 20];
        let fed = (0..9).find(|_| events.feed(&piece).is_none());
        assert_eq!(fed, Some(8));
    }
}
