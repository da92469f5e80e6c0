//! A box on the picture: begun for a cue or a crop, moved and sized by keys, made or left.

use super::{Args, CommandRow};
use crate::app::action::{Action, DraftAction, PictureAction};
use crate::app::model::Model;
use crate::schema::regions::{self, Region};
use crate::tree::{Node, PictureRef};
use crate::ui::Ui;
use crate::ui::compare::Zoom;
use crate::ui::mode::KeyContext::{ByName, Normal, OnRegion};
use crate::ui::mode::Mode;
use crate::ui::overlay::box_words::BoxWords;
use crate::ui::pane::Pane;
use crate::ui::region::view::Viewport;
use crate::ui::region::{RegionEdit, RegionSelector, Use};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("cue", Normal, &["M"], "draw a box or arrow; the prompt refers to it; where the model reads boxes it has words of its own", |ui, model, _| begin_cue(ui, model)).sought_as(&["box", "point", "mark", "mask", "area", "select", "region"]),
    CommandRow::new("crop", ByName, &[], "crop or extend the picture", |ui, model, _| begin(ui, model, Use::Frame)).sought_as(&["cut", "trim", "outpaint", "expand", "ratio", "aspect", "resize", "frame"]),
    CommandRow::new("box-left", OnRegion, &["h", "left"], "move left; a count before it repeats", |ui, _, args| shift(ui, &args, -1, 0)).counted(),
    CommandRow::new("box-right", OnRegion, &["l", "right"], "move right", |ui, _, args| shift(ui, &args, 1, 0)).counted(),
    CommandRow::new("box-up", OnRegion, &["k", "up"], "move up", |ui, _, args| shift(ui, &args, 0, -1)).counted(),
    CommandRow::new("box-down", OnRegion, &["j", "down"], "move down", |ui, _, args| shift(ui, &args, 0, 1)).counted(),
    CommandRow::new("box-narrower", OnRegion, &["H", "shift-left"], "make it narrower", |ui, _, args| grow(ui, &args, -1, 0)).counted(),
    CommandRow::new("box-wider", OnRegion, &["L", "shift-right"], "make it wider", |ui, _, args| grow(ui, &args, 1, 0)).counted(),
    CommandRow::new("box-lower", OnRegion, &["K", "shift-up"], "make it shorter", |ui, _, args| grow(ui, &args, 0, -1)).counted(),
    CommandRow::new("box-higher", OnRegion, &["J", "shift-down"], "make it taller", |ui, _, args| grow(ui, &args, 0, 1)).counted(),
    CommandRow::new("box-turn", OnRegion, &["t"], "take the next shape; box or arrow, or the crop's ratio", cycle_shape),
    CommandRow::new("box-step", OnRegion, &["s"], "change the step; a cell, one pixel, large", cycle_step),
    CommandRow::new("box-next", OnRegion, &["tab"], "go to the next box; of those with words", next_box),
    CommandRow::new("box-new", OnRegion, &["n"], "keep this box, draw another", another),
    CommandRow::new("box-drop", OnRegion, &["x"], "remove this box", drop_box),
    CommandRow::new("box-again", OnRegion, &["u"], "take the picture's boxes again; those it was made with", again),
    CommandRow::new("box-make", OnRegion, &["enter"], "apply it, free; of a box with words: what to change in it", make),
    CommandRow::new("box-leave", OnRegion, &["esc", "q"], "cancel; what has moved of boxes with words stays", leave),
];

fn begin_cue(ui: &mut Ui, model: &Model) -> Vec<Action> {
    let usage = if model.takes_boxes() { Use::Region(None) } else { Use::Cue };
    begin(ui, model, usage)
}

fn begin(ui: &mut Ui, model: &Model, usage: Use) -> Vec<Action> {
    let known = model.current.and_then(|current| Some((current, model.picture(current)?)));
    let Some((on, picture)) = known.filter(|(_, picture)| picture.is_picture()) else {
        return Ui::say("no picture to draw on");
    };
    ui.zoom = Zoom::default();
    ui.comparing.end();
    let selector = RegionSelector::new(on, usage, (picture.width, picture.height));
    // A box that was made for another model is where the red one begins.
    let known = model.draft.regions.first().filter(|_| usage == Use::Cue);
    let begun = known.map_or(selector, |region| selector.of_region(0, region.part));
    let begun = begun.used_as(usage);
    ui.mode = Mode::Region(begun.beside(on_picture(model, begun.on, usage)));
    Vec::new()
}

/// The draft's boxes with the one that is being moved; `None`: it is no box with words.
fn regions_with(model: &Model, region: &RegionSelector) -> Option<(Vec<Region>, usize)> {
    let Use::Region(at) = region.usage else { return None };
    let mut regions = on(model, region).to_vec();
    let part = region.part()?;
    let at = at.unwrap_or(regions.len());
    match regions.get_mut(at) {
        Some(known) => known.part = part,
        None => regions.push(Region { part, words: String::new() }),
    }
    Some((regions, at))
}

/// What has moved is kept; a new box is kept where it is said to be.
fn keep(model: &Model, region: &RegionSelector, is_wanted: bool) -> Vec<Action> {
    let is_known = matches!(region.usage, Use::Region(Some(_)));
    let kept = regions_with(model, region).filter(|_| is_known || is_wanted);
    kept.map_or_else(Vec::new, |(regions, _)| {
        starts_here(model, region)
            .into_iter()
            .chain([Action::Draft(DraftAction::SetRegions(regions))])
            .collect()
    })
}

/// Boxes are of the picture that the draft goes on from.
fn starts_here(model: &Model, region: &RegionSelector) -> Option<Action> {
    let is_other = model.draft.parent != Some(region.on);
    is_other.then_some(Action::Draft(DraftAction::Parent(Some(region.on))))
}

/// The draft's boxes, if they are this picture's.
fn on<'model>(model: &'model Model, region: &RegionSelector) -> &'model [Region] {
    on_picture(model, region.on, region.usage)
}

fn on_picture(model: &Model, on: PictureRef, usage: Use) -> &[Region] {
    let is_theirs = model.draft.parent == Some(on) && matches!(usage, Use::Region(_));
    if is_theirs { &model.draft.regions } else { &[] }
}

fn next_box(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    let Use::Region(at) = region.usage else { return Ui::say("there is only one box") };
    let count = on(model, &region).len();
    let next = at.map_or(0, |at| at + 1) % count.max(1);
    let Some(known) = on(model, &region).get(next) else {
        return Ui::say("there is no other box yet");
    };
    ui.mode = Mode::Region(region.of_region(next, known.part));
    keep(model, &region, false)
}

fn another(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    let Use::Region(at) = region.usage else { return Ui::say("there is only one box") };
    let count = on(model, &region).len() + usize::from(at.is_none());
    if count >= regions::MOST {
        return Ui::say("these are as many boxes as a prompt can tell apart");
    }
    let kept = regions_with(model, &region).map(|(regions, _)| regions).unwrap_or_default();
    let new = RegionSelector::new(region.on, Use::Region(None), region.size);
    ui.mode = Mode::Region(new.beside(&kept));
    keep(model, &region, true)
}

fn drop_box(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    ui.mode = Mode::Pane;
    let Use::Region(Some(at)) = region.usage else { return Vec::new() };
    let mut regions = on(model, &region).to_vec();
    if at < regions.len() {
        regions.remove(at);
    }
    if let Some(last) = regions.last() {
        ui.mode = Mode::Region(region.of_region(regions.len() - 1, last.part));
    }
    vec![Action::Draft(DraftAction::SetRegions(regions))]
}

/// Of the picture that is shown, else of the nearest before it that was made by boxes.
fn again(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    let Use::Region(_) = region.usage else { return Ui::say("this model reads no boxes") };
    let parent = |node: &&Node| model.nodes.get(&node.parent?.node);
    let mut line = std::iter::successors(model.nodes.get(&region.on.node), parent);
    let used = line.find_map(|node| {
        Some(node.recipe.as_ref()?.regions()).filter(|regions| !regions.is_empty())
    });
    let Some(used) = used else { return Ui::say("no picture of this branch was made by boxes") };
    if let Some(first) = used.first() {
        ui.mode = Mode::Region(region.of_region(0, first.part));
    }
    starts_here(model, &region)
        .into_iter()
        .chain([Action::Draft(DraftAction::SetRegions(used))])
        .collect()
}

fn leave(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    ui.leave_mode();
    keep(model, &region, false)
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
    let viewport = Viewport::of(ui);
    let Mode::Region(region) = &mut ui.mode else { return Vec::new() };
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

/// Goes to the prompt, which can refer to the box; a frame has nothing to say.
fn make(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let Mode::Region(region) = ui.mode else { return Vec::new() };
    ui.leave_mode();
    if region.usage != Use::Frame {
        ui.focus_on(Pane::PROMPT);
    }
    if let Some((regions, at)) = regions_with(model, &region) {
        ui.put_on_top(BoxWords::new(regions, at));
        return keep(model, &region, true);
    }
    vec![Action::Picture(PictureAction::Annotate {
        on: region.on,
        annotation: region.annotation(),
    })]
}
