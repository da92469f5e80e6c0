//! The mouse, where the person has asked for it: a click goes to a pane, the wheel scrolls.

use crossterm::event::{MouseEvent, MouseEventKind};

use super::super::Ui;
use super::super::layout::Layout;
use super::super::pane::Pane;
use crate::app::action::{Action, Direction, TreeAction};
use crate::app::model::Model;

impl Ui {
    pub(super) fn handle_mouse(&mut self, model: &Model, mouse: MouseEvent) -> Vec<Action> {
        if !self.mouse || !self.overlays.is_empty() {
            return Vec::new();
        }
        let layout = Layout::new(self.area, self.layout_options());
        let Some(pane) = layout.and_then(|layout| layout.pane_at(mouse.column, mouse.row)) else {
            return Vec::new();
        };
        match mouse.kind {
            MouseEventKind::Down(_) => {
                self.focus_on(pane);
                Vec::new()
            }
            MouseEventKind::ScrollDown => self.scroll(model, pane, 1),
            MouseEventKind::ScrollUp => self.scroll(model, pane, -1),
            MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => Vec::new(),
        }
    }

    /// On the canvas the wheel goes along the branch.
    fn scroll(&mut self, model: &Model, pane: Pane, by: isize) -> Vec<Action> {
        if pane == Pane::Canvas {
            let to = if by < 0 { Direction::Parent } else { Direction::Child };
            return vec![Action::Tree(TreeAction::Go { to, times: 1 })];
        }
        let focus = std::mem::replace(&mut self.focus, pane);
        let actions = self.step_row(model, by);
        self.focus = focus;
        actions
    }
}
