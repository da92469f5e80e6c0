//! Pictures for the screen: file to pixels to what this terminal needs, off the loop.
//!
//! Decoded pictures are kept within a bound of bytes, newest use last. A picture that cannot be
//! shown is shown as nothing and said once in the log.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use image::RgbaImage;

use crate::app::failure::{Failure, FailureKind};
use crate::picture;
use crate::store::media::Media;
use crate::tree::Hash;

/// Bytes of decoded pixels that are kept: about eight results. With what is kept of encoded ones,
/// pictures take 48 MB at most.
const KEPT: usize = 32 << 20;

/// The one used last stands last.
type Decoded = VecDeque<(Hash, Arc<RgbaImage>)>;

/// Decoded pictures, shared by the encoding tasks.
#[derive(Clone, Debug)]
pub struct ImageCache {
    media: Media,
    decoded: Arc<Mutex<Decoded>>,
}

impl ImageCache {
    pub fn new(media: Media) -> Self {
        Self { media, decoded: Arc::default() }
    }

    /// The picture's pixels. Blocks: call it off the loop.
    pub fn pixels(&self, hash: Hash) -> Result<Arc<RgbaImage>, Failure> {
        if let Some(picture) = self.find(hash) {
            return Ok(picture);
        }
        let bytes = self.media.read(hash)?;
        let decoded = picture::decode(&bytes, picture::Limits::default()).map_err(|error| {
            Failure::new(FailureKind::Picture, format!("picture {hash} cannot be shown: {error}"))
        })?;
        let picture = Arc::new(decoded.image);
        self.keep(hash, Arc::clone(&picture));
        Ok(picture)
    }

    /// What the picture's file says about itself. Blocks.
    pub(crate) fn metadata(&self, hash: Hash) -> Result<Vec<(String, String)>, Failure> {
        Ok(picture::metadata_of(&self.media.read(hash)?))
    }

    fn find(&self, hash: Hash) -> Option<Arc<RgbaImage>> {
        let mut decoded = self.decoded.lock().ok()?;
        let at = decoded.iter().position(|(kept, _)| *kept == hash)?;
        let found = decoded.remove(at)?;
        let picture = Arc::clone(&found.1);
        decoded.push_back(found);
        Some(picture)
    }

    /// Keeps pixels under a name, of the store or of what is only looked at.
    pub(crate) fn keep(&self, hash: Hash, picture: Arc<RgbaImage>) {
        let Ok(mut decoded) = self.decoded.lock() else {
            return;
        };
        decoded.push_back((hash, picture));
        let size = |picture: &RgbaImage| picture.as_raw().len();
        let mut total: usize = decoded.iter().map(|(_, picture)| size(picture)).sum();
        while total > KEPT && decoded.len() > 1 {
            if let Some((_, oldest)) = decoded.pop_front() {
                total -= size(&oldest);
            }
        }
    }
}
