//! Keys of the contact sheet, while it is on the screen.

use super::super::Ui;
use super::super::keys::table::Command;
use super::super::layout::Layout;
use super::super::panes::sheet;
use super::super::sheet::Sheet;
use crate::app::action::Action;
use crate::app::model::Model;
use crate::tree::NodeId;

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
        let marked = self.marked_nodes.iter().copied().collect();
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
            C::Bigger => sheet.columns = (sheet.columns - 1).max(-20),
            C::Tinier => sheet.columns = (sheet.columns + 1).min(20),
            C::Blind => sheet.turn_blind(model),
            C::Show | C::Close | C::Leave => self.sheet = None,
            C::Mark => {
                if let Some(cell) = sheet.selected_cell() {
                    sheet.step(1);
                    super::marks::flip(&mut self.marked_nodes, cell.node);
                }
            }
            C::Pick => {
                return Some(self.choose_cells(model, |node| Action::Star { node, on: true }));
            }
            C::Reject => {
                return Some(self.choose_cells(model, |node| Action::Trash { node, on: true }));
            }
            C::Rate(rating) => {
                return Some(self.choose_cells(model, |node| Action::Rate { node, rating }));
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
    fn choose_cells(&mut self, model: &Model, act: impl Fn(NodeId) -> Action) -> Vec<Action> {
        let marked = std::mem::take(&mut self.marked_nodes);
        if !marked.is_empty() {
            return marked.into_iter().map(act).collect();
        }
        let Some(sheet) = &mut self.sheet else {
            return Vec::new();
        };
        let Some(cell) = sheet.selected_cell() else {
            return Vec::new();
        };
        let action = act(cell.node);
        let goes = matches!(action, Action::Trash { .. });
        let is_last_of_node = cell.picture(model).is_none_or(|_| {
            model.nodes.get(&cell.node).is_none_or(|node| cell.place + 1 >= node.pictures.len())
        });
        // What goes leaves its place to the next one.
        if !goes && is_last_of_node {
            sheet.step(1);
        }
        vec![action]
    }

    fn sheet_columns(&self, model: &Model) -> isize {
        let Some((sheet, layout)) = self.sheet.as_ref().zip(Layout::new(self.area, self.wishes()))
        else {
            return 1;
        };
        let inner = sheet::inside(layout.middle);
        let grid = sheet::grid(inner, model, sheet, self.graphics.cell);
        isize::try_from(grid.columns).unwrap_or(1)
    }
}
