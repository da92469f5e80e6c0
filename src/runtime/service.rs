//! A profile made ready: the client for its addresses, or the embedded simulator with one.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::provider::Provider;
use super::words;
use crate::app::failure::{Failure, FailureKind};
use crate::fal::{Auth, Client, Key, Settings, address};
use crate::simulator;
use crate::store::media::Media;

/// Where a profile's service is; `None` is the service's own address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) run: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) rest: Option<String>,
    pub(crate) cdn: Option<String>,
}

/// Which kind of service it is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Fal(Addresses),
    /// Answers the bare POST as the queue does; without storage inputs go as data URIs.
    Gateway(Addresses),
    /// Started here, with this speed.
    Simulator {
        speed: f32,
    },
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
    media: Media,
) -> Result<Service, Failure> {
    let (settings, running) = match kind {
        Kind::Simulator { speed } => {
            let settings = simulator::Settings { speed, ..simulator::Settings::default() };
            let running = simulator::start(settings).await;
            let running =
                running.map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
            (simulated(&running)?, Some(running))
        }
        Kind::Fal(addresses) => (real(&addresses, auth, key, false)?, None),
        Kind::Gateway(addresses) => (real(&addresses, auth, key, true)?, None),
    };
    let host = settings.queue.host_str().unwrap_or_default().to_owned();
    let inline = settings.rest.is_none();
    let client = Client::new(settings).map_err(words::failure)?;
    Ok(Service { provider: Provider::new(client, media, inline, running), host })
}

fn simulated(running: &simulator::Running) -> Result<Settings, Failure> {
    let url = |text: String| address(&text).map_err(words::failure);
    Ok(Settings {
        run: url(running.run())?,
        queue: url(running.queue())?,
        rest: Some(url(running.rest())?),
        cdn: Some(url(running.cdn())?),
        auth: Auth::Key,
        key: Key::new(&running.key),
        // Everything is near: look more often than a real service would like.
        pace: 3.0,
        patience: Duration::from_secs(30),
    })
}

fn real(
    addresses: &Addresses,
    auth: Auth,
    key: Option<Key>,
    is_gateway: bool,
) -> Result<Settings, Failure> {
    let mut settings = Settings::service(key).map_err(words::failure)?;
    settings.auth = auth;
    let read = |text: &Option<String>| -> Result<Option<Url>, Failure> {
        text.as_deref().map(address).transpose().map_err(words::failure)
    };
    let (run, queue) = (read(&addresses.run)?, read(&addresses.queue)?);
    let (rest, cdn) = (read(&addresses.rest)?, read(&addresses.cdn)?);
    if is_gateway {
        // Everything goes to the gateway, also what it does not name.
        settings.rest = None;
        settings.cdn = None;
        if let Some(run) = &run {
            settings.queue = run.clone();
        }
    }
    settings.run = run.unwrap_or(settings.run);
    settings.queue = queue.unwrap_or(settings.queue);
    settings.rest = rest.or(settings.rest);
    settings.cdn = cdn.or(settings.cdn);
    Ok(settings)
}
