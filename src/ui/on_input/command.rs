//! What each command does: to the screen's own state here, to the model by actions.

use super::super::Ui;
use super::super::compare::{Compare, Zoom};
use super::super::keys::table::Command;
use super::super::pane::Pane;
use super::super::panes::{form, log, queue};
use super::super::suggestion;
use crate::app::action::{Action, Direction};
use crate::app::draft::Seed;
use crate::app::job::JobId;
use crate::app::model::Model;
use crate::schema::{self, kind::Kind};
use crate::tree::{NodeId, PictureRef};

impl Ui {
    /// Carries out a command as the place wants it where the person is.
    pub(super) fn perform(&mut self, model: &Model, command: Command) -> Vec<Action> {
        match self.perform_on_sheet(model, command) {
            Some(actions) => actions,
            None => self.perform_anywhere(model, command),
        }
    }

    /// The count that was typed belongs to the command.
    fn perform_anywhere(&mut self, model: &Model, command: Command) -> Vec<Action> {
        use Command as C;
        let count = self.count.take();
        let times = count.unwrap_or(1).max(1);
        match command {
            C::Run
            | C::Newline
            | C::NormalMode
            | C::Insert
            | C::UndoText
            | C::RedoText
            | C::Take
            | C::Snippet
            | C::OneNormal
            | C::EditInEditor => self.perform_prompt(model, command),
            C::NextPane | C::PreviousPane | C::Focus(_) => self.go_to_pane(model, command),
            C::EditPicture
            | C::Follow
            | C::Sync
            | C::Reroll
            | C::Rerun
            | C::AddReference
            | C::Compare
            | C::PickCompareBase
            | C::CompareMode
            | C::Heal
            | C::OpenExternally => self.perform_picture(model, command, count),
            C::Star | C::Trash | C::Mark => self.perform_marks(model, command),
            C::Undo => vec![Action::Undo { times }],
            C::Redo => vec![Action::Redo { times }],
            C::Parent | C::Child | C::NextSibling | C::PreviousSibling | C::First | C::Newest => {
                vec![Action::Go { to: direction(command), times }]
            }
            C::Fold | C::Unfold => self.fold(model, command),
            C::Down => self.step_row(model, 1),
            C::Up => self.step_row(model, -1),
            C::NextMatch => self.next_match(model, 1),
            C::PreviousMatch => self.next_match(model, -1),
            C::Redraw => vec![Action::Redraw],
            C::Suspend => vec![Action::Suspend],
            C::Quit => vec![Action::Quit],
            C::Close if self.close() => Vec::new(),
            C::Close => Self::say("nothing is on top; q leaves, i goes to the prompt"),
            C::Leave if self.close() => Vec::new(),
            C::Leave => vec![Action::Quit],
            C::ZoomIn
            | C::ZoomOut
            | C::FitPicture
            | C::OneToOne
            | C::Align
            | C::Exact
            | C::FullScreen
            | C::Larger
            | C::Smaller
            | C::Mouse => self.perform_view(command),
            C::Cancel | C::CancelWaiting | C::PauseQueue | C::MoveDown | C::MoveUp | C::Release => {
                self.perform_queue(model, command)
            }
            C::ErrorsOnly | C::LogEnd | C::ToJob => self.perform_log(model, command),
            C::Less | C::More | C::OpenField | C::DefaultField | C::SeedMode | C::ResetForm => {
                self.perform_form(model, command)
            }
            // Only in a place of their own, which asks the table itself.
            C::Remove | C::AddAddress | C::OnSheet(_) | C::OnRegion(_) | C::OnHeal(_) => {
                Self::say("that key is for another place: ? tells which")
            }
            C::PreviewHeal => self.begin_healing(model),
            C::Cue | C::Crop => self.begin_box(model, command),
            C::Sheet => self.open_sheet(model),
            C::Steps => vec![Action::SetPrompt(self.prompt.text()), Action::Steps],
            C::Split => self.split(),
            C::HistorySearch
            | C::About
            | C::Keep
            | C::Project
            | C::Sweep
            | C::Rebase
            | C::Replay
            | C::Save
            | C::PaneMenu
            | C::References
            | C::NameBranch
            | C::WholeTree
            | C::CopyMenu
            | C::Account
            | C::TrashList
            | C::Filter
            | C::Help
            | C::CommandLine
            | C::Leader
            | C::Endpoint
            | C::Profile
            | C::OpenFile
            | C::Graphics
            | C::InjectFault => self.open(model, command),
        }
    }

    fn go_to_pane(&mut self, model: &Model, command: Command) -> Vec<Action> {
        match command {
            Command::NextPane => self.step_pane(1),
            Command::Focus(Pane::Queue) => {
                self.focus_on(Pane::Queue);
                // What was sent last is what one may want to take back.
                let order = queue::order(model);
                let open = |id: &JobId| model.jobs.get(id).is_some_and(|job| !job.state.is_final());
                let newest = order.iter().copied().filter(open).max();
                let row = newest.and_then(|newest| order.iter().position(|id| *id == newest));
                self.selected_job = row.unwrap_or(0);
            }
            Command::Focus(pane) => self.focus_on(pane),
            _ => self.step_pane(-1),
        }
        Vec::new()
    }

    fn perform_prompt(&mut self, model: &Model, command: Command) -> Vec<Action> {
        use Command as C;
        match command {
            C::Run => {
                self.recalled = None;
                vec![Action::SetPrompt(self.prompt.text()), Action::Run]
            }
            C::Newline => {
                self.prompt.newline();
                self.words()
            }
            C::NormalMode => {
                self.focus_on(Pane::Canvas);
                Vec::new()
            }
            C::Insert => {
                self.focus_on(Pane::Prompt);
                Vec::new()
            }
            C::UndoText => self.undo_text(model),
            C::RedoText => {
                self.prompt.redo();
                self.words()
            }
            C::Take => self.take(model),
            C::Snippet => self.open(model, C::Snippet),
            C::OneNormal => {
                self.one_shot = true;
                Vec::new()
            }
            C::EditInEditor => vec![Action::EditInEditor],
            _ => Vec::new(),
        }
    }

    /// One change a line.
    fn split(&mut self) -> Vec<Action> {
        match schema::split(&self.prompt.text()) {
            Some(lines) => {
                self.prompt.replace(&lines);
                let mut actions = self.words();
                actions.extend(Self::say("a change a line: :steps sends them one after the other"));
                actions
            }
            None => Self::say("there is only one change in these words"),
        }
    }

    /// `q` would close something, instead of the program.
    pub(super) fn has_something_on_top(&self) -> bool {
        self.sheet.is_some()
            || self.layout_options.full.is_some()
            || self.compare != Compare::Off
            || !self.selected_nodes.is_empty()
            || !self.selected_jobs.is_empty()
            || self.filter.is_some()
            || self.zoom != Zoom::default()
    }

    /// Closes the one thing that is on top; whether there was any.
    fn close(&mut self) -> bool {
        if self.layout_options.full.take().is_some() {
            return true;
        }
        if self.compare != Compare::Off {
            self.compare = Compare::Off;
            return true;
        }
        if self.unmark() || self.filter.take().is_some() {
            return true;
        }
        std::mem::take(&mut self.zoom) != Zoom::default()
    }

    /// `Tab`: what is offered, in the order in which it would be missed; else the next pane.
    fn take(&mut self, model: &Model) -> Vec<Action> {
        if self.prompt.is_empty()
            && let Some(suggestion) = suggestion::suggestion(model)
        {
            self.prompt.set_text(suggestion.words);
            return self.words();
        }
        if self.slots && self.prompt.select_slot() {
            return Vec::new();
        }
        self.slots = false;
        if let Some(fixed) = suggestion::hint(model).and_then(|hint| hint.fix) {
            self.prompt.replace(&fixed);
            return self.words();
        }
        self.step_pane(1);
        Vec::new()
    }

    /// A second press goes on in the same direction.
    fn fold(&mut self, model: &Model, command: Command) -> Vec<Action> {
        let Some(node) = model.current.map(|current| current.node) else {
            return Vec::new();
        };
        let has_more = model.tree.children(node).next().is_some();
        let (changes, to) = match command {
            Command::Fold => (has_more && self.rows.fold(node), Direction::Parent),
            _ => (self.rows.unfold(node), Direction::Child),
        };
        if changes { Vec::new() } else { vec![Action::Go { to, times: 1 }] }
    }

    pub(super) fn step_row(&mut self, model: &Model, by: isize) -> Vec<Action> {
        match self.focus {
            Pane::Tree => {
                let rows = self.rows.all(model);
                let at = self.tree_row(model, &rows);
                let next = at.saturating_add_signed(by).min(rows.len().saturating_sub(1));
                let shown = rows.get(next).and_then(|row| {
                    let picture = model.nodes.get(&row.node)?.pictures.first()?.hash;
                    Some(Action::Show(PictureRef { node: row.node, picture }))
                });
                return shown.into_iter().collect();
            }
            Pane::Queue => self.selected_job = self.selected_job.saturating_add_signed(by),
            Pane::Form => self.selected_field = self.selected_field.saturating_add_signed(by),
            Pane::Log => self.log_scroll = self.log_scroll.saturating_add_signed(-by),
            Pane::Prompt | Pane::Canvas => {}
        }
        Vec::new()
    }

    /// The next of what was found, older or newer; around at the end.
    pub(super) fn next_match(&mut self, model: &Model, by: isize) -> Vec<Action> {
        let picture = |id: &NodeId| {
            let hash = model.nodes.get(id)?.pictures.first()?.hash;
            Some(PictureRef { node: *id, picture: hash })
        };
        let hits: Vec<PictureRef> = model.found.nodes.iter().filter_map(picture).collect();
        let count = isize::try_from(hits.len()).unwrap_or(isize::MAX);
        if count == 0 {
            return Self::say("nothing was found: / begins");
        }
        let current = model.current.map(|current| current.node);
        let at = hits.iter().position(|hit| Some(hit.node) == current);
        let next = at.and_then(|at| isize::try_from(at).ok()).map_or(0, |at| at + by);
        let place = usize::try_from(next.rem_euclid(count)).unwrap_or(0);
        hits.get(place).map(|hit| Action::Show(*hit)).into_iter().collect()
    }

    fn perform_view(&mut self, command: Command) -> Vec<Action> {
        match command {
            Command::Mouse => {
                self.mouse = !self.mouse;
                return vec![Action::Mouse(self.mouse)];
            }
            Command::ZoomIn => {
                self.zoom.is_original = false;
                self.zoom.level = (self.zoom.level + 1).min(5);
            }
            Command::ZoomOut => {
                self.zoom.is_original = false;
                self.zoom.level = self.zoom.level.saturating_sub(1);
            }
            Command::Align => self.align = !self.align,
            Command::OneToOne => self.zoom.is_original = !self.zoom.is_original,
            Command::Exact => {
                self.lossless = !self.lossless;
                return Self::say(match self.lossless {
                    true => "pictures come with every pixel, however long it takes",
                    false => "pictures come as sharp as the line allows",
                });
            }
            Command::FitPicture => self.zoom = Zoom::default(),
            Command::FullScreen => {
                let full = self.layout_options.full;
                self.layout_options.full = if full.is_some() { None } else { Some(self.focus) };
            }
            Command::Larger => self.layout_options.side = (self.layout_options.side + 4).min(40),
            _ => self.layout_options.side = (self.layout_options.side - 4).max(-40),
        }
        Vec::new()
    }

    fn perform_queue(&mut self, model: &Model, command: Command) -> Vec<Action> {
        let by = match command {
            Command::PauseQueue => return vec![Action::PauseQueue],
            Command::CancelWaiting => return vec![Action::CancelWaiting],
            Command::MoveDown => 1,
            Command::MoveUp => -1,
            _ => return self.on_jobs(model, command),
        };
        match self.selected_job(model) {
            Some(job) => vec![Action::MoveJob { job, by }],
            None => Self::say("the queue is empty"),
        }
    }

    fn perform_log(&mut self, model: &Model, command: Command) -> Vec<Action> {
        match command {
            Command::ErrorsOnly => self.errors_only = !self.errors_only,
            Command::LogEnd => self.log_scroll = 0,
            _ => {
                let lines = log::shown(model, self);
                let line =
                    lines.len().checked_sub(self.log_scroll + 1).and_then(|at| lines.get(at));
                let Some(job) = line.and_then(|line| line.job) else {
                    return Self::say("this line belongs to no job");
                };
                let order = queue::order(model);
                self.selected_job = order.iter().position(|id| *id == job).unwrap_or(0);
                self.focus_on(Pane::Queue);
            }
        }
        Vec::new()
    }

    fn perform_form(&mut self, model: &Model, command: Command) -> Vec<Action> {
        if command == Command::ResetForm {
            return vec![Action::ResetValues];
        }
        let fields = form::fields(model);
        let seed_row = fields.iter().position(|param| matches!(param.kind, Kind::Seed));
        if command == Command::SeedMode {
            self.selected_field = seed_row.unwrap_or(self.selected_field);
            return vec![Action::SetSeed(next_seed(model))];
        }
        let Some(param) = fields.get(self.selected_field) else {
            return Vec::new();
        };
        let is_seed = Some(self.selected_field) == seed_row;
        let name = param.name.clone();
        match command {
            Command::OpenField => {
                self.typing = Some(String::new());
                Vec::new()
            }
            Command::DefaultField if is_seed => vec![Action::SetSeed(Seed::Random)],
            Command::DefaultField => vec![Action::Set { name, value: None }],
            _ if is_seed => vec![Action::SetSeed(next_seed(model))],
            _ => {
                let by = if command == Command::More { 1 } else { -1 };
                match param.step(model.draft.values.get(&name), by) {
                    Some(value) => vec![Action::Set { name, value: Some(value) }],
                    None => Self::say("type this one: Enter opens it"),
                }
            }
        }
    }
}

fn next_seed(model: &Model) -> Seed {
    match model.draft.seed {
        Seed::Random => Seed::Pinned(None),
        Seed::Pinned(_) => {
            Seed::Fixed(model.current_node().and_then(|node| node.seed).unwrap_or(1))
        }
        Seed::Fixed(_) => Seed::Random,
    }
}

fn direction(command: Command) -> Direction {
    match command {
        Command::Parent => Direction::Parent,
        Command::Child => Direction::Child,
        Command::NextSibling => Direction::NextSibling,
        Command::First => Direction::Root,
        Command::Newest => Direction::Newest,
        _ => Direction::PreviousSibling,
    }
}
