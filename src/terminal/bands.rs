//! Pictures that are painted over cells band by band: iTerm2's files, sixel.
//!
//! What an overlay covers of a band that stands there is lost, the rest stays; when the overlay has
//! gone, such bands are sent again. A band that is not there yet is not painted under an overlay:
//! its cells are text like all others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::covers::{over, uncovered};
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
    /// Strips that stand there, with the holes that overlays made.
    shown: Vec<Option<Vec<Rect>>>,
}

impl Painted {
    /// Under an overlay, what stands there of an earlier level of the same picture is kept.
    fn after(left: &[Painted], wanted: &ImageRequest, free: &[bool]) -> Self {
        let place = &wanted.placement;
        let is_it = |other: &&Painted| {
            let before = &other.wanted.placement;
            before.area == place.area && is_same_picture(before, place)
        };
        let before = left.iter().find(is_it).map_or([].as_slice(), |before| &before.shown);
        let kept =
            |(at, is_free): (usize, &bool)| before.get(at).filter(|_| !*is_free).cloned().flatten();
        let shown = free.iter().enumerate().map(kept).collect();
        Self { wanted: wanted.clone(), job: 0, queued: Vec::new(), shown }
    }

    /// Overlays make holes. Where one has left a hole and another part of the strip is covered, the
    /// strip is given up: it cannot be painted around an overlay.
    fn cover(&mut self, bands: &[Band], covers: &[Rect]) {
        for (shown, band) in self.shown.iter_mut().zip(bands) {
            let holes = holes(self.wanted.placement.area, band, covers);
            let is_in = |hole: &Rect| holes.iter().any(|new| new.intersection(*hole) == *hole);
            let stays = |known: &Vec<Rect>| holes.is_empty() || known.iter().all(is_in);
            if !shown.as_ref().is_some_and(stays) {
                *shown = None;
            } else if !holes.is_empty() {
                *shown = Some(holes);
            }
        }
    }

    /// Strips that the job has painted since the last look.
    fn note(&mut self, queue: &Queue) {
        let left = queue.left(self.job).min(self.queued.len());
        for at in self.queued.drain(..self.queued.len() - left) {
            if let Some(shown) = self.shown.get_mut(at) {
                *shown = Some(Vec::new());
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
            let mut painted = match known {
                Some(at) => self.painted.swap_remove(at),
                None => Painted::after(&left, wanted, &free),
            };
            painted.note(queue);
            painted.cover(bands, covers);
            let there = bands.iter().zip(&painted.shown).filter(|(_, shown)| shown.is_some());
            for part in there.flat_map(|(band, _)| uncovered(place(area, band), covers)) {
                paint::skip_cells(cells, part);
            }
            if known.is_some() {
                commands.extend(painted.repaint(bands, &free, queue, &mut hand));
            } else {
                // A picture in another's place paints over it without a blank between.
                let was_there = |other: &&Painted| other.wanted.placement.area == area;
                let mut before = left.iter().chain(&self.painted).filter(was_there).peekable();
                if before.peek().is_none() {
                    let free = bands.iter().filter(|band| is_free(band));
                    commands.extend(free.flat_map(|band| paint::blank(place(area, band))));
                }
                let holes = before.flat_map(|other| other.shown.iter().flatten().flatten());
                let open = holes.flat_map(|hole| uncovered(*hole, covers));
                commands.extend(open.flat_map(paint::blank));
                painted.queue(bands, &free, queue, &mut hand);
            }
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
    ) -> Vec<Painted> {
        let (mut stay, mut left) = (Vec::new(), Vec::new());
        for mut painted in std::mem::take(&mut self.painted) {
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
                    painted.note(queue);
                    commands.extend(drop_job(painted.job, self.is_cursor_shown, queue));
                    left.push(painted);
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
            let Some(band) = bands.get(at).filter(|_| *free && !self.queued.contains(&at)) else {
                continue;
            };
            match shown.take() {
                Some(holes) if holes.is_empty() => *shown = Some(holes),
                // Beside the holes it stands until it is painted over.
                Some(holes) => commands.extend(holes.into_iter().flat_map(paint::blank)),
                None => commands.extend(paint::blank(place(self.wanted.placement.area, band))),
            }
        }
        let is_on_its_way = |at: usize| self.queued.contains(&at);
        let as_wanted =
            free.iter().zip(&self.shown).enumerate().all(|(at, (free, shown))| {
                *free == ((*free && shown.is_some()) || is_on_its_way(at))
            });
        if !as_wanted {
            commands.extend(drop_job(self.job, hand.is_cursor_shown, queue));
            self.queue(bands, free, queue, hand);
        }
        commands
    }

    /// Everything that is free and not there.
    fn queue(&mut self, bands: &[Band], free: &[bool], queue: &mut Queue, hand: &mut Ctx<'_>) {
        let missing = |at: &usize| {
            free.get(*at).copied().unwrap_or(false) && self.shown.get(*at) == Some(&None)
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

/// What overlays cover of a band.
fn holes(area: Rect, band: &Band, covers: &[Rect]) -> Vec<Rect> {
    let place = place(area, band);
    let parts = covers.iter().map(|cover| cover.intersection(place));
    parts.filter(|part| !part.is_empty()).collect()
}

fn place(area: Rect, band: &Band) -> Rect {
    Rect { y: area.y + band.row, height: band.rows, ..area }
}
