//! One row for the drawers that are closed: each always at its own place, the first below the
//! picture, the others below the column beside it; what it holds in a few words.
//!
//! Draws text only; what it says is the panes' own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{put, shortened};
use super::panes::{self, PaneSpec, Slot};
use crate::app::model::Model;

/// Columns of the last one, which tells a time; beside a picture the one before it has its own first.
const LEAST: u16 = 19;
/// Columns of the one before it in the column beside the picture, and of that column at least.
const SECOND: u16 = 12;
const SIDE: u16 = 2 * SECOND;

/// `side`: where the column beside the picture begins.
pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, ui: &Ui, side: Option<u16>) {
    let theme = ui.theme();
    let side = side.map(|x| area.right().saturating_sub(x));
    let side = side.filter(|wide| (SIDE..area.width / 2).contains(wide));
    let open = ui.screen().drawer;
    let drawers: Vec<&PaneSpec> =
        panes::ALL.into_iter().filter(|pane| pane.slot == Slot::Drawer).collect();
    let told: Vec<String> = drawers.iter().map(|pane| (pane.brief)(ui, model)).collect();
    let needed = drawers.iter().zip(&told).enumerate().map(|(place, (pane, words))| {
        let name = words.split(" · ").next().filter(|_| place > 0).unwrap_or(words);
        let wide = panes::number(pane.id).width() + name.width() + 3;
        if open == Some(pane.id) { 0 } else { u16::try_from(wide).unwrap_or(u16::MAX) }
    });
    let wide = with_names(widths(area.width, side, drawers.len()), &needed.collect::<Vec<u16>>());
    let mut end = 0;
    for (place, ((pane, words), wide)) in drawers.into_iter().zip(told).zip(wide).enumerate() {
        let begin = end;
        end += wide;
        let gap = u16::from(end < area.width);
        let slot = Rect { x: area.x + begin, width: wide.saturating_sub(gap), ..area };
        // The open one has its title above.
        if open == Some(pane.id) {
            continue;
        }
        let number = panes::number(pane.id);
        let style = theme.role((pane.brief_role)(ui));
        let words_in = |columns: usize| {
            shortened(&words, " · ", usize::from(slot.width).saturating_sub(columns))
        };
        let mut told = words_in(number.width() + 2);
        // The key that goes there tells the pane; what goes on there is told before its name.
        if told.ends_with('…') && place > 0 {
            let (_, rest) = words.split_once(' ').unwrap_or_default();
            if rest.is_empty() || rest.width() + number.width() + 2 > usize::from(slot.width) {
                put(buffer, slot, 1, 0, &words_in(1), style);
                continue;
            }
            told = rest.to_owned();
        }
        let used = put(buffer, slot, 1, 0, &number, theme.dim()) + 2;
        put(buffer, slot, used, 0, &told, style);
    }
}

/// Where each of them has its place; what is left of the row is the first one's.
fn widths(width: u16, side: Option<u16>, count: usize) -> Vec<u16> {
    let second = |side: u16| SECOND.max(side.saturating_sub(LEAST).min(SECOND + 4));
    let mut left = width;
    let mut wide: Vec<u16> = Vec::new();
    for place in (0..count).rev() {
        wide.push(match (side, count - place) {
            (_, _) if place == 0 => left,
            (Some(side), 1) => side - second(side),
            (Some(side), 2) => second(side),
            (_, _) => columns(width, place).min(left),
        });
        left -= wide.last().copied().unwrap_or_default();
    }
    wide.reverse();
    wide
}

/// One that has too little for its name and what goes on there has free columns of the others, the
/// first one's last.
fn with_names(mut wide: Vec<u16>, needed: &[u16]) -> Vec<u16> {
    for place in (1..wide.len()).rev() {
        let spare = |at: &usize| {
            let (wide, needed) = wide.get(*at).zip(needed.get(*at))?;
            Some((*at, wide.saturating_sub(*needed)))
        };
        let others = (1..wide.len()).filter(|other| *other != place).chain([0]);
        let others: Vec<(usize, u16)> = others.filter_map(|at| spare(&at)).collect();
        let own = wide.iter().zip(needed).nth(place);
        let lacks = own.map_or(0, |(wide, needed)| needed.saturating_sub(*wide));
        if others.iter().map(|(_, spare)| spare).sum::<u16>() < lacks {
            continue;
        }
        let mut left = lacks;
        for (at, spare) in others {
            let given = spare.min(left);
            left -= given;
            wide.iter_mut().skip(at).take(1).for_each(|it| *it -= given);
        }
        wide.iter_mut().skip(place).take(1).for_each(|it| *it += lacks);
    }
    wide
}

/// Of a drawer but the first, at this width of the screen. The second counts in marks where room is
/// short.
fn columns(width: u16, place: usize) -> u16 {
    match place {
        1 => (width / 16 * 3 + width % 16 * 3 / 16).clamp(17, 34),
        _ => (width / 18 * 5 + width % 18 * 5 / 18).clamp(LEAST, 34),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_columns_that_others_do_not_need() {
        // Below a column beside the picture at 80x24: two under way; the queue open, and two signs.
        let usual = widths(80, Some(25), 3);
        assert_eq!(usual, [55, 12, 13]);
        assert_eq!(with_names(usual.clone(), &[46, 14, 9]), [55, 14, 11]);
        assert_eq!(with_names(usual.clone(), &[46, 0, 15]), [55, 10, 15]);
        assert_eq!(with_names(usual.clone(), &[46, 14, 15]), [51, 14, 15]);
        // Nothing is moved for what has no room all the same.
        assert_eq!(with_names(usual.clone(), &[60, 40, 12]), usual);
    }

    #[test]
    fn a_screen_of_any_width_has_its_columns() {
        for (width, second, others) in
            [(0, 17, 19), (80, 17, 22), (120, 22, 33), (u16::MAX, 34, 34)]
        {
            assert_eq!((columns(width, 1), columns(width, 2)), (second, others), "{width}");
        }
    }
}
