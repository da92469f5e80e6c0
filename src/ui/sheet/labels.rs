//! What stands below the pictures of a contact sheet: what tells each of them from the others.
//!
//! Made once and kept until one of the pictures or of their siblings has changed: hundreds of recipes
//! are not compared at every key. Draws nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use super::Cell;
use crate::app::model::Model;
use crate::tree::{Node, NodeId, PictureRef};
use crate::ui::Ui;
use crate::ui::telling;
use crate::ui::theme::Mark;
use crate::ui::tree_caption::siblings::Sibling;
use crate::ui::tree_caption::{Caption, How};

/// Within what tells a picture from others, which stays in one row.
pub const NO_BREAK: &str = "\u{a0}";
/// Comparing thousands of recipes would delay a key.
const COMPARED: usize = 200;

/// What the pictures of a sheet have in common, and so need not say.
#[derive(Debug, Default)]
pub struct Labels {
    /// The counts of changes of the tree and of the catalogue; `None`: not made yet.
    made_of: Option<(u64, u64)>,
    /// Whose children are among the first on the sheet.
    parents: BTreeSet<Option<NodeId>>,
    /// The words that all were made by.
    in_common: Option<String>,
    /// Those of one parent together: a picture and what was made of it by the same words are no
    /// takes of one edit.
    siblings: BTreeMap<Option<PictureRef>, Vec<NodeId>>,
    /// Not all were made by the same words.
    prompts: bool,
    /// The places of the words that differ, where all prompts are alike but for these.
    places: Vec<usize>,
    /// Of those that were drawn.
    captions: RefCell<BTreeMap<NodeId, Arc<Caption>>>,
}

impl Labels {
    pub fn of(model: &Model, cells: &[Cell]) -> Self {
        let ids: BTreeSet<NodeId> = cells.iter().take(COMPARED).map(|cell| cell.node).collect();
        let parents = ids.iter().map(|id| model.tree.parent(*id)).collect();
        let nodes: Vec<&Node> = ids.iter().filter_map(|id| model.nodes.get(id)).collect();
        let recipes: Vec<_> = nodes.iter().filter_map(|node| node.recipe.as_ref()).collect();
        let is_whole = recipes.len() == nodes.len();
        let words: Vec<&str> = recipes.iter().map(|recipe| recipe.prompt.as_str()).collect();
        let prompts = !is_whole || words.iter().any(|other| Some(other) != words.first());
        let places = if is_whole { telling::places_of_all(&words) } else { Vec::new() };
        let in_common = recipes.first().and_then(|recipe| match (prompts, places.is_empty()) {
            (false, _) => Some(recipe.caption().into_owned()),
            (true, true) => None,
            (true, false) => Some(telling::template(&recipe.prompt, &places)),
        });
        let mut siblings: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
        for node in nodes.iter().filter(|node| node.recipe.is_some()) {
            siblings.entry(node.parent).or_default().push(node.id);
        }
        let captions = RefCell::default();
        let made_of = Some(made_of(model));
        Self { made_of, parents, in_common, siblings, prompts, places, captions }
    }

    /// Whether they still say what they would say if they were made now; of the same cells.
    pub fn is_current(&mut self, model: &Model) -> bool {
        let now = made_of(model);
        let is_current = self.made_of.is_some_and(|(touches, changes)| {
            let is_untouched = |of: &Option<NodeId>| model.tree.is_untouched(*of, touches);
            changes == now.1 && (touches == now.0 || self.parents.iter().all(is_untouched))
        });
        if is_current {
            self.made_of = Some(now);
        }
        is_current
    }

    /// The words that all were made by; they stand in the title.
    pub fn in_common(&self) -> Option<&str> {
        self.in_common.as_deref()
    }

    /// Beside those of the same parent that are on the sheet.
    pub fn caption(&self, model: &Model, node: &Node) -> Arc<Caption> {
        if let Some(kept) = self.captions.borrow().get(&node.id) {
            return Arc::clone(kept);
        }
        let siblings = self.siblings.get(&node.parent).map(Vec::as_slice).unwrap_or_default();
        let recipe = |id: &NodeId| Some((*id, model.nodes.get(id)?.recipe.as_ref()?));
        let siblings: Vec<Sibling<'_>> = siblings.iter().filter_map(recipe).collect();
        let caption = Arc::new(Caption::within(&siblings, node, &model.catalogue));
        // Of those further on it is not known when they change.
        if self.parents.contains(&model.tree.parent(node.id)) {
            self.captions.borrow_mut().insert(node.id, Arc::clone(&caption));
        }
        caption
    }

    /// The number, and what one has said of it.
    fn head(ui: &Ui, place: usize, node: &Node) -> Vec<String> {
        let many = node.pictures.len() > 1;
        let number = if many { format!("{}.{}", node.id, place + 1) } else { node.id.to_string() };
        let star = node.starred.then(|| ui.theme().mark(Mark::Starred).to_owned());
        let rating = (node.rating > 0).then(|| format!("{}/5", node.rating));
        [Some(number), star, rating].into_iter().flatten().collect()
    }

    /// How what differs is told in so many columns, where nothing else is.
    pub fn form(&self, ui: &Ui, node: &Node, caption: &Caption, room: usize) -> usize {
        let used = Self::head(ui, 0, node).join(" ").width() + 1;
        let is_alone = !self.prompts && self.places.is_empty();
        if is_alone { caption.form_alone(room.saturating_sub(used)) } else { 0 }
    }

    /// In so many columns, with what differs in this form at least.
    pub fn label(
        &self,
        hows: &Hows<'_>,
        cell: Cell,
        node: &Node,
        caption: &Caption,
        (room, form): (usize, usize),
    ) -> String {
        let mut head = Self::head(hows.ui, cell.place, node);
        let used = head.join(" ").width() + 1;
        match &node.recipe {
            Some(_) if !self.places.is_empty() => {
                let (words, differs) = caption.in_short().fitted(room.saturating_sub(used));
                head.push(format!("{words}{}", differs.replace(' ', NO_BREAK)));
            }
            Some(_) | None if self.prompts => {
                let how = hows.of(caption, room);
                let (words, differs) = caption.told_so(how, room.saturating_sub(used));
                head.push(format!("{words}{}", differs.replace(' ', NO_BREAK)));
            }
            Some(_) | None => {
                let own = caption.form_alone(room.saturating_sub(used));
                head.extend(caption.differs_in(own.max(form)));
            }
        }
        // Where the words tell them apart, nobody looks for a number of ten digits.
        let is_alike = !self.prompts && self.places.is_empty();
        let drawn = node.recipe.as_ref().filter(|_| is_alike);
        let drawn = drawn.is_some_and(|recipe| !recipe.values.contains_key("seed"));
        let seed = node.seed.filter(|_| drawn).map(|seed| format!("seed {seed}"));
        let used = head.join(" ").trim_end().width() + 1;
        let fits = |seed: &String| used + seed.width() <= room || head.len() == 1;
        let seed = seed.filter(fits);
        head.extend(seed);
        head.join(" ")
    }
}

fn made_of(model: &Model) -> (u64, u64) {
    (model.tree.touches(), model.catalogue.changes())
}

/// How words are told in so many columns: in all labels of one form alike.
pub struct Hows<'a> {
    ui: &'a Ui,
    all: Vec<(&'a Node, &'a Caption)>,
    known: RefCell<BTreeMap<(&'a str, usize), How>>,
}

impl<'a> Hows<'a> {
    /// For these, which are on the screen.
    pub fn new(ui: &'a Ui, all: Vec<(&'a Node, &'a Caption)>) -> Self {
        Self { ui, all, known: RefCell::default() }
    }

    /// `room`: columns with the number.
    pub fn of(&self, caption: &Caption, room: usize) -> How {
        let alike = || self.all.iter().filter(|(_, other)| other.wording() == caption.wording());
        let Some((_, first)) = alike().next() else { return How::default() };
        let columns = |(node, caption): &(&'a Node, &'a Caption)| {
            let used = Labels::head(self.ui, 0, node).join(" ").width() + 1;
            (*caption, room.saturating_sub(used))
        };
        let how = || Caption::how(alike().map(columns), false);
        *self.known.borrow_mut().entry((first.wording(), room)).or_insert_with(how)
    }
}
