//! Keys to actions: overlays first, then what is being typed, then the table.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Ui;
use super::compare::{Compare, Zoom};
use super::input::Input;
use super::keys::{Command, chord, show};
use super::overlay::picker::Item;
use super::overlay::{Chosen, Handled, Line, Overlay};
use super::pane::Pane;
use super::panes::{form, log, queue};
use super::{copy, suggestion};
use crate::app::action::{Action, Direction};
use crate::app::draft::{Choice, Seed};
use crate::app::job::{JobId, State};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::kind::Kind;
use crate::tree::{Input as Picture, PictureRef};

impl Ui {
    /// What the input means; changes only what is the screen's own.
    pub fn handle(&mut self, model: &Model, input: Input) -> Vec<Action> {
        match input {
            Input::Key(key) => self.handle_key(model, key),
            Input::Paste(text) => self.paste(&text),
            Input::Resize(columns, rows) => {
                self.resize(columns, rows);
                vec![Action::Redraw]
            }
            Input::Mouse(_) | Input::Focus(_) => Vec::new(),
        }
    }

    fn handle_key(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        let Some(pressed) = chord(&key) else {
            return Vec::new();
        };
        if let Some(overlay) = self.overlays.last_mut() {
            if pressed == "ctrl-c" {
                return vec![Action::Quit];
            }
            return match overlay.handle(key) {
                Handled::Stays => Vec::new(),
                Handled::Closes => {
                    self.overlays.pop();
                    Vec::new()
                }
                Handled::Chooses(chosen) => {
                    self.overlays.pop();
                    self.choose(model, chosen)
                }
            };
        }
        if self.typing.is_some() {
            return self.type_value(model, key);
        }
        if let Some(first) = self.prefix.take() {
            let both = format!("{first} {pressed}");
            return match self.keymap.find(&both, self.focus, self.in_prompt()) {
                Some(command) => self.perform(model, command),
                None => self.refuse(&both),
            };
        }
        if self.one_shot {
            self.one_shot = false;
            if let KeyCode::Char('0'..='9') = key.code {
                self.one_shot = true;
                self.count_digit(&key);
                return Vec::new();
            }
            return match self.keymap.find(&pressed, Pane::Canvas, false) {
                Some(Command::Close | Command::Insert) => Vec::new(),
                Some(command) => self.perform(model, command),
                None => self.refuse(&pressed),
            };
        }
        if self.in_prompt() {
            self.handle_words(model, key, &pressed)
        } else {
            self.handle_normal(model, key, &pressed)
        }
    }

    fn handle_words(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        if self.keymap.is_prefix(pressed) {
            self.prefix = Some(pressed.to_owned());
            return Vec::new();
        }
        if let Some(command) = self.keymap.find(pressed, Pane::Prompt, true) {
            return self.perform(model, command);
        }
        match key.code {
            KeyCode::Up if self.prompt.is_at_top() => return self.recall(model, 1),
            KeyCode::Down if self.prompt.is_at_bottom() => return self.recall(model, -1),
            _ => {}
        }
        if !self.prompt.edit(&key) {
            return self.refuse(pressed);
        }
        self.words()
    }

    /// The model learns what the prompt now reads.
    fn words(&mut self) -> Vec<Action> {
        vec![Action::Words(self.prompt.text())]
    }

    /// Up and Down at the edges go through what was sent.
    fn recall(&mut self, model: &Model, by: i32) -> Vec<Action> {
        let next = match (self.recalled, by) {
            (None, 1) => {
                self.unsent = self.prompt.text();
                Some(0)
            }
            (Some(at), 1) => Some((at + 1).min(model.prompts.len().saturating_sub(1))),
            (Some(at), _) => at.checked_sub(1),
            (None, _) => return Vec::new(),
        };
        let text = match next {
            Some(at) => match model.prompts.get(at) {
                Some(text) => text.clone(),
                None => return Vec::new(),
            },
            None => std::mem::take(&mut self.unsent),
        };
        self.recalled = next;
        self.prompt.set_text(&text);
        self.words()
    }

    fn handle_normal(&mut self, model: &Model, key: KeyEvent, pressed: &str) -> Vec<Action> {
        let is_digit = matches!(key.code, KeyCode::Char('0'..='9')) && key.modifiers.is_empty();
        let begins_nothing = pressed == "0" && self.count.is_none();
        if is_digit && self.focus == Pane::Form {
            self.typing = Some(pressed.to_owned());
            return Vec::new();
        }
        if is_digit && !begins_nothing {
            self.count_digit(&key);
            return Vec::new();
        }
        if let Some(actions) = self.pan(&key) {
            return actions;
        }
        match self.keymap.find(pressed, self.focus, false) {
            Some(command) => self.perform(model, command),
            None => self.refuse(pressed),
        }
    }

    fn count_digit(&mut self, key: &KeyEvent) {
        if let KeyCode::Char(digit) = key.code {
            let digit = u16::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0);
            let count = self
                .count
                .unwrap_or(0)
                .saturating_mul(10)
                .saturating_add(digit);
            self.count = Some(count.min(999));
        }
    }

    /// Arrows move the part that is seen of a zoomed picture.
    fn pan(&mut self, key: &KeyEvent) -> Option<Vec<Action>> {
        if self.focus != Pane::Canvas || self.zoom.level == 0 {
            return None;
        }
        match key.code {
            KeyCode::Left => self.zoom.x -= 2,
            KeyCode::Right => self.zoom.x += 2,
            KeyCode::Up => self.zoom.y -= 2,
            KeyCode::Down => self.zoom.y += 2,
            _ => return None,
        }
        let most = 8 << self.zoom.level.min(5);
        self.zoom.x = self.zoom.x.clamp(-most, most);
        self.zoom.y = self.zoom.y.clamp(-most, most);
        Some(Vec::new())
    }

    fn refuse(&mut self, pressed: &str) -> Vec<Action> {
        self.count = None;
        let text = format!("{} does nothing here", show(pressed));
        vec![Action::Say(
            Notice::new(Tone::Info, text).hint("F1 shows the keys"),
        )]
    }

    fn say(text: &str) -> Vec<Action> {
        vec![Action::Say(Notice::new(Tone::Info, text))]
    }

    fn paste(&mut self, text: &str) -> Vec<Action> {
        if let Some(overlay) = self.overlays.last_mut() {
            overlay.paste(text);
            return Vec::new();
        }
        if let Some(typing) = &mut self.typing {
            typing.push_str(text.trim());
            return Vec::new();
        }
        if let Some(paths) = picture_paths(text) {
            return vec![Action::AddFiles {
                paths,
                as_parent: false,
            }];
        }
        self.focus_on(Pane::Prompt);
        self.prompt.paste(text);
        self.words()
    }

    fn choose(&mut self, model: &Model, chosen: Chosen) -> Vec<Action> {
        match chosen {
            Chosen::Command(command) => self.perform(model, command),
            Chosen::Actions(actions) => actions,
            Chosen::Words(words) => {
                self.focus_on(Pane::Prompt);
                self.prompt.set_text(&words);
                self.words()
            }
            Chosen::Filter(text) => {
                self.filter = Some(text);
                self.next_match(model, 1)
            }
        }
    }

    fn type_value(&mut self, model: &Model, key: KeyEvent) -> Vec<Action> {
        let Some(typed) = &mut self.typing else {
            return Vec::new();
        };
        match key.code {
            KeyCode::Esc => self.typing = None,
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Char(c)
                if !key
                    .modifiers
                    .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                typed.push(c);
            }
            KeyCode::Enter => {
                let typed = std::mem::take(typed);
                self.typing = None;
                return self.keep_value(model, &typed);
            }
            _ => {}
        }
        Vec::new()
    }

    fn keep_value(&mut self, model: &Model, typed: &str) -> Vec<Action> {
        let fields = form::fields(model);
        let Some(param) = fields.get(self.field_row) else {
            return Vec::new();
        };
        match param.parse(typed) {
            Ok(value) if matches!(param.kind, Kind::Seed) => {
                vec![Action::SetSeed(
                    value.as_u64().map_or(Seed::Random, Seed::Fixed),
                )]
            }
            Ok(value) => vec![Action::Set {
                name: param.name.clone(),
                value: Some(value),
            }],
            Err(problem) => {
                let notice = Notice::new(Tone::Warning, format!("{}: {problem}", param.label));
                vec![Action::Say(notice)]
            }
        }
    }

    fn focus_on(&mut self, pane: Pane) {
        if [Pane::Form, Pane::Tree, Pane::Queue, Pane::Log].contains(&pane) {
            self.wishes.aside = Some(pane);
        }
        self.focus = pane;
        self.normal = false;
        self.typing = None;
    }

    fn step_pane(&mut self, by: isize) {
        let at = Pane::ALL
            .iter()
            .position(|pane| *pane == self.focus)
            .unwrap_or(0);
        let count = Pane::ALL.len();
        let next = at.saturating_add_signed(by + count as isize) % count;
        if let Some(pane) = Pane::ALL.get(next) {
            self.focus_on(*pane);
        }
    }

    /// Carries out a command; the count that was typed belongs to it.
    fn perform(&mut self, model: &Model, command: Command) -> Vec<Action> {
        use Command as C;
        let times = self.count.take().unwrap_or(1).max(1);
        let current = model.current;
        let go = |to| vec![Action::Go { to, times }];
        match command {
            C::Run => {
                self.recalled = None;
                vec![Action::Words(self.prompt.text()), Action::Run]
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
            C::UndoText => {
                self.prompt.undo();
                self.words()
            }
            C::RedoText => {
                self.prompt.redo();
                self.words()
            }
            C::Take => self.take(model),
            C::Snippet => self.insert_snippet(model),
            C::OneNormal => {
                self.one_shot = true;
                Vec::new()
            }
            C::EditOutside => vec![Action::EditOutside],
            C::NextPane => {
                self.step_pane(1);
                Vec::new()
            }
            C::PreviousPane => {
                self.step_pane(-1);
                Vec::new()
            }
            C::Focus(pane) => {
                self.focus_on(pane);
                Vec::new()
            }
            C::EditPicture => match current {
                Some(picture) => vec![Action::Parent(Some(picture))],
                None => Self::say("there is no picture to go on from"),
            },
            C::Follow => vec![Action::Follow(!model.follow)],
            C::Reroll => vec![Action::Reroll { times }],
            C::Rerun => vec![Action::Rerun],
            C::AddReference => match current {
                Some(picture) => vec![Action::AddReference(Picture::Picture(picture))],
                None => Self::say("there is no picture to add"),
            },
            C::Compare => self.swap(model),
            C::CompareMode => {
                self.compare = self.compare.next_mode();
                Vec::new()
            }
            C::Star => self.on_node(model, |node, starred, _| Action::Star {
                node,
                on: !starred,
            }),
            C::Trash => self.on_node(model, |node, _, trashed| Action::Trash {
                node,
                on: !trashed,
            }),
            C::Undo => vec![Action::Undo { times }],
            C::Redo => vec![Action::Redo { times }],
            C::Parent => go(Direction::Parent),
            C::Child => go(Direction::Child),
            C::NextSibling => go(Direction::NextSibling),
            C::PreviousSibling => go(Direction::PreviousSibling),
            C::Down => self.step_row(model, 1),
            C::Up => self.step_row(model, -1),
            C::OpenOutside => current
                .map(|picture| Action::OpenOutside(picture.picture))
                .into_iter()
                .collect(),
            C::NextMatch => self.next_match(model, 1),
            C::PreviousMatch => self.next_match(model, -1),
            C::Redraw => vec![Action::Redraw],
            C::Suspend => vec![Action::Suspend],
            C::Quit => vec![Action::Quit],
            C::Close => self.close(),
            C::ZoomIn | C::ZoomOut | C::FitPicture | C::FullScreen | C::Larger | C::Smaller => {
                self.perform_view(command)
            }
            C::Cancel | C::CancelWaiting | C::PauseLine | C::MoveDown | C::MoveUp | C::Release => {
                self.perform_queue(model, command)
            }
            C::ErrorsOnly | C::LogEnd | C::ToJob => self.perform_log(model, command),
            C::Less | C::More | C::OpenField | C::DefaultField | C::SeedMode | C::ResetForm => {
                self.perform_form(model, command)
            }
            C::HistorySearch
            | C::PaneMenu
            | C::References
            | C::NameBranch
            | C::WholeTree
            | C::CopyMenu
            | C::Filter
            | C::Help
            | C::CommandLine
            | C::Leader
            | C::Endpoint
            | C::Profile
            | C::OpenFile
            | C::Graphics => self.open(model, command),
        }
    }

    /// `Esc` and `q` close what is on top; with nothing on top `q` leaves.
    fn close(&mut self) -> Vec<Action> {
        if self.wishes.full.take().is_some() {
            return Vec::new();
        }
        if self.compare != Compare::Off {
            self.compare = Compare::Off;
            return Vec::new();
        }
        if self.filter.take().is_some() || self.zoom != Zoom::default() {
            self.zoom = Zoom::default();
            return Vec::new();
        }
        vec![Action::Quit]
    }

    fn take(&mut self, model: &Model) -> Vec<Action> {
        if self.prompt.is_empty()
            && let Some(words) = suggestion::suggestion(model)
        {
            self.prompt.set_text(words);
            return self.words();
        }
        self.step_pane(1);
        Vec::new()
    }

    fn insert_snippet(&mut self, model: &Model) -> Vec<Action> {
        let count = model.snippets.len();
        if count == 0 {
            return Self::say("no snippets: they stand in the config file under [snippets]");
        }
        let Some(snippet) = model.snippets.get(self.snippet % count) else {
            return Vec::new();
        };
        self.snippet += 1;
        self.prompt.paste(&snippet.text);
        self.words()
    }

    fn swap(&mut self, model: &Model) -> Vec<Action> {
        if model.current_node().and_then(|node| node.parent).is_none() {
            return Self::say("this picture has no parent to compare with");
        }
        self.compare = self.compare.swap();
        Vec::new()
    }

    fn on_node(
        &self,
        model: &Model,
        action: impl Fn(crate::tree::NodeId, bool, bool) -> Action,
    ) -> Vec<Action> {
        match model.current_node() {
            Some(node) => vec![action(node.id, node.starred, node.trashed)],
            None => Self::say("there is no picture"),
        }
    }

    fn step_row(&mut self, model: &Model, by: isize) -> Vec<Action> {
        match self.focus {
            Pane::Tree => {
                let rows = model.tree.rows();
                let at = self.tree_row(model, &rows);
                let next = at
                    .saturating_add_signed(by)
                    .min(rows.len().saturating_sub(1));
                let shown = rows.get(next).and_then(|row| {
                    let picture = model.nodes.get(&row.node)?.pictures.first()?.hash;
                    Some(Action::Show(PictureRef {
                        node: row.node,
                        picture,
                    }))
                });
                return shown.into_iter().collect();
            }
            Pane::Queue => self.job_row = self.job_row.saturating_add_signed(by),
            Pane::Form => self.field_row = self.field_row.saturating_add_signed(by),
            Pane::Log => self.log_back = self.log_back.saturating_add_signed(-by),
            Pane::Prompt | Pane::Canvas => {}
        }
        Vec::new()
    }

    fn next_match(&mut self, model: &Model, by: isize) -> Vec<Action> {
        let Some(filter) = self.filter.clone().filter(|filter| !filter.is_empty()) else {
            return Self::say("nothing to find: / begins");
        };
        let wanted = filter.to_lowercase();
        let rows = model.tree.rows();
        let at = self.tree_row(model, &rows);
        let count = rows.len();
        for step in 1..=count {
            let step = isize::try_from(step).unwrap_or(0) * by;
            let place = at.saturating_add_signed(step + isize::try_from(count * 2).unwrap_or(0))
                % count.max(1);
            let Some(node) = rows.get(place).and_then(|row| model.nodes.get(&row.node)) else {
                continue;
            };
            let words = node.recipe.as_ref().map(|recipe| recipe.prompt.as_str());
            let words = words
                .or(node.title.as_deref())
                .unwrap_or_default()
                .to_lowercase();
            let name = node.name.clone().unwrap_or_default().to_lowercase();
            if (words.contains(&wanted) || name.contains(&wanted) || node.id.to_string() == wanted)
                && let Some(picture) = node.pictures.first()
            {
                return vec![Action::Show(PictureRef {
                    node: node.id,
                    picture: picture.hash,
                })];
            }
        }
        Self::say(&format!("no picture matches `{filter}`"))
    }

    fn perform_view(&mut self, command: Command) -> Vec<Action> {
        match command {
            Command::ZoomIn => self.zoom.level = (self.zoom.level + 1).min(5),
            Command::ZoomOut => self.zoom.level = self.zoom.level.saturating_sub(1),
            Command::FitPicture => self.zoom = Zoom::default(),
            Command::FullScreen => {
                let full = self.wishes.full;
                self.wishes.full = if full.is_some() {
                    None
                } else {
                    Some(self.focus)
                };
            }
            Command::Larger => self.wishes.side = (self.wishes.side + 4).min(40),
            _ => self.wishes.side = (self.wishes.side - 4).max(-40),
        }
        Vec::new()
    }

    fn selected_job(&self, model: &Model) -> Option<JobId> {
        queue::order(model).get(self.job_row).copied()
    }

    fn perform_queue(&mut self, model: &Model, command: Command) -> Vec<Action> {
        let job = self.selected_job(model);
        let Some(id) = job else {
            return match command {
                Command::PauseLine => vec![Action::PauseLine],
                _ => Self::say("the queue is empty"),
            };
        };
        match command {
            Command::Cancel => vec![Action::Cancel(id)],
            Command::CancelWaiting => vec![Action::CancelWaiting],
            Command::PauseLine => vec![Action::PauseLine],
            Command::MoveDown => vec![Action::MoveJob { job: id, by: 1 }],
            Command::MoveUp => vec![Action::MoveJob { job: id, by: -1 }],
            _ => match model.jobs.get(&id).map(|job| &job.state) {
                Some(State::Unknown) => vec![Action::Dismiss(id)],
                _ => vec![Action::Release(id)],
            },
        }
    }

    fn perform_log(&mut self, model: &Model, command: Command) -> Vec<Action> {
        match command {
            Command::ErrorsOnly => self.errors_only = !self.errors_only,
            Command::LogEnd => self.log_back = 0,
            _ => {
                let lines = log::shown(model, self);
                let line = lines
                    .len()
                    .checked_sub(self.log_back + 1)
                    .and_then(|at| lines.get(at));
                let Some(job) = line.and_then(|line| line.job) else {
                    return Self::say("this line belongs to no job");
                };
                let order = queue::order(model);
                self.job_row = order.iter().position(|id| *id == job).unwrap_or(0);
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
        let seed_row = fields
            .iter()
            .position(|param| matches!(param.kind, Kind::Seed));
        if command == Command::SeedMode {
            self.field_row = seed_row.unwrap_or(self.field_row);
            return vec![Action::SetSeed(next_seed(model))];
        }
        let Some(param) = fields.get(self.field_row) else {
            return Vec::new();
        };
        let is_seed = Some(self.field_row) == seed_row;
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
                    Some(value) => vec![Action::Set {
                        name,
                        value: Some(value),
                    }],
                    None => Self::say("type this one: Enter opens it"),
                }
            }
        }
    }

    /// Commands that put something on top.
    fn open(&mut self, model: &Model, command: Command) -> Vec<Action> {
        use Command as C;
        let item = |label: &str, detail: &str| Item {
            label: label.into(),
            detail: detail.into(),
        };
        let overlay = match command {
            C::Help => Some(Overlay::help(self.focus, self.in_prompt())),
            C::CommandLine => Some(Overlay::commands()),
            C::HistorySearch => {
                let row = |words: &String| (item(words, ""), Chosen::Words(words.clone()));
                Some(Overlay::list(
                    "what was sent before",
                    model.prompts.iter().map(row).collect(),
                ))
            }
            C::PaneMenu => {
                let row =
                    |pane: &Pane| (pane.letter(), pane.name(), Chosen::Command(C::Focus(*pane)));
                Some(Overlay::menu("go to", Pane::ALL.iter().map(row).collect()))
            }
            C::Leader => Some(Overlay::menu(
                "menu",
                vec![
                    (
                        'f',
                        "open a picture by its path",
                        Chosen::Command(C::OpenFile),
                    ),
                    (
                        'h',
                        "search what was sent before",
                        Chosen::Command(C::HistorySearch),
                    ),
                    ('m', "choose the endpoint", Chosen::Command(C::Endpoint)),
                    ('p', "which services there are", Chosen::Command(C::Profile)),
                    (
                        'g',
                        "how pictures are shown here",
                        Chosen::Command(C::Graphics),
                    ),
                    ('?', "all commands", Chosen::Command(C::CommandLine)),
                ],
            )),
            C::References => Some(self.references(model)),
            C::NameBranch => model.current_node().map(|node| {
                Overlay::line(
                    "name of the branch",
                    Line::Name(node.id),
                    node.name.clone().unwrap_or_default(),
                )
            }),
            C::WholeTree => {
                self.focus_on(Pane::Tree);
                self.wishes.full = Some(Pane::Tree);
                None
            }
            C::CopyMenu => copy::menu(model),
            C::Filter => {
                let text = self.filter.clone().unwrap_or_default();
                Some(Overlay::line("find in the tree", Line::Filter, text))
            }
            C::Endpoint => Some(endpoints(model)),
            C::Profile => {
                let row = |name: &String| {
                    (
                        item(name, ""),
                        Chosen::Actions(vec![Action::Profile(name.clone())]),
                    )
                };
                Some(Overlay::list(
                    "services",
                    model.profile.others.iter().map(row).collect(),
                ))
            }
            C::OpenFile => Some(Overlay::line(
                "path of a picture on this machine",
                Line::Open,
                String::new(),
            )),
            C::Graphics => Some(Overlay::words(
                "pictures on this terminal",
                self.graphics_words(),
            )),
            _ => None,
        };
        self.overlays.extend(overlay);
        Vec::new()
    }

    fn references(&self, model: &Model) -> Overlay {
        let name = |input: &Picture| match input {
            Picture::Picture(picture) => picture.node.to_string(),
            Picture::Url(url) => url.clone(),
        };
        let mut rows = Vec::new();
        for (at, input) in model.draft.references.iter().enumerate() {
            let item = |what: &str| Item {
                label: format!("{what} {}", name(input)),
                detail: format!("picture {}", at + 2),
            };
            rows.push((
                item("remove"),
                Chosen::Actions(vec![Action::DropReference(at)]),
            ));
            if at > 0 {
                let swap = Action::MoveReference {
                    from: at,
                    to: at - 1,
                };
                rows.push((item("move up"), Chosen::Actions(vec![swap])));
            }
        }
        let add = Item {
            label: "add this picture".into(),
            detail: "a".into(),
        };
        rows.push((add, Chosen::Command(Command::AddReference)));
        Overlay::list("references", rows)
    }

    fn graphics_words(&self) -> Vec<String> {
        let graphics = &self.graphics;
        let (width, height) = graphics.cell;
        let mut lines = vec![
            format!("shown as {}", graphics.protocol),
            format!("because {}", graphics.why),
            format!("a cell has {width}×{height} pixels"),
        ];
        lines.extend(graphics.advice.clone());
        lines
            .push("another way: start with --graphics kitty, iterm2, sixel, blocks or none".into());
        lines
    }
}

fn next_seed(model: &Model) -> Seed {
    match model.draft.seed {
        Seed::Random => Seed::Locked(None),
        Seed::Locked(_) => {
            Seed::Fixed(model.current_node().and_then(|node| node.seed).unwrap_or(1))
        }
        Seed::Fixed(_) => Seed::Random,
    }
}

fn endpoints(model: &Model) -> Overlay {
    let mut rows = Vec::new();
    let mut families: Vec<&str> = model
        .catalogue
        .endpoints()
        .filter_map(|endpoint| endpoint.family.as_deref())
        .collect();
    families.dedup();
    families.sort_unstable();
    families.dedup();
    for family in families {
        let item = Item {
            label: format!("{family}: whichever fits the pictures"),
            detail: "auto".into(),
        };
        let choice = Choice::Auto {
            family: family.to_owned(),
        };
        rows.push((item, Chosen::Actions(vec![Action::Choose(choice)])));
    }
    for endpoint in model.catalogue.endpoints() {
        let price = endpoint
            .price
            .as_ref()
            .map_or("price unknown".into(), |price| price.each.to_string());
        let item = Item {
            label: format!("{}: {}", endpoint.short, endpoint.id),
            detail: price,
        };
        rows.push((
            item,
            Chosen::Actions(vec![Action::Choose(Choice::Fixed(endpoint.id.clone()))]),
        ));
    }
    Overlay::list("endpoint", rows)
}

/// Paths of pictures, when the pasted text is nothing else: plain, quoted for a shell, or `file://`.
fn picture_paths(text: &str) -> Option<Vec<PathBuf>> {
    const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".webp", ".gif"];
    let is_picture = |path: &str| {
        let lower = path.to_lowercase();
        ENDINGS.iter().any(|ending| lower.ends_with(ending))
            && (path.contains('/') || !path.contains(' '))
    };
    let unquote = |word: &str| {
        let word = word.trim();
        let inner = word
            .strip_prefix('\'')
            .and_then(|word| word.strip_suffix('\''));
        let inner = inner.or_else(|| {
            word.strip_prefix('"')
                .and_then(|word| word.strip_suffix('"'))
        });
        let plain = inner.map_or_else(|| word.replace("\\ ", " "), str::to_owned);
        let path = plain
            .strip_prefix("file://")
            .map(|path| path.replace("%20", " "));
        path.unwrap_or(plain)
    };
    let lines: Vec<String> = text
        .lines()
        .map(unquote)
        .filter(|line| !line.is_empty())
        .collect();
    let all = |paths: &[String]| !paths.is_empty() && paths.iter().all(|path| is_picture(path));
    if all(&lines) && lines.iter().all(|line| !line.contains("' '")) {
        return Some(lines.into_iter().map(PathBuf::from).collect());
    }
    let words: Vec<String> = text.split_whitespace().map(unquote).collect();
    (words.len() > 1 && all(&words)).then(|| words.into_iter().map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_are_told_from_words() {
        let paths = |text: &str| picture_paths(text).map(|paths| paths.len());
        assert_eq!(paths("/home/me/cat.png"), Some(1));
        assert_eq!(paths("'/home/me/my cat.png'\n"), Some(1));
        assert_eq!(paths("/home/me/my\\ cat.jpg"), Some(1));
        assert_eq!(paths("file:///home/me/my%20cat.webp"), Some(1));
        assert_eq!(paths("/a/1.png /a/2.png"), Some(2));
        assert_eq!(paths("Make it look like cat.png please"), None);
        assert_eq!(paths("make it red"), None);
    }
}
