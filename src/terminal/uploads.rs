//! Pictures that kitty holds under an id, and where it shows them.
//!
//! Compares what is wanted with what is there. Invariant: while a picture is on its way, no other
//! graphics command is sent; where one cannot wait, the picture is called off first and sent again.
//!
//! ```text
//! a picture:  lacking ──supply──► queued ──► on its way ──► held ◄──► shown
//!                                    ▲            │          │
//!                                    └─ called off┘          └─ used least: freed
//! ```

use std::sync::Arc;

use ratatui::layout::Rect;

use super::covers::{over, uncovered};
use super::image_request::Mode;
use super::image_request::{ImageRequest, Ready, is_same_part, is_same_picture};
use super::kitty::{self, CellPos, Source};
use super::queue::{JobId, Progress, Queue};
use crate::graphics::Encoded;
use crate::graphics::protocol::Delivery;
use crate::lru::Lru;
use crate::ui::frame::{Crop, Placement};

/// Pictures that kitty keeps for us; its own limit is 320 MB of pixels.
const KEPT: usize = 32;

/// As many of the newest are on the screen at most, mostly.
const SHOWN: usize = 4;

/// What the terminal has.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    all: Lru<Upload>,
    spots: Vec<CellPos>,
    last_job: JobId,
}

/// A picture that kitty has under an id, or will have when its job is done.
#[derive(Debug)]
struct Upload {
    wanted: ImageRequest,
    id: u32,
    /// Its own width and height in pixels.
    size: (u32, u32),
    job: JobId,
    /// To begin again with, until it has arrived.
    encoded: Option<Arc<Encoded>>,
    /// Where the end of the job shows it, and what it takes away there.
    tail: Vec<CellPos>,
    stand_ins: Vec<CellPos>,
}

impl Upload {
    fn has_arrived(&self) -> bool {
        self.encoded.is_none()
    }

    fn whole(&self) -> Source {
        let (width, height) = self.size;
        Source { x: 0, y: 0, width, height }
    }

    /// The part of it that shows a part of the same picture, in its own pixels: a zoom or a step
    /// aside costs no upload to begin with.
    fn window(&self, placement: &Placement) -> Option<Source> {
        let (own, wanted) = (&self.wanted.placement, placement.crop?);
        let whole = Crop { x: 0, y: 0, width: wanted.of.0, height: wanted.of.1, of: wanted.of };
        let part = own.crop.unwrap_or(whole);
        let within = |from: u32, length: u32, begin: u32, all: u32| {
            from >= begin && from + length <= begin + all
        };
        let is_inside = within(wanted.x, wanted.width, part.x, part.width)
            && within(wanted.y, wanted.height, part.y, part.height);
        if own.picture != placement.picture || own.sketch.is_some() || !is_inside {
            return None;
        }
        let along = |at: u32, pixels: u32, all: u32| {
            let at = u64::from(at) * u64::from(pixels) / u64::from(all.max(1));
            u32::try_from(at).unwrap_or(0)
        };
        Some(Source {
            x: along(wanted.x - part.x, self.size.0, part.width),
            y: along(wanted.y - part.y, self.size.1, part.height),
            width: along(wanted.width, self.size.0, part.width).max(1),
            height: along(wanted.height, self.size.1, part.height).max(1),
        })
    }
}

/// What the end of an upload does in one place.
struct Later {
    id: u32,
    spots: Vec<CellPos>,
    stand_ins: Vec<CellPos>,
}

impl Uploads {
    pub(super) fn forget(&mut self, mode: Mode, queue: &Queue) -> Vec<u8> {
        self.spots.clear();
        let waits =
            |upload: &Upload| upload.job == 0 || queue.progress(upload.job) == Progress::Waiting;
        let sent = self.all.iter().filter(|upload| !waits(upload));
        // One that is on its way is ended before anything else is said.
        let (open, whole): (Vec<_>, Vec<_>) = sent.partition(|upload| is_open(upload, queue));
        let ended = open.into_iter().flat_map(|upload| kitty::call_off(upload.id, mode));
        let freed = whole.into_iter().flat_map(|upload| kitty::free(upload.id, mode));
        let freed = ended.chain(freed).collect();
        self.all.take();
        freed
    }

    /// The picture of this number, if the terminal was sent all of it.
    pub(super) fn sent(&self, id: u32, queue: &Queue) -> Option<Placement> {
        let is_sent = |upload: &&Upload| {
            let is_whole = matches!(queue.progress(upload.job), Progress::Closed | Progress::Gone);
            upload.job != 0 && is_whole
        };
        let upload = self.all.iter().find(|upload| upload.id == id).filter(is_sent)?;
        Some(upload.wanted.placement.clone())
    }

    pub(super) fn has_id(&self, id: u32) -> bool {
        self.all.iter().any(|upload| upload.id == id)
    }

    /// Shows what is shown once more: whoever does not have it says so.
    pub(super) fn check(&self, mode: Mode) -> Vec<u8> {
        let is_open = |upload: &Upload| upload.job != 0 && !upload.has_arrived();
        // Nothing may come between the parts of a picture.
        if self.all.iter().any(is_open) {
            return Vec::new();
        }
        match mode.protocol.delivery() {
            Delivery::Placed => {
                self.spots.iter().flat_map(|spot| kitty::place(*spot, mode)).collect()
            }
            Delivery::Placeholders => {
                let shown = self.all.iter().rev().take(SHOWN);
                shown.flat_map(|upload| kitty::stand(upload.id, &upload.wanted, mode)).collect()
            }
            Delivery::Bands | Delivery::Cells | Delivery::Nothing => Vec::new(),
        }
    }

    /// The screen was written anew: what stands there may stand elsewhere.
    pub(super) fn doubt(&mut self, queue: &Queue) {
        self.note_arrivals(queue);
        // An erase would end an upload that is on its way: `arrange` does it by its rule.
        for spot in &mut self.spots {
            spot.area = Rect::ZERO;
        }
    }

    /// Something that the terminal has shows this part already, if less sharply.
    pub(super) fn has_window(&self, placement: &Placement) -> bool {
        let here = self.all.iter().filter(|upload| upload.has_arrived());
        here.filter_map(|upload| upload.window(placement)).next().is_some()
    }

    /// The id for placeholders: of the sharpest that has arrived, or of the first to
    /// come.
    pub(super) fn id_to_see(&self, placement: &Placement) -> Option<u32> {
        let same = |upload: &&Upload| is_same_picture(&upload.wanted.placement, placement);
        let by_rung = |upload: &&Upload| upload.wanted.level;
        let here = self.all.iter().filter(same).filter(|upload| upload.has_arrived());
        let next = || self.all.iter().filter(same).min_by_key(by_rung);
        here.max_by_key(by_rung).or_else(next).map(|upload| upload.id)
    }

    pub(super) fn arrange(
        &mut self,
        ready: &[Ready],
        lacking: &[ImageRequest],
        covers: &[Rect],
        mode: Mode,
        queue: &mut Queue,
    ) -> Vec<u8> {
        self.note_arrivals(queue);
        for ready in ready {
            self.begin(ready);
        }
        let mut commands = self.call_off(ready, mode, queue);
        commands.extend(self.free_oldest(ready, mode, queue));
        let (mut now, mut later) = (Vec::new(), Vec::new());
        if mode.protocol.delivery() == Delivery::Placed {
            let ready = ready.iter().map(|ready| &ready.wanted);
            (now, later) = self.targets(ready.chain(lacking), covers);
        }
        commands.extend(self.change_spots(std::mem::take(&mut now), mode));
        if !commands.is_empty() {
            let restarted = self.restart_open(mode, queue);
            commands.splice(..0, restarted);
        }
        self.queue_all(&later, mode, queue);
        commands
    }

    /// Jobs that are done have shown their pictures where their ends said.
    pub(super) fn note_arrivals(&mut self, queue: &Queue) {
        for upload in self.all.iter_mut() {
            let is_done = upload.job != 0 && queue.progress(upload.job) == Progress::Gone;
            if !upload.has_arrived() && is_done {
                upload.encoded = None;
                self.spots.retain(|spot| !upload.stand_ins.contains(spot));
                self.spots.append(&mut upload.tail);
                upload.stand_ins.clear();
            }
        }
    }

    /// Takes a picture among the uploads, newest use last.
    fn begin(&mut self, ready: &Ready) {
        if self.all.find(|known| known.wanted.is_same(&ready.wanted)).is_some() {
            return;
        }
        if let Encoded::Upload { id, size, .. } = &*ready.encoded {
            self.all.push(Upload {
                wanted: ready.wanted.clone(),
                id: *id,
                size: *size,
                job: 0,
                encoded: Some(Arc::clone(&ready.encoded)),
                tail: Vec::new(),
                stand_ins: Vec::new(),
            });
        }
    }

    /// What to place where: now, and at the end of uploads. Until a picture has arrived in its final
    /// sharpness and size, an earlier version of it is shown.
    fn targets<'wanted>(
        &self,
        wanted: impl Iterator<Item = &'wanted ImageRequest>,
        covers: &[Rect],
    ) -> (Vec<CellPos>, Vec<Later>) {
        let (mut now, mut later) = (Vec::<CellPos>::new(), Vec::<Later>::new());
        let mut seen: Vec<&Placement> = Vec::new();
        for ImageRequest { placement, .. } in wanted {
            if seen.contains(&placement) {
                continue;
            }
            seen.push(placement);
            let covers = over(placement, covers);
            let same = |upload: &&Upload| is_same_picture(&upload.wanted.placement, placement);
            let by_rung = |upload: &&Upload| upload.wanted.level;
            let here = self.all.iter().filter(same).filter(|upload| upload.has_arrived());
            let like = |upload: &&Upload| {
                upload.has_arrived() && is_same_part(&upload.wanted.placement, placement)
            };
            let here = here.max_by_key(by_rung);
            let alike = here.or_else(|| self.all.iter().rev().find(like));
            let first = alike.map(|upload| (upload, upload.whole()));
            let first = first.or_else(|| self.best_window(placement));
            let mut before = first.map_or_else(Vec::new, |(upload, window)| {
                spots(upload, window, placement.area, covers, &now)
            });
            now.extend(&before);
            let mut coming: Vec<&Upload> =
                self.all.iter().filter(same).filter(|upload| !upload.has_arrived()).collect();
            coming.sort_by_key(by_rung);
            for upload in coming {
                if here.is_some_and(|here| here.wanted.level > upload.wanted.level) {
                    continue;
                }
                let others: Vec<CellPos> =
                    later.iter().flat_map(|later| later.spots.iter().copied()).collect();
                let spots = spots(upload, upload.whole(), placement.area, covers, &others);
                later.push(Later { id: upload.id, spots: spots.clone(), stand_ins: before });
                before = spots;
            }
        }
        (now, later)
    }

    /// The upload that shows this part with the most pixels.
    fn best_window(&self, placement: &Placement) -> Option<(&Upload, Source)> {
        let here = self.all.iter().filter(|upload| upload.has_arrived());
        let windows = here.filter_map(|upload| Some((upload, upload.window(placement)?)));
        windows.max_by_key(|(_, window)| window.width)
    }

    /// Uploads that nobody waits for any more. One that is on its way is ended by freeing it. The
    /// earlier levels of a picture still come first.
    fn call_off(&mut self, ready: &[Ready], mode: Mode, queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        self.all.retain(|upload| {
            let is_wanted = ready.iter().any(|ready| {
                is_same_picture(&upload.wanted.placement, &ready.wanted.placement)
                    && upload.wanted.level <= ready.wanted.level
            });
            if upload.has_arrived() || is_wanted {
                return true;
            }
            match queue.progress(upload.job) {
                Progress::Open => commands.extend(kitty::call_off(upload.id, mode)),
                Progress::Closed => commands.extend(kitty::free(upload.id, mode)),
                Progress::Waiting | Progress::Gone => {}
            }
            queue.drop_job(upload.job);
            false
        });
        commands
    }

    fn free_oldest(&mut self, ready: &[Ready], mode: Mode, queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        for oldest in self.all.shrink(KEPT.max(ready.len()), |_| 1) {
            self.spots.retain(|spot| spot.id != oldest.id);
            commands.extend(match is_open(&oldest, queue) {
                true => kitty::call_off(oldest.id, mode),
                false => kitty::free(oldest.id, mode),
            });
            queue.drop_job(oldest.job);
        }
        commands
    }

    /// New and moved ones first, so that nothing is bare for a moment.
    fn change_spots(&mut self, now: Vec<CellPos>, mode: Mode) -> Vec<u8> {
        let mut commands = Vec::new();
        for spot in now.iter().filter(|spot| !self.spots.contains(spot)) {
            commands.extend(kitty::place(*spot, mode));
        }
        for old in &self.spots {
            if !now.iter().any(|spot| (spot.id, spot.number) == (old.id, old.number)) {
                commands.extend(kitty::erase(*old, mode));
            }
        }
        self.spots = now;
        commands
    }

    /// A command goes out while a picture is on its way: that one begins again after it.
    fn restart_open(&mut self, mode: Mode, queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        for upload in self.all.iter_mut() {
            if is_open(upload, queue) {
                commands.extend(kitty::call_off(upload.id, mode));
                queue.drop_job(upload.job);
                upload.job = 0;
            }
        }
        commands
    }

    fn queue_all(&mut self, later: &[Later], mode: Mode, queue: &mut Queue) {
        for upload in self.all.iter_mut() {
            let Some(encoded) = &upload.encoded else {
                continue;
            };
            let own = || later.iter().filter(|later| later.id == upload.id);
            upload.tail = own().flat_map(|later| later.spots.iter().copied()).collect();
            upload.stand_ins = own().flat_map(|later| later.stand_ins.iter().copied()).collect();
            let placed = upload.tail.iter().flat_map(|spot| kitty::place(*spot, mode));
            let erased = upload.stand_ins.iter().flat_map(|spot| kitty::erase(*spot, mode));
            let tail = placed.chain(erased).collect();
            if upload.job == 0 {
                self.last_job += 1;
                upload.job = self.last_job;
                queue.add_job(upload.job, kitty::chunks(encoded), tail);
            } else {
                queue.set_tail(upload.job, tail);
            }
        }
    }
}

/// Some of it was sent, and not its last part.
fn is_open(upload: &Upload, queue: &Queue) -> bool {
    upload.job != 0 && queue.progress(upload.job) == Progress::Open
}

/// The places of an upload, or of a window of it, in an area, around what covers it. Numbers tell
/// the places of one picture apart.
fn spots(
    upload: &Upload,
    window: Source,
    area: Rect,
    covers: &[Rect],
    others: &[CellPos],
) -> Vec<CellPos> {
    let taken = others.iter().filter(|spot| spot.id == upload.id).count();
    let parts = uncovered(area, covers);
    let is_whole = parts == [area] && window == upload.whole();
    let source = |part: Rect| {
        let at =
            |cell: u16, cells: u16, pixels: u32| u32::from(cell) * pixels / u32::from(cells.max(1));
        let x = at(part.x - area.x, area.width, window.width);
        let y = at(part.y - area.y, area.height, window.height);
        let right = at(part.right() - area.x, area.width, window.width);
        let bottom = at(part.bottom() - area.y, area.height, window.height);
        Source {
            x: window.x + x,
            y: window.y + y,
            width: right.saturating_sub(x).max(1),
            height: bottom.saturating_sub(y).max(1),
        }
    };
    let spot = |(place, part): (usize, Rect)| CellPos {
        id: upload.id,
        number: u32::try_from(taken + place + 1).unwrap_or(u32::MAX),
        area: part,
        source: (!is_whole).then(|| source(part)),
    };
    parts.into_iter().enumerate().map(spot).collect()
}
