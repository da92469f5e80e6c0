//! Whether a file that was uploaded before still lies where it was.
//!
//! It fetches nothing but a first byte and never tries twice: who asks can upload anew. Invariant:
//! neither key nor token is sent.

use reqwest::Method;
use reqwest::header::{HeaderValue, RANGE};
use tokio::time::Instant;
use url::Url;

use super::Client;
use super::error::Step;
use super::http::{Call, Credential};
use super::profile::is_loopback;

/// What an address holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    There,
    /// The store says that it has it no more, or never had it.
    Gone,
    /// No answer, or one that tells nothing.
    Unclear,
}

impl Client {
    /// Looks whether the file at `url` can be fetched. A `HEAD` would do, but signed addresses
    /// and some stores refuse it.
    pub async fn presence(&self, url: &str) -> Presence {
        let near = |url: &Url| self.settings().hosts.are_loopback() && is_loopback(url);
        let url = Url::parse(url).ok();
        let Some(url) = url.filter(|url| url.scheme() == "https" || near(url)) else {
            return Presence::Unclear;
        };
        let mut call = Call::new(Step::Download, Method::GET, url.clone());
        call.carry = Credential::Nothing;
        call.headers.insert(RANGE, HeaderValue::from_static("bytes=0-0"));
        let limits = &self.settings().limits;
        let deadline = Instant::now() + limits.connect + limits.idle;
        match self.open(&call, &url, deadline, &mut |_| ()).await {
            Ok(response) => match response.status().as_u16() {
                // An empty file has no first byte.
                200..=299 | 416 => Presence::There,
                404 | 410 => Presence::Gone,
                _ => Presence::Unclear,
            },
            Err(_) => Presence::Unclear,
        }
    }
}
