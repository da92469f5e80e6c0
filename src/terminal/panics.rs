//! Panics while the terminal is ours: kept with their place, and caught where the program can go on.
//!
//! Prints nothing by itself. Invariant: a panic that nobody catches is written on a terminal that
//! was handed back before; one that is caught spoils no screen and is told by who caught it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use parking_lot::Mutex;

use super::output::Output;
use super::tty::Tty;

/// More are not kept until somebody takes them.
const KEPT: usize = 16;

/// What panicked; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Panics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The loop does something whose panic is caught.
    is_guarded: AtomicBool,
    /// Whoever runs the loop tells of its end.
    is_told: AtomicBool,
    kept: Mutex<VecDeque<String>>,
}

impl Panics {
    /// What the work gives, or that it panicked. For the thread that has the terminal.
    pub fn guard<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let before = self.0.is_guarded.swap(true, Ordering::SeqCst);
        let done = catch_unwind(AssertUnwindSafe(work)).ok();
        self.0.is_guarded.store(before, Ordering::SeqCst);
        done
    }

    /// The loop's own panic hands the terminal back and prints nothing: its caller does.
    pub fn tell_the_end(&self) {
        self.0.is_told.store(true, Ordering::SeqCst);
    }

    /// What has panicked since the last time, each with its place.
    pub fn take(&self) -> Vec<String> {
        self.0.kept.lock().drain(..).collect()
    }

    fn keep(&self, info: &PanicHookInfo<'_>) {
        let payload = info.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no words");
        // One line; what panicked may quote what it stumbled over.
        let message: String =
            message.lines().next().unwrap_or_default().chars().take(200).collect();
        let place = info.location().map_or(String::new(), |at| format!(" at `{at}`"));
        let mut kept = self.0.kept.lock();
        if kept.len() < KEPT {
            kept.push_back(format!("{message}{place}"));
        }
    }

    /// From here on every panic of this process comes here first.
    pub(super) fn listen(&self, tty: &Tty, output: &Output, owner: ThreadId) {
        let (panics, tty, output) = (self.clone(), tty.clone(), output.clone());
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            panics.keep(info);
            let is_guarded = panics.0.is_guarded.load(Ordering::SeqCst);
            let is_loop = std::thread::current().id() == owner && !is_guarded;
            if is_loop {
                output.abandon();
                tty.hand_back_in_panic();
            }
            // What is caught is told by who caught it; over the screen it would only spoil it.
            let is_told = is_loop && panics.0.is_told.load(Ordering::SeqCst);
            if !tty.is_taken() && !is_told {
                usual(info);
            }
        }));
    }
}
