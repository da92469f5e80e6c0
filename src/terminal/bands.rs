//! Pictures that are painted over cells band by band: iTerm2's files, sixel.
//!
//! What an overlay covers of a band that stands there is lost, the rest stays; when the overlay has
//! gone, such bands are sent again. A band that is not there yet is not painted under an overlay:
//! its cells are text like all others. Bands may lie above others: what lies above one that is
//! painted anew is painted after it.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::covers::{over, uncovered};
use super::image_request::{Ready, is_same_picture};
use super::paint;
use super::queue::{JobId, Progress, Queue};
use crate::graphics::patch::CellRect;
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
    ready: Ready,
    job: JobId,
    /// Strips of the job, in its order.
    queued: Vec<usize>,
    /// Strips that stand there, with the holes that overlays made.
    shown: Vec<Option<Vec<Rect>>>,
}

impl Painted {
    /// What it has in common with what stands there is there. Under an overlay, what stands there of
    /// an earlier level of the same picture is kept.
    fn after<'all>(
        here: impl Iterator<Item = &'all Self> + Clone,
        ready: &Ready,
        free: &[bool],
    ) -> Self {
        let same =
            |other: &&Self| is_same_picture(&other.ready.wanted.placement, &ready.wanted.placement);
        let before = here.clone().find(same).map_or([].as_slice(), |before| &before.shown);
        let kept =
            |(at, is_free): (usize, &bool)| before.get(at).filter(|_| !*is_free).cloned().flatten();
        let known = |at: usize| here.clone().find_map(|other| other.common(ready, at));
        let shown =
            free.iter().enumerate().map(|(at, free)| known(at).or_else(|| kept((at, free))));
        let shown = shown.collect();
        Self { ready: ready.clone(), job: 0, queued: Vec::new(), shown }
    }

    fn area(&self) -> Rect {
        self.ready.wanted.placement.area
    }

    /// It is there, without a hole.
    fn has(&self, band: &Band) -> bool {
        let mut all = self.ready.bands().iter().zip(&self.shown);
        all.any(|(own, shown)| own == band && shown.as_ref().is_some_and(Vec::is_empty))
    }

    /// The holes of a strip of another picture that stands there: what lies above it here will be
    /// painted over.
    fn common(&self, ready: &Ready, at: usize) -> Option<Vec<Rect>> {
        let (area, own) = (self.area(), self.ready.bands());
        let band = ready.bands().get(at)?;
        let here = own.iter().position(|known| known == band)?;
        let holes = self.shown.get(here)?.clone()?;
        let above: Vec<Rect> =
            ready.bands().iter().skip(at + 1).map(|band| place(area, band)).collect();
        let is_over = |at: &usize| {
            self.queued.contains(at) || self.shown.get(*at).is_some_and(Option::is_some)
        };
        let over = (here + 1..own.len()).filter(is_over).filter_map(|at| own.get(at));
        let mut parts = over.map(|other| place(area, other).intersection(place(area, band)));
        parts.all(|part| part.is_empty() || uncovered(part, &above).is_empty()).then_some(holes)
    }

    /// Overlays make holes. Where one has left a hole and another part of the strip is covered, the
    /// strip is given up: it cannot be painted around an overlay.
    fn cover(&mut self, covers: &[Rect]) {
        let area = self.area();
        for (shown, band) in self.shown.iter_mut().zip(self.ready.bands()) {
            let holes = holes(area, band, covers);
            let is_in = |hole: &Rect| holes.iter().any(|new| new.intersection(*hole) == *hole);
            let stays = |known: &Vec<Rect>| holes.is_empty() || known.iter().all(is_in);
            if !shown.as_ref().is_some_and(stays) {
                *shown = None;
            } else if !holes.is_empty() {
                *shown = Some(holes);
            }
        }
    }

    /// No cell of the text stands where its strips do; in holes, what an overlay has left is text.
    fn skip_cells(&self, covers: &[Rect], cells: &mut Buffer) {
        for (band, shown) in self.ready.bands().iter().zip(&self.shown) {
            let Some(holes) = shown else { continue };
            for part in uncovered(place(self.area(), band), &[covers, holes].concat()) {
                paint::skip_cells(cells, part);
            }
        }
    }

    /// A strip lies above an earlier one.
    fn is_above(&self, at: usize) -> bool {
        let (area, all) = (self.area(), self.ready.bands());
        let Some(own) = all.get(at).filter(|_| self.ready.over.is_some()) else {
            return false;
        };
        all.iter().take(at).any(|below| place(area, below).intersects(place(area, own)))
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

    /// All of these bands stand in an area, whatever is painted over them.
    pub(super) fn show(&self, area: Rect, bands: &[Band]) -> bool {
        let mut here = self.painted.iter().filter(|painted| painted.area() == area);
        !bands.is_empty() && here.any(|painted| bands.iter().all(|band| painted.has(band)))
    }

    /// This stands in an area, or is on its way there.
    pub(super) fn knows(&self, area: Rect, encoded: &Arc<Encoded>) -> bool {
        let is_it = |painted: &Painted| Arc::ptr_eq(&painted.ready.encoded, encoded);
        self.painted.iter().any(|painted| painted.area() == area && is_it(painted))
    }

    /// Where pictures are `coming`, what stands there stays until they come.
    pub(super) fn arrange(
        &mut self,
        ready: &[Ready],
        coming: &[Rect],
        covers: &[Rect],
        cells: &mut Buffer,
        is_cursor_shown: bool,
        queue: &mut Queue,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        let left = self.take_leave(ready, coming, covers, queue, &mut commands);
        if std::mem::replace(&mut self.is_cursor_shown, is_cursor_shown) != is_cursor_shown {
            // Strips that wait were made for another cursor.
            for painted in &self.painted {
                queue.set_tail(painted.job, paint::cursor(is_cursor_shown).to_vec());
            }
        }
        for ready in ready.iter().filter(|ready| !ready.bands().is_empty()) {
            commands.extend(self.show_one(ready, &left, covers, cells, queue));
        }
        for painted in &mut self.painted {
            let area = painted.area();
            if !ready.iter().any(|ready| ready.wanted.placement.area == area) {
                let covers = over(&painted.ready.wanted.placement, covers).to_vec();
                painted.cover(&covers);
                painted.skip_cells(&covers, cells);
            }
        }
        commands
    }

    fn show_one(
        &mut self,
        ready: &Ready,
        left: &[Painted],
        covers: &[Rect],
        cells: &mut Buffer,
        queue: &mut Queue,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        let mut hand = Ctx { is_cursor_shown: self.is_cursor_shown, last_job: &mut self.last_job };
        let (area, bands) = (ready.wanted.placement.area, ready.bands());
        let covers = over(&ready.wanted.placement, covers);
        let free = free(ready, covers);
        let free_bands = bands.iter().zip(&free).filter(|(_, free)| **free);
        let free_places: Vec<Rect> = free_bands.map(|(band, _)| place(area, band)).collect();
        free_places.iter().for_each(|place| paint::skip_cells(cells, *place));
        let is_it = |painted: &Painted| {
            painted.ready.wanted == ready.wanted && painted.ready.number == ready.number
        };
        let known = self.painted.iter().position(is_it);
        let here = left.iter().chain(&self.painted).filter(|other| other.area() == area);
        let was_there = here.clone().next().is_some();
        let holes = here.clone().flat_map(|other| other.shown.iter().flatten().flatten());
        let open: Vec<Rect> = holes.flat_map(|hole| uncovered(*hole, covers)).collect();
        let mut painted = match known {
            Some(at) => self.painted.swap_remove(at),
            None => Painted::after(here, ready, &free),
        };
        painted.note(queue);
        painted.cover(covers);
        painted.skip_cells(covers, cells);
        if known.is_some() {
            commands.extend(painted.repaint(&free, queue, &mut hand));
        } else {
            // A picture in another's place paints over it without a blank between.
            if !was_there {
                commands.extend(free_places.into_iter().flat_map(paint::blank));
            }
            commands.extend(open.into_iter().flat_map(paint::blank));
            painted.queue(&free, queue, &mut hand);
        }
        self.painted.push(painted);
        commands
    }

    /// What nobody wants any more, or what is painted over by now. A picture's earlier level goes
    /// on until it is there.
    fn take_leave(
        &mut self,
        ready: &[Ready],
        coming: &[Rect],
        covers: &[Rect],
        queue: &mut Queue,
        commands: &mut Vec<u8>,
    ) -> Vec<Painted> {
        let (mut stay, mut left) = (Vec::new(), Vec::new());
        for mut painted in std::mem::take(&mut self.painted) {
            let (own, area) = (painted.ready.wanted.clone(), painted.area());
            let here = || ready.iter().filter(|ready| ready.wanted.placement.area == area);
            let same =
                here().find(|ready| is_same_picture(&ready.wanted.placement, &own.placement));
            // It was made for a place without an overlay.
            let covers = over(&own.placement, covers);
            let is_free = !covers.iter().any(|cover| cover.intersects(area));
            let is_coming = is_free && queue.progress(painted.job) != Progress::Gone;
            let is_it = |ready: &Ready| {
                let goes_on = ready.wanted.level != own.level && is_coming;
                ready.number == painted.ready.number || goes_on
            };
            if same.is_some_and(is_it) {
                stay.push(painted);
                continue;
            }
            painted.note(queue);
            commands.extend(drop_job(painted.job, self.is_cursor_shown, queue));
            painted.queued.clear();
            let stands_in = here().next().is_none() && coming.contains(&area);
            if stands_in { stay.push(painted) } else { left.push(painted) }
        }
        self.painted = stay;
        left
    }
}

impl Painted {
    /// Paints what overlays have uncovered; forgets what they cover.
    fn repaint(&mut self, free: &[bool], queue: &mut Queue, hand: &mut Ctx<'_>) -> Vec<u8> {
        let mut commands = Vec::new();
        for at in (0..self.shown.len()).filter(|at| free.get(*at) == Some(&true)) {
            let is_above = self.is_above(at);
            let (Some(shown), Some(band)) = (self.shown.get_mut(at), self.ready.bands().get(at))
            else {
                continue;
            };
            if self.queued.contains(&at) {
                continue;
            }
            match shown.take() {
                Some(holes) if holes.is_empty() => *shown = Some(holes),
                // Beside the holes it stands until it is painted over.
                Some(holes) => commands.extend(holes.into_iter().flat_map(paint::blank)),
                None if is_above => {}
                None => {
                    commands.extend(paint::blank(place(self.ready.wanted.placement.area, band)));
                }
            }
        }
        self.give_up_above(free);
        let is_on_its_way = |at: usize| self.queued.contains(&at);
        let as_wanted =
            free.iter().zip(&self.shown).enumerate().all(|(at, (free, shown))| {
                *free == ((*free && shown.is_some()) || is_on_its_way(at))
            });
        if !as_wanted {
            commands.extend(drop_job(self.job, hand.is_cursor_shown, queue));
            self.queue(free, queue, hand);
        }
        commands
    }

    /// What lies above a strip that will be painted is painted over by it.
    fn give_up_above(&mut self, free: &[bool]) {
        let area = self.area();
        let bands = if self.ready.over.is_some() { self.ready.bands() } else { &[] };
        for (at, band) in bands.iter().enumerate() {
            if free.get(at) == Some(&true) && self.shown.get(at) == Some(&None) {
                let above = self.shown.iter_mut().zip(bands).skip(at + 1);
                for (shown, other) in above {
                    if place(area, other).intersects(place(area, band)) {
                        *shown = None;
                    }
                }
            }
        }
    }

    /// Everything that is free and not there.
    fn queue(&mut self, free: &[bool], queue: &mut Queue, hand: &mut Ctx<'_>) {
        self.give_up_above(free);
        let bands = self.ready.bands();
        let missing = |at: &usize| {
            free.get(*at).copied().unwrap_or(false) && self.shown.get(*at) == Some(&None)
        };
        self.queued = (0..bands.len()).filter(missing).collect();
        let area = self.ready.wanted.placement.area;
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

/// Which bands may be painted: no overlay is over them, nor over what would have to be painted anew
/// above them.
fn free(ready: &Ready, covers: &[Rect]) -> Vec<bool> {
    let area = ready.wanted.placement.area;
    let mut held: Vec<Rect> = covers.to_vec();
    let mut is_free = |band: &Band| {
        let place = place(area, band);
        let is_free = !held.iter().any(|held| held.intersects(place));
        if !is_free && ready.over.is_some() {
            held.push(place);
        }
        is_free
    };
    let mut free: Vec<bool> = ready.bands().iter().rev().map(&mut is_free).collect();
    free.reverse();
    free
}

/// What overlays cover of a band.
fn holes(area: Rect, band: &Band, covers: &[Rect]) -> Vec<Rect> {
    let place = place(area, band);
    let parts = covers.iter().map(|cover| cover.intersection(place));
    parts.filter(|part| !part.is_empty()).collect()
}

fn place(area: Rect, band: &Band) -> Rect {
    let CellRect { column, row, columns, rows } = band.at;
    Rect::new(area.x + column, area.y + row, columns, rows)
}
