//! The panes: one file and one line here for each.
//!
//! A pane says where it stands, what its keys and commands are, and draws itself. Whatever it does
//! not need has a default in [`PaneSpec::new`]. Invariant: no other file knows one pane from another,
//! but for the prompt and the canvas, of which the keyboard's rules speak.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::border;
use super::branch::Root;
use super::captions::Captions;
use super::command::CommandRow;
use super::frame::Frame;
use super::pane::Pane;
use super::sheet::Behind;
use super::theme::Role;
use crate::app::action::Action;
use crate::app::model::Model;

pub mod canvas;
pub mod form;
pub mod log;
pub mod prompt;
pub mod queue;
pub mod tree;

/// In the order of `Tab` and `Alt-1` to `Alt-6`.
pub const ALL: [&PaneSpec; 6] =
    [&prompt::PANE, &form::PANE, &tree::PANE, &queue::PANE, &log::PANE, &canvas::PANE];

/// The state of the panes.
#[derive(Debug, Default)]
pub struct Panes {
    pub form: form::Form,
    pub tree: tree::TreeView,
    pub queue: queue::Queue,
    pub log: log::LogView,
    /// The words of rows, in whichever pane.
    pub captions: Captions,
    /// Where what is told of began.
    pub root: Root,
    pub sheet: Option<Behind>,
}

/// The position of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Bottom,
    Middle,
    /// In the column beside the picture.
    Left,
    /// One line until it is wanted, where drawers have no column of their own.
    Drawer,
}

/// Commands by their name, each with a word for the footer.
pub type FooterKeys = Vec<(&'static str, &'static str)>;

/// A pane.
pub struct PaneSpec {
    pub id: Pane,
    /// After `g`.
    pub letter: char,
    pub slot: Slot,
    pub commands: &'static [CommandRow],
    /// The likeliest commands here, for the footer; one without a key is left out.
    pub footer: fn(&Ui, &Model) -> FooterKeys,
    /// Handles a key before the keymap does.
    pub on_key: fn(&mut Ui, &KeyEvent) -> Option<Vec<Action>>,
    /// Scrolls by this many rows.
    pub on_wheel: fn(&mut Ui, &Model, isize) -> Vec<Action>,
    /// Called after every step: clamps the state to the model.
    pub refresh: fn(&mut Ui, &Model),
    /// In one line, while it is closed; empty where there is nothing to tell.
    pub brief: fn(&Ui, &Model) -> String,
    /// In whose colour that line is told.
    pub brief_role: fn(&Ui) -> Role,
    /// Rows that it wants in so many columns, its title included: for a drawer.
    pub rows: fn(&Ui, &Model, u16) -> u16,
    /// In fewer columns its rows cannot be read: as a drawer it then lies over all of them.
    pub least_columns: u16,
    /// Opens by itself: something in it must be seen.
    pub is_urgent: fn(&Ui, &Model) -> bool,
    pub draw: fn(Rect, &mut Frame, &Model, &Ui),
}

impl PaneSpec {
    pub const fn new(
        id: Pane,
        letter: char,
        slot: Slot,
        draw: fn(Rect, &mut Frame, &Model, &Ui),
    ) -> Self {
        Self {
            id,
            letter,
            slot,
            commands: &[],
            footer: usual_keys,
            on_key: |_, _| None,
            on_wheel: |_, _, _| Vec::new(),
            refresh: |_, _| {},
            brief: |_, _| String::new(),
            brief_role: |_| Role::Secondary,
            rows: |_, _, _| 0,
            least_columns: 0,
            is_urgent: |_, _| false,
            draw,
        }
    }
}

fn usual_keys(ui: &Ui, model: &Model) -> FooterKeys {
    // Where room is short the way to all commands stays.
    let keys = [
        ("edit", "edit this"),
        ("compare", "compare"),
        ("command", "commands"),
        ("reroll", "new seed"),
        ("star", "star"),
    ];
    let mut keys: FooterKeys =
        keys.into_iter().filter(|(name, _)| leads_somewhere(name, model)).collect();
    let pictures = model.current_node().map_or([].as_slice(), |node| &node.pictures);
    let is_last = pictures.last().map(|last| last.hash) == model.current.map(|it| it.picture);
    if !is_last && ui.focus() == Pane::CANVAS {
        keys.insert(1, ("next-sibling", "next of them"));
    }
    keys
}

/// An opened picture came from none, and only what was asked for can be asked for again.
fn leads_somewhere(command: &str, model: &Model) -> bool {
    let node = model.current_node();
    match command {
        "compare" | "parent" => node.is_some_and(|node| node.parent.is_some()),
        "reroll" => node.is_some_and(|node| node.recipe.is_some()),
        _ => true,
    }
}

/// The pane of this name.
pub fn spec(id: Pane) -> &'static PaneSpec {
    ALL.into_iter().find(|pane| pane.id == id).unwrap_or(&prompt::PANE)
}

/// The column in which the words of a title begin, behind its number.
pub const TITLE: u16 = 5;

/// `[3]`: the digit that goes to a pane, which is its place among all.
pub fn number(id: Pane) -> String {
    let place = ALL.into_iter().position(|pane| pane.id == id);
    format!("[{}]", place.map_or(0, |place| place + 1))
}

/// The same without the bar that tells the focus.
pub fn named(ui: &Ui, id: Pane, area: Rect, buffer: &mut Buffer, title: &str) -> Rect {
    border::named(area, buffer, ui.theme(), (&number(id), title), has_keys(ui, id))
}

/// Draws the title row of a pane and returns the area below it.
pub fn titled(ui: &Ui, id: Pane, area: Rect, buffer: &mut Buffer, title: &str) -> Rect {
    border::titled(area, buffer, ui.theme(), (&number(id), title), has_keys(ui, id))
}

/// What lies on top has them before all panes.
pub fn has_keys(ui: &Ui, id: Pane) -> bool {
    ui.focus() == id && ui.overlays.is_empty()
}
