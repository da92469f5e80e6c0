//! The workbench without a screen: lines tell what has happened since, in words. What a line that
//! comes in means is told by `typed`.
//!
//! For screen readers, logs and pipes. The same model, commands and overlays as on the screen; only
//! who presents them is another. Invariant: lines come in a stable order (log, question, what is on
//! top, picture, comparison), each once, and hold no escapes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::cells::clean;
use super::compare::Compare;
use super::hint;
use super::theme::Theme;
use crate::app::action::{Action, PictureAction};
use crate::app::compare::Comparison;
use crate::app::job::{Job, State};
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::money;
use crate::tree::{Hash, Node, PictureRef};

pub mod typed;

/// What matters only where lines are read and told.
#[derive(Debug, Default)]
pub(super) struct ByLines {
    /// The prompt was pasted, and further lines belong to it.
    adds: bool,
    /// So many overlays were opened so far: the same once more is another.
    pub(super) opened: u64,
}

/// What was told last.
#[derive(Debug, Default)]
pub struct Told {
    log: Option<LogEntry>,
    notice: Option<Notice>,
    asked: Vec<String>,
    on_top: Vec<String>,
    /// So many had been opened by then.
    opened: u64,
    current: Option<PictureRef>,
    marks: Vec<String>,
    compared: Option<(Hash, Hash)>,
    mode: Compare,
}

/// What has to be said, and done for it.
#[derive(Debug)]
pub struct Telling {
    pub lines: Vec<String>,
    /// What has to be found out to tell the rest.
    pub wanted: Vec<Action>,
    /// A question or what is on top is among the lines: what was typed before does not answer it.
    pub asks: bool,
}

/// Overlays are laid out in so many columns and at most so many rows.
const COLUMNS: u16 = 100;
const ROWS: usize = 200;

/// The first line.
pub const WELCOME: &str = "editree, plain: a line edits the picture that was told last; :help lists the commands, :quit leaves";

impl Told {
    /// What has happened since the last call.
    pub fn news(&mut self, model: &Model, ui: &Ui) -> Telling {
        let (mut lines, mut wanted, mut asks) = (self.log(model), Vec::new(), false);
        let asked = question(model);
        if std::mem::replace(&mut self.asked, asked) != self.asked {
            asks |= !self.asked.is_empty();
            lines.extend(self.asked.iter().cloned());
        }
        let on_top = on_top(ui);
        let is_another =
            std::mem::replace(&mut self.opened, ui.by_lines.opened) != ui.by_lines.opened;
        if std::mem::replace(&mut self.on_top, on_top) != self.on_top || is_another {
            asks |= !self.on_top.is_empty();
            lines.extend(self.on_top.iter().cloned());
        }
        let is_new = std::mem::replace(&mut self.current, model.current) != model.current;
        if is_new {
            (self.compared, self.mode) = (None, ui.comparing.mode);
        }
        // No sign of it is seen.
        let marks = model.current_node().map(marks).unwrap_or_default();
        if std::mem::replace(&mut self.marks, marks) != self.marks || is_new {
            lines.extend(picture(model));
        }
        // `:compare` tells it again.
        if std::mem::replace(&mut self.mode, ui.comparing.mode) != ui.comparing.mode {
            self.compared = None;
        }
        if let Some(pair) = pair(model, ui).filter(|pair| self.compared != Some(*pair)) {
            match model.comparisons.found(pair) {
                Some(found) => {
                    self.compared = Some(pair);
                    let name = |picture| node_of(model, picture);
                    let words = found.description.join("; ");
                    lines.push(format!("{} against {}: {words}", name(pair.1), name(pair.0)));
                }
                None if model.comparisons.get(pair).is_none() => {
                    let (a, b) = pair;
                    wanted.push(Action::Picture(PictureAction::Compare { a, b }));
                }
                None => {}
            }
        }
        let clean = |line: String| clean(line.trim_end());
        let lines = lines.into_iter().map(clean).filter(|line| !line.is_empty()).collect();
        Telling { lines, wanted, asks }
    }

    /// Whether something is on its way that is told when it comes.
    pub fn waits(&self, model: &Model, ui: &Ui) -> bool {
        let is_left = |job: &Job| {
            let needs_a_word = matches!(job.state, State::Held(_) | State::Unknown);
            needs_a_word || job.is_left_waiting() || job.work.is_refused
        };
        let open = |job: &Job| job.owned && !job.state.is_final() && !is_left(job);
        let jobs = model.jobs.values().any(open);
        let is_running = |pair| model.comparisons.get(pair) == Some(&Comparison::Running);
        jobs || !model.queue.saving.is_empty() || pair(model, ui).is_some_and(is_running)
    }

    /// Log lines since the last one; the hint that belongs to what was said.
    fn log(&mut self, model: &Model) -> Vec<String> {
        let mut new: Vec<&LogEntry> = Vec::new();
        for line in model.log.lines().rev() {
            if self.log.as_ref() == Some(line) {
                break;
            }
            new.push(line);
        }
        // What a session before has left is not news.
        let is_first = self.log.is_none();
        self.log = model.log.lines().next_back().cloned().or(self.log.take());
        new.reverse();
        let since = model.session.started;
        let told = new.into_iter().filter(|line| line.level > Level::Debug);
        let mut lines: Vec<String> = told
            .filter(|line| !is_first || line.at >= since)
            .map(|line| match line.level {
                Level::Error => format!("error: {}", line.text),
                Level::Warning => format!("warning: {}", line.text),
                Level::Info | Level::Step | Level::Debug => line.text.clone(),
            })
            .collect();
        if self.notice != model.notice {
            let before = std::mem::replace(&mut self.notice, model.notice.clone());
            // What was said just before it and is covered by it, as that a question is closed.
            let at = model.notice.as_ref().map(|notice| notice.at);
            let is_new = |it: &&Notice| Some(it.at) == at && Some(*it) != before.as_ref();
            let mut earlier: Vec<&Notice> =
                model.notices.iter().rev().skip(1).take_while(is_new).collect();
            earlier.reverse();
            let told: Vec<String> = earlier.into_iter().flat_map(|it| said(it, &lines)).collect();
            lines.extend(told);
            let told = model.notice.as_ref().map(|notice| said(&news(notice, before), &lines));
            lines.extend(told.into_iter().flatten());
        }
        lines
    }
}

/// Without what was told already, where more is said with it.
fn news(notice: &Notice, before: Option<Notice>) -> Notice {
    let rest = before.and_then(|before| notice.text.strip_prefix(&format!("{} · ", before.text)));
    Notice { text: rest.unwrap_or(&notice.text).to_owned(), ..notice.clone() }
}

/// The notice, unless the log has said it just now, and its hint.
fn said(notice: &Notice, lines: &[String]) -> Vec<String> {
    let is_logged = lines.iter().any(|line| line.ends_with(&notice.text));
    let text = match notice.tone {
        Tone::Info | Tone::Good => notice.text.clone(),
        Tone::Warning => format!("warning: {}", notice.text),
        Tone::Error => format!("error: {}", notice.text),
    };
    let hint = notice.hint.as_ref().map(|hint| format!("hint: {}", hint::plain(hint)));
    (!is_logged).then_some(text).into_iter().chain(hint).collect()
}

fn question(model: &Model) -> Vec<String> {
    let Some(asked) = &model.money.confirmation else {
        return Vec::new();
    };
    let mut lines = asked.lines();
    lines.push(format!("type {} to send; anything else sends nothing", asked.required_answer()));
    lines
}

/// The words of what lies on top, as it draws them: all of its lines, or how many more there are.
fn on_top(ui: &Ui) -> Vec<String> {
    let Some(top) = ui.overlays.last() else {
        return Vec::new();
    };
    let theme = Theme { mono: true, ..Theme::default() };
    let area = |rows: usize| {
        let rows = u16::try_from(rows.clamp(1, ROWS)).unwrap_or(1);
        Rect::new(0, 0, COLUMNS, rows)
    };
    let wanted = top.rows_in(COLUMNS);
    // What is gone through on the screen is told whole.
    let area = area(wanted + top.hidden(area(wanted), theme));
    let mut buffer = Buffer::empty(area);
    top.draw(area, &mut buffer, theme);
    let hidden = top.hidden(area, theme);
    let line = |y| {
        let cells = (0..COLUMNS).filter_map(|x| buffer.cell((x, y)));
        cells.map(|cell| cell.symbol()).collect::<String>().trim().to_owned()
    };
    let answers = top.answers_by_line();
    let title = match &answers {
        Some(_) => top.title_by_line().to_owned(),
        None => format!("{}; an empty line closes it", top.title_by_line()),
    };
    // Rules are for the eye.
    let is_said = |line: &String| line.chars().any(char::is_alphanumeric);
    let more = (hidden > 0).then(|| format!("{hidden} more"));
    // In its place stands what can be typed.
    let height = area.height.saturating_sub(u16::from(answers.is_some()));
    let lines = (0..height).map(line).filter(is_said);
    [title].into_iter().chain(lines).chain(more).chain(answers).collect()
}

/// What the canvas would show.
fn picture(model: &Model) -> Vec<String> {
    let (Some(current), Some(node)) = (model.current, model.current_node()) else {
        return Vec::new();
    };
    let mut facts = vec![format!("{}: {}", node.id, node.caption())];
    let kept = node.pictures.iter().find(|picture| picture.hash == current.picture);
    facts.extend(kept.map(|picture| match picture.nsfw {
        true => "filtered: black".to_owned(),
        false => format!("{} by {}", picture.width, picture.height),
    }));
    facts.extend(node.parent.map(|parent| format!("from {}", parent.node)));
    facts.extend(node.seed.map(|seed| format!("seed {seed}")));
    let price = node.cost.map(|cost| money::told(cost, node.simulated));
    let is_simulated = node.simulated && node.recipe.is_some();
    facts.extend(price.or(is_simulated.then(|| "simulated".to_owned())));
    facts.extend(marks(node));
    vec![facts.join(", ")]
}

/// What one has said of it oneself.
fn marks(node: &Node) -> Vec<String> {
    let star = node.starred.then(|| "starred".to_owned());
    let rating = (node.rating > 0).then(|| format!("rated {} of 5", node.rating));
    let name = node.name.as_ref().map(|name| format!("branch {name}"));
    [star, rating, name].into_iter().flatten().collect()
}

/// The picture and the one that it is compared with: its parent, unless another was chosen.
fn pair(model: &Model, ui: &Ui) -> Option<(Hash, Hash)> {
    let current = model.current?;
    let parent = model.nodes.get(&current.node)?.parent;
    let before = ui.compare_with(model).or(parent)?;
    let is_picture = |of| model.picture(of).is_some_and(|picture| picture.is_picture());
    (is_picture(before) && is_picture(current)).then_some((before.picture, current.picture))
}

fn node_of(model: &Model, picture: Hash) -> String {
    let holds = |node: &&Node| node.pictures.iter().any(|it| it.hash == picture);
    model.nodes.values().find(holds).map_or_else(|| "it".into(), |node| node.id.to_string())
}
