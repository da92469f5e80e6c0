//! The title of the canvas: which picture it is, and how it is shown.
//!
//! Words only, drawn elsewhere. Invariant: a picture's number is never cut.

use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::compare::{Compare, Zoom};
use super::layout::WORDED;
use super::mode::Mode;
use super::panes::TITLE;
use super::region::Use;
use super::theme::Mark;
use crate::app::model::Model;
use crate::tree::PictureRef;

/// The title of the canvas: how it is shown, of what, and which of how many ways; what of it goes
/// into so many columns. A picture's number is never cut.
pub fn head(model: &Model, ui: &Ui, columns: u16) -> String {
    let Some(current) = ui.seen(model) else {
        return "no picture".into();
    };
    let forms = match &ui.mode {
        Mode::Heal(healing) => {
            let strength = format!("{} %", healing.strength);
            let strength = healing.is_adjustable(model).then_some(strength.as_str());
            forms(Some("heal"), &[current.node.to_string()], strength)
        }
        Mode::Region(region) => match region.usage {
            Use::Frame => forms(Some("crop"), &[region.on.node.to_string()], None),
            Use::Cue | Use::Region(_) => forms(Some("box"), &[region.on.node.to_string()], None),
        },
        Mode::Pane | Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_) | Mode::Sheet(_) => {
            match (compared(model, ui), zoomed(ui)) {
                (Some((how, of, place)), zoomed) => {
                    forms(Some(how), &of, Some(zoomed.as_ref().unwrap_or(&place)))
                }
                // How it is shown is news; its name is not.
                (None, Some(zoomed)) => {
                    let of = shown(model, ui, current).node.to_string();
                    forms(None, &[of], Some(&zoomed))
                }
                (None, None) => {
                    let mut forms = alone(model, ui, shown(model, ui, current));
                    // The comparison goes on with the next picture that has one.
                    let is_first = model.current_node().is_some_and(|node| node.parent.is_none());
                    if ui.comparing.mode != Compare::Off && is_first {
                        let whole = forms.first().cloned().unwrap_or_default();
                        forms.insert(0, format!("{whole} · no parent to compare with"));
                    }
                    forms
                }
            }
        }
    };
    let room = usize::from(columns.saturating_sub(TITLE));
    let last = forms.last().cloned().unwrap_or_default();
    forms.into_iter().find(|form| form.width() <= room).unwrap_or(last)
}

/// From the longest to the shortest; `of` in its own forms.
fn forms(how: Option<&str>, of: &[String], more: Option<&str>) -> Vec<String> {
    let joined =
        |parts: [Option<&str>; 3]| parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let whole = of.iter().map(|of| joined([how, Some(of), more]));
    let parted = of.iter().map(|of| joined([how, Some(of), None]));
    whole.chain(parted).chain(of.iter().cloned()).collect()
}

/// The title of a picture that is seen for itself, with its words, where there is a row for it and
/// they go into it; they give way to what is being made.
pub fn with_words(model: &Model, ui: &Ui, columns: u16) -> Option<String> {
    let columns = Some(columns).filter(|columns| *columns >= WORDED)?;
    let of = ui.seen(model)?;
    let is_usual = match &ui.mode {
        Mode::Heal(_) | Mode::Region(_) => false,
        Mode::Pane | Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_) | Mode::Sheet(_) => true,
    };
    let is_alone = ui.compare_with(model).is_none() && zoomed(ui).is_none();
    let is_it = is_usual && is_alone && model.stands_in(of).is_none();
    let is_busy = model.jobs.counts().first_under_way.is_some();
    let title = worded(model, ui, of, if is_busy { columns / 2 } else { columns })?;
    is_it.then_some(title)
}

/// Its words stand in a title of so many columns, but for what is being made.
pub fn is_worded(model: &Model, ui: &Ui, of: PictureRef, columns: u16) -> bool {
    model.stands_in(of).is_none() && worded(model, ui, of, columns).is_some()
}

/// Its number, its words and its marks, where all of that goes into the title.
fn worded(model: &Model, ui: &Ui, of: PictureRef, columns: u16) -> Option<String> {
    let node = model.nodes.get(&of.node)?;
    let id = model.name(of);
    let words = format!("{id} {}", node.caption().replace('\n', " "));
    let title = named(model, ui, of).replacen(&id, &words, 1);
    let is_whole = title.width() <= usize::from(columns.saturating_sub(TITLE));
    (is_whole && node.recipe.is_some() && node.name.is_none()).then_some(title)
}

/// A picture for itself; where it was filtered, what stands in its place.
fn alone(model: &Model, ui: &Ui, of: PictureRef) -> Vec<String> {
    let named = named(model, ui, of);
    let id = model.name(of);
    let mark = ui.theme().mark(Mark::Filtered);
    match model.stands_in(of) {
        Some(sent) => vec![
            format!("{named} · shown: {}, as sent", sent.node),
            format!("{named} · shown: {}", sent.node),
            format!("{id} {mark} · shown: {}", sent.node),
            format!("{id} {mark}"),
        ],
        // Its number comes first, so that it is whole.
        None => vec![named],
    }
}

/// The picture that stands alone on the canvas: while swapping, the other one.
pub fn shown(model: &Model, ui: &Ui, current: PictureRef) -> PictureRef {
    let base = ui.compare_with(model).filter(|_| ui.comparing.mode == Compare::Partner);
    base.unwrap_or(current)
}

/// `n12 red hat ★ 4/5`.
fn named(model: &Model, ui: &Ui, of: PictureRef) -> String {
    let Some(node) = model.nodes.get(&of.node) else {
        return of.node.to_string();
    };
    let mut text = model.name(of);
    let name = node.name.as_ref().or(node.title.as_ref().filter(|_| node.recipe.is_none()));
    if let Some(name) = name {
        text = format!("{text} {name}");
    }
    if node.starred {
        text = format!("{text} {}", ui.theme().mark(Mark::Starred));
    }
    if node.rating > 0 {
        text = format!("{text} {}/5", node.rating);
    }
    if model.is_filtered(of) {
        text = format!("{text} {} filtered", ui.theme().mark(Mark::Filtered));
    }
    text
}

/// How it is compared, where it is: `wipe`, `n4 | n7`, left and right as they stand there, in one
/// form or more, and which of all ways this is.
fn compared(model: &Model, ui: &Ui) -> Option<(&'static str, Vec<String>, String)> {
    let (base, current) = (ui.compare_with(model)?, model.current?);
    // Neither of two that stand beside each other in the tree is the one before.
    let is_parent = model.tree.parent(current.node) == Some(base.node);
    let (base, current) = (model.name(base), model.name(current));
    let pair = |sign: &str| vec![format!("{base} {sign} {current}")];
    let (how, of, place) = match ui.comparing.mode {
        Compare::Off => return None,
        // The one that is on the screen, and which of the two it is.
        Compare::Current if is_parent => ("swap", vec![format!("{current}, after")], 1),
        Compare::Partner if is_parent => ("swap", vec![format!("{base}, before")], 1),
        Compare::Current => ("swap", vec![format!("{current}, not {base}")], 1),
        Compare::Partner => ("swap", vec![format!("{base}, not {current}")], 1),
        Compare::SideBySide => ("side by side", pair("|"), 2),
        Compare::Wipe => ("wipe", pair("|"), 3),
        Compare::Blend => ("overlay", pair("+"), 4),
        Compare::Heat => ("heat map", pair(if is_parent { "→" } else { "against" }), 5),
    };
    let aligned = if ui.comparing.align { ", aligned" } else { "" };
    Some((how, of, format!("{place} of 5{aligned}")))
}

pub fn zoomed(ui: &Ui) -> Option<String> {
    let Zoom { level, is_original, x, y } = ui.zoom;
    let side = |at: i32, less: &'static str, more: &'static str| match at {
        ..0 => Some(less),
        0 => None,
        1.. => Some(more),
    };
    let place: Vec<&str> =
        [side(y, "upper", "lower"), side(x, "left", "right")].into_iter().flatten().collect();
    let place = if place.is_empty() { "middle".into() } else { place.join(" ") };
    match (is_original, level) {
        (true, _) => Some(format!("1:1, {place}")),
        (false, 0) => None,
        (false, level) => Some(format!("zoom {}×, {place}", 1_u32 << level.min(5))),
    }
}
