//! Commands that compare two pictures.

use super::{Args, CommandRow};
use crate::app::action::{Action, TreeAction};
use crate::app::model::Model;
use crate::tree::{NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::compare::Compare;
use crate::ui::mode::KeyContext::Normal;
use crate::ui::mode::Mode;
use crate::ui::sheet::{Behind, Sheet};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("compare", Normal, &["c", "alt-c"], "compare with the parent; once more swaps the two; :compare n1 takes another", compare).takes_text().sought_as(&["before", "after", "difference", "diff", "original", "toggle"]),
    CommandRow::new("compare-mode", Normal, &["m", "alt-m"], "show the next comparison; swap, side by side, wipe, overlay, heat map", next_mode).sought_as(&["difference", "diff", "before", "slider", "split"]),
    CommandRow::new("partner", Normal, &["C"], "compare others with this picture; again: with their parents", set_base).sought_as(&["compare"]),
];

/// Nothing can be seen of it.
fn is_filtered(model: &Model) -> bool {
    model.current.is_some_and(|picture| model.is_filtered(picture))
}

/// There is nothing that it could be compared with.
fn is_alone(ui: &Ui, model: &Model) -> bool {
    let has_parent = model.current_node().is_some_and(|node| node.parent.is_some());
    !has_parent && ui.comparing.base.is_none_or(|base| Some(base) == model.current)
}

fn refuse_alone(model: &Model) -> Vec<Action> {
    match model.current {
        Some(_) => Ui::say("this picture has no parent to compare with"),
        None => Ui::say("there is no picture to compare yet"),
    }
}

fn refuse() -> Vec<Action> {
    Ui::say("this picture was filtered: there is nothing to compare")
}

fn compare(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    match args.text {
        Some(name) => match NodeId::read_picture(&name) {
            Some(picture) => with(ui, model, picture),
            None => Ui::say(&format!("`{name}` is no node: write :compare n1")),
        },
        None => swap(ui, model),
    }
}

/// What was waited for is there now. Who has opened something else meanwhile is not disturbed.
pub fn resume(ui: &mut Ui, model: &Model) -> Vec<Action> {
    if ui.sheet().is_some() {
        ui.comparing.asked = None;
    }
    match ui.comparing.asked.take_if(|((node, _), _)| model.nodes.contains_key(node)) {
        Some((picture, _)) => with(ui, model, picture),
        None => Vec::new(),
    }
}

/// After every step. Who has gone elsewhere meanwhile is not led back to a contact sheet.
pub fn refresh(ui: &mut Ui, model: &Model) {
    ui.comparing.refresh(model.current);
    let is_left = |behind: &Behind| {
        ui.comparing.mode == Compare::Off
            || model.current != Some(behind.on)
            || matches!(ui.mode, Mode::Sheet(_))
    };
    if ui.panes.sheet.as_ref().is_some_and(is_left) {
        come_back(ui);
    }
}

/// Back to the picture alone, or to the contact sheet on which it was begun.
pub fn end(ui: &mut Ui) {
    ui.comparing.end();
    if let Some(sheet) = come_back(ui) {
        ui.mode = Mode::Sheet(sheet);
    }
}

/// The sheet on which a comparison was begun. Others are compared as before, unless another partner
/// was chosen meanwhile.
fn come_back(ui: &mut Ui) -> Option<Sheet> {
    let behind = ui.panes.sheet.take()?;
    if ui.comparing.base == Some(behind.base) {
        ui.comparing.base = behind.base_before;
    }
    Some(behind.sheet)
}

/// With another picture than the parent.
fn with(ui: &mut Ui, model: &Model, (node, place): (NodeId, usize)) -> Vec<Action> {
    let is_known = model.tree.get(node).is_some_and(|summary| summary.pictures > 0);
    if is_known && !model.nodes.contains_key(&node) {
        ui.comparing.asked = Some(((node, place), model.current));
        let need = Action::Tree(TreeAction::Need(vec![node]));
        return [vec![need], Ui::say(&format!("{node} is being read"))].concat();
    }
    let picture = model.nodes.get(&node).and_then(|node| node.pictures.get(place - 1));
    let base = picture.map(|picture| PictureRef { node, picture: picture.hash });
    let Some(base) = base.filter(|base| !model.is_filtered(*base)) else {
        return Ui::say(&format!("there is no picture of {node} to compare with"));
    };
    let name = model.name(base);
    if model.current == Some(base) {
        return Ui::say(&format!("{name} is the picture that is shown: name another"));
    }
    ui.close_sheet();
    if is_filtered(model) {
        return refuse();
    }
    ui.comparing.base = Some(base);
    (ui.comparing.mode, ui.comparing.begun_on) = (Compare::Partner, model.current);
    Ui::say(&format!("comparing with {name}"))
}

/// Pictures are compared on the canvas.
fn swap(ui: &mut Ui, model: &Model) -> Vec<Action> {
    ui.comparing.asked = None;
    ui.close_sheet();
    if is_filtered(model) {
        return refuse();
    }
    if is_alone(ui, model) {
        return refuse_alone(model);
    }
    ui.comparing.mode = ui.comparing.mode.swap();
    ui.comparing.begun_on = model.current;
    Vec::new()
}

fn next_mode(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    ui.comparing.asked = None;
    ui.close_sheet();
    if is_filtered(model) {
        return refuse();
    }
    if is_alone(ui, model) {
        return refuse_alone(model);
    }
    ui.comparing.begun_on = model.current;
    match ui.comparing.mode.next_mode() {
        Compare::Off => end(ui),
        next => ui.comparing.mode = next,
    }
    Vec::new()
}

fn set_base(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    ui.comparing.asked = None;
    ui.comparing.base = if ui.comparing.base.is_some() { None } else { model.current };
    match ui.comparing.base {
        Some(base) => Ui::say(&format!("comparing with {}", model.name(base))),
        None => Ui::say("comparing with the parent"),
    }
}
