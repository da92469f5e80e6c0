//! `tree`: what the store holds, as lines or as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, code, print, print_on};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::runtime::tree_lines::{PAGE, TreeLines};
use crate::schema::{Catalogue, Usd};
use crate::store::Store;
use crate::tree::index::{NodeSummary, TreeIndex};
use crate::tree::{Node, NodeId};

/// `editree tree [NODE]`.
pub(crate) fn tree(config: Config, node: Option<&str>, json: bool) -> Result<u8, CommandError> {
    executor()?.block_on(async {
        let (store, _) = open_store(&config, false).await?;
        let root = match node {
            Some(name) => Some(root(&store, name).await?.id),
            None => None,
        };
        let nodes = store.summaries(root).await.map_err(Failure::from)?;
        if json {
            return write_json(&store, nodes.iter().map(|node| node.id).collect()).await;
        }
        let catalogue = super::catalogue::catalogue(&config.data_dir);
        draw(&store, &nodes, &catalogue, config.environment.utf8).await
    })
}

/// Nodes by their ids.
type Known<'a> = BTreeMap<NodeId, &'a Node>;

/// One object, page by page.
async fn write_json(store: &Store, ids: Vec<NodeId>) -> Result<u8, CommandError> {
    let mut piece = "{\"nodes\":[".to_owned();
    for (number, page) in ids.chunks(PAGE).enumerate() {
        let nodes = store.load_nodes(page.to_vec()).await.map_err(Failure::from)?;
        let parents: BTreeSet<_> =
            nodes.iter().filter_map(|node| Some(node.parent?.node)).collect();
        let parents = parents.into_iter().filter(|parent| page.binary_search(parent).is_err());
        let parents = store.load_nodes(parents.collect()).await.map_err(Failure::from)?;
        let known = nodes.iter().chain(&parents).map(|node| (node.id, node)).collect();
        let rows: Vec<_> = nodes.iter().map(|node| describe(node, &known).to_string()).collect();
        piece.push_str(if number > 0 { "," } else { "" });
        piece.push_str(&rows.join(","));
        if !print_on(piece.as_bytes())? {
            return Ok(code::DONE);
        }
        piece.clear();
    }
    print((piece + "]}\n").as_bytes())
}

/// The node that is meant; `@` is the newest.
async fn root(store: &Store, name: &str) -> Result<Node, CommandError> {
    let found = match NodeName::parse(name) {
        Some(name) => store.find_node(name.node).await.map_err(Failure::from)?,
        None => None,
    };
    found.ok_or_else(|| {
        CommandError::usage(format!("there is no node `{name}`")).hint("`editree tree` lists them")
    })
}

/// Line by line, page by page.
async fn draw(
    store: &Store,
    nodes: &[NodeSummary],
    catalogue: &Catalogue,
    is_utf8: bool,
) -> Result<u8, CommandError> {
    let mut tree = TreeIndex::default();
    for node in nodes {
        // What lies above the part that is shown is cut off.
        let is_shown = |id: &NodeId| nodes.binary_search_by_key(id, |node| node.id).is_ok();
        tree.insert(NodeSummary { parent: node.parent.filter(is_shown), ..*node });
    }
    let mut lines = TreeLines::new(store, &tree, catalogue, is_utf8);
    for page in lines.pages() {
        if !print_on(lines.of(page).await?.as_bytes())? {
            break;
        }
    }
    Ok(code::DONE)
}

/// Which of its parent's pictures it comes from, from 0.
fn place_in_parent(node: &Node, known: &Known<'_>) -> Option<usize> {
    let parent = node.parent?;
    let pictures = &known.get(&parent.node)?.pictures;
    pictures.iter().position(|picture| picture.hash == parent.picture)
}

fn describe(node: &Node, known: &Known<'_>) -> Value {
    let recipe = node.recipe.as_ref();
    let place = place_in_parent(node, known).map_or(1, |place| place + 1);
    let parent =
        node.parent.map(|parent| json!({ "node": parent.node.to_string(), "picture": place }));
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
        "cost": node.cost.map(Usd::to_f64), "cost_exact": node.is_exact, "simulated": node.simulated, "starred": node.starred,
        "trashed": node.trashed, "rating": node.rating, "at": node.at.0 })
}
