//! Commands that go to a pane, or give the panes more or less room.

use super::{Args, CommandRow};
use crate::app::action::{Action, SessionAction};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::mode::KeyContext::{ByName, Everywhere, Normal};
use crate::ui::overlay::OverlayAction;
use crate::ui::overlay::menu::Menu;
use crate::ui::pane::Pane;
use crate::ui::panes::{self, tree};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("next-pane", Normal, &["tab"], "go to the next pane", |ui, _, _| ui.step_pane(1)),
    CommandRow::new("previous-pane", Everywhere, &["shift-tab"], "go to the previous pane", |ui, _, _| ui.step_pane(-1)),
    CommandRow::new("panes", Normal, &["g"], "go to a pane; its letter follows", choose),
    CommandRow::new("insert", Normal, &["i"], "go back to the prompt", |ui, _, _| ui.go_to(Pane::PROMPT)).sought_as(&["type", "write", "words"]),
    CommandRow::new("full-screen", Normal, &["f"], "show only this pane", full_screen).sought_as(&["maximize", "fullscreen", "hide"]),
    CommandRow::new("larger", Normal, &["+"], "widen the side panes", |ui, _, _| widen(ui, 4)).sought_as(&["resize", "width"]),
    CommandRow::new("smaller", Normal, &["_"], "narrow the side panes", |ui, _, _| widen(ui, -4)).sought_as(&["resize", "width"]),
    CommandRow::new("whole-tree", Normal, &["T"], "show the whole tree", |ui, _, _| tree::show_whole(ui)).sought_as(&["history", "overview", "versions", "all"]),
    CommandRow::new("mouse", ByName, &[], "turn the mouse on or off", mouse).sought_as(&["click", "scroll"]),
];

/// The command that goes to a pane has its name.
fn choose(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let row = |pane: &panes::PaneSpec| {
        let name = pane.id.name();
        Some((pane.letter, name, OverlayAction::Command(ui.keymap.named(name)?)))
    };
    let top = ui.keymap.named("top").map(|top| ('g', "first row", OverlayAction::Command(top)));
    let rows = panes::ALL.into_iter().filter_map(row).chain(top).collect();
    ui.put_on_top(Menu::new("go to", rows).numbered(panes::ALL.len()))
}

fn full_screen(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.screen.full = if ui.screen.full.is_some() { None } else { Some(ui.focus) };
    Vec::new()
}

fn widen(ui: &mut Ui, by: i16) -> Vec<Action> {
    ui.screen.side = (ui.screen.side + by).clamp(-40, 40);
    Vec::new()
}

fn mouse(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.mouse = !ui.mouse;
    vec![Action::Session(SessionAction::Mouse(ui.mouse))]
}
