//! The handle of a submitted request: plain data that is stored and given back later.
//!
//! It sends nothing. Invariant: whatever addresses a handle holds, `address` yields
//! only addresses on the profile's own hosts, because the key travels with the call.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::endpoint::Endpoint;
use super::error::{Error, Kind, Step};
use super::profile::{Hosts, join};

/// Where a submitted request is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// Opaque; a uuid in practice.
    pub request_id: String,
    pub status_url: String,
    pub response_url: String,
    pub cancel_url: String,
    /// The gateway's own id; differs from `request_id` after the platform's retries.
    #[serde(default)]
    pub gateway_request_id: Option<String>,
}

/// The three things to do with a handle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Status,
    Response,
    Cancel,
}

impl Handle {
    /// The handle that `endpoint` and an id lead to, without having asked anyone: owner and
    /// alias on the queue host, as the service's own clients build it.
    pub(super) fn built(hosts: &Hosts, endpoint: &Endpoint, id: &str) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if id.is_empty() || id.starts_with('.') || !id.bytes().all(plain) {
            return Err(Error::unsent(Step::Status, format!("`{id}` is not a request id")));
        }
        let base = join(&hosts.queue, &format!("{}/requests/{id}", endpoint.app()))?;
        Ok(Self {
            request_id: id.to_owned(),
            status_url: format!("{base}/status"),
            cancel_url: format!("{base}/cancel"),
            response_url: base.into(),
            gateway_request_id: None,
        })
    }

    /// The handle in the answer to a submit. Addresses that are missing or unusable are built.
    /// `None` when the answer names no request.
    pub(super) fn read(hosts: &Hosts, endpoint: &Endpoint, body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        // Some gateways number their requests.
        let id = match body.get("request_id")? {
            Value::Number(number) => number.to_string(),
            other => other.as_str().filter(|id| !id.is_empty())?.to_owned(),
        };
        let built = Self::built(hosts, endpoint, &id).ok();
        let pick = |name: &str, spare: fn(&Self) -> &String| {
            let given = text(name).and_then(|url| at_home(hosts, url));
            let spare = || built.as_ref().map(|handle| spare(handle).clone());
            given.map(String::from).or_else(spare)
        };
        Some(Self {
            request_id: id.clone(),
            status_url: pick("status_url", |handle| &handle.status_url)?,
            response_url: pick("response_url", |handle| &handle.response_url)?,
            cancel_url: pick("cancel_url", |handle| &handle.cancel_url)?,
            gateway_request_id: text("gateway_request_id").map(str::to_owned),
        })
    }

    /// Where to go for `purpose`, checked anew: a stored handle may be from another profile.
    pub(super) fn address(
        &self,
        hosts: &Hosts,
        step: Step,
        purpose: Purpose,
    ) -> Result<Url, Error> {
        let text = match purpose {
            Purpose::Status => &self.status_url,
            Purpose::Response => &self.response_url,
            Purpose::Cancel => &self.cancel_url,
        };
        at_home(hosts, text).ok_or_else(|| {
            let message = format!("request `{}` has no usable address", self.request_id);
            Error::new(step, Kind::Protocol, message)
        })
    }
}

/// The address itself if it is on the profile's hosts; otherwise its path on the queue host.
fn at_home(hosts: &Hosts, text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_fragment(None);
    if !matches!(url.scheme(), "https" | "http") || url.path().len() <= 1 {
        return None;
    }
    let named = !url.username().is_empty() || url.password().is_some();
    if hosts.may_have_key(&url) && !named {
        return Some(url);
    }
    // A gateway that names itself by another scheme or port repeats our base path.
    let base = hosts.queue.path().trim_end_matches('/');
    let path = match url.path().strip_prefix(base) {
        Some(rest) if rest.starts_with('/') => rest,
        Some(_) | None => url.path(),
    };
    let mut moved = join(&hosts.queue, path).ok()?;
    moved.set_query(url.query());
    Some(moved)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn endpoint() -> Endpoint {
        Endpoint::parse(Step::Submit, "fal-ai/flux-pro/kontext/max").unwrap()
    }

    #[test]
    fn addresses_on_the_own_hosts_are_kept_and_foreign_ones_lose_their_host() {
        let hosts = Hosts::service().unwrap();
        let table = [
            (
                "https://queue.fal.run/fal-ai/x/requests/1",
                "https://queue.fal.run/fal-ai/x/requests/1",
            ),
            (
                "https://queue.falrun.com/a/b/requests/1?x=2#y",
                "https://queue.falrun.com/a/b/requests/1?x=2",
            ),
            ("https://evil.example/a/b/requests/1", "https://queue.fal.run/a/b/requests/1"),
            ("https://queue.fal.run.evil.example/a/b", "https://queue.fal.run/a/b"),
            ("https://me:you@queue.fal.run/a/b", "https://queue.fal.run/a/b"),
            ("http://queue.fal.run/a/b", "https://queue.fal.run/a/b"),
            ("https://queue.fal.run:8443/a/b", "https://queue.fal.run/a/b"),
            ("https://rest.fal.ai/a/b", "https://queue.fal.run/a/b"),
        ];
        for (given, wanted) in table {
            assert_eq!(at_home(&hosts, given).unwrap().as_str(), wanted, "{given}");
        }
        for given in ["", "/a/b", "file:///etc/passwd", "https://evil.example/", "data:,x"] {
            assert_eq!(at_home(&hosts, given), None, "{given}");
        }
    }

    #[test]
    fn the_base_path_of_a_gateway_is_not_doubled() {
        let mut hosts = Hosts::service().unwrap();
        hosts.queue = Url::parse("https://gate.example/api").unwrap();
        let moved = at_home(&hosts, "http://gate.example/api/fal-ai/x/requests/1").unwrap();
        assert_eq!(moved.as_str(), "https://gate.example/api/fal-ai/x/requests/1");
        let moved = at_home(&hosts, "https://queue.fal.run/fal-ai/x/requests/1").unwrap();
        assert_eq!(moved.as_str(), "https://gate.example/api/fal-ai/x/requests/1");
    }

    #[test]
    fn missing_addresses_are_built_from_owner_and_alias() {
        let hosts = Hosts::service().unwrap();
        let body = json!({"request_id": "7f", "status_url": 3, "cancel_url": "nonsense"});
        let handle = Handle::read(&hosts, &endpoint(), &body).unwrap();
        assert_eq!(handle.status_url, "https://queue.fal.run/fal-ai/flux-pro/requests/7f/status");
        assert_eq!(handle.response_url, "https://queue.fal.run/fal-ai/flux-pro/requests/7f");
        assert_eq!(handle.cancel_url, "https://queue.fal.run/fal-ai/flux-pro/requests/7f/cancel");
        assert_eq!(Handle::read(&hosts, &endpoint(), &json!({"status": "IN_QUEUE"})), None);
        assert!(Handle::built(&hosts, &endpoint(), "../../x").is_err());
    }
}
