//! The queue: what is under way, what waits and for what, what needs a decision.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;

use super::tree::flip;
use super::{FooterKeys, PaneSpec, Slot};
use crate::app::action::{Action, QueueAction};
use crate::app::job::{Job, JobId, State};
use crate::app::model::Model;
use crate::app::money::confirmation::{begins, counted, number, one_model};
use crate::app::notice::Tone;
use crate::schema::price::Quote;
use crate::tree::{Input, NodeId};
use crate::ui::Ui;
use crate::ui::command::{Args, CommandRow, Stakes};
use crate::ui::mode::KeyContext::{Everywhere, In};
use crate::ui::overlay::OverlayAction;
use crate::ui::overlay::confirm::{Confirm, together};
use crate::ui::overlay::menu::Menu;
use crate::ui::pane::Pane;
use crate::ui::theme::Mark;
use crate::ui::tree_row;

mod view;

const ID: Pane = Pane("queue");

/// From this width on the marks of the closed drawer have blanks between them.
const SPACED: u16 = 100;
/// A failure is seen by itself for so long, in milliseconds.
const RECENT_MS: i64 = 20_000;

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    footer,
    on_wheel: step,
    refresh,
    brief,
    rows: view::wanted,
    least_columns: 40,
    is_urgent,
    ..PaneSpec::new(ID, 'q', Slot::Drawer, view::draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("queue", Everywhere, &["alt-4"], "go to the queue", go).sought_as(&["jobs", "requests", "progress", "waiting", "running"]),
    CommandRow::new("job-down", In(ID), &["j", "down"], "go to the next job", |ui, model, args| step(ui, model, args.steps(1))).counted(),
    CommandRow::new("job-up", In(ID), &["k", "up"], "go to the previous job", |ui, model, args| step(ui, model, args.steps(-1))).counted(),
    CommandRow::new("mark-job", In(ID), &["v"], "mark the job; x and Enter then act on all marked", mark),
    CommandRow::new("cancel", In(ID), &["x"], "cancel the job; or clear one that has ended", cancel).stakes(Stakes::Cancels).sought_as(&["stop", "abort", "kill"]),
    CommandRow::new("cancel-waiting", In(ID), &["X"], "cancel all unsent requests", |_, _, _| vec![Action::Queue(QueueAction::CancelWaiting)]).stakes(Stakes::Cancels).sought_as(&["stop", "abort"]),
    CommandRow::new("pause", In(ID), &["p"], "pause or resume sending", |_, _, _| vec![Action::Queue(QueueAction::PauseQueue)]).stakes(Stakes::Little).sought_as(&["stop", "hold"]),
    CommandRow::new("later", In(ID), &["J"], "move the job down", |ui, model, _| reorder(ui, model, 1)).stakes(Stakes::Little),
    CommandRow::new("sooner", In(ID), &["K"], "move the job up", |ui, model, _| reorder(ui, model, -1)).stakes(Stakes::Little),
    CommandRow::new("release", In(ID), &["enter"], "send a held request; or resolve \"maybe paid\", or take the words of a failed one", release).stakes(Stakes::Costs),
    CommandRow::new("again", In(ID), &["r"], "send a failed request again", again).stakes(Stakes::Costs).sought_as(&["repeat", "resend"]),
];

#[derive(Debug, Default)]
pub struct Queue {
    /// A job and not a row: rows move while jobs end. `None`: the first.
    selected: Option<JobId>,
    pub marked: BTreeSet<JobId>,
    /// Ended ones that nobody wants to see any more.
    cleared: BTreeSet<JobId>,
    /// As they were drawn last.
    columns: Cell<Option<(view::MadeOf, view::Columns)>>,
}

fn footer(ui: &Ui, model: &Model) -> FooterKeys {
    let job = selected(ui, model).and_then(|id| model.jobs.get(&id));
    let resume = model.queue.is_paused.then_some(("pause", "resume"));
    if !ui.panes.queue.marked.is_empty() {
        let pause = resume.unwrap_or(("pause", "pause"));
        return vec![("cancel", "cancel"), pause, ("release", "send held")];
    }
    let Some(job) = job else { return resume.into_iter().collect() };
    let release = match job.state {
        State::Held(_) => Some("send held"),
        State::Waiting(_) => Some("ask now"),
        State::Unknown => Some("decide"),
        State::Failed | State::Cancelled => Some("words to the prompt"),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Done
        | State::Cancelling
        | State::Dismissed => None,
    };
    let release = release.map(|word| ("release", word));
    if job.state.is_final() {
        let again = is_unmade(job).then_some(("again", "send again"));
        return resume
            .into_iter()
            .chain(release)
            .chain(again)
            .chain([("cancel", "clear")])
            .collect();
    }
    let pause = resume.unwrap_or(("pause", "pause"));
    [("cancel", "cancel"), pause].into_iter().chain(release).collect()
}

/// What it costs to send the selected job's request again.
pub fn price(ui: &Ui, model: &Model) -> Option<Quote> {
    let job = model.jobs.get(&selected(ui, model)?)?;
    Some(model.quote(&job.spec.recipe)).filter(|quote| quote.amount.is_some())
}

/// Nothing came of it, and nothing will.
fn is_unmade(job: &Job) -> bool {
    matches!(job.state, State::Failed | State::Cancelled)
}

fn refresh(ui: &mut Ui, model: &Model) {
    let queue = &mut ui.panes.queue;
    queue.marked.retain(|job| model.jobs.contains_key(job));
    queue.cleared.retain(|job| model.jobs.contains_key(job));
    queue.selected = queue.selected.filter(|job| model.jobs.contains_key(job));
    // From the first look on it is a job.
    if ui.focus() == ID && ui.panes.queue.selected.is_none() {
        ui.panes.queue.selected = order(ui, model).first().copied();
    }
}

/// Goes to the job sent last, which one may want to cancel.
fn go(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let open = model.jobs.values().filter(|job| !job.state.is_final());
    ui.panes.queue.selected = open.map(|job| job.id).max();
    ui.go_to(ID)
}

/// Goes to this job, which has a row again if it was cleared away.
pub fn go_to(ui: &mut Ui, job: JobId) -> Vec<Action> {
    ui.panes.queue.cleared.remove(&job);
    ui.panes.queue.selected = Some(job);
    ui.go_to(ID)
}

/// The job that the keys act on.
pub fn selected(ui: &Ui, model: &Model) -> Option<JobId> {
    ui.panes.queue.selected.or_else(|| order(ui, model).first().copied())
}

fn step(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let order = order(ui, model);
    let at = row(ui, &order).saturating_add_signed(by).min(order.len().saturating_sub(1));
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
    let is_over = |id: &JobId| state(id).is_some_and(|state| state.is_final());
    match jobs.as_slice() {
        [] => Ui::say("the queue is empty"),
        [one] if state(one).is_some_and(|state| state.pause().is_some()) => {
            ui.put_on_top(unfetched(*one, &model.called(*one)))
        }
        ended if ended.iter().all(is_over) => clear(ui, model, ended),
        _ => jobs.into_iter().map(|it| Action::Queue(QueueAction::Cancel(it))).collect(),
    }
}

/// They leave the list; the next one is selected.
fn clear(ui: &mut Ui, model: &Model, ended: &[JobId]) -> Vec<Action> {
    let before = order(ui, model);
    let is_kept = |id: &&JobId| !ended.contains(id);
    let at = row(ui, &before);
    let next = before.iter().skip(at).find(is_kept);
    let next = next.or_else(|| before.iter().take(at).rev().find(is_kept));
    ui.panes.queue.selected = next.copied();
    ui.panes.queue.cleared.extend(ended);
    Vec::new()
}

/// Of what has not failed the picture is made again, as everywhere.
fn again(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let job = selected(ui, model).and_then(|id| model.jobs.get(&id));
    vec![Action::Queue(match job.filter(|job| is_unmade(job)) {
        Some(job) => QueueAction::SendAgain(job.id),
        None => QueueAction::Reroll { times: args.times() },
    })]
}

fn release(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let jobs = chosen(ui, model);
    if let [one] = jobs.as_slice()
        && let Some(job) = model.jobs.get(one).filter(|job| is_unmade(job))
    {
        ui.focus_on(Pane::PROMPT);
        return ui.take_up(model, &job.spec.recipe.prompt);
    }
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

/// Jobs in display order, without those that were cleared away.
fn order<'a>(ui: &Ui, model: &'a Model) -> Cow<'a, [JobId]> {
    let (listed, cleared) = (model.jobs.listed(), &ui.panes.queue.cleared);
    match cleared.is_empty() {
        true => Cow::Borrowed(listed),
        false => listed.iter().copied().filter(|id| !cleared.contains(id)).collect(),
    }
}

fn brief(ui: &Ui, model: &Model) -> String {
    let theme = ui.theme();
    let counts = tree_row::counts(model).into_iter();
    // Where room is short they stand close to each other.
    let gap = if ui.screen.area.width < SPACED { "" } else { " " };
    let marks = counts.map(|(mark, count)| format!("{gap}{}{count}", theme.mark(mark)));
    let paused = model.queue.is_paused.then(|| format!(" {}", theme.mark(Mark::Held)));
    let told = marks.chain(paused).collect::<String>();
    match told.is_empty() {
        true => "queue".into(),
        false => format!("queue {}", told.trim_start()),
    }
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
    let price = model.told(quotes.iter().copied().sum::<Quote>());
    let count = counted(quotes.len(), "request");
    // What is the same in all of them stands in their sum, else each group tells it.
    let by = |jobs: &[&Job]| one_model(jobs.iter().map(|job| &job.spec), &model.catalogue);
    let on = |jobs: &[&Job], called: fn(&Input) -> String| {
        let (first, more) = jobs.split_first()?;
        let inputs = &first.spec.recipe.inputs;
        let is_shared = more.iter().all(|job| job.spec.recipe.inputs == *inputs);
        is_shared.then(|| begins(inputs, called)).flatten()
    };
    let of_all = [by(&jobs), on(&jobs, number)];
    let joined = |parts: &[Option<String>]| {
        parts.iter().flatten().map(|part| format!(" · {part}")).collect::<String>()
    };
    let line = |jobs: &Vec<&Job>| {
        let caption = jobs.first().map(|job| job.spec.recipe.caption()).unwrap_or_default();
        let own = [by(jobs), on(jobs, whole)];
        let own = own.into_iter().zip(&of_all).map(|(own, all)| own.filter(|_| all.is_none()));
        let words = format!("{caption}{}", joined(&own.collect::<Vec<_>>()));
        let nodes: Vec<NodeId> = jobs.iter().map(|job| job.node).collect();
        let quote: Quote = jobs.iter().flat_map(|job| job.spec.quotes()).sum();
        (together(&words, &nodes), model.told(quote))
    };
    let lines = alike(&jobs).iter().map(line).collect();
    let answers = ["send", "leave them held"].map(str::to_owned);
    let title = format!("send {count} for {price}?");
    let asks = Confirm::new(title, lines, answers, actions.to_vec(), Stakes::Costs);
    Some(asks.with_sum(Some((format!("{count}{}", joined(&of_all)), price))))
}

/// A picture so that no other is called like it.
fn whole(input: &Input) -> String {
    match input {
        Input::Picture(_) => number(input),
        Input::Url(url) => url.clone(),
    }
}

/// Those that send the same words with the same pictures to the same model stand together.
fn alike<'a>(jobs: &[&'a Job]) -> Vec<Vec<&'a Job>> {
    let mut groups: Vec<Vec<&Job>> = Vec::new();
    for job in jobs {
        let own = &job.spec.recipe;
        let is_like = |first: &&Job| {
            let first = &first.spec.recipe;
            let sent = (&first.prompt, &first.endpoint, &first.inputs);
            sent == (&own.prompt, &own.endpoint, &own.inputs)
        };
        match groups.iter_mut().find(|group| group.first().is_some_and(is_like)) {
            Some(group) => group.push(job),
            None => groups.push(vec![job]),
        }
    }
    groups
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
