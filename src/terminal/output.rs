//! The one owner of the terminal's output: a thread that writes what the queue gives out.
//!
//! A key's frame is written by who presents it where the terminal takes it at once: the way to the
//! thread and back takes longer than its bytes. Whatever might have to wait is the thread's.
//!
//! Decides nothing about what is written or when; [`Queue`] does. Nothing is written while there
//! is nothing to show.

use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::queue::Queue;
use super::send_window::{ACK_TIMEOUT, Link};
use super::sign::{Asked, Asker, Question};
use crate::graphics;

/// How long answers may keep the terminal from being handed back: as long as the line needs, within
/// these. Later ones would be keys of whoever reads there next.
const LATE_ANSWERS: Duration = Duration::from_millis(250);
const LATEST_ANSWERS: Duration = ACK_TIMEOUT;
/// Answers that have not come after this will not come.
const LOST_ANSWERS: Duration = Duration::from_secs(5);

/// After so many panics the screen is given up.
const MOST_PANICS: usize = 20;

/// What the thread has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// The last frame; a new one may be drawn.
    Frame,
    /// Nothing: no answer will come for what is on its way.
    GivenUp,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    /// The same terminal, which takes what it has room for and never waits.
    at_once: Option<File>,
    writing: bool,
    closed: bool,
    /// Somebody else has the terminal.
    held: bool,
    broken: bool,
    /// When an opening or questions were asked whose last answer has not come.
    questioned: Option<Instant>,
    asked: Asked,
    /// The best sign of life that the terminal has answered.
    sign: Option<Question>,
    /// It answers a status with two keys.
    has_keys_for_status: bool,
    /// Signs go through tmux to the terminal outside.
    wraps: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// The way to the thread; every copy is the same way.
#[derive(Clone, Debug)]
pub(super) struct Output {
    shared: Shared,
}

impl Output {
    /// `report` is called whenever a frame has been written, or what is on its way was given up.
    pub(super) fn start(
        tty: File,
        at_once: Option<File>,
        report: impl Fn(Written) + Send + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let state = State {
            queue: Queue::new(None),
            at_once,
            writing: false,
            closed: false,
            held: false,
            broken: false,
            questioned: None,
            asked: Asked::default(),
            sign: None,
            has_keys_for_status: false,
            wraps: false,
        };
        let shared: Shared = Arc::new((Mutex::new(state), Condvar::new()));
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("terminal-output".into())
            .spawn(move || write_on(&inner, tty, report))?;
        Ok((Self { shared }, thread))
    }

    /// Looks at the queue; the thread has nothing to do for it, and is not woken.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Queue) -> T) -> T {
        look(&self.lock().queue)
    }

    /// Looks at the queue and changes it while nothing is taken from it.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        let result = change(&mut self.lock().queue);
        self.shared.1.notify_all();
        result
    }

    /// The same for a frame, which is written here where nothing is in its way.
    pub(super) fn present<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state.queue);
        state.write_at_once();
        if state.queue.has_frame() || !state.queue.is_at_rest() {
            self.shared.1.notify_all();
        }
        result
    }

    /// Questions whose last answer is the terminal's attributes (`CSI ? … c`).
    pub(super) fn ask(&self, questions: &[u8]) {
        if questions.is_empty() {
            return;
        }
        self.lock().ask(questions);
        self.shared.1.notify_all();
    }

    /// The same, and before them what is a sign of life here.
    pub(super) fn open(&self, questions: &[u8]) {
        let mut state = self.lock();
        state.open();
        state.ask(questions);
        self.shared.1.notify_all();
    }

    /// Another terminal may be there: what the one before has answered says nothing of it.
    pub(super) fn learn_anew(&self) {
        let mut state = self.lock();
        state.sign = None;
        state.choose_question();
        state.open();
        self.shared.1.notify_all();
    }

    /// Whether signs of life go through tmux, and come from the terminal outside.
    pub(super) fn set_wraps(&self, wraps: bool) {
        let mut state = self.lock();
        state.wraps = wraps;
        state.choose_question();
        self.shared.1.notify_all();
    }

    /// Hears a reply. `true` if it was the answer to a piece and says nothing else.
    pub(super) fn hear(&self, reply: &[u8]) -> bool {
        let mut state = self.lock();
        state.has_keys_for_status |= reply == Question::KEYS;
        let Some(answered) = Question::of(reply) else {
            return false;
        };
        let in_tmux = state.wraps;
        let asker = state.asked.hear(answered, in_tmux);
        if !state.asked.is_questioning() {
            state.questioned = None;
        }
        if state.sign.is_none_or(|known| answered < known) {
            state.sign = Some(answered);
            state.choose_question();
        }
        let is_ours = match asker {
            Some(Asker::Piece(round)) if round == state.queue.round() => {
                state.queue.acknowledge(Instant::now())
            }
            Some(Asker::Piece(_)) => true,
            Some(Asker::Opening | Asker::Questions) | None => false,
        };
        self.shared.1.notify_all();
        is_ours
    }

    /// The terminal has been asked for its status, and has not answered what was asked behind it.
    pub(super) fn expects_status(&self) -> bool {
        let state = self.lock();
        state.asked.expects_status() && state.is_questioned()
    }

    /// Somebody types.
    pub(super) fn typed(&self) {
        self.lock().queue.typed(Instant::now());
    }

    /// What the line does, when no picture is on its way.
    pub(super) fn link_at_rest(&self) -> Option<Link> {
        let state = self.lock();
        state.queue.link().filter(|_| state.queue.is_at_rest())
    }

    /// Answers may still come.
    pub(super) fn is_expecting(&self) -> bool {
        self.lock().is_expecting()
    }

    /// Drops waiting pieces; returns when everything else is written and answered.
    pub(super) fn settle(&self) {
        let mut state = self.lock();
        state.queue.drop_jobs();
        let is_writing = |state: &State| state.queue.has_frame() || state.writing;
        self.wait_while(&mut state, ACK_TIMEOUT, is_writing);
        let limit = state.queue.answers_take().clamp(LATE_ANSWERS, LATEST_ANSWERS);
        self.wait_while(&mut state, limit, State::is_expecting);
    }

    /// Nothing is written while it is held; what is queued waits.
    pub(super) fn hold(&self, held: bool) {
        self.lock().held = held;
        self.shared.1.notify_all();
    }

    /// The thread ends after what it is writing. Never waits: a panic may have come at any place.
    pub(super) fn abandon(&self) {
        if let Some(mut state) = self.shared.0.try_lock() {
            state.closed = true;
        }
        self.shared.1.notify_all();
    }

    /// Ends the thread. A terminal that takes no bytes must not keep the program from ending.
    pub(super) fn close(&self, thread: JoinHandle<()>) {
        let mut state = self.lock();
        state.closed = true;
        let is_stuck = state.writing;
        drop(state);
        self.shared.1.notify_all();
        if !is_stuck {
            let _ = thread.join();
        }
    }

    fn wait_while(
        &self,
        state: &mut MutexGuard<'_, State>,
        limit: Duration,
        condition: impl Fn(&State) -> bool,
    ) {
        let waits = |state: &mut State| condition(state) && !state.broken && !state.closed;
        self.shared.1.wait_while_for(state, waits, limit);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock()
    }
}

impl State {
    /// Questions whose last one is for the attributes.
    fn ask(&mut self, questions: &[u8]) {
        self.questioned = Some(Instant::now());
        self.asked.add(Question::Attributes, Asker::Questions);
        self.queue.add_frame(questions);
    }

    fn write_at_once(&mut self) {
        let is_free = !(self.writing || self.held || self.closed || self.broken);
        if let Some(tty) = self.at_once.as_mut().filter(|_| is_free) {
            write_small(&mut self.queue, tty);
        }
    }

    fn open(&mut self) {
        self.questioned = Some(Instant::now());
        self.asked.open(self.has_keys_for_status);
        self.queue.add_frame(&Question::opening(self.has_keys_for_status));
    }

    fn is_expecting(&self) -> bool {
        self.is_questioned() || self.queue.is_unanswered()
    }

    fn is_questioned(&self) -> bool {
        self.questioned.is_some_and(|asked| asked.elapsed() < LOST_ANSWERS)
    }

    /// What is asked behind all that is sent. tmux would answer for itself at once, and keeps the
    /// answers to the others; only kitty and Ghostty are reached through it, and both know a status.
    fn question(&self) -> Option<Question> {
        if self.wraps { Some(Question::Status) } else { self.sign }
    }

    fn choose_question(&mut self) {
        let bytes = self.question().map(|question| match self.wraps {
            true => graphics::wrap(question.bytes()),
            false => question.bytes().to_vec(),
        });
        self.queue.set_question(bytes);
    }
}

/// Errors are left to the thread, which meets them again, and so is what `tty` does not take.
fn write_small(queue: &mut Queue, tty: &mut impl Write) {
    let Some(frame) = queue.take_small_frame() else { return };
    let written = tty.write(&frame).unwrap_or_default();
    queue.put_back(frame.get(written..).unwrap_or_default());
}

/// A panic costs what was being written; after some of them nothing is written any more.
fn write_on(shared: &(Mutex<State>, Condvar), mut tty: File, report: impl Fn(Written)) {
    for _ in 0..MOST_PANICS {
        let done = catch_unwind(AssertUnwindSafe(|| run(shared, &mut tty, &report)));
        if done.is_ok() {
            return;
        }
        shared.0.lock().writing = false;
        shared.1.notify_all();
        report(Written::Frame);
    }
    shared.0.lock().broken = true;
    shared.1.notify_all();
}

fn run(shared: &(Mutex<State>, Condvar), tty: &mut File, report: &impl Fn(Written)) {
    while let Some((bytes, is_frame)) = next(shared, report) {
        let written = tty.write_all(&bytes);
        let mut state = shared.0.lock();
        state.writing = false;
        state.broken |= written.is_err();
        shared.1.notify_all();
        drop(state);
        if is_frame {
            report(Written::Frame);
        }
    }
}

/// What to write next; `None` at the end.
fn next(shared: &(Mutex<State>, Condvar), report: &impl Fn(Written)) -> Option<(Vec<u8>, bool)> {
    let mut state = shared.0.lock();
    loop {
        if state.closed || state.broken {
            return None;
        }
        if state.held {
            shared.1.wait(&mut state);
            continue;
        }
        let now = Instant::now();
        let portion = state.queue.next(now);
        let is_unheard = state.questioned.is_some() && !state.is_questioned();
        if is_unheard {
            state.questioned = None;
            state.asked.give_up();
        }
        let has_given_up = state.queue.has_given_up();
        if has_given_up {
            state.asked.give_up_pieces();
        }
        if has_given_up || is_unheard {
            report(Written::GivenUp);
        }
        if let Some(portion) = portion {
            if let Some(question) = state.question().filter(|_| portion.asks) {
                let piece = Asker::Piece(state.queue.round());
                state.asked.add(question, piece);
            }
            state.writing = true;
            return Some((portion.bytes, portion.is_frame));
        }
        let answers_end =
            state.questioned.map(|asked| LOST_ANSWERS.saturating_sub(asked.elapsed()));
        match state.queue.wait(now).into_iter().chain(answers_end).min() {
            None => shared.1.wait(&mut state),
            Some(limit) => {
                shared.1.wait_for(&mut state, limit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc;

    use super::*;

    /// What is written at once, and what the thread writes.
    struct Ends {
        output: Output,
        thread: JoinHandle<()>,
        at_once: UnixStream,
        by_thread: UnixStream,
        told: mpsc::Receiver<Written>,
    }

    fn ends(is_full: bool) -> std::io::Result<Ends> {
        let (quick, at_once) = UnixStream::pair()?;
        let (slow, by_thread) = UnixStream::pair()?;
        quick.set_nonblocking(true)?;
        for end in [&at_once, &by_thread] {
            end.set_read_timeout(Some(Duration::from_secs(20)))?;
        }
        let (tell, told) = mpsc::channel();
        let [mut quick, slow] = [quick, slow].map(|end| File::from(OwnedFd::from(end)));
        while is_full && quick.write(&[b'-'; 256]).is_ok() {}
        let report = move |what| {
            let _ = tell.send(what);
        };
        let (output, thread) = Output::start(slow, Some(quick), report)?;
        Ok(Ends { output, thread, at_once, by_thread, told })
    }

    fn read(mut from: &UnixStream) -> std::io::Result<String> {
        let mut bytes = [0; 3];
        from.read_exact(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn a_keys_frame_is_written_by_who_presents_it() -> std::io::Result<()> {
        let it = ends(false)?;
        it.output.present(|queue| queue.add_frame(b"key"));
        assert!(it.output.look(|queue| !queue.has_frame()));
        assert_eq!(read(&it.at_once)?, "key");
        it.output.close(it.thread);
        assert_eq!(it.told.iter().collect::<Vec<_>>(), []);
        Ok(())
    }

    #[test]
    fn a_terminal_that_has_no_room_is_left_to_the_thread() -> std::io::Result<()> {
        let it = ends(true)?;
        it.output.present(|queue| queue.add_frame(b"key"));
        assert_eq!(read(&it.by_thread)?, "key");
        assert_eq!(it.told.recv(), Ok(Written::Frame));
        it.output.close(it.thread);
        Ok(())
    }

    /// Has room for three bytes.
    struct Narrow(Vec<u8>);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(3 - self.0.len());
            self.0.extend(bytes.get(..taken).unwrap_or_default());
            Ok(taken)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_terminal_takes_in_part_is_ended_by_the_thread() {
        let (mut queue, mut tty) = (Queue::new(None), Narrow(Vec::new()));
        queue.add_frame(b"frame");
        write_small(&mut queue, &mut tty);
        queue.add_frame(b", the next");
        write_small(&mut queue, &mut tty);
        let rest = queue.next(Instant::now()).map(|it| it.bytes);
        assert_eq!((tty.0.as_slice(), rest), (b"fra".as_slice(), Some(b"me, the next".to_vec())));
    }

    #[test]
    fn nothing_is_written_at_once_while_somebody_else_has_the_terminal() -> std::io::Result<()> {
        let it = ends(false)?;
        it.output.hold(true);
        it.output.present(|queue| queue.add_frame(b"key"));
        it.output.hold(false);
        assert_eq!(read(&it.by_thread)?, "key");
        it.output.close(it.thread);
        Ok(())
    }
}
