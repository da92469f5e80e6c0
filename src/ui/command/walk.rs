//! Commands that go from picture to picture: along the branch, beside it, to what was found.

use super::{Args, CommandRow};
use crate::app::action::{Action, Direction, TreeAction};
use crate::app::model::Model;
use crate::tree::{NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::mode::{KeyContext::Normal, Mode};
use crate::ui::overlay::search::Search;

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("filter", Normal, &["/"], "find by text, endpoint, cost, seed or date", filter),
    CommandRow::new("next-match", Normal, &["n"], "next match", |ui, model, _| next_match(ui, model, 1)),
    CommandRow::new("previous-match", Normal, &["N"], "previous match", |ui, model, _| next_match(ui, model, -1)),
    CommandRow::new("parent", Normal, &["h", "alt-h"], "go to the parent", |ui, _, args| go(ui, Direction::Parent, &args)),
    CommandRow::new("child", Normal, &["l", "alt-l"], "go to the child visited last", |ui, _, args| go(ui, Direction::Child, &args)),
    CommandRow::new("next-sibling", Normal, &["j", "alt-j"], "go to the next sibling", |ui, _, args| beside(ui, 1, &args)),
    CommandRow::new("previous-sibling", Normal, &["k", "alt-k"], "go to the previous sibling", |ui, _, args| beside(ui, -1, &args)),
    CommandRow::new("first", Normal, &["home"], "go to the root", |ui, _, args| go(ui, Direction::Root, &args)),
    CommandRow::new("newest", Normal, &["end"], "go to the newest picture", |ui, _, args| go(ui, Direction::Newest, &args)),
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
