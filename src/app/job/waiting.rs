//! An accepted request that has nothing to show yet: asked for again, with growing pauses.
//!
//! Sends nothing that costs. Invariant: whatever goes wrong with asking, the job stays; only the
//! request's own end, or the person's word, ends it.

use crate::app::advice::Advice;
use crate::app::failure::{Failure, FailureKind};
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::job::network::note_network;
use crate::app::job::transitions::{self, move_to};
use crate::app::job::{Ask, Job, JobId, Pause, State, failed};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::Timestamp;

/// The first pause, in milliseconds; each is as long as all before it together.
const SOONEST_MS: i64 = 2_000;
const LATEST_MS: i64 = 3_600_000;
/// Without a network asking costs nobody anything, and it may be back at any moment.
const LATEST_WITHOUT_NETWORK_MS: i64 = 60_000;

/// Nothing came of asking: the job waits, and says for what.
pub(in crate::app) fn wait(
    model: &mut Model,
    out: &mut Effects,
    id: JobId,
    ask: Ask,
    failure: &Failure,
) {
    model.end_task(id);
    if has_ended_with_its_simulator(model, id, failure) {
        let text = "the simulator that had it has ended";
        let failure = Failure::new(FailureKind::Gone, text);
        let hint = Hint::to(CommandId::EarlierPrompt, "take its words again and send it");
        return failed::fail(model, out, id, failure.hint(hint));
    }
    // Its pictures are here already, and only the row is missing.
    let Some(job) = model.jobs.get(&id).filter(|job| job.work.outcome.is_none()) else {
        return;
    };
    let since = job.state.pause().map_or(model.now, |pause| pause.since);
    let next = next_try(model, job, since, failure);
    let is_new = job.why.as_deref() != Some(failure.message.as_str());
    let was_asked = job.state.pause().is_none_or(|pause| pause.next.is_some());
    let state = State::Waiting(Pause { ask, since, next });
    note_network(model, id, failure);
    if let Some(at) = next {
        model.retry_at(id, Some(at));
    }
    if !is_new && was_asked == next.is_some() && job_waits(model, id) {
        // Hours of the same trouble are one line of the log and one row of the store.
        if let Some(job) = model.jobs.get_mut(&id) {
            job.state = state;
        }
        return;
    }
    if !move_to(model, out, id, state, Some(failure.message.clone())) {
        return;
    }
    match next {
        Some(at) => tell(model, id, failure, at),
        None => give_up_asking(model, id),
    }
}

/// The embedded simulator forgets with its program; nothing was paid.
fn has_ended_with_its_simulator(model: &Model, id: JobId, failure: &Failure) -> bool {
    let is_from_before = |job: &Job| job.sent_at.is_none_or(|sent| sent < model.session.started);
    let is_simulated = |job: &Job| job.spec.simulated && is_from_before(job);
    matches!(failure.kind, FailureKind::NotFound | FailureKind::Gone | FailureKind::Network)
        && model.jobs.get(&id).is_some_and(is_simulated)
}

fn job_waits(model: &Model, id: JobId) -> bool {
    model.jobs.get(&id).is_some_and(|job| job.durable && job.state.pause().is_some())
}

fn next_try(model: &Model, job: &Job, since: Timestamp, failure: &Failure) -> Option<Timestamp> {
    let is_cut_off = failure.kind == FailureKind::Network;
    let latest = if is_cut_off { LATEST_WITHOUT_NETWORK_MS } else { LATEST_MS };
    let pause = model.now.since(since).clamp(SOONEST_MS, latest);
    let at = Timestamp(model.now.0 + pause.max(failure.pause.unwrap_or(0).min(LATEST_MS)));
    let kept_until = job.sent_at.unwrap_or(since).0.saturating_add(model.session.results_kept_ms);
    (at.0 <= kept_until).then_some(at)
}

fn tell(model: &mut Model, id: JobId, failure: &Failure, at: Timestamp) {
    let Some(node) = model.jobs.get(&id).map(|job| job.node) else {
        return;
    };
    let seconds = at.since(model.now) / 1_000;
    let text = format!("{node} waits for its result: {}", failure.message);
    model.note(Level::Warning, Some(id), format!("{text}; next try in {seconds} s"));
    let advice = failure.advice.as_ref().unwrap_or(&Advice::AskedAgain).hint();
    let hint = match &failure.hint {
        _ if failure.kind == FailureKind::Store => {
            Hint::from("make room on the disk; it goes on by itself")
        }
        hint => hint.clone().unwrap_or(advice),
    };
    model.say(Notice::new(Tone::Warning, text).hint(hint));
}

/// The service keeps results no longer: nothing is asked by itself any more.
fn give_up_asking(model: &mut Model, id: JobId) {
    let Some(node) = model.jobs.get(&id).map(|job| job.node) else {
        return;
    };
    let text = format!("{node} is paid and was not fetched while the service kept its result");
    model.note(Level::Error, Some(id), text.clone());
    let hint = Hint::to(CommandId::AskAgain, "ask once more");
    model.say(Notice::new(Tone::Error, text).hint(hint));
}

/// A key, a start, or a network that is back: asked now, whatever pause was planned.
pub(in crate::app) fn try_now(model: &mut Model, out: &mut Effects, id: JobId) {
    let now = model.now;
    let Some(job) = model.jobs.get_mut(&id).filter(|job| job.owned) else {
        return;
    };
    let State::Waiting(pause) = &mut job.state else {
        return;
    };
    pause.next = Some(now);
    if job.durable {
        job.work.retry_at = None;
        transitions::resume(model, out, id);
    } else {
        // Its row is written first, as it is now.
        job.work.retry_at = Some(now);
    }
}

/// The same by hand, with a word.
pub(in crate::app) fn ask_again(model: &mut Model, out: &mut Effects, id: JobId) {
    let is_ours = model.jobs.get(&id).is_some_and(|job| job.owned);
    if !is_ours {
        let text = format!("{} belongs to another editree that is running", model.called(id));
        return model.say(Notice::new(Tone::Info, text).hint("ask again there"));
    }
    model.say(Notice::new(Tone::Info, format!("asking for the result of {id}")));
    if let Some(job) = model.jobs.get_mut(&id)
        && job.state.pause().is_some_and(|pause| pause.ask == Ask::Status)
    {
        // What waits for its turn among many is asked for anew, in the place of that.
        (job.work.is_urgent, job.work.is_active) = (true, false);
    }
    try_now(model, out, id);
}

/// Nothing waits longer because the clock was set back.
pub(in crate::app) fn clock_went_back(model: &mut Model, soon: Timestamp) {
    let now = model.now;
    for job in model.jobs.values_mut() {
        if let State::Waiting(pause) = &mut job.state {
            pause.since = pause.since.min(now);
            pause.next = pause.next.map(|next| next.min(soon));
        }
    }
}
