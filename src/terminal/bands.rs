//! Pictures that are painted over cells band by band: iTerm2's files, sixel.
//!
//! A band that an overlay touches is not painted, and its cells are text like all others; when
//! the overlay has gone, only such bands are sent again.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::covers::over;
use super::image_request::{ImageRequest, Ready, is_same_picture};
use super::paint;
use super::queue::{JobId, Progress, Queue};
use crate::graphics::{Band, Encoded};

/// What was painted, and what is being painted.
#[derive(Debug, Default)]
pub(super) struct Bands {
    painted: Vec<Painted>,
    last_job: JobId,
    /// Whether the newest frame shows the cursor.
    is_cursor_shown: bool,
}

/// What new bands are made with.
struct Ctx<'all> {
    is_cursor_shown: bool,
    last_job: &'all mut JobId,
}

/// A picture in its place.
#[derive(Debug)]
struct Painted {
    wanted: ImageRequest,
    job: JobId,
    /// Strips of the job, in its order.
    queued: Vec<usize>,
    /// Strips that stand there.
    shown: Vec<bool>,
}

impl Painted {
    /// Strips that the job has painted since the last look.
    fn note(&mut self, queue: &Queue) {
        let left = queue.left(self.job).min(self.queued.len());
        for at in self.queued.drain(..self.queued.len() - left) {
            if let Some(shown) = self.shown.get_mut(at) {
                *shown = true;
            }
        }
    }
}

impl Bands {
    pub(super) fn forget(&mut self) {
        self.painted.clear();
    }

    /// The cells were written anew.
    pub(super) fn doubt(&mut self, queue: &mut Queue) {
        for painted in self.painted.drain(..) {
            queue.drop_job(painted.job);
        }
    }

    pub(super) fn arrange(
        &mut self,
        ready: &[Ready],
        covers: &[Rect],
        cells: &mut Buffer,
        is_cursor_shown: bool,
        queue: &mut Queue,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        let left = self.take_leave(ready, covers, queue, &mut commands);
        if std::mem::replace(&mut self.is_cursor_shown, is_cursor_shown) != is_cursor_shown {
            // Strips that wait were made for another cursor.
            for painted in &self.painted {
                queue.set_tail(painted.job, paint::cursor(is_cursor_shown).to_vec());
            }
        }
        let mut hand = Ctx { is_cursor_shown, last_job: &mut self.last_job };
        for Ready { wanted, encoded, .. } in ready {
            let Encoded::Bands(bands) = &**encoded else {
                continue;
            };
            let (area, covers) = (wanted.placement.area, over(&wanted.placement, covers));
            let is_free = |band: &Band| {
                let place = place(area, band);
                !covers.iter().any(|cover| cover.intersects(place))
            };
            let free: Vec<bool> = bands.iter().map(is_free).collect();
            for band in bands.iter().filter(|band| is_free(band)) {
                paint::skip_cells(cells, place(area, band));
            }
            let known = self.painted.iter().position(|painted| painted.wanted == *wanted);
            if let Some(painted) = known.and_then(|at| self.painted.get_mut(at)) {
                painted.note(queue);
                commands.extend(painted.repaint(bands, &free, queue, &mut hand));
                continue;
            }
            // A picture in another's place paints over it without a blank between.
            let mut was_there = left.iter().chain(self.painted.iter().map(|known| &known.wanted));
            if !was_there.any(|other| other.placement.area == area) {
                let free = bands.iter().filter(|band| is_free(band));
                commands.extend(free.flat_map(|band| paint::blank(place(area, band))));
            }
            let shown = vec![false; bands.len()];
            let queued = Vec::new();
            let mut painted = Painted { wanted: wanted.clone(), job: 0, queued, shown };
            painted.queue(bands, &free, queue, &mut hand);
            self.painted.push(painted);
        }
        commands
    }

    /// What nobody wants any more, or what is painted over by now. A picture's earlier level goes
    /// on until it is there.
    fn take_leave(
        &mut self,
        ready: &[Ready],
        covers: &[Rect],
        queue: &mut Queue,
        commands: &mut Vec<u8>,
    ) -> Vec<ImageRequest> {
        let (mut stay, mut left) = (Vec::new(), Vec::new());
        for painted in std::mem::take(&mut self.painted) {
            let place = |wanted: &ImageRequest| {
                wanted.placement.area == painted.wanted.placement.area
                    && is_same_picture(&wanted.placement, &painted.wanted.placement)
            };
            let same = ready.iter().find(|ready| place(&ready.wanted));
            // It was made for a place without an overlay.
            let area = painted.wanted.placement.area;
            let covers = over(&painted.wanted.placement, covers);
            let is_free = !covers.iter().any(|cover| cover.intersects(area));
            let is_coming = is_free && queue.progress(painted.job) != Progress::Gone;
            match same {
                Some(ready) if ready.wanted.level == painted.wanted.level || is_coming => {
                    stay.push(painted);
                }
                _ => {
                    commands.extend(drop_job(painted.job, self.is_cursor_shown, queue));
                    left.push(painted.wanted);
                }
            }
        }
        self.painted = stay;
        left
    }
}

impl Painted {
    /// Paints what overlays have uncovered; forgets what they cover.
    fn repaint(
        &mut self,
        bands: &[Band],
        free: &[bool],
        queue: &mut Queue,
        hand: &mut Ctx<'_>,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        for (at, (shown, free)) in self.shown.iter_mut().zip(free).enumerate() {
            let is_new = *free && !*shown && !self.queued.contains(&at);
            if let Some(band) = bands.get(at).filter(|_| is_new) {
                commands.extend(paint::blank(place(self.wanted.placement.area, band)));
            }
            *shown &= *free;
        }
        let is_on_its_way = |at: usize| self.queued.contains(&at);
        let as_wanted = free
            .iter()
            .zip(&self.shown)
            .enumerate()
            .all(|(at, (free, shown))| *free == (*shown || is_on_its_way(at)));
        if !as_wanted {
            commands.extend(drop_job(self.job, hand.is_cursor_shown, queue));
            self.queue(bands, free, queue, hand);
        }
        commands
    }

    /// Everything that is free and not there.
    fn queue(&mut self, bands: &[Band], free: &[bool], queue: &mut Queue, hand: &mut Ctx<'_>) {
        let missing = |at: &usize| {
            free.get(*at).copied().unwrap_or(false) && self.shown.get(*at) == Some(&false)
        };
        self.queued = (0..bands.len()).filter(missing).collect();
        let area = self.wanted.placement.area;
        let wanted = self.queued.iter().filter_map(|at| bands.get(*at));
        let chunks = wanted.map(|band| paint::band(area, band, hand.is_cursor_shown)).collect();
        *hand.last_job += 1;
        self.job = *hand.last_job;
        queue.add_job(self.job, chunks, Vec::new());
    }
}

/// The end of a job that has begun might have shown the cursor again.
fn drop_job(job: JobId, is_cursor_shown: bool, queue: &mut Queue) -> Vec<u8> {
    let has_begun = matches!(queue.progress(job), Progress::Open | Progress::Closed);
    queue.drop_job(job);
    if has_begun { paint::cursor(is_cursor_shown).to_vec() } else { Vec::new() }
}

fn place(area: Rect, band: &Band) -> Rect {
    Rect { y: area.y + band.row, height: band.rows, ..area }
}
