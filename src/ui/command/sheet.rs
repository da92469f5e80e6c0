//! The contact sheet: opened, walked on, and what is chosen there.

use std::collections::BTreeSet;

use super::picture::ask_trash;
use super::{Args, CommandRow, Stakes};
use crate::app::action::{Action, DraftAction, SessionAction, TreeAction};
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::tree::decision::Mark;
use crate::tree::{NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::compare::Compare;
use crate::ui::mode::KeyContext::{Normal, OnSheet};
use crate::ui::mode::Mode;
use crate::ui::panes::tree::flip;
use crate::ui::sheet::{Behind, Scope, Sheet, view};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("sheet", Normal, &["S"], "show the contact sheet; :sheet children, all or marked", open).takes_text().sought_as(&["gallery", "grid", "thumbnails", "overview", "pictures"]),
    CommandRow::new("sheet-right", OnSheet, &["l", "right"], "go to the next picture", |ui, _, _| step(ui, 1)),
    CommandRow::new("sheet-left", OnSheet, &["h", "left"], "go to the previous picture", |ui, _, _| step(ui, -1)),
    CommandRow::new("sheet-down", OnSheet, &["j", "down"], "go a row down", |ui, model, _| step_row(ui, model, 1)),
    CommandRow::new("sheet-up", OnSheet, &["k", "up"], "go a row up", |ui, model, _| step_row(ui, model, -1)),
    CommandRow::new("pick", OnSheet, &["p"], "pick it; stars it and goes to the next", pick).stakes(Stakes::Little),
    CommandRow::new("reject", OnSheet, &["x"], "reject it; moves it to the trash and goes to the next; z undoes", reject).stakes(Stakes::Deletes),
    CommandRow::new("rate-1", OnSheet, &["1"], "rate 1 of 5", |ui, model, _| rate(ui, model, 1)),
    CommandRow::new("rate-2", OnSheet, &["2"], "rate 2 of 5", |ui, model, _| rate(ui, model, 2)),
    CommandRow::new("rate-3", OnSheet, &["3"], "rate 3 of 5", |ui, model, _| rate(ui, model, 3)),
    CommandRow::new("rate-4", OnSheet, &["4"], "rate 4 of 5", |ui, model, _| rate(ui, model, 4)),
    CommandRow::new("rate-5", OnSheet, &["5"], "rate 5 of 5", |ui, model, _| rate(ui, model, 5)),
    CommandRow::new("rate-none", OnSheet, &["0"], "remove the rating", |ui, model, _| rate(ui, model, 0)).stakes(Stakes::Little),
    CommandRow::new("mark-cell", OnSheet, &["v"], "mark the picture; p, x, * and digits then act on all marked", mark),
    CommandRow::new("blind", OnSheet, &["b"], "shuffle and hide captions; to judge blindly", blind),
    CommandRow::new("sheet-compare", OnSheet, &["tab"], "compare with the marked picture; or with the one before", compare_two),
    CommandRow::new("bigger", OnSheet, &["="], "make the pictures bigger", |ui, _, _| resize(ui, -1)),
    CommandRow::new("smaller-pictures", OnSheet, &["-"], "make the pictures smaller", |ui, _, _| resize(ui, 1)).formerly(&["tinier"]),
    CommandRow::new("show", OnSheet, &["enter"], "go to this picture; edits start from it", show),
];

/// Opens the sheet, with the set that is named, or shows its next one.
fn open(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    if model.tree.is_empty() {
        return Ui::say("no pictures yet");
    }
    if let Some(name) = args.text {
        return open_set(ui, model, &name);
    }
    if let Mode::Sheet(sheet) = &mut ui.mode {
        let has_others = sheet.next_scope(model);
        return if has_others {
            Vec::new()
        } else {
            Ui::say("there are no other pictures to show")
        };
    }
    let marked = ui.panes.tree.marked.iter().copied().collect();
    let sheet = Sheet::new(model, marked);
    let saw = sheet.shows_takes().then_some(Action::Tree(TreeAction::SawTakes));
    ui.mode = Mode::Sheet(sheet);
    saw.into_iter().collect()
}

fn open_set(ui: &mut Ui, model: &Model, name: &str) -> Vec<Action> {
    let current = model.current.map(|current| current.node);
    let marked: Vec<NodeId> = ui.panes.tree.marked.iter().copied().collect();
    let set = match name {
        "all" => Scope::All,
        "marked" if marked.is_empty() => {
            return Ui::say("no pictures are marked: v in the tree or on the sheet marks one");
        }
        "marked" => Scope::Marked(marked.clone()),
        "children" => match current.filter(|node| model.tree.children(*node).count() > 0) {
            None => return Ui::say("this picture has no children"),
            some => Scope::Beside(some),
        },
        _ => return Ui::say(&format!("no set `{name}`: write children, all or marked")),
    };
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.show(set, model);
    } else {
        let mut sheet = Sheet::new(model, marked);
        sheet.show(set, model);
        ui.mode = Mode::Sheet(sheet);
    }
    Vec::new()
}

/// Back to where one was, as far as that is there still.
pub(super) fn leave(ui: &mut Ui, model: &Model) -> Vec<Action> {
    let begun_on = ui.sheet().and_then(|sheet| sheet.begun_on);
    ui.close_sheet();
    let is_there = |on: &PictureRef| model.tree.get(on.node).is_some_and(|it| it.is_shown());
    let back = begun_on.filter(|on| is_there(on) && Some(*on) != model.current);
    back.map(|on| Action::Tree(TreeAction::Show(on))).into_iter().collect()
}

fn step(ui: &mut Ui, by: isize) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.step(by);
    }
    Vec::new()
}

fn step_row(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    let known = ui.sheet().zip(ui.screen().layout());
    let columns = known.map_or(1, |(sheet, layout)| {
        view::grid(view::area(&layout), model, sheet, ui.graphics.cell).columns
    });
    step(ui, by * isize::try_from(columns).unwrap_or(1))
}

fn resize(ui: &mut Ui, by: i16) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.columns = (sheet.columns + by).clamp(-20, 20);
    }
    Vec::new()
}

fn blind(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.turn_blind(model);
    }
    Vec::new()
}

fn show(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let chosen = ui.sheet().and_then(|sheet| sheet.picture(model));
    ui.mode = Mode::Pane;
    // A draft with a prompt keeps its parent.
    let chosen = chosen.filter(|_| model.draft.prompt.is_empty());
    chosen.map(|picture| Action::Draft(DraftAction::Parent(Some(picture)))).into_iter().collect()
}

/// The selected one with the first that is marked, else with the one before it; on the canvas.
fn compare_two(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Some(sheet) = ui.sheet() else { return Vec::new() };
    let Some(current) = sheet.picture(model) else {
        return Ui::say("this picture is not there yet");
    };
    let is_marked = |node: NodeId| ui.panes.tree.marked.contains(&node);
    let marked = sheet.cells().iter().filter(|cell| is_marked(cell.node));
    let before = sheet.selected().checked_sub(1).and_then(|at| sheet.cells().get(at));
    let mut others = marked.chain(before).filter_map(|cell| cell.reference(model));
    let Some(base) = others.find(|other| *other != current) else {
        return Ui::say("mark another picture with v to compare with");
    };
    if let Mode::Sheet(sheet) = std::mem::take(&mut ui.mode) {
        let base_before = ui.comparing.base;
        ui.panes.sheet = Some(Behind { sheet, on: current, base, base_before });
    }
    ui.comparing.base = Some(base);
    (ui.comparing.mode, ui.comparing.begun_on) = (Compare::Partner, Some(current));
    Ui::say(&format!("comparing with {}", model.name(base)))
}

fn mark(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode
        && let Some(cell) = sheet.selected_cell()
    {
        sheet.step_node();
        flip(&mut ui.panes.tree.marked, cell.node);
    }
    Vec::new()
}

fn pick(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let has_star = |node: NodeId| model.tree.get(node).is_some_and(|summary| summary.starred);
    let star = |node| (!has_star(node)).then_some(Action::mark(node, Mark::Star(true)));
    choose(ui, model, star, Some(["has a star", "have a star", "undo one"]))
}

fn reject(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let trash = |node| Some(Action::mark(node, Mark::Trash(true)));
    // One alone is told where it is thrown away.
    let is_alone = marked_here(ui).len() < 2;
    let told = (!is_alone).then_some(["is in the trash", "are in the trash", "bring one back"]);
    let actions = choose(ui, model, trash, told);
    ask_trash(ui, model, actions)
}

fn rate(ui: &mut Ui, model: &Model, rating: u8) -> Vec<Action> {
    let own = |node: &NodeId| model.nodes.get(node).map_or(0, |node| node.rating);
    let rate = |node| (own(&node) != rating).then_some(Action::mark(node, Mark::Rating(rating)));
    let told = match rating {
        0 => ["has no rating".to_owned(), "have no rating".to_owned()],
        _ => [format!("is rated {rating} of 5"), format!("are rated {rating} of 5")],
    };
    let [one, many] = told.each_ref().map(String::as_str);
    choose(ui, model, rate, Some([one, many, "undo one"]))
}

/// Marks on nodes outside the sheet are kept.
fn marked_here(ui: &Ui) -> Vec<NodeId> {
    let cells = ui.sheet().into_iter().flat_map(|sheet| sheet.cells());
    let here: BTreeSet<NodeId> = cells.map(|cell| cell.node).collect();
    ui.panes.tree.marked.intersection(&here).copied().collect()
}

/// The marked ones, else the selected one; then on to the next. What was done is told: of one, of
/// several, and what the undo of one does.
fn choose(
    ui: &mut Ui,
    model: &Model,
    act: impl Fn(NodeId) -> Option<Action>,
    told: Option<[&str; 3]>,
) -> Vec<Action> {
    let marked = marked_here(ui);
    let Mode::Sheet(sheet) = &mut ui.mode else { return Vec::new() };
    let selected = sheet.selected_cell().map(|cell| cell.node);
    let chosen = if marked.is_empty() { selected.into_iter().collect() } else { marked };
    let mut actions: Vec<Action> = chosen.iter().copied().filter_map(act).collect();
    let told = told.filter(|_| !chosen.is_empty());
    let of_all = match chosen.as_slice() {
        [one] => model.tree.get(*one).map_or(0, |it| it.pictures),
        _ => 0,
    };
    let told = told.map(|told| say_chosen(&chosen, (sheet.blind, of_all), told, actions.len()));
    let is_marked = |node: &NodeId| ui.panes.tree.marked.contains(node);
    // The next picture takes the place of a trashed one.
    let trashes =
        |it: &Action| matches!(it, Action::Tree(TreeAction::Mark { mark: Mark::Trash(_), .. }));
    if !chosen.iter().any(is_marked) && !actions.iter().any(trashes) {
        sheet.step_node();
    }
    ui.panes.tree.marked.retain(|node| !chosen.contains(node));
    actions.extend(told.map(|notice| Action::Session(SessionAction::Say(notice))));
    actions
}

/// `pictures`: a request's are chosen together; `done`: so many of them were not so before.
fn say_chosen(
    chosen: &[NodeId],
    (is_blind, pictures): (bool, u8),
    [one, many, back]: [&str; 3],
    done: usize,
) -> Notice {
    let text = match chosen {
        // A number would tell which take it is.
        [_] if is_blind && pictures > 1 => format!("the picture {one}, with all of its request"),
        [_] if is_blind => format!("the picture {one}"),
        [node] if pictures > 1 => format!("{node} {one}, with all {pictures} of its pictures"),
        [node] => format!("{node} {one}"),
        _ => format!("{} pictures {many}", chosen.len()),
    };
    match done {
        // Without a hint it would be gone with the next picture.
        0 => Notice::new(Tone::Info, format!("{text} already")).hint("nothing changed"),
        1 => Notice::new(Tone::Info, text).hint(Hint::to(CommandId::Undo, "undo it")),
        _ => {
            let hint = Hint::to(CommandId::Undo, back);
            Notice::new(Tone::Info, text).hint(hint)
        }
    }
}
