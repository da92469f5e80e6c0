//! From effect to task, a file for each family.
//!
//! Store effects are handed over here and now, so that they keep their order; only the waiting
//! for their answer is a task. Effects for the screen are given back to the caller.

use std::future::Future;
use std::time::Duration;

use crate::app::effect::{Effect, ScreenEffect, TaskKey};
use crate::app::message::{TaskEvent, TaskResult};
use crate::app::notice::{Notice, Tone};

use super::Runtime;

mod pictures;
mod service;
mod store;
mod translate;

/// Writes slower than this show a notice.
const SLOW_WRITE: Duration = Duration::from_secs(1);

impl Runtime {
    /// Begins what the effect asks for; what only a screen can do is returned.
    pub(crate) fn perform(&mut self, effect: Effect) -> Option<ScreenEffect> {
        match effect {
            Effect::Store(effect) => self.ask_store(effect),
            Effect::Picture(effect) => self.work_on_pictures(effect),
            Effect::Service(effect) => self.ask_service(effect),
            Effect::Translate(words) => self.translate(words),
            Effect::Abort(key) => self.tasks.abort(key),
            Effect::Screen(effect) => return Some(effect),
        }
        None
    }

    /// A number of its own: writes never displace each other.
    fn write(&mut self, task: impl Future<Output = TaskResult> + Send + 'static) {
        self.writes += 1;
        let (store, report) = (self.store.clone(), self.report.clone());
        self.tasks.start(TaskKey::Write(self.writes), async move {
            tokio::pin!(task);
            tokio::select! {
                result = &mut task => return result,
                () = tokio::time::sleep(SLOW_WRITE) => {}
            }
            if let Some(holder) = store.lock_owner() {
                let text = format!("waiting for the store: {holder} is writing to it");
                let _ = report.send(TaskEvent::Notice(Notice::new(Tone::Info, text)));
            }
            task.await
        });
    }
}
