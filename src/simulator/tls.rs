//! The service's own host names over TLS, reached through a CONNECT proxy on loopback: the official
//! Python client runs against the simulator without a line changed.
//!
//! ```text
//!  client ── CONNECT queue.fal.run:443 ──► proxy ── 200, then TLS as that host ──► the same routes
//! ```
//!
//! The certificates are made anew with every start, by an authority whose key never leaves memory;
//! only its certificate is written. Invariant: no connection leads to another machine.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use super::certificate::{Authority, Signed, pem};

/// The hosts that are played; a wildcard covers one more level.
const HOSTS: [&str; 12] = [
    "fal.run",
    "*.fal.run",
    "falrun.com",
    "*.falrun.com",
    "fal.ai",
    "rest.fal.ai",
    "rest.alpha.fal.ai",
    "api.fal.ai",
    "fal.media",
    "*.fal.media",
    "v3.fal.media",
    "v3b.fal.media",
];
/// A longer request head is none of ours.
const LONGEST_HEAD: usize = 8 << 10;

/// Connections that came through the proxy, after their handshake.
pub(super) struct Tunnels {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

/// Where the proxy listens and which authority is to be trusted.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// For `HTTPS_PROXY`.
    pub proxy: String,
    /// For `SSL_CERT_FILE`.
    pub authority: PathBuf,
}

/// Begins to listen; writes `ca.pem` into `folder`.
pub(super) async fn open(folder: &Path) -> Result<(Tunnels, Recipe), String> {
    let (config, authority) = certificates()?;
    let place = folder.join("ca.pem");
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&place, authority));
    written.map_err(|error| format!("cannot write `{}`: {error}", place.display()))?;
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(|error| format!("cannot listen for the proxy: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let (sender, ready) = mpsc::channel(16);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while !sender.is_closed() {
            let Ok((stream, from)) = listener.accept().await else {
                // Out of files, most likely: some will be closed.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            // One that is slow to speak keeps nobody else waiting.
            tokio::spawn(async move {
                if let Ok(tunnel) = connect(stream, &acceptor).await {
                    let _ = sender.send((tunnel, from)).await;
                }
            });
        }
    });
    let recipe = Recipe { proxy: format!("http://{address}"), authority: place };
    Ok((Tunnels { ready, address }, recipe))
}

/// The CONNECT, its answer, and the handshake behind it.
async fn connect(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> io::Result<TlsStream<TcpStream>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return Err(io::Error::other("no end of the head"));
        }
        // Byte by byte: what follows belongs to the handshake.
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (status, word) = match target(&head) {
        Some(host) if is_played(host) => ("200 Connection established", None),
        Some(host) => ("403 Forbidden", Some(format!("the simulator does not play {host}"))),
        None => ("405 Method Not Allowed", Some("only CONNECT is taken here".to_owned())),
    };
    let body = word.clone().unwrap_or_default();
    let length =
        word.as_ref().map_or(String::new(), |word| format!("Content-Length: {}\r\n", word.len()));
    stream.write_all(format!("HTTP/1.1 {status}\r\n{length}\r\n{body}").as_bytes()).await?;
    match word {
        Some(word) => Err(io::Error::other(word)),
        None => acceptor.accept(stream).await,
    }
}

/// The host of `CONNECT host:port HTTP/1.1`.
fn target(head: &str) -> Option<&str> {
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (host, _) = target.rsplit_once(':')?;
    (method == "CONNECT").then_some(host)
}

pub(super) fn is_played(host: &str) -> bool {
    HOSTS.iter().any(|known| match known.strip_prefix('*') {
        Some(rest) => host.strip_suffix(rest).is_some_and(|label| !label.is_empty()),
        None => host == *known,
    })
}

/// What the server shows, and the authority's certificate as PEM.
fn certificates() -> Result<(ServerConfig, String), String> {
    let failed = |_| "cannot make certificates".to_owned();
    let root = Authority::new("editree's simulator, trusted by nobody else").map_err(failed)?;
    let Signed { certificate, key } = root.sign(&HOSTS).map_err(failed)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config.with_no_client_auth().with_single_cert(vec![certificate.into()], key)
        });
    Ok((
        config.map_err(|error| format!("cannot use certificates: {error}"))?,
        pem(&root.certificate),
    ))
}

impl Listener for Tunnels {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(tunnel) => tunnel,
            // The proxy has ended; so will this server.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_services_own_names_are_played() {
        for host in ["queue.fal.run", "fal.run", "v3.fal.media", "rest.alpha.fal.ai"] {
            assert!(is_played(host), "{host}");
        }
        for host in ["example.com", "evilfal.run", "fal.run.example.com", ".fal.run", ""] {
            assert!(!is_played(host), "{host}");
        }
        assert_eq!(target("CONNECT queue.fal.run:443 HTTP/1.1\r\n\r\n"), Some("queue.fal.run"));
        assert_eq!(target("GET http://x/ HTTP/1.1\r\n\r\n"), None);
    }
}
