//! Which pictures the terminal holds and shows, and what must be sent so that it shows others.
//!
//! Compares what shall be with what is, for each protocol by its own rules; writes nothing.
//! Invariant: while a picture is on its way to kitty, no other graphics command is sent; where one
//! cannot wait, the picture is called off first and sent again.
//!
//! ```text
//! kitty's picture:  lacking ──supply──► queued ──► on its way ──► held ◄──► shown
//!                                          ▲            │          │
//!                                          └─ called off┘          └─ used least: freed
//! ```

use std::collections::VecDeque;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::kitty::{self, Spot};
use super::paint;
use super::queue::{JobId, Progress, Queue};
use super::screen::Mode;
use crate::graphics::{Encoded, Protocol};
use crate::ui::frame::Placement;

/// Bytes of encoded pictures that are kept, and pictures that kitty keeps for us (its own limit
/// is 320 MB of pixels).
const KEPT_BYTES: usize = 16 << 20;
const KEPT_BY_TERMINAL: usize = 32;

/// The memory of pictures.
#[derive(Debug)]
pub(super) struct Pictures {
    mode: Mode,
    /// The one used last stands last, here and below.
    encoded: VecDeque<(Placement, Arc<Encoded>)>,
    uploads: VecDeque<Upload>,
    /// What kitty shows.
    spots: Vec<Spot>,
    strips: Vec<Painted>,
    last_job: JobId,
}

/// A picture that kitty has under an id, or will have when its job is done.
#[derive(Debug)]
struct Upload {
    picture: Placement,
    id: u32,
    job: JobId,
    /// To begin again with, until it has arrived.
    encoded: Option<Arc<Encoded>>,
    /// Where the end of the job shows it, and what it takes away there.
    tail: Vec<Spot>,
    stand_ins: Vec<Spot>,
}

/// A picture that was painted over cells.
#[derive(Debug)]
struct Painted {
    placement: Placement,
    job: JobId,
}

type Ready = (Placement, Arc<Encoded>);

/// What the end of an upload does in one place.
struct Later {
    spot: Spot,
    stand_in: Option<Spot>,
}

/// What a frame means for the pictures.
#[derive(Debug, Default)]
pub(super) struct Arranged {
    /// To be written with the frame, behind its text.
    pub(super) commands: Vec<u8>,
    /// Not encoded yet.
    pub(super) lacking: Vec<Placement>,
}

impl Pictures {
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            mode,
            encoded: VecDeque::new(),
            uploads: VecDeque::new(),
            spots: Vec::new(),
            strips: Vec::new(),
            last_job: 0,
        }
    }

    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// What was made for another mode is void. Call [`Pictures::forget`] before.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        self.encoded.clear();
        self.mode = mode;
    }

    pub(super) fn supply(&mut self, placement: Placement, encoded: Encoded) {
        self.encoded.retain(|(known, _)| !is_same_picture(known, &placement));
        self.encoded.push_back((placement, Arc::new(encoded)));
        let mut total: usize = self.encoded.iter().map(|(_, encoded)| size(encoded)).sum();
        while total > KEPT_BYTES && self.encoded.len() > 1 {
            total -= self.encoded.pop_front().map_or(0, |(_, oldest)| size(&oldest));
        }
    }

    /// Takes everything back; the bytes that make the terminal forget it too.
    pub(super) fn forget(&mut self, queue: &mut Queue) -> Vec<u8> {
        self.spots.clear();
        self.strips.clear();
        let waits =
            |upload: &Upload| upload.job == 0 || queue.progress(upload.job) == Progress::Waiting;
        let sent = self.uploads.iter().filter(|upload| !waits(upload));
        let freed = sent.flat_map(|upload| kitty::free(upload.id, self.mode)).collect();
        self.uploads.clear();
        queue.drop_jobs();
        freed
    }

    /// The cells were written anew: what was painted over them is gone, and what kitty shows may
    /// stand elsewhere.
    pub(super) fn doubt(&mut self, queue: &mut Queue) {
        for painted in self.strips.drain(..) {
            queue.drop_job(painted.job);
        }
        self.note_arrivals(queue);
        // An erase would end an upload that is on its way: `arrange` does it by its rule.
        for spot in &mut self.spots {
            spot.area = Rect::ZERO;
        }
    }

    /// Shows these pictures and no others. Cells get what belongs below or into them.
    pub(super) fn arrange(
        &mut self,
        placements: &[Placement],
        cells: &mut Buffer,
        queue: &mut Queue,
    ) -> Arranged {
        let mut arranged = Arranged::default();
        let mut ready = Vec::new();
        for placement in placements {
            if !self.may_stand(placement, cells) {
                continue;
            }
            match self.find(placement) {
                Some(encoded) => ready.push((placement.clone(), encoded)),
                None => arranged.lacking.push(placement.clone()),
            }
        }
        for (placement, encoded) in &ready {
            if let Encoded::Cells(own) | Encoded::Upload { cells: Some(own), .. } = &**encoded {
                paint::put_cells(cells, placement.area, own);
            }
        }
        arranged.commands = match self.mode.protocol {
            Protocol::KittyDirect | Protocol::KittyPlaceholder => {
                self.arrange_kitty(&ready, &arranged.lacking, queue)
            }
            Protocol::Iterm2 | Protocol::Sixel => self.arrange_strips(&ready, cells, queue),
            Protocol::Blocks | Protocol::None => Vec::new(),
        };
        arranged
    }

    /// Sixel on the last row would scroll the screen.
    fn may_stand(&self, placement: &Placement, cells: &Buffer) -> bool {
        let (area, screen) = (placement.area, cells.area);
        let is_inside = !area.is_empty() && area.intersection(screen) == area;
        let scrolls = self.mode.protocol == Protocol::Sixel && area.bottom() == screen.bottom();
        self.mode.protocol != Protocol::None && is_inside && !scrolls
    }

    /// Used last: kept longest.
    fn find(&mut self, placement: &Placement) -> Option<Arc<Encoded>> {
        let at = self.encoded.iter().position(|(known, _)| is_same_picture(known, placement))?;
        let found = self.encoded.remove(at)?;
        let encoded = Arc::clone(&found.1);
        self.encoded.push_back(found);
        Some(encoded)
    }

    fn arrange_strips(
        &mut self,
        ready: &[Ready],
        cells: &mut Buffer,
        queue: &mut Queue,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        let (stay, leave): (Vec<_>, Vec<_>) = std::mem::take(&mut self.strips)
            .into_iter()
            .partition(|painted| ready.iter().any(|(wanted, _)| *wanted == painted.placement));
        self.strips = stay;
        for painted in &leave {
            queue.drop_job(painted.job);
        }
        for (placement, encoded) in ready {
            let Encoded::Strips(strips) = &**encoded else {
                continue;
            };
            paint::skip_cells(cells, placement.area);
            if self.strips.iter().any(|painted| painted.placement == *placement) {
                continue;
            }
            // A picture in another's place paints over it without a blank between.
            if !leave.iter().any(|painted| painted.placement.area == placement.area) {
                commands.extend(paint::blank(placement.area));
            }
            let pieces = strips.iter().map(|strip| paint::strip(placement.area, strip)).collect();
            let job = self.next_job();
            queue.add_job(job, pieces, Vec::new());
            self.strips.push(Painted { placement: placement.clone(), job });
        }
        commands
    }

    fn arrange_kitty(
        &mut self,
        ready: &[Ready],
        lacking: &[Placement],
        queue: &mut Queue,
    ) -> Vec<u8> {
        self.note_arrivals(queue);
        for (picture, encoded) in ready {
            self.begin_upload(picture, encoded);
        }
        let mut commands = self.call_off(ready, queue);
        commands.extend(self.free_oldest(ready, queue));
        let (now, later) = self.targets(ready, lacking);
        commands.extend(self.change_spots(now));
        if !commands.is_empty() {
            let restarted = self.restart_open(queue);
            commands.splice(..0, restarted);
        }
        self.queue_uploads(later, queue);
        commands
    }

    /// Jobs that are done have shown their pictures where their ends said.
    fn note_arrivals(&mut self, queue: &Queue) {
        for upload in &mut self.uploads {
            if upload.encoded.is_some() && queue.progress(upload.job) == Progress::Gone {
                upload.encoded = None;
                self.spots.retain(|spot| !upload.stand_ins.contains(spot));
                self.spots.append(&mut upload.tail);
                upload.stand_ins.clear();
            }
        }
    }

    /// Takes a picture among the uploads, newest use last.
    fn begin_upload(&mut self, picture: &Placement, encoded: &Arc<Encoded>) {
        let known = self.uploads.iter().position(|known| is_same_picture(&known.picture, picture));
        if let Some(upload) = known.and_then(|at| self.uploads.remove(at)) {
            self.uploads.push_back(upload);
        } else if let Some(id) = kitty::id_of(encoded) {
            let (picture, encoded) = (picture.clone(), Some(Arc::clone(encoded)));
            let upload =
                Upload { picture, id, job: 0, encoded, tail: Vec::new(), stand_ins: Vec::new() };
            self.uploads.push_back(upload);
        }
    }

    /// What shall stand where: at once, and at the end of uploads. Until a picture has arrived in
    /// its size, it stands in for itself in another.
    fn targets(&self, ready: &[Ready], lacking: &[Placement]) -> (Vec<Spot>, Vec<Later>) {
        let (mut now, mut later) = (Vec::new(), Vec::<Later>::new());
        if self.mode.protocol != Protocol::KittyDirect {
            return (now, later);
        }
        let wanted = ready.iter().map(|(placement, _)| placement);
        for placement in wanted.chain(lacking) {
            let same = |upload: &&Upload| is_same_picture(&upload.picture, placement);
            let like = |upload: &&Upload| {
                upload.encoded.is_none() && is_same_part(&upload.picture, placement)
            };
            let exact = self.uploads.iter().find(same);
            let is_there = exact.is_some_and(|upload| upload.encoded.is_none());
            let stand_in = self.uploads.iter().rev().find(like).filter(|_| !is_there);
            let first = if is_there { exact } else { stand_in };
            let first = first.map(|upload| spot(upload.id, placement.area, now.iter()));
            now.extend(first);
            if let Some(upload) = exact.filter(|_| !is_there) {
                let spots = later.iter().map(|later| &later.spot);
                later.push(Later { spot: spot(upload.id, placement.area, spots), stand_in: first });
            }
        }
        (now, later)
    }

    /// Uploads that nobody waits for any more. One that is on its way is ended by freeing it.
    fn call_off(&mut self, ready: &[Ready], queue: &mut Queue) -> Vec<u8> {
        let (mode, mut commands) = (self.mode, Vec::new());
        self.uploads.retain(|upload| {
            let is_pending = upload.encoded.is_some();
            let is_wanted =
                ready.iter().any(|(wanted, _)| is_same_picture(&upload.picture, wanted));
            if !is_pending || is_wanted {
                return true;
            }
            if matches!(queue.progress(upload.job), Progress::Open | Progress::Closed) {
                commands.extend(kitty::free(upload.id, mode));
            }
            queue.drop_job(upload.job);
            false
        });
        commands
    }

    fn free_oldest(&mut self, ready: &[Ready], queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        while self.uploads.len() > KEPT_BY_TERMINAL.max(ready.len()) {
            let Some(oldest) = self.uploads.pop_front() else {
                break;
            };
            queue.drop_job(oldest.job);
            self.spots.retain(|spot| spot.id != oldest.id);
            commands.extend(kitty::free(oldest.id, self.mode));
        }
        commands
    }

    /// New and moved ones first, so that nothing is bare for a moment.
    fn change_spots(&mut self, now: Vec<Spot>) -> Vec<u8> {
        let mut commands = Vec::new();
        for spot in now.iter().filter(|spot| !self.spots.contains(spot)) {
            commands.extend(kitty::place(*spot, self.mode));
        }
        for old in &self.spots {
            if !now.iter().any(|spot| (spot.id, spot.number) == (old.id, old.number)) {
                commands.extend(kitty::erase(*old, self.mode));
            }
        }
        self.spots = now;
        commands
    }

    /// A command goes out while a picture is on its way: that one begins again after it.
    fn restart_open(&mut self, queue: &mut Queue) -> Vec<u8> {
        let mut commands = Vec::new();
        for upload in &mut self.uploads {
            if upload.job != 0 && queue.progress(upload.job) == Progress::Open {
                commands.extend(kitty::free(upload.id, self.mode));
                queue.drop_job(upload.job);
                upload.job = 0;
            }
        }
        commands
    }

    fn queue_uploads(&mut self, later: Vec<Later>, queue: &mut Queue) {
        for upload in &mut self.uploads {
            let Some(encoded) = &upload.encoded else {
                continue;
            };
            let own = || later.iter().filter(|later| later.spot.id == upload.id);
            upload.tail = own().map(|later| later.spot).collect();
            upload.stand_ins = own().filter_map(|later| later.stand_in).collect();
            let placed = upload.tail.iter().flat_map(|spot| kitty::place(*spot, self.mode));
            let erased = upload.stand_ins.iter().flat_map(|spot| kitty::erase(*spot, self.mode));
            let tail = placed.chain(erased).collect();
            if upload.job == 0 {
                self.last_job += 1;
                upload.job = self.last_job;
                queue.add_job(upload.job, kitty::pieces(encoded), tail);
            } else {
                queue.set_tail(upload.job, tail);
            }
        }
    }

    fn next_job(&mut self) -> JobId {
        self.last_job += 1;
        self.last_job
    }
}

/// The next place of a picture among those that it has.
fn spot<'spots>(id: u32, area: Rect, others: impl Iterator<Item = &'spots Spot>) -> Spot {
    let number = 1 + others.filter(|spot| spot.id == id).count();
    Spot { id, number: u32::try_from(number).unwrap_or(u32::MAX), area }
}

/// The same pixels at the same size; where they stand does not matter.
fn is_same_picture(a: &Placement, b: &Placement) -> bool {
    is_same_part(a, b) && a.area.as_size() == b.area.as_size()
}

fn is_same_part(a: &Placement, b: &Placement) -> bool {
    a.picture == b.picture && a.crop == b.crop
}

fn size(encoded: &Encoded) -> usize {
    match encoded {
        Encoded::Cells(own) => size_of_val(own.as_slice()),
        Encoded::Upload { pieces, cells: own } => {
            let bytes: usize = pieces.iter().map(|piece| piece.0.len()).sum();
            bytes + own.as_deref().map_or(0, size_of_val)
        }
        Encoded::Strips(strips) => strips.iter().map(|strip| strip.piece.0.len()).sum(),
    }
}
