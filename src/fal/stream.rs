//! The status stream: server-sent events, with a watchdog.
//!
//! It never fails the follow: whatever is wrong with the stream, polling goes on. Invariant: an
//! event is bounded in size, and a silent stream is left after a while.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use tokio::time::{Instant, timeout};

use super::Client;
use super::error::Step;
use super::follow::{Lines, Report, StreamEnd, Watch};
use super::handle::{Handle, Purpose};
use super::http::{Call, header};
use super::status::Status;

/// The largest event, in bytes.
const LARGEST_EVENT: usize = 8 << 20;

impl Client {
    /// Listens until the request completes or the stream ends.
    pub(super) async fn listen(
        &self,
        handle: &Handle,
        watch: &mut Watch,
        on: &mut (dyn FnMut(Report) + Send),
    ) -> StreamEnd {
        let step = Step::Follow;
        let Ok(mut url) = handle.address(&self.settings().hosts, step, Purpose::Status) else {
            return StreamEnd::Refused;
        };
        url.set_path(&format!("{}/stream", url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("logs", "1");
        let mut call = Call::new(step, Method::GET, url);
        call.headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let deadline = Instant::now() + self.settings().limits.answer;
        let Ok(mut response) = self.open(&call, &call.url, deadline, &mut |_| ()).await else {
            return StreamEnd::Ended;
        };
        let kind = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        if !response.status().is_success() || !kind.starts_with("text/event-stream") {
            return StreamEnd::Refused;
        }
        let mut events = Events::default();
        // What the first event holds may have been seen before the stream was opened.
        let mut lines = Lines::Whole;
        let idle = self.settings().limits.stream_idle;
        // Comments keep the line alive, not the news: after long silence a look is due.
        let mut heard = Instant::now();
        while let Ok(Ok(Some(piece))) = timeout(idle, response.chunk()).await {
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
                match watch.take(Status::read(raw), lines, on) {
                    Ok(Some(finished)) => return StreamEnd::Finished(finished),
                    Ok(None) => lines = Lines::New,
                    Err(_) => return StreamEnd::Refused,
                }
            }
        }
        StreamEnd::Ended
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
