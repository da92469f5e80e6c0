//! Commands on the reference pictures of a request.

use super::picture::add_reference;
use super::{Args, CommandRow, Stakes};
use crate::app::action::{Action, DraftAction};
use crate::app::model::Model;
use crate::tree::Input as Picture;
use crate::ui::Ui;
use crate::ui::mode::KeyContext::{InReferences, Normal};
use crate::ui::overlay::input::InputSpec;
use crate::ui::overlay::references::References;

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("reference", Normal, &["a", "alt-a"], "add as a reference", add_reference).stakes(Stakes::Little).sought_as(&["second picture", "combine", "image", "attach"]),
    CommandRow::new("references", Normal, &["A"], "reorder or remove references", |ui, model, _| ui.put_on_top(References::new(model))).sought_as(&["second picture", "combine", "images"]),
    CommandRow::new("reference-down", InReferences, &["j", "down"], "go to the next reference", |ui, _, _| step(ui, 1)),
    CommandRow::new("reference-up", InReferences, &["k", "up"], "go to the previous reference", |ui, _, _| step(ui, -1)),
    CommandRow::new("reference-later", InReferences, &["J"], "move the reference down", |ui, _, _| reorder(ui, 1)),
    CommandRow::new("reference-sooner", InReferences, &["K"], "move the reference up", |ui, _, _| reorder(ui, -1)),
    CommandRow::new("reference-remove", InReferences, &["d"], "remove the reference", remove).stakes(Stakes::Deletes),
    CommandRow::new("reference-address", InReferences, &["u"], "add a reference by URL", |ui, model, args| ui.ask(model, &ADDRESS, args)),
    CommandRow::new("reference-add", InReferences, &["a"], "add the shown picture", add_reference),
];

const ADDRESS: InputSpec = InputSpec {
    title: "URL of a picture",
    initial: |_| Some(String::new()),
    accept: |_, url| Some(Action::Draft(DraftAction::AddReference(Picture::Url(url?)))),
};

fn step(ui: &mut Ui, by: isize) -> Vec<Action> {
    if let Some(list) = ui.top::<References>()
        && let Some(at) = list.beside(by)
    {
        list.select(at);
    }
    Vec::new()
}

fn reorder(ui: &mut Ui, by: isize) -> Vec<Action> {
    let Some(list) = ui.top::<References>() else { return Vec::new() };
    let Some((from, to)) = list.selected().zip(list.beside(by)) else {
        return Ui::say("already at the end");
    };
    list.select(to);
    vec![Action::Draft(DraftAction::MoveReference { from, to })]
}

fn remove(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    match ui.top::<References>().and_then(|list| list.selected()) {
        Some(at) => vec![Action::Draft(DraftAction::DropReference(at))],
        None => Ui::say("no reference to remove"),
    }
}
