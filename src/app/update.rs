//! How the model changes: one message in, effects out. The features hand over to each other by
//! follow-ups, which are worked off here.

use super::dispatch::{on_action, on_follow_up, on_result};
use super::draft::edit;
use super::effect::{Effect, StoreEffect};
use super::follow_up::Effects;
use super::hint::{CommandId, Hint};
use super::job::{Job, State, network, queue, results, sending, transitions, waiting};
use super::log::Level;
use super::memory;
use super::message::{Message, TaskEvent};
use super::model::Model;
use super::money::bills;
use super::notice::{Notice, Tone};
use super::session::control;
use crate::tree::Timestamp;

/// Log lines that are worth a write of their own before the next tick.
const LOG_BATCH: usize = 50;
/// How often the others are given a sign of life while jobs are ours, in milliseconds.
const BEAT_MS: i64 = 5_000;

pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    let mut out = Effects::default();
    out.push(Effect::Store(StoreEffect::LoadSnapshot));
    tell_what_waits(model);
    let ours: Vec<_> = model.jobs.values().filter(|job| job.owned).map(|job| job.id).collect();
    for job in ours {
        transitions::advance(model, &mut out, job);
        waiting::try_now(model, &mut out, job);
    }
    settle(model, &mut out);
    edit::ask_what_leaves(model, &mut out);
    out.effects
}

/// What the features have left for each other, until nothing is left.
fn settle(model: &mut Model, out: &mut Effects) {
    while let Some(follow_up) = out.next_follow_up() {
        on_follow_up(model, out, follow_up);
    }
}

/// What an earlier session has left for a person to decide.
fn tell_what_waits(model: &mut Model) {
    let count = |is: fn(&State) -> bool| model.jobs.values().filter(|job| is(&job.state)).count();
    let unknown = count(|state| *state == State::Unknown);
    let unfetched = count(|state| state.pause().is_some_and(|pause| pause.next.is_none()));
    let held = count(|state| matches!(state, State::Held(_)));
    let told = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        told(unknown, "may be paid"),
        told(unfetched, "paid, not fetched"),
        told(held, "saved, not sent"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        let tone = if unknown + unfetched > 0 { Tone::Warning } else { Tone::Info };
        let notice = Notice::new(tone, format!("left over: {}", parts.join(", ")));
        model.say(notice.hint(Hint::to(CommandId::Decide, "decide")));
    }
}

pub(super) fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut out = Effects::default();
    match message {
        Message::Action(action) => on_action(model, &mut out, action),
        Message::TaskEvent(event) => on_event(model, &mut out, event),
        Message::TaskFinished(key, result) => on_result(model, &mut out, key, result),
        Message::Tick => tick(model, &mut out),
    }
    settle(model, &mut out);
    if model.session.exit.is_none() {
        queue::pump(model, &mut out);
        edit::ask_what_leaves(model, &mut out);
    }
    let is_busy = !model.queue.saving.is_empty() || model.jobs.counts().is_ours_open;
    if !is_busy && model.notice.as_ref().is_some_and(|notice| notice.while_busy) {
        model.notice = None;
    }
    if model.log.unwritten() >= LOG_BATCH {
        out.push(Effect::Store(StoreEffect::AppendLog(model.log.take_unwritten())));
    }
    memory::forget(model);
    out.effects
}

fn on_event(model: &mut Model, out: &mut Effects, event: TaskEvent) {
    match event {
        TaskEvent::Status { job, state } => sending::status(model, out, job, state),
        TaskEvent::ServerLog { job, level, text } => model.note(level, Some(job), text),
        TaskEvent::Progress { job, done, all } => {
            if let Some(job) = model.jobs.get_mut(&job) {
                job.work.progress = Some((done, all));
            }
        }
        TaskEvent::Answered { job, answer } => results::answered(model, out, job, answer),
        TaskEvent::Waiting { job, why } => {
            // What is asked for again says so by itself, and once.
            let waits = |job: &Job| job.state.pause().is_some();
            if !model.jobs.get(&job).is_some_and(waits) {
                model.note(Level::Warning, Some(job), why.clone());
                if let Some(job) = model.jobs.get_mut(&job) {
                    job.why = Some(why);
                }
            }
        }
        TaskEvent::Measured { pair, similarity } => {
            model.comparisons.similarity.insert(pair, similarity);
        }
        TaskEvent::StoreChanged => out.push(Effect::Store(StoreEffect::LoadSnapshot)),
        TaskEvent::EditedPrompt(words) => edit::take_edited_prompt(model, words),
        TaskEvent::Translated { from, to } => edit::take_translated(model, from, to),
        TaskEvent::Notice(notice) => {
            let level = if notice.tone >= Tone::Warning { Level::Warning } else { Level::Info };
            model.note(level, None, notice.text.clone());
            model.say(notice);
        }
        TaskEvent::Terminate => control::quit(model, out),
    }
}

fn tick(model: &mut Model, out: &mut Effects) {
    if model.now < model.session.ticked_at {
        clock_went_back(model, out);
    }
    model.session.ticked_at = model.now;
    if model.composer.is_dirty {
        edit::keep(model, out);
    }
    if model.log.has_unwritten() {
        out.push(Effect::Store(StoreEffect::AppendLog(model.log.take_unwritten())));
    }
    model.drop_old_notice();
    heartbeat(model, out);
    if model.now >= model.money.spent.day_ends {
        // A new day: asked once, the answer says when this one ends.
        model.money.spent.day_ends = Timestamp(i64::MAX);
        out.push(Effect::Store(StoreEffect::LoadSnapshot));
    }
    bills::ask(model, out);
    let now = model.now;
    if model.jobs.counts().retry_at.is_none_or(|at| at > now) {
        return;
    }
    let is_due = |job: &mut Job| job.work.retry_at.take_if(|at| *at <= now).map(|_| job.id);
    let due: Vec<_> = model.jobs.values_mut().filter_map(is_due).collect();
    for job in due {
        transitions::resume(model, out, job);
    }
}

/// The clock was set back: nothing waits longer for that.
fn clock_went_back(model: &mut Model, out: &mut Effects) {
    let soon = Timestamp(model.now.0 + network::AGAIN_MS);
    for job in model.jobs.values_mut() {
        job.work.retry_at = job.work.retry_at.map(|at| at.min(soon));
    }
    if let Some(notice) = &mut model.notice {
        notice.at = notice.at.min(model.now);
    }
    model.session.key_at = model.session.key_at.min(model.now);
    model.session.offline_since = model.session.offline_since.map(|since| since.min(model.now));
    waiting::clock_went_back(model, soon);
    // It may be another day now.
    out.push(Effect::Store(StoreEffect::LoadSnapshot));
}

/// Whoever owns jobs shows that it lives and moves; a clock that was set back is no reason to wait.
fn heartbeat(model: &mut Model, out: &mut Effects) {
    let owns = model.under_way() > 0;
    let is_due =
        model.session.heartbeat_at.is_none_or(|at| !(0..BEAT_MS).contains(&model.now.since(at)));
    if owns && is_due {
        model.session.heartbeat_at = Some(model.now);
        out.push(Effect::Store(StoreEffect::Heartbeat));
    }
}
