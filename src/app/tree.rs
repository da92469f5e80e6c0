//! Where one is in the tree, and what was looked for in it. The tree itself stands in `crate::tree`.

use std::collections::BTreeMap;

use crate::app::draft::file_browser::{DirListing, FilePreview};
use crate::app::found_models::ModelSearch;
use crate::tree::NodeId;

pub(super) mod decisions;
pub(super) mod search;
pub(super) mod snapshot;
pub mod walk;

/// Where one went in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// The newest result becomes the parent of an empty draft.
    pub follow: bool,
    /// Takes of one sending leave it as it is: there is a sheet to choose on.
    pub chooses: bool,
    /// Child last gone to, by parent.
    pub visited: BTreeMap<NodeId, NodeId>,
    /// Gone to as soon as it is loaded.
    pub awaited: Option<NodeId>,
    /// The last results of one sending, to choose among; empty after a single one.
    pub takes: Vec<NodeId>,
    /// The sheet has shown them.
    pub has_seen_takes: bool,
}

/// What was looked for, and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finder {
    /// The folder that was read last, and the file that was looked into last.
    pub listing: Option<DirListing>,
    /// So many folders were read.
    pub listings: u64,
    pub preview: Option<FilePreview>,
    /// The last search.
    pub found: Found,
    /// The last search of the service's catalogue.
    pub models: ModelSearch,
}

/// The last search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What was typed.
    pub text: String,
    /// Newest first.
    pub nodes: Vec<NodeId>,
    /// Why it means nothing.
    pub problem: Option<String>,
    /// More match than are listed.
    pub is_cut: bool,
}
