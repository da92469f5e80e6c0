//! Pictures on this machine, as a person looks for one to open.

use std::path::PathBuf;

use crate::tree::Hash;

/// Endings of pictures' names. Those that can only be converted count too: who chooses one is told
/// how.
const PICTURES: [&str; 38] = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "tif", "tiff", "bmp", "dib", "qoi",
    "heic", "heif", "hif", "avif", "jxl", "jp2", "j2k", "jpf", "jpx", "j2c", "dng", "cr2", "cr3",
    "nef", "nrw", "arw", "sr2", "rw2", "orf", "raf", "pef", "srw", "rwl", "3fr", "iiq",
];

/// Whether a file of this name may be a picture.
pub fn is_picture_name(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| PICTURES.contains(&ending.as_str()))
}

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
