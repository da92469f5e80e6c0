//! `tree`: what the store holds, as lines or as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, code, print, print_on};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::schema::{Catalogue, Usd, money};
use crate::store::Store;
use crate::text::{plain, to_ascii};
use crate::tree::index::{NodeSummary, TreeIndex};
use crate::tree::skeleton::{self, Folds, Indent, Row};
use crate::tree::{Node, NodeId, NodeState};
use crate::ui::theme::{Mark, Theme};
use crate::ui::tree_caption::Caption;
use crate::ui::tree_caption::siblings::Sibling;

/// A chain is led in as it is in a pane of so many columns, however long it is.
const COLUMNS: u16 = 80;

/// So many nodes are in memory at once, besides siblings of theirs.
const PAGE: usize = 256;

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

/// As the workbench draws it: what all rows would say is left out.
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
    let costs: BTreeSet<Usd> = nodes.iter().filter_map(|node| node.cost).collect();
    let has_costs = costs.len() > 1;
    let theme = Theme { ascii: !is_utf8, ..Theme::default() };
    let rows = skeleton::rows(&tree, &Folds::default());
    let indent = Indent::of(skeleton::deepest(&rows), COLUMNS);
    let mut families = Families::default();
    for (number, page) in rows.chunks(PAGE).enumerate() {
        families.load(store, &tree, page).await?;
        let mut text = String::new();
        for (at, row) in page.iter().enumerate() {
            let Some((node, family)) = families.find(&tree, &row.node) else { continue };
            let (words, differs) = Caption::within(&family, node, catalogue).fitted(usize::MAX);
            let words = plain(&format!("{words}{differs}").replace('\n', " "));
            let words = if is_utf8 { words } else { to_ascii(&words) };
            let lead = rails(&rows, number * PAGE + at, indent, theme);
            let (mark, id) = (theme.mark(mark(node.state)), node.id);
            let told = told(node, has_costs, theme);
            text.push_str(&format!("{lead}{mark} {id} {words}{told}\n"));
            families.leave(&tree, &row.node);
        }
        if !print_on(text.as_bytes())? {
            break;
        }
    }
    Ok(code::DONE)
}

/// What stands behind the words.
fn told(node: &Node, has_costs: bool, theme: Theme) -> String {
    let told = match (node.state, node.cost.filter(|_| has_costs)) {
        (NodeState::Unknown, _) => " maybe paid".into(),
        (NodeState::Pending, _) => " not done yet".into(),
        (_, Some(cost)) => format!(" {}", money::told(cost, node.simulated)),
        (_, None) => String::new(),
    };
    let star = if node.starred { format!(" {}", theme.mark(Mark::Starred)) } else { String::new() };
    told + &star
}

/// Siblings whose rows have begun and not ended, by the first of them; how many are left.
#[derive(Default)]
struct Families(BTreeMap<NodeId, (Vec<Node>, usize)>);

impl Families {
    /// Those of so many rows, at once.
    async fn load(
        &mut self,
        store: &Store,
        tree: &TreeIndex,
        page: &[Row],
    ) -> Result<(), CommandError> {
        let mut wanted = Vec::new();
        for row in page {
            let family = family(tree, &row.node);
            if let Some(first) = family.first()
                && !self.0.contains_key(first)
            {
                self.0.insert(*first, (Vec::with_capacity(family.len()), family.len()));
                wanted.extend_from_slice(family);
            }
        }
        for node in store.load_nodes(wanted).await.map_err(Failure::from)? {
            let first = family(tree, &node.id).first();
            if let Some((nodes, _)) = first.and_then(|first| self.0.get_mut(first)) {
                nodes.push(node);
            }
        }
        Ok(())
    }

    /// A node, and those with recipes that came of the same picture.
    fn find(&self, tree: &TreeIndex, id: &NodeId) -> Option<(&Node, Vec<Sibling<'_>>)> {
        let (nodes, _) = self.0.get(family(tree, id).first()?)?;
        let node = nodes.iter().find(|node| node.id == *id)?;
        Some((
            node,
            nodes.iter().filter_map(|node| Some((node.id, node.recipe.as_ref()?))).collect(),
        ))
    }

    /// Its row is drawn.
    fn leave(&mut self, tree: &TreeIndex, id: &NodeId) {
        let Some(first) = family(tree, id).first() else { return };
        if let Some((_, left)) = self.0.get_mut(first) {
            *left -= 1;
            if *left == 0 {
                self.0.remove(first);
            }
        }
    }
}

/// Itself and its siblings; what has no parent has none.
fn family<'a>(tree: &'a TreeIndex, id: &'a NodeId) -> &'a [NodeId] {
    if tree.parent(*id).is_some() { tree.siblings(*id) } else { std::slice::from_ref(id) }
}

fn rails(rows: &[Row], at: usize, indent: Indent, theme: Theme) -> String {
    let columns = usize::from(indent.level);
    let rail = |rail| theme.rail(rail).chars().take(columns).collect();
    let mut rails: Vec<String> = skeleton::nearest_rails(rows, at, indent).map(rail).collect();
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
