//! The input's end: a thread reads the real terminal, takes the replies out, and has the keys
//! parsed; what one read has brought stays together, and text that comes too fast is a paste.
//!
//! The thread waits beside a wake pipe, so that it can be parked before a child gets the terminal;
//! it would eat the child's keys otherwise.

use std::fs::File;
use std::io::{ErrorKind, PipeReader, PipeWriter, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::burst::Burst;
use super::filter::{Filter, Sorted};
use super::output::Output;
use super::parser::Parser;
use super::tty::Tty;
use super::{Error, TerminalEvent};

/// A lone escape is the key when nothing follows for so long.
const ESCAPE: Duration = Duration::from_millis(25);
/// While answers are due it may be the first byte of one that was split on its way.
const SPLIT: Duration = Duration::from_millis(250);
/// What was pasted comes in several reads, and its lines end with the same byte as a press of
/// Enter: a longer read that ends so waits for its next part.
const PASTE_GOES_ON: Duration = Duration::from_millis(8);
/// A paste that says nothing for so long may have lost its end: a few bytes may be keys now.
const PASTE_PAUSES: Duration = Duration::from_millis(200);
/// More bytes than this are the paste going on.
const FEW: usize = 16;
/// And after so long it will have no end.
const PASTE_GIVEN_UP: Duration = Duration::from_secs(1);
/// Panics after which the input thread gives up.
const MOST_STUMBLES: usize = 20;
/// More than this is not kept together.
const MOST: usize = 64 << 10;

/// What the thread is told through its pipe.
enum Command {
    /// Stop reading; the answer says that it has stopped.
    Park(std_mpsc::Sender<()>),
    Resume,
    /// Panic, to see what comes of it.
    Stumble,
    End,
}

/// Why the thread goes on.
enum Wake {
    Told,
    Readable,
    TimeUp,
    Nothing,
}

/// The thread, and the way to it.
#[derive(Debug)]
pub(super) struct Reader {
    commands: std_mpsc::Sender<Command>,
    wake: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    pub(super) fn start(
        tty: &Tty,
        output: Output,
        events: mpsc::UnboundedSender<TerminalEvent>,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Vec<Event>>), Error> {
        let (woken, wake) = std::io::pipe().map_err(|error| Error::io(&error))?;
        let (commands, received) = std_mpsc::channel();
        let (batches, stream) = mpsc::unbounded_channel();
        let thread = Thread {
            tty: tty.input()?,
            before: tty.clone(),
            woken,
            commands: received,
            filter: Filter::default(),
            burst: Burst::default(),
            read_at: Instant::now(),
            pasted_at: Instant::now(),
            parser: Parser::default(),
            output,
            batches,
            events,
        };
        let thread = std::thread::Builder::new()
            .name("terminal-input".into())
            .spawn(move || thread.run())
            .map_err(|error| Error::io(&error))?;
        Ok((Self { commands, wake, thread: Some(thread) }, stream))
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

    pub(super) fn stumble(&self) {
        self.tell(Command::Stumble);
    }

    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
        let _ = rustix::io::write(&self.wake, b"!");
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.tell(Command::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Thread {
    tty: File,
    /// Learns how the terminal was.
    before: Tty,
    woken: PipeReader,
    commands: std_mpsc::Receiver<Command>,
    filter: Filter,
    burst: Burst,
    read_at: Instant,
    /// When the last part of a paste came whose end has not come.
    pasted_at: Instant,
    parser: Parser,
    output: Output,
    batches: mpsc::UnboundedSender<Vec<Event>>,
    events: mpsc::UnboundedSender<TerminalEvent>,
}

impl Thread {
    /// A panic costs what was just read, not the keys to come.
    fn run(mut self) {
        let (mut parked, mut stumbles) = (false, 0);
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.turn(&mut parked))) {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    stumbles += 1;
                    (self.filter, self.burst) = (Filter::default(), Burst::default());
                    let _ = self.events.send(TerminalEvent::Stumbled);
                    if stumbles >= MOST_STUMBLES {
                        let _ = self.events.send(TerminalEvent::HungUp);
                        return;
                    }
                }
            }
        }
    }

    /// Waits once and acts on it; `false` at the end.
    fn turn(&mut self, parked: &mut bool) -> bool {
        match self.wait(*parked) {
            Wake::Nothing => {}
            Wake::Told => match self.obey() {
                Some(now) => *parked = now.unwrap_or(*parked),
                None => return false,
            },
            Wake::Readable => {
                if !self.read_batch() {
                    let _ = self.events.send(TerminalEvent::HungUp);
                    return false;
                }
            }
            Wake::TimeUp => self.release(Instant::now()),
        }
        true
    }

    fn wait(&self, parked: bool) -> Wake {
        let due = [self.doubt_ends(), self.burst.due(), self.paste_ends()];
        let due = due.into_iter().flatten().min().filter(|_| !parked);
        let limit = due.map(|due| due.saturating_duration_since(Instant::now()));
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        let mut both =
            [PollFd::new(&self.woken, PollFlags::IN), PollFd::new(&self.tty, PollFlags::IN)];
        // Not even a hang-up of the terminal is looked at while parked: it would come for ever.
        let watched = if parked { both.get_mut(..1) } else { both.get_mut(..) };
        match watched.map(|watched| poll(watched, limit.as_ref())) {
            Some(Ok(0)) => return Wake::TimeUp,
            Some(Ok(_)) => {}
            // A signal came.
            Some(Err(_)) | None => return Wake::Nothing,
        }
        let [pipe, _] = both;
        if pipe.revents().is_empty() { Wake::Readable } else { Wake::Told }
    }

    /// When a lone escape is the key.
    fn doubt_ends(&self) -> Option<Instant> {
        let limit = if self.output.is_expecting() { SPLIT } else { ESCAPE };
        self.filter.is_in_doubt().then(|| self.read_at + limit)
    }

    /// When the end of a paste will not come any more.
    fn paste_ends(&self) -> Option<Instant> {
        self.filter.is_pasting().then(|| self.pasted_at + PASTE_GIVEN_UP)
    }

    /// The time is up for what was waited for.
    fn release(&mut self, now: Instant) {
        if self.doubt_ends().is_some_and(|end| end <= now) {
            let keys = self.filter.release();
            let batch = self.parse(keys);
            self.take(now, batch);
        }
        if self.paste_ends().is_some_and(|end| end <= now) {
            let (pasted_at, sorted) = (self.pasted_at, self.filter.give_up());
            let is_key = |part: &Sorted| matches!(part, Sorted::Keys(_));
            let (keys, pasted) = sorted.into_iter().partition(is_key);
            let pasted = self.parse(pasted);
            self.take(pasted_at, pasted);
            let keys = self.parse(keys);
            self.take(now, keys);
        }
        let batch = self.burst.release(now);
        self.hand_on(batch);
    }

    /// Whether it is parked now, if that was said; `None` at the end.
    #[allow(clippy::panic, reason = "on purpose, for tests")]
    fn obey(&mut self) -> Option<Option<bool>> {
        let mut byte = [0];
        let _ = self.woken.read(&mut byte);
        match self.commands.recv() {
            Ok(Command::Park(parked)) => {
                // An Enter that waits here must not pay after an hour.
                self.burst = Burst::default();
                let _ = parked.send(());
                Some(Some(true))
            }
            Ok(Command::Resume) => Some(Some(false)),
            Ok(Command::Stumble) => panic!("the reader stumbles on purpose"),
            Ok(Command::End) | Err(_) => None,
        }
    }

    /// `false` when the terminal is gone.
    fn read_batch(&mut self) -> bool {
        let (mut batch, mut total) = (Vec::new(), 0);
        let is_there = loop {
            let Some(bytes) = self.read() else {
                break false;
            };
            total += bytes.len();
            self.watch_paste(bytes.len());
            let is_line_end = total > 1 && bytes.ends_with(b"\r");
            self.filter.expect_status(self.output.expects_status());
            let sorted = self.filter.feed(&bytes);
            batch.extend(self.parse(sorted));
            let limit = if is_line_end { PASTE_GOES_ON } else { Duration::ZERO };
            if total >= MOST || !self.is_readable(limit) {
                break true;
            }
        };
        self.read_at = Instant::now();
        self.take(self.read_at, batch);
        is_there
    }

    /// Bytes come while the end of a paste is due, or not.
    fn watch_paste(&mut self, count: usize) {
        let now = Instant::now();
        let has_paused = self.filter.is_pasting()
            && now.saturating_duration_since(self.pasted_at) >= PASTE_PAUSES;
        if has_paused && count <= FEW {
            self.filter.pause();
        } else {
            self.filter.go_on();
            self.pasted_at = now;
        }
    }

    /// What is surely a key, or surely pasted, goes on at once.
    fn take(&mut self, at: Instant, batch: Vec<Event>) {
        if !batch.is_empty() {
            self.output.typed();
            let batch = self.burst.take(at, batch);
            self.hand_on(batch);
        }
    }

    fn read(&mut self) -> Option<Vec<u8>> {
        let mut buffer = vec![0; 4096];
        match self.tty.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                buffer.truncate(count);
                Some(buffer)
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) =>
            {
                Some(Vec::new())
            }
            Err(_) => None,
        }
    }

    fn is_readable(&self, limit: Duration) -> bool {
        let limit = Timespec::try_from(limit).unwrap_or_default();
        let mut tty = [PollFd::new(&self.tty, PollFlags::IN)];
        matches!(poll(&mut tty, Some(&limit)), Ok(1..))
    }

    /// Replies go their own way.
    fn parse(&mut self, sorted: Vec<Sorted>) -> Vec<Event> {
        let mut events = Vec::new();
        for part in sorted {
            match part {
                Sorted::Keys(keys) => events.extend(self.parser.parse(&keys)),
                Sorted::Paste(text) => {
                    events.push(Event::Paste(String::from_utf8_lossy(&text).into_owned()));
                }
                Sorted::PasteEnd => events.push(Event::Paste(String::new())),
                Sorted::Reply(reply) => {
                    self.before.hear(&reply);
                    if !self.output.hear(&reply) {
                        let _ = self.events.send(TerminalEvent::Reply(reply));
                    } else if let Some(link) = self.output.link_at_rest() {
                        let _ = self.events.send(TerminalEvent::Measured(link));
                    }
                }
            }
        }
        events
    }

    fn hand_on(&self, batch: Vec<Event>) {
        if !batch.is_empty() {
            let _ = self.batches.send(batch);
        }
    }
}

/// Keys as they are parsed, grouped by what one read has brought; and changes of the size.
#[derive(Debug)]
pub struct InputStream {
    pub(super) batches: mpsc::UnboundedReceiver<Vec<Event>>,
    pub(super) tty: Tty,
    pub(super) output: Output,
    pub(super) known: Arc<Known>,
    pub(super) signals: Option<Signals>,
}

/// What the terminal and its stream tell each other.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The program stopped itself, so its continuation needs no event.
    pub(super) stopped_itself: AtomicBool,
    /// Somebody else wrote on the screen.
    pub(super) screen_lost: AtomicBool,
}

#[derive(Debug)]
pub(super) struct Signals {
    size: Signal,
    went_on: Signal,
}

enum Sign {
    Resized,
    WentOn,
}

impl InputStream {
    /// Everything that one read of the terminal brought, in order; or one change of the size.
    /// Never empty; `None` when the terminal is gone.
    ///
    /// May be dropped while it waits: nothing is lost. Must run in a tokio runtime.
    pub async fn next_batch(&mut self) -> Option<Vec<Event>> {
        if self.signals.is_none() {
            self.signals = Signals::listen();
        }
        loop {
            let sign = tokio::select! {
                biased;
                batch = self.batches.recv() => return batch,
                sign = Signals::next(&mut self.signals) => sign,
            };
            match sign {
                Sign::Resized => {}
                Sign::WentOn if self.known.stopped_itself.swap(false, Ordering::SeqCst) => continue,
                Sign::WentOn if !self.retake() => continue,
                Sign::WentOn => {}
            }
            let (columns, rows, ..) = self.tty.size();
            return Some(vec![Event::Resize(columns, rows)]);
        }
    }

    /// Stopped and continued by others: the shell has had the terminal meanwhile.
    fn retake(&self) -> bool {
        if !self.tty.is_taken() {
            return false;
        }
        if let Ok(on) = self.tty.take_again() {
            self.output.with(|queue| queue.add_frame(&on));
        }
        self.known.screen_lost.store(true, Ordering::SeqCst);
        true
    }
}

impl Signals {
    fn listen() -> Option<Self> {
        let size = signal(SignalKind::window_change()).ok()?;
        let went_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Some(Self { size, went_on: signal(went_on).ok()? })
    }

    async fn next(signals: &mut Option<Self>) -> Sign {
        let Some(signals) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = signals.size.recv() => Sign::Resized,
            _ = signals.went_on.recv() => Sign::WentOn,
        }
    }
}
