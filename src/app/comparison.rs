//! What was found out about two pictures, ready to be shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Fit;
use crate::tree::{Hash, NodeId, PictureRef};

/// Two pictures compared; A is the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonView {
    /// Where, how much and how strongly it changed; what moved; how alike the rest is.
    pub description: Vec<String>,
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
    /// How A came to lie in B's frame; `None` where both have the same shape.
    pub fit: Option<Fit>,
}

/// What was found out about pictures, beside how two of them compare.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    /// What healing was tried last.
    pub heal_preview: Option<HealPreview>,
    /// How endpoints were seen to lay a picture into a frame of another shape.
    pub fits: BTreeMap<String, Fit>,
    /// Pairs that could not be compared: not tried again and again.
    pub incomparable: BTreeSet<(Hash, Hash)>,
    /// Pictures measured against each other.
    pub similarity: BTreeMap<(Hash, Hash), Similarity>,
    /// editree fell before: nothing is looked at until it is asked for.
    pub is_safe_start: bool,
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
