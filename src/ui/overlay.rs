//! What lies on top: a list that narrows, a menu of letters, a line to type, words to read.
//!
//! An overlay knows what it lists and what choosing means; the picker knows how to list.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::cells::{pasted_line, put};
use super::frame::Placement;
use super::keys::letter;
use super::keys::table::Command;
use super::panes::frame;
use super::theme::Theme;
use crate::app::action::{Action, DraftAction, PictureAction, Purpose, QueueAction, SessionAction};
use crate::app::filename_template;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::PictureRef;
use crate::tree::decision::Mark;
use commands::Commands;
use confirm::Confirm;
use files::Files;
use keep::Keep;
use picker::{Item, Picked, Picker};
use references::References;
use search::Search;
use sweep::Sweep;

pub mod about;
pub mod account;
pub mod commands;
pub mod confirm;
pub mod files;
pub mod keep;
pub mod picker;
pub mod question;
pub mod references;
pub mod search;
mod stakes;
pub mod sweep;
pub mod trash;

/// What choosing a row, or typing a line, comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum OverlayAction {
    Command(Command),
    Actions(Vec<Action>),
    /// The prompt shall read as it did before; what is typed there is put aside.
    Recall(String),
    /// The same words, said better.
    Reworded(String),
    /// A picture that was looked for with these words.
    Found {
        text: String,
        picture: PictureRef,
    },
    /// Something is to be typed for it.
    Input(InputPurpose),
    /// Goes into the prompt where the cursor stands.
    Snippet(String),
    /// A command with what was typed behind its name.
    CommandWithText(Command, String),
}

/// One thing on top of the panes.
#[derive(Debug)]
pub struct Overlay {
    title: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    List {
        picker: Picker,
        choices: Vec<OverlayAction>,
    },
    /// A letter each.
    Menu(Vec<(char, String, OverlayAction)>),
    Prompt {
        text: String,
        what: InputPurpose,
    },
    /// Words to read; the first line that is shown.
    TextView {
        lines: Vec<String>,
        from: usize,
        about: About,
    },
    References(References),
    Search(Search),
    Sweep(Sweep),
    Keep(Keep),
    Files(Box<Files>),
    Commands(Commands),
    Confirm(Confirm),
}

/// What words to read are about, and so whether they change while they stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Account,
    Picture,
    /// tmux keeps pictures back: `t` opens it.
    ClosedTmux,
    Other,
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputPurpose {
    /// A path of a picture to open.
    Open,
    /// A name for the branch of this node.
    Name(crate::tree::NodeId),
    /// The address of a reference.
    Reference,
    /// A fault for the simulator.
    InjectFault,
    /// The name of a project.
    Project,
    /// Other words for this step.
    Rebase(crate::tree::NodeId),
    /// Pictures on which the steps to this node are done again.
    Replay(crate::tree::NodeId),
    /// A name for a copy of this picture.
    Save(PictureRef),
}

/// What became of a key.
#[derive(Debug, PartialEq)]
pub enum OverlayResult {
    Keep,
    Close,
    /// It stays, and wants something.
    Emit(Action),
    Accept(OverlayAction),
}

impl Overlay {
    pub fn list(title: &str, rows: Vec<(Item, OverlayAction)>) -> Self {
        let (items, choices) = rows.into_iter().unzip();
        Self { title: title.into(), kind: Kind::List { picker: Picker::new(items), choices } }
    }

    pub fn menu(title: &str, rows: Vec<(char, &str, OverlayAction)>) -> Self {
        let rows = rows.into_iter().map(|(letter, text, chosen)| (letter, text.to_owned(), chosen));
        Self { title: title.into(), kind: Kind::Menu(rows.collect()) }
    }

    pub fn line(title: &str, what: InputPurpose, text: String) -> Self {
        Self { title: title.into(), kind: Kind::Prompt { text, what } }
    }

    pub fn words(title: &str, lines: Vec<String>) -> Self {
        Self { title: title.into(), kind: Kind::TextView { lines, from: 0, about: About::Other } }
    }

    /// What was paid and waited for; its words follow the model.
    pub fn account() -> Self {
        let kind = Kind::TextView { lines: Vec::new(), from: 0, about: About::Account };
        Self { title: "account".into(), kind }
    }

    /// The same where tmux keeps the pictures back: `t` lets them through.
    pub fn closed_tmux(title: &str, lines: Vec<String>) -> Self {
        Self {
            title: title.into(),
            kind: Kind::TextView { lines, from: 0, about: About::ClosedTmux },
        }
    }

    /// Everything about the current picture; its words follow the model.
    pub fn about() -> Self {
        let kind = Kind::TextView { lines: Vec::new(), from: 0, about: About::Picture };
        Self { title: "about this picture".into(), kind }
    }

    /// Pictures on this machine.
    pub fn files() -> Self {
        Self { title: "open a picture".into(), kind: Kind::Files(Box::default()) }
    }

    /// Pictures that belong to it, in its area.
    pub fn placements(&self, area: Rect, cell: (u16, u16)) -> Vec<Placement> {
        let inner = inside(area);
        match &self.kind {
            Kind::Files(files) => files.placement(inner, cell).into_iter().collect(),
            Kind::References(list) => list.placements(inner, cell),
            _ => Vec::new(),
        }
    }

    /// What shall stay as it is.
    pub fn keep(keep: Keep) -> Self {
        Self { title: "keep: letters choose, Enter says so".into(), kind: Kind::Keep(keep) }
    }

    /// Takes over what has changed in the model.
    pub fn refresh(&mut self, model: &Model) {
        match &mut self.kind {
            Kind::References(list) => list.refresh(model),
            Kind::Search(search) => search.refresh(model),
            Kind::Sweep(sweep) => sweep.refresh(model),
            Kind::Files(files) => files.refresh(model),
            Kind::TextView { lines, about: About::Account, .. } => *lines = account::lines(model),
            Kind::TextView { lines, about: About::Picture, .. } => *lines = about::lines(model),
            Kind::List { .. }
            | Kind::Menu(_)
            | Kind::Prompt { .. }
            | Kind::TextView { .. }
            | Kind::Commands(_)
            | Kind::Confirm(_)
            | Kind::Keep(_) => {}
        }
    }

    /// The list of references: its keys come from the table, not from here.
    pub fn references(list: References) -> Self {
        Self { title: "references".into(), kind: Kind::References(list) }
    }

    /// Pictures by words and conditions.
    pub fn search(text: String) -> Self {
        Self { title: "find".into(), kind: Kind::Search(Search::new(text)) }
    }

    /// Settings to try, with their price.
    pub fn sweep(sweep: Sweep) -> Self {
        Self { title: "sweep: every combination is a request".into(), kind: Kind::Sweep(sweep) }
    }

    /// What is not done before `y`.
    pub fn confirm(title: String, confirm: Confirm) -> Self {
        Self { title, kind: Kind::Confirm(confirm) }
    }

    pub fn references_mut(&mut self) -> Option<&mut References> {
        match &mut self.kind {
            Kind::References(list) => Some(list),
            Kind::List { .. }
            | Kind::Menu(_)
            | Kind::Prompt { .. }
            | Kind::TextView { .. }
            | Kind::Sweep(_)
            | Kind::Keep(_)
            | Kind::Files(_)
            | Kind::Commands(_)
            | Kind::Confirm(_)
            | Kind::Search(_) => None,
        }
    }

    pub fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match &mut self.kind {
            Kind::List { picker, choices } => match picker.on_key(key) {
                Picked::Stay => OverlayResult::Keep,
                Picked::Close => OverlayResult::Close,
                Picked::Chosen(place) => match choices.get(place) {
                    Some(chosen) => OverlayResult::Accept(chosen.clone()),
                    None => OverlayResult::Keep,
                },
            },
            Kind::Commands(commands) => commands.on_key(key),
            Kind::Confirm(confirm) => confirm.on_key(key),
            Kind::Menu(rows) => match key.code {
                KeyCode::Char(letter) => {
                    let chosen = rows.iter().find(|(other, ..)| *other == letter);
                    chosen.map_or(OverlayResult::Keep, |(_, _, chosen)| {
                        OverlayResult::Accept(chosen.clone())
                    })
                }
                KeyCode::Esc => OverlayResult::Close,
                _ => OverlayResult::Keep,
            },
            Kind::Prompt { text, what } => handle_line(text, *what, key),
            Kind::Search(search) => search.on_key(key),
            Kind::Sweep(sweep) => sweep.on_key(key),
            Kind::Keep(keep) => keep.on_key(key),
            Kind::Files(files) => files.on_key(key),
            Kind::TextView { lines, from, about } => {
                let last = lines.len().saturating_sub(1);
                match key.code {
                    KeyCode::Char('t') if *about == About::ClosedTmux => {
                        return OverlayResult::Accept(OverlayAction::Actions(vec![
                            Action::Session(SessionAction::EnableTmuxPassthrough),
                        ]));
                    }
                    KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => {
                        return OverlayResult::Close;
                    }
                    KeyCode::Char('j') | KeyCode::Down => *from = (*from + 1).min(last),
                    KeyCode::Char('k') | KeyCode::Up => *from = from.saturating_sub(1),
                    _ => {}
                }
                OverlayResult::Keep
            }
            Kind::References(_) => match key.code {
                KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => OverlayResult::Close,
                _ => OverlayResult::Keep,
            },
        }
    }

    pub fn paste(&mut self, words: &str) -> OverlayResult {
        match &mut self.kind {
            Kind::List { picker, .. } => picker.paste(words),
            Kind::Prompt { text, .. } => text.push_str(&pasted_line(words)),
            Kind::Search(search) => return search.paste(words),
            Kind::Files(files) => return files.paste(words),
            Kind::Sweep(sweep) => sweep.paste(words),
            Kind::Commands(commands) => commands.paste(words),
            Kind::Menu(_)
            | Kind::TextView { .. }
            | Kind::Keep(_)
            | Kind::Confirm(_)
            | Kind::References(_) => {
                let notice = Notice::new(Tone::Info, "nothing can be pasted here");
                return OverlayResult::Emit(Action::Session(SessionAction::Say(
                    notice.hint("Esc closes what is on top"),
                )));
            }
        }
        OverlayResult::Keep
    }

    /// Above the footer, as large as its rows need.
    pub fn area(&self, footer: Rect, screen: Rect) -> Rect {
        let rows = match &self.kind {
            Kind::List { .. } | Kind::Commands(_) | Kind::Search(_) => 14,
            Kind::Confirm(confirm) => confirm.rows(),
            Kind::Sweep(_) => sweep::ROWS,
            Kind::Keep(_) => keep::ROWS,
            Kind::Files(_) => files::ROWS,
            Kind::Menu(rows) => rows.len(),
            Kind::Prompt { .. } => 1,
            Kind::TextView { lines, .. } => lines.len(),
            Kind::References(list) => list.height(),
        };
        let rows = u16::try_from(rows + 2).unwrap_or(u16::MAX);
        let height = rows.min(footer.y.saturating_sub(screen.y));
        let width = width(screen);
        let x = screen.x + (screen.width - width) / 2;
        Rect { x, y: footer.y - height, width, height }
    }

    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position) {
                cell.reset();
            }
        }
        let inner = frame(area, buffer, theme, &self.title, true);
        match &self.kind {
            Kind::List { picker, .. } => {
                (!inner.is_empty()).then(|| picker.draw(inner, buffer, "/ ", theme.selected()))
            }
            Kind::Menu(rows) => {
                for (y, (letter, text, _)) in rows.iter().enumerate() {
                    let y = u16::try_from(y).unwrap_or(u16::MAX);
                    put(buffer, inner, 1, y, &letter.to_string(), theme.accent());
                    put(buffer, inner, 4, y, text, ratatui::style::Style::new());
                }
                None
            }
            Kind::Prompt { text, .. } => {
                let used = put(buffer, inner, 0, 0, text, ratatui::style::Style::new());
                let x = (inner.x + used).min(inner.right().saturating_sub(1));
                Some(Position::new(x, inner.y))
            }
            Kind::Commands(commands) => commands.draw(inner, buffer, theme),
            Kind::Confirm(confirm) => {
                confirm.draw(inner, buffer, theme);
                None
            }
            Kind::Search(search) => search.draw(inner, buffer, theme),
            Kind::Files(files) => files.draw(inner, buffer, theme),
            Kind::Sweep(sweep) => sweep.draw(inner, buffer, theme),
            Kind::Keep(keep) => {
                keep.draw(inner, buffer, theme);
                None
            }
            Kind::References(list) => {
                list.draw(inner, buffer, theme);
                None
            }
            Kind::TextView { lines, from, .. } => {
                for (y, line) in lines.iter().skip(*from).enumerate() {
                    let y = u16::try_from(y).unwrap_or(u16::MAX);
                    put(buffer, inner, 1, y, line, ratatui::style::Style::new());
                }
                None
            }
        }
    }
}

/// Without its border.
fn inside(area: Rect) -> Rect {
    let room = |side: u16| side.saturating_sub(2);
    Rect { x: area.x + 1, y: area.y + 1, width: room(area.width), height: room(area.height) }
}

/// On a narrow screen all of it: a strip of the panes at each side would only disturb.
fn width(screen: Rect) -> u16 {
    if screen.width < 120 { screen.width } else { 90 }
}

fn handle_line(text: &mut String, what: InputPurpose, key: KeyEvent) -> OverlayResult {
    match key.code {
        KeyCode::Esc => OverlayResult::Close,
        KeyCode::Enter => OverlayResult::Accept(what.chosen(text.trim())),
        KeyCode::Backspace => {
            text.pop();
            OverlayResult::Keep
        }
        KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            text.clear();
            OverlayResult::Keep
        }
        _ => {
            text.extend(letter(&key));
            OverlayResult::Keep
        }
    }
}

impl InputPurpose {
    pub fn chosen(self, text: &str) -> OverlayAction {
        let some = (!text.is_empty()).then(|| text.to_owned());
        let actions = match self {
            Self::Open => some.map(|path| {
                Action::Draft(DraftAction::AddFiles {
                    paths: vec![path.into()],
                    purpose: Purpose::Parent,
                })
            }),
            Self::Name(node) => Some(Action::mark(node, Mark::Name(some))),
            Self::Reference => some
                .map(|url| Action::Draft(DraftAction::AddReference(crate::tree::Input::Url(url)))),
            Self::InjectFault => some.map(|word| Action::Session(SessionAction::InjectFault(word))),
            Self::Project => some.map(|name| Action::Session(SessionAction::Project(name))),
            Self::Rebase(node) => {
                some.map(|words| Action::Queue(QueueAction::Rebase { node, words }))
            }
            Self::Replay(node) => some.map(|pattern| {
                Action::Draft(DraftAction::AddFiles {
                    paths: vec![pattern.into()],
                    purpose: Purpose::Replay(node),
                })
            }),
            Self::Save(picture) => {
                let name = some.unwrap_or_else(|| filename_template::DEFAULT_NAME.to_owned());
                Some(Action::Picture(PictureAction::CopyOut { picture, name }))
            }
        };
        OverlayAction::Actions(actions.into_iter().collect())
    }
}
