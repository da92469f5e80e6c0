//! The way to an address: straight, or through a proxy that the environment names.
//!
//! It only tells the way; the transport takes it by the same rule. Invariant: no name or password
//! of a proxy is in what it tells.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::Client;

pub(super) struct Route(Option<Matcher>);

impl Route {
    /// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and their like. This very machine is never reached
    /// through a proxy.
    pub(super) fn new(is_loopback: bool) -> Self {
        Self((!is_loopback).then(Matcher::from_system))
    }

    /// The proxy in between: `http://proxy:3128`.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        let proxy = self.0.as_ref()?.intercept(&url.as_str().parse().ok()?)?;
        let (scheme, host) = (proxy.uri().scheme_str()?, proxy.uri().host()?);
        let port = proxy.uri().port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{scheme}://{host}{port}"))
    }
}

impl Client {
    /// The proxy that the queue is asked through, without its password.
    pub fn proxy(&self) -> Option<String> {
        self.route().proxy(&self.settings().hosts.queue)
    }
}
