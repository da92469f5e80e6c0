//! What waits to be written: frames first, then pieces of pictures, paced by the terminal's answers.
//!
//! Pure: writes nothing, asks no clock. `write` does not push back over ssh or in tmux, so each
//! piece carries a question behind it, and only so many bytes may be without an answer.
//! Invariant: what [`Queue::next`] gives out is whole; nothing belongs inside it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A group of pieces that belong together.
pub type JobId = u64;

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing of it was given out.
    Waiting,
    /// Some of its pieces were: another picture's commands must not come in between.
    Open,
    /// All pieces were; what ends the job still waits.
    Closed,
    /// Nothing of it is here.
    Gone,
}

/// What shall be written in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    pub bytes: Vec<u8>,
    pub is_frame: bool,
}

#[derive(Debug)]
struct Job {
    id: JobId,
    pieces: VecDeque<Vec<u8>>,
    /// Goes out behind the last piece; may be changed until then.
    tail: Vec<u8>,
    is_begun: bool,
}

/// Everything that waits.
#[derive(Debug)]
pub struct Queue {
    frame: Vec<u8>,
    jobs: VecDeque<Job>,
    window: Window,
    /// Asks the terminal for a sign of life; wrapped where it must pass through tmux.
    question: Vec<u8>,
}

impl Queue {
    pub fn new(question: Vec<u8>) -> Self {
        Self { frame: Vec::new(), jobs: VecDeque::new(), window: Window::default(), question }
    }

    pub fn set_question(&mut self, question: Vec<u8>) {
        self.question = question;
    }

    /// Bytes that go out before everything else, after earlier ones of their kind.
    pub fn add_frame(&mut self, bytes: &[u8]) {
        self.frame.extend_from_slice(bytes);
    }

    pub fn has_frame(&self) -> bool {
        !self.frame.is_empty()
    }

    pub fn add_job(&mut self, id: JobId, pieces: Vec<Vec<u8>>, tail: Vec<u8>) {
        self.jobs.push_back(Job { id, pieces: pieces.into(), tail, is_begun: false });
    }

    /// Changes what ends a job, while it is here.
    pub fn set_tail(&mut self, id: JobId, tail: Vec<u8>) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) {
            job.tail = tail;
        }
    }

    pub fn progress(&self, id: JobId) -> Progress {
        match self.jobs.iter().find(|job| job.id == id) {
            None => Progress::Gone,
            Some(job) if !job.is_begun => Progress::Waiting,
            Some(job) if job.pieces.is_empty() => Progress::Closed,
            Some(_) => Progress::Open,
        }
    }

    /// Takes back what was not given out of a job.
    pub fn drop_job(&mut self, id: JobId) {
        self.jobs.retain(|job| job.id != id);
    }

    pub fn drop_jobs(&mut self) {
        self.jobs.clear();
    }

    /// What to write now.
    pub fn next(&mut self, now: Instant) -> Option<Portion> {
        if !self.frame.is_empty() {
            return Some(Portion { bytes: std::mem::take(&mut self.frame), is_frame: true });
        }
        let job = self.jobs.front_mut()?;
        let bytes = job.pieces.front().unwrap_or(&job.tail);
        if !self.window.has_room(bytes.len(), now) {
            return None;
        }
        let mut bytes = job.pieces.pop_front().unwrap_or_else(|| std::mem::take(&mut job.tail));
        job.is_begun = true;
        if job.pieces.is_empty() && job.tail.is_empty() {
            self.jobs.pop_front();
        }
        self.window.sent(bytes.len(), now);
        bytes.extend_from_slice(&self.question);
        Some(Portion { bytes, is_frame: false })
    }

    /// How long to wait when there is nothing to write now; for ever without one.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        self.jobs.front()?;
        self.window.patience_left(now)
    }

    /// The terminal has answered one question. Whether it was one of these.
    pub fn acknowledge(&mut self, now: Instant) -> bool {
        self.window.acknowledge(now)
    }

    /// Pieces were written that the terminal has not answered for.
    pub fn is_unanswered(&self) -> bool {
        !self.window.in_flight.is_empty()
    }
}

/// Bytes of pieces that may be on their way.
const WINDOW: usize = 32 << 10;
/// Without any answer for so long, one piece goes all the same.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How many bytes may be on their way. A better measure of the link goes here and nowhere else.
#[derive(Debug, Default)]
struct Window {
    /// Sizes of the pieces without an answer, oldest first.
    in_flight: VecDeque<usize>,
    /// The last answer, or the first question after none was open.
    heard: Option<Instant>,
    /// The terminal was silent for too long: one piece at a time until it answers.
    is_silent: bool,
}

impl Window {
    fn has_room(&mut self, size: usize, now: Instant) -> bool {
        if self.patience_left(now) == Some(Duration::ZERO) {
            self.in_flight.clear();
            self.is_silent = true;
        }
        let used: usize = self.in_flight.iter().sum();
        used == 0 || (!self.is_silent && used + size <= WINDOW)
    }

    fn sent(&mut self, size: usize, now: Instant) {
        if self.in_flight.is_empty() {
            self.heard = Some(now);
        }
        // An empty piece would not count as one.
        self.in_flight.push_back(size.max(1));
    }

    fn acknowledge(&mut self, now: Instant) -> bool {
        let is_ours = self.in_flight.pop_front().is_some();
        self.heard = Some(now);
        self.is_silent &= !is_ours;
        is_ours
    }

    fn patience_left(&self, now: Instant) -> Option<Duration> {
        self.in_flight.front()?;
        let since = now.saturating_duration_since(self.heard?);
        Some(PATIENCE.saturating_sub(since))
    }
}
