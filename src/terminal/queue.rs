//! What waits to be written: frames first, then pieces of pictures, paced by the terminal's answers.
//!
//! Pure: writes nothing, asks no clock. `write` does not push back over ssh or in tmux, so each
//! piece carries a question behind it, and only so many bytes may be without an answer.
//! Invariant: what [`Queue::next`] gives out is whole, or ends what [`Queue::put_back`] has brought back;
//! nothing belongs inside it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::send_window::{Link, Window};

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

/// Bytes to write at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub bytes: Vec<u8>,
    pub is_frame: bool,
    /// The question stands behind it.
    pub asks: bool,
}

#[derive(Debug)]
struct Job {
    id: JobId,
    chunks: VecDeque<Vec<u8>>,
    /// Goes out behind the last piece; may be changed until then.
    tail: Vec<u8>,
    is_begun: bool,
}

/// A frame of so many bytes takes its time on the line: pictures must wait for it to arrive.
const LARGE: usize = 1 << 10;

/// Everything that waits.
#[derive(Debug)]
pub struct Queue {
    frame: Vec<u8>,
    /// The frame's arrival is asked for, however small it is.
    asks: bool,
    jobs: VecDeque<Job>,
    window: Window,
    /// Asks the terminal for a sign of life; wrapped where it must pass through tmux. None while it
    /// has answered none: then time alone paces what is sent.
    question: Option<Vec<u8>>,
    /// Something was sent before there was a question: its arrival is still to be asked for.
    owes: bool,
    /// What was on its way was given up.
    has_given_up: bool,
}

impl Queue {
    pub fn new(question: Option<Vec<u8>>) -> Self {
        Self {
            frame: Vec::new(),
            asks: false,
            jobs: VecDeque::new(),
            window: Window::default(),
            question,
            owes: false,
            has_given_up: false,
        }
    }

    pub fn set_question(&mut self, question: Option<Vec<u8>>) {
        if self.question != question {
            let is_unasked = self.window.forget_sent() || self.owes;
            self.owes = is_unasked && question.is_some();
            self.question = question;
        }
    }

    /// What was on its way has been given up since this was asked last.
    pub fn has_given_up(&mut self) -> bool {
        std::mem::take(&mut self.has_given_up)
    }

    /// Bytes that go out before everything else, after earlier ones of their kind.
    pub fn add_frame(&mut self, bytes: &[u8]) {
        self.frame.extend_from_slice(bytes);
    }

    /// Ask the terminal to answer when it has the frame.
    pub fn ask(&mut self) {
        self.asks = true;
    }

    pub fn has_frame(&self) -> bool {
        !self.frame.is_empty()
    }

    pub fn add_job(&mut self, id: JobId, chunks: Vec<Vec<u8>>, tail: Vec<u8>) {
        self.jobs.push_back(Job { id, chunks: chunks.into(), tail, is_begun: false });
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
            Some(job) if job.chunks.is_empty() => Progress::Closed,
            Some(_) => Progress::Open,
        }
    }

    /// Pieces of a job that were not given out.
    pub fn left(&self, id: JobId) -> usize {
        self.jobs.iter().find(|job| job.id == id).map_or(0, |job| job.chunks.len())
    }

    /// Takes back what was not given out of a job.
    pub fn drop_job(&mut self, id: JobId) {
        self.jobs.retain(|job| job.id != id);
    }

    pub fn drop_jobs(&mut self) {
        self.jobs.clear();
    }

    /// A frame whose arrival nothing waits for, to be written now; what is not comes back.
    pub fn take_small_frame(&mut self) -> Option<Vec<u8>> {
        let is_small = !self.asks && !self.owes && self.frame.len() < LARGE;
        (is_small && self.has_frame()).then(|| std::mem::take(&mut self.frame))
    }

    /// The rest of a frame that could not be written whole: it goes before everything else.
    pub fn put_back(&mut self, rest: &[u8]) {
        self.frame.splice(..0, rest.iter().copied());
    }

    /// What to write now.
    pub fn next(&mut self, now: Instant) -> Option<Write> {
        self.has_given_up |= self.window.expire(now);
        let owes = std::mem::take(&mut self.owes);
        if !self.frame.is_empty() {
            let bytes = std::mem::take(&mut self.frame);
            let asks = std::mem::take(&mut self.asks) || owes || bytes.len() >= LARGE;
            if asks {
                return Some(self.with_question(bytes, now, true));
            }
            return Some(Write { bytes, is_frame: true, asks: false });
        }
        if owes {
            return Some(self.with_question(Vec::new(), now, false));
        }
        let job = self.jobs.front_mut()?;
        let size = job.chunks.front().unwrap_or(&job.tail).len();
        if !self.window.has_room(size, now) {
            return None;
        }
        let bytes = job.chunks.pop_front().unwrap_or_else(|| std::mem::take(&mut job.tail));
        job.is_begun = true;
        if job.chunks.is_empty() && job.tail.is_empty() {
            self.jobs.pop_front();
        }
        Some(self.with_question(bytes, now, false))
    }

    fn with_question(&mut self, mut bytes: Vec<u8>, now: Instant, is_frame: bool) -> Write {
        // An empty piece would not count as one.
        self.window.sent(bytes.len().max(1), now);
        bytes.extend_from_slice(self.question.as_deref().unwrap_or_default());
        Write { bytes, is_frame, asks: self.question.is_some() }
    }

    /// Pieces of a round before this one are not waited for any more.
    pub fn round(&self) -> u64 {
        self.window.round()
    }

    /// How long to wait when there is nothing to write now; for ever without one. What is on its
    /// way is given up after it.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        self.window.patience_left(now)
    }

    /// The terminal has answered one question. Whether it was one of these.
    pub fn acknowledge(&mut self, now: Instant) -> bool {
        self.window.acknowledge(now)
    }

    /// No picture waits or is on its way.
    pub fn is_at_rest(&self) -> bool {
        self.jobs.is_empty() && !self.window.is_unanswered()
    }

    /// Somebody types: pictures wait more.
    pub fn typed(&mut self, now: Instant) {
        self.window.typed(now);
    }

    /// What the line does, as far as the answers have told.
    pub fn link(&self) -> Option<Link> {
        self.window.link()
    }

    /// How long answers to these pieces may still take, as far as the line is known.
    pub fn answers_take(&self) -> Duration {
        self.window.answers_take()
    }

    /// Pieces were written that the terminal has not answered for.
    pub fn is_unanswered(&self) -> bool {
        self.window.is_unanswered()
    }
}
