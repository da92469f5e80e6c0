//! The tree in lines: a row each, as the workbench draws it, with its words from the store.
//!
//! For `editree tree` and `:tree` where there is no screen. Invariant: however large the tree is,
//! so many nodes are in memory as a page has, and their siblings.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::app::failure::Failure;
use crate::schema::{Catalogue, Usd, money};
use crate::store::Store;
use crate::text::{plain, to_ascii};
use crate::tree::index::TreeIndex;
use crate::tree::skeleton::{self, Folds, Indent, Row};
use crate::tree::{Node, NodeId, NodeState};
use crate::ui::theme::{Mark, Theme};
use crate::ui::tree_caption::Caption;
use crate::ui::tree_caption::siblings::Sibling;

/// A chain is led in as it is in a pane of so many columns, however long it is.
const COLUMNS: u16 = 80;

/// So many nodes are in memory at once, besides siblings of theirs.
pub(crate) const PAGE: usize = 256;

/// The rows of a tree, of which any may be told.
pub(crate) struct TreeLines<'a> {
    store: &'a Store,
    tree: &'a TreeIndex,
    catalogue: &'a Catalogue,
    rows: Vec<Row>,
    indent: Indent,
    families: Families,
    /// They do not all cost the same, which none would have to say.
    has_costs: bool,
    is_utf8: bool,
}

impl<'a> TreeLines<'a> {
    pub(crate) fn new(
        store: &'a Store,
        tree: &'a TreeIndex,
        catalogue: &'a Catalogue,
        is_utf8: bool,
    ) -> Self {
        let costs: BTreeSet<Usd> = tree.summaries().filter_map(|node| node.cost).collect();
        let rows = skeleton::rows(tree, &Folds::default());
        let indent = Indent::of(skeleton::deepest(&rows), COLUMNS);
        let (families, has_costs) = (Families::default(), costs.len() > 1);
        Self { store, tree, catalogue, rows, indent, families, has_costs, is_utf8 }
    }

    /// All rows, in parts of which each may be asked for.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        self.pages_of(0..self.rows.len())
    }

    pub(crate) fn pages_of(
        &self,
        part: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + use<> {
        part.clone().step_by(PAGE).map(move |from| from..(from + PAGE).min(part.end))
    }

    /// At most so many rows around that of the node, of the first where it has none; and how many
    /// there are in all.
    pub(crate) fn around(&self, node: Option<NodeId>, most: usize) -> (Range<usize>, usize) {
        let all = self.rows.len();
        let at = self.rows.iter().position(|row| Some(row.node) == node).unwrap_or(0);
        let from = at.saturating_sub(most / 2).min(all.saturating_sub(most));
        (from..from.saturating_add(most).min(all), all)
    }

    /// These rows, a line each.
    pub(crate) async fn of(&mut self, part: Range<usize>) -> Result<String, Failure> {
        let page = self.rows.get(part.clone()).unwrap_or_default();
        self.families.load(self.store, self.tree, page).await?;
        let theme = Theme { ascii: !self.is_utf8, ..Theme::default() };
        let mut text = String::new();
        for (at, row) in part.zip(page) {
            let Some((node, family)) = self.families.find(self.tree, &row.node) else { continue };
            let (words, differs) =
                Caption::within(&family, node, self.catalogue).fitted(usize::MAX);
            let words = plain(&format!("{words}{differs}").replace('\n', " "));
            let words = if self.is_utf8 { words } else { to_ascii(&words) };
            let lead = rails(&self.rows, at, self.indent, theme);
            let (mark, id) = (theme.mark(mark(node.state)), node.id);
            let told = told(node, self.has_costs, theme);
            text.push_str(&format!("{lead}{mark} {id} {words}{told}\n"));
            self.families.leave(self.tree, &row.node);
        }
        Ok(text)
    }
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
    async fn load(&mut self, store: &Store, tree: &TreeIndex, page: &[Row]) -> Result<(), Failure> {
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
        for node in store.load_nodes(wanted).await? {
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
