//! The input's end: a thread reads the real terminal, takes the replies out, and hands the rest to
//! a second pseudo-terminal on descriptor 0, where crossterm parses keys as usual.
//!
//! The thread waits beside a wake pipe, so that it can be parked before a child gets the terminal;
//! it would eat the child's keys otherwise.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::OpenptFlags;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;

use super::filter::Filter;
use super::tty::Tty;
use super::{Error, TerminalEvent};

/// A lone escape is the key when nothing follows for so long.
const ESCAPE: Duration = Duration::from_millis(25);
/// A reply may be split on its way, so give it longer once it has begun.
const SPLIT: Duration = Duration::from_millis(250);
/// How long the parser may need for bytes that it has been given.
const SETTLE: Duration = Duration::from_millis(2);

/// What the thread is told through its pipe.
enum Command {
    /// Stop reading; the answer says that it has stopped.
    Park(std_mpsc::Sender<()>),
    Resume,
    End,
}

/// The thread, and the way to it.
#[derive(Debug)]
pub(super) struct Reader {
    commands: std_mpsc::Sender<Command>,
    wake: OwnedFd,
    /// Bytes are being handed to the parser just now.
    writing: Arc<AtomicBool>,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Park(_) => "Park",
            Self::Resume => "Resume",
            Self::End => "End",
        })
    }
}

impl Reader {
    /// Puts the second pseudo-terminal on descriptor 0 and begins to read the real one.
    pub(super) fn start(
        tty: &Tty,
        events: mpsc::UnboundedSender<TerminalEvent>,
    ) -> Result<Self, Error> {
        let master =
            rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
                .map_err(Error::system)?;
        rustix::pty::grantpt(&master).map_err(Error::system)?;
        rustix::pty::unlockpt(&master).map_err(Error::system)?;
        let name = rustix::pty::ptsname(&master, Vec::new()).map_err(Error::system)?;
        let flags =
            rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let slave = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty())
            .map_err(Error::system)?;
        rustix::stdio::dup2_stdin(&slave).map_err(Error::system)?;
        // Raw here as well: a cooked line would turn Ctrl-J into Enter, which pays.
        crossterm::terminal::enable_raw_mode().map_err(|error| Error::io(&error))?;
        let (woken, wake) = rustix::pipe::pipe().map_err(Error::system)?;
        let (commands, received) = std_mpsc::channel();
        let writing = Arc::new(AtomicBool::new(false));
        let thread = Thread {
            tty: tty.file()?,
            keys: File::from(master),
            woken: File::from(woken),
            commands: received,
            events,
            writing: Arc::clone(&writing),
            filter: Filter::default(),
            _slave: slave,
        };
        std::thread::Builder::new()
            .name("terminal-input".into())
            .spawn(move || thread.run())
            .map_err(|error| Error::io(&error))?;
        Ok(Self { commands, wake, writing })
    }

    /// Returns when the thread no longer reads.
    pub(super) fn park(&self) {
        let (sender, parked) = std_mpsc::channel();
        self.tell(Command::Park(sender));
        let _ = parked.recv_timeout(Duration::from_secs(1));
    }

    pub(super) fn resume(&self) {
        self.tell(Command::Resume);
    }

    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
        let _ = rustix::io::write(&self.wake, b"!");
    }

    pub(super) fn stream(&self) -> InputStream {
        InputStream {
            keys: EventStream::new(),
            batch: Vec::new(),
            writing: Arc::clone(&self.writing),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.tell(Command::End);
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

struct Thread {
    tty: File,
    keys: File,
    woken: File,
    commands: std_mpsc::Receiver<Command>,
    events: mpsc::UnboundedSender<TerminalEvent>,
    writing: Arc<AtomicBool>,
    filter: Filter,
    /// Keeps the second pseudo-terminal open whatever happens to descriptor 0.
    _slave: OwnedFd,
}

impl Thread {
    fn run(mut self) {
        let mut parked = false;
        loop {
            let (readable, woken) = self.wait(parked);
            if woken {
                match self.obey() {
                    Some(now) => parked = now,
                    None => return,
                }
            } else if readable {
                if !self.read() {
                    let _ = self.events.send(TerminalEvent::HungUp);
                    return;
                }
            } else {
                let keys = self.filter.release();
                self.hand_on(&keys);
            }
        }
    }

    /// Whether the terminal and the pipe have something; neither means that the time is up.
    fn wait(&self, parked: bool) -> (bool, bool) {
        let limit = match (self.filter.is_holding(), self.filter.is_long()) {
            (false, _) => None,
            (true, false) => Some(ESCAPE),
            (true, true) => Some(SPLIT),
        };
        let limit = limit.filter(|_| !parked).and_then(|limit| Timespec::try_from(limit).ok());
        let interest = if parked { PollFlags::empty() } else { PollFlags::IN };
        let mut both = [PollFd::new(&self.woken, PollFlags::IN), PollFd::new(&self.tty, interest)];
        // While parked a hang-up of the terminal must not make this spin.
        let count = if parked { 1 } else { 2 };
        let polled = both.get_mut(..count).map(|both| poll(both, limit.as_ref()));
        if matches!(polled, Some(Err(_)) | None) {
            return (false, false);
        }
        let [pipe, tty] = both;
        (!parked && !tty.revents().is_empty(), !pipe.revents().is_empty())
    }

    /// Whether it is parked now; `None` at the end.
    fn obey(&mut self) -> Option<bool> {
        let mut byte = [0];
        let _ = self.woken.read(&mut byte);
        match self.commands.recv() {
            Ok(Command::Park(parked)) => {
                let _ = parked.send(());
                Some(true)
            }
            Ok(Command::Resume) => Some(false),
            Ok(Command::End) | Err(_) => None,
        }
    }

    /// `false` when the terminal is gone.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let count = match self.tty.read(&mut buffer) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) =>
            {
                return true;
            }
            Err(_) => return false,
        };
        let filtered = self.filter.feed(buffer.get(..count).unwrap_or_default());
        for reply in filtered.replies {
            let _ = self.events.send(TerminalEvent::Reply(reply));
        }
        self.hand_on(&filtered.keys);
        true
    }

    fn hand_on(&mut self, keys: &[u8]) {
        if !keys.is_empty() {
            self.writing.store(true, Ordering::SeqCst);
            let _ = self.keys.write_all(keys);
            self.writing.store(false, Ordering::SeqCst);
        }
    }
}

/// Keys as they are parsed, grouped by what one read has brought.
#[derive(Debug)]
pub struct InputStream {
    keys: EventStream,
    /// Parsed, not yet handed over.
    batch: Vec<Event>,
    writing: Arc<AtomicBool>,
}

/// More in one go is a paste that nobody waits for.
const MOST: usize = 20_000;

impl InputStream {
    /// Everything that one read of the terminal brought, in order. Never empty.
    ///
    /// May be dropped while it waits: what was parsed stays for the next call.
    pub async fn next_batch(&mut self) -> Option<Vec<Event>> {
        if self.batch.is_empty() {
            let first = self.keys.next().await?.ok()?;
            self.batch.push(first);
        }
        while self.batch.len() < MOST {
            let wait = if self.is_more_coming() { SETTLE } else { Duration::ZERO };
            match tokio::time::timeout(wait, self.keys.next()).await {
                Ok(Some(Ok(event))) => self.batch.push(event),
                Ok(Some(Err(_)) | None) | Err(_) => break,
            }
        }
        Some(std::mem::take(&mut self.batch))
    }

    /// Bytes are on their way to the parser or wait for it.
    fn is_more_coming(&self) -> bool {
        let waiting = rustix::io::ioctl_fionread(rustix::stdio::stdin().as_fd()).unwrap_or(0);
        waiting > 0 || self.writing.load(Ordering::SeqCst)
    }
}
