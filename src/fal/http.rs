//! One try of one call over the wire: send within limits, read within limits.
//!
//! It repeats nothing and gives answers no meaning. Invariant: a request carries the key only by
//! [`Credential::Key`], and no redirect is followed with it to another origin.

use std::io::Read as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method, Response};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::Client;
use super::door::{Door, Passage, gated};
use super::error::Waiting;
use super::error::{Kind, Step};
use super::profile::Auth;
use super::retry::Outcome;
use super::submit_options::Gate;

/// A call that is to be made.
pub(super) struct Call {
    pub(super) step: Step,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    pub(super) carry: Credential,
    /// Whether a success must be JSON to count as one.
    pub(super) wants_json: bool,
    /// Off when a busy answer is what the person asked for.
    pub(super) repeat_busy: bool,
    /// Asked when the line is there and before the payload goes.
    pub(super) gate: Option<Gate>,
}

impl Call {
    pub(super) fn new(step: Step, method: Method, url: Url) -> Self {
        Self {
            step,
            method,
            url,
            headers: HeaderMap::new(),
            payload: Payload::Empty,
            carry: Credential::Key,
            wants_json: true,
            repeat_busy: true,
            gate: None,
        }
    }
}

/// What is sent along.
pub(super) enum Payload {
    Empty,
    Json(Vec<u8>),
    /// A stretch of a file; parts have no media type of their own.
    File {
        bytes: Arc<Vec<u8>>,
        range: Range<usize>,
        mime: Option<HeaderValue>,
    },
}

/// Which secret is sent along.
#[derive(Clone)]
pub(super) enum Credential {
    /// The profile's key, in the profile's way.
    Key,
    /// A short-lived token.
    Token(HeaderValue),
    Nothing,
}

/// What a call says on the way.
pub(super) enum CallEvent {
    Waiting(Waiting),
    Sent(u64),
}

/// Who listens to it.
pub(super) type Listener<'a> = &'a mut (dyn FnMut(CallEvent) + Send);

/// An answer that arrived whole, whatever its status.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The body, if it is JSON.
    pub(super) json: Option<Value>,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// A header's text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Why one try brought no whole answer.
pub(super) struct AttemptError {
    pub(super) outcome: Outcome,
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

impl AttemptError {
    pub(super) fn lost(message: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Lost,
            kind: Kind::Network,
            message: message.into(),
            request_id: None,
        }
    }
}

/// A read that is led on and on is led astray.
const REDIRECTS: usize = 5;

impl Client {
    /// One try; a read follows redirects within its own origin.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        url: &Url,
        on: Listener<'_>,
    ) -> Result<Reply, AttemptError> {
        let deadline = Instant::now() + self.patience(call);
        let mut reply = self.answer(call, url, deadline, on).await?;
        let mut at = url.clone();
        for _ in 0..REDIRECTS {
            let Some(next) = moved_to(call, &at, &reply) else {
                break;
            };
            reply = self.answer(call, &next, deadline, on).await?;
            at = next;
        }
        Ok(reply)
    }

    async fn answer(
        &self,
        call: &Call,
        url: &Url,
        deadline: Instant,
        on: Listener<'_>,
    ) -> Result<Reply, AttemptError> {
        let response = self.open(call, url, deadline, on).await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let request_id = header(&headers, "x-fal-request-id").map(str::to_owned);
        let body = match self.read(response, deadline).await {
            Ok(body) => body,
            // A refusal is clear by its status alone.
            Err(_) if status >= 400 => Vec::new(),
            // Only a success names a request that was taken.
            Err(broken) => {
                let request_id = request_id.filter(|_| status < 300);
                return Err(AttemptError { request_id, ..broken });
            }
        };
        let body = self.unpacked(body);
        let json = serde_json::from_slice(without_mark(&body)).ok();
        Ok(Reply { status, headers, body, json })
    }

    /// Some gateways compress without saying so.
    fn unpacked(&self, body: Vec<u8>) -> Vec<u8> {
        if !body.starts_with(&[0x1f, 0x8b]) {
            return body;
        }
        let most = self.settings().limits.json_bytes;
        let mut unpacked = Vec::new();
        match GzDecoder::new(body.as_slice()).take(most).read_to_end(&mut unpacked) {
            Ok(count) if (count as u64) < most => unpacked,
            Ok(_) | Err(_) => body,
        }
    }

    /// Sends and waits for the head of the answer.
    pub(super) async fn open(
        &self,
        call: &Call,
        url: &Url,
        deadline: Instant,
        on: Listener<'_>,
    ) -> Result<Response, AttemptError> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let total = call.payload.len();
        let door = Arc::new(Door::default());
        let mut sending = Box::pin(self.request(call, url, tell, Arc::clone(&door)).send());
        let limits = &self.settings().limits;
        let mut quiet = Instant::now() + limits.answer;
        let broken = loop {
            tokio::select! {
                biased;
                Some(sent) = told.recv() => {
                    let pause = if sent < total { limits.idle } else { limits.answer };
                    quiet = Instant::now() + pause;
                    on(CallEvent::Sent(sent));
                }
                ended = &mut sending => match ended {
                    Ok(response) => return Ok(response),
                    Err(error) => break self.broken_off(&error, url),
                },
                () = sleep_until(deadline.min(self.answer_by(call, quiet, deadline))) => {
                    break AttemptError::lost(format!("no answer from `{}` in time", host(url)));
                }
            }
        };
        Err(if call.gate.is_some() { behind(&door, broken) } else { broken })
    }

    /// A synchronous run answers when its picture is made, so only the total counts.
    fn answer_by(&self, call: &Call, quiet: Instant, deadline: Instant) -> Instant {
        if call.step == Step::Run { deadline } else { quiet }
    }

    fn patience(&self, call: &Call) -> Duration {
        let limits = &self.settings().limits;
        if call.step == Step::Run {
            limits.run
        } else {
            // At least 64 KiB/s for what we send ourselves.
            limits.total + Duration::from_secs(call.payload.len() >> 16)
        }
    }

    fn request(
        &self,
        call: &Call,
        url: &Url,
        tell: mpsc::UnboundedSender<u64>,
        door: Arc<Door>,
    ) -> reqwest::RequestBuilder {
        // Every paid call has a connection of its own: one that was kept open may be dead, and
        // a dead one cannot be told from a lost answer.
        let http = if call.step.is_paid() { self.paid() } else { self.free() };
        let mut request = http.request(call.method.clone(), url.clone());
        request = request.headers(call.headers.clone());
        match &call.carry {
            Credential::Key => {
                if let Some(value) = self.authorization(call.step) {
                    request = request.header(AUTHORIZATION, value);
                }
            }
            Credential::Token(value) => request = request.header(AUTHORIZATION, value.clone()),
            Credential::Nothing => (),
        }
        match &call.payload {
            Payload::Empty => request,
            Payload::Json(bytes) => {
                let request = request.header(CONTENT_TYPE, "application/json");
                match &call.gate {
                    Some(gate) => request.header(CONTENT_LENGTH, bytes.len()).body(gated(
                        bytes.clone(),
                        gate,
                        door,
                    )),
                    None => request.body(bytes.clone()),
                }
            }
            // Storage wants to know the length beforehand, so the header is set by hand.
            Payload::File { bytes, range, mime } => {
                if let Some(mime) = mime {
                    request = request.header(CONTENT_TYPE, mime.clone());
                }
                request.header(CONTENT_LENGTH, range.len()).body(counted(
                    Arc::clone(bytes),
                    range.clone(),
                    tell,
                ))
            }
        }
    }

    fn authorization(&self, step: Step) -> Option<HeaderValue> {
        let keys = self.keys();
        let is_read = matches!(
            step,
            Step::Status
                | Step::Follow
                | Step::Result
                | Step::Cancel
                | Step::Requests
                | Step::Bills
                | Step::Balance
                | Step::Sign
        );
        let key = if is_read { keys.last()? } else { keys.first()? };
        let text = match self.settings().auth {
            Auth::Key => format!("Key {}", key.expose()),
            Auth::Bearer => format!("Bearer {}", key.expose()),
            Auth::None => return None,
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A failure of the transport, in words without addresses: those may hold secrets.
    pub(super) fn broken_off(&self, error: &reqwest::Error, url: &Url) -> AttemptError {
        let (cause, host) = (root_cause(error), host(url));
        if error.is_builder() {
            return unsent(Kind::Refused, format!("the request to `{host}` could not be built"));
        }
        let through = self.route().proxy(url);
        let through = through.map(|proxy| format!(" through `{proxy}`")).unwrap_or_default();
        if !error.is_connect() {
            return AttemptError::lost(format!("the line to `{host}`{through} broke: {cause}"));
        }
        let way_out = match cause.contains("UnknownIssuer") {
            true => "; name its authority in `SSL_CERT_FILE`",
            false => "",
        };
        let message = format!("could not connect to `{host}`{through}: {cause}{way_out}");
        unsent(Kind::Network, message)
    }

    async fn read(
        &self,
        mut response: Response,
        deadline: Instant,
    ) -> Result<Vec<u8>, AttemptError> {
        let limits = &self.settings().limits;
        let from = response.url().clone();
        let mut body = Vec::new();
        loop {
            let by = deadline.min(Instant::now() + limits.idle);
            let piece = timeout_at(by, response.chunk()).await;
            let piece = piece.map_err(|_| AttemptError::lost("the answer stopped half-way"))?;
            match piece.map_err(|error| self.broken_off(&error, &from))? {
                None => return Ok(body),
                Some(piece) if body.len() as u64 + piece.len() as u64 > limits.json_bytes => {
                    return Err(AttemptError {
                        outcome: Outcome::Garbled,
                        kind: Kind::TooLarge,
                        message: format!("the answer is larger than {} bytes", limits.json_bytes),
                        request_id: None,
                    });
                }
                Some(piece) => body.extend_from_slice(&piece),
            }
        }
    }
}

/// Without the mark that some editors and gateways put before a text.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Where a read goes on. The key goes no further than to the origin that it was meant for, and
/// what costs or changes something is never sent on.
fn moved_to(call: &Call, at: &Url, reply: &Reply) -> Option<Url> {
    let is_led_on = matches!(reply.status, 301 | 302 | 303 | 307 | 308);
    if call.method != Method::GET || !is_led_on {
        return None;
    }
    let to = at.join(reply.header("location")?).ok()?;
    (to.origin() == at.origin()).then_some(to)
}

impl Payload {
    fn len(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Json(bytes) => bytes.len() as u64,
            Self::File { range, .. } => range.len() as u64,
        }
    }
}

/// No byte of the payload has left.
fn unsent(kind: Kind, message: String) -> AttemptError {
    AttemptError { outcome: Outcome::NotConnected, kind, message, request_id: None }
}

/// The failure of a call that is over. Where its body has not gone it is none of an answer's.
fn behind(door: &Door, broken: AttemptError) -> AttemptError {
    match door.shut() {
        Passage::Open => broken,
        Passage::Refused => {
            unsent(Kind::Network, "not sent: that it leaves could not be kept".into())
        }
        Passage::Shut if broken.outcome == Outcome::Lost => unsent(Kind::Network, broken.message),
        Passage::Shut => broken,
    }
}

/// A body that tells how much of it has been taken.
fn counted(bytes: Arc<Vec<u8>>, range: Range<usize>, tell: mpsc::UnboundedSender<u64>) -> Body {
    const PIECE: usize = 64 << 10;
    let pieces = range.clone().step_by(PIECE).map(move |start| {
        let end = range.end.min(start + PIECE);
        let piece = bytes.get(start..end).unwrap_or_default().to_vec();
        // Nobody listens any more when the call was given up.
        let _ = tell.send((end - range.start) as u64);
        Ok::<_, std::io::Error>(piece)
    });
    Body::wrap_stream(futures_util::stream::iter(pieces))
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if std::ptr::eq(cause, error as &dyn std::error::Error) {
        // Only reqwest's own words name the address.
        return "no reason given".to_owned();
    }
    cause.to_string()
}

pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("?")
}
