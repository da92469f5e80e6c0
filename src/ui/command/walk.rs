//! Commands that go from picture to picture: along the branch, beside it, to what was found.

use super::{Args, CommandRow};
use crate::app::action::{Action, Direction, TreeAction};
use crate::app::model::Model;
use crate::tree::{Node, NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::mode::KeyContext::{ByName, Normal};
use crate::ui::mode::Mode;
use crate::ui::motion::Motion;
use crate::ui::overlay::picker::Item;
use crate::ui::overlay::search::Search;
use crate::ui::panes::{self, Slot, tree};

/// Further than any list is long.
const FAR: isize = isize::MAX / 2;
/// Pictures of a page of the contact sheet.
const SHEET_PAGE: usize = 12;
/// Nodes that the command line offers.
const OFFERED: usize = 500;

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("filter", Normal, &["/"], "find pictures; by text, endpoint, cost, seed or date", filter).sought_as(&["find", "search", "look for"]),
    CommandRow::new("next-match", Normal, &["n"], "go to the next match", |ui, model, args| next_match(ui, model, args.steps(1))).counted(),
    CommandRow::new("previous-match", Normal, &["N"], "go to the previous match", |ui, model, args| next_match(ui, model, args.steps(-1))).counted(),
    CommandRow::new("parent", Normal, &["h", "alt-h"], "go to the parent", |ui, _, args| go(ui, Direction::Parent, &args)).counted().sought_as(&["back", "previous", "up", "before", "earlier", "return"]),
    CommandRow::new("child", Normal, &["l", "alt-l"], "go to the last child; the one visited last", |ui, _, args| go(ui, Direction::Child, &args)).counted().sought_as(&["forward", "next", "on", "down"]),
    CommandRow::new("next-sibling", Normal, &["j", "alt-j"], "go to the next sibling", |ui, _, args| beside(ui, 1, &args)).counted().sought_as(&["other", "alternative", "take", "next"]),
    CommandRow::new("previous-sibling", Normal, &["k", "alt-k"], "go to the previous sibling", |ui, _, args| beside(ui, -1, &args)).counted().sought_as(&["other", "alternative", "take"]),
    CommandRow::new("first", Normal, &["home"], "go to the root; in a list to its first row", |ui, model, args| end(ui, model, Motion::First, &args)).counted().sought_as(&["original", "start", "beginning"]),
    CommandRow::new("newest", Normal, &["end"], "go to the newest picture; in a list to its last row", |ui, model, args| end(ui, model, Motion::Last, &args)).counted().sought_as(&["latest", "last"]),
    CommandRow::new("page-down", Normal, &["pagedown"], "go one page down", |ui, model, args| pages(ui, model, 2, &args)).counted(),
    CommandRow::new("page-up", Normal, &["pageup"], "go one page up", |ui, model, args| pages(ui, model, -2, &args)).counted(),
    CommandRow::new("half-page-down", Normal, &["ctrl-d"], "go half a page down", |ui, model, args| pages(ui, model, 1, &args)).counted(),
    CommandRow::new("half-page-up", Normal, &["ctrl-u"], "go half a page up", |ui, model, args| pages(ui, model, -1, &args)).counted(),
    CommandRow::new("top", ByName, &[], "go to the first row", |ui, model, _| walk(ui, model, Motion::First)),
    CommandRow::new("bottom", Normal, &["G"], "go to the last row; 32G: to node n32, or to row 32 of a list", bottom).counted(),
    CommandRow::new("go", ByName, &[], "go to a picture; :go n32, or :n32", go_by_number).chooses(nodes).sought_as(&["jump", "number"]),
];

/// From the contact sheet this leads back to the canvas: the picture may not be on the sheet.
fn go(ui: &mut Ui, to: Direction, args: &Args) -> Vec<Action> {
    ui.close_sheet();
    vec![Action::Tree(TreeAction::Go { to, times: args.times() })]
}

/// On the contact sheet: the adjacent picture.
fn beside(ui: &mut Ui, by: isize, args: &Args) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        sheet.step(by);
        return Vec::new();
    }
    let to = if by > 0 { Direction::NextSibling } else { Direction::PreviousSibling };
    go(ui, to, args)
}

/// Along the tree, or in the list that has the focus.
fn end(ui: &mut Ui, model: &Model, motion: Motion, args: &Args) -> Vec<Action> {
    match (is_other_list(ui), motion) {
        (true, _) => walk(ui, model, motion),
        (false, Motion::First) => go(ui, Direction::Root, args),
        (false, _) => go(ui, Direction::Newest, args),
    }
}

/// A list of something else than nodes.
fn is_other_list(ui: &Ui) -> bool {
    let slot = panes::spec(ui.focus()).slot;
    ui.sheet().is_none() && matches!(slot, Slot::Drawer)
}

fn pages(ui: &mut Ui, model: &Model, halves: isize, args: &Args) -> Vec<Action> {
    let times = isize::try_from(args.times()).unwrap_or(isize::MAX);
    walk(ui, model, Motion::HalfPages(halves.saturating_mul(times)))
}

fn bottom(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    match (args.count, is_other_list(ui)) {
        (None, _) => walk(ui, model, Motion::Last),
        (Some(row), true) => walk(ui, model, Motion::To(usize::from(row))),
        (Some(number), false) => to_node(ui, NodeId(u32::from(number))),
    }
}

/// The newest first.
fn nodes(model: &Model) -> Vec<(Item, Vec<Action>)> {
    let row = |node: &Node| {
        let label = format!("{}: {}", node.id, node.caption());
        (Item { label, detail: String::new() }, vec![Action::Tree(TreeAction::GoTo(node.id))])
    };
    model.nodes.values().rev().take(OFFERED).map(row).collect()
}

fn go_by_number(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    match args.text.as_deref().map(|text| (text, NodeId::read_picture(text.trim()))) {
        Some((_, Some(picture))) => {
            ui.close_sheet();
            vec![to_picture(model, picture)]
        }
        Some((text, None)) => Ui::say(&format!("`{text}` is no node: write :go n32")),
        None => Ui::say("which node? write :go n32"),
    }
}

/// To a node, or to that of its pictures.
pub fn to_picture(model: &Model, (node, place): (NodeId, usize)) -> Action {
    let pictures = model.nodes.get(&node).map_or([].as_slice(), |node| &node.pictures);
    match pictures.get(place - 1).filter(|_| place > 1) {
        Some(of) => Action::Tree(TreeAction::Show(PictureRef { node, picture: of.hash })),
        None => Action::Tree(TreeAction::GoTo(node)),
    }
}

fn to_node(ui: &mut Ui, node: NodeId) -> Vec<Action> {
    ui.close_sheet();
    vec![Action::Tree(TreeAction::GoTo(node))]
}

/// On the contact sheet, in the list that has the focus, else in the tree.
fn walk(ui: &mut Ui, model: &Model, motion: Motion) -> Vec<Action> {
    if let Mode::Sheet(sheet) = &mut ui.mode {
        let (at, count) = (sheet.selected(), sheet.cells().len());
        sheet.step(motion.rows(at, SHEET_PAGE, count));
        return Vec::new();
    }
    let pane = if is_other_list(ui) { ui.focus() } else { tree::PANE.id };
    let slot = ui.screen().layout().and_then(|layout| layout.slot(pane));
    let page = slot.map_or(usize::from(ui.screen.area.height / 2), |slot| {
        usize::from(slot.height.saturating_sub(2))
    });
    // Every list stops at its ends.
    let by = match motion {
        Motion::First => -FAR,
        Motion::Last => FAR,
        Motion::To(row) => {
            let by = isize::try_from(row).unwrap_or(FAR).min(FAR) - 1;
            (panes::spec(pane).on_wheel)(ui, model, -FAR);
            by
        }
        Motion::Rows(_) | Motion::HalfPages(_) => motion.rows(0, page, usize::MAX),
    };
    (panes::spec(pane).on_wheel)(ui, model, by)
}

fn filter(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let text = ui.panes.tree.filter.clone().unwrap_or_default();
    ui.put_on_top(Search::new(text.clone()));
    vec![Action::Tree(TreeAction::Search(text))]
}

/// The next or previous hit; wraps around.
fn next_match(ui: &mut Ui, model: &Model, by: isize) -> Vec<Action> {
    ui.close_sheet();
    let picture = |id: &NodeId| {
        let hash = model.nodes.get(id)?.pictures.first()?.hash;
        Some(PictureRef { node: *id, picture: hash })
    };
    let hits: Vec<PictureRef> = model.finder.found.nodes.iter().filter_map(picture).collect();
    let count = isize::try_from(hits.len()).unwrap_or(isize::MAX);
    if count == 0 {
        return Ui::say("no matches: press / to search");
    }
    let current = model.current.map(|current| current.node);
    let at = hits.iter().position(|hit| Some(hit.node) == current);
    let next = at.and_then(|at| isize::try_from(at).ok()).map_or(0, |at| at + by);
    let place = usize::try_from(next.rem_euclid(count)).unwrap_or(0);
    hits.get(place).map(|hit| Action::Tree(TreeAction::Show(*hit))).into_iter().collect()
}
