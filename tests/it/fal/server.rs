//! A scripted HTTP server on raw sockets: it can cut, drip, lie, reset and stay silent.
//!
//! It knows nothing of the service. One request per connection; every request is kept.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use editree::fal::Client;
use editree::fal::handle::Handle;
use editree::fal::profile::{Auth, Hosts, Key, Limits, Settings};
use serde_json::Value;
use tokio::net::TcpSocket;
use url::Url;

pub(super) const KEY: &str = "the-key-id:the-very-secret-half";

/// What the client sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the script does with it.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// These bytes, then a proper end.
    Send(Vec<u8>),
    /// These bytes, then nothing until the client goes away.
    Hang(Vec<u8>),
    /// The pieces, each only when the client had time to starve between them.
    Drip(Vec<Vec<u8>>, Duration),
    /// The request is taken but for its last bytes, then the line is reset.
    Reset,
}

/// A whole answer in JSON.
pub(super) fn json(status: u16, body: &str) -> Act {
    with(
        status,
        &[("content-type", "application/json"), ("x-fal-request-id", "rid-1")],
        body.as_bytes(),
    )
}

/// A whole answer with these headers.
pub(super) fn with(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Act {
    let mut bytes = head(status, headers, Some(body.len()));
    bytes.extend_from_slice(body);
    Act::Send(bytes)
}

/// The head of an answer that promises `length` bytes.
pub(super) fn head(status: u16, headers: &[(&str, &str)], length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(length) = length {
        head += &format!("content-length: {length}\r\n");
    }
    head += "\r\n";
    head.into_bytes()
}

type Script = dyn Fn(&Request, usize) -> Act + Send + Sync;

/// A running server. Its threads end with their connections.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves by `script`, which gets each request and how many there were before it.
    pub(super) fn start(script: impl Fn(&Request, usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*script, &log));
            }
        });
        Self { address, seen }
    }

    pub(super) fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    /// The requests so far.
    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.seen().len()
    }

    /// A client whose hosts are all on this server, hurried and with short limits.
    pub(super) fn client(&self) -> Client {
        Client::new(self.settings()).unwrap()
    }

    pub(super) fn settings(&self) -> Settings {
        let hosts = Hosts::under(&self.url()).unwrap();
        let mut settings = Settings::new(hosts, Auth::Key, Some(Key::new(KEY).unwrap()));
        settings.pace = 1_000.0;
        settings.stream = false;
        settings.limits = Limits {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(20),
            run: Duration::from_secs(20),
            stream_idle: Duration::from_secs(5),
            first_event: Duration::from_secs(10),
            json_bytes: 1 << 20,
        };
        settings
    }

    /// A handle that leads to this server.
    pub(super) fn handle(&self) -> Handle {
        self.client().handle("fal-ai/flux-pro/kontext", "r1").unwrap()
    }
}

fn serve(mut stream: TcpStream, script: &Script, log: &Mutex<Vec<Request>>) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let Some((request, rest)) = receive(&mut stream) else {
        return;
    };
    let before = {
        let mut seen = log.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let act = script(&request, before);
    if !matches!(act, Act::Reset) {
        let mut skipped = vec![0; rest];
        let _ = stream.read_exact(&mut skipped);
    }
    // The client may be gone already; that is its right.
    let _ = answer(&mut stream, act);
}

fn answer(stream: &mut TcpStream, act: Act) -> std::io::Result<()> {
    match act {
        Act::Send(bytes) => stream.write_all(&bytes),
        Act::Hang(bytes) => {
            stream.write_all(&bytes)?;
            stream.read(&mut [0]).map(|_| ())
        }
        Act::Drip(pieces, pause) => {
            stream.set_read_timeout(Some(pause))?;
            for piece in pieces {
                stream.write_all(&piece)?;
                // The pause ends early when the client hangs up.
                if stream.read(&mut [0]).is_ok() {
                    break;
                }
            }
            Ok(())
        }
        // Closing with unread bytes makes the system send a reset.
        Act::Reset => Ok(()),
    }
}

/// Reads a request. One byte is left unread when there is a body, for [`Act::Reset`]; the
/// number of unread bytes is returned.
fn receive(stream: &mut TcpStream) -> Option<(Request, usize)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let text = String::from_utf8(head).ok()?;
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let pair = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<_> = lines.filter_map(pair).collect();
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length: usize = request.header("content-length").map_or(0, |text| text.parse().unwrap());
    request.body = vec![0; length];
    let mut rest = 0;
    if length > 0 {
        stream.read_exact(&mut request.body[..length - 1]).ok()?;
        // The last byte is only looked at: it stays in the socket.
        let mut last = [0];
        while stream.peek(&mut last).ok()? == 0 {}
        request.body[length - 1] = last[0];
        rest = 1;
    }
    Some((request, rest))
}

/// An address where nobody listens. The socket that is returned keeps others from it: it is
/// bound, so the port is taken, but does not listen, so connections are refused.
pub(super) fn deserted() -> (TcpSocket, Url) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = Url::parse(&format!("http://{}", socket.local_addr().unwrap())).unwrap();
    (socket, url)
}

/// The queue's usual answer to a submit, with addresses on `host`.
pub(super) fn ticket(host: &str) -> String {
    let base = format!("{host}/fal-ai/flux-pro/requests/r1");
    format!(
        r#"{{"status":"IN_QUEUE","request_id":"r1","response_url":"{base}","status_url":"{base}/status","cancel_url":"{base}/cancel","logs":null,"metrics":{{}},"queue_position":2}}"#
    )
}
