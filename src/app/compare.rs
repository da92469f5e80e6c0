//! What was found out about two pictures, ready to be shown.

pub(super) mod comparing;
pub mod filename_template;
pub(super) mod pictures;

use std::collections::{BTreeMap, VecDeque};

use super::failure::Failure;
use crate::schema::Fit;
use crate::tree::{Hash, NodeId, PictureRef};

/// From this part of the picture on, 0 to 1, all of it changed, as its words say too.
pub const ALL: f64 = 0.9;

/// As many pairs stay at hand; each is a few words and the names of three pictures.
pub const MOST: usize = 100;

/// What is said of what did not change begins so.
pub const REST: &str = "rest ";

/// And of where all of it lies, so.
pub const MOVED: &str = "moved ";

/// Whatever refuses it, and wherever that is told.
pub fn not_healed(node: NodeId, why: &str) -> String {
    format!("{node} is not healed: {why}")
}

/// Two pictures compared; A is the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonView {
    /// Where, how much and how strongly it changed; what moved; how alike the rest is.
    pub description: Vec<String>,
    /// The same in a few columns: how much and where, and how alike the rest is.
    pub in_short: Vec<String>,
    /// Pixels of A, which the pictures below have too.
    pub size: (u32, u32),
    /// B brought into A's frame.
    pub aligned: Hash,
    /// Half of each.
    pub blend: Hash,
    /// A in grey, what changed glowing, boxes around it.
    pub heat: Hash,
    /// Decibels outside of what changed; `None`: equal there.
    pub unchanged_psnr_db: Option<f64>,
    /// Part of the picture that changed, 0 to 1.
    pub changed_fraction: f64,
    /// Part of what lies beside the boxes of the request that changed, 0 to 1; `None`: it had none.
    pub beside_regions: Option<f64>,
    /// How A came to lie in B's frame; `None` where both have the same shape.
    pub fit: Option<Fit>,
}

/// How far the comparison of two pictures has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    Running,
    /// Not tried again and again.
    Failed,
    Done(Box<ComparisonView>),
}

/// By the picture before and the one after.
pub type Pair = (Hash, Hash);

/// What was found out about pictures in this session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    pairs: BTreeMap<Pair, Comparison>,
    /// Those that are done or failed, the oldest first.
    ended: VecDeque<Pair>,
    /// What healing was tried last.
    pub heal_preview: Option<HealPreview>,
    /// And what nothing came of.
    pub heal_refusal: Option<HealRefusal>,
    /// How endpoints were seen to lay a picture into a frame of another shape.
    pub fits: BTreeMap<String, Fit>,
    /// Pictures measured against each other.
    pub similarity: BTreeMap<Pair, Similarity>,
}

impl Comparisons {
    pub fn get(&self, pair: Pair) -> Option<&Comparison> {
        self.pairs.get(&pair)
    }

    pub fn found(&self, pair: Pair) -> Option<&ComparisonView> {
        match self.pairs.get(&pair)? {
            Comparison::Done(found) => Some(found),
            Comparison::Running | Comparison::Failed => None,
        }
    }

    /// That a picture cannot be healed at this strength, in percent, where that was tried last.
    pub fn not_healed(&self, child: PictureRef, strength: u8) -> Option<&HealRefusal> {
        let refusal = self.heal_refusal.as_ref();
        refusal.filter(|refusal| refusal.child == child && refusal.strength == strength)
    }

    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether it has to be asked for: nobody has yet.
    pub(super) fn begin(&mut self, pair: Pair) -> bool {
        let is_new = !self.pairs.contains_key(&pair);
        self.pairs.entry(pair).or_insert(Comparison::Running);
        is_new
    }

    /// What came of it; the oldest give way to it.
    pub(super) fn end(&mut self, pair: Pair, comparison: Comparison) {
        self.pairs.insert(pair, comparison);
        self.ended.retain(|other| *other != pair);
        self.ended.push_back(pair);
        while self.ended.len() > MOST {
            if let Some(oldest) = self.ended.pop_front() {
                self.pairs.remove(&oldest);
            }
        }
    }
}

/// What healing would make of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct HealPreview {
    pub child: PictureRef,
    /// Percent.
    pub strength: u8,
    /// Under this name it can be shown, in this size.
    pub picture: Hash,
    pub size: (u32, u32),
    /// What would be kept of the edit.
    pub description: String,
}

/// Nothing was made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct HealRefusal {
    pub child: PictureRef,
    /// Percent.
    pub strength: u8,
    pub why: String,
    /// In percent, a greater strength at which it would be healed.
    pub enough: Option<u8>,
}

/// Why nothing came of healing.
#[derive(Clone, Debug, PartialEq)]
pub struct NotHealed {
    pub failure: Failure,
    /// As in `HealRefusal`.
    pub enough: Option<u8>,
}

impl From<Failure> for NotHealed {
    fn from(failure: Failure) -> Self {
        Self { failure, enough: None }
    }
}

/// How alike two pictures are where nothing was meant to change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Decibels; `None`: equal there.
    pub psnr: Option<f64>,
    /// 0 to 1, equal at 1; `None`: nothing is left that did not change.
    pub ssim: Option<f64>,
    /// Part of the picture that changed, 0 to 1.
    pub changed_fraction: f64,
}

/// A step of a branch, as far as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub node: NodeId,
    /// Against the picture that it was made from.
    pub parent: Option<Similarity>,
    /// Against the first of the branch.
    pub root: Option<Similarity>,
}
