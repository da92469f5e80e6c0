//! Overlays on top of the panes: lists, menus, text inputs, text to
//! read.
//!
//! An overlay is one file below `overlay/` that implements [`Overlay`]; whoever opens it pushes it.
//! What it does not need has a default here. It knows what it lists and what choosing means; it
//! changes nothing itself.

use std::any::Any;
use std::fmt::Debug;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::border;
use super::cells::{put, put_right};
use super::command::{CommandRow, Stakes};
use super::frame::Placement;
use super::layout::Room;
use super::mode::KeyContext;
use super::theme::{Role, Theme};
use crate::app::action::{Action, QueueAction, SessionAction, TreeAction};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::PictureRef;
use crate::tree::decision::Mark;
use input::InputSpec;

/// Columns that an overlay has at least.
const NARROWEST: usize = 36;
/// What stands beside the picture has so many columns.
const LEAST_BESIDE: u16 = 40;
/// A list with fewer rows would jump with each letter.
const LEAST_FOUND: u16 = 8;
/// What is answered with a key has so many, with its frame.
const SHORT: u16 = 54;
/// A list and what is written has at least so many.
const WIDE: u16 = 60;
/// Nothing can be read in so few columns.
const SCRAP: u16 = 12;

pub mod about;
pub mod account;
mod bill;
pub mod box_words;
pub mod commands;
pub mod confirm;
pub mod files;
pub mod find_models;
pub mod graphics;
pub mod input;
pub mod keep;
pub mod list;
pub mod menu;
pub mod picker;
pub mod question;
mod ranking;
pub mod references;
mod row_text;
pub mod search;
mod signs;
pub mod sweep;
pub mod text_view;
pub mod trash;
pub mod typed_path;
mod unknown;

/// One thing on top of the panes.
pub trait Overlay: Any + Debug {
    fn title(&self) -> &str;

    /// Rows inside the border that it would like to have.
    fn rows(&self) -> usize;

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult;

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position>;

    fn on_paste(&mut self, _text: &str) -> OverlayResult {
        let notice = Notice::new(Tone::Info, "cannot paste here");
        OverlayResult::Emit(Action::Session(SessionAction::Say(notice.hint("Esc closes this"))))
    }

    /// Updates itself from the model after every step.
    fn refresh(&mut self, _model: &Model) {}

    /// Its pictures, placed inside its border.
    fn placements(&self, _inner: Rect, _cell: (u16, u16)) -> Vec<Placement> {
        Vec::new()
    }

    /// Letters are text here, or harmless choices.
    fn takes_text(&self) -> bool {
        true
    }

    /// What the key would put at stake.
    fn stakes(&self, _pressed: &str) -> Stakes {
        Stakes::None
    }

    /// Columns of its widest line, where it is only read; of what must not be parted, where it asks.
    fn columns(&self) -> Option<usize> {
        None
    }

    /// It speaks of the picture, and stands beside it.
    fn is_about_picture(&self) -> bool {
        false
    }

    /// It speaks of a part of the picture, and stands low to leave it free.
    fn is_low(&self) -> bool {
        false
    }

    /// In fewer columns it stands over the picture.
    fn least_beside(&self) -> u16 {
        LEAST_BESIDE
    }

    /// Rows inside the border that it would like to have in so many columns.
    fn rows_in(&self, _columns: u16) -> usize {
        self.rows()
    }

    /// Rows inside the border that it needs now, fewer than it has room for; none: all of that.
    fn rows_found(&self, _inner: Rect) -> Option<usize> {
        None
    }

    /// The picture that its selected row is about: the canvas shows it meanwhile.
    fn looks_at(&self) -> Option<PictureRef> {
        None
    }

    /// A few rows that are answered with a key.
    fn is_short(&self) -> bool {
        self.asks()
    }

    /// It goes on below; not all of the screen is given to it.
    fn is_list(&self) -> bool {
        false
    }

    /// Lines below the last one that is seen.
    fn hidden(&self, _inner: Rect, _theme: Theme) -> usize {
        0
    }

    /// In whose colour its frame stands: a question has that of what it puts at stake.
    fn role(&self) -> Role {
        Role::Focus
    }

    /// It is a question, and tells its answers itself.
    fn asks(&self) -> bool {
        false
    }

    /// The same where an empty line closes it.
    fn title_by_line(&self) -> &str {
        self.title()
    }

    /// Its answers where lines are typed and no keys pressed; on the screen its last row tells them.
    fn answers_by_line(&self) -> Option<String> {
        None
    }

    /// Not all of it is seen at once.
    fn is_long(&self, _inner: Rect) -> bool {
        false
    }

    /// Its keys, for the footer; `Esc` closes all of them.
    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The same as they are now.
    fn keys_now(&self) -> Vec<(String, String)> {
        let own = |(keys, does): &(&str, &str)| ((*keys).to_owned(), (*does).to_owned());
        self.keys().iter().map(own).collect()
    }

    /// The key context, for an overlay whose keys can be remapped.
    fn context(&self) -> Option<KeyContext> {
        None
    }
}

/// The result of choosing a row or entering a line.
#[derive(Clone, Debug, PartialEq)]
pub enum OverlayAction {
    Command(&'static CommandRow),
    Actions(Vec<Action>),
    /// Replaces the prompt by an earlier one; the current text is set aside.
    Recall(String),
    /// Replaces the prompt by an improved version.
    Reworded(String),
    /// A search hit, with the query.
    Found {
        text: String,
        picture: PictureRef,
    },
    /// Opens a text input.
    Ask(&'static InputSpec),
    /// Inserts text at the cursor of the prompt.
    Snippet(String),
    /// A command with the text after its name.
    CommandWithText(&'static CommandRow, String),
    CommandWithCount(&'static CommandRow, u16),
}

/// What an overlay did with a key.
#[derive(Debug, PartialEq)]
pub enum OverlayResult {
    Keep,
    Close,
    /// It stays open and emits an action.
    Emit(Action),
    Accept(OverlayAction),
}

impl OverlayAction {
    /// The command that it runs.
    pub fn row(&self) -> Option<&'static CommandRow> {
        match self {
            Self::Command(row) | Self::CommandWithText(row, _) | Self::CommandWithCount(row, _) => {
                Some(row)
            }
            Self::Actions(_)
            | Self::Recall(_)
            | Self::Reworded(_)
            | Self::Found { .. }
            | Self::Ask(_)
            | Self::Snippet(_) => None,
        }
    }

    /// What it puts at stake.
    pub fn stakes(&self) -> Stakes {
        match self {
            Self::Command(row) | Self::CommandWithText(row, _) | Self::CommandWithCount(row, _) => {
                row.stakes
            }
            Self::Actions(actions) => actions
                .iter()
                .map(stakes_of_action)
                .fold(Stakes::None, |worst, next| if next == Stakes::None { worst } else { next }),
            Self::Recall(_)
            | Self::Reworded(_)
            | Self::Found { .. }
            | Self::Ask(_)
            | Self::Snippet(_) => Stakes::None,
        }
    }
}

/// What an action of a menu puts at stake.
fn stakes_of_action(action: &Action) -> Stakes {
    match action {
        Action::Queue(action) => match action {
            QueueAction::SendAgain(_) | QueueAction::Release(_) => Stakes::Costs,
            QueueAction::Dismiss(_) | QueueAction::Cancel(_) => Stakes::Cancels,
            QueueAction::Run
            | QueueAction::RunUnlikely(_)
            | QueueAction::Sync(_)
            | QueueAction::Reroll { .. }
            | QueueAction::Rerun
            | QueueAction::CancelWaiting
            | QueueAction::Hold(_)
            | QueueAction::Answer(_)
            | QueueAction::PauseQueue
            | QueueAction::MoveJob { .. }
            | QueueAction::Sweep(_)
            | QueueAction::Grid(_)
            | QueueAction::Steps
            | QueueAction::Replay { .. }
            | QueueAction::Rebase { .. } => Stakes::None,
        },
        Action::Tree(TreeAction::Mark { mark: Mark::Trash(true), .. }) => Stakes::Deletes,
        Action::Draft(_) | Action::Tree(_) | Action::Picture(_) | Action::Session(_) => {
            Stakes::None
        }
    }
}

/// Beside the picture, or in the middle of the screen, as high as it needs. Boxes of one kind are as
/// wide as each other and stand in the same columns, unless one has to be wider to be whole; what is
/// only read is as wide as it needs.
pub fn area(overlay: &dyn Overlay, room: Room) -> Rect {
    if is_beside(overlay, room) {
        let width = columns_of(overlay, 0).unwrap_or(u16::MAX);
        let (x, width) = at_the_right(room.beside, width);
        let rows = overlay.rows_in(width.saturating_sub(2)) + 2;
        let height = u16::try_from(rows).unwrap_or(u16::MAX).min(room.beside.height);
        return Rect { x, width, height, ..room.beside };
    }
    if overlay.is_short() {
        let needed = overlay.columns().unwrap_or(0);
        return asking(room, overlay.title(), needed, |columns| overlay.rows_in(columns));
    }
    let Room { middle, canvas, .. } = room;
    let around = if overlay.is_list() { room.above_prompt() } else { middle };
    let (x, width) = match columns_of(overlay, NARROWEST) {
        Some(columns) => across(room, columns.min(width(middle))),
        None if canvas.width < WIDE && room.beside.width >= WIDE => {
            at_the_right(room.beside, width(middle))
        }
        // It makes do with the picture's columns, so that the tree beside it stays whole.
        None if canvas.width >= WIDE => across(room, canvas.width.min(width(middle))),
        None => across(room, width(middle)),
    };
    let rows = overlay.rows_in(width.saturating_sub(2)) + 2;
    let height = u16::try_from(rows).unwrap_or(u16::MAX).min(around.height);
    let y = match overlay.is_low() {
        true => around.bottom() - height,
        false => around.y + (around.height - height) / 2,
    };
    found(overlay, room, Rect { x, y, width, height })
}

/// A list ends below what was found, where the picture behind it comes back for a few bytes.
fn found(overlay: &dyn Overlay, room: Room, area: Rect) -> Rect {
    let found = overlay.rows_found(inside(area)).filter(|_| room.keeps_pictures);
    let rows = found.map_or(area.height, |rows| u16::try_from(rows + 2).unwrap_or(u16::MAX));
    Rect { height: rows.max(LEAST_FOUND).min(area.height), ..area }
}

/// Where questions and menus stand, with so many rows in so many columns.
fn asking(room: Room, title: &str, needed: usize, rows_in: impl Fn(u16) -> usize) -> Rect {
    let Room { middle, beside, .. } = room;
    let needed = u16::try_from(needed.max(title.width() + 2) + 4).unwrap_or(u16::MAX);
    let wide = needed.max(SHORT);
    let (x, width) = match beside.width >= needed.max(LEAST_BESIDE) {
        true => at_the_right(beside, wide),
        false => across(room, wide.min(width(middle)).min(middle.width)),
    };
    let rows = u16::try_from(rows_in(width.saturating_sub(2)) + 2).unwrap_or(u16::MAX);
    // The prompt below is covered only where all rows are needed.
    let around = if x >= beside.x && rows <= beside.height { beside } else { middle };
    let height = rows.min(around.height);
    Rect { x, y: around.y + (around.height - height) / 2, width, height }
}

/// Columns that it needs with its frame, and so many inside of it at least.
fn columns_of(overlay: &dyn Overlay, least: usize) -> Option<u16> {
    let title = overlay.title().width() + 4;
    let columns = overlay.columns()?.max(title).max(least) + 4;
    Some(u16::try_from(columns).unwrap_or(u16::MAX))
}

/// Beside the picture: with the few columns in which nothing could be read.
fn at_the_right(beside: Rect, width: u16) -> (u16, u16) {
    let left = beside.width.saturating_sub(width);
    // The first of them is blank.
    if left <= SCRAP + 1 { (beside.x, beside.width) } else { (beside.x + left, width) }
}

/// It speaks of the picture, which has room for it at its side.
pub fn is_beside(overlay: &dyn Overlay, room: Room) -> bool {
    overlay.is_about_picture() && room.beside.width >= overlay.least_beside()
}

/// Where a box of this width begins, and how wide it is: it takes the few columns that would be left
/// at its sides, in which nothing could be read; and it covers the column beside the picture whole
/// rather than the beginnings of its words.
fn across(room: Room, width: u16) -> (u16, u16) {
    let Room { middle, canvas, .. } = room;
    let around = if width <= canvas.width { canvas } else { middle };
    let left = around.width.saturating_sub(width);
    if left / 2 <= SCRAP {
        return (around.x, around.width);
    }
    if around == canvas || canvas.right() >= middle.right() {
        return (around.x + left / 2, width);
    }
    let x = middle.right() - width;
    let x = if x.saturating_sub(canvas.right()) <= SCRAP { x.min(canvas.right()) } else { x };
    (x, middle.right() - x)
}

/// What stands behind goes back: its words in the colour of lines. Pictures: [`Theme::veil`].
pub fn recede(area: Rect, buffer: &mut Buffer, theme: Theme) {
    if theme.mono {
        return;
    }
    let line = theme.role(Role::Line);
    // Where the terminal has not told its colours there is none that goes back.
    let dim = if line.fg.is_none() { Modifier::DIM } else { Modifier::empty() };
    buffer.set_style(area, Style::reset().patch(line.add_modifier(dim)));
}

pub fn draw(
    overlay: &dyn Overlay,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> Option<Position> {
    let inner = blank(area, buffer, theme, overlay.title(), overlay.role());
    let cursor = overlay.draw(inner, buffer, theme);
    tell_hidden(overlay.hidden(inner, theme), area, buffer, theme);
    cursor
}

/// How many lines are below the last one that is seen: in the frame, where the list goes on.
fn tell_hidden(hidden: usize, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if hidden > 0 {
        let row = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        let room = Rect { width: row.width.saturating_sub(2), ..row };
        put_right(buffer, room, 2, 0, &format!(" {hidden} more below "), theme.dim());
    }
}

/// Clears the area and draws a frame.
fn blank(area: Rect, buffer: &mut Buffer, theme: Theme, title: &str, role: Role) -> Rect {
    border::blank(area, buffer, theme);
    border::frame(area, buffer, theme, title, role)
}

/// The keys that answer a question: what it asks about is a ground in its colour, the way out is
/// plain; and what else is to be said. Columns used.
fn ways(
    area: Rect,
    buffer: &mut Buffer,
    (theme, role): (Theme, Role),
    does: &str,
    leaves: &str,
    more: &str,
) -> u16 {
    let y = area.height.saturating_sub(1);
    let mut x = 1 + put(buffer, area, 1, y, &format!(" {does} "), theme.filled(role)) + 1;
    x += put(buffer, area, x, y, "Esc", theme.accent());
    x += put(buffer, area, x, y, &format!(" {leaves}"), theme.text());
    let is_whole = usize::from(x) + more.width() <= usize::from(area.width);
    x + put(buffer, area, x, y, if is_whole { more } else { "" }, theme.dim())
}

/// The area inside the border.
pub fn inside(area: Rect) -> Rect {
    let room = |side: u16| side.saturating_sub(2);
    Rect { x: area.x + 1, y: area.y + 1, width: room(area.width), height: room(area.height) }
}

/// A narrow screen is used in full.
fn width(screen: Rect) -> u16 {
    match screen.width {
        width @ 0..100 => width,
        width => (width * 7 / 10).clamp(90, 120),
    }
}
