//! The queue: what is under way, what waits and for what, what needs a decision.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{frame, scroll};
use crate::app::job::{Job, JobId, Pause, State};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::cells::{put, put_right};
use crate::ui::pane::Pane;

/// Jobs in the order of the pane: not final ones first as they leave, then the newest ended.
pub fn order(model: &Model) -> Vec<JobId> {
    let place = |job: &Job| model.queue.order.iter().position(|id| *id == job.id).unwrap_or(0);
    let mut open: Vec<&Job> = model.jobs.values().filter(|job| !job.state.is_final()).collect();
    open.sort_by_key(|job| (job.state == State::Saved, place(job), job.id));
    let ended = model.jobs.values().rev().filter(|job| job.state.is_final());
    open.into_iter().chain(ended).map(|job| job.id).collect()
}

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let theme = ui.theme();
    let waiting = model.waiting().count();
    let paused = if model.queue.is_paused { " · paused" } else { "" };
    let limit = model.limit();
    let learnt = match model.profile.limit {
        Some(_) => String::new(),
        None => format!(" ({} at once)", model.queue.concurrency_limit),
    };
    let under_way = model.under_way();
    let title = format!("queue {under_way}/{limit}{learnt}, {waiting} waiting{paused}");
    let inner = frame(area, buffer, theme, &title, ui.focus() == Pane::Queue);
    let jobs = order(model);
    if jobs.is_empty() {
        put(buffer, inner, 0, 0, "nothing was sent in this session", theme.dim());
        return;
    }
    let selected = ui.selected_job.min(jobs.len() - 1);
    let first = scroll(selected, usize::from(inner.height), jobs.len());
    for (line, id) in jobs.iter().skip(first).take(usize::from(inner.height)).enumerate() {
        let Some(job) = model.jobs.get(id) else {
            continue;
        };
        let is_selected = first + line == selected && ui.focus() == Pane::Queue;
        let y = u16::try_from(line).unwrap_or(u16::MAX);
        let style = if is_selected { theme.selected() } else { style(job, ui) };
        let mark = match (ui.selected_jobs.contains(id), is_selected) {
            (true, _) => "+",
            (false, true) => ">",
            (false, false) => " ",
        };
        let time = times(job, model);
        let room = Rect { width: inner.width.saturating_sub(time.len() as u16 + 1), ..inner };
        let text = format!("{mark}{} {} {}", job.node, describe(job), job.spec.recipe.prompt);
        let used = put(buffer, room, 0, y, &text, style);
        put_right(buffer, inner, used, y, &time, theme.dim());
    }
}

fn style(job: &Job, ui: &Ui) -> Style {
    let theme = ui.theme();
    match job.state {
        State::Failed => theme.error(),
        State::Held(_) | State::Waiting(_) | State::Unknown | State::Cancelling => theme.warning(),
        State::Done => theme.good(),
        State::Cancelled | State::Dismissed => theme.dim(),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching => Style::new(),
    }
}

/// Where it stands, in words.
pub fn describe(job: &Job) -> String {
    let why = job.why.as_deref().map_or(String::new(), |why| format!(" ({why})"));
    let share = |what: &str| match job.work.progress {
        Some((done, all)) if all > 0 => format!("{what} {} %", done * 100 / all),
        _ => what.to_owned(),
    };
    match &job.state {
        State::Saved => format!("waits in our line{why}"),
        State::Held(why) => format!("held: {why}"),
        State::Uploading => share("uploading"),
        State::Sending => "sending".into(),
        State::Queued(Some(ahead)) => format!("queued, {ahead} ahead{why}"),
        State::Queued(None) => format!("queued{why}"),
        State::Running => format!("running{why}"),
        State::Fetching => format!("fetching{why}"),
        State::Waiting(Pause { next: None, .. }) => format!("paid, not fetched{why}"),
        State::Waiting(_) => format!("waits for its result{why}"),
        State::Done => "done".into(),
        State::Failed => format!("failed{why}"),
        State::Cancelling => "being cancelled".into(),
        State::Cancelled => "cancelled".into(),
        State::Unknown => format!("maybe paid{why}"),
        State::Dismissed => "put away".into(),
    }
}

/// How long it takes so far; of one that waits for its result, when it is asked for again too.
fn times(job: &Job, model: &Model) -> String {
    let end = job.ended_at.unwrap_or(model.now);
    let elapsed = span(end.since(job.sent_at.unwrap_or(job.at)) / 1000);
    match job.state.pause().and_then(|pause| pause.next) {
        Some(_) if job.work.is_active => format!("asking · {elapsed}"),
        Some(next) => format!("again in {} · {elapsed}", span(next.since(model.now) / 1000)),
        None => elapsed,
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
