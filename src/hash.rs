//! The names of pictures: SHA-256 of their bytes. Pure.

use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, Digest, SHA256, digest};

/// A picture's name in the store and on the screen: SHA-256 of its bytes exactly as they came. What
/// is made of stored pictures and not stored itself, such as a heat map, is [`Hash::derived`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The name of a picture of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        digest(&SHA256, bytes).into()
    }

    /// The name of what is made of these pictures in this way; no stored picture has it.
    pub fn derived(of: &[Self], how: &str) -> Self {
        let mut digest = Context::new(&SHA256);
        of.iter().for_each(|picture| digest.update(&picture.0));
        digest.update(how.as_bytes());
        digest.finish().into()
    }
}

impl From<Digest> for Hash {
    /// Of SHA-256, that is: a shorter one is filled up with zeros.
    fn from(digest: Digest) -> Self {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        // One picture has one name: no capitals, and no sign, which the parser would take.
        if digits.len() != 64 || !digits.iter().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NoHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NoHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NoHash)?;
        }
        Ok(Self(bytes))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a picture's hash")]
pub struct NoHash;
