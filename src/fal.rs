//! The client of the service's protocol: run, queue, follow, result, cancel, files.
//!
//! Knows nothing of the rest of editree. Invariants: the key is in no `Debug` text and is sent to
//! the profile's hosts only; a paid request is never repeated when it may have arrived.
//! Facts about the wire are the service's documentation and its official clients' behaviour.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::Value;
use url::Url;

pub mod call;
pub mod error;
pub mod files;
pub mod follow;
pub mod handle;
pub mod retry;

use call::Reply;
use error::{Error, Kind};
use handle::{Handle, short_id, trusted};
use retry::Step;

/// A secret. Shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Without the line feeds, spaces and quotes that come along when a key is pasted.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']).trim();
        let sendable = text.chars().all(|c| c.is_ascii_graphic());
        (!text.is_empty() && sendable).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// How the key is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Key …`, the service's own form.
    Key,
    /// `Authorization: Bearer …`, as gateways want it.
    Bearer,
}

/// Where a service is and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Settings {
    pub run: Url,
    pub queue: Url,
    /// Storage; without one inputs go as data URIs.
    pub rest: Option<Url>,
    pub cdn: Option<Url>,
    pub auth: Auth,
    pub key: Option<Key>,
    /// How much faster than usual to poll; 1 for real services.
    pub pace: f64,
    /// Longest wait for an answer.
    pub patience: Duration,
}

impl Settings {
    /// The service's own addresses.
    pub fn service(key: Option<Key>) -> Result<Self, Error> {
        Ok(Self {
            run: address("https://fal.run")?,
            queue: address("https://queue.fal.run")?,
            rest: Some(address("https://rest.fal.ai")?),
            cdn: Some(address("https://v3.fal.media")?),
            auth: Auth::Key,
            key,
            pace: 1.0,
            patience: Duration::from_secs(120),
        })
    }
}

/// An http(s) address; plain http on loopback only, since a key goes there.
pub fn address(text: &str) -> Result<Url, Error> {
    let wrong = |what: &str| Error::new(Kind::Validation, format!("the address `{text}` {what}"));
    let url = Url::parse(text).map_err(|_| wrong("cannot be read"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(wrong("must begin with https://, since the key goes there")),
        _ => Err(wrong("must begin with https://")),
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// What a submit may carry besides the input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubmitOptions {
    /// The service tells this address when it is done.
    pub webhook: Option<String>,
    /// Seconds until processing must have begun.
    pub start_timeout: Option<f64>,
    /// `low` waits behind all normal requests.
    pub low_priority: bool,
}

/// The service has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    pub handle: Handle,
    pub status: Status,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Requests ahead, where it is said.
    Queued(Option<u32>),
    Running,
    /// Finished, well or not: only the result tells.
    Completed,
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub body: Value,
    pub request_id: Option<String>,
    pub billable_units: Option<f64>,
}

/// What the service says to a cancel: a request, not a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    Removed,
    Requested,
    TooLate,
    NotFound,
}

/// One service, ready to be asked.
#[derive(Clone, Debug)]
pub struct Client {
    settings: Settings,
    /// Carries the key and follows no redirect.
    http: reqwest::Client,
    /// Fetches pictures: no key, no cookies, few redirects.
    open: reqwest::Client,
}

impl Client {
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let agent = concat!("editree/", env!("CARGO_PKG_VERSION"));
        let build = |policy| {
            reqwest::Client::builder()
                .user_agent(agent)
                .redirect(policy)
                .connect_timeout(Duration::from_secs(15))
                .pool_idle_timeout(Duration::from_secs(30))
                .build()
                .map_err(|_| Error::new(Kind::Network, "cannot set up the network client"))
        };
        let plain = is_loopback(&settings.queue);
        Ok(Self {
            settings,
            http: build(reqwest::redirect::Policy::none())?,
            open: build(files::redirects(plain))?,
        })
    }

    /// Puts a request into the queue. Not repeated when it may have arrived.
    pub async fn submit(
        &self,
        endpoint: &str,
        body: &Value,
        options: &SubmitOptions,
    ) -> Result<Submitted, Error> {
        let mut url = below(&self.settings.queue, endpoint);
        if let Some(webhook) = &options.webhook {
            url.query_pairs_mut().append_pair("fal_webhook", webhook);
        }
        let build = || {
            let mut request = self.http.post(url.clone()).json(body);
            if let Some(seconds) = options.start_timeout {
                request = request.header("X-Fal-Request-Timeout", seconds.to_string());
            }
            if options.low_priority {
                request = request.header("X-Fal-Queue-Priority", "low");
            }
            self.with_key(request)
        };
        let reply = self.call(Step::Paid, build).await?;
        let body = reply.json().map_err(as_unknown)?;
        let Some(handle) = Handle::read(&body) else {
            let error = Error::new(Kind::Protocol, "the answer to the request holds no request id");
            return Err(as_unknown(error));
        };
        let status = follow::read_status(&body).unwrap_or(Status::Queued(None));
        Ok(Submitted { handle, status })
    }

    /// Runs a request and waits for its result in one call.
    pub async fn run(&self, endpoint: &str, body: &Value) -> Result<Answer, Error> {
        let url = below(&self.settings.run, endpoint);
        let build = || self.with_key(self.http.post(url.clone()).json(body));
        self.call(Step::Paid, build).await?.answer()
    }

    /// The result of a finished request, or the failure it ended with.
    pub async fn result(&self, endpoint: &str, handle: &Handle) -> Result<Answer, Error> {
        let url = self.place(endpoint, handle, &handle.response_url, "")?;
        let reply = self.call(Step::Read, || self.with_key(self.http.get(url.clone()))).await?;
        reply.answer()
    }

    /// Asks to cancel; the request is to be followed on.
    pub async fn cancel(&self, endpoint: &str, handle: &Handle) -> Result<Cancel, Error> {
        let url = self.place(endpoint, handle, &handle.cancel_url, "/cancel")?;
        let reply = self.call(Step::Read, || self.with_key(self.http.put(url.clone()))).await;
        match reply {
            Ok(reply) if reply.status == 200 => Ok(Cancel::Removed),
            Ok(_) => Ok(Cancel::Requested),
            Err(error) if error.kind == Kind::NotFound => Ok(Cancel::NotFound),
            Err(error) if error.status == Some(400) => Ok(Cancel::TooLate),
            Err(error) => Err(error),
        }
    }

    /// One look at a request.
    pub(super) async fn status(
        &self,
        endpoint: &str,
        handle: &Handle,
        with_logs: bool,
    ) -> Result<Value, Error> {
        let mut url = self.place(endpoint, handle, &handle.status_url, "/status")?;
        url.query_pairs_mut().append_pair("logs", if with_logs { "1" } else { "0" });
        let build = || self.with_key(self.http.get(url.clone()));
        self.call(Step::Read, build).await?.json()
    }

    /// The given address on a host that may have the key, else the one built by the rules.
    fn place(
        &self,
        endpoint: &str,
        handle: &Handle,
        given: &str,
        ending: &str,
    ) -> Result<Url, Error> {
        let bases = [&self.settings.queue, &self.settings.run];
        if let Some(url) = trusted(given, &bases) {
            return Ok(url);
        }
        let path = format!("{}/requests/{}{ending}", short_id(endpoint), handle.request_id);
        Ok(below(&self.settings.queue, &path))
    }

    fn with_key(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let Some(key) = &self.settings.key else {
            return request;
        };
        let scheme = match self.settings.auth {
            Auth::Key => "Key",
            Auth::Bearer => "Bearer",
        };
        match HeaderValue::from_str(&format!("{scheme} {}", key.0)) {
            Ok(mut value) => {
                value.set_sensitive(true);
                request.header(AUTHORIZATION, value)
            }
            // A key is made of printable ASCII: it always fits into a header.
            Err(_) => request,
        }
    }
}

/// `base` with the path behind its own.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!(
        "{}/{}",
        base.path().trim_end_matches('/'),
        path.trim_start_matches('/')
    ));
    url
}

/// The submit was taken but its answer is useless: it may be paid.
fn as_unknown(error: Error) -> Error {
    Error { kind: Kind::Unknown, billed: error::Billed::Maybe, ..error }
}

impl Reply {
    fn answer(self) -> Result<Answer, Error> {
        let units = self.header("x-fal-billable-units");
        Ok(Answer {
            request_id: self.header("x-fal-request-id").map(str::to_owned),
            billable_units: units.and_then(|units| units.parse().ok()),
            body: self.json()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_shows_nothing_and_loses_what_pasting_adds() {
        let key = Key::new(" \"abc:def\"\n").unwrap();
        assert_eq!(key, Key("abc:def".into()));
        assert!(!format!("{key:?}").contains("abc"));
        assert_eq!(Key::new(" \n"), None);
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(address("http://127.0.0.1:80/x").is_ok());
        assert!(address("https://example.org").is_ok());
        for wrong in ["http://example.org", "ftp://example.org", "nonsense"] {
            assert_eq!(address(wrong).unwrap_err().kind, Kind::Validation, "{wrong}");
        }
    }
}
