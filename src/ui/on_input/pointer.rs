//! The mouse, where the person has asked for it: a click goes to a pane, the wheel scrolls.

use crossterm::event::{MouseEvent, MouseEventKind};

use super::super::Ui;
use super::super::mode::Mode;
use super::super::panes;
use super::super::region::view::Viewport;
use crate::app::action::Action;
use crate::app::model::Model;

impl Ui {
    pub(super) fn handle_mouse(&mut self, model: &Model, mouse: MouseEvent) -> Vec<Action> {
        if !self.mouse || !self.overlays.is_empty() {
            return Vec::new();
        }
        if let Some(viewport) = Viewport::of(self) {
            let is_on = viewport.contains(mouse.column, mouse.row);
            if is_on || !matches!(mouse.kind, MouseEventKind::Down(_)) {
                self.place_box(viewport.pixel(mouse.column, mouse.row), mouse.kind);
            }
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

    /// The box is taken, moved and let go; one that is begun beside it takes its place.
    fn place_box(&mut self, pixel: (i32, i32), kind: MouseEventKind) {
        let Mode::Region(region) = &mut self.mode else { return };
        match kind {
            MouseEventKind::Down(_) => region.take(pixel),
            MouseEventKind::Drag(_) => region.drag(pixel),
            MouseEventKind::Up(_) => region.let_go(),
            MouseEventKind::Moved
            | MouseEventKind::ScrollDown
            | MouseEventKind::ScrollUp
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => {}
        }
    }
}
