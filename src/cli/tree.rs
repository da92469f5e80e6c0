//! `tree`: what the store holds, as lines or as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, print, print_json};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::schema::{Catalogue, Usd};
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
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    print(draw(&shown, summaries, &catalogue, config.environment.utf8).as_bytes())
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

/// As the workbench draws it: what all rows would say is left out.
fn draw(
    nodes: &[&Node],
    summaries: Vec<NodeSummary>,
    catalogue: &Catalogue,
    is_utf8: bool,
) -> String {
    let shown: BTreeMap<NodeId, &Node> = nodes.iter().map(|node| (node.id, *node)).collect();
    let mut families: BTreeMap<NodeId, Vec<Sibling<'_>>> = BTreeMap::new();
    for (node, recipe) in nodes.iter().filter_map(|node| Some((node, node.recipe.as_ref()?))) {
        let parent = node.parent.map_or(node.id, |parent| parent.node);
        families.entry(parent).or_default().push((node.id, recipe));
    }
    let mut tree = TreeIndex::default();
    for mut summary in summaries.into_iter().filter(|it| shown.contains_key(&it.id)) {
        // What lies above the part that is shown is cut off.
        summary.parent = summary.parent.filter(|parent| shown.contains_key(parent));
        tree.insert(summary);
    }
    let costs: BTreeSet<Usd> = nodes.iter().filter_map(|node| node.cost).collect();
    let theme = Theme { ascii: !is_utf8, ..Theme::default() };
    let rows = skeleton::rows(&tree, &Folds::default());
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let (Some(node), Some(summary)) = (shown.get(&row.node), tree.get(row.node)) else {
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
            (_, Some(cost)) => format!(" {cost}"),
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
        "cost": node.cost.map(Usd::to_f64), "cost_exact": node.is_exact, "simulated": node.simulated, "starred": node.starred,
        "trashed": node.trashed, "rating": node.rating, "at": node.at.0 })
}
