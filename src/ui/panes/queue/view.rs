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
use crate::ui::tree_row::{self, is_filtered, mark_of_job};

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
/// At most so many columns of a row are not its words', besides a quarter for its state.
const FACTS: usize = 45;
/// Columns of the bar of a running job.
const BAR: usize = 8;

/// A row for each job, the title, and what the selected one says; without the keys only the last
/// ones of those that have ended.
pub fn wanted(ui: &Ui, model: &Model, columns: u16) -> u16 {
    let below = chosen(ui, model).map_or(0, |job| below(model, job, columns).len());
    let all = order(ui, model).len();
    let most = if ui.focus() == ID { usize::MAX } else { model.jobs.counts().open + ENDED };
    u16::try_from(all.min(most).max(1) + below + 1).unwrap_or(u16::MAX)
}

/// The job whose words stand below the list.
fn chosen<'a>(ui: &Ui, model: &'a Model) -> Option<&'a Job> {
    selected(ui, model).filter(|_| ui.focus() == ID).and_then(|id| model.jobs.get(&id))
}

/// Its state in words; that it is done, its sign says.
fn told(model: &Model, job: &Job) -> String {
    match job.state == State::Done {
        true if is_filtered(model, job.node) => "filtered".into(),
        true => String::new(),
        false => job_text::describe(job),
    }
}

/// The job in full, as far as there are rows for it.
fn below(model: &Model, job: &Job, columns: u16) -> Vec<String> {
    let (columns, recipe) = (usize::from(columns.saturating_sub(2)).max(1), &job.spec.recipe);
    let words = recipe.caption();
    // Where the row has them whole they are not said twice.
    let words = (words.width() + FACTS + columns / 4 > columns).then(|| words.into_owned());
    let endpoint = model.catalogue.find(&recipe.endpoint).map(|endpoint| endpoint.short.clone());
    let sent = job.sent_at.map(|at| {
        let (hours, minutes, seconds) = model.clock(at);
        format!("sent {hours:02}:{minutes:02}:{seconds:02}")
    });
    let text = |parts: Vec<Option<String>>| {
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        let text = format!("{}: {}", job.node, parts.collect::<Vec<_>>().join(" · "));
        wrapped(text.trim_end_matches([' ', ':']), columns)
    };
    let state = Some(told(model, job));
    let own = text(vec![state.clone(), words.clone()]);
    let mut lines = text(vec![state, words, endpoint.ok(), sent]);
    // They are worth no row of their own.
    if lines.len() > own.len() {
        lines = own;
    }
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
    let words = chosen(ui, model).map_or(Vec::new(), |job| below(model, job, inner.width));
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
    let columns = Columns::of(model, &seen, rows.width);
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

/// `queue · 2 running · 1 queued · 7 waiting`; in marks where that is too long.
fn title(model: &Model, ui: &Ui, columns: u16) -> String {
    let told = |(mark, count): (Mark, usize)| format!(" · {count} {}", mark.meaning());
    let counts: String = tree_row::counts(model).into_iter().map(told).collect();
    let paused = if model.queue.is_paused { " · paused" } else { "" };
    let long = format!("queue{counts}{paused}");
    if long.width() + 4 > usize::from(columns) { brief(ui, model) } else { long }
}

/// Widths of the columns, the same for all rows.
#[derive(Clone, Copy)]
struct Columns {
    node: usize,
    state: usize,
}

impl Columns {
    fn of(model: &Model, jobs: &[&Job], width: u16) -> Self {
        let node = jobs.iter().map(|job| job.node.to_string().width()).max().unwrap_or(0);
        let state = jobs.iter().map(|job| told(model, job).width()).max().unwrap_or(0);
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
    let (sign, role) = state(model, job, theme);
    let style = theme.role_on(role, is_selected);
    if is_selected {
        put(buffer, slot, 0, 0, &" ".repeat(usize::from(slot.width)), theme.selected());
    }
    let Columns { node, state: wide } = columns;
    let text = cut(&told(model, job), wide);
    let pad = if wide == 0 { 0 } else { (wide + 1).saturating_sub(text.width()) };
    let pad = " ".repeat(pad);
    let text = format!("{sign} {:<node$} {text}{pad}", job.node.to_string());
    put(buffer, slot, 0, 0, mark, if is_selected { theme.cursor(true) } else { style });
    let x = 1 + put(buffer, slot, 1, 0, &text, style);
    let mut right = match ended(model, job).filter(|_| wide == 0) {
        Some(word) => word.to_owned(),
        None => times(job, model, slot.width >= WIDE && !theme.ascii),
    };
    if slot.width >= WIDE {
        let from = job.spec.recipe.inputs.first().and_then(|input| match input {
            crate::tree::Input::Picture(picture) => Some(format!("from {}  ", picture.node)),
            crate::tree::Input::Url(_) => None,
        });
        let cost = price(model, job);
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

/// What it has cost or may cost; nothing of what ended without a bill, whose estimate was not taken.
fn price(model: &Model, job: &Job) -> String {
    let has_ended = matches!(job.state, State::Failed | State::Cancelled | State::Dismissed);
    match (job.cost, job.spec.quote) {
        (Some(cost), _) => format!("  {}", model.told(cost)),
        (None, Quote { amount: Some(_), .. }) if !has_ended => {
            format!("  {}", model.told(job.spec.quote))
        }
        (None, _) => String::new(),
    }
}

/// What no sign tells well enough, in the place of a time that nobody waits for.
fn ended(model: &Model, job: &Job) -> Option<&'static str> {
    match job.state {
        State::Failed => Some("failed"),
        State::Cancelled => Some("cancelled"),
        State::Dismissed => Some("dismissed"),
        State::Unknown => Some("maybe paid"),
        State::Held(_) => Some("held"),
        State::Done if is_filtered(model, job.node) => Some("filtered"),
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
fn state(model: &Model, job: &Job, theme: Theme) -> (&'static str, Role) {
    match job.state {
        State::Done if is_filtered(model, job.node) => {
            (theme.mark(Mark::Failed), Mark::Failed.role())
        }
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
