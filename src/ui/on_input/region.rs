//! Keys of a box that is being placed on the picture.

use super::super::Ui;
use super::super::compare::{Compare, Zoom};
use super::super::keys::table::{Command, KeyContext, RegionCommand};
use super::super::layout::Layout;
use super::super::overlay::commands::keys_of;
use super::super::pane::Pane;
use super::super::panes::region::Viewport;
use super::super::region::{RegionEdit, RegionSelector, Use};
use crate::app::action::Action;
use crate::app::model::Model;

impl Ui {
    pub(super) fn begin_box(&mut self, model: &Model, command: Command) -> Vec<Action> {
        let usage = if command == Command::Crop { Use::Frame } else { Use::Cue };
        let known = model.current.and_then(|current| Some((current, model.picture(current)?)));
        let Some((on, picture)) = known.filter(|(_, picture)| picture.is_picture()) else {
            return Self::say("there is no picture to place a box on");
        };
        self.focus_on(Pane::Canvas);
        (self.zoom, self.compare) = (Zoom::default(), Compare::Off);
        self.region = Some(RegionSelector::new(on, usage, (picture.width, picture.height)));
        Vec::new()
    }

    /// While it is there every key is its own.
    pub(super) fn handle_box(&mut self, pressed: &str) -> Vec<Action> {
        if matches!(pressed, "f1" | "?") {
            let title = "keys of the box: Esc closes this";
            return self.put_on_top(keys_of(KeyContext::OnRegion, title));
        }
        let Some(command) = self.keymap.find_in_box(pressed) else {
            let digit = pressed.parse::<u16>().ok().filter(|digit| *digit < 10);
            return match digit {
                Some(digit) => {
                    let count = self.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
                    self.count = Some(count.min(999));
                    Vec::new()
                }
                None => self.refuse(pressed),
            };
        };
        let times = i32::from(self.count.take().unwrap_or(1).max(1));
        let step = self.box_step();
        let Some(region) = &mut self.region else {
            return Vec::new();
        };
        match command {
            Command::OnRegion(RegionCommand::Move(x, y)) => {
                let (x, y) = (i32::from(x) * times, i32::from(y) * times);
                region.nudge(RegionEdit::Move { x, y }, step);
            }
            Command::OnRegion(RegionCommand::Grow(x, y)) => {
                let (x, y) = (i32::from(x) * times, i32::from(y) * times);
                region.nudge(RegionEdit::Grow { x, y }, step);
            }
            Command::OnRegion(RegionCommand::Turn) => region.cycle_shape(),
            Command::OnRegion(RegionCommand::Make) => {
                let (on, annotation) = (region.on, region.annotation());
                self.region = None;
                self.focus_on(Pane::Prompt);
                return vec![Action::Annotate { on, annotation }];
            }
            // Esc: the table gives this place no other command.
            _ => self.region = None,
        }
        Vec::new()
    }

    fn box_step(&self) -> (i32, i32) {
        let layout = Layout::new(self.area, self.layout_options());
        let slot = layout.and_then(|layout| layout.slot(Pane::Canvas));
        let ground = slot.zip(self.region.as_ref());
        let ground =
            ground.and_then(|(slot, region)| Viewport::new(slot, self.graphics.cell, region));
        ground.map_or((16, 16), |ground| ground.step())
    }
}
