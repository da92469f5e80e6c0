//! Leave to fetch a file that is restricted to the account.
//!
//! It fetches nothing. Invariant: a signature is a secret: it stands in no error, and the address
//! that holds it is used at once and given to nobody else.

use std::fmt;

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::Client;
use super::error::{Error, Kind, Step};
use super::http::{Call, Payload};
use super::profile::is_loopback;

/// Long enough for one download with its repeats, in seconds.
const VALID_S: u32 = 900;
const STORAGE: &str = "fal.media";

/// An address with a signature in it. Shown as `SignedUrl(…)`, whatever it holds.
pub struct SignedUrl(Url);

impl SignedUrl {
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SignedUrl(…)")
    }
}

impl Client {
    /// Whether the file lies in the service's own storage, where a signature may open it. Others
    /// are never told of.
    pub fn is_stored_there(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let cdn = &self.settings().hosts.cdn;
        let below = || {
            let path = format!("{}/", cdn.path().trim_end_matches('/'));
            url.origin() == cdn.origin() && url.path().starts_with(&path)
        };
        let host = url.host_str().unwrap_or_default();
        let is_service = host == STORAGE || host.ends_with(&format!(".{STORAGE}"));
        url.query().is_none() && (is_service && !is_loopback(cdn) || below())
    }

    /// Asks for an address that opens the file for a quarter of an hour.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where the profile has no such interface or the file is gone,
    /// [`Kind::Permission`]; network, key and service failures.
    pub async fn sign(&self, url: &str) -> Result<SignedUrl, Error> {
        let step = Step::Sign;
        let mut at = self.platform(step, "v1/storage/files/sign")?;
        at.query_pairs_mut().append_pair("url", url);
        let mut call = Call::new(step, Method::POST, at);
        call.payload = Payload::Json(json!({ "expiration_seconds": VALID_S }).to_string().into());
        let reply = self.succeed(&call, &mut |_| ()).await?;
        let signed = reply.json.as_ref().and_then(|body| body.get("signed_url"));
        let signed = signed.and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
        // It must open what was asked for and lead nowhere else.
        let is_same = |signed: &Url| {
            Url::parse(url)
                .is_ok_and(|url| (url.origin(), url.path()) == (signed.origin(), signed.path()))
        };
        let odd = || Error::new(step, Kind::Protocol, "the answer holds no signed address");
        signed.filter(is_same).map(SignedUrl).ok_or_else(odd)
    }
}
