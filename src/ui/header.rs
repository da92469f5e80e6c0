//! One line: who serves, which model, where in the tree or what is on the contact sheet, what runs and waits, how pictures are
//! shown.
//!
//! Invariant: the service is always told; the rest as far as there is room, what is going on first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Model;
use crate::tree::NodeId;
use crate::ui::branch::branch;
use crate::ui::cells::put;
use crate::ui::hint;
use crate::ui::sheet::view;
use crate::ui::theme::{Mark, Role, Theme};
use crate::ui::tree_row;
use crate::ui::{PREVIEW, Ui};

/// From so many columns on what runs and waits is counted in words.
const WIDE: u16 = 110;
/// The branch is told from so many columns on.
const LEAST: usize = 8;
/// The branch has its words before the terminal has, up to so many columns.
const WHOLE: usize = 50;

/// What it does not look up itself.
pub struct About {
    /// Where one is in the tree.
    pub node: Option<NodeId>,
    /// What others are compared with.
    pub partner: Option<NodeId>,
    /// The words of what is shown stand beside it.
    pub is_worded: bool,
}

pub fn draw(area: Rect, buffer: &mut Buffer, (model, about): (&Model, About), ui: &Ui) {
    let About { node, partner, is_worded } = about;
    let theme = ui.theme();
    let mut x = put(buffer, area, 0, 0, " editree ", Style::new().add_modifier(Modifier::BOLD));
    let chip =
        if theme.has_bar() { theme.field().add_modifier(Modifier::BOLD) } else { theme.selected() };
    x += match model.profile.simulated {
        true => put(buffer, area, x, 0, " SIMULATOR ", chip),
        false => {
            let text = format!("{} ({})", model.profile.name, model.profile.host);
            put(buffer, area, x, 0, &text, theme.good())
        }
    };
    if let Some(offline) = offline(model) {
        x += put(buffer, area, x + 1, 0, &offline, theme.warning()) + 1;
    }
    let endpoint = match model.endpoint() {
        Ok(endpoint) => endpoint.short.clone(),
        Err(_) => "no endpoint".into(),
    };
    x += put(buffer, area, x + 1, 0, &endpoint, theme.text()) + 1;
    let room = usize::from(area.width.saturating_sub(x + 1));
    let ends = hint::way(ui, "partner");
    let partner =
        partner.map(|node| (Some(Mark::Partner), format!(" vs {node} ({ends}: no more)")));
    let counts: Vec<_> = partner.into_iter().chain(counts(model, area.width >= WIDE)).collect();
    let wide =
        |(mark, text): &(Option<Mark>, String)| usize::from(mark.is_some()) + text.width() + 1;
    let counted: usize = counts.iter().map(wide).sum();
    let rest = room.saturating_sub(counted);
    let told = |room| {
        let title = sheet_title(model, ui, room);
        title.unwrap_or_else(|| branch(model, node, (room, is_worded), ui))
    };
    let whole = told(2 * WHOLE).width().min(WHOLE);
    // That a picture is less than exact is told whatever else has room.
    let least = less_than_exact(ui).map_or(0, |[.., with_key, _]| with_key.width() + 2);
    let about = about_pictures(model, ui, rest.saturating_sub(whole + 2).max(least.min(rest)));
    // All that stands at the right ends in the same column.
    let gap = if counts.is_empty() { 1 } else { 2 };
    let right = counted + about.width() + gap;
    let left = room.saturating_sub(right + 3);
    if left >= LEAST {
        let style = if ui.sheet().is_some() { theme.accent() } else { Style::new() };
        put(buffer, area, x + 2, 0, &told(left), style);
    }
    let begin = usize::from(area.width).saturating_sub(right);
    if begin < usize::from(x) {
        return;
    }
    let x = u16::try_from(begin).unwrap_or(u16::MAX);
    let used = put(buffer, area, x, 0, &about, theme.dim()) + 2;
    draw_counts(area, buffer, x + used, &counts, theme);
}

fn draw_counts(
    area: Rect,
    buffer: &mut Buffer,
    mut x: u16,
    counts: &[(Option<Mark>, String)],
    theme: Theme,
) {
    for (mark, text) in counts {
        let style = theme.role(mark.map_or(Role::Secondary, Mark::role));
        let sign = mark.map_or("", |mark| theme.mark(mark));
        x += put(buffer, area, x, 0, &format!("{sign}{text}"), style) + 1;
    }
}

/// It has no other row.
fn sheet_title(model: &Model, ui: &Ui, room: usize) -> Option<String> {
    let (sheet, layout) = ui.sheet().zip(ui.screen().layout())?;
    Some(view::title(view::area(&layout), model, ui, sheet, room))
}

/// Since when the network is down, and how many jobs wait for it.
fn offline(model: &Model) -> Option<String> {
    let (hours, minutes, _) = model.clock(model.session.offline_since?);
    let waiting = match model.waiting_for_network() {
        1 => "1 job waiting".to_owned(),
        jobs => format!("{jobs} jobs waiting"),
    };
    Some(format!("offline since {hours:02}:{minutes:02}, {waiting}"))
}

/// What runs and waits, and when all of it will be there.
fn counts(model: &Model, in_words: bool) -> Vec<(Option<Mark>, String)> {
    let told = |(mark, count): (Mark, usize)| match in_words {
        true => (Some(mark), format!(" {count} {} ", mark.meaning())),
        false => (Some(mark), count.to_string()),
    };
    // What changes its width most stands at the left, so that the counts stay in their place.
    let left = model.time_left().map(|left| format!("about {} s", left.div_euclid(1_000) + 1));
    let mut parts: Vec<_> = left.map(|left| (None, left)).into_iter().collect();
    parts.extend(tree_row::counts(model).into_iter().map(told));
    if model.queue.is_paused {
        parts.push((Some(Mark::Held), " paused".to_owned()));
    }
    parts
}

/// How pictures are shown and why, as much as fits.
fn about_pictures(model: &Model, ui: &Ui, room: usize) -> String {
    let graphics = &ui.graphics;
    let follow = if model.trail.follow { "" } else { "follow off" };
    let levels = less_than_exact(ui).unwrap_or_default();
    let link = graphics.link.as_deref().unwrap_or_default();
    let protocol = &graphics.protocol;
    // Its name is news only where more could be had; why, tells the menu.
    let poor = match (graphics.has_pixels(), &graphics.advice) {
        (true, _) | (false, None) => String::new(),
        (false, Some(_)) => {
            let menu = hint::way(ui, "menu");
            format!("{protocol} ({menu} g: why)")
        }
    };
    let joined = |parts: &[&str]| {
        let some: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        some.join(" · ")
    };
    let [whole, with_key, least] = &levels;
    let forms = [
        joined(&[follow, &poor, link, whole]),
        joined(&[follow, &poor, whole]),
        joined(&[follow, &poor, with_key]),
        joined(&[follow, with_key]),
        with_key.clone(),
        least.clone(),
    ];
    forms.into_iter().find(|form| form.width() + 2 <= room).unwrap_or_default()
}

/// What of the pictures is on the screen where that is not every pixel, and the key that shows all of
/// it: from the longest form to the shortest.
fn less_than_exact(ui: &Ui) -> Option<[String; 3]> {
    let level = ui.graphics.level?;
    if level == PREVIEW {
        let follows = format!("{level}, sharper follows");
        return Some([format!("shown: {follows}"), follows, level.to_owned()]);
    }
    if ui.lossless {
        let comes = format!("{level}, full quality comes");
        return Some([format!("shown: {comes}"), comes, level.to_owned()]);
    }
    let key = hint::way(ui, "exact");
    Some([
        format!("shown: {level} ({key}: full quality)"),
        format!("{level} ({key})"),
        level.to_owned(),
    ])
}
