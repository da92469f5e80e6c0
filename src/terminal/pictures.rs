//! Which pictures the terminal shows, how sharp, and which must still be encoded for it.
//!
//! Keeps what was encoded and chooses the next level; `uploads` and `bands` know what the
//! terminal has, each for its protocols. Writes nothing.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::bands::Bands;
use super::covers::{is_covered, over};
use super::image_request::{
    Ground, ImageRequest, LAYERS, Mode, Ready, different, is_same_part, is_same_picture, may_carry,
};
use super::paint;
use super::queue::Queue;
use super::uploads::Uploads;
use crate::graphics::protocol::Delivery;
use crate::graphics::quality::QualityPlan;
use crate::graphics::{self, Encoded, PAINTED, QualityLevel};
use crate::lru::Lru;
use crate::ui::frame::{Frame, Placement};
use crate::ui::theme::Mark;

/// Bytes of encoded pictures that are kept. With decoded ones, pictures take 48 MB at most.
const KEPT_BYTES: usize = 16 << 20;
/// With those that only kitty still has there are fewer than ids, and some ids stay free.
const KEPT: usize = 200;
/// Blocks are made in a few milliseconds, and so are worth that many times less of those bytes.
const BLOCKS: usize = 16;

/// Rows of blocks in one frame on a line that may be slow, and pictures whose rows are counted.
const ROWS: u16 = 3;
const REVEALED: usize = 8;

/// Cells of a picture for which it is worth to look what stands there already.
const LARGE: u32 = 48;

/// The memory of pictures.
#[derive(Debug)]
pub(super) struct Pictures {
    mode: Mode,
    quality_plan: QualityPlan,
    encoded: Lru<Ready>,
    uploads: Uploads,
    bands: Bands,
    /// What the last frame has shown.
    stood: Vec<Ready>,
    /// Where the last frame has told that a picture is on its way.
    told: Vec<Rect>,
    /// How many rows of blocks are seen.
    revealed: Vec<(ImageRequest, u16)>,
    /// How sharp the pictures of the last frame are at least.
    level: Option<QualityLevel>,
    /// Pictures that the terminal did not have once, though they were sent.
    lost: Vec<Placement>,
    /// Pictures that could not be made.
    refused: Vec<Placement>,
    /// How many were made.
    made: u32,
}

/// What an answer says of a picture that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    None,
    /// It is not there; it is sent once more.
    Once,
    /// The second time: the terminal's word.
    Again(String),
}

/// What a frame means for the pictures.
#[derive(Debug, Default)]
pub(super) struct Arranged {
    /// To be written with the frame, behind its text.
    pub(super) commands: Vec<u8>,
    /// Not encoded yet.
    pub(super) lacking: Vec<ImageRequest>,
    /// Another frame, once this one has arrived, shows more.
    pub(super) has_more: bool,
}

impl Pictures {
    /// `veil` is an id that no picture gets.
    pub(super) fn new(mode: Mode, veil: u32) -> Self {
        Self {
            mode,
            quality_plan: QualityPlan::default(),
            encoded: Lru::default(),
            uploads: Uploads::new(veil),
            bands: Bands::default(),
            stood: Vec::new(),
            told: Vec::new(),
            revealed: Vec::new(),
            level: None,
            lost: Vec::new(),
            refused: Vec::new(),
            made: 0,
        }
    }

    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// What was made for another mode is void. Call [`Pictures::forget`] before.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        self.encoded.take();
        self.stood.clear();
        self.refused.clear();
        self.mode = mode;
    }

    /// What was encoded is out of date, but may be shown until it is replaced.
    pub(super) fn age(&mut self) {
        self.encoded.iter_mut().for_each(|kept| kept.is_old = true);
        self.refused.clear();
    }

    pub(super) fn set_ladder(&mut self, quality_plan: QualityPlan) {
        self.quality_plan = quality_plan;
    }

    pub(super) fn level(&self) -> Option<QualityLevel> {
        self.level
    }

    pub(super) fn supply(&mut self, mut wanted: ImageRequest, encoded: Encoded) {
        let id = id_of(&encoded);
        let mut below = None;
        if let Encoded::BandPatch { ground, .. } = encoded {
            (below, wanted.level) = (Some(ground), wanted.level.max(PAINTED));
        }
        let is_replaced = |known: &Ready| {
            let (before, now) = (&known.wanted.placement, &wanted.placement);
            let is_old = known.is_old && is_same_picture(before, now);
            // A box that is moved leaves a trail of sketches that nobody wants again, but the one
            // below the newest.
            let has_moved = before.sketch.is_some() && before.sketch != now.sketch;
            let is_trail = has_moved && is_same_part(before, now) && below != Some(known.number);
            // What it stood on is gone since its id is another picture's.
            let is_bare = id.is_some() && ground_of(&known.encoded) == id;
            is_old || is_trail || is_bare || known.wanted.is_same(&wanted)
        };
        self.encoded.retain(|known| !is_replaced(known));
        self.made += 1;
        let mut ready = Ready {
            layers: vec![(wanted.placement.clone(), None)],
            wanted,
            encoded: Arc::new(encoded),
            is_old: false,
            number: self.made,
            over: None,
        };
        if let Encoded::BandPatch { ground, bands } = &*ready.encoded {
            // Without what it was made for it says nothing: the next frame asks again.
            let Some(below) = self.encoded.iter().find(|known| known.number == *ground) else {
                return;
            };
            let parts = bands.iter().map(|band| band.at).collect();
            let own = (ready.wanted.placement.clone(), Some(parts));
            ready.over = Some(*ground);
            ready.layers = [below.layers.as_slice(), &[own]].concat();
            ready.encoded = Arc::new(Encoded::Bands([below.bands(), bands].concat()));
        }
        // What is seen is never made in turns.
        let seen: usize = self.stood.iter().chain([&ready]).map(|it| weight(&it.encoded)).sum();
        self.encoded.push(ready);
        self.encoded.shrink(KEPT_BYTES.max(seen), |kept| weight(&kept.encoded));
        self.encoded.shrink(KEPT, |_| 1);
    }

    /// A picture has this id; another one under it would take its place on the screen.
    pub(super) fn has_id(&self, id: u32) -> bool {
        let is_same = |kept: &Ready| id_of(&kept.encoded) == Some(id);
        self.encoded.iter().chain(&self.stood).any(is_same) || self.uploads.has_id(id)
    }

    /// Answers to what was sent before it was taken back say nothing.
    pub(super) fn take_loss(&mut self, id: u32, word: &str, queue: &Queue) -> Loss {
        if self.uploads.has_lost_veil(id) {
            return Loss::None;
        }
        let Some(picture) = self.uploads.sent(id, queue) else {
            return Loss::None;
        };
        if self.lost.iter().any(|lost| lost.picture == picture.picture) {
            return Loss::Again(word.to_owned());
        }
        self.lost.push(picture);
        if self.lost.len() > KEPT {
            self.lost.remove(0);
        }
        Loss::Once
    }

    /// Asks whether the terminal has what it shows; another one may be there since. A picture that
    /// is missing may be sent once more.
    pub(super) fn check(&mut self) -> Vec<u8> {
        self.lost.clear();
        self.uploads.check(self.mode)
    }

    /// Takes everything back; the bytes that make the terminal forget it too.
    pub(super) fn forget(&mut self, queue: &mut Queue) -> Vec<u8> {
        self.bands.forget();
        self.stood.clear();
        let freed = self.uploads.forget(self.mode, queue);
        queue.drop_jobs();
        freed
    }

    /// The cells were written anew: what was painted over them is gone, and what kitty shows may
    /// stand elsewhere.
    pub(super) fn doubt(&mut self, queue: &mut Queue) {
        self.bands.doubt(queue);
        self.uploads.doubt(queue);
    }

    /// Shows the frame's pictures and no others. Cells get what belongs below or into them.
    pub(super) fn arrange(
        &mut self,
        frame: &Frame,
        cells: &mut Buffer,
        queue: &mut Queue,
    ) -> Arranged {
        self.uploads.note_arrivals(queue);
        let mut arranged = Arranged::default();
        let (ready, bare) = self.choose(frame, cells, &mut arranged.lacking);
        let covers = frame.covers.as_slice();
        let is_placed = self.mode.protocol.delivery() == Delivery::Placed;
        if !is_placed {
            self.tell_missing(bare.iter().copied(), covers, cells);
        }
        arranged.commands = match self.mode.protocol.delivery() {
            Delivery::Placed => {
                self.uploads.arrange(&ready, &arranged.lacking, frame, self.mode, queue)
            }
            Delivery::Placeholders => {
                let commands = self.uploads.arrange(&ready, &[], frame, self.mode, queue);
                for Ready { wanted, .. } in &ready {
                    self.put_pieces(&wanted.placement, covers, cells);
                }
                commands
            }
            Delivery::Bands => {
                let refused = &self.refused;
                let is_coming = |lacking: &&ImageRequest| !refused.contains(&lacking.placement);
                let coming: Vec<Rect> =
                    arranged.lacking.iter().filter(is_coming).map(|it| it.placement.area).collect();
                let is_cursor_shown = frame.cursor.is_some();
                self.bands.arrange(&ready, &coming, covers, cells, is_cursor_shown, queue)
            }
            Delivery::Cells | Delivery::Nothing => {
                for ready in &ready {
                    arranged.has_more |= self.reveal(ready, cells, frame);
                }
                Vec::new()
            }
        };
        if is_placed {
            // What was encoded may be on its way for long. Words that are told stay below the picture,
            // so that nothing is written when it has come.
            let all = ready.iter().map(|ready| &ready.wanted.placement).chain(bare);
            let is_told =
                |it: &&Placement| self.told.contains(&it.area) || !self.uploads.shows_in(it.area);
            let told: Vec<&Placement> = all.filter(is_told).collect();
            self.tell_missing(told.iter().copied(), covers, cells);
            self.told = told.into_iter().map(|it| it.area).collect();
        }
        let level = |ready: &Ready| self.uploads.seen_level(&ready.wanted, self.mode);
        self.level = ready.iter().filter_map(level).min();
        self.stood = ready;
        arranged
    }

    /// What stands for each placement, where there is something, and those that have nothing.
    fn choose<'a>(
        &mut self,
        frame: &'a Frame,
        cells: &Buffer,
        lacking: &mut Vec<ImageRequest>,
    ) -> (Vec<Ready>, Vec<&'a Placement>) {
        let (mut ready, mut bare) = (Vec::new(), Vec::new());
        for placement in &frame.placements {
            if !self.may_stand(placement, cells) {
                continue;
            }
            let best = self.best(placement);
            lacking.extend(self.next(placement, best.as_ref()));
            let best = best.or_else(|| self.stand_in(placement));
            bare.extend(best.is_none().then_some(placement));
            ready.extend(best);
        }
        // What shows nothing yet comes before what becomes sharper; the picture that is looked at, before
        // those that stand among words.
        lacking.sort_by_key(|ImageRequest { placement, level }| {
            (!bare.contains(&placement), placement.area.area() < LARGE, *level)
        });
        (ready, bare)
    }

    /// In the place of each picture that is not there: it is on its way, or could not be made.
    fn tell_missing<'a>(
        &self,
        all: impl Iterator<Item = &'a Placement>,
        covers: &[Rect],
        cells: &mut Buffer,
    ) {
        let ascii = self.mode.ascii;
        let lost = format!("{} cannot be shown", Mark::Failed.sign(ascii));
        let coming = if ascii { "loading" } else { "loading…" };
        for placement in all {
            let words = if self.refused.contains(placement) { &lost } else { coming };
            let covers = over(placement, covers);
            paint::missing(cells, placement.area, covers, words, ascii);
        }
    }

    /// The cells that name what they show.
    fn put_pieces(&self, placement: &Placement, covers: &[Rect], cells: &mut Buffer) {
        let (area, covers) = (placement.area, over(placement, covers));
        let begins = |column: u16, row: u16| {
            let left = Position::new((area.x + column).saturating_sub(1), area.y + row);
            column == 0 || is_covered(left, covers)
        };
        if let Some(pieces) = self.uploads.pieces_to_see(placement) {
            let own = graphics::kitty::placeholders(&pieces, area.width, begins);
            paint::put_cells(cells, area, &own, covers, None);
        }
    }

    /// What a picture may be laid over, where bytes count and there are many of them.
    pub(super) fn grounds(&self, wanted: &ImageRequest) -> Vec<Ground> {
        let area = wanted.placement.area;
        let plan = self.quality_plan.levels(self.mode.protocol, (area.width, area.height));
        let is_slow = self.quality_plan.is_remote || plan != [QualityLevel::Lossless];
        if !is_slow || area.area() < LARGE {
            return Vec::new();
        }
        match self.mode.protocol.delivery() {
            Delivery::Placed | Delivery::Placeholders => self.uploads.grounds(wanted),
            Delivery::Bands => {
                // One that stands on different ones in two places would be made for each in turn.
                let is_elsewhere = |known: &Ready| {
                    let other = &known.wanted.placement;
                    let is_it = is_same_picture(other, &wanted.placement) && other.area != area;
                    is_it && known.over.is_some()
                };
                if self.encoded.iter().any(is_elsewhere) {
                    return Vec::new();
                }
                let painted = ImageRequest { level: wanted.level.max(PAINTED), ..wanted.clone() };
                let stands = |known: &&Ready| {
                    let is_there = self.bands.show(area, known.bands());
                    may_carry(&known.wanted, &painted) && known.layers.len() < LAYERS && is_there
                };
                let ground =
                    |known: &Ready| Ground { id: known.number, layers: known.layers.clone() };
                different(self.encoded.iter().rev().filter(stands).map(ground))
            }
            Delivery::Cells | Delivery::Nothing => Vec::new(),
        }
    }

    /// This picture could not be made: nothing stands in for it.
    pub(super) fn refuse(&mut self, wanted: ImageRequest) {
        self.refused.push(wanted.placement);
        if self.refused.len() > KEPT {
            self.refused.remove(0);
        }
    }

    /// Laid over what is not seen, it would take more than the whole.
    fn can_show(&self, known: &Ready, area: Rect) -> bool {
        let below = |number| self.encoded.iter().find(|other| other.number == number);
        let is_there = |over| {
            let has_ground = below(over).is_some_and(|below| self.bands.show(area, below.bands()));
            has_ground || self.bands.knows(area, &known.encoded)
        };
        known.over.is_none_or(is_there) && self.uploads.can_show(known)
    }

    /// What the picture lacks next.
    fn next(&self, placement: &Placement, best: Option<&Ready>) -> Option<ImageRequest> {
        let size = (placement.area.width, placement.area.height);
        let levels = self.quality_plan.levels(self.mode.protocol, size);
        let above = |level: &QualityLevel| {
            best.is_none_or(|best| best.is_old || best.wanted.level < *level)
        };
        let direct = self.mode.protocol.delivery() == Delivery::Placed;
        // A first look would tell no more than what is there already.
        let is_seen = direct && self.uploads.has_window(placement);
        let mut lacking =
            levels.into_iter().filter(|level| !(is_seen && *level == QualityLevel::Preview));
        let level = lacking.find(above)?;
        Some(ImageRequest { placement: placement.clone(), level })
    }

    /// Far away, blocks come a few rows at a time over what stood there, so that no frame keeps a
    /// key waiting. Whether there are more.
    fn reveal(&mut self, ready: &Ready, cells: &mut Buffer, frame: &Frame) -> bool {
        let placement = &ready.wanted.placement;
        let covers = over(placement, &frame.covers);
        // Far away it would take the bytes of the picture to veil it, and as many to show it again.
        let is_behind = !placement.is_on_top && !self.quality_plan.is_remote;
        let veil = frame.veil.filter(|_| is_behind);
        let Encoded::Cells(own) = &*ready.encoded else {
            return false;
        };
        let (area, wanted) = (ready.wanted.placement.area, &ready.wanted);
        let known = self.revealed.iter().position(|(known, _)| known.is_same(wanted));
        let before = known.map_or(0, |at| self.revealed.swap_remove(at).1);
        let is_sudden = !self.quality_plan.is_remote || wanted.level == QualityLevel::Preview;
        let rows = if is_sudden { area.height } else { (before + ROWS).min(area.height) };
        let below = self.encoded.iter().find(|known| {
            known.wanted.level < wanted.level
                && is_same_picture(&known.wanted.placement, &wanted.placement)
        });
        if let Some(Encoded::Cells(coarse)) = below.map(|below| &*below.encoded) {
            paint::put_cells(cells, area, coarse, covers, veil);
        }
        let upper = Rect { height: rows, ..area };
        paint::put_cells(cells, upper, own, covers, veil);
        self.revealed.push((wanted.clone(), rows));
        if self.revealed.len() > REVEALED {
            self.revealed.remove(0);
        }
        rows < area.height
    }

    fn may_stand(&self, placement: &Placement, cells: &Buffer) -> bool {
        let (area, screen) = (placement.area, cells.area);
        let is_inside = !area.is_empty() && area.intersection(screen) == area;
        let row = self.mode.protocol.row();
        let scrolls = row.scrolls_on_last_row && area.bottom() == screen.bottom();
        row.delivery != Delivery::Nothing && is_inside && !scrolls
    }

    /// While a sketch is drawn anew, the one before it, and what was there before one that is
    /// awaited; where the terminal keeps pictures itself, `uploads` sees to that.
    fn stand_in(&self, placement: &Placement) -> Option<Ready> {
        let is_placed = self.mode.protocol.delivery() == Delivery::Placed;
        let is_here = |known: &&Ready| known.wanted.placement.area == placement.area;
        if placement.is_awaited {
            let is_coming = !is_placed && !self.refused.contains(placement);
            let stood = self.stood.iter().filter(|_| is_coming).find(is_here);
            return stood.filter(|stood| self.can_show(stood, placement.area)).cloned();
        }
        placement.sketch.as_ref()?;
        let is_like = |known: &&Ready| {
            let other = &known.wanted.placement;
            is_same_part(other, placement) && other.area == placement.area
        };
        self.encoded.iter().rev().filter(|_| !is_placed).find(is_like).cloned()
    }

    /// The sharpest that was made. Used last: kept longest.
    fn best(&mut self, placement: &Placement) -> Option<Ready> {
        let is_same = |known: &&Ready| is_same_picture(&known.wanted.placement, placement);
        let shown = self.encoded.iter().filter(is_same);
        let shown = shown.filter(|known| self.can_show(known, placement.area));
        let best = shown.max_by_key(|known| known.wanted.level)?;
        let (number, level) = (best.number, best.wanted.level);
        let found = self.encoded.find(|known| known.number == number)?;
        let wanted = ImageRequest { placement: placement.clone(), level };
        Some(Ready { wanted, ..found.clone() })
    }
}

/// What it is worth of the bytes that are kept.
fn weight(encoded: &Encoded) -> usize {
    match encoded {
        Encoded::Cells(_) => encoded.bytes() * BLOCKS,
        Encoded::Upload { .. }
        | Encoded::Patch { .. }
        | Encoded::Bands(_)
        | Encoded::BandPatch { .. } => encoded.bytes(),
    }
}

/// The id under which the terminal keeps it.
fn id_of(encoded: &Encoded) -> Option<u32> {
    match encoded {
        Encoded::Upload { id, .. } | Encoded::Patch { id, .. } => Some(*id),
        Encoded::Cells(_) | Encoded::Bands(_) | Encoded::BandPatch { .. } => None,
    }
}

/// The id of what the terminal shows it on.
fn ground_of(encoded: &Encoded) -> Option<u32> {
    if let Encoded::Patch { ground, .. } = encoded { Some(*ground) } else { None }
}
