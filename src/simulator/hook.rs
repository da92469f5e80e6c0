//! An address that wants to be told, and the signature of what it is told.
//!
//! Sends nothing. Invariant: the signature covers the very bytes that are sent.

use base64_simd::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// Whose request it was: nobody's.
pub(super) const USER: &str = "simulated-user";

/// Signs; a new key with every start, as nobody keeps it.
pub(super) struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// `None` if the system gives no chance to draw a key from.
    pub(super) fn new() -> Option<Self> {
        let document = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).ok()?;
        Ed25519KeyPair::from_pkcs8(document.as_ref()).ok().map(Self)
    }

    /// The public half, as `/.well-known/jwks.json` has it.
    pub(super) fn jwks(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode_to_string(self.0.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "simulator", "x": x }] })
    }

    pub(super) fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let message = format!("{id}\n{USER}\n{timestamp}\n{}", hex(digest(&SHA256, body).as_ref()));
        hex(self.0.sign(message.as_bytes()).as_ref())
    }
}

/// What became of telling an address.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) url: String,
    pub(super) tries: u32,
    pub(super) acknowledged: bool,
}

impl Hook {
    pub(super) fn new(url: String) -> Self {
        Self { url, tries: 0, acknowledged: false }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "url": self.url, "tries": self.tries, "acknowledged": self.acknowledged })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
