//! `tree`: what the store holds, as lines or as JSON.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::text::plain;

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, print, print_json};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::schema::Usd;
use crate::tree::index::{NodeSummary, TreeIndex};
use crate::tree::{Node, NodeId};

/// `editree tree [NODE]`.
pub(crate) fn tree(config: Config, node: Option<&str>, json: bool) -> Result<u8, CommandError> {
    let executor = executor()?;
    let (nodes, summaries) = executor.block_on(async {
        let (store, _) = open_store(&config, false).await?;
        let nodes = store.all_nodes().await.map_err(Failure::from)?;
        let summaries =
            store.snapshot(crate::runtime::start_of_day()).await.map_err(Failure::from)?.summaries;
        Ok::<_, CommandError>((nodes, summaries))
    })?;
    let shown = match node {
        Some(name) => below(&nodes, name)?,
        None => nodes.iter().collect(),
    };
    if json {
        let rows: Vec<Value> = shown.iter().map(|node| describe(node, &nodes)).collect();
        return print_json(&json!({ "nodes": rows }));
    }
    print(draw(&shown, summaries).as_bytes())
}

/// The node and what comes from it.
fn below<'a>(nodes: &'a [Node], name: &str) -> Result<Vec<&'a Node>, CommandError> {
    let wanted = NodeName::parse(name).and_then(|name| name.node).map(NodeId);
    let newest = nodes.iter().rev().find(|node| !node.pictures.is_empty()).map(|node| node.id);
    let root = wanted.or(newest.filter(|_| name.starts_with('@')));
    let root = root.filter(|root| nodes.iter().any(|node| node.id == *root)).ok_or_else(|| {
        CommandError::usage(format!("there is no node `{name}`")).hint("`editree tree` lists them")
    })?;
    // A parent is older than its child, so one pass finds all.
    let mut inside = vec![root];
    let is_inside = |node: &&Node| {
        let of_parent = node.parent.is_some_and(|parent| inside.contains(&parent.node));
        if of_parent {
            inside.push(node.id);
        }
        of_parent || node.id == root
    };
    let mut is_inside = is_inside;
    Ok(nodes.iter().filter(|node| is_inside(node)).collect())
}

fn draw(nodes: &[&Node], summaries: Vec<NodeSummary>) -> String {
    let mut tree = TreeIndex::default();
    for mut summary in
        summaries.into_iter().filter(|summary| nodes.iter().any(|node| node.id == summary.id))
    {
        // What lies above the part that is shown is cut off.
        summary.parent =
            summary.parent.filter(|parent| nodes.iter().any(|node| node.id == *parent));
        tree.insert(summary);
    }
    let mut text = String::new();
    for row in tree.rows(&BTreeSet::new()) {
        let Some(node) = nodes.iter().find(|node| node.id == row.node) else {
            continue;
        };
        let indent = "  ".repeat(usize::from(row.depth));
        let words = node.caption().replace('\n', " ");
        let cost = node.cost.map_or(String::new(), |cost| format!(" {cost}"));
        let star = if node.starred { " *" } else { "" };
        text.push_str(&format!("{indent}{}{star} {}{cost}\n", node.id, plain(&words)));
    }
    text
}

fn describe(node: &Node, all: &[Node]) -> Value {
    let recipe = node.recipe.as_ref();
    let parent = node.parent.map(|parent| {
        let pictures =
            all.iter().find(|other| other.id == parent.node).map(|other| &other.pictures);
        let place = pictures.and_then(|pictures| {
            pictures.iter().position(|picture| picture.hash == parent.picture)
        });
        json!({ "node": parent.node.to_string(), "picture": place.map_or(1, |place| place + 1) })
    });
    let pictures: Vec<Value> = node
        .pictures
        .iter()
        .map(|picture| {
            json!({ "hash": picture.hash.to_string(), "width": picture.width, "height": picture.height,
                "format": picture.format, "bytes": picture.bytes, "nsfw": picture.nsfw })
        })
        .collect();
    json!({ "id": node.id.to_string(), "parent": parent, "state": node.state.name(),
        "endpoint": recipe.map(|recipe| recipe.endpoint.as_str()),
        "prompt": recipe.map(|recipe| recipe.prompt.as_str()),
        "params": recipe.map(|recipe| recipe.values.clone()),
        "seed": node.seed, "request_id": node.request_id,
        "served_from": node.served_from, "pictures": pictures,
        "cost": node.cost.map(Usd::to_f64), "simulated": node.simulated, "starred": node.starred,
        "trashed": node.trashed, "rating": node.rating, "at": node.at.0 })
}
