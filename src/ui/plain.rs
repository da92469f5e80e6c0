//! The workbench without a screen: a line in is a prompt, an answer, or `:` and a command; lines out
//! tell what has happened since, in words.
//!
//! For screen readers, logs and pipes. The same model, commands and overlays as on the screen; only
//! who presents them is another. Invariant: lines come in a stable order (log, question, what is on
//! top, picture, comparison), each once, and hold no escapes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::cells::clean;
use super::compare::Compare;
use super::hint;
use super::mode::Mode;
use super::overlay::commands::Commands;
use super::overlay::text_view::TextView;
use super::overlay::{Overlay, OverlayAction, OverlayResult};
use super::theme::Theme;
use crate::app::action::{Action, DraftAction, PictureAction, QueueAction};
use crate::app::compare::Comparison;
use crate::app::job::{Job, State};
use crate::app::log::{Level, LogEntry};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::{Hash, PictureRef};

/// What was told last.
#[derive(Debug, Default)]
pub struct Told {
    log: Option<LogEntry>,
    notice: Option<Notice>,
    asked: Vec<String>,
    on_top: Vec<String>,
    current: Option<PictureRef>,
    compared: Option<(Hash, Hash)>,
    mode: Compare,
}

/// Overlays are laid out in so many columns and at most so many rows.
const COLUMNS: u16 = 100;
const ROWS: usize = 200;

/// The first line.
pub const WELCOME: &str = "editree, plain: a line edits the picture that was told last; :help lists the commands, :quit leaves";

impl Ui {
    /// What a line means, in turn: the answer to a question, to what is on top, a command, a prompt.
    pub fn on_line(&mut self, model: &Model, line: &str) -> Vec<Action> {
        let line = line.trim();
        if let Some(asked) = &model.money.confirmation {
            let is_yes = line == asked.required_answer();
            return vec![Action::Queue(QueueAction::Answer(is_yes))];
        }
        if !self.overlays.is_empty() {
            return self.answer_on_top(model, line);
        }
        match line.strip_prefix(':') {
            Some(command) => self.run_by_name(model, command.trim()),
            None if line.is_empty() => Vec::new(),
            None => vec![
                Action::Draft(DraftAction::SetPrompt(line.to_owned())),
                Action::Queue(QueueAction::Run),
            ],
        }
    }

    /// The line as if it were typed there, and Enter; an empty one closes it.
    fn answer_on_top(&mut self, model: &Model, line: &str) -> Vec<Action> {
        let open = self.overlays.len();
        let replaced = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let keys: Vec<KeyEvent> = match line.is_empty() {
            true => vec![plain(KeyCode::Esc)],
            false => [replaced]
                .into_iter()
                .chain(line.chars().map(|letter| plain(KeyCode::Char(letter))))
                .chain([plain(KeyCode::Enter)])
                .collect(),
        };
        let mut actions = Vec::new();
        for key in keys {
            if self.overlays.len() != open || !actions.is_empty() {
                break;
            }
            let pressed = super::chord::chord(&key).unwrap_or_default();
            let context = self.overlays.last().and_then(|top| top.context());
            if context.is_none() || key.code == KeyCode::Esc {
                actions.extend(self.handle_overlay(model, key, &pressed));
            }
        }
        actions
    }

    /// By its whole name, an alias, or a beginning that no other has; `32` goes to n32.
    fn run_by_name(&mut self, model: &Model, typed: &str) -> Vec<Action> {
        let mut commands = Commands::all(self.keymap.grouped(), "");
        commands.on_paste(typed);
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        let actions = match commands.on_key(enter) {
            OverlayResult::Accept(OverlayAction::Command(row)) if row.name == "help" => {
                self.put_on_top(TextView::new("commands", self.legend()))
            }
            OverlayResult::Accept(chosen) => self.choose(model, chosen),
            OverlayResult::Emit(action) => vec![action],
            OverlayResult::Close => Vec::new(),
            OverlayResult::Keep => Self::say(commands.told().unwrap_or_default()),
        };
        match self.mode {
            Mode::Pane => actions,
            Mode::OneShot
            | Mode::Prefix(_)
            | Mode::EditField(_)
            | Mode::Region(_)
            | Mode::Heal(_)
            | Mode::Sheet(_) => {
                self.mode = Mode::Pane;
                Self::say(&format!("`{typed}` needs the screen"))
            }
        }
    }

    fn legend(&self) -> Vec<String> {
        let open = self.keymap.rows().into_iter().filter(|row| !row.context.is_exclusive());
        open.map(|row| format!(":{} {}", row.name, row.doc)).collect()
    }
}

impl Told {
    /// What has happened since the last call, and what has to be found out to tell the rest.
    pub fn news(&mut self, model: &Model, ui: &Ui) -> (Vec<String>, Vec<Action>) {
        let (mut lines, mut wanted) = (self.log(model), Vec::new());
        let asked = question(model);
        if std::mem::replace(&mut self.asked, asked) != self.asked {
            lines.extend(self.asked.iter().cloned());
        }
        let on_top = on_top(ui);
        if std::mem::replace(&mut self.on_top, on_top) != self.on_top {
            lines.extend(self.on_top.iter().cloned());
        }
        let is_new = std::mem::replace(&mut self.current, model.current) != model.current;
        if is_new {
            (self.compared, self.mode) = (None, ui.comparing.mode);
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
        (lines.into_iter().map(clean).filter(|line| !line.is_empty()).collect(), wanted)
    }

    /// Whether something is on its way that is told when it comes.
    pub fn waits(&self, model: &Model, ui: &Ui) -> bool {
        let open = |job: &Job| job.owned && !job.state.is_final();
        let is_held = |job: &Job| matches!(job.state, State::Held(_) | State::Unknown);
        let jobs = model.jobs.values().any(|job| open(job) && !is_held(job));
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
                Level::Info | Level::Debug => line.text.clone(),
            })
            .collect();
        if self.notice != model.notice {
            self.notice.clone_from(&model.notice);
            let told = model.notice.as_ref().map(|notice| said(notice, &lines));
            lines.extend(told.into_iter().flatten());
        }
        lines
    }
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
    let mut lines = asked.heads();
    lines.extend(asked.descriptions.iter().cloned());
    lines.push(format!("type {} to send; anything else sends nothing", asked.required_answer()));
    lines
}

/// The words of what lies on top, as it draws them.
fn on_top(ui: &Ui) -> Vec<String> {
    let Some(top) = ui.overlays.last() else {
        return Vec::new();
    };
    let rows = u16::try_from(top.rows().clamp(1, ROWS)).unwrap_or(1);
    let area = Rect::new(0, 0, COLUMNS, rows);
    let mut buffer = Buffer::empty(area);
    top.draw(area, &mut buffer, Theme { mono: true, ..Theme::default() });
    let line = |y| {
        let cells = (0..COLUMNS).filter_map(|x| buffer.cell((x, y)));
        cells.map(|cell| cell.symbol()).collect::<String>().trim().to_owned()
    };
    let title = format!("{}; an empty line closes it", top.title());
    [title].into_iter().chain((0..rows).map(line)).collect()
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
    facts.extend(node.cost.map(|cost| cost.to_string()));
    facts.extend((node.simulated && node.recipe.is_some()).then(|| "simulated".to_owned()));
    vec![facts.join(", ")]
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
    let holds = |node: &&crate::tree::Node| node.pictures.iter().any(|it| it.hash == picture);
    model.nodes.values().find(holds).map_or_else(|| "it".into(), |node| node.id.to_string())
}
