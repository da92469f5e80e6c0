//! The one owner of the terminal's output: a thread with a queue for frames and one for pieces of
//! pictures.
//!
//! Frames go first. Pieces follow one at a time while the terminal acknowledges them: `write` does
//! not push back over ssh, only an answer tells that bytes have arrived. Nothing is ever written
//! inside a piece, and nothing at all while there is nothing to show.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Asks the terminal for a sign of life behind a piece.
const ASK: &[u8] = b"\x1b[5n";
/// Bytes of pieces that may be on their way.
const WINDOW: usize = 32 << 10;
/// Without an answer for so long, one piece goes all the same.
const PATIENCE: Duration = Duration::from_secs(3);

/// A group of pieces that can be taken back.
pub(super) type JobId = u64;

#[derive(Debug, Default)]
struct Queue {
    frame: Option<Vec<u8>>,
    pieces: VecDeque<(JobId, Vec<u8>)>,
    /// Sizes of the pieces that were not acknowledged yet.
    in_flight: VecDeque<usize>,
    last_ack: Option<Instant>,
    writing: bool,
    closed: bool,
    broken: bool,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Output {
    shared: Arc<(Mutex<Queue>, Condvar)>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Output {
    /// `drained` is called whenever a frame has been written.
    pub(super) fn start(tty: File, drained: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Queue::default()), Condvar::new()));
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("terminal-output".into())
            .spawn(move || run(&inner, tty, drained))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The last frame is still waiting: a new one would have to wait behind it.
    pub(super) fn is_busy(&self) -> bool {
        let queue = self.lock();
        queue.frame.is_some()
    }

    pub(super) fn send_frame(&self, bytes: Vec<u8>) {
        let mut queue = self.lock();
        match &mut queue.frame {
            // Each frame is a difference to the one before: none may be left out.
            Some(waiting) => waiting.extend(bytes),
            None => queue.frame = Some(bytes),
        }
        self.shared.1.notify_all();
    }

    pub(super) fn send_piece(&self, job: JobId, bytes: Vec<u8>) {
        self.lock().pieces.push_back((job, bytes));
        self.shared.1.notify_all();
    }

    /// Takes back what has not been written of a job.
    pub(super) fn cancel(&self, job: JobId) {
        self.lock().pieces.retain(|(other, _)| *other != job);
    }

    /// The terminal has answered for the oldest piece.
    pub(super) fn acknowledge(&self) {
        let mut queue = self.lock();
        queue.in_flight.pop_front();
        queue.last_ack = Some(Instant::now());
        self.shared.1.notify_all();
    }

    /// Drops waiting pieces and returns when everything else is written.
    pub(super) fn flush(&self) {
        let mut queue = self.lock();
        queue.pieces.clear();
        queue.in_flight.clear();
        while (queue.frame.is_some() || queue.writing) && !queue.broken {
            let waited = self.shared.1.wait_timeout(queue, PATIENCE);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = guard;
            if timeout.timed_out() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.flush();
        self.lock().closed = true;
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // A terminal that takes no bytes must not keep the program from ending.
            if !self.lock().writing {
                let _ = thread.join();
            }
        }
    }
}

fn run(shared: &(Mutex<Queue>, Condvar), mut tty: File, drained: impl Fn()) {
    loop {
        let Some((bytes, is_frame)) = next(shared) else {
            return;
        };
        let written = tty.write_all(&bytes).and_then(|()| tty.flush());
        let mut queue = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.writing = false;
        queue.broken |= written.is_err();
        shared.1.notify_all();
        drop(queue);
        if is_frame {
            drained();
        }
    }
}

/// What to write next; `None` at the end.
fn next(shared: &(Mutex<Queue>, Condvar)) -> Option<(Vec<u8>, bool)> {
    let mut queue = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if queue.closed || queue.broken {
            return None;
        }
        if let Some(frame) = queue.frame.take() {
            queue.writing = true;
            return Some((frame, true));
        }
        if !queue.pieces.is_empty() && has_room(&mut queue) {
            let (_, mut bytes) = queue.pieces.pop_front()?;
            queue.in_flight.push_back(bytes.len());
            queue.last_ack.get_or_insert_with(Instant::now);
            bytes.extend(ASK);
            queue.writing = true;
            return Some((bytes, false));
        }
        queue = if queue.pieces.is_empty() {
            shared.1.wait(queue).unwrap_or_else(PoisonError::into_inner)
        } else {
            let waited = shared.1.wait_timeout(queue, PATIENCE);
            waited.unwrap_or_else(PoisonError::into_inner).0
        };
    }
}

fn has_room(queue: &mut Queue) -> bool {
    let silent = queue.last_ack.is_some_and(|last| last.elapsed() >= PATIENCE);
    if silent && !queue.in_flight.is_empty() {
        // Nobody answers: go on with one piece at a time.
        queue.in_flight.clear();
        queue.last_ack = Some(Instant::now());
    }
    queue.in_flight.iter().sum::<usize>() < WINDOW
}
