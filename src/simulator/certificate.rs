//! Certificates for names, and the authority that signs them, in the few shapes that TLS on loopback
//! needs: X.509 in DER, with keys of the curve P-256.
//!
//! Writes, reads none, checks nothing. Invariant: a key never leaves memory.

use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as CURVE, EcdsaKeyPair, KeyPair as _};

/// A key that others' certificates are signed with, and its own.
pub(super) struct Authority {
    key: EcdsaKeyPair,
    name: Vec<u8>,
    /// In DER.
    pub(super) certificate: Vec<u8>,
}

/// A certificate and its key (PKCS 8), in DER.
pub(super) struct Signed {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// Tags of DER.
const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const BITS: u8 = 3;
const OCTETS: u8 = 4;
const OID: u8 = 6;
const TEXT: u8 = 12;
/// With two digits for the year, up to 2049, and with four.
const TIME: u8 = 23;
const FAR_TIME: u8 = 24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The first ones of a choice: plain, and with a value of its own inside.
const PLAIN: u8 = 0x80;
const INSIDE: u8 = 0xa0;

/// What these are called, in the form in which they are written.
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const OTHER_NAMES: &[u8] = &[0x55, 0x1d, 17];
const CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];

impl Authority {
    pub(super) fn new(name: &str) -> Result<Self, Unspecified> {
        let (key, _) = new_key()?;
        let name = named(name);
        let is_authority =
            extension(CONSTRAINTS, true, &der(SEQUENCE, &[&der(BOOLEAN, &[&[0xff]])]));
        // It signs certificates and lists of revoked ones: bits 5 and 6.
        let usage = extension(KEY_USAGE, true, &der(BITS, &[&[1, 0b0000_0110]]));
        let own = extension(KEY_ID, false, &der(OCTETS, &[&key_id(&key)]));
        let extensions = [is_authority, usage, own].concat();
        let certificate = signed(&key, &name, (&name, &key), &extensions)?;
        Ok(Self { key, name, certificate })
    }

    /// A certificate of a new key, for hosts of these names.
    pub(super) fn sign(&self, hosts: &[&str]) -> Result<Signed, Unspecified> {
        let (key, document) = new_key()?;
        let hosts: Vec<u8> =
            hosts.iter().flat_map(|host| der(PLAIN + 2, &[host.as_bytes()])).collect();
        let hosts = extension(OTHER_NAMES, false, &der(SEQUENCE, &[&hosts]));
        let by = der(SEQUENCE, &[&der(PLAIN, &[&key_id(&self.key)])]);
        let by = extension(AUTHORITY_KEY_ID, false, &by);
        let name = named("editree's simulator");
        let extensions = [hosts, by].concat();
        let certificate = signed(&self.key, &self.name, (&name, &key), &extensions)?;
        Ok(Signed { certificate, key: document })
    }
}

/// As a file of text.
pub(super) fn pem(certificate: &[u8]) -> String {
    const COLUMNS: usize = 64;
    let text = base64_simd::STANDARD.encode_to_string(certificate);
    let lines = text.as_bytes().chunks(COLUMNS).map(String::from_utf8_lossy);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
}

fn new_key() -> Result<(EcdsaKeyPair, Vec<u8>), Unspecified> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&CURVE, &random)?;
    let key = EcdsaKeyPair::from_pkcs8(&CURVE, document.as_ref(), &random);
    Ok((key.map_err(|_| Unspecified)?, document.as_ref().to_vec()))
}

/// The whole of it, signed by `key`, whose certificate is called `issuer`.
fn signed(
    key: &EcdsaKeyPair,
    issuer: &[u8],
    (name, own): (&[u8], &EcdsaKeyPair),
    extensions: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let random = SystemRandom::new();
    let mut serial = [0; 16];
    random.fill(&mut serial)?;
    // Above zero, in no more bytes.
    serial[0] = serial[0] & 0x3f | 0x40;
    let version = der(INSIDE, &[&der(INTEGER, &[&[2]])]);
    let method = der(SEQUENCE, &[&der(OID, &[ECDSA_WITH_SHA256])]);
    // It is made anew with every start, whatever the clock says.
    let times = [der(TIME, &[b"750101000000Z"]), der(FAR_TIME, &[b"40960101000000Z"])].concat();
    let curve = der(SEQUENCE, &[&der(OID, &[EC_KEY]), &der(OID, &[P256])]);
    let public = der(BITS, &[&[0], own.public_key().as_ref()]);
    let body = [
        version,
        der(INTEGER, &[&serial]),
        method.clone(),
        issuer.to_vec(),
        der(SEQUENCE, &[&times]),
        name.to_vec(),
        der(SEQUENCE, &[&curve, &public]),
        der(INSIDE + 3, &[&der(SEQUENCE, &[extensions])]),
    ];
    let body = der(SEQUENCE, &[&body.concat()]);
    let signature = key.sign(&random, &body)?;
    Ok(der(SEQUENCE, &[&body, &method, &der(BITS, &[&[0], signature.as_ref()])]))
}

fn named(name: &str) -> Vec<u8> {
    let pair = der(SEQUENCE, &[&der(OID, &[COMMON_NAME]), &der(TEXT, &[name.as_bytes()])]);
    der(SEQUENCE, &[&der(SET, &[&pair])])
}

fn extension(what: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { der(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    der(SEQUENCE, &[&der(OID, &[what]), &critical, &der(OCTETS, &[value])])
}

fn key_id(key: &EcdsaKeyPair) -> Vec<u8> {
    digest(&SHA256, key.public_key().as_ref()).as_ref().iter().take(20).copied().collect()
}

/// A tag, the length of what follows, and what follows.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [.., high, low] = content.len().to_be_bytes();
    let length: &[u8] = match content.len() {
        0..=0x7f => &[low],
        0x80..=0xff => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, &content].concat()
}
