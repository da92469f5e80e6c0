//! The queue: what is under way, what waits and for what, what needs a decision.

use std::collections::BTreeSet;

use super::tree::flip;
use super::{FooterKeys, PaneSpec, Slot};
use crate::app::action::{Action, QueueAction};
use crate::app::job::{Job, JobId, State};
use crate::app::model::Model;
use crate::app::notice::Tone;
use crate::schema::price::Quote;
use crate::ui::Ui;
use crate::ui::command::{Args, CommandRow, Stakes};
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::overlay::OverlayAction;
use crate::ui::overlay::confirm::Confirm;
use crate::ui::overlay::menu::Menu;
use crate::ui::pane::Pane;
use crate::ui::theme::Mark;

mod view;

const ID: Pane = Pane("queue");

/// A failure is seen by itself for so long, in milliseconds.
const RECENT_MS: i64 = 20_000;

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer,
    on_wheel: step,
    refresh,
    brief,
    is_urgent,
    ..PaneSpec::new(ID, 'q', Slot::Drawer(25), view::draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("queue", Everywhere, &["alt-4"], "go to the queue", go).sought_as(&["jobs", "requests", "progress", "waiting", "running"]),
    CommandRow::new("job-down", In(ID), &["j", "down"], "next job", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("job-up", In(ID), &["k", "up"], "previous job", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("mark-job", In(ID), &["v"], "mark the job: x and Enter then act on all marked jobs", mark),
    CommandRow::new("cancel", In(ID), &["x"], "cancel the job", cancel).stakes(Stakes::Cancels).sought_as(&["stop", "abort", "kill"]),
    CommandRow::new("cancel-waiting", In(ID), &["X"], "cancel all unsent requests", |_, _, _| vec![Action::Queue(QueueAction::CancelWaiting)]).stakes(Stakes::Cancels).sought_as(&["stop", "abort"]),
    CommandRow::new("pause", In(ID), &["p"], "pause or resume sending", |_, _, _| vec![Action::Queue(QueueAction::PauseQueue)]).stakes(Stakes::Little).sought_as(&["stop", "hold"]),
    CommandRow::new("later", In(ID), &["J"], "move down", |ui, model, _| reorder(ui, model, 1)).stakes(Stakes::Little),
    CommandRow::new("sooner", In(ID), &["K"], "move up", |ui, model, _| reorder(ui, model, -1)).stakes(Stakes::Little),
    CommandRow::new("release", In(ID), &["enter"], "send a held request, resolve \"maybe paid\"", release).stakes(Stakes::Costs),
];

#[derive(Debug, Default)]
pub struct Queue {
    /// A job and not a row: rows move while jobs end. `None`: the first.
    selected: Option<JobId>,
    pub marked: BTreeSet<JobId>,
}

fn footer(ui: &Ui, model: &Model) -> FooterKeys {
    let job = selected(ui, model).and_then(|id| model.jobs.get(&id));
    let Some(job) = job.filter(|_| ui.panes.queue.marked.is_empty()) else {
        return vec![("cancel", "cancel"), ("pause", "pause"), ("release", "send held")];
    };
    let release = match job.state {
        State::Held(_) => Some("send held"),
        State::Waiting(_) => Some("ask now"),
        State::Unknown => Some("decide"),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Done
        | State::Failed
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed => None,
    };
    // One that is over has no keys; sending goes on for the others.
    let is_open = !job.state.is_final();
    let can_pause = model.queue.is_paused || model.jobs.counts().is_any_open;
    let cancel = is_open.then_some(("cancel", "cancel"));
    let pause =
        can_pause.then_some(("pause", if model.queue.is_paused { "resume" } else { "pause" }));
    cancel.into_iter().chain(pause).chain(release.map(|word| ("release", word))).collect()
}

fn refresh(ui: &mut Ui, model: &Model) {
    let queue = &mut ui.panes.queue;
    queue.marked.retain(|job| model.jobs.contains_key(job));
    queue.selected = queue.selected.filter(|job| model.jobs.contains_key(job));
    // From the first look on it is a job.
    if ui.focus() == ID && ui.panes.queue.selected.is_none() {
        ui.panes.queue.selected = order(model).first().copied();
    }
}

/// Goes to the job sent last, which one may want to cancel.
fn go(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let open = model.jobs.values().filter(|job| !job.state.is_final());
    ui.panes.queue.selected = open.map(|job| job.id).max();
    ui.go_to(ID)
}

/// Goes to this job.
pub fn go_to(ui: &mut Ui, job: JobId) -> Vec<Action> {
    ui.panes.queue.selected = Some(job);
    ui.go_to(ID)
}

/// The job that the keys act on.
pub fn selected(ui: &Ui, model: &Model) -> Option<JobId> {
    ui.panes.queue.selected.or_else(|| order(model).first().copied())
}

fn step(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let order = order(model);
    let at = row(ui, order).saturating_add_signed(by).min(order.len().saturating_sub(1));
    ui.panes.queue.selected = order.get(at).copied();
    Vec::new()
}

/// The selected job's place in the list.
fn row(ui: &Ui, order: &[JobId]) -> usize {
    order.iter().position(|id| Some(*id) == ui.panes.queue.selected).unwrap_or(0)
}

/// Toggles the mark and goes to the next job.
fn mark(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if let Some(job) = selected(ui, model) {
        flip(&mut ui.panes.queue.marked, job);
    }
    step(ui, model, 1)
}

fn reorder(ui: &mut Ui, model: &Model, by: i32) -> Vec<Action> {
    match selected(ui, model) {
        Some(job) => vec![Action::Queue(QueueAction::MoveJob { job, by })],
        None => Ui::say("the queue is empty"),
    }
}

/// The marked jobs, else the selected one.
fn chosen(ui: &mut Ui, model: &Model) -> Vec<JobId> {
    match ui.panes.queue.marked.is_empty() {
        true => selected(ui, model).into_iter().collect(),
        false => std::mem::take(&mut ui.panes.queue.marked).into_iter().collect(),
    }
}

fn cancel(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let jobs = chosen(ui, model);
    let state = |id: &JobId| model.jobs.get(id).map(|job| &job.state);
    match jobs.as_slice() {
        [] => Ui::say("the queue is empty"),
        [one] if state(one).is_some_and(|state| state.pause().is_some()) => {
            ui.put_on_top(unfetched(*one, &model.called(*one)))
        }
        _ => jobs.into_iter().map(|it| Action::Queue(QueueAction::Cancel(it))).collect(),
    }
}

fn release(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let jobs = chosen(ui, model);
    let is_unknown = |id: &JobId| model.jobs.get(id).is_some_and(|job| job.state == State::Unknown);
    match jobs.as_slice() {
        [] => return Ui::say("the queue is empty"),
        [one] if is_unknown(one) => return ui.put_on_top(maybe_paid(*one, &model.called(*one))),
        _ => {}
    }
    // Of those that are maybe paid the service is asked; giving one up is for each by itself.
    let act = |id: JobId| Action::Queue(QueueAction::Release(id));
    let actions: Vec<Action> = jobs.into_iter().map(act).collect();
    match release_asks(model, &actions) {
        Some(asks) => ui.put_on_top(asks),
        None => actions,
    }
}

/// Jobs in display order.
fn order(model: &Model) -> &[JobId] {
    model.jobs.listed()
}

fn brief(ui: &Ui, model: &Model) -> String {
    let jobs = model.jobs.counts();
    let counts = [
        (jobs.under_way, Mark::Running),
        (model.jobs.waiting().len(), Mark::Waiting),
        (jobs.unknown, Mark::MaybePaid),
    ];
    let theme = ui.theme();
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    let marks = some.map(|(count, mark)| format!(" {}{count}", theme.mark(mark)));
    let paused = model.queue.is_paused.then(|| format!(" {}", theme.mark(Mark::Held)));
    format!("queue{}", marks.chain(paused).collect::<String>())
}

/// A request has just failed, or may be paid.
fn is_urgent(_: &Ui, model: &Model) -> bool {
    let is_told = model.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Error);
    let is_bad = |job: &Job| match job.state {
        State::Unknown => true,
        State::Failed => job.ended_at.is_some_and(|at| model.now.since(at) < RECENT_MS),
        State::Saved
        | State::Held(_)
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Waiting(_)
        | State::Done
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed => false,
    };
    is_told && model.jobs.values().any(is_bad)
}

/// Asks before released jobs exceed the confirmation limits.
fn release_asks(model: &Model, actions: &[Action]) -> Option<Confirm> {
    let released = |action: &Action| {
        let Action::Queue(QueueAction::Release(id)) = action else { return None };
        model.jobs.get(id)
    };
    let jobs: Vec<&Job> = actions.iter().filter_map(released).collect();
    let quotes: Vec<Quote> = jobs.iter().flat_map(|job| job.spec.quotes()).collect();
    if model.money.excess(&quotes).is_empty() {
        return None;
    }
    let total: Quote = quotes.iter().copied().sum();
    let title = format!("{} requests for {total}", quotes.len());
    let line =
        |job: &&Job| format!("{} {} · {}", job.node, job.spec.recipe.caption(), job.spec.quote);
    let lines = jobs.iter().map(line).collect();
    Some(Confirm::new(title, lines, "send", actions.to_vec(), Stakes::Costs))
}

/// Choices for a request whose response was lost.
fn maybe_paid(id: JobId, called: &str) -> Menu {
    let action = |action| OverlayAction::Actions(vec![action]);
    let title = format!("{called} may be paid: check the requests page of your account first");
    let rows = vec![
        (
            'a',
            "ask the service whether it has it: free",
            action(Action::Queue(QueueAction::Release(id))),
        ),
        (
            's',
            "send again: asks first, costs again",
            action(Action::Queue(QueueAction::SendAgain(id))),
        ),
        (
            'd',
            "dismiss: it was not made, or I don't want it",
            action(Action::Queue(QueueAction::Dismiss(id))),
        ),
    ];
    Menu::new(&title, rows)
}

/// Choices for a result that has not arrived.
fn unfetched(id: JobId, called: &str) -> Menu {
    let action = |action| OverlayAction::Actions(vec![action]);
    let title = format!("{called} is paid; its result has not arrived");
    let rows = vec![
        ('a', "fetch it now, free", action(Action::Queue(QueueAction::Release(id)))),
        ('c', "ask the service to cancel it", action(Action::Queue(QueueAction::Cancel(id)))),
        ('d', "dismiss: give the result up", action(Action::Queue(QueueAction::Dismiss(id)))),
    ];
    Menu::new(&title, rows)
}
