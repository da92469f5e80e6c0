//! How many bytes of pictures may be on their way, learnt from the terminal's answers.
//!
//! Pure: asks no clock. The time between the answers of pieces that waited behind each other tells
//! the rate; the answers of those that had nothing before them, how long an empty line takes. So
//! many bytes are sent ahead that a key waits 30 ms behind them at most, half of that while
//! somebody types. What `write` says means nothing: ssh and tmux take a megabyte at once.
//!
//! A measure of the empty line may be too long: bytes that asked for nothing stood before it. A
//! full line never corrects that, so that it is let run empty now and then while somebody types
//! (what BBR calls ProbeRTT); without keys nobody waits, and nothing is lost by it.

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
pub const ACK_TIMEOUT: Duration = Duration::from_secs(3);
/// And as often after that, where nothing was ever answered.
pub const SILENT_PACE: Duration = Duration::from_millis(250);

/// Before anything is known.
const FIRST: usize = 8 << 10;
/// Never more: a terminal that answers before it has drawn would be flooded.
const MOST: usize = 1 << 20;
/// How long a key may wait behind pieces; while somebody types, half of it.
const QUEUEING: Duration = Duration::from_millis(30);
/// Another key may follow for so long: after a single one, and where keys follow each other as
/// slowly as hands do that wait for each echo.
const AFTER_KEY: Duration = Duration::from_millis(150);
const BETWEEN_KEYS: Duration = Duration::from_millis(600);
/// An answer takes no longer on a line of which nothing is known.
const UNKNOWN: Duration = Duration::from_secs(1);
/// While somebody types, an empty line is measured anew after so long, or after two round trips
/// where they take longer; twice as long each time that this has told nothing new.
const REMEASURE: Duration = Duration::from_millis(600);
/// As often is that doubled.
const DOUBLINGS: u32 = 5;
/// As many answers make a measure.
const SAMPLES: usize = 32;

#[derive(Debug)]
struct Sent {
    bytes: usize,
    at: Instant,
    /// Nothing was on its way before it.
    is_first: bool,
    /// It asks for these bytes as well, on their way since then.
    owed: Option<(usize, Instant)>,
}

/// Bytes, and the time that they took.
type Sample = (usize, Duration);

/// How many bytes may be on their way.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Oldest first.
    in_flight: VecDeque<Sent>,
    /// Given up as none that is answered, though it may still be on the line.
    owed: Option<(usize, Instant)>,
    /// How often what was on its way was given up.
    round: u64,
    /// The last answer, or the first piece after none was open.
    heard: Option<Instant>,
    /// The terminal was silent for too long: one piece at a time until it answers.
    is_silent: bool,
    has_answered: bool,
    /// Of pieces that waited behind others, since the answer before: the line was never idle.
    busy: VecDeque<Sample>,
    /// Of pieces with nothing before them, from the piece to its answer.
    empty: VecDeque<Sample>,
    /// When that was last, or was given up; how many in a row have told nothing new.
    measured: Option<Instant>,
    confirmed: u32,
    /// Pieces are held back for the next of those, until then at most.
    drains_until: Option<Instant>,
    /// Added as long as the line turns out to have been idle.
    bonus: usize,
    /// The last key, and how long another may follow.
    typed: Option<(Instant, Duration)>,
    last: Last,
}

/// What the last answer told, for those that come with it in one read: ssh hands on what it has
/// packed together, so that their own times mean nothing.
#[derive(Clone, Copy, Debug, Default)]
enum Last {
    #[default]
    Nothing,
    Busy,
    /// Of a piece with nothing before it; and what an empty line was known to take.
    Empty {
        bytes: usize,
        took: Duration,
        least: Option<Duration>,
    },
}

/// Answers that are nearer to each other have come in one read.
const ONE_READ: Duration = Duration::from_millis(1);

impl Window {
    /// For another piece of so many bytes. The link must never run empty between two; only while
    /// somebody types, most of the piece must fit.
    pub(super) fn has_room(&mut self, size: usize, now: Instant) -> bool {
        let used = self.used();
        let is_typing = self.is_typing(now);
        if !is_typing {
            // What was begun for a key is not to be taken for given up at the next one.
            self.drains_until = None;
        } else if used > 0 && self.must_drain(now) {
            return false;
        }
        let beyond = if is_typing { size / 2 } else { 0 };
        used == 0 || (!self.is_silent && used + beyond < self.room(now))
    }

    /// Whether what is on its way was given up now: no answer will come for it.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let is_over = self.patience_left(now) == Some(Duration::ZERO);
        if is_over {
            self.forget_sent();
            self.is_silent = true;
        }
        is_over
    }

    /// Nothing of what is on its way will be answered: it was sent with another question, or none.
    /// Whether there was any.
    pub(super) fn forget_sent(&mut self) -> bool {
        let was_unanswered = self.is_unanswered();
        if let Some(first) = self.in_flight.front() {
            let (more, since) = first.owed.unwrap_or((0, first.at));
            self.owed = Some((more + self.used(), since));
        }
        self.in_flight.clear();
        self.round += 1;
        was_unanswered
    }

    pub(super) fn round(&self) -> u64 {
        self.round
    }

    fn is_typing(&self, now: Instant) -> bool {
        self.typed.is_some_and(|(typed, lasts)| age(typed, now) < lasts)
    }

    /// The line is to run empty, so that it is known what that takes. Where frames keep it busy,
    /// this is given up, and tried again as long after.
    fn must_drain(&mut self, now: Instant) -> bool {
        let (Some(measured), Some(round_trip)) = (self.measured, self.round_trip()) else {
            return false;
        };
        let lasts = (round_trip * 2).max(REMEASURE) * (1 << self.confirmed.min(DOUBLINGS));
        if age(measured, now) <= lasts {
            return false;
        }
        let empties = self.answers_take() + round_trip * 2;
        let is_over = *self.drains_until.get_or_insert(now + empties) <= now;
        if is_over {
            (self.measured, self.drains_until) = (Some(now), None);
        }
        !is_over
    }

    fn used(&self) -> usize {
        self.in_flight.iter().map(|sent| sent.bytes).sum()
    }

    fn room(&self, now: Instant) -> usize {
        let Some(link) = self.link() else {
            return FIRST + self.bonus;
        };
        let queueing = if self.is_typing(now) { QUEUEING / 2 } else { QUEUEING };
        let wanted = link.rate * (link.round_trip + queueing).as_secs_f64();
        let wanted = (wanted as usize).min(MOST);
        wanted + self.bonus.min(wanted / 8)
    }

    pub(super) fn sent(&mut self, bytes: usize, now: Instant) {
        if self.in_flight.is_empty() {
            self.heard = Some(now);
        }
        let is_first = self.in_flight.is_empty();
        let owed = self.owed.take();
        self.in_flight.push_back(Sent { bytes, at: now, is_first, owed });
    }

    /// The terminal has answered one question. Whether it was one of these.
    pub(super) fn acknowledge(&mut self, now: Instant) -> bool {
        let before = self.heard.replace(now);
        let Some(Sent { bytes, at, is_first, owed }) = self.in_flight.pop_front() else {
            return false;
        };
        // Behind bytes that were on the line it tells of that line no more than they do.
        if let Some((more, since)) = owed {
            keep(&mut self.empty, (more + bytes, age(since, now)));
        }
        (self.is_silent, self.has_answered) = (false, true);
        if !is_first && before.is_some_and(|before| age(before, now) < ONE_READ) {
            self.join(bytes);
            return true;
        }
        self.last = Last::Nothing;
        if is_first {
            let (took, least) = (age(at, now), self.round_trip());
            self.last = Last::Empty { bytes, took, least };
            keep(&mut self.empty, (bytes, took));
            self.measured(least, now);
        }
        // It waited behind the answer before, if it was sent earlier than an empty line takes.
        let empty = self.round_trip().unwrap_or(Duration::MAX);
        match before.filter(|before| age(at, *before) >= empty) {
            Some(before) => {
                keep(&mut self.busy, (bytes, age(before, now)));
                self.bonus = 0;
                self.last = Last::Busy;
            }
            None => self.bonus = (self.bonus + bytes).min(MOST),
        }
        true
    }

    /// An empty line was measured, of which this was known before.
    fn measured(&mut self, least: Option<Duration>, now: Instant) {
        self.measured = Some(now);
        let is_news = match (least, self.round_trip()) {
            (Some(before), Some(round_trip)) => round_trip < before.mul_f64(0.8),
            _ => true,
        };
        // A piece that came after a pause may have stood behind as much as the first one did.
        let was_for_that = self.drains_until.take().is_some();
        self.confirmed = if is_news { 0 } else { self.confirmed + u32::from(was_for_that) };
    }

    /// Came with the answer before. What took longer than an empty line does has filled it.
    fn join(&mut self, more: usize) {
        match self.last {
            Last::Busy => {
                if let Some((bytes, _)) = self.busy.back_mut() {
                    *bytes += more;
                }
            }
            Last::Empty { bytes, took, least: Some(least) } if took > least + QUEUEING => {
                self.empty.pop_back();
                keep(&mut self.busy, (bytes + more, took - least));
                self.bonus = 0;
                self.last = Last::Busy;
            }
            Last::Empty { .. } | Last::Nothing => self.bonus = (self.bonus + more).min(MOST),
        }
    }

    pub(super) fn typed(&mut self, now: Instant) {
        let follows = self.typed.is_some_and(|(before, _)| age(before, now) < BETWEEN_KEYS);
        self.typed = Some((now, if follows { BETWEEN_KEYS } else { AFTER_KEY }));
    }

    pub(super) fn is_unanswered(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// How long answers to what is on its way may still take, as far as the line is known.
    pub(super) fn answers_take(&self) -> Duration {
        match (self.link(), self.round_trip()) {
            _ if self.is_silent || !self.is_unanswered() => Duration::ZERO,
            (Some(link), _) => {
                let bytes = self.used() as f64 / link.rate.max(1.0);
                (link.round_trip + Duration::from_secs_f64(bytes.min(60.0))) * 2
            }
            (None, Some(round_trip)) => round_trip * 4,
            (None, None) => UNKNOWN,
        }
    }

    pub(super) fn patience_left(&self, now: Instant) -> Option<Duration> {
        self.in_flight.front()?;
        let is_mute = self.is_silent && !self.has_answered;
        let patience = if is_mute { SILENT_PACE } else { ACK_TIMEOUT };
        Some(patience.saturating_sub(age(self.heard?, now)))
    }

    fn rate(&self) -> Option<f64> {
        let bytes: usize = self.busy.iter().map(|(bytes, _)| bytes).sum();
        let time: Duration = self.busy.iter().map(|(_, time)| time).sum();
        // Answers that come in one read would make an endless rate.
        let time = time.max(Duration::from_micros(10));
        (bytes > 0).then(|| bytes as f64 / time.as_secs_f64())
    }

    /// What the fastest answers took, without their own bytes where the rate is known.
    fn round_trip(&self) -> Option<Duration> {
        let rate = self.rate();
        let empty = |(bytes, took): &Sample| match rate {
            Some(rate) => took.saturating_sub(Duration::from_secs_f64(*bytes as f64 / rate)),
            None => *took,
        };
        self.empty.iter().map(empty).min()
    }

    /// What is known, once a picture of some pieces has told.
    pub(super) fn link(&self) -> Option<Link> {
        let (rate, round_trip) = (self.rate()?, self.round_trip()?);
        Some(Link { rate, round_trip })
    }
}

fn keep(samples: &mut VecDeque<Sample>, sample: Sample) {
    samples.push_back(sample);
    if samples.len() > SAMPLES {
        samples.pop_front();
    }
}

fn age(then: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(then)
}
