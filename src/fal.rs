//! The client of the service's protocol: submit, follow, result, cancel, run, files.
//!
//! It keeps nothing on disk, reads no environment, knows no endpoint by name and gives inputs no
//! meaning. The rules that cost money stand in one table, in `retry`.
//!
//! ```text
//!  submit ─► Handle ─► follow ─► result ─► download
//!              │          ▲ stored, given back after a crash
//!              └─► cancel (a request, not a fact: follow on)
//! ```
//!
//! Invariants: a paid request whose answer was lost is never sent again and ends as
//! [`error::Kind::Unknown`]; the key goes to the profile's hosts only and stands in no text.

pub mod account;
pub mod cancel;
pub mod download;
pub mod error;
pub mod extra_headers;
pub mod follow;
pub mod handle;
pub mod models;
pub mod openapi_fetch;
pub mod prices;
pub mod probe;
pub mod profile;
pub mod response;
pub mod signing;
pub mod status;
pub mod submit;
pub mod submit_options;
pub mod trust;
pub mod upload;
pub mod url_check;

mod call;
mod crowd;
mod door;
mod endpoint;
mod error_body;
mod http;
mod logs;
mod poll_interval;
mod retry;
mod route;
mod secret;
mod stream;

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use reqwest::redirect;
use tokio::sync::Mutex;

use crowd::Crowd;
use error::{Error, Step};
use profile::{Key, Settings};
use route::Route;
use upload::UploadToken;

/// Connections that are kept for later, of one host.
const MOST_IDLE: usize = 4;

/// The longest text that is taken over from an answer, in characters.
const LONGEST_TEXT: usize = 2_000;

/// A connection to one profile. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    /// Keys that were given later, the newest last: the one of the settings was refused.
    later: RwLock<Vec<Key>>,
    /// For everything that may be repeated.
    free: reqwest::Client,
    /// For what costs money: never a connection that was used before.
    paid: reqwest::Client,
    route: Route,
    /// The permission to upload, until it expires.
    token: Mutex<Option<UploadToken>>,
    /// All that are followed over it.
    crowd: Crowd,
}

impl Client {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When a host is neither https nor loopback, when the profile wants a key and has none, or
    /// when TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|_| Error::unsent(Step::Setup, "TLS could not be set up"))
        };
        let tls = trust::tls(settings.trust);
        let http = || http(&settings).use_preconfigured_tls(tls.clone());
        let inner = Inner {
            free: build(http().pool_max_idle_per_host(MOST_IDLE))?,
            paid: build(http().pool_max_idle_per_host(0))?,
            route: Route::new(settings.hosts.are_loopback()),
            token: Mutex::new(None),
            crowd: Crowd::new(),
            later: RwLock::default(),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether the profile has the interface that lists models.
    pub fn has_catalogue(&self) -> bool {
        self.settings().hosts.api.is_some()
    }

    /// Asks for accepted requests with this key from now on; whether it is another than the one
    /// that they were asked for with. What costs still goes with the key of the settings.
    pub fn use_key(&self, key: Key) -> bool {
        let is_new = self.keys().last() != Some(&key);
        if is_new {
            self.inner.later.write().push(key);
        }
        is_new
    }

    /// Text of a server with every key struck out, and of a bearable length.
    pub fn strike(&self, text: &str) -> String {
        let error = Error::new(Step::Result, error::Kind::Protocol, text);
        self.redacted(error).message
    }

    /// All keys that were ever used, the one in use last.
    fn keys(&self) -> Vec<Key> {
        let later = self.inner.later.read();
        self.settings().key.iter().chain(later.iter()).cloned().collect()
    }

    fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn crowd(&self) -> &Crowd {
        &self.inner.crowd
    }

    fn route(&self) -> &Route {
        &self.inner.route
    }

    fn free(&self) -> &reqwest::Client {
        &self.inner.free
    }

    fn paid(&self) -> &reqwest::Client {
        &self.inner.paid
    }

    /// The error with the key struck out, since servers like to repeat what they were sent, and
    /// with its text cut to a bearable length, in this order: half a key is a key.
    fn redacted(&self, mut error: Error) -> Error {
        let texts = [&mut error.message];
        let options = [&mut error.request_id, &mut error.error_type];
        let fields = error.fields.iter_mut().flat_map(|field| {
            let own = [&mut field.message, &mut field.word];
            own.into_iter().chain(&mut field.loc)
        });
        let keys = self.keys();
        for text in texts.into_iter().chain(options.into_iter().flatten()).chain(fields) {
            for key in &keys {
                *text = key.redact_from(text);
            }
            *text = self.settings().headers.redact_from(text);
            if text.contains(|c: char| c.is_control() && c != '\n') {
                *text = text.replace(|c: char| c.is_control() && c != '\n', " ");
            }
            if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
                text.truncate(end);
                text.push('…');
            }
        }
        error
    }
}

fn http(settings: &Settings) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("editree/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.limits.connect)
        .redirect(redirect::Policy::none())
        .referer(false)
        // Repeats are counted by us alone.
        .retry(reqwest::retry::never());
    if settings.hosts.are_loopback() { builder.no_proxy() } else { builder }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("settings", self.settings()).finish_non_exhaustive()
    }
}
