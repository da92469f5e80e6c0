//! Models of the service's catalogue, as they were found last. Values only: they are looked for and
//! added in `session::models`.

use serde::{Deserialize, Serialize};

/// One of them, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundModel {
    pub id: String,
    pub title: String,
    pub about: String,
    pub is_deprecated: bool,
}

/// What a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundModels {
    pub words: String,
    pub models: Vec<FoundModel>,
    /// The day it was told on, where the service could not be reached.
    pub as_of: Option<String>,
}

/// The last search, and the one that is to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelSearch {
    pub found: FoundModels,
    /// Why there is nothing.
    pub problem: Option<String>,
    /// What was asked and is not answered.
    pub(super) asked: Option<String>,
    /// What was typed meanwhile.
    pub(super) next: Option<String>,
}
