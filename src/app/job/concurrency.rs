//! How many requests the service runs at once is learnt from what it does: two for a new account,
//! up to forty for others, and no page tells.
//!
//! One more than it runs is under way, so that none of its places stands empty and the others can
//! still be moved, held back and dropped here, where that costs nothing.

use crate::app::log::Level;
use crate::app::model::Model;

/// A request began to run.
pub(in crate::app) fn saw(model: &mut Model) {
    let running = running(model);
    if running > model.queue.concurrency_limit {
        model.queue.concurrency_limit = running;
        model.note(Level::Debug, None, format!("the service runs {running} of ours at once"));
    }
}

/// The service takes no more now.
pub(in crate::app) fn refused(model: &mut Model) {
    model.queue.concurrency_limit = running(model).max(1);
    let limit = model.queue.concurrency_limit;
    model.note(Level::Info, None, format!("the service takes no more than {limit} now"));
}

fn running(model: &Model) -> usize {
    model.jobs.counts().running
}

impl Model {
    /// Requests that may be under way at once: as the config says, else as learnt.
    pub fn limit(&self) -> usize {
        self.profile.limit.unwrap_or(self.queue.concurrency_limit + 1)
    }
}
