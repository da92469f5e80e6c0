//! What tells a node from its siblings that have the same words: model, values, or which take it is.
//!
//! Reads only nodes that are loaded.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde_json::Value;

use crate::app::model::Model;
use crate::schema::Catalogue;
use crate::tree::{Node, NodeId, Recipe};

/// A node and how it was made.
pub type Sibling<'a> = (NodeId, &'a Recipe);

/// Siblings further away are not compared, but counted as takes up to there.
const NEAR: usize = 100;
const FAR: usize = 1_000;

/// The loaded ones that are near, and of the earlier ones, where takes are counted, those that are
/// equal.
pub(super) fn family<'a>(model: &'a Model, node: &Node, is_counted: bool) -> Vec<Sibling<'a>> {
    let Some(parent) = node.parent else {
        return Vec::new();
    };
    let with_recipe = |id: NodeId| Some((id, model.nodes.get(&id)?.recipe.as_ref()?));
    let siblings = |within| model.tree.siblings_within(parent.node, within);
    let mut before = siblings((Bound::Unbounded, Bound::Included(node.id))).rev();
    let after = siblings((Bound::Excluded(node.id), Bound::Unbounded));
    let mut family: Vec<_> = before.by_ref().take(NEAR).filter_map(with_recipe).collect();
    let is_equal = |(_, other): &Sibling<'_>| {
        let is_take = |own: &Recipe| own.prompt == other.prompt && is_equal(own, other);
        node.recipe.as_ref().is_some_and(is_take)
    };
    let far = if is_counted { FAR } else { 0 };
    family.extend(before.take(far).filter_map(with_recipe).filter(is_equal));
    family.reverse();
    family.extend(after.take(NEAR).filter_map(with_recipe));
    family
}

/// Which of those that are equal in everything it is, from 1.
pub(super) fn take_of(node: NodeId, own: &Recipe, peers: &[Sibling<'_>]) -> Option<usize> {
    let equal = || peers.iter().filter(|(_, other)| is_equal(own, other));
    equal().nth(1)?;
    equal().position(|(id, _)| *id == node).map(|place| place + 1)
}

/// But for the words.
pub fn is_equal(one: &Recipe, other: &Recipe) -> bool {
    one.endpoint == other.endpoint && one.values == other.values
}

/// What tells a node from others with the same words; the model before all else.
pub(super) fn differs(
    catalogue: &Catalogue,
    node: NodeId,
    peers: &[Sibling<'_>],
    take: Option<usize>,
) -> Option<(Option<(String, String)>, String)> {
    let (_, own) = peers.iter().find(|(id, _)| *id == node).filter(|_| peers.len() > 1)?;
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
