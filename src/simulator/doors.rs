//! Who may speak to the simulator at all: programs of this machine, never a page in a browser.
//!
//! A page may resolve a name of its own to loopback, or ask loopback from another origin; a browser
//! then says so in these headers. Knows no keys and no routes. Invariant: what is refused here has
//! changed nothing and is told nothing.

use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::responses::detail;
use super::tls;

/// Why the request is not taken.
pub(super) fn refusal(headers: &HeaderMap) -> Option<Response> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST.as_str()).unwrap_or_default();
    if !is_ours(host) {
        return Some(detail(403, "The simulator answers to loopback and the names it plays only"));
    }
    let is_own = |origin: &str| {
        origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
    };
    let is_foreign = text(header::ORIGIN.as_str()).is_some_and(|origin| !is_own(origin));
    // A picture or a form of a page elsewhere has no origin; a browser tells of it all the same.
    let site = text("sec-fetch-site");
    let is_led = site.is_some_and(|site| !matches!(site, "none" | "same-origin"));
    (is_foreign || is_led).then(|| detail(403, "The simulator does not answer to web pages"))
}

/// Loopback under a name that nobody else can give away, or a name that is played.
fn is_ours(host: &str) -> bool {
    let Ok(address) = url::Url::parse(&format!("http://{host}/")) else { return false };
    match address.host() {
        Some(url::Host::Domain(name)) => {
            // A dot at the end says that nothing is to be put behind it.
            let name = name.strip_suffix('.').unwrap_or(name);
            let is_loopback = name == "localhost" || name.ends_with(".localhost");
            is_loopback || tls::is_played(name)
        }
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_played_names_are_ours() {
        for host in [
            "127.0.0.1:8787",
            "127.9.9.9",
            "localhost:1",
            "LOCALHOST",
            "localhost.:80",
            "a.localhost:80",
            "a.b.localhost.",
            "[::1]:80",
            "queue.fal.run",
            "queue.fal.run.:443",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com:80",
            "evillocalhost",
            "localhost..",
            "192.168.0.1",
            "[::2]",
            "a@b",
            "0.0.0.0",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }
}
