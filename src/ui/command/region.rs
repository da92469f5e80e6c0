//! A box on the picture: begun for a cue or a crop, moved and sized by keys, made or left.

use super::{Args, CommandRow};
use crate::app::action::{Action, PictureAction};
use crate::app::model::Model;
use crate::ui::Ui;
use crate::ui::compare::{Compare, Zoom};
use crate::ui::mode::KeyContext::{ByName, Normal, OnRegion};
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;
use crate::ui::region::view::Viewport;
use crate::ui::region::{RegionEdit, RegionSelector, Use};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("cue", Normal, &["M"], "draw a red box or arrow for the prompt to refer to", |ui, model, _| begin(ui, model, Use::Cue)).sought_as(&["box", "point", "mark", "mask", "area", "select"]),
    CommandRow::new("crop", ByName, &[], "crop or extend the picture", |ui, model, _| begin(ui, model, Use::Frame)).sought_as(&["cut", "trim", "outpaint", "expand", "ratio", "aspect", "resize", "frame"]),
    CommandRow::new("box-left", OnRegion, &["h", "left"], "move left; a count before it repeats", |ui, _, args| shift(ui, &args, -1, 0)).counted(),
    CommandRow::new("box-right", OnRegion, &["l", "right"], "move right", |ui, _, args| shift(ui, &args, 1, 0)).counted(),
    CommandRow::new("box-up", OnRegion, &["k", "up"], "move up", |ui, _, args| shift(ui, &args, 0, -1)).counted(),
    CommandRow::new("box-down", OnRegion, &["j", "down"], "move down", |ui, _, args| shift(ui, &args, 0, 1)).counted(),
    CommandRow::new("box-narrower", OnRegion, &["H", "shift-left"], "narrower", |ui, _, args| grow(ui, &args, -1, 0)).counted(),
    CommandRow::new("box-wider", OnRegion, &["L", "shift-right"], "wider", |ui, _, args| grow(ui, &args, 1, 0)).counted(),
    CommandRow::new("box-lower", OnRegion, &["K", "shift-up"], "shorter", |ui, _, args| grow(ui, &args, 0, -1)).counted(),
    CommandRow::new("box-higher", OnRegion, &["J", "shift-down"], "taller", |ui, _, args| grow(ui, &args, 0, 1)).counted(),
    CommandRow::new("box-turn", OnRegion, &["t"], "next shape: box or arrow, or the crop's ratio", cycle_shape),
    CommandRow::new("box-step", OnRegion, &["s"], "steps: a cell, one pixel, large", cycle_step),
    CommandRow::new("box-make", OnRegion, &["enter"], "apply: makes a new picture, free", make),
    CommandRow::new("box-leave", OnRegion, &["esc", "q"], "cancel", |ui, _, _| ui.leave_mode()),
];

fn begin(ui: &mut Ui, model: &Model, usage: Use) -> Vec<Action> {
    let known = model.current.and_then(|current| Some((current, model.picture(current)?)));
    let Some((on, picture)) = known.filter(|(_, picture)| picture.is_picture()) else {
        return Ui::say("no picture to draw on");
    };
    ui.focus_on(Pane::CANVAS);
    (ui.zoom, ui.comparing.mode) = (Zoom::default(), Compare::Off);
    ui.mode = Mode::Region(RegionSelector::new(on, usage, (picture.width, picture.height)));
    Vec::new()
}

fn shift(ui: &mut Ui, args: &Args, x: i32, y: i32) -> Vec<Action> {
    let times = i32::from(args.times());
    edit(ui, RegionEdit::Move { x: x * times, y: y * times })
}

fn grow(ui: &mut Ui, args: &Args, x: i32, y: i32) -> Vec<Action> {
    let times = i32::from(args.times());
    edit(ui, RegionEdit::Grow { x: x * times, y: y * times })
}

/// In steps of a cell of the screen.
fn edit(ui: &mut Ui, edit: RegionEdit) -> Vec<Action> {
    let screen = ui.screen();
    let canvas = screen.layout().and_then(|layout| layout.slot(Pane::CANVAS));
    let slot = canvas.map(|canvas| screen.shape.rows_of(canvas).picture);
    let Mode::Region(region) = &mut ui.mode else { return Vec::new() };
    let viewport = slot.and_then(|slot| Viewport::new(slot, ui.graphics.cell, region));
    region.nudge(edit, viewport.map_or((16, 16), |viewport| viewport.step()));
    Vec::new()
}

fn cycle_step(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    if let Mode::Region(region) = &mut ui.mode {
        region.cycle_step();
    }
    Vec::new()
}

fn cycle_shape(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    if let Mode::Region(region) = &mut ui.mode {
        region.cycle_shape();
    }
    Vec::new()
}

/// Goes to the prompt, which can refer to the box.
fn make(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    ui.focus_on(Pane::PROMPT);
    vec![Action::Picture(PictureAction::Annotate {
        on: region.on,
        annotation: region.annotation(),
    })]
}
