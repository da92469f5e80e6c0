//! What is told of a picture besides its words, in one order wherever it stands.
//!
//! ```text
//! pro · seed 7 · 1248×832 · $0.04 · from n7 · 14:02
//! ```

use crate::app::model::Model;
use crate::schema::{Usd, money};
use crate::tree::{Hash, Node, NodeState, Picture};

/// All of them but the time; which of its pictures, where it has any.
pub(super) fn facts(
    model: &Model,
    node: &Node,
    picture: Option<Hash>,
    price: Option<String>,
) -> Vec<String> {
    let mut parts: Vec<String> = endpoint(model, node).into_iter().collect();
    parts.extend(node.seed.map(|seed| format!("seed {seed}")));
    let place = node.pictures.iter().position(|it| Some(it.hash) == picture);
    let picture = place.and_then(|place| node.pictures.get(place));
    parts.extend(picture.map(size));
    parts.extend(picture.filter(|it| it.nsfw).map(|_| "filtered".into()));
    if node.pictures.len() > 1 {
        let place = place.map_or(1, |place| place + 1);
        parts.push(format!("picture {place} of {}", node.pictures.len()));
    }
    parts.extend(price);
    // Where all of them are, the header says so.
    let is_odd = node.simulated && node.recipe.is_some() && !model.profile.simulated;
    parts.extend(is_odd.then(|| "simulated".into()));
    parts.extend(node.parent.map(|parent| format!("from {}", parent.node)));
    parts.extend((node.state == NodeState::Unknown).then(|| "maybe paid".into()));
    parts
}

/// Those that the words beside them do not tell already.
pub(super) fn besides(model: &Model, node: &Node, words: &str) -> Vec<String> {
    let first = node.pictures.first().map(|picture| picture.hash);
    let mut facts = facts(model, node, first, told_price(node));
    facts.retain(|fact| !format!(" {words} ").contains(&format!(" {fact} ")));
    facts
}

/// When it was asked for, if that was today.
pub(super) fn time(model: &Model, node: &Node) -> Option<String> {
    let is_new = model.now.since(node.at) < 86_400_000 && node.recipe.is_some();
    let (hours, minutes, _) = model.clock(node.at);
    is_new.then(|| format!("{hours:02}:{minutes:02}"))
}

pub(super) fn size(picture: &Picture) -> String {
    match picture.is_picture() {
        true => format!("{}×{}", picture.width, picture.height),
        false => picture.format.clone(),
    }
}

pub(super) fn endpoint(model: &Model, node: &Node) -> Option<String> {
    let id = &node.recipe.as_ref()?.endpoint;
    Some(model.catalogue.find(id).map_or(id.clone(), |endpoint| endpoint.short.clone()))
}

pub(super) fn told_price(node: &Node) -> Option<String> {
    node.cost.map(|cost| price(node, cost, node.is_exact))
}

pub(super) fn price(node: &Node, cost: Usd, is_exact: bool) -> String {
    match cost {
        Usd(0) if !is_exact => "free".into(),
        cost if node.simulated => money::told(cost, true),
        cost => format!("{cost}{}", if is_exact { " billed" } else { "" }),
    }
}
