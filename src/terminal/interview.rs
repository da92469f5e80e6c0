//! Asks a terminal what it can do, without taking it: no other screen, nothing switched on.
//!
//! Invariant: it reads no longer than it is given, the terminal's settings are restored when it
//! returns or panics, and whoever is not in front of the person asks nothing.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr};

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

    /// What has come, or nothing until then.
    fn read(&mut self, until: Instant) -> Option<Vec<u8>> {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok()?;
        let mut watched = [PollFd::new(&self.input, PollFlags::IN)];
        if !matches!(poll(&mut watched, Some(&left)), Ok(1..)) {
            return None;
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
/// group ends with one for the attributes. `is_enough` after the last answer ends it early.
pub fn interview(
    patience: Duration,
    begin: impl FnOnce(Size) -> Vec<u8>,
    mut follow: impl FnMut(&[u8]) -> Vec<u8>,
    is_enough: impl Fn() -> bool,
) -> Interview {
    let Some(mut raw) = Raw::take() else { return Interview::NotAsked };
    let size = tcgetwinsize(&raw.output);
    let size = size.map_or((80, 24, 0, 0), |it| (it.ws_col, it.ws_row, it.ws_xpixel, it.ws_ypixel));
    let (started, mut filter) = (Instant::now(), Filter::default());
    let (mut open, mut took) = (1_usize, None);
    if raw.output.write_all(&begin(size)).is_err() {
        return Interview::NotAsked;
    }
    while let Some(bytes) = raw.read(started + patience) {
        for part in filter.feed(&bytes) {
            // Keys that were pressed meanwhile are nobody's.
            let Sorted::Reply(reply) = part else { continue };
            if Question::of(&reply) == Some(Question::Attributes) {
                open = open.saturating_sub(1);
                took.get_or_insert_with(|| started.elapsed());
            }
            let more = follow(&reply);
            if !more.is_empty() && raw.output.write_all(&more).is_ok() {
                open += 1;
            }
        }
        if open == 0 && is_enough() {
            break;
        }
    }
    took.map_or(Interview::Silent, Interview::Answered)
}
