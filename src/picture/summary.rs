//! A comparison in words: where, how much, how strongly.
//!
//! The text beside the boxes, and all there is for those who see no pictures. Invariant: one
//! sentence, no number without its unit.

use super::compare::{Changed, Comparison, Patch};
use super::mapping::{Drift, FitMode, Part};
use super::regions::Shares;

/// What changed, how much first: `8 % changed strongly at the upper right`.
pub fn what_changed(changed: &Changed, size: (u32, u32)) -> String {
    let how = manner(changed.strength);
    match changed.patches.as_slice() {
        [] => "nothing changed".into(),
        _ if is_all(changed) => format!("all of it changed{how}"),
        patches => format!("{} changed{how}{}", percent(changed.fraction), places(patches, size)),
    }
}

/// The same in few words, also of what was kept: `8 % at the upper right`.
pub fn in_short(changed: &Changed, size: (u32, u32)) -> String {
    match changed.patches.as_slice() {
        [] => "nothing".into(),
        _ if is_all(changed) => "all of it".into(),
        patches => format!("{}{}", percent(changed.fraction), places(patches, size)),
    }
}

/// From this part of the picture on, 0 to 1, all of it changed.
pub const ALL: f64 = 0.9;

/// Before how far it is shifted.
pub const MOVED: &str = "moved ";

pub fn is_all(changed: &Changed) -> bool {
    changed.fraction >= ALL
}

fn places(patches: &[Patch], size: (u32, u32)) -> String {
    let at = |patch: &Patch| place(patch.bounds, size);
    match patches {
        [] => String::new(),
        [patch] => format!(" {}", at(patch)),
        [first, other] if at(first) != at(other) => format!(" {} and {}", at(first), at(other)),
        [first, ..] => format!(" in {} areas, the largest {}", patches.len(), at(first)),
    }
}

/// Each box of the request, then what lies beside them: `box 1: 62 % changed`.
pub fn what_boxes_changed(shares: &Shares) -> Vec<String> {
    let told = |what: String, share: f64| match share {
        0.0 => format!("{what}: nothing changed"),
        share => format!("{what}: {} changed", percent(share)),
    };
    let boxes = shares.inside.iter().enumerate();
    let boxes = boxes.map(|(at, share)| told(format!("box {}", at + 1), *share));
    boxes.chain(shares.outside.map(|share| told("outside the boxes".into(), share))).collect()
}

/// How all of B lies over A, when it is not exactly: `1.2 % larger, moved 3.0 px right, 1.2 px up`.
pub fn what_moved(comparison: &Comparison) -> Option<String> {
    Some(how_moved(comparison).join(", ")).filter(|words| !words.is_empty())
}

/// The same in parts: how its shape fits, how large it is, how it is shifted, its tone.
pub fn how_moved(comparison: &Comparison) -> Vec<String> {
    // Two pictures that have nothing in common lie nowhere in each other; their sizes say the rest.
    let is_found = !is_all(&comparison.changed);
    let mut words = Vec::new();
    match comparison.fit.mode {
        FitMode::Stretch if !is_found => {}
        FitMode::Stretch => {
            let uneven = comparison.fit.sx / comparison.fit.sy - 1.0;
            if uneven.abs() > 0.002 {
                let way = if uneven > 0.0 { "wider" } else { "narrower" };
                words.push(format!("stretched {:.1} % {way}", uneven.abs() * 100.0));
            }
        }
        FitMode::Crop => words.push("cropped".into()),
        FitMode::Pad => words.push("padded".into()),
    }
    if !is_found {
        return words;
    }
    let Drift { dx, dy, scale } = comparison.drift;
    let shift = [(dx, "left", "right"), (dy, "up", "down")].into_iter();
    let shift = shift.filter(|(by, ..)| by.abs() >= 0.05).map(|(by, less, more)| {
        format!("{:.1} px {}", by.abs(), if by < 0.0 { less } else { more })
    });
    let shift: Vec<String> = shift.collect();
    if (scale - 1.0).abs() >= 0.0005 {
        let way = if scale > 1.0 { "larger" } else { "smaller" };
        words.push(format!("{:.1} % {way}", (scale - 1.0).abs() * 100.0));
    }
    words.extend((!shift.is_empty()).then(|| format!("{MOVED}{}", shift.join(", "))));
    if let Some(tone) = &comparison.tone {
        words.push(format!("tinted by up to {:.0} levels", tone.reach()));
    }
    words
}

/// Which of nine fields the middle of a box lies in.
fn place(bounds: Part, size: (u32, u32)) -> &'static str {
    let third = |from: u32, length: u32, whole: u32| {
        let middle = f64::from(from) + f64::from(length) / 2.0;
        (middle * 3.0 / f64::from(whole.max(1))) as u32
    };
    match (third(bounds.x, bounds.w, size.0), third(bounds.y, bounds.h, size.1)) {
        (0, 0) => "at the upper left",
        (1, 0) => "at the top",
        (_, 0) => "at the upper right",
        (0, 1) => "at the left",
        (1, 1) => "in the middle",
        (_, 1) => "at the right",
        (0, _) => "at the lower left",
        (1, _) => "at the bottom",
        _ => "at the lower right",
    }
}

/// A change that is plainly seen needs no word.
fn manner(strength: f64) -> &'static str {
    match strength {
        strength if strength < 0.1 => " slightly",
        strength if strength < 0.25 => "",
        _ => " strongly",
    }
}

/// `8 %`, and `0.4 %` where a whole number would say nothing.
pub fn percent(part: f64) -> String {
    let value = part * 100.0;
    if value >= 1.0 || value == 0.0 { format!("{value:.0} %") } else { format!("{value:.1} %") }
}
