//! The contact sheet: pictures in a grid, to choose among.
//!
//! Knows what is on it and which one is selected; the selected one is the current picture, so that
//! every key of normal mode acts on it. Draws nothing. Invariant: `Ui::reconcile` shows what is
//! selected, so a command that goes to another picture moves the selection or closes the sheet.

use std::cell::{Ref, RefCell};

use labels::Labels;

use crate::app::model::Model;
use crate::app::tree::walk;
use crate::tree::{Hash, NodeId, Picture, PictureRef};

mod labels;
pub mod view;

/// Which pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The takes of the last sending.
    Sent(Vec<NodeId>),
    /// The nodes marked in the tree.
    Marked(Vec<NodeId>),
    /// The hits of the last search.
    Found,
    /// The children of a node; `None`: all roots.
    Beside(Option<NodeId>),
    /// All nodes, newest first.
    All,
}

/// A place of the grid. What is still being made has no picture yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub node: NodeId,
    /// Which picture of the node, from 0.
    pub place: usize,
}

/// What the cells were made of: what is loaded as one moves costs no look at all of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct MadeOf {
    /// The tree's version.
    version: u64,
    /// What is shown of a search.
    found: Vec<NodeId>,
    /// How many nodes were known whole, on a blind sheet: its order is that of the pictures.
    known: usize,
}

#[derive(Debug)]
pub struct Sheet {
    scopes: Vec<Scope>,
    /// Which of them is shown.
    scope: usize,
    cells: Vec<Cell>,
    selected: usize,
    made_of: Option<MadeOf>,
    labels: RefCell<Box<Labels>>,
    /// Shuffled and without captions.
    pub blind: bool,
    /// Columns more or fewer than would fit best.
    pub columns: i16,
    /// Something was undone: what has come back by it is selected.
    pub follows_undo: bool,
    /// Where one was before: who only looks is there again.
    pub begun_on: Option<PictureRef>,
}

/// A contact sheet while two pictures of it are compared on the canvas: it comes back.
#[derive(Debug)]
pub struct Behind {
    pub sheet: Sheet,
    /// The picture that is compared, and the one that it is compared with.
    pub on: PictureRef,
    pub base: PictureRef,
    /// What others were compared with before.
    pub base_before: Option<PictureRef>,
}

impl Cell {
    pub fn picture(self, model: &Model) -> Option<&Picture> {
        model.nodes.get(&self.node)?.pictures.get(self.place)
    }

    pub fn reference(self, model: &Model) -> Option<PictureRef> {
        let picture = self.picture(model)?.hash;
        Some(PictureRef { node: self.node, picture })
    }
}

impl Sheet {
    /// Of what is likeliest to be chosen from: what was just made together, marked ones, what stands
    /// beside the current picture, found ones, everything.
    pub fn new(model: &Model, marked: Vec<NodeId>) -> Self {
        let current = model.current.map(|current| current.node);
        let takes = walk::takes(model);
        let mut scopes = Vec::new();
        if !takes.is_empty() {
            scopes.push(Scope::Sent(takes.to_vec()));
        }
        if marked.len() > 1 {
            scopes.push(Scope::Marked(marked));
        }
        if let Some(current) = current.filter(|node| model.tree.siblings(*node).len() > 1) {
            scopes.push(Scope::Beside(model.tree.parent(current)));
        } else if let Some(current) =
            current.filter(|node| model.tree.children(*node).count() > takes.len())
        {
            scopes.push(Scope::Beside(Some(current)));
        }
        if !model.finder.found.nodes.is_empty() {
            scopes.push(Scope::Found);
        }
        scopes.push(Scope::All);
        let mut sheet = Self {
            scopes,
            scope: 0,
            cells: Vec::new(),
            selected: 0,
            made_of: None,
            labels: RefCell::default(),
            blind: false,
            columns: 0,
            follows_undo: false,
            begun_on: model.current,
        };
        sheet.refresh(model);
        let at = sheet.cells.iter().position(|cell| cell.reference(model) == model.current);
        sheet.selected = at.unwrap_or(0);
        sheet
    }

    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub fn selected(&self) -> usize {
        self.selected
    }

    pub fn selected_cell(&self) -> Option<Cell> {
        self.cells.get(self.selected).copied()
    }

    /// What stands below its pictures; made anew where something of it has changed.
    fn labels(&self, model: &Model) -> Ref<'_, Labels> {
        if !self.labels.borrow_mut().is_current(model) {
            self.labels.replace(Labels::of(model, &self.cells).into());
        }
        Ref::map(self.labels.borrow(), |labels| &**labels)
    }

    /// The picture to show as the current one.
    pub fn picture(&self, model: &Model) -> Option<PictureRef> {
        self.selected_cell()?.reference(model)
    }

    pub fn shows_takes(&self) -> bool {
        matches!(self.scopes.get(self.scope), Some(Scope::Sent(_)))
    }

    /// There is another set to show.
    pub fn has_others(&self) -> bool {
        self.scopes.len() > 1
    }

    /// What the next set is, in few words.
    pub fn next_set(&self) -> Option<&'static str> {
        let next = self.scopes.get((self.scope + 1) % self.scopes.len().max(1));
        next.filter(|_| self.has_others()).map(|next| match next {
            Scope::Sent(_) => "last sending",
            Scope::Marked(_) => "marked ones",
            Scope::Found => "found ones",
            Scope::Beside(Some(_)) => "same parent",
            Scope::Beside(None) => "opened ones",
            Scope::All => "all pictures",
        })
    }

    /// Shows the next set; returns whether there is more than one.
    pub fn next_scope(&mut self, model: &Model) -> bool {
        self.scope = (self.scope + 1) % self.scopes.len().max(1);
        self.made_of = None;
        self.refresh(model);
        self.has_others()
    }

    /// Shows this set, beside those that are offered.
    pub fn show(&mut self, set: Scope, model: &Model) {
        // What is marked now, not what was marked before.
        let is_same = |one: &Scope| match (one, &set) {
            (Scope::Marked(_), Scope::Marked(_)) => true,
            (one, other) => one == other,
        };
        let known = self.scopes.iter().position(is_same);
        if let Some(place) = known.and_then(|at| self.scopes.get_mut(at)) {
            place.clone_from(&set);
        }
        self.scope = known.unwrap_or_else(|| {
            self.scopes.insert(0, set);
            0
        });
        (self.made_of, self.selected) = (None, 0);
        self.refresh(model);
        let at = self.cells.iter().position(|cell| cell.reference(model) == model.current);
        self.selected = at.unwrap_or(0);
    }

    /// Toggles blind mode; keeps the selection.
    pub fn turn_blind(&mut self, model: &Model) {
        self.blind = !self.blind;
        self.made_of = None;
        self.refresh(model);
    }

    pub fn step(&mut self, by: isize) {
        let last = self.cells.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// To the first picture of the next node: marks and ratings are for nodes.
    pub fn step_node(&mut self) {
        let own = self.selected_cell().map(|cell| cell.node);
        let rest = self.cells.iter().enumerate().skip(self.selected);
        let next = rest.into_iter().find(|(_, cell)| Some(cell.node) != own);
        self.selected = next.map_or(self.selected, |(at, _)| at);
    }

    /// What is on it, in words.
    pub fn title(&self, filter: Option<&str>) -> String {
        let count = self.cells.len();
        let what = match self.scopes.get(self.scope) {
            Some(Scope::Sent(_)) => "last sending".into(),
            Some(Scope::Marked(_)) => "marked".into(),
            Some(Scope::Found) => format!("/{}", filter.unwrap_or_default()),
            Some(Scope::Beside(Some(parent))) => format!("from {parent}"),
            Some(Scope::Beside(None)) => "opened".into(),
            Some(Scope::All) | None => "all".into(),
        };
        let blind = if self.blind { " · blind" } else { "" };
        let at = if count == 0 { 0 } else { self.selected + 1 };
        format!("contact sheet · {what} · {at} of {count}{blind}")
    }

    /// Called after every step. Keeps the selection; if the selected picture is gone, the
    /// next one takes its place.
    pub fn refresh(&mut self, model: &Model) {
        let found = match self.scopes.get(self.scope) {
            Some(Scope::Found) => model.finder.found.nodes.clone(),
            Some(Scope::Sent(_) | Scope::Marked(_) | Scope::Beside(_) | Scope::All) | None => {
                Vec::new()
            }
        };
        let known = if self.blind { model.nodes.len() } else { 0 };
        let made_of = Some(MadeOf { version: model.tree.version(), found, known });
        let is_undone = std::mem::take(&mut self.follows_undo);
        if self.made_of == made_of {
            return;
        }
        let is_back = is_undone && self.is_new(model);
        let before = self.selected_cell().filter(|_| !is_back);
        self.cells = self.collect(model);
        self.labels.take();
        self.made_of = made_of;
        let kept = match before {
            Some(cell) => self.cells.iter().position(|other| *other == cell),
            None => self.cells.iter().position(|cell| cell.reference(model) == model.current),
        };
        self.selected = kept.unwrap_or(self.selected).min(self.cells.len().saturating_sub(1));
    }

    /// The current picture was not here before.
    fn is_new(&self, model: &Model) -> bool {
        let is_current = |cell: &Cell| Some(cell.node) == model.current.map(|of| of.node);
        !self.cells.iter().any(is_current)
    }

    fn collect(&self, model: &Model) -> Vec<Cell> {
        let is_shown =
            |node: &NodeId| model.tree.get(*node).is_some_and(|summary| summary.is_shown());
        let nodes: Vec<NodeId> = match self.scopes.get(self.scope) {
            Some(Scope::Sent(nodes) | Scope::Marked(nodes)) => {
                nodes.iter().copied().filter(is_shown).collect()
            }
            Some(Scope::Found) => {
                model.finder.found.nodes.iter().copied().filter(is_shown).collect()
            }
            Some(Scope::Beside(Some(parent))) => model.tree.children(*parent).collect(),
            Some(Scope::Beside(None)) => model.tree.roots().collect(),
            Some(Scope::All) | None => model
                .tree
                .summaries()
                .rev()
                .filter(|summary| summary.is_shown())
                .map(|summary| summary.id)
                .collect(),
        };
        let pictures =
            |node: &NodeId| model.tree.get(*node).map_or(1, |summary| summary.pictures.max(1));
        let places =
            |node: NodeId| (0..usize::from(pictures(&node))).map(move |place| Cell { node, place });
        let mut cells: Vec<Cell> = nodes.into_iter().flat_map(places).collect();
        if self.blind {
            let hash = |cell: &Cell| cell.picture(model).map(|picture| picture.hash);
            // A hash tells nothing of what made the picture; those that are not there yet come last.
            cells.sort_by_cached_key(|cell| hash(cell).unwrap_or(Hash([255; 32])));
        }
        cells
    }
}
