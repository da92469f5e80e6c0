//! Pictures that are painted over cells strip by strip: iTerm2's files, sixel.
//!
//! A strip that an overlay touches is not painted, and its cells are text like all others; when
//! the overlay has gone, only such strips are sent again.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::paint;
use super::pictures::{ImageRequest, Ready, is_same_picture, over};
use super::queue::{JobId, Progress, Queue};
use crate::graphics::{Encoded, Strip};

/// What was painted, and what is being painted.
#[derive(Debug, Default)]
pub(super) struct Strips {
    painted: Vec<Painted>,
    last_job: JobId,
    /// Whether the newest frame shows the cursor.
    is_cursor_shown: bool,
}

/// What new strips are made with.
struct Hand<'all> {
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

impl Strips {
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
        let mut hand = Hand { is_cursor_shown, last_job: &mut self.last_job };
        for Ready { wanted, encoded, .. } in ready {
            let Encoded::Strips(strips) = &**encoded else {
                continue;
            };
            let (area, covers) = (wanted.placement.area, over(&wanted.placement, covers));
            let is_free = |strip: &Strip| {
                let place = place(area, strip);
                !covers.iter().any(|cover| cover.intersects(place))
            };
            let free: Vec<bool> = strips.iter().map(is_free).collect();
            for strip in strips.iter().filter(|strip| is_free(strip)) {
                paint::skip_cells(cells, place(area, strip));
            }
            let known = self.painted.iter().position(|painted| painted.wanted == *wanted);
            if let Some(painted) = known.and_then(|at| self.painted.get_mut(at)) {
                painted.note(queue);
                commands.extend(painted.repaint(strips, &free, queue, &mut hand));
                continue;
            }
            // A picture in another's place paints over it without a blank between.
            let mut was_there = left.iter().chain(self.painted.iter().map(|known| &known.wanted));
            if !was_there.any(|other| other.placement.area == area) {
                let free = strips.iter().filter(|strip| is_free(strip));
                commands.extend(free.flat_map(|strip| paint::blank(place(area, strip))));
            }
            let shown = vec![false; strips.len()];
            let queued = Vec::new();
            let mut painted = Painted { wanted: wanted.clone(), job: 0, queued, shown };
            painted.queue(strips, &free, queue, &mut hand);
            self.painted.push(painted);
        }
        commands
    }

    /// What nobody wants any more, or what is painted over by now. A picture's earlier rung goes
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
                Some(ready) if ready.wanted.rung == painted.wanted.rung || is_coming => {
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
        strips: &[Strip],
        free: &[bool],
        queue: &mut Queue,
        hand: &mut Hand<'_>,
    ) -> Vec<u8> {
        let mut commands = Vec::new();
        for (at, (shown, free)) in self.shown.iter_mut().zip(free).enumerate() {
            let is_new = *free && !*shown && !self.queued.contains(&at);
            if let Some(strip) = strips.get(at).filter(|_| is_new) {
                commands.extend(paint::blank(place(self.wanted.placement.area, strip)));
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
            self.queue(strips, free, queue, hand);
        }
        commands
    }

    /// Everything that is free and not there.
    fn queue(&mut self, strips: &[Strip], free: &[bool], queue: &mut Queue, hand: &mut Hand<'_>) {
        let missing = |at: &usize| {
            free.get(*at).copied().unwrap_or(false) && self.shown.get(*at) == Some(&false)
        };
        self.queued = (0..strips.len()).filter(missing).collect();
        let area = self.wanted.placement.area;
        let wanted = self.queued.iter().filter_map(|at| strips.get(*at));
        let pieces = wanted.map(|strip| paint::strip(area, strip, hand.is_cursor_shown)).collect();
        *hand.last_job += 1;
        self.job = *hand.last_job;
        queue.add_job(self.job, pieces, Vec::new());
    }
}

/// The end of a job that has begun might have shown the cursor again.
fn drop_job(job: JobId, is_cursor_shown: bool, queue: &mut Queue) -> Vec<u8> {
    let has_begun = matches!(queue.progress(job), Progress::Open | Progress::Closed);
    queue.drop_job(job);
    if has_begun { paint::cursor(is_cursor_shown).to_vec() } else { Vec::new() }
}

fn place(area: Rect, strip: &Strip) -> Rect {
    Rect { y: area.y + strip.row, height: strip.rows, ..area }
}
