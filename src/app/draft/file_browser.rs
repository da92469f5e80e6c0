//! Pictures on this machine, as a person looks for one to open.

use std::path::PathBuf;

use crate::tree::Hash;

/// A folder and what of it is worth showing: folders first, then pictures, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirListing {
    /// Without links and dots in it.
    pub folder: PathBuf,
    pub entries: Vec<Entry>,
    /// Why nothing can be listed.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub path: PathBuf,
    pub is_folder: bool,
    pub bytes: u64,
}

/// A file that was looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePreview {
    pub path: PathBuf,
    /// Under this name it can be shown; with its width and height.
    pub picture: Result<(Hash, (u32, u32)), String>,
}
