//! How many bytes of pictures may be on their way, learnt from the terminal's answers.
//!
//! Pure: asks no clock. The answers tell the rate at which bytes arrive, and a question without a
//! piece before it tells how long an empty line takes. So many bytes are sent ahead that a key
//! waits 30 ms behind them at most, half of that while somebody types. What `write` says means
//! nothing: ssh and tmux take a megabyte at once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What the line is known to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Bytes in a second.
    pub rate: f64,
    /// From a question to its answer on an idle line.
    pub round_trip: Duration,
}

/// Without any answer for so long, one piece goes all the same.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// Before anything is known.
const FIRST: usize = 8 << 10;
/// Never more: a terminal that answers before it has drawn would be flooded.
const MOST: usize = 1 << 20;
/// How long a key may wait behind pieces; while somebody types, half of it.
const QUEUEING: Duration = Duration::from_millis(30);
const TYPING: Duration = Duration::from_millis(150);
/// After this the time of an empty line is measured again.
const STALE: Duration = Duration::from_secs(10);
/// As many answers make a rate.
const SAMPLES: usize = 24;

#[derive(Debug)]
struct Sent {
    bytes: usize,
    at: Instant,
    /// Others were on their way before it: the time between their answers tells the rate.
    is_behind: bool,
}

/// How many bytes may be on their way.
#[derive(Debug)]
pub(super) struct Window {
    /// Oldest first.
    in_flight: VecDeque<Sent>,
    /// The last answer, or the first question after none was open.
    heard: Option<Instant>,
    /// The terminal was silent for too long: one piece at a time until it answers.
    is_silent: bool,
    size: usize,
    round_trip: Option<(Duration, Instant)>,
    /// Bytes, and the time from the answer before to theirs.
    samples: VecDeque<(usize, Duration)>,
    typed: Option<Instant>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            in_flight: VecDeque::new(),
            heard: None,
            is_silent: false,
            size: FIRST,
            round_trip: None,
            samples: VecDeque::new(),
            typed: None,
        }
    }
}

impl Window {
    /// Whether a question shall go ahead of the next piece, to measure the empty line.
    pub(super) fn wants_probe(&self, now: Instant) -> bool {
        let is_known = self.round_trip.is_some_and(|(_, at)| age(at, now) < STALE);
        self.in_flight.is_empty() && !is_known
    }

    /// For another piece: the line shall never run empty between two.
    pub(super) fn has_room(&mut self, now: Instant) -> bool {
        if self.patience_left(now) == Some(Duration::ZERO) {
            self.in_flight.clear();
            self.is_silent = true;
        }
        let used: usize = self.in_flight.iter().map(|sent| sent.bytes).sum();
        used == 0 || (!self.is_silent && used < self.room(now))
    }

    fn room(&self, now: Instant) -> usize {
        let Some(link) = self.link() else {
            return self.size;
        };
        let is_typing = self.typed.is_some_and(|typed| age(typed, now) < TYPING);
        let queueing = if is_typing { QUEUEING / 2 } else { QUEUEING };
        let wanted = link.rate * (link.round_trip + queueing).as_secs_f64();
        (wanted as usize).min(self.size)
    }

    /// A piece, or a probe of no bytes.
    pub(super) fn sent(&mut self, bytes: usize, now: Instant) {
        let is_behind = !self.in_flight.is_empty();
        if !is_behind {
            self.heard = Some(now);
        }
        self.in_flight.push_back(Sent { bytes, at: now, is_behind });
    }

    /// The terminal has answered one question. Whether it was one of these.
    pub(super) fn acknowledge(&mut self, now: Instant) -> bool {
        let before = self.heard.replace(now);
        let Some(sent) = self.in_flight.pop_front() else {
            return false;
        };
        self.is_silent = false;
        if sent.bytes == 0 {
            self.round_trip = Some((age(sent.at, now), now));
            return true;
        }
        if let Some(before) = before.filter(|_| sent.is_behind) {
            self.samples.push_back((sent.bytes, age(before, now)));
            if self.samples.len() > SAMPLES {
                self.samples.pop_front();
            }
        }
        // Twice as much for each round trip, until the rate says that it is enough.
        self.size = (self.size + sent.bytes).min(MOST);
        true
    }

    pub(super) fn typed(&mut self, now: Instant) {
        self.typed = Some(now);
    }

    pub(super) fn is_unanswered(&self) -> bool {
        !self.in_flight.is_empty()
    }

    pub(super) fn patience_left(&self, now: Instant) -> Option<Duration> {
        self.in_flight.front()?;
        Some(PATIENCE.saturating_sub(age(self.heard?, now)))
    }

    /// What is known, once a picture of some pieces has told.
    pub(super) fn link(&self) -> Option<Link> {
        let (round_trip, _) = self.round_trip?;
        let bytes: usize = self.samples.iter().map(|(bytes, _)| bytes).sum();
        let time: Duration = self.samples.iter().map(|(_, time)| *time).sum();
        // Answers that come in one read would make an endless rate.
        let time = time.max(Duration::from_micros(10));
        (bytes > 0).then(|| Link { rate: bytes as f64 / time.as_secs_f64(), round_trip })
    }
}

fn age(then: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(then)
}
