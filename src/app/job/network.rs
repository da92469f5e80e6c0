//! Whether the service can be reached, as far as the jobs tell, and what waits until it can.

use crate::app::failure::{Failure, FailureKind};
use crate::app::job::{JobId, Pause, State};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::tree::Timestamp;

/// How long a job waits before it is followed again after the network broke, in milliseconds.
pub(in crate::app) const AGAIN_MS: i64 = 5_000;
const AGAIN_AT_MOST_MS: i64 = 60_000;

/// The longer the network has been away, the less often it is tried: after the same time again,
/// at most a minute.
pub(in crate::app) fn next_try(model: &Model) -> Timestamp {
    let away = model.session.offline_since.map_or(0, |since| model.now.since(since));
    Timestamp(model.now.0 + away.clamp(AGAIN_MS, AGAIN_AT_MOST_MS))
}

/// Why the job waits; without a network, since when.
pub(in crate::app) fn note_network(model: &mut Model, id: JobId, failure: &Failure) {
    model.set_failure(id, Some(failure.kind));
    if failure.kind == FailureKind::Network {
        model.session.offline_since.get_or_insert(model.now);
    }
}

/// The service has answered: what waited for the network waits no longer.
pub(in crate::app) fn network_ok(model: &mut Model, id: JobId) {
    model.set_failure(id, None);
    if let Some(since) = model.session.offline_since.take() {
        network_is_back(model);
        let minutes = model.now.since(since) / 60_000;
        model.note(Level::Info, None, format!("the network is back after {minutes} min"));
    }
}

/// The network is back: what waited only for it is asked for now.
fn network_is_back(model: &mut Model) {
    let now = model.now;
    for job in model.jobs.values_mut().filter(|job| job.owned) {
        if let State::Waiting(Pause { next: Some(next), .. }) = &mut job.state
            && job.work.failure == Some(FailureKind::Network)
        {
            *next = now;
            job.work.retry_at = Some(now);
        }
        if job.state == State::Unknown && job.work.failure == Some(FailureKind::Network) {
            job.work.retry_at = Some(now);
        }
    }
}
