//! `tree`: what the store holds, as lines or as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, print, print_json};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::schema::{Catalogue, Usd, money};
use crate::store::Store;
use crate::text::{plain, to_ascii};
use crate::tree::index::{NodeSummary, TreeIndex};
use crate::tree::skeleton::{self, Folds, Row};
use crate::tree::{Node, NodeId, NodeState};
use crate::ui::theme::{Mark, Theme};
use crate::ui::tree_caption::{Caption, Sibling};

/// A chain is led in as it is in a pane of so many columns, however long it is.
const COLUMNS: u16 = 80;

/// `editree tree [NODE]`.
pub(crate) fn tree(config: Config, node: Option<&str>, json: bool) -> Result<u8, CommandError> {
    let executor = executor()?;
    let (nodes, above) = executor.block_on(async {
        let (store, _) = open_store(&config, false).await?;
        let Some(name) = node else {
            return Ok((store.all_nodes().await.map_err(Failure::from)?, None));
        };
        let root = root(&store, name).await?;
        let above = match root.parent {
            Some(parent) => store.find_node(Some(parent.node.0)).await.map_err(Failure::from)?,
            None => None,
        };
        Ok::<_, CommandError>((store.nodes_from(root.id).await.map_err(Failure::from)?, above))
    })?;
    let known = nodes.iter().chain(&above).map(|node| (node.id, node)).collect();
    if json {
        let rows: Vec<Value> = nodes.iter().map(|node| describe(node, &known)).collect();
        return print_json(&json!({ "nodes": rows }));
    }
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    print(draw(&nodes, &known, &catalogue, config.environment.utf8).as_bytes())
}

/// Nodes by their ids.
type Known<'a> = BTreeMap<NodeId, &'a Node>;

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

/// As the workbench draws it: what all rows would say is left out.
fn draw(nodes: &[Node], known: &Known<'_>, catalogue: &Catalogue, is_utf8: bool) -> String {
    let mut families: BTreeMap<NodeId, Vec<Sibling<'_>>> = BTreeMap::new();
    for (node, recipe) in nodes.iter().filter_map(|node| Some((node, node.recipe.as_ref()?))) {
        let parent = node.parent.map_or(node.id, |parent| parent.node);
        families.entry(parent).or_default().push((node.id, recipe));
    }
    let mut tree = TreeIndex::default();
    for node in nodes {
        let mut summary = NodeSummary::of(node, place_in_parent(node, known));
        // What lies above the part that is shown is cut off.
        let is_shown = |id: &NodeId| nodes.binary_search_by_key(id, |node| node.id).is_ok();
        summary.parent = summary.parent.filter(is_shown);
        tree.insert(summary);
    }
    let costs: BTreeSet<Usd> = nodes.iter().filter_map(|node| node.cost).collect();
    let theme = Theme { ascii: !is_utf8, ..Theme::default() };
    let rows = skeleton::rows(&tree, &Folds::default());
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let (Some(node), Some(summary)) = (known.get(&row.node), tree.get(row.node)) else {
            continue;
        };
        let parent = node.parent.map_or(node.id, |parent| parent.node);
        let family = families.get(&parent).map_or(&[][..], Vec::as_slice);
        let (words, differs) = Caption::within(family, node, catalogue).fitted(usize::MAX);
        let star =
            if node.starred { format!(" {}", theme.mark(Mark::Starred)) } else { String::new() };
        let told = match (summary.state, node.cost.filter(|_| costs.len() > 1)) {
            (NodeState::Unknown, _) => " maybe paid".into(),
            (NodeState::Pending, _) => " not done yet".into(),
            (_, Some(cost)) => format!(" {}", money::told(cost, node.simulated)),
            (_, None) => String::new(),
        };
        let lead =
            format!("{}{} {}", rails(&rows, at, theme), theme.mark(mark(summary.state)), node.id);
        let words = plain(&format!("{words}{differs}").replace('\n', " "));
        let words = if is_utf8 { words } else { to_ascii(&words) };
        text.push_str(&format!("{lead} {words}{told}{star}\n"));
    }
    text
}

fn rails(rows: &[Row], at: usize, theme: Theme) -> String {
    let mut rails: Vec<&str> =
        skeleton::nearest_rails(rows, at, COLUMNS).map(|rail| theme.rail(rail)).collect();
    rails.reverse();
    rails.concat()
}

fn mark(state: NodeState) -> Mark {
    match state {
        NodeState::Root => Mark::Root,
        NodeState::Done => Mark::Made,
        NodeState::Pending => Mark::Waiting,
        NodeState::Unknown => Mark::MaybePaid,
        NodeState::Failed | NodeState::Cancelled => Mark::Failed,
    }
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
