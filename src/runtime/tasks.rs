//! Tasks that end exactly once (I2): a task's last word is its return value, so that an abort or
//! a panic is a result too.
//!
//! A task started under a busy key takes the place of the old one, whose result is then of no
//! interest and is dropped here.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use crate::app::effect::TaskKey;
use crate::app::failure::{Failure, FailureKind};
use crate::app::message::{TaskEvent, TaskResult};

/// What tasks say on the way.
pub(crate) type Report = tokio::sync::mpsc::UnboundedSender<TaskEvent>;

/// All that runs beside the loop.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    set: JoinSet<TaskResult>,
    keys: HashMap<Id, TaskKey>,
    running: HashMap<TaskKey, AbortHandle>,
    /// A result that had to wait for its task's last event.
    waiting: Option<(TaskKey, TaskResult)>,
}

impl Tasks {
    pub(crate) fn start(
        &mut self,
        key: TaskKey,
        task: impl Future<Output = TaskResult> + Send + 'static,
    ) {
        let handle = self.set.spawn(task);
        self.keys.insert(handle.id(), key);
        if let Some(displaced) = self.running.insert(key, handle) {
            displaced.abort();
        }
    }

    /// The result comes as [`TaskResult::Lost`].
    pub(crate) fn abort(&mut self, key: TaskKey) {
        if let Some(handle) = self.running.get(&key) {
            handle.abort();
        }
    }

    /// What is kept or made of pictures has not ended.
    pub(crate) fn is_writing(&self) -> bool {
        let writes = |key: &TaskKey| {
            matches!(key, TaskKey::Write(_) | TaskKey::Heal(_) | TaskKey::Annotate(_))
        };
        let waiting = self.waiting.as_ref().map(|(key, _)| key);
        self.running.keys().chain(waiting).any(writes)
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.running.is_empty() && self.waiting.is_none()
    }

    /// Hands a result back: it comes again at the next call of [`Tasks::next`].
    pub(crate) fn put_back(&mut self, key: TaskKey, result: TaskResult) {
        self.waiting = Some((key, result));
    }

    /// The next result; waits for ever when nothing runs.
    pub(crate) async fn next(&mut self) -> (TaskKey, TaskResult) {
        if let Some(waiting) = self.waiting.take() {
            return waiting;
        }
        loop {
            let (id, result) = match self.set.join_next_with_id().await {
                Some(Ok((id, result))) => (id, result),
                Some(Err(error)) => (error.id(), lost(&error)),
                None => std::future::pending().await,
            };
            let Some(key) = self.keys.remove(&id) else {
                continue;
            };
            let is_current = self.running.get(&key).is_some_and(|handle| handle.id() == id);
            if is_current {
                self.running.remove(&key);
                return (key, result);
            }
        }
    }
}

fn lost(error: &JoinError) -> TaskResult {
    let failure = if error.is_cancelled() {
        Failure::new(FailureKind::Cancelled, "stopped")
    } else {
        Failure::new(FailureKind::Bug, "a task of editree panicked")
            .hint("please report it; the job can be followed again after a restart")
    };
    TaskResult::Lost(failure)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::app::job::JobId;

    fn key(number: u32) -> TaskKey {
        TaskKey::Job(JobId(number))
    }

    fn kind(result: &TaskResult) -> Option<FailureKind> {
        match result {
            TaskResult::Lost(failure) => Some(failure.kind),
            TaskResult::Done(_) => None,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_task_ends_once_whether_it_returns_panics_or_is_stopped() {
        let mut tasks = Tasks::default();
        for number in 0..300 {
            tasks.start(key(number), async move {
                match number % 3 {
                    0 => TaskResult::Done(Ok(None)),
                    1 => panic!("on purpose"),
                    _ => std::future::pending().await,
                }
            });
        }
        for number in (2..300).step_by(3) {
            tasks.abort(key(number));
            tasks.abort(key(number));
        }
        let mut seen = HashMap::new();
        while !tasks.is_empty() {
            let (key, result) = tasks.next().await;
            assert!(seen.insert(key, kind(&result)).is_none(), "{key:?} ended twice");
        }
        assert_eq!(seen.len(), 300);
        assert_eq!(seen[&key(3)], None);
        assert_eq!(seen[&key(1)], Some(FailureKind::Bug));
        assert_eq!(seen[&key(2)], Some(FailureKind::Cancelled));
    }

    #[tokio::test]
    async fn a_second_task_under_a_key_takes_the_place_of_the_first() {
        let mut tasks = Tasks::default();
        tasks.start(key(1), std::future::pending());
        tasks.start(key(1), async { TaskResult::Done(Ok(Some("second".into()))) });
        assert_eq!(tasks.next().await, (key(1), TaskResult::Done(Ok(Some("second".into())))));
        assert!(tasks.is_empty());
    }
}
