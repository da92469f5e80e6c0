//! A profile made ready: the client for its addresses, or the embedded simulator with one.

use std::sync::Arc;

use url::Url;

use super::client::{KeySource, Provider};
use super::uploads::{UploadCache, Uploads};
use super::{Private, convert};
use crate::app::failure::{Failure, FailureKind};
use crate::fal::Client;
use crate::fal::extra_headers::ExtraHeaders;
use crate::fal::profile::{Auth, Hosts, Key, Settings};
use crate::fal::submit_options::SubmitOptions;
use crate::fal::trust::Trust;
use crate::schema::Catalogue;
use crate::simulator;
use crate::store::Store;

/// Where a profile's service is; `None` is the service's own address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) run: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) rest: Option<String>,
    pub(crate) cdn: Option<String>,
    pub(crate) api: Option<String>,
    /// Asked instead of `queue` when that cannot be connected to.
    pub(crate) backups: Vec<String>,
}

/// Which kind of service it is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Fal(Addresses),
    /// Answers the bare POST as the queue does; without storage inputs go as data URIs.
    Gateway(Addresses),
    /// Started here, with this speed, for these endpoints.
    Simulator {
        speed: f32,
        catalogue: Catalogue,
    },
}

/// What every paid request asks for beside its input.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) options: SubmitOptions,
    pub(crate) headers: ExtraHeaders,
}

/// A service that can be asked.
pub(crate) struct Service {
    pub(crate) provider: Arc<Provider>,
    /// For the header.
    pub(crate) host: String,
}

/// Prepares the profile's service. Sends nothing.
pub(crate) async fn open(
    kind: Kind,
    auth: Auth,
    key: Option<Key>,
    keys: Option<KeySource>,
    store: &Store,
    wishes: Wishes,
    private: Private,
) -> Result<Service, Failure> {
    let (mut settings, running) = match kind {
        Kind::Simulator { speed, catalogue } => {
            let running = start_simulator(speed, catalogue).await?;
            (simulated(&running)?, Some(running))
        }
        Kind::Fal(addresses) => (real(&addresses, auth, key, false)?, None),
        Kind::Gateway(addresses) => (real(&addresses, auth, key, true)?, None),
    };
    let Wishes { options, headers } = wishes;
    settings.headers = headers;
    let host = settings.hosts.queue.host_str().unwrap_or_default().to_owned();
    let (inline, place) = (settings.hosts.rest.is_none(), place(&settings.hosts));
    let client = Client::new(settings).map_err(convert::failure)?;
    let media = store.media();
    // Addresses of the embedded simulator die with it.
    let shelf = running.is_none().then(|| UploadCache { store: store.clone(), place });
    let uploads = Uploads::new(client.clone(), media.clone(), inline, shelf, private);
    let provider = Provider { client, media, uploads, keys, options, simulator: running };
    Ok(Service { provider: Arc::new(provider), host })
}

/// Addresses are kept by where they were given out, so that a profile may change its hosts.
fn place(hosts: &Hosts) -> String {
    hosts.rest.as_ref().unwrap_or(&hosts.queue).origin().ascii_serialization()
}

/// The client alone, to ask about the key.
///
/// # Errors
/// An address that is none, and a simulator, which has no key.
pub(crate) fn client(kind: Kind, auth: Auth, key: Option<Key>) -> Result<Client, Failure> {
    let settings = match kind {
        Kind::Fal(addresses) => real(&addresses, auth, key, false)?,
        Kind::Gateway(addresses) => real(&addresses, auth, key, true)?,
        Kind::Simulator { .. } => {
            return Err(Failure::new(FailureKind::Validation, "the simulator needs no key"));
        }
    };
    Client::new(settings).map_err(convert::failure)
}

/// A service that is only asked what is free, without a store.
pub(crate) struct Asked {
    pub(crate) client: Client,
    /// The embedded simulator lives as long as this.
    _simulator: Option<simulator::Running>,
}

/// The profile's service, the embedded simulator too. Sends nothing.
pub(crate) async fn asked(kind: Kind, auth: Auth, key: Option<Key>) -> Result<Asked, Failure> {
    let Kind::Simulator { speed, catalogue } = kind else {
        return Ok(Asked { client: client(kind, auth, key)?, _simulator: None });
    };
    let running = start_simulator(speed, catalogue).await?;
    let client = Client::new(simulated(&running)?).map_err(convert::failure)?;
    Ok(Asked { client, _simulator: Some(running) })
}

async fn start_simulator(speed: f32, catalogue: Catalogue) -> Result<simulator::Running, Failure> {
    let settings = simulator::Settings { speed, catalogue, ..simulator::Settings::default() };
    let running = simulator::start(settings).await;
    running.map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))
}

fn simulated(running: &simulator::Running) -> Result<Settings, Failure> {
    let hosts = Hosts::under(&address(&running.base)?).map_err(convert::failure)?;
    let key = Key::new(&running.key).map_err(convert::failure)?;
    let mut settings = Settings::new(hosts, Auth::Key, Some(key));
    // Everything is near: look more often than a real service would like.
    settings.pace = 3.0;
    settings.trust = Trust::BuiltIn;
    Ok(settings)
}

fn real(
    addresses: &Addresses,
    auth: Auth,
    key: Option<Key>,
    is_gateway: bool,
) -> Result<Settings, Failure> {
    let mut hosts = Hosts::service().map_err(convert::failure)?;
    let read = |text: &Option<String>| text.as_deref().map(address).transpose();
    let (run, queue) = (read(&addresses.run)?, read(&addresses.queue)?);
    let (rest, cdn) = (read(&addresses.rest)?, read(&addresses.cdn)?);
    if run.is_some() || queue.is_some() {
        // Other addresses have no business with the service's own backups and prices.
        hosts.backups.clear();
        hosts.run_backups.clear();
        hosts.api = None;
    }
    if !addresses.backups.is_empty() {
        hosts.backups =
            addresses.backups.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
    }
    if is_gateway {
        (hosts.rest, hosts.api) = (None, None);
        hosts.queue = queue.clone().or(run.clone()).unwrap_or(hosts.queue);
    }
    hosts.run = run.unwrap_or(hosts.run);
    hosts.queue = queue.unwrap_or(hosts.queue);
    hosts.rest = rest.or(hosts.rest);
    hosts.api = read(&addresses.api)?.or(hosts.api);
    hosts.cdn = cdn.unwrap_or(hosts.cdn);
    let mut settings = Settings::new(hosts, auth, key);
    settings.gateway = is_gateway;
    Ok(settings)
}

fn address(text: &str) -> Result<Url, Failure> {
    let wrong = |_| Failure::new(FailureKind::Validation, format!("`{text}` is not a URL"));
    Url::parse(text).map_err(wrong)
}
