//! Whom an encrypted line believes: the authorities that this machine trusts, as everything else
//! on it does, so that a company's proxy with its own works without a setting.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` stand in for the machine's own where they are set. A machine
//! without any gets the ones that are built in. Invariant: it reads files and sends nothing; what
//! a person named is never widened.

use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Where a person names authorities.
const NAMED: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Whose authorities are trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// This machine's.
    #[default]
    System,
    /// Those that are built in: for the embedded simulator, which speaks without encryption.
    BuiltIn,
}

/// How many authorities there are, and where they were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorities {
    pub count: usize,
    pub are_own: bool,
}

/// What [`Trust::System`] finds here.
pub fn authorities() -> Authorities {
    let (roots, are_own) = system();
    Authorities { count: roots.len(), are_own }
}

/// TLS that believes them; one of it serves any number of connections.
pub(super) fn tls(trust: Trust) -> ClientConfig {
    let roots = match trust {
        Trust::System => system().0,
        Trust::BuiltIn => built_in(),
    };
    let mut tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn system() -> (RootCertStore, bool) {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let is_named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match roots.is_empty() && !NAMED.into_iter().any(is_named) {
        true => (built_in(), false),
        false => (roots, true),
    }
}

fn built_in() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}
