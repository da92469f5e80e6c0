//! What goes into the trash together, and what lies in it.
//!
//! A node takes along whatever came of it: that is told, with cost and stars, before it goes, and
//! listed with it afterwards.

use std::collections::BTreeSet;

use super::OverlayAction;
use super::bill::Line;
use super::confirm::{Confirm, together};
use super::list::{Keys, List};
use super::picker::Item;
use crate::app::action::Action;
use crate::app::model::Model;
use crate::schema::Usd;
use crate::tree::decision::Mark;
use crate::tree::{NodeId, NodeState};
use crate::ui::command::Stakes;

const RESTORES: Keys = &[("type", "to search"), ("Up Down", "select"), ("Enter", "restore")];

/// A confirmation that lists the descendants; `None` if there are none, none was starred, and each
/// has one picture: a request's pictures go together, which one who sees them one by one must know.
///
/// Who judges blind is told neither numbers nor words.
pub fn ask(
    model: &Model,
    thrown: &BTreeSet<NodeId>,
    is_blind: bool,
    actions: Vec<Action>,
) -> Option<Confirm> {
    let along: BTreeSet<NodeId> = thrown
        .iter()
        .flat_map(|node| model.tree.below(*node))
        .filter(|node| !thrown.contains(node))
        .collect();
    let is_starred = |node: &NodeId| model.tree.get(*node).is_some_and(|it| it.starred);
    if along.is_empty() && !thrown.iter().any(is_starred) && pictures(model, thrown) == thrown.len()
    {
        return None;
    }
    let all: Vec<NodeId> = thrown.iter().chain(&along).copied().collect();
    let title = format!("trash {}?", together_with(model, thrown, along.len(), is_blind));
    let mut lines = Vec::new();
    for nodes in [thrown, &along].into_iter().filter(|_| !is_blind) {
        lines.extend(grouped(model, nodes).iter().map(|group| takes(model, group)));
    }
    let sum = priced(model, format!("spent on these {}", all.len()), &all);
    let sum = (all.len() > 1 && !is_blind).then_some(sum);
    let (answers, note) = match pictures(model, thrown) + pictures(model, &along) {
        1 => (["move it".to_owned(), "keep it".to_owned()], "brings it back"),
        // What goes along comes back along; each that was marked by itself.
        count => {
            let note = match thrown.len() {
                1 => "brings them back",
                _ => "brings one back",
            };
            ([format!("move all {count}"), "keep them".to_owned()], note)
        }
    };
    let asks = Confirm::new(title, lines, answers, actions, Stakes::Deletes);
    Some(asks.with_sum(sum).with_undo(note))
}

/// In so few words that the question is whole on the smallest screens.
fn together_with(model: &Model, thrown: &BTreeSet<NodeId>, along: usize, is_blind: bool) -> String {
    let count = pictures(model, thrown);
    let one = thrown.first().filter(|_| thrown.len() == 1).map(|one| match is_blind {
        true => "this picture".to_owned(),
        false => one.to_string(),
    });
    let of_all = match (count, is_blind) {
        (0 | 1, _) => String::new(),
        (_, true) => format!(" with all {count} of its request"),
        (_, false) => format!(" with all {count} of its pictures"),
    };
    match (one, along) {
        (Some(one), 0) => format!("{one}{of_all}"),
        (Some(one), 1) => format!("{one}{of_all} and the one made from it"),
        (Some(one), along) => format!("{one}{of_all} and the {along} made from it"),
        (None, 0) if count == thrown.len() => format!("{count} marked pictures"),
        (None, 0) => format!("{} marked with {count} pictures", thrown.len()),
        (None, along) => format!("{} marked and {along} made from them", thrown.len()),
    }
}

/// How many pictures these have; what has none yet counts as one.
fn pictures(model: &Model, nodes: &BTreeSet<NodeId>) -> usize {
    let of = |node: &NodeId| model.tree.get(*node).map_or(1, |it| it.pictures.max(1));
    nodes.iter().map(|node| usize::from(of(node))).sum()
}

fn descendants(count: usize) -> String {
    match count {
        1 => "1 descendant".into(),
        _ => format!("{count} descendants"),
    }
}

/// `$0.12, 1 starred, 1 under way`.
fn sum(model: &Model, nodes: &[NodeId]) -> String {
    let (words, cost) = priced(model, String::new(), nodes);
    cost + &words
}

/// What is to be known of them stands behind the words, their cost for itself.
fn priced(model: &Model, mut words: String, nodes: &[NodeId]) -> Line {
    let summaries = || nodes.iter().filter_map(|node| model.tree.get(*node));
    let cost: Usd = summaries().filter_map(|summary| summary.cost).sum();
    let starred = summaries().filter(|summary| summary.starred).count();
    let open = summaries().filter(|summary| summary.state == NodeState::Pending).count();
    for (count, what) in [(starred, "starred"), (open, "in progress")] {
        if count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    (words, model.told(cost))
}

fn line(model: &Model, id: NodeId) -> String {
    let cost = model.tree.get(id).and_then(|summary| summary.cost);
    let cost = cost.map_or(String::new(), |cost| format!(" · {}", model.told(cost)));
    format!("{}{cost}", named(model, id))
}

fn named(model: &Model, id: NodeId) -> String {
    let is_starred = model.tree.get(id).is_some_and(|summary| summary.starred);
    let star = if is_starred { "★ " } else { "" };
    format!("{star}{id} {}", model.nodes.get(&id).map(|node| node.caption()).unwrap_or_default())
}

/// Takes of the same words on the same picture together, in the order of the first of each.
fn grouped(model: &Model, nodes: &BTreeSet<NodeId>) -> Vec<Vec<NodeId>> {
    let mut groups: Vec<Vec<NodeId>> = Vec::new();
    for id in nodes {
        let known = |id: &NodeId| model.nodes.get(id).filter(|node| node.recipe.is_some());
        let own = known(id).map(|node| (node.parent, node.caption()));
        let is_theirs = |group: &&mut Vec<NodeId>| {
            let first = group.first().and_then(known).map(|node| (node.parent, node.caption()));
            own.is_some() && first == own
        };
        match groups.iter_mut().find(is_theirs) {
            Some(group) => group.push(*id),
            None => groups.push(vec![*id]),
        }
    }
    groups
}

/// `4 × Make it a summer morning · n41–44` and `$0.16`.
fn takes(model: &Model, nodes: &[NodeId]) -> Line {
    if let [node] = nodes {
        let cost = model.tree.get(*node).and_then(|summary| summary.cost);
        return (named(model, *node), cost.map_or(String::new(), |cost| model.told(cost)));
    }
    let first = nodes.iter().find_map(|id| model.nodes.get(id));
    let words = first.map(|node| node.caption()).unwrap_or_default();
    priced(model, together(&words, nodes), nodes)
}

/// The trash, newest first, each node with its descendants; choosing restores.
pub fn list(model: &Model) -> List {
    let mut rows = Vec::new();
    for summary in model.tree.summaries().rev().filter(|summary| summary.trashed) {
        let below = model.tree.below(summary.id);
        let all: Vec<NodeId> = [summary.id].into_iter().chain(below.iter().copied()).collect();
        let more = match below.len() {
            0 => String::new(),
            count => format!("with {}, ", descendants(count)),
        };
        let detail = format!("{more}{}", sum(model, &all));
        rows.push(row(model, summary.id, named(model, summary.id), detail));
        for node in below {
            let label = format!("  {}", line(model, node));
            rows.push(row(model, node, label, format!("with {}", summary.id)));
        }
    }
    let count = match rows.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    List::new(&format!("trash · {count} · kept 30 days or more"), rows).with_keys(RESTORES)
}

/// Restores the node and its trashed ancestors.
fn row(model: &Model, node: NodeId, label: String, detail: String) -> (Item, OverlayAction) {
    let is_thrown = |id: &NodeId| model.tree.get(*id).is_some_and(|summary| summary.trashed);
    let thrown = model.tree.path(node).into_iter().filter(is_thrown);
    let back = thrown.map(|node| Action::mark(node, Mark::Trash(false)));
    (Item { label, detail }, OverlayAction::Actions(back.collect()))
}
