//! The simulator: the service's HTTP on loopback, a queue, a ledger, and a painter.
//!
//! Shares no code with the client: they may only agree over HTTP. Always calls itself a simulator;
//! its pictures carry a mark and words that say so. Listens on loopback only.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

mod account;
mod apply_fault;
mod certificate;
mod doors;
pub mod fault;
mod hook;
pub mod inputs;
mod job;
mod multipart;
pub mod paint;
mod platform;
pub mod python_json;
mod queue;
mod records;
mod request;
pub mod responses;
pub mod server;
pub mod state;
pub mod storage;
mod test_endpoints;
pub mod tls;
pub mod validate;
mod webhook;
mod worker;

use fault::Fault;
use paint::artifacts::Artifacts;
use state::ServerState;

use crate::schema::Catalogue;

/// How to simulate.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    /// 2 is twice as fast as usual.
    pub speed: f32,
    /// Made at random without one.
    pub key: Option<String>,
    /// The endpoints that are served.
    pub catalogue: Catalogue,
    /// Requests that run at once; the others wait in the queue.
    pub concurrency: usize,
    pub faults: Vec<Fault>,
    /// Shift, zoom and wear of results, as the real model has them.
    pub artifacts: Artifacts,
    /// Also plays the service's own hosts over TLS; the authority's certificate goes here.
    pub tls: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            speed: 1.0,
            key: None,
            catalogue: Catalogue::builtin(),
            concurrency: 2,
            faults: Vec::new(),
            artifacts: Artifacts::default(),
            tls: None,
        }
    }
}

/// Why it cannot begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A simulator that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Everything else lies below it.
    pub base: String,
    pub key: String,
    /// How to reach it under the service's own names.
    pub tls: Option<tls::Recipe>,
    server: Arc<ServerState>,
    _stop: oneshot::Sender<()>,
}

/// Begins to listen and to serve.
pub async fn start(settings: Settings) -> Result<Running, Error> {
    if !settings.listen.ip().is_loopback() {
        return Err(Error(format!(
            "the simulator listens on loopback only, not on {}",
            settings.listen
        )));
    }
    if !(settings.speed.is_finite() && settings.speed > 0.0) {
        return Err(Error("the speed must be above 0".into()));
    }
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener
        .map_err(|error| Error(format!("cannot listen on {}: {error}", settings.listen)))?;
    let address = listener.local_addr().map_err(|error| Error(error.to_string()))?;
    let base = format!("http://{address}");
    let key = settings.key.clone().unwrap_or_else(random_key);
    let tunnels = match &settings.tls {
        Some(folder) => Some(tls::open(folder).await.map_err(Error)?),
        None => None,
    };
    let server = Arc::new(ServerState::new(settings, key.clone()));
    let (stop, stopped) = oneshot::channel::<()>();
    let router = server::router(Arc::clone(&server));
    let (tunnels, tls) = tunnels.unzip();
    if let Some(tunnels) = tunnels {
        let router = router.clone();
        tokio::spawn(async move { axum::serve(tunnels, router).await });
    }
    tokio::spawn(async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(async {
            // A dropped sender is the signal.
            let _ = stopped.await;
        });
        let _ = serve.await;
    });
    Ok(Running { base, key, tls, server, _stop: stop })
}

impl Running {
    pub fn run(&self) -> String {
        format!("{}/_run", self.base)
    }

    pub fn queue(&self) -> String {
        format!("{}/_queue", self.base)
    }

    pub fn rest(&self) -> String {
        format!("{}/_rest", self.base)
    }

    pub fn cdn(&self) -> String {
        format!("{}/_cdn", self.base)
    }

    pub fn gateway(&self) -> String {
        format!("{}/_gateway", self.base)
    }

    /// One more fault, as if it had been there from the start.
    pub fn add_fault(&self, fault: Fault) {
        self.server.add_fault(fault);
    }

    /// `off`, `release`, a word about the account, or one fault by its specification; the error says
    /// what would be right.
    pub fn inject(&self, word: &str) -> Result<(), String> {
        self.server.inject(word)
    }

    /// What it was asked and what it did.
    pub fn ledger(&self) -> Value {
        self.server.ledger()
    }

    /// `editree simulate --json`.
    pub fn describe_json(&self) -> Value {
        let mut line = json!({ "base": self.base, "run": self.run(), "queue": self.queue(),
            "rest": self.rest(), "cdn": self.cdn(), "gateway": self.gateway(), "key": self.key });
        if let (Some(tls), Some(line)) = (&self.tls, line.as_object_mut()) {
            line.insert("proxy".into(), tls.proxy.clone().into());
            line.insert("authority".into(), tls.authority.display().to_string().into());
        }
        line
    }

    /// Ready-made lines for people and for the official clients.
    pub fn describe(&self) -> String {
        let (queue, key) = (self.queue(), &self.key);
        let (run, rest, cdn) = (self.run(), self.rest(), self.cdn());
        let untouched = self.tls.as_ref().map_or(String::new(), |tls| {
            let (proxy, authority) = (&tls.proxy, tls.authority.display());
            format!(
                "\nPython, untouched\n  HTTPS_PROXY={proxy} SSL_CERT_FILE={authority} FAL_KEY={key} \
                 python your_program.py\n"
            )
        });
        format!(
            "editree's simulator, not the service: nothing is sent anywhere, nothing costs\n\n\
             base     {}\nkey      {key}\ngateway  {}\n\n\
             curl\n  curl -H 'Authorization: Key {key}' -H 'Content-Type: application/json' \\\n    \
             -d '{{\"prompt\": \"a lighthouse at night\"}}' {queue}/fal-ai/flux-pro/kontext/text-to-image\n\n\
             Python (before the first call)\n  import fal_client.client as c\n  \
             c.RUN_URL_FORMAT, c.QUEUE_URL_FORMAT = \"{run}/\", \"{queue}/\"\n  \
             c.REST_URL, c.CDN_URL = \"{rest}\", \"{cdn}\"\n  and FAL_KEY={key}\n\n\
             JavaScript\n  fal.config({{ credentials: \"{key}\",\n    \
             proxyUrl: {{ url: \"{}/_proxy\", when: \"always\" }} }})\n{untouched}",
            self.base,
            self.gateway(),
            self.base
        )
    }
}

fn random_key() -> String {
    format!("{}:{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4().simple())
}
