//! Asks a terminal what it can do, without taking it: no other screen, nothing switched on.
//!
//! Invariant: it reads no longer than it is given, the terminal's settings are restored when it
//! returns, panics, or is ended or stopped by a signal, and whoever is not in front of the person
//! asks nothing.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::{flag, low_level};

use super::duplicate;
use super::filter::{Filter, Sorted};
use super::sign::Question;

/// Columns, rows, and pixels of all of it, 0 where unknown.
pub type Size = (u16, u16, u16, u16);

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interview {
    /// There is no terminal, or another program has it.
    NotAsked,
    Silent,
    /// The first answer to the last question took so long.
    Answered(Duration),
}

/// What ends or stops a program that does not care.
const SIGNALS: [i32; 5] = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP];
/// So long an ended one still waits for answers, which would be typed into the shell.
const LATE_ANSWERS: Duration = Duration::from_millis(250);
/// Ctrl-C, which comes as a key.
const INTERRUPT: u8 = 0x03;

/// Signals wait while the terminal is not as it was.
struct Signals {
    heard: Arc<AtomicUsize>,
    /// They act as they do by themselves.
    act: Arc<AtomicBool>,
}

impl Signals {
    fn hold() -> std::io::Result<Self> {
        let held = Self { heard: Arc::default(), act: Arc::default() };
        for signal in SIGNALS {
            flag::register_conditional_default(signal, Arc::clone(&held.act))?;
            flag::register_usize(signal, Arc::clone(&held.heard), number(signal))?;
        }
        Ok(held)
    }

    fn hear(&self, signal: i32) {
        self.heard.store(number(signal), Ordering::SeqCst);
    }

    fn heard(&self) -> Option<i32> {
        i32::try_from(self.heard.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
    }

    /// What was held acts now; whether anything was, and we are still here.
    fn release(&self) -> bool {
        self.act.store(true, Ordering::SeqCst);
        self.heard().is_some_and(|signal| low_level::emulate_default_handler(signal).is_ok())
    }
}

fn number(signal: i32) -> usize {
    usize::try_from(signal).unwrap_or_default()
}

/// A terminal whose lines come key by key until this is dropped.
struct Raw {
    input: File,
    output: File,
    before: Termios,
}

impl Raw {
    fn take() -> Option<Self> {
        let output = match (std::io::stdout().is_terminal(), std::io::stderr().is_terminal()) {
            (true, _) => duplicate(rustix::stdio::stdout()),
            (false, true) => duplicate(rustix::stdio::stderr()),
            (false, false) => return None,
        };
        let (input, output) = (duplicate(rustix::stdio::stdin()).ok()?, output.ok()?);
        let before = tcgetattr(&input).ok()?;
        // In the background the system would stop us for it.
        if tcgetpgrp(&input).ok()? != rustix::process::getpgrp() {
            return None;
        }
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&input, OptionalActions::Now, &raw).ok()?;
        Some(Self { input, output, before })
    }

    /// What has come until then or a signal; `None` when nothing can come any more.
    fn read(&mut self, until: Instant) -> Option<Vec<u8>> {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok()?;
        let mut watched = [PollFd::new(&self.input, PollFlags::IN)];
        match poll(&mut watched, Some(&left)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Some(Vec::new()),
            Ok(_) => {}
            Err(_) => return None,
        }
        let mut buffer = vec![0; 4096];
        let count = self.input.read(&mut buffer).ok().filter(|count| *count > 0)?;
        buffer.truncate(count);
        Some(buffer)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // An answer that comes too late is no key for the shell.
        let _ = tcsetattr(&self.input, OptionalActions::Flush, &self.before);
    }
}

/// Puts the questions that `begin` makes of the size, and those that follow from each answer; each
/// group ends with one for the attributes. `is_enough` after the last answer ends it early. Once in a
/// process: afterwards signals act as they do by themselves.
pub fn interview(
    patience: Duration,
    begin: impl FnOnce(Size) -> Vec<u8>,
    mut follow: impl FnMut(&[u8]) -> Vec<u8>,
    is_enough: impl Fn() -> bool,
) -> Interview {
    let Ok(signals) = Signals::hold() else { return Interview::NotAsked };
    let outcome = Raw::take().map_or(Interview::NotAsked, |raw| {
        let (filter, started) = (Filter::default(), Instant::now());
        let talk = Talk { raw, signals: &signals, filter, started, open: 1, took: None };
        talk.lead(patience, begin, &mut follow, is_enough)
    });
    if signals.release() { Interview::NotAsked } else { outcome }
}

struct Talk<'a> {
    raw: Raw,
    signals: &'a Signals,
    filter: Filter,
    started: Instant,
    /// Groups of questions whose last answer has not come.
    open: usize,
    took: Option<Duration>,
}

impl Talk<'_> {
    fn lead(
        mut self,
        patience: Duration,
        begin: impl FnOnce(Size) -> Vec<u8>,
        follow: &mut impl FnMut(&[u8]) -> Vec<u8>,
        is_enough: impl Fn() -> bool,
    ) -> Interview {
        let size = tcgetwinsize(&self.raw.output)
            .map_or((80, 24, 0, 0), |it| (it.ws_col, it.ws_row, it.ws_xpixel, it.ws_ypixel));
        if self.raw.output.write_all(&begin(size)).is_err() {
            return Interview::NotAsked;
        }
        let mut until = self.started + patience;
        while Instant::now() < until {
            let is_ended = self.signals.heard().is_some();
            if self.open == 0 && (is_ended || is_enough()) {
                break;
            }
            if is_ended {
                until = until.min(Instant::now() + LATE_ANSWERS);
            }
            let Some(bytes) = self.raw.read(until) else { break };
            self.hear(&bytes, follow);
        }
        self.took.map_or(Interview::Silent, Interview::Answered)
    }

    fn hear(&mut self, bytes: &[u8], follow: &mut impl FnMut(&[u8]) -> Vec<u8>) {
        for part in self.filter.feed(bytes) {
            let reply = match part {
                Sorted::Reply(reply) => reply,
                Sorted::Keys(keys) if keys.contains(&INTERRUPT) => {
                    self.signals.hear(SIGINT);
                    continue;
                }
                // Keys that were pressed meanwhile are nobody's.
                Sorted::Keys(_) | Sorted::Paste(_) | Sorted::PasteEnd => continue,
            };
            if Question::of(&reply) == Some(Question::Attributes) {
                self.open = self.open.saturating_sub(1);
                self.took.get_or_insert_with(|| self.started.elapsed());
            }
            let more = follow(&reply);
            let is_asked = self.signals.heard().is_none() && !more.is_empty();
            if is_asked && self.raw.output.write_all(&more).is_ok() {
                self.open += 1;
            }
        }
    }
}
