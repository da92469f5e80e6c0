//! The canvas: the picture, what it is, and what it is compared with.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::{PaneSpec, Slot};
use crate::app::action::{Action, Bounds, Direction, TreeAction};
use crate::app::compare::HealPreview;
use crate::app::job::Job;
use crate::app::model::Model;
use crate::tree::{Hash, PictureRef};
use crate::ui::Ui;
use crate::ui::cells::{cut, middle, put, put_right};
use crate::ui::command::CommandRow;
use crate::ui::compare::{Compare, Zoom};
use crate::ui::frame::{self, Frame, Placement, Sketch};
use crate::ui::healing::Healing;
use crate::ui::hint;
use crate::ui::layout::shape::CanvasRows;
use crate::ui::letterbox::fitted;
use crate::ui::mode::KeyContext::{Everywhere, In, Normal};
use crate::ui::mode::Mode;
use crate::ui::pane::Pane;
use crate::ui::region;
use crate::ui::theme::{Mark, Role};
use crate::ui::title::{head, with_words};

mod compared;
mod filmstrip;

pub const PANE: PaneSpec = PaneSpec {
    commands: ROWS,
    on_key: pan,
    on_wheel,
    ..PaneSpec::new(Pane::CANVAS, 'c', Slot::Middle, draw)
};

#[rustfmt::skip]
const ROWS: &[CommandRow] = &[
    CommandRow::new("canvas", Everywhere, &["alt-6"], "go to the canvas", |ui, _, _| ui.go_to(Pane::CANVAS)),
    CommandRow::new("zoom-in", In(Pane::CANVAS), &["="], "zoom in", |ui, _, _| zoom(ui, 1)).sought_as(&["magnify", "enlarge", "bigger"]),
    CommandRow::new("zoom-out", In(Pane::CANVAS), &["-"], "zoom out", |ui, _, _| zoom(ui, -1)).sought_as(&["smaller"]),
    CommandRow::new("fit", In(Pane::CANVAS), &["0"], "show the whole picture", |ui, _, _| { ui.zoom = Zoom::default(); Vec::new() }).sought_as(&["reset zoom", "unzoom"]),
    CommandRow::new("one-to-one", In(Pane::CANVAS), &["#"], "show the original size; one picture pixel per screen pixel", |ui, _, _| { ui.zoom.is_original = !ui.zoom.is_original; Vec::new() }),
    CommandRow::new("exact", Normal, &["!"], "turn full quality on or off", |ui, _, _| lossless(ui)).in_modes().sought_as(&["lossless", "sharp", "blurry"]),
    CommandRow::new("align", In(Pane::CANVAS), &["x"], "align compared pictures or not", |ui, _, _| { ui.comparing.align = !ui.comparing.align; Vec::new() }),
];

fn zoom(ui: &mut Ui, by: i32) -> Vec<Action> {
    ui.zoom.is_original = false;
    ui.zoom.level = ui.zoom.level.saturating_add_signed(by).min(5);
    Vec::new()
}

fn lossless(ui: &mut Ui) -> Vec<Action> {
    ui.lossless = !ui.lossless;
    Ui::say(match ui.lossless {
        true => "full quality on",
        false => "full quality off: as sharp as the connection allows",
    })
}

/// The wheel goes along the branch.
fn on_wheel(_: &mut Ui, _: &Model, by: isize) -> Vec<Action> {
    let to = if by < 0 { Direction::Parent } else { Direction::Child };
    vec![Action::Tree(TreeAction::Go { to, times: 1 })]
}

/// Arrows move the line of a wipe, or pan a zoomed picture.
fn pan(ui: &mut Ui, key: &KeyEvent) -> Option<Vec<Action>> {
    let (zoom, wipe) = (&mut ui.zoom, &mut ui.comparing.wipe);
    if zoom.level == 0 && !zoom.is_original {
        if ui.comparing.mode != Compare::Wipe {
            return None;
        }
        match key.code {
            KeyCode::Left => *wipe = wipe.saturating_sub(1),
            KeyCode::Right => *wipe = (*wipe + 1).min(16),
            _ => return None,
        }
        return Some(Vec::new());
    }
    match key.code {
        KeyCode::Left => zoom.x -= 2,
        KeyCode::Right => zoom.x += 2,
        KeyCode::Up => zoom.y -= 2,
        KeyCode::Down => zoom.y += 2,
        _ => return None,
    }
    // How large the part is that stands one to one only the picture knows.
    let most = 8 << if zoom.is_original { 5 } else { zoom.level.min(5) };
    zoom.x = zoom.x.clamp(-most, most);
    zoom.y = zoom.y.clamp(-most, most);
    Some(Vec::new())
}

fn draw(area: Rect, frame: &mut Frame, model: &Model, ui: &Ui) {
    let rows = ui.screen().shape.rows_of(area);
    if !rows.title.is_empty() {
        let columns = rows.title.width;
        let title = with_words(model, ui, columns).unwrap_or_else(|| head(model, ui, columns));
        super::titled(ui, Pane::CANVAS, rows.title, &mut frame.cells, &title);
        working(rows.title, &title, &mut frame.cells, model, ui);
    }
    if let Mode::Region(region) = &ui.mode {
        let (placement, corners) =
            region::view::draw(rows.picture, &mut frame.cells, model, ui, region);
        frame.placements.extend(placement);
        frame.covers.extend(corners);
        return;
    }
    let placements = draw_picture(rows, &mut frame.cells, model, ui);
    frame.placements.extend(placements);
    if let Some(current) = ui.seen(model) {
        let placements = filmstrip::draw(rows.below, &mut frame.cells, model, ui, current);
        frame.placements.extend(placements);
    }
}

/// What is being made meanwhile, where one looks: one in its words, of several as many as fit.
pub fn working(area: Rect, title: &str, buffer: &mut Buffer, model: &Model, ui: &Ui) {
    let first = model.jobs.counts().first_under_way;
    let Some((id, job)) = first.and_then(|id| model.jobs.get_key_value(&id)) else {
        return;
    };
    let used = u16::try_from(title.width()).unwrap_or(u16::MAX).saturating_add(super::TITLE);
    let sign = ui.theme().mark(Mark::Running);
    let seconds = |job: &Job| model.now.since(job.sent_at.unwrap_or(job.at)).max(0) / 1_000;
    let room = usize::from(area.width.saturating_sub(used + 2));
    let text = match model.jobs.counts().under_way {
        0 | 1 => {
            let (before, after) =
                (format!("{sign} {} ", job.node), format!(" {} s ", seconds(job)));
            let room = room.saturating_sub(before.width() + after.width());
            let words = cut(&job.spec.recipe.caption().replace('\n', " "), room.min(40));
            format!("{before}{words}{after}")
        }
        _ => {
            let all = model.jobs.range(id..).filter(|(_, job)| job.state.is_under_way());
            // Where the seconds do not fit its number does.
            let mut text = sign.to_owned();
            for (place, (_, job)) in all.enumerate() {
                let gap = if place == 0 { " " } else { " · " };
                let whole = format!("{gap}{} {} s", job.node, seconds(job));
                let fits = |told: &String| text.width() + told.width() < room;
                let Some(told) = [whole, format!("{gap}{}", job.node)].into_iter().find(fits)
                else {
                    break;
                };
                text.push_str(&told);
            }
            if text == sign {
                return;
            }
            text + " "
        }
    };
    put_right(buffer, area, used, 0, &text, ui.theme().role(Role::Running));
}

fn draw_picture(rows: CanvasRows, buffer: &mut Buffer, model: &Model, ui: &Ui) -> Vec<Placement> {
    let theme = ui.theme();
    let space = rows.picture;
    if space.width < 4 || space.height < 3 {
        return Vec::new();
    }
    let Some(current) = ui.seen(model) else {
        let open = format!("open one:  {}, or editree PICTURE", hint::way(ui, "open"));
        let lines = [
            if model.session.is_safe_start {
                "safe start: choose a picture in the tree to show it"
            } else {
                "no picture yet"
            },
            open.as_str(),
            "or describe a picture and press Enter",
        ];
        for (line, text) in lines.iter().enumerate() {
            put(buffer, space, 2, line as u16 + 1, text, theme.dim());
        }
        return Vec::new();
    };
    if let Some(file) = model.picture(current).filter(|file| !file.is_picture()) {
        let kilobytes = file.bytes.div_ceil(1_000);
        let what = format!("not an image: {}, {kilobytes} kB", file.format);
        put(buffer, space, 2, 1, &what, theme.text());
        put(buffer, space, 2, 2, "o open  y p copy its path  y i copy an scp command", theme.dim());
        return Vec::new();
    }
    if model.is_filtered(current) {
        if let Some(sent) = model.stands_in(current) {
            return dimmed(space, model, ui, sent).into_iter().collect();
        }
        let words = format!("{} filtered by the service", theme.mark(Mark::Filtered));
        let again = format!("{} new seed", hint::way(ui, "reroll"));
        let lines = [(words, theme.role(Mark::Filtered.role())), (again, theme.dim())];
        for (y, (line, style)) in (space.height / 2..).zip(&lines) {
            put(buffer, space, middle(space.width, line), y, line, *style);
        }
        return Vec::new();
    }
    if model.picture(current).is_none() {
        put(buffer, space, 2, space.height / 2, &format!("loading {}…", current.node), theme.dim());
    }
    if let Mode::Heal(healing) = &ui.mode {
        return tried(space, model, ui, healing).into_iter().collect();
    }
    match ui.compare_with(model) {
        Some(base) => compared::draw(space, buffer, model, ui, (base, current)),
        None => {
            let placement = shown(space, model, ui, current);
            placement.map(|placement| with_boxes(placement, model, current)).into_iter().collect()
        }
    }
}

/// It is seen that this is not what was made.
fn dimmed(space: Rect, model: &Model, ui: &Ui, sent: PictureRef) -> Option<Placement> {
    let (placement, picture) = shown(space, model, ui, sent).zip(model.picture(sent))?;
    let of = (picture.width, picture.height);
    let seen = Bounds { x: 0, y: 0, width: of.0, height: of.1 };
    let sketch = Sketch { of, seen, shapes: vec![frame::Mark::Dimmed] };
    Some(Placement { sketch: placement.crop.is_none().then_some(sketch), ..placement })
}

/// The draft's boxes on the picture that they are for, while all of it is seen.
fn with_boxes(placement: Placement, model: &Model, current: PictureRef) -> Placement {
    let is_theirs = model.draft.parent == Some(current) && model.takes_boxes();
    let picture = model.picture(current).filter(|_| is_theirs && placement.crop.is_none());
    let Some(size) = picture.map(|picture| (picture.width, picture.height)) else {
        return placement;
    };
    let shapes = region::view::boxes(&model.draft.regions, size, false);
    let seen = Bounds { x: 0, y: 0, width: size.0, height: size.1 };
    let sketch = (!shapes.is_empty()).then_some(Sketch { of: size, seen, shapes });
    Placement { sketch, ..placement }
}

/// The heal preview, or the picture as it is.
fn tried(space: Rect, model: &Model, ui: &Ui, healing: &Healing) -> Option<Placement> {
    let is_it = |heal_preview: &&HealPreview| {
        heal_preview.child == healing.child
            && heal_preview.strength == healing.strength
            && !healing.is_bare
    };
    let heal_preview = model.comparisons.heal_preview.as_ref().filter(is_it);
    match heal_preview {
        Some(heal_preview) => place(space, ui, heal_preview.picture, heal_preview.size),
        None => shown(space, model, ui, healing.child),
    }
}

/// A picture of the tree in the slot.
fn shown(slot: Rect, model: &Model, ui: &Ui, picture: PictureRef) -> Option<Placement> {
    let kept = model.picture(picture)?;
    place(slot, ui, picture.picture, (kept.width, kept.height))
}

/// Fitted by the ratio of the terminal's cells, centred.
fn place(slot: Rect, ui: &Ui, picture: Hash, size: (u32, u32)) -> Option<Placement> {
    let crop = ui.zoom.part(size, slot, ui.graphics.cell);
    let shown = crop.map_or(size, |crop| (crop.width, crop.height));
    let area = fitted(slot, ui.graphics.cell, shown)?;
    Some(Placement { crop, ..Placement::whole(picture, area) })
}
