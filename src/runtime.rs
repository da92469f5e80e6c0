//! The loop: wait, stamp with the time, step, perform the effects, present.
//!
//! The only place that knows both the pure program and the edges. Invariants: every task ends
//! exactly once (`tasks`), events of a task come before its result, and no handler waits (I11):
//! whatever takes time is a task.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::mpsc;

use crate::app::failure::{Failure, FailureKind};
use crate::app::message::{Message, TaskEvent};
use crate::store::Store;
use crate::tree::Timestamp;

#[cfg(test)]
mod accepted;
pub(crate) mod client;
pub mod comparison;
pub(crate) mod convert;
mod download;
pub mod encode_pool;
pub(crate) mod examine;
pub(crate) mod files;
pub(crate) mod listed;
pub(crate) mod models;
pub(crate) mod open_files;
mod perform;
pub(crate) mod picture_metadata;
pub mod pictures;
pub(crate) mod plain;
pub(crate) mod profiles;
pub(crate) mod save_as;
pub mod screen;
pub(crate) mod sent_form;
mod settle;
pub(crate) mod sketch;
pub(crate) mod store_result;
pub(crate) mod tasks;
pub(crate) mod tree_lines;
pub(crate) mod typed_path;
pub(crate) mod uploads;

use client::Provider;
use pictures::ImageCache;
use tasks::Report;
use tasks::Tasks;

/// What a photo tells of who took it, where and with what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Private {
    /// It stays here.
    #[default]
    Dropped,
    Kept,
}

/// What performs effects and brings back what became of them.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) store: Store,
    /// `user@host` of this machine, for lines that bring files here and from here.
    pub(crate) login: String,
    pub(crate) image_cache: ImageCache,
    pub(crate) private: Private,
    /// Program and arguments that translate a prompt; empty: there is none.
    pub(crate) translate: Vec<String>,
    providers: HashMap<String, Arc<Provider>>,
    tasks: Tasks,
    report: Report,
    events: mpsc::UnboundedReceiver<TaskEvent>,
    writes: u64,
}

impl Runtime {
    pub(crate) fn new(store: Store, login: String, private: Private) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        let (providers, tasks) = (HashMap::new(), Tasks::default());
        let image_cache = ImageCache::new(store.media());
        let (translate, writes) = (Vec::new(), 0);
        Self {
            store,
            login,
            image_cache,
            private,
            translate,
            providers,
            tasks,
            report,
            events,
            writes,
        }
    }

    /// Requests of this profile can be asked for from now on.
    pub(crate) fn add_provider(&mut self, profile: &str, provider: Arc<Provider>) {
        self.providers.insert(profile.to_owned(), provider);
    }

    /// A sender for events from outside of tasks: signals, the store's watch.
    pub(crate) fn report(&self) -> Report {
        self.report.clone()
    }

    /// The next event or result; waits for ever when nothing is under way.
    pub(crate) async fn next(&mut self) -> Message {
        tokio::select! {
            // Events were sent before the result of their task: they go first.
            biased;
            Some(event) = self.events.recv() => Message::TaskEvent(event),
            (key, ending) = self.tasks.next() => {
                // What the task said last may still stand in the channel.
                match self.events.try_recv() {
                    Ok(event) => {
                        self.tasks.put_back(key, ending);
                        Message::TaskEvent(event)
                    }
                    Err(_) => Message::TaskFinished(key, ending),
                }
            }
        }
    }
}

impl Drop for Runtime {
    /// Tasks may hold the store for longer than the program lives: it is not waited for them.
    fn drop(&mut self) {
        self.store.fold();
    }
}

/// Runs what blocks on a thread for that.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let panicked = |_| Failure::new(FailureKind::Bug, "a task of editree panicked");
    tokio::task::spawn_blocking(work).await.map_err(panicked)
}

/// How far the clock was set, in milliseconds; by tests only.
static CLOCK_SET_BY: AtomicI64 = AtomicI64::new(0);

/// For tests: sets this program's clock forward or back, as nobody else can.
#[doc(hidden)]
pub fn set_clock(by_ms: i64) {
    CLOCK_SET_BY.store(by_ms, Ordering::Relaxed);
}

/// The clock: read here and nowhere below.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond() + CLOCK_SET_BY.load(Ordering::Relaxed))
}

fn local_now() -> jiff::Zoned {
    let moment = jiff::Timestamp::from_millisecond(now().0).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::system())
}

/// The local clock's distance from UTC, in milliseconds.
pub(crate) fn utc_offset_ms() -> i64 {
    i64::from(local_now().offset().seconds()) * 1_000
}

/// The local calendar day of a moment, such as `2026-11-21`.
pub(crate) fn local_day(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::system()).date().to_string()
}

/// Local day and clock time of a moment, such as `2026-11-21` and `142530`.
pub(crate) fn local_moment(at: Timestamp) -> (String, String) {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let time = moment.to_zoned(jiff::tz::TimeZone::system()).time();
    let time = format!("{:02}{:02}{:02}", time.hour(), time.minute(), time.second());
    (local_day(at), time)
}

/// When the local calendar day ends.
pub(crate) fn end_of_day() -> Timestamp {
    let tomorrow = local_now().tomorrow().and_then(|day| day.start_of_day());
    let milliseconds = tomorrow.map(|start| start.timestamp().as_millisecond());
    milliseconds.map_or(Timestamp(i64::MAX), Timestamp)
}

/// When the local calendar day began.
pub(crate) fn start_of_day() -> Timestamp {
    let start = local_now().start_of_day();
    start.map_or_else(|_| now(), |start| Timestamp(start.timestamp().as_millisecond()))
}
