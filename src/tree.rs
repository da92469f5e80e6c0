//! The document: nodes, parents, recipes, marks and decisions. Pure.
//!
//! A node is one step: inputs, words, settings, outputs. The tree index of a project ([`TreeIndex`](index::TreeIndex) of
//! [`NodeSummary`](index::NodeSummary)s, no words, some 50 bytes a node with its row) is always in memory; whole [`Node`]s come in pages.
//! Invariant: a parent is older than its child (its number is smaller), so there are no cycles.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, Digest, SHA256, digest};
use serde_json::Value;

use crate::schema::Usd;
use crate::schema::regions::{self, Region};

pub mod decision;
pub mod index;
pub mod query;
pub mod skeleton;

/// Milliseconds since 1970 in UTC. Comes in with events; nothing here asks a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to here, never negative.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }
}

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

/// A node's number within the store; written `n12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Of `n12`, or of the number alone.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('n').unwrap_or(text);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number).map(Self)
    }

    /// Of `n12`, `n12.2` for its second picture, or of the numbers alone; the place from 1.
    pub fn read_picture(text: &str) -> Option<(Self, usize)> {
        let (node, place) = text.split_once('.').unwrap_or((text, "1"));
        let is_number = place.bytes().all(|byte| byte.is_ascii_digit());
        let place = place.parse().ok().filter(|place| is_number && *place > 0)?;
        Some((Self::read(node)?, place))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// One picture of one node: by content, so that it stays true whatever is re-ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PictureRef {
    pub node: NodeId,
    pub picture: Hash,
}

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub hash: Hash,
    /// Pixels, after orientation; 0 for a file that is not a picture.
    pub width: u32,
    pub height: u32,
    /// `png`, `jpeg`, `webp` or `gif`; or what else the file is, such as `mp4`.
    pub format: String,
    pub bytes: u64,
    /// The service's filter replaced it by a black one.
    pub nsfw: bool,
    /// Where the service keeps it, for as long as it does.
    pub url: Option<String>,
}

impl Picture {
    /// Not a film, a sound, or another file that an endpoint has answered with.
    pub fn is_picture(&self) -> bool {
        self.width > 0
    }
}

/// What goes into a request. A local file becomes a root node first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    Picture(PictureRef),
    Url(String),
}

/// Parameter values by name; only those that were chosen.
pub type Values = BTreeMap<String, Value>;

/// All that is needed to make a node again.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Full endpoint id.
    pub endpoint: String,
    pub prompt: String,
    pub values: Values,
    /// The first picture is the parent's.
    pub inputs: Vec<Input>,
}

impl Recipe {
    /// The boxes that its prompt tells of.
    pub fn regions(&self) -> Vec<Region> {
        regions::read(&self.prompt).map(|parsed| parsed.regions).unwrap_or_default()
    }

    /// Its prompt as a person reads it.
    pub fn caption(&self) -> Cow<'_, str> {
        regions::caption(&self.prompt)
    }

    /// With this picture in the place of its first; its references stay.
    pub fn on(mut self, picture: PictureRef) -> Self {
        match self.inputs.first_mut() {
            Some(first) => *first = Input::Picture(picture),
            None => self.inputs.push(Input::Picture(picture)),
        }
        self
    }
}

/// Where a node stands; the job knows more while there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeState {
    /// An opened picture: no request made it.
    Root,
    /// Its job is not final.
    Pending,
    Done,
    Failed,
    Cancelled,
    /// "Maybe paid": the answer to the submit was lost.
    Unknown,
}

impl NodeState {
    /// Its word in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

/// A node with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub id: NodeId,
    /// Unique everywhere, for import and export.
    pub global: String,
    pub state: NodeState,
    /// Without one for a root; its words are the file's name.
    pub recipe: Option<Recipe>,
    /// The file's name of a root.
    pub title: Option<String>,
    pub parent: Option<PictureRef>,
    pub pictures: Vec<Picture>,
    /// As the service answered it.
    pub seed: Option<u64>,
    pub request_id: Option<String>,
    /// The endpoint that made it, where the service used another than the recipe's.
    pub served_from: Option<String>,
    pub cost: Option<Usd>,
    /// The cost is the service's own bill, after discounts.
    pub is_exact: bool,
    pub simulated: bool,
    pub starred: bool,
    pub trashed: bool,
    /// 1 to 5; 0 without one.
    pub rating: u8,
    /// Name of the branch that begins or ends here.
    pub name: Option<String>,
    pub at: Timestamp,
    /// Seconds by name, as the service and we measured them.
    pub timings: BTreeMap<String, f64>,
}

impl Node {
    /// What a list calls it: its prompt, else its title.
    pub fn caption(&self) -> Cow<'_, str> {
        match &self.recipe {
            Some(recipe) => recipe.caption(),
            None => Cow::Borrowed(self.title.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_one_name() {
        let name = Hash([0xab; 32]).to_string();
        assert_eq!(name.parse(), Ok(Hash([0xab; 32])));
        let others =
            [name.to_uppercase(), "+f".repeat(32), name.replace('b', "g"), name[1..].into()];
        others.iter().for_each(|other| assert_eq!(other.parse::<Hash>(), Err(NoHash), "{other}"));
    }

    #[test]
    fn what_is_made_of_pictures_is_named_by_them_their_order_and_the_way() {
        let [a, b] = [Hash([1; 32]), Hash([2; 32])];
        let names = [
            a,
            b,
            Hash::derived(&[a], "reduced"),
            Hash::derived(&[a, b], "heat"),
            Hash::derived(&[b, a], "heat"),
            Hash::derived(&[a, b], "aligned"),
        ];
        let different: std::collections::BTreeSet<Hash> = names.into_iter().collect();
        assert_eq!(different.len(), names.len());
        assert_eq!(Hash::derived(&[a, b], "heat"), Hash::derived(&[a, b], "heat"));
    }
}
