//! Keys as events: crossterm's parser behind a second pseudo-terminal on descriptor 0.
//!
//! crossterm reads only from a terminal, so it gets one of its own; what stands on descriptor 0
//! otherwise comes back when [`Parser`]'s [`Stdin`] is dropped. Bytes go in and their events come
//! out in one call: nothing is parsed later, or together with what comes after. Only one may exist
//! in a process: crossterm stays with the descriptor that it has seen first.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::pty::OpenptFlags;

use super::Error;

/// crossterm reads 1024 bytes at a time and takes a full buffer for a part of something.
const MOST: usize = 900;
/// No sequence that crossterm knows is longer.
const LONGEST_SEQUENCE: usize = 64;
/// How often, and how long each time, to wait for the kernel to carry bytes to the other side.
const TRIES: usize = 50;
const TRY: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// The writing side.
#[derive(Debug)]
pub struct Parser {
    keys: File,
    parsed: OwnedFd,
}

/// What stood on descriptor 0 before; dropping it puts that back.
#[derive(Debug)]
pub struct Stdin {
    before: File,
}

impl Parser {
    /// Puts a second pseudo-terminal on descriptor 0.
    pub fn take_stdin() -> Result<(Self, Stdin), Error> {
        let before = super::duplicate(rustix::stdio::stdin())?;
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let keys = rustix::pty::openpt(flags).map_err(Error::system)?;
        rustix::pty::grantpt(&keys).map_err(Error::system)?;
        rustix::pty::unlockpt(&keys).map_err(Error::system)?;
        let name = rustix::pty::ptsname(&keys, Vec::new()).map_err(Error::system)?;
        // crossterm reads on until nothing is left: it must not wait there, as it holds its lock.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let parsed = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty())
            .map_err(Error::system)?;
        rustix::stdio::dup2_stdin(&parsed).map_err(Error::system)?;
        let stdin = Stdin { before };
        // Raw here as well: a cooked line would turn Ctrl-J into Enter, which pays.
        crossterm::terminal::enable_raw_mode().map_err(|error| Error::io(&error))?;
        Ok((Self { keys: File::from(keys), parsed }, stdin))
    }

    /// The events that these bytes are. An escape at their end is the key.
    pub fn parse(&mut self, mut keys: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(event) = unfinished(keys) {
            return vec![event];
        }
        // A change of the size that crossterm has not told yet would hide the bytes from it.
        self.read_events(&mut events);
        while !keys.is_empty() {
            let (now, later) = keys.split_at(end_of_part(keys));
            if self.keys.write_all(now).is_err() {
                return events;
            }
            self.wait_for(now.len());
            self.drain(&mut events);
            keys = later;
        }
        events
    }

    /// The kernel carries the bytes over on a thread of its own.
    fn wait_for(&self, count: usize) {
        for _ in 0..TRIES {
            if self.waiting() >= count {
                return;
            }
            let mut parsed = [PollFd::new(&self.parsed, PollFlags::IN)];
            let _ = poll(&mut parsed, Some(&TRY));
        }
    }

    fn drain(&mut self, events: &mut Vec<Event>) {
        for _ in 0..TRIES {
            self.read_events(events);
            if self.waiting() == 0 {
                return;
            }
            self.give_again();
        }
    }

    fn read_events(&self, events: &mut Vec<Event>) {
        while crossterm::event::poll(Duration::ZERO).unwrap_or(false) {
            match crossterm::event::read() {
                // The size is watched elsewhere, together with the pixels.
                Ok(Event::Resize(..)) | Err(_) => {}
                Ok(event) => events.push(event),
            }
        }
    }

    /// crossterm forgets that there are bytes when it learns of a new size at the same moment, and
    /// looks again only when more come: these do.
    fn give_again(&mut self) {
        let mut bytes = [0; MOST];
        let Ok(count) = rustix::io::read(&self.parsed, &mut bytes) else {
            return;
        };
        if self.keys.write_all(bytes.get(..count).unwrap_or_default()).is_ok() {
            self.wait_for(count);
        }
    }

    fn waiting(&self) -> usize {
        let waiting = rustix::io::ioctl_fionread(self.parsed.as_fd()).unwrap_or(0);
        usize::try_from(waiting).unwrap_or(usize::MAX)
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        // The modes of the pseudo-terminal, as long as descriptor 0 is that one.
        let _ = crossterm::terminal::disable_raw_mode();
        let _ = rustix::stdio::dup2_stdin(&self.before);
    }
}

/// crossterm would wait for the rest of these, and take the next key for it.
fn unfinished(keys: &[u8]) -> Option<Event> {
    let letter = match keys {
        b"\x1b[" => '[',
        b"\x1bO" => 'O',
        _ => return None,
    };
    Some(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT)))
}

/// A part that ends neither inside a sequence nor beyond what is read at once.
fn end_of_part(keys: &[u8]) -> usize {
    if keys.len() <= MOST {
        return keys.len();
    }
    let near = keys.get(MOST - LONGEST_SEQUENCE..MOST).unwrap_or_default();
    let escape = near.iter().rposition(|byte| *byte == 0x1b);
    escape.map_or(MOST, |at| MOST - LONGEST_SEQUENCE + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_part_is_never_cut_inside_a_sequence() {
        let keys = b"\x1b[1;5C".repeat(400);
        let mut rest = keys.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(end_of_part(rest));
            assert!(part.len() <= MOST && part.len() % 6 == 0, "{}", part.len());
            rest = later;
        }
        assert_eq!(end_of_part(&[b'a'; 2000]), MOST);
    }
}
