//! What `doctor` finds out about the way to the service: proxy, authorities, clock, and whether the
//! service answers at its end.
//!
//! Invariant: only free questions are asked; no password of a proxy is told.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::Finding;
use crate::cli::hint;
use crate::cli::session::{auth, kind};
use crate::config::Config;
use crate::config::file::Kind;
use crate::fal::Client;
use crate::fal::probe::Probe;
use crate::fal::trust;
use crate::runtime::profiles;

/// Seconds that clocks may differ before something that expires is misjudged.
const MOST_SECONDS: i64 = 60;

pub(super) async fn line(config: &Config) -> Vec<Finding> {
    if config.profile.kind == Kind::Sim {
        return vec![service("the embedded simulator".into(), None)];
    }
    let mut findings = vec![authorities(config)];
    if !config.environment.line.is_empty() {
        return findings;
    }
    let client = profiles::client(kind(config), auth(config), config.profile.key.clone());
    let client = match client {
        Ok(client) => client,
        Err(failure) => {
            findings.push(service(failure.message, failure.hint.as_ref().map(hint::text)));
            return findings;
        }
    };
    findings.push(proxy(&client));
    findings.extend(clock(client.date().await));
    findings.push(answers(&client).await);
    findings
}

fn authorities(config: &Config) -> Finding {
    let trust::Authorities { count, are_own } = trust::authorities();
    let from = match config.environment.authorities.as_slice() {
        _ if !are_own => "built in: this machine has none".to_owned(),
        [] => "this machine's".to_owned(),
        names => format!("from `{}`, instead of this machine's", names.join("` and `")),
    };
    let found = format!("{count} authorities, {from}");
    let fix = (!are_own).then(|| "apt install ca-certificates, or set SSL_CERT_FILE".to_owned());
    Finding { what: "trust", found, fix, ..Finding::default() }
}

fn proxy(client: &Client) -> Finding {
    let found = match client.proxy() {
        Some(proxy) => format!("`{proxy}` is between here and the service"),
        None => "none".to_owned(),
    };
    Finding { what: "proxy", found, ..Finding::default() }
}

/// Where an answer told the time.
fn clock(date: Option<String>) -> Option<Finding> {
    let theirs = rfc2822::parse(&date?).ok()?.timestamp();
    let ahead = Timestamp::now().as_second() - theirs.as_second();
    let distance = ahead.unsigned_abs();
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let mut finding = Finding { what: "clock", ..Finding::default() };
    if ahead.abs() <= MOST_SECONDS {
        finding.found = "as the service's".into();
    } else {
        finding.found = format!("{distance} s {side} the service's");
        finding.meaning = Some("certificates and links that expire are misjudged".into());
        finding.fix = Some("timedatectl set-ntp true".into());
    }
    Some(finding)
}

/// A free question that a good key gets an answer to.
async fn answers(client: &Client) -> Finding {
    match client.probe_key().await {
        Ok(Probe::Accepted) => service("answers and accepts the key".into(), None),
        Ok(Probe::Limited) => service(
            "answers and knows the key, which may not follow requests".into(),
            Some("`editree key status --check` tells what is missing".into()),
        ),
        Ok(Probe::Unclear) => {
            service("answers; does not say whether it accepts the key".into(), None)
        }
        Err(error) => {
            service(error.message, Some("check the key, the address and the network".into()))
        }
    }
}

fn service(found: String, fix: Option<String>) -> Finding {
    Finding { what: "service", found, fix, ..Finding::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(seconds: i64) -> Finding {
        let then = Timestamp::now().as_second() - seconds;
        let then = Timestamp::from_second(then).unwrap();
        let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap();
        clock(Some(date)).unwrap()
    }

    #[test]
    fn a_clock_is_wrong_where_something_that_expires_is_misjudged() {
        assert_eq!((told(20).found.as_str(), told(20).fix), ("as the service's", None));
        assert!(told(4_000).found.ends_with("s ahead of the service's"), "{}", told(4_000).found);
        assert!(told(-4_000).found.ends_with("s behind the service's"));
        assert!(told(-4_000).fix.is_some());
        assert!(clock(Some("yesterday".into())).is_none() && clock(None).is_none());
    }
}
