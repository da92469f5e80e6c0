//! The queue on the screen: columns for state, node, words, parent, time and cost; the selected row
//! whole below.
//!
//! Draws only. Invariant: the words of two takes never vanish behind their state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::{ID, brief, order, row, selected};
use crate::app::job::{Job, State};
use crate::app::job_text;
use crate::app::model::Model;
use crate::schema::price::Quote;
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{cut, put, put_right, wrapped};
use crate::ui::frame::Frame;
use crate::ui::panes;
use crate::ui::theme::{Mark, Role, Theme};
use crate::ui::tree_row::mark_of_job;

/// From this width on the parent and the cost have columns.
const WIDE: u16 = 56;
/// Rows for the selected job's own words at most.
const WHOLE: usize = 6;
/// So many jobs that have ended are worth a row to who does something else.
const ENDED: usize = 3;
/// So many jobs are seen before those words.
const LEAST: u16 = 3;
/// Columns of a state where the words need the room; it is whole below.
const STATE: usize = 9;
/// Columns of the bar of a running job.
const BAR: usize = 8;

/// A row for each job, the title, and what the selected one says; without the keys only the last
/// ones of those that have ended.
pub fn wanted(ui: &Ui, model: &Model, columns: u16) -> u16 {
    let below = chosen(ui, model).map_or(0, |job| below(job, columns).len());
    let all = order(ui, model).len();
    let most = if ui.focus() == ID { usize::MAX } else { model.jobs.counts().open + ENDED };
    u16::try_from(all.min(most).max(1) + below + 1).unwrap_or(u16::MAX)
}

/// The job whose words stand below the list.
fn chosen<'a>(ui: &Ui, model: &'a Model) -> Option<&'a Job> {
    selected(ui, model).filter(|_| ui.focus() == ID).and_then(|id| model.jobs.get(&id))
}

/// Its state in words; that it is done, its sign says.
fn told(job: &Job) -> String {
    if job.state == State::Done { String::new() } else { job_text::describe(job) }
}

/// The job in full, as far as there are rows for it.
fn below(job: &Job, columns: u16) -> Vec<String> {
    let state = told(job);
    let gap = if state.is_empty() { "" } else { " · " };
    let text = format!("{}: {state}{gap}{}", job.node, job.spec.recipe.caption());
    let mut lines = wrapped(&text, usize::from(columns.saturating_sub(2)).max(1));
    lines.truncate(WHOLE);
    lines
}

pub fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let buffer = &mut frame.cells;
    let theme = ui.theme();
    let inner = panes::titled(ui, ID, area, buffer, &title(model, ui, area.width));
    let jobs = order(ui, model);
    if jobs.is_empty() {
        put(buffer, inner, 1, 0, "nothing runs or waits", theme.dim());
        return;
    }
    let selected = row(ui, &jobs);
    let words = chosen(ui, model).map_or(Vec::new(), |job| below(job, inner.width));
    // The list comes first, but for rows that are the same for all.
    let listed = LEAST.min(u16::try_from(jobs.len()).unwrap_or(LEAST));
    let kept = u16::try_from(words.len()).unwrap_or(u16::MAX);
    let kept = kept.min(inner.height.saturating_sub(listed));
    let rows = Rect { height: inner.height - kept, ..inner };
    // Without the keys it shows what is under way, which comes first.
    let at = if ui.focus() == ID { selected } else { 0 };
    let first = scroll(at, usize::from(rows.height), jobs.len());
    let seen = jobs.iter().skip(first).take(usize::from(rows.height));
    let seen: Vec<&Job> = seen.filter_map(|id| model.jobs.get(id)).collect();
    let columns = Columns::of(&seen, rows.width);
    for (y, job) in (0..rows.height).zip(seen) {
        let is_selected = first + usize::from(y) == selected && ui.focus() == ID;
        let slot = Rect { y: rows.y + y, height: 1, ..rows };
        draw_row(slot, buffer, (model, ui), job, columns, is_selected);
    }
    for (y, line) in (0..kept).zip(&words) {
        let is_cut = y + 1 == kept && words.len() > usize::from(kept);
        let more = if is_cut { " …" } else { "" };
        put(buffer, inner, 1, inner.height - kept + y, &format!("{line}{more}"), theme.dim());
    }
}

/// `queue: 2 running, 1 at the service, 7 here`; in marks where that is too long.
fn title(model: &Model, ui: &Ui, columns: u16) -> String {
    let jobs = model.jobs.counts();
    let there = jobs.under_way.saturating_sub(jobs.seen_running);
    let counts = [
        (jobs.seen_running, "running"),
        (there, "at the service"),
        (model.jobs.waiting().len(), "here"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, how)| format!("{count} {how}")).collect();
    let paused = if model.queue.is_paused { " · paused" } else { "" };
    let long = match counts.is_empty() {
        true => format!("queue{paused}"),
        false => format!("queue: {}{paused}", counts.join(", ")),
    };
    if long.width() + 4 > usize::from(columns) { brief(ui, model) } else { long }
}

/// Widths of the columns, the same for all rows.
#[derive(Clone, Copy)]
struct Columns {
    node: usize,
    state: usize,
}

impl Columns {
    fn of(jobs: &[&Job], width: u16) -> Self {
        let widest = |wide: fn(&Job) -> usize| jobs.iter().map(|job| wide(job)).max().unwrap_or(0);
        let node = widest(|job| job.node.to_string().width());
        let state = widest(|job| told(job).width());
        // The sign tells it, and the row below for the selected one: the words need the room.
        let most = if width < WIDE { 0 } else { (usize::from(width) / 4).max(STATE) };
        Self { node, state: state.min(most) }
    }
}

fn draw_row(
    slot: Rect,
    buffer: &mut Buffer,
    (model, ui): (&Model, &Ui),
    job: &Job,
    columns: Columns,
    is_selected: bool,
) {
    let theme = ui.theme();
    let mark = match (ui.panes.queue.marked.contains(&job.id), is_selected) {
        (true, _) => theme.mark(Mark::Chosen),
        (false, true) => theme.mark(Mark::Selected),
        (false, false) => " ",
    };
    let (sign, role) = state(job, theme);
    let style = theme.role_on(role, is_selected);
    if is_selected {
        put(buffer, slot, 0, 0, &" ".repeat(usize::from(slot.width)), theme.selected());
    }
    let Columns { node, state: wide } = columns;
    let text = cut(&told(job), wide);
    let pad = " ".repeat((wide + 1).saturating_sub(text.width()).min(wide));
    let text = format!("{mark}{sign} {:<node$} {text}{pad}", job.node.to_string());
    let x = put(buffer, slot, 0, 0, &text, style);
    let mut right = match ended(job).filter(|_| wide == 0) {
        Some(word) => word.to_owned(),
        None => times(job, model, slot.width >= WIDE && !theme.ascii),
    };
    if slot.width >= WIDE {
        let from = job.spec.recipe.inputs.first().and_then(|input| match input {
            crate::tree::Input::Picture(picture) => Some(format!("from {}  ", picture.node)),
            crate::tree::Input::Url(_) => None,
        });
        let cost = match (job.cost, job.spec.quote) {
            (Some(cost), _) => format!("  {cost}"),
            (None, Quote { amount: Some(_), .. }) => format!("  {}", job.spec.quote),
            (None, _) => String::new(),
        };
        right = format!("{}{right}{cost}", from.unwrap_or_default());
    }
    let taken = u16::try_from(right.width() + 1).unwrap_or(u16::MAX);
    let room = Rect { width: slot.width.saturating_sub(taken).max(x), ..slot };
    let plain = theme.role_on(Role::Text, is_selected);
    let node = model.nodes.get(&job.node);
    let caption = node.map(|node| ui.panes.captions.of(model, node));
    let words = caption.map_or_else(
        || job.spec.recipe.caption().into_owned(),
        |caption| {
            let (words, differs) = caption.fitted(usize::from(room.width.saturating_sub(x)));
            words + &differs
        },
    );
    let used = put(buffer, room, x, 0, &words, plain);
    let dim = theme.role_on(Role::Secondary, is_selected);
    put_right(buffer, slot, x + used, 0, &right, dim);
}

/// What no sign tells well enough, in the place of a time that nobody waits for.
fn ended(job: &Job) -> Option<&'static str> {
    match job.state {
        State::Failed => Some("failed"),
        State::Cancelled => Some("cancelled"),
        State::Dismissed => Some("dismissed"),
        State::Unknown => Some("maybe paid"),
        State::Held(_) => Some("held"),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Fetching
        | State::Waiting(_)
        | State::Done
        | State::Cancelling => None,
    }
}

/// The mark and the colour of a state; what is over is quiet.
fn state(job: &Job, theme: Theme) -> (&'static str, Role) {
    match job.state {
        State::Done => (theme.done(), Role::Secondary),
        State::Cancelled | State::Dismissed => ("-", Role::Secondary),
        State::Saved
        | State::Held(_)
        | State::Waiting(_)
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Running
        | State::Cancelling
        | State::Fetching
        | State::Failed
        | State::Unknown => {
            let mark = mark_of_job(&job.state);
            (theme.mark(mark), mark.role())
        }
    }
}

/// Elapsed time, of all that it is likely to take while it runs; for a job that waits for its
/// result, also the time of the next try.
fn times(job: &Job, model: &Model, with_bar: bool) -> String {
    let end = job.ended_at.unwrap_or(model.now);
    let passed = end.since(job.sent_at.unwrap_or(job.at)) / 1000;
    let elapsed = span(passed);
    match job.state.pause().and_then(|pause| pause.next) {
        Some(_) if job.work.is_active => return format!("asking · {elapsed}"),
        Some(next) => {
            return format!("again in {} · {elapsed}", span(next.since(model.now) / 1000));
        }
        None => {}
    }
    let expected = model.expected(job).filter(|_| job.state.is_under_way());
    match expected.map(|(_, all)| all.div_euclid(1000).max(1)) {
        Some(all) if with_bar => {
            let filled = usize::try_from(passed.clamp(0, all)).unwrap_or(0) * BAR;
            let filled = filled / usize::try_from(all).unwrap_or(1);
            format!("{}{} {passed}/{all} s", "▬".repeat(filled), "─".repeat(BAR - filled))
        }
        Some(all) => format!("{passed}/{all} s"),
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
