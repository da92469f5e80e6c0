//! What the environment says of the line: proxies and certificates, as the client would use them.
//!
//! Sets nothing itself. Invariant: what is set and would be ignored is told, with its variable;
//! no user name or password of a proxy is repeated.

use std::ffi::OsString;
use std::path::Path;

use rustls_native_certs::load_certs_from_paths;

use super::Error;

const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// All that is set and cannot be used.
pub(super) fn problems(get: &dyn Fn(&str) -> Option<OsString>) -> Vec<Error> {
    let told = |name: &str, check: fn(&str) -> Result<(), String>| {
        let value = get(name)?;
        let reason = match value.to_str() {
            Some(text) if text.trim().is_empty() => return None,
            Some(text) => check(text.trim()).err()?,
            None => "it holds bytes that are not text".to_owned(),
        };
        let message = format!("`{name}` is set and cannot be used: {reason}");
        Some(Error::new(message, format!("fix {name}, or unset it")))
    };
    let proxies = PROXIES.iter().filter_map(|name| told(name, proxy));
    let exceptions = EXCEPTIONS.iter().filter_map(|name| told(name, exceptions));
    let file = told("SSL_CERT_FILE", authorities_file);
    let has_file = get("SSL_CERT_FILE").is_some_and(|file| !file.is_empty());
    let folder = match has_file {
        true => told("SSL_CERT_DIR", folders),
        false => told("SSL_CERT_DIR", authorities_folders),
    };
    proxies.chain(exceptions).chain(file).chain(folder).collect()
}

fn authorities_file(text: &str) -> Result<(), String> {
    let path = Path::new(text);
    if !path.is_file() {
        return Err(format!("there is no file `{text}`"));
    }
    match load_certs_from_paths(Some(path), None).certs.is_empty() {
        true => Err(format!("`{text}` holds no certificate in PEM form")),
        false => Ok(()),
    }
}

/// Where no file is named, one of them holds what is trusted.
fn authorities_folders(text: &str) -> Result<(), String> {
    folders(text)?;
    let is_empty =
        |folder: &str| load_certs_from_paths(None, Some(Path::new(folder))).certs.is_empty();
    match text.split(':').filter(|folder| !folder.is_empty()).all(is_empty) {
        true => Err(format!("`{text}` holds no certificate in PEM form")),
        false => Ok(()),
    }
}

fn folders(text: &str) -> Result<(), String> {
    let is_lost = |folder: &&str| !Path::new(folder).is_dir();
    match text.split(':').filter(|folder| !folder.is_empty()).find(is_lost) {
        Some(folder) => Err(format!("there is no folder `{folder}`")),
        None => Ok(()),
    }
}

fn proxy(text: &str) -> Result<(), String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        return Err("a proxy is `http://HOST:PORT` or `socks5://HOST:PORT`".into());
    }
    let url = url::Url::parse(&format!("{scheme}://{rest}"));
    match url {
        Ok(url) if url.host_str().is_some_and(is_host) && matches!(url.path(), "" | "/") => Ok(()),
        Ok(_) | Err(_) => Err("it is not a URL; use `http://HOST:PORT`".into()),
    }
}

fn exceptions(text: &str) -> Result<(), String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    for entry in entries {
        let host = entry.strip_prefix("*.").unwrap_or(entry).trim_start_matches('.');
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if is_port(port) && !host.contains(':') => host,
            Some(_) | None => host,
        };
        if entry != "*" && !is_host(host) && !is_network(host) {
            return Err(format!("`{entry}` is not a host; separate hosts with commas"));
        }
    }
    Ok(())
}

fn is_host(text: &str) -> bool {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    bare.parse::<std::net::IpAddr>().is_ok() || !bare.is_empty() && bare.chars().all(is_name)
}

/// `10.0.0.0/8`.
fn is_network(text: &str) -> bool {
    let Some((ip, bits)) = text.split_once('/') else { return false };
    let most = match ip.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(name: &str, value: &str) -> String {
        let get = |asked: &str| (asked == name).then(|| OsString::from(value));
        let problems = problems(&get);
        assert!(problems.len() < 2, "{problems:?}");
        problems.first().map_or(String::new(), |problem| problem.message.clone())
    }

    #[test]
    fn a_line_that_can_be_used_is_left_alone() {
        for (name, value) in [
            ("HTTPS_PROXY", "http://proxy.example:3128"),
            ("https_proxy", "proxy.example:3128"),
            ("HTTP_PROXY", "https://user:pass@10.0.0.1:8080/"),
            ("ALL_PROXY", "http://[::1]:3128"),
            ("HTTPS_PROXY", "socks5://me:secret@10.0.0.1:1080"),
            ("all_proxy", "SOCKS5H://localhost:1080"),
            ("HTTPS_PROXY", ""),
            ("HTTPS_PROXY", "  "),
            ("NO_PROXY", "*"),
            ("NO_PROXY", "localhost, .example.com,*.corp, 10.0.0.0/8, ::1, [::1], host:8080,"),
        ] {
            assert_eq!(told(name, value), "", "{name}={value}");
        }
    }

    #[test]
    fn folders_without_a_certificate_are_enough_beside_a_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let none = "holds no certificate in PEM form";
        assert!(told("SSL_CERT_DIR", &path).contains(none));
        std::fs::write(folder.path().join("a.der"), b"0\x82").unwrap();
        assert!(told("SSL_CERT_DIR", &format!("{path}:/proc/tty")).contains(none));
        let pem = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        let file = folder.path().join("a.pem");
        std::fs::write(&file, pem).unwrap();
        assert_eq!(told("SSL_CERT_DIR", &format!("/proc/tty:{path}")), "");
        let both = |name: &str| match name {
            "SSL_CERT_FILE" => Some(file.clone().into_os_string()),
            "SSL_CERT_DIR" => Some("/proc/tty".into()),
            _other => None,
        };
        assert!(problems(&both).is_empty());
    }

    #[test]
    fn a_line_that_cannot_be_used_is_told_with_its_variable() {
        for (name, value, reason) in [
            ("ALL_PROXY", "socks://localhost:1080", "socks5://HOST:PORT"),
            ("HTTPS_PROXY", "ftp://proxy", "http://HOST:PORT"),
            ("https_proxy", "http//proxy:1", "http://HOST:PORT"),
            ("HTTP_PROXY", "http://proxy:99999", "not a URL"),
            ("http_proxy", "not a proxy", "not a URL"),
            ("HTTPS_PROXY", "http://", "not a URL"),
            ("NO_PROXY", "http://localhost", "not a host"),
            ("no_proxy", "localhost example.com", "not a host"),
            ("NO_PROXY", "10.0.0.0/99", "not a host"),
            ("SSL_CERT_FILE", "/nowhere/ca.pem", "no file `/nowhere/ca.pem`"),
            ("SSL_CERT_FILE", "/", "no file"),
            ("SSL_CERT_FILE", "/proc/self/status", "holds no certificate"),
            ("SSL_CERT_DIR", "/:/nowhere", "no folder `/nowhere`"),
        ] {
            let message = told(name, value);
            assert!(message.contains(name) && message.contains(reason), "{value}: {message}");
        }
        assert!(!told("HTTPS_PROXY", "gopher://me:secret@x:1").contains("secret"));
    }
}
