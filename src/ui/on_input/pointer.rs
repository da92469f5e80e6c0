//! The mouse, where the person has asked for it: a click goes to a pane, the wheel scrolls.

use crossterm::event::{MouseEvent, MouseEventKind};

use super::super::Ui;
use super::super::panes;
use crate::app::action::Action;
use crate::app::model::Model;

impl Ui {
    pub(super) fn handle_mouse(&mut self, model: &Model, mouse: MouseEvent) -> Vec<Action> {
        if !self.mouse || !self.overlays.is_empty() {
            return Vec::new();
        }
        let layout = self.screen().layout();
        let Some(pane) = layout.and_then(|layout| layout.pane_at(mouse.column, mouse.row)) else {
            return Vec::new();
        };
        match mouse.kind {
            MouseEventKind::Down(_) => {
                self.focus_on(pane);
                Vec::new()
            }
            MouseEventKind::ScrollDown => (panes::spec(pane).on_wheel)(self, model, 1),
            MouseEventKind::ScrollUp => (panes::spec(pane).on_wheel)(self, model, -1),
            MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => Vec::new(),
        }
    }
}
