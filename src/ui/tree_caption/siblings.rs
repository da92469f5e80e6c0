//! What tells a node from its siblings that have the same words: model, values, or which take it is.
//!
//! Reads only nodes that are loaded.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde_json::Value;

use crate::app::model::Model;
use crate::schema::Catalogue;
use crate::tree::{Node, NodeId, NodeState, Recipe};

/// A node and how it was made.
pub type Sibling<'a> = (NodeId, &'a Recipe);

/// Siblings further away are not compared, but counted as takes up to there.
const NEAR: usize = 100;
const FAR: usize = 1_000;

/// The loaded ones that are near and have a row; those opened or made of words alone are siblings as
/// well.
pub(super) fn family<'a>(model: &'a Model, node: &Node) -> Vec<Sibling<'a>> {
    let with_recipe = |id: NodeId| Some((id, model.nodes.get(&id)?.recipe.as_ref()?));
    let siblings = |within| model.tree.siblings_within(parent_of(node), within);
    let before = siblings((Bound::Unbounded, Bound::Included(node.id))).rev().take(NEAR);
    let after = siblings((Bound::Excluded(node.id), Bound::Unbounded)).take(NEAR);
    let mut family: Vec<_> = before.filter_map(with_recipe).collect();
    family.reverse();
    family.extend(after.filter_map(with_recipe));
    family
}

/// Which of the takes it is, from 1: of all that were ever begun, so that it keeps its number whatever
/// becomes of the others. `None`: no other has or had a picture. `elder`: one before it that is equal,
/// with its number, where no other that has a row lies between.
pub fn take(model: &Model, node: &Node, elder: Option<(NodeId, usize)>) -> Option<usize> {
    let own = node.recipe.as_ref()?;
    let parent = parent_of(node);
    let from = elder.map_or(Bound::Unbounded, |(elder, _)| Bound::Excluded(elder));
    let (before, after) =
        ((from, Bound::Excluded(node.id)), (Bound::Excluded(node.id), Bound::Unbounded));
    let equal = |id: NodeId| {
        let other = model.nodes.get(&id)?;
        is_take(own, other.recipe.as_ref()?).then_some(other)
    };
    let count = |(number, had_picture): (usize, bool), other: &Node| {
        (number + 1, had_picture || has_picture(other))
    };
    let far = if elder.is_none() { FAR } else { 0 };
    let shown = model.tree.siblings_within(parent, before).rev().take(far);
    let hidden = model.tree.hidden_within(parent, before).rev().take(FAR);
    let start = (elder.map_or(0, |(_, take)| take), elder.is_some());
    let (number, has_other) = shown.chain(hidden).filter_map(equal).fold(start, count);
    let shown = model.tree.siblings_within(parent, after).take(NEAR);
    let hidden = model.tree.hidden_within(parent, after).take(NEAR);
    let has_other = has_other || shown.chain(hidden).filter_map(equal).any(has_picture);
    has_other.then_some(number + 1)
}

/// The same of one among all of its siblings.
pub fn take_among<'a>(
    node: NodeId,
    own: &Recipe,
    all: impl Iterator<Item = &'a Node>,
) -> Option<usize> {
    let is_equal = |other: &&Node| other.recipe.as_ref().is_some_and(|it| is_take(own, it));
    let others = all.filter(|other| other.id != node).filter(is_equal);
    let count = |(number, has_other): (usize, bool), other: &Node| {
        (number + usize::from(other.id < node), has_other || has_picture(other))
    };
    let (number, has_other) = others.fold((1, false), count);
    has_other.then_some(number)
}

fn parent_of(node: &Node) -> Option<NodeId> {
    node.parent.map(|parent| parent.node)
}

/// What failed is no other take beside which one has to be told apart; what is in the trash is.
fn has_picture(node: &Node) -> bool {
    match node.state {
        NodeState::Root | NodeState::Pending | NodeState::Done | NodeState::Unknown => true,
        NodeState::Failed | NodeState::Cancelled => false,
    }
}

/// Equal in everything.
pub fn is_take(one: &Recipe, other: &Recipe) -> bool {
    one.prompt == other.prompt && one.endpoint == other.endpoint && one.values == other.values
}

/// What tells a node from others with the same words; the model before all else.
pub(super) fn differs(
    catalogue: &Catalogue,
    node: NodeId,
    peers: &[Sibling<'_>],
    take: Option<usize>,
) -> Option<(Option<(String, String)>, String)> {
    let (_, own) =
        peers.iter().find(|(id, _)| *id == node).filter(|_| peers.len() > 1 || take.is_some())?;
    // Most takes differ in nothing, so that they are gone through once.
    let unlike: Vec<_> = peers.iter().filter(|(_, other)| other.values != own.values).collect();
    let all_names = unlike.iter().map(|(_, it)| &it.values).chain([&own.values]);
    let names: BTreeSet<&String> = all_names.flat_map(|values| values.keys()).collect();
    let is_other = |name: &&String| {
        unlike.iter().any(|(_, other)| other.values.get(*name) != own.values.get(*name))
    };
    let mut parts = Vec::new();
    let called = |recipe: &Recipe| {
        let found = catalogue.find(&recipe.endpoint);
        found.map_or(recipe.endpoint.clone(), |endpoint| endpoint.short.clone())
    };
    let others = || peers.iter().filter(|(_, it)| it.endpoint != own.endpoint);
    let mut model = None;
    if others().next().is_some() {
        let name = called(own);
        let sign = name.chars().next().map_or(String::new(), String::from);
        let is_own = others().all(|(_, other)| !called(other).starts_with(&sign));
        model = is_own.then(|| (name.clone(), sign));
        parts.push(name);
    }
    let own_values = names.into_iter().filter(is_other);
    let default = |name: &str| {
        let endpoint = catalogue.find(&own.endpoint).ok()?;
        endpoint.param(name)?.default.as_ref()
    };
    let label = |name: &str| {
        let param = catalogue.find(&own.endpoint).ok().and_then(|endpoint| endpoint.param(name));
        param.map_or_else(|| name.replace('_', " "), |param| param.label.to_lowercase())
    };
    let told =
        |name: &String| Some(value(&label(name), own.values.get(name).or_else(|| default(name))?));
    parts.extend(own_values.filter_map(told));
    parts.extend(take.map(|take| format!("take {take}")));
    Some((model, parts.join(" "))).filter(|(_, text)| !text.is_empty())
}

/// `guidance 2.5`, `seed 3`, `16:9`; by the word that the form has for it.
fn value(label: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => label.to_owned(),
        Value::Bool(false) => format!("no {label}"),
        other => {
            let number = other.to_string();
            format!("{label} {}", number.strip_suffix(".0").unwrap_or(&number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_called_by_the_words_of_the_form() {
        for (label, json, told) in [
            ("guidance", "2.5", "guidance 2.5"),
            ("seed", "3.0", "seed 3"),
            ("aspect ratio", "\"16:9\"", "16:9"),
            ("rewrite prompt", "false", "no rewrite prompt"),
        ] {
            let json: Value = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(value(label, &json), told);
        }
    }
}
