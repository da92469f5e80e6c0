//! Two pictures on the canvas: in turn, beside each other, cut by a line, or as one of both.
//!
//! Invariant: until the comparison is ready the picture itself is shown; it says so elsewhere.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{place, shown};
use crate::app::compare::ComparisonView;
use crate::app::model::Model;
use crate::tree::{Hash, Picture, PictureRef};
use crate::ui::Ui;
use crate::ui::cells::{middle, put};
use crate::ui::compare::Compare;
use crate::ui::frame::{Crop, Placement};

/// Both pictures in the current mode. Until one has come, what was there stays.
pub(super) fn draw(
    space: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    pair: (PictureRef, PictureRef),
) -> Vec<Placement> {
    let placements = placed(space, buffer, model, ui, pair);
    placements.into_iter().map(|it| Placement { is_awaited: true, ..it }).collect()
}

fn placed(
    space: Rect,
    buffer: &mut Buffer,
    model: &Model,
    ui: &Ui,
    (before, after): (PictureRef, PictureRef),
) -> Vec<Placement> {
    let found = model.comparisons.found((before.picture, after.picture));
    let made = |picture: fn(&ComparisonView) -> Hash| {
        let found = found?;
        place(space, ui, picture(found), found.size)
    };
    let one = |placement: Option<Placement>| -> Vec<Placement> { placement.into_iter().collect() };
    // Laid over each other, or each as it is.
    let aligned = found.filter(|_| ui.comparing.align);
    let after_in = |slot: Rect| match aligned {
        Some(found) => place(slot, ui, found.aligned, found.size),
        None => shown(slot, model, ui, after),
    };
    let before_in = |slot: Rect| {
        let like = Some(aligned.map_or(after.picture, |found| found.aligned));
        shown(slot, model, ui, before).map(|before| Placement { like, ..before })
    };
    match ui.comparing.mode {
        Compare::Off | Compare::Current => one(after_in(space)),
        Compare::Partner => one(before_in(space)),
        Compare::SideBySide => {
            let (left, right) = halves(space);
            let pair = [
                (centred(left, before_in(left)), before, "before"),
                (centred(right, after_in(right)), after, "after"),
            ];
            for (placement, of, words) in &pair {
                let words = format!("{} {words}", model.name(*of));
                caption(placement.as_ref(), space, buffer, ui, &words);
            }
            pair.into_iter().filter_map(|(placement, ..)| placement).collect()
        }
        Compare::Blend => one(made(|found| found.blend).or_else(|| shown(space, model, ui, after))),
        Compare::Heat => one(made(|found| found.heat).or_else(|| shown(space, model, ui, after))),
        Compare::Wipe => match shown(space, model, ui, before).zip(made(|found| found.aligned)) {
            Some((left, right)) => wiped(left, right, model.picture(before), ui.comparing.wipe),
            None => one(shown(space, model, ui, after)),
        },
    }
}

/// Equally wide, so that equal pictures are equally large; a row below is for their names.
fn halves(space: Rect) -> (Rect, Rect) {
    let (width, height) = (space.width.saturating_sub(1) / 2, space.height - 1);
    let left = Rect { width, height, ..space };
    (left, Rect { x: space.right() - width, ..left })
}

/// The column that is left over stands at the left: at the right is one beside the canvas.
fn centred(half: Rect, placement: Option<Placement>) -> Option<Placement> {
    let it = placement?;
    let odd = half.width.saturating_sub(it.area.width) % 2;
    Some(Placement { area: Rect { x: it.area.x + odd, ..it.area }, ..it })
}

/// Below the middle of its picture.
fn caption(placement: Option<&Placement>, space: Rect, buffer: &mut Buffer, ui: &Ui, words: &str) {
    let Some(area) = placement.map(|placement| placement.area) else { return };
    let row = Rect { y: area.bottom(), height: 1, ..area }.intersection(space);
    put(buffer, row, middle(row.width, words), 0, words, ui.theme().text());
}

/// Both in the same frame, cut at a column: `at` sixteenths from the left.
fn wiped(left: Placement, right: Placement, frame: Option<&Picture>, at: u16) -> Vec<Placement> {
    let Some(frame) = frame.filter(|_| left.area == right.area) else {
        return vec![right];
    };
    let area = left.area;
    let columns = (u32::from(area.width) * u32::from(at) / 16) as u16;
    let of = (frame.width, frame.height);
    let whole = Crop { x: 0, y: 0, width: frame.width, height: frame.height, of };
    let seen = left.crop.unwrap_or(whole);
    let cut = seen.width * u32::from(columns) / u32::from(area.width.max(1));
    let before = Placement {
        area: Rect { width: columns, ..area },
        crop: Some(Crop { width: cut, ..seen }),
        ..left
    };
    let after = Placement {
        area: Rect { x: area.x + columns, width: area.width - columns, ..area },
        crop: Some(Crop { x: seen.x + cut, width: seen.width - cut, ..seen }),
        ..right
    };
    [before, after].into_iter().filter(|half| !half.area.is_empty()).collect()
}
