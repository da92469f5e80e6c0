//! The queue on the screen: columns for state, node, words, parent, time and cost; the selected row
//! whole below.
//!
//! Draws only. Invariant: the words of two takes never vanish behind their state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::{ID, brief, order, row, selected};
use crate::app::failure::Billed;
use crate::app::job::{Job, State};
use crate::app::job_text;
use crate::app::model::Model;
use crate::tree::{Input, Timestamp};
use crate::ui::Ui;
use crate::ui::border::scroll;
use crate::ui::cells::{cut, padded, padded_before, put, put_right, widest, wrapped};
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
/// Of a request that has failed and costs nothing.
const NOT_CHARGED: &str = "not charged";
/// Of one of which nobody has said that it costs nothing.
const MAYBE_PAID: &str = "maybe paid";
/// Columns of the words, before other columns have theirs.
const WORDS: usize = 20;
/// So many jobs before and after the selected one share their columns.
const NEAR: usize = 50;
/// Columns of the bar of a running job.
const BAR: usize = 8;

/// A row for each job, the title, and what the selected one says; without the keys only the last
/// ones of those that have ended.
pub fn wanted(ui: &Ui, model: &Model, columns: u16) -> u16 {
    let below = chosen(ui, model)
        .map_or(0, |job| below(model, job, shared(ui, model, columns), columns).len());
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

/// The same without its reason, which stands below the list.
fn told_in_row(model: &Model, job: &Job) -> String {
    if matches!(job.state, State::Queued(_)) {
        return "queued".into();
    }
    let told = told(model, job);
    told.split([':', '(']).next().unwrap_or_default().trim_end().to_owned()
}

/// The job in full, as far as there are rows for it.
fn below(model: &Model, job: &Job, row: Columns, width: u16) -> Vec<String> {
    let (columns, recipe) = (usize::from(width.saturating_sub(2)).max(1), &job.spec.recipe);
    let words = recipe.caption();
    // Where the row has them whole they are not said twice.
    let words = (words.width() > row.words(width)).then(|| words.into_owned());
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
    let columns = shared(ui, model, inner.width);
    let words = chosen(ui, model).map_or(Vec::new(), |job| below(model, job, columns, inner.width));
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

/// Of the selected job and those around it: the layout and the rows of one frame ask for the same.
fn shared(ui: &Ui, model: &Model, width: u16) -> Columns {
    let jobs = order(ui, model);
    let first = if ui.focus() == ID { row(ui, &jobs).saturating_sub(NEAR) } else { 0 };
    let near = jobs.iter().skip(first).take(2 * NEAR);
    let of = MadeOf {
        changes: (model.jobs.changes(), model.tree.touches()),
        now: model.now,
        jobs: (first, jobs.len()),
        width,
        ascii: ui.theme().ascii,
    };
    let known = ui.panes.queue.columns.get().filter(|(known, _)| *known == of);
    let columns = known.map_or_else(
        || {
            let near: Vec<&Job> = near.filter_map(|id| model.jobs.get(id)).collect();
            Columns::of((model, ui), &near, (width, of.ascii))
        },
        |(_, columns)| columns,
    );
    ui.panes.queue.columns.set(Some((of, columns)));
    columns
}

/// What the widths of columns follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeOf {
    changes: (u64, u64),
    now: Timestamp,
    /// The first of them, and how many there are.
    jobs: (usize, usize),
    width: u16,
    ascii: bool,
}

/// Behind the words: from where, how far, how long, for how much.
type Facts = [String; 4];

/// A bar begins where all bars begin; all else ends together.
const BAR_AT: usize = 1;

fn facts(model: &Model, job: &Job, (width, ascii): (u16, bool), has_signs: bool) -> Facts {
    let is_wide = width >= WIDE;
    let from = job.spec.recipe.inputs.first().and_then(|input| match input {
        Input::Picture(picture) => Some(format!("from {}", picture.node)),
        Input::Url(_) => None,
    });
    let (bar, time) = times(job, model, is_wide && !ascii);
    if !is_wide {
        let word = if has_signs && is_signed(model, job) { Some("") } else { ended(model, job) };
        let time = word.map_or(time, str::to_owned);
        return [String::new(), String::new(), time, String::new()];
    }
    [from.unwrap_or_default(), bar, time, price(model, job)]
}

/// Widths of the columns, the same for all rows.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    node: usize,
    state: usize,
    facts: [usize; 4],
    /// What a sign says is said in no word.
    has_signs: bool,
}

impl Columns {
    fn of((model, ui): (&Model, &Ui), jobs: &[&Job], of: (u16, bool)) -> Self {
        let columns = Self::with(model, jobs, of, false);
        let is_whole = |job: &&Job| {
            let node = model.nodes.get(&job.node);
            let caption = node.map(|node| ui.panes.captions.of(model, node));
            caption.is_none_or(|caption| !caption.is_cut_in(columns.words(of.0)))
        };
        let mut signed = jobs.iter().filter(|job| is_signed(model, job));
        match of.0 >= WIDE || signed.all(is_whole) {
            true => columns,
            false => Self::with(model, jobs, of, true),
        }
    }

    fn with(model: &Model, jobs: &[&Job], of: (u16, bool), has_signs: bool) -> Self {
        let (width, _) = of;
        let widest_of = |told: &dyn Fn(&Job) -> String| {
            jobs.iter().map(|job| told(job).width()).max().unwrap_or(0)
        };
        // Where the words need the room the sign tells the state.
        let is_wide = width >= WIDE;
        let state = if is_wide { widest_of(&|job| told_in_row(model, job)) } else { 0 };
        let all: Vec<Facts> = jobs.iter().map(|job| facts(model, job, of, has_signs)).collect();
        let (node, facts) = (widest_of(&|job| job.node.to_string()), widest(&all));
        let mut columns = Self { node, state, facts, has_signs };
        // Where the words need the room the figures tell how far it is, and the sign the state.
        let drops: [fn(&mut Self); 3] =
            [|it| it.facts[BAR_AT] = 0, |it| it.state = 0, |it| it.facts[0] = 0];
        for drop in drops {
            if columns.words(width) < WORDS {
                drop(&mut columns);
            }
        }
        columns
    }

    /// Mark, sign, number and state.
    fn begun(self) -> usize {
        3 + self.node + 1 + if self.state == 0 { 0 } else { self.state + 1 }
    }

    fn ending(self) -> usize {
        self.facts.iter().filter(|wide| **wide > 0).map(|wide| wide + 2).sum()
    }

    /// What the words have.
    fn words(self, width: u16) -> usize {
        usize::from(width).saturating_sub(self.begun() + self.ending())
    }

    fn end(self, facts: Facts) -> String {
        let parts =
            facts.into_iter().zip(self.facts).enumerate().filter(|(_, (_, wide))| *wide > 0);
        let parts = parts.map(|(at, (fact, wide))| match at {
            BAR_AT => format!("  {}", padded(&fact, wide)),
            _ => format!("  {}", padded_before(&fact, wide)),
        });
        parts.collect()
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
    let Columns { node, state, .. } = columns;
    let told = if state == 0 { String::new() } else { told_in_row(model, job) };
    let text = format!("{sign} {} {told}", padded(&job.node.to_string(), node));
    put(buffer, slot, 0, 0, mark, if is_selected { theme.cursor(true) } else { style });
    put(buffer, slot, 1, 0, &text, style);
    let end = columns.end(facts(model, job, (slot.width, theme.ascii), columns.has_signs));
    // Where nothing stands behind them the words have its place.
    let free = if end.trim().is_empty() { end.width() } else { 0 };
    let room = columns.words(slot.width) + free;
    let caption = model.nodes.get(&job.node).map(|node| ui.panes.captions.of(model, node));
    let words = caption.map_or_else(
        || cut(&job.spec.recipe.caption(), room),
        |caption| {
            let (words, differs) = caption.fitted(room);
            words + &differs
        },
    );
    let x = u16::try_from(columns.begun()).unwrap_or(u16::MAX);
    let plain = theme.role_on(Role::Text, is_selected);
    let used = put(buffer, slot, x, 0, &cut(&words, room), plain);
    let dim = theme.role_on(Role::Secondary, is_selected);
    put_right(buffer, slot, x + used, 0, end.trim_start(), dim);
}

/// What it has cost or may cost. That nothing was charged is said where the service has said so.
fn price(model: &Model, job: &Job) -> String {
    let is_priced = job.spec.quote.amount.is_some();
    match (&job.state, job.cost) {
        (State::Failed, cost) => match (job.work.billed, cost) {
            (Some(Billed::Yes), Some(cost)) => model.told(cost),
            (Some(Billed::Yes), None) => "paid".into(),
            (Some(Billed::Maybe), _) | (None, Some(_)) => MAYBE_PAID.into(),
            (Some(Billed::No), None) => NOT_CHARGED.into(),
            // Of an earlier session: what had a price would count if it was not free.
            (None, None) if is_priced => NOT_CHARGED.into(),
            (Some(Billed::No), Some(_)) | (None, None) => String::new(),
        },
        (_, Some(cost)) => model.told(cost),
        (State::Cancelled | State::Dismissed, None) => String::new(),
        (_, None) if is_priced => model.told(job.spec.quote),
        (_, None) => String::new(),
    }
}

/// What no sign tells well enough, in the place of a time that nobody waits for.
fn ended(model: &Model, job: &Job) -> Option<&'static str> {
    match job.state {
        State::Failed => Some("failed"),
        State::Cancelled => Some("cancelled"),
        State::Dismissed => Some("dismissed"),
        State::Unknown => Some(MAYBE_PAID),
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

/// Its sign is no other state's, and has a colour of its own.
fn is_signed(model: &Model, job: &Job) -> bool {
    job.state == State::Failed || job.state == State::Done && is_filtered(model, job.node)
}

/// The mark and the colour of a state; what is over is quiet.
fn state(model: &Model, job: &Job, theme: Theme) -> (&'static str, Role) {
    match job.state {
        State::Done if is_filtered(model, job.node) => {
            (theme.mark(Mark::Filtered), Mark::Filtered.role())
        }
        State::Done => (theme.mark(Mark::Done), Role::Secondary),
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

/// How far it is, and the elapsed time, of all that it is likely to take while it runs; for a job
/// that waits for its result, also the time of the next try.
fn times(job: &Job, model: &Model, with_bar: bool) -> (String, String) {
    let end = job.ended_at.unwrap_or(model.now);
    let passed = end.since(job.sent_at.unwrap_or(job.at)) / 1000;
    let elapsed = span(passed);
    let bare = |time: String| (String::new(), time);
    match job.state.pause().and_then(|pause| pause.next) {
        Some(_) if job.work.is_active => return bare(format!("asking · {elapsed}")),
        Some(next) => {
            return bare(format!("again in {} · {elapsed}", span(next.since(model.now) / 1000)));
        }
        None => {}
    }
    let expected = model.expected(job).filter(|_| job.state.is_under_way());
    let Some(all) = expected.map(|(_, all)| all.div_euclid(1000).max(1)) else {
        return bare(elapsed);
    };
    let filled = usize::try_from(passed.clamp(0, all)).unwrap_or(0) * BAR;
    let filled = filled / usize::try_from(all).unwrap_or(1);
    let bar = format!("{}{}", "▬".repeat(filled), "─".repeat(BAR - filled));
    (if with_bar { bar } else { String::new() }, format!("{passed}/{all} s"))
}

fn span(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
