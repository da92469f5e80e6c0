//! Pictures made ready for the terminal, off the loop: file to pixels to what it needs.
//!
//! Two at a time. What is asked for last wins: what was not begun is asked for again with the next
//! frame, or nobody wants it any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use image::{RgbaImage, imageops};
use tokio::sync::mpsc;

use super::pictures::ImageCache;
use super::sketch;
use crate::app::failure::{Failure, FailureKind};
use crate::graphics::protocol::Delivery;
use crate::graphics::{self, EncodeRequest, Encoded};
use crate::lru::Lru;
use crate::terminal::image_request::{Ground, ImageRequest};
use crate::tree::Hash;
use crate::ui::frame::{Crop, Placement};

/// As many as there are cores on a small machine.
const AT_ONCE: usize = 2;

/// More than the smallest cells of a contact sheet on a screen of 500 columns and 150 rows; what failed
/// before them is tried again when it is seen again.
const FAILED: usize = 1_000;

/// A picture for the screen, or why there is none.
#[derive(Debug)]
pub(crate) struct EncodedImage {
    pub(crate) wanted: ImageRequest,
    pub(crate) request: EncodeRequest,
    pub(crate) encoded: Result<Encoded, Failure>,
}

pub(crate) struct EncodePool {
    image_cache: ImageCache,
    made: mpsc::UnboundedSender<EncodedImage>,
    busy: Vec<ImageRequest>,
    /// Not tried again with every frame.
    failed: Failed,
}

/// What could not be made ready last.
#[derive(Debug, Default)]
struct Failed(Lru<ImageRequest>);

impl Failed {
    fn push(&mut self, wanted: ImageRequest) {
        self.0.push(wanted);
        self.0.shrink(FAILED, |_| 1);
    }

    fn contains(&self, wanted: &ImageRequest) -> bool {
        self.0.iter().any(|it| it == wanted)
    }
}

impl EncodePool {
    pub(crate) fn new(image_cache: ImageCache) -> (Self, mpsc::UnboundedReceiver<EncodedImage>) {
        let (made, received) = mpsc::unbounded_channel();
        (Self { image_cache, made, busy: Vec::new(), failed: Failed::default() }, received)
    }

    /// Another terminal, another chance.
    pub(crate) fn forget(&mut self) {
        self.failed = Failed::default();
    }

    pub(crate) fn has_room(&self, wanted: &ImageRequest) -> bool {
        let is_known = self.busy.contains(wanted) || self.failed.contains(wanted);
        self.busy.len() < AT_ONCE && !is_known
    }

    pub(crate) fn begin(
        &mut self,
        wanted: ImageRequest,
        grounds: Vec<Ground>,
        request: EncodeRequest,
    ) {
        self.busy.push(wanted.clone());
        let (image_cache, made) = (self.image_cache.clone(), self.made.clone());
        tokio::task::spawn_blocking(move || {
            // Its place would wait for ever.
            let work = AssertUnwindSafe(|| encode(&image_cache, &wanted, &grounds, &request));
            let encoded = catch_unwind(work).unwrap_or_else(|_| Err(panicked()));
            // The screen may be gone by now.
            let _ = made.send(EncodedImage { wanted, request, encoded });
        });
    }

    pub(crate) fn ended(&mut self, made: &EncodedImage) {
        self.busy.retain(|other| *other != made.wanted);
        if made.encoded.is_err() {
            self.failed.push(made.wanted.clone());
        }
    }
}

fn panicked() -> Failure {
    Failure::new(FailureKind::Bug, "this picture could not be made ready: editree panicked")
}

/// One picture as the terminal needs it, which may be what differs from one that stands there.
/// Blocks.
pub fn encode(
    image_cache: &ImageCache,
    wanted: &ImageRequest,
    grounds: &[Ground],
    request: &EncodeRequest,
) -> Result<Encoded, Failure> {
    let placement = &wanted.placement;
    let seen = seen(image_cache, placement, request)?;
    // One that cannot be read is nothing to be like, and nothing to lay something over.
    let like = placement.like.and_then(|like: Hash| image_cache.pixels(like).ok());
    let whole = image_cache.pixels(placement.picture)?;
    let like = like.filter(|like| like.dimensions() == whole.dimensions());
    let like = like.map(|like| part(like, placement.crop));
    let below = |placement: &Placement| self::seen(image_cache, placement, request).ok();
    let grounds: Vec<_> = grounds.iter().filter_map(|ground| ground.laid(below)).collect();
    Ok(graphics::encode_over(&seen, like.as_deref(), &grounds, request))
}

/// What is seen of a picture in its place, with what is drawn over it.
fn seen(
    image_cache: &ImageCache,
    placement: &Placement,
    request: &EncodeRequest,
) -> Result<Arc<RgbaImage>, Failure> {
    let whole = image_cache.pixels(placement.picture)?;
    Ok(match &placement.sketch {
        Some(sketch) => {
            // A cell of blocks has no finer line.
            let is_cells = request.protocol.delivery() == Delivery::Cells;
            let parts = u32::from(placement.area.width) * if is_cells { 1 } else { 4 };
            Arc::new(sketch::draw(&whole, sketch, parts))
        }
        None => part(whole, placement.crop),
    })
}

fn scaled(place: u32, is: u32, of: u32) -> u32 {
    match is == of {
        true => place,
        false => (u64::from(place) * u64::from(is) / u64::from(of.max(1))) as u32,
    }
}

fn part(whole: Arc<RgbaImage>, crop: Option<Crop>) -> Arc<RgbaImage> {
    match crop {
        None => whole,
        Some(Crop { x, y, width, height, of }) => {
            // Of a large picture a smaller one is kept.
            let across = |place: u32| scaled(place, whole.width(), of.0);
            let down = |place: u32| scaled(place, whole.height(), of.1);
            let (x, y, width, height) = (across(x), down(y), across(width), down(height));
            let part = imageops::crop_imm(&*whole, x, y, width.max(1), height.max(1));
            Arc::new(part.to_image())
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use crate::graphics::QualityLevel;

    #[test]
    fn of_all_that_failed_only_as_much_as_screens_can_show_is_kept() {
        let mut failed = Failed::default();
        let wanted = |number: usize| ImageRequest {
            placement: Placement::whole(Hash::of(&number.to_le_bytes()), Rect::new(0, 0, 9, 9)),
            level: QualityLevel::Sharp,
        };
        for number in 0..10 * FAILED {
            assert!(!failed.contains(&wanted(number)), "{number} is new");
            failed.push(wanted(number));
            assert!(failed.contains(&wanted(number)), "{number} is not tried with every frame");
        }
        assert_eq!(failed.0.iter().count(), FAILED);
    }
}
