//! One row of the tree, and the whole words of the selected one.
//!
//! ```text
//!  ▌│ ├─◐ n14 red hat take 3      9 s
//!  mark rails state words    how it is
//! ```
//!
//! Only draws. Invariant: the right side, which tells the state, is never cut by words.

use std::ops::Bound;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{folded, pieces, put};
use super::facts;
use super::frame::Placement;
use super::letterbox::fitted;
use super::theme::{Mark, Role, Theme};
use super::tree_caption::{Caption, How};
use crate::app::job::{Job, State};
use crate::app::model::Model;
use crate::tree::skeleton::{Indent, Rail, Row, nearest_rails};
use crate::tree::{Node, NodeId, NodeState};

/// Columns of a picture, and what stands between it and the words.
const THUMB: u16 = 6;
const GAP: u16 = 1;

/// Where a row stands, and what it is.
pub(super) struct RowView<'a> {
    pub(super) slot: Rect,
    pub(super) row: &'a Row,
    /// From the nearest rail outwards.
    pub(super) rails: Vec<Rail>,
    /// Columns of each of them.
    pub(super) level: u16,
    pub(super) mark: Mark,
    /// How it is, against the right border: state, rating, star, what is folded.
    pub(super) right: Vec<(String, Role)>,
    pub(super) has_thumb: bool,
    /// Columns that stay free at the right, as beside it a row has a mark there.
    pub(super) kept: u16,
    /// The keys go to the tree.
    pub(super) has_keys: bool,
    /// The filter has not found it; it leads to what was found.
    pub(super) is_only_way: bool,
    /// The row right above, of a sibling, says the same words, and is in sight.
    pub(super) is_repeated: bool,
    pub(super) caption: Arc<Caption>,
    /// As in the rows beside it that have the same wording.
    pub(super) how: How,
    /// Facts that stand beside it: it does not say them again.
    pub(super) beside: Vec<String>,
}

impl<'a> RowView<'a> {
    pub(super) fn new(
        model: &'a Model,
        ui: &'a Ui,
        rows: &'a [Row],
        at: usize,
        slot: Rect,
    ) -> Option<Self> {
        let row = rows.get(at)?;
        let node = model.nodes.get(&row.node);
        let unknown = || Arc::new(Caption::unknown());
        let caption = node.map_or_else(unknown, |node| ui.panes.captions.of(model, node));
        let indent = ui.panes.tree.rows.indent(slot.width);
        let rails = nearest_rails(rows, at, indent).collect();
        let job = job(model, row.node);
        let right = right(model, ui, row, job);
        let mark = mark_of(model, row.node, job);
        let above = at.checked_sub(1).and_then(|at| model.nodes.get(&rows.get(at)?.node));
        let is_repeated = above.zip(node).is_some_and(|(one, other)| has_same_words(one, other));
        Some(Self {
            slot,
            row,
            rails,
            level: indent.level,
            mark,
            right,
            has_thumb: false,
            kept: 0,
            has_keys: false,
            is_only_way: false,
            is_repeated,
            caption,
            how: How::default(),
            beside: Vec::new(),
        })
    }

    /// Where these are told right beside it.
    pub(super) fn without(mut self, beside: Vec<String>) -> Self {
        let differs = self.caption.differs.as_deref().unwrap_or_default();
        let rest = |fact: &String| {
            let rest = differs.strip_prefix(fact.as_str()).filter(|_| !fact.is_empty())?;
            let is_word = rest.is_empty() || rest.starts_with(' ');
            is_word.then(|| rest.trim_start().to_owned())
        };
        if let Some(rest) = beside.iter().find_map(rest) {
            let differs = Some(rest).filter(|rest| !rest.is_empty());
            Arc::make_mut(&mut self.caption).differs = differs;
        }
        Self { beside, ..self }
    }

    /// What its mark says too is said in a word only where no words are cut for it.
    pub(super) fn leave_to_sign(&mut self) {
        let is_cut = self.caption.is_cut_in(self.room());
        if is_cut && self.mark == Mark::Filtered {
            self.right.retain(|(text, _)| text != Mark::Filtered.meaning());
        }
    }

    /// Columns of what stands at the right, with a blank before each.
    pub(super) fn right_columns(&self) -> usize {
        self.right.iter().map(|(text, _)| text.width() + 1).sum()
    }

    /// Of its mark and the blank behind it: in a narrow tree what is as usual has none.
    fn mark_columns(&self) -> u16 {
        match (Indent::is_narrow(self.slot.width), self.mark) {
            (false, _) => 2,
            (true, Mark::Made) => 0,
            (true, _) => 1,
        }
    }

    /// Columns that its words have.
    pub(super) fn room(&self) -> usize {
        let right = self.right_columns().max(self.kept.into());
        let right = if right > 0 { right + usize::from(GAP) } else { 0 };
        usize::from(self.slot.width).saturating_sub(self.begun() + right)
    }

    /// Columns before its words.
    fn begun(&self) -> usize {
        let rails = self.rails.len() * usize::from(self.level);
        let thumb = if self.has_thumb { usize::from(THUMB + GAP) } else { 0 };
        let before = usize::from(2 + self.mark_columns());
        before + rails + thumb + self.row.node.to_string().width()
    }

    pub(super) fn draw(&self, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Option<Placement> {
        let (theme, slot, id) = (ui.theme(), self.slot, self.row.node);
        let node = model.nodes.get(&id);
        // While two are swapped the ground goes to the one that is seen, and the keys stay.
        let is_shown = ui.shown_node(model) == Some(id);
        // Where a bar would have to be reversed it would be the loudest thing on the screen, which is
        // for where the keys go.
        let is_lit = is_shown && (self.has_keys || theme.has_bar());
        if is_shown {
            let ground = if is_lit { theme.selected() } else { Modifier::BOLD.into() };
            buffer.set_style(slot.intersection(buffer.area), ground);
        }
        let bold = if is_shown { Modifier::BOLD } else { Modifier::empty() };
        let style = |role| theme.role_on(role, is_lit).add_modifier(bold);
        let (gutter, role) = gutter(model, ui, id);
        // One bar tells where the keys go.
        let bar = match role {
            None if is_lit => theme.cursor(self.has_keys),
            role => style(role.unwrap_or(Role::Line)),
        };
        let mut x = put(buffer, slot, 0, 0, gutter, bar);
        x += self.draw_rails(buffer, ui, x, style(Role::Line));
        x += self.draw_mark(buffer, theme, x, style(self.mark.role()));
        let placement = self.has_thumb.then(|| self.thumb(ui, node, x)).flatten();
        x += if self.has_thumb { THUMB + GAP } else { 0 };
        let below = x;
        let right = self.draw_right(buffer, ui, is_lit);
        // A sign that touches a number reads as part of it.
        let kept = Some(right.max(self.kept)).filter(|kept| *kept > 0).map_or(0, |kept| kept + GAP);
        let room = Rect { width: slot.width.saturating_sub(kept), ..slot };
        let quiet = if self.is_only_way { Role::Secondary } else { Role::Text };
        x += put(buffer, room, x, 0, &id.to_string(), style(quiet)) + 1;
        let (caption, columns) = (&self.caption, usize::from(room.width.saturating_sub(x)));
        let rest = (slot.height > 1).then(|| {
            let second = usize::from(slot.width.saturating_sub(below));
            caption.in_two(columns, second)
        });
        let (words, differs) = match &rest {
            Some([first, _]) => first.clone(),
            None => caption.told_so(self.how, columns),
        };
        let role = if self.is_repeated { Role::Secondary } else { quiet };
        x += put(buffer, room, x, 0, &words, style(role));
        let x = if rest.is_none() { x.max(self.end(&differs, kept)) } else { x };
        put(buffer, room, x, 0, &differs, style(Role::Text));
        match rest {
            Some([_, (words, differs)]) if !words.is_empty() || !differs.is_empty() => {
                let used = put(buffer, slot, below, 1, &words, style(role));
                put(buffer, slot, below + used, 1, &differs, style(Role::Text));
            }
            Some(_) => {
                let (detail, role) = self.detail(model, node);
                put(buffer, slot, below, 1, &detail, style(role));
            }
            None => {}
        }
        placement
    }

    /// Where what differs begins, so that it ends in one column with that of the rows beside it.
    fn end(&self, differs: &str, kept: u16) -> u16 {
        let wide = u16::try_from(differs.width()).unwrap_or(u16::MAX);
        self.slot.width.saturating_sub(kept.saturating_add(wide))
    }

    /// The lines that lead to it; how many columns they take.
    fn draw_rails(&self, buffer: &mut Buffer, ui: &Ui, x: u16, style: Style) -> u16 {
        let (theme, slot, columns) = (ui.theme(), self.slot, self.level);
        let mut used = 0;
        for rail in self.rails.iter().rev() {
            let room = Rect { width: slot.width.min(x + used + columns), ..slot };
            for line in 1..slot.height {
                put(buffer, room, x + used, line, first(theme.rail(rail.below()), columns), style);
            }
            put(buffer, room, x + used, 0, first(theme.rail(*rail), columns), style);
            used += columns;
        }
        used
    }

    fn draw_mark(&self, buffer: &mut Buffer, theme: Theme, x: u16, style: Style) -> u16 {
        let columns = self.mark_columns();
        let room = Rect { width: self.slot.width.min(x + columns), ..self.slot };
        put(buffer, room, x, 0, theme.mark(self.mark), style);
        columns
    }

    fn thumb(&self, ui: &Ui, node: Option<&Node>, x: u16) -> Option<Placement> {
        let slot = self.slot;
        let thumb = Rect { x: slot.x + x, width: THUMB, ..slot };
        let picture = node?.pictures.first()?;
        // One that was filtered is black: its mark says so.
        if !picture.is_picture() || picture.nsfw {
            return None;
        }
        let size = (picture.width, picture.height);
        let area = fitted(thumb.intersection(slot), ui.graphics.cell, size)?;
        Some(Placement::whole(picture.hash, area))
    }

    /// How it is; columns used.
    fn draw_right(&self, buffer: &mut Buffer, ui: &Ui, is_selected: bool) -> u16 {
        let width = u16::try_from(self.right_columns()).unwrap_or(u16::MAX);
        if width == 0 || width + 12 > self.slot.width {
            return 0;
        }
        // Without a column of its own it ends where what differs ends in other rows.
        let mut x = self.slot.width - width + u16::from(self.kept == 0);
        for (text, role) in &self.right {
            let style = ui.theme().role_on(*role, is_selected);
            x += put(buffer, self.slot, x, 0, text, style) + 1;
        }
        width
    }

    /// The second line where the words are whole in the first: what is other than the parent's, and
    /// than the older sibling's.
    fn detail(&self, model: &Model, node: Option<&Node>) -> (String, Role) {
        let Some(node) = node else {
            return (String::new(), Role::Text);
        };
        if model.draft.parent.is_some_and(|parent| parent.node == node.id) {
            return ("edits start here".into(), Role::Parent);
        }
        let parent = node.parent.map(|parent| parent.node);
        let older = parent.and_then(|parent| {
            let before = (Bound::Unbounded, Bound::Excluded(node.id));
            model.tree.siblings_within(parent, before).next_back()
        });
        let near: Vec<&Node> =
            [parent, older].into_iter().flatten().filter_map(|id| model.nodes.get(&id)).collect();
        let facts = [facts::endpoint, size, cost].map(|fact| {
            let own = fact(model, node)?;
            let is_equal = near.iter().any(|near| fact(model, near).as_ref() == Some(&own));
            (!is_equal && !self.beside.contains(&own)).then_some(own)
        });
        let told: Vec<String> = facts.into_iter().flatten().collect();
        (told.join(" · "), Role::Secondary)
    }
}

/// What is seen, and what that is compared with, which is quiet; the colour of its own that it has.
fn gutter(model: &Model, ui: &Ui, id: NodeId) -> (&'static str, Option<Role>) {
    let is = |of: Option<NodeId>| of == Some(id);
    let mark = match ui.panes.tree.marked.contains(&id) {
        true => Mark::Chosen,
        false if is(ui.shown_node(model)) => Mark::Selected,
        false if is(ui.other_node(model)) => Mark::Partner,
        false => return (" ", None),
    };
    (ui.theme().mark(mark), (mark == Mark::Partner).then_some(Role::Secondary))
}

/// Siblings that say the same words, whatever else differs.
pub(super) fn has_same_words(one: &Node, other: &Node) -> bool {
    let recipes = one.recipe.as_ref().zip(other.recipe.as_ref());
    recipes.is_some_and(|(own, its)| own.prompt == its.prompt)
        && (one.parent, &one.name, one.pictures.len())
            == (other.parent, &other.name, other.pictures.len())
}

/// Its first signs, of one column each.
fn first(rail: &str, columns: u16) -> &str {
    let end = rail.char_indices().nth(columns.into()).map_or(rail.len(), |(at, _)| at);
    rail.get(..end).unwrap_or(rail)
}

/// What stands at the right.
fn right(model: &Model, ui: &Ui, row: &Row, job: Option<&Job>) -> Vec<(String, Role)> {
    let (theme, id) = (ui.theme(), row.node);
    let mut parts: Vec<(String, Role)> = state(model, id, job).into_iter().collect();
    let rating = model.nodes.get(&id).map_or(0, |node| node.rating);
    parts.extend((rating > 0).then(|| (format!("{rating}/5"), Role::Secondary)));
    let is_starred = model.tree.get(id).is_some_and(|summary| summary.starred);
    let star = || (theme.mark(Mark::Starred).to_owned(), Role::Starred);
    parts.extend(is_starred.then(star));
    let folded = || (format!("{}{}", theme.mark(Mark::Folded), row.hidden), Role::Secondary);
    parts.extend((row.hidden > 0).then(folded));
    parts
}

/// Its words whole, and its facts, where the list above has cut them.
pub(super) fn whole(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let (theme, Some(node)) = (ui.theme(), model.current_node()) else {
        return;
    };
    let [rule, ..] = theme.lines(false);
    put(buffer, area, 0, 0, &rule.repeat(usize::from(area.width)), theme.role(Role::Line));
    let caption = ui.panes.captions.of(model, node);
    let text = format!("{} {}", node.id, caption.told());
    let facts = facts::besides(model, node, &text);
    let columns = usize::from(area.width.saturating_sub(1));
    let facts = pieces(&facts, columns);
    // Right below the words, and what is left is left below.
    let words = folded(&text, columns);
    let most = usize::from(area.height.saturating_sub(1)).saturating_sub(facts.len()).max(1);
    let words = words.iter().take(most).map(|line| (line, theme.text()));
    let lines = words.chain(facts.iter().map(|line| (line, theme.dim())));
    for (y, (line, style)) in (1..area.height).zip(lines) {
        put(buffer, area, 1, y, line, style);
    }
}

/// Where it stands; the next edit's parent before all else.
pub(super) fn mark_of(model: &Model, id: NodeId, job: Option<&Job>) -> Mark {
    if model.draft.parent.is_some_and(|parent| parent.node == id) {
        return Mark::Parent;
    }
    let Some(summary) = model.tree.get(id) else {
        return Mark::Made;
    };
    match (summary.state, job.map(|job| &job.state)) {
        (NodeState::Root, _) => Mark::Root,
        (NodeState::Unknown, _) => Mark::MaybePaid,
        (NodeState::Failed | NodeState::Cancelled, _) => Mark::Failed,
        (NodeState::Done, _) if is_filtered(model, id) => Mark::Filtered,
        (NodeState::Done, _) => Mark::Made,
        (NodeState::Pending, Some(state)) => mark_of_job(state),
        (NodeState::Pending, None) => Mark::Waiting,
    }
}

/// The same in the tree, below the picture and in the queue: running is what something is being done
/// for, its way there and back among it.
pub(super) fn mark_of_job(state: &State) -> Mark {
    match state {
        State::Saved => Mark::Waiting,
        State::Held(_) => Mark::Held,
        State::Waiting(_) => Mark::Awaited,
        State::Queued(_) => Mark::Queued,
        State::Uploading
        | State::Sending
        | State::Running
        | State::Cancelling
        | State::Fetching => Mark::Running,
        State::Unknown => Mark::MaybePaid,
        State::Failed | State::Cancelled | State::Dismissed => Mark::Failed,
        State::Done => Mark::Made,
    }
}

/// How many requests have each of these marks, as far as there are any.
pub(super) fn counts(model: &Model) -> Vec<(Mark, usize)> {
    let jobs = model.jobs.counts();
    let counts = [
        (Mark::Running, jobs.under_way.saturating_sub(jobs.queued)),
        (Mark::Queued, jobs.queued),
        (Mark::Waiting, model.jobs.waiting().len()),
        (Mark::Awaited, jobs.awaited),
        (Mark::MaybePaid, jobs.unknown),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What is being done for it: only what is not made yet has one that matters.
pub(super) fn job(model: &Model, id: NodeId) -> Option<&Job> {
    let is_pending = model.tree.get(id).is_some_and(|it| it.state == NodeState::Pending);
    if !is_pending {
        return None;
    }
    model.jobs.of_node(id)
}

pub(super) fn is_filtered(model: &Model, id: NodeId) -> bool {
    let pictures = model.nodes.get(&id).map(|node| node.pictures.as_slice()).unwrap_or_default();
    !pictures.is_empty() && pictures.iter().all(|picture| picture.nsfw)
}

/// In a word or two, where there is something to say.
fn state(model: &Model, id: NodeId, job: Option<&Job>) -> Option<(String, Role)> {
    match model.tree.get(id)?.state {
        NodeState::Unknown => return Some(("maybe paid".into(), Role::MaybePaid)),
        NodeState::Done if is_filtered(model, id) => {
            return Some((Mark::Filtered.meaning().into(), Mark::Filtered.role()));
        }
        NodeState::Root
        | NodeState::Pending
        | NodeState::Done
        | NodeState::Failed
        | NodeState::Cancelled => {}
    }
    let job = job?;
    let seconds = model.now.since(job.sent_at.unwrap_or(job.at)) / 1_000;
    match job.state {
        State::Running | State::Fetching => Some((format!("{seconds} s"), Role::Running)),
        State::Held(_) => Some(("held".into(), Role::Held)),
        State::Saved
        | State::Uploading
        | State::Sending
        | State::Queued(_)
        | State::Waiting(_)
        | State::Done
        | State::Failed
        | State::Cancelling
        | State::Cancelled
        | State::Unknown
        | State::Dismissed => None,
    }
}

fn size(_: &Model, node: &Node) -> Option<String> {
    Some(facts::size(node.pictures.first().filter(|picture| picture.is_picture())?))
}

fn cost(_: &Model, node: &Node) -> Option<String> {
    facts::told_price(node)
}
