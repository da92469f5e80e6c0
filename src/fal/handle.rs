//! Where a request is kept, and which of those addresses may be given the key.

use serde_json::Value;
use url::Url;

/// As the submit answered it; stored and given back as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub request_id: String,
    pub gateway_request_id: Option<String>,
    pub status_url: String,
    pub response_url: String,
    pub cancel_url: String,
}

impl Handle {
    /// `None` without a request id; missing addresses are left empty and built when needed.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            request_id: text("request_id").filter(|id| !id.is_empty())?,
            gateway_request_id: text("gateway_request_id"),
            status_url: text("status_url").unwrap_or_default(),
            response_url: text("response_url").unwrap_or_default(),
            cancel_url: text("cancel_url").unwrap_or_default(),
        })
    }
}

/// The address to use instead of `given`, so that the key goes to the profile's host only: on
/// another host its path is kept and put behind the profile's base.
pub(super) fn trusted(given: &str, bases: &[&Url]) -> Option<Url> {
    let given = Url::parse(given).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if bases.iter().any(|base| same_origin(base, &given)) {
        return Some(given);
    }
    let base = bases.first()?;
    let mut moved = (*base).clone();
    let path = format!("{}{}", base.path().trim_end_matches('/'), given.path());
    moved.set_path(&path);
    moved.set_query(given.query());
    Some(moved)
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// `owner/alias` of an endpoint: all that later calls name. `workflows` and `comfy` are namespaces
/// and keep three segments (as both official clients do).
pub(super) fn short_id(endpoint: &str) -> String {
    let mut segments = endpoint.split('/');
    let keep = match endpoint.split('/').next() {
        Some("workflows" | "comfy") => 3,
        _ => 2,
    };
    segments.by_ref().take(keep).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn later_calls_name_owner_and_alias_only() {
        for (endpoint, short) in [
            ("fal-ai/flux-pro/kontext/max/multi", "fal-ai/flux-pro"),
            ("fal-ai/flux-pro", "fal-ai/flux-pro"),
            ("workflows/me/mine/extra", "workflows/me/mine"),
            ("comfy/me/mine", "comfy/me/mine"),
        ] {
            assert_eq!(short_id(endpoint), short);
        }
    }

    #[test]
    fn an_address_on_another_host_keeps_only_its_path() {
        let base = Url::parse("https://gateway.example/api/").unwrap();
        let moved = trusted("https://queue.fal.run/fal-ai/flux-1/requests/7/status", &[&base]);
        let expected = "https://gateway.example/api/fal-ai/flux-1/requests/7/status";
        assert_eq!(moved.unwrap().as_str(), expected);
        let kept = trusted("https://gateway.example/x", &[&base]).unwrap();
        assert_eq!(kept.as_str(), "https://gateway.example/x");
        // The same name on another port or without encryption is another host.
        let plain = trusted("http://gateway.example/x", &[&base]).unwrap();
        assert_eq!(plain.scheme(), "https");
        assert_eq!(trusted("file:///etc/passwd", &[&base]), None);
        assert_eq!(trusted("nonsense", &[&base]), None);
    }
}
