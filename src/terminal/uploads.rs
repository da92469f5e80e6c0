//! Pictures that kitty holds under an id, and where it shows them.
//!
//! Compares what is wanted with what is there. Invariant: while a picture is on its way, no other
//! graphics command is sent; where one cannot wait, the picture is called off first and sent again.
//! Where only the parts of a picture were sent in which it differs from another one, that one stays
//! as long as they do.
//!
//! ```text
//! a picture:  lacking ──supply──► queued ──► on its way ──► held ◄──► shown
//!                                    ▲            │          │
//!                                    └─ called off┘          └─ used least: freed
//! ```

use std::sync::Arc;

use ratatui::layout::Rect;

use super::covers::{over, uncovered};
use super::image_request::{
    Ground, ImageRequest, LAYERS, Mode, Ready, different, is_same_part, is_same_picture, may_carry,
};
use super::kitty::{self, CellPos, Source};
use super::queue::{JobId, Progress, Queue};
use super::upload::Upload;
use super::veil::Veil;
use crate::graphics::kitty::Piece;
use crate::graphics::protocol::Delivery;
use crate::graphics::{Encoded, QualityLevel};
use crate::lru::Lru;
use crate::ui::frame::{Frame, Placement};

/// Pictures that kitty keeps for us; its own limit is 320 MB of pixels.
const KEPT: usize = 32;

/// As many of the newest are on the screen at most, mostly.
const SHOWN: usize = 8;

/// What the terminal has.
#[derive(Debug)]
pub(super) struct Uploads {
    all: Lru<Upload>,
    spots: Vec<CellPos>,
    veil: Veil,
    /// What the veil still needs, at the end of this job.
    late: (JobId, Vec<u8>),
    last_job: JobId,
}

/// What the end of an upload does in one place.
struct Later {
    id: u32,
    spots: Vec<CellPos>,
    stand_ins: Vec<CellPos>,
}

impl Uploads {
    /// `veil` is an id that no picture has.
    pub(super) fn new(veil: u32) -> Self {
        let (veil, late) = (Veil::new(veil), Default::default());
        Self { all: Lru::default(), spots: Vec::new(), veil, late, last_job: 0 }
    }

    pub(super) fn forget(&mut self, mode: Mode, queue: &Queue) -> Vec<u8> {
        self.spots.clear();
        self.late = Default::default();
        let waits =
            |upload: &Upload| upload.job == 0 || queue.progress(upload.job) == Progress::Waiting;
        let sent = self.all.iter().filter(|upload| !waits(upload));
        // One that is on its way is ended before anything else is said.
        let (open, whole): (Vec<_>, Vec<_>) = sent.partition(|upload| is_open(upload, queue));
        let ended = open.into_iter().flat_map(|upload| kitty::call_off(upload.id, mode));
        let freed = whole.into_iter().flat_map(|upload| kitty::free(upload.id, mode));
        let freed = ended.chain(freed).chain(self.veil.forget(mode)).collect();
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

    /// Whether the terminal lacks the veil, which is no picture.
    pub(super) fn has_lost_veil(&mut self, id: u32) -> bool {
        self.veil.is_lost(id)
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
                // What differs nowhere from what it stands on has nothing that could be missing.
                let is_there = |upload: &&Upload| upload.grid() != (0, 0);
                let shown = self.all.iter().rev().filter(is_there).take(SHOWN);
                shown.flat_map(|upload| kitty::stand(upload.id, upload.grid(), mode)).collect()
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
        self.veil.doubt();
    }

    /// Something is placed there.
    pub(super) fn shows_in(&self, area: Rect) -> bool {
        self.spots.iter().any(|spot| spot.area.intersects(area))
    }

    /// Something that the terminal has shows this part already, if less sharply.
    pub(super) fn has_window(&self, placement: &Placement) -> bool {
        self.best_window(placement).is_some_and(|(upload, _)| upload.ground().is_none())
    }

    /// How sharp a picture is on the screen, and not how sharp it will be; `None`: nothing of it has
    /// come yet.
    pub(super) fn seen_level(&self, wanted: &ImageRequest, mode: Mode) -> Option<QualityLevel> {
        let same = |upload: &&Upload| is_same_picture(&upload.wanted.placement, &wanted.placement);
        let here = self.all.iter().filter(same).filter(|upload| upload.has_arrived());
        match mode.protocol.delivery() {
            Delivery::Placed | Delivery::Placeholders => here.map(|it| it.wanted.level).max(),
            Delivery::Bands | Delivery::Cells | Delivery::Nothing => Some(wanted.level),
        }
    }

    /// What placeholders show: the sharpest that has arrived, or the first to come, which until then
    /// is what it stands on.
    pub(super) fn pieces_to_see(&self, placement: &Placement) -> Option<Vec<Piece>> {
        let same = |upload: &&Upload| is_same_picture(&upload.wanted.placement, placement);
        let by_rung = |upload: &&Upload| upload.wanted.level;
        let here = self.all.iter().filter(same).filter(|upload| upload.has_arrived());
        let next = || {
            let next = self.all.iter().filter(same).min_by_key(by_rung)?;
            next.ground().and_then(|id| self.by_id(id)).or(Some(next))
        };
        let mut pieces = Vec::new();
        for layer in self.layers(here.max_by_key(by_rung).or_else(next)?)? {
            layer.lay(&mut pieces);
        }
        Some(pieces)
    }

    /// Pictures of the same size that the terminal has, as sharp as the wanted one will be.
    pub(super) fn grounds(&self, wanted: &ImageRequest) -> Vec<Ground> {
        let fits = |upload: &&Upload| upload.has_arrived() && may_carry(&upload.wanted, wanted);
        let layers = |upload: &Upload| -> Option<Ground> {
            let layers = self.layers(upload).filter(|layers| layers.len() < LAYERS)?;
            let of = |layer: &&Upload| (layer.wanted.placement.clone(), layer.parts());
            Some(Ground { id: upload.id, layers: layers.iter().map(of).collect() })
        };
        different(self.all.iter().rev().filter(fits).filter_map(layers))
    }

    /// It can be shown: it is whole, or what it stands on is there.
    pub(super) fn can_show(&self, ready: &Ready) -> bool {
        let Encoded::Patch { ground, .. } = &*ready.encoded else {
            return true;
        };
        let has_ground = self.by_id(*ground).is_some_and(Upload::has_arrived);
        has_ground || self.all.iter().any(|known| known.wanted.is_same(&ready.wanted))
    }

    fn by_id(&self, id: u32) -> Option<&Upload> {
        self.all.iter().find(|upload| upload.id == id)
    }

    /// What is seen of an upload: from what it stands on at the bottom to itself. `None`: something
    /// is missing.
    fn layers<'own>(&'own self, upload: &'own Upload) -> Option<Vec<&'own Upload>> {
        let mut layers = vec![upload];
        while let Some(ground) = layers.last().and_then(|layer| layer.ground()) {
            layers.push(self.by_id(ground)?);
        }
        layers.reverse();
        Some(layers)
    }

    /// Where an upload and what it stands on are to be placed.
    fn spots(
        &self,
        upload: &Upload,
        area: Rect,
        covers: &[Rect],
        others: &[CellPos],
    ) -> Vec<CellPos> {
        let layers = self.layers(upload).unwrap_or_default();
        let layers = (0..).zip(layers);
        layers.flat_map(|(layer, upload)| upload.spots(area, covers, layer, others)).collect()
    }

    pub(super) fn arrange(
        &mut self,
        ready: &[Ready],
        lacking: &[ImageRequest],
        frame: &Frame,
        mode: Mode,
        queue: &mut Queue,
    ) -> Vec<u8> {
        self.note_arrivals(queue);
        let covers = frame.covers.as_slice();
        let needed = ready.iter().map(|ready| self.begin(ready)).sum();
        let mut commands = self.call_off(ready, mode, queue);
        commands.extend(self.free_oldest(needed, mode, queue));
        let (mut now, mut later) = (Vec::new(), Vec::new());
        let mut behind = Vec::new();
        if mode.protocol.delivery() == Delivery::Placed {
            let wanted = || ready.iter().map(|ready| &ready.wanted).chain(lacking);
            (now, later) = self.targets(wanted(), covers);
            behind = seen_behind(wanted().map(|wanted| &wanted.placement), covers);
        }
        commands.extend(self.change_spots(std::mem::take(&mut now), mode));
        self.late.1.extend(self.veil.change(frame.veil.map(|ground| (ground, &*behind)), mode));
        let open = self.all.iter().find(|upload| is_open(upload, queue)).map(|upload| upload.job);
        match open.filter(|_| commands.is_empty()) {
            // For the veil alone no picture begins again.
            Some(job) => self.late.0 = job,
            None => commands.append(&mut self.late.1),
        }
        if !commands.is_empty() {
            let restarted = self.restart_open(mode, queue);
            commands.splice(..0, restarted);
        }
        self.queue_all(&later, mode, queue);
        commands
    }

    /// Jobs that are done have shown their pictures where their ends said.
    pub(super) fn note_arrivals(&mut self, queue: &Queue) {
        if self.late.0 != 0 && queue.progress(self.late.0) == Progress::Gone {
            self.late = Default::default();
        }
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

    /// Takes a picture among the uploads, newest use last; what it stands on is used by that. How
    /// many uploads it needs.
    fn begin(&mut self, ready: &Ready) -> usize {
        let is_it = |known: &Upload| known.wanted.is_same(&ready.wanted);
        if self.all.find(is_it).is_none() {
            let upload = Upload::new(ready.wanted.clone(), Arc::clone(&ready.encoded));
            upload.into_iter().for_each(|upload| self.all.push(upload));
        }
        let mut next = self.all.find(is_it).and_then(|upload| upload.ground());
        let mut needed = 1;
        while let Some(id) = next {
            next = self.all.find(|known| known.id == id).and_then(|upload| upload.ground());
            needed += 1;
        }
        needed
    }

    /// What to place where: now, and at the end of uploads. Until a picture has arrived in its final
    /// sharpness and size, an earlier version of it is shown, or what it stands on.
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
            let (area, covers) = (placement.area, over(placement, covers));
            let coming_spots = later.iter().flat_map(|later| later.spots.iter().copied());
            let others: Vec<CellPos> = now.iter().copied().chain(coming_spots).collect();
            let same = |upload: &&Upload| is_same_picture(&upload.wanted.placement, placement);
            let by_rung = |upload: &&Upload| upload.wanted.level;
            let here = self.all.iter().filter(same).filter(|upload| upload.has_arrived());
            let here = here.max_by_key(by_rung);
            let mut coming: Vec<&Upload> =
                self.all.iter().filter(same).filter(|upload| !upload.has_arrived()).collect();
            coming.retain(|upload| here.is_none_or(|here| here.wanted.level <= by_rung(upload)));
            coming.sort_by_key(by_rung);
            let mut before = match here {
                Some(here) => self.spots(here, area, covers, &others),
                None => self.stand_in(placement, &coming, covers, &others),
            };
            now.extend(&before);
            for upload in coming {
                let all = self.spots(upload, area, covers, &others);
                let without = |spots: &[CellPos], gone: &[CellPos]| -> Vec<CellPos> {
                    spots.iter().filter(|spot| !gone.contains(spot)).copied().collect()
                };
                let (spots, stand_ins) = (without(&all, &before), without(&before, &all));
                later.push(Later { id: upload.id, spots, stand_ins });
                before = all;
            }
        }
        (now, later)
    }

    /// Where something stands in for a picture of which nothing has arrived in its size.
    fn stand_in(
        &self,
        placement: &Placement,
        coming: &[&Upload],
        covers: &[Rect],
        others: &[CellPos],
    ) -> Vec<CellPos> {
        let is_like = |upload: &&Upload| {
            upload.has_arrived() && is_same_part(&upload.wanted.placement, placement)
        };
        let area = placement.area;
        let ground = coming.first().and_then(|next| next.ground()).and_then(|id| self.by_id(id));
        if let Some(ground) = ground {
            return self.spots(ground, area, covers, others);
        }
        let all = self.all.iter().rev().filter(is_like);
        let like = all.min_by_key(|upload| upload.ground().is_some());
        let like = like.and_then(|upload| self.bottom(upload)).map(|own| (own, own.whole()));
        let window = || {
            let (upload, window) = self.best_window(placement)?;
            Some((self.bottom(upload)?, window))
        };
        // What stood there stays as it is; around an overlay it would have to be laid anew.
        let was_here = || {
            let here = self.spots.iter().filter(|_| placement.is_awaited && covers.is_empty());
            here.filter(|spot| area.intersection(spot.area) == spot.area).copied().collect()
        };
        like.or_else(window).map_or_else(was_here, |(upload, window)| {
            upload.window_spots(window, area, covers, others)
        })
    }

    /// Of the uploads that show this part the one with the most pixels, and where in what lies at
    /// its bottom; a whole one, if there is one.
    fn best_window(&self, placement: &Placement) -> Option<(&Upload, Source)> {
        let here = self.all.iter().filter(|upload| upload.has_arrived());
        let window = |upload: &Upload| upload.window(placement, self.bottom(upload)?.whole());
        let windows = here.filter_map(|upload| Some((upload, window(upload)?)));
        windows.max_by_key(|(upload, window)| (upload.ground().is_none(), window.width))
    }

    /// What it stands on in the end: itself, if it is whole.
    fn bottom(&self, upload: &Upload) -> Option<&Upload> {
        let mut bottom = self.by_id(upload.id)?;
        while let Some(ground) = bottom.ground() {
            bottom = self.by_id(ground)?;
        }
        Some(bottom)
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
                Progress::Closed => commands.extend(kitty::empty(upload.id, mode)),
                Progress::Waiting | Progress::Gone => {}
            }
            queue.drop_job(upload.job);
            false
        });
        commands
    }

    /// With one goes all that stands on it.
    fn free_oldest(&mut self, needed: usize, mode: Mode, queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        let mut gone = self.all.shrink(KEPT.max(needed), |_| 1);
        while let Some(oldest) = gone.pop() {
            self.spots.retain(|spot| spot.id != oldest.id);
            commands.extend(match is_open(&oldest, queue) {
                true => kitty::call_off(oldest.id, mode),
                false => kitty::empty(oldest.id, mode),
            });
            queue.drop_job(oldest.job);
            gone.extend(self.all.take_if(|upload| upload.ground() == Some(oldest.id)));
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
            let late = self.late.1.iter().filter(|_| upload.job != 0 && upload.job == self.late.0);
            let tail = placed.chain(erased).chain(late.copied()).collect();
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

/// What is seen of pictures beside what stands in front of them.
fn seen_behind<'all>(all: impl Iterator<Item = &'all Placement>, covers: &[Rect]) -> Vec<Rect> {
    let mut areas: Vec<Rect> = Vec::new();
    for placement in all.filter(|placement| !placement.is_on_top) {
        let seen = uncovered(placement.area, covers);
        areas.extend(seen.into_iter().filter(|part| !areas.contains(part)).collect::<Vec<_>>());
    }
    areas
}

/// Some of it was sent, and not its last part.
fn is_open(upload: &Upload, queue: &Queue) -> bool {
    upload.job != 0 && queue.progress(upload.job) == Progress::Open
}
