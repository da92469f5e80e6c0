//! Keys of the contact sheet, while it is on the screen.

use std::collections::BTreeSet;

use super::super::Ui;
use super::super::keys::table::{Command, SheetCommand};
use super::super::layout::Layout;
use super::super::panes::sheet;
use super::super::sheet::Sheet;
use crate::app::action::{Action, DraftAction, TreeAction};
use crate::app::model::Model;
use crate::tree::NodeId;
use crate::tree::decision::Mark;

impl Ui {
    /// Opens it; again: other pictures.
    pub(super) fn open_sheet(&mut self, model: &Model) -> Vec<Action> {
        if model.tree.is_empty() {
            return Self::say("there are no pictures yet");
        }
        if let Some(sheet) = &mut self.sheet {
            let has_others = sheet.next_scope(model);
            return if has_others { Vec::new() } else { Self::say("these are all the pictures") };
        }
        let marked = self.selected_nodes.iter().copied().collect();
        self.sheet = Some(Sheet::new(model, marked));
        Vec::new()
    }

    /// What only the sheet knows; `None`: the general meaning.
    pub(super) fn perform_on_sheet(
        &mut self,
        model: &Model,
        command: Command,
    ) -> Option<Vec<Action>> {
        use Command as C;
        let columns = self.sheet_columns(model);
        let sheet = self.sheet.as_mut()?;
        match command {
            C::NextSibling => sheet.step(1),
            C::PreviousSibling => sheet.step(-1),
            C::Down => sheet.step(columns),
            C::Up => sheet.step(-columns),
            C::OnSheet(SheetCommand::Bigger) => sheet.columns = (sheet.columns - 1).max(-20),
            C::OnSheet(SheetCommand::Tinier) => sheet.columns = (sheet.columns + 1).min(20),
            C::OnSheet(SheetCommand::Blind) => sheet.turn_blind(model),
            C::OnSheet(SheetCommand::Show) => {
                let chosen = sheet.picture(model);
                self.sheet = None;
                // A draft with words keeps the picture that it was begun on.
                let is_free = model.draft.prompt.is_empty();
                let chosen = chosen.filter(|_| is_free);
                return Some(
                    chosen
                        .map(|picture| Action::Draft(DraftAction::Parent(Some(picture))))
                        .into_iter()
                        .collect(),
                );
            }
            C::Close | C::Leave => self.sheet = None,
            C::Mark => {
                if let Some(cell) = sheet.selected_cell() {
                    sheet.step_node();
                    super::marks::flip(&mut self.selected_nodes, cell.node);
                }
            }
            C::OnSheet(SheetCommand::Pick) => {
                return Some(self.choose_cells(|node| Action::mark(node, Mark::Star(true))));
            }
            C::OnSheet(SheetCommand::Reject) => {
                let actions = self.choose_cells(|node| Action::mark(node, Mark::Trash(true)));
                return Some(self.ask_trash(model, actions));
            }
            C::OnSheet(SheetCommand::Rate(rating)) => {
                return Some(self.choose_cells(|node| Action::mark(node, Mark::Rating(rating))));
            }
            // The canvas is where two pictures are compared.
            C::Compare | C::CompareMode => {
                self.sheet = None;
                return None;
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    /// The marked ones, else the selected one; then on to the next.
    fn choose_cells(&mut self, act: impl Fn(NodeId) -> Action) -> Vec<Action> {
        let Some(sheet) = &mut self.sheet else {
            return Vec::new();
        };
        // Marks from elsewhere are for elsewhere.
        let here: BTreeSet<NodeId> = sheet.cells().iter().map(|cell| cell.node).collect();
        let marked: Vec<NodeId> = self.selected_nodes.intersection(&here).copied().collect();
        if !marked.is_empty() {
            self.selected_nodes.retain(|node| !here.contains(node));
            return marked.into_iter().map(act).collect();
        }
        let Some(cell) = sheet.selected_cell() else {
            return Vec::new();
        };
        let action = act(cell.node);
        // What goes leaves its place to the next one.
        if !matches!(action, Action::Tree(TreeAction::Mark { mark: Mark::Trash(_), .. })) {
            sheet.step_node();
        }
        vec![action]
    }

    fn sheet_columns(&self, model: &Model) -> isize {
        let Some((sheet, layout)) =
            self.sheet.as_ref().zip(Layout::new(self.area, self.layout_options()))
        else {
            return 1;
        };
        let inner = sheet::inside(layout.middle);
        let grid = sheet::grid(inner, model, sheet, self.graphics.cell);
        isize::try_from(grid.columns).unwrap_or(1)
    }
}
