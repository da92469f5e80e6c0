//! Who we talk to and with which key: `Key`, `Auth`, `Hosts`, `Limits`, `Settings`.
//!
//! It reads no environment and no file; `config` does. Invariant: the text of a key leaves this
//! room only to be kept (`write_to`), and no `Debug` or `Display` shows it.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use url::{Host, Url};

use super::error::{Billed, Error, Kind, Step};
use super::extra_headers::ExtraHeaders;
use super::secret;
use super::trust::Trust;

/// A secret. Shown as `Key(…)`, whatever it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Cleans what people paste, where it can mean one key only.
    ///
    /// # Errors
    /// [`Kind::Auth`] with the reason, which holds no part of it.
    pub fn new(text: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::new(Step::Setup, Kind::Auth, format!("the key: {reason}"));
        secret::cleaned(text).map(Self).map_err(wrong)
    }

    /// Writes its text where it is to be kept.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_to(&self, sink: &mut impl std::io::Write) -> std::io::Result<()> {
        sink.write_all(self.0.as_bytes())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the key, and its secret half, struck out.
    pub(super) fn redact_from(&self, text: &str) -> String {
        let whole = text.replace(&self.0, "…");
        match self.0.split_once(':') {
            Some((_, secret)) if secret.len() >= 6 => whole.replace(secret, "…"),
            Some(_) | None => whole,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(…)")
    }
}

/// How the key travels in the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Key <key>`: the service itself.
    Key,
    /// `Bearer <key>`: most gateways.
    Bearer,
    /// No header at all.
    None,
}

/// The addresses of one profile. The key goes to `run`, `queue`, their backups, `rest` and `api`,
/// each for its own calls, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    pub run: Url,
    pub queue: Url,
    /// Storage and tokens. Without it there are no uploads: inputs go as data URIs.
    pub rest: Option<Url>,
    /// Takes uploads with a token of its own, never the key.
    pub cdn: Url,
    /// The platform's own interface: prices, requests, bills, signing. Not every gateway has one.
    pub api: Option<Url>,
    /// Asked instead of `queue` when that cannot be connected to.
    pub backups: Vec<Url>,
    /// Asked instead of `run` when that cannot be connected to.
    pub run_backups: Vec<Url>,
}

impl Hosts {
    /// The service's own addresses.
    ///
    /// # Errors
    /// Never in practice; the addresses are fixed.
    pub fn service() -> Result<Self, Error> {
        Ok(Self {
            run: address("https://fal.run")?,
            queue: address("https://queue.fal.run")?,
            rest: Some(address("https://rest.fal.ai")?),
            cdn: address("https://v3.fal.media")?,
            api: Some(address("https://api.fal.ai")?),
            backups: vec![address("https://queue.falrun.com")?],
            run_backups: vec![address("https://falrun.com")?],
        })
    }

    /// Everything below one address, told apart by the prefixes `_run`, `_queue`, `_rest`,
    /// `_cdn` and `_api`: how a simulator serves all hosts on one port.
    ///
    /// # Errors
    /// [`Kind::Refused`] when `base` cannot have paths.
    pub fn under(base: &Url) -> Result<Self, Error> {
        let below = |prefix: &str| address(&format!("{}/{prefix}", bare(base)));
        Ok(Self {
            run: below("_run")?,
            queue: below("_queue")?,
            rest: Some(below("_rest")?),
            cdn: below("_cdn")?,
            api: Some(below("_api")?),
            backups: Vec::new(),
            run_backups: Vec::new(),
        })
    }

    /// Whether calls about requests may take the key to this address.
    pub fn may_have_key(&self, url: &Url) -> bool {
        let own = [&self.run, &self.queue].into_iter();
        let mut own = own.chain(&self.backups).chain(&self.run_backups);
        own.any(|host| host.origin() == url.origin())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Url> {
        let fixed = [&self.run, &self.queue, &self.cdn];
        fixed
            .into_iter()
            .chain(&self.api)
            .chain(&self.rest)
            .chain(&self.backups)
            .chain(&self.run_backups)
    }

    /// Loopback profiles may speak plain http and take pictures from plain http on loopback.
    pub(super) fn are_loopback(&self) -> bool {
        is_loopback(&self.queue)
    }

    /// https, or http on loopback; no user name or password inside.
    pub(super) fn check(&self) -> Result<(), Error> {
        for url in self.all() {
            let plain = url.scheme() == "http" && is_loopback(url);
            let host = url.host_str().unwrap_or_default();
            if url.scheme() != "https" && !plain {
                let message = format!("`{}://{host}` is not https", url.scheme());
                return Err(Error::unsent(Step::Setup, message));
            }
            if !url.username().is_empty() || url.password().is_some() {
                let message = format!("the address of `{host}` holds a user name or password");
                return Err(Error::unsent(Step::Setup, message));
            }
        }
        Ok(())
    }
}

/// Whether the address is this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `path` put after a base address.
pub(super) fn join(base: &Url, path: &str) -> Result<Url, Error> {
    address(&format!("{}/{}", bare(base), path.trim_start_matches('/')))
}

fn bare(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}

fn address(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|_| Error::unsent(Step::Setup, format!("`{text}` is not a URL")))
}

/// How long to wait and how much to take.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Name look-up, connection and TLS together.
    pub connect: Duration,
    /// From the request's last byte to the head of the answer.
    pub answer: Duration,
    /// Between two pieces of a body, either way.
    pub idle: Duration,
    /// One call with everything, except `run`, uploads, downloads and streams.
    pub total: Duration,
    /// One synchronous run: it answers when the picture is made.
    pub run: Duration,
    /// A status stream without any byte (it sends a comment every 15 s).
    pub stream_idle: Duration,
    /// A stream that has told nothing by then may be kept back on its way: a look is taken.
    pub first_event: Duration,
    /// The largest JSON answer, in bytes.
    pub json_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(8),
            answer: Duration::from_secs(90),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(180),
            run: Duration::from_secs(15 * 60),
            stream_idle: Duration::from_secs(45),
            first_event: Duration::from_secs(2),
            json_bytes: 64 << 20,
        }
    }
}

/// Everything a [`super::Client`] needs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub hosts: Hosts,
    pub auth: Auth,
    pub key: Option<Key>,
    /// A gateway: submits go to `hosts.run`, which answers as a queue does.
    pub gateway: bool,
    /// Follow by the status stream first, polling when it fails.
    pub stream: bool,
    /// How much faster than real life to poll and retry; 1 for the service.
    pub pace: f32,
    pub limits: Limits,
    /// When and how files are uploaded in parts.
    pub cut: Cut,
    /// Go with every paid request.
    pub headers: ExtraHeaders,
    pub trust: Trust,
}

impl Settings {
    /// The service with this key.
    ///
    /// # Errors
    /// Never in practice; see [`Hosts::service`].
    pub fn service(key: Key) -> Result<Self, Error> {
        Ok(Self::new(Hosts::service()?, Auth::Key, Some(key)))
    }

    /// These hosts; polling and retries at life's pace, limits by default.
    pub fn new(hosts: Hosts, auth: Auth, key: Option<Key>) -> Self {
        Self {
            hosts,
            auth,
            key,
            gateway: false,
            stream: true,
            pace: 1.0,
            limits: Limits::default(),
            cut: Cut::default(),
            headers: ExtraHeaders::default(),
            trust: Trust::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.hosts.check()?;
        match (self.auth, &self.key) {
            (Auth::Key | Auth::Bearer, None) => Err(Error {
                billed: Billed::No,
                ..Error::new(Step::Setup, Kind::Auth, "there is no key")
            }),
            (Auth::Key | Auth::Bearer, Some(_)) | (Auth::None, _) => Ok(()),
        }
    }

    /// A delay at this profile's pace.
    pub(super) fn paced(&self, delay: Duration) -> Duration {
        if self.pace.is_finite() && self.pace > 0.0 {
            Duration::try_from_secs_f32(delay.as_secs_f32() / self.pace).unwrap_or(delay)
        } else {
            delay
        }
    }
}

/// Above this a file goes in parts, as in the service's Python client.
pub const LARGEST_WHOLE: usize = 100 << 20;
/// The size of all parts but the last; storages take no smaller ones than 5 MiB.
const PART: usize = 10 << 20;

/// How files travel; the default is how the service's own clients do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// A larger file goes in parts, in bytes.
    pub above: usize,
    /// The size of a part, in bytes, at least 1.
    pub part: usize,
}

impl Default for Cut {
    fn default() -> Self {
        Self { above: LARGEST_WHOLE, part: PART }
    }
}

impl Cut {
    pub(super) fn applies(&self, length: usize) -> bool {
        length > self.above
    }

    /// The parts of a file, in order.
    pub(super) fn parts(&self, length: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let part = self.part.max(1);
        (0..length).step_by(part).map(move |start| start..length.min(start + part))
    }
}
