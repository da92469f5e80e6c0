//! Pictures for the screen: file to pixels to what this terminal needs, off the loop.
//!
//! Decoded pictures are kept within a bound of bytes, newest use last. A picture that cannot be
//! shown is shown as nothing and said once in the log.

use std::sync::Arc;

use image::RgbaImage;
use parking_lot::Mutex;

use crate::app::failure::{Failure, FailureKind};
use crate::lru::Lru;
use crate::picture;
use crate::store::media::Media;
use crate::tree::Hash;

/// Bytes of decoded pixels that are kept: about eight results. With what is kept of encoded ones,
/// pictures take 48 MB at most.
const KEPT_BYTES: usize = 32 << 20;
/// Decoded pictures that are kept, however small: hundreds of them lie between what else the heap
/// holds, so that it cannot become smaller when they go.
const KEPT: usize = 64;

type Decoded = Lru<(Hash, Arc<RgbaImage>)>;

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

    /// To look for changes, of a large one fewer pixels than are shown. Blocks.
    pub(crate) fn compared(&self, hash: Hash) -> Result<Arc<RgbaImage>, Failure> {
        let shown = self.pixels(hash)?;
        let few = u64::from(shown.width()) * u64::from(shown.height());
        if few <= picture::Limits::to_compare().reduced || self.larger_size(hash)?.is_none() {
            return Ok(shown);
        }
        let decoded = picture::decode(&self.media.read(hash)?, picture::Limits::to_compare());
        Ok(decoded.map_or(shown, |decoded| Arc::new(decoded.image)))
    }

    /// The size of a picture of which a smaller one is kept.
    fn larger_size(&self, hash: Hash) -> Result<Option<(u32, u32)>, Failure> {
        // What was made here only to be looked at has no file, and is all there.
        let Ok(bytes) = self.media.read(hash) else { return Ok(None) };
        let info = picture::inspect(&bytes).map_err(|error| unusable(hash, &error))?;
        let pixels = u64::from(info.width) * u64::from(info.height);
        let is_larger = pixels > picture::Limits::default().kept;
        Ok(is_larger.then_some((info.width, info.height)))
    }

    /// Every pixel of a picture of which a smaller one is kept; `None`: all are there. Blocks.
    pub(crate) fn larger(&self, hash: Hash) -> Result<Option<RgbaImage>, Failure> {
        if self.larger_size(hash)?.is_none() {
            return Ok(None);
        }
        let decoded = picture::decode(&self.media.read(hash)?, picture::Limits::whole());
        Ok(Some(decoded.map_err(|error| unusable(hash, &error))?.image))
    }

    /// What the picture's file says about itself. Blocks.
    pub(crate) fn metadata(&self, hash: Hash) -> Result<Vec<(String, String)>, Failure> {
        Ok(picture::metadata_of(&self.media.read(hash)?))
    }

    fn find(&self, hash: Hash) -> Option<Arc<RgbaImage>> {
        let mut decoded = self.decoded.lock();
        decoded.find(|(kept, _)| *kept == hash).map(|(_, picture)| Arc::clone(picture))
    }

    /// Keeps pixels under a name, of the store or of what is only looked at.
    pub(crate) fn keep(&self, hash: Hash, picture: Arc<RgbaImage>) {
        let mut decoded = self.decoded.lock();
        decoded.push((hash, picture));
        decoded.shrink(KEPT_BYTES, |(_, picture)| picture.as_raw().len());
        decoded.shrink(KEPT, |_| 1);
    }
}

fn unusable(hash: Hash, error: &picture::Error) -> Failure {
    Failure::new(FailureKind::Picture, format!("picture {hash}: {error}"))
}
