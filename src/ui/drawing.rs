//! The parts of the screen, each drawn so that one that breaks leaves the others whole.
//!
//! Knows the order in which they stand over each other, and nothing of what they draw.

use std::cell::LazyCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ratatui::layout::{Position, Rect};

use super::Ui;
use super::frame::Frame;
use super::layout::{Layout, Room};
use super::overlay::{self, question};
use super::pane::Pane;
use super::theme::rgb::Rgb;
use super::{border, cells, details, panes, strip, title};
use crate::app::model::Model;

impl Ui {
    pub(super) fn draw_panes(
        &self,
        layout: &Layout,
        model: &Model,
        frame: &mut Frame,
        block: &LazyCell<details::Block, impl FnOnce() -> details::Block>,
    ) {
        for (pane, slot) in &layout.panes {
            self.part(pane.name(), *slot, frame, |frame| {
                (panes::spec(*pane).draw)(*slot, frame, model, self);
            });
        }
        self.part("details", layout.details, frame, |frame| {
            let (buffer, slot) = (&mut frame.cells, layout.details);
            let title = title::with_words(model, self, slot.width);
            let title = title.unwrap_or_else(|| title::head(model, self, slot.width));
            let is_beside = |canvas: &Rect| canvas.right() < slot.x;
            let area = details::inside(layout, self);
            if area != slot {
                // The mark of the focus stands at the picture, not at its words.
                if layout.slot(Pane::CANVAS).is_some_and(|canvas| is_beside(&canvas)) {
                    let has_keys = panes::has_keys(self, Pane::CANVAS);
                    if has_keys && model.money.confirmation.is_none() {
                        let height = block.rows().saturating_add(1).min(slot.height);
                        border::before(Rect { height, ..slot }, buffer, self.theme());
                    }
                    panes::named(self, Pane::CANVAS, slot, buffer, &title);
                } else {
                    panes::titled(self, Pane::CANVAS, slot, buffer, &title);
                }
                panes::canvas::working(slot, &title, buffer, model, self);
            }
            details::draw(area, buffer, block);
        });
        self.part("strip", layout.strip, frame, |frame| {
            let besides = layout.panes.iter().filter(|(pane, _)| *pane != Pane::PROMPT);
            let slots = besides.map(|(_, slot)| *slot).chain([layout.details]);
            let side = slots.filter(|slot| !slot.is_empty()).map(|slot| slot.x).max();
            strip::draw(layout.strip, &mut frame.cells, model, self, side);
        });
        if let Some((pane, slot)) = layout.over {
            self.part(pane.name(), slot, frame, |frame| {
                border::blank(slot, &mut frame.cells, self.theme());
                frame.covers.push(slot);
                let line = self.theme().lines(false)[0].repeat(usize::from(slot.width));
                cells::put(&mut frame.cells, slot, 0, 0, &line, self.theme().border(false));
                (panes::spec(pane).draw)(slot, frame, model, self);
            });
        }
        if layout.slot(Pane::PROMPT).is_some() {
            self.part("rule", layout.rule, frame, |frame| {
                panes::prompt::rule(layout.rule, &mut frame.cells, model, self);
            });
        }
    }

    /// A part of the screen; when its drawing panics, its name and a sentence stand in its place.
    pub(super) fn part(
        &self,
        name: &'static str,
        slot: Rect,
        frame: &mut Frame,
        draw: impl FnOnce(&mut Frame),
    ) {
        let (placements, covers) = (frame.placements.len(), frame.covers.len());
        let cursor = frame.cursor;
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            draw(frame);
            assert!(self.breaks != Some(name), "`{name}` breaks on purpose");
        }));
        if drawn.is_err() {
            frame.placements.truncate(placements);
            frame.covers.truncate(covers);
            frame.cursor = cursor;
            frame.broken.push(name);
            border::broken(slot, &mut frame.cells, self.theme(), name);
        }
    }

    pub(super) fn draw_overlays(&self, layout: &Layout, model: &Model, frame: &mut Frame) {
        let theme = self.theme();
        let room = self.room(layout);
        for overlay in &self.overlays {
            let slot = overlay::area(overlay.as_ref(), room);
            self.part("overlay", slot, frame, |frame| {
                frame.cursor = overlay::draw(overlay.as_ref(), slot, &mut frame.cells, theme);
            });
            frame.covers.push(slot);
        }
        if let Some(asked) = &model.money.confirmation {
            let slot = question::area(asked, room);
            self.part("question", slot, frame, |frame| {
                frame.cursor = question::draw(asked, &self.answer, slot, &mut frame.cells, theme);
            });
            frame.covers.push(slot);
        } else if let Some(overlay) = self.overlays.last() {
            // Only what nothing else can cover.
            let slot = overlay::area(overlay.as_ref(), room);
            let inner = overlay::inside(slot);
            frame.placements.extend(overlay.placements(inner, self.graphics.cell));
        }
    }

    fn room(&self, layout: &Layout) -> Room {
        let protocol = self.graphics.protocol.as_str();
        let keeps_pictures =
            protocol.starts_with("kitty") || ["blocks", "none"].contains(&protocol);
        Room { keeps_pictures, ..layout.room(self.sheet().is_none()) }
    }

    /// Not all of the question on top is seen at once.
    pub(super) fn is_long(&self, model: &Model) -> bool {
        let Some(layout) = self.screen().layout() else { return false };
        let room = self.room(&layout);
        match (&model.money.confirmation, self.overlays.last()) {
            (Some(asked), _) => question::is_long(asked, question::area(asked, room)),
            (None, Some(overlay)) => {
                let overlay = overlay.as_ref();
                overlay.is_long(overlay::inside(overlay::area(overlay, room)))
            }
            (None, None) => false,
        }
    }

    /// What is left of the row of siblings beside a box that cuts their pictures tells nothing.
    pub(super) fn clear_cut_siblings(&self, layout: &Layout, frame: &mut Frame) {
        let canvas = layout.slot(Pane::CANVAS).filter(|_| self.sheet().is_none());
        let below = canvas.map(|canvas| self.screen().shape.rows_of(canvas).below);
        let Frame { covers, placements, cells, .. } = frame;
        let Some(below) = below.filter(|it| covers.iter().any(|cover| cover.intersects(*it)))
        else {
            return;
        };
        placements.retain(|it| it.is_on_top || it.area.intersection(below) != it.area);
        let is_free = |at: &Position| !covers.iter().any(|cover| cover.contains(*at));
        for at in below.positions().filter(is_free) {
            border::blank(Rect { x: at.x, y: at.y, width: 1, height: 1 }, cells, self.theme());
        }
    }

    /// What pictures go back to behind a box that lies over what one looks at: beside it they stay as
    /// they are.
    pub(super) fn veil(&self, layout: &Layout, frame: &Frame, below: usize) -> Option<Rgb> {
        let boxes = frame.covers.get(below..).unwrap_or_default();
        let canvas = layout.slot(Pane::CANVAS).filter(|_| self.sheet().is_none());
        let room = canvas.map(|canvas| self.screen().shape.rows_of(canvas).picture);
        let is_looked_at = |area: Rect| room.is_none_or(|room| room.intersects(area));
        let mut seen = frame.placements.iter().filter(|it| !it.is_on_top && is_looked_at(it.area));
        let is_over = seen.any(|it| boxes.iter().any(|over| over.intersects(it.area)));
        self.theme().veil().filter(|_| is_over)
    }

    /// Something stands in front of the panes, whose words go back.
    pub(super) fn is_covered(&self, model: &Model) -> bool {
        !self.overlays.is_empty() || model.money.confirmation.is_some()
    }
}
