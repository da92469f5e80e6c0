//! What was found out about two pictures, ready to be shown.

use crate::tree::Hash;

/// Two pictures compared; A is the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Where, how much and how strongly it changed; what moved; how alike the rest is.
    pub words: Vec<String>,
    /// Pixels of A, which the pictures below have too.
    pub size: (u32, u32),
    /// B brought into A's frame.
    pub aligned: Hash,
    /// Half of each.
    pub onion: Hash,
    /// A in grey, what changed glowing, boxes around it.
    pub heat: Hash,
    /// Decibels outside of what changed; `None`: equal there.
    pub outside: Option<f64>,
    /// Part of the picture that changed, 0 to 1.
    pub changed: f64,
}
