//! "Maybe paid" is settled by asking: a request that the service has is followed, one that it does not
//! have was not paid.
//!
//! Sends nothing that costs. Invariant: only the service's own list settles a request, and nothing is
//! sent again for it; where the list cannot be had or leaves a doubt, the job stays "maybe paid" with
//! its manual ways. A request may be listed only once it begins: that one is missing says something
//! only behind its start deadline, and only to who has sent it.

use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::Effects;
use crate::app::job::answer::{Sent, Settled};
use crate::app::job::network::{network_ok, note_network};
use crate::app::job::transitions::{self, is_in, move_to};
use crate::app::job::{Job, JobId, State, failed, results};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::money::budget;
use crate::app::notice::{Notice, Tone, failure_notice};
use crate::tree::Timestamp;

/// Pauses between two looks, in milliseconds: as long as all before, within these.
const SOONEST_MS: i64 = 2_000;
const LATEST_MS: i64 = 15_000;
const LONG_MS: i64 = 300_000;
/// A request without a start deadline mostly has begun by then.
const BEGUN_MS: i64 = 40_000;
/// What is older may have left the list, in milliseconds: it tells of a day unless asked for more.
const LISTED_MS: i64 = 20 * 3_600_000;
/// A deadline that has just passed may have been met at the last moment.
const SLACK_MS: i64 = 5_000;
/// The list may lag behind: it is believed when it says the same again after so long.
const CONFIRMED_MS: i64 = 15_000;
/// A command waits no longer than this for a service that cannot be reached.
const PATIENCE_MS: i64 = 90_000;

impl Job {
    /// "Maybe paid", and the service is asked about it.
    pub fn is_being_settled(&self) -> bool {
        let is_asked = self.work.is_active || self.work.retry_at.is_some() || !self.durable;
        self.state == State::Unknown && self.owned && is_asked
    }

    /// "Maybe paid", and a program that has nothing else to do does not wait for the answer.
    pub fn is_left_unsettled(&self, now: Timestamp) -> bool {
        let sent = self.sent_at.unwrap_or(self.at);
        // A clock that was set back would count for hours before it says anything.
        let is_old = now.since(sent) > PATIENCE_MS || sent.since(now) > SLACK_MS;
        // One that is missing is waited for until its deadline.
        let is_late = self.work.absent_since.is_none() && is_old;
        let is_unlisted = self.work.failure == Some(FailureKind::NotFound);
        let is_left = is_late || is_unlisted || !self.is_being_settled();
        self.state == State::Unknown && self.durable && is_left
    }
}

/// What the service's list says.
pub(in crate::app) fn settled(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    result: Result<Settled, Failure>,
) {
    if !is_in(model, id, |state| *state == State::Unknown) {
        return;
    }
    model.end_task(id);
    match result {
        Ok(Settled::Found(sent)) if is_doubtful(model, id, &sent) => again(model, id),
        Ok(Settled::Found(sent)) => found(model, out, id, *sent),
        Ok(Settled::Absent { deadline_ms }) => absent(model, out, id, deadline_ms),
        Err(failure) if failure.kind == FailureKind::Network => {
            note_network(model, id, &failure);
            again(model, id);
        }
        Err(failure) if is_passing(failure.kind) => again(model, id),
        // A list that cannot be read is large, and is not asked for at every moment.
        Err(failure) if failure.kind == FailureKind::Protocol => again_after(model, id, LONG_MS),
        Err(failure) => cannot_be_told(model, id, &failure),
    }
}

/// The question was not answered at all.
pub(in crate::app) fn again(model: &mut Model, id: JobId) {
    let now = model.now;
    let Some(job) = model.jobs.get_mut(&id).filter(|job| job.owned) else { return };
    let passed = now.since(job.sent_at.unwrap_or(job.at));
    job.work.retry_at = Some(Timestamp(now.0 + passed.clamp(SOONEST_MS, LATEST_MS)));
}

fn again_after(model: &mut Model, id: JobId, pause: i64) {
    model.retry_at(id, Some(Timestamp(model.now.0 + pause)));
}

/// By hand.
pub(in crate::app) fn ask_now(model: &mut Model, out: &mut Effects, id: JobId) {
    let called = model.called(id);
    let Some(job) = model.jobs.get_mut(&id) else { return };
    if job.body.is_none() {
        let text = format!("{called}: what was sent is not known here any more");
        let notice = Notice::new(Tone::Warning, text);
        return model.say(notice.hint("look at the account's requests page"));
    }
    job.work.retry_at = None;
    model.say(Notice::new(Tone::Info, format!("asking the service whether it has {called}")));
    transitions::resume(model, out, id);
}

/// The request that was found may be another job's whose own answer is still on its way.
fn is_doubtful(model: &Model, id: JobId, sent: &Sent) -> bool {
    let request = match sent {
        Sent::Accepted { handle, .. } => Some(&handle.request_id),
        Sent::Answered(answer) => answer.request_id.as_ref(),
    };
    let is_theirs = |job: &Job| {
        let answered = job.answer.as_ref().and_then(|answer| answer.request_id.as_ref());
        let own = job.handle.as_ref().map(|handle| &handle.request_id).or(answered);
        job.id != id && (job.state == State::Sending || own.is_some() && own == request)
    };
    model.jobs.values().any(is_theirs)
}

fn found(model: &mut Model, out: &mut Effects, id: JobId, sent: Sent) {
    network_ok(model, id);
    let (to, request) = match sent {
        Sent::Accepted { handle, state } => {
            let request = handle.request_id.clone();
            if let Some(job) = model.jobs.get_mut(&id) {
                job.handle = Some(handle);
            }
            (state, request)
        }
        Sent::Answered(answer) => {
            let request = answer.request_id.clone().unwrap_or_default();
            results::answered(model, out, id, answer);
            (State::Fetching, request)
        }
    };
    if move_to(model, out, id, to, None) {
        budget::accepted(model, id);
        let text = format!("{}: the service has it; it goes on", model.called(id));
        model.note(Level::Info, Some(id), format!("{text}; request {request}"));
        model.say(Notice::new(Tone::Good, text));
    }
}

/// Not in the list: believed behind the deadline that it was sent with, when the list says so twice.
fn absent(model: &mut Model, out: &mut Effects, id: JobId, deadline_ms: Option<i64>) {
    network_ok(model, id);
    let now = model.now;
    let Some(job) = model.jobs.get_mut(&id) else { return };
    let first = job.work.absent_since.filter(|first| *first <= now).unwrap_or(now);
    job.work.absent_since = Some(first);
    let sent_at = job.sent_at.unwrap_or(job.at);
    // Where the clock was set back since, only what has passed from here on is known.
    let is_set_back = sent_at > now;
    let passed = now.since(if is_set_back { first } else { sent_at });
    // One of an earlier run may have had another deadline, and another account.
    let is_ours = !is_set_back && sent_at >= model.session.started && passed < LISTED_MS;
    let deadline = deadline_ms.filter(|_| is_ours);
    let is_over = passed >= deadline.map_or(BEGUN_MS, |deadline| deadline + SLACK_MS);
    if !is_over || now.since(first) < CONFIRMED_MS {
        return again(model, id);
    }
    if deadline.is_none() {
        return unlisted(model, id, passed);
    }
    let text = "not paid: the line broke before the service had it";
    failed::fail(model, out, id, Failure::new(FailureKind::NotPaid, text));
}

/// It may still begin: it stays "maybe paid", and is looked for now and then for a day.
fn unlisted(model: &mut Model, id: JobId, passed: i64) {
    let why = "the answer was lost; the service does not list the request, which may come later";
    again_after(model, id, LONG_MS);
    let Some(job) = model.jobs.get_mut(&id) else { return };
    job.work.failure = Some(FailureKind::NotFound);
    if passed >= LISTED_MS {
        job.work.retry_at = None;
    }
    if job.why.as_deref() != Some(why) {
        job.why = Some(why.into());
        model.note(Level::Warning, Some(id), why);
    }
}

/// Trouble of the moment: the list itself is there.
fn is_passing(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Busy | FailureKind::Service | FailureKind::Cancelled)
}

/// A key that lacks the right, a service without such a list, payloads that are not stored: it
/// stays as it is, and why is told once.
fn cannot_be_told(model: &mut Model, id: JobId, failure: &Failure) {
    let why = format!("the answer was lost; {}", failure.message);
    let Some(job) = model.jobs.get_mut(&id) else { return };
    job.work.retry_at = None;
    job.work.failure = Some(failure.kind);
    if failure.kind == FailureKind::NotFound || job.why.as_ref() == Some(&why) {
        return;
    }
    job.why = Some(why.clone());
    model.note(Level::Warning, Some(id), why);
    model.say(failure_notice(failure));
}
